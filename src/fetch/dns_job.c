#include "fetch/dns_job.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Names asked for at a time, two questions each. dnsmasq, in many a router, holds 150 of them.
 */
#define PLACES 128
#define PLACE_MS 100
/* Questions in flight with those whose time is over: c-ares looks at all of a second's. */
#define IN_FLIGHT_MAX 8192
#define IPV6_GRACE_MS 250
#define ROUTE_LOOK_MS 1000

#define TTL_MIN_S 1
#define TTL_MAX_S 86400
#define TTL_NEGATIVE_S 30
#define TTL_FAILURE_S 1

struct tw_dns_job *tw_dns_job_new(struct tw_dns *dns, const struct tw_dns_name *name)
{
    struct tw_dns_job *job = calloc(1, sizeof(*job) + name->len + 1);

    if (job == NULL)
        return NULL;
    job->dns = dns;
    job->name_len = name->len;
    memcpy(job->name, name->text, name->len + 1);
    job->map.hash = tw_hash(name->text, name->len, dns->seed);
    tw_list_init(&job->waiters);
    if (tw_map_add(&dns->jobs, &job->map) != 0) {
        free(job);
        return NULL;
    }
    if (tw_heap_push(&dns->deadlines, &job->deadline,
                     uv_now(dns->loop) + dns->config.timeout_ms) != 0) {
        tw_map_remove(&dns->jobs, &job->map);
        free(job);
        return NULL;
    }
    tw_list_append(&dns->queue, &job->link);
    tw_dns_wake(dns);
    return job;
}

static void leave_place(struct tw_dns_job *job)
{
    if (!tw_link_in_list(&job->fresh))
        return;
    tw_list_remove(&job->fresh);
    job->dns->fresh_count--;
}

static void clear_parts(struct tw_dns_job *job)
{
    for (int i = 0; i < TW_DNS_FAMILIES; i++) {
        struct tw_dns_part *part = &job->parts[i];

        if (part->ask != NULL)
            tw_dns_ask_forget(part->ask);
        free(part->addresses);
        *part = (struct tw_dns_part){0};
    }
}

void tw_dns_job_finish(struct tw_dns_job *job, int error, const char *detail)
{
    struct tw_dns *dns = job->dns;

    clear_parts(job);
    leave_place(job);
    tw_map_remove(&dns->jobs, &job->map);
    tw_heap_remove(&dns->deadlines, &job->deadline);
    tw_list_remove(&job->link);
    job->answer.error = error;
    job->answer.detail = detail;
    job->answer.addresses = job->addresses == NULL ? "" : job->addresses;
    tw_list_append(&dns->done, &job->link);
    tw_dns_wake(dns);
}

void tw_dns_job_free(struct tw_dns_job *job)
{
    tw_list_remove(&job->link);
    free(job->addresses);
    free(job);
}

/* Without memory there is no entry, and the name is asked for again. */
static void keep(struct tw_dns_job *job, uint64_t ttl_s)
{
    struct tw_dns *dns = job->dns;

    (void)tw_dns_cache_put(&dns->cache, job->name, job->name_len, &job->answer,
                           uv_now(dns->loop) + ttl_s * 1000);
}

static void fail(struct tw_dns_job *job, const struct tw_dns_part *part)
{
    int error = part->error;
    bool negative = part->negative;

    if (error == TRAWL_EDNSTIMEOUT)
        job->dns->stats.timeouts++;
    if (negative)
        job->dns->stats.negative++;
    tw_dns_job_finish(job, error, part->detail);
    if (error == TRAWL_ERESOLVE || error == TRAWL_EDNSTIMEOUT)
        keep(job, negative ? TTL_NEGATIVE_S : TTL_FAILURE_S);
}

/* ---- addresses ---- */

/* The family that is the likelier to work stands in front. */
static char *join(const struct tw_dns_job *job)
{
    bool six_first = job->dns->has_route;
    const char *first = job->parts[six_first ? TW_DNS_V6 : TW_DNS_V4].addresses;
    const char *second = job->parts[six_first ? TW_DNS_V4 : TW_DNS_V6].addresses;
    size_t a = first == NULL ? 0 : strlen(first), b = second == NULL ? 0 : strlen(second);
    char *text = malloc(a + b + 2);

    if (text == NULL)
        return NULL;
    memcpy(text, first == NULL ? "" : first, a);
    if (a > 0 && b > 0)
        text[a++] = ',';
    memcpy(text + a, second == NULL ? "" : second, b);
    text[a + b] = '\0';
    return text;
}

static uint64_t lowest_ttl(const struct tw_dns_job *job)
{
    uint64_t ttl_s = TTL_MAX_S;

    for (int i = 0; i < TW_DNS_FAMILIES; i++) {
        const struct tw_dns_part *part = &job->parts[i];
        bool missing = part->ask != NULL || (part->error != 0 && !part->negative);
        uint64_t own_s = missing ? TTL_NEGATIVE_S : TTL_MAX_S;

        if (part->addresses != NULL)
            own_s = part->ttl_s;
        if (own_s < ttl_s)
            ttl_s = own_s;
    }
    return ttl_s < TTL_MIN_S ? TTL_MIN_S : ttl_s;
}

static void succeed(struct tw_dns_job *job)
{
    uint64_t ttl_s = lowest_ttl(job);

    job->addresses = join(job);
    if (job->addresses == NULL) {
        tw_dns_job_finish(job, TRAWL_ENOMEM, "");
        return;
    }
    tw_dns_job_finish(job, 0, "");
    keep(job, ttl_s);
}

static bool has_addresses(const struct tw_dns_job *job)
{
    return job->parts[TW_DNS_V4].addresses != NULL || job->parts[TW_DNS_V6].addresses != NULL;
}

void tw_dns_job_expire(struct tw_dns_job *job)
{
    const struct tw_dns_part late = {.error = TRAWL_EDNSTIMEOUT, .detail = "no answer"};

    if (has_addresses(job))
        succeed(job);
    else
        fail(job, &late);
}

/* ---- what the answers make of a job ---- */

static void queue_again(struct tw_dns_job *job)
{
    leave_place(job);
    tw_list_remove(&job->link);
    tw_list_prepend(&job->dns->queue, &job->link);
    tw_dns_wake(job->dns);
}

/* A failure of a server, rather than its word that there is nothing. */
static const struct tw_dns_part *failure_of(const struct tw_dns_job *job)
{
    for (int i = 0; i < TW_DNS_FAMILIES; i++)
        if (job->parts[i].error != 0 && !job->parts[i].negative)
            return &job->parts[i];
    return NULL;
}

/* Writes the name to be tried at the place given, and where the one after it is. */
static bool find_name(const struct tw_dns_job *job, unsigned at, unsigned *next,
                      char name[TW_DNS_NAME_SIZE])
{
    *next = at;
    return tw_dns_search_next(&job->dns->search, job->name, job->name_len, next, name);
}

/* No address by this name. */
static void go_on(struct tw_dns_job *job)
{
    struct tw_dns *dns = job->dns;
    struct tw_dns_part *four = &job->parts[TW_DNS_V4], *six = &job->parts[TW_DNS_V6];
    struct tw_dns_part none = four->wanted ? *four : *six;
    char name[TW_DNS_NAME_SIZE];
    unsigned next;

    job->known |= four->no_data || six->no_data;
    if (dns->config.ip == TRAWL_IP_ANY && !six->wanted && four->no_data) {
        six->wanted = true;
    } else if (find_name(job, job->next, &next, name)) {
        job->at = job->next;
        clear_parts(job);
    } else {
        if (job->known)
            none.detail = "the name has no address";
        fail(job, &none);
        return;
    }
    queue_again(job);
}

static void progress(struct tw_dns_job *job)
{
    const struct tw_dns_part *four = &job->parts[TW_DNS_V4], *six = &job->parts[TW_DNS_V6];
    uint64_t limit_ms = uv_now(job->dns->loop) + IPV6_GRACE_MS;

    if (four->ask != NULL || six->ask != NULL) {
        if (four->addresses != NULL && job->deadline.key > limit_ms) {
            tw_heap_remove(&job->dns->deadlines, &job->deadline);
            /* It had a place in the array a moment ago. */
            (void)tw_heap_push(&job->dns->deadlines, &job->deadline, limit_ms);
            tw_dns_wake(job->dns);
        }
        return;
    }
    if (has_addresses(job))
        succeed(job);
    else if (failure_of(job) != NULL)
        fail(job, failure_of(job));
    else
        go_on(job);
}

static void on_reply(struct tw_dns_job *job, struct tw_dns_part *part,
                     const struct tw_dns_reply *reply)
{
    part->ask = NULL;
    part->error = reply->error;
    part->negative = reply->negative;
    part->no_data = reply->no_data;
    part->detail = reply->detail;
    part->ttl_s = reply->ttl_s;
    if (reply->error == 0) {
        part->addresses = strdup(reply->addresses);
        if (part->addresses == NULL)
            part->error = TRAWL_ENOMEM;
    }
    if (!job->asking)
        progress(job);
}

static void on_ipv4(void *data, const struct tw_dns_reply *reply)
{
    struct tw_dns_job *job = data;

    on_reply(job, &job->parts[TW_DNS_V4], reply);
}

static void on_ipv6(void *data, const struct tw_dns_reply *reply)
{
    struct tw_dns_job *job = data;

    on_reply(job, &job->parts[TW_DNS_V6], reply);
}

/* ---- asking ---- */

/* Connecting a datagram socket sends nothing; it fails where there is no way. */
static bool look_for_route(void)
{
    struct sockaddr_in6 far = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found;

    if (fd < 0)
        return false;
    far.sin6_addr.s6_addr[0] = 0x20; /* 2000::, where the global addresses begin */
    found = connect(fd, (struct sockaddr *)&far, sizeof(far)) == 0;
    close(fd);
    return found;
}

static bool has_route(struct tw_dns *dns)
{
    uint64_t now_ms = uv_now(dns->loop);

    if (dns->config.ipv6 != TW_DNS_IPV6_BY_ROUTE) {
        dns->has_route = dns->config.ipv6 == TW_DNS_IPV6_FIRST;
    } else if (dns->route_looked_ms == 0 || now_ms - dns->route_looked_ms >= ROUTE_LOOK_MS) {
        dns->route_looked_ms = now_ms;
        dns->has_route = look_for_route();
    }
    return dns->has_route;
}

static void ask_part(struct tw_dns_job *job, struct tw_dns_part *part, const char *name,
                     int family, tw_dns_reply_cb cb)
{
    if (!part->wanted || part->error != 0)
        return;
    job->dns->stats.queries++;
    if (tw_dns_channel_ask(&job->dns->channel, name, family, cb, job, &part->ask) != 0)
        part->error = TRAWL_ENOMEM;
}

static void ask(struct tw_dns_job *job)
{
    struct tw_dns *dns = job->dns;
    struct tw_dns_part *four = &job->parts[TW_DNS_V4], *six = &job->parts[TW_DNS_V6];
    char name[TW_DNS_NAME_SIZE];

    tw_list_remove(&job->link);
    if (!four->wanted && !six->wanted) {
        four->wanted = dns->config.ip != TRAWL_IP_V6;
        six->wanted = !four->wanted || (dns->config.ip == TRAWL_IP_ANY && has_route(dns));
    }
    job->asked_ms = uv_now(dns->loop);
    tw_list_append(&dns->fresh, &job->fresh);
    dns->fresh_count++;
    /* There is one: the name as it is fits at the least, and go_on() has looked. */
    (void)find_name(job, job->at, &job->next, name);
    job->asking = true;
    ask_part(job, four, name, AF_INET, on_ipv4);
    ask_part(job, six, name, AF_INET6, on_ipv6);
    job->asking = false;
    progress(job);
}

void tw_dns_jobs_ask(struct tw_dns *dns)
{
    while (!tw_list_empty(&dns->queue) && dns->fresh_count < PLACES &&
           dns->channel.in_flight < IN_FLIGHT_MAX)
        ask(tw_container(dns->queue.next, struct tw_dns_job, link));
}

void tw_dns_jobs_age(struct tw_dns *dns)
{
    while (!tw_list_empty(&dns->fresh)) {
        struct tw_dns_job *job = tw_container(dns->fresh.next, struct tw_dns_job, fresh);

        if (uv_now(dns->loop) - job->asked_ms < PLACE_MS)
            break;
        leave_place(job);
        tw_dns_wake(dns);
    }
}

uint64_t tw_dns_jobs_next_ms(const struct tw_dns *dns)
{
    const struct tw_heap_node *first = tw_heap_min(&dns->deadlines);
    uint64_t next_ms = first == NULL ? UINT64_MAX : first->key, aged_ms;

    if (tw_list_empty(&dns->queue) || tw_list_empty(&dns->fresh))
        return next_ms;
    aged_ms = tw_container(dns->fresh.next, struct tw_dns_job, fresh)->asked_ms + PLACE_MS;
    return aged_ms < next_ms ? aged_ms : next_ms;
}
