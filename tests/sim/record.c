#include "record.h"

#include <string.h>

#include "memory.h"
#include "random.h"

static struct {
    struct node **nodes; /* in order */
    struct node **slots; /* by hash */
    size_t count, cap, slot_count;
} r;

static uint64_t hash_of(const char *url)
{
    uint64_t h = 14695981039346656037u;

    for (; *url != '\0'; url++)
        h = (h ^ (unsigned char)*url) * 1099511628211u;
    return rng_mix(h);
}

void record_begin(void)
{
    record_end();
    r.slot_count = 256;
    r.slots = sim_alloc(r.slot_count * sizeof(struct node *));
}

void record_end(void)
{
    for (size_t i = 0; i < r.count; i++) {
        sim_free(r.nodes[i]->url);
        sim_free(r.nodes[i]);
    }
    sim_free(r.nodes);
    sim_free(r.slots);
    memset(&r, 0, sizeof(r));
}

static struct node **slot_of(const char *url, uint64_t hash)
{
    size_t i = hash & (r.slot_count - 1);

    while (r.slots[i] != NULL && (r.slots[i]->hash != hash || strcmp(r.slots[i]->url, url) != 0))
        i = (i + 1) & (r.slot_count - 1);
    return &r.slots[i];
}

static void grow(void)
{
    sim_free(r.slots);
    r.slot_count *= 2;
    r.slots = sim_alloc(r.slot_count * sizeof(struct node *));
    for (size_t i = 0; i < r.count; i++)
        *slot_of(r.nodes[i]->url, r.nodes[i]->hash) = r.nodes[i];
}

struct node *record_find(const char *url)
{
    return *slot_of(url, hash_of(url));
}

struct node *record_get(const struct web *w, const char *url)
{
    uint64_t hash = hash_of(url);
    struct node **slot = slot_of(url, hash), *n;

    if (*slot != NULL)
        return *slot;
    n = sim_alloc(sizeof(*n));
    n->url = sim_strdup(url);
    n->hash = hash;
    n->ref = web_find(w, url);
    *slot = n;
    if (r.count == r.cap) {
        r.cap = r.cap == 0 ? 64 : r.cap * 2;
        r.nodes = sim_realloc(r.nodes, r.cap * sizeof(struct node *));
    }
    r.nodes[r.count++] = n;
    if (2 * r.count > r.slot_count)
        grow();
    return n;
}

size_t record_count(void)
{
    return r.count;
}

struct node *record_at(size_t i)
{
    return r.nodes[i];
}
