#include "frontier/queue.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"

#define MIN_CAP 4

void tw_queue_init(struct tw_queue *q)
{
    *q = (struct tw_queue){.tail_cap = 1};
    tw_list_init(&q->items);
}

static struct tw_item **tails(struct tw_queue *q)
{
    return q->tail_cap == 1 ? &q->tails.one : q->tails.many;
}

/* How many of the priorities that have items go before this one, or are this one. */
static size_t upto(struct tw_queue *q, unsigned priority)
{
    struct tw_item **tail = tails(q);
    size_t low = 0, high = q->tail_count;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (tail[mid]->priority <= priority)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool has(struct tw_queue *q, size_t at, unsigned priority)
{
    return at > 0 && tails(q)[at - 1]->priority == priority;
}

int tw_queue_reserve(struct tw_queue *q, uint8_t priority)
{
    uint16_t cap = q->tail_cap == 1 ? MIN_CAP : (uint16_t)(q->tail_cap * 2);
    struct tw_item **many;

    if (q->tail_count < q->tail_cap || has(q, upto(q, priority), priority))
        return 0;
    many = malloc(cap * sizeof(struct tw_item *));
    if (many == NULL)
        return TRAWL_ENOMEM;
    memcpy(many, tails(q), q->tail_count * sizeof(struct tw_item *));
    tw_queue_free(q);
    q->tails.many = many;
    q->tail_cap = cap;
    return 0;
}

/* The link after which priority number `at` begins. */
static struct tw_link *end_before(struct tw_queue *q, size_t at)
{
    if (at > 0)
        return &tails(q)[at - 1]->link;
    return q->last_first == NULL ? &q->items : &q->last_first->link;
}

void tw_queue_append(struct tw_queue *q, struct tw_item *item)
{
    size_t at = upto(q, item->priority);
    struct tw_item **tail;

    tw_list_prepend(end_before(q, at), &item->link);
    item->first = false;
    q->len++;
    if (has(q, at, item->priority)) {
        tails(q)[at - 1] = item;
        return;
    }
    tail = tails(q) + at;
    memmove(tail + 1, tail, (q->tail_count - at) * sizeof(struct tw_item *));
    *tail = item;
    q->tail_count++;
}

void tw_queue_prepend(struct tw_queue *q, struct tw_item *item)
{
    item->first = true;
    tw_list_prepend(&q->items, &item->link);
    if (q->last_first == NULL)
        q->last_first = item;
    q->len++;
}

static struct tw_item *item_before(struct tw_queue *q, struct tw_item *item)
{
    struct tw_link *prev = item->link.prev;

    return prev == &q->items ? NULL : tw_container(prev, struct tw_item, link);
}

/* The item is the last of its priority, and leaves. */
static void shorten(struct tw_queue *q, size_t at, struct tw_item *before)
{
    struct tw_item **tail = tails(q) + at;

    if (before != NULL && !before->first && before->priority == (*tail)->priority) {
        *tail = before;
        return;
    }
    q->tail_count--;
    memmove(tail, tail + 1, (q->tail_count - at) * sizeof(struct tw_item *));
}

void tw_queue_remove(struct tw_queue *q, struct tw_item *item)
{
    struct tw_item *before = item_before(q, item);

    if (item->first) {
        if (item == q->last_first)
            q->last_first = before;
    } else {
        size_t at = upto(q, item->priority) - 1;

        if (tails(q)[at] == item)
            shorten(q, at, before);
    }
    tw_list_remove(&item->link);
    if (--q->len == 0)
        tw_queue_free(q);
}

struct tw_item *tw_queue_first(const struct tw_queue *q)
{
    return tw_container(q->items.next, struct tw_item, link);
}

void tw_queue_free(struct tw_queue *q)
{
    if (q->tail_cap > 1)
        free(q->tails.many);
    q->tail_cap = 1;
}
