/* What is read off a parsed URL: its origin and its credentials. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/percent.h"
#include "parse/url.h"
#include "trawl.h"

size_t tw_url_origin(const struct tw_url *u, char *buf, size_t size)
{
    int n = snprintf(buf, size, "%.*s://%.*s:%u", (int)u->scheme.len, u->href + u->scheme.at,
                     (int)u->host.len, u->href + u->host.at, (unsigned)u->port_number);
    return n < 0 ? 0 : (size_t)n;
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
