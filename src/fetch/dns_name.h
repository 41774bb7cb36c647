/* Names of hosts before anybody is asked about them. */
#ifndef TW_FETCH_DNS_NAME_H
#define TW_FETCH_DNS_NAME_H

#include <stddef.h>

/* 253 characters (RFC 1035 2.3.4: 255 bytes on the wire), a dot at the end, NUL. */
#define TW_DNS_NAME_SIZE 255

enum tw_dns_name_kind {
    TW_DNS_NAME_BAD,       /* no name that can be asked for */
    TW_DNS_NAME_PLAIN,
    TW_DNS_NAME_LOCALHOST, /* this host, never asked for (RFC 6761 6.3) */
    TW_DNS_NAME_NEVER,     /* .invalid (RFC 6761 6.4) and .onion (RFC 7686) have no answer */
    TW_DNS_NAME_IPV4,      /* an address */
    TW_DNS_NAME_IPV6,      /* likewise; text is without brackets */
};

struct tw_dns_name {
    enum tw_dns_name_kind kind;
    size_t len;
    char text[TW_DNS_NAME_SIZE]; /* in lower case, with the dot at its end if it had one */
};

/* Labels are of letters, digits, "-" and "_", and of 1 to 63 of them. */
void tw_dns_name_read(struct tw_dns_name *n, const char *name);

#endif
