/* A worker process as its parent sees it: started, spoken to in frames over a socket that is its
 * standard input and output, and seen off. What the frames mean is the caller's affair.
 *
 * Its handles do not keep the loop alive. The loop's uv_spawn() sees the process end, so the
 * application must not reap children that it does not know. */
#ifndef TW_FETCH_CHILD_H
#define TW_FETCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "fetch/frames.h"
#include "fetch/stay.h"

struct tw_child;

struct tw_child_events {
    /* 0; TRAWL_PAUSE: nothing more until resume, and then this frame again; or a negative code: the
     * frame should not have come, and the process is killed for it. */
    int (*on_frame)(struct tw_child *c, const struct tw_frame *frame);
    /* No more frames will come, but the process has not ended. It may be about to. */
    void (*on_eof)(struct tw_child *c);
    /* The process has ended, all its frames have been seen. reason, valid until it returns, says how
     * it ended: "was killed by signal 9". */
    void (*on_end)(struct tw_child *c, const char *reason);
    /* Nothing of it is left on the loop, c can be freed. */
    void (*on_closed)(struct tw_child *c);
};

struct tw_child {
    const struct tw_child_events *to;
    struct tw_stay *stay; /* may be NULL */
    uv_process_t process;
    uv_poll_t poll;
    int fd;
    int events;      /* what poll watches for */
    unsigned open;   /* handles that are not closed */
    struct tw_buf out; /* not yet sent, from out_at on */
    size_t out_at;
    char *in;
    size_t in_at, in_len;
    bool delivering; /* frames are being handed out */
    bool paused;
    bool muted;      /* its frames are of no interest any more */
    bool strange;    /* what it sent was no frame, or not in its place */
    bool broken;     /* nothing can be sent any more */
    bool eof, killed, exited, ended;
    int64_t exit_status;
    int signal;
};

/* Starts the program, found as execvp() does. Its callbacks are measured by stay, unless that is
 * NULL. Calls nothing before it returns. 0, or libuv's negative error: then of the events only
 * on_closed comes, and if c->open is 0, not even that. */
int tw_child_start(struct tw_child *c, uv_loop_t *loop, const char *const *argv,
                   const struct tw_child_events *to, struct tw_stay *stay);

/* Sends what was appended to c->out. A process that is gone shows in on_end, later. */
void tw_child_send(struct tw_child *c);
/* Whether all that was sent has left. */
bool tw_child_has_sent(const struct tw_child *c);

void tw_child_resume(struct tw_child *c);
/* The end of its input; frames are no longer delivered. on_end follows if it is a good worker. */
void tw_child_dismiss(struct tw_child *c);
/* SIGKILL; frames are no longer delivered. on_end follows, from within if somebody else has waited for
 * the process; if nobody tells of its end, call again. */
void tw_child_kill(struct tw_child *c);

#endif
