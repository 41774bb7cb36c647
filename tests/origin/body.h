/* A response body as a stream: some bytes, then filler text that is copied out of a pool when it
 * is asked for, then some bytes; or what a run of zeros is compressed to. Large bodies so cost no memory. */
#ifndef ORIGIN_BODY_H
#define ORIGIN_BODY_H

#include "bytes.h"
#include "coder.h"

#define ORIGIN_POOL 65536u
#define ORIGIN_ENDLESS UINT64_MAX

/* A zeroed struct is the empty body. */
struct origin_body {
    struct origin_bytes head; /* owned */
    size_t head_at;
    const uint8_t *pool; /* ORIGIN_POOL bytes, borrowed; may be NULL while fill is 0 */
    size_t pool_at;
    uint64_t fill;    /* bytes of filler still to come, ORIGIN_ENDLESS without end */
    const char *tail; /* static text */
    size_t tail_left;
    struct origin_coder *coder; /* NULL, or makes the whole body */
};

/* Bytes that can be read without doubt: all that is left, except for a bomb, which answers with
 * what it has compressed so far and never with 0 before its end. ORIGIN_ENDLESS without end. */
uint64_t origin_body_left(struct origin_body *b);
/* True when origin_body_left is the body's whole rest and not ORIGIN_ENDLESS. */
bool origin_body_sized(const struct origin_body *b);
/* Copies at most n bytes out and says how many; fewer than n only at the end or in a bomb. */
size_t origin_body_read(struct origin_body *b, uint8_t *out, size_t n);
/* Adds so many zeros to a body that is a head, in the list's codings: compressed while it is read. */
void origin_body_bomb(struct origin_body *b, uint64_t zeros, struct origin_span list);
/* Applies a list of codings to a sized body. */
void origin_body_encode(struct origin_body *b, struct origin_span list);
void origin_body_free(struct origin_body *b);

#endif
