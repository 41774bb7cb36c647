/* c-ares on a libuv loop: asks name servers for the addresses of one full name in one family.
 * No thread and nothing that blocks: the hosts file and the search rules are not c-ares's here.
 *
 * Its handles do not keep the loop alive. It has no timer of its own: the owner calls
 * tw_dns_channel_tick() every so often while something is in flight. */
#ifndef TW_FETCH_DNS_CHANNEL_H
#define TW_FETCH_DNS_CHANNEL_H

#include <ares.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"

#define TW_DNS_ADDRESSES_MAX 16 /* of one family; more are left out */
#define TW_DNS_ADDRESSES_SIZE (TW_DNS_ADDRESSES_MAX * 46) /* INET6_ADDRSTRLEN */

struct tw_dns_reply {
    int error;             /* 0, ERESOLVE, EDNSTIMEOUT, EMFILE or ENOMEM */
    bool negative;         /* ERESOLVE because there is nothing: not a failure of the servers */
    bool no_data;          /* negative, but the name exists */
    const char *detail;    /* static, "" without an error */
    const char *addresses; /* comma separated; until the callback returns */
    uint32_t ttl_s;        /* the lowest of the answer */
};

typedef void (*tw_dns_reply_cb)(void *data, const struct tw_dns_reply *reply);

struct tw_dns_ask; /* a question in flight */

struct tw_dns_channel {
    uv_loop_t *loop;
    ares_channel ares;
    struct tw_link sockets;
    size_t handles;     /* not closed yet */
    size_t in_flight;   /* questions, also forgotten ones */
    unsigned reads;     /* how many more packets this turn takes */
    bool out_of_fds;    /* the last socket could not be had */
    struct tw_stay *stay; /* may be NULL */
    void (*on_closed)(void *data); /* a handle has gone */
    void *data;
};

/* servers: as in base/servers.h, NULL for those of resolv_path. timeout_ms: about how long a
 * question is pursued. 0, EINVAL for servers that cannot be read, ENOMEM or EINTERNAL. */
int tw_dns_channel_open(struct tw_dns_channel *c, uv_loop_t *loop, const char *servers,
                        const char *resolv_path, uint64_t timeout_ms);
/* Nothing may be asked any more; questions in flight are gone without a word. handles is 0 when
 * on_closed has been called for the last of them, or at once. Not inside a reply's callback. */
void tw_dns_channel_close(struct tw_dns_channel *c);

/* name ends with a dot. Writes *ask, then asks; cb may run before this returns, and at last
 * once. 0, or ENOMEM: cb will not run. */
int tw_dns_channel_ask(struct tw_dns_channel *c, const char *name, int family,
                       tw_dns_reply_cb cb, void *data, struct tw_dns_ask **ask);
/* cb will not run. */
void tw_dns_ask_forget(struct tw_dns_ask *ask);

/* Asks again what has had no answer for too long. */
void tw_dns_channel_tick(struct tw_dns_channel *c);

#endif
