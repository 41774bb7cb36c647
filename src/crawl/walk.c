/* A crawl's turns of the loop: what it does in one, and how it is paused, stopped and closed. */
#include "crawl/walk.h"

#include <stdlib.h>
#include <string.h>

/* So many pages are routed or rejected at the most in one turn of the loop. */
#define PAGES_A_STEP 512

static const char *const reject_names[TRAWL_REJECT_COUNT] = {
#define X(name, text) [TRAWL_REJECT_##name] = text,
    TRAWL_REJECT_MAP(X)
#undef X
};

const char *trawl_reject_name(trawl_reject reject)
{
    return (unsigned)reject < TRAWL_REJECT_COUNT ? reject_names[reject] : "unknown";
}

/* ---- turns of the loop ---- */

void tw_crawl_rest(trawl_crawl *c)
{
    if (!tw_link_in_list(&c->restless))
        tw_list_append(&c->t->restless, &c->restless);
    tw_crawl_wake(c->t);
}

/* A seed as it was given. */
struct seed {
    struct tw_link listed;
    struct tw_url url;
};

/* The time is looked at for each of them: some rules of a robots.txt are made to be slow. */
static bool is_slice_over(size_t n, uint64_t began_ns)
{
    return n >= PAGES_A_STEP || (n > 0 && tw_stay_is_over(began_ns));
}

static size_t route_some(trawl_crawl *c)
{
    uint64_t began_ns = uv_hrtime();
    size_t n = 0;

    for (; !is_slice_over(n, began_ns) && !tw_list_empty(&c->seeds); n++) {
        struct seed *seed = tw_container(c->seeds.next, struct seed, listed);
        struct found found = {.url = &seed->url, .role = ROLE_SEED};

        tw_list_remove(&seed->listed);
        c->asking--;
        tw_crawl_found(c, &found);
        tw_url_free(&seed->url);
        free(seed);
    }

    for (; !c->paused && !is_slice_over(n, began_ns) && !tw_list_empty(&c->inbox); n++) {
        struct page *p = tw_container(c->inbox.next, struct page, listed);

        tw_list_remove(&p->listed);
        tw_page_route(p);
    }
    return n;
}

/* Sitemaps that robots.txt files name. */
static void read_sitemaps(trawl_crawl *c)
{
    uint64_t began_ns = uv_hrtime();

    while (!tw_list_empty(&c->reading)) {
        tw_site_read_sitemap(tw_container(c->reading.next, struct site, reading));
        if (tw_stay_is_over(began_ns)) {
            tw_crawl_rest(c);
            return;
        }
    }
}

/* Pages that were queued when the crawl was stopped, or when their site had as many as it may. */
static void reject_some(trawl_crawl *c, size_t n)
{
    uint64_t began_ns = uv_hrtime();

    for (; !is_slice_over(n, began_ns) && !tw_list_empty(&c->surplus); n++) {
        struct site *s = tw_container(c->surplus.next, struct site, surplus);
        struct page *p = tw_container(s->queued.next, struct page, listed);

        tw_page_unqueue(p);
        tw_frontier_remove(c->t->frontier, &p->item);
        tw_page_reject(p, c->stopped ? c->stop_reason : TRAWL_REJECT_LIMIT_HOST, "", 0);
    }
}

/* From the next turn on, what waits is taken back, and of a crawl that is closed what runs, too. */
static void halt_all(trawl_crawl *c)
{
    if (c->closing || c->stop_reason != TRAWL_REJECT_LIMIT_PAGES)
        tw_list_splice(&c->running, &c->halting);
    c->halt_at = c->all_sites.next;
    tw_crawl_rest(c);
}

static bool is_halted_wholly(const trawl_crawl *c)
{
    return tw_list_empty(&c->halting) && c->halt_at == &c->all_sites;
}

static void halt_page(trawl_crawl *c, struct page *p)
{
    tw_list_remove(&p->listed);
    tw_list_append(&c->running, &p->listed);
    if (c->closing)
        tw_fetch_cancel(c->t, p->fetch);
    else
        tw_fetch_cancel_queued(c->t, p->fetch);
}

static void halt_site(trawl_crawl *c, struct site *s)
{
    if (c->closing && s->fetch != NULL)
        tw_fetch_cancel(c->t, s->fetch);
    tw_site_cancel_queued(s);
    tw_site_let_go(s);
    tw_site_shed(s);
}

/* A slice of it. True if that was all. */
static bool halt_some(trawl_crawl *c)
{
    uint64_t began_ns = uv_hrtime();

    while (!is_halted_wholly(c)) {
        if (!tw_list_empty(&c->halting)) {
            halt_page(c, tw_container(c->halting.next, struct page, listed));
        } else {
            struct site *s = tw_container(c->halt_at, struct site, listed);

            c->halt_at = s->listed.next;
            halt_site(c, s);
        }
        if (tw_stay_is_over(began_ns))
            break;
    }
    return is_halted_wholly(c);
}

static void scan_some(trawl_crawl *c)
{
    uint64_t began_ns = uv_hrtime();

    for (size_t n = 0; !tw_list_empty(&c->scans) && !is_slice_over(n, began_ns); n++) {
        struct page *p = tw_container(c->scans.next, struct page, listed);

        tw_list_remove(&p->listed);
        tw_list_append(&c->scans, &p->listed);
        tw_page_scan(p);
    }
    if (!tw_list_empty(&c->scans))
        tw_crawl_rest(c);
}

/* Each costs some microseconds: there are as many as the application has asked. */
static void answer_all(trawl_crawl *c)
{
    struct tw_link askers;

    tw_list_move(&c->askers, &askers);
    while (!tw_list_empty(&askers)) {
        struct asker *a = tw_container(askers.next, struct asker, listed);

        tw_list_remove(&a->listed);
        tw_asker_route(a);
    }
}

/* At the end of a step, where nobody is inside of the crawl. */
static void settle(trawl_crawl *c)
{
    trawl_close_cb cb;
    void *data;

    if (c->pages > 0 || c->asking > 0)
        return;
    if (!c->told_idle && c->callbacks.on_idle != NULL) {
        enum tw_stage before = tw_stay_go(&c->t->stay, TW_STAGE_CALLER);

        c->told_idle = true;
        c->callbacks.on_idle(c, c->callbacks.data);
        tw_stay_go(&c->t->stay, before);
    }
    if (!c->closing || c->pages > 0 || c->asking > 0 || !is_halted_wholly(c))
        return; /* on_idle added a seed, asked, or closed it just now */
    if (!tw_crawl_forget(c)) {
        tw_crawl_rest(c);
        return;
    }
    cb = c->on_close; /* which on_idle may have set */
    data = c->close_data;
    tw_crawl_free(c);
    if (cb != NULL)
        cb(data);
}

void tw_crawl_step(trawl_crawl *c)
{
    size_t n = c->paused ? 0 : route_some(c);

    if (!c->stopped || halt_some(c))
        reject_some(c, n);
    scan_some(c);
    read_sitemaps(c);
    answer_all(c);
    if ((!c->paused && (!tw_list_empty(&c->seeds) || !tw_list_empty(&c->inbox))) ||
        (c->stopped && !is_halted_wholly(c)) || !tw_list_empty(&c->surplus))
        tw_crawl_rest(c);
    else
        settle(c);
}

void tw_crawls_step(trawl *t)
{
    uint64_t began_ns = uv_hrtime();
    struct tw_link restless;

    tw_list_move(&t->restless, &restless);
    while (!tw_list_empty(&restless)) {
        trawl_crawl *c = tw_container(restless.next, trawl_crawl, restless);

        tw_list_remove(&c->restless);
        tw_crawl_step(c);
        if (tw_stay_is_over(began_ns))
            break;
    }
    tw_list_splice(&t->restless, &restless); /* who had no turn goes first in the next */
    tw_list_splice(&restless, &t->restless);
}

/* A crawl that has as many pages as it may tries again for those; what else ends it ends that too. */
static bool is_halted(const trawl_crawl *c, trawl_reject reason)
{
    return c->stopped && (c->stop_reason != TRAWL_REJECT_LIMIT_PAGES || reason == c->stop_reason);
}

/* Whether the deadline can find something that it keeps from being started, again perhaps. */
static bool may_start(const trawl_crawl *c)
{
    return !is_halted(c, TRAWL_REJECT_LIMIT_TIME) && c->pages > 0 &&
           (c->unstarted > 0 || tw_frontier_counts(c->t->frontier).waiting > 0);
}

uint64_t tw_crawls_wake_ms(const trawl *t)
{
    uint64_t wake = UINT64_MAX;

    for (const struct tw_link *l = t->crawls.next; l != &t->crawls; l = l->next) {
        const trawl_crawl *c = tw_container(l, trawl_crawl, link);

        if (may_start(c) && c->deadline_ms < wake)
            wake = c->deadline_ms;
    }
    return wake;
}

void tw_crawls_expire(trawl *t)
{
    uint64_t now = uv_now(t->loop);

    for (struct tw_link *l = t->crawls.next; l != &t->crawls; l = l->next) {
        trawl_crawl *c = tw_container(l, trawl_crawl, link);

        if (c->deadline_ms <= now)
            tw_crawl_halt(c, TRAWL_REJECT_LIMIT_TIME);
    }
}

/* ---- pause, stop and close ---- */

void trawl_crawl_pause(trawl_crawl *c, bool paused)
{
    c->paused = paused && !c->stopped;
    if (!c->paused) {
        tw_crawl_rest(c);
        tw_crawl_wake(c->t);
    }
}

bool tw_crawls_are_paused(const trawl *t)
{
    for (const struct tw_link *l = t->crawls.next; l != &t->crawls; l = l->next) {
        const trawl_crawl *c = tw_container(l, trawl_crawl, link);

        if (c->paused && c->queued > 0)
            return true;
    }
    return false;
}

void tw_crawl_halt(trawl_crawl *c, trawl_reject reason)
{
    if (is_halted(c, reason))
        return;
    c->stopped = true;
    c->paused = false;
    c->stop_reason = reason;
    halt_all(c);
}

void trawl_crawl_stop(trawl_crawl *c)
{
    tw_crawl_halt(c, TRAWL_REJECT_STOPPED);
}

void trawl_crawl_close(trawl_crawl *c, trawl_close_cb cb, void *data)
{
    if (c->on_close == NULL) { /* also if its trawl is being closed */
        c->on_close = cb;
        c->close_data = data;
    }
    if (c->closing)
        return;
    tw_crawl_halt(c, TRAWL_REJECT_STOPPED);
    c->closing = true;
    halt_all(c);
}

void tw_crawls_stop(trawl *t)
{
    for (struct tw_link *l = t->crawls.next; l != &t->crawls; l = l->next)
        tw_crawl_halt(tw_container(l, trawl_crawl, link), TRAWL_REJECT_STOPPED);
}

void tw_crawls_close(trawl *t)
{
    for (struct tw_link *l = t->crawls.next; l != &t->crawls; l = l->next)
        trawl_crawl_close(tw_container(l, trawl_crawl, link), NULL, NULL);
}

/* ---- seeds ---- */

int trawl_crawl_add(trawl_crawl *c, const char *text, size_t len, const char **reason)
{
    struct seed *seed;
    int err;

    if (c->stopped)
        return TRAWL_ECLOSING;
    seed = calloc(1, sizeof(*seed));
    if (seed == NULL)
        return TRAWL_ENOMEM;
    err = tw_url_guess(&seed->url, text, len == SIZE_MAX ? strlen(text) : len, reason);
    if (err == 0)
        err = tw_scope_add_seed(c->scope, &seed->url);
    if (err != 0) {
        tw_url_free(&seed->url);
        free(seed);
        return err;
    }
    tw_list_append(&c->seeds, &seed->listed);
    c->asking++;
    c->told_idle = false;
    tw_crawl_rest(c);
    return 0;
}

void trawl_crawl_get_stats(const trawl_crawl *c, trawl_crawl_stats *stats)
{
    *stats = c->stats;
    stats->queued = c->unstarted;
    stats->in_flight = c->pages - c->unstarted;
}
