/* The address guard: which addresses may be connected to. It is asked when a socket is opened, by
 * whatever name, redirect or spelling the address was come by (fetch/gate.h).
 *
 * The order is fixed: what allow_cidr contains is allowed, then what deny_cidr contains is denied,
 * then what deny_private means is denied, and all else is allowed. How long a prefix is does not
 * matter: a short one in allow_cidr beats a long one in deny_cidr.
 *
 * An IPv4-mapped address is the IPv4 address that it stands for. Addresses that carry an IPv4
 * address to somebody who sends on to it (NAT64, 6to4, Teredo, ISATAP) are denied when either they
 * or what they carry are; they are allowed by allow_cidr for what they are, not for what they
 * carry. NAT64 with a network's own prefix (RFC 6052, 2.2) cannot be told from other addresses:
 * where there is one, deny_cidr has to name it. */
#ifndef TW_FETCH_GUARD_H
#define TW_FETCH_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/cidr.h"
#include "trawl.h"

/* A zeroed struct allows every IP address. */
struct tw_guard {
    bool deny_private;
    struct tw_cidr_list deny, allow; /* owned */
};

/* 0; TRAWL_EINVAL for a list that cannot be read, TRAWL_ENOMEM. */
int tw_guard_init(struct tw_guard *g, const trawl_options *options);
void tw_guard_free(struct tw_guard *g);

/* NULL if the address may be connected to, else what it is: a static phrase that goes behind
 * "ADDRESS is ". */
const char *tw_guard_judge(const struct tw_guard *g, const struct tw_addr *addr);

/* The same for a socket's address; len is its size. One of no IP family is denied. */
const char *tw_guard_judge_socket(const struct tw_guard *g, const struct sockaddr *sa,
                                  socklen_t len);

static inline bool tw_guard_allows(const struct tw_guard *g, const struct sockaddr *sa,
                                   socklen_t len)
{
    return tw_guard_judge_socket(g, sa, len) == NULL;
}

#endif
