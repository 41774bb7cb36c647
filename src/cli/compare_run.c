#include "cli/compare_run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "cli/human.h"
#include "cli/measure.h"
#include "cli/values.h"

/* Which measurement is meant; count is SIZE_MAX for a warm-up. */
struct step {
    size_t run;
    size_t count;
    size_t strategy;
};

struct runner {
    struct cli_compare *c;
    uv_loop_t loop;
    uv_signal_t signals[2];
    uv_process_t process;
    uv_pipe_t in;
    uv_pipe_t out;
    uv_write_t write;
    char program[4096];
    char *plan;
    char *text; /* what the process has written */
    size_t len;
    size_t room;
    unsigned open; /* handles of the process that are not closed */
    bool spawned;
    bool progress;
    int64_t exit_status;
    int term_signal;
    size_t at; /* the measurement that runs, of total */
    size_t total;
    uint64_t start_ns;
    int error;
};

static void next(struct runner *r);

/* ---- Steps ------------------------------------------------------------------------------- */

static struct step step_of(const struct runner *r, size_t at)
{
    const struct cli_compare *c = r->c;
    size_t n = c->n_strategies;
    if (at < n) {
        return (struct step){0, SIZE_MAX, at};
    }
    size_t i = at - n;
    size_t run = i / (n * c->n_counts);
    size_t count = i / n % c->n_counts;
    return (struct step){run, count, (i + run + count) % n};
}

static size_t urls_of(const struct runner *r, const struct step *s)
{
    const struct cli_compare *c = r->c;
    return c->counts[s->count == SIZE_MAX ? c->n_counts - 1 : s->count];
}

static bool is_done(const struct runner *r)
{
    return r->at >= r->total || r->error != 0 || r->c->interrupted;
}

/* ---- Progress ---------------------------------------------------------------------------- */

static void clear_progress(const struct runner *r)
{
    if (r->progress) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}

static void show_progress(const struct runner *r, const struct step *s)
{
    char clock[CLI_HUMAN_SIZE];
    char run[40] = "warm-up";
    size_t urls = urls_of(r, s);
    if (!r->progress) {
        return;
    }
    if (s->count != SIZE_MAX) {
        snprintf(run, sizeof(run), "run %zu of %u", s->run + 1, r->c->o->compare.runs);
    }
    fprintf(stderr, "\r\033[K%s  %zu of %zu: %s, %zu URL%s, %s",
            cli_human_clock(clock, (uv_hrtime() - r->start_ns) / 1000000000), r->at + 1,
            r->total, r->c->strategies[s->strategy], urls, urls == 1 ? "" : "s", run);
    fflush(stderr);
}

/* ---- The result of a measurement --------------------------------------------------------- */

static void fail_step(struct runner *r, const struct step *s)
{
    char *reason = r->term_signal != 0
                       ? cli_message("it was ended by signal %d", r->term_signal)
                       : cli_message("its exit status was %" PRId64, r->exit_status);
    size_t urls = urls_of(r, s);
    clear_progress(r);
    fprintf(stderr, "trawl compare: the measurement of %s at %zu URL%s failed: %s\n",
            r->c->strategies[s->strategy], urls, urls == 1 ? "" : "s",
            reason != NULL ? reason : "out of memory");
    if (reason == NULL) {
        r->error = TRAWL_ENOMEM;
        return;
    }
    size_t count = s->count == SIZE_MAX ? r->c->n_counts - 1 : s->count;
    struct cli_cell *cell = cli_cell_at(r->c, count, s->strategy);
    free(cell->failure);
    cell->failure = reason;
}

static void take_report(struct runner *r, const struct step *s)
{
    struct cli_report report;
    int err = TRAWL_EINVAL;
    if (r->exit_status == 0 && r->term_signal == 0 && r->text != NULL) {
        err = cli_report_read(&report, r->text);
    }
    if (err == 0) {
        r->error = cli_compare_add(r->c, s->count, s->strategy, &report);
        cli_report_free(&report);
    } else {
        fail_step(r, s);
    }
}

static void finish_step(struct runner *r)
{
    struct step s = step_of(r, r->at);
    if (!r->c->interrupted) {
        take_report(r, &s);
    }
    free(r->plan);
    r->plan = NULL;
    r->at++;
    next(r);
}

/* ---- The process ------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct runner *r = handle->data;
    r->open--;
    if (r->open == 0) {
        r->spawned = false;
        finish_step(r);
    }
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, on_handle_closed);
    }
}

static void on_process_exit(uv_process_t *process, int64_t exit_status, int term_signal)
{
    struct runner *r = process->data;
    r->exit_status = exit_status;
    r->term_signal = term_signal;
    r->spawned = false;
    close_handle((uv_handle_t *)process);
    close_handle((uv_handle_t *)&r->in);
}

/* Room for a NUL is kept. */
static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct runner *r = handle->data;
    (void)size;
    if (r->room - r->len < 65536) {
        size_t room = 2 * r->room + 131072;
        char *grown = realloc(r->text, room);
        if (grown == NULL) {
            *buf = uv_buf_init(NULL, 0);
            return;
        }
        r->text = grown;
        r->room = room;
    }
    *buf = uv_buf_init(r->text + r->len, (unsigned)(r->room - r->len - 1));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct runner *r = stream->data;
    (void)buf;
    if (n > 0) {
        r->len += (size_t)n;
        r->text[r->len] = '\0';
    } else if (n < 0) {
        close_handle((uv_handle_t *)stream);
    }
}

/* The end of its input is where the plan ends. If it is gone already, its exit says so. */
static void on_written(uv_write_t *write, int status)
{
    struct runner *r = write->data;
    (void)status;
    close_handle((uv_handle_t *)&r->in);
}

static char *make_plan(struct runner *r, const struct step *s, size_t *len)
{
    const struct cli_compare *c = r->c;
    struct cli_plan plan = {.fetch = c->o->fetch, .n_urls = urls_of(r, s)};
    plan.fetch.strategy = c->strategies[s->strategy];
    plan.fetch.max_queue = c->n_urls;
    plan.names = c->urls[plan.n_urls - 1].name == NULL;
    plan.urls = calloc(plan.n_urls, sizeof(*plan.urls));
    if (plan.urls == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < plan.n_urls; i++) {
        plan.urls[i] = c->urls[i].url;
    }
    char *text = cli_plan_write(&plan, len);
    free(plan.urls);
    return text;
}

static int spawn(struct runner *r)
{
    char *args[] = {r->program, CLI_MEASURE_COMMAND, NULL};
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&r->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&r->out},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
    };
    uv_process_options_t options = {
        .exit_cb = on_process_exit,
        .flags = UV_PROCESS_DETACHED, /* Ctrl-C is for us; the process dies with us */
        .file = r->program,
        .args = args,
        .stdio_count = 3,
        .stdio = stdio,
    };
    uv_pipe_init(&r->loop, &r->in, 0);
    uv_pipe_init(&r->loop, &r->out, 0);
    r->in.data = r->out.data = r->process.data = r;
    r->open = 3;
    r->exit_status = -1;
    r->term_signal = 0;
    r->len = 0;
    return uv_spawn(&r->loop, &r->process, &options);
}

static void start_step(struct runner *r, const struct step *s)
{
    size_t len;
    r->plan = make_plan(r, s, &len);
    if (r->plan == NULL || len > UINT32_MAX) {
        r->error = TRAWL_ENOMEM;
        next(r);
        return;
    }
    int rc = spawn(r);
    if (rc != 0) {
        clear_progress(r);
        fprintf(stderr, "trawl compare: %s: %s\n", r->program, uv_strerror(rc));
        r->error = TRAWL_EINTERNAL;
        close_handle((uv_handle_t *)&r->process);
        close_handle((uv_handle_t *)&r->in);
        close_handle((uv_handle_t *)&r->out);
        return;
    }
    r->spawned = true;
    uv_buf_t buf = uv_buf_init(r->plan, (unsigned)len);
    r->write.data = r;
    uv_read_start((uv_stream_t *)&r->out, on_alloc, on_read);
    if (uv_write(&r->write, (uv_stream_t *)&r->in, &buf, 1, on_written) != 0) {
        close_handle((uv_handle_t *)&r->in);
    }
}

/* ---- One after another ------------------------------------------------------------------- */

static void stop_signals(struct runner *r)
{
    for (int i = 0; i < 2; i++) {
        uv_close((uv_handle_t *)&r->signals[i], NULL);
    }
}

static void next(struct runner *r)
{
    struct step s;
    for (; !is_done(r); r->at++) {
        s = step_of(r, r->at);
        if (s.count == SIZE_MAX || cli_cell_at(r->c, s.count, s.strategy)->failure == NULL) {
            break;
        }
    }
    if (is_done(r)) {
        clear_progress(r);
        stop_signals(r);
        return;
    }
    show_progress(r, &s);
    start_step(r, &s);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct runner *r = handle->data;
    (void)number;
    r->c->interrupted = true;
    if (r->spawned) {
        uv_process_kill(&r->process, SIGKILL);
    }
}

int cli_compare_measure(struct cli_compare *c, bool progress)
{
    static const int numbers[2] = {SIGINT, SIGTERM};
    struct runner r = {.c = c, .progress = progress, .start_ns = uv_hrtime()};
    size_t size = sizeof(r.program);
    r.total = c->n_strategies * (1 + c->n_counts * c->o->compare.runs);
    if (uv_exepath(r.program, &size) != 0 || uv_loop_init(&r.loop) != 0) {
        return TRAWL_EINTERNAL;
    }
    for (int i = 0; i < 2; i++) {
        uv_signal_init(&r.loop, &r.signals[i]);
        r.signals[i].data = &r;
        uv_signal_start(&r.signals[i], on_signal, numbers[i]);
    }
    next(&r);
    uv_run(&r.loop, UV_RUN_DEFAULT);
    uv_loop_close(&r.loop);
    free(r.text);
    return r.error;
}
