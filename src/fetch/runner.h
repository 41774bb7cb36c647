/* A worker process with the job that it runs: hands the job over, gives the receiver what comes back,
 * keeps the clock, and ends the job whatever becomes of the process. */
#ifndef TW_FETCH_RUNNER_H
#define TW_FETCH_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"
#include "fetch/child.h"
#include "fetch/engine.h"

struct tw_runner;

struct tw_runner_events {
    /* It has given a sign of life. */
    void (*on_ready)(struct tw_runner *r);
    /* The job is over, its outcome written. r takes the next one. */
    void (*on_free)(struct tw_runner *r, struct tw_job *job);
    /* The process has ended. job: the one it had, or NULL. begun: its outcome is written; otherwise
     * the job is as good as new. reason: as in struct tw_child_events. */
    void (*on_end)(struct tw_runner *r, struct tw_job *job, bool begun, const char *reason);
    /* r can be freed. */
    void (*on_closed)(struct tw_runner *r);
};

struct tw_runner {
    struct tw_child child;
    uv_timer_t timer;
    struct tw_link link; /* the owner's */
    void *owner;         /* likewise */
    const struct tw_runner_events *to;
    uv_loop_t *loop;
    const char *program;
    struct tw_job *job; /* NULL: none */
    uint64_t host_hash; /* of its last job */
    uint64_t due_ms;    /* when its job should be over */
    int verdict;        /* what its job ends with, whatever it says itself; 0 is that */
    bool ready;         /* has given a sign of life */
    bool silent;        /* has not, for too long */
    bool heard;         /* the receiver has had something of its job */
    bool paused;        /* so is the receiver; stays until the job is over if time ran out */
    bool late;
    bool retired;
    unsigned open; /* the child, the timer */
};

/* Starts a process. Calls nothing before it returns. options and stay (may be NULL) outlive r. 0, or
 * libuv's negative error: then only on_closed comes, and if r->open is 0, not even that. */
int tw_runner_start(struct tw_runner *r, uv_loop_t *loop, const trawl_options *options,
                    const struct tw_runner_events *to, void *owner, struct tw_stay *stay);

/* Gives it a job; it has none. 0, or TRAWL_ENOMEM. Calls nothing before it returns. */
int tw_runner_take(struct tw_runner *r, struct tw_job *job);

/* Not from within the receiver: */

/* The job ends with that code, negative, once the process has let go of it or is dead. */
void tw_runner_call_off(struct tw_runner *r, int error);
/* The receiver goes on, if it was paused. */
void tw_runner_resume(struct tw_runner *r);
/* Ends it, and forgets its job. Of the events on_closed alone comes. */
void tw_runner_retire(struct tw_runner *r);

#endif
