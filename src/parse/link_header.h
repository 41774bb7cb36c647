/* The Link field of a response (RFC 8288 section 3, read as leniently as its appendix B.2). */
#ifndef TW_PARSE_LINK_HEADER_H
#define TW_PARSE_LINK_HEADER_H

#include <stddef.h>

#include "parse/links.h"

/* Yields the links of one field's value, each with tag "link", attribute "header", the rel text
 * and its bits, and the kind that a link element would have; those with an anchor parameter are
 * about another resource and left out, as are dns-prefetch and preconnect. A target that is no
 * UTF-8 has its bytes percent-encoded, one of more than TW_LINKS_VALUE_MAX is left out. With
 * base, links are resolved against it: url or err is filled; else err is 0.
 *
 * Reads on from *at, which is 0 at first, until about *left bytes are read and made of links,
 * and takes as many from *left; *at becomes len at the end, also when on_link ended it. 0 or
 * TRAWL_ENOMEM. */
int tw_link_header_parse(const char *value, size_t len, size_t *at, size_t *left,
                         const struct tw_url *base, tw_on_link on_link, void *user);

#endif
