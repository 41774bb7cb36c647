#include <string.h>

#include "parse/robots_rules.h"

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

/* What divides a URL is something else than the same character encoded. */
static bool is_divider(unsigned char c)
{
    return c == '/' || c == '?' || c == '&' || c == '=';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that a "%XX" at s stands for, or -1. */
static int decoded(const char *s, size_t len)
{
    if (len < 3 || s[0] != '%' || hex_value(s[1]) < 0 || hex_value(s[2]) < 0)
        return -1;
    return hex_value(s[1]) * 16 + hex_value(s[2]);
}

static size_t put_encoded(char *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";

    out[0] = '%';
    out[1] = hex[c >> 4];
    out[2] = hex[c & 15];
    return 3;
}

size_t tw_robots_normalise(char *out, const char *s, size_t len, enum tw_robots_form form)
{
    bool query = false;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int octet = decoded(s + i, len - i);
        unsigned char c = (unsigned char)(octet >= 0 ? octet : s[i]);
        bool plain = is_unreserved(c);

        if (octet < 0) {
            plain = plain || is_divider(c) || (c == '*' && form == TW_ROBOTS_FORM_RULE);
            query = query || c == '?';
        } else {
            plain = plain || (c == '/' && query && form != TW_ROBOTS_FORM_URL);
            i += 2;
        }
        if (plain)
            out[n++] = (char)c;
        else
            n += put_encoded(out + n, c);
    }
    return n;
}
