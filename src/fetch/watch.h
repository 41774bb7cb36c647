/* The sockets of the loop engine and their watchers. A watcher stays armed while its socket lives,
 * also between transfers, so that a transfer on a warm connection costs no call to the kernel for
 * being watched; and it is closed before the socket is, so that a number used again is never
 * mistaken for its predecessor.
 *
 * Watchers do not keep the loop alive. */
#ifndef TW_FETCH_WATCH_H
#define TW_FETCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/list.h"

struct tw_watch;

struct tw_watch_set {
    uv_loop_t *loop;
    struct tw_watch **by_fd; /* NULL where a descriptor is not ours to watch */
    size_t cap;
    size_t handles;      /* watchers not closed yet, also those on their way */
    struct tw_link idle; /* sockets between transfers, longest idle first */
    size_t idle_count;
    /* A socket that is wanted can go on: events is CURL_CSELECT_*. */
    void (*on_ready)(void *owner, int fd, int events);
    void (*on_closed)(void *data); /* a handle has gone */
    void *data;
};

void tw_watch_set_init(struct tw_watch_set *s, uv_loop_t *loop);
/* When no handle is left. */
void tw_watch_set_free(struct tw_watch_set *s);

/* A socket that has just been opened for owner. It is not armed before it is wanted. 0 or ENOMEM. */
int tw_watch_open(struct tw_watch_set *s, void *owner, int fd);
/* What libcurl wants to know of a socket (CURL_POLL_*). One that was not opened through
 * tw_watch_open() is libcurl's own; its watcher goes with CURL_POLL_REMOVE. 0 or ENOMEM; ENOENT for
 * CURL_POLL_REMOVE of one that was, and has been closed unannounced. */
int tw_watch_want(struct tw_watch_set *s, void *owner, int fd, int what);
/* The socket is about to be closed. Unknown ones are none of our business. */
void tw_watch_close(struct tw_watch_set *s, int fd);
/* libcurl has closed all it had. */
void tw_watch_close_all(struct tw_watch_set *s);

/* Ends the connection that has been idle longest, if for at least min_idle_ms: libcurl finds it dead
 * and closes it. Whether there was one. */
bool tw_watch_drop_idle(struct tw_watch_set *s, uint64_t min_idle_ms);

#endif
