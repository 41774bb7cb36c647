/* A trawl's own copy of its options: later changes by the caller do not reach it. */
#include <stdlib.h>
#include <string.h>

#include "crawl.h"

static int copy_string(const char **s)
{
    char *copy;

    if (*s == NULL)
        return 0;
    copy = strdup(*s);
    *s = copy;
    return copy == NULL ? TRAWL_ENOMEM : 0;
}

static int copy_list(const char *const **list)
{
    const char *const *from = *list;
    const char **copy;
    size_t n = 0;

    if (from == NULL)
        return 0;
    while (from[n] != NULL)
        n++;
    copy = calloc(n + 1, sizeof(*copy));
    *list = copy;
    if (copy == NULL)
        return TRAWL_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        copy[i] = strdup(from[i]);
        if (copy[i] == NULL)
            return TRAWL_ENOMEM;
    }
    return 0;
}

static void free_list(const char *const *list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free((char *)list[i]);
    free((void *)list);
}

void tw_options_free(trawl_options *o)
{
    if (o == NULL)
        return;
    free((char *)o->strategy);
    free((char *)o->user_agent);
    free((char *)o->proxy_http);
    free((char *)o->proxy_https);
    free((char *)o->no_proxy);
    free((char *)o->ca_file);
    free((char *)o->interface_name);
    free((char *)o->dns_servers);
    free((char *)o->deny_cidr);
    free((char *)o->allow_cidr);
    free_list(o->headers);
    free_list(o->resolve);
    free_list(o->worker_argv);
    free(o);
}

/* Goes through all of them even after a failure, so that what is freed is a copy or NULL. */
static int copy_pointers(trawl_options *o)
{
    const char **strings[] = {&o->strategy,    &o->user_agent, &o->proxy_http,
                              &o->proxy_https, &o->no_proxy,   &o->ca_file,
                              &o->interface_name, &o->dns_servers, &o->deny_cidr,
                              &o->allow_cidr};
    int err = 0;

    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        if (copy_string(strings[i]) != 0)
            err = TRAWL_ENOMEM;
    if (copy_list(&o->headers) != 0)
        err = TRAWL_ENOMEM;
    if (copy_list(&o->resolve) != 0)
        err = TRAWL_ENOMEM;
    if (copy_list(&o->worker_argv) != 0)
        err = TRAWL_ENOMEM;
    return err;
}

static bool headers_valid(const char *const *headers)
{
    for (; headers != NULL && *headers != NULL; headers++)
        if (strpbrk(*headers, "\r\n") != NULL || strpbrk(*headers, ":;") == NULL)
            return false;
    return true;
}

/* What has to fit into libcurl's long and curl_off_t. */
static bool times_valid(const trawl_options *o)
{
    const uint64_t most = INT32_MAX;

    return o->timeout_ms <= most && o->connect_timeout_ms <= most && o->low_speed_ms <= most &&
           o->low_speed_bytes <= most && o->connect_timeout_ms > 0 && o->dns_timeout_ms > 0 &&
           o->dns_timeout_ms <= most && o->max_body <= INT64_MAX &&
           o->retry_delay_ms <= most && o->retry_max_ms <= most && o->retry_after_max_ms <= most;
}

static bool valid(const trawl_options *o)
{
    if (o->strategy == NULL || tw_engine_find(o->strategy) == NULL)
        return false;
    if (o->concurrency == 0 || o->tries == 0)
        return false;
    if (o->http > TRAWL_HTTP_2 || o->ip > TRAWL_IP_V6)
        return false;
    if (o->user_agent != NULL && strpbrk(o->user_agent, "\r\n") != NULL)
        return false;
    return times_valid(o) && headers_valid(o->headers);
}

int tw_options_copy(trawl_options **out, const trawl_options *options)
{
    trawl_options *o = malloc(sizeof(*o));
    int err;

    if (o == NULL)
        return TRAWL_ENOMEM;
    *o = (trawl_options)TRAWL_OPTIONS_INIT;
    if (options != NULL) {
        if (options->size < offsetof(trawl_options, concurrency) ||
            options->size > sizeof(*o)) {
            free(o);
            return TRAWL_EINVAL;
        }
        /* An older caller's struct is shorter: what it does not know keeps its default. */
        memcpy(o, options, options->size);
        o->size = sizeof(*o);
    }
    if (!valid(o)) {
        free(o);
        return TRAWL_EINVAL;
    }
    err = copy_pointers(o);
    if (err != 0) {
        tw_options_free(o);
        return err;
    }
    *out = o;
    return 0;
}
