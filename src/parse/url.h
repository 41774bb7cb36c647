/* http and https URLs: parsed, resolved against a base and serialized as the URL standard says
 * (url.spec.whatwg.org, "URL parsing" and "URL serializing"). The serialization is the
 * canonical URL: two URLs that the standard holds for the same fetch have the same href.
 *
 * Bytes in, struct out: no I/O, no clock, no state. Invalid UTF-8 in the input reads as U+FFFD.
 * Where parse/idna.h says so, names that are not ASCII are judged more strictly than by the
 * standard.
 */
#ifndef TW_PARSE_URL_H
#define TW_PARSE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest input taken, in bytes. */
#define TW_URL_INPUT_MAX ((size_t)1 << 24)

/* A part of href; an absent part is {0, 0}. */
struct tw_span {
    uint32_t at;
    uint32_t len;
};

struct tw_url {
    char *href; /* canonical, without the fragment; NUL-terminated, owned, the one allocation */
    uint32_t len;
    struct tw_span scheme;   /* "http" or "https" */
    struct tw_span userinfo; /* "user" or "user:password", percent-encoded, without the '@' */
    struct tw_span host;     /* lower case; an IPv6 address with its brackets */
    struct tw_span port;     /* its digits; absent for the scheme's default */
    struct tw_span path;     /* from its '/', never absent */
    struct tw_span query;    /* after the '?'; empty but present is {at, 0} */
    const char *fragment;    /* after the '#', percent-encoded, NUL-terminated; in href's
                                allocation;    NULL without one */
    uint32_t fragment_len;
    uint16_t port_number; /* the effective one: 80 or 443 by default */
    bool https;
    bool host_is_ip; /* an IPv4 or IPv6 address */
};

/* Parses input, resolved against base if that is not NULL; out may not be base. Later changes
 * to base do not matter to out. A failure leaves out alone and, where reason is not NULL, puts
 * a static phrase there that says what is wrong.
 *
 * Returns 0; TRAWL_ESCHEME for a URL of another scheme; TRAWL_EURL for what is no URL; or
 * TRAWL_ENOMEM. */
int tw_url_parse(struct tw_url *out, const char *input, size_t len, const struct tw_url *base,
                 const char **reason);

/* The same for what people type, without a base: what has no scheme is taken for http, as in
 * "example.com/x" or "localhost:8080". A scheme is a scheme name with a colon and no port
 * number after it. */
int tw_url_guess(struct tw_url *out, const char *input, size_t len, const char **reason);

/* Frees href; the struct is zero afterwards. */
void tw_url_free(struct tw_url *u);

/* Writes "scheme://host:port", the port always in it; like snprintf, also in what it returns.
 */
size_t tw_url_origin(const struct tw_url *u, char *buf, size_t size);

/* Scheme, host and effective port are the same. */
bool tw_url_same_origin(const struct tw_url *a, const struct tw_url *b);

/* href without the credentials, for the caller to free. 0 or TRAWL_ENOMEM. */
int tw_url_strip(const struct tw_url *u, char **out);

/* The credentials, percent-decoded, for the caller to free. Without any, both are NULL; without
 * a password, that one is. 0, TRAWL_ENOMEM, or TRAWL_EURL when one of them holds a NUL. */
int tw_url_userinfo(const struct tw_url *u, char **user, char **password);

/* Makes any string safe to print as far as credentials go, a URL or not: what stands between
 * the authority's start and its last '@' becomes "***", the other bytes stay as they are.
 *
 * The authority starts after a scheme and whatever slashes, backslashes, blanks and controls
 * follow it, and ends before the first '/', '?' or '#'. A backslash ends it for browsers but
 * not for RFC 3986, so what is before an '@' behind one is masked too. "user:password@host" is
 * taken for an authority, not for a scheme; only what mailto:, tel:, data:, javascript: and their
 * like begin has none, unless a '/' or "user:password@" follows. Writes like snprintf and returns
 * what it would need, without the NUL. input may hold NULs. */
size_t tw_url_mask(char *out, size_t size, const char *input, size_t len);

#endif
