#include "parse/text_map.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "trawl.h"

#define NO_ICONV ((iconv_t)-1)

struct fixup {
    uint16_t code;
    uint16_t character;
};

struct single {
    const char *name;
    const char *iconv_name;
    struct fixup fixups[2]; /* where iconv's table differs from the standard's */
};

static const struct single singles[TW_SINGLE_COUNT] = {
    {"windows-1252", "CP1252", {{0}}},
    {"windows-1251", "CP1251", {{0}}},
    {"windows-1250", "CP1250", {{0}}},
    {"ISO-8859-2", "ISO-8859-2", {{0}}},
    {"ISO-8859-15", "ISO-8859-15", {{0}}},
    {"KOI8-R", "KOI8-R", {{0}}},
    {"windows-1253", "CP1253", {{0}}},
    {"windows-1254", "CP1254", {{0}}},
    {"windows-1255", "CP1255", {{0xCA, 0x05BA}}},
    {"windows-1256", "CP1256", {{0}}},
    {"windows-1257", "CP1257", {{0}}},
    {"windows-1258", "CP1258", {{0}}},
    {"windows-874", "CP874", {{0}}},
    {"IBM866", "IBM866", {{0}}},
    {"ISO-8859-3", "ISO-8859-3", {{0}}},
    {"ISO-8859-4", "ISO-8859-4", {{0}}},
    {"ISO-8859-5", "ISO-8859-5", {{0}}},
    {"ISO-8859-6", "ISO-8859-6", {{0}}},
    {"ISO-8859-7", "ISO-8859-7", {{0}}},
    {"ISO-8859-8", "ISO-8859-8", {{0}}},
    {"ISO-8859-8-I", "ISO-8859-8", {{0}}},
    {"ISO-8859-10", "ISO-8859-10", {{0}}},
    {"ISO-8859-13", "ISO-8859-13", {{0}}},
    {"ISO-8859-14", "ISO-8859-14", {{0}}},
    {"ISO-8859-16", "ISO-8859-16", {{0}}},
    {"KOI8-U", "KOI8-U", {{0xAE, 0x045E}, {0xBE, 0x040E}}},
    {"macintosh", "MACINTOSH", {{0xC6, 0x2206}, {0xF0, 0xF8FF}}},
    {"x-mac-cyrillic", "MAC-UK", {{0xFF, 0x20AC}}},
};

static const char *const pair_names[TW_PAIRS_COUNT] = {
    [TW_PAIRS_JIS0208] = "CP932",   [TW_PAIRS_JIS0212] = "EUC-JP",
    [TW_PAIRS_EUC_KR] = "CP949",    [TW_PAIRS_GB18030] = "GB18030",
    [TW_PAIRS_BIG5] = "BIG5-HKSCS", [TW_PAIRS_BIG5_ETEN] = "BIG5",
};

/* Where the standard keeps private characters that newer tables have moved. */
static const struct fixup gb18030_fixups[] = {
    {0xA3A0, 0x3000}, {0xFE51, 0xE816}, {0xFE52, 0xE817}, {0xFE53, 0xE818},
    {0xFE6C, 0xE831}, {0xFE76, 0xE83B}, {0xFE91, 0xE855},
};

struct tw_pairs {
    iconv_t cd;
    uint32_t cells[0x8000]; /* 0: not asked yet */
};

/* The one character that the bytes are in the descriptor's encoding. */
static uint32_t ask(iconv_t cd, const uint8_t *bytes, size_t len)
{
    char copy[4], result[16];
    char *in = copy, *out = result;
    size_t in_left = len, out_left = sizeof(result);
    uint32_t c;

    memcpy(copy, bytes, len);
    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1 || in_left > 0)
        return TW_UNMAPPED;
    /* Encodings with combining characters hold one back until they are told of the end. */
    iconv(cd, NULL, NULL, &out, &out_left);
    if (sizeof(result) - out_left != sizeof(c))
        return TW_UNMAPPED;
    memcpy(&c, result, sizeof(c));
    return c;
}

static iconv_t open_iconv(const char *name)
{
    const uint16_t one = 1;
    bool little = *(const uint8_t *)&one == 1;

    return iconv_open(little ? "UTF-32LE" : "UTF-32BE", name);
}

static void fill_single(uint16_t *table, const struct single *e, iconv_t cd)
{
    unsigned i;

    for (i = 0; i < 128; i++) {
        uint8_t byte = (uint8_t)(0x80 + i);
        uint32_t c = cd != NO_ICONV ? ask(cd, &byte, 1) : TW_UNMAPPED;

        /* Bytes that a code page leaves open are C1 controls to the standard. */
        if (c > UINT16_MAX)
            c = i < 0x20 && cd != NO_ICONV ? byte : TW_REPLACEMENT;
        table[i] = (uint16_t)c;
    }
    for (i = 0; i < 2 && e->fixups[i].code != 0; i++)
        table[e->fixups[i].code - 0x80] = e->fixups[i].character;
}

int tw_maps_single(struct tw_maps *maps, const char *name, const uint16_t **table)
{
    uint16_t *made;
    iconv_t cd;
    size_t i;

    for (i = 0; i < TW_SINGLE_COUNT && strcmp(singles[i].name, name) != 0; i++)
        ;
    if (i == TW_SINGLE_COUNT)
        return TRAWL_EINVAL;
    if (maps->single[i] == NULL) {
        cd = open_iconv(singles[i].iconv_name);
        if (cd == NO_ICONV && errno == ENOMEM)
            return TRAWL_ENOMEM;
        made = malloc(128 * sizeof(*made));
        if (made != NULL)
            fill_single(made, &singles[i], cd);
        if (cd != NO_ICONV)
            iconv_close(cd);
        if (made == NULL)
            return TRAWL_ENOMEM;
        maps->single[i] = made;
    }
    *table = maps->single[i];
    return 0;
}

int tw_maps_open_pairs(struct tw_maps *maps, enum tw_pair_set set)
{
    struct tw_pairs *pairs = maps->pairs[set];

    if (pairs != NULL)
        return 0;
    pairs = calloc(1, sizeof(*pairs));
    if (pairs == NULL)
        return TRAWL_ENOMEM;
    pairs->cd = open_iconv(pair_names[set]);
    if (pairs->cd == NO_ICONV && errno == ENOMEM) {
        free(pairs);
        return TRAWL_ENOMEM;
    }
    maps->pairs[set] = pairs;
    return 0;
}

static uint32_t look_up(struct tw_pairs *pairs, enum tw_pair_set set, uint8_t a, uint8_t b)
{
    const uint8_t bytes[3] = {0x8F, a, b};
    size_t i, skip = set == TW_PAIRS_JIS0212 ? 0 : 1;

    if (pairs->cd == NO_ICONV)
        return TW_UNMAPPED;
    if (set == TW_PAIRS_GB18030) {
        for (i = 0; i < sizeof(gb18030_fixups) / sizeof(gb18030_fixups[0]); i++) {
            if (gb18030_fixups[i].code == (a << 8 | b))
                return gb18030_fixups[i].character;
        }
    }
    return ask(pairs->cd, bytes + skip, sizeof(bytes) - skip);
}

uint32_t tw_pair(struct tw_maps *maps, enum tw_pair_set set, uint8_t a, uint8_t b)
{
    struct tw_pairs *pairs = maps->pairs[set];
    uint32_t *cell = &pairs->cells[(size_t)(a & 0x7F) << 8 | b];

    if (*cell == 0)
        *cell = look_up(pairs, set, a, b);
    return *cell;
}

uint32_t tw_gb18030_four(struct tw_maps *maps, const uint8_t *bytes)
{
    iconv_t cd = maps->pairs[TW_PAIRS_GB18030]->cd;

    return cd != NO_ICONV ? ask(cd, bytes, 4) : TW_UNMAPPED;
}

void tw_maps_free(struct tw_maps *maps)
{
    size_t i;

    for (i = 0; i < TW_SINGLE_COUNT; i++)
        free(maps->single[i]);
    for (i = 0; i < TW_PAIRS_COUNT; i++) {
        if (maps->pairs[i] != NULL && maps->pairs[i]->cd != NO_ICONV)
            iconv_close(maps->pairs[i]->cd);
        free(maps->pairs[i]);
    }
}
