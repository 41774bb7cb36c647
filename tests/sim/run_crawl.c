/* Crawls: what they tell is noted for the oracle, and the caller meddles. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "clock.h"
#include "memory.h"
#include "oracle.h"
#include "random.h"
#include "record.h"
#include "run.h"

/* What the core may have beside pages that are queued and in flight. */
#define MEMORY_BASE ((size_t)2 << 20)
#define MEMORY_A_FLIGHT ((size_t)256 << 10)
#define MEMORY_A_PAGE ((size_t)2 << 10)
#define MEMORY_A_HOST ((size_t)16 << 10)
#define FETCHES_MAX 40

static struct {
    trawl_crawl *c; /* NULL once it is closed */
    struct sim_event wake, go_on; /* go_on: after a pause */
    unsigned seeds_left;
    uint64_t pages, rejected, idles, asked, answered;
    bool stopped, closing; /* the crawl alone */
    bool idle;
    uint64_t fetched, done; /* single fetches, or pages of the second crawl */
    trawl_crawl *second;    /* NULL if there is none */
    bool second_stopped;
} k;

static unsigned below(unsigned n)
{
    return rng_below(&run.rng, n);
}

/* ---- what the caller does ---- */

/* A limit of the crawl as a whole. */
static bool may_end_itself(void)
{
    const trawl_crawl_options *c = &run.s->crawl;

    return c->max_pages != 0 || c->max_time_ms != 0 || c->quota != 0;
}

static void add_seed(struct ref ref)
{
    char url[WEB_URL_MAX];
    struct node *n;
    int err;

    web_url(&run.s->web, ref, url);
    say("seed   %s", url);
    n = record_get(&run.s->web, url);
    if (below(2) == 0)
        strcat(url, "#top");
    CALL(err = trawl_crawl_add(k.c, url, SIZE_MAX, NULL));
    n->is_seed = n->is_seed || err == 0;
    k.idle = k.idle && err != 0;
    if (err == TRAWL_ECLOSING)
        CHECK(run.stopped || k.stopped || k.closing || may_end_itself(),
              "trawl_crawl_add: ECLOSING");
    else
        CHECK(err == 0 || (err == TRAWL_ENOMEM && run.s->memory_fails != 0),
              "trawl_crawl_add: %s", trawl_err_name(err));
}

static void add_late_seed(void)
{
    if (k.seeds_left > 0)
        add_seed(run.s->seeds[run.s->seed_count - k.seeds_left--]);
}

static void on_done(trawl *t, const trawl_result *r)
{
    run_called_back("on_done");
    CHECK(t == run.t && r->data == &k, "a fetch of another trawl");
    CHECK(r->error != TRAWL_ECANCELED || run.stopped, "%s: canceled by nobody", r->url);
    k.done++;
}

/* Beside the crawl, of what it does not know. */
static void fetch(void)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    char url[WEB_URL_MAX];
    int err;

    if (!run.s->fetches_too || k.fetched == FETCHES_MAX || run.s->second_crawl)
        return;
    web_url(&run.s->web, (struct ref){below(run.s->web.hosts), REF_DEEP, 1 + below(9)}, url);
    record_get(&run.s->web, url)->is_fetch = true;
    request.url = url;
    request.on_done = on_done;
    request.data = &k;
    CALL(err = trawl_fetch(run.t, &request, NULL));
    k.fetched += err == 0;
}

/* ---- another crawl beside it ---- */

static void meddle(void);

static void on_second_page(trawl_crawl *c, const trawl_page *p, void *data)
{
    run_called_back("on_page of the second");
    CHECK(c == k.second && data == &k.second, "a page of no crawl");
    CHECK(p->result.error != TRAWL_ECANCELED || run.stopped || k.second_stopped,
          "%s: canceled by nobody", p->result.url);
    k.done++;
    if (!run.closing) /* else the other one may be gone */
        meddle();
}

static void on_second_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    run_called_back("on_rejected of the second");
    CHECK(c == k.second && data == &k.second, "a rejection of no crawl");
    if (r->from != NULL)
        return; /* its links are too far away */
    CHECK(r->reason != TRAWL_REJECT_STOPPED || run.stopped || k.second_stopped,
          "%s: stopped by nobody", r->url);
    k.done++;
}

static void on_second_closed(void *data)
{
    run_called_back("the second crawl's close");
    CHECK(data == &k.second && k.second_stopped, "the second crawl closed by itself");
    k.second = NULL;
    say("second crawl closed");
}

static void open_second(void)
{
    trawl_crawl_options options = TRAWL_CRAWL_OPTIONS_INIT;
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    int err;

    options.level = 0;
    options.ignore_robots = true;
    callbacks.on_page = on_second_page;
    callbacks.on_rejected = on_second_rejected;
    callbacks.data = &k.second;
    CALL(err = trawl_crawl_open(&k.second, run.t, &options, &callbacks, NULL, 0));
    if (err != 0)
        k.second = NULL;
}

static void close_second(void)
{
    say("second crawl close");
    k.second_stopped = true;
    CALL(trawl_crawl_close(k.second, on_second_closed, &k.second));
}

static void feed_second(void)
{
    char url[WEB_URL_MAX];
    int err;

    if (k.second == NULL || k.fetched == FETCHES_MAX)
        return;
    web_url(&run.s->web, (struct ref){below(run.s->web.hosts), REF_DEEP, 1 + below(9)}, url);
    record_get(&run.s->web, url)->is_fetch = true;
    CALL(err = trawl_crawl_add(k.second, url, SIZE_MAX, NULL));
    k.fetched += err == 0;
    if (run.s->ends_early && !k.second_stopped && below(20) == 0)
        close_second();
}

static void on_verdict(trawl_crawl *c, const trawl_verdict *v, void *data)
{
    (void)data;
    run_called_back("on_verdict");
    CHECK(c == k.c, "a verdict of another crawl");
    CHECK(v->error == 0 || ((run.stopped || k.stopped || k.closing || may_end_itself()) &&
                            v->error == TRAWL_ECANCELED) ||
              (v->error == TRAWL_ENOMEM && run.s->memory_fails != 0), "explain: %s", trawl_err_name(v->error));
    k.answered++;
}

static void explain(void)
{
    const struct web *w = &run.s->web;
    struct ref ref = {below(w->hosts), REF_PAGE, 0};
    char url[WEB_URL_MAX];
    int err;

    web_url(w, ref, url);
    say("explain %s", url);
    CALL(err = trawl_crawl_explain(k.c, url, SIZE_MAX, NULL, on_verdict, NULL));
    k.asked += err == 0;
    k.idle = k.idle && err != 0;
}

static void on_crawl_closed(void *data)
{
    run_called_back("the crawl's close");
    CHECK(data == &k && k.closing, "the crawl closed by itself");
    CHECK(k.asked == k.answered, "%llu of %llu verdicts came", (unsigned long long)k.answered,
          (unsigned long long)k.asked);
    k.c = NULL;
    say("crawl closed");
}

static void end_early(void)
{
    switch (below(4)) {
    case 0: run_stop(); break;
    case 1: run_close(); break;
    case 2:
        say("crawl stop");
        check_stopped();
        k.stopped = true;
        CALL(trawl_crawl_stop(k.c));
        break;
    default:
        say("crawl close");
        check_stopped();
        k.closing = true;
        CALL(trawl_crawl_close(k.c, on_crawl_closed, &k));
    }
}

static void set_paused(bool paused)
{
    say("%s", paused ? "pause" : "go on");
    check_paused(paused);
    CALL(trawl_crawl_pause(k.c, paused));
}

static void on_go_on(struct sim_event *event)
{
    (void)event;
    if (k.c != NULL && !run.closing)
        set_paused(false);
}

static void take_a_pause(void)
{
    set_paused(true);
    clock_in(&k.go_on, below(20000000), on_go_on);
}

static void check_memory(void)
{
    trawl_crawl_stats stats;

    CALL(trawl_crawl_get_stats(k.c, &stats));
    CHECK(memory_live() <= MEMORY_BASE + (stats.in_flight + stats.robots) * MEMORY_A_FLIGHT +
                               stats.queued * MEMORY_A_PAGE + stats.hosts * MEMORY_A_HOST,
          "%zu bytes for %llu queued and %llu in flight", memory_live(),
          (unsigned long long)stats.queued, (unsigned long long)stats.in_flight);
}

/* Something or other, sometimes. */
static void meddle(void)
{
    unsigned n;

    if (k.c == NULL || run.closed || !rng_chance(&run.rng, run.s->meddling))
        return;
    n = below(20);
    if (n < 3)
        add_late_seed();
    else if (n < 5)
        add_seed(run.s->seeds[below(run.s->seed_count - k.seeds_left)]);
    else if (n < 7)
        explain();
    else if (n < 10)
        check_memory();
    else if (n < 12) {
        fetch();
        feed_second();
    }
    else if (n == 12 && run.s->ends_early)
        end_early();
    else if (n == 13)
        take_a_pause();
}

/* ---- what the crawl tells ---- */

static void check_from(const trawl_page *p, const struct node *n)
{
    const struct node *from = p->from == NULL ? NULL : record_find(p->from);

    if (from == NULL) {
        CHECK((p->from == NULL && n->is_seed && p->depth == 0) || run.s->memory_fails != 0,
              "%s: from %s, at depth %u", n->url, p->from == NULL ? "nowhere" : p->from, p->depth);
        return;
    }
    if (from->ref.kind == REF_ROBOTS)
        CHECK(p->depth == 0, "%s: depth %u from robots.txt", n->url, p->depth);
    else if (from->pages == 0)
        return; /* left out for its type: nobody need have told of its depth */
    else if (from->ref.kind == REF_SITEMAP && from->ref.n == 0)
        CHECK(p->depth == from->depth, "%s: depth %u from an index of depth %u", n->url, p->depth,
              from->depth);
    else if (from->status >= 300 && from->status < 400)
        CHECK(p->depth == from->depth, "%s: depth %u after a redirect of depth %u", n->url,
              p->depth, from->depth);
    else
        CHECK(p->depth == from->depth + 1, "%s: depth %u from depth %u", n->url, p->depth,
              from->depth);
}

static void check_title(const trawl_page *p, const struct node *n)
{
    char title[64];

    if (n->ref.kind != REF_PAGE || n->error != 0 || n->status != 200 || p->title == NULL)
        return;
    snprintf(title, sizeof(title), "%u of %u", n->ref.n, n->ref.host);
    CHECK(strcmp(p->title, title) == 0 || strcmp(p->title, "same") == 0, "%s: title '%s'",
          n->url, p->title);
}

/* Those with the digest of an earlier page repeat the first one that had it. */
static void check_body(const trawl_page *p, struct node *n)
{
    check_title(p, n);
    memcpy(n->digest, p->digest, sizeof(n->digest));
    n->index = p->index;
    if (p->digest[0] == '\0' || run.s->memory_fails != 0)
        return;
    for (size_t i = 0; i < record_count(); i++) {
        const struct node *other = record_at(i);

        if (other == n || other->pages == 0 || other->index > n->index ||
            strcmp(other->digest, n->digest) != 0)
            continue;
        CHECK(p->is_repeat && p->repeats <= other->index, "%s: the same as %s, and not told",
              n->url, other->url);
        return;
    }
    CHECK(!p->is_repeat, "%s: repeats none", n->url);
}

static void on_page(trawl_crawl *c, const trawl_page *p, void *data)
{
    struct node *n = record_get(&run.s->web, p->result.url);

    run_called_back("on_page");
    say("page   %s: %d, %s, %zu links, depth %u from %s", p->result.url, p->result.status,
        trawl_err_name(p->result.error), p->links, p->depth, p->from == NULL ? "-" : p->from);
    CHECK(c == k.c && data == &k, "a page of another crawl");
    CHECK(p->index == k.pages, "%s: index %llu", n->url, (unsigned long long)p->index);
    CHECK(!n->in_flight, "%s: delivered in flight", n->url);
    CHECK(p->result.tries == n->exchanges, "%s: %u tries of %u", n->url, p->result.tries,
          n->exchanges);
    CHECK(p->result.error != TRAWL_ECANCELED || k.closing || k.stopped || run.stopped ||
              may_end_itself(), "%s: canceled by nobody", n->url);
    k.pages++;
    k.idle = false;
    n->pages++;
    n->page_error = p->result.error;
    n->page_status = p->result.status;
    n->depth = p->depth;
    check_from(p, n);
    check_body(p, n);
    check_bytes(p->result.bytes);
    run_take_body(&p->result);
    meddle();
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    struct node *n;

    run_called_back("on_rejected");
    CHECK(c == k.c && data == &k, "a rejection of another crawl");
    say("reject %s: %s %s%s%s", r->url, trawl_reject_name(r->reason), r->rule,
        r->from != NULL ? ", from " : "", r->from != NULL ? r->from : "");
    k.rejected++;
    k.idle = false;
    if (r->reason != TRAWL_REJECT_SCHEME && r->reason != TRAWL_REJECT_DUPLICATE) {
        n = record_get(&run.s->web, r->url);
        if (r->reason == TRAWL_REJECT_MIME_TYPE) {
            n->filtered++;
            n->depth = r->depth; /* it was fetched, and may lead on */
        } else if (r->reason != TRAWL_REJECT_LIMIT_LINKS) {
            n->reason = n->rejections++ == 0 ? (int)r->reason : n->reason;
        }
    }
    meddle();
}

static void on_idle(trawl_crawl *c, void *data)
{
    trawl_crawl_stats stats;

    run_called_back("on_idle");
    say("idle");
    CHECK(c == k.c && data == &k, "another crawl is idle");
    CHECK(!k.idle, "idle twice");
    CALL(trawl_crawl_get_stats(c, &stats));
    CHECK(stats.queued == 0 && stats.in_flight == 0, "idle with %llu queued, %llu in flight",
          (unsigned long long)stats.queued, (unsigned long long)stats.in_flight);
    CHECK(stats.pages == k.pages, "%llu pages in the statistics, %llu delivered",
          (unsigned long long)stats.pages, (unsigned long long)k.pages);
    k.idles++;
    k.idle = true;
    add_late_seed();
    meddle();
}

/* ---- the run ---- */

static void on_wake(struct sim_event *event)
{
    trawl_crawl_stats stats;

    if (run.closing || k.c == NULL)
        return;
    meddle();
    if (run.closing || k.c == NULL)
        return;
    trawl_crawl_get_stats(k.c, &stats);
    if (stats.queued + stats.in_flight > 0 || k.closing)
        clock_in(event, 1 + below(below(2) == 0 ? 3000000 : 3000), on_wake);
}

void crawl_begin(void)
{
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    char text[256] = "";
    int err;

    memset(&k, 0, sizeof(k));
    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    callbacks.report_duplicates = run.s->report_duplicates;
    callbacks.data = &k;
    k.seeds_left = run.s->late_seeds;
    k.idle = true;
    CALL(err = trawl_crawl_open(&k.c, run.t, &run.s->crawl, &callbacks, text, sizeof(text)));
    if (err != 0) {
        CHECK(err == TRAWL_ENOMEM && run.s->memory_fails != 0, "trawl_crawl_open: %s %s",
              trawl_err_name(err), text);
        k.c = NULL;
        return;
    }
    if (run.s->second_crawl)
        open_second();
    for (unsigned i = 0; i < run.s->seed_count - run.s->late_seeds; i++)
        add_seed(run.s->seeds[i]);
    clock_in(&k.wake, below(100000), on_wake);
}

/* Never more than there may be; and as many, if something was left out for that. */
static void check_host(uint32_t host, uint64_t most)
{
    uint64_t fetched = 0, left_out = 0;

    for (size_t i = 0; i < record_count(); i++) {
        const struct node *n = record_at(i);

        if (n->ref.host != host)
            continue;
        fetched += n->pages + n->filtered;
        left_out += n->rejections > 0 && n->reason == TRAWL_REJECT_LIMIT_HOST;
    }
    CHECK(fetched <= most, "%llu pages of host %u", (unsigned long long)fetched, host);
    CHECK(left_out == 0 || fetched == most || run.s->memory_fails != 0,
          "%llu pages of host %u, and %llu were left out", (unsigned long long)fetched, host,
          (unsigned long long)left_out);
}

static void check_hosts(void)
{
    for (uint32_t host = 0; host < run.s->web.hosts; host++)
        check_host(host, run.s->crawl.max_pages_per_host);
}

static bool is_whole(void)
{
    return !run.stopped && !k.stopped && !k.closing && !may_end_itself() && k.seeds_left == 0;
}

void crawl_end(void)
{
    const trawl_crawl_options *c = &run.s->crawl;

    if (k.c != NULL && !run.closed)
        CHECK(k.idle, "it ended, and was not idle");
    if (k.c != NULL && !run.closing)
        check_memory();
    if (c->max_pages != 0)
        CHECK(k.pages <= c->max_pages, "%llu pages", (unsigned long long)k.pages);
    if (c->max_pages_per_host != 0)
        check_hosts();
    CHECK(k.asked == k.answered, "%llu of %llu verdicts came", (unsigned long long)k.answered,
          (unsigned long long)k.asked);
    oracle_check(run.s, is_whole());
}

void crawl_check_closed(void)
{
    CHECK(!k.second_stopped || k.second == NULL, "the second crawl's close never called back");
    CHECK(!k.closing || k.c == NULL, "trawl_crawl_close never called back");
    /* Without memory a link may not know where it is from, and be taken for a seed. */
    CHECK(k.fetched == k.done || (k.done > k.fetched && run.s->memory_fails != 0),
          "%llu of %llu fetches came back", (unsigned long long)k.done,
          (unsigned long long)k.fetched);
}
