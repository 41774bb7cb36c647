/* Threads by the batch: as many as there are workers are started together, one a job, and all of
 * them are joined before the next ones start. */
#include "fetch/blocking.h"

#define WORKERS 4

struct batch {
    struct tw_engine engine;
    unsigned running; /* threads that are not joined yet */
};

static unsigned batch_width(const trawl_options *options)
{
    return options->workers != 0 ? options->workers : WORKERS;
}

static struct batch *batch_of(struct tw_engine *e)
{
    return tw_container(e, struct batch, engine);
}

static void run(void *data)
{
    struct tw_worker *w = data;

    tw_fetcher_run(&w->fetcher);
    tw_blocking_ended(w);
}

static void start_one(struct batch *b, struct tw_worker *w)
{
    uv_thread_options_t options = {UV_THREAD_HAS_STACK_SIZE, TW_THREAD_STACK};

    if (uv_thread_create_ex(&w->by.thread, &options, run, w) != 0) {
        tw_blocking_fail(w, TRAWL_ENOMEM);
        return;
    }
    b->running++;
}

static void start(struct tw_engine *e)
{
    struct batch *b = batch_of(e);
    struct tw_worker *w;

    if (b->running > 0)
        return;
    for (unsigned n = batch_width(e->options); n > 0; n--) {
        w = tw_blocking_take_pending(e);
        if (w == NULL)
            break;
        start_one(b, w);
    }
}

/* It has said that it has ended, so this does not wait. */
static void over(struct tw_worker *w)
{
    uv_thread_join(&w->by.thread);
    batch_of(w->engine)->running--;
}

static const struct tw_blocking_kind kind = {.start = start, .over = over};

static int batch_open(struct tw_engine **engine, uv_loop_t *loop, const trawl_options *options)
{
    return tw_blocking_open(engine, sizeof(struct batch), &kind, loop, options);
}

const struct tw_engine_ops tw_engine_batch = {
    .name = "batch",
    .width = batch_width,
    .open = batch_open,
    .submit = tw_blocking_submit,
    .cancel = tw_blocking_cancel,
    .resume = tw_blocking_resume,
    .close = tw_blocking_close,
    .measure = tw_blocking_measure,
};
