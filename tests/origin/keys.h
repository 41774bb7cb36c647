/* Request counts by name. Safe from any thread. */
#ifndef ORIGIN_KEYS_H
#define ORIGIN_KEYS_H

#include <pthread.h>

#include "bytes.h"

struct origin_keys {
    pthread_mutex_t lock;
    void *tree; /* of search.h's tsearch */
};

void origin_keys_init(struct origin_keys *keys);
void origin_keys_free(struct origin_keys *keys);
/* Counts one more and returns the new count. */
uint64_t origin_keys_hit(struct origin_keys *keys, struct origin_span key);
uint64_t origin_keys_count(struct origin_keys *keys, struct origin_span key);
/* Appends a JSON object, keys in byte order. */
void origin_keys_json(struct origin_keys *keys, struct origin_bytes *out);

#endif
