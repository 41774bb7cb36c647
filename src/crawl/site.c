/* A crawl's hosts: their robots.txt and their pace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/walk.h"
#include "fetch/proxy.h"
#include "parse/httpdate.h"

#define ORIGIN_MAX 320 /* "https://" + 255 bytes of host + port */
#define ROBOTS_PATH "/robots.txt"
#define ROBOTS_REDIRECTS 5 /* RFC 9309, 2.3.1.2 */
/* Twice what must be read at least (RFC 9309, 2.5); the rest is not looked at. */
#define ROBOTS_TEXT_MAX (2 * TW_ROBOTS_BYTES)
#define ROBOTS_KEPT_MAX ((size_t)1 << 20)
/* When a robots.txt that could not be had is asked for again. */
#define ROBOTS_AGAIN_MS ((uint64_t)30 * 60 * 1000)
/* More than turns of the loop take: who waits for it must find it fresh. */
#define ROBOTS_AGE_MIN_MS 1000

/* ---- pace ---- */

static uint64_t now_of(const struct site *s)
{
    return uv_now(s->c->t->loop);
}

static uint64_t crawl_delay_ms(const struct site *s)
{
    uint64_t delay = s->robots == NULL ? 0 : tw_robots_info(s->robots)->delay_ms;
    uint64_t most = s->c->options.max_crawl_delay_ms;

    return most != 0 && delay > most ? most : delay;
}

static uint32_t clip(uint64_t ms)
{
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static bool name_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct site *s = (const struct site *)entry;

    return s->name_len == len && memcmp(s->name, key, len) == 0;
}

/* The host is the trawl's: where crawls differ, the slowest pace and the longest hold are kept. */
static void add_others(const struct site *s, uint64_t *wait_ms, uint64_t *hold_ms)
{
    const struct tw_link *crawls = &s->c->t->crawls;

    for (const struct tw_link *l = crawls->next; l != crawls; l = l->next) {
        const trawl_crawl *c = tw_container(l, trawl_crawl, link);
        const struct site *other = (const struct site *)tw_map_find(&c->sites, s->entry.hash,
                                                                    name_equal, s->name, s->name_len);

        if (other == NULL || other == s)
            continue;
        if (tw_pace_wait_ms(&other->pace) > *wait_ms)
            *wait_ms = tw_pace_wait_ms(&other->pace);
        if (other->hold_ms > *hold_ms)
            *hold_ms = other->hold_ms;
    }
}

static void settle_pace(struct site *s)
{
    const trawl_options *o = s->c->t->options;
    uint64_t delay = crawl_delay_ms(s);
    struct tw_host_pace pace = {0};
    uint64_t hold_ms = s->hold_ms;

    s->pace.fixed = !o->adaptive_wait;
    s->pace.ceiling_ms = clip(o->max_wait_ms);
    s->pace.base_ms = clip(o->random_wait || delay > o->wait_ms ? delay : o->wait_ms);
    pace.wait_ms = tw_pace_wait_ms(&s->pace);
    pace.random_ms = o->random_wait ? clip(o->wait_ms) : 0;
    add_others(s, &pace.wait_ms, &hold_ms);
    tw_frontier_set_pace(s->c->t->frontier, s->host, pace);
    tw_frontier_hold_until(s->c->t->frontier, s->host, hold_ms);
}

uint64_t tw_site_wait_ms(const struct site *s, char *rule, size_t size)
{
    const trawl_options *o = s->c->t->options;
    uint64_t delay = crawl_delay_ms(s);

    if (delay > o->wait_ms && delay < tw_robots_info(s->robots)->delay_ms)
        snprintf(rule, size, "Crawl-delay, at most --max-crawl-delay");
    else if (delay > o->wait_ms)
        snprintf(rule, size, "Crawl-delay");
    else
        snprintf(rule, size, "%s", o->wait_ms > 0 ? "--wait" : "");
    return delay > o->wait_ms ? delay : o->wait_ms;
}

static enum tw_pace_answer meaning(const struct tw_outcome *out)
{
    if (out->error == 0)
        return out->status == 429 || out->status == 503 ? TW_PACE_BUSY : TW_PACE_GOOD;
    switch (out->error) {
    case TRAWL_ECONNECT:
    case TRAWL_ECONNTIMEOUT:
    case TRAWL_ETIMEDOUT:
    case TRAWL_ELOWSPEED:
    case TRAWL_ERESET:
    case TRAWL_EEMPTY: return TW_PACE_TROUBLE;
    default: return TW_PACE_NOTHING;
    }
}

/* Hosts at one address share its pace; behind a proxy nobody knows who does. */
static void note_address(struct site *s, const char *text, size_t len)
{
    struct tw_addr addr;

    if (len == 0 || tw_proxy_for(s->c->t->options, s->name) != NULL ||
        !tw_addr_parse(text, len, &addr))
        return;
    if (addr.size == s->addr.size && memcmp(addr.bytes, s->addr.bytes, addr.size) == 0)
        return;
    if (tw_frontier_bind(s->c->t->frontier, s->host, addr.bytes, addr.size) == 0)
        s->addr = addr;
}

/* Retry-After holds the whole host (RFC 9110, 10.2.3). */
static void note_retry_after(struct site *s, const struct flight *flight)
{
    const char *after = tw_headers_get(&flight->headers, "retry-after");
    uint64_t after_ms, until_ms, most = s->c->t->options->retry_after_max_ms;

    if (after == NULL || meaning(&flight->job.out) != TW_PACE_BUSY ||
        tw_retry_after_parse(after, strlen(after), (int64_t)time(NULL), &after_ms) != 0)
        return;
    until_ms = tw_pace_hold_ms(now_of(s), after_ms, most == 0 ? UINT64_MAX : most);
    if (until_ms <= s->hold_ms)
        return; /* another answer asked for more */
    s->hold_ms = until_ms;
}

void tw_site_answered(struct site *s, const struct flight *flight)
{
    const struct tw_outcome *out = &flight->job.out;

    note_address(s, out->ip, strlen(out->ip));
    tw_pace_answered(&s->pace, meaning(out), out->first_byte_us, now_of(s));
    note_retry_after(s, flight);
    settle_pace(s);
}

/* ---- life ---- */

static struct site *site_new(trawl_crawl *c, const char *name, size_t len, uint64_t hash)
{
    struct site *s = calloc(1, sizeof(*s) + len + 1);

    if (s == NULL)
        return NULL;
    s->c = c;
    s->entry.hash = hash;
    s->name_len = len;
    memcpy(s->name, name, len);
    tw_list_init(&s->held);
    tw_list_init(&s->askers);
    tw_list_init(&s->queued);
    s->host = tw_frontier_hold_host(c->t->frontier, name, len);
    if (s->host != NULL && tw_map_add(&c->sites, &s->entry) == 0) {
        tw_list_append(&c->all_sites, &s->listed);
        return s;
    }
    tw_frontier_drop_host(c->t->frontier, s->host);
    free(s);
    return NULL;
}

struct site *tw_site_get(trawl_crawl *c, const struct tw_url *url)
{
    char name[ORIGIN_MAX];
    size_t len = tw_url_origin(url, name, sizeof(name));
    uint64_t hash = tw_hash(name, len < sizeof(name) ? len : 0, c->t->hash_seed);
    struct site *s;

    if (len >= sizeof(name))
        return NULL;
    s = (struct site *)tw_map_find(&c->sites, hash, name_equal, name, len);
    if (s != NULL)
        return s;
    s = site_new(c, name, len, hash);
    if (s == NULL)
        return NULL;
    s->host_is_ip = url->host_is_ip;
    if (url->host_is_ip)
        note_address(s, url->href + url->host.at, url->host.len);
    if (c->options.ignore_robots || c->options.robots_text != NULL) {
        s->state = SITE_KNOWN;
        s->robots = c->robots;
        s->access = c->robots == NULL ? TW_ROBOTS_ALLOW_ALL : TW_ROBOTS_RULES;
        s->robots_until_ms = UINT64_MAX;
    }
    settle_pace(s);
    c->stats.hosts++;
    return s;
}

void tw_site_free(struct site *s)
{
    if (s->robots != s->c->robots)
        tw_robots_free(s->robots);
    tw_buf_free(&s->text);
    tw_source_drop(s->robots_url);
    tw_list_remove(&s->listed);
    tw_frontier_drop_host(s->c->t->frontier, s->host);
    free(s);
}

/* ---- its limit ---- */

bool tw_site_is_full(const struct site *s)
{
    uint64_t most = s->c->options.max_pages_per_host;

    return most != 0 && s->started >= most;
}

void tw_site_shed(struct site *s)
{
    if (tw_list_empty(&s->queued) || tw_link_in_list(&s->surplus))
        return;
    tw_list_append(&s->c->surplus, &s->surplus);
    tw_crawl_rest(s->c);
}

/* ---- its name ---- */

/* A name that could not be looked up is none of ours to tell: the fetch will meet with the same. */
static void on_looked_up(struct tw_lookup *lookup)
{
    struct site *s = tw_container(lookup, struct site, lookup);

    s->looking_up = false;
    s->c->asking--;
    if (lookup->error == 0)
        note_address(s, lookup->ip, strlen(lookup->ip));
    tw_site_let_go(s);
}

/* Before anything is asked of it: hosts that share an address share its limits from the start. */
static bool is_looked_up(struct site *s)
{
    trawl *t = s->c->t;

    if (s->looked_up)
        return !s->looking_up;
    s->looked_up = true;
    if (t->ops->resolve == NULL)
        return true;
    s->lookup = (struct tw_lookup){.url = s->name, .host_is_ip = s->host_is_ip, .cb = on_looked_up};
    if (t->ops->resolve(t->engine, &s->lookup) != 0)
        return true;
    s->looking_up = true;
    s->c->asking++;
    return false;
}

void tw_site_cancel_queued(struct site *s)
{
    if (s->looking_up)
        s->c->t->ops->unresolve(s->c->t->engine, &s->lookup);
    if (s->fetch != NULL)
        tw_fetch_cancel_queued(s->c->t, s->fetch);
}

/* ---- robots.txt ---- */

/* A rule that the limit has cut is another rule. */
static size_t whole_lines(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] != '\n' && text[len - 1] != '\r')
        len--;
    return len;
}

static void read_rules(struct site *s)
{
    const char *text = s->text.data == NULL ? "" : s->text.data;
    size_t len = s->robots_error == 0 ? s->text.len : whole_lines(text, s->text.len);

    /* Without memory for the rules nothing may be fetched. */
    if (tw_robots_parse(&s->robots, text, len, s->c->agent, ROBOTS_KEPT_MAX) != 0)
        s->access = TW_ROBOTS_DISALLOW_ALL;
}

static void end_sitemaps(struct site *s)
{
    if (!tw_link_in_list(&s->reading))
        return;
    tw_list_remove(&s->reading);
    tw_source_drop(s->robots_url);
    s->robots_url = NULL;
    s->c->asking--;
}

/* There may be tens of thousands: the crawl's steps take them up. */
static void find_sitemaps(struct site *s)
{
    const struct tw_url *url = &s->fetch->url;

    if (s->robots == NULL || s->c->options.no_sitemaps || tw_robots_info(s->robots)->sitemaps == 0)
        return;
    s->robots_url = tw_source_new(url->href, url->len);
    if (s->robots_url == NULL)
        return;
    s->sitemap_at = 0;
    s->c->asking++;
    tw_list_append(&s->c->reading, &s->reading);
    tw_crawl_rest(s->c);
}

static void find_sitemap(struct site *s, const char *value)
{
    struct found found = {.source = s->robots_url, .role = ROLE_SITEMAP};
    struct tw_url own, url;

    if (tw_url_parse(&own, s->robots_url->url, strlen(s->robots_url->url), NULL, NULL) != 0)
        return;
    found.from = &own;
    if (tw_url_parse(&url, value, strlen(value), &own, NULL) == 0) {
        found.url = &url;
        tw_crawl_found(s->c, &found);
        tw_url_free(&url);
    }
    tw_url_free(&own);
}

void tw_site_read_sitemap(struct site *s)
{
    size_t n = tw_robots_info(s->robots)->sitemaps;

    if (s->sitemap_at < n && !s->c->stopped)
        find_sitemap(s, tw_robots_sitemap(s->robots, s->sitemap_at++, NULL));
    if (s->sitemap_at >= n || s->c->stopped)
        end_sitemaps(s);
}

void tw_site_let_go(struct site *s)
{
    tw_list_splice(&s->held, &s->c->inbox);
    tw_list_splice(&s->askers, &s->c->askers);
    tw_crawl_rest(s->c);
}

static uint64_t robots_until_ms(const struct site *s)
{
    uint64_t now = now_of(s), age = s->c->options.robots_max_age_ms;

    if (s->access == TW_ROBOTS_DISALLOW_ALL && (age == 0 || age > ROBOTS_AGAIN_MS))
        age = ROBOTS_AGAIN_MS;
    if (age == 0 || age > UINT64_MAX - now)
        return UINT64_MAX;
    return now + (age < ROBOTS_AGE_MIN_MS ? ROBOTS_AGE_MIN_MS : age);
}

static void on_robots(trawl *t, const trawl_result *result)
{
    struct site *s = result->data;
    trawl_crawl *c = s->c;

    (void)t;
    end_sitemaps(s);
    if (s->robots != c->robots)
        tw_robots_free(s->robots);
    s->robots = NULL;
    s->robots_status = result->status;
    s->robots_error = result->error;
    s->access = tw_robots_access(result->error, result->status);
    if (s->text_try != result->tries) /* the last one had no body */
        s->text.len = 0;
    if (s->access == TW_ROBOTS_RULES)
        read_rules(s);
    s->robots_until_ms = robots_until_ms(s);
    s->robots_used = false;
    s->robots_version++;
    s->state = SITE_KNOWN;
    settle_pace(s);
    find_sitemaps(s);
    tw_buf_free(&s->text);
    s->fetch = NULL;
    c->asking--;
    tw_site_let_go(s);
}

static int on_robots_body(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                          void *data)
{
    struct site *s = data;
    size_t room;

    (void)t;
    (void)id;
    if (tries != s->text_try)
        s->text.len = 0;
    s->text_try = tries;
    room = ROBOTS_TEXT_MAX - s->text.len;
    if (tw_buf_append(&s->text, bytes, len < room ? len : room) != 0)
        return TRAWL_ENOMEM;
    return len > room ? TRAWL_EBODYSIZE : 0; /* what is there is read all the same */
}

static int ask(struct site *s)
{
    trawl *t = s->c->t;
    trawl_request request = TRAWL_REQUEST_INIT;
    char url[ORIGIN_MAX + sizeof(ROBOTS_PATH)];
    int err;

    snprintf(url, sizeof(url), "%s%s", s->name, ROBOTS_PATH);
    request.url = url;
    request.url_len = strlen(url);
    request.on_done = on_robots;
    request.on_body = on_robots_body;
    request.data = s;
    s->text_try = 0;
    err = tw_fetch_new(t, &request, &s->fetch);
    if (err != 0)
        return err;
    s->fetch->site = s;
    s->fetch->max_redirects = ROBOTS_REDIRECTS;
    s->fetch->keep = 0;
    err = tw_url_parse(&s->fetch->url, url, request.url_len, NULL, NULL);
    if (err == 0)
        err = tw_fetch_enqueue(t, s->fetch, TW_PLACE_FIRST);
    if (err != 0)
        tw_fetch_finish_later(t, s->fetch, err);
    s->c->stats.robots++;
    s->c->asking++;
    return 0;
}

/* Without memory to ask nothing may be fetched. */
static void close_for_now(struct site *s)
{
    s->fetch = NULL;
    s->robots_version++;
    s->state = SITE_KNOWN;
    s->access = TW_ROBOTS_DISALLOW_ALL;
    s->robots_error = TRAWL_ENOMEM;
    s->robots_until_ms = now_of(s) + ROBOTS_AGAIN_MS;
}

bool tw_site_is_known(const struct site *s)
{
    return s->state == SITE_KNOWN && s->robots_until_ms > now_of(s);
}

bool tw_site_is_ready(struct site *s)
{
    if (s->state == SITE_ASKING || !is_looked_up(s))
        return false;
    if (tw_site_is_known(s))
        return true;
    s->state = SITE_ASKING;
    if (ask(s) == 0)
        return false;
    close_for_now(s);
    return true;
}

bool tw_site_may_start(struct site *s)
{
    bool may = s->state == SITE_KNOWN && !s->robots_used;

    may = may || tw_site_is_ready(s);
    s->robots_used = s->robots_used || may;
    return may;
}

int tw_site_judge(const struct site *s, const struct tw_url *url,
                  struct tw_robots_verdict *verdict)
{
    *verdict = (struct tw_robots_verdict){.allowed = s->access == TW_ROBOTS_ALLOW_ALL};
    return s->access == TW_ROBOTS_RULES ? tw_robots_judge(s->robots, url, verdict) : 0;
}
