/* Which elements of an HTML document are SVG's and MathML's (HTML standard, "The rules for
 * parsing tokens in foreign content"): as much of the stack of open elements as that takes,
 * from the outermost svg or math element inwards. Of HTML inside of it the commonest implied
 * end tags are known. Elements nested deeper than TW_FOREIGN_DEPTH are not opened. */
#ifndef TW_PARSE_HTML_FOREIGN_H
#define TW_PARSE_HTML_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TW_FOREIGN_DEPTH 512
/* Longer names are told apart by their first bytes and their length. */
#define TW_FOREIGN_NAME 256

enum tw_namespace { TW_NS_HTML, TW_NS_SVG, TW_NS_MATHML };

struct tw_foreign_entry {
    uint64_t name;   /* hash of the lower-case name */
    uint8_t space;   /* enum tw_namespace */
    uint8_t content; /* an enum of its own: what start tags inside of it make */
};

/* Zeroed: outside of foreign content. */
struct tw_foreign {
    bool guessed; /* an end tag was taken for that of an element outside */
    size_t depth;
    struct tw_foreign_entry stack[TW_FOREIGN_DEPTH];
};

/* What of a start tag decides about it. */
struct tw_foreign_tag {
    const char *name;
    size_t len;
    bool self_closing;
    bool has_font_attribute; /* color, face or size */
    bool has_html_encoding;  /* encoding is text/html or application/xhtml+xml */
};

/* Opens the element, and returns whose it is. */
enum tw_namespace tw_foreign_start(struct tw_foreign *f, const struct tw_foreign_tag *tag);
void tw_foreign_end(struct tw_foreign *f, const char *name, size_t len);

/* Whether the element that is open is one of SVG or MathML. */
bool tw_foreign_inside(const struct tw_foreign *f);

#endif
