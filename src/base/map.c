#include "base/map.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "trawl.h"

#define MIN_CAP 16
/* A table up to this size is replaced at once. */
#define SMALL_CAP 1024
/* Of a larger one so many slots are looked at with each entry that comes or goes: all of them long
 * before the next table is due, which after one that shrank is cap / 8 entries later. */
#define SLOTS_A_STEP 32

uint64_t tw_hash(const void *key, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(key, len, seed);
}

/* ---- one table ---- */

static void put(struct tw_map_table *t, struct tw_map_entry *entry)
{
    size_t i = (size_t)entry->hash & (t->cap - 1);

    while (t->slots[i] != NULL)
        i = (i + 1) & (t->cap - 1);
    t->slots[i] = entry;
}

static struct tw_map_entry *find_in(const struct tw_map_table *t, uint64_t hash,
                                    tw_map_equal equal, const void *key, size_t len)
{
    if (t->cap == 0)
        return NULL;
    for (size_t i = (size_t)hash & (t->cap - 1); t->slots[i] != NULL; i = (i + 1) & (t->cap - 1))
        if (t->slots[i]->hash == hash && equal(t->slots[i], key, len))
            return t->slots[i];
    return NULL;
}

/* Moves later entries of the run back, so that no tombstones are needed. */
static void close_gap(struct tw_map_table *t, size_t gap)
{
    size_t mask = t->cap - 1;

    t->slots[gap] = NULL;
    for (size_t i = (gap + 1) & mask; t->slots[i] != NULL; i = (i + 1) & mask) {
        size_t home = (size_t)t->slots[i]->hash & mask;

        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        t->slots[gap] = t->slots[i];
        t->slots[i] = NULL;
        gap = i;
    }
}

/* Whether it was in there. */
static bool remove_from(struct tw_map_table *t, const struct tw_map_entry *entry)
{
    size_t i = (size_t)entry->hash & (t->cap - 1);

    if (t->cap == 0)
        return false;
    while (t->slots[i] != entry && t->slots[i] != NULL)
        i = (i + 1) & (t->cap - 1);
    if (t->slots[i] == NULL)
        return false;
    close_gap(t, i);
    return true;
}

static void table_free(struct tw_map_table *t)
{
    free(t->slots);
    *t = (struct tw_map_table){0};
}

/* ---- from one table to the next ---- */

static void move_some(struct tw_map *m, size_t slots)
{
    for (; slots > 0 && m->moved < m->old.cap; slots--) {
        struct tw_map_entry *entry = m->old.slots[m->moved];

        if (entry == NULL) {
            m->moved++;
            continue;
        }
        close_gap(&m->old, m->moved);
        put(&m->table, entry);
    }
    if (m->moved < m->old.cap)
        return;
    table_free(&m->old);
    m->moved = 0;
}

static int resize(struct tw_map *m, size_t cap)
{
    struct tw_map_entry **slots = calloc(cap, sizeof(*slots));

    if (slots == NULL)
        return TRAWL_ENOMEM;
    move_some(m, SIZE_MAX);
    m->old = m->table;
    m->moved = 0;
    m->table = (struct tw_map_table){slots, cap};
    if (m->old.cap <= SMALL_CAP)
        move_some(m, SIZE_MAX);
    return 0;
}

/* ---- the map ---- */

struct tw_map_entry *tw_map_find(const struct tw_map *m, uint64_t hash, tw_map_equal equal,
                                 const void *key, size_t len)
{
    struct tw_map_entry *entry = find_in(&m->table, hash, equal, key, len);

    return entry != NULL || m->old.cap == 0 ? entry : find_in(&m->old, hash, equal, key, len);
}

int tw_map_add(struct tw_map *m, struct tw_map_entry *entry)
{
    if ((m->len + 1) * 4 > m->table.cap * 3) {
        int err = resize(m, m->table.cap == 0 ? MIN_CAP : m->table.cap * 2);

        if (err != 0)
            return err;
    }
    if (m->old.cap != 0)
        move_some(m, SLOTS_A_STEP);
    put(&m->table, entry);
    m->len++;
    return 0;
}

void tw_map_remove(struct tw_map *m, struct tw_map_entry *entry)
{
    if (!remove_from(&m->table, entry))
        remove_from(&m->old, entry);
    m->len--;
    if (m->old.cap != 0)
        move_some(m, SLOTS_A_STEP);
    /* Shrinking is a saving, not a need: a failed one is no failure. */
    if (m->table.cap > MIN_CAP && m->len * 8 < m->table.cap)
        (void)resize(m, m->table.cap / 2);
}

struct tw_map_entry *tw_map_pop(struct tw_map *m)
{
    while (m->len > 0) {
        struct tw_map_table *t = m->old.slots != NULL ? &m->old : &m->table;
        struct tw_map_entry *entry = NULL;

        if (m->moved < t->cap) {
            entry = t->slots[m->moved++];
        } else { /* nothing is left in the old one */
            table_free(t);
            m->moved = 0;
        }
        if (entry != NULL) {
            m->len--;
            return entry;
        }
    }
    return NULL;
}

void tw_map_free(struct tw_map *m)
{
    table_free(&m->table);
    table_free(&m->old);
    *m = (struct tw_map){0};
}
