/* Small languages inside of attributes, for the link scanner. */
#ifndef TW_PARSE_LINKS_REL_H
#define TW_PARSE_LINKS_REL_H

#include <stdbool.h>
#include <stddef.h>

/* The URL in the content of <meta http-equiv=refresh> ("shared declarative refresh steps");
 * false without one. It is a part of the content. */
bool tw_refresh_url(const char *content, size_t len, const char **url, size_t *url_len);

/* The directives in the content of <meta name=robots>, of enum tw_robots_flags. */
unsigned tw_robots_content(const char *content, size_t len);

#endif
