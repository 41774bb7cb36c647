#include "cli/compare_columns.h"

#include <stdint.h>

#include "cli/human.h"

#define FORMATTER(name)                                                                        \
    static void name(char text[CLI_COLUMN_SIZE], const struct cli_compare *c, size_t count,    \
                     const struct cli_cell *cell)

static void format_seconds(char text[CLI_COLUMN_SIZE], double seconds)
{
    cli_human_time(text, (uint64_t)(seconds * 1e6 + 0.5));
}

static double median(const struct cli_cell *cell, enum cli_metric metric)
{
    struct cli_spread s;
    cli_cell_spread(cell, metric, &s);
    return s.median;
}

FORMATTER(time_median)
{
    (void)c;
    (void)count;
    format_seconds(text, median(cell, CLI_SECONDS));
}

FORMATTER(time_fastest)
{
    struct cli_spread s;
    (void)c;
    (void)count;
    cli_cell_spread(cell, CLI_SECONDS, &s);
    format_seconds(text, s.min);
}

FORMATTER(time_slowest)
{
    struct cli_spread s;
    (void)c;
    (void)count;
    cli_cell_spread(cell, CLI_SECONDS, &s);
    format_seconds(text, s.max);
}

FORMATTER(rate)
{
    double seconds = median(cell, CLI_SECONDS);
    cli_human_rate(text, seconds > 0 ? (double)c->counts[count] / seconds : 0);
}

static void format_latency(char text[CLI_COLUMN_SIZE], const struct cli_cell *cell, double q)
{
    if (cell->latency_us->count == 0) {
        snprintf(text, CLI_COLUMN_SIZE, "-");
    } else {
        cli_human_time(text, cli_histogram_quantile(cell->latency_us, q));
    }
}

FORMATTER(latency_median)
{
    (void)c;
    (void)count;
    format_latency(text, cell, 0.5);
}

FORMATTER(latency_tail)
{
    (void)c;
    (void)count;
    format_latency(text, cell, 0.99);
}

FORMATTER(user_time)
{
    (void)c;
    (void)count;
    format_seconds(text, median(cell, CLI_USER));
}

FORMATTER(system_time)
{
    (void)c;
    (void)count;
    format_seconds(text, median(cell, CLI_SYSTEM));
}

FORMATTER(memory)
{
    (void)c;
    (void)count;
    cli_human_bytes(text, median(cell, CLI_MEMORY));
}

FORMATTER(threads)
{
    struct cli_spread s;
    (void)c;
    (void)count;
    cli_cell_spread(cell, CLI_THREADS, &s);
    snprintf(text, CLI_COLUMN_SIZE, "%.0f", s.max);
}

FORMATTER(switches)
{
    (void)c;
    (void)count;
    snprintf(text, CLI_COLUMN_SIZE, "%.0f",
             median(cell, CLI_VOLUNTARY) + median(cell, CLI_INVOLUNTARY));
}

static const struct cli_column time_columns[] = {
    {"median", "time for all the URLs, median of the runs", 10, time_median},
    {"fastest", "the fastest run", 10, time_fastest},
    {"slowest", "the slowest run", 10, time_slowest},
    {"URLs/s", "URLs in a second, at the median", 9, rate},
    {"p50", "half of the fetches took no longer", 10, latency_median},
    {"p99", "all but one in a hundred fetches took no longer", 10, latency_tail},
};

static const struct cli_column cost_columns[] = {
    {"user", "processor time in the program, median of the runs", 10, user_time},
    {"system", "processor time in the kernel, median of the runs", 10, system_time},
    {"memory", "peak of memory, median of the runs", 10, memory},
    {"threads", "the most threads at a time, of all processes", 9, threads},
    {"switches", "context switches, median of the runs", 10, switches},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct cli_block cli_blocks[CLI_BLOCKS] = {
    {"Time", true, time_columns, COUNT(time_columns)},
    {"Cost", false, cost_columns, COUNT(cost_columns)},
};
