#include "oracle.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "oracle_rules.h"
#include "record.h"

static struct {
    const struct scenario *s;
    struct node **queue; /* to be expanded */
    size_t head, tail, cap;
} o;

static void push(struct node *n)
{
    if (n->expanded)
        return;
    n->expanded = true;
    if (o.tail == o.cap) {
        o.cap = o.cap == 0 ? 64 : o.cap * 2;
        o.queue = sim_realloc(o.queue, o.cap * sizeof(struct node *));
    }
    o.queue[o.tail++] = n;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Fetched, and left out for its type. */
static bool has_other_type(const struct node *n)
{
    return o.s->crawl.mime_types != NULL && n->filtered > 0;
}

/* A document that broke off had its header before. */
static bool leads_on_by_header(const struct node *n)
{
    return n->error != 0 && n->status == 200 && n->ref.kind == REF_PAGE &&
           web_page_kind(&o.s->web, n->ref) == PAGE_HEADER;
}

/* Whether its links count: it was fetched, and it is a whole document, or redirects. */
static bool leads_on(const struct node *n)
{
    if (n->exchanges == 0 || n->in_flight || (n->pages == 0 && !has_other_type(n)))
        return false;
    return is_redirect(n->status) || leads_on_by_header(n) ||
           (n->error == 0 && n->page_error == 0 && n->status >= 200 && n->status < 300);
}

/* Session ids are of the moment: such a URL is known only without. */
static bool is_certain(struct ref ref)
{
    return ref.kind != REF_SESSION || o.s->crawl.strip_session_ids;
}

/* A link that is followed, whether it has to be or not. */
struct way {
    struct ref from;
    enum link_kind kind;
    uint32_t depth;
    bool must;
};

static void reach(struct ref to, const struct way *way)
{
    char url[WEB_URL_MAX];
    struct node *n;

    web_url(&o.s->web, to, url);
    n = record_get(&o.s->web, url);
    if (oracle_scope(o.s, to, url, way->kind, way->depth, way->from) != TRAWL_REJECT_COUNT)
        return;
    if (way->kind != LINK_SEED && oracle_trap(o.s, url) != TRAWL_REJECT_COUNT)
        return;
    n->may = true;
    n->must = n->must || way->must;
    n->as_requisite = n->as_requisite || way->kind == LINK_REQUISITE;
    if (leads_on(n))
        push(n);
}

static void see(struct ref to)
{
    char url[WEB_URL_MAX];

    web_url(&o.s->web, to, url);
    record_get(&o.s->web, url)->reached = true;
}

/* Whether all of its links are followed: not if pages before it were the same, or, of a redirect, if
 * there were too many before it. */
static bool is_followed(const struct node *n)
{
    const trawl_crawl_options *c = &o.s->crawl;

    if (is_redirect(n->status))
        return o.s->options.max_redirects >= 20;
    return n->ref.kind != REF_PAGE || web_page_kind(&o.s->web, n->ref) != PAGE_SAME ||
           c->max_repeats == 0 || web_pages(&o.s->web, n->ref.host) <= c->max_repeats;
}

static enum link_kind kind_of(struct edge e)
{
    if (e.is_sitemap)
        return LINK_SEED; /* in as the sitemap is that names it */
    return e.requisite ? LINK_REQUISITE : LINK_PAGE;
}

/* What a style sheet needs is needed by the page that needs the sheet, wherever that is. */
static void expand_needed(const struct node *n)
{
    struct way way = {.from = o.s->seeds[0], .kind = LINK_REQUISITE, .depth = n->depth + 1};

    for (unsigned i = 0; i < web_edges(&o.s->web, n->ref); i++) {
        struct edge e = web_edge(&o.s->web, n->ref, i);

        if (e.to.kind != REF_NONE)
            reach(e.to, &way);
    }
}

static void expand(struct node *n)
{
    const struct web *w = &o.s->web;
    bool nofollow = web_says_nofollow(w, n->ref);
    unsigned count = web_edges(w, n->ref);
    struct way way = {.from = n->ref, .must = is_followed(n)};

    if (n->as_requisite && web_page_kind(w, n->ref) == PAGE_STYLE)
        expand_needed(n);
    if (n->pages + n->filtered == 0)
        way.must = false; /* nobody told of its depth */
    if (leads_on_by_header(n))
        count = 1;
    for (unsigned i = 0; i < count; i++) {
        struct edge e = web_edge(w, n->ref, i);

        way.depth = is_redirect(n->status) || e.is_sitemap ? n->depth : n->depth + 1;
        if (e.to.kind == REF_NONE)
            continue;
        see(e.to);
        way.kind = kind_of(e);
        if (o.s->crawl.ignore_robots || !(e.nofollow || (nofollow && !e.requisite)))
            reach(e.to, &way);
    }
}

/* What robots.txt files name. */
static void reach_sitemaps(void)
{
    const struct way way = {.kind = LINK_SEED, .must = true};

    if (o.s->crawl.no_sitemaps || o.s->crawl.ignore_robots || !o.s->web.robots)
        return;
    for (uint32_t host = 0; host < o.s->web.hosts; host++)
        if (check_robots_past(host).rules && web_names_sitemap(&o.s->web, host))
            reach((struct ref){host, REF_SITEMAP, 0}, &way);
}

static void walk(void)
{
    const struct way way = {.kind = LINK_SEED, .must = true};

    for (unsigned i = 0; i < o.s->seed_count; i++) {
        see(o.s->seeds[i]);
        reach(o.s->seeds[i], &way);
    }
    reach_sitemaps();
    while (o.head < o.tail)
        expand(o.queue[o.head++]);
}

static void walk_again(void)
{
    for (size_t i = 0; i < record_count(); i++)
        record_at(i)->expanded = false;
    o.head = o.tail = 0;
    walk();
}

/* ---- what came of it ---- */

/* What depends on the moment. Each URL is told of with the first reason that there was to leave it
 * out, which need not be the one that held in the end. */
static bool may_be_left_out(const struct node *n)
{
    const trawl_crawl_options *c = &o.s->crawl;
    bool widened = o.s->late_seeds > 0 &&
                   (n->reason == TRAWL_REJECT_SCOPE_HOST || n->reason == TRAWL_REJECT_SCOPE_DOMAIN ||
                    n->reason == TRAWL_REJECT_SCOPE_PARENT);

    return widened || c->max_pages_per_host != 0 || o.s->memory_fails != 0 ||
           (!c->ignore_robots && check_robots_past(n->ref.host).failed);
}

static const char *path_of(const char *url)
{
    return strchr(strstr(url, "://") + 3, '/');
}

static bool is_forbidden(const struct node *n)
{
    if (o.s->crawl.robots_text != NULL && !o.s->crawl.ignore_robots)
        return strncmp(path_of(n->url), SCENARIO_FORBIDS, strlen(SCENARIO_FORBIDS)) == 0;
    return !o.s->crawl.ignore_robots && check_robots_past(n->ref.host).rules &&
           !web_robots_allow(&o.s->web, n->ref.host, path_of(n->url));
}

/* No page of this web has more links than that. */
static bool links_are_cut(void)
{
    return o.s->crawl.max_links != 0 && o.s->crawl.max_links < 100;
}

static void check_must(const struct node *n)
{
    if (n->pages > 0 || has_other_type(n) || (n->rejections > 0 && may_be_left_out(n)))
        return;
    if (links_are_cut() || o.s->memory_fails != 0)
        return; /* it may not have been found */
    if (is_forbidden(n))
        CHECK(n->rejections > 0, "%s: forbidden, and nobody was told", n->url);
    else
        fail("%s: not fetched%s%s", n->url, n->rejections > 0 ? ", for " : "",
             n->rejections > 0 ? trawl_reject_name((trawl_reject)n->reason) : "");
}

static void check_node(const struct node *n, bool whole)
{
    bool page = n->ref.kind != REF_ROBOTS;

    if (n->ref.kind == REF_NONE || n->is_fetch || !is_certain(n->ref))
        return;
    if (page && n->exchanges > 0 && o.s->memory_fails == 0)
        CHECK(n->may, "%s: fetched, and should not be", n->url);
    if (page && n->exchanges > 0)
        CHECK(n->pages + n->filtered == 1 || o.s->memory_fails != 0, "%s: came back %u times",
              n->url, n->pages + n->filtered);
    CHECK(n->pages + n->filtered <= 1, "%s: delivered %u times", n->url, n->pages + n->filtered);
    /* Once more if there was no memory left to read what was fetched. */
    CHECK(n->rejections <= 1u + (n->exchanges > 0 && o.s->memory_fails != 0),
          "%s: rejected %u times", n->url, n->rejections);
    if (whole && n->must)
        check_must(n);
    if (whole && n->reached && n->pages + n->filtered == 0)
        CHECK(n->rejections > 0 || links_are_cut() || o.s->memory_fails != 0,
              "%s: left out, and nobody was told", n->url);
}

void oracle_check(const struct scenario *s, bool whole)
{
    memset(&o, 0, sizeof(o));
    o.s = s;
    walk();
    walk_again(); /* what is needed as part of a page is known only now */
    for (size_t i = 0; i < record_count(); i++)
        check_node(record_at(i), whole);
    sim_free(o.queue);
}
