/* Counts of values in log-linear buckets: fixed memory, and no quantile is further than 1 %
 * from the value that stands at its rank. A zeroed struct is empty. */
#ifndef CLI_HISTOGRAM_H
#define CLI_HISTOGRAM_H

#include <stdint.h>

/* Below 2 * STEPS every value has a bucket; above, every octave has STEPS of them. */
#define CLI_HISTOGRAM_BITS  6
#define CLI_HISTOGRAM_STEPS (1u << CLI_HISTOGRAM_BITS)
#define CLI_HISTOGRAM_SIZE  ((64u - CLI_HISTOGRAM_BITS + 1u) * CLI_HISTOGRAM_STEPS)

struct cli_histogram {
    uint64_t count;
    uint64_t min;
    uint64_t max;
    double sum;
    uint64_t buckets[CLI_HISTOGRAM_SIZE];
};

void cli_histogram_add(struct cli_histogram *h, uint64_t value);

/* The value at rank ceil(q * count), 0 <= q <= 1; q = 1 is the largest. 0 if it is empty. */
uint64_t cli_histogram_quantile(const struct cli_histogram *h, double q);
double cli_histogram_mean(const struct cli_histogram *h);

#endif
