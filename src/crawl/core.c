/* A trawl: its life from open to close, and the fetches it holds. */
#include "crawl/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many ready results at the most in one turn of the loop. */
#define READY_A_TURN 256
#define NO_SLOT UINT32_MAX
/* Hosts that are forgotten between two looks at the clock. */
#define HOSTS_A_STEP 32

/* ---- slots: what ids name ---- */

static int grow_slots(trawl *t)
{
    uint32_t cap = t->slot_cap == 0 ? 64 : t->slot_cap * 2;
    struct slot *slots;

    if (t->slot_cap > UINT32_MAX / 4)
        return TRAWL_EQUEUE;
    slots = realloc(t->slots, cap * sizeof(*slots));
    if (slots == NULL)
        return TRAWL_ENOMEM;
    t->slots = slots;
    t->slot_cap = cap;
    return 0;
}

static int take_slot(trawl *t, struct fetch *f)
{
    int err;

    if (t->slot_free != NO_SLOT) {
        f->slot = t->slot_free;
        t->slot_free = t->slots[f->slot].next_free;
    } else {
        err = t->slot_count == t->slot_cap ? grow_slots(t) : 0;
        if (err != 0)
            return err;
        f->slot = t->slot_count++;
        t->slots[f->slot] = (struct slot){0};
    }
    f->generation = ++t->slots[f->slot].generation;
    t->slots[f->slot].fetch = f;
    return 0;
}

static void give_slot(trawl *t, struct fetch *f)
{
    t->slots[f->slot].fetch = NULL;
    t->slots[f->slot].next_free = t->slot_free;
    t->slot_free = f->slot;
}

static struct fetch *find_fetch(const trawl *t, trawl_id id)
{
    uint64_t slot = (id & UINT32_MAX) - 1;

    if (slot >= t->slot_count || t->slots[slot].generation != id >> 32)
        return NULL;
    return t->slots[slot].fetch;
}

/* ---- the end of a fetch ---- */

static void fetch_free(struct fetch *f)
{
    if (f == NULL)
        return;
    tw_url_free(&f->url);
    tw_url_free(&f->first);
    free((char *)f->request.url);
    free(f);
}

void tw_fetch_forget(trawl *t, struct fetch *f, struct flight *flight)
{
    if (t->slots[f->slot].fetch == f)
        give_slot(t, f);
    if (flight != NULL)
        tw_flight_put(t, flight);
    fetch_free(f);
}

void tw_fetch_finish(trawl *t, struct fetch *f, struct flight *flight, int error)
{
    trawl_result result;
    enum tw_stage before;

    if (f->page != NULL) {
        tw_page_fetched(t, f, flight, error);
        return;
    }
    before = tw_stay_go(&t->stay, TW_STAGE_RESULT);
    tw_result_fill(t, &result, f, flight, error);
    give_slot(t, f);
    t->own -= tw_fetch_is_own(f);
    t->stats.done += tw_fetch_is_own(f);
    tw_stay_go(&t->stay, TW_STAGE_CALLER);
    t->delivering = flight;
    f->request.on_done(t, &result);
    t->delivering = NULL;
    tw_stay_go(&t->stay, before);
    tw_fetch_forget(t, f, flight);
}

static void on_timer(uv_timer_t *timer);
static void on_soon(uv_idle_t *idle);

static void arm_timer(trawl *t)
{
    uint64_t wake = tw_frontier_wake_ms(t->frontier);
    uint64_t deadline = tw_crawls_wake_ms(t);
    uint64_t now = uv_now(t->loop);

    if (deadline < wake)
        wake = deadline;
    if (wake == UINT64_MAX)
        uv_timer_stop(&t->timer);
    else
        uv_timer_start(&t->timer, on_timer, wake > now ? wake - now : 0, 0);
}

void tw_fetch_finish_later(trawl *t, struct fetch *f, int error)
{
    f->error = error;
    f->since_ms = uv_now(t->loop);
    tw_list_append(&t->ready, &f->ready);
    tw_crawl_wake(t);
}

void tw_crawl_wake(trawl *t)
{
    if (!uv_is_closing((uv_handle_t *)&t->soon))
        uv_idle_start(&t->soon, on_soon);
}

/* ---- the work ---- */

/* Something has to end before anything starts; one at a time always may. */
static bool memory_is_full(const trawl *t)
{
    return t->options->max_memory != 0 && t->kept + t->waste.bytes >= t->options->max_memory &&
           tw_frontier_counts(t->frontier).started > 0;
}

static void start(trawl *t, struct tw_item *item)
{
    struct fetch *f = item->kind == WORK_PAGE ? tw_page_start(t, tw_container(item, struct page, item))
                                              : tw_container(item, struct fetch, item);

    if (f != NULL)
        tw_fetch_start(t, f);
}

static bool is_held(const trawl *t)
{
    return memory_is_full(t) || tw_crawls_are_paused(t);
}

void tw_crawl_pump(trawl *t)
{
    struct tw_item *item;
    uint64_t began_ns = 0;
    unsigned n = 0;
    bool is_over = false;
    enum tw_stage before = t->stay.now;

    tw_crawls_expire(t);
    while (!t->closing && !is_held(t) && !is_over &&
           (item = tw_frontier_next(t->frontier, uv_now(t->loop))) != NULL) {
        if (n == 0)
            tw_stay_go(&t->stay, TW_STAGE_START);
        else if (n == 1)
            began_ns = uv_hrtime(); /* one alone, as most are, needs no clock */
        start(t, item);
        n++;
        is_over = n % 16 == 0 && tw_stay_is_over(began_ns);
    }
    if (is_over)
        tw_crawl_wake(t); /* the rest on the next turn */
    tw_stay_go(&t->stay, before);
    /* Nothing is started: the end of what is in flight, or of the pause, comes here again, if it has
     * to. */
    if (t->closing || is_held(t))
        uv_timer_stop(&t->timer);
    else
        arm_timer(t);
}

static void take_back(trawl *t, struct fetch *f)
{
    tw_frontier_remove(t->frontier, &f->item);
    tw_fetch_finish_later(t, f, TRAWL_ECANCELED);
}

static bool is_queued(const struct fetch *f)
{
    return f->item.state == TW_ITEM_QUEUED || f->item.state == TW_ITEM_WAITING;
}

/* A slice of what was queued when everything was stopped; crawls take back what is theirs by themselves.
 * False if there is more, which the next turn comes back to: none of it is started meanwhile. */
static bool take_back_some(trawl *t, uint64_t began_ns)
{
    while (t->stopped && t->taken_back < t->slot_count) {
        struct fetch *f = t->slots[t->taken_back++].fetch;

        if (f != NULL && is_queued(f))
            take_back(t, f);
        if (t->taken_back % 32 == 0 && tw_stay_is_over(began_ns)) {
            tw_crawl_wake(t);
            return false;
        }
    }
    return true;
}

static void take_back_all(trawl *t)
{
    t->taken_back = 0;
    take_back_some(t, uv_hrtime());
}

static void deliver_ready(trawl *t, uint64_t began_ns)
{
    for (int n = 0; n < READY_A_TURN && !tw_list_empty(&t->ready); n++) {
        if (n % 16 == 15 && tw_stay_is_over(began_ns))
            break;

        struct fetch *f = tw_container(t->ready.next, struct fetch, ready);

        tw_list_remove(&f->ready);
        tw_fetch_finish(t, f, NULL, f->error);
    }
}

/* ---- open and close ---- */

static void trawl_free(trawl *t)
{
    tw_bodies_part(t);
    while (t->waste.first != NULL) /* what the application gave back at the very end */
        tw_waste_step(&t->waste, SIZE_MAX);
    while (!tw_list_empty(&t->spare)) {
        struct flight *flight = tw_container(t->spare.next, struct flight, spare);

        tw_list_remove(&flight->spare);
        tw_flight_free(flight);
    }
    tw_frontier_free(t->frontier);
    tw_text_free(t->text);
    tw_guard_free(&t->guard);
    tw_options_free(t->options);
    tw_buf_free(&t->excerpt);
    tw_buf_free(&t->final_url);
    free(t->slots);
    free(t);
}

static void on_handle_closed(uv_handle_t *handle)
{
    trawl *t = handle->data;
    trawl_close_cb cb = t->on_close;
    void *data = t->close_data;

    if (--t->handles > 0)
        return;
    trawl_free(t);
    if (cb != NULL)
        cb(data);
}

/* What is left once nothing is outstanding. False if that takes another turn. */
static bool forget_hosts(trawl *t, uint64_t began_ns)
{
    while (tw_frontier_clear(t->frontier, HOSTS_A_STEP))
        if (tw_stay_is_over(began_ns)) {
            tw_crawl_wake(t);
            return false;
        }
    return true;
}

/* Closes for good once the engine has gone and the last result is out. */
static void finish_close(trawl *t, uint64_t began_ns)
{
    if (!t->engine_closed || t->taken_back < t->slot_count || !tw_list_empty(&t->ready) ||
        !tw_list_empty(&t->crawls) || t->waste.first != NULL ||
        uv_is_closing((uv_handle_t *)&t->timer) || !forget_hosts(t, began_ns))
        return;
    uv_close((uv_handle_t *)&t->timer, on_handle_closed);
    uv_close((uv_handle_t *)&t->soon, on_handle_closed);
}

static void on_engine_closed(void *data)
{
    trawl *t = data;

    t->engine_closed = true;
    finish_close(t, uv_hrtime());
}

static void on_timer(uv_timer_t *timer)
{
    tw_crawl_pump(timer->data);
}

static void on_soon(uv_idle_t *idle)
{
    trawl *t = idle->data;
    enum tw_stage before = tw_stay_go(&t->stay, TW_STAGE_RESULT);
    uint64_t began_ns = uv_hrtime();

    uv_idle_stop(idle);
    tw_crawl_warn(t);
    if (take_back_some(t, began_ns))
        deliver_ready(t, began_ns);
    tw_bodies_step(t, began_ns);
    tw_crawls_step(t);
    if (!tw_list_empty(&t->ready) || !tw_list_empty(&t->restless))
        tw_crawl_wake(t);
    tw_crawl_pump(t);
    if (t->closing)
        finish_close(t, began_ns);
    tw_stay_go(&t->stay, before);
}

static uint64_t system_seed(void)
{
    uint64_t seed = 0;

    if (uv_random(NULL, NULL, &seed, sizeof(seed), 0, NULL) != 0)
        seed = uv_hrtime();
    return seed;
}

static trawl *trawl_new(uv_loop_t *loop)
{
    trawl *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->loop = loop;
    t->slot_free = NO_SLOT;
    tw_list_init(&t->ready);
    tw_list_init(&t->spare);
    tw_list_init(&t->taken);
    tw_list_init(&t->crawls);
    tw_list_init(&t->restless);
    t->hash_seed = system_seed();
    return t;
}

static int open_stages(trawl *t)
{
    struct tw_frontier_limits limits = {.per_host = t->options->per_host,
                                        .rate = t->options->rate};
    int err;

    t->ops = tw_engine_find(t->options->strategy);
    limits.total = t->ops->width(t->options);
    err = tw_guard_init(&t->guard, t->options);
    if (err == 0)
        err = tw_frontier_open(&t->frontier, limits, t->hash_seed);
    if (err == 0)
        err = tw_text_open(&t->text);
    if (err != 0)
        return err;
    t->rng = t->options->seed != 0 ? t->options->seed : system_seed();
    err = t->ops->open(&t->engine, t->loop, t->options);
    if (err == 0)
        tw_crawl_measure(t);
    return err;
}

int trawl_open(trawl **out, uv_loop_t *loop, const trawl_options *options)
{
    trawl *t;
    int err;

    if (out == NULL || loop == NULL)
        return TRAWL_EINVAL;
    t = trawl_new(loop);
    if (t == NULL)
        return TRAWL_ENOMEM;
    err = tw_options_copy(&t->options, options);
    if (err == 0)
        err = open_stages(t);
    if (err != 0) {
        trawl_free(t);
        return err;
    }
    uv_timer_init(loop, &t->timer);
    t->timer.data = t;
    uv_idle_init(loop, &t->soon);
    t->soon.data = t;
    t->handles = 2;
    *out = t;
    return 0;
}

void trawl_stop(trawl *t)
{
    if (t->stopped)
        return;
    t->stopped = true;
    take_back_all(t);
    tw_crawls_stop(t);
}

void trawl_close(trawl *t, trawl_close_cb cb, void *data)
{
    if (t->closing)
        return;
    t->stopped = t->closing = true;
    take_back_all(t);
    tw_crawls_close(t);
    t->on_close = cb;
    t->close_data = data;
    t->ops->close(t->engine, on_engine_closed, t);
}

void trawl_get_stats(const trawl *t, trawl_stats *stats)
{
    struct tw_frontier_counts counts = tw_frontier_counts(t->frontier);

    *stats = t->stats;
    stats->queued = counts.queued;
    stats->waiting = counts.waiting;
    stats->in_flight = counts.started;
}

/* ---- fetches ---- */

static char *mask_copy(const char *url, size_t len, size_t *masked_len)
{
    size_t n = tw_url_mask(NULL, 0, url, len);
    char *copy = malloc(n + 1);

    if (copy == NULL)
        return NULL;
    tw_url_mask(copy, n + 1, url, len);
    *masked_len = n;
    return copy;
}

static int request_copy(trawl_request *to, const trawl_request *request)
{
    trawl_request from = TRAWL_REQUEST_INIT;
    size_t len;

    if (request == NULL || request->size < sizeof(size_t) || request->size > sizeof(from))
        return TRAWL_EINVAL;
    memcpy(&from, request, request->size);
    if (from.url == NULL || from.on_done == NULL)
        return TRAWL_EINVAL;
    len = from.url_len == SIZE_MAX ? strlen(from.url) : from.url_len;
    *to = from;
    to->url_len = len;
    return 0;
}

int tw_fetch_new(trawl *t, const trawl_request *request, struct fetch **out)
{
    struct fetch *f = calloc(1, sizeof(*f));
    int err = TRAWL_ENOMEM;

    if (f == NULL)
        return err;
    f->t = t;
    f->new_try = true;
    f->max_redirects = t->options->max_redirects;
    f->keep = t->options->keep_body;
    f->request = *request;
    f->request.url = mask_copy(request->url, request->url_len, &f->request.url_len);
    if (f->request.url != NULL)
        err = take_slot(t, f);
    if (err != 0) {
        fetch_free(f);
        return err;
    }
    *out = f;
    return 0;
}

static bool queue_is_full(const trawl *t)
{
    size_t max = t->options->max_queue;

    return max != 0 && t->own - t->own_flying >= max;
}

int trawl_fetch(trawl *t, const trawl_request *request, trawl_id *id)
{
    trawl_request copy;
    struct fetch *f;
    int err = request_copy(&copy, request);

    if (err != 0)
        return err;
    if (t->stopped)
        return TRAWL_ECLOSING;
    if (queue_is_full(t))
        return TRAWL_EQUEUE;
    err = tw_fetch_new(t, &copy, &f);
    if (err != 0)
        return err;
    t->own++;
    if (id != NULL)
        *id = tw_fetch_id(f);
    err = tw_url_guess(&f->url, copy.url, copy.url_len, &f->reason);
    if (err == 0)
        err = tw_fetch_enqueue(t, f, TW_PLACE_LAST);
    if (err != 0)
        tw_fetch_finish_later(t, f, err);
    else
        tw_crawl_pump(t);
    return 0;
}

void tw_fetch_cancel_queued(trawl *t, struct fetch *f)
{
    if (is_queued(f))
        tw_fetch_cancel(t, f);
}

void tw_fetch_cancel(trawl *t, struct fetch *f)
{
    if (is_queued(f))
        take_back(t, f);
    else if (f->flight != NULL && !f->cancelled)
        t->ops->cancel(t->engine, &f->flight->job);
    f->cancelled = true;
}

int trawl_cancel(trawl *t, trawl_id id)
{
    struct fetch *f = find_fetch(t, id);

    if (f == NULL)
        return TRAWL_ENOENT;
    if (f->site != NULL)
        return TRAWL_EINVAL;
    tw_fetch_cancel(t, f);
    return 0;
}

int trawl_resume(trawl *t, trawl_id id)
{
    struct fetch *f = find_fetch(t, id);

    if (f == NULL)
        return TRAWL_ENOENT;
    if (f->flight != NULL) {
        f->since_ms = uv_now(t->loop);
        f->flight->paused = false;
        t->ops->resume(t->engine, &f->flight->job);
    }
    return 0;
}
