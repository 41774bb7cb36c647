/* Content codings as a stream: bytes, or a run of zeros, are compressed while the result is read, so
 * that a bomb costs no memory. */
#ifndef ORIGIN_CODER_H
#define ORIGIN_CODER_H

#include "bytes.h"

struct origin_coder;

/* True when all names between commas are gzip, deflate, br or zstd. */
bool origin_coder_knows(struct origin_span list);
/* Applies the list's codings in turn to the bytes, which it takes and frees, and to the zeros after
 * them. The list is known and not empty. */
struct origin_coder *origin_coder_open(struct origin_span list, struct origin_bytes *bytes,
                                       uint64_t zeros);
/* What can be read without doubt; 0 only at the end. */
size_t origin_coder_left(struct origin_coder *c);
/* At most n bytes, and says how many. */
size_t origin_coder_read(struct origin_coder *c, uint8_t *out, size_t n);
/* Accepts NULL. */
void origin_coder_free(struct origin_coder *c);

#endif
