/* What came of a run: counted result by result in fixed memory, printed at the end for people or as
 * JSON, and turned into the exit status of the process. Nothing in it comes from the network. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "trawl.h"
#include "cli/histogram.h"

enum {
#define X(name, code, kind, message) CLI_ERROR_##name,
    TRAWL_ERROR_MAP(X)
#undef X
    CLI_ERROR_UNKNOWN, /* a code that is not in the list */
    CLI_ERROR_COUNT
};

#define CLI_STATUS_COUNT 1000 /* statuses from 0 to 999 */

enum cli_exit {
    CLI_EXIT_OK = 0,       /* everything was fetched, with a status below 400 */
    CLI_EXIT_FAILURE = 1,  /* any other failure */
    CLI_EXIT_USAGE = 2,    /* wrong usage */
    CLI_EXIT_FILE = 3,     /* a file could not be read or written */
    CLI_EXIT_NETWORK = 4,  /* names, connections, time */
    CLI_EXIT_TLS = 5,
    CLI_EXIT_AUTH = 6,     /* status 401 or 407 */
    CLI_EXIT_PROTOCOL = 7, /* an answer was not valid HTTP */
    CLI_EXIT_STATUS = 8,   /* a status of 400 or above */
    CLI_EXIT_INTERRUPTED = 9,
};

/* What only a crawl has. */
struct cli_crawled {
    trawl_crawl_stats stats; /* the last ones */
    uint64_t repeats;        /* pages with the body of an earlier one */
    unsigned depth;          /* of the deepest page */
};

struct cli_summary {
    uint64_t start_ns;
    uint64_t wall_ns;  /* of cli_summary_finish() */
    uint64_t total;    /* results; the sum of ok, refused, failed and not_done */
    uint64_t ok;       /* whole responses with a status below 400 */
    uint64_t refused;  /* whole responses with a status of 400 or above */
    uint64_t failed;   /* any error but ECANCELED */
    uint64_t not_done; /* ECANCELED */
    uint64_t retries;
    uint64_t redirects;
    uint64_t bytes; /* decoded */
    uint64_t wire_bytes;
    uint64_t by_status[CLI_STATUS_COUNT]; /* of whole responses; out of range counts as 0 */
    uint64_t by_error[CLI_ERROR_COUNT];
    trawl_stays stays;               /* how long the loop was held */
    struct cli_histogram latency_us; /* whole responses, from the first try to the end */

    /* Set by the caller. */
    const struct cli_crawled *crawled; /* NULL if it was no crawl */
    bool interrupted; /* by a signal */
    bool input_left;  /* the input was not read to its end */
    bool file_failed; /* a file could not be read or written */
};

/* Times are monotonic nanoseconds, as of uv_hrtime(). */
void cli_summary_init(struct cli_summary *s, uint64_t now_ns);
void cli_summary_add(struct cli_summary *s, const trawl_result *result);
void cli_summary_finish(struct cli_summary *s, uint64_t now_ns);

/* A block of a few lines of UTF-8:
 *
 *     16 URLs in 0.21 s: 14 fetched, 1 error status, 1 failed   76.2/s   1.3 MB (6.2 MB/s)
 *     latency  p50 202 ms  p90 203 ms  p95 204 ms  p99 206 ms  max 206 ms
 *     status   200 ×14, 404 ×1
 *     failed   1 ECONNECT could not connect
 *
 * with a line for retries and redirects and one for an interruption if there were any; and of a crawl
 *
 *     crawl    3 hosts, 3 robots.txt, 12345 URLs found (12000 again), depth 4, 5 pages repeat another one
 *     left out 1204 scope-host, 310 robots
 *     cut      12 limit-pages (--max-pages) */
void cli_summary_print(const struct cli_summary *s, FILE *file, bool color);

/* The same as one JSON object and a newline. 0, TRAWL_EWRITE or TRAWL_ENOMEM. Its members, all of
 * them always there:
 *
 *     urls, ok, error_status, failed, not_done     counts; the last four add up to the first
 *     retries, redirects                           counts
 *     bytes, wire_bytes                            decoded bodies; headers and bodies as they came
 *     seconds                                      from the start to the end
 *     urls_per_second, bytes_per_second            without those not done; of bytes
 *     latency_ms     object of count, mean, min, p50, p90, p95, p99, max; null where count is 0
 *     status_class   object of 1xx, 2xx, 3xx, 4xx, 5xx and other: counts
 *     status         object: a status and its count, for each that came
 *     errors         object: an error's name and its count, for each that came
 *     loop           object of what held the loop at a stretch: longest_ms, longest_stage, long (how
 *                    many over 50 ms), caller_longest_ms, caller_long (what writes the results),
 *                    and stays_us: an object of counts by "<N", what took less than N us and not
 *                    less than half of that
 *     interrupted, input_left, file_failed         booleans, as in struct cli_summary
 *     crawl          null, or of a crawl an object of found, hosts, robots, left, depth and repeats
 *                    (counts), and rejected: an object of each reason and its count
 *     exit_status                                  as of cli_summary_exit_code() */
int cli_summary_json(const struct cli_summary *s, FILE *file);

/* URLs that a crawl had taken up and did not start. */
uint64_t cli_summary_left(const struct cli_summary *s);

/* One of enum cli_exit: the lowest of 2 to 9 that applies, else 1, else 0. */
int cli_summary_exit_code(const struct cli_summary *s);

#endif
