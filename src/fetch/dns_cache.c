#include "fetch/dns_cache.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"

struct entry {
    struct tw_map_entry map;
    struct tw_link recent;
    uint64_t until_ms;
    int error;
    const char *detail;
    size_t name_len;
    char text[]; /* the name, NUL, the addresses, NUL */
};

void tw_dns_cache_init(struct tw_dns_cache *c, size_t max, uint64_t seed)
{
    *c = (struct tw_dns_cache){.max = max, .seed = seed};
    tw_list_init(&c->recent);
}

static void drop(struct tw_dns_cache *c, struct entry *e)
{
    tw_map_remove(&c->map, &e->map);
    tw_list_remove(&e->recent);
    free(e);
}

static struct entry *oldest(struct tw_dns_cache *c)
{
    return tw_container(c->recent.next, struct entry, recent);
}

void tw_dns_cache_free(struct tw_dns_cache *c)
{
    while (c->map.len > 0)
        drop(c, oldest(c));
    tw_map_free(&c->map);
}

static bool has_name(const struct tw_map_entry *map, const void *name, size_t len)
{
    const struct entry *e = tw_container(map, const struct entry, map);

    return e->name_len == len && memcmp(e->text, name, len) == 0;
}

static struct entry *find(struct tw_dns_cache *c, uint64_t hash, const char *name, size_t len)
{
    struct tw_map_entry *map = tw_map_find(&c->map, hash, has_name, name, len);

    return map == NULL ? NULL : tw_container(map, struct entry, map);
}

bool tw_dns_cache_get(struct tw_dns_cache *c, const char *name, size_t len, uint64_t now_ms,
                      struct tw_dns_answer *answer)
{
    struct entry *e = find(c, tw_hash(name, len, c->seed), name, len);

    if (e == NULL)
        return false;
    if (e->until_ms <= now_ms) {
        drop(c, e);
        return false;
    }
    tw_list_remove(&e->recent);
    tw_list_append(&c->recent, &e->recent);
    answer->error = e->error;
    answer->detail = e->detail;
    answer->addresses = e->text + e->name_len + 1;
    return true;
}

int tw_dns_cache_put(struct tw_dns_cache *c, const char *name, size_t len,
                     const struct tw_dns_answer *answer, uint64_t until_ms)
{
    size_t size = strlen(answer->addresses) + 1;
    struct entry *e = malloc(sizeof(*e) + len + 1 + size), *old;

    if (e == NULL)
        return TRAWL_ENOMEM;
    *e = (struct entry){.until_ms = until_ms, .name_len = len};
    e->map.hash = tw_hash(name, len, c->seed);
    e->error = answer->error;
    e->detail = answer->detail;
    memcpy(e->text, name, len);
    e->text[len] = '\0';
    memcpy(e->text + len + 1, answer->addresses, size);
    old = find(c, e->map.hash, name, len);
    if (old != NULL)
        drop(c, old);
    else if (c->map.len >= c->max)
        drop(c, oldest(c));
    if (tw_map_add(&c->map, &e->map) != 0) {
        free(e);
        return TRAWL_ENOMEM;
    }
    tw_list_append(&c->recent, &e->recent);
    return 0;
}
