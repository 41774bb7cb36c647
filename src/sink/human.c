#include "sink/human.h"

#include <inttypes.h>
#include <stdio.h>

/* To the nearest, halves up. step is even. */
static uint64_t divide(uint64_t n, uint64_t step)
{
    return n / step + (n % step >= step / 2);
}

/* q hundredths, tenths or ones, as decimals says. */
static void print(char *text, uint64_t q, unsigned decimals, const char *unit)
{
    static const unsigned scales[] = {1, 10, 100};
    unsigned scale = scales[decimals];

    if (decimals == 0)
        snprintf(text, TW_HUMAN_SIZE, "%" PRIu64 " %s", q, unit);
    else
        snprintf(text, TW_HUMAN_SIZE, "%" PRIu64 ".%0*u %s", q / scale, (int)decimals,
                 (unsigned)(q % scale), unit);
}

void tw_human_bytes(char text[TW_HUMAN_SIZE], uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t step = 10, q;
    unsigned i;

    if (bytes < 1000) {
        print(text, bytes, 0, "B");
        return;
    }
    /* 0.01 kB, 0.1 kB, 1 kB, 0.01 MB ...: the first that needs three digits alone. uint64_t
     * ends at 18.4 EB. */
    for (i = 0; (q = divide(bytes, step)) >= 1000; i++)
        step *= 10;
    print(text, q, 2 - i % 3, units[i / 3]);
}

static void print_two(char *text, uint64_t n, const char *large, const char *small)
{
    snprintf(text, TW_HUMAN_SIZE, "%" PRIu64 " %s %" PRIu64 " %s", n / 60, large, n % 60,
             small);
}

void tw_human_time(char text[TW_HUMAN_SIZE], uint64_t us)
{
    if (divide(us, 100) < 100)
        print(text, divide(us, 100), 1, "ms");
    else if (divide(us, 1000) < 1000)
        print(text, divide(us, 1000), 0, "ms");
    else if (divide(us, 10000) < 1000)
        print(text, divide(us, 10000), 2, "s");
    else if (divide(us, 100000) < 600)
        print(text, divide(us, 100000), 1, "s");
    else if (divide(us, 1000000) < 3600)
        print_two(text, divide(us, 1000000), "min", "s");
    else
        print_two(text, divide(us, 60000000), "h", "min");
}
