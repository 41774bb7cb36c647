#include "frontier/frontier.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "trawl.h"

struct tw_host {
    struct tw_map_entry entry;
    struct tw_link turn;   /* in frontier.turns while it has something that may start */
    struct tw_link queue;  /* of items */
    struct tw_link listed; /* in frontier.queued while its queue has items */
    size_t queued, waiting, started;
    size_t name_len;
    char name[];
};

struct tw_frontier {
    struct tw_map hosts;
    struct tw_heap waiting;
    struct tw_link turns;  /* hosts from which an item may start, in turn */
    struct tw_link queued; /* hosts with a queue, limits or not */
    struct tw_frontier_limits limits;
    struct tw_frontier_counts counts;
    uint64_t seed;
};

int tw_frontier_open(struct tw_frontier **out, struct tw_frontier_limits limits, uint64_t seed)
{
    struct tw_frontier *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return TRAWL_ENOMEM;
    tw_list_init(&f->turns);
    tw_list_init(&f->queued);
    f->limits = limits;
    f->seed = seed;
    *out = f;
    return 0;
}

void tw_frontier_free(struct tw_frontier *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->hosts.cap; i++)
        free(f->hosts.slots[i]);
    tw_map_free(&f->hosts);
    tw_heap_free(&f->waiting);
    free(f);
}

static bool host_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct tw_host *h = (const struct tw_host *)entry;

    return h->name_len == len && memcmp(h->name, key, len) == 0;
}

static struct tw_host *host_get(struct tw_frontier *f, const char *name, size_t len)
{
    uint64_t hash = tw_hash(name, len, f->seed);
    struct tw_host *h = (struct tw_host *)tw_map_find(&f->hosts, hash, host_equal, name, len);

    if (h != NULL || len > SIZE_MAX - sizeof(*h))
        return h;
    h = calloc(1, sizeof(*h) + len);
    if (h == NULL)
        return NULL;
    h->entry.hash = hash;
    h->name_len = len;
    memcpy(h->name, name, len);
    tw_list_init(&h->queue);
    if (tw_map_add(&f->hosts, &h->entry) != 0) {
        free(h);
        return NULL;
    }
    f->counts.hosts++;
    return h;
}

static void host_release(struct tw_frontier *f, struct tw_host *h)
{
    if (h->queued + h->waiting + h->started > 0)
        return;
    tw_map_remove(&f->hosts, &h->entry);
    f->counts.hosts--;
    free(h);
}

/* Brings the host's membership in the two lists in line with its counts. */
static void host_settle(struct tw_frontier *f, struct tw_host *h)
{
    bool free_slot = f->limits.per_host == 0 || h->started < f->limits.per_host;

    if (h->queued == 0)
        tw_list_remove(&h->listed);
    else if (!tw_link_in_list(&h->listed))
        tw_list_append(&f->queued, &h->listed);
    if (h->queued == 0 || !free_slot)
        tw_list_remove(&h->turn);
    else if (!tw_link_in_list(&h->turn))
        tw_list_append(&f->turns, &h->turn);
}

static void enqueue(struct tw_frontier *f, struct tw_item *item, enum tw_place place)
{
    struct tw_host *h = item->host;

    if (place == TW_PLACE_FIRST)
        tw_list_prepend(&h->queue, &item->link);
    else
        tw_list_append(&h->queue, &item->link);
    item->state = TW_ITEM_QUEUED;
    h->queued++;
    f->counts.queued++;
    host_settle(f, h);
}

static void dequeue(struct tw_frontier *f, struct tw_item *item)
{
    tw_list_remove(&item->link);
    item->host->queued--;
    f->counts.queued--;
}

int tw_frontier_add(struct tw_frontier *f, struct tw_item *item, const char *host, size_t len,
                    enum tw_place place)
{
    struct tw_host *h = host_get(f, host, len);

    if (h == NULL)
        return TRAWL_ENOMEM;
    item->host = h;
    enqueue(f, item, place);
    return 0;
}

int tw_frontier_add_at(struct tw_frontier *f, struct tw_item *item, const char *host,
                       size_t len, uint64_t ready_ms)
{
    struct tw_host *h = host_get(f, host, len);
    int err;

    if (h == NULL)
        return TRAWL_ENOMEM;
    err = tw_heap_push(&f->waiting, &item->due, ready_ms);
    if (err != 0) {
        host_release(f, h);
        return err;
    }
    item->host = h;
    item->state = TW_ITEM_WAITING;
    h->waiting++;
    f->counts.waiting++;
    return 0;
}

static void stop_waiting(struct tw_frontier *f, struct tw_item *item)
{
    tw_heap_remove(&f->waiting, &item->due);
    item->host->waiting--;
    f->counts.waiting--;
}

static void wake(struct tw_frontier *f, uint64_t now_ms)
{
    struct tw_heap_node *node;

    while ((node = tw_heap_min(&f->waiting)) != NULL && node->key <= now_ms) {
        struct tw_item *item = tw_container(node, struct tw_item, due);

        stop_waiting(f, item);
        enqueue(f, item, TW_PLACE_FIRST);
    }
}

struct tw_item *tw_frontier_next(struct tw_frontier *f, uint64_t now_ms)
{
    struct tw_item *item;
    struct tw_host *h;

    if (f->counts.waiting > 0)
        wake(f, now_ms);
    if (f->limits.total != 0 && f->counts.started >= f->limits.total)
        return NULL;
    if (tw_list_empty(&f->turns))
        return NULL;
    h = tw_container(f->turns.next, struct tw_host, turn);
    item = tw_container(h->queue.next, struct tw_item, link);
    dequeue(f, item);
    item->state = TW_ITEM_STARTED;
    h->started++;
    f->counts.started++;
    tw_list_remove(&h->turn);
    host_settle(f, h);
    return item;
}

void tw_frontier_done(struct tw_frontier *f, struct tw_item *item)
{
    struct tw_host *h = item->host;

    h->started--;
    f->counts.started--;
    item->state = TW_ITEM_OUT;
    item->host = NULL;
    host_settle(f, h);
    host_release(f, h);
}

void tw_frontier_remove(struct tw_frontier *f, struct tw_item *item)
{
    struct tw_host *h = item->host;

    if (item->state == TW_ITEM_QUEUED)
        dequeue(f, item);
    else if (item->state == TW_ITEM_WAITING)
        stop_waiting(f, item);
    else
        return;
    item->state = TW_ITEM_OUT;
    item->host = NULL;
    host_settle(f, h);
    host_release(f, h);
}

struct tw_item *tw_frontier_any(struct tw_frontier *f)
{
    struct tw_heap_node *node = tw_heap_min(&f->waiting);
    struct tw_host *h;

    if (!tw_list_empty(&f->queued)) {
        h = tw_container(f->queued.next, struct tw_host, listed);
        return tw_container(h->queue.next, struct tw_item, link);
    }
    return node == NULL ? NULL : tw_container(node, struct tw_item, due);
}

uint64_t tw_frontier_wake_ms(const struct tw_frontier *f)
{
    const struct tw_heap_node *node = tw_heap_min(&f->waiting);

    return node == NULL ? UINT64_MAX : node->key;
}

uint64_t tw_frontier_host_hash(const struct tw_item *item)
{
    return item->host->entry.hash;
}

size_t tw_frontier_behind(const struct tw_item *item)
{
    return item->host == NULL ? 0 : item->host->queued;
}

struct tw_frontier_counts tw_frontier_counts(const struct tw_frontier *f)
{
    return f->counts;
}
