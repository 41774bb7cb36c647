/* Characters and names of the protocols: ASCII whatever the host program's locale is, which the
 * functions of ctype.h and strings.h follow. */
#ifndef TW_PARSE_ASCII_H
#define TW_PARSE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char tw_ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static inline bool tw_ascii_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool tw_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The Infra standard's ASCII whitespace. */
static inline bool tw_ascii_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Whether the first n bytes are the same but for case. Both must have as many. */
static inline bool tw_ascii_equal(const char *a, const char *b, size_t n)
{
    size_t i = 0;

    while (i < n && tw_ascii_lower(a[i]) == tw_ascii_lower(b[i]))
        i++;
    return i == n;
}

#endif
