#include "base/heap.h"

#include <stdlib.h>

#include "trawl.h"

#define CHILDREN 4

static void place(struct tw_heap *h, size_t i, struct tw_heap_slot slot)
{
    h->slots[i] = slot;
    slot.node->slot = i + 1;
}

static void sift_up(struct tw_heap *h, size_t i, struct tw_heap_slot slot)
{
    while (i > 0) {
        size_t parent = (i - 1) / CHILDREN;

        if (h->slots[parent].key <= slot.key)
            break;
        place(h, i, h->slots[parent]);
        i = parent;
    }
    place(h, i, slot);
}

/* The least of those at `from` and its next neighbours that have the same parent. */
static size_t least_from(const struct tw_heap *h, size_t from)
{
    size_t end = h->len - from < CHILDREN ? h->len : from + CHILDREN;
    size_t least = from;

    for (size_t i = from + 1; i < end; i++)
        if (h->slots[i].key < h->slots[least].key)
            least = i;
    return least;
}

static void sift_down(struct tw_heap *h, size_t i, struct tw_heap_slot slot)
{
    for (;;) {
        size_t child = CHILDREN * i + 1;

        if (child >= h->len)
            break;
        child = least_from(h, child);
        if (slot.key <= h->slots[child].key)
            break;
        place(h, i, h->slots[child]);
        i = child;
    }
    place(h, i, slot);
}

int tw_heap_reserve(struct tw_heap *h, size_t len)
{
    size_t cap = h->cap == 0 ? 16 : h->cap * 2;
    struct tw_heap_slot *slots;

    if (len <= h->cap)
        return 0;
    if (cap < len)
        cap = len;
    if (cap > SIZE_MAX / sizeof(*slots))
        return TRAWL_ENOMEM;
    slots = realloc(h->slots, cap * sizeof(*slots));
    if (slots == NULL)
        return TRAWL_ENOMEM;
    h->slots = slots;
    h->cap = cap;
    return 0;
}

int tw_heap_push(struct tw_heap *h, struct tw_heap_node *node, uint64_t key)
{
    int err = tw_heap_reserve(h, h->len + 1);

    if (err != 0)
        return err;
    node->key = key;
    sift_up(h, h->len++, (struct tw_heap_slot){key, node});
    return 0;
}

void tw_heap_remove(struct tw_heap *h, struct tw_heap_node *node)
{
    struct tw_heap_slot last;
    size_t i;

    if (node->slot == 0)
        return;
    i = node->slot - 1;
    node->slot = 0;
    last = h->slots[--h->len];
    if (last.node == node)
        return;
    if (i > 0 && last.key < h->slots[(i - 1) / CHILDREN].key)
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}

struct tw_heap_node *tw_heap_min(const struct tw_heap *h)
{
    return h->len == 0 ? NULL : h->slots[0].node;
}

struct tw_heap_node *tw_heap_take(struct tw_heap *h, uint64_t key)
{
    struct tw_heap_node *node = tw_heap_min(h);

    if (node == NULL || node->key > key)
        return NULL;
    tw_heap_remove(h, node);
    return node;
}

void tw_heap_free(struct tw_heap *h)
{
    free(h->slots);
    *h = (struct tw_heap){0};
}
