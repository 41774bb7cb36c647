/* The sockets of the loop engine. They are in an epoll set of their own, which to libuv is one
 * descriptor: a uv_poll_t for each would take 160 bytes, and six calls to the kernel more for each
 * connection. A socket stays armed while it lives, also between transfers, so that a transfer on a
 * warm connection costs no call for being watched; and it leaves the set before it is closed, so that
 * a number used again is never mistaken for its predecessor.
 *
 * Where there are many, those that connect are in a set apart, which is in the other one as a socket is.
 * They go first: while a server works on one request there is time to read other answers, but not the
 * other way round, and the kernel hands a set out in the order in which its sockets became ready.
 *
 * They do not keep the loop alive. */
#ifndef TW_FETCH_WATCH_H
#define TW_FETCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <uv.h>

#include "base/list.h"
#include "fetch/stay.h"

/* So many connected sockets are served before the loop has its turn, and the next requests go out: few
 * enough for their buffers to be still in the cache. */
#define TW_WATCH_BATCH 32

struct tw_watch;

struct tw_watch_set {
    uv_loop_t *loop;
    struct tw_watch **by_fd; /* NULL where a descriptor is not ours to watch */
    size_t cap;
    size_t count;        /* of sockets */
    uint32_t number;     /* of the next one */
    int epoll;
    int connecting;          /* the epoll set of those that connect */
    size_t connecting_count; /* of sockets in it */
    uv_poll_t poll;          /* of epoll */
    struct epoll_event ready[TW_WATCH_BATCH];
    int ready_at, ready_count; /* of ready: those from ready_at on are to be served */
    struct tw_stay *stay; /* may be NULL */
    struct tw_link idle; /* sockets between transfers, longest idle first */
    size_t idle_count;
    /* A socket that is wanted can go on: events is CURL_CSELECT_*. */
    void (*on_ready)(void *owner, int fd, int events);
    void (*on_closed)(void *data);
    void *data;
};

/* 0, TRAWL_EMFILE, or TRAWL_EINTERNAL. */
int tw_watch_set_init(struct tw_watch_set *s, uv_loop_t *loop);
/* Forgets all sockets. Calls back when it has left the loop. */
void tw_watch_set_close(struct tw_watch_set *s, void (*cb)(void *data), void *data);

/* A socket that has just been opened for owner, to a host. It is not armed before it is wanted. 0 or
 * ENOMEM. */
int tw_watch_open(struct tw_watch_set *s, void *owner, int fd, uint64_t host);
/* What libcurl wants to know of a socket (CURL_POLL_*). One that was not opened through
 * tw_watch_open() is libcurl's own; it goes with CURL_POLL_REMOVE. 0 or ENOMEM; ENOENT for
 * CURL_POLL_REMOVE of one that was, and has never connected. */
int tw_watch_want(struct tw_watch_set *s, void *owner, int fd, int what);
/* Whether a socket was opened that has not been wanted yet. */
bool tw_watch_is_new(const struct tw_watch_set *s, int fd);
/* The socket is about to be closed. Unknown ones are none of our business. */
void tw_watch_close(struct tw_watch_set *s, int fd);
/* Nobody pauses there any more, which libcurl does not tell: it is idle, if it is open and not in use. */
void tw_watch_release(struct tw_watch_set *s, int fd);

/* One of the connections to that host, which all looked idle, is in use, and libcurl is not going to tell
 * which. None of them is taken for idle until it was wanted again. */
void tw_watch_use_host(struct tw_watch_set *s, uint64_t host);

/* Whether a connection has been idle for at least min_idle_ms. */
bool tw_watch_has_idle(const struct tw_watch_set *s, uint64_t min_idle_ms);
/* Ends the one that has been so longest: libcurl finds it dead and closes it. Whether there was one.
 * Not inside libcurl: one that it is using again looks idle until it tells what it wants of it. */
bool tw_watch_drop_idle(struct tw_watch_set *s, uint64_t min_idle_ms);

#endif
