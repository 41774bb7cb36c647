#include "frontier/backoff.h"
#include "frontier/host.h"

#define ONE (1u << 16) /* the factor 1 */

static bool has_room(const struct tw_frontier *f, size_t started, size_t own_limit)
{
    size_t limit = own_limit != 0 ? own_limit : f->limits.per_host;

    return limit == 0 || started < limit;
}

/* ---- pace ---- */

/* When the wait after the last start is over. */
static uint64_t wait_ends_ms(const struct tw_host *h)
{
    uint64_t wait = tw_later(h->wait_ms, (uint64_t)h->random_ms * h->factor / ONE);

    if (h->factor == 0)
        return 0;
    return h->last_ms > UINT64_MAX - wait ? UINT64_MAX : h->last_ms + wait;
}

uint64_t tw_host_may_ms(const struct tw_host *h)
{
    return tw_later(wait_ends_ms(h), h->hold_ms);
}

void tw_address_pace(struct tw_address *a, const struct tw_host *h)
{
    a->may_ms = tw_later(a->may_ms, wait_ends_ms(h));
}

static uint32_t draw_factor(struct tw_frontier *f)
{
    return ONE / 2 + (uint32_t)(tw_random_next(&f->rng) % (ONE + 1));
}

/* ---- places ---- */

static struct tw_ring *ring_of(struct tw_frontier *f, const struct tw_host *h)
{
    return h->address != NULL ? &h->address->ring : &f->ring;
}

static void withdraw(struct tw_ring *ring, struct tw_party *party)
{
    tw_list_remove(&party->turn);
    tw_heap_remove(&ring->paced, &party->due);
}

static void place(struct tw_ring *ring, struct tw_party *party, uint64_t may_ms,
                  uint64_t now_ms)
{
    if (may_ms <= now_ms) {
        tw_heap_remove(&ring->paced, &party->due);
        if (!tw_link_in_list(&party->turn))
            tw_list_append(&ring->turns, &party->turn);
    } else if (party->due.slot == 0 || party->due.key != may_ms) {
        withdraw(ring, party);
        (void)tw_heap_push(&ring->paced, &party->due, may_ms); /* has room */
    }
}

/* The first of those whose pace is over, which stands nowhere then. NULL if there is none, or if so many have
 * been taken that another call may go on: after a long pause a million may be due at once. */
static struct tw_party *take_due(struct tw_ring *ring, uint64_t now_ms, size_t taken)
{
    struct tw_heap_node *node = NULL;

    if (taken < TW_DUE_AT_ONCE || tw_list_empty(&ring->turns))
        node = tw_heap_take(&ring->paced, now_ms);
    return node == NULL ? NULL : tw_container(node, struct tw_party, due);
}

static uint64_t ring_may_ms(const struct tw_ring *ring)
{
    const struct tw_heap_node *node = tw_heap_min(&ring->paced);

    if (!tw_list_empty(&ring->turns))
        return 0;
    return node == NULL ? UINT64_MAX : node->key;
}

static bool ring_empty(const struct tw_ring *ring)
{
    return tw_list_empty(&ring->turns) && ring->paced.len == 0;
}

static void wake_hosts(struct tw_frontier *f, struct tw_address *a)
{
    struct tw_party *party;

    for (size_t n = 0; (party = take_due(&a->ring, f->now_ms, n)) != NULL; n++)
        tw_list_append(&a->ring.turns, &party->turn);
}

void tw_address_settle(struct tw_frontier *f, struct tw_address *a)
{
    wake_hosts(f, a);
    if (ring_empty(&a->ring) || !has_room(f, a->started, 0))
        withdraw(&f->ring, &a->party);
    else
        place(&f->ring, &a->party, tw_later(a->may_ms, ring_may_ms(&a->ring)), f->now_ms);
}

void tw_host_withdraw(struct tw_frontier *f, struct tw_host *h)
{
    withdraw(ring_of(f, h), &h->party);
}

void tw_host_settle(struct tw_frontier *f, struct tw_host *h)
{
    if (h->address != NULL) /* first, so that nobody comes before those who could go already */
        wake_hosts(f, h->address);
    if (h->queue.len == 0 || !has_room(f, h->started, h->per_host))
        tw_host_withdraw(f, h);
    else
        place(ring_of(f, h), &h->party, tw_host_may_ms(h), f->now_ms);
    if (h->address != NULL)
        tw_address_settle(f, h->address);
}

/* ---- turns ---- */

void tw_turns_wake(struct tw_frontier *f)
{
    struct tw_party *party;

    for (size_t n = 0; (party = take_due(&f->ring, f->now_ms, n)) != NULL; n++) {
        if (party->address != NULL)
            tw_address_settle(f, party->address);
        else
            tw_list_append(&f->ring.turns, &party->turn);
    }
}

static bool total_reached(const struct tw_frontier *f)
{
    return f->limits.total != 0 && f->counts.started >= f->limits.total;
}

struct tw_host *tw_turns_next(const struct tw_frontier *f)
{
    struct tw_party *party;

    if (total_reached(f) || tw_list_empty(&f->ring.turns) ||
        tw_rate_may_ms(&f->rate) > f->now_ms)
        return NULL;
    party = tw_container(f->ring.turns.next, struct tw_party, turn);
    if (party->address != NULL)
        party = tw_container(party->address->ring.turns.next, struct tw_party, turn);
    return tw_container(party, struct tw_host, party);
}

void tw_turns_started(struct tw_frontier *f, struct tw_host *h)
{
    struct tw_address *a = h->address;

    h->started++;
    f->counts.started++;
    h->last_ms = f->now_ms;
    h->factor = draw_factor(f);
    tw_rate_started(&f->rate, f->now_ms);
    tw_list_remove(&h->party.turn); /* to the end, if it may go on at all */
    if (a != NULL) {
        a->started++;
        tw_address_pace(a, h);
        tw_list_remove(&a->party.turn);
    }
    tw_host_settle(f, h);
}

uint64_t tw_turns_wake_ms(const struct tw_frontier *f)
{
    uint64_t may_ms = ring_may_ms(&f->ring);

    if (may_ms == UINT64_MAX || total_reached(f))
        return UINT64_MAX;
    return tw_later(may_ms, tw_rate_may_ms(&f->rate));
}
