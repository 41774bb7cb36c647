/* Which names the loop engine has to look up. URLs are canonical and without credentials. */
#ifndef TW_FETCH_NAMES_H
#define TW_FETCH_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "trawl.h"

#define TW_HOST_PORT_MAX 272 /* enough for a host of 255 bytes */

/* The host in a URL, not NUL-terminated. */
const char *tw_name_host(const char *url, size_t *len);

/* "HOST:PORT", the port always in it. Its length, 0 if it does not fit. */
size_t tw_name_host_port(const char *url, char *buf, size_t size);

/* Whether the URL's host is a name for us to look up: it is no address, the caller did not say where
 * it is (options->resolve), and no proxy is there to ask. */
bool tw_name_is_asked(const trawl_options *options, const char *url, bool host_is_ip);

#endif
