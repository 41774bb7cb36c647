/* What a trawl tells of itself: what holds the loop, and what becomes of each fetch. */
#include <stdio.h>
#include <string.h>

#include "crawl/walk.h"

/* ---- stays ---- */

/* In the middle of anything: the log gets it on the next turn. */
static void on_long(void *data, const char *stage, uint64_t us)
{
    trawl *t = data;
    bool ours = strcmp(stage, "caller") != 0;
    uint64_t *longest = ours ? &t->long_stay.us : &t->long_caller.us;

    if (us <= *longest)
        return;
    *longest = us;
    if (ours)
        t->long_stay.stage = stage;
    else
        t->long_caller.stage = stage;
    tw_crawl_wake(t);
}

void tw_crawl_measure(trawl *t)
{
    tw_stay_init(&t->stay);
    t->stay.on_long = on_long;
    t->stay.data = t;
    if (t->ops->measure != NULL)
        t->ops->measure(t->engine, &t->stay);
}

static void warn(trawl *t, const char *stage, uint64_t us)
{
    char text[128];
    enum tw_stage before;

    snprintf(text, sizeof(text), "the loop was held for %.0f ms in stage \"%s\"",
             (double)us / 1000, stage);
    before = tw_stay_go(&t->stay, TW_STAGE_CALLER);
    t->options->log(t->options->log_data, 1, text);
    tw_stay_go(&t->stay, before);
}

void tw_crawl_warn(trawl *t)
{
    uint64_t ours = t->long_stay.us, callers = t->long_caller.us;

    t->long_stay.us = t->long_caller.us = 0;
    if (t->options->log == NULL || t->options->log_level < 1)
        return;
    if (ours > 0)
        warn(t, t->long_stay.stage, ours);
    if (callers > 0)
        warn(t, t->long_caller.stage, callers);
}

int trawl_get_stays(const trawl *t, trawl_stays *stays)
{
    size_t size = stays->size;
    trawl_stays sum;

    if (size < sizeof(size) || size > sizeof(*stays))
        return TRAWL_EINVAL;
    sum = tw_stay_sum(&t->stay);
    memcpy(stays, &sum, size);
    stays->size = size;
    return 0;
}

/* ---- fetches that are not over ---- */

const char *trawl_state_name(trawl_state state)
{
    switch (state) {
    case TRAWL_STATE_QUEUED: return "queued";
    case TRAWL_STATE_WAITING: return "waiting";
    case TRAWL_STATE_FETCHING: return "fetching";
    case TRAWL_STATE_RESOLVING: return "resolving";
    case TRAWL_STATE_DESCRIPTOR: return "out of descriptors";
    case TRAWL_STATE_CONNECTING: return "connecting";
    case TRAWL_STATE_ANSWER: return "waiting for an answer";
    case TRAWL_STATE_RECEIVING: return "receiving";
    case TRAWL_STATE_PAUSED: return "paused";
    case TRAWL_STATE_ENDING: return "ending";
    }
    return "unknown";
}

static trawl_state state_of_phase(enum tw_phase phase)
{
    switch (phase) {
    case TW_PHASE_PARKED: return TRAWL_STATE_DESCRIPTOR;
    case TW_PHASE_NAME: return TRAWL_STATE_RESOLVING;
    case TW_PHASE_CONNECT: return TRAWL_STATE_CONNECTING;
    case TW_PHASE_ANSWER: return TRAWL_STATE_ANSWER;
    case TW_PHASE_RECEIVE: break;
    }
    return TRAWL_STATE_RECEIVING;
}

static trawl_state flight_state(const trawl *t, const struct fetch *f, uint64_t *since_ms)
{
    const struct flight *flight = f->flight;

    if (flight->paused)
        return TRAWL_STATE_PAUSED;
    if (t->ops->phase != NULL)
        return state_of_phase(t->ops->phase(t->engine, &flight->job, since_ms));
    if (flight->body_begun || tw_headers_bytes(&flight->headers) > 0)
        return TRAWL_STATE_RECEIVING;
    return TRAWL_STATE_FETCHING;
}

static trawl_state fetch_state(const trawl *t, const struct fetch *f, uint64_t *since_ms)
{
    *since_ms = f->since_ms;
    if (f->flight != NULL)
        return flight_state(t, f, since_ms);
    switch (f->item.state) {
    case TW_ITEM_QUEUED: return TRAWL_STATE_QUEUED;
    case TW_ITEM_WAITING: return TRAWL_STATE_WAITING;
    case TW_ITEM_OUT:
    case TW_ITEM_STARTED: break;
    }
    return TRAWL_STATE_ENDING;
}

static uint64_t ms_until(const trawl *t, uint64_t ms)
{
    uint64_t now = uv_now(t->loop);

    return ms > now ? ms - now : 0;
}

static uint64_t ms_since(const trawl *t, uint64_t ms)
{
    uint64_t now = uv_now(t->loop);

    return now > ms ? now - ms : 0;
}

static trawl_purpose purpose_of(const struct fetch *f)
{
    if (f->site != NULL)
        return TRAWL_PURPOSE_ROBOTS;
    return f->page != NULL ? TRAWL_PURPOSE_PAGE : TRAWL_PURPOSE_FETCH;
}

/* "host" or "host:port", as the canonical URL has it. */
static void copy_host(const struct fetch *f, char *text, size_t size)
{
    const char *host, *end;

    text[0] = '\0';
    if (f->url.href == NULL)
        return;
    host = f->url.href + f->url.host.at;
    end = host + strcspn(host, "/?#");
    snprintf(text, size, "%.*s", (int)(end - host), host);
}

int trawl_each(const trawl *t, trawl_each_cb cb, void *data)
{
    for (uint32_t i = 0; i < t->slot_count; i++) {
        const struct fetch *f = t->slots[i].fetch;
        trawl_outstanding o = {0};
        uint64_t since_ms;
        char host[320];
        int err;

        if (f == NULL)
            continue;
        o.id = tw_fetch_id(f);
        o.data = f->site == NULL ? f->request.data : f->site->c->callbacks.data;
        o.url = f->request.url;
        o.url_len = f->request.url_len;
        copy_host(f, host, sizeof(host));
        o.host = host;
        o.state = fetch_state(t, f, &since_ms);
        o.since_ms = ms_since(t, since_ms);
        if (o.state == TRAWL_STATE_WAITING)
            o.until_ms = ms_until(t, f->item.due.key);
        o.tries = f->tries;
        o.redirects = f->redirects;
        o.wire_bytes = f->wire_bytes;
        o.purpose = purpose_of(f);
        err = cb(data, &o);
        if (err != 0)
            return err;
    }
    return 0;
}
