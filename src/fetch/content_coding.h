/* Undoes the codings of a body: those of Content-Encoding (RFC 9110 section 8.4) and of Transfer-Encoding
 * (RFC 9112 section 7), one in another, step by step. What a step makes is bounded, so that it can be left
 * at any time and gone on with later, however much a few bytes unpack to. */
#ifndef TW_FETCH_CONTENT_CODING_H
#define TW_FETCH_CONTENT_CODING_H

#include <stdbool.h>
#include <stddef.h>

/* What Accept-Encoding says. What knows "deflate" knows "gzip"; and libcurl takes 125 instructions for each
 * character, each time. It is decoded all the same. */
#define TW_CODING_NAMES "gzip, br, zstd"

#define TW_CODINGS_MAX 5 /* one in another, as libcurl has it */
/* The longest piece that comes out. */
#define TW_CODING_PIECE ((size_t)16 * 1024)
/* Some input is all tables, and makes next to nothing: a byte of it takes as long as so many others. */
#define TW_CODING_INPUT_COST 32

enum tw_coding_field { TW_CODING_CONTENT, TW_CODING_TRANSFER, TW_CODING_FIELDS };

struct tw_coding;

struct tw_coding_step {
    size_t used;       /* bytes of the input that were taken */
    size_t cost;       /* what the step took, in bytes unpacked */
    const char *piece; /* lies there until it is taken, NULL for none */
    size_t len;
};

/* Adds what a field's value lists to what is there, NULL for nothing yet. Names that are no coding of a body
 * ("identity", "chunked") are passed over; what is not known is an error once there is a body. 0 or
 * TRAWL_ENOMEM. */
int tw_coding_add(struct tw_coding **coding, enum tw_coding_field field, const char *value,
                  size_t len);

/* One step: hands out what was not taken yet, or takes some of the input and makes something
 * of it. 1: call again with what is left of the input, be it nothing; 0: all of it was taken, and nothing can
 * be made without more; or TRAWL_ENOMEM, or TRAWL_EENCODING, after which there is no other step. */
int tw_coding_run(struct tw_coding *c, const char *bytes, size_t len, struct tw_coding_step *step);
/* So many bytes of the last step's piece are not needed any more. */
void tw_coding_take(struct tw_coding *c, size_t len);

/* The body has ended. 0, or TRAWL_EENCODING if it was not the end of its codings. One without a byte has
 * none. */
int tw_coding_end(struct tw_coding *c);

/* What was wrong, and with which coding. "" if nothing was. */
const char *tw_coding_fault(const struct tw_coding *c);

/* Accepts NULL. */
void tw_coding_free(struct tw_coding *c);

#endif
