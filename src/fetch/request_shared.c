/* What all requests of an engine share: made once and only read afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/request.h"

static bool header_is(const char *line, const char *name)
{
    size_t len = strlen(name);

    return strncasecmp(line, name, len) == 0 && (line[len] == ':' || line[len] == ';');
}

/* Fields that speak for the user to one origin only. */
static bool header_is_secret(const char *line)
{
    return header_is(line, "Authorization") || header_is(line, "Cookie") ||
           header_is(line, "Proxy-Authorization");
}

static int slist_add(struct curl_slist **list, const char *text)
{
    struct curl_slist *grown = curl_slist_append(*list, text);

    if (grown == NULL)
        return TRAWL_ENOMEM;
    *list = grown;
    return 0;
}

static bool headers_have(const char *const *headers, const char *name)
{
    for (; headers != NULL && *headers != NULL; headers++)
        if (header_is(*headers, name))
            return true;
    return false;
}

static int add_header(struct tw_request_shared *s, const char *name, const char *value)
{
    char line[512];
    int err = 0, len = snprintf(line, sizeof(line), "%s: %s", name, value);

    if (len < 0 || (size_t)len >= sizeof(line))
        return TRAWL_EINVAL;
    err = slist_add(&s->headers, line);
    return err != 0 ? err : slist_add(&s->headers_plain, line);
}

/* Fields that libcurl would format anew for each request, made once. */
static int add_constant_headers(struct tw_request_shared *s)
{
    const trawl_options *o = s->options;
    int err = 0;

    if (o->user_agent != NULL && !headers_have(o->headers, "User-Agent"))
        err = add_header(s, "User-Agent", o->user_agent);
    if (err == 0 && !headers_have(o->headers, "Accept-Encoding"))
        err = add_header(s, "Accept-Encoding", TW_CODING_NAMES);
    return err;
}

static int add_headers(struct tw_request_shared *s, const char *const *headers)
{
    int err = add_constant_headers(s);

    for (; headers != NULL && *headers != NULL && err == 0; headers++) {
        err = slist_add(&s->headers, *headers);
        if (err == 0 && !header_is_secret(*headers))
            err = slist_add(&s->headers_plain, *headers);
    }
    return err;
}

/* With "+" an entry ages like an answer; without, it stays in every multi's cache for ever. */
static int add_resolve(struct tw_request_shared *s, const char *const *resolve)
{
    int err = 0;

    for (; resolve != NULL && *resolve != NULL && err == 0; resolve++) {
        size_t size = strlen(*resolve) + 2;
        char *entry = malloc(size);

        if (entry == NULL)
            return TRAWL_ENOMEM;
        snprintf(entry, size, "%s%s", **resolve == '+' || **resolve == '-' ? "" : "+", *resolve);
        err = slist_add(&s->resolve, entry);
        free(entry);
    }
    return err;
}

int tw_request_shared_init(struct tw_request_shared *s, const trawl_options *options)
{
    int err;

    *s = (struct tw_request_shared){.options = options};
    s->proxied = (options->proxy_http != NULL && *options->proxy_http != '\0') ||
                 (options->proxy_https != NULL && *options->proxy_https != '\0');
    err = tw_guard_init(&s->guard, options);
    if (err == 0)
        err = add_headers(s, options->headers);
    if (err == 0)
        err = add_resolve(s, options->resolve);
    if (err != 0)
        tw_request_shared_free(s);
    return err;
}

void tw_request_shared_join(struct tw_request_shared *s)
{
    s->share = curl_share_init();
    if (s->share != NULL)
        curl_share_setopt(s->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

void tw_request_shared_free(struct tw_request_shared *s)
{
    curl_slist_free_all(s->headers);
    curl_slist_free_all(s->headers_plain);
    curl_slist_free_all(s->resolve);
    curl_share_cleanup(s->share);
    tw_guard_free(&s->guard);
    *s = (struct tw_request_shared){0};
}
