#include "body.h"

#include <string.h>

bool origin_body_sized(const struct origin_body *b)
{
    return !b->coder && b->fill != ORIGIN_ENDLESS;
}

uint64_t origin_body_left(struct origin_body *b)
{
    if (b->coder) {
        return origin_coder_left(b->coder);
    }
    if (b->fill == ORIGIN_ENDLESS) {
        return ORIGIN_ENDLESS;
    }
    return b->head.n - b->head_at + b->fill + b->tail_left;
}

static size_t least(size_t a, uint64_t b)
{
    return b < a ? (size_t)b : a;
}

static size_t read_fill(struct origin_body *b, uint8_t *out, size_t n)
{
    size_t done = 0;

    n = least(n, b->fill);
    while (done < n) {
        size_t k = least(n - done, ORIGIN_POOL - b->pool_at);
        memcpy(out + done, b->pool + b->pool_at, k);
        b->pool_at = (b->pool_at + k) % ORIGIN_POOL;
        done += k;
    }
    if (b->fill != ORIGIN_ENDLESS) {
        b->fill -= n;
    }
    return n;
}

size_t origin_body_read(struct origin_body *b, uint8_t *out, size_t n)
{
    size_t k, done;

    if (b->coder) {
        return origin_coder_read(b->coder, out, n);
    }
    done = least(n, b->head.n - b->head_at);
    if (done) {
        memcpy(out, b->head.p + b->head_at, done);
        b->head_at += done;
    }
    done += read_fill(b, out + done, n - done);
    k = least(n - done, b->tail_left);
    if (k) {
        memcpy(out + done, b->tail, k);
        b->tail += k;
        b->tail_left -= k;
    }
    return done + k;
}

void origin_body_bomb(struct origin_body *b, uint64_t zeros, struct origin_span list)
{
    b->coder = origin_coder_open(list, &b->head, zeros);
}

void origin_body_encode(struct origin_body *b, struct origin_span list)
{
    struct origin_bytes in = {0}, out = {0};
    size_t left = (size_t)origin_body_left(b);
    struct origin_coder *coder;

    origin_bytes_reserve(&in, left + 1);
    in.n = origin_body_read(b, in.p, left);
    coder = origin_coder_open(list, &in, 0);
    while ((left = origin_coder_left(coder)) > 0) {
        origin_bytes_reserve(&out, left);
        out.n += origin_coder_read(coder, out.p + out.n, left);
    }
    origin_coder_free(coder);
    origin_body_free(b);
    b->head = out;
}

void origin_body_free(struct origin_body *b)
{
    origin_bytes_free(&b->head);
    origin_coder_free(b->coder);
    memset(b, 0, sizeof *b);
}
