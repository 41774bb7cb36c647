/* What the formats build their records with. The first failure is kept in err and makes every
 * later call do nothing, so that a format writes field after field and is asked once at the
 * end.
 *
 * An argument s may be NULL when its len is 0. */
#ifndef TW_SINK_OUT_H
#define TW_SINK_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "trawl.h"

struct tw_out {
    struct tw_buf buf;     /* the record */
    struct tw_buf scratch; /* behind tw_out_valid() and tw_out_message() */
    int err;               /* 0 or TRAWL_ENOMEM */
};

struct tw_str {
    const char *s; /* not NUL-terminated */
    size_t len;
};

/* tw_out_bytes() where the buffer has to grow. */
void tw_out_grow(struct tw_out *out, const char *s, size_t len);

/* Inline, because a record is made of some fifty short pieces. */
static inline void tw_out_bytes(struct tw_out *out, const char *s, size_t len)
{
    struct tw_buf *b = &out->buf;

    if (out->err != 0 || len >= b->cap - b->len) {
        tw_out_grow(out, s, len);
        return;
    }
    if (len > 0)
        memcpy(b->data + b->len, s, len);
    b->len += len;
    b->data[b->len] = '\0';
}
void tw_out_uint(struct tw_out *out, uint64_t number);
/* Microseconds as milliseconds with three decimals: 203.481 */
void tw_out_ms(struct tw_out *out, uint64_t us);
/* RFC 4648, section 4, with padding. */
void tw_out_base64(struct tw_out *out, const char *s, size_t len);

#define tw_out_lit(out, literal) tw_out_bytes(out, literal, sizeof(literal) - 1)

/* s as valid UTF-8 (see sink/utf8.h): s itself if it is, else a copy that lives until the next
 * call of this function or of tw_out_message(). */
struct tw_str tw_out_valid(struct tw_out *out, const char *s, size_t len);
/* The same of a string that ends with NUL or is NULL. */
struct tw_str tw_out_valid_z(struct tw_out *out, const char *s);
/* trawl_strerror() of the result's error and, if there is any, ": " and its detail; valid UTF-8
 * that lives as long as that of tw_out_valid(). "" for a result without an error. */
struct tw_str tw_out_message(struct tw_out *out, const trawl_result *result);

/* "1.1" for 11 and so on; NULL for what is no version of HTTP. Static. */
const char *tw_http_version_name(int http_version);

#endif
