#include "sink/utf8.h"

#include <stdint.h>
#include <string.h>
#include <unistr.h>

/* Most strings are ASCII from end to end; u8_check() goes byte by byte. */
static size_t ascii_len(const char *s, size_t len)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t word;
    size_t i = 0;

    while (len - i >= sizeof(word)) {
        memcpy(&word, s + i, sizeof(word));
        if ((word & high) != 0)
            break;
        i += sizeof(word);
    }
    while (i < len && (unsigned char)s[i] < 0x80)
        i++;
    return i;
}

size_t tw_utf8_valid_len(const char *s, size_t len)
{
    size_t ascii = ascii_len(s, len);
    const uint8_t *bad;

    if (ascii == len)
        return len;
    bad = u8_check((const uint8_t *)s + ascii, len - ascii);
    return bad == NULL ? len : (size_t)((const char *)bad - s);
}

/* The length of the maximal subpart at s, which no valid sequence begins. */
static size_t subpart_len(const unsigned char *s, size_t len)
{
    unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    size_t more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
    size_t i = 1;

    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 1;
    while (i <= more && i < len && s[i] >= low && s[i] <= high) {
        low = 0x80;
        high = 0xbf;
        i++;
    }
    return i;
}

int tw_utf8_append_clean(struct tw_buf *out, const char *s, size_t len)
{
    size_t valid;
    int err;

    for (;;) {
        valid = tw_utf8_valid_len(s, len);
        err = tw_buf_append(out, s, valid);
        if (err != 0 || valid == len)
            return err;
        s += valid;
        len -= valid;
        err = tw_buf_append(out, "\xef\xbf\xbd", 3);
        if (err != 0)
            return err;
        valid = subpart_len((const unsigned char *)s, len);
        s += valid;
        len -= valid;
    }
}
