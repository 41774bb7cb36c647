#include "oracle_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR 2026 /* of the virtual clock */

/* ---- hosts ---- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

/* Canonical forms of the few that scenarios name. */
static const char *canonical_domain(const char *domain)
{
    if (strcmp(domain, "D1.test") == 0)
        return "d1.test";
    return strncmp(domain, "b\xc3\xbc", 3) == 0 ? "xn--bcher-kva.test" : domain;
}

static bool in_domains(const char *name, const char *const *domains)
{
    char dotted[256];

    for (; *domains != NULL; domains++) {
        snprintf(dotted, sizeof(dotted), ".%s", canonical_domain(*domains));
        if (strcmp(name, dotted + 1) == 0 || ends_with(name, dotted))
            return true;
    }
    return false;
}

static bool is_seed_host(const struct scenario *s, const char *name)
{
    char other[128];

    for (unsigned i = 0; i < s->seed_count; i++) {
        web_host_name(&s->web, s->seeds[i].host, other);
        if (strcmp(name, other) == 0)
            return true;
    }
    return false;
}

static trawl_reject host_rule(const struct scenario *s, const char *name)
{
    const trawl_crawl_options *c = &s->crawl;

    if (is_seed_host(s, name))
        return TRAWL_REJECT_COUNT;
    if (c->domains != NULL)
        return in_domains(name, c->domains) ? TRAWL_REJECT_COUNT : TRAWL_REJECT_SCOPE_DOMAIN;
    return c->span_hosts ? TRAWL_REJECT_COUNT : TRAWL_REJECT_SCOPE_HOST;
}

/* ---- paths ---- */

static const char *path_of(const char *url)
{
    return strchr(strstr(url, "://") + 3, '/');
}

static size_t directory_len(const char *path)
{
    size_t len = strcspn(path, "?");

    while (len > 0 && path[len - 1] != '/')
        len--;
    return len;
}

static bool below_a_parent(const struct scenario *s, const char *name, const char *url)
{
    char seed[WEB_URL_MAX], other[128];
    bool any = false;

    for (unsigned i = 0; i < s->seed_count; i++) {
        const char *path;

        web_host_name(&s->web, s->seeds[i].host, other);
        if (strcmp(name, other) != 0)
            continue;
        any = true;
        web_url(&s->web, s->seeds[i], seed);
        path = path_of(seed);
        if (strncmp(path_of(url), path, directory_len(path)) == 0)
            return true;
    }
    return !any;
}

static void file_name(const char *url, char name[256])
{
    const char *path = path_of(url), *file = path + directory_len(path);

    snprintf(name, 256, "%.*s", (int)strcspn(file, "?"), file);
}

/* The two patterns that scenarios have. */
static bool file_matches(const char *name, const char *pattern)
{
    if (strcmp(pattern, "r1*") == 0)
        return strncmp(name, "r1", 2) == 0;
    return ends_with(name, pattern);
}

/* Besides what is wanted, what leads to more of it. */
static bool is_accepted(const struct scenario *s, const char *url, uint32_t depth)
{
    uint32_t level = s->crawl.level;
    char name[256];

    file_name(url, name);
    if (ends_with(name, s->crawl.accept[0]))
        return true;
    return (strchr(name, '.') == NULL || ends_with(name, ".html")) &&
           (level == TRAWL_LEVEL_INF || depth < level);
}

static bool is_rejected(const struct scenario *s, const char *url)
{
    char name[256];

    file_name(url, name);
    for (const char *const *r = s->crawl.reject; r != NULL && *r != NULL; r++)
        if (file_matches(name, *r))
            return true;
    return false;
}

/* ---- regular expressions: again those that scenarios have ---- */

static bool has_even_page(const char *url)
{
    for (const char *r = strstr(url, "/r"); r != NULL; r = strstr(r + 2, "/r")) {
        size_t digits = strspn(r + 2, "0123456789");

        for (size_t i = 0; i < digits; i++)
            if ((r[2 + i] - '0') % 2 == 0)
                return true;
    }
    return false;
}

static bool expression_matches(const char *url, const char *expression)
{
    if (strcmp(expression, "html$") == 0)
        return ends_with(url, "html");
    if (strcmp(expression, "\\?x=") == 0)
        return strstr(url, "?x=") != NULL;
    if (strcmp(expression, "/d2/") == 0)
        return strstr(url, "/d2/") != NULL;
    return has_even_page(url);
}

static bool any_matches(const char *url, const char *const *list)
{
    for (; list != NULL && *list != NULL; list++)
        if (expression_matches(url, *list))
            return true;
    return false;
}

/* ---- the whole ---- */

/* What holds whatever else lets a URL in. */
static trawl_reject never(const struct scenario *s, const char *name, const char *url)
{
    const trawl_crawl_options *c = &s->crawl;

    if (c->exclude_domains != NULL && in_domains(name, c->exclude_domains))
        return TRAWL_REJECT_SCOPE_EXCLUDE_DOMAIN;
    if (any_matches(url, c->exclude))
        return TRAWL_REJECT_SCOPE_EXCLUDE;
    return is_rejected(s, url) ? TRAWL_REJECT_SCOPE_REJECT : TRAWL_REJECT_COUNT;
}

static bool is_let_in(const struct scenario *s, enum link_kind kind, struct ref from)
{
    char name[128];

    if (kind != LINK_REQUISITE || !s->crawl.page_requisites)
        return false;
    web_host_name(&s->web, from.host, name);
    return host_rule(s, name) == TRAWL_REJECT_COUNT;
}

trawl_reject oracle_scope(const struct scenario *s, struct ref ref, const char *url,
                          enum link_kind kind, uint32_t depth, struct ref from)
{
    const trawl_crawl_options *c = &s->crawl;
    char name[128];
    trawl_reject reason;

    web_host_name(&s->web, ref.host, name);
    reason = never(s, name, url);
    if (reason != TRAWL_REJECT_COUNT || is_let_in(s, kind, from))
        return reason;
    reason = host_rule(s, name);
    if (reason != TRAWL_REJECT_COUNT)
        return reason;
    if (c->level != TRAWL_LEVEL_INF && depth > c->level)
        return TRAWL_REJECT_SCOPE_LEVEL;
    if (c->no_parent && !below_a_parent(s, name, url))
        return TRAWL_REJECT_SCOPE_PARENT;
    if (kind != LINK_SEED && c->accept != NULL && !is_accepted(s, url, depth))
        return TRAWL_REJECT_SCOPE_ACCEPT;
    if (kind != LINK_SEED && c->include != NULL && !any_matches(url, c->include))
        return TRAWL_REJECT_SCOPE_INCLUDE;
    return TRAWL_REJECT_COUNT;
}

/* ---- traps: the web's own have these forms only ---- */

static unsigned count_of(const char *s, char what)
{
    unsigned n = 0;

    for (; *s != '\0'; s++)
        n += *s == what;
    return n;
}

static unsigned segments_of(const char *url)
{
    const char *path = path_of(url);
    size_t len = strcspn(path, "?");
    unsigned n = 0;

    for (size_t i = 0; i + 1 < len; i++)
        n += path[i] == '/';
    return n;
}

trawl_reject oracle_trap(const struct scenario *s, const char *url)
{
    const trawl_crawl_options *c = &s->crawl;
    const char *query = strchr(url, '?'), *path = path_of(url);
    unsigned year;

    if (c->max_url != 0 && strlen(url) > c->max_url)
        return TRAWL_REJECT_TRAP_LENGTH;
    if (c->max_path_segments != 0 && segments_of(url) > c->max_path_segments)
        return TRAWL_REJECT_TRAP_DEPTH;
    if (strncmp(path, "/loop/", 6) == 0 && segments_of(url) >= 7)
        return TRAWL_REJECT_TRAP_REPEAT; /* loop and three times x/y */
    if (query != NULL && c->max_query_parameters != 0 &&
        count_of(query, '&') + 1 > c->max_query_parameters)
        return TRAWL_REJECT_TRAP_QUERY;
    if (sscanf(path, "/cal/%u/", &year) == 1 && year > YEAR + 5)
        return TRAWL_REJECT_TRAP_DATE;
    return TRAWL_REJECT_COUNT;
}
