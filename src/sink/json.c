#include "sink/json.h"

#include <string.h>

/* Sixteen bytes that are looked at together. */
typedef unsigned char block __attribute__((vector_size(16)));

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

static bool all_are_plain(block b)
{
    block special = (block)((b < 0x20) | (b == '"') | (b == '\\') | (b == 0x7f) | (b == C1_LEAD) |
                            (b == SEPARATOR_LEAD));
    uint64_t words[2];

    memcpy(words, &special, sizeof(words));
    return (words[0] | words[1]) == 0;
}

static bool block_is_plain(const char *s)
{
    block b;

    memcpy(&b, s, sizeof(b));
    return all_are_plain(b);
}

static bool few_are_plain(const char *s, size_t len)
{
    char few[sizeof(block)] = "                ";

    memcpy(few, s, len);
    return block_is_plain(few);
}

/* The last bytes are looked at as part of a whole block, too. */
static size_t plain_len(const char *s, size_t len)
{
    size_t i = 0;

    while (len - i >= sizeof(block) && block_is_plain(s + i))
        i += sizeof(block);
    if (len - i < sizeof(block) &&
        (len < sizeof(block) ? few_are_plain(s, len) : block_is_plain(s + len - sizeof(block))))
        return len;
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

void tw_json_text(struct tw_out *out, struct tw_str s)
{
    size_t i = 0, plain;

    while (i < s.len && out->err == 0) {
        plain = plain_len(s.s + i, s.len - i);
        tw_out_bytes(out, s.s + i, plain);
        i += plain;
        if (i < s.len)
            i += escape(out, s.s + i);
    }
}

void tw_json_string(struct tw_out *out, struct tw_str s)
{
    tw_out_lit(out, "\"");
    tw_json_text(out, s);
    tw_out_lit(out, "\"");
}
