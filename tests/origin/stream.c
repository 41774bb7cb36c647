#include <stdio.h>
#include <string.h>

#include "query.h"
#include "reply.h"

static size_t take(const void *from, size_t have, size_t *at, uint8_t *out, size_t n)
{
    size_t k = have - *at < n ? have - *at : n;

    if (k) {
        memcpy(out, (const uint8_t *)from + *at, k);
        *at += k;
    }
    return k;
}

/* Makes the framing that stands before the next chunk's data, RFC 9112 section 7.1. */
static void next_line(struct origin_reply *r)
{
    const char *before = r->open ? "\r\n" : "";
    uint64_t left = origin_body_left(&r->body);
    int n;

    if (r->open && r->malformed == MALFORMED_CHUNK) {
        before = "XX";
    }
    r->chunk_left = left < r->chunk ? left : r->chunk;
    r->open = true;
    r->last = left == 0;
    if (r->malformed == MALFORMED_CHUNKSIZE) {
        n = snprintf(r->line, sizeof r->line, "%sxyz\r\n", before);
    } else if (r->last) {
        n = snprintf(r->line, sizeof r->line, "%s0\r\n%s\r\n", before,
                     r->trailers ? "X-Trailer: end\r\nX-Trailer-Two: also\r\n" : "");
    } else {
        n = snprintf(r->line, sizeof r->line, "%s%llx\r\n", before,
                     (unsigned long long)r->chunk_left);
    }
    r->line_at = 0;
    r->line_n = (size_t)n;
}

static size_t fill_body(struct origin_reply *r, uint8_t *out, size_t n)
{
    size_t k;

    if (!r->chunked) {
        return origin_body_read(&r->body, out, n);
    }
    if (r->line_at == r->line_n && r->chunk_left == 0 && !r->last) {
        next_line(r);
    }
    k = take(r->line, r->line_n, &r->line_at, out, n);
    if (k) {
        return k;
    }
    k = origin_body_read(&r->body, out, r->chunk_left < n ? (size_t)r->chunk_left : n);
    r->chunk_left -= k;
    return k;
}

size_t origin_reply_fill(struct origin_reply *r, uint8_t *out, size_t n)
{
    size_t done, k;

    if (n > r->allowed) {
        n = (size_t)r->allowed;
    }
    done = take(r->head.p, r->head.n, &r->head_at, out, n);
    while (done < n) {
        k = fill_body(r, out + done, n - done);
        if (k == 0) {
            break;
        }
        done += k;
        if (r->body.coder && r->chunk_left == 0) {
            break; /* it took as much work as may be: more would keep the loop busy for long */
        }
    }
    if (r->allowed != UINT64_MAX) {
        r->allowed -= done;
    }
    return done;
}

void origin_reply_free(struct origin_reply *r)
{
    origin_bytes_free(&r->head);
    origin_body_free(&r->body);
}
