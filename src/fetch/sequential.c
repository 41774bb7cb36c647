/* One job after another, on one thread: the baseline. The thread is not the loop's, so that signals,
 * timers and progress go on meanwhile. */
#include "fetch/blocking.h"

struct sequential {
    struct tw_engine engine;
    uv_mutex_t lock;
    uv_cond_t changed;
    /* under the lock */
    struct tw_worker *next; /* for the thread */
    bool quit;
    /* the loop's */
    uv_thread_t thread;
    bool has_thread, busy;
};

static struct sequential *sequential_of(struct tw_engine *e)
{
    return tw_container(e, struct sequential, engine);
}

/* What to run next, NULL for nothing any more. */
static struct tw_worker *wait_for_next(struct sequential *s)
{
    struct tw_worker *w;

    uv_mutex_lock(&s->lock);
    while (s->next == NULL && !s->quit)
        uv_cond_wait(&s->changed, &s->lock);
    w = s->next;
    s->next = NULL;
    uv_mutex_unlock(&s->lock);
    return w;
}

static void run(void *data)
{
    struct sequential *s = data;
    struct tw_worker *w;

    while ((w = wait_for_next(s)) != NULL) {
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
    uv_mutex_lock(&s->lock);
    s->next = w;
    uv_cond_signal(&s->changed);
    uv_mutex_unlock(&s->lock);
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
        uv_mutex_lock(&s->lock);
        s->quit = true;
        uv_cond_signal(&s->changed);
        uv_mutex_unlock(&s->lock);
        uv_thread_join(&s->thread);
    }
    uv_cond_destroy(&s->changed);
    uv_mutex_destroy(&s->lock);
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
};
