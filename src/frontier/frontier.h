/* What is to be fetched, in which order, and when. It has a queue for each host (origin) and hands
 * out items so that no host, no address and no total goes over its limit and none is asked sooner
 * than its pace allows. Time is handed in: any monotonic clock in milliseconds.
 *
 * An item is queued, started and done; nothing else ever happens to it:
 *
 *     add -> queued -> next -> started -> done
 *              `----- remove -----------> (out)
 *
 * Order: hosts take turns, whatever their items' priorities; those at one address share its turn.
 * Of a host, what was placed first goes first, then lower priorities before higher ones, and those
 * of one priority in the order in which they came.
 *
 * Items are the caller's and are linked, not copied. A step costs the same however many hosts and
 * items there are; one that makes something wait costs the logarithm of the number that waits. When
 * a million waits are over at once, after a long pause, the next steps see to some of them each.
 */
#ifndef TW_FRONTIER_FRONTIER_H
#define TW_FRONTIER_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"

struct tw_frontier;
struct tw_host;

/* Zeroed by the caller before its first use. */
struct tw_item {
    union {
        struct tw_link link;     /* while it is queued */
        struct tw_heap_node due; /* while it is waiting */
    };
    struct tw_host *host; /* NULL while it is out */
    enum tw_item_state {
        TW_ITEM_OUT = 0,
        TW_ITEM_QUEUED,
        TW_ITEM_WAITING,
        TW_ITEM_STARTED,
    } state;
    uint8_t kind;     /* the caller's: what the item is part of */
    uint8_t priority; /* the caller's, set while it is out: 0 goes first, 255 last */
    bool first;       /* it was placed before all priorities */
};

struct tw_frontier_limits {
    size_t total;    /* items started and not done, 0 is no limit */
    size_t per_host; /* of them of one host, and of one address; 0 is no limit */
    uint64_t rate;   /* starts a second over all hosts, 0 is no limit; see tw_frontier_next() */
};

struct tw_frontier_counts {
    size_t queued, waiting, started;
    size_t hosts;      /* with at least one item in any state */
    size_t remembered; /* others: held by the caller, or asked too recently to be forgotten */
};

enum tw_place { TW_PLACE_LAST, TW_PLACE_FIRST };

int tw_frontier_open(struct tw_frontier **f, struct tw_frontier_limits limits, uint64_t seed);
/* No item may be in it; what still is there is forgotten. Accepts NULL. */
void tw_frontier_free(struct tw_frontier *f);
/* The same in steps, for one that remembers many hosts: forgets up to max of them, and false once there
 * are none. Nothing but this, counts and free may follow. */
bool tw_frontier_clear(struct tw_frontier *f, size_t max);

/* ---- items ---- */

/* Queues an item that is out. host: the bytes that name it. First is for what a fetch under way
 * needs next (a redirect), so that it is not overtaken by what has not begun. 0 or ENOMEM. */
int tw_frontier_add(struct tw_frontier *f, struct tw_item *item, const char *host, size_t len,
                    enum tw_place place);
/* The same, but it is not handed out before ready_ms, and then goes first. */
int tw_frontier_add_at(struct tw_frontier *f, struct tw_item *item, const char *host,
                       size_t len, uint64_t ready_ms);
/* Both, for a host at hand: one that is held, or has an item. */
int tw_frontier_put(struct tw_frontier *f, struct tw_item *item, struct tw_host *host,
                    enum tw_place place);
int tw_frontier_put_at(struct tw_frontier *f, struct tw_item *item, struct tw_host *host,
                       uint64_t ready_ms);

/* The next item that may start now; it is started. NULL if there is none. A clock that goes back
 * is taken to stand still.
 *
 * With a rate of N a second, k starts after any start at least k * 1000 / N - 5 milliseconds have
 * passed: starts are spaced evenly, to the clock's millisecond, and only up to 5 ms by which the
 * caller came late are made up for. */
struct tw_item *tw_frontier_next(struct tw_frontier *f, uint64_t now_ms);
/* The host had been asked for a started item by asked_ms: connecting and a busy loop take time, and
 * a host counts from when it is asked. If nothing else of it is started, its wait runs from there. */
void tw_frontier_asked(struct tw_frontier *f, struct tw_item *item, uint64_t asked_ms);
/* A started item has ended; it is out. */
void tw_frontier_done(struct tw_frontier *f, struct tw_item *item);
/* Takes back a queued or waiting item; one that is out or started is left alone. */
void tw_frontier_remove(struct tw_frontier *f, struct tw_item *item);
/* `to`, which is out, takes the place of the started item `from`, which then is out. */
void tw_frontier_swap(struct tw_frontier *f, struct tw_item *from, struct tw_item *to);

/* When something happens next if nobody adds, ends or changes anything: a waiting item is ready, or
 * an item may start. UINT64_MAX if that is never. After tw_frontier_next() has returned NULL that
 * is later than its now. */
uint64_t tw_frontier_wake_ms(const struct tw_frontier *f);
/* A hash of the name of the host of an item that is not out: secret, the same for all its items. */
uint64_t tw_frontier_host_hash(const struct tw_item *item);
/* Items of the started item's host that are queued behind it. */
size_t tw_frontier_behind(const struct tw_item *item);
struct tw_frontier_counts tw_frontier_counts(const struct tw_frontier *f);

/* ---- hosts ----
 *
 * A host is there while it has items (item->host), while somebody holds it, and until it might be
 * asked again; then it is forgotten with its pace and its address. Whoever gives a host a pace or
 * an address that must outlast its items holds it. */

/* The host of that name, made if need be, and held. NULL without memory. */
struct tw_host *tw_frontier_hold_host(struct tw_frontier *f, const char *name, size_t len);
/* As often as it was held. Accepts NULL. */
void tw_frontier_drop_host(struct tw_frontier *f, struct tw_host *host);

/* How a host wants to be asked. From the start of one of its items, or tw_frontier_asked(), to the
 * start of the next at least wait_ms pass, and at least random_ms times a factor that is drawn for
 * each start, evenly between 0.5 and 1.5. Retries and redirects are no exception. Zeroed is the
 * default: no waits. */
struct tw_host_pace {
    uint64_t wait_ms;   /* Crawl-delay, an adaptive wait; UINT32_MAX at most, as random_ms */
    uint64_t random_ms; /* --wait with --random-wait */
    size_t per_host;    /* instead of the limits' per_host if it is not 0 */
};

/* Holds from now on, counted from the host's last start. */
void tw_frontier_set_pace(struct tw_frontier *f, struct tw_host *host, struct tw_host_pace pace);
struct tw_host_pace tw_frontier_pace(const struct tw_host *host);
/* No item of the host starts before until_ms (Retry-After), 0 for no hold. The hold is the host's
 * only, not its address's. */
void tw_frontier_hold_until(struct tw_frontier *f, struct tw_host *host, uint64_t until_ms);
/* From when on the host's pace, hold and address allow a start, limits aside; 0 for at once. */
uint64_t tw_frontier_may_start_ms(const struct tw_host *host);

/* The host is at that address (any bytes; none: at no known address), which it then shares with
 * other hosts: at most the limits' per_host of their items together are started, and the next
 * starts as long after the last as the wait of the host of the last. What the host has started
 * counts, when it started it counts too, and a wait of it that is raised. 0; ENOMEM, and nothing
 * has changed. */
int tw_frontier_bind(struct tw_frontier *f, struct tw_host *host, const void *address,
                     size_t len);

#endif
