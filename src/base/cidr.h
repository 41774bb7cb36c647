/* Blocks of addresses in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3) and lists of them:
 * "10.0.0.0/8, [2001:db8::]/32, 192.0.2.1". */
#ifndef TW_BASE_CIDR_H
#define TW_BASE_CIDR_H

#include "base/addr.h"

struct tw_cidr {
    struct tw_addr addr;
    uint8_t bits; /* of the prefix, at most 8 * addr.size */
};

/* An address alone is a block of its own. 2001:db8::/32 may be written [2001:db8::]/32, and
 * ::ffff:10.0.0.0/104 is 10.0.0.0/8. NULL, or what is wrong: a static phrase with a remedy; then
 * *cidr is left alone. */
const char *tw_cidr_parse(const char *text, size_t len, struct tw_cidr *cidr);

/* Whether something stands behind the prefix: 10.0.0.1/8. */
bool tw_cidr_is_loose(const struct tw_cidr *cidr);

/* IPv4 and IPv6 never contain each other: ::/0 is all of IPv6 and nothing of IPv4. */
bool tw_cidr_contains(const struct tw_cidr *cidr, const struct tw_addr *addr);

struct tw_cidr_list {
    struct tw_cidr *items; /* owned; NULL if there are none */
    size_t count;
};

/* 0; TRAWL_EINVAL for an entry that is empty, unreadable or loose, told in *error; TRAWL_ENOMEM. */
int tw_cidr_list_parse(struct tw_cidr_list *list, const char *text, size_t len,
                       struct tw_list_error *error);
void tw_cidr_list_free(struct tw_cidr_list *list);
bool tw_cidr_list_contains(const struct tw_cidr_list *list, const struct tw_addr *addr);

#endif
