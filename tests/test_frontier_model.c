/* The frontier against a model that is too simple to be wrong: what its header says, with a
 * walk over everything for each answer. Random operations from thousands of seeds; after each
 * one, all that can be asked is compared: who may start, who is first, whose turn it is, when
 * to wake. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/backoff.h"
#include "frontier/frontier.h"

#define ITEMS     48
#define HOSTS     10
#define ADDRESSES 4
#define STEPS     400
#define SEEDS     100 /* a test */
#define TESTS     30
#define STARTS    64 /* that the rate is checked over */

/* An assertion of check costs a system call; these are asked millions of times. */
#define MUST(what)                                                                             \
    do {                                                                                       \
        if (!(what))                                                                           \
            ck_abort_msg("seed %llu, step %d: %s", (unsigned long long)seed, step, #what);     \
    } while (0)

struct item {
    enum tw_item_state state;
    int host;
    int64_t order; /* among its host's: first by this, which has the priority in it */
    uint64_t ready;
};

struct host {
    bool known;             /* there, and not forgotten */
    struct tw_host *handle; /* while it is held */
    struct tw_host_pace pace;
    uint64_t last, hold;
    uint32_t factor; /* 0 before the first start */
    int address;     /* -1: none */
};

static struct tw_frontier *f;
static struct tw_frontier_limits limits;
static struct tw_item items[ITEMS];
static struct item mine[ITEMS];
static size_t by_state[4], by_host[HOSTS][4]; /* of mine, but for those that are out */
static struct host hosts[HOSTS];
static uint64_t address_may[ADDRESSES];
static uint64_t now, seed, rng, factors;
static int64_t sequence;
static uint64_t rate_next_ns, starts[STARTS];
static size_t start_count;
static int step;
/* overtaken[p][q]: starts of q since p could have started all along. Hosts of one address, and
 * what has a turn among all: hosts without address, and addresses after them. */
static int overtaken_host[HOSTS][HOSTS], overtaken[HOSTS + ADDRESSES][HOSTS + ADDRESSES];

static unsigned below(unsigned n)
{
    return (unsigned)(tw_random_next(&rng) % n);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- the model ---- */

static void become(int i, enum tw_item_state state)
{
    if (mine[i].state != TW_ITEM_OUT)
        by_host[mine[i].host][mine[i].state]--, by_state[mine[i].state]--;
    mine[i].state = state;
    if (state != TW_ITEM_OUT)
        by_host[mine[i].host][state]++, by_state[state]++;
}

static size_t count(int host, enum tw_item_state state)
{
    return by_host[host][state];
}

static size_t count_all(enum tw_item_state state)
{
    return by_state[state];
}

static size_t items_of(int host)
{
    return count(host, TW_ITEM_QUEUED) + count(host, TW_ITEM_WAITING) +
           count(host, TW_ITEM_STARTED);
}

static uint64_t wait_end(const struct host *h)
{
    uint64_t random = h->pace.random_ms * h->factor / 65536;

    return h->factor == 0 ? 0 : h->last + later(h->pace.wait_ms, random);
}

static uint64_t own_may(const struct host *h)
{
    return later(wait_end(h), h->hold);
}

static uint64_t shared_may(const struct host *h)
{
    return h->address < 0 ? 0 : address_may[h->address];
}

static bool own_room(int host)
{
    size_t limit = hosts[host].pace.per_host;

    limit = limit == 0 ? limits.per_host : limit;
    return limit == 0 || count(host, TW_ITEM_STARTED) < limit;
}

static bool shared_room(int address)
{
    size_t n = 0;

    for (int h = 0; h < HOSTS; h++)
        if (hosts[h].address == address)
            n += count(h, TW_ITEM_STARTED);
    return address < 0 || limits.per_host == 0 || n < limits.per_host;
}

/* When the host could start something if neither total nor rate were. */
static uint64_t may(int host)
{
    if (count(host, TW_ITEM_QUEUED) == 0 || !own_room(host) ||
        !shared_room(hosts[host].address))
        return UINT64_MAX;
    return later(own_may(&hosts[host]), shared_may(&hosts[host]));
}

static uint64_t start_moment(void)
{
    uint64_t ms = UINT64_MAX;

    if (limits.total != 0 && count_all(TW_ITEM_STARTED) >= limits.total)
        return UINT64_MAX;
    for (int h = 0; h < HOSTS; h++)
        if (may(h) < ms)
            ms = may(h);
    return ms == UINT64_MAX ? ms : later(ms, rate_next_ns / 1000000);
}

static uint64_t wake_moment(void)
{
    uint64_t ms = start_moment();

    for (int i = 0; i < ITEMS; i++)
        if (mine[i].state == TW_ITEM_WAITING && mine[i].ready < ms)
            ms = mine[i].ready;
    return ms;
}

static void forget(int h)
{
    if (!hosts[h].known || hosts[h].handle != NULL || items_of(h) > 0 ||
        own_may(&hosts[h]) > now)
        return;
    hosts[h] = (struct host){.address = -1};
}

static void pace_address(int h)
{
    if (hosts[h].address >= 0)
        address_may[hosts[h].address] = later(shared_may(&hosts[h]), wait_end(&hosts[h]));
}

static bool is_first(int i)
{
    for (int k = 0; k < ITEMS; k++)
        if (mine[k].state == TW_ITEM_QUEUED && mine[k].host == mine[i].host &&
            mine[k].order < mine[i].order)
            return false;
    return true;
}

/* ---- turns ---- */

static int party_of(int h)
{
    return hosts[h].address < 0 ? h : HOSTS + hosts[h].address;
}

static bool party_may(int party)
{
    for (int h = 0; h < HOSTS; h++)
        if (party_of(h) == party && may(h) <= now)
            return true;
    return false;
}

static bool own_may_start(int h)
{
    return count(h, TW_ITEM_QUEUED) > 0 && own_room(h) && own_may(&hosts[h]) <= now;
}

/* Who could not have started has not been overtaken. */
static void forgive(void)
{
    for (int p = 0; p < HOSTS + ADDRESSES; p++)
        if (!party_may(p))
            memset(overtaken[p], 0, sizeof(overtaken[p]));
    for (int h = 0; h < HOSTS; h++)
        if (!own_may_start(h))
            memset(overtaken_host[h], 0, sizeof(overtaken_host[h]));
}

/* Between two starts of one there is one of each other that could. */
static void check_turn(int host)
{
    int party = party_of(host);

    for (int p = 0; p < HOSTS + ADDRESSES; p++)
        if (p != party && party_may(p))
            MUST(++overtaken[p][party] <= 1);
    for (int h = 0; h < HOSTS; h++)
        if (h != host && party_of(h) == party && own_may_start(h))
            MUST(++overtaken_host[h][host] <= 1);
    memset(overtaken[party], 0, sizeof(overtaken[party]));
    memset(overtaken_host[host], 0, sizeof(overtaken_host[host]));
}

/* ---- operations ---- */

static size_t name_of(int h, char name[16])
{
    return (size_t)snprintf(name, 16, "host%d", h);
}

/* A handle the caller may use now, or NULL. */
static struct tw_host *handle_of(int h)
{
    if (hosts[h].handle != NULL)
        return hosts[h].handle;
    for (int i = 0; i < ITEMS; i++)
        if (mine[i].state != TW_ITEM_OUT && mine[i].host == h)
            return items[i].host;
    return NULL;
}

static void add(int i)
{
    static const uint8_t priorities[] = {0, 0, 1, 2, 3, 7, 100, 255};
    char name[16];
    int h = (int)below(below(2) == 0 ? 3 : HOSTS), err;
    size_t len = name_of(h, name);
    struct tw_host *handle = below(2) == 0 ? handle_of(h) : NULL;
    unsigned how = below(5);

    items[i].priority = priorities[below(8)];
    mine[i].host = h;
    become(i, how == 0 ? TW_ITEM_WAITING : TW_ITEM_QUEUED);
    hosts[h].known = true;
    if (how == 0) {
        mine[i].ready = now + below(60);
        err = handle != NULL ? tw_frontier_put_at(f, &items[i], handle, mine[i].ready)
                             : tw_frontier_add_at(f, &items[i], name, len, mine[i].ready);
    } else {
        enum tw_place place = how == 1 ? TW_PLACE_FIRST : TW_PLACE_LAST;

        sequence++;
        mine[i].order = how == 1 ? -sequence : (items[i].priority + 1LL) << 32 | sequence;
        err = handle != NULL ? tw_frontier_put(f, &items[i], handle, place)
                             : tw_frontier_add(f, &items[i], name, len, place);
    }
    MUST(err == 0);
}

static void get_out(int i)
{
    become(i, TW_ITEM_OUT);
    MUST(items[i].state == TW_ITEM_OUT);
    forget(mine[i].host);
}

/* Those whose wait is over go in front, together: which of them is first is left open. */
static void pass_time(uint64_t ms)
{
    now = later(now, ms);
    sequence++;
    for (int i = 0; i < ITEMS; i++) {
        if (mine[i].state != TW_ITEM_WAITING || mine[i].ready > now)
            continue;
        become(i, TW_ITEM_QUEUED);
        mine[i].order = -sequence;
    }
    for (int h = 0; h < HOSTS; h++)
        forget(h);
}

static void check_rate(void)
{
    uint64_t n = limits.rate;

    if (n == 0)
        return;
    for (size_t k = 1; k < STARTS && k <= start_count; k++)
        MUST(now + 5 >= starts[(start_count - k) % STARTS] + k * 1000 / n);
    starts[start_count++ % STARTS] = now;
    rate_next_ns = later(rate_next_ns, now < 5 ? 0 : (now - 5) * 1000000);
    rate_next_ns += (1000000000 + n - 1) / n;
}

static bool next(uint64_t ms)
{
    struct tw_item *item = tw_frontier_next(f, ms);
    struct host *h;
    int i;

    pass_time(ms);
    forgive();
    MUST((item != NULL) == (start_moment() <= now));
    if (item == NULL)
        return false;
    i = (int)(item - items);
    h = &hosts[mine[i].host];
    MUST(mine[i].state == TW_ITEM_QUEUED && item->state == TW_ITEM_STARTED);
    MUST(may(mine[i].host) <= now);
    MUST(is_first(i));
    check_turn(mine[i].host);
    check_rate();
    become(i, TW_ITEM_STARTED);
    h->last = now;
    h->factor = 32768 + (uint32_t)(tw_random_next(&factors) % 65537);
    pace_address(mine[i].host);
    return true;
}

static void swap(int i)
{
    int to = (int)below(ITEMS);

    if (mine[to].state != TW_ITEM_OUT)
        return;
    tw_frontier_swap(f, &items[i], &items[to]);
    mine[to].host = mine[i].host;
    become(to, TW_ITEM_STARTED);
    become(i, TW_ITEM_OUT);
    MUST(items[to].state == TW_ITEM_STARTED && items[i].state == TW_ITEM_OUT);
}

static void change_item(int i)
{
    if (mine[i].state == TW_ITEM_OUT) {
        add(i);
    } else if (mine[i].state == TW_ITEM_STARTED && below(3) == 0) {
        swap(i);
    } else if (mine[i].state == TW_ITEM_STARTED) {
        tw_frontier_done(f, &items[i]);
        get_out(i);
    } else if (below(4) == 0) {
        tw_frontier_remove(f, &items[i]);
        get_out(i);
    }
}

static void hold_or_drop(int h)
{
    char name[16];
    size_t len = name_of(h, name);

    if (hosts[h].handle == NULL) {
        hosts[h].handle = tw_frontier_hold_host(f, name, len);
        MUST(hosts[h].handle != NULL);
        hosts[h].known = true;
    } else {
        tw_frontier_drop_host(f, hosts[h].handle);
        hosts[h].handle = NULL;
        forget(h);
    }
}

static void set_pace(int h, struct tw_host *handle)
{
    static const uint64_t waits[] = {0, 0, 5, 20, 50};
    struct tw_host_pace pace = {waits[below(5)], waits[below(5)], below(3)};

    tw_frontier_set_pace(f, handle, pace);
    hosts[h].pace = pace;
    pace_address(h);
    pace = tw_frontier_pace(handle);
    MUST(pace.wait_ms == hosts[h].pace.wait_ms && pace.random_ms == hosts[h].pace.random_ms &&
         pace.per_host == hosts[h].pace.per_host);
}

static void bind(int h, struct tw_host *handle)
{
    static const char *const bytes[] = {"\0\0\0\1", "\0\0\0\2", "0123456789abcdef", "x"};
    static const size_t lens[] = {4, 4, 16, 1};
    int to = (int)below(ADDRESSES + 1) - 1;

    MUST(tw_frontier_bind(f, handle, to < 0 ? NULL : bytes[to], to < 0 ? 0 : lens[to]) == 0);
    if (to == hosts[h].address)
        return;
    hosts[h].address = to;
    memset(overtaken[h], 0, sizeof(overtaken[h]));
    memset(overtaken_host[h], 0, sizeof(overtaken_host[h]));
    pace_address(h);
}

static void change_host(int h)
{
    struct tw_host *handle = handle_of(h);
    unsigned how = below(6);

    if (how == 0) {
        hold_or_drop(h);
    } else if (handle == NULL) {
        return;
    } else if (how == 1) {
        hosts[h].hold = below(3) == 0 ? 0 : now + below(80);
        tw_frontier_hold_until(f, handle, hosts[h].hold);
    } else if (how == 2) {
        bind(h, handle);
    } else {
        set_pace(h, handle);
    }
}

/* ---- comparison ---- */

/* What is over is over, whenever it was. */
static bool same_moment(uint64_t a, uint64_t b)
{
    return a == b || (a <= now && b <= now);
}

static void check_counts(void)
{
    struct tw_frontier_counts c = tw_frontier_counts(f);
    size_t with_items = 0, others = 0;

    for (int h = 0; h < HOSTS; h++) {
        with_items += items_of(h) > 0;
        others += items_of(h) == 0 && hosts[h].known;
    }
    MUST(c.queued == count_all(TW_ITEM_QUEUED));
    MUST(c.waiting == count_all(TW_ITEM_WAITING));
    MUST(c.started == count_all(TW_ITEM_STARTED));
    MUST(c.hosts == with_items);
    MUST(c.remembered == others);
}

static void check_all(void)
{
    check_counts();
    MUST(same_moment(tw_frontier_wake_ms(f), wake_moment()));
    for (int h = 0; h < HOSTS; h++) {
        struct tw_host *handle = handle_of(h);

        if (handle != NULL)
            MUST(same_moment(tw_frontier_may_start_ms(handle),
                             later(own_may(&hosts[h]), shared_may(&hosts[h]))));
    }
    for (int i = 0; i < ITEMS; i++)
        if (mine[i].state == TW_ITEM_STARTED)
            MUST(tw_frontier_behind(&items[i]) == count(mine[i].host, TW_ITEM_QUEUED));
    forgive();
}

static void random_step(void)
{
    unsigned what = below(10);

    if (what < 4)
        next(now + (below(3) == 0 ? below(15) : 0));
    else if (what < 9)
        change_item((int)below(ITEMS));
    else
        change_host((int)below(HOSTS));
    check_all();
}

/* ---- the end ---- */

static int some_started(void)
{
    for (int i = 0; i < ITEMS; i++)
        if (mine[i].state == TW_ITEM_STARTED)
            return i;
    return -1;
}

/* Sleeps as the caller would: not a start is missed, and no wake is for nothing. */
static void sleep_and_wake(void)
{
    uint64_t wake = tw_frontier_wake_ms(f);
    size_t waiting = count_all(TW_ITEM_WAITING);

    MUST(wake > now && wake != UINT64_MAX);
    if (wake - 1 > now)
        MUST(!next(wake - 1) && count_all(TW_ITEM_WAITING) == waiting);
    MUST(next(wake) || count_all(TW_ITEM_WAITING) < waiting);
}

/* Everything that is in comes out by itself. */
static void finish(void)
{
    while (count_all(TW_ITEM_QUEUED) + count_all(TW_ITEM_WAITING) + count_all(TW_ITEM_STARTED) >
           0) {
        int i = some_started();

        if (!next(now)) {
            if (i >= 0 && (below(2) == 0 || tw_frontier_wake_ms(f) == UINT64_MAX)) {
                tw_frontier_done(f, &items[i]);
                get_out(i);
            } else {
                sleep_and_wake();
            }
        }
        check_all();
    }
    for (int h = 0; h < HOSTS; h++)
        if (hosts[h].handle != NULL)
            hold_or_drop(h);
    MUST(!next(UINT64_MAX - 1));
    check_all();
    MUST(tw_frontier_counts(f).remembered == 0);
}

static void begin(void)
{
    static const size_t totals[] = {0, 0, 3, 10}, per_host[] = {0, 1, 1, 3};
    static const uint64_t rates[] = {0, 0, 40, 300, 2500};

    rng = seed;
    limits = (struct tw_frontier_limits){totals[below(4)], per_host[below(4)], rates[below(5)]};
    memset(items, 0, sizeof(items));
    memset(mine, 0, sizeof(mine));
    memset(by_state, 0, sizeof(by_state));
    memset(by_host, 0, sizeof(by_host));
    memset(address_may, 0, sizeof(address_may));
    memset(overtaken, 0, sizeof(overtaken));
    memset(overtaken_host, 0, sizeof(overtaken_host));
    for (int h = 0; h < HOSTS; h++)
        hosts[h] = (struct host){.address = -1};
    now = rate_next_ns = 0;
    sequence = 0;
    start_count = 0;
    factors = seed; /* the frontier draws from the seed it is given, once for each start */
    MUST(tw_frontier_open(&f, limits, seed) == 0);
}

START_TEST(it_does_what_a_simple_model_does)
{
    for (seed = (uint64_t)_i * SEEDS; seed < (uint64_t)(_i + 1) * SEEDS; seed++) {
        step = 0;
        begin();
        for (step = 0; step < STEPS; step++)
            random_step();
        finish();
        tw_frontier_free(f);
    }
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("frontier model");
    Suite *suite = suite_create("frontier model");
    SRunner *runner;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, it_does_what_a_simple_model_does, 0, TESTS);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
