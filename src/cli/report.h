/* What one measurement comes to: made by the process that measures, handed on as a JSON object
 * on its standard output. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CLI_DIGEST_SIZE 16 /* XXH3-128 */

enum cli_metric {
    CLI_SECONDS, /* from the first URL handed over to the last result */
    CLI_USER,    /* processor seconds, of the worker processes too */
    CLI_SYSTEM,
    CLI_MEMORY,      /* bytes, the peak */
    CLI_THREADS,     /* the peak, of the worker processes too */
    CLI_VOLUNTARY,   /* context switches: something was waited for */
    CLI_INVOLUNTARY, /* ... or another was given the processor */
    CLI_METRICS
};

/* The outcome of one URL. */
struct cli_fetched {
    int error;
    int status;
    unsigned tries;
    uint64_t us;    /* trawl_timing.total_us */
    uint64_t bytes; /* of the body, decoded */
    unsigned char digest[CLI_DIGEST_SIZE];
    char
        *name; /* the URL as trawl_result.url has it, in the letters of cli_escape(); or NULL */
};

struct cli_report {
    double metrics[CLI_METRICS];
    struct cli_fetched *fetched;
    size_t n;
};

/* 0, TRAWL_ENOMEM or TRAWL_EWRITE. */
int cli_report_write(const struct cli_report *report, FILE *file);

/* 0, TRAWL_EINVAL for anything but such a text, or TRAWL_ENOMEM. *report is written on success.
 */
int cli_report_read(struct cli_report *report, const char *text);

/* Frees what is in it; a zeroed report is fine. */
void cli_report_free(struct cli_report *report);

#endif
