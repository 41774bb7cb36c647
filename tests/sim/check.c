#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "memory.h"
#include "record.h"

#define FAILURES_SHOWN 8
#define FAR 1000 /* as in web_robots.c */
#define ROBOTS_REDIRECTS 5
#define ROBOTS_AGAIN_MS ((uint64_t)30 * 60 * 1000)

struct host {
    unsigned in_flight;
    bool asked, bound;  /* bound: its address has been seen, or its name was looked up */
    bool lookup_failed; /* or was given up */
    uint64_t last_ms;  /* start */
    uint64_t hold_ms;  /* Retry-After */
    uint32_t address;
    enum access access; /* by the last answer for robots.txt */
    bool robots_busy, robots_used; /* used: a page began since it came */
    struct robots_past past;
    uint64_t robots_ms; /* when that came */
    unsigned robots_hops, robots_tries;
};

bool sim_log;

static struct {
    const struct scenario *s;
    struct host *hosts;
    unsigned in_flight, failures;
    uint64_t starts, blind;
    uint64_t unbound; /* starts on hosts of which the address was not known, for a reason */
    bool stopped, paused;
    uint64_t begun_ms, bytes;
    int64_t rate_us; /* max of start - number / rate */
} k;

void say(const char *format, ...)
{
    va_list args;

    if (!sim_log)
        return;
    printf("%10.3f ", (double)clock_us() / 1e6);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

void fail(const char *format, ...)
{
    va_list args;

    if (k.failures++ >= FAILURES_SHOWN)
        return;
    printf("seed %llu, %.3f s: ", (unsigned long long)k.s->seed, (double)clock_us() / 1e6);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

unsigned failures(void)
{
    return k.failures;
}

static uint32_t address_of(const struct web *w, uint32_t host)
{
    char ip[46];
    unsigned a, b, c;

    web_address(w, host, ip);
    return sscanf(ip, "10.%u.%u.%u", &a, &b, &c) == 3 ? a << 16 | b << 8 | c : 0;
}

void check_begin(const struct scenario *s)
{
    memset(&k, 0, sizeof(k));
    k.s = s;
    k.rate_us = INT64_MIN;
    k.begun_ms = clock_ms();
    k.hosts = sim_alloc(s->web.hosts * sizeof(*k.hosts));
    for (uint32_t i = 0; i < s->web.hosts; i++) {
        k.hosts[i].address = address_of(&s->web, i);
        k.hosts[i].bound = web_host_is_literal(&s->web, i);
    }
    record_begin();
}

void check_end(void)
{
    if (k.unbound == 0 && k.s->memory_fails == 0)
        CHECK(k.blind == 0, "%llu starts at an address in use", (unsigned long long)k.blind);
    record_end();
    sim_free(k.hosts);
    k.hosts = NULL;
}

void check_bytes(uint64_t bytes)
{
    k.bytes += bytes;
}

void check_paused(bool paused)
{
    k.paused = paused;
}

void check_stopped(void)
{
    k.stopped = true;
}

struct robots_past check_robots_past(uint32_t host)
{
    return k.hosts[host].past;
}

unsigned check_in_flight(void)
{
    return k.in_flight;
}

uint64_t check_exchanges(void)
{
    return k.starts;
}

uint64_t check_blind_starts(void)
{
    return k.blind;
}

/* ---- pace ---- */

/* The least that must be between two starts. */
static uint64_t wait_of(uint32_t host)
{
    const trawl_options *o = &k.s->options;
    const trawl_crawl_options *c = &k.s->crawl;
    uint64_t wait = o->random_wait ? o->wait_ms / 2 : o->wait_ms, delay = 0;

    if (k.s->is_crawl && !c->ignore_robots && k.hosts[host].access == ACCESS_RULES &&
        !k.hosts[host].robots_busy && k.s->memory_fails == 0)
        delay = web_crawl_delay_ms(&k.s->web, host);
    if (c->max_crawl_delay_ms != 0 && delay > c->max_crawl_delay_ms)
        delay = c->max_crawl_delay_ms;
    return delay > wait ? delay : wait;
}

static void check_pace(const struct tw_job *job, uint32_t host)
{
    const struct host *h = &k.hosts[host];
    uint64_t now = clock_ms();

    if (h->asked)
        CHECK(now - h->last_ms >= wait_of(host), "%s: %llu ms after the last start, not %llu",
              job->url, (unsigned long long)(now - h->last_ms),
              (unsigned long long)wait_of(host));
    CHECK(now >= h->hold_ms, "%s: %llu ms before Retry-After is over", job->url,
          (unsigned long long)(h->hold_ms - now));
}

static void check_limits(const struct tw_job *job, uint32_t host)
{
    const trawl_options *o = &k.s->options;

    CHECK(k.in_flight < o->concurrency, "%s: more than %u in flight", job->url, o->concurrency);
    if (o->per_host != 0)
        CHECK(k.hosts[host].in_flight < o->per_host, "%s: more than %u on its host", job->url,
              o->per_host);
}

/* A crawl knows where a host is before it asks, if that can be known; where a robots.txt is moved to
 * is another host. */
static void check_is_bound(const struct tw_job *job, const struct node *n)
{
    const struct host *h = &k.hosts[n->ref.host];
    bool robots_hop = n->ref.kind == REF_ROBOTS && n->ref.n != 0;

    CHECK(h->bound || h->lookup_failed || robots_hop || k.s->memory_fails != 0,
          "%s: begun before its address was known", job->url);
}

/* Hosts of which the address is known share it. */
static void check_address(const struct tw_job *job, uint32_t host)
{
    unsigned per_host = k.s->options.per_host, known = 0, all = 0;
    uint64_t now = clock_ms();

    for (uint32_t i = 0; i < k.s->web.hosts; i++) {
        const struct host *h = &k.hosts[i];

        if (h->address != k.hosts[host].address)
            continue;
        all += h->in_flight;
        known += h->bound ? h->in_flight : 0;
        if (k.hosts[host].bound && h->bound && h->asked && i != host && k.s->memory_fails == 0)
            CHECK(now - h->last_ms >= wait_of(i), "%s: %llu ms after another host's start at that "
                  "address", job->url, (unsigned long long)(now - h->last_ms));
    }
    if (per_host != 0 && all >= per_host)
        k.blind += !k.hosts[host].bound || known < per_host;
    if (per_host != 0 && k.hosts[host].bound && k.s->memory_fails == 0)
        CHECK(known < per_host, "%s: more than %u on its address", job->url, per_host);
}

/* The n-th start after any other has n / rate seconds behind it, but for 5 ms and rounding. */
static void check_rate(const struct tw_job *job)
{
    uint64_t rate = k.s->options.rate;
    int64_t at;

    if (rate == 0)
        return;
    at = (int64_t)clock_ms() * 1000 - (int64_t)(k.starts * 1000000 / rate);
    CHECK(k.rate_us == INT64_MIN || at >= k.rate_us - 6001, "%s: sooner than the rate allows",
          job->url);
    if (at > k.rate_us)
        k.rate_us = at;
}

/* ---- robots.txt ---- */

/* Whose rules a fetch is on the way to. */
static uint32_t robots_host(struct ref ref)
{
    return ref.n >= FAR ? ref.n - FAR : ref.host;
}

static uint64_t robots_age_ms(const struct host *h)
{
    uint64_t age = k.s->crawl.robots_max_age_ms;

    return h->access == ACCESS_NONE && age > ROBOTS_AGAIN_MS ? ROBOTS_AGAIN_MS : age;
}

static void robots_started(const struct tw_job *job, struct ref ref)
{
    struct host *h = &k.hosts[robots_host(ref)];
    bool fresh = h->access != ACCESS_UNKNOWN && clock_ms() < h->robots_ms + robots_age_ms(h);

    CHECK(!h->robots_busy, "%s: asked for twice at once", job->url);
    CHECK(k.s->crawl.robots_text == NULL && !k.s->crawl.ignore_robots, "%s: asked for", job->url);
    h->robots_busy = true;
    if (ref.n != 0)
        return;
    if (!fresh)
        h->robots_tries = 0;
    h->robots_hops = 0;
    CHECK(!fresh || h->access == ACCESS_NONE, "%s: asked for again while it holds", job->url);
    CHECK(++h->robots_tries <= k.s->options.tries, "%s: asked for more than %u times", job->url,
          k.s->options.tries);
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_temporary(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

/* Whatever becomes of the body. */
static bool is_unavailable(int status)
{
    return status >= 400 && status < 500 && status != 429;
}

static void robots_ended(const struct tw_job *job, struct ref ref)
{
    struct host *h = &k.hosts[robots_host(ref)];

    h->robots_busy = h->robots_used = false;
    h->robots_ms = clock_ms();
    if (is_temporary(job->out.status) || (job->out.error != 0 && !is_unavailable(job->out.status)))
        h->access = ACCESS_NONE;
    else if (is_redirect(job->out.status))
        h->access = ++h->robots_hops > ROBOTS_REDIRECTS ? ACCESS_ALL : ACCESS_UNKNOWN;
    else if (job->out.status >= 200 && job->out.status < 300)
        h->access = ACCESS_RULES;
    else
        h->access = is_unavailable(job->out.status) ? ACCESS_ALL : ACCESS_NONE;
    h->past.failed = h->past.failed || h->access == ACCESS_NONE;
    h->past.rules = h->past.rules || h->access == ACCESS_RULES;
}

static bool is_forbidden_by_text(const char *path)
{
    return strncmp(path, SCENARIO_FORBIDS, strlen(SCENARIO_FORBIDS)) == 0;
}

static void check_robots(const struct tw_job *job, const struct node *n)
{
    const struct host *h = &k.hosts[n->ref.host];
    const char *path = strchr(strstr(job->url, "://") + 3, '/');

    if (k.s->crawl.ignore_robots || n->exchanges > 0)
        return; /* a retry was judged when it was begun */
    if (k.s->crawl.robots_text != NULL) {
        CHECK(!is_forbidden_by_text(path), "%s: the robots text forbids it", job->url);
        return;
    }
    CHECK(!h->robots_busy && h->access != ACCESS_UNKNOWN, "%s: before robots.txt", job->url);
    CHECK(h->access != ACCESS_NONE, "%s: robots.txt could not be had", job->url);
    CHECK(h->access == ACCESS_NONE || !h->robots_used ||
              clock_ms() < h->robots_ms + robots_age_ms(h), "%s: robots.txt is too old", job->url);
    if (h->access == ACCESS_RULES)
        CHECK(web_robots_allow(&k.s->web, n->ref.host, path), "%s: robots.txt forbids it", job->url);
}

/* ---- exchanges ---- */

/* Of the crawl as a whole: time for all, bytes for what has not begun. */
static void check_budget(const struct tw_job *job, const struct node *n)
{
    const trawl_crawl_options *c = &k.s->crawl;

    if (c->max_time_ms != 0)
        CHECK(clock_ms() <= k.begun_ms + c->max_time_ms, "%s: begun after max_time_ms", job->url);
    if (c->quota != 0 && n->exchanges == 0)
        CHECK(k.bytes < c->quota, "%s: begun after the quota", job->url);
}

static void page_started(const struct tw_job *job, struct node *n)
{
    CHECK(n->successes == 0, "%s: fetched twice", job->url);
    CHECK(!n->in_flight, "%s: fetched twice at once", job->url);
    CHECK(n->exchanges < k.s->options.tries, "%s: tried more than %u times", job->url,
          k.s->options.tries);
    CHECK(!k.stopped, "%s: begun after the stop", job->url);
    CHECK(!k.paused || n->exchanges > 0, "%s: begun in the pause", job->url);
    check_budget(job, n);
    check_robots(job, n);
}

static void crawl_started(const struct tw_job *job, struct node *n)
{
    if (n->ref.kind == REF_ROBOTS)
        robots_started(job, n->ref);
    else
        page_started(job, n);
    if (n->ref.kind != REF_ROBOTS && n->exchanges == 0)
        k.hosts[n->ref.host].robots_used = true;
}

static void on_started(const struct tw_job *job)
{
    struct node *n = record_get(&k.s->web, job->url);
    struct host *h;

    say("start  %s", job->url);
    if (n->ref.kind == REF_NONE) {
        fail("%s: nothing links to that", job->url);
        return;
    }
    h = &k.hosts[n->ref.host];
    check_limits(job, n->ref.host);
    check_pace(job, n->ref.host);
    if (k.s->is_crawl && !n->is_fetch) {
        check_is_bound(job, n);
        check_address(job, n->ref.host);
        crawl_started(job, n);
    }
    check_rate(job);
    k.unbound += !h->bound;
    n->exchanges++;
    n->in_flight = true;
    h->in_flight++;
    h->asked = true;
    h->last_ms = clock_ms();
    k.in_flight++;
    k.starts++;
}

static void hold(struct host *h, uint64_t after_ms)
{
    uint64_t most = k.s->options.retry_after_max_ms;
    uint64_t until = clock_ms() + (most != 0 && after_ms > most ? most : after_ms);

    if (until > h->hold_ms)
        h->hold_ms = until;
}

static void on_ended(const struct tw_job *job, uint64_t after_ms)
{
    struct node *n = record_get(&k.s->web, job->url);
    bool robots_hop = n->ref.kind == REF_ROBOTS && n->ref.n != 0;

    say("end    %s: status %d, %s", job->url, job->out.status, trawl_err_name(job->out.error));
    if (n->ref.kind == REF_NONE)
        return;
    n->in_flight = false;
    n->error = job->out.error;
    n->status = job->out.status;
    n->successes += job->out.error == 0 && !is_temporary(job->out.status);
    k.hosts[n->ref.host].in_flight--;
    k.in_flight--;
    if (!robots_hop && !n->is_fetch && job->out.ip[0] != '\0')
        k.hosts[n->ref.host].bound = true;
    if (k.s->is_crawl && !robots_hop && !n->is_fetch && after_ms > 1)
        hold(&k.hosts[n->ref.host], after_ms);
    if (n->ref.kind == REF_ROBOTS && k.s->is_crawl)
        robots_ended(job, n->ref);
}

/* Of two crawls' look-ups the later one decides, which can only be too lenient. */
static void on_looked_up(const struct tw_lookup *lookup)
{
    uint32_t host;

    say("found  %s: %s", lookup->url, lookup->error == 0 ? lookup->ip : trawl_err_name(lookup->error));
    if (!web_find_host(&k.s->web, lookup->url, &host)) {
        fail("%s: looked up, and nobody's", lookup->url);
        return;
    }
    k.hosts[host].bound = lookup->error == 0;
    k.hosts[host].lookup_failed |= lookup->error != 0;
}

const struct engine_watch check_watch = {on_started, on_ended, on_looked_up};
