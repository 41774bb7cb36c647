/* Answers to names, kept until their time is up: a map with a bound on its entries, from which
 * the one not asked for longest is dropped. It knows no clock: the caller hands in
 * milliseconds. */
#ifndef TW_FETCH_DNS_CACHE_H
#define TW_FETCH_DNS_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/map.h"

/* What is known of a name. */
struct tw_dns_answer {
    int error;             /* 0, or why there are no addresses */
    const char *detail;    /* static words beyond the error, "" if none */
    const char *addresses; /* "192.0.2.1,2001:db8::1", as CURLOPT_RESOLVE; "" with an error */
};

struct tw_dns_cache {
    struct tw_map map;
    struct tw_link recent; /* the one not asked for longest first */
    size_t max;
    uint64_t seed;
};

/* max is at least 1; seed keeps those who choose names from choosing where they collide. */
void tw_dns_cache_init(struct tw_dns_cache *c, size_t max, uint64_t seed);
void tw_dns_cache_free(struct tw_dns_cache *c);

/* Whether there is an answer that is good at now_ms; its strings are the cache's until the next
 * call. */
bool tw_dns_cache_get(struct tw_dns_cache *c, const char *name, size_t len, uint64_t now_ms,
                      struct tw_dns_answer *answer);

/* Copies the answer, which is good before until_ms, in place of what there was of that name. 0
 * or ENOMEM. */
int tw_dns_cache_put(struct tw_dns_cache *c, const char *name, size_t len,
                     const struct tw_dns_answer *answer, uint64_t until_ms);

#endif
