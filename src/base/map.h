/* A hash map from a 64-bit hash to a caller's entry, by open addressing. The caller hashes keys
 * (with a secret seed where they come from the network: tw_hash()) and compares them. Entries are
 * the caller's; the map owns only its table, which shrinks as entries leave. A large table is replaced
 * bit by bit while entries come and go, so that no call ever moves more than some dozens. */
#ifndef TW_BASE_MAP_H
#define TW_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tw_map_entry {
    uint64_t hash;
};

struct tw_map_table {
    struct tw_map_entry **slots;
    size_t cap; /* 0 or a power of two */
};

struct tw_map {
    struct tw_map_table table;
    struct tw_map_table old; /* the one before, as long as there is something in it */
    size_t moved;            /* all slots of old before this are empty */
    size_t len;
};

typedef bool (*tw_map_equal)(const struct tw_map_entry *entry, const void *key, size_t len);

/* NULL if there is none. */
struct tw_map_entry *tw_map_find(const struct tw_map *m, uint64_t hash, tw_map_equal equal,
                                 const void *key, size_t len);
/* entry->hash is set; its key must not be in the map yet. 0 or TRAWL_ENOMEM. */
int tw_map_add(struct tw_map *m, struct tw_map_entry *entry);
/* The entry must be in the map. */
void tw_map_remove(struct tw_map *m, struct tw_map_entry *entry);
/* To empty it: an entry, which is out then, or NULL. From the first of these calls on there may only be
 * more of them, and tw_map_free(). */
struct tw_map_entry *tw_map_pop(struct tw_map *m);
void tw_map_free(struct tw_map *m);

/* XXH3 with a seed. */
uint64_t tw_hash(const void *key, size_t len, uint64_t seed);

#endif
