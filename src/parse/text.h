/* Bytes of a page to UTF-8 text, as the Encoding standard decodes (encoding.spec.whatwg.org,
 * "decode"): a byte order mark beats the named charset and is dropped, each maximal invalid
 * sequence becomes U+FFFD. NUL and control characters pass through.
 *
 * The mappings of the legacy encodings are asked from iconv, once for each byte or pair of
 * bytes that occurs, and kept; they are the standard's, but for 90 pairs of Big5 that double
 * others and become U+FFFD. */
#ifndef TW_PARSE_TEXT_H
#define TW_PARSE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Holds what was learned of each legacy encoding, at most 1 MB in all. For one thread at a
 * time. */
struct tw_text;

/* 0 or TRAWL_ENOMEM. */
int tw_text_open(struct tw_text **text);
void tw_text_free(struct tw_text *text);

/* Appends the first n_chars characters (Unicode scalar values) of body to out; SIZE_MAX for
 * all. charset is a name as charset.h gives it; NULL or another name: what tw_text_guess()
 * says. body may be a prefix cut anywhere: a sequence that is cut at its end is left out. body
 * may be NULL when len is 0. An encoding that this system's iconv lacks yields U+FFFD for all
 * but ASCII. 0 or TRAWL_ENOMEM, which leaves out's bytes as they were. */
int tw_text_excerpt(struct tw_text *text, struct tw_buf *out, const char *charset,
                    const void *body, size_t len, size_t n_chars);

/* The byte, 0x80 or above, that stands for a character in a single-byte encoding: *byte; 0 if it has
 * none. 0, TRAWL_ENOMEM, or TRAWL_EINVAL where charset is no single-byte encoding. */
int tw_text_encode(struct tw_text *text, const char *charset, uint32_t c, unsigned char *byte);

/* Where in a text a decoder stands that remembers what came before. Zeroed at the beginning. */
struct tw_text_state {
    uint8_t set; /* of characters, in ISO-2022-JP */
    bool just_escaped;
    bool replaced; /* "replacement": all has been said */
};

/* Decodes a piece of a text: appends to out, without looking for a byte order mark, and puts
 * into *used how many bytes were taken. A sequence that is cut at the end of the piece is left,
 * to be the beginning of the next one: 4 bytes are enough for any. 0 or TRAWL_ENOMEM. */
int tw_text_decode(struct tw_text *text, struct tw_text_state *state, struct tw_buf *out,
                   const char *charset, const void *bytes, size_t len, size_t *used);

/* What a text without a charset is taken for, by no more than its first megabyte: "UTF-8" if
 * that is valid, else "windows-1252". A sequence that is cut at the end does not count against
 * it. */
const char *tw_text_guess(const void *p, size_t len);

bool tw_text_is_utf8(const void *p, size_t len);

#endif
