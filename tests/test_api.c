/* The public API: what its functions promise wherever they are called. */
#include "fetch_catch.h"

static bool acted;
static enum place act_in;
static void (*action)(struct got *self);

/* Once, at the first chance in that place. */
static void act_once(enum place place, struct got *g)
{
    if (acted || place != act_in)
        return;
    acted = true;
    action(g);
}

static void begin(enum place place, void (*what)(struct got *self))
{
    acted = false;
    act_in = place;
    action = what;
    net.act = act_once;
    net.options.log = net_log;
    net.options.log_level = 2;
}

static void fetch_more(struct got *self)
{
    (void)self;
    for (int i = 0; i < 3; i++)
        got_add(net_url(0, "/?body=more"), SIZE_MAX, got_chunk);
    got_add("no scheme: at all", SIZE_MAX, NULL);
}

static void cancel_self(struct got *self)
{
    int expected = self == NULL || self->calls > 0 ? TRAWL_ENOENT : 0;

    ck_assert_int_eq(trawl_cancel(net.t, self == NULL ? 0 : self->id), expected);
}

static void cancel_all(struct got *self)
{
    (void)self;
    for (size_t i = 0; i < net.count; i++)
        ck_assert_int_eq(trawl_cancel(net.t, net.all[i]->id),
                         net.all[i]->calls > 0 ? TRAWL_ENOENT : 0);
}

static void resume_all(struct got *self)
{
    (void)self;
    for (size_t i = 0; i < net.count; i++)
        ck_assert_int_eq(trawl_resume(net.t, net.all[i]->id),
                         net.all[i]->calls > 0 ? TRAWL_ENOENT : 0);
}

static void stop_it(struct got *self)
{
    trawl_request request = TRAWL_REQUEST_INIT;

    (void)self;
    trawl_stop(net.t);
    request.url = "http://127.0.0.1/";
    request.on_done = got_done;
    ck_assert_int_eq(trawl_fetch(net.t, &request, NULL), TRAWL_ECLOSING);
}

static void close_it(struct got *self)
{
    net_shut();
    stop_it(self);
    trawl_close(net.t, NULL, NULL);
}

static void (*const actions[])(struct got *) = {fetch_more, cancel_self, cancel_all,
                                                resume_all, stop_it,     close_it};
#define ACTIONS ((int)(sizeof(actions) / sizeof(actions[0])))

static void all_done_once(void)
{
    for (size_t i = 0; i < net.count; i++)
        ck_assert_msg(net.all[i]->calls == 1, "%d results for fetch %zu, %s",
                      net.all[i]->calls, i, net.all[i]->url.data);
}

/* Something in every state: in flight, queued, waiting for a retry, on a redirect, ready. */
static void add_mix(void)
{
    static const char *const targets[] = {"/?size=30000&encoding=gzip",
                                          "/?n=3",
                                          "/?fail=2&key=mix",
                                          "/?stall=0",
                                          "/?size=50000&chunked=1000&latency=5",
                                          "/?fail=1&key=mix2&with=reset",
                                          "/?loop=1",
                                          "/?to=ftp://127.0.0.1/"};

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
            got_add(net_url((unsigned)round, targets[i]), SIZE_MAX, got_chunk);
        got_add("ftp://127.0.0.1/", SIZE_MAX, got_chunk);
    }
}

static void mix_in(enum place place, void (*what)(struct got *self))
{
    begin(place, what);
    net.options.timeout_ms = 300;
    net.options.tries = 2;
    net.options.concurrency = 8;
    net.options.per_host = 4;
    net.options.max_redirects = 4;
    add_mix();
    net_run();
    ck_assert(acted);
    if (!net.closing)
        all_done_once(); /* before the close, which would cancel what was forgotten */
    net_close();
    all_done_once();
}

START_TEST(every_action_inside_on_body)
{
    mix_in(IN_BODY, actions[_i]);
}
END_TEST

START_TEST(every_action_inside_on_done)
{
    mix_in(IN_DONE, actions[_i]);
}
END_TEST

START_TEST(every_action_inside_the_log)
{
    mix_in(IN_LOG, actions[_i]);
}
END_TEST

static void open_another(struct got *self)
{
    (void)self;
    net.t = NULL;
    net.closing = net.closed = false;
    got_add(net_url(0, "/?body=another"), SIZE_MAX, NULL);
}

START_TEST(another_is_opened_when_one_has_closed)
{
    begin(IN_CLOSE, open_another);
    got_add(net_url(0, "/?stall=0"), SIZE_MAX, NULL);
    net_shut();
    net_run();
    ck_assert(acted);
    got_is(net.all[0], TRAWL_ECANCELED, 0);
    got_is(net.all[1], 0, 200);
}
END_TEST

START_TEST(close_without_a_callback)
{
    trawl *t;

    ck_assert_int_eq(trawl_open(&t, &net.loop, NULL), 0);
    trawl_close(t, NULL, NULL);
    trawl_close(t, net_on_close, &net);
    net_run();
    ck_assert(!net.closed);
    ck_assert(!uv_loop_alive(&net.loop));
}
END_TEST

START_TEST(close_gives_back_all_that_is_left)
{
    net.options.concurrency = 2;
    net.options.retry_delay_ms = 60000;
    net.options.retry_max_ms = 60000;
    net.options.tries = 2;
    got_url(net_url(0, "/?body=first"));
    got_add(net_url(0, "/?status=503"), SIZE_MAX, NULL);
    for (trawl_stats stats = {0}; stats.waiting == 0; trawl_get_stats(net.t, &stats))
        uv_run(&net.loop, UV_RUN_ONCE);
    for (int i = 0; i < 5; i++)
        got_add(net_url(0, "/?stall=0"), SIZE_MAX, NULL);
    got_add("http://", SIZE_MAX, NULL);
    net_shut();
    for (size_t i = 1; i < net.count; i++)
        ck_assert_int_eq(net.all[i]->calls, 0);
    net_close();
    for (size_t i = 1; i + 1 < net.count; i++)
        got_is(net.all[i], TRAWL_ECANCELED, 0);
    got_is(net.all[net.count - 1], TRAWL_EURL, 0);
    ck_assert_uint_eq(net.all[1]->r.tries, 1);
    ck_assert_uint_eq(net.all[2]->r.tries, 1);
    ck_assert_uint_eq(net.all[6]->r.tries, 0);
}
END_TEST

START_TEST(stop_lets_go_on_what_is_in_flight)
{
    struct got *direct, *redirected, *failing, *queued;

    net.options.concurrency = 3;
    direct = got_add(net_url(0, "/?body=ok&latency=30"), SIZE_MAX, got_chunk);
    redirected = got_add(net_url(1, "/?n=3&latency=5"), SIZE_MAX, got_chunk);
    failing = got_add(net_url(2, "/?status=503&latency=5"), SIZE_MAX, got_chunk);
    queued = got_add(net_url(2, "/"), SIZE_MAX, got_chunk);
    trawl_stop(net.t);
    trawl_stop(net.t);
    ck_assert_int_eq(queued->calls, 0);
    net_run();
    got_is(direct, 0, 200);
    got_is(redirected, 0, 200);
    ck_assert_uint_eq(redirected->r.redirects, 3);
    got_is(failing, 0, 503);
    ck_assert_uint_eq(failing->r.tries, 1);
    got_is(queued, TRAWL_ECANCELED, 0);
    ck_assert_uint_eq(queued->r.tries, 0);
}
END_TEST

static struct got *stopped_by;

static void stop_in_body(enum place place, struct got *g)
{
    (void)g;
    if (place == IN_DONE && g == stopped_by)
        trawl_stop(net.t);
}

/* The response had been passed over for a retry when the stop came. */
START_TEST(stop_while_a_failure_is_read)
{
    struct got *failing;

    net.act = stop_in_body;
    failing = got_add(net_url(0, "/?status=503&size=3000&drip=10000"), SIZE_MAX, got_chunk);
    stopped_by = got_add(net_url(0, "/?latency=100"), SIZE_MAX, got_chunk);
    net_run();
    got_is(stopped_by, 0, 200);
    got_is(failing, TRAWL_ECANCELED, 503);
    ck_assert_uint_eq(failing->streamed.len, 0);
}
END_TEST

/* A redirect that waits for its host's turn is queued again, and close must find it. */
START_TEST(close_after_stop_finds_queued_redirects)
{
    char target[128];

    net.options.per_host = 1;
    got_add(net_url(1, "/?stall=0"), SIZE_MAX, NULL);
    snprintf(target, sizeof(target), "/?to=http://127.0.0.2:%u/", net.port);
    got_add(net_url(0, target), SIZE_MAX, NULL);
    trawl_stop(net.t);
    for (trawl_stats stats = {0}; stats.queued == 0; trawl_get_stats(net.t, &stats))
        uv_run(&net.loop, UV_RUN_ONCE);
    net_close();
    got_is(net.all[0], TRAWL_ECANCELED, 0);
    got_is(net.all[1], TRAWL_ECANCELED, 0);
}
END_TEST

static void close_in_done(enum place place, struct got *g)
{
    (void)g;
    if (place == IN_DONE && !net.closing)
        net_shut();
}

/* Many end in the same turn of the loop; the first one's callback closes. */
START_TEST(close_while_others_are_redirected)
{
    net.act = close_in_done;
    for (int i = 0; i < 30; i++)
        got_add(net_url(0, i % 3 == 0 ? "/?size=10" : i % 3 == 1 ? "/?n=1" : "/?status=503"),
                SIZE_MAX, NULL);
    net_run();
    ck_assert(net.closing);
    all_done_once();
}
END_TEST

START_TEST(cancel_in_every_state)
{
    struct got *flying, *waiting, *queued, *broken;

    net.options.concurrency = 2;
    net.options.retry_delay_ms = 60000;
    net.options.retry_max_ms = 60000;
    waiting = got_add(net_url(0, "/?status=503"), SIZE_MAX, NULL);
    for (trawl_stats stats = {0}; stats.waiting == 0; trawl_get_stats(net.t, &stats))
        uv_run(&net.loop, UV_RUN_ONCE);
    flying = got_add(net_url(0, "/?stall=0"), SIZE_MAX, NULL);
    got_add(net_url(0, "/?latency=50"), SIZE_MAX, NULL);
    queued = got_add(net_url(0, "/"), SIZE_MAX, NULL);
    broken = got_add("http://", SIZE_MAX, NULL);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(trawl_cancel(net.t, flying->id), 0);
        ck_assert_int_eq(trawl_cancel(net.t, waiting->id), 0);
        ck_assert_int_eq(trawl_cancel(net.t, queued->id), 0);
        ck_assert_int_eq(trawl_cancel(net.t, broken->id), 0);
    }
    ck_assert_int_eq(flying->calls + waiting->calls + queued->calls + broken->calls, 0);
    net_run();
    got_is(flying, TRAWL_ECANCELED, 0);
    got_is(waiting, TRAWL_ECANCELED, 0);
    got_is(queued, TRAWL_ECANCELED, 0);
    got_is(broken, TRAWL_EURL, 0);
    for (size_t i = 0; i < net.count; i++)
        ck_assert_int_eq(trawl_cancel(net.t, net.all[i]->id), TRAWL_ENOENT);
}
END_TEST

START_TEST(unknown_ids_are_refused)
{
    struct got *g = got_add(net_url(0, "/"), SIZE_MAX, NULL);
    const trawl_id ids[] = {0, 1, g->id + 1, g->id ^ UINT64_C(1) << 32, UINT64_MAX};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (ids[i] == g->id)
            continue;
        ck_assert_int_eq(trawl_cancel(net.t, ids[i]), TRAWL_ENOENT);
        ck_assert_int_eq(trawl_resume(net.t, ids[i]), TRAWL_ENOENT);
    }
    net_run();
    got_is(g, 0, 200);
    ck_assert_int_eq(trawl_resume(net.t, g->id), TRAWL_ENOENT);
    ck_assert_uint_ne(got_target("/")->id, g->id);
}
END_TEST

START_TEST(queue_has_an_end)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    trawl_id id = 77;

    net.options.concurrency = 1;
    net.options.max_queue = 2;
    for (int i = 0; i < 3; i++)
        got_add(net_url(0, "/"), SIZE_MAX, NULL);
    request.url = net_url(0, "/");
    request.on_done = got_done;
    ck_assert_int_eq(trawl_fetch(net.t, &request, &id), TRAWL_EQUEUE);
    ck_assert_uint_eq(id, 77);
    net_run();
    all_done_once();
    got_is(got_target("/"), 0, 200);
}
END_TEST

/* What cannot be parsed is accepted too, and must not get round the limit. */
START_TEST(queue_counts_what_cannot_be_parsed)
{
    trawl_request request = TRAWL_REQUEST_INIT;

    net.options.max_queue = 2;
    got_add("http://", SIZE_MAX, NULL);
    got_add("ftp://a/", SIZE_MAX, NULL);
    request.url = "mailto:a";
    request.on_done = got_done;
    ck_assert_int_eq(trawl_fetch(net.t, &request, NULL), TRAWL_EQUEUE);
    net_run();
    all_done_once();
}
END_TEST

START_TEST(two_trawls_share_a_loop)
{
    struct got *stalled = got_add(net_url(0, "/?stall=0"), SIZE_MAX, NULL), *quick;
    trawl *first = net.t;

    net.t = NULL;
    quick = got_add(net_url(0, "/?body=x"), SIZE_MAX, NULL);
    ck_assert_ptr_ne(first, net.t);
    while (quick->calls == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    got_is(quick, 0, 200);
    net_shut();
    while (!net.closed)
        uv_run(&net.loop, UV_RUN_ONCE);
    ck_assert_int_eq(stalled->calls, 0);
    net.t = first;
    net.closing = net.closed = false;
    net_close();
    got_is(stalled, TRAWL_ECANCELED, 0);
}
END_TEST

START_TEST(an_idle_trawl_lets_the_loop_end)
{
    net_open();
    net_run();
    got_target("/");
    ck_assert(!uv_loop_alive(&net.loop));
    got_add("http://", SIZE_MAX, NULL);
    ck_assert(uv_loop_alive(&net.loop));
    net_run();
    ck_assert_int_eq(net.all[1]->calls, 1);
    ck_assert(!uv_loop_alive(&net.loop));
}
END_TEST

/* A retry that is due while there is no room for it must wait, and the loop go on meanwhile. */
START_TEST(retry_waits_for_room)
{
    struct got *retried, *slow;

    net.options.concurrency = 1;
    retried = got_add(net_url(0, "/?fail=1&key=room"), SIZE_MAX, NULL);
    slow = got_add(net_url(0, "/?latency=100"), SIZE_MAX, NULL);
    net_run();
    got_is(retried, 0, 200);
    got_is(slow, 0, 200);
}
END_TEST

/* The time a redirect spends in the queue is not the fetch's. */
START_TEST(time_in_the_queue_does_not_count)
{
    char target[128];
    struct got *first, *redirected;

    net.options.per_host = 1;
    net.options.tries = 1;
    net.options.timeout_ms = 600;
    first = got_add(net_url(1, "/?stall=0"), SIZE_MAX, NULL);
    snprintf(target, sizeof(target), "/?to=http://127.0.0.2:%u/", net.port);
    redirected = got_add(net_url(0, target), SIZE_MAX, NULL);
    net_run();
    got_is(first, TRAWL_ETIMEDOUT, 0);
    got_is(redirected, 0, 200);
}
END_TEST

START_TEST(stats_count)
{
    trawl_stats stats;

    net.options.concurrency = 2;
    for (int i = 0; i < 5; i++)
        got_add(net_url(0, i == 0 ? "/?n=2" : i == 1 ? "/?fail=1&key=s" : "/"), SIZE_MAX, NULL);
    trawl_get_stats(net.t, &stats);
    ck_assert_uint_eq(stats.in_flight, 2);
    ck_assert_uint_eq(stats.queued, 3);
    ck_assert_uint_eq(stats.done, 0);
    net_run();
    trawl_get_stats(net.t, &stats);
    ck_assert_uint_eq(stats.in_flight + stats.queued + stats.waiting, 0);
    ck_assert_uint_eq(stats.done, 5);
    ck_assert_uint_eq(stats.retries, 1);
    ck_assert_uint_eq(stats.redirects, 2);
    ck_assert_uint_gt(stats.wire_bytes, 5000);
}
END_TEST

int main(void)
{
    TTest const *const in_places[] = {every_action_inside_on_body, every_action_inside_on_done,
                                      every_action_inside_the_log};
    const TTest *const tests[] = {
        another_is_opened_when_one_has_closed,
        close_without_a_callback,
        close_gives_back_all_that_is_left,
        stop_lets_go_on_what_is_in_flight,
        stop_while_a_failure_is_read,
        close_after_stop_finds_queued_redirects,
        close_while_others_are_redirected,
        cancel_in_every_state,
        unknown_ids_are_refused,
        queue_has_an_end,
        queue_counts_what_cannot_be_parsed,
        two_trawls_share_a_loop,
        an_idle_trawl_lets_the_loop_end,
        retry_waits_for_room,
        time_in_the_queue_does_not_count,
        stats_count,
    };
    TCase *t = tcase_create("actions");

    tcase_add_checked_fixture(t, net_begin, net_end);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < 3; i++)
        tcase_add_loop_test(t, in_places[i], 0, ACTIONS);
    return net_main("api", tests, sizeof(tests) / sizeof(tests[0]), t);
}
