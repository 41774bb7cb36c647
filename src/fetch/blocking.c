#include "fetch/blocking.h"
#include "fetch/stay.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* So many workers are looked at for one that knows the host already. */
#define LOOKED_AT 32
/* So many are freed in one turn of the loop. */
#define FREED_A_TURN 16

/* ---- news: from the threads, and for the next turn ---- */

/* The pipe is empty: awake was not set. */
static void ring(struct tw_engine *e)
{
    ssize_t n = write(e->pipe[1], "", 1);

    (void)n;
}

static void hear(struct tw_engine *e)
{
    char byte;
    ssize_t n = read(e->pipe[0], &byte, 1);

    (void)n;
}

static void wake(struct tw_engine *e, struct tw_worker *w)
{
    bool send;

    uv_mutex_lock(&e->lock);
    if (w != NULL && !tw_link_in_list(&w->news))
        tw_list_append(&e->news, &w->news);
    send = !e->awake;
    e->awake = true;
    uv_mutex_unlock(&e->lock);
    if (send)
        ring(e);
}

static void on_news(struct tw_fetcher *f)
{
    struct tw_worker *w = tw_container(f, struct tw_worker, fetcher);

    wake(w->engine, w);
}

/* All that is there now; what is added meanwhile is for the next turn. */
static void take_news(struct tw_engine *e, struct tw_link *last)
{
    uv_mutex_lock(&e->lock);
    tw_list_append(&e->news, last);
    uv_mutex_unlock(&e->lock);
}

/* The next of them, NULL once last has come up. */
static struct tw_worker *next_news(struct tw_engine *e, struct tw_link *last)
{
    struct tw_link *first;

    uv_mutex_lock(&e->lock);
    first = e->news.next;
    tw_list_remove(first);
    uv_mutex_unlock(&e->lock);
    return first == last ? NULL : tw_container(first, struct tw_worker, news);
}

static void sleep_again(struct tw_engine *e)
{
    uv_mutex_lock(&e->lock);
    e->awake = !tw_list_empty(&e->news);
    if (e->awake)
        ring(e);
    uv_mutex_unlock(&e->lock);
}

/* ---- workers ---- */

static struct tw_worker *worker_new(struct tw_engine *e)
{
    struct tw_worker *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return NULL;
    if (tw_fetcher_init(&w->fetcher, &e->shared, &e->crowd) != 0) {
        free(w);
        return NULL;
    }
    w->fetcher.on_news = on_news;
    w->engine = e;
    return w;
}

static void worker_free(struct tw_worker *w)
{
    tw_list_remove(&w->link);
    uv_mutex_lock(&w->engine->lock);
    tw_list_remove(&w->news);
    uv_mutex_unlock(&w->engine->lock);
    tw_fetcher_clear(&w->fetcher);
    free(w);
}

/* Connections are closed on the way, which takes its time if there are many. */
static void free_some(struct tw_engine *e)
{
    for (int n = 0; n < FREED_A_TURN && !tw_list_empty(&e->spare); n++)
        worker_free(tw_container(e->spare.next, struct tw_worker, link));
}

/* One that may have a connection to the job's host, or the last one used. */
static struct tw_worker *worker_get(struct tw_engine *e, const struct tw_job *job)
{
    struct tw_link *at = e->spare.next;
    struct tw_worker *w;

    if (tw_list_empty(&e->spare))
        return worker_new(e);
    for (int n = 0; n < LOOKED_AT && at != &e->spare; n++, at = at->next) {
        w = tw_container(at, struct tw_worker, link);
        if (tw_fetcher_knows(&w->fetcher, job->host_hash)) {
            tw_list_remove(&w->link);
            return w;
        }
    }
    w = tw_container(e->spare.next, struct tw_worker, link);
    tw_list_remove(&w->link);
    return w;
}

static void worker_put(struct tw_worker *w)
{
    tw_list_remove(&w->link);
    w->job = NULL;
    w->error = 0;
    w->started = w->paused = w->resumed = false;
    tw_list_prepend(&w->engine->spare, &w->link);
}

/* ---- the end of a job ---- */

static void keep_loop(struct tw_engine *e)
{
    if (e->active_count > 0 || e->closing)
        uv_ref((uv_handle_t *)&e->wake);
    else
        uv_unref((uv_handle_t *)&e->wake);
}

/* As libcurl would have told it. */
static void set_error(struct tw_outcome *out, int error, bool started)
{
    out->error = error;
    out->curl_code = CURLE_WRITE_ERROR;
    out->detail[0] = '\0';
    if (error == TRAWL_ECANCELED || !started)
        out->curl_code = CURLE_OK;
    if (error == TRAWL_ETIMEDOUT) {
        out->curl_code = CURLE_OPERATION_TIMEDOUT;
        snprintf(out->detail, sizeof(out->detail), "%s",
                 curl_easy_strerror(CURLE_OPERATION_TIMEDOUT));
    }
}

/* Gives the job back. The receiver may do anything, also close. */
static void finish(struct tw_worker *w)
{
    struct tw_engine *e = w->engine;
    struct tw_job *job = w->job;

    if (w->started && e->kind->over != NULL)
        e->kind->over(w);
    tw_fetcher_end(&w->fetcher, &job->out);
    if (w->error != 0)
        set_error(&job->out, w->error, w->started);
    job->engine = NULL;
    worker_put(w);
    e->active_count--;
    keep_loop(e);
    job->to->on_done(job);
}

/* The first reason counts, but cancelled is cancelled. */
static void stop(struct tw_worker *w, int error)
{
    if (w->error == 0 || error == TRAWL_ECANCELED)
        w->error = error;
    tw_fetcher_stop(&w->fetcher, error);
}

/* ---- what is paused ---- */

static uint64_t deadline_ns(struct tw_worker *w)
{
    return tw_fetcher_started_ns(&w->fetcher) + w->job->timeout_ms * 1000000;
}

static void on_clock(uv_timer_t *clock);

static void set_clock(struct tw_engine *e, uint64_t ns)
{
    uint64_t now = uv_hrtime();

    if (uv_is_active((uv_handle_t *)&e->clock) && e->clock_ns <= ns)
        return;
    e->clock_ns = ns;
    uv_timer_start(&e->clock, on_clock, ns > now ? (ns - now) / 1000000 + 1 : 0, 0);
}

/* While the receiver holds a job up, libcurl's own clock may have ended with all that came. */
static void on_clock(uv_timer_t *clock)
{
    struct tw_engine *e = clock->data;
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_WORKER);
    uint64_t now = uv_hrtime();

    uv_timer_stop(clock);
    for (struct tw_link *at = e->active.next; at != &e->active; at = at->next) {
        struct tw_worker *w = tw_container(at, struct tw_worker, link);

        if (!w->paused || w->error != 0 || w->job->timeout_ms == 0)
            continue;
        if (deadline_ns(w) > now) {
            set_clock(e, deadline_ns(w));
            continue;
        }
        stop(w, TRAWL_ETIMEDOUT);
        wake(e, w);
    }
    tw_stay_go(e->stay, before);
}

static void pause_worker(struct tw_worker *w)
{
    w->paused = true;
    if (w->job->timeout_ms != 0)
        set_clock(w->engine, deadline_ns(w));
}

/* ---- deliveries ---- */

static void hand_over(struct tw_worker *w, const struct tw_piece *piece)
{
    const struct tw_receiver *to = w->job->to;
    int rc;

    if (piece->kind == TW_PIECE_HEADER)
        rc = to->on_header(w->job, piece->bytes, piece->len);
    else
        rc = to->on_body(w->job, piece->bytes, piece->len);
    if (rc == TRAWL_PAUSE) {
        pause_worker(w);
        return;
    }
    tw_fetcher_pass(&w->fetcher, piece);
    if (rc < 0 && w->error == 0)
        stop(w, rc);
}

/* Whether the receiver has all that will come. */
static bool deliver_news(struct tw_worker *w)
{
    enum tw_beyond beyond = tw_fetcher_take(&w->fetcher, &w->job->out.status);
    struct tw_piece piece;

    while (w->error == 0 && !w->paused && tw_fetcher_next(&w->fetcher, &piece))
        hand_over(w, &piece);
    if (w->error != 0 || w->paused)
        return false;
    if (beyond == TW_BEYOND_MORE)
        wake(w->engine, w);
    return beyond == TW_BEYOND_NOTHING;
}

static void deliver(struct tw_worker *w)
{
    bool all = false;

    if (w->job == NULL) /* told of before, and over since */
        return;
    if (tw_fetcher_is_lacking(&w->fetcher))
        free_some(w->engine); /* another one's idle connections give way */
    if (w->resumed)
        w->paused = w->resumed = false;
    if (w->error == 0 && !w->paused)
        all = deliver_news(w);
    if (w->error != 0)
        all = tw_fetcher_has_ended(&w->fetcher);
    if (all)
        finish(w);
}

static void tear_down(struct tw_engine *e);

/* The end of every callback. */
static void end_turn(struct tw_engine *e)
{
    if (!e->closing && !tw_list_empty(&e->pending))
        e->kind->start(e);
    e->in_turn = false;
    if (e->closing && e->active_count == 0)
        tear_down(e);
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
    struct tw_engine *e = poll->data;
    struct tw_link last = {0};
    struct tw_worker *w;
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_WORKER);

    (void)status;
    (void)events;
    hear(e);
    e->in_turn = true;
    take_news(e, &last);
    while ((w = next_news(e, &last)) != NULL)
        deliver(w);
    sleep_again(e);
    end_turn(e);
    tw_stay_go(e->stay, before);
}

void tw_blocking_ended(struct tw_worker *w)
{
    tw_fetcher_ended(&w->fetcher);
    wake(w->engine, w);
}

void tw_blocking_ended_here(struct tw_worker *w)
{
    struct tw_engine *e = w->engine;
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_WORKER);

    e->in_turn = true;
    tw_fetcher_ended(&w->fetcher);
    deliver(w);
    end_turn(e);
    tw_stay_go(e->stay, before);
}

void tw_blocking_measure(struct tw_engine *e, struct tw_stay *stay)
{
    e->stay = stay;
}

/* ---- open and close ---- */

static void close_pipe(struct tw_engine *e)
{
    close(e->pipe[0]);
    close(e->pipe[1]);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct tw_engine *e = handle->data;

    if (--e->handles > 0)
        return;
    tw_request_shared_free(&e->shared);
    uv_mutex_destroy(&e->lock);
    close_pipe(e);
    if (e->on_close != NULL)
        e->on_close(e->close_data);
    free(e);
}

static void tear_down(struct tw_engine *e)
{
    if (!e->stopped && e->kind->stop != NULL)
        e->kind->stop(e);
    e->stopped = true;
    free_some(e);
    if (!tw_list_empty(&e->spare)) {
        wake(e, NULL);
        return;
    }
    if (uv_is_closing((uv_handle_t *)&e->wake))
        return;
    uv_close((uv_handle_t *)&e->wake, on_handle_closed);
    uv_close((uv_handle_t *)&e->clock, on_handle_closed);
}

static int wake_open(struct tw_engine *e)
{
    int rc = uv_pipe(e->pipe, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);

    if (rc != 0)
        return rc == UV_EMFILE || rc == UV_ENFILE ? TRAWL_EMFILE : TRAWL_EINTERNAL;
    if (uv_poll_init(e->loop, &e->wake, e->pipe[0]) == 0) {
        uv_poll_start(&e->wake, UV_READABLE, on_wake);
        return 0;
    }
    close_pipe(e);
    return TRAWL_EINTERNAL;
}

static int handles_open(struct tw_engine *e)
{
    int err;

    if (uv_mutex_init(&e->lock) != 0)
        return TRAWL_EINTERNAL;
    err = wake_open(e);
    if (err != 0) {
        uv_mutex_destroy(&e->lock);
        return err;
    }
    uv_timer_init(e->loop, &e->clock);
    uv_unref((uv_handle_t *)&e->clock);
    e->wake.data = e->clock.data = e;
    e->handles = 2;
    keep_loop(e);
    return 0;
}

int tw_blocking_open(struct tw_engine **engine, size_t size, const struct tw_blocking_kind *kind,
                     uv_loop_t *loop, const trawl_options *options)
{
    struct tw_engine *e;
    int err = tw_request_global_init();

    if (err != 0)
        return err;
    e = calloc(1, size);
    if (e == NULL)
        return TRAWL_ENOMEM;
    e->kind = kind;
    e->loop = loop;
    e->options = options;
    tw_list_init(&e->active);
    tw_list_init(&e->spare);
    tw_list_init(&e->pending);
    tw_list_init(&e->news);
    err = tw_request_shared_init(&e->shared, options);
    if (err == 0)
        err = handles_open(e);
    if (err != 0) {
        tw_request_shared_free(&e->shared);
        free(e);
        return err;
    }
    *engine = e;
    return 0;
}

void tw_blocking_close(struct tw_engine *e, void (*cb)(void *data), void *data)
{
    e->closing = true;
    e->on_close = cb;
    e->close_data = data;
    /* The last ones first: a thread that is set free must not take up one of them. */
    for (struct tw_link *at = e->active.prev; at != &e->active; at = at->prev)
        tw_blocking_cancel(e, tw_container(at, struct tw_worker, link)->job);
    keep_loop(e);
    wake(e, NULL);
}

/* ---- jobs ---- */

int tw_blocking_submit(struct tw_engine *e, struct tw_job *job)
{
    struct tw_worker *w;

    if (e->closing)
        return TRAWL_ECLOSING;
    w = worker_get(e, job);
    if (w == NULL)
        return TRAWL_ENOMEM;
    if (tw_fetcher_begin(&w->fetcher, job) != 0) {
        worker_put(w);
        return TRAWL_ENOMEM;
    }
    job->out = (struct tw_outcome){0};
    job->engine = w;
    w->job = job;
    tw_list_append(&e->active, &w->link);
    tw_list_append(&e->pending, &w->pending);
    e->active_count++;
    keep_loop(e);
    if (!e->in_turn)
        wake(e, NULL);
    return 0;
}

struct tw_worker *tw_blocking_take_pending(struct tw_engine *e)
{
    struct tw_worker *w;

    if (tw_list_empty(&e->pending))
        return NULL;
    w = tw_container(e->pending.next, struct tw_worker, pending);
    tw_list_remove(&w->pending);
    w->started = true;
    return w;
}

void tw_blocking_fail(struct tw_worker *w, int error)
{
    tw_list_remove(&w->pending);
    w->started = false;
    w->error = error;
    tw_blocking_ended(w);
}

void tw_blocking_cancel(struct tw_engine *e, struct tw_job *job)
{
    struct tw_worker *w = job->engine;

    if (!w->started) {
        tw_blocking_fail(w, TRAWL_ECANCELED);
        return;
    }
    stop(w, TRAWL_ECANCELED);
    if (e->kind->withdraw != NULL)
        e->kind->withdraw(w);
    wake(e, w);
}

void tw_blocking_resume(struct tw_engine *e, struct tw_job *job)
{
    struct tw_worker *w = job->engine;

    w->resumed = true;
    wake(e, w);
}
