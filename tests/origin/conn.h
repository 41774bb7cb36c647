/* One connection: reads requests, plans and writes their replies one after another. */
#ifndef ORIGIN_CONN_H
#define ORIGIN_CONN_H

#include <uv.h>

#include "access.h"
#include "reply.h"

#define ORIGIN_SCRATCH 65536u

struct origin_conn;

/* What the connections of one loop share; used on the loop's thread only. */
struct origin_room {
    struct origin_world *world;
    struct origin_access access;
    struct origin_conn *first; /* list of the open connections */
    char in[ORIGIN_SCRATCH];
    uint8_t out[ORIGIN_SCRATCH];
};

/* Accepts what waits on the listening stream, which is bound to the IPv4 address `local`. */
void origin_conn_accept(struct origin_room *room, uv_stream_t *listener, uint32_t local);
/* Resets every connection; their handles are closed when the loop has turned. */
void origin_conn_close_all(struct origin_room *room);

#endif
