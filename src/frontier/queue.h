/* The queue of one host: what was placed first, then priority by priority, each in order.
 *
 * One list holds all items. Where a priority ends is remembered for those that have items only, in
 * an array that is searched by halves: most hosts have one or two, none more than 256. */
#ifndef TW_FRONTIER_QUEUE_H
#define TW_FRONTIER_QUEUE_H

#include "frontier/frontier.h"

struct tw_queue {
    struct tw_link items;
    struct tw_item *last_first; /* of those placed first; NULL if there is none */
    size_t len;
    union {
        struct tw_item *one; /* while there is no more than one priority */
        struct tw_item **many;
    } tails; /* the last item of each priority, lower ones first */
    uint16_t tail_count, tail_cap;
};

void tw_queue_init(struct tw_queue *q);
/* So that the next append of that priority finds room. 0 or ENOMEM. */
int tw_queue_reserve(struct tw_queue *q, uint8_t priority);
/* At the end of its priority, for which there is room. */
void tw_queue_append(struct tw_queue *q, struct tw_item *item);
/* Before everything. */
void tw_queue_prepend(struct tw_queue *q, struct tw_item *item);
void tw_queue_remove(struct tw_queue *q, struct tw_item *item);
/* The queue has items. */
struct tw_item *tw_queue_first(const struct tw_queue *q);
/* Frees what the queue itself has allocated. */
void tw_queue_free(struct tw_queue *q);

#endif
