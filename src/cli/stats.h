/* What several measurements of one thing come to. */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct cli_spread {
    size_t n; /* 0: nothing was measured, everything else is 0 */
    double median;
    double min;
    double max;
    double q1; /* a quarter of the values is not above it */
    double q3; /* a quarter of the values is not below it */
};

/* Sorts the values. */
void cli_spread_of(struct cli_spread *s, double *values, size_t n);

/* The value at rank q * (n - 1) of sorted values, counted from 0, on a straight line between
 * its neighbours; 0 <= q <= 1, n > 0. */
double cli_quantile(const double *sorted, size_t n, double q);

/* Whether a is below b by more than chance would have it: the middle halves of the two do not
 * overlap. Fewer than three values have no middle half worth the name; their medians then have
 * to differ by a twentieth. */
bool cli_spread_below(const struct cli_spread *a, const struct cli_spread *b);

#endif
