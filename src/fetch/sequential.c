/* One job after another, on one thread: the baseline. The thread is not the loop's, so that signals,
 * timers and progress go on meanwhile. */
#include "fetch/blocking.h"

struct sequential {
    struct tw_engine engine;
    uv_thread_t thread;
    bool has_thread, busy;
    uv_sem_t handed; /* next is set: the thread's turn */
    struct tw_worker *next; /* NULL: nothing any more */
};

static struct sequential *sequential_of(struct tw_engine *e)
{
    return tw_container(e, struct sequential, engine);
}

static void hand(struct sequential *s, struct tw_worker *w)
{
    s->next = w;
    uv_sem_post(&s->handed);
}

static void run(void *data)
{
    struct sequential *s = data;
    struct tw_worker *w;

    while (uv_sem_wait(&s->handed), (w = s->next) != NULL) {
        tw_fetcher_run(&w->fetcher);
        tw_blocking_ended(w);
    }
}

static bool has_thread(struct sequential *s)
{
    uv_thread_options_t options = {UV_THREAD_HAS_STACK_SIZE, TW_THREAD_STACK};

    if (!s->has_thread)
        s->has_thread = uv_thread_create_ex(&s->thread, &options, run, s) == 0;
    return s->has_thread;
}

static void start(struct tw_engine *e)
{
    struct sequential *s = sequential_of(e);
    struct tw_worker *w;

    if (s->busy)
        return;
    w = tw_blocking_take_pending(e);
    if (!has_thread(s)) {
        tw_blocking_fail(w, TRAWL_ENOMEM);
        return;
    }
    s->busy = true;
    hand(s, w);
}

static void over(struct tw_worker *w)
{
    sequential_of(w->engine)->busy = false;
}

/* The thread waits for work, so joining it does not wait. */
static void stop(struct tw_engine *e)
{
    struct sequential *s = sequential_of(e);

    if (s->has_thread) {
        hand(s, NULL);
        uv_thread_join(&s->thread);
    }
    uv_sem_destroy(&s->handed);
}

static const struct tw_blocking_kind kind = {.start = start, .over = over, .stop = stop};

static int sequential_open(struct tw_engine **engine, uv_loop_t *loop,
                           const trawl_options *options)
{
    return tw_blocking_open(engine, sizeof(struct sequential), &kind, loop, options);
}

static unsigned sequential_width(const trawl_options *options)
{
    (void)options;
    return 1;
}

const struct tw_engine_ops tw_engine_sequential = {
    .name = "sequential",
    .width = sequential_width,
    .open = sequential_open,
    .submit = tw_blocking_submit,
    .cancel = tw_blocking_cancel,
    .resume = tw_blocking_resume,
    .close = tw_blocking_close,
    .measure = tw_blocking_measure,
};
