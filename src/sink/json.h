/* JSON strings (RFC 8259, section 7). */
#ifndef TW_SINK_JSON_H
#define TW_SINK_JSON_H

#include "sink/out.h"

/* Appends s, which is valid UTF-8, in quotes. Beside what must be escaped, so are DEL, C1,
 * U+2028 and U+2029: a record stays one line for readers that split at those, and a terminal
 * that it is shown on obeys none of it. */
void tw_json_string(struct tw_out *out, struct tw_str s);

/* The same without quotes: of a string that comes in pieces, each of them valid UTF-8. */
void tw_json_text(struct tw_out *out, struct tw_str s);

#endif
