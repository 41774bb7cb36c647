#include "parse/url_input.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "trawl.h"

static bool is_dropped(char c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

/* How many of the bytes at p belong together in UTF-8, at least 1 and at most 4: one code
 * point, or, then *valid is false, what U+FFFD replaces (Encoding standard, "UTF-8 decoder").
 */
static size_t sequence(const unsigned char *p, size_t left, bool *valid)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t need = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    *valid = p[0] < 0x80;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 1;
    if (p[0] == 0xe0)
        low = 0xa0;
    if (p[0] == 0xed)
        high = 0x9f;
    if (p[0] == 0xf0)
        low = 0x90;
    if (p[0] == 0xf4)
        high = 0x8f;
    size_t n = 1;
    while (n < need && n < left && p[n] >= low && p[n] <= high) {
        n++;
        low = 0x80;
        high = 0xbf;
    }
    *valid = n == need;
    return n;
}

static bool is_clean(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] >= 0x80 || is_dropped(s[i]))
            return false;
    return true;
}

static size_t clean(char *dst, const char *s, size_t len)
{
    char *start = dst;
    for (size_t i = 0; i < len;) {
        bool valid;
        size_t n = sequence((const unsigned char *)s + i, len - i, &valid);
        if (!valid) {
            memcpy(dst, "\xef\xbf\xbd", 3);
            dst += 3;
        } else if (!is_dropped(s[i])) {
            memcpy(dst, s + i, n);
            dst += n;
        }
        i += n;
    }
    return (size_t)(dst - start);
}

int tw_url_input_open(struct tw_url_input *in, const char *bytes, size_t len)
{
    while (len > 0 && (unsigned char)bytes[len - 1] <= ' ')
        len--;
    while (len > 0 && (unsigned char)bytes[0] <= ' ') {
        bytes++;
        len--;
    }
    *in = (struct tw_url_input){.s = bytes, .len = len};
    if (is_clean(bytes, len))
        return 0;
    in->owned = malloc(3 * len);
    if (!in->owned)
        return TRAWL_ENOMEM;
    in->len = clean(in->owned, bytes, len);
    in->s = in->owned;
    return 0;
}

void tw_url_input_close(struct tw_url_input *in)
{
    free(in->owned);
}
