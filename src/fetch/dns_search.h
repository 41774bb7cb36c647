/* Which names to try for a name that does not end in a dot: resolv.conf(5)'s "search", "domain"
 * and "options ndots:", with the environment's LOCALDOMAIN and RES_OPTIONS in front of them,
 * and the domain of the host's own name behind. */
#ifndef TW_FETCH_DNS_SEARCH_H
#define TW_FETCH_DNS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "fetch/dns_name.h"

#define TW_DNS_SEARCH_MAX 16

struct tw_dns_search {
    char domains[TW_DNS_SEARCH_MAX][TW_DNS_NAME_SIZE]; /* without a dot at the end */
    size_t count;
    unsigned ndots;
};

/* A file that cannot be read is an empty one. */
void tw_dns_search_read(struct tw_dns_search *s, const char *path);

/* Writes the next name to try, with a dot at its end. *at is 0 before the first. False when
 * there is none any more. */
bool tw_dns_search_next(const struct tw_dns_search *s, const char *name, size_t len,
                        unsigned *at, char out[TW_DNS_NAME_SIZE]);

#endif
