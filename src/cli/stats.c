#include "cli/stats.h"

#include <stdlib.h>

#define ENOUGH_VALUES 3
#define LEAST_RATIO   1.05

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double cli_quantile(const double *sorted, size_t n, double q)
{
    double rank = q * (double)(n - 1);
    size_t below = (size_t)rank;
    if (below + 1 >= n) {
        return sorted[n - 1];
    }
    return sorted[below] + (sorted[below + 1] - sorted[below]) * (rank - (double)below);
}

void cli_spread_of(struct cli_spread *s, double *values, size_t n)
{
    *s = (struct cli_spread){.n = n};
    if (n == 0) {
        return;
    }
    qsort(values, n, sizeof(*values), compare_values);
    s->min = values[0];
    s->max = values[n - 1];
    s->median = cli_quantile(values, n, 0.5);
    s->q1 = cli_quantile(values, n, 0.25);
    s->q3 = cli_quantile(values, n, 0.75);
}

bool cli_spread_below(const struct cli_spread *a, const struct cli_spread *b)
{
    if (a->n < ENOUGH_VALUES || b->n < ENOUGH_VALUES) {
        return a->median * LEAST_RATIO < b->median;
    }
    return a->q3 < b->q1;
}
