/* Results of measurements: taken in, and held against each other. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare.h"

/* ---- Taking in --------------------------------------------------------------------------- */

static bool is_like(const struct cli_outcome *a, const struct cli_outcome *b)
{
    return a->error == b->error && a->status == b->status && a->bytes == b->bytes &&
           memcmp(a->digest, b->digest, CLI_DIGEST_SIZE) == 0;
}

static int add_outcome(struct cli_compare *c, struct cli_target_url *url, size_t strategy,
                       const struct cli_fetched *f)
{
    struct cli_outcome new = {.error = f->error, .status = f->status};
    struct cli_outcome **at = &url->outcomes;
    if (f->error == 0) {
        new.bytes = f->bytes;
        memcpy(new.digest, f->digest, CLI_DIGEST_SIZE);
    }
    while (*at != NULL && !is_like(*at, &new)) {
        at = &(*at)->next;
    }
    if (*at == NULL && url->n_outcomes < CLI_OUTCOMES_MAX) {
        struct cli_outcome *outcome =
            calloc(1, sizeof(*outcome) + c->n_strategies * sizeof(outcome->times[0]));
        if (outcome == NULL) {
            return TRAWL_ENOMEM;
        }
        memcpy(outcome, &new, sizeof(new));
        *at = outcome;
        url->n_outcomes++;
    }
    if (*at != NULL) {
        (*at)->times[strategy]++;
    }
    return 0;
}

static void add_latency(struct cli_cell *cell, const struct cli_fetched *f)
{
    if (f->error == 0 && f->tries > 0) {
        cli_histogram_add(cell->latency_us, f->us);
    }
}

static void add_metrics(struct cli_cell *cell, const struct cli_report *report)
{
    for (size_t m = 0; m < CLI_METRICS; m++) {
        cell->metrics[m][cell->n] = report->metrics[m];
    }
    cell->n++;
    for (size_t i = 0; i < report->n; i++) {
        add_latency(cell, &report->fetched[i]);
    }
}

static void add_to_summary(struct cli_compare *c, const struct cli_fetched *f)
{
    trawl_result result = {.error = f->error, .status = f->status, .tries = f->tries};
    cli_summary_add(&c->summary, &result);
}

int cli_compare_add(struct cli_compare *c, size_t count, size_t strategy,
                    struct cli_report *report)
{
    int err = 0;
    for (size_t i = 0; err == 0 && i < report->n && i < c->n_urls; i++) {
        struct cli_fetched *f = &report->fetched[i];
        if (c->urls[i].name == NULL) {
            c->urls[i].name = f->name;
            f->name = NULL;
        }
        add_to_summary(c, f);
        err = add_outcome(c, &c->urls[i], strategy, f);
    }
    if (err == 0 && count != SIZE_MAX) {
        add_metrics(cli_cell_at(c, count, strategy), report);
    }
    return err;
}

/* ---- What it comes to -------------------------------------------------------------------- */

void cli_cell_spread(const struct cli_cell *cell, enum cli_metric metric, struct cli_spread *s)
{
    double values[CLI_RUNS_MAX]; /* a copy: the runs keep their order */
    memcpy(values, cell->metrics[metric], cell->n * sizeof(*values));
    cli_spread_of(s, values, cell->n);
}

bool cli_outcome_failed(const struct cli_outcome *outcome)
{
    return outcome->error != 0 || outcome->status >= 400;
}

bool cli_url_failed(const struct cli_target_url *url)
{
    for (const struct cli_outcome *o = url->outcomes; o != NULL; o = o->next) {
        if (cli_outcome_failed(o)) {
            return true;
        }
    }
    return false;
}

bool cli_url_differs(const struct cli_target_url *url)
{
    return url->n_outcomes > 1;
}

bool cli_url_changes(const struct cli_compare *c, const struct cli_target_url *url)
{
    for (size_t strategy = 0; strategy < c->n_strategies; strategy++) {
        size_t ways = 0;
        for (const struct cli_outcome *o = url->outcomes; o != NULL; o = o->next) {
            ways += o->times[strategy] > 0;
        }
        if (ways > 1) {
            return true;
        }
    }
    return false;
}

static size_t count_urls(const struct cli_compare *c, bool (*is)(const struct cli_target_url *))
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_urls; i++) {
        n += is(&c->urls[i]);
    }
    return n;
}

size_t cli_compare_failures(const struct cli_compare *c)
{
    return count_urls(c, cli_url_failed);
}

size_t cli_compare_mismatches(const struct cli_compare *c)
{
    return count_urls(c, cli_url_differs);
}

static bool has_failed_cell(const struct cli_compare *c)
{
    for (size_t i = 0; i < c->n_counts * c->n_strategies; i++) {
        if (c->cells[i].failure != NULL) {
            return true;
        }
    }
    return false;
}

int cli_compare_exit_code(const struct cli_compare *c)
{
    struct cli_summary s = c->summary;
    s.interrupted = c->interrupted;
    s.input_left = c->interrupted;
    int status = cli_summary_exit_code(&s);
    bool wrong = cli_compare_mismatches(c) > 0 || has_failed_cell(c);
    return status != CLI_EXIT_OK ? status : wrong ? CLI_EXIT_FAILURE : CLI_EXIT_OK;
}
