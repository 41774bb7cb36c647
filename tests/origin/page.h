/* The pages: HTML made from seed, path and query alone. */
#ifndef ORIGIN_PAGE_H
#define ORIGIN_PAGE_H

#include "body.h"
#include "query.h"
#include "request.h"

/* The words all pages of one seed are filled with. */
struct origin_book {
    uint64_t seed;
    uint8_t pool[ORIGIN_POOL];
};

void origin_book_write(struct origin_book *book, uint64_t seed);
/* Makes the page that a request asks for. `body` is empty before; `book` must outlive it. False
 * with a sentence in `why` when the charset is unknown or cannot be declared as asked. */
bool origin_page_make(const struct origin_book *book, const struct origin_request *rq,
                      const struct origin_query *q, struct origin_body *body,
                      struct origin_bytes *why);

/* The charset a query asks for: utf-8 when it only says how to declare one, absent when it does
 * not speak of charsets at all. */
struct origin_span origin_page_charset(const struct origin_query *q);

/* In charset.c. */

/* The most bytes of a page that is kept whole in memory: in a charset or an encoding. */
#define ORIGIN_WHOLE_MAX (UINT64_C(64) << 20)

/* Converts UTF-8 text and appends it. False when the label is unknown or a character is not in
 * the charset. */
bool origin_charset_add(struct origin_bytes *out, struct origin_span label, const void *text,
                        size_t n);
/* Bytes that an ASCII character takes: 2 in UTF-16, else 1. */
size_t origin_charset_unit(struct origin_span label);
/* True for the Unicode encodings, the only ones with a byte order mark. */
bool origin_charset_has_bom(struct origin_span label);

#endif
