/* What a crawl is made of: how it is opened, and forgotten bit by bit. */
#include "crawl/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* So much that is small is forgotten between two looks at the clock. */
#define FORGET_A_STEP 32
#define REPEATS_IN_PATH 3
#define YEARS_AHEAD 5 /* in dates: more is a calendar without end */

/* ---- forget ---- */

static void free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

/* Some of what a crawl remembers, which nobody asks for any more. False once that was all. */
static bool forget_some(trawl_crawl *c)
{
    struct tw_map_entry *body = NULL;

    tw_map_free(&c->sites);
    if (!tw_list_empty(&c->all_sites)) {
        tw_site_free(tw_container(c->all_sites.next, struct site, listed));
        return true;
    }
    for (int n = 0; n < FORGET_A_STEP && (body = tw_map_pop(&c->bodies)) != NULL; n++)
        free(body);
    return body != NULL || tw_scope_clear(c->scope, FORGET_A_STEP) || tw_seen_clear(c->seen) ||
           tw_seen_clear(c->told);
}

bool tw_crawl_forget(trawl_crawl *c)
{
    uint64_t began_ns = uv_hrtime();

    while (forget_some(c))
        if (tw_stay_is_over(began_ns))
            return false;
    return true;
}

void tw_crawl_free(trawl_crawl *c)
{
    tw_map_free(&c->bodies);
    free_list(c->mime_types);
    tw_robots_free(c->robots);
    tw_scope_free(c->scope);
    tw_seen_free(c->seen);
    tw_seen_free(c->told);
    tw_list_remove(&c->link);
    tw_list_remove(&c->restless);
    free(c->agent);
    free(c);
}

/* ---- open ---- */

static struct tw_scope_list list_of(const char *const *items)
{
    struct tw_scope_list list = {.items = items};

    while (items != NULL && items[list.count] != NULL)
        list.count++;
    return list;
}

static int open_scope(trawl_crawl *c, const trawl_crawl_options *o, char *text, size_t size)
{
    struct tw_scope_rules rules = {
        .level = o->level,
        .span_hosts = o->span_hosts,
        .no_parent = o->no_parent,
        .page_requisites = o->page_requisites,
        .domains = list_of(o->domains),
        .exclude_domains = list_of(o->exclude_domains),
        .include = list_of(o->include),
        .exclude = list_of(o->exclude),
        .accept = list_of(o->accept),
        .reject = list_of(o->reject),
    };

    return tw_scope_open(&c->scope, &rules, text, size);
}

static void set_traps(trawl_crawl *c, const trawl_crawl_options *o)
{
    time_t now = time(NULL);
    struct tm tm;

    c->traps = (struct tw_trap_limits){
        .max_bytes = o->max_url,
        .max_segments = o->max_path_segments,
        .max_repeats = REPEATS_IN_PATH,
        .max_params = o->max_query_parameters,
        .max_year = gmtime_r(&now, &tm) == NULL ? 0 : (unsigned)tm.tm_year + 1900 + YEARS_AHEAD,
    };
}

static int copy_agent(trawl_crawl *c, const trawl_crawl_options *o)
{
    const char *agent = o->robots_agent != NULL ? o->robots_agent : c->t->options->user_agent;
    size_t len = agent == NULL ? 0 : strcspn(agent, "/ \t");

    c->agent = len == 0 ? strdup("trawl") : strndup(agent, len);
    return c->agent == NULL ? TRAWL_ENOMEM : 0;
}

static int copy_mime_types(trawl_crawl *c, const char *const *list)
{
    size_t n = list_of(list).count;

    if (n == 0)
        return 0;
    c->mime_types = calloc(n + 1, sizeof(*c->mime_types));
    if (c->mime_types == NULL)
        return TRAWL_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        c->mime_types[i] = strdup(list[i]);
        if (c->mime_types[i] == NULL)
            return TRAWL_ENOMEM;
    }
    return 0;
}

static int read_robots(trawl_crawl *c, const trawl_crawl_options *o)
{
    size_t len = o->robots_text_len;

    if (o->robots_text == NULL || o->ignore_robots)
        return 0;
    if (len == SIZE_MAX)
        len = strlen(o->robots_text);
    return tw_robots_parse(&c->robots, o->robots_text, len, c->agent, SIZE_MAX);
}

static int open_parts(trawl_crawl *c, const trawl_crawl_options *o, char *text, size_t size)
{
    int err = copy_agent(c, o);

    if (err == 0)
        err = copy_mime_types(c, o->mime_types);
    if (err == 0)
        err = open_scope(c, o, text, size);
    if (err == 0)
        err = read_robots(c, o);
    if (err == 0)
        err = tw_seen_open(&c->seen, c->t->hash_seed);
    if (err == 0)
        err = tw_seen_open(&c->told, c->t->hash_seed);
    set_traps(c, o);
    return err;
}

static trawl_crawl *crawl_new(trawl *t)
{
    trawl_crawl *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->t = t;
    tw_list_init(&c->seeds);
    tw_list_init(&c->inbox);
    tw_list_init(&c->surplus);
    tw_list_init(&c->running);
    tw_list_init(&c->halting);
    tw_list_init(&c->reading);
    tw_list_init(&c->all_sites);
    c->halt_at = &c->all_sites;
    tw_list_init(&c->scans);
    tw_list_init(&c->askers);
    c->told_idle = true;
    return c;
}

/* Whole copies of what callers of any version hand in. */
static int options_extend(trawl_crawl_options *o, const trawl_crawl_options *options)
{
    *o = (trawl_crawl_options)TRAWL_CRAWL_OPTIONS_INIT;
    if (options == NULL)
        return 0;
    if (options->size < sizeof(options->size) || options->size > sizeof(*o))
        return TRAWL_EINVAL;
    memcpy(o, options, options->size);
    return 0;
}

static int callbacks_extend(trawl_crawl_callbacks *cb, const trawl_crawl_callbacks *callbacks)
{
    *cb = (trawl_crawl_callbacks)TRAWL_CRAWL_CALLBACKS_INIT;
    if (callbacks == NULL || callbacks->size < sizeof(callbacks->size) ||
        callbacks->size > sizeof(*cb))
        return TRAWL_EINVAL;
    memcpy(cb, callbacks, callbacks->size);
    return cb->on_page == NULL ? TRAWL_EINVAL : 0;
}

static uint64_t deadline_ms(const trawl *t, uint64_t max_ms)
{
    uint64_t now = uv_now(t->loop);

    return max_ms == 0 || max_ms > UINT64_MAX - now ? UINT64_MAX : now + max_ms;
}

int trawl_crawl_open(trawl_crawl **out, trawl *t, const trawl_crawl_options *options,
                     const trawl_crawl_callbacks *callbacks, char *text, size_t size)
{
    trawl_crawl_options o;
    trawl_crawl_callbacks cb;
    char line[256];
    trawl_crawl *c;
    int err = options_extend(&o, options);

    line[0] = '\0';
    if (err == 0)
        err = callbacks_extend(&cb, callbacks);
    if (err != 0)
        return err;
    if (t->stopped)
        return TRAWL_ECLOSING;
    c = crawl_new(t);
    if (c == NULL)
        return TRAWL_ENOMEM;
    c->options = o;
    c->callbacks = cb;
    c->deadline_ms = deadline_ms(t, o.max_time_ms);
    err = open_parts(c, &o, line, sizeof(line));
    if (err != 0) {
        if (text != NULL && size > 0)
            snprintf(text, size, "%s", line);
        tw_crawl_free(c);
        return err;
    }
    tw_list_append(&t->crawls, &c->link);
    *out = c;
    return 0;
}
