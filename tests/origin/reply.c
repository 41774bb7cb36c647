#include "reply.h"

#include <string.h>

#include "head.h"

#define DEFAULT_CHUNK 1024u

struct plan {
    struct origin_world *world;
    const struct origin_request *rq;
    struct origin_query q;
    struct origin_head head;
    struct origin_reply *r;
    struct origin_span key;
};

static void text_body(struct plan *p, int64_t status, const char *text)
{
    origin_body_free(&p->r->body);
    origin_bytes_text(&p->r->body.head, text);
    p->head.status = status;
    p->head.type = "text/plain";
}

static unsigned long long number(atomic_uint_fast64_t *n)
{
    return (unsigned long long)atomic_load(n);
}

static void stats_body(struct plan *p)
{
    struct origin_world *w = p->world;
    struct origin_bytes *b = &p->r->body.head;

    p->head.type = "application/json";
    origin_bytes_print(b, "{\"connections\":%llu,\"requests\":%llu,", number(&w->connections),
                       number(&w->requests));
    origin_bytes_print(b, "\"open\":%llu,\"max_open\":%llu,\"keys\":", number(&w->open),
                       number(&w->max_open));
    origin_keys_json(&w->keys, b);
    origin_bytes_text(b, "}\n");
}

static void count_body(struct plan *p)
{
    p->head.type = "text/plain";
    origin_bytes_print(&p->r->body.head, "%llu\n",
                       (unsigned long long)origin_keys_count(&p->world->keys, p->key));
}

static bool is_special(const struct origin_request *rq)
{
    return origin_span_is(rq->path, "/stats") || origin_span_is(rq->path, "/count");
}

static void robots_body(struct plan *p)
{
    if (p->world->robots) {
        text_body(p, p->head.status, p->world->robots);
    } else {
        text_body(p, 404, "no rules\n");
    }
}

static void page_body(struct plan *p)
{
    struct origin_bytes why = {0};

    if (!origin_page_make(&p->world->book, p->rq, &p->q, &p->r->body, &why)) {
        origin_bytes_add(&why, "", 1);
        text_body(p, 400, (const char *)why.p);
        origin_bytes_free(&why);
    }
}

static void make_body(struct plan *p)
{
    struct origin_span path = p->rq->path;

    if (p->q.bomb >= 0) {
        origin_bytes_span(&p->r->body.head, p->q.body);
        origin_body_bomb(&p->r->body, (uint64_t)p->q.bomb, p->q.encoding);
    } else if (p->q.body.p) {
        origin_bytes_span(&p->r->body.head, p->q.body);
    } else if (origin_span_is(path, "/echo")) {
        p->head.type = "text/plain";
        origin_bytes_span(&p->r->body.head, p->rq->head);
    } else if (origin_span_is(path, "/stats")) {
        stats_body(p);
    } else if (origin_span_is(path, "/count")) {
        count_body(p);
    } else if (origin_span_is(path, "/robots.txt")) {
        robots_body(p);
    } else {
        page_body(p);
    }
}

static void spoil(struct origin_bytes *b, const struct origin_query *q)
{
    if (q->badgzip == BADGZIP_CRC) {
        b->p[b->n - 8] ^= 0xff;
    } else if (q->badgzip == BADGZIP_BLOCK) {
        b->p[10] = 0x07; /* the reserved block type, RFC 1951 section 3.2.3 */
    }
    if (q->flip > 0 && (uint64_t)q->flip <= b->n) {
        b->p[b->n - (size_t)q->flip] ^= 0xff;
    }
    if (q->cut > 0) {
        b->n -= (uint64_t)q->cut < b->n ? (size_t)q->cut : b->n;
    }
    if (q->junk > 0) {
        origin_bytes_fill(b, 0, (size_t)q->junk);
    }
}

/* What is a bomb, or bad gzip, has a coding whether it was named or not. */
static void choose_encoding(struct origin_query *q)
{
    if (q->badgzip || (q->bomb >= 0 && !q->encoding.p)) {
        q->encoding = (struct origin_span){"gzip", 4};
    }
}

static void encode_body(struct plan *p)
{
    struct origin_query *q = &p->q;
    struct origin_body *body = &p->r->body;

    if (q->bomb >= 0 || !q->encoding.p) {
        return;
    }
    if (!origin_body_sized(body) || origin_body_left(body) > ORIGIN_WHOLE_MAX) {
        q->encoding.p = NULL;
        text_body(p, 400, "encoding goes with at most 64 MiB\n");
        return;
    }
    origin_body_encode(body, q->encoding);
    spoil(&body->head, q);
}

/* The request's own target with n lowered by one, in origin form. */
static void next_location(struct plan *p, struct origin_bytes *out)
{
    struct origin_span query = p->rq->query;
    const char *at = query.p, *end = query.p + query.n;

    origin_bytes_span(out, p->rq->path);
    origin_bytes_print(out, "?n=%lld", (long long)p->q.n - 1);
    while (at < end) {
        const char *amp = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((amp ? amp : end) - at);
        if (len && !(len >= 2 && at[0] == 'n' && at[1] == '=')) {
            origin_bytes_text(out, "&");
            origin_bytes_add(out, at, len);
        }
        at += len + 1;
    }
}

static void redirect(struct plan *p)
{
    struct origin_query *q = &p->q;
    struct origin_bytes *to = &p->head.location;

    if (q->loop > 0) {
        origin_bytes_span(to, p->rq->target);
    } else if (q->n > 0) {
        next_location(p, to);
    } else if (q->to.p) {
        origin_bytes_span(to, q->to);
    } else if (q->noloc <= 0) {
        return;
    }
    p->head.has_location = q->noloc <= 0;
    p->head.status = q->code >= 0 ? q->code : 302;
}

static void cut(struct origin_reply *r, int64_t allowed, enum origin_after after)
{
    if (allowed >= 0 && (uint64_t)allowed < r->allowed) {
        r->allowed = (uint64_t)allowed;
        r->after = after;
    }
}

/* The first requests with a key fail. False when `with` is no way to fail. */
static bool fail(struct plan *p, uint64_t hits)
{
    struct origin_query *q = &p->q;
    uint64_t status = 503;

    if (origin_span_is(q->with, "reset") || origin_span_is(q->with, "close")) {
        if (q->fail >= 0 && hits <= (uint64_t)q->fail) {
            cut(p->r, 0, q->with.p[0] == 'r' ? AFTER_RESET : AFTER_CLOSE);
        }
        return true;
    }
    if (q->with.p && !origin_span_number(q->with, 999, &status)) {
        return false;
    }
    if (q->fail >= 0 && hits <= (uint64_t)q->fail) {
        p->head.status = (int64_t)status;
        p->head.has_location = false;
    }
    return true;
}

static void count(struct plan *p)
{
    uint64_t hits = 0;

    p->key = p->q.key.p ? p->q.key : p->rq->path;
    if ((p->q.key.p || p->q.fail >= 0) && !is_special(p->rq)) {
        hits = origin_keys_hit(&p->world->keys, p->key);
    }
    if (!fail(p, hits)) {
        text_body(p, 400, "bad value for with, which takes NNN|reset|close\n");
    }
}

static bool authorized(const struct plan *p)
{
    /* user:password */
    return p->q.auth != AUTH_BASIC ||
           origin_span_is(p->rq->authorization, "Basic dXNlcjpwYXNzd29yZA==");
}

/* The sites take their paths and queries for themselves. */
static bool decide_site(struct plan *p)
{
    struct origin_bytes why = {0};
    struct origin_answer a;

    if (p->world->site.pages == 0 || is_special(p->rq) || origin_span_is(p->rq->path, "/echo")) {
        return false;
    }
    origin_query_parse(&p->q, (struct origin_span){0}, &why);
    origin_site_answer(&p->world->site, p->rq, &a);
    p->head.status = a.status;
    p->head.type = a.type;
    p->head.location = a.location;
    p->head.has_location = a.location.n > 0;
    p->r->body = a.body;
    return true;
}

static void decide(struct plan *p)
{
    struct origin_bytes why = {0};

    if (decide_site(p)) {
        return;
    }
    if (!origin_query_parse(&p->q, p->rq->query, &why)) {
        origin_query_free(&p->q);
        origin_query_parse(&p->q, (struct origin_span){0}, &why);
        origin_bytes_add(&why, "", 1);
        text_body(p, 400, (const char *)why.p);
        origin_bytes_free(&why);
        return;
    }
    if (origin_span_is(p->rq->method, "CONNECT")) {
        text_body(p, 405, "no tunnels here\n");
        return;
    }
    p->head.status = p->q.status >= 0 ? p->q.status : 200;
    redirect(p);
    count(p);
    if (!authorized(p)) {
        p->head.status = 401;
        p->head.has_location = false;
    }
    choose_encoding(&p->q);
    if (!p->head.type) {
        make_body(p);
        encode_body(p);
    }
}

static void frame_chunked(struct plan *p)
{
    const struct origin_query *q = &p->q;
    struct origin_reply *r = p->r;

    r->chunked = !p->rq->old;
    r->chunk = q->chunked > 0 ? (uint64_t)q->chunked : DEFAULT_CHUNK;
    r->trailers = q->trailers > 0;
}

/* Chooses how the body's end is told, RFC 9112 section 6. */
static void frame(struct plan *p)
{
    const struct origin_query *q = &p->q;
    struct origin_body *body = &p->r->body;
    bool sized = origin_body_sized(body);
    bool wants_chunks = q->framing == FRAMING_CHUNKED || q->chunked > 0 || q->trailers > 0 ||
                        q->transfer > 0 || q->malformed == MALFORMED_CHUNK || q->malformed == MALFORMED_CHUNKSIZE;

    if (wants_chunks || (!sized && q->framing != FRAMING_CLOSE && q->length < 0)) {
        frame_chunked(p);
    } else if (sized && q->framing != FRAMING_CLOSE) {
        p->head.has_length = true;
        p->head.length = origin_body_left(body);
    }
    p->head.keep = p->rq->keep && q->keepalive != 0 &&
                   (p->head.has_length || p->r->chunked || origin_head_is_bare(p->head.status));
    if (q->malformed == MALFORMED_DUP_LENGTH && q->keepalive <= 0) {
        p->head.keep = false;
    }
    if (q->length >= 0) {
        bool right = p->head.has_length && p->head.length == (uint64_t)q->length;
        p->head.has_length = true;
        p->head.length = (uint64_t)q->length;
        p->head.keep = p->rq->keep && q->keepalive != 0 && (right || q->keepalive > 0);
    }
}

static void add_faults(struct plan *p)
{
    const struct origin_query *q = &p->q;
    struct origin_reply *r = p->r;

    r->status = (int)p->head.status;
    r->malformed = q->malformed;
    r->latency_ms = q->latency > 0 ? (uint64_t)q->latency : 0;
    r->drip = q->drip > 0 ? (uint64_t)q->drip : 0;
    cut(r, q->noreply > 0 ? 0 : -1, AFTER_CLOSE);
    cut(r, q->reset, AFTER_RESET);
    cut(r, q->close, AFTER_CLOSE);
    cut(r, q->stall, AFTER_STALL);
}

static void finish(struct plan *p)
{
    struct origin_reply *r = p->r;

    frame(p);
    if (p->q.malformed == MALFORMED_HTTP09) {
        p->head.keep = false;
        r->chunked = false;
    } else {
        origin_head_write(&p->head, r, &r->head);
    }
    if (origin_span_is(p->rq->method, "HEAD") || origin_head_is_bare(p->head.status)) {
        origin_body_free(&r->body);
        r->chunked = false;
    }
    if (r->allowed == UINT64_MAX) {
        r->after = p->head.keep ? AFTER_KEEP : AFTER_CLOSE;
    }
    add_faults(p);
    origin_bytes_free(&p->head.location);
    origin_query_free(&p->q);
}

static void begin(struct plan *p, struct origin_world *world, const struct origin_request *rq,
                  struct origin_reply *r)
{
    memset(p, 0, sizeof *p);
    memset(r, 0, sizeof *r);
    r->allowed = UINT64_MAX;
    p->world = world;
    p->rq = rq;
    p->r = r;
    p->head.rq = rq;
    p->head.q = &p->q;
}

void origin_reply_plan(struct origin_world *world, const struct origin_request *rq,
                       struct origin_reply *r)
{
    struct plan p;

    begin(&p, world, rq, r);
    decide(&p);
    finish(&p);
}

void origin_reply_refuse(const struct origin_request *rq, int status, struct origin_reply *r)
{
    struct plan p;
    struct origin_bytes why = {0};

    begin(&p, NULL, rq, r);
    origin_query_parse(&p.q, (struct origin_span){0}, &why);
    p.q.keepalive = 0;
    text_body(&p, status, "this request cannot be read\n");
    finish(&p);
}
