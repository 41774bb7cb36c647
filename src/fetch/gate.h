/* The one place where sockets for libcurl are opened: what the address guard denies is not, and
 * what went wrong is remembered, since libcurl only says that it could not connect. */
#ifndef TW_FETCH_GATE_H
#define TW_FETCH_GATE_H

#include <curl/curl.h>
#include <sys/socket.h>

#include "fetch/guard.h"

/* Where no descriptor can be had, that is no failure of the exchange: it waits, and another attempt is
 * made this often. */
#define TW_GATE_AGAIN_MS 100

/* How long to wait while nothing of ours is open that could be closed: as long as a connection may
 * take. 0 is no limit. */
uint64_t tw_gate_patience_ms(const trawl_options *options);

/* Of one exchange. */
struct tw_gate {
    const struct tw_guard *guard; /* NULL: every address is allowed */
    bool tried;                   /* some address was allowed */
    bool again;                   /* libcurl is to be run without a wait, see below */
    int open_errno;               /* why no socket could be had */
    const char *denied;           /* the first refusal: what the address is, NULL if there was none */
    sa_family_t denied_family;
    unsigned char denied_address[16];
};

/* Before each exchange. guard may be NULL and must outlive it. */
void tw_gate_reset(struct tw_gate *gate, const struct tw_guard *guard);

/* A socket for that address, closed on exec and not blocking; or CURL_SOCKET_BAD, and libcurl goes
 * on to the name's next address. As 7.88 does so only when it is run the next time, and then has
 * set its timer for a time-out, gate->again asks the engine to see to that; the engine clears it. */
curl_socket_t tw_gate_open(struct tw_gate *gate, const struct curl_sockaddr *addr);

/* What the failure to connect was in truth: TRAWL_EDENIED if every address that came up was denied,
 * TRAWL_EMFILE, or TRAWL_ECONNECT. */
int tw_gate_error(const struct tw_gate *gate);
/* Writes which address was denied first and why; something must have been. */
void tw_gate_tell(const struct tw_gate *gate, char *buf, size_t size);

#endif
