#include "cli/histogram.h"

/* How far a value is shifted so that BITS + 1 significant bits are left. */
static unsigned shift_of(uint64_t value)
{
    unsigned bits = 64u - (unsigned)__builtin_clzll(value | 1);

    return bits > CLI_HISTOGRAM_BITS + 1 ? bits - (CLI_HISTOGRAM_BITS + 1) : 0;
}

static uint64_t middle_of(unsigned index)
{
    unsigned shift;

    if (index < 2 * CLI_HISTOGRAM_STEPS)
        return index;
    shift = index / CLI_HISTOGRAM_STEPS - 1;
    return ((uint64_t)(index - shift * CLI_HISTOGRAM_STEPS) << shift) +
           ((uint64_t)1 << (shift - 1));
}

void cli_histogram_add(struct cli_histogram *h, uint64_t value)
{
    unsigned shift = shift_of(value);

    h->buckets[shift * CLI_HISTOGRAM_STEPS + (unsigned)(value >> shift)]++;
    if (h->count == 0 || value < h->min)
        h->min = value;
    if (value > h->max)
        h->max = value;
    h->sum += (double)value;
    h->count++;
}

/* ceil(q * count). The little that is taken off keeps 0.95 * 20 from becoming 20. */
static uint64_t rank_of(double q, uint64_t count)
{
    double exact = q * (double)count - 1e-6;
    uint64_t below = exact > 0 ? (uint64_t)exact : 0;

    return (double)below < exact ? below + 1 : below;
}

uint64_t cli_histogram_quantile(const struct cli_histogram *h, double q)
{
    uint64_t rank = rank_of(q, h->count);
    uint64_t seen = 0;
    uint64_t value;
    unsigned i;

    if (h->count == 0)
        return 0;
    if (rank >= h->count)
        return h->max;
    for (i = 0; i < CLI_HISTOGRAM_SIZE - 1; i++) {
        seen += h->buckets[i];
        if (seen > 0 && seen >= rank)
            break;
    }
    value = middle_of(i);
    if (value < h->min)
        return h->min;
    return value > h->max ? h->max : value;
}

double cli_histogram_mean(const struct cli_histogram *h)
{
    return h->count == 0 ? 0 : h->sum / (double)h->count;
}
