/* A comparison as tables of 80 columns. */
#include <stdlib.h>
#include <string.h>

#include "cli/compare_columns.h"
#include "cli/compare_out.h"
#include "cli/help.h"

/* How many of them are told one by one, and how many outcomes of each. */
#define PROBLEMS 10
#define OUTCOMES 6

struct paint {
    const char *bold;
    const char *dim;
    const char *green;
    const char *red;
    const char *end;
};

static const struct paint colors = {"\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"};
static const struct paint plain = {"", "", "", "", ""};

/* ---- Tables ------------------------------------------------------------------------------ */

static void print_head(FILE *file, const struct cli_block *block, const struct paint *p)
{
    fprintf(file, "%s%-6s  %-11s", p->bold, block->title, "strategy");
    for (size_t i = 0; i < block->n; i++) {
        fprintf(file, "%*s", block->columns[i].width, block->columns[i].title);
    }
    fprintf(file, "%s\n", p->end);
}

static void print_row(FILE *file, const struct cli_compare *c, const struct cli_block *block,
                      size_t count, const struct cli_cell *cell)
{
    char text[CLI_COLUMN_SIZE];
    for (size_t i = 0; i < block->n; i++) {
        block->columns[i].format(text, c, count, cell);
        fprintf(file, "%*s", block->columns[i].width, text);
    }
}

/* The winner's name, or none. */
static const char *winner_of(const struct cli_compare *c, size_t count)
{
    struct cli_verdict v;
    const char *name = "";
    if (cli_verdict_make(&v, c, count) == 0) {
        name = v.n > 1 && v.leaders == 1 ? c->strategies[v.ranks[0].strategy] : "";
        free(v.ranks);
    }
    return name;
}

static void print_rows(FILE *file, const struct cli_compare *c, const struct cli_block *block,
                       size_t count, const struct paint *p)
{
    const char *winner = winner_of(c, count);
    bool first = true;
    for (size_t s = 0; s < c->n_strategies; s++) {
        const struct cli_cell *cell = cli_cell_at(c, count, s);
        bool best = block->decides && strcmp(winner, c->strategies[s]) == 0;
        if (cell->n == 0 && cell->failure == NULL) {
            continue;
        }
        if (first) {
            fprintf(file, "%6zu", c->counts[count]);
        } else {
            fprintf(file, "%6s", "");
        }
        first = false;
        fprintf(file, "  %s%-11s", best ? p->green : "", c->strategies[s]);
        if (cell->n > 0) {
            print_row(file, c, block, count, cell);
        } else {
            fputs("    failed", file);
        }
        fprintf(file, "%s\n", best ? p->end : "");
    }
}

static bool is_measured(const struct cli_compare *c, size_t count)
{
    for (size_t s = 0; s < c->n_strategies; s++) {
        const struct cli_cell *cell = cli_cell_at(c, count, s);
        if (cell->n > 0 || cell->failure != NULL) {
            return true;
        }
    }
    return false;
}

static void print_block(FILE *file, const struct cli_compare *c, const struct cli_block *block,
                        const struct paint *p)
{
    print_head(file, block, p);
    for (size_t count = 0; count < c->n_counts; count++) {
        if (is_measured(c, count)) {
            print_rows(file, c, block, count, p);
            fputc('\n', file);
        }
    }
}

static void print_setup(FILE *file, const struct cli_compare *c)
{
    const struct cli_options *o = c->o;
    size_t most = c->counts[c->n_counts - 1];
    char text[400];
    int len =
        snprintf(text, sizeof(text),
                 "%zu URL%s, %u run%s of each after a warm-up; loop: %u in flight, pool, "
                 "batch and process: %u workers",
                 most, most == 1 ? "" : "s", o->compare.runs, o->compare.runs == 1 ? "" : "s",
                 o->fetch.concurrency, o->compare.workers);
    if (o->fetch.per_host > 0 && len > 0 && (size_t)len < sizeof(text)) {
        snprintf(text + len, sizeof(text) - (size_t)len, ", at most %u on one host",
                 o->fetch.per_host);
    }
    cli_wrap(file, text, strlen(text), 0, 0);
    fputc('\n', file);
}

/* ---- Problems ---------------------------------------------------------------------------- */

static void print_outcome(FILE *file, const struct cli_compare *c,
                          const struct cli_outcome *outcome)
{
    fputs("    ", file);
    if (outcome->error != 0) {
        fprintf(file, "%s (%s)", trawl_err_name(outcome->error),
                trawl_strerror(outcome->error));
    } else {
        fprintf(file, "status %d, %llu bytes, digest ", outcome->status,
                (unsigned long long)outcome->bytes);
        for (size_t i = 0; i < 4; i++) {
            fprintf(file, "%02x", outcome->digest[i]);
        }
    }
    const char *space = ": ";
    for (size_t s = 0; s < c->n_strategies; s++) {
        if (outcome->times[s] > 0) {
            fprintf(file, "%s%s x%u", space, c->strategies[s], outcome->times[s]);
            space = ", ";
        }
    }
    fputc('\n', file);
}

static void print_url(FILE *file, const struct cli_compare *c, const struct cli_target_url *url)
{
    fprintf(file, "  %s\n", url->name != NULL ? url->name : "(a URL that was not named)");
    const struct cli_outcome *outcome = url->outcomes;
    for (size_t i = 0; i < OUTCOMES && outcome != NULL; i++, outcome = outcome->next) {
        print_outcome(file, c, outcome);
    }
    if (outcome != NULL) {
        fprintf(file, "    and %s%zu other outcomes\n",
                url->n_outcomes == CLI_OUTCOMES_MAX ? "at least " : "",
                url->n_outcomes - OUTCOMES);
    }
    if (cli_url_differs(url) && cli_url_changes(c, url)) {
        fputs("    it differs under one strategy already: what the server sends changes\n",
              file);
    }
}

static void print_problems(FILE *file, const struct cli_compare *c, const char *what, size_t n,
                           bool (*is)(const struct cli_target_url *), const struct paint *p)
{
    size_t told = 0;
    if (n == 0) {
        return;
    }
    fprintf(file, "%s%zu URL%s %s%s\n", p->red, n, n == 1 ? "" : "s", what, p->end);
    for (size_t i = 0; i < c->n_urls && told < PROBLEMS; i++) {
        if (is(&c->urls[i])) {
            print_url(file, c, &c->urls[i]);
            told++;
        }
    }
    if (n > told) {
        fprintf(file, "  and %zu more; --format json has them all\n", n - told);
    }
    fputc('\n', file);
}

static bool failed_alike(const struct cli_target_url *url)
{
    return cli_url_failed(url) && !cli_url_differs(url);
}

void cli_compare_problems(const struct cli_compare *c, FILE *file, bool color)
{
    const struct paint *p = color ? &colors : &plain;
    size_t alike = 0;
    for (size_t i = 0; i < c->n_urls; i++) {
        alike += failed_alike(&c->urls[i]);
    }
    print_problems(file, c, "did not come out the same each time", cli_compare_mismatches(c),
                   cli_url_differs, p);
    print_problems(file, c, "failed each time", alike, failed_alike, p);
}

/* ---- All of it --------------------------------------------------------------------------- */

static int print_verdicts(FILE *file, const struct cli_compare *c, const struct paint *p)
{
    for (size_t count = 0; count < c->n_counts; count++) {
        char *text = cli_verdict_text(c, count);
        if (text == NULL) {
            return TRAWL_ENOMEM;
        }
        if (text[0] != '\0') {
            bool last = count + 1 == c->n_counts;
            fputs(last ? p->bold : "", file);
            cli_wrap(file, text, strlen(text), 0, 4);
            fputs(last ? p->end : "", file);
        }
        free(text);
    }
    return 0;
}

int cli_compare_text(const struct cli_compare *c, FILE *file, bool color)
{
    const struct paint *p = color ? &colors : &plain;
    print_setup(file, c);
    for (size_t i = 0; i < CLI_BLOCKS; i++) {
        print_block(file, c, &cli_blocks[i], p);
    }
    cli_compare_problems(c, file, color);
    int err = print_verdicts(file, c, p);
    if (c->interrupted) {
        fputs("interrupted: this is what was measured\n", file);
    }
    return err != 0 ? err : fflush(file) == 0 ? 0 : TRAWL_EWRITE;
}
