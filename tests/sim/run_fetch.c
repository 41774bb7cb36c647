/* Single fetches: whatever the caller does, each comes back once. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "clock.h"
#include "random.h"
#include "run.h"

#define ITEMS 200
#define OWN_CODE (-777)

struct item {
    trawl_id id;
    int calls;
    unsigned tries;
    bool cancelled, paused, refused;
};

static struct item items[ITEMS];
static size_t item_count, steps;
static struct sim_event wake;

static unsigned below(unsigned n)
{
    return rng_below(&run.rng, n);
}

static void step(unsigned chance_of);

static void on_done(trawl *t, const trawl_result *r)
{
    struct item *i = r->data;

    run_called_back("on_done");
    say("done   %s: %s", r->url, trawl_err_name(r->error));
    CHECK(++i->calls == 1, "%s: done %d times", r->url, i->calls);
    CHECK(i->id == r->id, "%s: another id", r->url);
    CHECK(r->error != TRAWL_ECANCELED || i->cancelled || run.stopped, "%s: canceled by nobody",
          r->url);
    CHECK(r->error != OWN_CODE || i->refused, "%s: refused by nobody", r->url);
    CHECK(r->error != TRAWL_EINTERNAL, "%s: %s", r->url, trawl_strerror(r->error));
    CHECK(r->error != TRAWL_ENOMEM || run.s->memory_fails != 0, "%s: ENOMEM", r->url);
    CHECK(r->tries <= run.s->options.tries, "%s: %u tries", r->url, r->tries);
    CHECK(r->redirects <= run.s->options.max_redirects, "%s: %u redirects", r->url, r->redirects);
    CHECK(trawl_cancel(t, r->id) == TRAWL_ENOENT, "%s: is not over", r->url);
    i->paused = false;
    run_take_body(r);
    step(3);
}

static int on_body(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                   void *data)
{
    struct item *i = data;

    (void)t, (void)bytes;
    run_called_back("on_body");
    CHECK(i->calls == 0 && i->id == id && len > 0, "a chunk of what is over");
    CHECK(tries >= i->tries, "try %u after try %u", tries, i->tries);
    i->tries = tries;
    step(5);
    if (below(8) == 0) {
        i->paused = true;
        return TRAWL_PAUSE;
    }
    i->refused = below(60) == 0;
    return i->refused ? OWN_CODE : 0;
}

static void do_fetch(void)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    const struct web *w = &run.s->web;
    struct item *i = &items[item_count];
    struct ref ref = {below(w->hosts), REF_PAGE, 0};
    char url[WEB_URL_MAX];
    int err;

    if (item_count == ITEMS)
        return;
    ref.n = below(web_pages(w, ref.host));
    web_url(w, ref, url);
    request.url = below(20) == 0 ? "http://a b/" : url;
    request.on_done = on_done;
    request.on_body = below(3) == 0 ? NULL : on_body;
    request.data = i;
    CALL(err = trawl_fetch(run.t, &request, &i->id));
    CHECK(err == 0 || (err == TRAWL_ECLOSING && run.stopped) ||
              (err == TRAWL_ENOMEM && run.s->memory_fails != 0), "trawl_fetch: %s",
          trawl_err_name(err));
    item_count += err == 0;
}

static void do_cancel(void)
{
    struct item *i = &items[below((unsigned)item_count)];
    int err;

    CALL(err = trawl_cancel(run.t, i->id));
    CHECK(err == (i->calls > 0 ? TRAWL_ENOENT : 0), "trawl_cancel: %s", trawl_err_name(err));
    i->cancelled = true;
}

static void do_resume(struct item *i)
{
    int err;

    CALL(err = trawl_resume(run.t, i->id));
    CHECK(err == (i->calls > 0 ? TRAWL_ENOENT : 0), "trawl_resume: %s", trawl_err_name(err));
    i->paused = false;
}

static void step(unsigned chance_of)
{
    unsigned n = below(100);

    if (steps == 0 || below(chance_of) != 0)
        return;
    steps--;
    if (n < 70 || item_count == 0)
        do_fetch();
    else if (n < 80)
        do_cancel();
    else if (n < 97)
        do_resume(&items[below((unsigned)item_count)]);
    else if (run.s->ends_early && n == 98)
        run_stop();
    else if (run.s->ends_early && n == 99)
        run_close();
}

static void on_wake(struct sim_event *event)
{
    bool any = false;

    for (unsigned n = 1 + below(6); n > 0 && !run.closed; n--)
        step(1);
    for (size_t i = 0; i < item_count && !run.closed; i++) {
        any = any || items[i].calls == 0;
        if (items[i].paused && (steps == 0 || below(3) == 0))
            do_resume(&items[i]);
    }
    if (!run.closed && (steps > 0 || any))
        clock_in(event, below(500000), on_wake);
}

void fetches_begin(void)
{
    memset(items, 0, sizeof(items));
    memset(&wake, 0, sizeof(wake));
    item_count = 0;
    steps = 20 + below(180);
    clock_in(&wake, 0, on_wake);
}

void fetches_end(void)
{
    for (size_t i = 0; i < item_count; i++)
        CHECK(items[i].calls == 1, "fetch %zu: done %d times", i, items[i].calls);
}
