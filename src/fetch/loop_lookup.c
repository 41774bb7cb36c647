/* Names ahead of any exchange: where a host is, for who wants to know before it is asked. What comes
 * of it stays in the cache of the names, where the exchange finds it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/loop.h"
#include "fetch/names.h"

/* At once, at least; a name's time limit runs from when it is asked for, not while others are in its
 * way. As many as exchanges if that is more: names without an answer must not hold up the others. */
#define SOUGHT_MIN 128

struct finder {
    struct tw_dns_query query;
    struct tw_link link; /* in one of the engine's three lists */
    struct tw_engine *engine;
    struct tw_lookup *lookup;
    bool sought; /* in engine.sought */
    bool cancelled;
};

static bool may_begin(const struct tw_engine *e)
{
    return e->sought_count < SOUGHT_MIN || e->sought_count < e->options->concurrency;
}

static struct finder *first_of(const struct tw_link *list)
{
    return tw_container(list->next, struct finder, link);
}

static void leave(struct finder *f)
{
    tw_list_remove(&f->link);
    if (f->sought)
        f->engine->sought_count--;
    f->sought = false;
}

static void finish(struct finder *f, int error, const char *addresses)
{
    struct tw_engine *e = f->engine;
    struct tw_lookup *lookup = f->lookup;

    leave(f);
    free(f);
    e->lookup_count--;
    tw_loop_keep(e);
    if (!tw_list_empty(&e->lookups))
        tw_loop_soon(e);
    lookup->engine = NULL;
    lookup->error = error;
    snprintf(lookup->ip, sizeof(lookup->ip), "%.*s", (int)strcspn(addresses, ","), addresses);
    lookup->cb(lookup);
}

static void on_name(void *data, const struct tw_dns_answer *answer)
{
    finish(data, answer->error, answer->addresses);
}

static void begin(struct finder *f)
{
    struct tw_engine *e = f->engine;
    struct tw_dns_answer answer;
    char name[TW_HOST_PORT_MAX];
    size_t len;
    const char *host = tw_name_host(f->lookup->url, &len);
    int found, err = tw_loop_open_dns(e);

    if (err != 0) {
        finish(f, err, "");
        return;
    }
    snprintf(name, sizeof(name), "%.*s", (int)len, host);
    found = tw_dns_lookup(e->dns, name, &f->query, on_name, f, &answer);
    if (found == 1) {
        finish(f, answer.error, answer.addresses);
    } else if (found != 0) {
        finish(f, found, "");
    } else {
        tw_list_append(&e->sought, &f->link);
        f->sought = true;
        e->sought_count++;
    }
}

/* Only what is there now: what a callback asks for, or takes back, is for the next turn. */
static void run_some(struct tw_engine *e, struct tw_link *list, uint64_t began_ns)
{
    struct tw_link now;

    tw_list_move(list, &now);
    for (size_t n = 0; !tw_list_empty(&now) && (n == 0 || !tw_stay_is_over(began_ns)); n++) {
        struct finder *f = first_of(&now);

        if (!f->cancelled && !may_begin(e))
            break;
        tw_list_remove(&f->link);
        if (f->cancelled)
            finish(f, TRAWL_ECANCELED, "");
        else
            begin(f);
    }
    tw_list_splice(list, &now); /* what is left goes before what came meanwhile */
    tw_list_splice(&now, list);
}

void tw_loop_run_lookups(struct tw_engine *e, uint64_t began_ns)
{
    run_some(e, &e->unsought, began_ns);
    run_some(e, &e->lookups, began_ns);
    if (!tw_list_empty(&e->unsought) || (!tw_list_empty(&e->lookups) && may_begin(e)))
        tw_loop_soon(e);
}

static bool end_all(struct tw_link *list, uint64_t began_ns)
{
    while (!tw_list_empty(list)) {
        struct finder *f = first_of(list);

        tw_dns_cancel(&f->query);
        finish(f, TRAWL_ECANCELED, "");
        if (tw_stay_is_over(began_ns))
            return false;
    }
    return true;
}

bool tw_loop_end_lookups(struct tw_engine *e, uint64_t began_ns)
{
    return end_all(&e->unsought, began_ns) && end_all(&e->sought, began_ns) &&
           end_all(&e->lookups, began_ns);
}

int tw_loop_resolve(struct tw_engine *e, struct tw_lookup *lookup)
{
    struct finder *f;

    if (e->closing)
        return TRAWL_ECLOSING;
    if (!tw_name_is_asked(e->options, lookup->url, lookup->host_is_ip))
        return TRAWL_ENOENT;
    f = calloc(1, sizeof(*f));
    if (f == NULL)
        return TRAWL_ENOMEM;
    f->engine = e;
    f->lookup = lookup;
    lookup->engine = f;
    tw_list_append(&e->lookups, &f->link);
    e->lookup_count++;
    tw_loop_keep(e);
    tw_loop_soon(e);
    return 0;
}

void tw_loop_unresolve(struct tw_engine *e, struct tw_lookup *lookup)
{
    struct finder *f = lookup->engine;

    if (f->cancelled)
        return;
    f->cancelled = true;
    tw_dns_cancel(&f->query);
    leave(f);
    tw_list_append(&e->unsought, &f->link);
    tw_loop_soon(e);
}
