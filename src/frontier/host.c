#include "frontier/host.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"

static void ring_init(struct tw_ring *ring)
{
    *ring = (struct tw_ring){0};
    tw_list_init(&ring->turns);
}

/* Whatever stands somewhere later finds room, so that nothing but making it can fail. */
static int reserve(struct tw_frontier *f)
{
    size_t parties = f->hosts.len + f->addresses.len + 1;
    int err = tw_heap_reserve(&f->ring.paced, parties);

    return err != 0 ? err : tw_heap_reserve(&f->fading, parties);
}

/* ---- addresses ---- */

static bool address_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct tw_address *a = (const struct tw_address *)entry;

    return a->len == len && memcmp(a->bytes, key, len) == 0;
}

static struct tw_address *address_new(const void *bytes, size_t len, uint64_t hash)
{
    struct tw_address *a;

    if (len > SIZE_MAX - sizeof(*a))
        return NULL;
    a = calloc(1, sizeof(*a) + len);
    if (a == NULL)
        return NULL;
    a->entry.hash = hash;
    a->party.address = a;
    ring_init(&a->ring);
    a->len = len;
    memcpy(a->bytes, bytes, len);
    return a;
}

static void address_free(struct tw_address *a)
{
    tw_heap_free(&a->ring.paced);
    free(a);
}

static struct tw_address *address_get(struct tw_frontier *f, const void *bytes, size_t len)
{
    uint64_t hash = tw_hash(bytes, len, f->seed);
    struct tw_address *a;

    a = (struct tw_address *)tw_map_find(&f->addresses, hash, address_equal, bytes, len);
    if (a != NULL)
        return a;
    a = address_new(bytes, len, hash);
    if (a == NULL)
        return NULL;
    if (reserve(f) != 0 || tw_map_add(&f->addresses, &a->entry) != 0) {
        address_free(a);
        return NULL;
    }
    return a;
}

static void address_forget(struct tw_frontier *f, struct tw_address *a)
{
    tw_map_remove(&f->addresses, &a->entry);
    address_free(a);
}

/* Without hosts only its pace keeps it. */
static void address_release(struct tw_frontier *f, struct tw_address *a)
{
    if (a->hosts > 0 || a->party.due.slot != 0)
        return;
    if (a->may_ms > f->now_ms)
        (void)tw_heap_push(&f->fading, &a->party.due, a->may_ms); /* has room */
    else
        address_forget(f, a);
}

/* ---- a host and its address ---- */

static void part(struct tw_frontier *f, struct tw_host *h)
{
    struct tw_address *a = h->address;

    tw_host_withdraw(f, h);
    if (a == NULL)
        return;
    h->address = NULL;
    a->hosts--;
    a->started -= h->started;
    tw_address_settle(f, a);
    address_release(f, a);
}

static void join(struct tw_frontier *f, struct tw_host *h, struct tw_address *a)
{
    if (a == NULL)
        return;
    if (a->hosts++ == 0)
        tw_heap_remove(&f->fading, &a->party.due);
    a->started += h->started;
    h->address = a;
    tw_address_pace(a, h);
}

int tw_host_bind(struct tw_frontier *f, struct tw_host *h, const void *address, size_t len)
{
    struct tw_address *a = NULL;

    if (len > 0) {
        a = address_get(f, address, len);
        if (a == NULL)
            return TRAWL_ENOMEM;
        if (tw_heap_reserve(&a->ring.paced, a->hosts + 1) != 0) {
            address_release(f, a);
            return TRAWL_ENOMEM;
        }
    }
    if (a == h->address)
        return 0;
    part(f, h);
    join(f, h, a);
    tw_host_settle(f, h);
    return 0;
}

/* ---- hosts ---- */

static bool host_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct tw_host *h = (const struct tw_host *)entry;

    return h->len == len && memcmp(h->name, key, len) == 0;
}

static struct tw_host *host_new(const char *name, size_t len, uint64_t hash)
{
    struct tw_host *h;

    if (len > SIZE_MAX - sizeof(*h))
        return NULL;
    h = calloc(1, sizeof(*h) + len);
    if (h == NULL)
        return NULL;
    h->entry.hash = hash;
    h->len = len;
    memcpy(h->name, name, len);
    tw_queue_init(&h->queue);
    return h;
}

struct tw_host *tw_host_get(struct tw_frontier *f, const char *name, size_t len)
{
    uint64_t hash = tw_hash(name, len, f->seed);
    struct tw_host *h = (struct tw_host *)tw_map_find(&f->hosts, hash, host_equal, name, len);

    if (h != NULL)
        return h;
    h = host_new(name, len, hash);
    if (h == NULL)
        return NULL;
    if (reserve(f) != 0 || tw_map_add(&f->hosts, &h->entry) != 0) {
        free(h);
        return NULL;
    }
    return h;
}

void tw_host_enter(struct tw_frontier *f, struct tw_host *h)
{
    if (tw_host_items(h) > 0)
        return;
    f->counts.hosts++;
    tw_heap_remove(&f->fading, &h->party.due);
}

void tw_host_leave(struct tw_frontier *f, struct tw_host *h)
{
    tw_host_settle(f, h);
    if (tw_host_items(h) > 0)
        return;
    f->counts.hosts--;
    tw_host_release(f, h);
}

void tw_host_keep(struct tw_frontier *f, struct tw_host *h)
{
    h->held++;
    if (tw_host_items(h) == 0)
        tw_heap_remove(&f->fading, &h->party.due);
}

static void host_free(struct tw_host *h)
{
    tw_queue_free(&h->queue);
    free(h);
}

static void host_forget(struct tw_frontier *f, struct tw_host *h)
{
    part(f, h);
    tw_map_remove(&f->hosts, &h->entry);
    host_free(h);
}

void tw_host_release(struct tw_frontier *f, struct tw_host *h)
{
    uint64_t may_ms;

    if (h->held > 0 || tw_host_items(h) > 0 || h->party.due.slot != 0)
        return;
    may_ms = tw_host_may_ms(h);
    if (may_ms > f->now_ms)
        (void)tw_heap_push(&f->fading, &h->party.due, may_ms); /* has room */
    else
        host_forget(f, h);
}

void tw_host_fade(struct tw_frontier *f)
{
    for (size_t n = 0; n < TW_DUE_AT_ONCE; n++) {
        struct tw_heap_node *node = tw_heap_take(&f->fading, f->now_ms);
        struct tw_party *party;

        if (node == NULL)
            break;
        party = tw_container(node, struct tw_party, due);
        if (party->address != NULL)
            address_forget(f, party->address);
        else
            host_forget(f, tw_container(party, struct tw_host, party));
    }
}

/* ---- all of them ---- */

void tw_hosts_init(struct tw_frontier *f)
{
    ring_init(&f->ring);
}

bool tw_hosts_clear(struct tw_frontier *f, size_t max)
{
    struct tw_map_entry *entry = NULL;

    for (; max > 0 && (entry = tw_map_pop(&f->hosts)) != NULL; max--)
        host_free((struct tw_host *)entry);
    for (; max > 0 && (entry = tw_map_pop(&f->addresses)) != NULL; max--)
        address_free((struct tw_address *)entry);
    return max == 0;
}

void tw_hosts_free(struct tw_frontier *f)
{
    tw_hosts_clear(f, SIZE_MAX);
    tw_map_free(&f->hosts);
    tw_map_free(&f->addresses);
    tw_heap_free(&f->ring.paced);
    tw_heap_free(&f->fading);
}
