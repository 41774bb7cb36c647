#include "coder.h"

#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT 16384u
#define STAGE 2048u /* small: it stands for a thousand times as much to compress */
/* After so many inputs, what came of them is sent on: a bomb would be swallowed whole before. */
#define FLUSH_AFTER 64u

enum coding { GZIP, DEFLATE, BR, ZSTD, CODINGS };

static const char *const names[CODINGS] = {"gzip", "deflate", "br", "zstd"};

struct origin_coder {
    enum coding coding;
    struct origin_coder *from; /* NULL: bytes and zeros */
    struct origin_bytes bytes;
    size_t bytes_at;
    uint64_t zeros;
    uint8_t in[INPUT];
    size_t in_at, in_n;
    unsigned filled; /* how often in was since the last flush */
    bool in_ended, flushing, done;
    uint8_t out[STAGE];
    size_t at, n; /* compressed and not yet read */
    z_stream z;
    BrotliEncoderState *br;
    ZSTD_CStream *zstd;
};

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "origin: %s failed\n", what);
        abort();
    }
}

/* ---- the list ---- */

static struct origin_span first_of(struct origin_span *list)
{
    const char *comma = memchr(list->p, ',', list->n);
    struct origin_span name = {list->p, comma ? (size_t)(comma - list->p) : list->n};
    size_t used = name.n + (comma ? 1 : 0);

    list->p += used;
    list->n -= used;
    return name;
}

static enum coding coding_of(struct origin_span name)
{
    enum coding c = GZIP;

    while (c < CODINGS && !origin_span_is(name, names[c])) {
        c++;
    }
    return c;
}

bool origin_coder_knows(struct origin_span list)
{
    bool known = list.n > 0;

    while (known && list.n > 0) {
        known = coding_of(first_of(&list)) < CODINGS;
    }
    return known;
}

/* ---- one coding ---- */

static void begin(struct origin_coder *c)
{
    switch (c->coding) {
    case GZIP:
    case DEFLATE:
        check(deflateInit2(&c->z, 6, Z_DEFLATED, c->coding == GZIP ? 15 + 16 : 15, 8,
                           Z_DEFAULT_STRATEGY) == Z_OK,
              "deflate");
        break;
    case BR:
        c->br = BrotliEncoderCreateInstance(NULL, NULL, NULL);
        check(c->br != NULL, "brotli");
        BrotliEncoderSetParameter(c->br, BROTLI_PARAM_QUALITY, 5);
        break;
    case ZSTD:
        c->zstd = ZSTD_createCStream();
        check(c->zstd != NULL, "zstd");
        break;
    case CODINGS: break;
    }
}

static void fill(struct origin_coder *c)
{
    size_t left = c->bytes.n - c->bytes_at, zeros;

    c->in_at = 0;
    c->filled++;
    if (c->from) {
        c->in_n = origin_coder_read(c->from, c->in, INPUT);
        c->in_ended = c->in_n == 0;
        return;
    }
    c->in_n = left < INPUT ? left : INPUT;
    if (c->in_n) {
        memcpy(c->in, c->bytes.p + c->bytes_at, c->in_n);
        c->bytes_at += c->in_n;
    }
    zeros = c->zeros < INPUT - c->in_n ? (size_t)c->zeros : INPUT - c->in_n;
    memset(c->in + c->in_n, 0, zeros);
    c->in_n += zeros;
    c->zeros -= zeros;
    c->in_ended = c->zeros == 0 && c->bytes_at == c->bytes.n;
}

static void run_deflate(struct origin_coder *c)
{
    int how = c->in_ended ? Z_FINISH : c->flushing ? Z_SYNC_FLUSH : Z_NO_FLUSH, r;

    c->z.next_in = c->in + c->in_at;
    c->z.avail_in = (uInt)(c->in_n - c->in_at);
    c->z.next_out = c->out + c->n;
    c->z.avail_out = (uInt)(STAGE - c->n);
    r = deflate(&c->z, how);
    check(r != Z_STREAM_ERROR, "deflate");
    c->in_at = c->in_n - c->z.avail_in;
    c->n = STAGE - c->z.avail_out;
    c->flushing = c->flushing && c->z.avail_out == 0;
    c->done = r == Z_STREAM_END;
}

static void run_brotli(struct origin_coder *c)
{
    BrotliEncoderOperation how = c->in_ended    ? BROTLI_OPERATION_FINISH
                                 : c->flushing ? BROTLI_OPERATION_FLUSH
                                               : BROTLI_OPERATION_PROCESS;
    size_t in = c->in_n - c->in_at, room = STAGE - c->n;
    const uint8_t *from = c->in + c->in_at;
    uint8_t *to = c->out + c->n;

    check(BrotliEncoderCompressStream(c->br, how, &in, &from, &room, &to, NULL), "brotli");
    c->in_at = c->in_n - in;
    c->n = STAGE - room;
    c->flushing = c->flushing && BrotliEncoderHasMoreOutput(c->br);
    c->done = BrotliEncoderIsFinished(c->br);
}

static void run_zstd(struct origin_coder *c)
{
    ZSTD_EndDirective how = c->in_ended ? ZSTD_e_end : c->flushing ? ZSTD_e_flush : ZSTD_e_continue;
    ZSTD_inBuffer in = {c->in, c->in_n, c->in_at};
    ZSTD_outBuffer out = {c->out, STAGE, c->n};
    size_t left = ZSTD_compressStream2(c->zstd, &out, &in, how);

    check(!ZSTD_isError(left), "zstd");
    c->in_at = in.pos;
    c->n = out.pos;
    c->flushing = c->flushing && left > 0;
    c->done = how == ZSTD_e_end && left == 0;
}

static void run(struct origin_coder *c)
{
    switch (c->coding) {
    case GZIP:
    case DEFLATE: run_deflate(c); break;
    case BR: run_brotli(c); break;
    case ZSTD: run_zstd(c); break;
    case CODINGS: break;
    }
}

static void refill(struct origin_coder *c)
{
    c->at = c->n = 0;
    while (c->n == 0 && !c->done) {
        if (c->in_at == c->in_n && !c->in_ended && !c->flushing) {
            fill(c);
        }
        c->flushing = c->flushing || c->filled >= FLUSH_AFTER;
        c->filled = c->flushing ? 0 : c->filled;
        run(c);
    }
}

size_t origin_coder_left(struct origin_coder *c)
{
    if (c->at == c->n && !c->done) {
        refill(c);
    }
    return c->n - c->at;
}

size_t origin_coder_read(struct origin_coder *c, uint8_t *out, size_t n)
{
    size_t left = origin_coder_left(c), k = n < left ? n : left;

    memcpy(out, c->out + c->at, k);
    c->at += k;
    return k;
}

/* ---- all of them ---- */

struct origin_coder *origin_coder_open(struct origin_span list, struct origin_bytes *bytes,
                                       uint64_t zeros)
{
    struct origin_coder *last = NULL;

    while (list.n > 0) {
        struct origin_coder *c = origin_alloc(sizeof *c);

        memset(c, 0, sizeof *c);
        c->coding = coding_of(first_of(&list));
        c->from = last;
        if (!last) {
            c->bytes = *bytes;
            c->zeros = zeros;
        }
        begin(c);
        last = c;
    }
    memset(bytes, 0, sizeof *bytes);
    return last;
}

void origin_coder_free(struct origin_coder *c)
{
    while (c) {
        struct origin_coder *from = c->from;

        if (c->coding == GZIP || c->coding == DEFLATE) {
            deflateEnd(&c->z);
        }
        BrotliEncoderDestroyInstance(c->br);
        ZSTD_freeCStream(c->zstd);
        origin_bytes_free(&c->bytes);
        free(c);
        c = from;
    }
}
