#include "cli/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

char *cli_escape(const char *bytes, size_t len, const char *also)
{
    char *text = len < SIZE_MAX / 3 ? malloc(3 * len + 1) : NULL;
    char *to = text;
    if (text == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c > 0x20 && c < 0x7f && strchr(also, c) == NULL) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = "0123456789ABCDEF"[c >> 4];
            *to++ = "0123456789ABCDEF"[c & 15];
        }
    }
    *to = '\0';
    return text;
}

size_t cli_unescape(char *text)
{
    char *to = text;
    const char *from = text;
    while (*from != '\0') {
        int high = from[0] == '%' ? digit_value(from[1]) : -1;
        int low = high >= 0 ? digit_value(from[2]) : -1;
        if (low >= 0) {
            *to++ = (char)(high << 4 | low);
            from += 3;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}
