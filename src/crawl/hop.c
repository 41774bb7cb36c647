/* One fetch on its way: exchange after exchange, with redirects, retries and limits between. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crawl/walk.h"
#include "fetch/proxy.h"
#include "frontier/backoff.h"
#include "parse/httpdate.h"

#define ORIGIN_MAX 320 /* "https://" + 255 bytes of host + port */
#define HOST_MAX 255
#define BODY_KEPT_BY_SPARE ((size_t)64 * 1024)

/* ---- flights ---- */

void tw_flight_free(struct flight *flight)
{
    tw_headers_free(&flight->headers);
    tw_buf_free(&flight->body);
    tw_digest_free(flight->digest);
    free(flight->plain_url);
    free(flight->user);
    free(flight->password);
    free(flight);
}

struct flight *tw_flight_get(trawl *t)
{
    struct flight *flight;

    if (tw_list_empty(&t->spare))
        return calloc(1, sizeof(*flight));
    flight = tw_container(t->spare.next, struct flight, spare);
    tw_list_remove(&flight->spare);
    t->spare_count--;
    return flight;
}

static void drop_strings(struct flight *flight)
{
    free(flight->plain_url);
    free(flight->user);
    free(flight->password);
    flight->plain_url = flight->user = flight->password = NULL;
}

void tw_flight_put(trawl *t, struct flight *flight)
{
    if (tw_buf_is_large(&flight->body))
        tw_body_drop(t, &flight->body);
    t->kept -= flight->body.len;
    if (t->closing || t->spare_count > tw_frontier_counts(t->frontier).started) {
        tw_flight_free(flight);
        return;
    }
    drop_strings(flight);
    tw_headers_reset(&flight->headers);
    tw_buf_reset(&flight->body, BODY_KEPT_BY_SPARE);
    flight->fetch = NULL;
    flight->bytes = 0;
    flight->body_begun = flight->final = flight->refused = flight->paused = false;
    flight->unwanted = false;
    tw_list_prepend(&t->spare, &flight->spare);
    t->spare_count++;
}

/* ---- what a response means ---- */

static bool status_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool status_is_temporary(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

static bool error_is_temporary(int error)
{
    switch (error) {
    case TRAWL_ECONNECT:
    case TRAWL_ECONNTIMEOUT:
    case TRAWL_ETIMEDOUT:
    case TRAWL_ELOWSPEED:
    case TRAWL_ERESET:
    case TRAWL_EEMPTY:
    case TRAWL_ETRUNCATED:
    case TRAWL_EDNSTIMEOUT:
    case TRAWL_EWORKER: return true;
    default: return false;
    }
}

/* A stopped crawl begins nothing; one that has begun as many pages as it may goes on with those. */
static bool is_stopped(const trawl *t, const struct fetch *f)
{
    const struct site *s = f->page != NULL ? f->page->site : f->site;

    return t->stopped || (s != NULL && s->c->stopped &&
                          (f->page == NULL || s->c->stop_reason != TRAWL_REJECT_LIMIT_PAGES));
}

static bool may_retry(const trawl *t, const struct fetch *f)
{
    return f->tries < t->options->tries && !is_stopped(t, f) && !f->cancelled;
}

/* A Retry-After that is too long to wait for makes the response the result. */
static bool retry_wait(trawl *t, struct fetch *f, struct flight *flight, uint64_t *wait_ms)
{
    const trawl_options *o = t->options;
    const char *after = tw_headers_get(&flight->headers, "retry-after");
    uint64_t after_ms;

    *wait_ms = tw_backoff_ms(o->retry_delay_ms, o->retry_max_ms, f->tries, &t->rng);
    if (after == NULL || flight->job.out.error != 0 ||
        tw_retry_after_parse(after, strlen(after), (int64_t)time(NULL), &after_ms) != 0)
        return true;
    if (after_ms > o->retry_after_max_ms)
        return false;
    if (after_ms > *wait_ms)
        *wait_ms = after_ms;
    return true;
}

/* Of a robots.txt that is not there, nobody reads the body; of a response that is asked for again, nobody
 * needs to make sense of it. */
static bool body_matters(const struct fetch *f, int status, int error)
{
    if (f->site != NULL && tw_robots_is_unavailable(status))
        return false;
    return error != TRAWL_EENCODING;
}

static bool wants_retry(trawl *t, struct fetch *f, struct flight *flight, int status,
                        uint64_t *wait_ms)
{
    int error = flight->job.out.error;
    bool temporary = error != 0 && body_matters(f, status, error) ? error_is_temporary(error)
                                                                  : status_is_temporary(status);

    return temporary && !flight->refused && may_retry(t, f) && retry_wait(t, f, flight, wait_ms);
}

static const char *redirect_target(struct flight *flight, int status)
{
    if (!status_is_redirect(status) || flight->fetch->max_redirects == 0)
        return NULL;
    return tw_headers_get(&flight->headers, "location");
}

/* On the way to another URL nobody reads the body, which may be broken. */
static int error_of(struct fetch *f, struct flight *flight)
{
    const struct tw_outcome *out = &flight->job.out;

    if (f->cancelled)
        return TRAWL_ECANCELED;
    if (out->error == TRAWL_EENCODING && redirect_target(flight, out->status) != NULL)
        return 0;
    return out->error;
}

/* ---- the engine's calls ---- */

static struct flight *flight_of(struct tw_job *job)
{
    return tw_container(job, struct flight, job);
}

static int on_header(struct tw_job *job, const char *line, size_t len)
{
    struct flight *flight = flight_of(job);
    uint64_t limit = flight->fetch->t->options->max_header;

    if (len > 0 && (line[0] == '\r' || line[0] == '\n'))
        job->more = tw_frontier_behind(&flight->fetch->item) > 0;
    if (flight->body_begun)
        tw_headers_begin_trailers(&flight->headers);
    if (limit != 0 && tw_headers_bytes(&flight->headers) + len > limit)
        return TRAWL_EHEADERSIZE;
    return tw_headers_add_line(&flight->headers, line, len);
}

/* Whether the body that begins is the result's, or that of a response on the way to it. */
static bool is_final(trawl *t, struct fetch *f, struct flight *flight)
{
    int status = flight->job.out.status;
    uint64_t wait_ms, rng = t->rng;
    bool retried = wants_retry(t, f, flight, status, &wait_ms);

    t->rng = rng; /* only the retry itself draws */
    return !retried && redirect_target(flight, status) == NULL;
}

/* robots.txt has its own: whatever another one cut off would be allowed. */
static uint64_t max_body(const struct fetch *f)
{
    return f->site != NULL ? 0 : f->t->options->max_body;
}

static int keep(trawl *t, struct flight *flight, const char *bytes, size_t len)
{
    size_t limit = flight->keep;
    int err;

    if (flight->body.len >= limit)
        return 0;
    if (len > limit - flight->body.len)
        len = limit - flight->body.len;
    err = tw_buf_append(&flight->body, bytes, len);
    if (err == 0)
        t->kept += len;
    return err;
}

static int give_body(trawl *t, struct fetch *f, const char *bytes, size_t len)
{
    enum tw_stage before = tw_stay_go(&t->stay, TW_STAGE_CALLER);
    int err = f->request.on_body(t, tw_fetch_id(f), f->tries, bytes, len, f->request.data);

    tw_stay_go(&t->stay, before);
    return err;
}

static int on_body(struct tw_job *job, const char *bytes, size_t len)
{
    struct flight *flight = flight_of(job);
    struct fetch *f = flight->fetch;
    trawl *t = f->t;
    uint64_t max = max_body(f);
    int err;

    if (f->cancelled)
        return TRAWL_ECANCELED;
    if (!flight->body_begun) {
        flight->body_begun = true;
        flight->final = is_final(t, f, flight);
        err = f->page != NULL && flight->final ? tw_page_body_begins(f, flight) : 0;
        if (err != 0)
            return err;
    }
    if (max != 0 && len > max - flight->bytes)
        return TRAWL_EBODYSIZE;
    if (flight->final && f->request.on_body != NULL) {
        err = give_body(t, f, bytes, len);
        flight->refused = err < 0;
        flight->paused = err == TRAWL_PAUSE;
        if (flight->paused)
            f->since_ms = uv_now(t->loop);
        if (err != 0)
            return err;
    }
    flight->bytes += len;
    if (f->page != NULL && flight->final)
        tw_page_body_bytes(flight, bytes, len);
    return flight->final ? keep(t, flight, bytes, len) : 0;
}

static void log_retry(trawl *t, const struct fetch *f, const struct tw_outcome *out, uint64_t ms)
{
    if (out->error != 0)
        tw_crawl_log(t, 1, f, "try %u of %u: %s; again in %.1f s", f->tries, t->options->tries,
                     trawl_strerror(out->error), (double)ms / 1000);
    else
        tw_crawl_log(t, 1, f, "try %u of %u: status %d; again in %.1f s", f->tries,
                     t->options->tries, out->status, (double)ms / 1000);
}

/* A host that no crawl looks after. */
static void pace(trawl *t, struct tw_host *host)
{
    const trawl_options *o = t->options;
    struct tw_host_pace pace = tw_frontier_pace(host);

    if (o->wait_ms == 0 || pace.wait_ms != 0 || pace.random_ms != 0)
        return;
    *(o->random_wait ? &pace.random_ms : &pace.wait_ms) = o->wait_ms;
    tw_frontier_set_pace(t->frontier, host, pace);
}

static void retry(trawl *t, struct fetch *f, struct flight *flight, uint64_t wait_ms)
{
    char origin[ORIGIN_MAX];
    size_t len = tw_url_origin(&f->url, origin, sizeof(origin));
    int err;

    log_retry(t, f, &flight->job.out, wait_ms);
    if (!may_retry(t, f)) { /* any more: the log's callback stopped or cancelled it */
        tw_fetch_finish(t, f, flight, TRAWL_ECANCELED);
        return;
    }
    tw_flight_put(t, flight);
    t->stats.retries++;
    f->new_try = true;
    f->since_ms = uv_now(t->loop);
    err = tw_frontier_add_at(t->frontier, &f->item, origin, len, uv_now(t->loop) + wait_ms);
    if (err == 0)
        pace(t, f->item.host);
    else
        tw_fetch_finish_later(t, f, err);
}

/* Where a Location leads, with what the standards add to it: a fragment is dropped with the
 * canonical form, and credentials of the caller's URL stay with the caller's origin. */
static int redirect_url(struct fetch *f, const char *location, struct tw_url *next)
{
    const char *reason = NULL;
    int err = tw_url_parse(next, location, strlen(location), &f->url, &reason);

    if (err == TRAWL_ENOMEM)
        return err;
    if (err == 0 && next->host.len > HOST_MAX) {
        tw_url_free(next);
        err = TRAWL_EURL;
        reason = "the host is longer than 255 bytes";
    }
    if (err != 0) {
        f->reason = reason;
        return TRAWL_ELOCATION;
    }
    return 0;
}

static void follow(trawl *t, struct fetch *f, struct tw_url *next)
{
    int err;

    if (f->first.href == NULL)
        f->first = f->url;
    else
        tw_url_free(&f->url);
    f->url = *next;
    f->redirects++;
    t->stats.redirects++;
    tw_crawl_log(t, 1, f, "redirect %u", f->redirects);
    err = f->cancelled || t->closing ? TRAWL_ECANCELED : tw_fetch_enqueue(t, f, TW_PLACE_FIRST);
    if (err != 0)
        tw_fetch_finish_later(t, f, err);
}

/* The redirect's target, or the error that ends the fetch with this response. */
static int redirect(trawl *t, struct fetch *f, struct flight *flight, const char *location)
{
    struct tw_url next;
    int err;

    if (f->redirects >= f->max_redirects)
        return TRAWL_EREDIRECTS;
    err = redirect_url(f, location, &next);
    if (err != 0)
        return err;
    tw_flight_put(t, flight);
    follow(t, f, &next);
    return 0;
}

static void decide(trawl *t, struct fetch *f, struct flight *flight)
{
    const struct tw_outcome *out = &flight->job.out;
    const char *location;
    uint64_t wait_ms;
    int err = error_of(f, flight);

    if (wants_retry(t, f, flight, out->status, &wait_ms)) {
        retry(t, f, flight, wait_ms);
        return;
    }
    location = err == 0 ? redirect_target(flight, out->status) : NULL;
    /* Its body was passed over for a retry that was taken back meanwhile. */
    if (err == 0 && location == NULL && flight->body_begun && !flight->final)
        err = TRAWL_ECANCELED;
    if (location != NULL) {
        err = redirect(t, f, flight, location);
        if (err == 0)
            return;
    }
    tw_fetch_finish(t, f, flight, err);
}

/* Of a crawl, that the exchange was with; behind a redirect that is another one. */
static struct site *site_of(const struct fetch *f)
{
    if (f->redirects > 0)
        return NULL;
    return f->page != NULL ? f->page->site : f->site;
}

/* The first byte of the answer is the first that we know of the host's having been asked. The
 * loop's time may be old by now. */
static uint64_t asked_ms(const struct tw_outcome *out)
{
    uint64_t since_us = out->first_byte_us > 0 && out->total_us > out->first_byte_us
                            ? out->total_us - out->first_byte_us
                            : 0;

    return (uv_hrtime() / 1000 - since_us + 999) / 1000;
}

static void on_done(struct tw_job *job)
{
    struct flight *flight = flight_of(job);
    struct fetch *f = flight->fetch;
    trawl *t = f->t;

    f->flight = NULL;
    t->own_flying -= tw_fetch_is_own(f);
    f->wire_bytes += job->out.wire_bytes;
    f->try_used_us += job->out.total_us;
    t->stats.wire_bytes += job->out.wire_bytes;
    if (site_of(f) != NULL)
        tw_site_answered(site_of(f), flight);
    tw_frontier_asked(t->frontier, &f->item, asked_ms(&job->out));
    tw_frontier_done(t->frontier, &f->item);
    tw_crawl_log(t, 2, f, "status %d, %llu bytes, %.1f ms%s%s", job->out.status,
                 (unsigned long long)job->out.wire_bytes, (double)job->out.total_us / 1000,
                 job->out.error == 0 ? "" : ", ",
                 job->out.error == 0 ? "" : trawl_strerror(job->out.error));
    decide(t, f, flight);
    tw_crawl_pump(t);
}

static const struct tw_receiver receiver = {on_header, on_body, on_done};

/* ---- starting ---- */

int tw_fetch_enqueue(trawl *t, struct fetch *f, enum tw_place place)
{
    char origin[ORIGIN_MAX];
    size_t len;
    int err;

    if (f->url.host.len > HOST_MAX) {
        f->reason = "the host is longer than 255 bytes";
        return TRAWL_EURL;
    }
    f->since_ms = uv_now(t->loop);
    len = tw_url_origin(&f->url, origin, sizeof(origin));
    err = tw_frontier_add(t->frontier, &f->item, origin, len, place);
    if (err == 0)
        pace(t, f->item.host);
    return err;
}

/* The credentials are the hop's own, or the first URL's on its origin. */
static int prepare_credentials(struct fetch *f, struct flight *flight)
{
    const struct tw_url *holder = &f->url;
    int err;

    flight->job.foreign = f->first.href != NULL && !tw_url_same_origin(&f->first, &f->url);
    flight->job.url = f->url.href;
    if (holder->userinfo.len == 0 && f->first.href != NULL && !flight->job.foreign)
        holder = &f->first;
    if (holder->userinfo.len == 0)
        return 0;
    err = tw_url_userinfo(holder, &flight->user, &flight->password);
    if (err != 0)
        return err;
    flight->job.user = flight->user;
    flight->job.password = flight->password;
    if (f->url.userinfo.len == 0)
        return 0;
    err = tw_url_strip(&f->url, &flight->plain_url);
    flight->job.url = flight->plain_url;
    return err;
}

/* What is left of the try's time; an exchange always has at least a moment. */
static uint64_t time_left_ms(const trawl *t, const struct fetch *f)
{
    uint64_t limit = t->options->timeout_ms;
    uint64_t used = f->try_used_us / 1000;

    if (limit == 0)
        return 0;
    return used >= limit ? 1 : limit - used;
}

static void begin_try(struct fetch *f)
{
    if (f->started_ns == 0)
        f->started_ns = uv_hrtime();
    if (f->new_try) {
        f->tries++;
        f->try_used_us = 0;
        f->new_try = false;
    }
}

/* A proxy connects in our stead: what the guard would say at the socket is said here, as far as the
 * URL tells where the proxy is to go. */
static int judge_literal(const trawl *t, struct fetch *f, const char *url)
{
    struct tw_addr addr;
    const char *what = NULL;

    if (!f->url.host_is_ip || tw_proxy_for(t->options, url) == NULL)
        return 0;
    if (tw_addr_parse(f->url.href + f->url.host.at, f->url.host.len, &addr))
        what = tw_guard_judge(&t->guard, &addr);
    if (what == NULL)
        return 0;
    f->reason = what;
    return TRAWL_EDENIED;
}

static int prepare(trawl *t, struct fetch *f, struct flight *flight)
{
    struct tw_job *job = &flight->job;
    int err;

    begin_try(f);
    f->since_ms = uv_now(t->loop);
    flight->fetch = f;
    flight->keep = f->keep;
    *job = (struct tw_job){.to = &receiver};
    job->host_hash = tw_frontier_host_hash(&f->item);
    job->host_is_ip = f->url.host_is_ip;
    job->more = tw_frontier_behind(&f->item) > 0;
    job->timeout_ms = time_left_ms(t, f);
    job->max_body = max_body(f);
    err = prepare_credentials(f, flight);
    return err != 0 ? err : judge_literal(t, f, job->url);
}

void tw_fetch_start(trawl *t, struct fetch *f)
{
    bool stopped = f->new_try && is_stopped(t, f); /* what is stopped is taken back bit by bit */
    struct flight *flight = stopped ? NULL : tw_flight_get(t);
    int err = stopped ? TRAWL_ECANCELED : TRAWL_ENOMEM;

    if (flight != NULL) {
        err = prepare(t, f, flight);
        if (err == 0)
            err = t->ops->submit(t->engine, &flight->job);
    }
    if (err == 0) {
        f->flight = flight;
        t->own_flying += tw_fetch_is_own(f);
        return;
    }
    if (flight != NULL)
        tw_flight_put(t, flight);
    tw_frontier_done(t->frontier, &f->item);
    tw_fetch_finish_later(t, f, err);
}
