#include "head.h"

#include <string.h>
#include <time.h>

bool origin_head_is_bare(int64_t status)
{
    return (status >= 100 && status < 200) || status == 204 || status == 304;
}

static const char *reason(int64_t status)
{
    static const struct {
        int64_t status;
        const char *text;
    } reasons[] = {
        {200, "OK"}, {204, "No Content"}, {206, "Partial Content"},
        {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"},
        {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
        {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {410, "Gone"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
        {501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
        {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return "Other";
}

static void field(struct origin_bytes *out, const char *name, struct origin_span value)
{
    origin_bytes_text(out, name);
    origin_bytes_text(out, ": ");
    origin_bytes_span(out, value);
    origin_bytes_text(out, "\r\n");
}

static void write_status(const struct origin_head *h, struct origin_bytes *out)
{
    const char *version = h->q->malformed == MALFORMED_VERSION ? "HTTP/9.7" : "HTTP/1.1";

    if (h->q->informational > 0) {
        origin_bytes_text(out, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                               "Link: </style.css>; rel=preload\r\n\r\n");
    }
    if (h->q->malformed == MALFORMED_STATUS) {
        origin_bytes_text(out, "HTTP/1.1 two-hundred fine\r\n");
        return;
    }
    origin_bytes_print(out, "%s %03d %s\r\n", version, (int)h->status, reason(h->status));
}

static void write_type(const struct origin_head *h, struct origin_bytes *out)
{
    const struct origin_query *q = h->q;
    struct origin_span label = origin_page_charset(q);
    bool named = label.p && (!q->declare || q->declare == DECLARE_HEADER);

    if (q->type.p && q->type.n == 0) {
        return;
    }
    origin_bytes_text(out, "Content-Type: ");
    if (q->type.p) {
        origin_bytes_span(out, q->type);
    } else {
        origin_bytes_text(out, h->type ? h->type : "text/html");
    }
    if (named && !h->type) {
        origin_bytes_text(out, "; charset=");
        origin_bytes_span(out, label);
    } else if (!label.p && !q->type.p && !h->type) {
        origin_bytes_text(out, "; charset=utf-8");
    }
    origin_bytes_text(out, "\r\n");
}

static void write_encoding(const struct origin_query *q, struct origin_bytes *out)
{
    if (q->says.p) {
        field(out, "Content-Encoding", q->says);
    } else if (q->encoding.p && q->transfer <= 0) {
        field(out, "Content-Encoding", q->encoding);
    }
}

static void write_framing(const struct origin_head *h, const struct origin_reply *r,
                          struct origin_bytes *out)
{
    unsigned long long n = h->length;

    if (origin_head_is_bare(h->status)) {
        return;
    }
    if (r->chunked) {
        origin_bytes_text(out, "Transfer-Encoding: ");
        if (h->q->transfer > 0 && h->q->encoding.p) {
            origin_bytes_span(out, h->q->encoding);
            origin_bytes_text(out, ", ");
        }
        origin_bytes_text(out, "chunked\r\n");
        if (r->trailers) {
            origin_bytes_text(out, "Trailer: X-Trailer, X-Trailer-Two\r\n");
        }
    }
    if (h->has_length) {
        origin_bytes_print(out, "Content-Length: %llu\r\n", n);
        if (h->q->malformed == MALFORMED_DUP_LENGTH) {
            origin_bytes_print(out, "Content-Length: %llu\r\n", n + 1);
        }
    }
}

static void write_retry_after(struct origin_span value, struct origin_bytes *out)
{
    struct origin_span rest = {value.p + 5, value.n - 5};
    uint64_t seconds;
    char text[40];
    struct tm tm;
    time_t at;

    if (value.n > 5 && memcmp(value.p, "date+", 5) == 0 &&
        origin_span_number(rest, INT32_MAX, &seconds)) {
        at = time(NULL) + (time_t)seconds;
        gmtime_r(&at, &tm);
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        value = (struct origin_span){text, strlen(text)};
    }
    field(out, "Retry-After", value);
}

static void write_extras(const struct origin_query *q, struct origin_bytes *out)
{
    for (int64_t i = 0; i < q->headers; i++) {
        origin_bytes_print(out, "X-Extra-%lld: value %lld\r\n", (long long)i, (long long)i);
    }
    if (q->header_size >= 0) {
        origin_bytes_text(out, "X-Big: ");
        origin_bytes_fill(out, 'b', (size_t)q->header_size);
        origin_bytes_text(out, "\r\n");
    }
    if (q->malformed == MALFORMED_HEADER) {
        origin_bytes_text(out, "this line has no colon\r\n");
    } else if (q->malformed == MALFORMED_NUL) {
        origin_bytes_add(out, "X-Nul: a\0b\r\n", 12);
    } else if (q->malformed == MALFORMED_FOLD) {
        origin_bytes_text(out, "X-Fold: one\r\n two\r\n");
    }
}

void origin_head_write(const struct origin_head *h, const struct origin_reply *r,
                       struct origin_bytes *out)
{
    struct origin_span location = {(const char *)h->location.p, h->location.n};

    write_status(h, out);
    write_type(h, out);
    write_encoding(h->q, out);
    write_framing(h, r, out);
    if (!h->keep) {
        origin_bytes_text(out, "Connection: close\r\n");
    } else if (h->rq->old) {
        origin_bytes_text(out, "Connection: keep-alive\r\n");
    }
    field(out, "X-Host", h->rq->host);
    if (h->rq->absolute) {
        origin_bytes_text(out, "X-Via-Proxy: 1\r\n");
    }
    if (h->has_location) {
        field(out, "Location", location);
    }
    if (h->q->retry_after.p) {
        write_retry_after(h->q->retry_after, out);
    }
    if (h->status == 401) {
        origin_bytes_text(out, "WWW-Authenticate: Basic realm=\"origin\"\r\n");
    } else if (h->status == 405) {
        origin_bytes_text(out, "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n");
    }
    write_extras(h->q, out);
    origin_bytes_text(out, "\r\n");
}
