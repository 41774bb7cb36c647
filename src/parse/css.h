/* The URLs of a style sheet (CSS Syntax, section 4): url() wherever it stands but in
 * @namespace, and the strings of @import. */
#ifndef TW_PARSE_CSS_H
#define TW_PARSE_CSS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct tw_css {
    const char *p; /* what is left, UTF-8; the caller sets both and zeroes the rest */
    const char *end;
    const char *stop; /* no token is begun from here on; NULL: all are */
    int rule; /* of an enum of its own: the at-rule whose prelude this is */
};

/* The next URL, without escapes and the blanks around it, in *out, which is emptied first. 1; 0
 * at the end or the stop, or TRAWL_ENOMEM. *is_import tells whether it is a style sheet. Empty URLs are
 * left out. */
int tw_css_next(struct tw_css *css, struct tw_buf *out, bool *is_import);

#endif
