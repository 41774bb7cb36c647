#include "sink/json.h"

#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

/* What C1 controls and U+2028 and U+2029 begin with, in UTF-8. */
enum { C1_LEAD = 0xc2, SEPARATOR_LEAD = 0xe2 };

static bool is_plain(unsigned char c)
{
    static const bool special[256] = {
        [0 ... 0x1f] = true, ['"'] = true, ['\\'] = true, [0x7f] = true,
        [C1_LEAD] = true, [SEPARATOR_LEAD] = true,
    };

    return !special[c];
}

/* Nonzero if some byte of word is c. */
static uint64_t has_byte(uint64_t word, unsigned char c)
{
    uint64_t zeroed = word ^ (ONES * c);

    return (zeroed - ONES) & ~zeroed & HIGH;
}

/* Nonzero unless all bytes of word are plain: eight take as long as one. */
static uint64_t has_special(uint64_t word)
{
    uint64_t control = (word - ONES * 0x20) & ~word & HIGH;

    return control | has_byte(word, '"') | has_byte(word, '\\') | has_byte(word, 0x7f) |
           has_byte(word, C1_LEAD) | has_byte(word, SEPARATOR_LEAD);
}

/* The first bytes of few are looked at one by one, the last ones of more as part of a whole word. */
static size_t plain_len(const char *s, size_t len)
{
    uint64_t word;
    size_t i = 0;

    for (; len - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, s + i, sizeof(word));
        if (has_special(word) != 0)
            break;
    }
    if (len >= sizeof(word) && len - i < sizeof(word)) {
        memcpy(&word, s + len - sizeof(word), sizeof(word));
        if (has_special(word) == 0)
            return len;
    }
    while (i < len && is_plain((unsigned char)s[i]))
        i++;
    return i;
}

static void escape_unicode(struct tw_out *out, unsigned c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', hex[c >> 12], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15]};

    tw_out_bytes(out, text, sizeof(text));
}

static void escape_ascii(struct tw_out *out, char c)
{
    static const char letters[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    char text[2] = {'\\', '\0'};
    size_t i;

    for (i = 0; letters[i] != '\0' && letters[i] != c; i += 2)
        ;
    if (c == '\0' || letters[i] == '\0') {
        escape_unicode(out, (unsigned char)c);
        return;
    }
    text[1] = letters[i + 1];
    tw_out_bytes(out, text, sizeof(text));
}

/* The character at s, which is not plain; returns how many bytes it has. */
static size_t escape(struct tw_out *out, const char *s)
{
    unsigned second, third;

    switch ((unsigned char)s[0]) {
    case C1_LEAD:
        second = (unsigned char)s[1];
        if (second < 0xa0)
            escape_unicode(out, second);
        else
            tw_out_bytes(out, s, 2);
        return 2;
    case SEPARATOR_LEAD:
        second = (unsigned char)s[1];
        third = (unsigned char)s[2];
        if (second == 0x80 && (third == 0xa8 || third == 0xa9))
            escape_unicode(out, 0x2000 + (third & 0x3f));
        else
            tw_out_bytes(out, s, 3);
        return 3;
    default: escape_ascii(out, s[0]); return 1;
    }
}

void tw_json_string(struct tw_out *out, struct tw_str s)
{
    size_t i = 0, plain;

    tw_out_lit(out, "\"");
    while (i < s.len && out->err == 0) {
        plain = plain_len(s.s + i, s.len - i);
        tw_out_bytes(out, s.s + i, plain);
        i += plain;
        if (i < s.len)
            i += escape(out, s.s + i);
    }
    tw_out_lit(out, "\"");
}
