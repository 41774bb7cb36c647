/* Random schedules of everything a caller can do, at random moments and inside every callback, over
 * URLs that fail in every way. What must hold whatever happens: one result for each accepted fetch,
 * ECANCELED for a reason only, no callback inside a call or after the end, and a loop that closes.
 *
 * A schedule follows from its seed, but for the network's timing. TRAWL_SEED=N runs that one alone,
 * a hundred times. */
#include "fetch_catch.h"
#include "frontier/backoff.h"

#define SCHEDULES_A_TEST 100
#define SCHEDULES_A_STRATEGY 20
#define ITEMS 96
#define OWN_CODE (-777)

struct item {
    trawl_id id;
    int calls;
    bool cancelled, paused, refused;
};

/* This program is its own worker. */
static const char *const worker_argv[] = {"/proc/self/exe", "worker", NULL};
static uint64_t seed, rng;
static struct item items[ITEMS];
static size_t item_count;
static unsigned steps; /* still to do */
static bool in_call, stopped, closing, closed;
static uv_timer_t timer;

static unsigned below(unsigned n)
{
    return (unsigned)(tw_random_next(&rng) % n);
}

#define CHECK(condition) ck_assert_msg(condition, "TRAWL_SEED=%llu: %s", \
                                       (unsigned long long)seed, #condition)

static void step(unsigned chance_of);

static void on_done(trawl *t, const trawl_result *r)
{
    struct item *i = r->data;

    CHECK(!in_call && !closed);
    CHECK(++i->calls == 1);
    CHECK(i->id == r->id);
    CHECK(r->error != TRAWL_ECANCELED || i->cancelled || stopped);
    CHECK(r->error != OWN_CODE || i->refused);
    CHECK(r->error != TRAWL_EINTERNAL && r->error != TRAWL_ENOMEM);
    CHECK(strlen(r->detail) < 300 && r->body_len <= r->bytes);
    CHECK(trawl_cancel(t, r->id) == TRAWL_ENOENT);
    i->paused = false;
    step(3);
}

static int on_body(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                   void *data)
{
    struct item *i = data;

    (void)t;
    CHECK(!in_call && !closed);
    CHECK(i->calls == 0 && i->id == id && tries > 0 && bytes != NULL && len > 0);
    step(4);
    if (below(6) == 0) {
        i->paused = true;
        return TRAWL_PAUSE;
    }
    i->refused = below(40) == 0;
    return i->refused ? OWN_CODE : 0;
}

static void on_log(void *data, int level, const char *message)
{
    CHECK(data == NULL && level <= 2 && message[0] != '\0');
    CHECK(!in_call && !closed);
    step(20);
}

static void on_close(void *data)
{
    CHECK(data == &closed && closing && !closed && !in_call);
    closed = true;
}

static int random_target(char *to, size_t size)
{
    static const char *const faults[] = {
        "noreply=1",       "endless=1",          "badgzip=1",          "badgzip=crc",
        "malformed=chunk", "malformed=header",   "malformed=status",   "malformed=http09",
        "loop=1",          "noloc=1",            "to=ftp://a/",        "to=http://[",
        "length=50000",    "bomb=500000",        "headers=3000",       "header-size=120000",
        "encoding=br&cut=1", "encoding=zstd&flip=9", "encoding=gzip&junk=9", "says=compress",
        "bomb=9000000&encoding=br", "bomb=9000000&encoding=zstd", "transfer=1",
        "continue=1",      "trailers=1",         "keepalive=0",        "fail=1&with=reset",
        "status=404",      "status=503",         "n=2",                "to=http://127.0.0.1:1/"};
    static const char *const framings[] = {"chunked=300", "framing=close", "encoding=gzip",
                                           "encoding=br&chunked=90", "encoding=zstd",
                                           "encoding=deflate,zstd,br&framing=close"};
    int n = snprintf(to, size, "/%u?size=%u&latency=%u", below(1000), below(40000), below(6));

    n += snprintf(to + n, size - (size_t)n, "&%s", framings[below(6)]);
    if (below(3) == 0)
        n += snprintf(to + n, size - (size_t)n, "&%s",
                      faults[below(sizeof(faults) / sizeof(faults[0]))]);
    if (below(12) == 0)
        n += snprintf(to + n, size - (size_t)n, "&%s=%u", below(2) ? "reset" : "close",
                      below(20000));
    if (below(40) == 0)
        n += snprintf(to + n, size - (size_t)n, "&stall=%u", below(2000));
    return n;
}

static const char *random_url(void)
{
    static const char *const odd[] = {"http://", "ftp://127.0.0.1/", "http://127.0.0.1:1/", "",
                                      "http://a b/"};
    char target[512];

    if (below(15) == 0)
        return odd[below(5)];
    random_target(target, sizeof(target));
    return net_url(below(3), target);
}

static void do_fetch(void)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    struct item *i = &items[item_count];
    int err;

    if (item_count == ITEMS)
        return;
    request.url = random_url();
    request.on_done = on_done;
    request.on_body = below(4) == 0 ? NULL : on_body;
    request.data = i;
    in_call = true;
    err = trawl_fetch(net.t, &request, &i->id);
    in_call = false;
    CHECK(err == 0 || err == TRAWL_ECLOSING || err == TRAWL_EQUEUE);
    CHECK((err == TRAWL_ECLOSING) == stopped);
    if (err == 0)
        item_count++;
}

static void do_cancel(void)
{
    struct item *i;
    int err;

    if (item_count == 0)
        return;
    i = &items[below((unsigned)item_count)];
    in_call = true;
    err = trawl_cancel(net.t, i->id);
    in_call = false;
    CHECK(err == (i->calls > 0 ? TRAWL_ENOENT : 0));
    i->cancelled = true;
}

static void do_resume(struct item *i)
{
    int err;

    in_call = true;
    err = trawl_resume(net.t, i->id);
    in_call = false;
    CHECK(err == (i->calls > 0 ? TRAWL_ENOENT : 0));
    i->paused = false;
}

static void do_stop(void)
{
    in_call = true;
    trawl_stop(net.t);
    in_call = false;
    stopped = true;
}

static void do_close(void)
{
    in_call = true;
    trawl_close(net.t, on_close, &closed);
    in_call = false;
    stopped = closing = true;
}

/* One time of so many, does something. */
static void step(unsigned chance_of)
{
    unsigned n = below(100);

    if (steps == 0 || below(chance_of) != 0)
        return;
    steps--;
    if (n < 60)
        do_fetch();
    else if (n < 80)
        do_cancel();
    else if (n < 97 && item_count > 0)
        do_resume(&items[below((unsigned)item_count)]);
    else if (n == 98)
        do_stop();
    else if (n == 99)
        do_close();
}

static bool resume_paused(void)
{
    bool any = false;

    for (size_t i = 0; i < item_count && !closed; i++) {
        any = any || items[i].calls == 0;
        if (items[i].paused && (steps == 0 || below(3) == 0))
            do_resume(&items[i]);
    }
    return any;
}

static void on_timer(uv_timer_t *handle)
{
    bool left;

    for (unsigned n = 1 + below(4); n > 0 && !closed; n--)
        step(1);
    if (closed)
        steps = 0;
    left = resume_paused();
    if (steps > 0 || (left && !closed))
        uv_timer_start(handle, on_timer, below(3), 0);
    else
        uv_close((uv_handle_t *)handle, NULL);
}

static void random_options(trawl_options *o, const char *strategy)
{
    o->strategy = strategy;
    o->concurrency = 1 + below(10);
    o->per_host = below(5);
    o->max_queue = below(4) == 0 ? 5 : 0;
    o->tries = 1 + below(2) + below(2);
    o->max_redirects = below(4);
    o->timeout_ms = 10 + below(15);
    o->low_speed_bytes = below(2);
    o->max_body = 100000;
    o->keep_body = below(2) == 0 ? SIZE_MAX : below(2000);
    o->excerpt = below(2) * 50;
    o->retry_delay_ms = below(4);
    o->no_reuse = below(4) == 0;
    o->log = below(2) == 0 ? on_log : NULL;
    o->log_data = NULL;
    o->log_level = 2;
    o->seed = seed;
    o->worker_argv = worker_argv;
}

static void run_schedule(uint64_t with, const char *strategy)
{
    seed = rng = with;
    memset(items, 0, sizeof(items));
    item_count = 0;
    in_call = stopped = closing = closed = false;
    random_options(&net.options, strategy);
    CHECK(trawl_open(&net.t, &net.loop, &net.options) == 0);
    steps = 10 + below(50);
    uv_timer_init(&net.loop, &timer);
    uv_timer_start(&timer, on_timer, 0, 0);
    uv_run(&net.loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < item_count; i++)
        CHECK(items[i].calls == 1);
    if (!closing)
        do_close();
    uv_run(&net.loop, UV_RUN_DEFAULT);
    CHECK(closed);
    CHECK(uv_loop_close(&net.loop) == 0);
    CHECK(uv_loop_init(&net.loop) == 0);
    net.t = NULL;
}

START_TEST(hold_whatever_happens)
{
    const char *replay = getenv("TRAWL_SEED");

    for (uint64_t i = 0; i < SCHEDULES_A_TEST; i++)
        run_schedule(replay != NULL ? strtoull(replay, NULL, 10)
                                    : (uint64_t)_i * SCHEDULES_A_TEST + i + 1,
                     "loop");
}
END_TEST

START_TEST(hold_on_every_strategy)
{
    for (uint64_t i = 1; i <= SCHEDULES_A_STRATEGY; i++)
        run_schedule(i, trawl_strategy_names()[_i]);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *t;
    int strategies = 0;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return trawl_worker();
    t = tcase_create("random");
    while (trawl_strategy_names()[strategies] != NULL)
        strategies++;
    tcase_add_checked_fixture(t, net_begin, net_end);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, hold_whatever_happens, 0, getenv("TRAWL_SEED") != NULL ? 1 : 10);
    if (getenv("TRAWL_SEED") == NULL)
        tcase_add_loop_test(t, hold_on_every_strategy, 0, strategies);
    return net_main("schedules", NULL, 0, t);
}
