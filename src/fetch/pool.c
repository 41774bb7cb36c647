/* A pool of threads: each job waits for one of libuv's worker threads, which makes it from its
 * beginning to its end. How many threads there are is the process's affair (UV_THREADPOOL_SIZE);
 * what is given to libuv beyond that waits there. */
#include "fetch/blocking.h"

#define THREADS_MAX 1024 /* of libuv */

static void on_work(uv_work_t *work)
{
    struct tw_worker *w = tw_container(work, struct tw_worker, by.work);

    tw_fetcher_run(&w->fetcher);
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status; /* cancelled by us, and then nothing ran */
    tw_blocking_ended_here(tw_container(work, struct tw_worker, by.work));
}

static void start(struct tw_engine *e)
{
    struct tw_worker *w;

    while ((w = tw_blocking_take_pending(e)) != NULL)
        if (uv_queue_work(e->loop, &w->by.work, on_work, on_worked) != 0)
            tw_blocking_fail(w, TRAWL_EINTERNAL);
}

/* Fails if a thread has it already, and that one is being stopped. */
static void withdraw(struct tw_worker *w)
{
    uv_cancel((uv_req_t *)&w->by.work);
}

static const struct tw_blocking_kind kind = {.start = start, .withdraw = withdraw};

static int pool_open(struct tw_engine **engine, uv_loop_t *loop, const trawl_options *options)
{
    return tw_blocking_open(engine, sizeof(struct tw_engine), &kind, loop, options);
}

static unsigned pool_width(const trawl_options *options)
{
    unsigned n = options->workers != 0 ? options->workers : options->concurrency;

    return n < THREADS_MAX ? n : THREADS_MAX;
}

const struct tw_engine_ops tw_engine_pool = {
    .name = "pool",
    .width = pool_width,
    .open = pool_open,
    .submit = tw_blocking_submit,
    .cancel = tw_blocking_cancel,
    .resume = tw_blocking_resume,
    .close = tw_blocking_close,
    .measure = tw_blocking_measure,
};
