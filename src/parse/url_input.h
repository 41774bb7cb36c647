/* A URL parser's input as the standard wants it: scalar values without the blanks and controls
 * around them, and without tabs and newlines inside (WHATWG URL, "basic URL parser", first
 * steps). */
#ifndef TW_PARSE_URL_INPUT_H
#define TW_PARSE_URL_INPUT_H

#include <stddef.h>

struct tw_url_input {
    const char
        *s; /* valid UTF-8, not NUL-terminated; the caller's own bytes where they will do */
    size_t len;
    char *owned; /* what close frees, or NULL */
};

/* Invalid UTF-8 becomes U+FFFD before anything is taken out. 0, or TRAWL_ENOMEM with nothing to
 * close. The input's bytes must outlive *in, and there are at most SIZE_MAX / 3 of them. */
int tw_url_input_open(struct tw_url_input *in, const char *bytes, size_t len);
void tw_url_input_close(struct tw_url_input *in);

#endif
