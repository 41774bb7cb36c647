/* The loop's side of the strategies that fetch on threads: pool, batch and sequential. They differ
 * in which thread runs a worker, and when; everything else is here. struct tw_engine is the same
 * for the three of them, and most of their tables of functions is, too. */
#ifndef TW_FETCH_BLOCKING_H
#define TW_FETCH_BLOCKING_H

#include <uv.h>

#include "base/list.h"
#include "fetch/engine.h"
#include "fetch/fetcher.h"

/* libcurl, TLS and the C library fit in with room to spare; names are looked up elsewhere. */
#define TW_THREAD_STACK ((size_t)256 * 1024)

/* Makes one job after another. */
struct tw_worker {
    struct tw_fetcher fetcher;
    struct tw_engine *engine;
    struct tw_job *job;     /* NULL while it is spare */
    struct tw_link link;    /* in engine.active or engine.spare */
    struct tw_link pending; /* in engine.pending until it is started */
    struct tw_link news;    /* in engine.news, under the engine's lock */
    int error;              /* what ends the job besides libcurl, 0 for nothing */
    bool started;           /* a thread runs it, will, or did */
    bool paused, resumed;
    union {
        uv_work_t work;
        uv_thread_t thread;
    } by; /* the strategy's */
};

struct tw_blocking_kind {
    /* Starts what may be started now of engine.pending: tw_blocking_take_pending(). */
    void (*start)(struct tw_engine *e);
    /* A started worker is being cancelled. NULL: the fetcher's own way will do. */
    void (*withdraw)(struct tw_worker *w);
    /* A started worker has ended and all that came is delivered. NULL: nothing to do. */
    void (*over)(struct tw_worker *w);
    /* The last worker is over and none will be started: ends the threads. NULL: there is none. */
    void (*stop)(struct tw_engine *e);
};

struct tw_engine {
    const struct tw_blocking_kind *kind;
    uv_loop_t *loop;
    const trawl_options *options;
    struct tw_request_shared shared;
    struct tw_crowd crowd;
    struct tw_link active, spare, pending;
    size_t active_count;
    uv_poll_t wake;      /* of the pipe's end; keeps the loop alive while there are jobs */
    uv_file pipe[2];     /* has a byte while awake is set and the loop has not looked. Not uv_async_t:
                            until 1.45 the loop spins there for whoever woke it up, 50 us of a core
                            that they share */
    uv_timer_t clock;    /* the time limit of what is paused */
    uint64_t clock_ns;   /* when it rings, if it is active */
    unsigned handles;    /* not closed yet */
    struct tw_stay *stay; /* may be NULL */
    bool in_turn;        /* what is pending will be started before the loop goes on */
    bool closing, stopped;
    void (*on_close)(void *data);
    void *close_data;
    uv_mutex_t lock;
    struct tw_link news; /* workers to look after, under the lock */
    bool awake;          /* the loop will look at news, under the lock */
};

/* Opens an engine of that kind in size bytes, of which struct tw_engine is the first; the rest is
 * zeroed. Errors as tw_engine_ops.open. */
int tw_blocking_open(struct tw_engine **engine, size_t size, const struct tw_blocking_kind *kind,
                     uv_loop_t *loop, const trawl_options *options);

/* As the contract has them. */
int tw_blocking_submit(struct tw_engine *e, struct tw_job *job);
void tw_blocking_cancel(struct tw_engine *e, struct tw_job *job);
void tw_blocking_resume(struct tw_engine *e, struct tw_job *job);
void tw_blocking_close(struct tw_engine *e, void (*cb)(void *data), void *data);
void tw_blocking_measure(struct tw_engine *e, struct tw_stay *stay);

/* The first of what is pending, now as good as started; NULL if nothing is. */
struct tw_worker *tw_blocking_take_pending(struct tw_engine *e);
/* No thread could be had for w: its job ends with that error. */
void tw_blocking_fail(struct tw_worker *w, int error);

/* On the thread that ran it: the worker's way back to the loop, which may use it at once. */
void tw_blocking_ended(struct tw_worker *w);
/* The same on the loop's own thread; callbacks run inside. */
void tw_blocking_ended_here(struct tw_worker *w);

#endif
