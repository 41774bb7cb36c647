/* The tokens of an HTML document that matter for links, for the link scanner alone; what it
 * follows of the standard is said in links.h. All of the document is there, so that tokens are
 * never copied; but one of any length may be read in pieces, so that it does not take long. */
#ifndef TW_PARSE_HTML_H
#define TW_PARSE_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/html_foreign.h"
#include "parse/html_names.h"
#include "parse/html_raw.h"

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

/* Where in a token the reading stands: in tags from TAG_NAME to VALUE, then in markup that is
 * none, and from RAW on in text. */
enum tw_html_state {
    TW_HTML_DATA, /* between tokens */
    TW_HTML_TAG_NAME,
    TW_HTML_BEFORE_NAME, /* of an attribute */
    TW_HTML_NAME,
    TW_HTML_AFTER_NAME,
    TW_HTML_BEFORE_VALUE,
    TW_HTML_QUOTED_VALUE,
    TW_HTML_VALUE,
    TW_HTML_COMMENT,
    TW_HTML_BOGUS_COMMENT, /* and the doctype: up to a '>' */
    TW_HTML_CDATA,
    TW_HTML_RAW, /* the text of an element that holds no markup */
    TW_HTML_SCRIPT,
};

/* The attribute that is being read. */
struct tw_html_attribute {
    const char *from; /* where what is before it begins */
    const char *name;
    const char *name_end;
    struct tw_html_value value;
};

struct tw_html {
    const char *p; /* read so far */
    const char *limit;
    const char *end;
    uint32_t always; /* attributes wanted of every element */
    bool in_body;    /* something stands in the body, so that no frameset can follow */
    bool frameset;   /* the document is one of frames */
    enum tw_html_state state;
    const char *text_from; /* of a comment or CDATA section */
    uint32_t want;         /* attributes of the tag that is being read */
    bool tag_counts;       /* it is handed out after its text */
    struct tw_html_attribute attribute;
    struct tw_html_script script;
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

/* Goes on to the next token, or to limit or a few bytes after it, be that inside of a token. */
enum tw_html_event tw_html_next(struct tw_html *h, const char *limit);

/* Reads the attributes of a tag, for html.c alone: on from p, in the state h->state. Returns
 * what follows the '>', or NULL if the limit comes first, where h->state and h->p say how to go
 * on. */
const char *tw_html_attributes(struct tw_html *h, const char *p);

#endif
