/* The engine contract of fetch/engine.h, on every engine there is. Nothing here looks inside one:
 * whether it has threads or processes is its own affair, its callbacks are on the loop's thread. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/list.h"
#include "fetch/engine.h"
#include "fetch/stay.h"
#include "origin/origin.h"
#include "origin/raw.h"

#define PROBES 64

enum place { NOWHERE, IN_HEADER, IN_BODY, IN_DONE };

/* A job, what its receiver is to do, and what it saw. */
struct probe {
    struct tw_job job;
    char url[256];
    int abort_header, abort_body;
    unsigned pauses;             /* how often on_body pauses before it takes something */
    bool pause_each;             /* pauses before each piece */
    bool resume_later;           /* by a timer, else inside the callback that pauses */
    enum place cancel_in;        /* cancels target */
    enum place close_in;         /* closes the engine */
    enum place submit_in;        /* submits target */
    struct probe *target;
    uv_timer_t timer;
    bool timed;
    bool lent; /* to the engine */
    int dones, headers, chunks;
    int body_status;
    size_t header_bytes;
    struct tw_buf body, refused;
};

static const struct tw_receiver receiver;
/* This program is its own worker. */
static const char *const worker_argv[] = {"/proc/self/exe", "worker", NULL};
static struct origin *origin;
static uv_loop_t loop;
static uv_thread_t thread;
static trawl_options options;
static const struct tw_engine_ops *ops;
static struct tw_engine *engine;
static struct probe probes[PROBES];
static struct probe late; /* what comes after close() */
static struct probe *queue[PROBES];
static unsigned queue_first, queue_last, running, width;
static bool submitting, closing, closed;
static struct tw_stay stay;

static void setup(void)
{
    struct origin_options at = {.seed = 3, .hosts = 2};

    ck_assert_int_eq(origin_start(&origin, &at), 0);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    thread = uv_thread_self();
    options = (trawl_options)TRAWL_OPTIONS_INIT;
    options.worker_argv = worker_argv;
    memset(probes, 0, sizeof(probes));
    memset(&late, 0, sizeof(late));
    queue_first = queue_last = running = 0;
    submitting = closing = closed = false;
    late.job = (struct tw_job){.to = &receiver, .url = "http://127.0.0.1:1/"};
}

static void teardown(void)
{
    for (size_t i = 0; i < PROBES; i++)
        tw_buf_free(&probes[i].body), tw_buf_free(&probes[i].refused);
    origin_stop(origin);
}

static void open_engine(void)
{
    ck_assert_int_eq(ops->open(&engine, &loop, &options), 0);
    ops->measure(engine, &stay);
}

static void start(int which)
{
    ops = tw_engine_find(trawl_strategy_names()[which]);
    ck_assert_ptr_nonnull(ops);
    width = ops->width(&options);
    ck_assert_uint_ge(width, 1);
    tw_stay_init(&stay);
    open_engine();
}

static void on_close(void *data)
{
    ck_assert_ptr_eq(data, &closed);
    ck_assert(!closed);
    closed = true;
}

static void shut(void)
{
    closing = true;
    ops->close(engine, on_close, &closed);
    ck_assert(!closed);
}

/* Every test ends here: nothing of the engine may be left. */
static void finish(void)
{
    if (!closing)
        shut();
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert(closed);
    ck_assert_int_eq(stay.now, TW_STAGE_NONE);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static int submit(struct probe *p)
{
    int err;

    submitting = true;
    err = ops->submit(engine, &p->job);
    submitting = false;
    p->lent = err == 0;
    running += err == 0;
    return err;
}

/* An engine is never given more than it runs at once: the rest waits here. */
static void go_on(void)
{
    while (!closing && running < width && queue_first < queue_last)
        ck_assert_int_eq(submit(queue[queue_first++]), 0);
}

static void enqueue(struct probe *p)
{
    ck_assert_uint_lt(queue_last, PROBES);
    queue[queue_last++] = p;
    go_on();
}

/* What a callback is told to do besides; seen is where it is. */
static void act(struct probe *p, enum place seen)
{
    if (p->submit_in == seen && !p->target->lent && p->target->dones == 0 && !closing)
        ck_assert_int_eq(submit(p->target), 0);
    if (p->cancel_in == seen && p->target->lent)
        ops->cancel(engine, &p->target->job);
    if (p->close_in == seen && !closing)
        shut();
    if (closing)
        ck_assert_int_eq(submit(&late), TRAWL_ECLOSING);
}

static struct probe *of(struct tw_job *job)
{
    struct probe *p = tw_container(job, struct probe, job);
    uv_thread_t self = uv_thread_self();

    ck_assert_msg(!submitting, "called back inside submit");
    ck_assert(p->lent);
    ck_assert_msg(!closed, "called back after close");
    ck_assert_int_eq(p->dones, 0);
    ck_assert(uv_thread_equal(&self, &thread));
    ck_assert_msg(stay.now != TW_STAGE_NONE, "called back where nobody measures");
    return p;
}

static int on_header(struct tw_job *job, const char *line, size_t len)
{
    struct probe *p = of(job);

    ck_assert_uint_gt(len, 0);
    ck_assert_ptr_eq(memchr(line, '\n', len), line + len - 1);
    if (p->headers == 0)
        ck_assert_mem_eq(line, "HTTP/", 5);
    p->headers++;
    p->header_bytes += len;
    act(p, IN_HEADER);
    return p->abort_header;
}

static void on_timer(uv_timer_t *timer)
{
    struct probe *p = timer->data;

    if (p->lent)
        ops->resume(engine, &p->job);
}

static void on_timer_closed(uv_handle_t *timer)
{
    ((struct probe *)timer->data)->timed = false;
}

static void resume_soon(struct probe *p)
{
    if (!p->resume_later) {
        ops->resume(engine, &p->job);
        return;
    }
    if (!p->timed)
        uv_timer_init(&loop, &p->timer);
    p->timed = true;
    p->timer.data = p;
    uv_timer_start(&p->timer, on_timer, 5, 0);
}

/* What was refused comes again, and perhaps more with it. */
static void check_refused(struct probe *p, const char *bytes, size_t len)
{
    ck_assert_uint_ge(len, p->refused.len);
    if (p->refused.len > 0)
        ck_assert_mem_eq(bytes, p->refused.data, p->refused.len);
    p->refused.len = 0;
}

static int on_body(struct tw_job *job, const char *bytes, size_t len)
{
    struct probe *p = of(job);
    bool came_again = p->refused.len > 0;

    ck_assert_uint_gt(len, 0);
    p->chunks++;
    p->body_status = job->out.status;
    act(p, IN_BODY);
    check_refused(p, bytes, len);
    if (p->pauses > 0 || (p->pause_each && !came_again)) {
        p->pauses -= p->pauses > 0;
        ck_assert_int_eq(tw_buf_append(&p->refused, bytes, len), 0);
        resume_soon(p);
        return TRAWL_PAUSE;
    }
    if (p->abort_body != 0)
        return p->abort_body;
    ck_assert_int_eq(tw_buf_append(&p->body, bytes, len), 0);
    return 0;
}

static void on_done(struct tw_job *job)
{
    struct probe *p = of(job);

    p->dones++;
    p->lent = false;
    running--;
    if (p->timed)
        uv_close((uv_handle_t *)&p->timer, on_timer_closed);
    act(p, IN_DONE);
    go_on();
}

static const struct tw_receiver receiver = {on_header, on_body, on_done};

/* Makes probe i a job for that target of the origin's host 127.0.0.<1 + host>. */
static struct probe *make_on(unsigned i, unsigned host, const char *target)
{
    struct probe *p = &probes[i];
    int n = snprintf(p->url, sizeof(p->url), "http://127.0.0.%u:%u%s", 1 + host,
                     origin_port(origin), target);

    ck_assert_int_lt(n, (int)sizeof(p->url));
    p->job = (struct tw_job){.to = &receiver, .url = p->url, .host_is_ip = true};
    p->job.host_hash = (uint64_t)host << 32;
    p->job.more = true;
    p->job.timeout_ms = 60000;
    return p;
}

static struct probe *make(unsigned i, const char *target)
{
    return make_on(i, 0, target);
}

static struct probe *add(unsigned i, const char *target)
{
    struct probe *p = make(i, target);

    enqueue(p);
    return p;
}

/* Runs until nothing is left to do: an engine keeps the loop alive for its jobs only. */
static void run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void done_with(const struct probe *p, int error)
{
    ck_assert_int_eq(p->dones, 1);
    ck_assert_msg(p->job.out.error == error, "%s instead of %s for %s (%d: %s)",
                  trawl_err_name(p->job.out.error), trawl_err_name(error), p->url,
                  p->job.out.curl_code, p->job.out.detail);
}

static void body_is(const struct probe *p, const char *text, size_t len)
{
    ck_assert_uint_eq(p->body.len, len);
    ck_assert_mem_eq(p->body.data, text, len);
}

static bool body_has(const struct probe *p, const char *text)
{
    return p->body.data != NULL && strstr(p->body.data, text) != NULL;
}

START_TEST(one_done_for_each_job)
{
    start(_i);
    for (unsigned i = 0; i < PROBES; i++)
        add(i, i % 4 == 0 ? "/?status=404" : "/?body=hello");
    for (unsigned i = 0; i < PROBES; i++)
        ck_assert_int_eq(probes[i].dones, 0);
    run();
    for (unsigned i = 0; i < PROBES; i++) {
        done_with(&probes[i], 0);
        ck_assert_int_eq(probes[i].job.out.status, i % 4 == 0 ? 404 : 200);
        ck_assert_ptr_null(probes[i].job.engine);
    }
    finish();
}
END_TEST

START_TEST(a_job_may_be_submitted_again)
{
    start(_i);
    for (int i = 0; i < 3; i++) {
        struct probe *p = &probes[0];

        p->dones = p->headers = 0;
        p->body.len = 0;
        add(0, "/?body=again");
        run();
        done_with(p, 0);
        body_is(p, "again", 5);
    }
    finish();
}
END_TEST

START_TEST(bodies_come_whole_in_every_framing_and_coding)
{
    static const char *const rows[] = {
        "/b?size=300000", "/b?size=300000&chunked=777", "/b?size=300000&framing=close",
        "/b?size=300000&encoding=gzip", "/b?size=300000&encoding=deflate&chunked=999",
        "/b?size=300000&encoding=br&framing=close", "/b?size=300000&trailers=1",
        "/b?size=300000&encoding=zstd", "/b?size=300000&encoding=gzip,br&chunked=300",
        "/b?size=300000&encoding=zstd,deflate,gzip,br,zstd&framing=close",
        "/b?size=300000&encoding=gzip&transfer=1", "/b?size=300000&encoding=br,zstd&transfer=1",
        "/b?size=300000&continue=1", "/b?size=300000&latency=20"};
    const unsigned n = sizeof(rows) / sizeof(rows[0]);
    struct raw_reply page;

    raw_get(origin_port(origin), rows[0], &page);
    start(_i);
    for (unsigned i = 0; i < n; i++)
        add(i, rows[i]);
    run();
    for (unsigned i = 0; i < n; i++) {
        done_with(&probes[i], 0);
        ck_assert_int_eq(probes[i].body_status, 200);
        body_is(&probes[i], (const char *)page.body, page.body_n);
    }
    raw_free(&page);
    finish();
}
END_TEST

START_TEST(empty_bodies_are_not_delivered)
{
    start(_i);
    add(0, "/?size=0");
    add(1, "/?status=204");
    add(2, "/?size=0&chunked=5&trailers=1");
    add(3, "/?size=0&encoding=br");
    add(4, "/?size=0&says=gzip");
    add(5, "/?status=204&says=foo");
    add(6, "/?status=304&encoding=zstd");
    run();
    for (int i = 0; i < 7; i++) {
        done_with(&probes[i], 0);
        ck_assert_int_eq(probes[i].chunks, 0);
    }
    ck_assert_int_eq(probes[1].job.out.status, 204);
    finish();
}
END_TEST

/* pauses: once, often, inside the callback and later. */
START_TEST(paused_bodies_come_whole)
{
    static const char *const rows[] = {
        "/p?size=200000", "/p?size=200000&encoding=gzip", "/p?size=200000&chunked=500",
        "/p?size=200000&encoding=gzip&chunked=100", "/p?size=200000&encoding=br&framing=close",
        "/p?size=200000&trailers=1", "/p?size=200000&encoding=br",
        "/p?size=200000&encoding=zstd&chunked=100", "/p?size=200000&encoding=zstd,br",
        "/p?size=200000&encoding=br&transfer=1", "/p?size=200000&encoding=deflate&framing=close"};
    const unsigned n = sizeof(rows) / sizeof(rows[0]);
    struct raw_reply page;

    raw_get(origin_port(origin), rows[0], &page);
    start(_i);
    for (unsigned i = 0; i < 4 * n; i++) {
        struct probe *p = add(i, rows[i % n]);

        p->pauses = i / n < 2 ? 1 : 7;
        p->resume_later = i / n % 2 == 1;
    }
    run();
    for (unsigned i = 0; i < 4 * n; i++) {
        done_with(&probes[i], 0);
        ck_assert_uint_eq(probes[i].pauses, 0);
        body_is(&probes[i], (const char *)page.body, page.body_n);
    }
    raw_free(&page);
    finish();
}
END_TEST

/* The whole body is the first piece, and the last: libcurl has all bytes of it when it is refused. */
START_TEST(small_bodies_can_be_paused_too)
{
    static const char *const rows[] = {
        "/?body=tiny", "/?body=tiny&encoding=gzip&chunked=2", "/?body=tiny&encoding=br",
        "/?body=tiny&encoding=zstd,gzip", "/?body=tiny&encoding=br&chunked=100",
        "/?body=tiny&encoding=zstd&framing=close", "/?body=tiny&encoding=deflate&transfer=1",
        "/?body=tiny&encoding=br&trailers=1"};
    const unsigned n = sizeof(rows) / sizeof(rows[0]);

    start(_i);
    for (unsigned i = 0; i < 4 * n; i++) {
        struct probe *p = add(i, rows[i % n]);

        p->pauses = 1 + i / n % 2;
        p->resume_later = i / n < 2;
    }
    run();
    for (unsigned i = 0; i < 4 * n; i++) {
        done_with(&probes[i], 0);
        ck_assert_uint_eq(probes[i].pauses, 0);
        body_is(&probes[i], "tiny", 4);
    }
    finish();
}
END_TEST

/* A few bytes make many pieces, the last of which comes when libcurl has long had its all. */
START_TEST(each_piece_of_a_bomb_may_be_paused)
{
    static const char *const rows[] = {
        "/?bomb=1000000&encoding=br", "/?bomb=1000000&encoding=zstd&framing=close",
        "/?bomb=1000000&encoding=gzip", "/?bomb=1000000&encoding=gzip,br&transfer=1"};
    const unsigned n = sizeof(rows) / sizeof(rows[0]);

    start(_i);
    for (unsigned i = 0; i < 2 * n; i++) {
        struct probe *p = add(i, rows[i % n]);

        p->pause_each = true;
        p->resume_later = i < n;
    }
    run();
    for (unsigned i = 0; i < 2 * n; i++) {
        done_with(&probes[i], 0);
        ck_assert_uint_eq(probes[i].body.len, 1000000);
        ck_assert_int_ge(probes[i].chunks, 2);
    }
    finish();
}
END_TEST

/* It says which coding, and libcurl's code, also where libcurl itself has seen nothing wrong. */
START_TEST(outcome_of_a_body_that_cannot_be_decoded)
{
    static const struct {
        const char *target, *detail;
        size_t len;
    } rows[] = {
        {"/?size=50000&encoding=gzip&flip=8", "gzip: incorrect data check", SIZE_MAX},
        {"/?size=50000&encoding=deflate&flip=1", "deflate: incorrect data check", SIZE_MAX},
        {"/?body=text&encoding=br&cut=1", "br: it is cut off", SIZE_MAX},
        {"/?body=text&encoding=zstd&cut=1&framing=close", "zstd: it is cut off", SIZE_MAX},
        {"/?body=text&encoding=gzip&cut=1&chunked=3", "gzip: it is cut off", 4},
        {"/?body=text&encoding=gzip&cut=8&transfer=1", "gzip: it is cut off", 4},
        {"/?size=50000&encoding=gzip&junk=1", "gzip: more follows its end", 50000},
        {"/?size=50000&encoding=br,zstd&junk=4", "zstd: no frame begins where one should", 50000},
        {"/?body=text&says=what", "what: this coding is not known", 0},
        {"/?body=text&says=gzip", "gzip: incorrect header check", 0},
        {"/?body=text&says=br,br,br,br,br,gzip", "gzip: this coding is one more than the 5 that are undone", 0},
    };
    const unsigned n = sizeof(rows) / sizeof(rows[0]);

    start(_i);
    for (unsigned i = 0; i < n; i++)
        add(i, rows[i].target);
    run();
    for (unsigned i = 0; i < n; i++) {
        done_with(&probes[i], TRAWL_EENCODING);
        ck_assert_int_eq(probes[i].job.out.curl_code, 61); /* CURLE_BAD_CONTENT_ENCODING */
        ck_assert_str_eq(probes[i].job.out.detail, rows[i].detail);
        if (rows[i].len != SIZE_MAX)
            ck_assert_uint_eq(probes[i].body.len, rows[i].len);
    }
    finish();
}
END_TEST

START_TEST(resume_of_what_is_not_paused_does_nothing)
{
    start(_i);
    add(0, "/?size=50000&latency=20");
    ops->resume(engine, &probes[0].job);
    ops->resume(engine, &probes[0].job);
    run();
    done_with(&probes[0], 0);
    ck_assert_uint_eq(probes[0].body.len, 50000);
    finish();
}
END_TEST

/* A code of the receiver's ends the exchange, also one that libcurl has never heard of, and also
 * in the call that comes after a pause. */
START_TEST(receivers_code_becomes_the_outcome)
{
    start(_i);
    make(0, "/?size=100")->abort_header = TRAWL_EHEADERSIZE;
    make(1, "/?size=100")->abort_body = TRAWL_EBODYSIZE;
    make(2, "/?size=100000&chunked=100&encoding=gzip")->abort_body = -12345;
    make(3, "/?size=100")->abort_body = TRAWL_EWRITE;
    make(4, "/?size=100000&chunked=100&encoding=gzip")->abort_body = TRAWL_EWRITE;
    make(5, "/?size=10&keepalive=0")->abort_body = TRAWL_EWRITE;
    for (unsigned i = 0; i < 6; i++) {
        probes[i].pauses = i >= 3 ? 2 : 0;
        probes[i].resume_later = i % 2 == 0;
        enqueue(&probes[i]);
    }
    run();
    done_with(&probes[0], TRAWL_EHEADERSIZE);
    ck_assert_int_eq(probes[0].headers, 1);
    done_with(&probes[1], TRAWL_EBODYSIZE);
    done_with(&probes[2], -12345);
    ck_assert_int_eq(probes[2].chunks, 1);
    for (unsigned i = 3; i < 6; i++) {
        done_with(&probes[i], TRAWL_EWRITE);
        ck_assert_int_eq(probes[i].chunks, 3);
    }
    finish();
}
END_TEST

START_TEST(cancelled_before_its_start)
{
    unsigned n;

    start(_i);
    n = width < PROBES ? width : PROBES;
    for (unsigned i = 0; i < n; i++)
        add(i, "/?size=100");
    for (unsigned i = 0; i < n; i += 2)
        ops->cancel(engine, &probes[i].job);
    for (unsigned i = 0; i < n; i++)
        ck_assert_int_eq(probes[i].dones, 0);
    run();
    for (unsigned i = 0; i < n; i++)
        done_with(&probes[i], i % 2 == 0 ? TRAWL_ECANCELED : 0);
    finish();
}
END_TEST

/* Handles are used again; what they say of the job before must not be told of the next one. */
START_TEST(cancelled_before_its_start_tells_nothing)
{
    const struct tw_outcome *out = &probes[1].job.out;

    start(_i);
    add(0, "/?status=418&size=1000");
    run();
    done_with(&probes[0], 0);
    add(1, "/?size=100");
    ops->cancel(engine, &probes[1].job);
    run();
    done_with(&probes[1], TRAWL_ECANCELED);
    ck_assert_int_eq(out->status, 0);
    ck_assert_int_eq(out->curl_code, 0);
    ck_assert_uint_eq(out->wire_bytes, 0);
    ck_assert_uint_eq(out->total_us, 0);
    ck_assert_str_eq(out->ip, "");
    finish();
}
END_TEST

/* Cancels what is in flight, again and again until all are done. */
static void on_cancel_timer(uv_timer_t *timer)
{
    for (unsigned i = 0; i < PROBES; i++)
        if (probes[i].lent)
            ops->cancel(engine, &probes[i].job);
    if (running == 0)
        uv_close((uv_handle_t *)timer, NULL);
}

START_TEST(cancelled_in_flight)
{
    static const char *const rows[] = {"/?noreply=0&stall=0", "/?stall=10", "/?stall=300",
                                       "/?endless=1", "/?drip=1", "/?latency=60000"};
    const unsigned n = sizeof(rows) / sizeof(rows[0]);
    uv_timer_t timer;

    start(_i);
    for (unsigned i = 0; i < n; i++)
        add(i, rows[i]);
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, on_cancel_timer, 30, 30);
    run();
    for (unsigned i = 0; i < n; i++) {
        done_with(&probes[i], TRAWL_ECANCELED);
        ck_assert_int_eq(probes[i].job.out.curl_code, 0);
        ck_assert_str_eq(probes[i].job.out.detail, "");
    }
    finish();
}
END_TEST

START_TEST(cancelled_while_paused)
{
    struct probe *p;
    uv_timer_t timer;

    start(_i);
    p = add(0, "/?size=100000&encoding=gzip");
    p->pauses = 1000000;
    p->resume_later = true;
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, on_cancel_timer, 30, 30);
    run();
    done_with(p, TRAWL_ECANCELED);
    finish();
}
END_TEST

START_TEST(cancelled_by_its_own_callbacks)
{
    start(_i);
    for (unsigned i = 0; i < 2; i++) {
        struct probe *p = make(i, "/?endless=1");

        p->cancel_in = (enum place)(IN_HEADER + i);
        p->target = p;
        enqueue(p);
    }
    run();
    done_with(&probes[0], TRAWL_ECANCELED);
    done_with(&probes[1], TRAWL_ECANCELED);
    finish();
}
END_TEST

START_TEST(cancelled_by_every_callback_of_another)
{
    start(_i);
    for (unsigned i = 0; i < 3 && width >= 2; i++) {
        struct probe *p = make(i, "/?size=100");

        p->cancel_in = (enum place)(IN_HEADER + i);
        p->target = add(20 + i, "/?stall=5");
        enqueue(p);
        run();
        done_with(p, 0);
        done_with(p->target, TRAWL_ECANCELED);
    }
    finish();
}
END_TEST

START_TEST(submitted_inside_every_callback)
{
    start(_i);
    for (unsigned i = width >= 2 ? 0 : 2; i < 3; i++) {
        struct probe *p = make(i, "/?size=100");

        p->submit_in = (enum place)(IN_HEADER + i);
        p->target = make(20 + i, "/?body=second");
        enqueue(p);
        run();
        done_with(p, 0);
        done_with(p->target, 0);
        body_is(p->target, "second", 6);
    }
    finish();
}
END_TEST

/* As many jobs as the engine takes; the first to come so far closes it. */
static void close_in(int which, enum place place)
{
    static const char *const rows[] = {"/?size=100", "/?stall=0", "/?endless=1"};
    unsigned n;

    start(which);
    n = width < 12 ? width : 12;
    for (unsigned i = 0; i < n; i++) {
        make(i, rows[i % 3])->close_in = place;
        enqueue(&probes[i]);
    }
    run();
    ck_assert(closing);
    for (unsigned i = 0; i < n; i++) {
        bool may_end = i % 3 == 0 && probes[i].job.out.error == 0;

        done_with(&probes[i], may_end ? 0 : TRAWL_ECANCELED);
    }
    finish();
}

START_TEST(closed_inside_on_header)
{
    close_in(_i, IN_HEADER);
}
END_TEST

START_TEST(closed_inside_on_body)
{
    close_in(_i, IN_BODY);
}
END_TEST

START_TEST(closed_inside_on_done)
{
    close_in(_i, IN_DONE);
}
END_TEST

START_TEST(close_without_jobs)
{
    start(_i);
    finish();
}
END_TEST

START_TEST(close_with_jobs_not_started)
{
    unsigned n;

    start(_i);
    n = width < PROBES ? width : PROBES;
    for (unsigned i = 0; i < n; i++)
        add(i, "/?size=100");
    for (unsigned i = 0; i < n; i += 3)
        ops->cancel(engine, &probes[i].job);
    for (unsigned i = 0; i < n; i += 5)
        ops->resume(engine, &probes[i].job);
    shut();
    for (unsigned i = 0; i < n; i++)
        ck_assert_int_eq(probes[i].dones, 0);
    finish();
    for (unsigned i = 0; i < n; i++)
        done_with(&probes[i], TRAWL_ECANCELED);
}
END_TEST

START_TEST(submit_after_close_is_refused)
{
    start(_i);
    add(0, "/?stall=0");
    shut();
    ck_assert_int_eq(submit(&late), TRAWL_ECLOSING);
    finish();
    done_with(&probes[0], TRAWL_ECANCELED);
    ck_assert_int_eq(late.dones, 0);
}
END_TEST

START_TEST(idle_connections_do_not_keep_the_loop_alive)
{
    start(_i);
    run();
    for (unsigned i = 0; i < 16; i++)
        add(i, "/?size=100&latency=10");
    ck_assert(uv_loop_alive(&loop));
    run(); /* returns although the connections stay */
    for (unsigned i = 0; i < 16; i++)
        done_with(&probes[i], 0);
    ck_assert(!uv_loop_alive(&loop));
    finish();
}
END_TEST

START_TEST(connections_are_used_again)
{
    start(_i);
    for (unsigned i = 0; i < PROBES; i++) {
        add(i, "/?size=100");
        run();
        done_with(&probes[i], 0);
    }
    ck_assert_uint_eq(origin_stats(origin).requests, PROBES);
    ck_assert_uint_le(origin_stats(origin).connections, PROBES / 4);
    finish();
}
END_TEST

START_TEST(no_reuse_opens_a_connection_for_each_job)
{
    options.no_reuse = true;
    start(_i);
    for (unsigned i = 0; i < 32; i++) {
        add(i, "/?size=100");
        if (i % 3 == 0)
            run();
    }
    run();
    for (unsigned i = 0; i < 32; i++)
        done_with(&probes[i], 0);
    ck_assert_uint_eq(origin_stats(origin).connections, 32);
    finish();
}
END_TEST

/* A server may hang up between two jobs: the second one must not suffer for it. */
START_TEST(dead_connections_are_replaced)
{
    start(_i);
    for (unsigned i = 0; i < 16; i++) {
        add(i, "/?size=100&keepalive=0");
        run();
        done_with(&probes[i], 0);
    }
    finish();
}
END_TEST

/* One job asks once: libcurl would ask again when a kept connection dies under a request. */
START_TEST(requests_are_sent_once)
{
    start(_i);
    for (unsigned i = 0; i < 8; i += 2) {
        char target[64];

        add(i, "/?size=100");
        run();
        done_with(&probes[i], 0);
        snprintf(target, sizeof(target), "/?noreply=1&key=once%u", i);
        add(i + 1, target);
        run();
        done_with(&probes[i + 1], TRAWL_EEMPTY);
        ck_assert_uint_eq(origin_hits(origin, strstr(target, "once")), 1);
    }
    finish();
}
END_TEST

START_TEST(outcome_tells_of_the_exchange)
{
    const struct tw_outcome *out = &probes[0].job.out;

    start(_i);
    add(0, "/?size=5000&latency=50");
    run();
    done_with(&probes[0], 0);
    ck_assert_int_eq(out->curl_code, 0);
    ck_assert_int_eq(out->status, 200);
    ck_assert_int_eq(out->http_version, 11);
    ck_assert_str_eq(out->ip, "127.0.0.1");
    ck_assert_uint_eq(out->port, origin_port(origin));
    ck_assert_uint_eq(out->wire_bytes, probes[0].header_bytes + 5000);
    ck_assert_uint_gt(out->connect_us, 0);
    ck_assert_uint_eq(out->tls_us, 0);
    ck_assert_uint_ge(out->first_byte_us, 45000); /* the origin's clock ticks in milliseconds */
    ck_assert_uint_ge(out->first_byte_us, out->dns_us + out->connect_us);
    ck_assert_uint_ge(out->total_us, out->first_byte_us);
    ck_assert_str_eq(out->detail, "");
    finish();
}
END_TEST

START_TEST(wire_bytes_count_what_came_compressed)
{
    start(_i);
    add(0, "/?bomb=1000000");
    run();
    done_with(&probes[0], 0);
    ck_assert_uint_eq(probes[0].body.len, 1000000);
    ck_assert_uint_gt(probes[0].job.out.wire_bytes, probes[0].header_bytes);
    ck_assert_uint_lt(probes[0].job.out.wire_bytes, 20000);
    finish();
}
END_TEST

START_TEST(outcome_of_a_refused_connection)
{
    struct probe *p;

    start(_i);
    p = make(0, "/");
    snprintf(p->url, sizeof(p->url), "http://127.0.0.1:1/");
    enqueue(p);
    run();
    done_with(p, TRAWL_ECONNECT);
    ck_assert_int_ne(p->job.out.curl_code, 0);
    ck_assert_int_eq(p->job.out.status, 0);
    ck_assert_uint_eq(p->job.out.wire_bytes, 0);
    ck_assert_str_ne(p->job.out.detail, "");
    ck_assert_int_eq(p->headers, 0);
    finish();
}
END_TEST

START_TEST(credentials_are_sent_for_their_job_only)
{
    start(_i);
    for (unsigned i = 0; i < 12; i++) {
        struct probe *p = make(i, "/?auth=basic");

        if (i % 2 == 0) {
            p->job.user = "user";
            p->job.password = i % 4 == 0 ? "password" : NULL;
        }
        enqueue(p);
        if (i % 3 == 0)
            run();
    }
    run();
    for (unsigned i = 0; i < 12; i++) {
        done_with(&probes[i], 0);
        ck_assert_int_eq(probes[i].job.out.status, i % 4 == 0 ? 200 : 401);
    }
    finish();
}
END_TEST

START_TEST(foreign_jobs_carry_no_secret_headers)
{
    static const char *const headers[] = {"Authorization: s3cret", "cookie: a=s3cret",
                                          "Proxy-Authorization: s3cret", "X-Plain: yes", NULL};

    options.headers = headers;
    start(_i);
    for (unsigned i = 0; i < 9; i++) {
        make_on(i, i % 3 == 1, "/echo")->job.foreign = i % 3 == 1;
        enqueue(&probes[i]);
        run();
        done_with(&probes[i], 0);
        ck_assert(body_has(&probes[i], "X-Plain: yes"));
        ck_assert_int_eq(body_has(&probes[i], "s3cret"), i % 3 != 1);
        ck_assert_int_eq(body_has(&probes[i], "a=s3cret"), i % 3 != 1);
    }
    finish();
}
END_TEST

START_TEST(time_is_limited_job_by_job)
{
    static const char *const rows[] = {"/?stall=0", "/?stall=20", "/?stall=400", "/?endless=1",
                                       "/?latency=60000", "/?drip=1"};
    const unsigned n = sizeof(rows) / sizeof(rows[0]);

    start(_i);
    for (unsigned i = 0; i < n; i++) {
        make(i, rows[i])->job.timeout_ms = 100;
        enqueue(&probes[i]);
    }
    add(n, "/?latency=200&body=patient");
    run();
    for (unsigned i = 0; i < n; i++) {
        done_with(&probes[i], TRAWL_ETIMEDOUT);
        ck_assert_str_ne(probes[i].job.out.detail, "");
    }
    done_with(&probes[n], 0);
    finish();
}
END_TEST

/* A paused job is still under its limit. */
START_TEST(paused_jobs_time_out)
{
    struct probe *p;

    start(_i);
    p = make(0, "/?size=100000&chunked=100");
    p->job.timeout_ms = 100;
    p->pauses = 1000000;
    p->resume_later = true;
    enqueue(p);
    run();
    done_with(p, TRAWL_ETIMEDOUT);
    finish();
}
END_TEST

START_TEST(announced_lengths_over_the_limit_end_early)
{
    start(_i);
    make(0, "/?size=100001")->job.max_body = 100000;
    make(1, "/?size=100000")->job.max_body = 100000;
    enqueue(&probes[0]);
    enqueue(&probes[1]);
    run();
    done_with(&probes[0], TRAWL_EBODYSIZE);
    ck_assert_int_eq(probes[0].chunks, 0);
    done_with(&probes[1], 0);
    finish();
}
END_TEST

/* Two engines on one loop know nothing of each other. */
START_TEST(two_engines_share_a_loop)
{
    struct tw_engine *first;

    start(_i);
    first = engine;
    add(0, "/?stall=0");
    open_engine();
    ck_assert_int_eq(submit(make(1, "/?body=second")), 0);
    while (probes[1].dones == 0)
        uv_run(&loop, UV_RUN_ONCE);
    done_with(&probes[1], 0);
    ck_assert_int_eq(probes[0].dones, 0);
    shut();
    while (!closed)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(probes[0].dones, 0);
    closing = closed = false;
    engine = first;
    finish();
    done_with(&probes[0], TRAWL_ECANCELED);
}
END_TEST

static int run_tests(void)
{
    const TTest *const tests[] = {
        one_done_for_each_job,
        a_job_may_be_submitted_again,
        bodies_come_whole_in_every_framing_and_coding,
        empty_bodies_are_not_delivered,
        paused_bodies_come_whole,
        small_bodies_can_be_paused_too,
        each_piece_of_a_bomb_may_be_paused,
        outcome_of_a_body_that_cannot_be_decoded,
        resume_of_what_is_not_paused_does_nothing,
        receivers_code_becomes_the_outcome,
        cancelled_before_its_start,
        cancelled_before_its_start_tells_nothing,
        cancelled_in_flight,
        cancelled_while_paused,
        cancelled_by_its_own_callbacks,
        cancelled_by_every_callback_of_another,
        submitted_inside_every_callback,
        closed_inside_on_header,
        closed_inside_on_body,
        closed_inside_on_done,
        close_without_jobs,
        close_with_jobs_not_started,
        submit_after_close_is_refused,
        idle_connections_do_not_keep_the_loop_alive,
        connections_are_used_again,
        no_reuse_opens_a_connection_for_each_job,
        dead_connections_are_replaced,
        requests_are_sent_once,
        outcome_tells_of_the_exchange,
        wire_bytes_count_what_came_compressed,
        outcome_of_a_refused_connection,
        credentials_are_sent_for_their_job_only,
        foreign_jobs_carry_no_secret_headers,
        time_is_limited_job_by_job,
        paused_jobs_time_out,
        announced_lengths_over_the_limit_end_early,
        two_engines_share_a_loop,
    };
    SRunner *runner;
    Suite *suite;
    TCase *t;
    int engines = 0, failed;

    t = tcase_create("contract");
    suite = suite_create("engine");
    while (trawl_strategy_names()[engines] != NULL)
        engines++;
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_loop_test(t, tests[i], 0, engines);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "worker") == 0 ? trawl_worker() : run_tests();
}
