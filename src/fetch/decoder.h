/* Undoes one coding of a stream of bytes, a bounded piece at a time: gzip, zlib or raw deflate, brotli,
 * and zstd. */
#ifndef TW_FETCH_DECODER_H
#define TW_FETCH_DECODER_H

#include <brotli/decode.h>
#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>
#include <zstd.h>

/* The most that is read, and the most that is made, at a time. Only brotli makes more at a time: all that
 * its window holds, 16 MiB at the most, which lies there until it is taken. */
#define TW_DECODER_PIECE ((size_t)16 * 1024)

struct tw_span {
    const unsigned char *bytes;
    size_t len;
};

struct tw_format; /* a coding's name and how it is undone */

/* The coding of that name, in any case. NULL if it is not known; "identity" and its alias "none", which
 * are no coding, are not looked up here. */
const struct tw_format *tw_format_find(const char *name, size_t len);
const char *tw_format_name(const struct tw_format *format);

/* Zeroed but for its format to begin with. */
struct tw_decoder {
    const struct tw_format *format;
    struct tw_span out;    /* made and not taken yet; the caller moves it on */
    bool more;             /* there may be more to make without any input */
    bool ended;            /* the input may end here */
    const char *why;       /* after an error; static */
    /* The rest is its own: */
    bool begun;
    unsigned char head[4]; /* what has come of the bytes that tell formats apart */
    unsigned head_len;
    unsigned spare;        /* bytes that may follow the end */
    unsigned char *buffer; /* where out lies, NULL while it is not needed */
    union {
        z_stream z;
        BrotliDecoderState *br;
        ZSTD_DStream *zstd;
    } state;
};

/* Takes some of the input and makes some output, one of which may be nothing; out must have been taken. The
 * input need not last. 0; TRAWL_ENOMEM; or TRAWL_EENCODING, which is its end. */
int tw_decoder_run(struct tw_decoder *d, struct tw_span *in);
/* Some input came, and not all that belongs to it. */
bool tw_decoder_is_cut(const struct tw_decoder *d);
/* Frees what it can do without until more comes; nothing is in out. */
void tw_decoder_rest(struct tw_decoder *d);
void tw_decoder_free(struct tw_decoder *d);

#endif
