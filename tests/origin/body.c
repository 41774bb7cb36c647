#include "body.h"

#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "query.h"

#define ZEROS 16384u
#define STAGE 2048u /* small: it stands for a thousand times as much to compress */

struct origin_bomb {
    z_stream z;
    uint64_t zeros; /* still to be compressed */
    size_t at, n;   /* compressed and not yet read */
    bool done;
    uint8_t out[STAGE];
};

static const uint8_t zeros[ZEROS];

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "origin: %s failed\n", what);
        abort();
    }
}

static void deflate_start(z_stream *z, int window)
{
    memset(z, 0, sizeof *z);
    check(deflateInit2(z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflate");
}

void origin_body_bomb(struct origin_body *b, uint64_t n)
{
    origin_body_free(b);
    b->bomb = origin_alloc(sizeof *b->bomb);
    memset(b->bomb, 0, sizeof *b->bomb);
    b->bomb->zeros = n;
    deflate_start(&b->bomb->z, 15 + 16);
}

static void bomb_refill(struct origin_bomb *m)
{
    m->at = 0;
    m->z.next_out = m->out;
    m->z.avail_out = STAGE;
    while (m->z.avail_out && !m->done) {
        size_t n = m->zeros < ZEROS ? (size_t)m->zeros : ZEROS;
        int r;
        if (m->z.avail_in == 0) {
            m->z.next_in = (Bytef *)(uintptr_t)zeros;
            m->z.avail_in = (uInt)n;
            m->zeros -= n;
        }
        r = deflate(&m->z, m->zeros ? Z_NO_FLUSH : Z_FINISH);
        check(r != Z_STREAM_ERROR, "deflate");
        m->done = r == Z_STREAM_END;
    }
    m->n = STAGE - m->z.avail_out;
}

static size_t bomb_left(struct origin_bomb *m)
{
    if (m->at == m->n && !m->done) {
        bomb_refill(m);
    }
    return m->n - m->at;
}

bool origin_body_sized(const struct origin_body *b)
{
    return !b->bomb && b->fill != ORIGIN_ENDLESS;
}

uint64_t origin_body_left(struct origin_body *b)
{
    if (b->bomb) {
        return bomb_left(b->bomb);
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

    if (b->bomb) {
        k = least(n, bomb_left(b->bomb));
        memcpy(out, b->bomb->out + b->bomb->at, k);
        b->bomb->at += k;
        return k;
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

static void deflate_all(const struct origin_bytes *in, int window, struct origin_bytes *out)
{
    z_stream z;

    deflate_start(&z, window);
    origin_bytes_reserve(out, deflateBound(&z, (uLong)in->n));
    z.next_in = in->p;
    z.avail_in = (uInt)in->n;
    z.next_out = out->p;
    z.avail_out = (uInt)out->cap;
    check(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
    out->n = out->cap - z.avail_out;
    deflateEnd(&z);
}

static void brotli_all(const struct origin_bytes *in, struct origin_bytes *out)
{
    size_t n;

    origin_bytes_reserve(out, BrotliEncoderMaxCompressedSize(in->n));
    n = out->cap;
    check(BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, in->n, in->p, &n,
                                out->p),
          "brotli");
    out->n = n;
}

void origin_body_encode(struct origin_body *b, int64_t encoding)
{
    struct origin_bytes in = {0};
    struct origin_bytes out = {0};
    size_t left = (size_t)origin_body_left(b);

    origin_bytes_reserve(&in, left + 1);
    in.n = origin_body_read(b, in.p, left);
    if (encoding == ENCODING_BR) {
        brotli_all(&in, &out);
    } else {
        deflate_all(&in, encoding == ENCODING_GZIP ? 15 + 16 : 15, &out);
    }
    origin_bytes_free(&in);
    origin_body_free(b);
    b->head = out;
}

void origin_body_free(struct origin_body *b)
{
    origin_bytes_free(&b->head);
    if (b->bomb) {
        deflateEnd(&b->bomb->z);
        free(b->bomb);
    }
    memset(b, 0, sizeof *b);
}
