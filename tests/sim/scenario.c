#include "scenario.h"

#include <stdio.h>

#include "random.h"

static uint64_t *rng;

static unsigned below(unsigned n)
{
    return rng_below(rng, n);
}

static bool chance(unsigned percent)
{
    return rng_chance(rng, percent);
}

static uint64_t one_of(const uint64_t *values, unsigned n)
{
    return values[below(n)];
}
#define ONE_OF(...) \
    one_of((const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

static void make_web(struct scenario *s)
{
    struct web *w = &s->web;

    w->seed = rng_next(rng);
    w->hosts = 1 + below(chance(30) ? 24 : 6);
    w->pages = 1 + below(chance(20) ? 60 : 20);
    w->domains = 1 + below(4);
    w->addresses = 1 + below(w->hosts);
    w->links = below(6);
    w->traps = chance(30);
    w->robots = chance(70);
    w->oddities = chance(85);
    w->slow = chance(20);
}

static void make_options(struct scenario *s)
{
    trawl_options *o = &s->options;

    *o = (trawl_options)TRAWL_OPTIONS_INIT;
    o->concurrency = 1 + below(chance(50) ? 4 : 40);
    o->per_host = chance(70) ? 1 : below(4);
    o->tries = 1 + below(4);
    o->max_redirects = (unsigned)ONE_OF(20, 20, 20, 0, 1, 3);
    o->timeout_ms = ONE_OF(300000, 30000, 10000, 1000);
    o->connect_timeout_ms = ONE_OF(30000, 1000);
    o->retry_delay_ms = ONE_OF(1000, 1000, 0, 10, 5000);
    o->retry_max_ms = ONE_OF(10000, 1000);
    o->retry_after_max_ms = ONE_OF(120000, 4000);
    o->keep_body = chance(50) ? SIZE_MAX : below(1000);
    o->excerpt = below(2) * 50;
    o->max_memory = ONE_OF(1073741824, 1073741824, 1000);
    o->wait_ms = ONE_OF(0, 0, 50, 1000, 10000);
    o->random_wait = chance(30);
    o->adaptive_wait = chance(40);
    o->max_wait_ms = ONE_OF(60000, 5000);
    o->rate = ONE_OF(0, 0, 0, 1, 10, 1000);
    o->seed = rng_next(rng) | 1;
}

static void make_scope(struct scenario *s)
{
    trawl_crawl_options *c = &s->crawl;

    c->level = chance(80) ? TRAWL_LEVEL_INF : below(5);
    c->no_parent = chance(15);
    c->span_hosts = chance(65);
    c->page_requisites = chance(30);
    if (chance(15)) {
        s->domains[0] = chance(50) ? "d0.test" : "D1.test";
        s->domains[1] = chance(50) ? "b\xc3\xbc" "cher.test" : NULL;
        c->domains = s->domains;
    }
    if (chance(15)) {
        s->exclude_domains[0] = chance(50) ? "d2.test" : "h2.d0.test";
        c->exclude_domains = s->exclude_domains;
    }
    if (chance(10)) {
        s->include[0] = chance(50) ? "/r[0-9]*[02468]" : "html$";
        c->include = s->include;
    }
    if (chance(15)) {
        s->exclude[0] = "/d2/";
        s->exclude[1] = chance(50) ? "\\?x=" : NULL;
        c->exclude = s->exclude;
    }
    if (chance(15)) {
        s->reject[0] = ".png";
        s->reject[1] = chance(50) ? "r1*" : NULL;
        c->reject = s->reject;
    }
    if (chance(8)) {
        s->accept[0] = chance(50) ? ".png" : ".html";
        c->accept = s->accept;
    }
    if (chance(15)) {
        s->mime_types[0] = chance(50) ? "text/html" : "!image/*";
        s->mime_types[1] = s->mime_types[0][0] == 't' ? "Text/CSS" : NULL;
        c->mime_types = s->mime_types;
    }
}

static void make_limits(struct scenario *s)
{
    trawl_crawl_options *c = &s->crawl;

    c->max_crawl_delay_ms = ONE_OF(60000, 60000, 2000);
    c->robots_max_age_ms = ONE_OF(86400000, 86400000, 20000);
    if (chance(6))
        c->max_pages = 1 + below(20);
    if (chance(6))
        c->max_pages_per_host = 1 + below(10);
    if (chance(4))
        c->max_links = 1 + below(8);
    if (chance(4))
        c->max_time_ms = 1 + below(20000);
    if (chance(4))
        c->quota = 1 + below(20000);
    if (chance(10))
        c->max_repeats = 1 + below(3);
    c->strip_session_ids = chance(50);
    if (s->web.traps && !c->strip_session_ids && c->max_pages_per_host == 0)
        c->max_pages_per_host = 80; /* session ids have no other end */
}

static void make_crawl(struct scenario *s)
{
    trawl_crawl_options *c = &s->crawl;

    *c = (trawl_crawl_options)TRAWL_CRAWL_OPTIONS_INIT;
    make_scope(s);
    make_limits(s);
    c->ignore_robots = chance(15);
    c->no_sitemaps = chance(30);
    if (chance(10))
        c->robots_text = "User-agent: trawl\nDisallow: " SCENARIO_FORBIDS "\n";
    s->report_duplicates = chance(10);
    /* It has the same hosts, and would ask for their robots.txt again. */
    s->second_crawl = c->ignore_robots && chance(50) && !s->web.traps;
    s->fetches_too = chance(15) && !s->web.traps; /* whose URLs they have */
    s->seed_count = 1 + below(SEEDS_MAX);
    for (unsigned i = 0; i < s->seed_count; i++) {
        uint32_t host = below(s->web.hosts);

        s->seeds[i] = (struct ref){host, REF_PAGE, chance(70) ? 0 : below(web_pages(&s->web, host))};
    }
    /* A seed's directory is its host's parent from then on only. */
    s->late_seeds = chance(20) && !c->no_parent ? below(s->seed_count) : 0;
}

void scenario_make(struct scenario *s, uint64_t seed)
{
    uint64_t state = rng_mix(seed + 0x9e3779b97f4a7c15);

    rng = &state;
    *s = (struct scenario){.seed = seed};
    make_web(s);
    make_options(s);
    make_crawl(s);
    s->fault_percent = (unsigned)ONE_OF(0, 0, 0, 3, 10, 40);
    s->lateness_us = (unsigned)ONE_OF(0, 0, 1000, 50000);
    s->meddling = (unsigned)ONE_OF(0, 0, 5, 30);
    s->ends_early = chance(35);
    s->is_crawl = seed % 5 != 0;
    s->logs = chance(20);
    s->memory_fails = chance(5) ? 20 + below(2000) : 0;
    s->cut_percent = (unsigned)ONE_OF(0, 5, 50, 100);
}

static void print_list(const char *name, const char *const *list)
{
    for (; list != NULL && *list != NULL; list++)
        printf("  %s %s\n", name, *list);
}

void scenario_print(const struct scenario *s)
{
    const struct web *w = &s->web;
    const trawl_options *o = &s->options;
    const trawl_crawl_options *c = &s->crawl;
    char url[WEB_URL_MAX];

    printf("seed %llu: %s\n  web: %u hosts, %u pages, %u domains, %u addresses, %u links%s%s%s%s\n",
           (unsigned long long)s->seed, s->is_crawl ? "a crawl" : "fetches", w->hosts, w->pages,
           w->domains, w->addresses, w->links, w->traps ? ", traps" : "",
           w->robots ? ", robots" : "", w->oddities ? ", oddities" : "", w->slow ? ", slow" : "");
    printf("  %u %% faults, up to %u us late, %u %% of slices cut, %u %% meddling%s, "
           "memory fails 1 in %u\n",
           s->fault_percent, s->lateness_us, s->cut_percent, s->meddling, s->ends_early ? ", ends early" : "",
           s->memory_fails);
    printf("  concurrency %u, per_host %u, tries %u, max_redirects %u, timeout %llu, wait %llu%s%s, "
           "rate %llu, retry_after_max %llu\n", o->concurrency, o->per_host, o->tries,
           o->max_redirects, (unsigned long long)o->timeout_ms, (unsigned long long)o->wait_ms,
           o->random_wait ? " random" : "", o->adaptive_wait ? " adaptive" : "",
           (unsigned long long)o->rate, (unsigned long long)o->retry_after_max_ms);
    if (!s->is_crawl)
        return;
    printf("  level %d%s%s%s%s%s%s%s%s, robots' age %llu\n", (int)c->level,
           c->robots_text != NULL ? ", robots text" : "", s->fetches_too ? ", fetches too" : s->second_crawl ? ", second crawl" : "",
           c->no_parent ? ", no parent" : "", c->span_hosts ? ", span hosts" : "",
           c->page_requisites ? ", requisites" : "", c->ignore_robots ? ", no robots" : "",
           c->no_sitemaps ? ", no sitemaps" : "", c->strip_session_ids ? ", strip ids" : "",
           (unsigned long long)c->robots_max_age_ms);
    printf("  max: pages %llu, a host %llu, links %llu, time %llu, quota %llu, repeats %u\n",
           (unsigned long long)c->max_pages, (unsigned long long)c->max_pages_per_host,
           (unsigned long long)c->max_links, (unsigned long long)c->max_time_ms,
           (unsigned long long)c->quota, c->max_repeats);
    print_list("domain", c->domains);
    print_list("exclude domain", c->exclude_domains);
    print_list("include", c->include);
    print_list("exclude", c->exclude);
    print_list("accept", c->accept);
    print_list("reject", c->reject);
    print_list("type", c->mime_types);
    for (unsigned i = 0; i < s->seed_count; i++) {
        web_url(w, s->seeds[i], url);
        printf("  %s %s\n", i < s->seed_count - s->late_seeds ? "from" : "later from", url);
    }
}
