/* Names of character encodings, and which one a response is in.
 *
 * A charset is one of the forty names of the Encoding standard (encoding.spec.whatwg.org,
 * section 4.2), in the standard's capitalisation, as a static string; NULL stands for unknown.
 */
#ifndef TW_PARSE_CHARSET_H
#define TW_PARSE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

/* "Get an encoding": the name for a label, ASCII whitespace around it and ASCII case not
 * minded. label need not be NUL-terminated and may be NULL when len is 0. NULL for an unknown
 * label. */
const char *tw_charset_label(const char *label, size_t len);

/* The charset parameter of a Content-Type value (RFC 9110 5.6.6, read as leniently as the MIME
 * Sniffing standard's "parse a MIME type" and with blanks around the "=" besides): the first
 * one counts. NULL if there is none or its label is unknown. */
const char *tw_charset_from_type(const char *content_type, size_t len);

/* What a browser would take for a page: a byte order mark, else the header's charset, else what
 * the first 1024 bytes declare, which are read only for HTML and XML types and when there is no
 * usable type (HTML standard, "prescan a byte stream to determine its encoding"). JSON without
 * any of them is UTF-8. content_type may be NULL; body may be a prefix of the page, and NULL
 * when len is 0. NULL if nothing tells. */
const char *tw_charset_sniff(const char *content_type, const void *body, size_t len);

/* The name that a byte order mark stands for and, in *mark_len, its length; NULL without one.
 */
const char *tw_charset_bom(const void *body, size_t len, size_t *mark_len);

#endif
