/* The links of an HTML document: a tokenizer that follows the HTML standard where it matters
 * for links (html.spec.whatwg.org, "Tokenization", and of "Tree construction" what decides how
 * text is read) and skips all else. It yields what a parser's tree would hold, scripting off,
 * in the order of the start tags:
 *
 * href of a, area, link; src of frame, iframe, img, source, script, embed, video, audio, track
 * and input type=image; poster of video; data of object; srcset of img and source, imagesrcset
 * of link; action of a form that is sent by GET; meta http-equiv=refresh; background of body,
 * table, thead, tbody, tfoot, tr, td and th, these wherever they stand;
 * href and xlink:href of SVG's a, image, use and script; CSS in style elements and attributes.
 *
 * What is inside of template and noscript counts, but template's meta and base do not.
 * Comments, and the text of script, style, textarea, title, xmp, iframe, noembed, noframes and
 * plaintext, hold no links; a CDATA section is one inside of SVG and MathML only, and a comment
 * elsewhere. A tag that the document's end cuts off is none. What a tree leaves out inside of
 * select is not left out here; which HTML elements are open around an svg or math element whose
 * end tag is missing is guessed.
 *
 * An attribute of more than TW_LINKS_VALUE_MAX bytes counts as absent, as does a URL of that
 * length in a srcset or style sheet, which may themselves have TW_LINKS_LIST_MAX bytes, and
 * TW_LINKS_TEXT_MAX once they are decoded. Of a title TW_LINKS_VALUE_MAX bytes are read. What
 * holds no value can have any length.
 *
 * Bytes in, structs out: no I/O, no clock. Time is linear in the document, memory bounded by
 * it. All of that is done in steps, and nothing that a document can hold makes one longer: a
 * tag, a comment, a style sheet may end many steps after the one that it began in.
 */
#ifndef TW_PARSE_LINKS_H
#define TW_PARSE_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/text.h"
#include "parse/url.h"

#define TW_LINKS_VALUE_MAX ((size_t)65536)
#define TW_LINKS_LIST_MAX  ((size_t)16 << 20)
/* No byte of the document's own becomes more than three. */
#define TW_LINKS_TEXT_MAX (3 * TW_LINKS_LIST_MAX)

enum tw_link_kind {
    TW_LINK_NAVIGATION, /* leads to another document; frames too */
    TW_LINK_REQUISITE,  /* a part of this one: image, script, style sheet, ... */
};

/* What a rel attribute or parameter says, as bits; other words are only in the text. */
enum tw_rel {
    TW_REL_NOFOLLOW = 1 << 0,
    TW_REL_UGC = 1 << 1,
    TW_REL_SPONSORED = 1 << 2,
    TW_REL_CANONICAL = 1 << 3,
    TW_REL_ALTERNATE = 1 << 4,
    TW_REL_NEXT = 1 << 5,
    TW_REL_PREV = 1 << 6,
    TW_REL_STYLESHEET = 1 << 7,
    TW_REL_ICON = 1 << 8,    /* and apple-touch-icon, mask-icon, ... */
    TW_REL_PRELOAD = 1 << 9, /* and modulepreload */
    TW_REL_MANIFEST = 1 << 10,
    TW_REL_HINT = 1 << 11,  /* dns-prefetch, preconnect: name an origin, no document */
    TW_REL_OTHER = 1 << 12, /* some other word */
};

/* One link. All of it is valid during the callback only. */
struct tw_found_link {
    const char *value; /* as the document has it: UTF-8, without references and the blanks
                          around it; what of the query is no ASCII is already
                          percent-encoded where the document is in a legacy encoding, but for
                          references where that is one of more than one byte: these are UTF-8;
                          not NUL-terminated */
    size_t len;
    const char *tag;       /* lower case, NUL-terminated; "link" for header fields */
    const char *attribute; /* lower case, static; "" for the text of a style element */
    const char *rel;       /* the attribute's text, UTF-8, NUL-terminated; "" without one */
    unsigned rel_flags;    /* of enum tw_rel */
    enum tw_link_kind kind;
    const struct tw_url
        *url;  /* resolved and canonical; NULL if it cannot be or was not asked */
    int err;   /* why url is NULL: TRAWL_EURL, TRAWL_ESCHEME; 0 if not asked */
    size_t at; /* the tag's place in the document's bytes, of their UTF-8 form
                  where the document was decoded first */
};

/* Returns whether to go on. */
typedef bool (*tw_on_link)(void *user, const struct tw_found_link *link);

enum tw_links_flags {
    TW_LINKS_RESOLVE = 1, /* fill url, against the document's base */
    TW_LINKS_LAZY = 2,    /* data-src and others that scripts read images' URLs from */
    TW_LINKS_CSS = 4,     /* style elements and attributes */
    TW_LINKS_UNIQUE = 8,  /* leave out most of the links that came before with the same kind and
                             rel bits, fragments not minded */
};

struct tw_links_options {
    unsigned flags;           /* of enum tw_links_flags */
    const char *charset;      /* a name as charset.h gives it, or NULL */
    const struct tw_url *url; /* the document's own; NULL if unknown */
    const char *robots_agent; /* product token whose <meta name=...> counts beside robots, or
                                 NULL */
    struct tw_text *text;     /* not NULL; scans of one thread can share it */
    tw_on_link on_link;
    void *user;
};

/* Directives of <meta name=robots> and of X-Robots-Tag; "none" is both. */
enum tw_robots_flags {
    TW_ROBOTS_NOINDEX = 1,
    TW_ROBOTS_NOFOLLOW = 2,
};

/* What else the document says. Complete once the scan has ended. */
struct tw_links_info {
    const char *title; /* of the first title element: UTF-8, blanks collapsed, at most
                          1 kB; NULL without one */
    size_t title_len;
    const struct tw_url *base; /* what links are resolved against: the first usable <base href>,
                                  else options.url; may be NULL */
    int base_err;              /* why the <base href> was not used: TRAWL_EURL, TRAWL_ESCHEME */
    unsigned robots;           /* of enum tw_robots_flags */
    size_t links;              /* as many were yielded */
    bool stopped;              /* by on_link */
};

struct tw_links;

/* body, url, charset and robots_agent must outlive the scan; body may be NULL when len is 0. 0
 * or TRAWL_ENOMEM. */
int tw_links_open(struct tw_links **links, const struct tw_links_options *options,
                  const void *body, size_t len);

/* Reads on through about max bytes, calling on_link. What is decoded and what is made of links
 * counts too: a step makes no more URLs than fill max bytes, and one. A document in UTF-16 or
 * ISO-2022-JP is decoded first, in steps. Returns 1 if there is more, 0 at the end, also when
 * on_link ended it, or TRAWL_ENOMEM, after which the scan can only be closed. */
int tw_links_step(struct tw_links *links, size_t max);

/* Valid until the close. */
const struct tw_links_info *tw_links_info(const struct tw_links *links);
void tw_links_close(struct tw_links *links);

/* Open, steps to the end, close; for one that minds no time. The links are counted in *n_links
 * if that is not NULL. */
int tw_links_scan(const struct tw_links_options *options, const void *body, size_t len,
                  size_t *n_links);

/* The bits of a rel text. */
unsigned tw_rel_parse(const char *rel, size_t len);

/* The kind of a link element or Link field with these rel bits; false in *is_link if it names
 * no document (dns-prefetch and preconnect alone). */
enum tw_link_kind tw_rel_kind(unsigned rel_flags, bool *is_link);

/* The directives in the value of one X-Robots-Tag field, of those for everyone and those after
 * "agent:". agent may be NULL. */
unsigned tw_robots_tag(const char *value, size_t len, const char *agent);

#endif
