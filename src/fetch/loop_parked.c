/* What waits for a descriptor. A fetch for which no socket can be had is not over, and no try was made:
 * it waits until one of our own descriptors is closed. What others hold is asked for now and then. */
#include <stdint.h>

#include "fetch/loop.h"

static bool lacks_descriptor(const struct tw_exchange *x, CURLcode code)
{
    if (x->name_error != 0)
        return x->name_error == TRAWL_EMFILE;
    return code == CURLE_COULDNT_CONNECT && tw_gate_error(&x->request.gate) == TRAWL_EMFILE;
}

/* Nothing of ours could be closed for as long as a connection may take. */
static bool is_hopeless(const struct tw_engine *e)
{
    uint64_t limit_ms = tw_gate_patience_ms(e->options);

    return limit_ms != 0 && uv_now(e->loop) - e->held_ms >= limit_ms;
}

static void on_again(uv_timer_t *timer)
{
    struct tw_engine *e = timer->data;
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_TIMER);

    tw_loop_make_room(e);
    tw_loop_run_parked(e, is_hopeless(e) ? SIZE_MAX : 1);
    tw_stay_go(e->stay, before);
}

/* From the first one that is parked on, connections are closed when their transfers end. */
static void become_crowded(struct tw_engine *e, bool again)
{
    e->crowded = true;
    e->freed = 0;
    if (!again)
        e->held_ms = uv_now(e->loop);
    tw_loop_soon(e);
    uv_timer_start(&e->again, on_again, TW_GATE_AGAIN_MS, TW_GATE_AGAIN_MS);
    for (struct tw_link *at = e->active.next; at != &e->active; at = at->next)
        tw_request_set_keep(&tw_container(at, struct tw_exchange, link)->request, false);
}

bool tw_loop_park(struct tw_exchange *x, CURLcode code)
{
    struct tw_engine *e = x->engine;

    if (x->cancelled || e->closing || !lacks_descriptor(x, code))
        return false;
    if (x->tried_again && is_hopeless(e))
        return false;
    if (tw_list_empty(&e->parked))
        become_crowded(e, x->tried_again);
    tw_exchange_withdraw(x);
    x->name_error = 0;
    x->waited_ns = 0;
    if (x->tried_again)
        tw_list_prepend(&e->parked, &x->parked);
    else
        tw_list_append(&e->parked, &x->parked);
    if (!x->tried_again)
        x->parked_ms = uv_now(e->loop);
    return true;
}

void tw_loop_make_room(struct tw_engine *e)
{
    e->crowded = false;
    while (tw_watch_drop_idle(&e->watches, 0))
        continue;
    for (size_t i = 0; i < 2 * e->shard_count; i++)
        if (e->shards[i].multi != NULL && e->shards[i].begun == 0)
            tw_shard_clean(&e->shards[i]);
    if (e->watches.count > 0)
        e->held_ms = uv_now(e->loop);
}

void tw_loop_run_parked(struct tw_engine *e, size_t count)
{
    e->freed = 0;
    for (; count > 0 && !tw_list_empty(&e->parked); count--) {
        struct tw_exchange *x = tw_container(e->parked.next, struct tw_exchange, parked);

        tw_list_remove(&x->parked);
        x->tried_again = true;
        if (tw_exchange_set_out(x, x->request.job) != 0) {
            tw_exchange_note_error(x, TRAWL_ENOMEM, "");
            tw_exchange_finish(x, CURLE_COULDNT_RESOLVE_HOST);
        }
    }
    if (tw_list_empty(&e->parked))
        uv_timer_stop(&e->again);
}
