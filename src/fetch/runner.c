#include "fetch/runner.h"

#include <curl/curl.h>
#include <stdio.h>
#include <unistd.h>

/* How long a new worker may take for its first word, one for an abort, one for its end. */
#define GREETING_MS 10000
#define ABORT_MS 1000
#define END_MS 1000
/* A worker keeps its job's time itself; one that is this late does nothing any more. */
#define LATE_MS 2000

/* ---- the end of a job ---- */

/* What the job ends with instead of what the worker said, or would have said. */
static void apply_verdict(const struct tw_runner *r)
{
    struct tw_outcome *out = &r->job->out;

    if (!r->heard)
        *out = (struct tw_outcome){0};
    out->error = r->verdict;
    out->curl_code = CURLE_WRITE_ERROR;
    out->detail[0] = '\0';
    if (r->verdict == TRAWL_ECANCELED)
        out->curl_code = CURLE_OK;
    if (r->verdict != TRAWL_ETIMEDOUT)
        return;
    out->curl_code = CURLE_OPERATION_TIMEDOUT;
    snprintf(out->detail, sizeof(out->detail), "%s",
             r->paused ? "timed out while paused" : "the worker process hung");
}

static void apply_end(const struct tw_runner *r, const char *reason)
{
    struct tw_outcome *out = &r->job->out;

    if (r->verdict != 0) {
        apply_verdict(r);
        return;
    }
    out->error = TRAWL_EWORKER;
    snprintf(out->detail, sizeof(out->detail), "%.120s %.120s", r->program, reason);
}

/* ---- the clock ---- */

static void on_timer(uv_timer_t *timer);

static void start_clock(struct tw_runner *r)
{
    uint64_t now = uv_now(r->loop), ms = 0;

    if (r->child.ended)
        return;
    if (r->child.killed || r->child.eof || r->retired)
        ms = END_MS;
    else if (r->verdict != 0)
        ms = ABORT_MS;
    else if (!r->ready)
        ms = GREETING_MS;
    else if (r->job != NULL && r->job->timeout_ms != 0)
        ms = (r->due_ms > now ? r->due_ms - now : 0) + (r->paused ? 1 : LATE_MS);
    if (ms == 0)
        uv_timer_stop(&r->timer);
    else
        uv_timer_start(&r->timer, on_timer, ms, 0);
}

static void kill_child(struct tw_runner *r)
{
    tw_child_kill(&r->child);
    start_clock(r);
}

static void on_timer(uv_timer_t *timer)
{
    struct tw_runner *r = timer->data;
    bool dying = r->child.killed || r->child.eof || r->retired;
    bool busy = !dying && r->ready && r->job != NULL && r->verdict == 0;
    enum tw_stage before = tw_stay_go(r->child.stay, TW_STAGE_WORKER);

    r->silent = r->silent || (!dying && !r->ready && r->verdict == 0);
    if (busy && (r->paused || r->late)) {
        tw_runner_call_off(r, TRAWL_ETIMEDOUT);
    } else if (busy) {
        /* The loop may have been kept from reading what came long ago: now it gets to that. */
        r->late = true;
        start_clock(r);
    } else {
        kill_child(r);
    }
    tw_stay_go(r->child.stay, before);
}

void tw_runner_call_off(struct tw_runner *r, int error)
{
    if (r->verdict != 0)
        return;
    r->verdict = error;
    if (tw_frame_put(&r->child.out, TW_FRAME_ABORT, NULL, 0) != 0) {
        kill_child(r);
        return;
    }
    start_clock(r);
    tw_child_send(&r->child);
    tw_child_resume(&r->child);
}

void tw_runner_resume(struct tw_runner *r)
{
    if (!r->paused || r->verdict != 0)
        return;
    r->paused = false;
    start_clock(r);
    tw_child_resume(&r->child);
}

/* ---- frames ---- */

static int take_greeting(struct tw_runner *r, const struct tw_frame *frame)
{
    if (frame->type != TW_FRAME_READY)
        return TRAWL_EINVAL;
    r->ready = true;
    if (r->job != NULL) /* its time begins now */
        r->due_ms = uv_now(r->loop) + r->job->timeout_ms;
    start_clock(r);
    r->to->on_ready(r);
    return 0;
}

static int take_header(struct tw_runner *r, const struct tw_frame *frame)
{
    int err;

    if (r->verdict != 0)
        return 0;
    r->heard = true;
    err = r->job->to->on_header(r->job, frame->payload, frame->len);
    if (err < 0)
        tw_runner_call_off(r, err);
    return 0;
}

static int take_body(struct tw_runner *r, const struct tw_frame *frame)
{
    int err;

    if (r->verdict != 0)
        return 0;
    err = r->job->to->on_body(r->job, frame->payload, frame->len);
    if (err < 0)
        tw_runner_call_off(r, err);
    if (err != TRAWL_PAUSE)
        return 0;
    r->paused = true;
    start_clock(r);
    return TRAWL_PAUSE;
}

static int take_done(struct tw_runner *r, const struct tw_frame *frame)
{
    struct tw_job *job = r->job;
    int err = tw_frame_get_done(frame, &job->out);

    if (err != 0)
        return err;
    if (r->verdict != 0)
        apply_verdict(r);
    r->job = NULL;
    r->verdict = 0;
    start_clock(r);
    r->to->on_free(r, job);
    return 0;
}

static int on_frame(struct tw_child *c, const struct tw_frame *frame)
{
    struct tw_runner *r = tw_container(c, struct tw_runner, child);

    if (!r->ready)
        return take_greeting(r, frame);
    if (r->job == NULL)
        return TRAWL_EINVAL;
    switch (frame->type) {
    case TW_FRAME_HEADER: return take_header(r, frame);
    case TW_FRAME_STATUS: return tw_frame_get_status(frame, &r->job->out.status);
    case TW_FRAME_BODY: return take_body(r, frame);
    case TW_FRAME_DONE: return take_done(r, frame);
    default: return TRAWL_EINVAL;
    }
}

/* ---- its life ---- */

static void drop(struct tw_runner *r)
{
    if (--r->open == 0)
        r->to->on_closed(r);
}

static void on_child_closed(struct tw_child *c)
{
    drop(tw_container(c, struct tw_runner, child));
}

static void on_timer_closed(uv_handle_t *timer)
{
    drop(timer->data);
}

/* A job was begun unless part of it still lies here, or nobody was there to take it. */
static void on_child_end(struct tw_child *c, const char *reason)
{
    struct tw_runner *r = tw_container(c, struct tw_runner, child);
    struct tw_job *job = r->job;
    bool begun = r->verdict != 0 || (r->ready && tw_child_has_sent(c));

    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
    if (r->retired)
        return;
    if (r->silent)
        reason = "does not answer";
    if (job != NULL && begun)
        apply_end(r, reason);
    r->job = NULL;
    r->to->on_end(r, job, begun, reason);
}

/* Without its socket a worker is of no use; but how it ends by itself is worth knowing. */
static void on_child_eof(struct tw_child *c)
{
    struct tw_runner *r = tw_container(c, struct tw_runner, child);

    if (r->job == NULL && !r->retired)
        tw_child_kill(c);
    start_clock(r);
}

static const struct tw_child_events events = {
    on_frame,
    on_child_eof,
    on_child_end,
    on_child_closed,
};

int tw_runner_start(struct tw_runner *r, uv_loop_t *loop, const trawl_options *options,
                    const struct tw_runner_events *to, void *owner, struct tw_stay *stay)
{
    int err;

    *r = (struct tw_runner){.to = to, .owner = owner, .loop = loop};
    r->program = options->worker_argv[0];
    err = tw_child_start(&r->child, loop, options->worker_argv, &events, stay);
    if (err != 0) {
        r->open = r->child.open > 0 ? 1 : 0;
        return err;
    }
    r->open = 2;
    uv_timer_init(loop, &r->timer);
    uv_unref((uv_handle_t *)&r->timer);
    r->timer.data = r;
    if (tw_frame_put_hello(&r->child.out, options, (uint64_t)getpid()) != 0)
        tw_child_kill(&r->child);
    start_clock(r);
    return 0;
}

int tw_runner_take(struct tw_runner *r, struct tw_job *job)
{
    if (tw_frame_put_job(&r->child.out, job) != 0)
        return TRAWL_ENOMEM;
    r->job = job;
    r->heard = r->paused = r->late = false;
    r->host_hash = job->host_hash;
    r->due_ms = uv_now(r->loop) + job->timeout_ms;
    start_clock(r);
    tw_child_send(&r->child);
    return 0;
}

void tw_runner_retire(struct tw_runner *r)
{
    bool gently = r->ready && r->job == NULL;

    r->retired = true;
    r->job = NULL;
    if (gently)
        tw_child_dismiss(&r->child);
    else
        tw_child_kill(&r->child);
    start_clock(r);
}
