#include "base/heap.h"

#include <stdlib.h>

#include "trawl.h"

static void place(struct tw_heap *h, size_t i, struct tw_heap_node *node)
{
    h->nodes[i] = node;
    node->slot = i + 1;
}

static void sift_up(struct tw_heap *h, size_t i, struct tw_heap_node *node)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;

        if (h->nodes[parent]->key <= node->key)
            break;
        place(h, i, h->nodes[parent]);
        i = parent;
    }
    place(h, i, node);
}

static void sift_down(struct tw_heap *h, size_t i, struct tw_heap_node *node)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= h->len)
            break;
        if (child + 1 < h->len && h->nodes[child + 1]->key < h->nodes[child]->key)
            child++;
        if (node->key <= h->nodes[child]->key)
            break;
        place(h, i, h->nodes[child]);
        i = child;
    }
    place(h, i, node);
}

int tw_heap_reserve(struct tw_heap *h, size_t len)
{
    size_t cap = h->cap == 0 ? 16 : h->cap * 2;
    struct tw_heap_node **nodes;

    if (len <= h->cap)
        return 0;
    if (cap < len)
        cap = len;
    if (cap > SIZE_MAX / sizeof(*nodes))
        return TRAWL_ENOMEM;
    nodes = realloc(h->nodes, cap * sizeof(*nodes));
    if (nodes == NULL)
        return TRAWL_ENOMEM;
    h->nodes = nodes;
    h->cap = cap;
    return 0;
}

int tw_heap_push(struct tw_heap *h, struct tw_heap_node *node, uint64_t key)
{
    int err = tw_heap_reserve(h, h->len + 1);

    if (err != 0)
        return err;
    node->key = key;
    sift_up(h, h->len++, node);
    return 0;
}

void tw_heap_remove(struct tw_heap *h, struct tw_heap_node *node)
{
    struct tw_heap_node *last;
    size_t i;

    if (node->slot == 0)
        return;
    i = node->slot - 1;
    node->slot = 0;
    last = h->nodes[--h->len];
    if (last == node)
        return;
    if (i > 0 && last->key < h->nodes[(i - 1) / 2]->key)
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}

struct tw_heap_node *tw_heap_min(const struct tw_heap *h)
{
    return h->len == 0 ? NULL : h->nodes[0];
}

void tw_heap_free(struct tw_heap *h)
{
    free(h->nodes);
    *h = (struct tw_heap){0};
}
