/* The header of an HTTP response, from the lines as they come in (RFC 9112 section 5).
 *
 * A zeroed struct tw_headers is empty. What it hands out points into it, and is valid until the
 * next line is added, or the reset or free. */
#ifndef TW_PARSE_HEADER_H
#define TW_PARSE_HEADER_H

#include <stddef.h>

#include "base/buf.h"
#include "trawl.h"

enum tw_headers_state {
    TW_HEADERS_START,    /* nothing came yet */
    TW_HEADERS_FIELDS,   /* inside a header */
    TW_HEADERS_ENDED,    /* its empty line came: another header or trailers may follow */
    TW_HEADERS_TRAILERS, /* after the body */
};

struct tw_header_field {
    size_t name;  /* offsets into the arena */
    size_t value; /* its bytes, and one NUL, end the arena while the field is the last */
    size_t value_len;
};

struct tw_headers {
    struct tw_buf arena;
    struct tw_header_field *fields;
    trawl_header *list; /* made of fields on demand, with the same capacity */
    size_t count;
    size_t cap;
    size_t trailers; /* how many of count, the last ones, are trailers */
    size_t bytes;
    size_t ignored;
    enum tw_headers_state state;
    bool can_fold; /* the last line was a field, so a line that begins with a blank goes on with
                      it */
};

/* One line, with or without its line end. A status line after the start or the empty line drops
 * the fields before it: they were of an interim response, a proxy's or a redirect's. A folded
 * line is joined with one space; a line that is no field is ignored and counted. 0 or
 * TRAWL_ENOMEM. */
int tw_headers_add_line(struct tw_headers *h, const char *line, size_t len);

/* The body has begun: all further lines are trailers, whatever they look like. */
void tw_headers_begin_trailers(struct tw_headers *h);

/* The fields of the last header, in order; NULL and 0 if none. Trailers are apart, since they
 * must not be taken for header fields (RFC 9110 6.5.1). */
const trawl_header *tw_headers_list(struct tw_headers *h, size_t *count);
const trawl_header *tw_headers_trailers(struct tw_headers *h, size_t *count);

/* The value of the first header field with this name, ASCII case not minded; NULL if none. */
const char *tw_headers_get(const struct tw_headers *h, const char *name);

/* All bytes of all lines since the reset, dropped and ignored ones too: what a limit counts. */
size_t tw_headers_bytes(const struct tw_headers *h);

/* Lines ignored since the reset. */
size_t tw_headers_ignored(const struct tw_headers *h);

/* Empties it and keeps its memory for the next response, up to 64 kB. */
void tw_headers_reset(struct tw_headers *h);
void tw_headers_free(struct tw_headers *h);

#endif
