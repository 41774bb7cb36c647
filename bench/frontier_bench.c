/* What a step of the frontier costs: an item is added, started and done, with so many hosts
 * that each have items, without and with a pace; and what the seen set costs a URL. Best of
 * some rounds.
 *
 *     frontier_bench
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "frontier/backoff.h"
#include "frontier/frontier.h"
#include "frontier/seen.h"

#define STEPS  2000000
#define ROUNDS 3

enum mode { PLAIN, NAMED, PACED, SHARED, MODES };

static const char *const mode_names[] = {"no pace", "no pace, by name", "paced",
                                         "paced, 8 hosts an address"};

static void must(int ok)
{
    if (!ok) {
        fputs("frontier_bench: no memory, or nothing to start\n", stderr);
        exit(1);
    }
}

/* Of this thread's work, so that others on the machine count little. */
static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static size_t name_of(size_t i, char name[64])
{
    return (size_t)snprintf(name, 64, "https://host-%zu.example:443", i);
}

static struct tw_frontier *fill(size_t hosts, enum mode mode, struct tw_item *items, size_t n)
{
    struct tw_frontier_limits limits = {.per_host = 2};
    struct tw_frontier *f;
    char name[64];

    must(tw_frontier_open(&f, limits, 7) == 0);
    for (size_t i = 0; i < n; i++) {
        must(tw_frontier_add(f, &items[i], name, name_of(i % hosts, name), TW_PLACE_LAST) == 0);
        items[i].priority = (uint8_t)(i / hosts);
        if (mode < PACED)
            continue;
        tw_frontier_set_pace(f, items[i].host, (struct tw_host_pace){.random_ms = 1000});
        if (mode == SHARED) {
            size_t address = i % hosts / 8;

            must(tw_frontier_bind(f, items[i].host, &address, sizeof(address)) == 0);
        }
    }
    return f;
}

/* Every item that ends comes back, as a page that is found on its host would. */
static double steps(size_t hosts, enum mode mode)
{
    size_t n = hosts * 3;
    struct tw_item *items = calloc(n, sizeof(*items));
    struct tw_frontier *f;
    uint64_t ms = 1;
    double begin;

    must(items != NULL);
    f = fill(hosts, mode, items, n);
    begin = now_ns();
    for (size_t i = 0; i < STEPS; i++) {
        struct tw_item *item;
        struct tw_host *h;
        char name[64];

        while ((item = tw_frontier_next(f, ms)) == NULL) {
            must(tw_frontier_wake_ms(f) > ms && tw_frontier_wake_ms(f) != UINT64_MAX);
            ms = tw_frontier_wake_ms(f);
        }
        h = item->host;
        tw_frontier_done(f, item);
        if (mode == NAMED) {
            size_t len = name_of((size_t)(item - items) % hosts, name);

            must(tw_frontier_add(f, item, name, len, TW_PLACE_LAST) == 0);
        } else {
            must(tw_frontier_put(f, item, h, TW_PLACE_LAST) == 0);
        }
    }
    begin = (now_ns() - begin) / STEPS;
    for (size_t i = 0; i < n; i++)
        tw_frontier_remove(f, &items[i]);
    tw_frontier_free(f);
    free(items);
    return begin;
}

static void bench_steps(void)
{
    for (int mode = 0; mode < MODES; mode++) {
        for (size_t hosts = 10; hosts <= 1000000; hosts *= hosts == 1000 ? 1000 : 100) {
            double best = 1e18;

            for (int round = 0; round < ROUNDS; round++) {
                double ns = steps(hosts, (enum mode)mode);

                best = ns < best ? ns : best;
            }
            printf("%-26s %8zu hosts %8.0f ns a step\n", mode_names[mode], hosts, best);
        }
    }
}

/* The clock costs more than an insertion, so it is asked for each of them only in a second run.
 */
static double fill_seen(struct tw_seen *s, size_t n, double *longest)
{
    double begin = now_ns(), lap = begin, t;
    uint64_t rng = 3;

    for (size_t i = 0; i < n; i++) {
        must(tw_seen_add_fingerprint(s, tw_random_next(&rng)) == 1);
        if (longest == NULL)
            continue;
        t = now_ns();
        *longest = t - lap > *longest ? t - lap : *longest;
        lap = t;
    }
    return (now_ns() - begin) / (double)n;
}

static void bench_seen(size_t n)
{
    struct tw_seen *s, *again;
    double ns, longest = 0;

    must(tw_seen_open(&s, 7) == 0);
    must(tw_seen_open(&again, 7) == 0);
    ns = fill_seen(s, n, NULL);
    fill_seen(again, n, &longest);
    printf("seen set %9zu URLs %6.0f ns an insertion, %.0f us at the most, %.1f bytes a URL\n",
           n, ns, longest / 1000, (double)tw_seen_bytes(s) / (double)n);
    tw_seen_free(s);
    tw_seen_free(again);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_steps();
    for (size_t n = 10000; n <= 10000000; n *= 10)
        bench_seen(n);
    return 0;
}
