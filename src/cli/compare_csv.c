/* A comparison as comma-separated values: a line for each strategy at each number of URLs. No
 * field of it ever needs quotes. */
#include "cli/compare_out.h"

static const struct {
    const char *name;
    enum cli_metric metric;
    int decimals;
} costs[] = {{"user_seconds", CLI_USER, 6},
             {"system_seconds", CLI_SYSTEM, 6},
             {"memory_bytes", CLI_MEMORY, 0},
             {"threads", CLI_THREADS, 0},
             {"voluntary_switches", CLI_VOLUNTARY, 0},
             {"involuntary_switches", CLI_INVOLUNTARY, 0}};

#define N_COSTS (sizeof(costs) / sizeof(costs[0]))

static void print_head(FILE *file)
{
    fputs("count,strategy,runs,seconds,seconds_min,seconds_max,seconds_q1,seconds_q3,"
          "urls_per_second,latency_p50_ms,latency_p99_ms",
          file);
    for (size_t i = 0; i < N_COSTS; i++) {
        fprintf(file, ",%s", costs[i].name);
    }
    fputc('\n', file);
}

static void print_latency(FILE *file, const struct cli_histogram *h, double q)
{
    if (h->count > 0) {
        fprintf(file, ",%.3f", (double)cli_histogram_quantile(h, q) / 1e3);
    } else {
        fputc(',', file);
    }
}

static void print_cell(FILE *file, const struct cli_compare *c, size_t count, size_t strategy)
{
    const struct cli_cell *cell = cli_cell_at(c, count, strategy);
    struct cli_spread s;
    cli_cell_spread(cell, CLI_SECONDS, &s);
    fprintf(file, "%zu,%s,%zu,%.6f,%.6f,%.6f,%.6f,%.6f,%.3f", c->counts[count],
            c->strategies[strategy], cell->n, s.median, s.min, s.max, s.q1, s.q3,
            s.median > 0 ? (double)c->counts[count] / s.median : 0);
    print_latency(file, cell->latency_us, 0.5);
    print_latency(file, cell->latency_us, 0.99);
    for (size_t i = 0; i < N_COSTS; i++) {
        cli_cell_spread(cell, costs[i].metric, &s);
        fprintf(file, ",%.*f", costs[i].decimals, s.median);
    }
    fputc('\n', file);
}

int cli_compare_csv(const struct cli_compare *c, FILE *file)
{
    print_head(file);
    for (size_t count = 0; count < c->n_counts; count++) {
        for (size_t s = 0; s < c->n_strategies; s++) {
            if (cli_cell_at(c, count, s)->n > 0) {
                print_cell(file, c, count, s);
            }
        }
    }
    return fflush(file) == 0 ? 0 : TRAWL_EWRITE;
}
