/* The URLs of a srcset attribute (HTML standard, "Parsing a srcset attribute"). */
#ifndef TW_PARSE_SRCSET_H
#define TW_PARSE_SRCSET_H

#include <stdbool.h>
#include <stddef.h>

/* The longest descriptor; longer ones are taken for wrong. */
#define TW_SRCSET_DESCRIPTOR_MAX ((size_t)256)

/* What the descriptors of one candidate say. */
struct tw_srcset_descriptors {
    bool width, density, height, wrong;
};

struct tw_srcset {
    const char *p; /* what is left; the caller sets both and zeroes the rest */
    const char *end;
    const char
        *stop; /* reading ends here for now, in the midst of anything; NULL: at the end */
    enum { TW_SRCSET_BETWEEN, TW_SRCSET_URL, TW_SRCSET_DESCRIPTORS } state;
    const char *url, *url_end; /* of the candidate; without the commas after it */
    const char *descriptor;    /* begins here */
    bool in_parens;
    struct tw_srcset_descriptors descriptors;
};

/* The next candidate whose descriptors are valid; false at the end or the stop. The URL is a
 * part of the attribute, never empty. */
bool tw_srcset_next(struct tw_srcset *in, const char **url, size_t *len);

#endif
