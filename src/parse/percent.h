/* Percent-encoding as the URL standard has it (WHATWG URL, "Percent-encoded bytes").
 *
 * Everything here works on bytes that are valid UTF-8: above ASCII each set encodes every byte.
 */
#ifndef TW_PARSE_PERCENT_H
#define TW_PARSE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* The standard's percent-encode sets, and the bytes that never stand in a domain. */
enum tw_pct_set {
    TW_PCT_FRAGMENT = 1,
    TW_PCT_QUERY = 2, /* the special-query set, which http and https use */
    TW_PCT_PATH = 4,
    TW_PCT_USERINFO = 8,
    TW_PCT_FORBIDDEN = 16, /* forbidden domain code points; not for encoding */
};

/* Whether the set holds the byte. */
bool tw_pct_in_set(unsigned char byte, enum tw_pct_set set);

/* Appends s to dst, the set's bytes encoded; returns the end of what it wrote. dst has room for
 * 3 * len bytes. */
char *tw_pct_encode(char *dst, const char *s, size_t len, enum tw_pct_set set);

/* Decodes every %XX of s into dst, which has room for len bytes and may be s; anything else,
 * a lone '%' too, is copied. Returns the bytes written. */
size_t tw_pct_decode(char *dst, const char *s, size_t len);

#endif
