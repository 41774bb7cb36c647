/* What trawl compare is asked for, before anything is fetched. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare.h"
#include "cli/input.h"
#include "cli/values.h"

#define FAIL(...) (*error = cli_message(__VA_ARGS__), CLI_EXIT_USAGE)

enum { NAMES_SIZE = 200 };

/* ---- Strategies -------------------------------------------------------------------------- */

static const char *find_strategy(const char *name, size_t len)
{
    for (const char *const *names = trawl_strategy_names(); *names != NULL; names++) {
        if (strlen(*names) == len && strncmp(*names, name, len) == 0) {
            return *names;
        }
    }
    return NULL;
}

static void list_strategies(char text[NAMES_SIZE])
{
    size_t len = 0;
    text[0] = '\0';
    for (const char *const *names = trawl_strategy_names(); *names != NULL; names++) {
        if (len + strlen(*names) + 3 < NAMES_SIZE) {
            len += (size_t)snprintf(text + len, NAMES_SIZE - len, "%s%s", len > 0 ? ", " : "",
                                    *names);
        }
    }
}

static int add_strategy(struct cli_compare *c, const char *text, size_t len, char **error)
{
    char known[NAMES_SIZE];
    const char *name = find_strategy(text, len);
    if (name == NULL) {
        list_strategies(known);
        return FAIL("--strategies: there is no '%.*s'; the strategies are %s",
                    len < 40 ? (int)len : 40, text, known);
    }
    for (size_t i = 0; i < c->n_strategies; i++) {
        if (c->strategies[i] == name) {
            return FAIL("--strategies: '%s' is given twice", name);
        }
    }
    c->strategies[c->n_strategies++] = name;
    return 0;
}

static int read_strategies(struct cli_compare *c, char **error)
{
    const char *text = c->o->compare.strategies;
    size_t known = 0;
    while (trawl_strategy_names()[known] != NULL) {
        known++;
    }
    c->strategies = calloc(known + 1, sizeof(*c->strategies));
    if (c->strategies == NULL) {
        return CLI_EXIT_FAILURE;
    }
    if (text == NULL) {
        c->n_strategies = known;
        memcpy(c->strategies, trawl_strategy_names(), known * sizeof(*c->strategies));
        return 0;
    }
    int rc = 0;
    for (bool more = true; rc == 0 && more; text++) {
        size_t len = strcspn(text, ",");
        rc = add_strategy(c, text, len, error);
        text += len;
        more = *text != '\0';
    }
    return rc;
}

/* ---- URLs -------------------------------------------------------------------------------- */

static int add_url(struct cli_compare *c, const char *url, size_t len)
{
    if ((c->n_urls & (c->n_urls - 1)) == 0) {
        size_t room = c->n_urls == 0 ? 1 : 2 * c->n_urls;
        struct cli_target_url *grown =
            room <= SIZE_MAX / sizeof(*grown) ? realloc(c->urls, room * sizeof(*grown)) : NULL;
        if (grown == NULL) {
            return CLI_EXIT_FAILURE;
        }
        c->urls = grown;
    }
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        return CLI_EXIT_FAILURE;
    }
    memcpy(copy, url, len);
    copy[len] = '\0';
    struct cli_target_url *added = &c->urls[c->n_urls++];
    *added = (struct cli_target_url){.n_outcomes = 0};
    added->url.bytes = copy;
    added->url.len = len;
    return 0;
}

static int read_input(struct cli_compare *c, struct cli_input *in, char **error)
{
    const char *url;
    size_t len;
    uint64_t index;
    int rc = cli_input_next(in, &url, &len, &index);
    for (; rc == CLI_INPUT_URL; rc = cli_input_next(in, &url, &len, &index)) {
        if (cli_input_was_cut(in)) {
            return FAIL("URL number %zu is longer than 1 MiB", c->n_urls + 1);
        }
        int failed = add_url(c, url, len);
        if (failed != 0) {
            return failed;
        }
    }
    if (rc < 0) {
        *error = cli_message("%s", cli_input_error(in));
        return CLI_EXIT_FILE;
    }
    return c->n_urls > 0 ? 0 : FAIL("no URL: the list is empty");
}

static int read_urls(struct cli_compare *c, char **error)
{
    const struct cli_options *o = c->o;
    struct cli_input *in = cli_input_open(o->input_files.items, o->input_files.count,
                                          o->operands.items, o->operands.count, error);
    if (in == NULL) {
        return CLI_EXIT_FILE;
    }
    int rc = read_input(c, in, error);
    cli_input_close(in, NULL, NULL);
    return rc;
}

/* ---- Counts ------------------------------------------------------------------------------ */

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static void sort_counts(struct cli_compare *c)
{
    size_t n = 0;
    qsort(c->counts, c->n_counts, sizeof(*c->counts), compare_sizes);
    for (size_t i = 0; i < c->n_counts; i++) {
        if (n == 0 || c->counts[i] != c->counts[n - 1]) {
            c->counts[n++] = c->counts[i];
        }
    }
    c->n_counts = n;
}

static int add_count(struct cli_compare *c, const char *text, size_t len, char **error)
{
    char copy[24];
    uint64_t n;
    bool ok = len < sizeof(copy);
    if (ok) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        ok = cli_parse_number(copy, &n);
    }
    if (!ok || n == 0) {
        return FAIL("--counts: '%.*s' is no number of URLs; give numbers from 1 on, such as "
                    "1,4,16",
                    len < 40 ? (int)len : 40, text);
    }
    if (n > c->n_urls) {
        return FAIL("--counts: %s is more than the list has, which is %zu URL%s", copy,
                    c->n_urls, c->n_urls == 1 ? "" : "s");
    }
    c->counts[c->n_counts++] = (size_t)n;
    return 0;
}

static int double_counts(struct cli_compare *c)
{
    c->counts = calloc(66, sizeof(*c->counts));
    if (c->counts == NULL) {
        return CLI_EXIT_FAILURE;
    }
    for (size_t n = 1; n < c->n_urls && c->n_counts < 64; n *= 2) {
        c->counts[c->n_counts++] = n;
    }
    c->counts[c->n_counts++] = c->n_urls;
    return 0;
}

static int read_counts(struct cli_compare *c, char **error)
{
    const char *text = c->o->compare.counts;
    if (text == NULL) {
        return double_counts(c);
    }
    c->counts = calloc(strlen(text) + 1, sizeof(*c->counts));
    if (c->counts == NULL) {
        return CLI_EXIT_FAILURE;
    }
    int rc = 0;
    for (bool more = true; rc == 0 && more; text++) {
        size_t len = strcspn(text, ",");
        rc = add_count(c, text, len, error);
        text += len;
        more = *text != '\0';
    }
    sort_counts(c);
    return rc;
}

/* ---- All of it --------------------------------------------------------------------------- */

static int make_cells(struct cli_compare *c)
{
    size_t n = c->n_counts * c->n_strategies;
    c->cells = calloc(n + 1, sizeof(*c->cells));
    for (size_t i = 0; c->cells != NULL && i < n; i++) {
        struct cli_cell *cell = &c->cells[i];
        cell->latency_us = calloc(1, sizeof(*cell->latency_us));
        if (cell->latency_us == NULL) {
            return CLI_EXIT_FAILURE;
        }
        for (size_t m = 0; m < CLI_METRICS; m++) {
            cell->metrics[m] = calloc(c->o->compare.runs, sizeof(double));
            if (cell->metrics[m] == NULL) {
                return CLI_EXIT_FAILURE;
            }
        }
    }
    return c->cells != NULL ? 0 : CLI_EXIT_FAILURE;
}

int cli_compare_init(struct cli_compare *c, struct cli_options *o, char **error)
{
    *c = (struct cli_compare){.o = o};
    cli_summary_init(&c->summary, 0);
    int rc = read_strategies(c, error);
    rc = rc != 0 ? rc : read_urls(c, error);
    rc = rc != 0 ? rc : read_counts(c, error);
    return rc != 0 ? rc : make_cells(c);
}

static void free_cell(struct cli_cell *cell)
{
    for (size_t m = 0; m < CLI_METRICS; m++) {
        free(cell->metrics[m]);
    }
    free(cell->latency_us);
    free(cell->failure);
}

static void free_url(struct cli_target_url *url)
{
    while (url->outcomes != NULL) {
        struct cli_outcome *outcome = url->outcomes;
        url->outcomes = outcome->next;
        free(outcome);
    }
    free(url->url.bytes);
    free(url->name);
}

void cli_compare_free(struct cli_compare *c)
{
    for (size_t i = 0; c->cells != NULL && i < c->n_counts * c->n_strategies; i++) {
        free_cell(&c->cells[i]);
    }
    for (size_t i = 0; i < c->n_urls; i++) {
        free_url(&c->urls[i]);
    }
    free(c->cells);
    free(c->urls);
    free(c->counts);
    free(c->strategies);
}
