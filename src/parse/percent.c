#include "parse/percent.h"

#include <stdint.h>

#define F   TW_PCT_FRAGMENT
#define Q   TW_PCT_QUERY
#define P   TW_PCT_PATH
#define U   TW_PCT_USERINFO
#define X   TW_PCT_FORBIDDEN
#define ALL (F | Q | P | U)

static const uint8_t sets[256] = {
    [0x00] = ALL | X, [0x01] = ALL | X,  [0x02] = ALL | X,
    [0x03] = ALL | X, [0x04] = ALL | X,  [0x05] = ALL | X,
    [0x06] = ALL | X, [0x07] = ALL | X,  [0x08] = ALL | X,
    [0x09] = ALL | X, [0x0a] = ALL | X,  [0x0b] = ALL | X,
    [0x0c] = ALL | X, [0x0d] = ALL | X,  [0x0e] = ALL | X,
    [0x0f] = ALL | X, [0x10] = ALL | X,  [0x11] = ALL | X,
    [0x12] = ALL | X, [0x13] = ALL | X,  [0x14] = ALL | X,
    [0x15] = ALL | X, [0x16] = ALL | X,  [0x17] = ALL | X,
    [0x18] = ALL | X, [0x19] = ALL | X,  [0x1a] = ALL | X,
    [0x1b] = ALL | X, [0x1c] = ALL | X,  [0x1d] = ALL | X,
    [0x1e] = ALL | X, [0x1f] = ALL | X,  [0x7f] = ALL | X,
    [' '] = ALL | X,  ['"'] = ALL,       ['<'] = ALL | X,
    ['>'] = ALL | X,  ['`'] = F | P | U, ['#'] = Q | P | U | X,
    ['\''] = Q,       ['?'] = P | U | X, ['^'] = P | U | X,
    ['{'] = P | U,    ['}'] = P | U,     ['/'] = U | X,
    [':'] = U | X,    [';'] = U,         ['='] = U,
    ['@'] = U | X,    ['['] = U | X,     ['\\'] = U | X,
    [']'] = U | X,    ['|'] = U | X,     ['%'] = X,
};

#undef F
#undef Q
#undef P
#undef U
#undef X
#undef ALL

bool tw_pct_in_set(unsigned char byte, enum tw_pct_set set)
{
    return byte >= 0x80 ? set != TW_PCT_FORBIDDEN : (sets[byte] & set) != 0;
}

char *tw_pct_encode(char *dst, const char *s, size_t len, enum tw_pct_set set)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const char *end = s + len; s < end; s++) {
        unsigned char byte = (unsigned char)*s;
        if (tw_pct_in_set(byte, set)) {
            *dst++ = '%';
            *dst++ = hex[byte >> 4];
            *dst++ = hex[byte & 15];
        } else {
            *dst++ = *s;
        }
    }
    return dst;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t tw_pct_decode(char *dst, const char *s, size_t len)
{
    char *start = dst;
    for (size_t i = 0; i < len; i++) {
        int high = -1, low = -1;
        if (s[i] == '%' && len - i > 2) {
            high = hex_value(s[i + 1]);
            low = hex_value(s[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            *dst++ = (char)(high * 16 + low);
            i += 2;
        } else {
            *dst++ = s[i];
        }
    }
    return (size_t)(dst - start);
}
