/* A growing byte buffer. data is owned, NUL-terminated besides its len bytes once it is not NULL,
 * and moves when the buffer grows. A zeroed struct is an empty buffer. */
#ifndef TW_BASE_BUF_H
#define TW_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct tw_buf {
    char *data; /* NULL until the first append or reserve */
    size_t len;
    size_t cap; /* usable bytes, the terminator not counted */
};

/* Room for `more` bytes after len. 0 or TRAWL_ENOMEM, which leaves the buffer as it was. */
int tw_buf_reserve(struct tw_buf *b, size_t more);
int tw_buf_append(struct tw_buf *b, const void *bytes, size_t len);

/* Empties it and keeps at most `keep` bytes of capacity for the next use. */
void tw_buf_reset(struct tw_buf *b, size_t keep);
void tw_buf_free(struct tw_buf *b);

/* Whether it is made of pages of its own, so that it may be given back bit by bit. */
bool tw_buf_is_large(const struct tw_buf *b);
/* Gives back about max bytes at its end, two megabytes at least; what is left is of no use but to be
 * trimmed further. The last piece, which for one that is not large is all of it, leaves the buffer
 * empty. */
void tw_buf_trim(struct tw_buf *b, size_t max);

#endif
