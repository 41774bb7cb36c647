#include "parse/text_cjk.h"

#include <string.h>

#include "trawl.h"

/* Every decoder below stops at a sequence that is cut by the end of its bytes. */

static bool in_range(uint8_t b, uint8_t low, uint8_t high)
{
    return b >= low && b <= high;
}

/* Writes a pair's character, or U+FFFD. Returns how many bytes that used up: an ASCII byte is
 * not swallowed with the bad one before it, lest markup disappear. */
static size_t put_pair(struct tw_text_out *out, uint32_t c, uint8_t second)
{
    if (c != TW_UNMAPPED) {
        tw_text_put(out, c);
        return 2;
    }
    tw_text_put(out, TW_REPLACEMENT);
    return second < 0x80 ? 1 : 2;
}

/* A character of JIS X 0208 by its row and cell from 0, found through its Shift_JIS form. */
static uint32_t jis0208(struct tw_maps *maps, unsigned row, unsigned cell)
{
    unsigned index = row * 94 + cell;
    unsigned lead = index / 188, trail = index % 188;

    return tw_pair(maps, TW_PAIRS_JIS0208, (uint8_t)(lead + (lead < 0x1F ? 0x81 : 0xC1)),
                   (uint8_t)(trail + (trail < 0x3F ? 0x40 : 0x41)));
}

static const uint8_t *shift_jis(struct tw_maps *maps, struct tw_text_state *state,
                                struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    (void)state;
    while (p < end && out->chars_left > 0) {
        uint32_t c = TW_UNMAPPED;

        if (*p <= 0x80) {
            tw_text_put(out, *p++);
        } else if (in_range(*p, 0xA1, 0xDF)) {
            tw_text_put(out, 0xFF61u + *p++ - 0xA1u);
        } else if (*p == 0xA0 || *p > 0xFC) {
            tw_text_put(out, TW_REPLACEMENT);
            p++;
        } else if (p + 1 == end) {
            break;
        } else {
            if (in_range(p[1], 0x40, 0xFC) && p[1] != 0x7F)
                c = tw_pair(maps, TW_PAIRS_JIS0208, p[0], p[1]);
            p += put_pair(out, c, p[1]);
        }
    }
    return p;
}

/* p stands at 0x8F and a byte that may follow it, with one more after. */
static size_t jis0212(struct tw_maps *maps, struct tw_text_out *out, const uint8_t *p)
{
    uint32_t c = TW_UNMAPPED;

    if (in_range(p[2], 0xA1, 0xFE))
        c = tw_pair(maps, TW_PAIRS_JIS0212, p[1], p[2]);
    return 1 + put_pair(out, c, p[2]);
}

static const uint8_t *euc_jp(struct tw_maps *maps, struct tw_text_state *state,
                             struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    (void)state;
    while (p < end && out->chars_left > 0) {
        uint32_t c = TW_UNMAPPED;

        if (*p < 0x80) {
            tw_text_put(out, *p++);
        } else if (*p != 0x8E && *p != 0x8F && !in_range(*p, 0xA1, 0xFE)) {
            tw_text_put(out, TW_REPLACEMENT);
            p++;
        } else if (p + 1 == end) {
            break;
        } else if (*p == 0x8F && in_range(p[1], 0xA1, 0xFE)) {
            if (end - p < 3)
                break;
            p += jis0212(maps, out, p);
        } else {
            if (*p == 0x8E && in_range(p[1], 0xA1, 0xDF))
                c = 0xFF61u + p[1] - 0xA1u;
            else if (*p >= 0xA1 && in_range(p[1], 0xA1, 0xFE))
                c = jis0208(maps, *p - 0xA1u, p[1] - 0xA1u);
            p += put_pair(out, c, p[1]);
        }
    }
    return p;
}

static const uint8_t *euc_kr(struct tw_maps *maps, struct tw_text_state *state,
                             struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    (void)state;
    while (p < end && out->chars_left > 0) {
        uint32_t c = TW_UNMAPPED;

        if (*p < 0x80) {
            tw_text_put(out, *p++);
        } else if (*p == 0x80 || *p == 0xFF) {
            tw_text_put(out, TW_REPLACEMENT);
            p++;
        } else if (p + 1 == end) {
            break;
        } else {
            if (in_range(p[1], 0x41, 0xFE))
                c = tw_pair(maps, TW_PAIRS_EUC_KR, p[0], p[1]);
            p += put_pair(out, c, p[1]);
        }
    }
    return p;
}

static uint32_t big5_pair(struct tw_maps *maps, uint8_t a, uint8_t b)
{
    if (!in_range(b, 0x40, 0x7E) && !in_range(b, 0xA1, 0xFE))
        return TW_UNMAPPED;
    if (a == 0xA3 && in_range(b, 0xC0, 0xE0))
        return b == 0xE0 ? 0x2421 : 0x2400u + b - 0xC0u;
    return tw_pair(maps, in_range(a, 0xA1, 0xA3) ? TW_PAIRS_BIG5_ETEN : TW_PAIRS_BIG5, a, b);
}

static const uint8_t *big5(struct tw_maps *maps, struct tw_text_state *state,
                           struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    (void)state;
    while (p < end && out->chars_left > 0) {
        if (*p < 0x80) {
            tw_text_put(out, *p++);
        } else if (*p == 0x80 || *p == 0xFF) {
            tw_text_put(out, TW_REPLACEMENT);
            p++;
        } else if (p + 1 == end) {
            break;
        } else if (*p == 0x88 &&
                   (p[1] == 0x62 || p[1] == 0x64 || p[1] == 0xA3 || p[1] == 0xA5)) {
            /* Four pairs are a letter and a combining macron or caron. */
            tw_text_put(out, p[1] < 0x80 ? 0xCA : 0xEA);
            if (out->chars_left > 0)
                tw_text_put(out, p[1] == 0x62 || p[1] == 0xA3 ? 0x304 : 0x30C);
            p += 2;
        } else {
            p += put_pair(out, big5_pair(maps, p[0], p[1]), p[1]);
        }
    }
    return p;
}

/* How much of a sequence of four bytes is there: 4, 0 if it is cut, 1 if it is none. */
static size_t gb18030_four_len(const uint8_t *p, const uint8_t *end)
{
    if (end - p > 2 && !in_range(p[2], 0x81, 0xFE))
        return 1;
    if (end - p > 3)
        return in_range(p[3], 0x30, 0x39) ? 4 : 1;
    return 0;
}

static uint32_t gb18030_four(struct tw_maps *maps, const uint8_t *p)
{
    uint32_t index = ((uint32_t)(p[0] - 0x81) * 10 + (uint32_t)(p[1] - 0x30)) * 1260 +
                     (uint32_t)(p[2] - 0x81) * 10 + (uint32_t)(p[3] - 0x30);

    if (index >= 189000)
        return index <= 1237575 ? 0x10000 + index - 189000 : TW_UNMAPPED;
    /* Newer tables reach these by two bytes alone; the standard keeps both ways. */
    if (index >= 19057 && index <= 19064)
        return 0x9FB4 + index - 19057;
    if (index >= 39076 && index <= 39085)
        return 0xFE10 + index - 39076;
    return index <= 39419 ? tw_gb18030_four(maps, p) : TW_UNMAPPED;
}

static const uint8_t *gb18030(struct tw_maps *maps, struct tw_text_state *state,
                              struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    (void)state;
    while (p < end && out->chars_left > 0) {
        uint32_t c = TW_UNMAPPED;

        if (*p < 0x80) {
            tw_text_put(out, *p++);
        } else if (*p == 0x80 || *p == 0xFF) {
            tw_text_put(out, *p == 0x80 ? 0x20AC : TW_REPLACEMENT);
            p++;
        } else if (p + 1 == end) {
            break;
        } else if (in_range(p[1], 0x30, 0x39)) {
            size_t n = gb18030_four_len(p, end);

            if (n == 0)
                break;
            if (n == 4)
                c = gb18030_four(maps, p);
            tw_text_put(out, c != TW_UNMAPPED ? c : TW_REPLACEMENT);
            p += n;
        } else {
            if (in_range(p[1], 0x40, 0xFE) && p[1] != 0x7F)
                c = tw_pair(maps, TW_PAIRS_GB18030, p[0], p[1]);
            p += put_pair(out, c, p[1]);
        }
    }
    return p;
}

/* ---- ISO-2022-JP ------------------------------------------------------------------------- */

enum jp_state { JP_ASCII, JP_ROMAN, JP_KATAKANA, JP_PAIRS };

static const struct {
    char bytes[3];
    enum jp_state state;
} jp_escapes[] = {
    {"(B", JP_ASCII}, {"(J", JP_ROMAN}, {"(I", JP_KATAKANA}, {"$@", JP_PAIRS}, {"$B", JP_PAIRS},
};

/* p stands after the escape byte. 1: *state is what the two bytes choose; 0: they are cut;
 * -1: they mean nothing. */
static int jp_escape(const uint8_t *p, const uint8_t *end, enum jp_state *state)
{
    size_t i, have = (size_t)(end - p) < 2 ? (size_t)(end - p) : 2;

    for (i = 0; i < sizeof(jp_escapes) / sizeof(jp_escapes[0]); i++) {
        if (memcmp(p, jp_escapes[i].bytes, have) != 0)
            continue;
        if (have < 2)
            return 0;
        *state = jp_escapes[i].state;
        return 1;
    }
    return -1;
}

static uint32_t jp_byte(enum jp_state state, uint8_t b)
{
    if (state == JP_KATAKANA)
        return in_range(b, 0x21, 0x5F) ? 0xFF61u + b - 0x21u : TW_REPLACEMENT;
    if (b >= 0x80 || b == 0x0E || b == 0x0F)
        return TW_REPLACEMENT;
    if (state == JP_ROMAN && b == 0x5C)
        return 0xA5;
    if (state == JP_ROMAN && b == 0x7E)
        return 0x203E;
    return b;
}

/* Writes the character of a pair, or U+FFFD, and returns how many bytes it took; 0 if cut. */
static size_t jp_pair(struct tw_maps *maps, struct tw_text_out *out, const uint8_t *p,
                      const uint8_t *end)
{
    uint32_t c = TW_UNMAPPED;
    size_t used = 1;

    if (in_range(*p, 0x21, 0x7E)) {
        if (p + 1 == end)
            return 0;
        if (in_range(p[1], 0x21, 0x7E))
            c = jis0208(maps, *p - 0x21u, p[1] - 0x21u);
        used = p[1] == 0x1B ? 1 : 2;
    }
    tw_text_put(out, c != TW_UNMAPPED ? c : TW_REPLACEMENT);
    return used;
}

static const uint8_t *iso_2022_jp(struct tw_maps *maps, struct tw_text_state *state,
                                  struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    enum jp_state set = (enum jp_state)state->set;

    while (p < end && out->chars_left > 0) {
        size_t used = 1;

        if (*p == 0x1B) {
            int found = jp_escape(p + 1, end, &set);

            if (found == 0)
                break;
            /* Two escapes with nothing between them are a known way to hide markup. */
            if (found < 0 || state->just_escaped)
                tw_text_put(out, TW_REPLACEMENT);
            state->just_escaped = found > 0;
            p += found > 0 ? 3 : 1;
            continue;
        }
        if (set == JP_PAIRS)
            used = jp_pair(maps, out, p, end);
        else
            tw_text_put(out, jp_byte(set, *p));
        if (used == 0)
            break;
        state->just_escaped = false;
        p += used;
    }
    state->set = (uint8_t)set;
    return p;
}

static const struct {
    const char *name;
    tw_cjk_decode decode;
    enum tw_pair_set sets[2];
} decoders[] = {
    {"Shift_JIS", shift_jis, {TW_PAIRS_JIS0208, TW_PAIRS_JIS0208}},
    {"EUC-JP", euc_jp, {TW_PAIRS_JIS0208, TW_PAIRS_JIS0212}},
    {"ISO-2022-JP", iso_2022_jp, {TW_PAIRS_JIS0208, TW_PAIRS_JIS0208}},
    {"EUC-KR", euc_kr, {TW_PAIRS_EUC_KR, TW_PAIRS_EUC_KR}},
    {"GBK", gb18030, {TW_PAIRS_GB18030, TW_PAIRS_GB18030}},
    {"gb18030", gb18030, {TW_PAIRS_GB18030, TW_PAIRS_GB18030}},
    {"Big5", big5, {TW_PAIRS_BIG5, TW_PAIRS_BIG5_ETEN}},
};

int tw_cjk_open(struct tw_maps *maps, const char *name, tw_cjk_decode *decode)
{
    size_t i;
    int err;

    *decode = NULL;
    for (i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
        if (strcmp(decoders[i].name, name) != 0)
            continue;
        err = tw_maps_open_pairs(maps, decoders[i].sets[0]);
        if (err == 0)
            err = tw_maps_open_pairs(maps, decoders[i].sets[1]);
        if (err == 0)
            *decode = decoders[i].decode;
        return err;
    }
    return 0;
}
