#include "frontier/domains.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libpsl.h>

#include "parse/host.h"
#include "trawl.h"

/* The longest name in the DNS, with a dot at its end and a NUL. */
#define NAME_ROOM 256

static size_t without_dot(const char *host, size_t len)
{
    return len > 1 && host[len - 1] == '.' ? len - 1 : len;
}

static bool equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct tw_domain *d = (const struct tw_domain *)entry;

    return d->len == len && memcmp(d->name, key, len) == 0;
}

/* The names are the user's, so their hashes need no secret. */
static struct tw_domain *find(const struct tw_domains *d, const char *name, size_t len)
{
    return (struct tw_domain *)tw_map_find(&d->map, tw_hash(name, len, 0), equal, name, len);
}

static int add(struct tw_domains *d, const char *name, size_t len, const char *given,
               size_t given_len, struct tw_domain **out)
{
    struct tw_domain *domain;
    char *copy;
    int err;

    len = without_dot(name, len);
    domain = find(d, name, len);
    if (domain == NULL) {
        domain = calloc(1, sizeof(*domain) + len + 1 + given_len + 1);
        if (domain == NULL)
            return TRAWL_ENOMEM;
        domain->entry.hash = tw_hash(name, len, 0);
        domain->len = len;
        memcpy(domain->name, name, len);
        copy = domain->name + len + 1;
        memcpy(copy, given, given_len);
        domain->given = copy;
        err = tw_map_add(&d->map, &domain->entry);
        if (err != 0) {
            free(domain);
            return err;
        }
        domain->next = d->all;
        d->all = domain;
    }
    if (out != NULL)
        *out = domain;
    return 0;
}

int tw_domains_add_host(struct tw_domains *d, const char *host, size_t len,
                        struct tw_domain **domain)
{
    return add(d, host, len, host, len, domain);
}

/* Its name is NUL-terminated. The list's own default, by which every unknown last label is a
 * suffix, does not count: it would make one of "localhost". */
static bool is_public_suffix(const char *name)
{
    const psl_ctx_t *list = psl_builtin();

    return list != NULL &&
           psl_is_public_suffix2(list, name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

static size_t skip_wildcard(const char *text)
{
    if (text[0] == '*' && text[1] == '.')
        return 2;
    return text[0] == '.';
}

int tw_domains_add(struct tw_domains *d, const char *text, bool strict, const char **reason)
{
    size_t wildcard = skip_wildcard(text), len = strlen(text);
    struct tw_host host;
    char *name;
    int err;

    if (len == wildcard) {
        *reason = "it is empty";
        return TRAWL_EINVAL;
    }
    name = malloc(len - wildcard + TW_HOST_GROWTH + 1);
    if (name == NULL)
        return TRAWL_ENOMEM;
    err = tw_host_parse(&host, text + wildcard, len - wildcard, name, reason);
    if (err == 0) {
        host.len = without_dot(name, host.len);
        name[host.len] = '\0';
        if (strict && wildcard == 0 && !host.is_ip && is_public_suffix(name)) {
            *reason = "unrelated sites are registered under it; write it with a dot before it "
                      "for all of them";
            err = TRAWL_EINVAL;
        }
    }
    if (err == 0)
        err = add(d, name, host.len, text, len, NULL);
    free(name);
    return err == 0 || err == TRAWL_ENOMEM ? err : TRAWL_EINVAL;
}

struct tw_domain *tw_domains_find_host(const struct tw_domains *d, const char *host, size_t len)
{
    return find(d, host, without_dot(host, len));
}

struct tw_domain *tw_domains_find(const struct tw_domains *d, const char *host, size_t len,
                                  bool is_ip)
{
    struct tw_domain *found = NULL;
    const char *dot;

    if (d->map.len == 0)
        return NULL;
    len = without_dot(host, len);
    for (;;) {
        found = find(d, host, len);
        dot = memchr(host, '.', len);
        if (found != NULL || is_ip || dot == NULL)
            return found;
        len -= (size_t)(dot + 1 - host);
        host = dot + 1;
    }
}

bool tw_domains_clear(struct tw_domains *d, size_t max)
{
    struct tw_domain *domain;

    tw_map_free(&d->map);
    for (; max > 0 && (domain = d->all) != NULL; max--) {
        d->all = domain->next;
        free(domain);
    }
    return d->all != NULL;
}

void tw_domains_free(struct tw_domains *d)
{
    tw_domains_clear(d, SIZE_MAX);
    *d = (struct tw_domains){0};
}

size_t tw_domain_registrable(const char *host, size_t len, bool is_ip)
{
    const psl_ctx_t *list = psl_builtin();
    const char *domain;
    char name[NAME_ROOM];

    len = without_dot(host, len);
    if (is_ip || list == NULL || len >= sizeof(name))
        return 0;
    memcpy(name, host, len);
    name[len] = '\0';
    domain = psl_registrable_domain(list, name);
    return domain != NULL ? (size_t)(domain - name) : 0;
}
