/* Bytes of unknown origin made into valid UTF-8. */
#ifndef TW_SINK_UTF8_H
#define TW_SINK_UTF8_H

#include <stddef.h>

#include "base/buf.h"

/* How many bytes from the start are valid UTF-8: len if all are. NUL counts as a character. */
size_t tw_utf8_valid_len(const char *s, size_t len);

/* Appends s with each maximal subpart of an ill-formed sequence replaced by one U+FFFD (Unicode
 * 15, section 3.9, table 3-8; the Encoding standard's decoder does the same). 0 or
 * TRAWL_ENOMEM. */
int tw_utf8_append_clean(struct tw_buf *out, const char *s, size_t len);

#endif
