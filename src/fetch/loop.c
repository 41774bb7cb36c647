/* The event loop engine: the contract, and the engine's life. */
#include "fetch/loop.h"

#include <stdlib.h>

#define SHARDS_MIN 4
#define IN_FLIGHT_PER_SHARD 128
/* So many connections between transfers are kept, at least and at most. */
#define IDLE_MIN 32
#define IDLE_MAX 1024
#define FOR_EVER_MS (UINT64_C(1) << 48) /* 8,900 years */

void tw_loop_keep(struct tw_engine *e)
{
    if (e->active_count > 0 || e->lookup_count > 0 || e->closing)
        uv_ref((uv_handle_t *)&e->alive);
    else
        uv_unref((uv_handle_t *)&e->alive);
}

/* ---- closing ---- */

static void finish_close(struct tw_engine *e)
{
    if (!e->torn_down || e->handles > 0)
        return;
    tw_request_shared_free(&e->shared);
    if (e->on_close != NULL)
        e->on_close(e->close_data);
    free(e);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct tw_engine *e = handle->data;

    e->handles--;
    finish_close(e);
}

static void on_dns_closed(void *data)
{
    struct tw_engine *e = data;

    e->handles--;
    finish_close(e);
}

static void on_watch_closed(void *data)
{
    struct tw_engine *e = data;

    e->handles--;
    finish_close(e);
}

static void close_handle(struct tw_engine *e, void *handle)
{
    ((uv_handle_t *)handle)->data = e;
    uv_close(handle, on_handle_closed);
}

/* Returns false where the rest is for the next turn: thousands of connections take their time. */
static bool empty(struct tw_engine *e, uint64_t began_ns)
{
    while (!tw_list_empty(&e->active)) {
        struct tw_exchange *x = tw_container(e->active.next, struct tw_exchange, link);

        x->cancelled = true;
        tw_exchange_finish(x, CURLE_ABORTED_BY_CALLBACK);
        if (tw_stay_is_over(began_ns))
            return false;
    }
    if (!tw_loop_end_lookups(e, began_ns))
        return false;
    while (!tw_list_empty(&e->spare)) {
        tw_exchange_free(tw_container(e->spare.next, struct tw_exchange, link));
        if (tw_stay_is_over(began_ns))
            return false;
    }
    e->torn_down = true;
    for (; e->cleaned < 2 * e->shard_count; e->cleaned++) {
        if (e->shards[e->cleaned].multi == NULL)
            continue;
        tw_shard_clean(&e->shards[e->cleaned]);
        if (tw_stay_is_over(began_ns))
            return false;
    }
    return true;
}

static void close_handles(struct tw_engine *e)
{
    for (size_t i = 0; i < 2 * e->shard_count; i++)
        if (e->shards[i].engine != NULL)
            close_handle(e, &e->shards[i].timer);
    tw_watch_set_close(&e->watches, on_watch_closed, e);
    if (e->dns != NULL)
        tw_dns_close(e->dns, on_dns_closed, e);
    close_handle(e, &e->soon);
    close_handle(e, &e->again);
    close_handle(e, &e->alive);
}

void tw_loop_tear_down(struct tw_engine *e, uint64_t began_ns)
{
    if (empty(e, began_ns))
        close_handles(e);
}

/* ---- opening ---- */

static size_t clamp(size_t n, size_t low, size_t high)
{
    return n < low ? low : n > high ? high : n;
}

static size_t shards_for(unsigned concurrency)
{
    size_t n = SHARDS_MIN;

    while (n < TW_SHARDS_MAX && n * IN_FLIGHT_PER_SHARD < concurrency)
        n *= 2;
    return n;
}

static void on_alive(uv_timer_t *timer)
{
    (void)timer;
}

static int loop_open(struct tw_engine **out, uv_loop_t *loop, const trawl_options *options)
{
    struct tw_engine *e;
    int err = tw_request_global_init();

    if (err != 0)
        return err;
    e = calloc(1, sizeof(*e));
    if (e == NULL)
        return TRAWL_ENOMEM;
    err = tw_request_shared_init(&e->shared, options);
    if (err == 0)
        err = tw_watch_set_init(&e->watches, loop);
    if (err != 0) {
        tw_request_shared_free(&e->shared);
        free(e);
        return err;
    }
    tw_request_shared_join(&e->shared);
    e->loop = loop;
    e->options = options;
    e->idle_max = clamp(2 * (size_t)options->concurrency, IDLE_MIN, IDLE_MAX);
    e->shard_count = shards_for(options->concurrency);
    tw_list_init(&e->active);
    tw_list_init(&e->spare);
    tw_list_init(&e->deferred);
    tw_list_init(&e->parked);
    tw_list_init(&e->lookups);
    tw_list_init(&e->sought);
    tw_list_init(&e->unsought);
    e->watches.on_ready = tw_shard_on_ready;
    tw_list_init(&e->due);
    uv_idle_init(loop, &e->soon);
    uv_unref((uv_handle_t *)&e->soon);
    e->soon.data = e;
    uv_timer_init(loop, &e->again);
    uv_unref((uv_handle_t *)&e->again);
    e->again.data = e;
    uv_timer_init(loop, &e->alive);
    uv_timer_start(&e->alive, on_alive, FOR_EVER_MS, 0);
    e->handles = 4;
    tw_loop_keep(e);
    *out = e;
    return 0;
}

/* ---- jobs ---- */

static int loop_submit(struct tw_engine *e, struct tw_job *job)
{
    struct tw_shard *s;
    struct tw_exchange *x;
    int err;

    if (e->closing)
        return TRAWL_ECLOSING;
    s = tw_shard_for(e, job);
    x = s == NULL ? NULL : tw_exchange_get(e);
    if (x == NULL)
        return TRAWL_ENOMEM;
    x->shard = s;
    x->request.job = job;
    job->out = (struct tw_outcome){0};
    err = tw_exchange_set_out(x, job);
    if (err != 0) {
        tw_exchange_withdraw(x);
        x->request.job = NULL;
        tw_exchange_put(e, x);
        return err;
    }
    job->engine = x;
    tw_list_append(&e->active, &x->link);
    e->active_count++;
    tw_loop_keep(e);
    return 0;
}

static void loop_cancel(struct tw_engine *e, struct tw_job *job)
{
    struct tw_exchange *x = job->engine;

    x->cancelled = true;
    tw_loop_defer(e, x);
}

static void loop_resume(struct tw_engine *e, struct tw_job *job)
{
    tw_loop_defer(e, job->engine);
}

static void loop_close(struct tw_engine *e, void (*cb)(void *data), void *data)
{
    e->closing = true;
    e->on_close = cb;
    e->close_data = data;
    tw_loop_keep(e);
    tw_loop_soon(e);
}

static void loop_measure(struct tw_engine *e, struct tw_stay *stay)
{
    e->stay = e->watches.stay = stay;
}

/* When a phase of libcurl's ended, which counts from the start; 0 if it has not. */
static uint64_t phase_end_ms(const struct tw_exchange *x, CURLINFO info)
{
    curl_off_t us = 0;

    if (tw_exchange_has_begun(x))
        curl_easy_getinfo(x->request.easy, info, &us);
    return us > 0 ? x->phase_ms + (uint64_t)us / 1000 : 0;
}

static enum tw_phase loop_phase(const struct tw_engine *e, const struct tw_job *job,
                                uint64_t *since_ms)
{
    const struct tw_exchange *x = job->engine;
    uint64_t ms;

    (void)e;
    *since_ms = tw_link_in_list(&x->parked) ? x->parked_ms : x->phase_ms;
    if (tw_link_in_list(&x->parked))
        return TW_PHASE_PARKED;
    if (!x->begun)
        return TW_PHASE_NAME;
    if ((ms = phase_end_ms(x, CURLINFO_STARTTRANSFER_TIME_T)) != 0) {
        *since_ms = ms;
        return TW_PHASE_RECEIVE;
    }
    if ((ms = phase_end_ms(x, CURLINFO_PRETRANSFER_TIME_T)) == 0)
        return TW_PHASE_CONNECT;
    *since_ms = ms;
    return TW_PHASE_ANSWER;
}

static unsigned loop_width(const trawl_options *options)
{
    return options->concurrency;
}

const struct tw_engine_ops tw_engine_loop = {
    .name = "loop",
    .width = loop_width,
    .open = loop_open,
    .submit = loop_submit,
    .cancel = loop_cancel,
    .resume = loop_resume,
    .close = loop_close,
    .measure = loop_measure,
    .phase = loop_phase,
    .resolve = tw_loop_resolve,
    .unresolve = tw_loop_unresolve,
};
