/* A comparison as one JSON object. */
#include <stdlib.h>

#include "cli/compare_out.h"
#include "cli/json.h"
#include "cli/machine.h"

static int put_machine(yajl_gen gen, const struct cli_compare *c)
{
    struct cli_machine m;
    char *command = cli_compare_command(c);
    if (command == NULL) {
        return TRAWL_ENOMEM;
    }
    cli_machine_read(&m);
    cli_json_text(gen, "command", command);
    cli_json_text(gen, "version", trawl_version());
    cli_json_map(gen, "machine");
    cli_json_text(gen, "cpu", m.cpu);
    cli_json_count(gen, "cores", m.cores);
    cli_json_count(gen, "memory", m.memory);
    cli_json_text(gen, "kernel", m.kernel);
    yajl_gen_map_close(gen);
    free(command);
    return 0;
}

static void put_options(yajl_gen gen, const struct cli_compare *c)
{
    const trawl_options *fetch = &c->o->fetch;
    cli_json_map(gen, "options");
    cli_json_count(gen, "runs", c->o->compare.runs);
    cli_json_count(gen, "workers", fetch->workers);
    cli_json_count(gen, "concurrency", fetch->concurrency);
    cli_json_count(gen, "per_host", fetch->per_host);
    cli_json_bool(gen, "keepalive", !fetch->no_reuse);
    yajl_gen_map_close(gen);
}

static void put_lists(yajl_gen gen, const struct cli_compare *c)
{
    cli_json_array(gen, "strategies");
    for (size_t i = 0; i < c->n_strategies; i++) {
        cli_json_text(gen, NULL, c->strategies[i]);
    }
    yajl_gen_array_close(gen);
    cli_json_array(gen, "counts");
    for (size_t i = 0; i < c->n_counts; i++) {
        cli_json_count(gen, NULL, c->counts[i]);
    }
    yajl_gen_array_close(gen);
}

/* ---- Figures ----------------------------------------------------------------------------- */

static void put_spread(yajl_gen gen, const char *key, const struct cli_cell *cell,
                       enum cli_metric metric, unsigned decimals)
{
    struct cli_spread s;
    cli_json_map(gen, key);
    cli_json_array(gen, "runs");
    for (size_t i = 0; i < cell->n; i++) {
        cli_json_fixed(gen, NULL, cell->metrics[metric][i], decimals);
    }
    yajl_gen_array_close(gen);
    cli_cell_spread(cell, metric, &s);
    cli_json_fixed(gen, "median", s.median, decimals);
    cli_json_fixed(gen, "min", s.min, decimals);
    cli_json_fixed(gen, "max", s.max, decimals);
    cli_json_fixed(gen, "q1", s.q1, decimals);
    cli_json_fixed(gen, "q3", s.q3, decimals);
    yajl_gen_map_close(gen);
}

static void put_latency(yajl_gen gen, const struct cli_histogram *h)
{
    static const struct {
        const char *key;
        double q;
    } points[] = {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1}};
    if (h->count == 0) {
        cli_json_text(gen, "latency_ms", NULL);
        return;
    }
    cli_json_map(gen, "latency_ms");
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        cli_json_fixed(gen, points[i].key, (double)cli_histogram_quantile(h, points[i].q) / 1e3,
                       3);
    }
    yajl_gen_map_close(gen);
}

static void put_cell(yajl_gen gen, const struct cli_compare *c, size_t count, size_t strategy)
{
    static const struct {
        const char *key;
        enum cli_metric metric;
        unsigned decimals;
    } costs[] = {{"user_seconds", CLI_USER, 6},
                 {"system_seconds", CLI_SYSTEM, 6},
                 {"memory_bytes", CLI_MEMORY, 0},
                 {"threads", CLI_THREADS, 0},
                 {"voluntary_switches", CLI_VOLUNTARY, 0},
                 {"involuntary_switches", CLI_INVOLUNTARY, 0}};
    const struct cli_cell *cell = cli_cell_at(c, count, strategy);
    struct cli_spread s;
    yajl_gen_map_open(gen);
    cli_json_text(gen, "strategy", c->strategies[strategy]);
    cli_json_count(gen, "count", c->counts[count]);
    cli_json_text(gen, "failure", cell->failure);
    if (cell->n > 0) {
        cli_cell_spread(cell, CLI_SECONDS, &s);
        put_spread(gen, "seconds", cell, CLI_SECONDS, 6);
        cli_json_fixed(gen, "urls_per_second",
                       s.median > 0 ? (double)c->counts[count] / s.median : 0, 3);
        put_latency(gen, cell->latency_us);
        for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
            put_spread(gen, costs[i].key, cell, costs[i].metric, costs[i].decimals);
        }
    }
    yajl_gen_map_close(gen);
}

static void put_cells(yajl_gen gen, const struct cli_compare *c)
{
    cli_json_array(gen, "results");
    for (size_t count = 0; count < c->n_counts; count++) {
        for (size_t s = 0; s < c->n_strategies; s++) {
            const struct cli_cell *cell = cli_cell_at(c, count, s);
            if (cell->n > 0 || cell->failure != NULL) {
                put_cell(gen, c, count, s);
            }
        }
    }
    yajl_gen_array_close(gen);
}

/* ---- Verdicts ---------------------------------------------------------------------------- */

static void put_verdict(yajl_gen gen, const struct cli_compare *c, size_t count,
                        const struct cli_verdict *v)
{
    yajl_gen_map_open(gen);
    cli_json_count(gen, "count", c->counts[count]);
    cli_json_text(gen, "winner", v->leaders == 1 ? c->strategies[v->ranks[0].strategy] : NULL);
    cli_json_array(gen, "ranking");
    for (size_t i = 0; i < v->n; i++) {
        yajl_gen_map_open(gen);
        cli_json_text(gen, "strategy", c->strategies[v->ranks[i].strategy]);
        cli_json_fixed(gen, "times_as_long",
                       v->ranks[i].seconds.median / v->ranks[0].seconds.median, 3);
        cli_json_bool(gen, "within_spread", i < v->leaders);
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
}

static int put_verdicts(yajl_gen gen, const struct cli_compare *c)
{
    int err = 0;
    cli_json_array(gen, "verdicts");
    for (size_t count = 0; err == 0 && count < c->n_counts; count++) {
        struct cli_verdict v;
        err = cli_verdict_make(&v, c, count);
        if (err == 0) {
            if (v.n > 1) {
                put_verdict(gen, c, count, &v);
            }
            free(v.ranks);
        }
    }
    yajl_gen_array_close(gen);
    return err;
}

/* ---- URLs -------------------------------------------------------------------------------- */

static void put_outcome(yajl_gen gen, const struct cli_compare *c,
                        const struct cli_outcome *outcome)
{
    char digest[2 * CLI_DIGEST_SIZE + 1];
    for (size_t i = 0; i < CLI_DIGEST_SIZE; i++) {
        snprintf(digest + 2 * i, 3, "%02x", outcome->digest[i]);
    }
    bool whole = outcome->error == 0;
    yajl_gen_map_open(gen);
    cli_json_integer(gen, "status", outcome->status);
    cli_json_text(gen, "error", whole ? NULL : trawl_err_name(outcome->error));
    cli_json_text(gen, "digest", whole ? digest : NULL);
    cli_json_count(gen, "bytes", outcome->bytes);
    cli_json_map(gen, "times");
    for (size_t s = 0; s < c->n_strategies; s++) {
        if (outcome->times[s] > 0) {
            cli_json_count(gen, c->strategies[s], outcome->times[s]);
        }
    }
    yajl_gen_map_close(gen);
    yajl_gen_map_close(gen);
}

static void put_url(yajl_gen gen, const struct cli_compare *c, const struct cli_target_url *url)
{
    yajl_gen_map_open(gen);
    cli_json_text(gen, "url", url->name);
    cli_json_bool(gen, "same", !cli_url_differs(url));
    cli_json_bool(gen, "failed", cli_url_failed(url));
    cli_json_array(gen, "outcomes");
    for (const struct cli_outcome *o = url->outcomes; o != NULL; o = o->next) {
        put_outcome(gen, c, o);
    }
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
}

static void put_urls(yajl_gen gen, const struct cli_compare *c)
{
    cli_json_array(gen, "urls");
    for (size_t i = 0; i < c->n_urls; i++) {
        if (c->urls[i].outcomes != NULL) {
            put_url(gen, c, &c->urls[i]);
        }
    }
    yajl_gen_array_close(gen);
}

/* ---- All of it --------------------------------------------------------------------------- */

static int put_all(yajl_gen gen, const struct cli_compare *c)
{
    yajl_gen_map_open(gen);
    int err = put_machine(gen, c);
    put_options(gen, c);
    put_lists(gen, c);
    put_cells(gen, c);
    err = err != 0 ? err : put_verdicts(gen, c);
    cli_json_count(gen, "mismatches", cli_compare_mismatches(c));
    cli_json_count(gen, "failures", cli_compare_failures(c));
    put_urls(gen, c);
    cli_json_bool(gen, "interrupted", c->interrupted);
    cli_json_integer(gen, "exit_status", cli_compare_exit_code(c));
    yajl_gen_map_close(gen);
    return err;
}

int cli_compare_json(const struct cli_compare *c, FILE *file)
{
    yajl_gen gen = yajl_gen_alloc(NULL);
    if (gen == NULL) {
        return TRAWL_ENOMEM;
    }
    yajl_gen_config(gen, yajl_gen_beautify, 1);
    yajl_gen_config(gen, yajl_gen_indent_string, "  ");
    int err = put_all(gen, c);
    err = err != 0 ? err : cli_json_write(gen, file);
    yajl_gen_free(gen);
    return err;
}
