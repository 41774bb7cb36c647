#include "base/map.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "trawl.h"

#define MIN_CAP 16

uint64_t tw_hash(const void *key, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(key, len, seed);
}

static void put(struct tw_map_entry **slots, size_t cap, struct tw_map_entry *entry)
{
    size_t i = (size_t)entry->hash & (cap - 1);

    while (slots[i] != NULL)
        i = (i + 1) & (cap - 1);
    slots[i] = entry;
}

static int resize(struct tw_map *m, size_t cap)
{
    struct tw_map_entry **slots = calloc(cap, sizeof(*slots));

    if (slots == NULL)
        return TRAWL_ENOMEM;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i] != NULL)
            put(slots, cap, m->slots[i]);
    free(m->slots);
    m->slots = slots;
    m->cap = cap;
    return 0;
}

struct tw_map_entry *tw_map_find(const struct tw_map *m, uint64_t hash, tw_map_equal equal,
                                 const void *key, size_t len)
{
    if (m->cap == 0)
        return NULL;
    for (size_t i = (size_t)hash & (m->cap - 1); m->slots[i] != NULL; i = (i + 1) & (m->cap - 1))
        if (m->slots[i]->hash == hash && equal(m->slots[i], key, len))
            return m->slots[i];
    return NULL;
}

int tw_map_add(struct tw_map *m, struct tw_map_entry *entry)
{
    if ((m->len + 1) * 4 > m->cap * 3) {
        int err = resize(m, m->cap == 0 ? MIN_CAP : m->cap * 2);

        if (err != 0)
            return err;
    }
    put(m->slots, m->cap, entry);
    m->len++;
    return 0;
}

/* Moves later entries of the run back, so that no tombstones are needed. */
static void close_gap(struct tw_map *m, size_t gap)
{
    size_t mask = m->cap - 1;

    for (size_t i = (gap + 1) & mask; m->slots[i] != NULL; i = (i + 1) & mask) {
        size_t home = (size_t)m->slots[i]->hash & mask;

        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        m->slots[gap] = m->slots[i];
        m->slots[i] = NULL;
        gap = i;
    }
}

void tw_map_remove(struct tw_map *m, struct tw_map_entry *entry)
{
    size_t i = (size_t)entry->hash & (m->cap - 1);

    while (m->slots[i] != entry)
        i = (i + 1) & (m->cap - 1);
    m->slots[i] = NULL;
    close_gap(m, i);
    m->len--;
    /* Shrinking is a saving, not a need: a failed one is no failure. */
    if (m->cap > MIN_CAP && m->len * 8 < m->cap)
        (void)resize(m, m->cap / 2);
}

void tw_map_free(struct tw_map *m)
{
    free(m->slots);
    *m = (struct tw_map){0};
}
