/* What is to be fetched, in which order, and when. It has a queue for each host (origin) and hands
 * out items so that no host and no total goes over its limit; hosts take turns, and a host's items
 * keep their order. Time is handed in: any monotonic clock in milliseconds.
 *
 * An item is queued, started and done; nothing else ever happens to it:
 *
 *     add -> queued -> next -> started -> done
 *              `----- remove -----------> (out)
 *
 * Items are the caller's and are linked, not copied. Every step costs the same, however many hosts
 * and items there are (a wait costs the logarithm of the number waiting).
 */
#ifndef TW_FRONTIER_FRONTIER_H
#define TW_FRONTIER_FRONTIER_H

#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"

struct tw_frontier;
struct tw_host;

/* Zeroed by the caller before its first use. */
struct tw_item {
    struct tw_link link;
    struct tw_heap_node due;
    struct tw_host *host;
    enum tw_item_state {
        TW_ITEM_OUT = 0,
        TW_ITEM_QUEUED,
        TW_ITEM_WAITING,
        TW_ITEM_STARTED,
    } state;
};

struct tw_frontier_limits {
    size_t total;    /* items started and not done, 0 is no limit */
    size_t per_host; /* of them of one host, 0 is no limit */
};

struct tw_frontier_counts {
    size_t queued, waiting, started;
    size_t hosts; /* with at least one item in any state */
};

enum tw_place { TW_PLACE_LAST, TW_PLACE_FIRST };

int tw_frontier_open(struct tw_frontier **f, struct tw_frontier_limits limits, uint64_t seed);
/* No item may be in it; what still is there is forgotten. Accepts NULL. */
void tw_frontier_free(struct tw_frontier *f);

/* Queues an item that is out. host: the bytes that name it. First is for what a fetch under way
 * needs next (a redirect), so that it is not overtaken by what has not begun. 0 or ENOMEM. */
int tw_frontier_add(struct tw_frontier *f, struct tw_item *item, const char *host, size_t len,
                    enum tw_place place);
/* The same, but it is not handed out before ready_ms, and then goes first. */
int tw_frontier_add_at(struct tw_frontier *f, struct tw_item *item, const char *host,
                       size_t len, uint64_t ready_ms);

/* The next item that may start now; it is started. NULL if there is none. */
struct tw_item *tw_frontier_next(struct tw_frontier *f, uint64_t now_ms);
/* A started item has ended; it is out. */
void tw_frontier_done(struct tw_frontier *f, struct tw_item *item);
/* Takes back a queued or waiting item; one that is out or started is left alone. */
void tw_frontier_remove(struct tw_frontier *f, struct tw_item *item);

/* Any queued or waiting item, NULL if there is none. */
struct tw_item *tw_frontier_any(struct tw_frontier *f);
/* When the earliest waiting item is ready; UINT64_MAX if none waits. After tw_frontier_next() has
 * returned NULL that is later than its now, whatever the limits. */
uint64_t tw_frontier_wake_ms(const struct tw_frontier *f);
/* A hash of the name of the host of an item that is not out: secret, the same for all its items. */
uint64_t tw_frontier_host_hash(const struct tw_item *item);
/* Items of the started item's host that are queued behind it. */
size_t tw_frontier_behind(const struct tw_item *item);
struct tw_frontier_counts tw_frontier_counts(const struct tw_frontier *f);

#endif
