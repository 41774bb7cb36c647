/* A growing run of bytes, and a view of somebody else's.
 *
 * The origin is a test tool: running out of memory ends the process with a message, so
 * nothing here reports an error. A zeroed struct is an empty, valid buffer. */
#ifndef ORIGIN_BYTES_H
#define ORIGIN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct origin_span {
    const char *p; /* not NUL-terminated; NULL means absent */
    size_t n;
};

struct origin_bytes {
    uint8_t *p; /* NULL while cap is 0 */
    size_t n;
    size_t cap;
};

/* malloc that never returns NULL. */
void *origin_alloc(size_t n);

/* Makes room for `more` further bytes. */
void origin_bytes_reserve(struct origin_bytes *b, size_t more);
void origin_bytes_add(struct origin_bytes *b, const void *p, size_t n);
void origin_bytes_text(struct origin_bytes *b, const char *text);
void origin_bytes_span(struct origin_bytes *b, struct origin_span s);
void origin_bytes_fill(struct origin_bytes *b, int byte, size_t n);
void origin_bytes_print(struct origin_bytes *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends the text with & < > " as character references. */
void origin_bytes_html(struct origin_bytes *b, struct origin_span s);
/* Drops the first n bytes; n is at most b->n. */
void origin_bytes_drop(struct origin_bytes *b, size_t n);
/* Frees the memory and leaves an empty buffer. */
void origin_bytes_free(struct origin_bytes *b);

bool origin_span_is(struct origin_span s, const char *text);
/* ASCII case-insensitive. */
bool origin_span_same(struct origin_span s, const char *text);
/* True with the value when all of s is decimal digits and the value is at most max. */
bool origin_span_number(struct origin_span s, uint64_t max, uint64_t *value);
/* FNV-1a, started from `seed`. */
uint64_t origin_span_hash(struct origin_span s, uint64_t seed);

#endif
