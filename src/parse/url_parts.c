/* What is read off a parsed URL: its origin and its credentials. */
#include <stdlib.h>
#include <string.h>

#include "parse/percent.h"
#include "parse/url.h"
#include "trawl.h"

static size_t put(char *buf, size_t size, size_t at, const char *bytes, size_t len)
{
    if (at < size)
        memcpy(buf + at, bytes, len < size - at ? len : size - at);
    return at + len;
}

/* Once for each hop of each fetch, so not by snprintf(). */
size_t tw_url_origin(const struct tw_url *u, char *buf, size_t size)
{
    const char *port = u->https ? "443" : "80";
    size_t port_len = u->https ? 3 : 2;
    size_t n = put(buf, size, 0, u->href + u->scheme.at, u->scheme.len);

    if (u->port.len > 0) {
        port = u->href + u->port.at;
        port_len = u->port.len;
    }
    n = put(buf, size, n, "://", 3);
    n = put(buf, size, n, u->href + u->host.at, u->host.len);
    n = put(buf, size, n, ":", 1);
    n = put(buf, size, n, port, port_len);
    if (size > 0)
        buf[n < size ? n : size - 1] = '\0';
    return n;
}

bool tw_url_same_origin(const struct tw_url *a, const struct tw_url *b)
{
    return a->https == b->https && a->port_number == b->port_number &&
           a->host.len == b->host.len &&
           memcmp(a->href + a->host.at, b->href + b->host.at, a->host.len) == 0;
}

int tw_url_strip(const struct tw_url *u, char **out)
{
    size_t from = u->host.at;
    size_t to = u->userinfo.len ? u->userinfo.at : from;
    char *copy = malloc(u->len - (from - to) + 1);
    if (!copy)
        return TRAWL_ENOMEM;
    memcpy(copy, u->href, to);
    memcpy(copy + to, u->href + from, u->len - from + 1);
    *out = copy;
    return 0;
}

static int decode(const char *s, size_t len, char **out)
{
    char *text = malloc(len + 1);
    if (!text)
        return TRAWL_ENOMEM;
    size_t n = tw_pct_decode(text, s, len);
    text[n] = '\0';
    if (memchr(text, '\0', n)) {
        free(text);
        return TRAWL_EURL;
    }
    *out = text;
    return 0;
}

int tw_url_userinfo(const struct tw_url *u, char **user, char **password)
{
    const char *info = u->href + u->userinfo.at;
    const char *end = info + u->userinfo.len;
    char *name = NULL, *secret = NULL;
    int rc = 0;
    if (info < end) {
        const char *colon = memchr(info, ':', u->userinfo.len);
        rc = decode(info, (size_t)((colon ? colon : end) - info), &name);
        if (!rc && colon)
            rc = decode(colon + 1, (size_t)(end - colon - 1), &secret);
    }
    if (rc) {
        free(name);
        return rc;
    }
    *user = name;
    *password = secret;
    return 0;
}
