/* The host of an http or https URL (WHATWG URL, "Host parsing", for special schemes): a domain,
 * an IPv4 address in any of its spellings, or an IPv6 address in brackets. */
#ifndef TW_PARSE_HOST_H
#define TW_PARSE_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes more than its input a host can come out with: "1" is 0.0.0.1, and a name that
 * is not ASCII may grow up to the DNS's limit. */
#define TW_HOST_GROWTH 256

struct tw_host {
    size_t len;
    bool is_ip;
};

/* Writes the host's canonical form to out, without a NUL: a domain in lower-case ASCII, dotted
 * decimal, or a compressed IPv6 address with its brackets. s is UTF-8, of at least one byte,
 * and apart from out, which has room for len + TW_HOST_GROWTH bytes.
 *
 * Returns 0, TRAWL_ENOMEM, or TRAWL_EURL with a static phrase in *reason. */
int tw_host_parse(struct tw_host *host, const char *s, size_t len, char *out,
                  const char **reason);

#endif
