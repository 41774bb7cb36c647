/* Which URLs were seen: a set of 64-bit fingerprints. It only grows.
 *
 * Fingerprints are hashes with a secret seed (tw_hash()), so nobody can make two URLs that collide
 * on purpose. By chance, one URL is taken for another of n in the set, and missed, with probability
 * n / 2^64; that any of n is missed has about n^2 / 2^65: three in a hundred million for a million
 * URLs, three in a hundred for a thousand million.
 *
 * Memory: at most 16 bytes a URL once there are some hundred of them, mostly 10 to 13. The set is cut
 * into segments of a few thousand fingerprints by their upper bits. A segment that is full grows by
 * a quarter, and one that is large enough is split in two (extendible hashing), so that no call ever
 * moves more than one segment: some ten microseconds.
 */
#ifndef TW_FRONTIER_SEEN_H
#define TW_FRONTIER_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tw_seen;

int tw_seen_open(struct tw_seen **out, uint64_t seed); /* 0 or ENOMEM */
void tw_seen_free(struct tw_seen *s);                  /* accepts NULL */
/* The same in steps: forgets a segment, and false once there is none. Nothing but this and free may
 * follow. */
bool tw_seen_clear(struct tw_seen *s);

/* What the others take: they need numbers that are spread as evenly as these. */
uint64_t tw_seen_fingerprint(const struct tw_seen *s, const void *url, size_t len);

/* 1: it is new, and in the set now; 0: it was seen; ENOMEM, and nothing has changed. */
int tw_seen_add(struct tw_seen *s, const void *url, size_t len);
int tw_seen_add_fingerprint(struct tw_seen *s, uint64_t fingerprint);
bool tw_seen_find(const struct tw_seen *s, uint64_t fingerprint);

size_t tw_seen_count(const struct tw_seen *s);
size_t tw_seen_bytes(const struct tw_seen *s); /* all that it has allocated */

#endif
