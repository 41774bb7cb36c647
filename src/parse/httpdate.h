/* Dates in HTTP fields, and Retry-After. Values are taken with blanks around them. Names of
 * days and months are read without regard to case; the weekday is not held against the date. */
#ifndef TW_PARSE_HTTPDATE_H
#define TW_PARSE_HTTPDATE_H

#include <stddef.h>
#include <stdint.h>

/* A date in one of the three forms of RFC 9110 5.6.7, in seconds since 1970 UTC. A year of two
 * digits is the latest one not more than 50 years after now_unix_s. A 60th second counts as the
 * next minute's first. 0 or TRAWL_EINVAL. */
int tw_httpdate_parse(const char *s, size_t len, int64_t now_unix_s, int64_t *unix_s);

/* Retry-After (RFC 9110 10.2.3): seconds, or a date, which is 0 from now when it is past. Too
 * large a number becomes UINT64_MAX. 0 or TRAWL_EINVAL. */
int tw_retry_after_parse(const char *value, size_t len, int64_t now_unix_s, uint64_t *delay_ms);

#endif
