/* Shell patterns: "*" any bytes, "?" any one byte, "[a-z]" one of a set, "[!a-z]" or "[^a-z]"
 * one outside of it. A "[" without its "]" stands for itself. No escapes, no locale, and no
 * pattern takes exponentially many steps, as some do with fnmatch(). */
#ifndef TW_PARSE_GLOB_H
#define TW_PARSE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the whole text matches. any_case: ASCII letters match in both cases. */
bool tw_glob_match(const char *pattern, size_t len, const char *text, size_t text_len,
                   bool any_case);

#endif
