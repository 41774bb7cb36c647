/* Media types as servers name them (RFC 9110, 8.3.1). */
#ifndef TW_PARSE_MIME_H
#define TW_PARSE_MIME_H

#include <stdbool.h>
#include <stddef.h>

#define TW_MIME_MAX 128 /* of "type/subtype" and its NUL */

/* "text/html" of "Text/HTML; charset=utf-8", in lower case. "" for what is no media type, for one
 * that is too long, and for NULL. */
void tw_mime_essence(const char *content_type, char essence[TW_MIME_MAX]);

/* Whether it is one of the list, which ends with NULL: "text/html", or "image/" and a star for all of
 * a type; a star alone is everything; with a "!" in front it is left out instead. The last entry that
 * fits decides; a list of exclusions alone includes all else. */
bool tw_mime_matches(const char *essence, char *const *list);

enum tw_mime_kind {
    TW_MIME_OTHER,
    TW_MIME_HTML, /* HTML and XHTML */
    TW_MIME_CSS,
    TW_MIME_XML,  /* also RSS and Atom */
    TW_MIME_TEXT, /* plain */
    TW_MIME_GZIP,
};
enum tw_mime_kind tw_mime_kind(const char *essence);

#endif
