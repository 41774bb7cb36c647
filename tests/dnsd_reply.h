/* What the name server for tests says to a question. */
#ifndef TESTS_DNSD_REPLY_H
#define TESTS_DNSD_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#define DNSD_UDP_MAX 512

struct dnsd_exchange {
    bool tcp;       /* set by the caller */
    char name[256]; /* that was asked for, in lower case */
    unsigned type;
    bool silent; /* there is to be no reply */
    unsigned delay_ms;
    size_t len;
    unsigned char bytes[8192];
};

/* The question goes back as it came, letter for letter, with the answer. x is zeroed but for
 * tcp. False if the query is none. */
bool dnsd_reply(struct dnsd_exchange *x, const unsigned char *query, size_t len);

#endif
