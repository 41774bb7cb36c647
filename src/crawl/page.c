/* The URLs of a crawl, until they are fetched: found, judged, routed, queued. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/walk.h"
#include "parse/url_clean.h"

#define RULE_MAX 512
#define HOST_MAX 255 /* bytes; RFC 1035 has no longer name */
#define PRIORITY_A_LEVEL 4

/* ---- sources ---- */

void tw_source_drop(struct source *s)
{
    if (s != NULL && --s->refs == 0)
        free(s);
}

static struct source *source_take(struct source *s)
{
    if (s != NULL)
        s->refs++;
    return s;
}

struct source *tw_source_new(const char *url, size_t len)
{
    struct source *s = malloc(sizeof(*s) + len + 1);

    if (s == NULL)
        return NULL;
    s->refs = 1;
    memcpy(s->url, url, len);
    s->url[len] = '\0';
    return s;
}

struct source *tw_page_source(struct page *p)
{
    if (p->self != NULL)
        return p->self;
    p->self = tw_source_new(p->href, p->len);
    return p->self;
}

/* ---- rejecting ---- */

char *tw_crawl_mask(const char *url, size_t len)
{
    size_t n = tw_url_mask(NULL, 0, url, len);
    char *copy = malloc(n + 1);

    if (copy != NULL)
        tw_url_mask(copy, n + 1, url, len);
    return copy;
}

static void tell(trawl_crawl *c, const char *url, size_t len, trawl_rejected *r,
                 const struct source *source)
{
    char *masked, *masked_from = NULL;
    enum tw_stage before;

    c->stats.rejected[r->reason]++;
    if (c->callbacks.on_rejected == NULL ||
        (r->reason == TRAWL_REJECT_DUPLICATE && !c->callbacks.report_duplicates && source != NULL))
        return;
    masked = tw_crawl_mask(url, len);
    if (source != NULL)
        masked_from = tw_crawl_mask(source->url, strlen(source->url));
    if (masked != NULL) {
        r->url = masked;
        r->from = masked_from;
        before = tw_stay_go(&c->t->stay, TW_STAGE_CALLER);
        c->callbacks.on_rejected(c, r, c->callbacks.data);
        tw_stay_go(&c->t->stay, before);
    }
    free(masked);
    free(masked_from);
}

/* Tells of each URL once, the first time; of a seed always. */
static void reject(trawl_crawl *c, const char *url, size_t len, trawl_rejected *r,
                   const struct source *source)
{
    if (r->reason != TRAWL_REJECT_DUPLICATE && tw_seen_add(c->told, url, len) == 0)
        r->reason = TRAWL_REJECT_DUPLICATE;
    tell(c, url, len, r, source);
}

void tw_page_cut(struct page *p, trawl_reject reason, const char *rule)
{
    trawl_rejected r = {.reason = reason, .rule = rule, .depth = p->depth};

    tell(tw_page_crawl(p), p->href, p->len, &r, p->from);
}

void tw_page_reject(struct page *p, trawl_reject reason, const char *rule, unsigned line)
{
    trawl_rejected r = {.reason = reason, .rule = rule, .line = line, .depth = p->depth};

    if (p->fetch != NULL) {
        tw_page_cut(p, reason, rule); /* it would come back in no other way */
    } else {
        reject(tw_page_crawl(p), p->href, p->len, &r, p->from);
    }
    tw_page_free(p);
}

void tw_crawl_found_none(trawl_crawl *c, const char *raw, size_t len, uint32_t depth,
                         struct source *source)
{
    trawl_rejected r = {.reason = TRAWL_REJECT_SCHEME, .rule = "", .depth = depth};

    c->stats.found++;
    reject(c, raw, len, &r, source);
}

/* ---- judging ---- */

static trawl_reject of_scope(enum tw_scope_verdict verdict)
{
    switch (verdict) {
    case TW_SCOPE_LEVEL: return TRAWL_REJECT_SCOPE_LEVEL;
    case TW_SCOPE_HOST: return TRAWL_REJECT_SCOPE_HOST;
    case TW_SCOPE_DOMAIN: return TRAWL_REJECT_SCOPE_DOMAIN;
    case TW_SCOPE_EXCLUDED_DOMAIN: return TRAWL_REJECT_SCOPE_EXCLUDE_DOMAIN;
    case TW_SCOPE_PARENT: return TRAWL_REJECT_SCOPE_PARENT;
    case TW_SCOPE_INCLUDE: return TRAWL_REJECT_SCOPE_INCLUDE;
    case TW_SCOPE_EXCLUDE: return TRAWL_REJECT_SCOPE_EXCLUDE;
    case TW_SCOPE_ACCEPT: return TRAWL_REJECT_SCOPE_ACCEPT;
    case TW_SCOPE_REJECT: return TRAWL_REJECT_SCOPE_REJECT;
    case TW_SCOPE_IN: break;
    }
    return TRAWL_REJECT_COUNT;
}

static trawl_reject of_trap(enum tw_trap trap)
{
    switch (trap) {
    case TW_TRAP_LENGTH: return TRAWL_REJECT_TRAP_LENGTH;
    case TW_TRAP_DEPTH: return TRAWL_REJECT_TRAP_DEPTH;
    case TW_TRAP_REPEAT: return TRAWL_REJECT_TRAP_REPEAT;
    case TW_TRAP_QUERY: return TRAWL_REJECT_TRAP_QUERY;
    case TW_TRAP_DATE: return TRAWL_REJECT_TRAP_DATE;
    case TW_TRAP_NONE: break;
    }
    return TRAWL_REJECT_COUNT;
}

/* A sitemap that robots.txt names is let in as a seed is: it has no file name of a page. */
static enum tw_scope_kind scope_kind(enum role role)
{
    switch (role) {
    case ROLE_SEED:
    case ROLE_SITEMAP: return TW_SCOPE_SEED;
    case ROLE_REQUISITE: return TW_SCOPE_REQUISITE;
    case ROLE_PAGE: break;
    }
    return TW_SCOPE_PAGE;
}

trawl_reject tw_crawl_judge(const trawl_crawl *c, const struct found *found, char *rule,
                            size_t size)
{
    enum tw_scope_kind kind = scope_kind(found->role);
    struct tw_scope_reason reason;
    enum tw_trap trap;

    rule[0] = '\0';
    if (tw_scope_judge(c->scope, found->url, found->depth, kind, found->from, &reason) !=
        TW_SCOPE_IN) {
        tw_scope_reason_text(&reason, rule, size);
        return of_scope(reason.verdict);
    }
    if (found->hops > c->t->options->max_redirects || found->hops == UINT8_MAX)
        return TRAWL_REJECT_TRAP_REDIRECTS;
    if (found->role == ROLE_SEED) {
        tw_scope_reason_text(&reason, rule, size);
        return TRAWL_REJECT_COUNT; /* asked for by name: no trap */
    }
    trap = tw_trap_judge(found->url, &c->traps);
    if (trap == TW_TRAP_NONE)
        tw_scope_reason_text(&reason, rule, size);
    return of_trap(trap);
}

/* ---- taking up ---- */

/* By depth; in one level, what a sitemap holds for more important first. */
static uint8_t priority_of(const struct found *found)
{
    unsigned step = (unsigned)(500 - found->boost) * (PRIORITY_A_LEVEL - 1) / 1000;
    uint64_t priority;

    if (found->role == ROLE_SEED)
        return 0;
    priority = (uint64_t)found->depth * PRIORITY_A_LEVEL + step;
    return priority > UINT8_MAX ? UINT8_MAX : (uint8_t)priority;
}

static struct page *page_new(struct site *s, const struct found *found)
{
    const struct tw_url *url = found->url;
    struct page *p = calloc(1, sizeof(*p) + url->len + 1);

    if (p == NULL)
        return NULL;
    p->item.kind = WORK_PAGE;
    p->item.priority = priority_of(found);
    p->site = s;
    p->from = source_take(found->source);
    p->depth = found->depth;
    p->hops = found->hops;
    p->role = (uint8_t)found->role;
    p->len = url->len;
    memcpy(p->href, url->href, url->len);
    s->c->pages++;
    s->c->unstarted++;
    s->c->told_idle = false;
    return p;
}

void tw_page_free(struct page *p)
{
    trawl_crawl *c = tw_page_crawl(p);

    c->pages--;
    if (p->fetch == NULL)
        c->unstarted--;
    tw_source_drop(p->from);
    tw_source_drop(p->self);
    free(p);
    tw_crawl_rest(c);
}

/* Why a URL that is new and in scope is left out all the same. */
static trawl_reject refuse(const trawl_crawl *c, const struct found *found, const struct site *s)
{
    if (c->stopped)
        return c->stop_reason;
    if (found->nofollow && !c->options.ignore_robots)
        return TRAWL_REJECT_NOFOLLOW;
    if (found->repeated)
        return TRAWL_REJECT_TRAP_DUPLICATE;
    if (s == NULL)
        return TRAWL_REJECT_MEMORY;
    return tw_site_is_full(s) ? TRAWL_REJECT_LIMIT_HOST : TRAWL_REJECT_COUNT;
}

static void take_up(trawl_crawl *c, const struct found *found)
{
    const struct tw_url *url = found->url;
    uint64_t fingerprint = tw_seen_fingerprint(c->seen, url->href, url->len);
    char rule[RULE_MAX];
    trawl_rejected r = {.reason = TRAWL_REJECT_DUPLICATE, .rule = rule, .depth = found->depth};
    struct page *p = NULL;
    struct site *s = NULL;

    rule[0] = '\0';
    if (!tw_seen_find(c->seen, fingerprint)) {
        r.reason = tw_crawl_judge(c, found, rule, sizeof(rule));
        if (r.reason == TRAWL_REJECT_COUNT) {
            rule[0] = '\0';
            s = tw_site_get(c, url);
            r.reason = refuse(c, found, s);
        }
    }
    /* What cannot be remembered might be fetched for ever. */
    if (r.reason == TRAWL_REJECT_COUNT) {
        if (tw_seen_add_fingerprint(c->seen, fingerprint) == 1)
            p = page_new(s, found);
        if (p == NULL)
            r.reason = TRAWL_REJECT_MEMORY;
    }
    if (p == NULL) {
        reject(c, url->href, url->len, &r, found->source);
        return;
    }
    tw_page_route(p);
}

bool tw_crawl_clean(const trawl_crawl *c, struct tw_url *out, const struct tw_url *url)
{
    const trawl_crawl_options *o = &c->options;
    unsigned what = (o->strip_session_ids ? TW_CLEAN_SESSIONS : 0u) |
                    (o->strip_tracking ? TW_CLEAN_TRACKING : 0u) |
                    (o->sort_query ? TW_CLEAN_SORT : 0u);

    return what != 0 && tw_url_clean(out, url, what) == 1;
}

void tw_crawl_found(trawl_crawl *c, const struct found *found)
{
    struct found cleaned = *found;
    struct tw_url url;

    if (found->url->host.len > HOST_MAX) {
        tw_crawl_found_none(c, found->url->href, found->url->len, found->depth, found->source);
        return;
    }
    c->stats.found++;
    if (!tw_crawl_clean(c, &url, found->url)) {
        take_up(c, found);
        return;
    }
    cleaned.url = &url;
    take_up(c, &cleaned);
    tw_url_free(&url);
}

/* ---- routing ---- */

/* Whether robots.txt lets it through; it is rejected if not. */
static bool is_allowed(struct page *p)
{
    struct site *s = p->site;
    struct tw_robots_verdict verdict;
    struct tw_url url;
    char rule[RULE_MAX] = "";
    int err = 0;

    p->judged = s->robots_version;
    if (s->access == TW_ROBOTS_ALLOW_ALL)
        return true;
    if (s->access == TW_ROBOTS_DISALLOW_ALL) {
        if (s->robots_error != 0)
            snprintf(rule, sizeof(rule), "robots.txt: %s", trawl_strerror(s->robots_error));
        else
            snprintf(rule, sizeof(rule), "robots.txt: status %d", s->robots_status);
        tw_page_reject(p, TRAWL_REJECT_ROBOTS_UNREACHABLE, rule, 0);
        return false;
    }
    err = tw_url_parse(&url, p->href, p->len, NULL, NULL);
    if (err == 0) {
        err = tw_site_judge(s, &url, &verdict);
        tw_url_free(&url);
    }
    if (err == 0 && verdict.allowed)
        return true;
    if (err == 0)
        snprintf(rule, sizeof(rule), "%s", verdict.rule);
    tw_page_reject(p, err == 0 ? TRAWL_REJECT_ROBOTS : TRAWL_REJECT_MEMORY, rule,
                   err == 0 ? (unsigned)verdict.line : 0);
    return false;
}

void tw_page_route(struct page *p)
{
    trawl_crawl *c = tw_page_crawl(p);
    struct site *s = p->site;

    if (c->stopped || p->lost) {
        tw_page_reject(p, p->lost ? TRAWL_REJECT_MEMORY : c->stop_reason, "", 0);
        return;
    }
    if (c->paused) {
        tw_list_append(&c->inbox, &p->listed);
        return;
    }
    if (tw_site_is_full(s)) {
        tw_page_reject(p, TRAWL_REJECT_LIMIT_HOST, "", 0);
        return;
    }
    if (!tw_site_is_ready(s)) {
        tw_list_append(&s->held, &p->listed);
        return;
    }
    if (!c->options.ignore_robots && !is_allowed(p))
        return;
    if (tw_frontier_put(c->t->frontier, &p->item, s->host, TW_PLACE_LAST) != 0) {
        tw_page_reject(p, TRAWL_REJECT_MEMORY, "", 0);
        return;
    }
    tw_list_append(&s->queued, &p->listed);
    c->queued++;
    tw_crawl_wake(c->t);
}

void tw_page_unqueue(struct page *p)
{
    tw_list_remove(&p->listed);
    tw_page_crawl(p)->queued--;
    if (tw_list_empty(&p->site->queued))
        tw_list_remove(&p->site->surplus);
}

/* ---- starting ---- */

/* Whether something that ends the crawl has been reached. */
static bool is_over(trawl_crawl *c)
{
    const trawl_crawl_options *o = &c->options;

    if (o->max_pages != 0 && c->started >= o->max_pages)
        tw_crawl_halt(c, TRAWL_REJECT_LIMIT_PAGES);
    else if (o->quota != 0 && c->stats.bytes >= o->quota)
        tw_crawl_halt(c, TRAWL_REJECT_LIMIT_QUOTA);
    else if (uv_now(c->t->loop) >= c->deadline_ms)
        tw_crawl_halt(c, TRAWL_REJECT_LIMIT_TIME);
    return c->stopped;
}

/* It is not fetched now: what to do with it is for the next turn. */
static struct fetch *put_back(trawl *t, struct page *p)
{
    trawl_crawl *c = tw_page_crawl(p);

    tw_frontier_done(t->frontier, &p->item);
    tw_list_append(&c->inbox, &p->listed);
    tw_crawl_rest(c);
    return NULL;
}

static struct fetch *fetch_for(trawl *t, struct page *p)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    struct fetch *f;

    request.url = p->href;
    request.url_len = p->len;
    request.data = tw_page_crawl(p)->callbacks.data;
    if (tw_fetch_new(t, &request, &f) != 0)
        return NULL;
    if (tw_url_parse(&f->url, p->href, p->len, NULL, NULL) != 0) {
        tw_fetch_forget(t, f, NULL);
        return NULL;
    }
    f->max_redirects = 0;
    f->page = p;
    return f;
}

/* robots.txt may be another one than when the page was queued. */
static bool is_still_allowed(const struct page *p, const struct tw_url *url)
{
    struct tw_robots_verdict verdict;

    if (tw_page_crawl(p)->options.ignore_robots || p->judged == p->site->robots_version)
        return true;
    return tw_site_judge(p->site, url, &verdict) == 0 && verdict.allowed;
}

struct fetch *tw_page_start(trawl *t, struct page *p)
{
    trawl_crawl *c = tw_page_crawl(p);
    struct fetch *f;

    tw_page_unqueue(p);
    if (is_over(c) || tw_site_is_full(p->site) ||
        (!c->options.ignore_robots && !tw_site_may_start(p->site)))
        return put_back(t, p);
    f = fetch_for(t, p);
    if (f == NULL) {
        p->lost = true;
        return put_back(t, p);
    }
    if (!is_still_allowed(p, &f->url)) {
        tw_fetch_forget(t, f, NULL);
        return put_back(t, p);
    }
    tw_frontier_swap(t->frontier, &p->item, &f->item);
    tw_list_append(&c->running, &p->listed);
    p->fetch = f;
    c->unstarted--;
    c->started++;
    p->site->started++;
    if (tw_site_is_full(p->site))
        tw_site_shed(p->site);
    return f;
}
