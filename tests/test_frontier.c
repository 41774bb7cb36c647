/* The frontier: order, turns, limits, waits and pace, on a clock that the tests hand in. Random
 * operations against a model are in test_frontier_model.c. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/host.h"

#define ITEMS 64

static struct tw_frontier *f;
static struct tw_item items[ITEMS];

static void begin(size_t total, size_t per_host)
{
    struct tw_frontier_limits limits = {total, per_host};

    memset(items, 0, sizeof(items));
    ck_assert_int_eq(tw_frontier_open(&f, limits, 7), 0);
}

static void counts_are(size_t queued, size_t waiting, size_t started, size_t hosts)
{
    struct tw_frontier_counts c = tw_frontier_counts(f);

    ck_assert_uint_eq(c.queued, queued);
    ck_assert_uint_eq(c.waiting, waiting);
    ck_assert_uint_eq(c.started, started);
    ck_assert_uint_eq(c.hosts, hosts);
}

/* Every test ends with nothing left. */
static void end(void)
{
    counts_are(0, 0, 0, 0);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), UINT64_MAX);
    ck_assert_ptr_null(tw_frontier_next(f, UINT64_MAX));
    tw_frontier_free(f);
}

static void add(int i, const char *host)
{
    ck_assert_int_eq(tw_frontier_add(f, &items[i], host, strlen(host), TW_PLACE_LAST), 0);
    ck_assert_int_eq(items[i].state, TW_ITEM_QUEUED);
}

static void add_first(int i, const char *host)
{
    ck_assert_int_eq(tw_frontier_add(f, &items[i], host, strlen(host), TW_PLACE_FIRST), 0);
}

static void add_at(int i, const char *host, uint64_t ms)
{
    ck_assert_int_eq(tw_frontier_add_at(f, &items[i], host, strlen(host), ms), 0);
    ck_assert_int_eq(items[i].state, TW_ITEM_WAITING);
}

/* The next item's number, -1 for none. */
static int next(uint64_t ms)
{
    struct tw_item *item = tw_frontier_next(f, ms);

    if (item == NULL)
        return -1;
    ck_assert_int_eq(item->state, TW_ITEM_STARTED);
    return (int)(item - items);
}

static void done(int i)
{
    tw_frontier_done(f, &items[i]);
    ck_assert_int_eq(items[i].state, TW_ITEM_OUT);
}

static void next_are(uint64_t ms, const int *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(next(ms), expected[i]);
    ck_assert_int_eq(next(ms), -1);
}
#define NEXT(ms, ...)                                                                          \
    next_are(ms, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void done_all(int first, int last)
{
    for (int i = first; i <= last; i++)
        done(i);
}

START_TEST(a_hosts_items_keep_their_order)
{
    begin(0, 0);
    for (int i = 0; i < 5; i++)
        add(i, "a");
    counts_are(5, 0, 0, 1);
    NEXT(0, 0, 1, 2, 3, 4);
    counts_are(0, 0, 5, 1);
    done_all(0, 4);
    end();
}
END_TEST

START_TEST(hosts_take_turns)
{
    begin(0, 0);
    for (int i = 0; i < 4; i++)
        add(i, "a");
    add(4, "b");
    add(5, "b");
    add(6, "c");
    NEXT(0, 0, 4, 6, 1, 5, 2, 3);
    done_all(0, 6);
    end();
}
END_TEST

START_TEST(first_goes_before_its_host_only)
{
    begin(0, 0);
    add(0, "a");
    add(1, "b");
    add_first(2, "b");
    add_first(3, "b");
    NEXT(0, 0, 3, 2, 1);
    done_all(0, 3);
    end();
}
END_TEST

START_TEST(total_is_limited)
{
    begin(2, 0);
    for (int i = 0; i < 4; i++)
        add(i, i % 2 == 0 ? "a" : "b");
    NEXT(0, 0, 1);
    done(1);
    NEXT(0, 2);
    done(0);
    done(2);
    NEXT(0, 3);
    done(3);
    end();
}
END_TEST

START_TEST(each_host_is_limited)
{
    begin(0, 1);
    for (int i = 0; i < 4; i++)
        add(i, "a");
    add(4, "b");
    NEXT(0, 0, 4);
    ck_assert_uint_eq(tw_frontier_behind(&items[0]), 3);
    ck_assert_uint_eq(tw_frontier_behind(&items[4]), 0);
    done(0);
    NEXT(0, 1);
    done(4);
    NEXT(0, -1);
    done(1);
    NEXT(0, 2);
    done(2);
    NEXT(0, 3);
    done(3);
    end();
}
END_TEST

START_TEST(waits_end_on_the_handed_in_clock)
{
    begin(0, 0);
    add_at(0, "a", 100);
    add_at(1, "b", 50);
    add_at(2, "a", 50);
    counts_are(0, 3, 0, 2);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 50);
    NEXT(49, -1);
    add(3, "a");
    ck_assert_int_eq(next(50), 2);
    counts_are(2, 1, 1, 2);
    ck_assert_uint_le(tw_frontier_wake_ms(f), 50); /* more may start now */
    NEXT(99, 1, 3);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 100);
    NEXT(100, 0);
    done_all(0, 3);
    end();
}
END_TEST

START_TEST(what_has_waited_goes_first)
{
    begin(0, 0);
    add(0, "a");
    add(1, "a");
    add_at(2, "a", 10);
    NEXT(10, 2, 0, 1);
    done_all(0, 2);
    end();
}
END_TEST

/* Whoever sleeps until wake_ms must not be told of a moment that has been. */
START_TEST(waits_that_are_over_are_queued_when_all_is_full)
{
    begin(1, 1);
    add(0, "a");
    add_at(1, "a", 10);
    add_at(2, "b", 20);
    NEXT(0, 0);
    NEXT(10, -1);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 20);
    NEXT(25, -1);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), UINT64_MAX);
    counts_are(2, 0, 1, 2);
    done(0);
    ck_assert_int_gt(next(25), 0);
    ck_assert_int_eq(next(25), -1);
    done(items[1].state == TW_ITEM_STARTED ? 1 : 2);
    ck_assert_int_gt(next(25), 0);
    done(items[1].state == TW_ITEM_STARTED ? 1 : 2);
    end();
}
END_TEST

START_TEST(removal_in_each_state)
{
    begin(0, 1);
    add(0, "a");
    add(1, "a");
    add_at(2, "a", 10);
    add_at(3, "b", 10);
    NEXT(0, 0);
    for (int i = 0; i < 5; i++) /* 4 is out */
        tw_frontier_remove(f, &items[i]);
    ck_assert_int_eq(items[0].state, TW_ITEM_STARTED);
    for (int i = 1; i < 5; i++)
        ck_assert_int_eq(items[i].state, TW_ITEM_OUT);
    counts_are(0, 0, 1, 1);
    NEXT(10, -1);
    done(0);
    end();
}
END_TEST

START_TEST(an_item_may_come_back)
{
    begin(0, 0);
    for (int round = 0; round < 3; round++) {
        add(0, round == 0 ? "a" : "b");
        NEXT(0, 0);
        done(0);
        add_at(0, "c", 5);
        NEXT(5, 0);
        done(0);
        add(0, "d");
        tw_frontier_remove(f, &items[0]);
        counts_are(0, 0, 0, 0);
    }
    end();
}
END_TEST

/* Names are bytes, and long ones, empty ones and ones with NULs are names. */
START_TEST(hosts_are_told_apart_by_all_their_bytes)
{
    char *name = malloc(100000);

    begin(0, 1);
    memset(name, 'x', 100000);
    ck_assert_int_eq(tw_frontier_add(f, &items[0], name, 100000, TW_PLACE_LAST), 0);
    ck_assert_int_eq(tw_frontier_add(f, &items[1], name, 99999, TW_PLACE_LAST), 0);
    ck_assert_int_eq(tw_frontier_add(f, &items[2], "", 0, TW_PLACE_LAST), 0);
    ck_assert_int_eq(tw_frontier_add(f, &items[3], "a\0b", 3, TW_PLACE_LAST), 0);
    ck_assert_int_eq(tw_frontier_add(f, &items[4], "a\0c", 3, TW_PLACE_LAST), 0);
    ck_assert_int_eq(tw_frontier_add(f, &items[5], "a\0c", 3, TW_PLACE_LAST), 0);
    free(name);
    counts_are(6, 0, 0, 5);
    NEXT(0, 0, 1, 2, 3, 4);
    done(4);
    NEXT(0, 5);
    done_all(0, 3);
    done(5);
    end();
}
END_TEST

/* Among many hosts nobody waits for long: between two turns of one, each other has at most one,
 * whatever their priorities. */
START_TEST(turns_are_fair)
{
    static struct tw_item many[200];
    int seen[10] = {0}, last = 0;

    begin(0, 0);
    for (int i = 0; i < 200; i++) {
        char name[16];
        int n = snprintf(name, sizeof(name), "h%d", i % 10);

        many[i].priority = (uint8_t)(i % 10 * 20);
        ck_assert_int_eq(tw_frontier_add(f, &many[i], name, (size_t)n, TW_PLACE_LAST), 0);
    }
    for (int i = 0; i < 200; i++) {
        struct tw_item *item = tw_frontier_next(f, 0);

        last = ++seen[(item - many) % 10];
        for (int h = 0; h < 10; h++)
            ck_assert_int_le(abs(seen[h] - last), 1);
        tw_frontier_done(f, item);
    }
    end();
}
END_TEST

/* ---- priorities ---- */

static void add_with(int i, const char *host, uint8_t priority)
{
    items[i].priority = priority;
    add(i, host);
}

START_TEST(lower_priorities_go_first)
{
    begin(0, 0);
    add_with(0, "a", 5);
    add_with(1, "a", 255);
    add_with(2, "a", 0);
    add_with(3, "a", 5);
    add_with(4, "a", 1);
    add_with(5, "a", 0);
    items[6].priority = 200;
    add_first(6, "a");
    NEXT(0, 6, 2, 5, 4, 0, 3, 1);
    done_all(0, 6);
    end();
}
END_TEST

/* Each of the 256, twice, in an order without an order, while some are taken out. */
START_TEST(any_priorities_come_out_in_order)
{
    static struct tw_item many[512];
    struct tw_item *item;
    int last = -1;
    size_t n = 0;

    begin(0, 0);
    for (unsigned i = 0; i < 512; i++) {
        many[i].priority = (uint8_t)(i * 167 % 256);
        ck_assert_int_eq(tw_frontier_add(f, &many[i], "a", 1, TW_PLACE_LAST), 0);
    }
    for (unsigned i = 0; i < 512; i += 3)
        tw_frontier_remove(f, &many[i]);
    for (; (item = tw_frontier_next(f, 0)) != NULL; n++) {
        ck_assert_int_ge(item->priority * 512 + (item - many), last);
        last = item->priority * 512 + (int)(item - many);
        tw_frontier_done(f, item);
    }
    ck_assert_uint_eq(n, 512 - 171);
    end();
}
END_TEST

/* ---- pace ---- */

static struct tw_host *hold(const char *name)
{
    struct tw_host *h = tw_frontier_hold_host(f, name, strlen(name));

    ck_assert_ptr_nonnull(h);
    return h;
}

static struct tw_host *paced(const char *name, uint64_t wait_ms, uint64_t random_ms)
{
    struct tw_host *h = hold(name);

    tw_frontier_set_pace(f, h, (struct tw_host_pace){wait_ms, random_ms, 0});
    return h;
}

START_TEST(a_host_is_waited_for_from_start_to_start)
{
    struct tw_host *a;

    begin(0, 0);
    a = paced("a", 100, 0);
    for (int i = 0; i < 3; i++)
        add(i, "a");
    add(3, "b");
    NEXT(1000, 0, 3);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 1100);
    ck_assert_uint_eq(tw_frontier_may_start_ms(a), 1100);
    done(0);
    NEXT(1099, -1);
    NEXT(1130, 1);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 1230);
    tw_frontier_set_pace(f, a, (struct tw_host_pace){.wait_ms = 50});
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 1180);
    tw_frontier_set_pace(f, a, (struct tw_host_pace){.wait_ms = 500});
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 1630);
    NEXT(1629, -1);
    NEXT(1630, 2);
    done_all(1, 3);
    tw_frontier_drop_host(f, a);
    end();
}
END_TEST

START_TEST(the_wait_runs_from_when_a_host_was_asked)
{
    struct tw_host *a;

    begin(0, 0);
    a = paced("a", 100, 0);
    for (int i = 0; i < 3; i++)
        add(i, "a");
    NEXT(1000, 0);
    tw_frontier_asked(f, &items[0], 1040);
    done(0);
    NEXT(1139, -1);
    NEXT(1140, 1);
    tw_frontier_asked(f, &items[1], 1139); /* before it started */
    NEXT(1240, 2);
    tw_frontier_asked(f, &items[1], 5000); /* another one started after it */
    ck_assert_uint_eq(tw_frontier_may_start_ms(a), 1340);
    done_all(1, 2);
    tw_frontier_drop_host(f, a);
    end();
}
END_TEST

START_TEST(the_wait_of_an_address_runs_from_when_it_was_asked)
{
    struct tw_host *a, *b;

    begin(0, 0);
    a = paced("a", 100, 0);
    b = paced("b", 100, 0);
    ck_assert_int_eq(tw_frontier_bind(f, a, "1234", 4), 0);
    ck_assert_int_eq(tw_frontier_bind(f, b, "1234", 4), 0);
    add(0, "a");
    add(1, "b");
    NEXT(1000, 0);
    tw_frontier_asked(f, &items[0], 1030);
    done(0);
    NEXT(1129, -1);
    NEXT(1130, 1);
    done(1);
    tw_frontier_drop_host(f, a);
    tw_frontier_drop_host(f, b);
    end();
}
END_TEST

START_TEST(retries_and_redirects_keep_the_pace)
{
    struct tw_host *a;

    begin(0, 0);
    a = paced("a", 100, 0);
    add(0, "a");
    NEXT(0, 0);
    add_first(1, "a");
    add_at(2, "a", 10);
    NEXT(50, -1);
    NEXT(100, 2);
    NEXT(199, -1);
    NEXT(200, 1);
    done_all(0, 2);
    tw_frontier_drop_host(f, a);
    end();
}
END_TEST

/* Between a half and one and a half, never under the strict wait, and not always the same. */
START_TEST(random_waits_are_spread_around_their_mean)
{
    struct tw_host *a;
    uint64_t last = 0, sum = 0, least = UINT64_MAX, most = 0, strict = _i == 0 ? 0 : 900;

    begin(0, 0);
    a = paced("a", strict, 1000);
    for (int i = 0; i < 1000; i++) {
        uint64_t gap;

        add(0, "a");
        ck_assert_int_eq(next(last), 0);
        gap = tw_frontier_may_start_ms(a) - last;
        last += gap;
        sum += gap;
        least = gap < least ? gap : least;
        most = gap > most ? gap : most;
        done(0);
    }
    ck_assert_uint_ge(least, strict == 0 ? 500 : 900);
    ck_assert_uint_le(least, strict == 0 ? 510 : 900);
    ck_assert_uint_ge(most, 1490);
    ck_assert_uint_le(most, 1500);
    if (strict == 0)
        ck_assert(sum > 970000 && sum < 1030000);
    tw_frontier_drop_host(f, a);
    end();
}
END_TEST

START_TEST(a_hold_delays_and_may_be_lifted)
{
    struct tw_host *a;

    begin(0, 0);
    a = hold("a");
    tw_frontier_hold_until(f, a, 5000);
    add(0, "a");
    add(1, "b");
    NEXT(0, 1);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 5000);
    NEXT(4999, -1);
    NEXT(5000, 0);
    tw_frontier_hold_until(f, a, 9000);
    add(2, "a");
    NEXT(5001, -1);
    tw_frontier_hold_until(f, a, 0);
    NEXT(5001, 2);
    done_all(0, 2);
    tw_frontier_drop_host(f, a);
    end();
}
END_TEST

START_TEST(a_host_may_have_a_limit_of_its_own)
{
    struct tw_host *a;

    begin(0, 2);
    a = hold("a");
    tw_frontier_set_pace(f, a, (struct tw_host_pace){.per_host = 1});
    for (int i = 0; i < 3; i++)
        add(i, "a");
    for (int i = 3; i < 6; i++)
        add(i, "b");
    NEXT(0, 0, 3, 4);
    tw_frontier_set_pace(f, a, (struct tw_host_pace){.per_host = 3});
    NEXT(0, 1, 2);
    done_all(0, 4);
    NEXT(0, 5);
    done(5);
    tw_frontier_drop_host(f, a);
    end();
}
END_TEST

/* Whoever has been asked is not forgotten before it may be asked again. */
START_TEST(an_empty_host_keeps_its_pace_until_it_is_over)
{
    begin(0, 0);
    add(0, "a");
    tw_frontier_set_pace(f, items[0].host, (struct tw_host_pace){.wait_ms = 100});
    NEXT(1000, 0);
    done(0);
    ck_assert_uint_eq(tw_frontier_counts(f).remembered, 1);
    add(1, "a");
    ck_assert_uint_eq(tw_frontier_counts(f).remembered, 0);
    NEXT(1099, -1);
    NEXT(1100, 1);
    done(1);
    NEXT(1199, -1);
    ck_assert_uint_eq(tw_frontier_counts(f).remembered, 1);
    NEXT(1200, -1);
    ck_assert_uint_eq(tw_frontier_counts(f).remembered, 0);
    add(2, "a"); /* with the default pace */
    add(3, "a");
    NEXT(1200, 2, 3);
    done_all(2, 3);
    end();
}
END_TEST

/* ---- addresses ---- */

static void bind(struct tw_host *h, const char *address)
{
    ck_assert_int_eq(tw_frontier_bind(f, h, address, strlen(address)), 0);
}

START_TEST(hosts_at_one_address_share_its_limit)
{
    struct tw_host *a, *b, *c;

    begin(0, 1);
    a = hold("a"), b = hold("b"), c = hold("c");
    bind(a, "192.0.2.1"), bind(b, "192.0.2.1"), bind(c, "192.0.2.2");
    add(0, "a"), add(1, "a"), add(2, "b"), add(3, "b"), add(4, "c");
    NEXT(0, 0, 4);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), UINT64_MAX);
    done(0);
    NEXT(0, 2);
    done(2);
    NEXT(0, 1);
    bind(b, "192.0.2.3"); /* it has moved */
    NEXT(0, 3);
    bind(b, "192.0.2.1"); /* and back: two are started there, for now */
    add(5, "a");
    done(3);
    NEXT(0, -1);
    done(1);
    NEXT(0, 5);
    done_all(4, 5);
    tw_frontier_drop_host(f, a), tw_frontier_drop_host(f, b), tw_frontier_drop_host(f, c);
    end();
}
END_TEST

START_TEST(the_pace_of_an_address_is_that_of_the_last_host)
{
    struct tw_host *a, *b;

    begin(0, 0);
    a = paced("a", 100, 0), b = paced("b", 30, 0);
    bind(a, "192.0.2.1"), bind(b, "192.0.2.1");
    add(0, "a"), add(1, "b"), add(2, "b"), add(3, "a");
    NEXT(0, 0);
    NEXT(99, -1);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 100);
    NEXT(100, 1);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 130);
    NEXT(130, 3);
    NEXT(229, -1);
    NEXT(230, 2);
    done_all(0, 3);
    tw_frontier_drop_host(f, a), tw_frontier_drop_host(f, b);
    end();
}
END_TEST

/* The address becomes known when the connection stands: what has started by then counts. */
START_TEST(what_started_before_the_address_was_known_counts)
{
    struct tw_host *a, *b;

    begin(0, 1);
    a = paced("a", 100, 0), b = hold("b");
    add(0, "a"), add(1, "b");
    bind(b, "192.0.2.1");
    NEXT(0, 0, 1);
    add(2, "b");
    bind(a, "192.0.2.1");
    done(1);
    NEXT(150, -1); /* a's is under way there */
    bind(a, "");
    NEXT(150, 2);
    done(0);
    done(2);
    add(0, "a"), add(1, "b");
    tw_frontier_set_pace(f, b, (struct tw_host_pace){0});
    NEXT(200, 0, 1);
    bind(a, "192.0.2.1");
    done_all(0, 1);
    add(2, "b");
    NEXT(299, -1); /* a's wait holds there too */
    NEXT(300, 2);
    done(2);
    tw_frontier_drop_host(f, a), tw_frontier_drop_host(f, b);
    end();
}
END_TEST

/* An address without hosts keeps its pace, as hosts do. */
START_TEST(an_empty_address_keeps_its_pace)
{
    struct tw_host *b;

    begin(0, 0);
    add(0, "a");
    tw_frontier_set_pace(f, items[0].host, (struct tw_host_pace){.wait_ms = 100});
    bind(items[0].host, "192.0.2.1");
    NEXT(0, 0);
    bind(items[0].host, "192.0.2.2");
    done(0);
    b = hold("b");
    add(1, "b");
    bind(b, "192.0.2.1");
    NEXT(99, -1);
    NEXT(100, 1);
    done(1);
    tw_frontier_drop_host(f, b);
    end();
}
END_TEST

/* ---- the rate of all, and swaps ---- */

START_TEST(the_rate_spaces_starts)
{
    int started = 0;

    memset(items, 0, sizeof(items));
    ck_assert_int_eq(tw_frontier_open(&f, (struct tw_frontier_limits){.rate = 40}, 7), 0);
    for (int i = 0; i < 20; i++)
        add(i, i % 2 == 0 ? "a" : "b");
    for (uint64_t ms = 1000; started < 20; ms = tw_frontier_wake_ms(f)) {
        ck_assert_int_ge(next(ms), 0);
        ck_assert_int_eq(next(ms), -1);
        started++;
        if (started < 20)
            ck_assert_uint_eq(tw_frontier_wake_ms(f), started == 1 ? 1020 : ms + 25);
    }
    done_all(0, 19);
    end();
}
END_TEST

/* Faster than the clock ticks, and with a caller who comes late. */
START_TEST(the_rate_holds_over_any_time)
{
    uint64_t begin_ms = 1000, ms, started = 0;

    memset(items, 0, sizeof(items));
    ck_assert_int_eq(tw_frontier_open(&f, (struct tw_frontier_limits){.rate = 3000}, 7), 0);
    for (ms = begin_ms; ms < begin_ms + 1000; ms += _i == 0 ? 1 : 4) {
        int i;

        for (int k = 0; k < 20; k++)
            if (items[k].state == TW_ITEM_OUT)
                add(k, "a");
        while ((i = next(ms)) >= 0) {
            done(i);
            started++;
        }
        ck_assert_uint_le(started, 3 * (ms - begin_ms + 6) + 1);
    }
    ck_assert_uint_ge(started, 2985);
    for (int k = 0; k < 20; k++)
        tw_frontier_remove(f, &items[k]);
    end();
}
END_TEST

START_TEST(a_started_item_may_be_replaced)
{
    begin(0, 1);
    add(0, "a");
    add(1, "a");
    NEXT(0, 0);
    tw_frontier_swap(f, &items[0], &items[2]);
    ck_assert_int_eq(items[0].state, TW_ITEM_OUT);
    ck_assert_ptr_null(items[0].host);
    ck_assert_int_eq(items[2].state, TW_ITEM_STARTED);
    ck_assert_uint_eq(tw_frontier_behind(&items[2]), 1);
    counts_are(1, 0, 1, 1);
    add(0, "b"); /* it is free for other work */
    NEXT(0, 0);
    done(2);
    NEXT(0, 1);
    done_all(0, 1);
    end();
}
END_TEST

START_TEST(hosts_are_forgotten_in_steps)
{
    char name[32];
    int steps = 0;

    begin(0, 0);
    for (int i = 0; i < 100; i++) {
        struct tw_host *host;

        snprintf(name, sizeof(name), "host%d", i);
        host = tw_frontier_hold_host(f, name, strlen(name));
        ck_assert_ptr_nonnull(host);
        ck_assert_int_eq(tw_frontier_bind(f, host, name, strlen(name)), 0);
    }
    ck_assert_uint_eq(tw_frontier_counts(f).remembered, 100);
    while (tw_frontier_clear(f, 10))
        steps++;
    ck_assert_int_eq(steps, 20); /* addresses, too */
    ck_assert_uint_eq(tw_frontier_counts(f).remembered, 0);
    tw_frontier_free(f);
}
END_TEST

#define MANY 1000

static struct tw_item many[MANY];

static void add_many(uint64_t ready_ms)
{
    char name[16];

    memset(many, 0, sizeof(many));
    for (size_t i = 0; i < MANY; i++) {
        size_t len = (size_t)snprintf(name, sizeof(name), "h%zu", i);

        ck_assert_int_eq(tw_frontier_add_at(f, &many[i], name, len, ready_ms), 0);
    }
}

static void start_many(uint64_t ms)
{
    struct tw_item *item;
    size_t count = 0;

    for (; (item = tw_frontier_next(f, ms)) != NULL; count++)
        tw_frontier_done(f, item);
    ck_assert_uint_eq(count, MANY);
}

START_TEST(waits_that_are_over_at_once_end_bit_by_bit)
{
    begin(1, 1);
    add_many(10);
    add(0, "a");
    NEXT(0, 0);
    ck_assert_int_eq(next(10), -1);
    ck_assert_uint_eq(tw_frontier_counts(f).waiting, MANY - TW_DUE_AT_ONCE);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 11); /* not a moment that has been */
    done(0);
    start_many(10);
    end();
}
END_TEST

/* Of hosts of their own, and of such at one address. */
START_TEST(paces_that_are_over_at_once_end_bit_by_bit)
{
    struct tw_ring *ring;
    struct tw_item *item;
    size_t calls = 1;

    begin(0, 0);
    ring = &f->ring;
    add_many(0);
    for (size_t i = 0; i < MANY; i++) {
        tw_frontier_set_pace(f, many[i].host, (struct tw_host_pace){.wait_ms = 100});
        tw_frontier_hold_until(f, many[i].host, 1000);
        if (_i == 1) {
            ck_assert_int_eq(tw_frontier_bind(f, many[i].host, "a", 1), 0);
            ring = &many[i].host->address->ring;
        }
    }
    while (tw_frontier_counts(f).waiting > 0)
        ck_assert_ptr_null(tw_frontier_next(f, 0));
    ck_assert_uint_eq(ring->paced.len, MANY);
    item = tw_frontier_next(f, 1000);
    ck_assert_ptr_eq(item, &many[0]);
    ck_assert_uint_ge(ring->paced.len, MANY - 3 * TW_DUE_AT_ONCE);
    tw_frontier_done(f, item);
    for (size_t i = 1; i < MANY; i++) {
        item = tw_frontier_next(f, 1000 + (_i == 1 ? 100 * i : 0));
        ck_assert_ptr_nonnull(item);
        tw_frontier_done(f, item);
    }
    ck_assert_uint_ge(tw_frontier_counts(f).remembered, _i == 1 ? 1 : MANY);
    while (tw_frontier_counts(f).remembered > 0) {
        ck_assert_ptr_null(tw_frontier_next(f, 1000000));
        calls++;
    }
    ck_assert_uint_ge(calls, _i == 1 ? 1 : MANY / TW_DUE_AT_ONCE);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        hosts_are_forgotten_in_steps,
        a_hosts_items_keep_their_order,
        hosts_take_turns,
        first_goes_before_its_host_only,
        total_is_limited,
        each_host_is_limited,
        waits_end_on_the_handed_in_clock,
        what_has_waited_goes_first,
        waits_that_are_over_are_queued_when_all_is_full,
        waits_that_are_over_at_once_end_bit_by_bit,
        removal_in_each_state,
        an_item_may_come_back,
        hosts_are_told_apart_by_all_their_bytes,
        turns_are_fair,
        lower_priorities_go_first,
        any_priorities_come_out_in_order,
        a_host_is_waited_for_from_start_to_start,
        the_wait_runs_from_when_a_host_was_asked,
        the_wait_of_an_address_runs_from_when_it_was_asked,
        retries_and_redirects_keep_the_pace,
        a_hold_delays_and_may_be_lifted,
        a_host_may_have_a_limit_of_its_own,
        an_empty_host_keeps_its_pace_until_it_is_over,
        hosts_at_one_address_share_its_limit,
        the_pace_of_an_address_is_that_of_the_last_host,
        what_started_before_the_address_was_known_counts,
        an_empty_address_keeps_its_pace,
        the_rate_spaces_starts,
        a_started_item_may_be_replaced,
    };
    TCase *t = tcase_create("frontier");
    Suite *suite = suite_create("frontier");
    SRunner *runner;
    int failed;

    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, random_waits_are_spread_around_their_mean, 0, 2);
    tcase_add_loop_test(t, the_rate_holds_over_any_time, 0, 2);
    tcase_add_loop_test(t, paces_that_are_over_at_once_end_bit_by_bit, 0, 2);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
