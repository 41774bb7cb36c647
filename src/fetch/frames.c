#include "fetch/frames.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 'T'
#define VERSION 1
#define NO_STRING UINT32_MAX

/* ---- numbers and strings, out ---- */

struct writer {
    struct tw_buf *b;
    size_t begin; /* of the frame in b */
    int err;      /* the first one; nothing is written after it */
};

static void put_bytes(struct writer *w, const void *bytes, size_t len)
{
    if (w->err == 0)
        w->err = tw_buf_append(w->b, bytes, len);
}

static void put_small(struct writer *w, uint32_t n)
{
    unsigned char bytes[4];

    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(n >> 8 * i);
    put_bytes(w, bytes, sizeof(bytes));
}

static void put_number(struct writer *w, uint64_t n)
{
    put_small(w, (uint32_t)n);
    put_small(w, (uint32_t)(n >> 32));
}

static void put_string(struct writer *w, const char *s)
{
    size_t len = s == NULL ? 0 : strlen(s);

    if (len > TW_FRAME_DOWN_MAX)
        w->err = w->err != 0 ? w->err : TRAWL_EINVAL;
    put_small(w, s == NULL ? NO_STRING : (uint32_t)len);
    if (s != NULL)
        put_bytes(w, s, len + 1);
}

static void put_list(struct writer *w, const char *const *list)
{
    uint32_t n = 0;

    while (list != NULL && list[n] != NULL)
        n++;
    put_small(w, n);
    for (uint32_t i = 0; i < n; i++)
        put_string(w, list[i]);
}

/* ---- and in ---- */

struct reader {
    const char *at;
    size_t left;
    bool bad; /* what was read since is zero */
};

static const char *get_bytes(struct reader *r, size_t len)
{
    const char *bytes = r->at;

    if (r->bad || len > r->left) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    r->left -= len;
    return bytes;
}

static uint32_t get_small(struct reader *r)
{
    const unsigned char *bytes = (const unsigned char *)get_bytes(r, 4);

    if (bytes == NULL)
        return 0;
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static uint64_t get_number(struct reader *r, uint64_t max)
{
    uint64_t low = get_small(r);
    uint64_t n = low | (uint64_t)get_small(r) << 32;

    if (n > max)
        r->bad = true;
    return r->bad ? 0 : n;
}

/* An error code: 0 or below. It travels negated. */
static int get_error(struct reader *r)
{
    return -(int)get_number(r, INT32_MAX);
}

static const char *get_string(struct reader *r)
{
    uint32_t len = get_small(r);
    const char *s;

    if (r->bad || len == NO_STRING)
        return NULL;
    s = get_bytes(r, (size_t)len + 1);
    if (s == NULL || memchr(s, '\0', (size_t)len + 1) != s + len) {
        r->bad = true;
        return NULL;
    }
    return s;
}

static void get_text(struct reader *r, char *text, size_t size)
{
    const char *s = get_string(r);

    if (s == NULL || strlen(s) >= size)
        r->bad = true;
    else
        memcpy(text, s, strlen(s) + 1);
}

/* The list, not its strings, is the caller's to free. */
static int get_list(struct reader *r, const char *const **out)
{
    uint32_t n = get_small(r);
    const char **list;

    if (n == 0 || n > r->left / 5) { /* a string has 5 bytes at least */
        r->bad = r->bad || n != 0;
        return r->bad ? TRAWL_EINVAL : 0;
    }
    list = calloc((size_t)n + 1, sizeof(*list));
    if (list == NULL)
        return TRAWL_ENOMEM;
    *out = list;
    for (uint32_t i = 0; i < n; i++) {
        list[i] = get_string(r);
        if (list[i] == NULL)
            return TRAWL_EINVAL;
    }
    return 0;
}

static int read_end(const struct reader *r)
{
    return r->bad || r->left != 0 ? TRAWL_EINVAL : 0;
}

/* ---- frames ---- */

static size_t longest(unsigned type)
{
    switch (type) {
    case TW_FRAME_HELLO:
    case TW_FRAME_JOB: return TW_FRAME_DOWN_MAX;
    case TW_FRAME_HEADER:
    case TW_FRAME_BODY: return TW_FRAME_UP_MAX;
    case TW_FRAME_STATUS: return 8;
    case TW_FRAME_DONE: return 1024;
    default: return 0;
    }
}

static size_t shortest(unsigned type)
{
    return type == TW_FRAME_ABORT || type == TW_FRAME_READY ? 0 : 1;
}

int tw_frame_parse(const char *bytes, size_t len, struct tw_frame *frame)
{
    static const char begin[2] = {MAGIC, VERSION};
    struct reader r = {bytes, len, false};
    unsigned type;
    size_t n;

    if (memcmp(bytes, begin, len < sizeof(begin) ? len : sizeof(begin)) != 0)
        return TRAWL_EINVAL;
    if (len < TW_FRAME_HEAD)
        return 0;
    type = (unsigned char)bytes[2];
    get_small(&r);
    n = get_small(&r);
    if (type < TW_FRAME_HELLO || type > TW_FRAME_DONE || bytes[3] != 0 || n > longest(type) ||
        n < shortest(type))
        return TRAWL_EINVAL;
    if (n > len - TW_FRAME_HEAD)
        return 0;
    *frame = (struct tw_frame){(enum tw_frame_type)type, r.at, n, TW_FRAME_HEAD + n};
    return 1;
}

static struct writer begin_frame(struct tw_buf *b, enum tw_frame_type type)
{
    const char head[4] = {MAGIC, VERSION, (char)type, 0};
    struct writer w = {b, b->len, 0};

    put_bytes(&w, head, sizeof(head));
    put_small(&w, 0);
    return w;
}

static int end_frame(struct writer *w)
{
    char *head = w->b->data + w->begin;
    size_t len = w->b->len - w->begin - TW_FRAME_HEAD;

    if (w->err == 0 && len > longest((unsigned char)head[2]))
        w->err = TRAWL_EINVAL;
    if (w->err != 0) {
        w->b->len = w->begin;
        return w->err;
    }
    for (int i = 0; i < 4; i++)
        head[4 + i] = (char)(unsigned char)(len >> 8 * i);
    return 0;
}

int tw_frame_put(struct tw_buf *b, enum tw_frame_type type, const void *payload, size_t len)
{
    struct writer w = begin_frame(b, type);

    put_bytes(&w, payload, len);
    return end_frame(&w);
}

int tw_frame_put_status(struct tw_buf *b, int status)
{
    struct writer w = begin_frame(b, TW_FRAME_STATUS);

    put_number(&w, (uint64_t)status);
    return end_frame(&w);
}

int tw_frame_get_status(const struct tw_frame *frame, int *status)
{
    struct reader r = {frame->payload, frame->len, false};
    int n = (int)get_number(&r, 999);

    if (read_end(&r) != 0)
        return TRAWL_EINVAL;
    *status = n;
    return 0;
}

/* ---- hello ---- */

/* X(field, its greatest value), X(field): the options that make a difference to an exchange. */
#define OPTION_NUMBERS(X)                                                                      \
    X(concurrency, UINT32_MAX)                                                                 \
    X(connect_timeout_ms, INT32_MAX)                                                           \
    X(low_speed_bytes, INT32_MAX)                                                              \
    X(low_speed_ms, INT32_MAX)                                                                 \
    X(http, TRAWL_HTTP_2)                                                                      \
    X(ip, TRAWL_IP_V6)                                                                         \
    X(insecure, 1)                                                                             \
    X(no_reuse, 1)                                                                             \
    X(deny_private, 1)
#define OPTION_STRINGS(X)                                                                      \
    X(user_agent)                                                                              \
    X(proxy_http)                                                                              \
    X(proxy_https)                                                                             \
    X(no_proxy)                                                                                \
    X(ca_file)                                                                                 \
    X(interface_name)                                                                          \
    X(deny_cidr)                                                                               \
    X(allow_cidr)

_Static_assert(sizeof(trawl_options) == offsetof(trawl_options, rate) + sizeof(uint64_t),
               "an option was added: does a worker need it? This names the last one.");

int tw_frame_put_hello(struct tw_buf *b, const trawl_options *o, uint64_t parent)
{
    struct writer w = begin_frame(b, TW_FRAME_HELLO);

    put_number(&w, parent);
#define X(field, max) put_number(&w, (uint64_t)o->field);
    OPTION_NUMBERS(X)
#undef X
#define X(field) put_string(&w, o->field);
    OPTION_STRINGS(X)
#undef X
    put_list(&w, o->headers);
    put_list(&w, o->resolve);
    return end_frame(&w);
}

int tw_frame_get_hello(const struct tw_frame *frame, struct tw_hello *hello)
{
    struct tw_hello h = {.options = TRAWL_OPTIONS_INIT};
    struct reader r = {frame->payload, frame->len, false};
    int err;

    h.parent = get_number(&r, UINT64_MAX);
#define X(field, max) h.options.field = (__typeof__(h.options.field))get_number(&r, max);
    OPTION_NUMBERS(X)
#undef X
#define X(field) h.options.field = get_string(&r);
    OPTION_STRINGS(X)
#undef X
    err = get_list(&r, &h.options.headers);
    if (err == 0)
        err = get_list(&r, &h.options.resolve);
    if (err == 0)
        err = read_end(&r);
    if (err != 0)
        tw_hello_free(&h);
    else
        *hello = h;
    return err;
}

void tw_hello_free(struct tw_hello *hello)
{
    free((void *)hello->options.headers);
    free((void *)hello->options.resolve);
    hello->options.headers = hello->options.resolve = NULL;
}

/* ---- job ---- */

int tw_frame_put_job(struct tw_buf *b, const struct tw_job *job)
{
    struct writer w = begin_frame(b, TW_FRAME_JOB);

    put_string(&w, job->url);
    put_string(&w, job->user);
    put_string(&w, job->password);
    put_number(&w, job->host_is_ip);
    put_number(&w, job->foreign);
    put_number(&w, job->more);
    put_number(&w, job->timeout_ms);
    put_number(&w, job->max_body);
    return end_frame(&w);
}

int tw_frame_get_job(const struct tw_frame *frame, struct tw_job *job)
{
    struct reader r = {frame->payload, frame->len, false};
    struct tw_job j = {0};

    j.url = get_string(&r);
    j.user = get_string(&r);
    j.password = get_string(&r);
    j.host_is_ip = get_number(&r, 1) != 0;
    j.foreign = get_number(&r, 1) != 0;
    j.more = get_number(&r, 1) != 0;
    j.timeout_ms = get_number(&r, INT32_MAX);
    j.max_body = get_number(&r, INT64_MAX);
    if (read_end(&r) != 0 || j.url == NULL)
        return TRAWL_EINVAL;
    *job = j;
    return 0;
}

/* ---- outcome ---- */

int tw_frame_put_done(struct tw_buf *b, const struct tw_outcome *out)
{
    struct writer w = begin_frame(b, TW_FRAME_DONE);

    put_number(&w, (uint64_t)-(int64_t)out->error);
    put_number(&w, (uint64_t)out->curl_code);
    put_number(&w, (uint64_t)out->status);
    put_number(&w, (uint64_t)out->http_version);
    put_number(&w, out->port);
    put_number(&w, out->wire_bytes);
    put_number(&w, out->dns_us);
    put_number(&w, out->connect_us);
    put_number(&w, out->tls_us);
    put_number(&w, out->first_byte_us);
    put_number(&w, out->total_us);
    put_string(&w, out->ip);
    put_string(&w, out->detail);
    return end_frame(&w);
}

int tw_frame_get_done(const struct tw_frame *frame, struct tw_outcome *out)
{
    struct reader r = {frame->payload, frame->len, false};
    struct tw_outcome o = {.error = get_error(&r)};

    o.curl_code = (int)get_number(&r, INT32_MAX);
    o.status = (int)get_number(&r, 999);
    o.http_version = (int)get_number(&r, 99);
    o.port = (unsigned)get_number(&r, UINT16_MAX);
    o.wire_bytes = get_number(&r, UINT64_MAX);
    o.dns_us = get_number(&r, UINT64_MAX);
    o.connect_us = get_number(&r, UINT64_MAX);
    o.tls_us = get_number(&r, UINT64_MAX);
    o.first_byte_us = get_number(&r, UINT64_MAX);
    o.total_us = get_number(&r, UINT64_MAX);
    get_text(&r, o.ip, sizeof(o.ip));
    get_text(&r, o.detail, sizeof(o.detail));
    if (read_end(&r) != 0)
        return TRAWL_EINVAL;
    *out = o;
    return 0;
}
