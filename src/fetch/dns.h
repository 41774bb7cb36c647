/* Names to addresses on the loop, without a thread and without ever blocking it.
 *
 * - One name is asked for once however many wait for it. Up to 128 names are asked for at a
 *   time, more only when those have been without an answer for 100 ms: neither a slow server
 *   nor a router with a small table gets a flood.
 * - Answers are kept for the lowest time to live in them, at least 1 s and at most 1 day; that
 *   a name does not exist or has no address, for 30 s (the servers' word on it, RFC 2308, does
 *   not come through); failures of the servers, also their silence, for 1 s. When only one
 *   kind of address could be had in time, its answer is kept for 30 s at the most.
 * - The system's rules: hosts file first, then servers, with the search list of resolv.conf.
 *   "localhost" and names below it are this host, .invalid and .onion do not exist (RFC 6761,
 *   RFC 7686), and addresses are their own answer; none of these is asked for.
 * - IPv6 addresses are asked for where there is a way to the IPv6 internet, and where a name
 *   has no IPv4 address. With IPv4 addresses at hand the others are waited for 250 ms.
 * - A name is given up after its time limit, whatever the servers do: all that wait for it get
 *   EDNSTIMEOUT then, or what addresses there are.
 *
 * No handle of a tw_dns keeps the loop alive, but for closing. */
#ifndef TW_FETCH_DNS_H
#define TW_FETCH_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"
#include "fetch/dns_cache.h"
#include "trawl.h"

struct tw_dns;
struct tw_dns_job;

/* In an answer: error is 0, ERESOLVE, EDNSTIMEOUT, EMFILE, ENOMEM, or ECANCELED after a close.
 * Its strings are valid until the callback returns. */
typedef void (*tw_dns_cb)(void *data, const struct tw_dns_answer *answer);

/* One who waits for a name: the caller's, zeroed before its first use, unmoved while it waits.
 */
struct tw_dns_query {
    struct tw_dns_job *job; /* NULL: does not wait */
    struct tw_link link;
    tw_dns_cb cb;
    void *data;
};

enum tw_dns_ipv6 {
    TW_DNS_IPV6_BY_ROUTE, /* asked for at first if there is a way to the IPv6 internet */
    TW_DNS_IPV6_FIRST,    /* as if there were one */
    TW_DNS_IPV6_LAST,     /* as if there were none */
};

struct tw_dns_config {
    const char *servers; /* as in base/servers.h; NULL is the system's */
    uint64_t timeout_ms; /* for a name, with all servers, at least 1 */
    trawl_ip ip;
    enum tw_dns_ipv6 ipv6;
    const char *hosts_path;
    const char *resolv_path; /* read once */
    size_t max_entries;      /* of the cache, at least 1 */
    struct tw_stay *stay;    /* where its callbacks are measured, may be NULL */
};

/* What the options say, and the system's files. The strings stay the caller's. */
void tw_dns_config_init(struct tw_dns_config *config, const trawl_options *options);

struct tw_dns_stats {
    uint64_t lookups;
    uint64_t hits;     /* answered from the cache */
    uint64_t queries;  /* questions put to servers: one for each family and each name tried */
    uint64_t negative; /* names that turned out not to exist or to have no address */
    uint64_t timeouts; /* names given up */
    size_t entries;    /* in the cache */
    size_t waiting;    /* names being looked up */
};

/* The config's strings outlive the tw_dns. 0, EINVAL for servers that cannot be read, ENOMEM or
 * EINTERNAL. */
int tw_dns_open(struct tw_dns **dns, uv_loop_t *loop, const struct tw_dns_config *config);

/* 1: *answer is it, its strings valid until the next call for dns; cb will not run. 0: cb runs
 * once, on a later turn. Or ENOMEM or ECLOSING, and nothing has happened. The name need not
 * outlive the call. May be called inside any callback. */
int tw_dns_lookup(struct tw_dns *dns, const char *name, struct tw_dns_query *query,
                  tw_dns_cb cb, void *data, struct tw_dns_answer *answer);

/* cb will not run. Nothing happens to a query that does not wait. What has been asked for a
 * name that nobody waits for any more goes into the cache. */
void tw_dns_cancel(struct tw_dns_query *query);

void tw_dns_get_stats(const struct tw_dns *dns, struct tw_dns_stats *stats);

/* Those that wait get ECANCELED, then cb (may be NULL) runs, after which no handle is left and
 * dns is freed. A second call is ignored. May be called inside any callback. */
void tw_dns_close(struct tw_dns *dns, void (*cb)(void *data), void *data);

#endif
