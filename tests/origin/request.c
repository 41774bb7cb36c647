#include "request.h"

#include <string.h>

static struct origin_span cut(const char *from, const char *to)
{
    return (struct origin_span){from, (size_t)(to - from)};
}

static struct origin_span trim(struct origin_span s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}

static int read_version(struct origin_request *rq, struct origin_span s)
{
    if (s.n != 8 || memcmp(s.p, "HTTP/", 5) != 0) {
        return 400;
    }
    if (memcmp(s.p + 5, "1.", 2) != 0) {
        return 505;
    }
    rq->old = s.p[7] == '0';
    rq->keep = !rq->old;
    return 0;
}

/* Absolute form, RFC 9112 section 3.2.2: everything up to the authority's end is left out. */
static void skip_authority(struct origin_request *rq, struct origin_span *rest)
{
    const char *end = rest->p + rest->n;
    const char *p = memmem(rest->p, rest->n, "://", 3);

    rq->absolute = true;
    for (p += 3; p < end && *p != '/' && *p != '?'; p++) {
    }
    *rest = cut(p, end);
}

static int split_target(struct origin_request *rq)
{
    struct origin_span rest = rq->target;
    const char *mark;

    if (rest.n == 0) {
        return 400;
    }
    if (origin_span_is(rq->method, "CONNECT") || origin_span_is(rest, "*")) {
        rq->path = rest;
        return 0;
    }
    if (rest.p[0] != '/') {
        if (!memmem(rest.p, rest.n, "://", 3)) {
            return 400;
        }
        skip_authority(rq, &rest);
    }
    mark = rest.n ? memchr(rest.p, '?', rest.n) : NULL;
    rq->path = rest;
    if (mark) {
        rq->path = cut(rest.p, mark);
        rq->query = cut(mark + 1, rest.p + rest.n);
    }
    if (rq->path.n == 0) {
        rq->path = (struct origin_span){"/", 1};
    }
    return 0;
}

static int read_line(struct origin_request *rq, struct origin_span line)
{
    const char *end = line.p + line.n;
    const char *first = memchr(line.p, ' ', line.n);
    const char *last = memrchr(line.p, ' ', line.n);
    int status;

    if (!first || first == last || first == line.p) {
        return 400;
    }
    rq->method = cut(line.p, first);
    rq->target = cut(first + 1, last);
    status = read_version(rq, cut(last + 1, end));
    return status ? status : split_target(rq);
}

static int read_header(struct origin_request *rq, struct origin_span line)
{
    const char *colon = memchr(line.p, ':', line.n);
    struct origin_span name, value;

    if (!colon || colon == line.p) {
        return 400;
    }
    name = cut(line.p, colon);
    value = trim(cut(colon + 1, line.p + line.n));
    if (origin_span_same(name, "Host")) {
        rq->host = value;
    } else if (origin_span_same(name, "Authorization")) {
        rq->authorization = value;
    } else if (origin_span_same(name, "Connection")) {
        if (origin_span_same(value, "close")) {
            rq->keep = false;
        } else if (origin_span_same(value, "keep-alive")) {
            rq->keep = true;
        }
    } else if (origin_span_same(name, "Content-Length")) {
        return origin_span_number(value, INT64_MAX, &rq->body_len) ? 0 : 400;
    } else if (origin_span_same(name, "Transfer-Encoding")) {
        return 501;
    }
    return 0;
}

int origin_request_parse(struct origin_request *rq, const char *p, size_t n)
{
    const char *end = p + n;
    bool first = true;

    memset(rq, 0, sizeof *rq);
    rq->head = cut(p, end);
    while (p < end) {
        const char *eol = memmem(p, (size_t)(end - p), "\r\n", 2);
        int status;
        if (!eol) {
            return 400;
        }
        if (eol == p) {
            return first ? 400 : 0;
        }
        status = first ? read_line(rq, cut(p, eol)) : read_header(rq, cut(p, eol));
        if (status) {
            return status;
        }
        first = false;
        p = eol + 2;
    }
    return 400;
}
