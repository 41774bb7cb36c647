/* Where the HTML constructs that hold no markup end. For the tokenizer alone.
 *
 * All of these look for an end that begins before stop, and return stop, or a few bytes more,
 * if there is none, to be called again from there. What is before p and up to end may be looked
 * at.
 */
#ifndef TW_PARSE_HTML_RAW_H
#define TW_PARSE_HTML_RAW_H

#include <stdbool.h>
#include <stddef.h>

/* start is after "<!--", where p was at first. *ended tells whether it returns what follows the
 * comment. */
const char *tw_html_skip_comment(const char *p, const char *start, const char *stop,
                                 const char *end, bool *ended);

/* The same after "<![CDATA[". */
const char *tw_html_skip_cdata(const char *p, const char *start, const char *stop, bool *ended);

/* Returns the '<' of the end tag with this name. */
const char *tw_html_skip_raw(const char *p, const char *stop, const char *end, const char *name,
                             size_t len);

/* The states of a script. */
struct tw_html_script {
    enum {
        TW_SCRIPT_DATA,
        TW_SCRIPT_ESCAPED,
        TW_SCRIPT_DOUBLE_ESCAPED,
        TW_SCRIPT_ENDED,
    } state;
    const char *dashes; /* of the "<!--" that began the escape */
};

/* Returns the '<' of the end tag once the script has ended. */
const char *tw_html_skip_script(struct tw_html_script *s, const char *p, const char *stop,
                                const char *end);

#endif
