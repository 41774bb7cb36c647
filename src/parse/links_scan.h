/* The state of a link scan, for links*.c alone. */
#ifndef TW_PARSE_LINKS_SCAN_H
#define TW_PARSE_LINKS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "parse/css.h"
#include "parse/html.h"
#include "parse/links.h"
#include "parse/srcset.h"

enum tw_scan_phase {
    TW_SCAN_PREPARE,   /* nothing is read yet */
    TW_SCAN_DECODE,    /* the document is made UTF-8 first */
    TW_SCAN_FIND_BASE, /* something that looks like a base element is searched */
    TW_SCAN_READ_BASE, /* tags are read, for the base element only */
    TW_SCAN_LINKS,
    TW_SCAN_FREE, /* what was decoded */
    TW_SCAN_ENDED,
};

/* An attribute that holds many links, or a style element. */
enum tw_scan_list {
    TW_LIST_NONE,
    TW_LIST_DECODE, /* its text is not complete yet */
    TW_LIST_SRCSET,
    TW_LIST_CSS,
};

/* How a value is read. */
enum tw_value_mode {
    TW_VALUE_TEXT,   /* of an element: references as in text */
    TW_VALUE_WORD,   /* of an attribute */
    TW_VALUE_URL,    /* of an attribute; its query in the document's encoding */
    TW_VALUE_SRCSET, /* URLs with blanks between them */
    TW_VALUE_RAW,    /* of a style element: references are none */
};

/* A value that is decoded, in one or more pieces. */
struct tw_value_reader {
    const char *p;
    const char *end;
    enum tw_value_mode mode;
    bool by_byte; /* the query is in the document's encoding: its bytes are encoded as they are */
    enum { TW_PART_BEFORE_QUERY, TW_PART_QUERY, TW_PART_AFTER_QUERY } part;
};

struct tw_text_span {
    const char *p;
    size_t len;
};

#define TW_SCAN_SEEN 4096 /* a power of two */

struct tw_links {
    struct tw_links_options options;
    enum tw_scan_phase phase;
    const char *bytes; /* what is scanned: the body after its byte order mark, or decoded */
    const char *end;
    const char *charset; /* of bytes; NULL while it is not known */
    struct tw_buf decoded;
    struct tw_text_state decoder;
    size_t step; /* bytes that this step may read */
    size_t read; /* as many of values and lists were, and made of them; html.p goes on beside */
    struct tw_html html;

    /* What stands around the next tag. */
    size_t templates; /* open ones */
    bool in_form;
    bool has_background;

    /* The tag whose links are being yielded. */
    bool yielding; /* if not, html.tag is of no account */
    unsigned next; /* attribute, of html.tag.order */
    bool text_left;
    bool has_rel;
    unsigned rel_flags;
    enum tw_link_kind kind; /* of the tag's own attributes */
    enum tw_scan_list list;
    enum tw_attribute list_attribute;
    struct tw_value_reader list_reader;
    struct tw_srcset srcset;
    struct tw_css css;

    struct tw_buf value, rel, name, list_text, url_text, segment, title;
    struct tw_url base;
    uint64_t *seen; /* TW_SCAN_SEEN hashes, or NULL */
    struct tw_links_info info;
};

/* Reads a value as the mode says; *out is UTF-8 and lives as long as the document or until buf
 * changes. 0 or TRAWL_ENOMEM. */
int tw_value_read(struct tw_links *l, const struct tw_html_value *v, enum tw_value_mode mode,
                  struct tw_buf *buf, struct tw_text_span *out);

/* The same piece by piece. False if there is nothing to decode: the value is as it is there. */
bool tw_value_open(struct tw_links *l, struct tw_value_reader *r, const struct tw_html_value *v,
                   enum tw_value_mode mode);
/* Decodes about max bytes more, at least TW_VALUE_PIECE, into buf, up to r->p == r->end. 0 or
 * TRAWL_ENOMEM. */
int tw_value_step(struct tw_links *l, struct tw_value_reader *r, size_t max,
                  struct tw_buf *buf);

/* Longer than any character is in any encoding. */
#define TW_VALUE_PIECE ((size_t)16)

/* What a step may read at once of what begins at p, up to end. */
const char *tw_scan_stop(const struct tw_links *l, const char *p, const char *end);

/* Without the ASCII whitespace around it. */
struct tw_text_span tw_span_strip(struct tw_text_span s);

/* Takes in a start tag, or the end tag of a form or template. What links there are is then to
 * be yielded one by one. 0 or TRAWL_ENOMEM. */
int tw_scan_tag(struct tw_links *l);

/* Yields at most one link of the tag. 1 if there may be more, 0 if not, or TRAWL_ENOMEM. */
int tw_scan_yield(struct tw_links *l);

/* Whether the attribute is there and its value is this word, ASCII case not minded. 1, 0, or
 * TRAWL_ENOMEM. */
int tw_scan_value_is(struct tw_links *l, enum tw_attribute id, const char *lower);

/* Whether the attribute holds many links, which are read one by one however many there are. */
bool tw_scan_is_list(enum tw_attribute id);

/* Uses the tag's href as the document's base, if it can be. 0 or TRAWL_ENOMEM. */
int tw_scan_base(struct tw_links *l);

#endif
