/* The frontier: order, turns, limits and waits, on a clock that the tests hand in; then 100,000
 * random operations against a model that is too simple to be wrong. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/backoff.h"
#include "frontier/frontier.h"

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
    ck_assert_ptr_null(tw_frontier_any(f));
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
    ck_assert_uint_eq(tw_frontier_wake_ms(f), 100);
    NEXT(99, 1, 3);
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

START_TEST(any_finds_what_limits_hold_back)
{
    begin(1, 1);
    add(0, "a");
    add(1, "a");
    add(2, "b");
    add_at(3, "c", 1000);
    NEXT(0, 0);
    for (int n = 0; n < 3; n++) {
        struct tw_item *item = tw_frontier_any(f);

        ck_assert_ptr_nonnull(item);
        ck_assert_ptr_ne(item, &items[0]);
        tw_frontier_remove(f, item);
    }
    ck_assert_ptr_null(tw_frontier_any(f));
    done(0);
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

/* ---- against a model ---- */

#define MODEL_ITEMS 200
#define HOSTS 30
#define OPERATIONS 100000

/* What the frontier's header says, with a walk over everything for each answer. */
struct model {
    enum tw_item_state state;
    int host;
    int64_t order; /* among the queued of its host: less goes first */
    uint64_t ready;
};

static struct tw_item many[MODEL_ITEMS];
static struct model model[MODEL_ITEMS];
static size_t by_state[4], by_host[HOSTS][4];
static int64_t first_order, last_order;
static uint64_t now, rng;
static struct tw_frontier_limits limits;

static unsigned below(unsigned n)
{
    return (unsigned)(tw_random_next(&rng) % n);
}

static void become(int i, enum tw_item_state state)
{
    by_state[model[i].state]--;
    by_host[model[i].host][model[i].state]--;
    model[i].state = state;
    by_state[state]++;
    by_host[model[i].host][state]++;
}

static uint64_t model_wake(void)
{
    uint64_t ms = UINT64_MAX;

    for (int i = 0; i < MODEL_ITEMS; i++)
        if (model[i].state == TW_ITEM_WAITING && model[i].ready < ms)
            ms = model[i].ready;
    return ms;
}

/* Those whose wait is over go in front, together: which of them is first is left open. */
static void wake_up(void)
{
    first_order--;
    for (int i = 0; i < MODEL_ITEMS; i++) {
        if (model[i].state != TW_ITEM_WAITING || model[i].ready > now)
            continue;
        become(i, TW_ITEM_QUEUED);
        model[i].order = first_order;
    }
}

static bool host_has_room(int host)
{
    return limits.per_host == 0 || by_host[host][TW_ITEM_STARTED] < limits.per_host;
}

static bool something_may_start(void)
{
    if (limits.total != 0 && by_state[TW_ITEM_STARTED] >= limits.total)
        return false;
    for (int h = 0; h < HOSTS; h++)
        if (by_host[h][TW_ITEM_QUEUED] > 0 && host_has_room(h))
            return true;
    return false;
}

static bool is_first(int i)
{
    for (int k = 0; k < MODEL_ITEMS; k++)
        if (model[k].state == TW_ITEM_QUEUED && model[k].host == model[i].host &&
            model[k].order < model[i].order)
            return false;
    return true;
}

static void random_add(int i)
{
    char name[16];
    size_t len;
    unsigned how = below(4);
    int err;

    model[i].host = (int)below(below(2) == 0 ? 3 : HOSTS);
    len = (size_t)snprintf(name, sizeof(name), "host%d", model[i].host);
    by_host[model[i].host][TW_ITEM_OUT]++;
    if (how == 0) {
        model[i].ready = now + below(50);
        become(i, TW_ITEM_WAITING);
        err = tw_frontier_add_at(f, &many[i], name, len, model[i].ready);
    } else {
        model[i].order = how == 1 ? --first_order : ++last_order;
        become(i, TW_ITEM_QUEUED);
        err = tw_frontier_add(f, &many[i], name, len,
                              how == 1 ? TW_PLACE_FIRST : TW_PLACE_LAST);
    }
    ck_assert_int_eq(err, 0);
}

static void leave(int i)
{
    become(i, TW_ITEM_OUT);
    by_host[model[i].host][TW_ITEM_OUT]--;
}

static void random_next(void)
{
    struct tw_item *item;
    int i;

    now += below(3);
    item = tw_frontier_next(f, now);
    wake_up();
    ck_assert_int_eq(item != NULL, something_may_start());
    if (item == NULL)
        return;
    i = (int)(item - many);
    ck_assert_int_eq(model[i].state, TW_ITEM_QUEUED);
    ck_assert(host_has_room(model[i].host));
    ck_assert(is_first(i));
    become(i, TW_ITEM_STARTED);
}

static void random_change(int i)
{
    if (model[i].state == TW_ITEM_OUT) {
        random_add(i);
    } else if (model[i].state == TW_ITEM_STARTED) {
        tw_frontier_done(f, &many[i]);
        leave(i);
    } else if (below(3) == 0) {
        tw_frontier_remove(f, &many[i]);
        leave(i);
    }
}

static void check_state(void)
{
    size_t n = 0;

    for (int h = 0; h < HOSTS; h++)
        n += by_host[h][TW_ITEM_QUEUED] + by_host[h][TW_ITEM_WAITING] +
                 by_host[h][TW_ITEM_STARTED] > 0;
    counts_are(by_state[TW_ITEM_QUEUED], by_state[TW_ITEM_WAITING], by_state[TW_ITEM_STARTED], n);
    ck_assert_uint_eq(tw_frontier_wake_ms(f), model_wake());
    ck_assert_int_eq(tw_frontier_any(f) != NULL,
                     by_state[TW_ITEM_QUEUED] + by_state[TW_ITEM_WAITING] > 0);
}

static void empty_out(void)
{
    struct tw_item *item;

    while ((item = tw_frontier_any(f)) != NULL)
        tw_frontier_remove(f, item);
    for (int i = 0; i < MODEL_ITEMS; i++)
        if (model[i].state == TW_ITEM_STARTED)
            tw_frontier_done(f, &many[i]);
}

START_TEST(it_does_what_a_simple_model_does)
{
    static const struct tw_frontier_limits rows[] = {{0, 0}, {10, 0}, {0, 1}, {20, 3}};

    limits = rows[_i];
    rng = (uint64_t)_i + 1;
    memset(many, 0, sizeof(many));
    memset(model, 0, sizeof(model));
    memset(by_state, 0, sizeof(by_state));
    memset(by_host, 0, sizeof(by_host));
    now = 0;
    first_order = last_order = 0;
    by_state[TW_ITEM_OUT] = MODEL_ITEMS;
    begin(limits.total, limits.per_host);
    for (int n = 0; n < OPERATIONS / 4; n++) {
        if (below(3) == 0)
            random_next();
        else
            random_change((int)below(MODEL_ITEMS));
        check_state();
    }
    empty_out();
    end();
}
END_TEST

/* Among many hosts nobody waits for long: between two turns of one, each other has at most one. */
START_TEST(turns_are_fair)
{
    int seen[HOSTS] = {0}, last = 0;

    begin(0, 0);
    memset(many, 0, sizeof(many));
    for (int i = 0; i < MODEL_ITEMS; i++) {
        char name[16];
        int n = snprintf(name, sizeof(name), "h%d", i % 10);

        model[i].host = i % 10;
        ck_assert_int_eq(tw_frontier_add(f, &many[i], name, (size_t)n, TW_PLACE_LAST), 0);
    }
    for (int i = 0; i < MODEL_ITEMS; i++) {
        struct tw_item *item = tw_frontier_next(f, 0);

        last = ++seen[model[item - many].host];
        for (int h = 0; h < 10; h++)
            ck_assert_int_le(abs(seen[h] - last), 1);
        tw_frontier_done(f, item);
    }
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_hosts_items_keep_their_order,
        hosts_take_turns,
        first_goes_before_its_host_only,
        total_is_limited,
        each_host_is_limited,
        waits_end_on_the_handed_in_clock,
        what_has_waited_goes_first,
        waits_that_are_over_are_queued_when_all_is_full,
        removal_in_each_state,
        an_item_may_come_back,
        any_finds_what_limits_hold_back,
        hosts_are_told_apart_by_all_their_bytes,
        turns_are_fair,
    };
    TCase *t = tcase_create("frontier");
    Suite *suite = suite_create("frontier");
    SRunner *runner;
    int failed;

    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, it_does_what_a_simple_model_does, 0, 4);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
