/* A trawl's own copy of its options: later changes by the caller do not reach it. */
#include <stdlib.h>
#include <string.h>

#include "crawl/core.h"

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

int tw_options_extend(trawl_options *whole, const trawl_options *options)
{
    *whole = (trawl_options)TRAWL_OPTIONS_INIT;
    if (options == NULL)
        return 0;
    if (options->size < offsetof(trawl_options, concurrency) || options->size > sizeof(*whole))
        return TRAWL_EINVAL;
    memcpy(whole, options, options->size);
    whole->size = sizeof(*whole);
    return 0;
}

int tw_options_copy(trawl_options **out, const trawl_options *options)
{
    trawl_options *o = malloc(sizeof(*o));
    struct tw_fault fault;
    int err;

    if (o == NULL)
        return TRAWL_ENOMEM;
    err = tw_options_extend(o, options);
    if (err == 0)
        err = tw_options_check(o, &fault);
    if (err != 0) {
        free(o);
        return err;
    }
    err = copy_pointers(o);
    if (err != 0) {
        tw_options_free(o);
        return err;
    }
    *out = o;
    return 0;
}
