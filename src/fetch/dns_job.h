/* What dns.c and dns_job.c share: a name being looked up, from the first who waits for it until
 * the last has his answer. */
#ifndef TW_FETCH_DNS_JOB_H
#define TW_FETCH_DNS_JOB_H

#include "base/heap.h"
#include "base/map.h"
#include "fetch/dns.h"
#include "fetch/dns_channel.h"
#include "fetch/dns_hosts.h"
#include "fetch/dns_name.h"
#include "fetch/dns_search.h"

enum { TW_DNS_V4, TW_DNS_V6, TW_DNS_FAMILIES };

/* The addresses of one family. */
struct tw_dns_part {
    struct tw_dns_ask *ask; /* NULL unless in flight */
    bool wanted;            /* for the name that is being tried */
    int error;
    bool negative, no_data;
    const char *detail;
    char *addresses; /* owned, NULL if there are none */
    uint32_t ttl_s;
};

struct tw_dns_job {
    struct tw_map_entry map;      /* in dns.jobs until it is finished */
    struct tw_heap_node deadline; /* in dns.deadlines, likewise */
    struct tw_link link;          /* in dns.queue until asked, in dns.done when finished */
    struct tw_link fresh;         /* in dns.fresh while it takes one of the places */
    struct tw_link waiters;
    struct tw_dns *dns;
    struct tw_dns_part parts[TW_DNS_FAMILIES];
    uint64_t asked_ms;
    unsigned at, next; /* where in the search list the name tried is, and the one after it */
    bool asking;       /* in the middle of it: answers may come at once */
    bool known;        /* some name tried exists, without an address */
    struct tw_dns_answer answer;
    char *addresses; /* owned, of the answer; NULL if there are none */
    size_t name_len;
    char name[];
};

struct tw_dns {
    uv_loop_t *loop;
    struct tw_dns_config config;
    struct tw_dns_channel channel;
    struct tw_dns_cache cache;
    struct tw_dns_hosts hosts;
    struct tw_dns_search search;
    struct tw_map jobs;
    struct tw_heap deadlines;
    struct tw_link queue, fresh, done;
    size_t fresh_count;
    uint64_t seed;
    uint64_t route_looked_ms;
    bool has_route; /* to the IPv6 internet */
    uv_idle_t soon; /* asks and answers, on the turn after it has been started */
    uv_timer_t timer;
    uint64_t timer_ms; /* when it fires, 0 if it does not */
    size_t handles;    /* not closed yet, besides the channel's */
    bool closing, torn_down;
    void (*on_close)(void *data);
    void *close_data;
    struct tw_dns_stats stats;
    char literal[TW_DNS_NAME_SIZE]; /* the last answer that was an address itself */
};

/* A new job at the end of the queue; NULL without memory. */
struct tw_dns_job *tw_dns_job_new(struct tw_dns *dns, const struct tw_dns_name *name);
/* Takes it out of all but dns.done, where its waiters get the answer. */
void tw_dns_job_finish(struct tw_dns_job *job, int error, const char *detail);
/* When nobody waits any more. */
void tw_dns_job_free(struct tw_dns_job *job);

/* Puts questions for those in the queue for whom there is a place. */
void tw_dns_jobs_ask(struct tw_dns *dns);
/* The time limit is over: an error, or what addresses there are. */
void tw_dns_job_expire(struct tw_dns_job *job);
/* Those that have been without an answer for a while give their place to others. */
void tw_dns_jobs_age(struct tw_dns *dns);
/* When there is something to do by the clock, UINT64_MAX for never. */
uint64_t tw_dns_jobs_next_ms(const struct tw_dns *dns);

void tw_dns_wake(struct tw_dns *dns);

#endif
