/* Sets of hosts and of domains: which of them a host is, or lies under. */
#ifndef TW_FRONTIER_DOMAINS_H
#define TW_FRONTIER_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"

struct tw_domain {
    struct tw_map_entry entry;
    struct tw_domain *next;
    size_t len;
    const char *given; /* as it was given, NUL-terminated; in this allocation, behind name */
    char name[];       /* canonical, without a dot at its end, NUL-terminated */
};

/* Zeroed it is empty. */
struct tw_domains {
    struct tw_map map;
    struct tw_domain *all;
};

/* Adds a host as a canonical URL has it, unless it is there. *domain may be NULL. 0 or
 * TRAWL_ENOMEM. */
int tw_domains_add_host(struct tw_domains *d, const char *host, size_t len,
                        struct tw_domain **domain);

/* Adds what a person wrote: any spelling of a host, also with "." or "*." before it. A public
 * suffix without that is refused, if `strict`. 0, TRAWL_ENOMEM, or TRAWL_EINVAL with a static
 * phrase in *reason. */
int tw_domains_add(struct tw_domains *d, const char *text, bool strict, const char **reason);

/* The host itself, or NULL. */
struct tw_domain *tw_domains_find_host(const struct tw_domains *d, const char *host,
                                       size_t len);
/* The smallest domain that holds the host, or NULL. */
struct tw_domain *tw_domains_find(const struct tw_domains *d, const char *host, size_t len,
                                  bool is_ip);

void tw_domains_free(struct tw_domains *d);
/* The same in steps: forgets up to max of them, and false once there are none. Nothing but this and free
 * may follow. */
bool tw_domains_clear(struct tw_domains *d, size_t max);

/* Where in a host, canonical, its registrable domain begins; 0 where it has none. */
size_t tw_domain_registrable(const char *host, size_t len, bool is_ip);

#endif
