#include "frontier/frontier.h"

#include <stdlib.h>

#include "frontier/host.h"
#include "trawl.h"

int tw_frontier_open(struct tw_frontier **out, struct tw_frontier_limits limits, uint64_t seed)
{
    struct tw_frontier *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return TRAWL_ENOMEM;
    tw_hosts_init(f);
    tw_rate_init(&f->rate, limits.rate);
    f->limits = limits;
    f->seed = f->rng = seed;
    *out = f;
    return 0;
}

bool tw_frontier_clear(struct tw_frontier *f, size_t max)
{
    return tw_hosts_clear(f, max);
}

void tw_frontier_free(struct tw_frontier *f)
{
    if (f == NULL)
        return;
    tw_hosts_free(f);
    tw_heap_free(&f->waiting);
    free(f);
}

/* ---- in ---- */

int tw_frontier_put(struct tw_frontier *f, struct tw_item *item, struct tw_host *host,
                    enum tw_place place)
{
    if (place == TW_PLACE_LAST) {
        int err = tw_queue_reserve(&host->queue, item->priority);

        if (err != 0)
            return err;
    }
    tw_host_enter(f, host);
    if (place == TW_PLACE_FIRST)
        tw_queue_prepend(&host->queue, item);
    else
        tw_queue_append(&host->queue, item);
    item->host = host;
    item->state = TW_ITEM_QUEUED;
    f->counts.queued++;
    tw_host_settle(f, host);
    return 0;
}

int tw_frontier_put_at(struct tw_frontier *f, struct tw_item *item, struct tw_host *host,
                       uint64_t ready_ms)
{
    struct tw_heap_node due = {0};
    int err;

    item->due = due; /* it was a link before */
    err = tw_heap_push(&f->waiting, &item->due, ready_ms);
    if (err != 0)
        return err;
    tw_host_enter(f, host);
    item->host = host;
    item->state = TW_ITEM_WAITING;
    host->waiting++;
    f->counts.waiting++;
    return 0;
}

int tw_frontier_add(struct tw_frontier *f, struct tw_item *item, const char *host, size_t len,
                    enum tw_place place)
{
    struct tw_host *h = tw_host_get(f, host, len);
    int err = h == NULL ? TRAWL_ENOMEM : tw_frontier_put(f, item, h, place);

    if (err != 0 && h != NULL)
        tw_host_release(f, h);
    return err;
}

int tw_frontier_add_at(struct tw_frontier *f, struct tw_item *item, const char *host,
                       size_t len, uint64_t ready_ms)
{
    struct tw_host *h = tw_host_get(f, host, len);
    int err = h == NULL ? TRAWL_ENOMEM : tw_frontier_put_at(f, item, h, ready_ms);

    if (err != 0 && h != NULL)
        tw_host_release(f, h);
    return err;
}

/* ---- out ---- */

static void dequeue(struct tw_frontier *f, struct tw_item *item)
{
    tw_queue_remove(&item->host->queue, item);
    f->counts.queued--;
}

static void stop_waiting(struct tw_frontier *f, struct tw_item *item)
{
    tw_heap_remove(&f->waiting, &item->due);
    item->host->waiting--;
    f->counts.waiting--;
}

static void wake_items(struct tw_frontier *f)
{
    f->left_ms = f->now_ms;
    for (size_t n = 0; n < TW_DUE_AT_ONCE; n++) {
        struct tw_heap_node *node = tw_heap_take(&f->waiting, f->now_ms);
        struct tw_item *item;

        if (node == NULL)
            return;
        item = tw_container(node, struct tw_item, due);
        stop_waiting(f, item);
        tw_queue_prepend(&item->host->queue, item);
        item->state = TW_ITEM_QUEUED;
        f->counts.queued++;
        tw_host_settle(f, item->host);
    }
    f->left_ms++;
}

struct tw_item *tw_frontier_next(struct tw_frontier *f, uint64_t now_ms)
{
    struct tw_item *item;
    struct tw_host *h;

    if (now_ms > f->now_ms)
        f->now_ms = now_ms;
    tw_turns_wake(f);
    wake_items(f);
    tw_host_fade(f);
    h = tw_turns_next(f);
    if (h == NULL)
        return NULL;
    item = tw_queue_first(&h->queue);
    dequeue(f, item);
    item->state = TW_ITEM_STARTED;
    tw_turns_started(f, h);
    return item;
}

static void leave(struct tw_frontier *f, struct tw_item *item)
{
    struct tw_host *h = item->host;

    item->state = TW_ITEM_OUT;
    item->host = NULL;
    tw_host_leave(f, h);
}

void tw_frontier_asked(struct tw_frontier *f, struct tw_item *item, uint64_t asked_ms)
{
    struct tw_host *h = item->host;

    if (h->started > 1 || asked_ms <= h->last_ms || (h->wait_ms == 0 && h->random_ms == 0))
        return;
    h->last_ms = asked_ms;
    if (h->address != NULL)
        tw_address_pace(h->address, h);
    tw_host_settle(f, h);
}

void tw_frontier_done(struct tw_frontier *f, struct tw_item *item)
{
    struct tw_host *h = item->host;

    h->started--;
    if (h->address != NULL)
        h->address->started--;
    f->counts.started--;
    leave(f, item);
}

void tw_frontier_remove(struct tw_frontier *f, struct tw_item *item)
{
    if (item->state == TW_ITEM_QUEUED)
        dequeue(f, item);
    else if (item->state == TW_ITEM_WAITING)
        stop_waiting(f, item);
    else
        return;
    leave(f, item);
}

void tw_frontier_swap(struct tw_frontier *f, struct tw_item *from, struct tw_item *to)
{
    (void)f;
    to->host = from->host;
    to->state = TW_ITEM_STARTED;
    from->host = NULL;
    from->state = TW_ITEM_OUT;
}

/* ---- questions ---- */

uint64_t tw_frontier_wake_ms(const struct tw_frontier *f)
{
    const struct tw_heap_node *node = tw_heap_min(&f->waiting);
    uint64_t start_ms = tw_turns_wake_ms(f);

    uint64_t ready_ms = node == NULL ? UINT64_MAX : tw_later(node->key, f->left_ms);

    return ready_ms < start_ms ? ready_ms : start_ms;
}

uint64_t tw_frontier_host_hash(const struct tw_item *item)
{
    return item->host->entry.hash;
}

size_t tw_frontier_behind(const struct tw_item *item)
{
    return item->host == NULL ? 0 : item->host->queue.len;
}

struct tw_frontier_counts tw_frontier_counts(const struct tw_frontier *f)
{
    struct tw_frontier_counts counts = f->counts;

    counts.remembered = f->hosts.len - counts.hosts;
    return counts;
}

/* ---- hosts ---- */

struct tw_host *tw_frontier_hold_host(struct tw_frontier *f, const char *name, size_t len)
{
    struct tw_host *h = tw_host_get(f, name, len);

    if (h != NULL)
        tw_host_keep(f, h);
    return h;
}

void tw_frontier_drop_host(struct tw_frontier *f, struct tw_host *host)
{
    if (host == NULL)
        return;
    host->held--;
    tw_host_release(f, host);
}

static uint32_t at_most_32_bits(uint64_t ms)
{
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

void tw_frontier_set_pace(struct tw_frontier *f, struct tw_host *host, struct tw_host_pace pace)
{
    host->wait_ms = at_most_32_bits(pace.wait_ms);
    host->random_ms = at_most_32_bits(pace.random_ms);
    host->per_host = pace.per_host;
    if (host->address != NULL)
        tw_address_pace(host->address, host);
    tw_host_settle(f, host);
}

struct tw_host_pace tw_frontier_pace(const struct tw_host *host)
{
    return (struct tw_host_pace){host->wait_ms, host->random_ms, host->per_host};
}

void tw_frontier_hold_until(struct tw_frontier *f, struct tw_host *host, uint64_t until_ms)
{
    host->hold_ms = until_ms;
    tw_host_settle(f, host);
}

uint64_t tw_frontier_may_start_ms(const struct tw_host *host)
{
    uint64_t may_ms = tw_host_may_ms(host);

    return host->address != NULL && host->address->may_ms > may_ms ? host->address->may_ms
                                                                   : may_ms;
}

int tw_frontier_bind(struct tw_frontier *f, struct tw_host *host, const void *address,
                     size_t len)
{
    return tw_host_bind(f, host, address, len);
}
