/* Where the HTML constructs that hold no markup end. For the tokenizer alone. */
#ifndef TW_PARSE_HTML_RAW_H
#define TW_PARSE_HTML_RAW_H

#include <stddef.h>

/* p is after "<!--"; returns where the text goes on. */
const char *tw_html_skip_comment(const char *p, const char *end);

/* p is after the start tag: returns the '<' of the end tag with this name, or end. */
const char *tw_html_skip_raw(const char *p, const char *end, const char *name, size_t len);
const char *tw_html_skip_script(const char *p, const char *end);

/* p is after "<![CDATA[". */
const char *tw_html_skip_cdata(const char *p, const char *end);

#endif
