/* A min-heap of intrusive nodes ordered by a 64-bit key (a time, mostly). Nodes are the caller's;
 * the heap owns only its array, which has the keys beside it: with four children a node, those that
 * are compared share a cache line, and the nodes themselves are not read. */
#ifndef TW_BASE_HEAP_H
#define TW_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tw_heap_node {
    uint64_t key;
    size_t slot; /* place in the array plus one; 0: in no heap */
};

struct tw_heap_slot {
    uint64_t key;
    struct tw_heap_node *node;
};

struct tw_heap {
    struct tw_heap_slot *slots;
    size_t len, cap;
};

/* So that pushes do not fail until the heap has len nodes. 0 or ENOMEM. */
int tw_heap_reserve(struct tw_heap *h, size_t len);
int tw_heap_push(struct tw_heap *h, struct tw_heap_node *node, uint64_t key); /* or ENOMEM */
/* Removing a node that is in no heap does nothing. */
void tw_heap_remove(struct tw_heap *h, struct tw_heap_node *node);
struct tw_heap_node *tw_heap_min(const struct tw_heap *h); /* NULL if empty */
/* Removes the least one, if its key is key at the most; else NULL. */
struct tw_heap_node *tw_heap_take(struct tw_heap *h, uint64_t key);
void tw_heap_free(struct tw_heap *h);

#endif
