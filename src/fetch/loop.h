/* The event loop: libcurl's multi interface driven by socket and timer callbacks on a libuv loop. This
 * header is what its files share: loop.c is the contract and the engine's life, loop_exchange.c the easy
 * handles, loop_shard.c the multi handles, loop_soon.c what waits for the next turn, loop_name.c names
 * loop_lookup.c names ahead of any exchange, and loop_parked.c what waits for a descriptor.
 *
 * Hosts are spread over shards, each a multi handle of its own, because libcurl's tables of a multi
 * are scanned. Whether a connection is kept is decided here, job by job, and never by libcurl. What
 * must not happen inside libcurl's or a receiver's callback (cancel, resume, close) is noted and
 * done on the next turn of the loop. */
#ifndef TW_FETCH_LOOP_H
#define TW_FETCH_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"
#include "fetch/dns.h"
#include "fetch/engine.h"
#include "fetch/pins.h"
#include "fetch/request.h"
#include "fetch/stay.h"
#include "fetch/watch.h"

#define TW_SHARDS_MAX 64
/* Exchanges that one multi is given while others have fewer: what happens to all of them at once,
 * a time limit say, is one call of libcurl's. */
#define TW_SHARD_FULL 512
/* After so many bytes of bodies, less than a millisecond's worth, the clock is looked at. */
#define TW_BURST_LOOK ((size_t)256 * 1024)

struct tw_shard {
    CURLM *multi; /* NULL until its first job */
    uv_timer_t timer;
    struct tw_link due; /* in engine.due while libcurl wants to run at once */
    struct tw_engine *engine;
    uint64_t turns; /* how often libcurl ran */
    size_t begun;   /* exchanges that libcurl has, or is about to get */
    struct tw_pins pins;
};

struct tw_exchange {
    struct tw_request request;
    struct tw_link link;     /* in engine.active or engine.spare */
    struct tw_link deferred; /* in engine.deferred */
    struct tw_link parked;   /* in engine.parked */
    struct tw_shard *shard;
    struct tw_engine *engine;
    /* For a host that is a name: */
    struct tw_dns_query query;
    struct tw_pin *pin;
    struct curl_slist *resolve; /* what CURLOPT_RESOLVE points to */
    uint64_t asked_ns, waited_ns;
    int name_error; /* why there is no address, 0 */
    const char *name_detail;
    uint64_t added_turn; /* of the shard */
    uint64_t phase_ms;   /* when its name was asked for, or libcurl got it */
    uint64_t parked_ms;  /* when it was parked first */
    bool begun;          /* the request is set up: the name is known */
    bool tried_again;    /* it was parked before */
    bool added;          /* to the shard's multi */
    bool cancelled;
    bool has_place; /* among the idle, when its body has come */
    bool wanted; /* libcurl has wanted to know of its socket */
    curl_socket_t paused_fd; /* that libcurl has let go of during a pause, and not taken up since */
    bool nudged; /* libcurl is to look at it although nothing has happened */
};

struct tw_engine {
    uv_loop_t *loop;
    const trawl_options *options;
    struct tw_request_shared shared;
    struct tw_watch_set watches;
    struct tw_dns *dns; /* NULL until the first name */
    struct tw_link active, spare, deferred, due;
    struct tw_link parked; /* for want of a descriptor, longest first */
    size_t freed;          /* descriptors closed since something was parked */
    uint64_t held_ms;      /* when a descriptor of ours was last seen while something is parked */
    size_t active_count, spare_count;
    struct tw_link lookups; /* ahead of exchanges, that have not been begun */
    struct tw_link sought;  /* those that wait for an answer */
    struct tw_link unsought; /* those that were taken back */
    size_t lookup_count, sought_count; /* lookup_count: in any of these lists */
    struct tw_stay *stay; /* may be NULL */
    struct tw_exchange *opening; /* who opened a socket last, in this call of libcurl; or NULL */
    size_t burst;       /* bytes of bodies since the clock was looked at */
    uint64_t burst_ns, burst_ms; /* when the first came in this turn, and which turn that was */
    bool held;          /* the turn has had enough of bodies */
    size_t idle_max;
    size_t places;      /* of exchanges, among the idle */
    size_t giving_way;  /* idle connections in whose stead others are kept */
    uv_idle_t soon;     /* runs what is due and deferred, once a turn: a timer of 0 that is set
                           again in its own callback would keep libuv from ever polling */
    uv_timer_t again;   /* while something is parked */
    uv_timer_t alive;   /* never fires; keeps the loop alive while there are jobs */
    size_t shard_count; /* for names; as many again for addresses */
    size_t handles;     /* not closed yet, besides the watchers */
    bool closing, torn_down;
    bool crowded; /* idle connections are to give way */
    size_t cleaned; /* shards, while everything is being torn down */
    void (*on_close)(void *data);
    void *close_data;
    struct tw_shard shards[2 * TW_SHARDS_MAX];
};

/* ---- loop.c ---- */

/* The loop lives on while there are jobs. */
void tw_loop_keep(struct tw_engine *e);
/* Ends everything, or a slice of it: then it is to be called again on the next turn. */
void tw_loop_tear_down(struct tw_engine *e, uint64_t began_ns);

/* ---- loop_exchange.c ---- */

/* A new one, or a spare one. NULL without memory. */
struct tw_exchange *tw_exchange_get(struct tw_engine *e);
void tw_exchange_put(struct tw_engine *e, struct tw_exchange *x);
void tw_exchange_free(struct tw_exchange *x);
/* NULL for one of libcurl's own. */
struct tw_exchange *tw_exchange_of(CURL *easy);
/* Whether libcurl has looked at it: what it says of an exchange before that is the last one's. */
bool tw_exchange_has_begun(const struct tw_exchange *x);
/* Hands the exchange to libcurl. Not inside one of libcurl's callbacks. */
CURLMcode tw_exchange_add(struct tw_exchange *x);
/* Makes the exchange ready for libcurl, which gets it on the next turn: inside its callbacks it
 * takes none; and requests that go out one after another wake a sleeping server once, not each
 * time. addresses: of the host's name, NULL if libcurl knows enough. */
int tw_exchange_launch(struct tw_exchange *x, const char *addresses);
/* Takes the exchange away from libcurl. */
void tw_exchange_withdraw(struct tw_exchange *x);
/* Ends the idle connections in whose stead others are kept. Not inside libcurl. */
void tw_loop_give_way(struct tw_engine *e);
/* The transfer is over: gives the job back. The receiver may do anything, also close. */
void tw_exchange_finish(struct tw_exchange *x, CURLcode code);

/* ---- loop_shard.c ---- */

/* The job's, open. NULL without memory. */
struct tw_shard *tw_shard_for(struct tw_engine *e, const struct tw_job *job);
int tw_shard_open(struct tw_engine *e, struct tw_shard *s);
/* With all its connections. Nothing of it may be running. */
void tw_shard_clean(struct tw_shard *s);
/* Lets libcurl go on, and finishes what has ended. */
void tw_shard_run(struct tw_shard *s, curl_socket_t fd, int events);
/* Finishes what has ended. */
void tw_shard_drain(struct tw_shard *s);
/* For tw_watch_set. */
void tw_shard_on_ready(void *owner, int fd, int events);

/* ---- loop_soon.c ---- */

/* What is due and deferred runs on the next turn, after the sockets. */
void tw_loop_soon(struct tw_engine *e);
void tw_loop_defer(struct tw_engine *e, struct tw_exchange *x);
/* Has libcurl look at its transfer although nothing has happened. */
void tw_loop_nudge(struct tw_engine *e, CURL *easy);

/* ---- loop_name.c ---- */

/* Sets out: for the name, or for the server at once. 0, or an error if the exchange was not begun. */
int tw_exchange_set_out(struct tw_exchange *x, const struct tw_job *job);
/* Gives libcurl the addresses, and what is left of the time. 0 or TRAWL_ENOMEM. */
int tw_exchange_pin(struct tw_exchange *x, const struct tw_job *job, const char *addresses);
/* Forgets what the exchange had to do with names. */
void tw_exchange_leave_names(struct tw_exchange *x);
void tw_exchange_note_error(struct tw_exchange *x, int error, const char *detail);
/* The time for the name comes before libcurl's own. */
void tw_exchange_add_name_outcome(const struct tw_exchange *x, struct tw_outcome *out);

/* 0, or why there are no names now. */
int tw_loop_open_dns(struct tw_engine *e);

/* ---- loop_lookup.c ---- */

int tw_loop_resolve(struct tw_engine *e, struct tw_lookup *lookup);
void tw_loop_unresolve(struct tw_engine *e, struct tw_lookup *lookup);
/* Begins what may begin; the rest is for another turn. */
void tw_loop_run_lookups(struct tw_engine *e, uint64_t began_ns);
/* Ends them all, or a slice of them: then it returns false. */
bool tw_loop_end_lookups(struct tw_engine *e, uint64_t began_ns);

/* ---- loop_parked.c ---- */

/* Whether x waits now. */
bool tw_loop_park(struct tw_exchange *x, CURLcode code);
/* libcurl closes an idle connection when it finds it dead, which it looks for when it makes another
 * one; a multi with nothing to do goes with all that it has. */
void tw_loop_make_room(struct tw_engine *e);
/* The first count of them set out again. */
void tw_loop_run_parked(struct tw_engine *e, size_t count);

#endif
