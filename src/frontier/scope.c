#include "frontier/scope.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/domains.h"
#include "frontier/filenames.h"
#include "frontier/parents.h"
#include "frontier/patterns.h"
#include "trawl.h"

struct tw_scope {
    uint32_t level;
    bool span_hosts;
    bool no_parent;
    bool page_requisites;
    char level_text[11];
    struct tw_domains seeds; /* hosts */
    struct tw_parents parents;
    struct tw_domains domains, exclude_domains;
    struct tw_patterns include, exclude;
    struct tw_filenames accept, reject;
};

/* ---- Opening --------------------------------------------------------------- */

static int open_domains(struct tw_domains *d, const struct tw_scope_list *list, bool strict,
                        char *error, size_t size)
{
    int err = 0;

    for (size_t i = 0; i < list->count && err == 0; i++) {
        const char *reason = "";

        err = tw_domains_add(d, list->items[i], strict, &reason);
        if (err == TRAWL_EINVAL)
            snprintf(error, size, "'%s': %s", list->items[i], reason);
    }
    return err;
}

static int open_patterns(struct tw_patterns *p, const struct tw_scope_list *list, char *error,
                         size_t size)
{
    return tw_patterns_open(p, list->items, list->count, error, size);
}

static int open_names(struct tw_filenames *f, const struct tw_scope_list *list, bool any_case,
                      char *error, size_t size)
{
    return tw_filenames_open(f, list->items, list->count, any_case, error, size);
}

/* The first list that cannot be read; *option is its option. */
static int open_lists(struct tw_scope *s, const struct tw_scope_rules *r, const char **option,
                      char *error, size_t size)
{
    int err;

    *option = "--domains";
    err = open_domains(&s->domains, &r->domains, true, error, size);
    if (err != 0)
        return err;
    *option = "--exclude-domains";
    err = open_domains(&s->exclude_domains, &r->exclude_domains, false, error, size);
    if (err != 0)
        return err;
    *option = "--include";
    err = open_patterns(&s->include, &r->include, error, size);
    if (err != 0)
        return err;
    *option = "--exclude";
    err = open_patterns(&s->exclude, &r->exclude, error, size);
    if (err != 0)
        return err;
    *option = "--accept";
    err = open_names(&s->accept, &r->accept, r->any_case, error, size);
    if (err != 0)
        return err;
    *option = "--reject";
    return open_names(&s->reject, &r->reject, r->any_case, error, size);
}

int tw_scope_open(struct tw_scope **scope, const struct tw_scope_rules *rules, char *error,
                  size_t size)
{
    struct tw_scope *s = calloc(1, sizeof(*s));
    const char *option;
    char text[512] = "";
    int err;

    if (s == NULL)
        return TRAWL_ENOMEM;
    s->level = rules->level;
    s->span_hosts = rules->span_hosts;
    s->no_parent = rules->no_parent;
    s->page_requisites = rules->page_requisites;
    snprintf(s->level_text, sizeof(s->level_text), "%" PRIu32, rules->level);
    err = open_lists(s, rules, &option, text, sizeof(text));
    if (err != 0) {
        if (err == TRAWL_EINVAL)
            snprintf(error, size, "%s %s", option, text);
        tw_scope_free(s);
        return err;
    }
    *scope = s;
    return 0;
}

bool tw_scope_clear(struct tw_scope *s, size_t max)
{
    return tw_parents_clear(&s->parents, max) || tw_domains_clear(&s->seeds, max);
}

void tw_scope_free(struct tw_scope *s)
{
    if (s == NULL)
        return;
    tw_parents_free(&s->parents);
    tw_domains_free(&s->seeds);
    tw_domains_free(&s->domains);
    tw_domains_free(&s->exclude_domains);
    tw_patterns_free(&s->include);
    tw_patterns_free(&s->exclude);
    tw_filenames_free(&s->accept);
    tw_filenames_free(&s->reject);
    free(s);
}

int tw_scope_add_seed(struct tw_scope *s, const struct tw_url *seed)
{
    struct tw_domain *host;
    int err;

    err = tw_domains_add_host(&s->seeds, seed->href + seed->host.at, seed->host.len, &host);
    if (err == 0 && s->no_parent)
        err = tw_parents_add(&s->parents, host, seed->href + seed->path.at, seed->path.len);
    return err;
}

/* ---- Judging --------------------------------------------------------------- */

static enum tw_scope_verdict because(struct tw_scope_reason *reason,
                                     enum tw_scope_verdict verdict, const char *option,
                                     const char *rule)
{
    *reason = (struct tw_scope_reason){.verdict = verdict, .option = option, .rule = rule};
    return verdict;
}

static struct tw_domain *find_domain(const struct tw_domains *d, const struct tw_url *url)
{
    return tw_domains_find(d, url->href + url->host.at, url->host.len, url->host_is_ip);
}

/* *seed is the host as a seed's, or NULL. */
static enum tw_scope_verdict judge_host(const struct tw_scope *s, const struct tw_url *url,
                                        struct tw_domain **seed, struct tw_scope_reason *reason)
{
    struct tw_domain *domain;

    *seed = tw_domains_find_host(&s->seeds, url->href + url->host.at, url->host.len);
    if (*seed != NULL)
        return because(reason, TW_SCOPE_IN, NULL, "a seed's host");
    domain = find_domain(&s->domains, url);
    if (domain != NULL)
        return because(reason, TW_SCOPE_IN, "--domains", domain->given);
    if (s->domains.map.len > 0)
        return because(reason, TW_SCOPE_DOMAIN, "--domains", NULL);
    if (s->span_hosts)
        return because(reason, TW_SCOPE_IN, "--span-hosts", NULL);
    return because(reason, TW_SCOPE_HOST, NULL, "no seed's host");
}

/* Where the crawl goes, as far as place and depth tell. */
static enum tw_scope_verdict judge_place(const struct tw_scope *s, const struct tw_url *url,
                                         uint32_t depth, struct tw_scope_reason *reason)
{
    struct tw_domain *seed;
    enum tw_scope_verdict verdict = judge_host(s, url, &seed, reason);

    if (verdict != TW_SCOPE_IN)
        return verdict;
    if (depth > s->level)
        return because(reason, TW_SCOPE_LEVEL, "--level", s->level_text);
    if (s->no_parent && seed != NULL &&
        !tw_parents_hold(&s->parents, seed, url->href + url->path.at, url->path.len))
        return because(reason, TW_SCOPE_PARENT, "--no-parent", NULL);
    return TW_SCOPE_IN;
}

static enum tw_scope_verdict judge_exclude(const struct tw_scope *s, const struct tw_url *url,
                                           struct tw_scope_reason *reason)
{
    const char *which = NULL;
    enum tw_pattern_found found = tw_patterns_find(&s->exclude, url->href, url->len, &which);

    if (found == TW_PATTERN_NONE)
        return TW_SCOPE_IN;
    because(reason, TW_SCOPE_EXCLUDE, "--exclude", which);
    reason->match_limit = found == TW_PATTERN_LIMIT;
    return TW_SCOPE_EXCLUDE;
}

static enum tw_scope_verdict judge_include(const struct tw_scope *s, const struct tw_url *url,
                                           struct tw_scope_reason *reason)
{
    const char *which = NULL;
    enum tw_pattern_found found = tw_patterns_find(&s->include, url->href, url->len, &which);

    if (s->include.count == 0)
        return TW_SCOPE_IN;
    because(reason, found == TW_PATTERN_FOUND ? TW_SCOPE_IN : TW_SCOPE_INCLUDE, "--include",
            which);
    reason->match_limit = found == TW_PATTERN_LIMIT;
    return reason->verdict;
}

/* Only its last level is all leaves. */
static enum tw_scope_verdict judge_accept(const struct tw_scope *s, const char *name,
                                          size_t len, uint32_t depth,
                                          struct tw_scope_reason *reason)
{
    const char *which;

    if (s->accept.count == 0 || (depth < s->level && tw_filename_is_page(name, len)))
        return TW_SCOPE_IN;
    which = tw_filenames_find(&s->accept, name, len);
    return because(reason, which != NULL ? TW_SCOPE_IN : TW_SCOPE_ACCEPT, "--accept", which);
}

/* Whether the URL has to be where the crawl goes, and not only outside of what it must not
 * touch. */
static bool must_be_placed(const struct tw_scope *s, enum tw_scope_kind kind,
                           const struct tw_url *from, struct tw_scope_reason *reason)
{
    struct tw_domain *seed;

    if (kind != TW_SCOPE_REQUISITE || !s->page_requisites)
        return true;
    return from != NULL && judge_host(s, from, &seed, reason) != TW_SCOPE_IN;
}

static enum tw_scope_verdict judge(const struct tw_scope *s, const struct tw_url *url,
                                   uint32_t depth, enum tw_scope_kind kind,
                                   const struct tw_url *from, struct tw_scope_reason *reason)
{
    const char *name = url->href + url->path.at;
    size_t directory = tw_directory_len(name, url->path.len), len = url->path.len - directory;
    bool placed = must_be_placed(s, kind, from, reason);
    const struct tw_domain *domain = find_domain(&s->exclude_domains, url);
    const char *which;
    enum tw_scope_verdict verdict;

    name += directory;
    if (domain != NULL)
        return because(reason, TW_SCOPE_EXCLUDED_DOMAIN, "--exclude-domains", domain->given);
    verdict = placed ? judge_place(s, url, depth, reason)
                     : because(reason, TW_SCOPE_IN, "--page-requisites", NULL);
    if (verdict == TW_SCOPE_IN)
        verdict = judge_exclude(s, url, reason);
    which = verdict == TW_SCOPE_IN ? tw_filenames_find(&s->reject, name, len) : NULL;
    if (which != NULL)
        return because(reason, TW_SCOPE_REJECT, "--reject", which);
    if (verdict == TW_SCOPE_IN && placed && kind != TW_SCOPE_SEED)
        verdict = judge_accept(s, name, len, depth, reason);
    if (verdict == TW_SCOPE_IN && placed && kind != TW_SCOPE_SEED)
        verdict = judge_include(s, url, reason);
    return verdict;
}

enum tw_scope_verdict tw_scope_judge(const struct tw_scope *s, const struct tw_url *url,
                                     uint32_t depth, enum tw_scope_kind kind,
                                     const struct tw_url *from, struct tw_scope_reason *reason)
{
    struct tw_scope_reason unwanted;

    return judge(s, url, depth, kind, from, reason != NULL ? reason : &unwanted);
}

/* ---- Telling --------------------------------------------------------------- */

struct tw_span tw_scope_registrable(const struct tw_url *url)
{
    struct tw_span host = url->host;
    size_t at = tw_domain_registrable(url->href + host.at, host.len, url->host_is_ip);

    return (struct tw_span){host.at + (uint32_t)at, host.len - (uint32_t)at};
}

const char *tw_scope_name(enum tw_scope_verdict verdict)
{
    static const char *const names[] = {
#define X(name, text) [TW_SCOPE_##name] = text,
        TW_SCOPE_VERDICTS(X)
#undef X
    };

    return names[verdict];
}

size_t tw_scope_reason_text(const struct tw_scope_reason *r, char *buf, size_t size)
{
    const char *limit = r->match_limit ? " (match limit)" : "";
    int n;

    if (r->option == NULL)
        n = snprintf(buf, size, "%s", r->rule);
    else if (r->rule == NULL)
        n = snprintf(buf, size, "%s", r->option);
    else
        n = snprintf(buf, size, "%s '%s'%s", r->option, r->rule, limit);
    return n > 0 ? (size_t)n : 0;
}
