#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/list.h"
#include "clock.h"
#include "memory.h"
#include "random.h"

enum fault {
    FAULT_NONE,
    FAULT_NAME,
    FAULT_NAME_TIMEOUT,
    FAULT_CONNECT,
    FAULT_CONNECT_TIMEOUT,
    FAULT_EMPTY,
    FAULT_RESET,     /* before the answer */
    FAULT_RESET_MID, /* in the body */
    FAULT_TRUNCATED,
    FAULT_STALL,
    FAULT_MALFORMED,
    FAULT_500,
    FAULT_503,
    FAULT_503_AFTER, /* Retry-After: seconds */
    FAULT_429,
    FAULT_429_AFTER,
    FAULT_429_DATE, /* Retry-After: a date */
    FAULTS
};

struct tw_engine {
    struct tw_link exchanges;
    struct tw_link searches;
    struct sim_event closed;
    bool closing;
    void (*on_close)(void *data);
    void *close_data;
};

struct exchange {
    struct sim_event event;
    struct tw_link link;
    struct tw_engine *engine;
    struct tw_job *job;
    struct ref ref;
    struct answer answer;
    enum fault fault;
    uint64_t began_us, deadline_us;
    uint64_t after_ms;
    size_t head_at, body_at;
    bool paused, cancelled;
};

struct search {
    struct sim_event event;
    struct tw_link link;
    struct tw_engine *engine;
    struct tw_lookup *lookup;
    int error; /* what it will come to */
    bool cancelled;
};

static struct {
    const struct web *web;
    const struct engine_watch *watch;
    uint64_t rng;
    unsigned fault_percent;
    unsigned engines;
    uint64_t connect_timeout_ms;
} s;

const struct tw_engine_ops *__wrap_tw_engine_find(const char *name);
time_t __wrap_time(time_t *at);

void engine_begin(const struct web *web, const struct engine_watch *watch, uint64_t seed,
                  unsigned fault_percent)
{
    s.web = web;
    s.watch = watch;
    s.rng = seed;
    s.fault_percent = fault_percent;
}

unsigned engine_count(void)
{
    return s.engines;
}

/* ---- the end of an exchange ---- */

static void on_closed(struct sim_event *event)
{
    struct tw_engine *e = tw_container(event, struct tw_engine, closed);
    void (*cb)(void *data) = e->on_close;
    void *data = e->close_data;

    sim_free(e);
    s.engines--;
    cb(data);
}

static void close_if_empty(struct tw_engine *e)
{
    if (e->closing && tw_list_empty(&e->exchanges) && tw_list_empty(&e->searches) &&
        e->closed.slot == 0)
        clock_in(&e->closed, 0, on_closed);
}

static void end(struct exchange *x, int error)
{
    struct tw_engine *e = x->engine;
    struct tw_job *job = x->job;

    job->out.error = error;
    job->out.total_us = clock_us() - x->began_us;
    job->engine = NULL;
    if (s.watch != NULL)
        s.watch->ended(job, error == 0 ? x->after_ms : 0);
    tw_list_remove(&x->link);
    clock_drop(&x->event);
    answer_free(&x->answer);
    sim_free(x);
    job->to->on_done(job);
    close_if_empty(e);
}

static void on_cancelled(struct sim_event *event)
{
    end(tw_container(event, struct exchange, event), TRAWL_ECANCELED);
}

static void on_timeout(struct sim_event *event)
{
    end(tw_container(event, struct exchange, event), TRAWL_ETIMEDOUT);
}

/* The next step, unless the time is over before. */
static void go_on(struct exchange *x, uint64_t in_us, void (*run)(struct sim_event *))
{
    uint64_t at = clock_us() + in_us;

    if (x->cancelled)
        return; /* that event is made already */
    if (at >= x->deadline_us)
        clock_at(&x->event, x->deadline_us, on_timeout);
    else
        clock_at(&x->event, at, run);
}

/* Nothing more will come. */
static void hang(struct exchange *x)
{
    if (x->cancelled)
        return;
    if (x->deadline_us == UINT64_MAX)
        clock_drop(&x->event);
    else
        clock_at(&x->event, x->deadline_us, on_timeout);
}

/* ---- the body ---- */

static void on_end(struct sim_event *event)
{
    struct exchange *x = tw_container(event, struct exchange, event);

    switch (x->fault) {
    case FAULT_RESET_MID: end(x, TRAWL_ERESET); break;
    case FAULT_TRUNCATED: end(x, TRAWL_ETRUNCATED); break;
    default: end(x, 0);
    }
}

static size_t body_end(const struct exchange *x)
{
    bool cut = x->fault == FAULT_RESET_MID || x->fault == FAULT_TRUNCATED ||
               x->fault == FAULT_STALL;

    return cut ? x->answer.body.len / 2 : x->answer.body.len;
}

static void on_chunk(struct sim_event *event);

static void after_chunk(struct exchange *x)
{
    if (x->body_at < body_end(x))
        go_on(x, rng_below(&s.rng, 20000), on_chunk);
    else if (x->fault == FAULT_STALL)
        hang(x);
    else
        go_on(x, rng_below(&s.rng, 2000), on_end);
}

static void on_chunk(struct sim_event *event)
{
    struct exchange *x = tw_container(event, struct exchange, event);
    size_t left = body_end(x) - x->body_at;
    size_t n = 1 + rng_below(&s.rng, 20000);
    int err;

    if (n > left)
        n = left;
    err = x->job->to->on_body(x->job, x->answer.body.s + x->body_at, n);
    if (err < 0 && !x->cancelled) {
        end(x, err);
    } else if (err == TRAWL_PAUSE) {
        x->paused = true;
        hang(x);
    } else if (err == 0) {
        x->body_at += n;
        x->job->out.wire_bytes += n;
        after_chunk(x);
    }
}

/* ---- the head ---- */

static size_t line_len(const struct exchange *x)
{
    const char *from = x->answer.head.s + x->head_at;

    return (size_t)(strchr(from, '\n') + 1 - from);
}

static void on_head(struct sim_event *event)
{
    struct exchange *x = tw_container(event, struct exchange, event);
    struct tw_job *job = x->job;
    int err = 0;

    job->out.status = x->answer.status;
    job->out.http_version = 11;
    job->out.first_byte_us = clock_us() - x->began_us;
    while (err == 0 && x->head_at < x->answer.head.len) {
        size_t len = line_len(x);

        err = job->to->on_header(job, x->answer.head.s + x->head_at, len);
        x->head_at += len;
        job->out.wire_bytes += len;
    }
    if (err != 0 && !x->cancelled)
        end(x, err);
    else if (job->max_body != 0 && x->answer.body.len > job->max_body && !x->cancelled)
        end(x, TRAWL_EBODYSIZE);
    else
        after_chunk(x);
}

static void on_failure(struct sim_event *event)
{
    struct exchange *x = tw_container(event, struct exchange, event);

    switch (x->fault) {
    case FAULT_NAME: end(x, TRAWL_ERESOLVE); break;
    case FAULT_NAME_TIMEOUT: end(x, TRAWL_EDNSTIMEOUT); break;
    case FAULT_CONNECT: end(x, TRAWL_ECONNECT); break;
    case FAULT_CONNECT_TIMEOUT: end(x, TRAWL_ECONNTIMEOUT); break;
    case FAULT_EMPTY: end(x, TRAWL_EEMPTY); break;
    case FAULT_MALFORMED: end(x, TRAWL_EPROTOCOL); break;
    default: end(x, TRAWL_ERESET);
    }
}

/* ---- what will happen ---- */

static int status_of(enum fault fault)
{
    if (fault == FAULT_500)
        return 500;
    return fault == FAULT_503 || fault == FAULT_503_AFTER ? 503 : 429;
}

static void add_retry_after(struct exchange *x)
{
    unsigned seconds = 1 + rng_below(&s.rng, 9);
    time_t at = __wrap_time(NULL) + (time_t)seconds + 3;
    struct tm tm;
    char date[64];

    if (rng_below(&s.rng, 20) == 0)
        seconds = 100000;
    if (x->fault == FAULT_429_DATE) {
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
        text_add(&x->answer.head, "Retry-After: %s\r\n", date);
        x->after_ms = 1; /* how much it is depends on when it is read */
    } else if (x->fault == FAULT_503_AFTER || x->fault == FAULT_429_AFTER) {
        text_add(&x->answer.head, "Retry-After: %u\r\n", seconds);
        x->after_ms = seconds * (uint64_t)1000;
    }
}

/* The answer is another one. */
static void spoil(struct exchange *x)
{
    if (x->fault < FAULT_500)
        return;
    text_free(&x->answer.head);
    x->answer.body.len = 0;
    x->answer.status = status_of(x->fault);
    text_add(&x->answer.head, "HTTP/1.1 %d X\r\nContent-Type: text/html\r\n", x->answer.status);
    text_add(&x->answer.body, "<a href=\"/decoy-busy\">later</a>");
    add_retry_after(x);
}

static void plan(struct exchange *x)
{
    web_answer(s.web, x->ref, x->job->url, &x->answer);
    if (rng_chance(&s.rng, s.fault_percent))
        x->fault = 1 + rng_below(&s.rng, FAULTS - 1);
    spoil(x);
    text_add(&x->answer.head, "\r\n");
}

static void begin(struct exchange *x)
{
    bool connects = x->fault == FAULT_NONE || x->fault > FAULT_CONNECT_TIMEOUT;
    uint64_t latency = x->answer.latency_us;

    if (connects) {
        web_address(s.web, x->ref.host, x->job->out.ip);
        x->job->out.port = 80;
    }
    if (x->fault == FAULT_CONNECT_TIMEOUT)
        latency = s.connect_timeout_ms * 1000;
    if (x->fault != FAULT_NONE && x->fault < FAULT_RESET_MID)
        go_on(x, latency, on_failure);
    else if (x->fault == FAULT_MALFORMED)
        go_on(x, latency, on_failure);
    else
        go_on(x, latency, on_head);
}

/* ---- names ---- */

static void end_search(struct search *x, int error)
{
    struct tw_engine *e = x->engine;
    struct tw_lookup *lookup = x->lookup;

    uint32_t host;

    tw_list_remove(&x->link);
    clock_drop(&x->event);
    free(x);
    lookup->engine = NULL;
    lookup->ip[0] = '\0';
    if (error == 0 && !web_find_host(s.web, lookup->url, &host))
        error = TRAWL_ERESOLVE;
    lookup->error = error;
    if (error == 0)
        web_address(s.web, host, lookup->ip);
    if (s.watch != NULL && s.watch->looked_up != NULL)
        s.watch->looked_up(lookup);
    lookup->cb(lookup);
    close_if_empty(e);
}

static void on_searched(struct sim_event *event)
{
    struct search *x = tw_container(event, struct search, event);

    end_search(x, x->cancelled ? TRAWL_ECANCELED : x->error);
}

static uint64_t search_us(int error)
{
    if (error == TRAWL_EDNSTIMEOUT)
        return (uint64_t)10 * 1000000;
    return rng_chance(&s.rng, 10) ? rng_below(&s.rng, 5000000) : rng_below(&s.rng, 100000);
}

/* Its memory is the core's to run out of. */
static int sim_resolve(struct tw_engine *e, struct tw_lookup *lookup)
{
    struct search *x;

    if (e->closing)
        return TRAWL_ECLOSING;
    if (lookup->host_is_ip)
        return TRAWL_ENOENT;
    x = calloc(1, sizeof(*x));
    if (x == NULL)
        return TRAWL_ENOMEM;
    x->engine = e;
    x->lookup = lookup;
    if (rng_chance(&s.rng, s.fault_percent))
        x->error = rng_chance(&s.rng, 50) ? TRAWL_ERESOLVE : TRAWL_EDNSTIMEOUT;
    lookup->engine = x;
    tw_list_append(&e->searches, &x->link);
    clock_in(&x->event, search_us(x->error), on_searched);
    return 0;
}

static void sim_unresolve(struct tw_engine *e, struct tw_lookup *lookup)
{
    struct search *x = lookup->engine;

    (void)e;
    if (x->cancelled)
        return;
    x->cancelled = true;
    clock_in(&x->event, 0, on_searched);
}

/* ---- the table ---- */

static unsigned sim_width(const trawl_options *options)
{
    return options->concurrency;
}

static int sim_open(struct tw_engine **engine, uv_loop_t *loop, const trawl_options *options)
{
    struct tw_engine *e = sim_alloc(sizeof(*e));

    (void)loop;
    s.connect_timeout_ms = options->connect_timeout_ms;
    s.engines++;
    tw_list_init(&e->exchanges);
    tw_list_init(&e->searches);
    *engine = e;
    return 0;
}

static int sim_submit(struct tw_engine *e, struct tw_job *job)
{
    struct exchange *x;

    if (e->closing)
        return TRAWL_ECLOSING;
    x = sim_alloc(sizeof(*x));
    x->engine = e;
    x->job = job;
    x->ref = web_find(s.web, job->url);
    x->began_us = clock_us();
    x->deadline_us = job->timeout_ms == 0 ? UINT64_MAX : x->began_us + job->timeout_ms * 1000;
    memset(&job->out, 0, sizeof(job->out));
    job->engine = x;
    tw_list_append(&e->exchanges, &x->link);
    if (s.watch != NULL)
        s.watch->started(job);
    plan(x);
    begin(x);
    return 0;
}

static void sim_cancel(struct tw_engine *e, struct tw_job *job)
{
    struct exchange *x = job->engine;

    (void)e;
    if (x->cancelled)
        return;
    x->cancelled = true;
    clock_in(&x->event, 0, on_cancelled);
}

static void sim_resume(struct tw_engine *e, struct tw_job *job)
{
    struct exchange *x = job->engine;

    (void)e;
    if (!x->paused || x->cancelled)
        return;
    x->paused = false;
    go_on(x, 0, on_chunk);
}

static void sim_close(struct tw_engine *e, void (*cb)(void *data), void *data)
{
    e->closing = true;
    e->on_close = cb;
    e->close_data = data;
    for (struct tw_link *l = e->exchanges.next; l != &e->exchanges; l = l->next)
        sim_cancel(e, tw_container(l, struct exchange, link)->job);
    for (struct tw_link *l = e->searches.next; l != &e->searches; l = l->next)
        sim_unresolve(e, tw_container(l, struct search, link)->lookup);
    close_if_empty(e);
}

static const struct tw_engine_ops engine_sim = {
    .name = "loop",
    .width = sim_width,
    .open = sim_open,
    .submit = sim_submit,
    .cancel = sim_cancel,
    .resume = sim_resume,
    .close = sim_close,
    .resolve = sim_resolve,
    .unresolve = sim_unresolve,
};

const struct tw_engine_ops *__wrap_tw_engine_find(const char *name)
{
    return strcmp(name, engine_sim.name) == 0 ? &engine_sim : NULL;
}
