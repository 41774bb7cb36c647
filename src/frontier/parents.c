#include "frontier/parents.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"

struct tw_parent {
    struct tw_map_entry entry;
    struct tw_parent *next;
    const struct tw_domain *host;
    size_t len;
    char path[]; /* with a '/' at both ends */
};

struct key {
    const struct tw_domain *host;
    const char *path;
};

static bool equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct tw_parent *p = (const struct tw_parent *)entry;
    const struct key *k = key;

    return p->host == k->host && p->len == len && memcmp(p->path, k->path, len) == 0;
}

static uint64_t hash(const struct tw_domain *host, const char *path, size_t len)
{
    return tw_hash(path, len, host->entry.hash);
}

static bool has(const struct tw_parents *p, const struct tw_domain *host, const char *path,
                size_t len)
{
    struct key key = {host, path};

    return tw_map_find(&p->map, hash(host, path, len), equal, &key, len) != NULL;
}

size_t tw_directory_len(const char *path, size_t len)
{
    while (path[len - 1] != '/')
        len--;
    return len;
}

int tw_parents_add(struct tw_parents *p, const struct tw_domain *host, const char *path,
                   size_t len)
{
    struct tw_parent *parent;
    int err;

    len = tw_directory_len(path, len);
    if (has(p, host, path, len))
        return 0;
    parent = calloc(1, sizeof(*parent) + len);
    if (parent == NULL)
        return TRAWL_ENOMEM;
    parent->entry.hash = hash(host, path, len);
    parent->host = host;
    parent->len = len;
    memcpy(parent->path, path, len);
    err = tw_map_add(&p->map, &parent->entry);
    if (err != 0) {
        free(parent);
        return err;
    }
    parent->next = p->all;
    p->all = parent;
    return 0;
}

/* Each directory that holds the path may be a seed's. */
bool tw_parents_hold(const struct tw_parents *p, const struct tw_domain *host, const char *path,
                     size_t len)
{
    for (; len > 0; len--)
        if (path[len - 1] == '/' && has(p, host, path, len))
            return true;
    return false;
}

bool tw_parents_clear(struct tw_parents *p, size_t max)
{
    struct tw_parent *parent;

    tw_map_free(&p->map);
    for (; max > 0 && (parent = p->all) != NULL; max--) {
        p->all = parent->next;
        free(parent);
    }
    return p->all != NULL;
}

void tw_parents_free(struct tw_parents *p)
{
    tw_parents_clear(p, SIZE_MAX);
    *p = (struct tw_parents){0};
}
