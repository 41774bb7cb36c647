/* Crawler traps that a URL shows by itself: names without end that a server makes up from
 * itself. What only answers show (the same content under many names, soft errors) is found
 * elsewhere, and calendars without dates in their URLs end by depth and by pages a host. */
#ifndef TW_FRONTIER_TRAP_H
#define TW_FRONTIER_TRAP_H

#include <stddef.h>

#include "parse/url.h"

/* 0 in any of them is no limit. */
struct tw_trap_limits {
    size_t max_bytes;    /* of the canonical URL */
    size_t max_segments; /* of the path: /a/b/ and /a/b have two */
    size_t max_repeats;  /* see tw_trap_judge(); at least 2 */
    size_t max_params;   /* of the query */
    unsigned max_year;   /* in dates; the caller knows which year it is */
};

#define TW_TRAP_LIMITS_INIT                                                                    \
    {                                                                                          \
        2000, 20, 3, 32, 0                                                                     \
    }

enum tw_trap {
    TW_TRAP_NONE = 0,
    TW_TRAP_LENGTH,
    TW_TRAP_DEPTH,
    TW_TRAP_REPEAT,
    TW_TRAP_QUERY,
    TW_TRAP_DATE,
};

/* The first of these that holds:
 *
 *   LENGTH  more bytes than max_bytes.
 *   DEPTH   more segments than max_segments.
 *   REPEAT  one segment or sequence of segments stands max_repeats times in a row or more
 *           (/a/b/a/b/a/b), or one segment stands at 2 * max_repeats places or more. Segments
 *           of digits do not count by themselves: /2011/11/11/11 and map tiles are no traps.
 *   QUERY   more parameters than max_params, or the same one with the same value max_repeats
 *           times or more.
 *   DATE    a year after max_year, of four digits and with a month behind it: /2090/05/,
 *           2090-05, year=2090&month=5.
 *
 * No allocation; time is linear in the URL, but the first 256 segments, and parameters, are
 * compared with each other. */
enum tw_trap tw_trap_judge(const struct tw_url *url, const struct tw_trap_limits *limits);

/* "trap-length", "trap-depth", "trap-repeat", "trap-query", "trap-date"; NULL for none.
 * Static. */
const char *tw_trap_name(enum tw_trap trap);

#endif
