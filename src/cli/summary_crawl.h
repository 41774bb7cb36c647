/* The part of the summary that only a crawl has. Used by summary_print.c alone. */
#ifndef CLI_SUMMARY_CRAWL_H
#define CLI_SUMMARY_CRAWL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/summary.h"

/* Terminal sequences, or "". */
struct cli_paint {
    const char *bold;
    const char *dim;
    const char *green;
    const char *yellow;
    const char *red;
    const char *end;
};

/* The index of the largest count that comes after `last` in the order by count, then by index;
 * n if there is none. last is n for the first. */
size_t cli_next_largest(const uint64_t *counts, size_t n, size_t last);

/* crawled may be NULL: then nothing. */
void cli_crawled_print(const struct cli_crawled *crawled, FILE *file, const struct cli_paint *c);

#endif
