#include "fetch/dns.h"

#include <stdlib.h>
#include <string.h>

#include "fetch/dns_job.h"
#include "fetch/stay.h"

#define MAX_ENTRIES 100000
/* How long answers are given out, or given up, before other work gets its turn. */
#define TURN_NS (10 * 1000000ULL)
/* c-ares 1.18 tells its next time limit by looking at all questions in flight. Looking in on it
 * this often costs less, and asks again late by as much. */
#define TICK_MIN_MS 10
#define TICK_MAX_MS 100

void tw_dns_config_init(struct tw_dns_config *config, const trawl_options *options)
{
    *config = (struct tw_dns_config){.servers = options->dns_servers,
                                     .timeout_ms = options->dns_timeout_ms,
                                     .ip = options->ip,
                                     .hosts_path = "/etc/hosts",
                                     .resolv_path = "/etc/resolv.conf",
                                     .max_entries = MAX_ENTRIES};
}

void tw_dns_get_stats(const struct tw_dns *dns, struct tw_dns_stats *stats)
{
    *stats = dns->stats;
    stats->entries = dns->cache.map.len;
    stats->waiting = dns->jobs.len;
}

/* ---- the clock ---- */

static uint64_t tick_ms(const struct tw_dns *dns)
{
    uint64_t ms = dns->config.timeout_ms / 50;

    return ms < TICK_MIN_MS ? TICK_MIN_MS : ms > TICK_MAX_MS ? TICK_MAX_MS : ms;
}

static void on_timer(uv_timer_t *timer);

/* One that fires too early is no harm. */
static void set_timer(struct tw_dns *dns)
{
    uint64_t now_ms = uv_now(dns->loop), next_ms = tw_dns_jobs_next_ms(dns);

    if (dns->channel.in_flight > 0 && next_ms > now_ms + tick_ms(dns))
        next_ms = now_ms + tick_ms(dns);
    if (next_ms == UINT64_MAX || (dns->timer_ms != 0 && dns->timer_ms <= next_ms))
        return;
    /* Never 0: a timer set for at once in its own callback would keep libuv from polling. */
    if (next_ms <= now_ms)
        next_ms = now_ms + 1;
    dns->timer_ms = next_ms;
    uv_timer_start(&dns->timer, on_timer, next_ms - now_ms, 0);
}

static void tick(struct tw_dns *dns)
{
    struct tw_heap_node *first;
    uint64_t start_ns = uv_hrtime();

    while ((first = tw_heap_min(&dns->deadlines)) != NULL && first->key <= uv_now(dns->loop) &&
           uv_hrtime() - start_ns < TURN_NS)
        tw_dns_job_expire(tw_container(first, struct tw_dns_job, deadline));
    tw_dns_channel_tick(&dns->channel);
    tw_dns_jobs_age(dns);
    set_timer(dns);
}

static void on_timer(uv_timer_t *timer)
{
    struct tw_dns *dns = timer->data;
    struct tw_stay *stay = dns->config.stay;
    enum tw_stage before;

    dns->timer_ms = 0;
    if (dns->closing)
        return;
    before = tw_stay_go(stay, TW_STAGE_NAME);
    tick(dns);
    tw_stay_go(stay, before);
}

/* ---- turns ---- */

/* Whether everybody has his answer; else there is more to be done on the next turn. */
static bool deliver(struct tw_dns *dns)
{
    uint64_t start_ns = uv_hrtime();

    while (!tw_list_empty(&dns->done)) {
        struct tw_dns_job *job = tw_container(dns->done.next, struct tw_dns_job, link);

        while (!tw_list_empty(&job->waiters)) {
            struct tw_dns_query *query =
                tw_container(job->waiters.next, struct tw_dns_query, link);

            if (uv_hrtime() - start_ns > TURN_NS)
                return false;
            tw_list_remove(&query->link);
            query->job = NULL;
            query->cb(query->data, &job->answer);
        }
        tw_dns_job_free(job);
    }
    return true;
}

static void finish_close(struct tw_dns *dns)
{
    if (!dns->torn_down || dns->handles > 0 || dns->channel.handles > 0)
        return;
    tw_dns_cache_free(&dns->cache);
    tw_dns_hosts_free(&dns->hosts);
    tw_map_free(&dns->jobs);
    tw_heap_free(&dns->deadlines);
    if (dns->on_close != NULL)
        dns->on_close(dns->close_data);
    free(dns);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct tw_dns *dns = handle->data;

    dns->handles--;
    finish_close(dns);
}

static void on_channel_closed(void *data)
{
    finish_close(data);
}

/* Those that wait first, so that c-ares has nobody left to tell. */
static void tear_down(struct tw_dns *dns)
{
    struct tw_heap_node *first;

    while ((first = tw_heap_min(&dns->deadlines)) != NULL)
        tw_dns_job_finish(tw_container(first, struct tw_dns_job, deadline), TRAWL_ECANCELED,
                          "");
    if (!deliver(dns))
        return;
    tw_dns_channel_close(&dns->channel);
    dns->torn_down = true;
    uv_close((uv_handle_t *)&dns->soon, on_handle_closed);
    uv_close((uv_handle_t *)&dns->timer, on_handle_closed);
}

static void turn(struct tw_dns *dns)
{
    uv_idle_stop(&dns->soon);
    tw_dns_jobs_ask(dns);
    if (!deliver(dns))
        tw_dns_wake(dns);
    set_timer(dns);
}

static void on_soon(uv_idle_t *idle)
{
    struct tw_dns *dns = idle->data;
    struct tw_stay *stay = dns->config.stay;
    enum tw_stage before = tw_stay_go(stay, TW_STAGE_NAME);

    if (dns->closing)
        tear_down(dns);
    else
        turn(dns);
    tw_stay_go(stay, before);
}

void tw_dns_wake(struct tw_dns *dns)
{
    uv_idle_start(&dns->soon, on_soon);
}

/* ---- the calls ---- */

static int open_parts(struct tw_dns *dns)
{
    const struct tw_dns_config *config = &dns->config;
    int err = tw_dns_channel_open(&dns->channel, dns->loop, config->servers,
                                  config->resolv_path, config->timeout_ms);

    dns->channel.stay = config->stay;
    if (err != 0)
        return err;
    err = tw_dns_hosts_open(&dns->hosts, config->hosts_path, config->ip, dns->seed,
                            uv_now(dns->loop));
    if (err != 0)
        tw_dns_channel_close(&dns->channel);
    return err;
}

int tw_dns_open(struct tw_dns **out, uv_loop_t *loop, const struct tw_dns_config *config)
{
    struct tw_dns *dns = calloc(1, sizeof(*dns));
    int err;

    if (dns == NULL)
        return TRAWL_ENOMEM;
    dns->loop = loop;
    dns->config = *config;
    if (uv_random(NULL, NULL, &dns->seed, sizeof(dns->seed), 0, NULL) != 0)
        dns->seed = uv_hrtime();
    err = open_parts(dns);
    if (err != 0) {
        free(dns);
        return err;
    }
    dns->channel.on_closed = on_channel_closed;
    dns->channel.data = dns;
    tw_dns_search_read(&dns->search, config->resolv_path);
    tw_dns_cache_init(&dns->cache, config->max_entries, dns->seed);
    tw_list_init(&dns->queue);
    tw_list_init(&dns->fresh);
    tw_list_init(&dns->done);
    uv_idle_init(loop, &dns->soon);
    uv_timer_init(loop, &dns->timer);
    uv_unref((uv_handle_t *)&dns->soon);
    uv_unref((uv_handle_t *)&dns->timer);
    dns->soon.data = dns->timer.data = dns;
    dns->handles = 2;
    *out = dns;
    return 0;
}

static const char *own_addresses(trawl_ip ip)
{
    return ip == TRAWL_IP_V4 ? "127.0.0.1" : ip == TRAWL_IP_V6 ? "::1" : "127.0.0.1,::1";
}

static const char *literal(struct tw_dns *dns, const struct tw_dns_name *name)
{
    if (dns->config.ip == (name->kind == TW_DNS_NAME_IPV4 ? TRAWL_IP_V6 : TRAWL_IP_V4))
        return NULL;
    memcpy(dns->literal, name->text, name->len + 1);
    return dns->literal;
}

static const char *from_hosts(struct tw_dns *dns, const struct tw_dns_name *name)
{
    size_t len = name->len - (name->text[name->len - 1] == '.' ? 1 : 0);

    return tw_dns_hosts_find(&dns->hosts, name->text, len, uv_now(dns->loop));
}

/* What needs no server and no cache. */
static bool answer_here(struct tw_dns *dns, const struct tw_dns_name *name,
                        struct tw_dns_answer *answer)
{
    const char *addresses = NULL;

    *answer = (struct tw_dns_answer){.detail = "", .addresses = ""};
    if (name->kind == TW_DNS_NAME_LOCALHOST)
        addresses = own_addresses(dns->config.ip);
    else if (name->kind == TW_DNS_NAME_IPV4 || name->kind == TW_DNS_NAME_IPV6)
        addresses = literal(dns, name);
    else if (name->kind != TW_DNS_NAME_BAD)
        addresses = from_hosts(dns, name);
    if (addresses != NULL) {
        answer->addresses = addresses;
        return true;
    }
    if (name->kind == TW_DNS_NAME_PLAIN)
        return false;
    answer->error = TRAWL_ERESOLVE;
    answer->detail = "the address is not of the kind allowed";
    if (name->kind == TW_DNS_NAME_BAD)
        answer->detail = "not a name that can be asked for";
    else if (name->kind == TW_DNS_NAME_NEVER)
        answer->detail = "names in this domain do not exist";
    return true;
}

static bool is_job_of(const struct tw_map_entry *map, const void *name, size_t len)
{
    const struct tw_dns_job *job = tw_container(map, const struct tw_dns_job, map);

    return job->name_len == len && memcmp(job->name, name, len) == 0;
}

static struct tw_dns_job *job_of(struct tw_dns *dns, const struct tw_dns_name *name)
{
    uint64_t hash = tw_hash(name->text, name->len, dns->seed);
    struct tw_map_entry *map = tw_map_find(&dns->jobs, hash, is_job_of, name->text, name->len);

    return map != NULL ? tw_container(map, struct tw_dns_job, map) : tw_dns_job_new(dns, name);
}

int tw_dns_lookup(struct tw_dns *dns, const char *text, struct tw_dns_query *query,
                  tw_dns_cb cb, void *data, struct tw_dns_answer *answer)
{
    struct tw_dns_name name;
    struct tw_dns_job *job;

    if (dns->closing)
        return TRAWL_ECLOSING;
    dns->stats.lookups++;
    tw_dns_name_read(&name, text);
    if (answer_here(dns, &name, answer))
        return 1;
    if (tw_dns_cache_get(&dns->cache, name.text, name.len, uv_now(dns->loop), answer)) {
        dns->stats.hits++;
        return 1;
    }
    job = job_of(dns, &name);
    if (job == NULL)
        return TRAWL_ENOMEM;
    *query = (struct tw_dns_query){.job = job, .cb = cb, .data = data};
    tw_list_append(&job->waiters, &query->link);
    return 0;
}

void tw_dns_cancel(struct tw_dns_query *query)
{
    struct tw_dns_job *job = query->job;

    if (job == NULL)
        return;
    tw_list_remove(&query->link);
    query->job = NULL;
    /* One that still stands in the queue has not been asked for by its present name. */
    if (tw_list_empty(&job->waiters) && tw_link_in_list(&job->link) && job->deadline.slot != 0)
        tw_dns_job_finish(job, TRAWL_ECANCELED, "");
}

void tw_dns_close(struct tw_dns *dns, void (*cb)(void *data), void *data)
{
    if (dns->closing)
        return;
    dns->closing = true;
    dns->on_close = cb;
    dns->close_data = data;
    uv_ref((uv_handle_t *)&dns->soon);
    tw_dns_wake(dns);
}
