/* The tokens of an HTML document that matter for links, for the link scanner alone; what it
 * follows of the standard is said in links.h. */
#ifndef TW_PARSE_HTML_H
#define TW_PARSE_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/html_foreign.h"
#include "parse/html_names.h"

#define TW_ATTR_BIT(id) ((uint32_t)1 << TW_ATTR_##id)

struct tw_html_value {
    const char *p;
    const char *end;
    bool plain; /* only ASCII, without references and controls */
};

struct tw_html_tag {
    const char *at; /* its '<' */
    const char *name;
    size_t name_len;
    enum tw_tag id;
    enum tw_namespace space;
    bool is_end;
    bool self_closing;
    uint32_t have; /* the attributes that are there, of those wanted; the first of a name */
    uint8_t order[TW_ATTR_COUNT]; /* their ids as they came */
    uint8_t count;
    struct tw_html_value values[TW_ATTR_COUNT];
    struct tw_html_value text; /* of style and title */
};

struct tw_html {
    const char *p; /* read so far */
    const char *end;
    uint32_t always; /* attributes wanted of every element */
    bool in_body;    /* something stands in the body, so that no frameset can follow */
    bool frameset;   /* the document is one of frames */
    struct tw_html_tag tag;
    struct tw_foreign foreign;
};

enum tw_html_event {
    TW_HTML_END,
    TW_HTML_MORE, /* the limit is reached */
    TW_HTML_TAG,  /* h->tag: a start tag that may hold a link, or an end tag of form or template
                   */
};

void tw_html_open(struct tw_html *h, const char *bytes, size_t len, uint32_t always);

/* Goes on to the next token, or to limit or a little after it. */
enum tw_html_event tw_html_next(struct tw_html *h, const char *limit);

#endif
