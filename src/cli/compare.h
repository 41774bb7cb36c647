/* What trawl compare is asked for and what it has measured. Filled by cmd_compare.c and
 * compare_run.c; everything that shows it reads it from here. */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/histogram.h"
#include "cli/options.h"
#include "cli/plan.h"
#include "cli/report.h"
#include "cli/stats.h"
#include "cli/summary.h"

/* The measurements of one strategy at one number of URLs. */
struct cli_cell {
    double *metrics[CLI_METRICS]; /* room for as many as there are runs */
    size_t n;
    struct cli_histogram *latency_us; /* of whole responses, of all runs */
    char *failure;                    /* why nothing more was measured, NULL if all went well */
};

/* A way in which a URL came out, and how often it did so under each strategy. */
struct cli_outcome {
    struct cli_outcome *next;
    int error;
    int status;
    uint64_t bytes;
    unsigned char digest[CLI_DIGEST_SIZE]; /* zeros after an error: a part tells nothing */
    unsigned times[];                      /* a number for each strategy */
};

/* More ways than these are not told apart. */
#define CLI_OUTCOMES_MAX 16

struct cli_target_url {
    struct cli_bytes url;
    char *name; /* masked, printable ASCII; NULL until it was fetched */
    struct cli_outcome *outcomes;
    size_t n_outcomes;
};

struct cli_compare {
    struct cli_options *o;
    const char **strategies;
    size_t n_strategies;
    size_t *counts; /* ascending */
    size_t n_counts;
    struct cli_target_url *urls;
    size_t n_urls;
    struct cli_cell *cells;     /* of each count, of each strategy: cli_cell_at() */
    struct cli_summary summary; /* of every single fetch, for the exit status */
    bool interrupted;
};

static inline struct cli_cell *cli_cell_at(const struct cli_compare *c, size_t count,
                                           size_t strategy)
{
    return &c->cells[count * c->n_strategies + strategy];
}

/* Reads what o asks for: strategies, counts and all URLs. 0, or an exit status with *error a
 * line to print, to be freed, NULL if memory was short. c is to be freed in any case. */
int cli_compare_init(struct cli_compare *c, struct cli_options *o, char **error);
void cli_compare_free(struct cli_compare *c);

/* Takes one measurement's results; count is SIZE_MAX for a warm-up, whose outcomes are checked
 * and whose figures do not count. The names move over. 0 or TRAWL_ENOMEM. */
int cli_compare_add(struct cli_compare *c, size_t count, size_t strategy,
                    struct cli_report *report);

/* ---- What it comes to -------------------------------------------------------------------- */

void cli_cell_spread(const struct cli_cell *cell, enum cli_metric metric, struct cli_spread *s);

/* URLs with more than one outcome, and those with one that is an error or a status of 400 on.
 */
bool cli_outcome_failed(const struct cli_outcome *outcome);
bool cli_url_failed(const struct cli_target_url *url);
bool cli_url_differs(const struct cli_target_url *url);
size_t cli_compare_failures(const struct cli_compare *c);
size_t cli_compare_mismatches(const struct cli_compare *c);

/* A strategy that had more than one outcome by itself: the page is what changes. */
bool cli_url_changes(const struct cli_compare *c, const struct cli_target_url *url);

/* One of enum cli_exit: that of the fetches; else 1 if URLs differ or measurements failed. */
int cli_compare_exit_code(const struct cli_compare *c);

/* ---- Who wins ---------------------------------------------------------------------------- */

struct cli_rank {
    size_t strategy;
    struct cli_spread seconds;
};

struct cli_verdict {
    struct cli_rank *ranks; /* the fastest median first; what was not measured is left out */
    size_t n;
    size_t leaders; /* so many of them are not clearly slower than the first; 1: it wins */
};

/* 0 or TRAWL_ENOMEM. ranks is to be freed. */
int cli_verdict_make(struct cli_verdict *verdict, const struct cli_compare *c, size_t count);

/* A sentence without a full stop: "loop wins at 16 URLs: 15.9 times as fast as sequential, 4.0
 * times batch". To be freed; NULL: no memory. "" if fewer than two were measured. */
char *cli_verdict_text(const struct cli_compare *c, size_t count);

#endif
