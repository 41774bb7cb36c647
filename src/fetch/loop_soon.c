/* What waits for the loop's next turn: what must not happen inside a callback of libcurl's or of a
 * receiver, and what libcurl wants to do at once. */
#include "fetch/loop.h"

/* libcurl sets out with all that it was given in one call, some 30 us each. */
#define STARTS_AT_ONCE 64

/* Goes on with a paused transfer. It calls the receiver, whose refusal is told to us alone. */
static void resume(struct tw_exchange *x)
{
    CURLcode code = CURLE_OK;

    x->engine->held = false;
    if (x->nudged) /* only a change has libcurl look at it */
        code = curl_easy_pause(x->request.easy, CURLPAUSE_SEND);
    x->nudged = false;
    if (code == CURLE_OK)
        code = curl_easy_pause(x->request.easy, CURLPAUSE_CONT);
    if (code != CURLE_OK && code != CURLE_BAD_FUNCTION_ARGUMENT) /* it has no connection yet */
        tw_exchange_finish(x, code);
}

static void run_deferred(struct tw_exchange *x)
{
    struct tw_shard *s = x->shard;

    tw_list_remove(&x->deferred);
    if (x->cancelled)
        tw_exchange_finish(x, CURLE_ABORTED_BY_CALLBACK);
    else if (x->name_error != 0)
        tw_exchange_finish(x, CURLE_COULDNT_RESOLVE_HOST);
    else if (!x->begun)
        return; /* it waits for its name, and is not paused yet */
    else if (x->added)
        resume(x);
    else if (tw_exchange_add(x) != CURLM_OK)
        tw_exchange_finish(x, CURLE_OUT_OF_MEMORY);
    tw_shard_drain(s);
}

/* What there was no time for goes first on the next turn. */
static void put_back(struct tw_link *from, struct tw_link *to)
{
    tw_list_splice(to, from);
    tw_list_splice(from, to);
}

/* One of a kind always has its turn, whatever took the time before. */
static bool may_go_on(unsigned n, uint64_t began_ns)
{
    return n == 0 || !tw_stay_is_over(began_ns);
}

/* Only those that are due now: one may be due again at once. */
static void run_due(struct tw_engine *e, uint64_t began_ns)
{
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_TIMER);
    struct tw_link due;

    tw_list_move(&e->due, &due);
    for (unsigned n = 0; !tw_list_empty(&due) && may_go_on(n, began_ns); n++) {
        struct tw_shard *s = tw_container(due.next, struct tw_shard, due);

        tw_list_remove(&s->due);
        tw_shard_run(s, CURL_SOCKET_TIMEOUT, 0);
    }
    put_back(&due, &e->due);
    tw_stay_go(e->stay, before);
}

/* Only what is there now: what comes up meanwhile is for the next turn, after the sockets. */
static void run_what_waits(struct tw_engine *e, uint64_t began_ns)
{
    struct tw_link deferred;

    tw_list_move(&e->deferred, &deferred);
    for (unsigned n = 0; !tw_list_empty(&deferred) && may_go_on(n, began_ns); n++) {
        run_deferred(tw_container(deferred.next, struct tw_exchange, deferred));
        if (n % STARTS_AT_ONCE == STARTS_AT_ONCE - 1)
            run_due(e, began_ns);
    }
    run_due(e, began_ns);
    put_back(&deferred, &e->deferred);
    if (!tw_list_empty(&e->deferred) || !tw_list_empty(&e->due))
        tw_loop_soon(e);
}

static void on_soon(uv_idle_t *idle)
{
    struct tw_engine *e = idle->data;
    uint64_t began_ns = uv_hrtime();
    enum tw_stage before =
        tw_stay_go(e->stay, e->closing ? TW_STAGE_CLOSE : TW_STAGE_DEFERRED);

    if (!e->closing) {
        uv_idle_stop(idle);
        if (e->crowded)
            tw_loop_make_room(e);
        tw_loop_run_parked(e, e->freed);
        tw_loop_run_lookups(e, began_ns);
        run_what_waits(e, began_ns);
    } else {
        tw_loop_tear_down(e, began_ns);
    }
    tw_stay_go(e->stay, before);
}

void tw_loop_soon(struct tw_engine *e)
{
    uv_idle_start(&e->soon, on_soon);
}

void tw_loop_defer(struct tw_engine *e, struct tw_exchange *x)
{
    if (!tw_link_in_list(&x->deferred))
        tw_list_append(&e->deferred, &x->deferred);
    tw_loop_soon(e);
}

void tw_loop_nudge(struct tw_engine *e, CURL *easy)
{
    struct tw_exchange *x = tw_exchange_of(easy);

    if (x == NULL || x->request.job == NULL)
        return;
    x->nudged = true;
    tw_loop_defer(e, x);
}
