/* Inside the frontier: its hosts, the addresses they share, and whose turn it is. */
#ifndef TW_FRONTIER_HOST_H
#define TW_FRONTIER_HOST_H

#include "base/map.h"
#include "frontier/frontier.h"
#include "frontier/queue.h"
#include "frontier/rate.h"

/* Of what is due, a step sees to so many at the most. */
#define TW_DUE_AT_ONCE 64

/* What takes turns: an address with its hosts, or a host without an address. A host with an address
 * takes its turn among the address's hosts. Where it stands follows from its state:
 *
 *     in turns   it may start something, limits and pace allow it
 *     in paced   only its pace does not yet
 *     in none    it has nothing to start, or its limit is reached */
struct tw_party {
    struct tw_link turn;
    struct tw_heap_node due; /* in paced; or in fading, of what would be forgotten */
    struct tw_address *address; /* whose party it is, NULL if it is a host's */
};

/* The parties that compete for the same starts. */
struct tw_ring {
    struct tw_link turns;
    struct tw_heap paced; /* always has room for all parties that it may hold */
};

struct tw_address {
    struct tw_map_entry entry;
    struct tw_party party;
    struct tw_ring ring; /* of its hosts */
    size_t hosts, started;
    uint64_t may_ms; /* when the pace of the host that started last is over */
    size_t len;
    char bytes[];
};

struct tw_host {
    struct tw_map_entry entry;
    struct tw_party party;
    struct tw_address *address; /* NULL: unknown */
    struct tw_queue queue;
    size_t waiting, started;
    uint64_t last_ms, hold_ms; /* its last start; the end of a hold */
    uint32_t wait_ms, random_ms;
    uint32_t factor; /* of random_ms since the last start, in 2^-16; 0: nothing has started */
    uint32_t held;   /* by callers */
    size_t per_host; /* 0: the frontier's */
    size_t len;
    char name[];
};

struct tw_frontier {
    struct tw_map hosts, addresses;
    struct tw_heap waiting; /* items */
    struct tw_ring ring;    /* of addresses and of hosts without one */
    struct tw_heap fading;  /* hosts and addresses that only their pace keeps */
    struct tw_frontier_limits limits;
    struct tw_frontier_counts counts;
    struct tw_rate rate;
    uint64_t now_ms; /* the latest that was handed in */
    uint64_t left_ms; /* the next step may end waits: after now, if the last one left some for it */
    uint64_t seed, rng;
};

static inline uint64_t tw_later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline size_t tw_host_items(const struct tw_host *h)
{
    return h->queue.len + h->waiting + h->started;
}

/* host.c */
void tw_hosts_init(struct tw_frontier *f);
/* Frees up to max of them, whatever they hold; false once nothing is left. */
bool tw_hosts_clear(struct tw_frontier *f, size_t max);
void tw_hosts_free(struct tw_frontier *f);
/* NULL without memory. */
struct tw_host *tw_host_get(struct tw_frontier *f, const char *name, size_t len);
/* An item is about to be counted in queue.len, waiting or started. */
void tw_host_enter(struct tw_frontier *f, struct tw_host *h);
/* One is not counted any longer. The host may be gone after that. */
void tw_host_leave(struct tw_frontier *f, struct tw_host *h);
/* A caller holds it. */
void tw_host_keep(struct tw_frontier *f, struct tw_host *h);
/* Forgets the host if nothing needs it, at once or when its pace is over. */
void tw_host_release(struct tw_frontier *f, struct tw_host *h);
/* Forgets what only a pace kept that is over. */
void tw_host_fade(struct tw_frontier *f);
int tw_host_bind(struct tw_frontier *f, struct tw_host *h, const void *address, size_t len);

/* turns.c */
/* When its own pace allows the next start. */
uint64_t tw_host_may_ms(const struct tw_host *h);
/* The host's last start and wait count for the address too. */
void tw_address_pace(struct tw_address *a, const struct tw_host *h);
/* Brings the host's place, and its address's, in line with their state. */
void tw_host_settle(struct tw_frontier *f, struct tw_host *h);
void tw_address_settle(struct tw_frontier *f, struct tw_address *a);
/* The host, which is not fading, stands nowhere. */
void tw_host_withdraw(struct tw_frontier *f, struct tw_host *h);
/* Lets those whose pace is over take turns. */
void tw_turns_wake(struct tw_frontier *f);
/* The host whose turn it is, NULL if no item may start. */
struct tw_host *tw_turns_next(const struct tw_frontier *f);
/* An item of it has been taken out of its queue and started: its turn is over. */
void tw_turns_started(struct tw_frontier *f, struct tw_host *h);
/* When tw_turns_next() finds something if only time passes; not later than now if it does now. */
uint64_t tw_turns_wake_ms(const struct tw_frontier *f);

#endif
