/* The URLs of a style sheet (CSS Syntax, section 4): url() wherever it stands but in
 * @namespace, and the strings of @import. */
#ifndef TW_PARSE_CSS_H
#define TW_PARSE_CSS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Where in a token the reading stands. */
enum tw_css_state {
    TW_CSS_BETWEEN,
    TW_CSS_COMMENT,
    TW_CSS_NAME,      /* of a function, an at-rule, ...; or a number with its unit */
    TW_CSS_URL_BEGIN, /* after "url(" and blanks */
    TW_CSS_URL,
    TW_CSS_URL_END, /* blanks before its ')' */
    TW_CSS_BAD_URL,
    TW_CSS_STRING,
};

/* A name as long as any that we know, or longer. */
#define TW_CSS_NAME_MAX 16

struct tw_css {
    const char *p; /* what is left, UTF-8; the caller sets these three and zeroes the rest */
    const char *end;
    size_t max;       /* longer URLs, without escapes, are left out */
    const char *stop; /* reading ends here or a few bytes later for now, in the midst of
                         anything; NULL: at the end */
    enum tw_css_state state;
    int rule; /* of an enum of its own: the at-rule whose prelude this is */
    char first, quote;
    bool in_url;   /* the string is a URL's */
    bool too_long; /* the URL is */
    char name[TW_CSS_NAME_MAX];
    size_t name_len;
};

/* The next URL, without escapes and the blanks around it, in *out. 1; 0 at the end or the stop,
 * or TRAWL_ENOMEM. *out must stay as it is between the calls: it may hold a part of the next
 * one. *is_import tells whether it is a style sheet. Empty URLs are left out. */
int tw_css_next(struct tw_css *css, struct tw_buf *out, bool *is_import);

#endif
