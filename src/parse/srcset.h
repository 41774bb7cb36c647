/* The URLs of a srcset attribute (HTML standard, "Parsing a srcset attribute"). */
#ifndef TW_PARSE_SRCSET_H
#define TW_PARSE_SRCSET_H

#include <stdbool.h>
#include <stddef.h>

struct tw_srcset {
    const char *p; /* what is left; the caller sets both */
    const char *end;
};

/* The next candidate whose descriptors are valid; false at the end. The URL is a part of the
 * attribute, never empty. */
bool tw_srcset_next(struct tw_srcset *in, const char **url, size_t *len);

#endif
