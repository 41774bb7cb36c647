#include "fetch/decoder.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zstd_errors.h>

#include "trawl.h"

/* RFC 9659: more is not for the web. */
#define ZSTD_WINDOW_LOG 23
/* libcurl's, for servers that put a checksum there, right or wrong. */
#define RAW_DEFLATE_SPARE 4
/* zlib's: looks whether a gzip or a zlib header comes. */
#define ANY_HEADER (32 + MAX_WBITS)

struct tw_format {
    const char *name, *alias;
    unsigned head; /* bytes that begin() wants to see, at the most sizeof(head) */
    bool again;    /* another stream may follow the end */
    int (*begin)(struct tw_decoder *d);
    int (*run)(struct tw_decoder *d, struct tw_span *in);
    void (*free)(struct tw_decoder *d);
};

static void skip(struct tw_span *s, size_t len)
{
    s->bytes += len;
    s->len -= len;
}

static int fail(struct tw_decoder *d, const char *why)
{
    d->why = why == NULL ? "it is broken" : why;
    return TRAWL_EENCODING;
}

static int need_buffer(struct tw_decoder *d)
{
    if (d->buffer == NULL)
        d->buffer = malloc(TW_DECODER_PIECE);
    return d->buffer == NULL ? TRAWL_ENOMEM : 0;
}

/* ---- gzip and deflate ---- */

static int begin_inflate(struct tw_decoder *d, int window)
{
    return inflateInit2(&d->state.z, window) == Z_OK ? 0 : TRAWL_ENOMEM;
}

static int begin_gzip(struct tw_decoder *d)
{
    return begin_inflate(d, ANY_HEADER);
}

/* RFC 1950 section 2.2. What has no such header is raw, which some servers take "deflate" for. */
static bool has_zlib_header(const unsigned char *head)
{
    return (head[0] & 0x0f) == 8 && head[0] >> 4 <= 7 && (head[0] * 256 + head[1]) % 31 == 0;
}

static int begin_deflate(struct tw_decoder *d)
{
    bool raw = !has_zlib_header(d->head);

    d->spare = raw ? RAW_DEFLATE_SPARE : 0;
    return begin_inflate(d, raw ? -MAX_WBITS : MAX_WBITS);
}

static int run_inflate(struct tw_decoder *d, struct tw_span *in)
{
    z_stream *z = &d->state.z;
    int rc = need_buffer(d);

    if (rc != 0)
        return rc;
    z->next_in = (Bytef *)(uintptr_t)in->bytes;
    z->avail_in = (uInt)in->len;
    z->next_out = d->buffer;
    z->avail_out = (uInt)TW_DECODER_PIECE;
    rc = inflate(z, Z_SYNC_FLUSH);
    skip(in, in->len - z->avail_in);
    d->out = (struct tw_span){d->buffer, TW_DECODER_PIECE - z->avail_out};
    d->more = z->avail_out == 0 && rc != Z_STREAM_END;
    d->ended = rc == Z_STREAM_END;
    switch (rc) {
    case Z_OK:
    case Z_BUF_ERROR: /* nothing to do */
    case Z_STREAM_END: return 0;
    case Z_MEM_ERROR: return TRAWL_ENOMEM;
    case Z_NEED_DICT: return fail(d, "it needs a dictionary");
    default: return fail(d, z->msg);
    }
}

static void free_inflate(struct tw_decoder *d)
{
    inflateEnd(&d->state.z);
}

/* ---- brotli ---- */

/* Without the large windows, which are not for HTTP. */
static int begin_brotli(struct tw_decoder *d)
{
    d->state.br = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    return d->state.br == NULL ? TRAWL_ENOMEM : 0;
}

static int brotli_error(struct tw_decoder *d)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(d->state.br);

    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return TRAWL_ENOMEM;
    return fail(d, BrotliDecoderErrorString(code));
}

/* It unpacks into its window and would copy from there. This way it is told how much it has unpacked, which
 * is read where it lies. */
static int run_brotli(struct tw_decoder *d, struct tw_span *in)
{
    size_t none = 0, all = 0;
    BrotliDecoderResult rc =
        BrotliDecoderDecompressStream(d->state.br, &in->len, &in->bytes, &none, NULL, NULL);

    if (rc == BROTLI_DECODER_RESULT_ERROR)
        return brotli_error(d);
    d->out.bytes = BrotliDecoderTakeOutput(d->state.br, &all);
    d->out.len = all;
    d->more = rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    d->ended = rc == BROTLI_DECODER_RESULT_SUCCESS;
    return 0;
}

static void free_brotli(struct tw_decoder *d)
{
    BrotliDecoderDestroyInstance(d->state.br);
}

/* ---- zstd ---- */

static unsigned long little_endian(const unsigned char *head)
{
    return head[0] | (unsigned long)head[1] << 8 | (unsigned long)head[2] << 16 |
           (unsigned long)head[3] << 24;
}

/* RFC 8878 section 3.1. The library reads formats of before the standard, too, whose windows it does not
 * limit. */
static int check_magic(struct tw_decoder *d)
{
    unsigned long magic = little_endian(d->head);

    if (magic == ZSTD_MAGICNUMBER ||
        (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
        return 0;
    return fail(d, "no frame begins where one should");
}

static int begin_zstd(struct tw_decoder *d)
{
    int err = check_magic(d);

    if (err != 0 || d->state.zstd != NULL)
        return err;
    d->state.zstd = ZSTD_createDStream();
    if (d->state.zstd == NULL)
        return TRAWL_ENOMEM;
    ZSTD_DCtx_setParameter(d->state.zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
    return 0;
}

static int run_zstd(struct tw_decoder *d, struct tw_span *in)
{
    ZSTD_inBuffer from = {in->bytes, in->len, 0};
    ZSTD_outBuffer to = {NULL, TW_DECODER_PIECE, 0};
    int err = need_buffer(d);
    size_t rc;

    if (err != 0)
        return err;
    to.dst = d->buffer;
    rc = ZSTD_decompressStream(d->state.zstd, &to, &from);
    if (ZSTD_isError(rc))
        return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation
                   ? TRAWL_ENOMEM
                   : fail(d, ZSTD_getErrorName(rc));
    skip(in, from.pos);
    d->out = (struct tw_span){d->buffer, to.pos};
    d->ended = rc == 0;
    d->more = to.pos == to.size && rc != 0;
    return 0;
}

static void free_zstd(struct tw_decoder *d)
{
    ZSTD_freeDStream(d->state.zstd);
}

/* ---- all of them ---- */

static const struct tw_format formats[] = {
    {"gzip", "x-gzip", 0, false, begin_gzip, run_inflate, free_inflate},
    {"deflate", NULL, 2, false, begin_deflate, run_inflate, free_inflate},
    {"br", NULL, 0, false, begin_brotli, run_brotli, free_brotli},
    {"zstd", NULL, 4, true, begin_zstd, run_zstd, free_zstd},
};

static bool is_name(const char *known, const char *name, size_t len)
{
    return known != NULL && strlen(known) == len && strncasecmp(known, name, len) == 0;
}

const struct tw_format *tw_format_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (is_name(formats[i].name, name, len) || is_name(formats[i].alias, name, len))
            return &formats[i];
    return NULL;
}

const char *tw_format_name(const struct tw_format *format)
{
    return format->name;
}

/* False while some of the first bytes are missing. */
static bool read_head(struct tw_decoder *d, struct tw_span *in)
{
    for (; d->head_len < d->format->head && in->len > 0; skip(in, 1))
        d->head[d->head_len++] = in->bytes[0];
    return d->head_len == d->format->head;
}

/* What has been looked at goes first: no format needs less. */
static int begin(struct tw_decoder *d, struct tw_span *in)
{
    struct tw_span head = {d->head, d->format->head};
    int err;

    if (!read_head(d, in))
        return 0;
    err = d->format->begin(d);
    d->begun = err == 0;
    return err == 0 && head.len > 0 ? d->format->run(d, &head) : err;
}

static int run_after_end(struct tw_decoder *d, struct tw_span *in)
{
    if (d->format->again) {
        d->begun = d->ended = false;
        d->head_len = 0;
        return begin(d, in);
    }
    if (in->len > d->spare)
        return fail(d, "more follows its end");
    d->spare -= (unsigned)in->len;
    skip(in, in->len);
    return 0;
}

int tw_decoder_run(struct tw_decoder *d, struct tw_span *in)
{
    struct tw_span some = {in->bytes, in->len < TW_DECODER_PIECE ? in->len : TW_DECODER_PIECE};
    size_t len = some.len;
    int err;

    if (d->ended)
        err = run_after_end(d, &some);
    else if (!d->begun)
        err = begin(d, &some);
    else
        err = d->format->run(d, &some);
    skip(in, len - some.len);
    return err;
}

bool tw_decoder_is_cut(const struct tw_decoder *d)
{
    return !d->ended && (d->begun || d->head_len > 0);
}

void tw_decoder_rest(struct tw_decoder *d)
{
    free(d->buffer);
    d->buffer = NULL;
}

void tw_decoder_free(struct tw_decoder *d)
{
    d->format->free(d); /* also what was never begun */
    free(d->buffer);
    *d = (struct tw_decoder){0};
}
