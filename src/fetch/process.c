/* Worker processes: each runs one blocking fetch at a time (fetch/worker.c), and this side hands out
 * the jobs and takes the frames that come back. Processes are started when there is work for them,
 * and stay for the connections that they hold.
 *
 * A job that is cancelled or refused by its receiver is called off; a worker that does not listen is
 * killed. A worker that dies takes the job that it had down with TRAWL_EWORKER, and another one is
 * started when it is needed. A program that is no worker, or cannot be run, is tried FAILURES_MAX
 * times in a row; then jobs fail with what was wrong, and it is left in peace for a while.
 *
 * Where no descriptor can be had to start one, jobs wait for those that there are, or for one to come
 * free. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "fetch/engine.h"
#include "fetch/gate.h"
#include "fetch/runner.h"

#define WORKERS 4
#define FAILURES_MAX 3
#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 30000
/* So many idle workers are looked at for one that knows the host. */
#define LOOK_MAX 32
#define FOR_EVER_MS (UINT64_C(1) << 48) /* 8,900 years */

struct task {
    struct tw_job *job;
    struct tw_runner *runner; /* NULL if none has it */
    struct tw_link link;      /* in engine.pending or engine.failed, else in none */
    struct tw_link deferred;
    bool cancelled;
};

struct tw_engine {
    uv_loop_t *loop;
    const trawl_options *options;
    struct tw_link idle; /* runners, last used first */
    struct tw_link busy;
    struct tw_link pending, failed, deferred; /* tasks */
    unsigned width, live, fresh;              /* runners: at most, there are, not ready yet */
    size_t open;                              /* runners, also those on their way out */
    size_t jobs;
    unsigned failures; /* of new runners, in a row */
    uint64_t backoff_ms, retry_at_ms;
    char why[TW_DETAIL_SIZE]; /* the last failure */
    uv_idle_t soon;           /* runs what is failed and deferred, on the next turn */
    uv_timer_t alive;         /* never fires; keeps the loop alive while there are jobs */
    uv_timer_t again;         /* runs while no descriptor can be had to start a runner */
    uint64_t lacking_ms;      /* since when that is so, with no runner alive */
    int handles;              /* of these three, not closed yet */
    struct tw_stay *stay;     /* may be NULL */
    bool closing, torn_down;
    void (*on_close)(void *data);
    void *close_data;
};

static void dispatch(struct tw_engine *e);
static void on_soon(uv_idle_t *idle);

static void run_soon(struct tw_engine *e)
{
    uv_idle_start(&e->soon, on_soon);
}

static void on_alive(uv_timer_t *timer)
{
    (void)timer;
}

static void keep_loop(struct tw_engine *e)
{
    if (e->jobs > 0 || e->closing)
        uv_ref((uv_handle_t *)&e->alive);
    else
        uv_unref((uv_handle_t *)&e->alive);
}

/* ---- the end of a job ---- */

/* Gives the job back. The receiver may do anything, also close. */
static void finish(struct tw_engine *e, struct task *task)
{
    struct tw_job *job = task->job;

    tw_list_remove(&task->link);
    tw_list_remove(&task->deferred);
    free(task);
    job->engine = NULL;
    e->jobs--;
    keep_loop(e);
    job->to->on_done(job);
}

/* What no worker has a part in. */
static void set_error(struct tw_job *job, int error, const char *detail)
{
    job->out = (struct tw_outcome){.error = error};
    snprintf(job->out.detail, sizeof(job->out.detail), "%s", detail);
}

/* On the next turn of the loop. */
static void fail_later(struct tw_engine *e, struct task *task, int error, const char *detail)
{
    set_error(task->job, error, detail);
    tw_list_remove(&task->link);
    tw_list_append(&e->failed, &task->link);
    run_soon(e);
}

static void cancel_now(struct tw_engine *e, struct task *task)
{
    task->job->out.error = TRAWL_ECANCELED;
    finish(e, task);
}

/* ---- what runners tell ---- */

/* weight: how many failures it counts for. */
static void note_failure(struct tw_engine *e, const char *what, unsigned weight)
{
    snprintf(e->why, sizeof(e->why), "%.120s %.120s", e->options->worker_argv[0], what);
    e->failures += weight;
    if (e->failures < FAILURES_MAX)
        return;
    e->backoff_ms = e->backoff_ms == 0 ? BACKOFF_MIN_MS : 2 * e->backoff_ms;
    if (e->backoff_ms > BACKOFF_MAX_MS)
        e->backoff_ms = BACKOFF_MAX_MS;
    e->retry_at_ms = uv_now(e->loop) + e->backoff_ms;
}

static void on_ready(struct tw_runner *r)
{
    struct tw_engine *e = r->owner;

    e->fresh--;
    e->failures = 0;
    e->backoff_ms = 0;
}

static void on_free(struct tw_runner *r, struct tw_job *job)
{
    struct tw_engine *e = r->owner;

    tw_list_remove(&r->link);
    tw_list_prepend(&e->idle, &r->link);
    finish(e, job->engine);
    dispatch(e);
}

static void on_end(struct tw_runner *r, struct tw_job *job, bool begun, const char *reason)
{
    struct tw_engine *e = r->owner;
    struct task *task = job == NULL ? NULL : job->engine;

    tw_list_remove(&r->link);
    e->live--;
    if (!r->ready) {
        e->fresh--;
        if (r->verdict == 0)
            /* To wait for a silent one once is enough. */
            note_failure(e, reason, r->silent ? FAILURES_MAX : 1);
    }
    if (task != NULL)
        task->runner = NULL;
    if (task != NULL && begun)
        finish(e, task);
    else if (task != NULL)
        tw_list_prepend(&e->pending, &task->link);
    dispatch(e);
}

static void on_engine_handle_closed(uv_handle_t *handle)
{
    struct tw_engine *e = handle->data;

    if (--e->handles > 0)
        return;
    if (e->on_close != NULL)
        e->on_close(e->close_data);
    free(e);
}

static void finish_close(struct tw_engine *e)
{
    if (!e->torn_down || e->open > 0)
        return;
    uv_close((uv_handle_t *)&e->soon, on_engine_handle_closed);
    uv_close((uv_handle_t *)&e->alive, on_engine_handle_closed);
    uv_close((uv_handle_t *)&e->again, on_engine_handle_closed);
}

static void on_closed(struct tw_runner *r)
{
    struct tw_engine *e = r->owner;

    free(r);
    e->open--;
    finish_close(e);
}

static const struct tw_runner_events events = {on_ready, on_free, on_end, on_closed};

/* ---- handing out ---- */

static bool is_lacking(const struct tw_engine *e)
{
    return uv_is_active((const uv_handle_t *)&e->again);
}

/* Whether nothing of ours could come free for as long as a connection may take. */
static bool is_hopeless(struct tw_engine *e)
{
    uint64_t limit_ms = tw_gate_patience_ms(e->options), now = uv_now(e->loop);

    if (e->live > 0)
        e->lacking_ms = now;
    return limit_ms != 0 && now - e->lacking_ms >= limit_ms;
}

static void give_up(struct tw_engine *e)
{
    uv_timer_stop(&e->again);
    while (!tw_list_empty(&e->pending))
        fail_later(e, tw_container(e->pending.next, struct task, link), TRAWL_EMFILE, "");
}

static void on_again(uv_timer_t *timer)
{
    struct tw_engine *e = timer->data;
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_TIMER);
    uint64_t since_ms = e->lacking_ms;

    dispatch(e); /* the timer has stopped */
    if (is_lacking(e))
        e->lacking_ms = since_ms;
    if (is_lacking(e) && is_hopeless(e))
        give_up(e);
    tw_stay_go(e->stay, before);
}

/* It is no failure of the program. */
static void lack(struct tw_engine *e)
{
    e->lacking_ms = uv_now(e->loop);
    uv_timer_start(&e->again, on_again, TW_GATE_AGAIN_MS, 0);
}

static void start_runner(struct tw_engine *e)
{
    struct tw_runner *r = malloc(sizeof(*r));
    int err = r == NULL ? UV_ENOMEM : tw_runner_start(r, e->loop, e->options, &events, e, e->stay);
    char text[TW_DETAIL_SIZE];

    if (err == 0) {
        e->open++;
        e->live++;
        e->fresh++;
        tw_list_prepend(&e->idle, &r->link);
        return;
    }
    snprintf(text, sizeof(text), "cannot be started: %s", uv_strerror(err));
    if (err == UV_EMFILE || err == UV_ENFILE)
        lack(e);
    else
        note_failure(e, text, 1);
    if (r != NULL && r->open > 0)
        e->open++;
    else
        free(r);
}

/* One that may have a connection to the host, else the one whose connections are the youngest. */
static struct tw_runner *pick_idle(struct tw_engine *e, uint64_t host_hash)
{
    struct tw_link *link = e->idle.next;

    for (int i = 0; i < LOOK_MAX && link != &e->idle; i++, link = link->next) {
        struct tw_runner *r = tw_container(link, struct tw_runner, link);

        if (r->host_hash == host_hash)
            return r;
    }
    return tw_container(e->idle.next, struct tw_runner, link);
}

static void assign(struct tw_engine *e, struct task *task)
{
    struct tw_runner *r = pick_idle(e, task->job->host_hash);

    if (tw_runner_take(r, task->job) != 0) {
        fail_later(e, task, TRAWL_ENOMEM, "");
        return;
    }
    tw_list_remove(&task->link);
    tw_list_remove(&r->link);
    tw_list_append(&e->busy, &r->link);
    task->runner = r;
}

static bool may_start(const struct tw_engine *e)
{
    if (e->live >= e->width || is_lacking(e))
        return false;
    if (e->failures < FAILURES_MAX)
        return true;
    return e->fresh == 0 && uv_now(e->loop) >= e->retry_at_ms;
}

/* Gives what is pending to runners; what none will ever take fails. */
static void dispatch(struct tw_engine *e)
{
    while (!tw_list_empty(&e->pending) && !e->closing) {
        struct task *task = tw_container(e->pending.next, struct task, link);

        if (!tw_list_empty(&e->idle))
            assign(e, task);
        else if (may_start(e))
            start_runner(e);
        else if (e->live == 0 && !is_lacking(e))
            fail_later(e, task, TRAWL_EWORKER, e->why);
        else
            break;
    }
}

/* ---- what waits for the next turn ---- */

static void defer(struct tw_engine *e, struct task *task)
{
    if (!tw_link_in_list(&task->deferred))
        tw_list_append(&e->deferred, &task->deferred);
    run_soon(e);
}

static void run_deferred(struct tw_engine *e, struct task *task)
{
    tw_list_remove(&task->deferred);
    if (task->cancelled && task->runner == NULL)
        cancel_now(e, task);
    else if (task->cancelled)
        tw_runner_call_off(task->runner, TRAWL_ECANCELED);
    else if (task->runner != NULL)
        tw_runner_resume(task->runner);
}

static void retire_all(struct tw_engine *e, struct tw_link *runners)
{
    while (!tw_list_empty(runners)) {
        struct tw_runner *r = tw_container(runners->next, struct tw_runner, link);
        struct task *task = r->job == NULL ? NULL : r->job->engine;

        tw_list_remove(&r->link);
        tw_runner_retire(r);
        if (task != NULL)
            tw_list_append(&e->pending, &task->link);
    }
}

static void cancel_all(struct tw_engine *e, struct tw_link *tasks)
{
    while (!tw_list_empty(tasks))
        cancel_now(e, tw_container(tasks->next, struct task, link));
}

static void tear_down(struct tw_engine *e)
{
    retire_all(e, &e->busy);
    retire_all(e, &e->idle);
    cancel_all(e, &e->pending);
    cancel_all(e, &e->failed);
    e->torn_down = true;
    finish_close(e);
}

static void move_all(struct tw_link *from, struct tw_link *to)
{
    tw_list_init(to);
    while (!tw_list_empty(from)) {
        struct tw_link *first = from->next;

        tw_list_remove(first);
        tw_list_append(to, first);
    }
}

static void run_late(struct tw_engine *e)
{
    struct tw_link deferred, failed;

    move_all(&e->deferred, &deferred);
    move_all(&e->failed, &failed);
    while (!tw_list_empty(&deferred))
        run_deferred(e, tw_container(deferred.next, struct task, deferred));
    while (!tw_list_empty(&failed))
        finish(e, tw_container(failed.next, struct task, link));
}

static void on_soon(uv_idle_t *idle)
{
    struct tw_engine *e = idle->data;
    enum tw_stage before = tw_stay_go(e->stay, e->closing ? TW_STAGE_CLOSE : TW_STAGE_DEFERRED);

    uv_idle_stop(idle);
    if (!e->closing)
        run_late(e);
    else if (!e->torn_down)
        tear_down(e);
    tw_stay_go(e->stay, before);
}

/* ---- the contract ---- */

static unsigned process_width(const trawl_options *options)
{
    return options->workers == 0 ? WORKERS : options->workers;
}

static int process_open(struct tw_engine **out, uv_loop_t *loop, const trawl_options *options)
{
    const char *const *argv = options->worker_argv;
    struct tw_engine *e;

    if (argv == NULL || argv[0] == NULL || argv[0][0] == '\0')
        return TRAWL_EINVAL;
    e = calloc(1, sizeof(*e));
    if (e == NULL)
        return TRAWL_ENOMEM;
    e->loop = loop;
    e->options = options;
    e->width = process_width(options);
    tw_list_init(&e->idle);
    tw_list_init(&e->busy);
    tw_list_init(&e->pending);
    tw_list_init(&e->failed);
    tw_list_init(&e->deferred);
    uv_idle_init(loop, &e->soon);
    uv_unref((uv_handle_t *)&e->soon);
    e->soon.data = e;
    uv_timer_init(loop, &e->alive);
    uv_timer_start(&e->alive, on_alive, FOR_EVER_MS, 0);
    e->alive.data = e;
    uv_timer_init(loop, &e->again);
    uv_unref((uv_handle_t *)&e->again);
    e->again.data = e;
    e->handles = 3;
    keep_loop(e);
    *out = e;
    return 0;
}

static int process_submit(struct tw_engine *e, struct tw_job *job)
{
    struct task *task;

    if (e->closing)
        return TRAWL_ECLOSING;
    task = calloc(1, sizeof(*task));
    if (task == NULL)
        return TRAWL_ENOMEM;
    task->job = job;
    job->engine = task;
    job->out = (struct tw_outcome){0};
    tw_list_append(&e->pending, &task->link);
    e->jobs++;
    keep_loop(e);
    dispatch(e);
    return 0;
}

static void process_cancel(struct tw_engine *e, struct tw_job *job)
{
    struct task *task = job->engine;

    task->cancelled = true;
    defer(e, task);
}

static void process_resume(struct tw_engine *e, struct tw_job *job)
{
    defer(e, job->engine);
}

static void process_close(struct tw_engine *e, void (*cb)(void *data), void *data)
{
    e->closing = true;
    e->on_close = cb;
    e->close_data = data;
    keep_loop(e);
    run_soon(e);
}

static void process_measure(struct tw_engine *e, struct tw_stay *stay)
{
    e->stay = stay;
}

const struct tw_engine_ops tw_engine_process = {
    .name = "process",
    .width = process_width,
    .open = process_open,
    .submit = process_submit,
    .cancel = process_cancel,
    .resume = process_resume,
    .close = process_close,
    .measure = process_measure,
};
