/* How long to wait before a retry: exponential backoff with jitter. */
#ifndef TW_FRONTIER_BACKOFF_H
#define TW_FRONTIER_BACKOFF_H

#include <stdint.h>

/* The wait before retry number `retry` (1 for the first): base_ms doubled retry - 1 times, at most
 * max_ms, of which a random part between a half and the whole is taken, so that fetches that failed
 * together do not come back together. Advances *rng. */
uint64_t tw_backoff_ms(uint64_t base_ms, uint64_t max_ms, unsigned retry, uint64_t *rng);

/* A SplitMix64 step: the next of a sequence of uniform 64-bit numbers made from a seed. */
uint64_t tw_random_next(uint64_t *rng);

#endif
