/* Which URL is asked for through a proxy. This is decided here and not in libcurl, because only
 * the proxy's own address is exempt from the address guard. */
#ifndef TW_FETCH_PROXY_H
#define TW_FETCH_PROXY_H

#include "trawl.h"

/* The proxy for a canonical URL; NULL if it is asked for directly.
 *
 * options->no_proxy is a list of hosts, separated by commas or blanks, as other programs read it:
 * "*" is every host; a name, with or without a dot before it, stands for itself and all names
 * under it; an address or a block (10.0.0.0/8) for the addresses in it. Anything else in it matches
 * nothing. */
const char *tw_proxy_for(const trawl_options *options, const char *url);

#endif
