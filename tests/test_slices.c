/* Long work is cut: a slice of it a turn of the loop. The clock that says when a slice is over jumps with
 * each look at it (uv_hrtime() is replaced here), so that each turn does the least that it can, and what
 * is counted are turns. */
#include "fetch_catch.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/writer.h"
#include "crawl/core.h"
#include "fetch/loop.h"
#include "fetch/watch.h"

#define MEGABYTE ((size_t)1 << 20)

uint64_t __wrap_uv_hrtime(void);

uint64_t __wrap_uv_hrtime(void)
{
    static _Atomic uint64_t ns = 1;

    return atomic_fetch_add(&ns, UINT64_C(10) * 1000 * 1000);
}

/* ---- turns ---- */

static struct {
    uv_prepare_t prepare;
    unsigned turns;
    void (*each)(void); /* at the end of each turn; may be NULL */
} count;

static void on_turn(uv_prepare_t *prepare)
{
    (void)prepare;
    count.turns++;
    if (count.each != NULL)
        count.each();
}

static void count_begin(void (*each)(void))
{
    uv_prepare_init(&net.loop, &count.prepare);
    uv_prepare_start(&count.prepare, on_turn);
    uv_unref((uv_handle_t *)&count.prepare);
    count.turns = 0;
    count.each = each;
}

static void count_end(void)
{
    uv_close((uv_handle_t *)&count.prepare, NULL);
    uv_run(&net.loop, UV_RUN_NOWAIT);
}

/* ---- stop and close ---- */

#define QUEUED 1000

static struct {
    int back, canceled;
} some;

static void on_some(trawl *t, const trawl_result *r)
{
    (void)t;
    some.back++;
    some.canceled += r->error == TRAWL_ECANCELED;
}

static void queue_some(void)
{
    trawl_request request = TRAWL_REQUEST_INIT;

    some.back = some.canceled = 0;
    net.options.concurrency = 1;
    request.url = net_url(0, "/?key=queued&latency=1000");
    request.on_done = on_some;
    for (int i = 0; i < QUEUED; i++)
        ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    while (origin_hits(net.origin, "queued") == 0)
        uv_run(&net.loop, UV_RUN_NOWAIT);
}

START_TEST(stop_takes_back_what_is_queued_bit_by_bit)
{
    queue_some();
    count_begin(NULL);
    trawl_stop(net.t);
    ck_assert_int_eq(some.back, 0);
    net_run();
    ck_assert_int_eq(some.back, QUEUED);
    ck_assert_int_eq(some.canceled, QUEUED - 1);
    ck_assert_uint_eq(origin_hits(net.origin, "queued"), 1);
    ck_assert_uint_ge(count.turns, QUEUED / 32);
    count_end();
}
END_TEST

START_TEST(close_takes_back_what_is_queued_bit_by_bit)
{
    queue_some();
    count_begin(NULL);
    net_shut();
    net_run();
    ck_assert(net.closed);
    ck_assert_int_eq(some.back, QUEUED);
    ck_assert_int_eq(some.canceled, QUEUED);
    ck_assert_uint_ge(count.turns, QUEUED / 32);
    count_end();
}
END_TEST

START_TEST(close_after_a_stop_that_is_not_through)
{
    queue_some();
    trawl_stop(net.t);
    uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(some.back, 0);
    net_close();
    ck_assert_int_eq(some.canceled, QUEUED);
}
END_TEST

/* ---- crawls ---- */

#define HOSTS 200

static struct {
    trawl_crawl *c;
    int pages, rejected, closed;
    uint64_t found, most; /* in one turn */
    trawl_idle_cb on_idle;
} walk;

static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    (void)c;
    (void)page;
    (void)data;
    walk.pages++;
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    (void)c;
    (void)r;
    (void)data;
    walk.rejected++;
}

static void on_crawl_closed(void *data)
{
    (void)data;
    walk.closed++;
}

static void close_when_idle(trawl_crawl *c, void *data)
{
    (void)data;
    trawl_crawl_close(c, on_crawl_closed, NULL);
}

static void walk_open(bool ignore_robots)
{
    trawl_crawl_options options = TRAWL_CRAWL_OPTIONS_INIT;
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;

    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = walk.on_idle;
    options.ignore_robots = ignore_robots;
    ck_assert_int_eq(trawl_crawl_open(&walk.c, net_open(), &options, &callbacks, NULL, 0), 0);
}

/* Seeds, each on a host of its own. None of them is started: something else has the only place. */
static void walk_many(bool ignore_robots)
{
    net.options.concurrency = 1;
    got_add(net_url(0, "/?stall=0&key=first"), SIZE_MAX, NULL);
    while (origin_hits(net.origin, "first") == 0)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    walk_open(ignore_robots);
    for (unsigned i = 0; i < HOSTS; i++)
        ck_assert_int_eq(trawl_crawl_add(walk.c, net_url(i, "/"), SIZE_MAX, NULL), 0);
    for (int i = 0; i < 2 * HOSTS; i++)
        uv_run(&net.loop, UV_RUN_NOWAIT);
}

START_TEST(a_crawl_is_stopped_host_by_host)
{
    memset(&walk, 0, sizeof(walk));
    walk_many(_i == 0);
    count_begin(NULL);
    trawl_crawl_stop(walk.c);
    ck_assert_int_eq(walk.rejected, 0);
    while (walk.rejected < HOSTS)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_uint_ge(count.turns, HOSTS);
    count_end();
    net_close();
    ck_assert_int_eq(walk.rejected, HOSTS);
    ck_assert_int_eq(walk.pages, 0);
}
END_TEST

START_TEST(a_crawl_is_forgotten_host_by_host)
{
    memset(&walk, 0, sizeof(walk));
    walk_many(true);
    trawl_crawl_close(walk.c, on_crawl_closed, NULL);
    while (walk.rejected < HOSTS)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(walk.closed, 0);
    count_begin(NULL);
    while (walk.closed == 0)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_uint_ge(count.turns, HOSTS);
    count_end();
    net_close();
}
END_TEST

START_TEST(a_crawl_is_closed_when_the_stop_is_through)
{
    memset(&walk, 0, sizeof(walk));
    walk.on_idle = close_when_idle;
    walk_many(true);
    trawl_crawl_stop(walk.c);
    while (walk.closed == 0)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(walk.rejected, HOSTS);
    net_close();
    ck_assert_int_eq(walk.closed, 1);
}
END_TEST

#define CRAWLS 8
#define SEEDS 5

static void on_rejected_turn(void)
{
    if ((uint64_t)walk.rejected - walk.found > walk.most)
        walk.most = (uint64_t)walk.rejected - walk.found;
    walk.found = (uint64_t)walk.rejected;
}

/* However many there are, one turn is no longer than for one of them. */
START_TEST(crawls_share_a_turn)
{
    trawl_crawl *all[CRAWLS];

    memset(&walk, 0, sizeof(walk));
    net.options.concurrency = 1;
    got_add(net_url(0, "/?stall=0&key=shared"), SIZE_MAX, NULL);
    while (origin_hits(net.origin, "shared") == 0)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    for (int i = 0; i < CRAWLS; i++) {
        walk_open(true);
        all[i] = walk.c;
        for (unsigned n = 0; n < SEEDS; n++)
            ck_assert_int_eq(trawl_crawl_add(walk.c, net_url(n, "/"), SIZE_MAX, NULL), 0);
    }
    for (int i = 0; i < 2 * CRAWLS * SEEDS; i++)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    count_begin(on_rejected_turn);
    for (int i = 0; i < CRAWLS; i++)
        trawl_crawl_stop(all[i]);
    while (walk.rejected < CRAWLS * SEEDS)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    on_rejected_turn();
    ck_assert_uint_eq(walk.most, 1);
    count_end();
    net_close();
}
END_TEST

#define SITEMAPS 300

static void on_sitemap_turn(void)
{
    trawl_crawl_stats stats;

    trawl_crawl_get_stats(walk.c, &stats);
    if (stats.found - walk.found > walk.most)
        walk.most = stats.found - walk.found;
    walk.found = stats.found;
}

START_TEST(sitemaps_of_a_robots_txt_are_taken_up_bit_by_bit)
{
    struct tw_buf text = {0};
    struct origin_options at = {.seed = 5};
    struct origin *origin = net.origin;
    char line[64];

    for (int i = 0; i < SITEMAPS; i++) {
        int n = snprintf(line, sizeof(line), "Sitemap: /s%d?size=0&type=text/plain\n", i);

        ck_assert_int_eq(tw_buf_append(&text, line, (size_t)n), 0);
    }
    at.robots = text.data;
    ck_assert_int_eq(origin_start(&net.origin, &at), 0);
    net.port = origin_port(net.origin);
    memset(&walk, 0, sizeof(walk));
    walk_open(false);
    ck_assert_int_eq(trawl_crawl_add(walk.c, net_url(0, "/?links=0"), SIZE_MAX, NULL), 0);
    count_begin(on_sitemap_turn);
    net_run();
    count_end();
    ck_assert_int_eq(walk.pages, SITEMAPS + 1);
    ck_assert_uint_eq(walk.found, SITEMAPS + 1);
    ck_assert_uint_le(walk.most, 1);
    net_close();
    origin_stop(net.origin);
    net.origin = origin;
    tw_buf_free(&text);
}
END_TEST

/* ---- bodies ---- */

static struct {
    trawl_body *body;
    const char *bytes;
    size_t len;
    int error, again;
} taken;

static void on_large(trawl *t, const trawl_result *r)
{
    taken.error = trawl_take_body(t, &taken.body);
    taken.again = trawl_take_body(t, &taken.body);
    taken.bytes = r->body;
    taken.len = r->body_len;
}

static void on_dropped(trawl *t, const trawl_result *r)
{
    (void)t;
    taken.len = r->body_len;
}

static void fetch_large(size_t size, trawl_done_cb on_done)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    char target[64];

    memset(&taken, 0, sizeof(taken));
    snprintf(target, sizeof(target), "/?size=%zu", size);
    request.url = net_url(0, target);
    request.on_done = on_done;
    ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    while (taken.len == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    ck_assert_uint_eq(taken.len, size);
}

START_TEST(a_large_body_is_given_back_bit_by_bit)
{
    fetch_large(64 * MEGABYTE, _i == 0 ? on_dropped : on_large);
    count_begin(NULL);
    trawl_body_free(taken.body);
    net_run();
    ck_assert_uint_ge(count.turns, 64 / 4 - 2);
    count_end();
}
END_TEST

START_TEST(a_body_that_is_taken_stays_where_it_is)
{
    fetch_large(5 * MEGABYTE, on_large);
    ck_assert_int_eq(taken.error, 0);
    ck_assert_int_eq(taken.again, TRAWL_ENOENT);
    net_run();
    ck_assert_mem_eq(taken.bytes, "<!doctype html>", 15);
    ck_assert_int_eq(taken.bytes[taken.len], '\0');
    ck_assert_int_eq(trawl_take_body(net.t, &taken.body), TRAWL_ENOENT);
    net_close();
    ck_assert_mem_eq(taken.bytes, "<!doctype html>", 15);
    trawl_body_free(taken.body);
    trawl_body_free(NULL);
}
END_TEST

START_TEST(a_body_that_is_taken_counts_until_it_is_freed)
{
    struct got *first, *second;

    net.options.max_memory = MEGABYTE;
    fetch_large(2 * MEGABYTE, on_large);
    first = got_add(net_url(0, "/?latency=300"), SIZE_MAX, NULL); /* one at a time always may */
    second = got_add(net_url(1, "/"), SIZE_MAX, NULL);
    while (first->calls == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    ck_assert_int_eq(second->calls, 0);
    net_run();
    got_is(second, 0, 200);
    first = got_add(net_url(0, "/?latency=300"), SIZE_MAX, NULL);
    second = got_add(net_url(1, "/"), SIZE_MAX, NULL);
    uv_run(&net.loop, UV_RUN_NOWAIT);
    trawl_body_free(taken.body);
    while (second->calls == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    ck_assert_int_eq(first->calls, 0);
    net_run();
    got_is(first, 0, 200);
}
END_TEST

/* ---- what comes from the network ---- */

static size_t in_turn, most_in_turn, in_all;

static void on_body_turn(void)
{
    if (in_turn > most_in_turn)
        most_in_turn = in_turn;
    in_turn = 0;
}

static int on_bytes(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len, void *data)
{
    (void)t;
    (void)id;
    (void)tries;
    (void)data;
    for (size_t i = 0; i < len; i += 1000)
        ck_assert_int_eq(bytes[i], '\0');
    in_turn += len;
    in_all += len;
    return 0;
}

static const char *const bombs[] = {
    "gzip", "br", "zstd", "gzip,gzip", "br,gzip", "zstd,br", "br,zstd", "gzip,br&transfer=1",
};

#define BOMBS ((int)(sizeof(bombs) / sizeof(bombs[0])))

static struct got *fetch_bomb(const char *encoding, const char *more)
{
    char target[128];
    struct got *g;

    snprintf(target, sizeof(target), "/?bomb=%zu&encoding=%s%s", 200 * MEGABYTE, encoding, more);
    in_turn = most_in_turn = in_all = 0;
    g = got_add(net_url(0, target), SIZE_MAX, on_bytes);
    count_begin(on_body_turn);
    net_run();
    count_end();
    return g;
}

/* A turn may take some when the socket is ready, some that was held, and some as libcurl goes on. What
 * brotli's window holds is there at once, 4 MiB here, but it is given out no faster than the rest. */
static void check_turns(void)
{
    ck_assert_uint_le(most_in_turn, 3 * (TW_BURST_LOOK + MEGABYTE / 64));
}

START_TEST(what_unpacks_to_much_is_taken_bit_by_bit)
{
    struct got *g;

    net.options.keep_body = 0;
    net.options.max_body = 1000 * MEGABYTE;
    g = fetch_bomb(bombs[_i], "");
    got_is(g, 0, 200);
    ck_assert_uint_eq(in_all, 200 * MEGABYTE);
    check_turns();
}
END_TEST

START_TEST(what_unpacks_to_too_much_ends_at_the_limit)
{
    struct got *g;

    net.options.keep_body = 0;
    net.options.max_body = 50 * MEGABYTE;
    g = fetch_bomb(bombs[_i], "&framing=close");
    got_is(g, TRAWL_EBODYSIZE, 200);
    ck_assert_uint_le(in_all, 50 * MEGABYTE);
    ck_assert_uint_gt(in_all, 50 * MEGABYTE - 64 * 1024);
    check_turns();
}
END_TEST

/* zstd skips all that gzip makes: nothing comes out, and it takes its time. */
START_TEST(what_unpacks_to_nothing_is_taken_bit_by_bit)
{
    const struct got *g;

    in_turn = most_in_turn = in_all = 0;
    g = got_add(net_url(0, "/?body=P*M%18%00%00%40%01&bomb=20971520&encoding=br&says=zstd,br"),
                SIZE_MAX, on_bytes);
    count_begin(NULL);
    net_run();
    got_is(g, 0, 200);
    ck_assert_uint_eq(in_all, 0);
    ck_assert_uint_ge(count.turns, 20 * MEGABYTE / (3 * TW_BURST_LOOK));
    count_end();
}
END_TEST

#define ONE_HOST (2 * TW_SHARD_FULL + 100)

static size_t most_of_a_shard, most_at_once;

static void on_shards_turn(void)
{
    const struct tw_engine *e = net.t->engine;
    size_t at_once = 0;

    for (size_t i = 0; i < 2 * e->shard_count; i++) {
        at_once += e->shards[i].begun;
        if (e->shards[i].begun > most_of_a_shard)
            most_of_a_shard = e->shards[i].begun;
    }
    if (at_once > most_at_once)
        most_at_once = at_once;
}

/* What happens to all fetches of a multi at once is one call of libcurl's. */
START_TEST(many_fetches_of_one_host_are_spread)
{
    trawl_request request = TRAWL_REQUEST_INIT;

    net_allow_files(3 * ONE_HOST);
    most_of_a_shard = most_at_once = 0;
    some.back = some.canceled = 0;
    net.options.concurrency = ONE_HOST;
    net.options.per_host = 0;
    request.url = net_url(0, "/?latency=100");
    request.on_done = on_some;
    for (int i = 0; i < ONE_HOST; i++)
        ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    count_begin(on_shards_turn);
    net_run();
    count_end();
    ck_assert_int_eq(some.back, ONE_HOST);
    ck_assert_uint_gt(most_at_once, TW_SHARD_FULL);
    ck_assert_uint_eq(most_of_a_shard, TW_SHARD_FULL);
}
END_TEST

#define CHAIN 20

/* Each answer makes room for another fetch, until there were enough. */
static void on_link_of_chain(trawl *t, const trawl_result *r)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    const struct tw_engine *e = net.t->engine;
    unsigned waiting = 0;

    (void)t;
    ck_assert_int_eq(r->error, 0);
    if (++some.back > CHAIN)
        return;
    request.url = net_url(0, "/?size=10");
    request.on_done = on_link_of_chain;
    ck_assert_int_eq(trawl_fetch(net.t, &request, NULL), 0);
    for (const struct tw_link *l = e->active.next; l != &e->active; l = l->next) {
        const struct tw_exchange *x = tw_container(l, struct tw_exchange, link);

        ck_assert(x->added || tw_link_in_list(&x->deferred));
        waiting += !x->added;
    }
    ck_assert_uint_gt(waiting, 0);
}

/* One that an answer makes room for is not sent between this answer and the next. */
START_TEST(requests_go_out_after_the_answers)
{
    trawl_request request = TRAWL_REQUEST_INIT;

    some.back = 0;
    request.url = net_url(0, "/?size=10");
    request.on_done = on_link_of_chain;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    net_run();
    ck_assert_int_eq(some.back, CHAIN + 4);
}
END_TEST

#define SOCKETS 20

static unsigned served_in_turn, most_served;

static void on_ready(void *owner, int fd, int events)
{
    ck_assert_int_eq(events, CURL_CSELECT_IN);
    ck_assert_int_ge(fd, 0);
    ++*(unsigned *)owner;
    served_in_turn++;
}

static void on_watch_turn(void)
{
    if (served_in_turn > most_served)
        most_served = served_in_turn;
    served_in_turn = 0;
}

static void on_watches_closed(void *data)
{
    *(bool *)data = true;
}

/* None of them is read, so that all stay ready: those that come last must have their turn all the same. */
START_TEST(sockets_that_are_ready_at_once_are_served_some_at_a_time)
{
    struct tw_watch_set set;
    unsigned served[SOCKETS] = {0};
    int ends[SOCKETS][2];
    bool closed = false;

    served_in_turn = most_served = 0;
    ck_assert_int_eq(tw_watch_set_init(&set, &net.loop), 0);
    set.on_ready = on_ready;
    uv_ref((uv_handle_t *)&set.poll);
    for (int i = 0; i < SOCKETS; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
        ck_assert_int_eq(write(ends[i][1], "x", 1), 1);
        ck_assert_int_eq(tw_watch_open(&set, &served[i], ends[i][0], 1), 0);
        ck_assert_int_eq(tw_watch_want(&set, &served[i], ends[i][0], CURL_POLL_IN), 0);
    }
    count_begin(on_watch_turn);
    for (int turn = 0; turn < 2 * SOCKETS / 4; turn++)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    on_watch_turn();
    ck_assert_uint_eq(most_served, 4);
    for (int i = 0; i < SOCKETS; i++)
        ck_assert_uint_eq(served[i], 2);
    tw_watch_set_close(&set, on_watches_closed, &closed);
    count_end();
    net_run();
    ck_assert(closed);
    for (int i = 0; i < SOCKETS; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
}
END_TEST

/* ---- sockets that connect ---- */

#define CROWD 300 /* more than those among which order does not matter */

static struct {
    struct tw_watch_set set;
    int ends[2], crowd[CROWD], connecting[2], connects;
    unsigned served, connected;
    bool closed;
} crowd;

static void on_crowd_ready(void *owner, int fd, int events)
{
    bool connects = fd == crowd.connects;

    ck_assert_ptr_eq(owner, &crowd);
    ck_assert_int_eq(events, connects ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
    crowd.connected += connects;
    crowd.served += !connects;
}

/* Many sockets with something to read, and then one that has connected. */
static void crowd_begin(void)
{
    struct tw_watch_set *set = &crowd.set;

    memset(&crowd, 0, sizeof(crowd));
    ck_assert_int_eq(tw_watch_set_init(set, &net.loop), 0);
    set->on_ready = on_crowd_ready;
    uv_ref((uv_handle_t *)&set->poll);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, crowd.ends), 0);
    ck_assert_int_eq(write(crowd.ends[1], "x", 1), 1);
    for (int i = 0; i < CROWD; i++) {
        crowd.crowd[i] = dup(crowd.ends[0]);
        ck_assert_int_eq(tw_watch_open(set, &crowd, crowd.crowd[i], 1), 0);
        ck_assert_int_eq(tw_watch_want(set, &crowd, crowd.crowd[i], CURL_POLL_IN), 0);
    }
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, crowd.connecting), 0);
    crowd.connects = crowd.connecting[0];
    ck_assert_int_eq(tw_watch_open(set, &crowd, crowd.connects, 1), 0);
    ck_assert_int_eq(tw_watch_want(set, &crowd, crowd.connects, CURL_POLL_OUT), 0);
}

static void crowd_end(void)
{
    tw_watch_set_close(&crowd.set, on_watches_closed, &crowd.closed);
    net_run();
    ck_assert(crowd.closed);
    for (int i = 0; i < CROWD; i++)
        close(crowd.crowd[i]);
    for (int i = 0; i < 2; i++) {
        close(crowd.ends[i]);
        close(crowd.connecting[i]);
    }
}

START_TEST(sockets_that_connect_go_first)
{
    crowd_begin();
    for (unsigned turn = 1; turn <= 3; turn++) { /* as long as nothing else is wanted of it */
        uv_run(&net.loop, UV_RUN_NOWAIT);
        ck_assert_uint_eq(crowd.connected, turn);
        ck_assert_uint_lt(crowd.served, CROWD);
        ck_assert_uint_gt(crowd.served, 0);
    }
    /* And now it is one of the crowd. */
    ck_assert_int_eq(write(crowd.connecting[1], "x", 1), 1);
    ck_assert_int_eq(tw_watch_want(&crowd.set, &crowd, crowd.connects, CURL_POLL_IN), 0);
    crowd.connects = -1;
    uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(crowd.connected, 3);
    crowd_end();
}
END_TEST

START_TEST(sockets_that_connect_may_be_closed_without_a_word)
{
    for (int fired = 0; fired < 2; fired++) {
        int fd;

        crowd_begin();
        if (fired)
            uv_run(&net.loop, UV_RUN_NOWAIT);
        ck_assert_int_eq(tw_watch_want(&crowd.set, &crowd, crowd.connects, CURL_POLL_REMOVE), TRAWL_ENOENT);
        ck_assert_uint_eq(crowd.set.idle_count, 1); /* it has just connected, or was refused */
        crowd_end();
        crowd_begin();
        fd = crowd.connects;
        if (fired)
            uv_run(&net.loop, UV_RUN_NOWAIT);
        close(fd);
        crowd.connecting[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(crowd.connecting[0], fd); /* another one of the same number */
        ck_assert_int_eq(tw_watch_want(&crowd.set, &crowd, fd, CURL_POLL_REMOVE), TRAWL_ENOENT);
        ck_assert_uint_eq(crowd.set.idle_count, 0);
        uv_run(&net.loop, UV_RUN_NOWAIT);
        ck_assert_uint_eq(crowd.connected, (unsigned)fired);
        crowd_end();
    }
}
END_TEST

/* ---- what the command writes ---- */

static struct cli_writer *writer;
static struct cli_output *output;
static trawl_stays stays;

static void on_writer_closed(void *data)
{
    (void)data;
    cli_output_close(output, NULL, NULL);
}

static void on_progress(void *data, int rc)
{
    (void)data;
    ck_assert_int_eq(rc, 0);
    if (net.t != NULL && some.back == 3 && cli_writer_is_idle(writer)) {
        some.back = 0;
        cli_writer_close(writer, &stays, on_writer_closed, NULL);
    }
}

static void on_to_write(trawl *t, const trawl_result *r)
{
    ck_assert_int_eq(r->error, 0);
    ck_assert_int_eq(cli_writer_add(writer, t, (uint64_t)some.back, r), 0);
    some.back++;
}

static void write_in_order(const char *path)
{
    static const char *const targets[] = {"/a?size=8388608", "/b?size=10&latency=200",
                                          "/c?size=3000000&latency=400"};
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_request request = TRAWL_REQUEST_INIT;
    char *error = NULL;

    some.back = 0;
    options.body = true;
    ck_assert_int_eq(cli_output_open(&output, &net.loop, path, &error), 0);
    ck_assert_int_eq(cli_writer_open(&writer, output, &net.loop, "jsonl", &options, on_progress,
                                     NULL), 0);
    request.on_done = on_to_write;
    for (int i = 0; i < 3; i++) {
        request.url = net_url(0, targets[i]);
        ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    }
    net_run();
}

static void check_line(FILE *file, int index, const char *path, size_t least)
{
    static const char end[] = "\",\"body_encoding\":\"utf-8\"}\n";
    char begin[64], *line = NULL;
    size_t size = 0;
    ssize_t len = getline(&line, &size, file);
    int n = snprintf(begin, sizeof(begin), "{\"index\":%d,\"url\":\"", index);

    ck_assert_int_gt(len, (ssize_t)least);
    ck_assert_mem_eq(line, begin, (size_t)n);
    ck_assert_ptr_nonnull(memmem(line, 200, path, strlen(path)));
    ck_assert_str_eq(line + len - strlen(end), end);
    free(line);
}

START_TEST(the_command_writes_large_bodies_bit_by_bit)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/tmp/trawl-slices-%ld", (long)getpid());
    net_open();
    count_begin(NULL);
    write_in_order(path);
    ck_assert_uint_ge(count.turns, 8 * MEGABYTE / (256 * 1024) * 2); /* looked at, and written */
    count_end();
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    check_line(file, 0, "/a?", 8 * MEGABYTE);
    check_line(file, 1, "/b?", 10);
    check_line(file, 2, "/c?", 3000000);
    ck_assert_int_eq(fgetc(file), EOF);
    fclose(file);
    unlink(path);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        stop_takes_back_what_is_queued_bit_by_bit,
        close_takes_back_what_is_queued_bit_by_bit,
        close_after_a_stop_that_is_not_through,
        a_crawl_is_forgotten_host_by_host,
        a_crawl_is_closed_when_the_stop_is_through,
        crawls_share_a_turn,
        sitemaps_of_a_robots_txt_are_taken_up_bit_by_bit,
        a_body_that_is_taken_stays_where_it_is,
        a_body_that_is_taken_counts_until_it_is_freed,
        what_unpacks_to_nothing_is_taken_bit_by_bit,
        many_fetches_of_one_host_are_spread,
        requests_go_out_after_the_answers,
        sockets_that_are_ready_at_once_are_served_some_at_a_time,
        sockets_that_connect_go_first,
        sockets_that_connect_may_be_closed_without_a_word,
        the_command_writes_large_bodies_bit_by_bit,
    };
    TCase *both = tcase_create("both");

    tcase_add_checked_fixture(both, net_begin, net_end);
    tcase_set_timeout(both, 60);
    tcase_add_loop_test(both, a_crawl_is_stopped_host_by_host, 0, 2);
    tcase_add_loop_test(both, what_unpacks_to_much_is_taken_bit_by_bit, 0, BOMBS);
    tcase_add_loop_test(both, what_unpacks_to_too_much_ends_at_the_limit, 0, BOMBS);
    tcase_add_loop_test(both, a_large_body_is_given_back_bit_by_bit, 0, 2);
    return net_main("slices", tests, sizeof(tests) / sizeof(tests[0]), both);
}
