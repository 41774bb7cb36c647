/* A hash map from a 64-bit hash to a caller's entry, by open addressing. The caller hashes keys
 * (with a secret seed where they come from the network: tw_hash()) and compares them. Entries are
 * the caller's; the map owns only its table, which shrinks as entries leave. */
#ifndef TW_BASE_MAP_H
#define TW_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tw_map_entry {
    uint64_t hash;
};

struct tw_map {
    struct tw_map_entry **slots;
    size_t len, cap; /* cap is 0 or a power of two */
};

typedef bool (*tw_map_equal)(const struct tw_map_entry *entry, const void *key, size_t len);

/* NULL if there is none. */
struct tw_map_entry *tw_map_find(const struct tw_map *m, uint64_t hash, tw_map_equal equal,
                                 const void *key, size_t len);
/* entry->hash is set; its key must not be in the map yet. 0 or TRAWL_ENOMEM. */
int tw_map_add(struct tw_map *m, struct tw_map_entry *entry);
/* The entry must be in the map. */
void tw_map_remove(struct tw_map *m, struct tw_map_entry *entry);
void tw_map_free(struct tw_map *m);

/* XXH3 with a seed. */
uint64_t tw_hash(const void *key, size_t len, uint64_t seed);

#endif
