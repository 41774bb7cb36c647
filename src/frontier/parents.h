/* The directories that seeds lie in, by host: what --no-parent keeps to. */
#ifndef TW_FRONTIER_PARENTS_H
#define TW_FRONTIER_PARENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "frontier/domains.h"

struct tw_parent;

/* Zeroed it is empty. */
struct tw_parents {
    struct tw_map map;
    struct tw_parent *all;
};

/* Up to a path's last '/', which is part of it. */
size_t tw_directory_len(const char *path, size_t len);

/* Adds the directory of a seed's path. The host outlives the set. 0 or TRAWL_ENOMEM. */
int tw_parents_add(struct tw_parents *p, const struct tw_domain *host, const char *path,
                   size_t len);
/* Whether the path lies in one of the host's directories. */
bool tw_parents_hold(const struct tw_parents *p, const struct tw_domain *host, const char *path,
                     size_t len);
void tw_parents_free(struct tw_parents *p);
/* The same in steps: forgets up to max of them, and false once there are none. Nothing but this and free
 * may follow. */
bool tw_parents_clear(struct tw_parents *p, size_t max);

#endif
