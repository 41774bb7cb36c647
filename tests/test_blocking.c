/* What is special about the strategies that wait on threads; what all strategies have in common is
 * tested by test_engine.c. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/list.h"
#include "fetch/engine.h"
#include "origin/origin.h"
#include "origin/raw.h"

#define JOBS 64

struct probe {
    struct tw_job job;
    char url[256];
    bool pause;
    int dones;
    unsigned order; /* of its on_done */
    struct tw_buf body;
};

static const char *const strategies[] = {"pool", "batch", "sequential"};
enum { POOL, BATCH, SEQUENTIAL, ALL };

static struct origin *origin;
static uv_loop_t loop;
static trawl_options options;
static const struct tw_engine_ops *ops;
static struct tw_engine *engine;
static struct probe probes[JOBS];
static unsigned made, submitted, done, pauses, width;
static bool closed;

/* ---- names that are not answered ---- */

static uv_mutex_t names_lock;
static uv_cond_t names_changed;
static unsigned names_asked, names_over;
static bool names_answered;

/* In place of the C library's, also for libcurl. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    (void)name;
    (void)service;
    (void)hints;
    (void)result;
    uv_mutex_lock(&names_lock);
    names_asked++;
    while (!names_answered)
        uv_cond_wait(&names_changed, &names_lock);
    names_over++;
    uv_cond_broadcast(&names_changed);
    uv_mutex_unlock(&names_lock);
    return EAI_NONAME;
}

static bool is_name_asked(void)
{
    bool asked;

    uv_mutex_lock(&names_lock);
    asked = names_asked > 0;
    uv_mutex_unlock(&names_lock);
    return asked;
}

static void answer_names(void)
{
    uv_mutex_lock(&names_lock);
    names_answered = true;
    uv_cond_broadcast(&names_changed);
    while (names_over < names_asked)
        uv_cond_wait(&names_changed, &names_lock);
    uv_mutex_unlock(&names_lock);
}

/* ---- jobs ---- */

static void setup(void)
{
    struct origin_options at = {.seed = 7, .hosts = 5};

    ck_assert_int_eq(uv_mutex_init(&names_lock), 0);
    ck_assert_int_eq(uv_cond_init(&names_changed), 0);
    ck_assert_int_eq(origin_start(&origin, &at), 0);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    options = (trawl_options)TRAWL_OPTIONS_INIT;
    memset(probes, 0, sizeof(probes));
    made = submitted = done = pauses = 0;
    closed = false;
}

static void teardown(void)
{
    for (unsigned i = 0; i < JOBS; i++)
        tw_buf_free(&probes[i].body);
    origin_stop(origin);
}

static void start(int which)
{
    ops = tw_engine_find(strategies[which]);
    ck_assert_ptr_nonnull(ops);
    width = ops->width(&options);
    ck_assert_int_eq(ops->open(&engine, &loop, &options), 0);
}

static int on_header(struct tw_job *job, const char *line, size_t len)
{
    (void)job;
    (void)line;
    (void)len;
    return 0;
}

static int on_body(struct tw_job *job, const char *bytes, size_t len)
{
    struct probe *p = tw_container(job, struct probe, job);

    if (p->pause) {
        pauses++;
        return TRAWL_PAUSE;
    }
    ck_assert_int_eq(tw_buf_append(&p->body, bytes, len), 0);
    return 0;
}

static void go_on(void)
{
    while (submitted < made && submitted - done < width)
        ck_assert_int_eq(ops->submit(engine, &probes[submitted++].job), 0);
}

static void on_done(struct tw_job *job)
{
    struct probe *p = tw_container(job, struct probe, job);

    p->dones++;
    p->order = done++;
    if (!closed)
        go_on();
}

static const struct tw_receiver receiver = {on_header, on_body, on_done};

static struct probe *add_url(const char *url)
{
    struct probe *p = &probes[made++];

    ck_assert_uint_le(made, JOBS);
    ck_assert_uint_lt(strlen(url), sizeof(p->url));
    strcpy(p->url, url);
    p->job = (struct tw_job){.to = &receiver, .url = p->url, .more = true};
    p->job.timeout_ms = 120000;
    return p;
}

/* A job for the origin's host 127.0.0.<1 + host>, submitted by go_on(). */
static struct probe *add_on(unsigned host, const char *target)
{
    char url[256];
    struct probe *p;

    snprintf(url, sizeof(url), "http://127.0.0.%u:%u%s", 1 + host, origin_port(origin), target);
    p = add_url(url);
    p->job.host_is_ip = true;
    p->job.host_hash = host + 1;
    return p;
}

static struct probe *add(const char *target)
{
    return add_on(0, target);
}

static void on_closed(void *data)
{
    (void)data;
    closed = true;
}

static void finish(void)
{
    ops->close(engine, on_closed, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert(closed);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static void done_with(const struct probe *p, int error)
{
    ck_assert_int_eq(p->dones, 1);
    ck_assert_msg(p->job.out.error == error, "%s instead of %s for %s",
                  trawl_err_name(p->job.out.error), trawl_err_name(error), p->url);
}

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

/* Runs the loop, which ticks, until that holds. */
static void run_until(bool (*holds)(void))
{
    uv_timer_t tick;

    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, 1, 1);
    while (!holds())
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
}

static void on_over(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    uv_stop(timer->loop);
}

/* Gives what must not happen the time to happen. */
static void run_for(uint64_t ms)
{
    uv_timer_t timer;

    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, on_over, ms, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_run(&loop, UV_RUN_NOWAIT);
}

static unsigned expected;

static bool stalled_are_there(void)
{
    return origin_hits(origin, "stall") == expected;
}

static bool enough_done(void)
{
    return done >= expected;
}

static bool is_paused(void)
{
    return pauses > 0;
}

static void wait_for_stalled(unsigned n)
{
    expected = n;
    run_until(stalled_are_there);
}

static void wait_for_done(unsigned n)
{
    expected = n;
    run_until(enough_done);
}

/* ---- batch ---- */

START_TEST(a_batch_has_four_unless_told_otherwise)
{
    start(BATCH);
    ck_assert_uint_eq(width, 4);
    finish();
    options.workers = 7;
    ck_assert_uint_eq(ops->width(&options), 7);
}
END_TEST

START_TEST(a_batch_starts_together)
{
    options.workers = 16;
    start(BATCH);
    for (int i = 0; i < 16; i++)
        add("/?stall=0&key=stall");
    go_on();
    wait_for_stalled(16);
    ck_assert_uint_eq(done, 0);
    finish();
}
END_TEST

START_TEST(the_next_batch_waits_for_the_last_of_this_one)
{
    start(BATCH);
    add("/?stall=0&key=stall");
    for (int i = 0; i < 3; i++)
        add("/?size=10");
    for (int i = 0; i < 6; i++)
        add("/?size=10&key=next");
    go_on();
    wait_for_done(3);
    wait_for_stalled(1);
    run_for(50);
    ck_assert_uint_eq(origin_hits(origin, "next"), 0);
    ops->cancel(engine, &probes[0].job);
    wait_for_done(10);
    ck_assert_uint_eq(origin_hits(origin, "next"), 6);
    ck_assert_uint_le(origin_stats(origin).connections, 5); /* the stalled one was closed */
    finish();
}
END_TEST

START_TEST(a_batch_starts_with_what_there_is)
{
    start(BATCH);
    for (unsigned n = 1; n < 4; n++) {
        for (unsigned i = 0; i < n; i++)
            add("/?size=10");
        go_on();
        uv_run(&loop, UV_RUN_DEFAULT);
        ck_assert_uint_eq(done, made);
    }
    finish();
}
END_TEST

/* ---- pool ---- */

static void few_threads(void)
{
    setenv("UV_THREADPOOL_SIZE", "2", 1);
    options.workers = 8;
    start(POOL);
    add("/?stall=0&key=stall");
    add("/?stall=0&key=stall");
    for (int i = 0; i < 6; i++)
        add("/?size=10&key=waits")->job.timeout_ms = 1000;
    go_on();
    wait_for_stalled(2);
}

START_TEST(jobs_wait_for_a_thread_without_their_time_running)
{
    few_threads();
    ck_assert_uint_eq(submitted, 8);
    run_for(1100);
    ck_assert_uint_eq(origin_hits(origin, "waits"), 0);
    ops->cancel(engine, &probes[0].job);
    wait_for_done(7);
    for (unsigned i = 2; i < 8; i++)
        done_with(&probes[i], 0);
    finish();
    done_with(&probes[0], TRAWL_ECANCELED);
    done_with(&probes[1], TRAWL_ECANCELED);
}
END_TEST

START_TEST(jobs_that_wait_for_a_thread_can_be_cancelled)
{
    few_threads();
    for (unsigned i = 2; i < 8; i++)
        ops->cancel(engine, &probes[i].job);
    ck_assert_uint_eq(done, 0);
    wait_for_done(6); /* while both threads are held up */
    for (unsigned i = 2; i < 8; i++) {
        done_with(&probes[i], TRAWL_ECANCELED);
        ck_assert_uint_eq(probes[i].job.out.total_us, 0);
    }
    finish();
    ck_assert_uint_eq(origin_hits(origin, "waits"), 0);
}
END_TEST

START_TEST(close_ends_jobs_that_wait_for_a_thread)
{
    few_threads();
    finish();
    for (unsigned i = 0; i < 8; i++)
        done_with(&probes[i], TRAWL_ECANCELED);
    ck_assert_uint_eq(origin_hits(origin, "waits"), 0);
}
END_TEST

START_TEST(a_pool_is_as_wide_as_concurrency)
{
    options.concurrency = 9;
    start(POOL);
    ck_assert_uint_eq(width, 9);
    options.workers = 5;
    ck_assert_uint_eq(ops->width(&options), 5);
    options.workers = 100000; /* libuv has 1024 threads at the most */
    ck_assert_uint_eq(ops->width(&options), 1024);
    finish();
}
END_TEST

/* ---- sequential ---- */

START_TEST(one_after_another_in_their_order)
{
    options.workers = 8;
    start(SEQUENTIAL);
    ck_assert_uint_eq(width, 1);
    for (int i = 0; i < 20; i++)
        add(i % 2 == 0 ? "/?size=100&latency=3" : "/?size=1");
    go_on();
    uv_run(&loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < 20; i++) {
        done_with(&probes[i], 0);
        ck_assert_uint_eq(probes[i].order, i);
    }
    ck_assert_uint_eq(origin_stats(origin).connections, 1);
    ck_assert_uint_eq(origin_stats(origin).max_open, 1);
    finish();
}
END_TEST

/* More than it asked for: they wait for their turn. */
START_TEST(never_two_at_once_even_if_submitted)
{
    options.no_reuse = true;
    start(SEQUENTIAL);
    width = 8;
    add("/?stall=0&key=stall");
    for (int i = 0; i < 7; i++)
        add("/?size=10&key=next");
    go_on();
    wait_for_stalled(1);
    run_for(50);
    ck_assert_uint_eq(origin_hits(origin, "next"), 0);
    ops->cancel(engine, &probes[0].job);
    wait_for_done(8);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(probes[i].order, i);
    finish();
}
END_TEST

/* ---- all of them ---- */

START_TEST(no_more_connections_than_workers)
{
    options.workers = 4;
    start(_i);
    for (unsigned i = 0; i < 60; i++)
        add("/?size=5000");
    go_on();
    uv_run(&loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < 60; i++)
        done_with(&probes[i], 0);
    ck_assert_uint_eq(origin_stats(origin).requests, 60);
    ck_assert_uint_le(origin_stats(origin).connections, width);
    finish();
}
END_TEST

START_TEST(a_worker_keeps_connections_to_several_hosts)
{
    options.workers = 1;
    start(_i);
    for (unsigned i = 0; i < 20; i++)
        add_on(i % 2, "/?size=100");
    go_on();
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_uint_eq(done, 20);
    ck_assert_uint_eq(origin_stats(origin).connections, 2);
    finish();
}
END_TEST

/* Two workers, each with a connection to a host of its own: jobs find the one that knows theirs. */
START_TEST(a_job_goes_to_the_worker_that_knows_its_host)
{
    options.workers = 2;
    start(_i);
    for (unsigned i = 0; i < 40; i++) {
        add_on(i % 4 < 2 ? i % 2 : 1 - i % 2, "/?size=100");
        if (i % 2 == 1) {
            go_on();
            uv_run(&loop, UV_RUN_DEFAULT);
        }
    }
    ck_assert_uint_eq(done, 40);
    ck_assert_uint_eq(origin_stats(origin).connections, 2);
    finish();
}
END_TEST

static bool few_are_open(void)
{
    return origin_stats(origin).open <= 4;
}

/* Also where more jobs are said to come for each of them. */
START_TEST(connections_to_many_hosts_are_not_hoarded)
{
    struct origin_options at = {.seed = 7, .hosts = 250};
    struct probe *p;

    origin_stop(origin);
    ck_assert_int_eq(origin_start(&origin, &at), 0);
    options.workers = 1;
    start(_i);
    for (unsigned i = 0; i < 600; i++) {
        made = submitted = done = 0;
        p = add_on(i % 250, "/?size=100");
        p->job.more = i % 5 != 0;
        p->dones = 0;
        go_on();
        uv_run(&loop, UV_RUN_DEFAULT);
        done_with(p, 0);
    }
    run_until(few_are_open);
    finish();
}
END_TEST

START_TEST(the_last_job_of_a_host_takes_no_connections_place)
{
    options.workers = 1;
    start(_i);
    for (unsigned i = 0; i < 9; i++)
        add_on(i % 5, "/?size=100")->job.more = i % 5 != 4;
    go_on();
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_uint_eq(done, 9);
    ck_assert_uint_eq(origin_stats(origin).connections, 5);
    finish();
}
END_TEST

START_TEST(bodies_longer_than_the_queue_come_whole)
{
    struct raw_reply page;

    raw_get(origin_port(origin), "/?size=2000000", &page);
    start(_i);
    for (int i = 0; i < 4; i++)
        add("/?size=2000000")->pause = i % 2 == 1;
    go_on();
    while (done < 4) {
        run_for(1);
        for (unsigned j = 0; j < submitted; j++) {
            probes[j].pause = false;
            if (probes[j].dones == 0)
                ops->resume(engine, &probes[j].job);
        }
    }
    for (int i = 0; i < 4; i++) {
        done_with(&probes[i], 0);
        ck_assert_uint_eq(probes[i].body.len, page.body_n);
        ck_assert_mem_eq(probes[i].body.data, page.body, page.body_n);
    }
    raw_free(&page);
    finish();
}
END_TEST

/* A part is with the receiver, the rest in the queue, and no thread will tell of it again. */
START_TEST(a_pause_may_outlast_the_thread)
{
    start(_i);
    for (unsigned i = 0; i < 8; i++) {
        char target[32];
        struct probe *p;

        snprintf(target, sizeof(target), "/?size=%u", 80000 + i * 20000);
        made = submitted = done = pauses = 0;
        p = add(target);
        p->dones = 0;
        p->body.len = 0;
        p->pause = true;
        go_on();
        run_until(is_paused);
        run_for(20);
        p->pause = false;
        ops->resume(engine, &p->job);
        wait_for_done(1);
        done_with(p, 0);
        ck_assert_uint_eq(p->body.len, 80000 + i * 20000);
    }
    finish();
}
END_TEST

/* What a page without end has sent shows in the end how long the thread went on. */
START_TEST(a_paused_receiver_holds_the_thread_up)
{
    struct probe *p;

    start(_i);
    p = add("/?endless=1");
    p->pause = true;
    go_on();
    run_until(is_paused);
    run_for(200);
    ck_assert_int_eq(p->dones, 0);
    ops->cancel(engine, &p->job);
    wait_for_done(1);
    done_with(p, TRAWL_ECANCELED);
    ck_assert_uint_gt(p->job.out.wire_bytes, 0);
    ck_assert_uint_lt(p->job.out.wire_bytes, 1000000);
    finish();
}
END_TEST

/* Compressed, 200 MB are 200 kB, or even 2: they must not be unpacked into memory behind a pause. */
START_TEST(a_paused_receiver_holds_decompression_up)
{
    static const char *const rows[] = {"/?bomb=200000000", "/?bomb=200000000&encoding=br",
                                       "/?bomb=200000000&encoding=gzip,zstd"};
    size_t before, after;
    struct probe *p;

    start(_i / 3);
    p = add(rows[_i % 3]);
    p->pause = true;
    go_on();
    ck_assert_int_eq(uv_resident_set_memory(&before), 0);
    run_until(is_paused);
    run_for(200);
    ck_assert_int_eq(uv_resident_set_memory(&after), 0);
    ck_assert_uint_lt(after, before + 100000000); /* a window, and what a sanitizer adds */
    finish();
    done_with(p, TRAWL_ECANCELED);
}
END_TEST

/* All that will come has come, and the thread has ended: still the job is under its limit. */
START_TEST(a_paused_job_times_out_after_its_thread_has_ended)
{
    struct probe *p;

    start(_i);
    p = add("/?size=10");
    p->pause = true;
    p->job.timeout_ms = 100;
    add("/?size=10");
    go_on();
    wait_for_done(2);
    done_with(p, TRAWL_ETIMEDOUT);
    ck_assert_str_ne(p->job.out.detail, "");
    ck_assert_uint_eq(p->body.len, 0);
    done_with(&probes[1], 0);
    finish();
}
END_TEST

/* The time limits are longer than this test may take. */
START_TEST(cancel_ends_what_is_stalled)
{
    static const char *const rows[] = {"/?stall=0&key=stall", "/?stall=10&key=stall",
                                       "/?stall=500&key=stall", "/?drip=1&key=stall"};

    options.workers = 4;
    start(_i);
    for (unsigned i = 0; i < 4; i++) {
        add(rows[i]);
        go_on();
        wait_for_stalled(i + 1);
        run_for(10);
        ck_assert_uint_eq(done, i);
        ops->cancel(engine, &probes[i].job);
        wait_for_done(i + 1);
        done_with(&probes[i], TRAWL_ECANCELED);
    }
    finish();
}
END_TEST

START_TEST(close_ends_what_is_stalled)
{
    options.workers = 4;
    start(_i);
    for (unsigned i = 0; i < width; i++)
        add("/?stall=300&key=stall");
    go_on();
    wait_for_stalled(width);
    finish();
    for (unsigned i = 0; i < width; i++)
        done_with(&probes[i], TRAWL_ECANCELED);
}
END_TEST

/* Listens, but accepts nothing and has no more room for who connects. */
static unsigned full_listener(int fds[4])
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 4; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | (i == 0 ? 0 : SOCK_NONBLOCK), 0);
        ck_assert_int_ge(fds[i], 0);
        if (i > 0)
            connect(fds[i], (struct sockaddr *)&at, sizeof(at));
        if (i > 0)
            continue;
        ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&at, sizeof(at)), 0);
        ck_assert_int_eq(listen(fds[0], 0), 0);
        ck_assert_int_eq(getsockname(fds[0], (struct sockaddr *)&at, &len), 0);
    }
    return ntohs(at.sin_port);
}

START_TEST(cancel_ends_what_connects)
{
    char url[64];
    int fds[4];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", full_listener(fds));
    options.connect_timeout_ms = 120000;
    start(_i);
    add_url(url)->job.host_is_ip = true;
    go_on();
    run_for(50);
    ck_assert_uint_eq(done, 0);
    ops->cancel(engine, &probes[0].job);
    wait_for_done(1);
    done_with(&probes[0], TRAWL_ECANCELED);
    ck_assert_int_eq(probes[0].job.out.status, 0);
    finish();
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}
END_TEST

static void look_up(int which)
{
    options.connect_timeout_ms = 120000;
    start(which);
    add_url("http://name.test/");
    go_on();
    run_until(is_name_asked);
    ck_assert_uint_eq(done, 0);
}

START_TEST(cancel_ends_what_looks_a_name_up)
{
    look_up(_i);
    ops->cancel(engine, &probes[0].job);
    wait_for_done(1);
    done_with(&probes[0], TRAWL_ECANCELED);
    finish();
    answer_names();
}
END_TEST

START_TEST(close_ends_what_looks_a_name_up)
{
    look_up(_i);
    finish();
    done_with(&probes[0], TRAWL_ECANCELED);
    answer_names();
}
END_TEST

/* ---- what unpacks to gigabytes of nothing ---- */

/* Adds a part of a gzip stream that may follow, and be followed by, others. */
static void add_packed(struct origin_bytes *to, const void *bytes, size_t len)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};

    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    origin_bytes_reserve(to, len + 1024);
    z.next_out = (Bytef *)to->p + to->n;
    z.avail_out = (uInt)len + 1024;
    ck_assert_int_eq(deflate(&z, Z_FULL_FLUSH), Z_OK);
    to->n += z.total_out;
    deflateEnd(&z);
}

/* A frame of zstd that is to be skipped, packed twice: a gigabyte for each 2.5 kB. */
static struct origin_bytes make_nothing(void)
{
    static const char gzip[10] = {'\x1f', '\x8b', 8}, frame[] = "\x50\x2a\x4d\x18\xff\xff\xff\xff";
    struct origin_bytes zeros = {0}, inner = {0}, all = {0}, megabyte = {0};

    origin_bytes_reserve(&zeros, 1 << 20);
    memset(zeros.p, 0, 1 << 20);
    add_packed(&megabyte, zeros.p, 1 << 20);
    origin_bytes_add(&inner, gzip, sizeof(gzip));
    add_packed(&inner, frame, 8);
    origin_bytes_add(&all, gzip, sizeof(gzip));
    add_packed(&all, inner.p, inner.n);
    inner.n = 0;
    for (int i = 0; i < 1000; i++)
        origin_bytes_add(&inner, megabyte.p, megabyte.n);
    for (int i = 0; i < 4; i++)
        add_packed(&all, inner.p, inner.n);
    origin_bytes_free(&zeros);
    origin_bytes_free(&inner);
    origin_bytes_free(&megabyte);
    return all;
}

/* Answers once, with all of it at once. */
static void serve_nothing(void *data)
{
    int listener = *(int *)data, fd = accept(listener, NULL, NULL);
    struct origin_bytes body = make_nothing(), all = {0};
    char request[4096];

    ck_assert_int_gt(read(fd, request, sizeof(request)), 0);
    origin_bytes_print(&all, "HTTP/1.1 200 OK\r\nContent-Encoding: zstd, gzip, gzip\r\n"
                             "Content-Length: %zu\r\n\r\n", body.n);
    origin_bytes_add(&all, body.p, body.n);
    ck_assert_int_eq(write(fd, all.p, all.n), (ssize_t)all.n);
    origin_bytes_free(&body);
    origin_bytes_free(&all);
    while (read(fd, request, sizeof(request)) > 0)
        continue;
    close(fd);
}

/* No receiver is called that could end it: libcurl looks at its clock all the same. */
START_TEST(what_unpacks_to_nothing_times_out)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    uv_thread_t server;
    struct probe *p;
    char url[64];

    ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, len), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    ck_assert_int_eq(uv_thread_create(&server, serve_nothing, &listener), 0);
    start(_i);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(at.sin_port));
    p = add_url(url);
    p->job.host_is_ip = true;
    p->job.timeout_ms = 500;
    go_on();
    wait_for_done(1);
    done_with(p, TRAWL_ETIMEDOUT);
    ck_assert_int_eq(p->job.out.status, 200);
    finish();
    uv_thread_join(&server);
    close(listener);
}
END_TEST

int main(void)
{
    TCase *each = tcase_create("each"), *all = tcase_create("all");
    Suite *suite = suite_create("blocking");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(each, setup, teardown);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(each, 60);
    tcase_set_timeout(all, 60);
    tcase_add_test(each, a_batch_has_four_unless_told_otherwise);
    tcase_add_test(each, a_batch_starts_together);
    tcase_add_test(each, the_next_batch_waits_for_the_last_of_this_one);
    tcase_add_test(each, a_batch_starts_with_what_there_is);
    tcase_add_test(each, jobs_wait_for_a_thread_without_their_time_running);
    tcase_add_test(each, jobs_that_wait_for_a_thread_can_be_cancelled);
    tcase_add_test(each, close_ends_jobs_that_wait_for_a_thread);
    tcase_add_test(each, a_pool_is_as_wide_as_concurrency);
    tcase_add_test(each, one_after_another_in_their_order);
    tcase_add_test(each, never_two_at_once_even_if_submitted);
    tcase_add_loop_test(all, no_more_connections_than_workers, 0, ALL);
    tcase_add_loop_test(all, a_worker_keeps_connections_to_several_hosts, 0, ALL);
    tcase_add_loop_test(all, a_job_goes_to_the_worker_that_knows_its_host, 0, SEQUENTIAL);
    tcase_add_loop_test(all, connections_to_many_hosts_are_not_hoarded, 0, ALL);
    tcase_add_loop_test(all, the_last_job_of_a_host_takes_no_connections_place, 0, ALL);
    tcase_add_loop_test(all, bodies_longer_than_the_queue_come_whole, 0, ALL);
    tcase_add_loop_test(all, a_pause_may_outlast_the_thread, 0, ALL);
    tcase_add_loop_test(all, a_paused_receiver_holds_the_thread_up, 0, ALL);
    tcase_add_loop_test(all, a_paused_receiver_holds_decompression_up, 0, 3 * ALL);
    tcase_add_loop_test(all, a_paused_job_times_out_after_its_thread_has_ended, 0, ALL);
    tcase_add_loop_test(all, what_unpacks_to_nothing_times_out, 0, ALL);
    tcase_add_loop_test(all, cancel_ends_what_is_stalled, 0, ALL);
    tcase_add_loop_test(all, close_ends_what_is_stalled, 0, ALL);
    tcase_add_loop_test(all, cancel_ends_what_connects, 0, ALL);
    tcase_add_loop_test(all, cancel_ends_what_looks_a_name_up, 0, ALL);
    tcase_add_loop_test(all, close_ends_what_looks_a_name_up, 0, ALL);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, all);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
