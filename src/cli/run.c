#include "cli/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/values.h"

#define LOG_BYTES ((size_t)8 << 20) /* with more than that pending, nothing new is begun */
#define GRACE_MS  2000
/* Reading gives the loop back after this long. */
#define SLICE_NS      (UINT64_C(5) * 1000 * 1000)
#define TELL_AGAIN_NS UINT64_C(100000000)

/* ---- Messages ---------------------------------------------------------------------------- */

void cli_run_say(struct cli_run *run, const char *text)
{
    cli_progress_hide(run->progress);
    fprintf(stderr, "trawl %s: %s\n", cli_commands[run->o->command].name, text);
    cli_progress_show(run->progress);
}

void cli_run_fail(struct cli_run *run, int status, const char *text)
{
    if (run->status == 0) {
        run->status = status;
    }
    run->summary.file_failed = run->summary.file_failed || status == CLI_EXIT_FILE;
    cli_run_say(run, text != NULL ? text : "out of memory");
}

int cli_run_fail_free(struct cli_run *run, int status, char *text)
{
    cli_run_fail(run, status, text);
    free(text);
    return status;
}

/* ---- Output ------------------------------------------------------------------------------ */

static void on_output_error(struct cli_run *run, const char *error)
{
    if (run->output_failed) {
        return;
    }
    run->output_failed = true;
    run->broken = strstr(error, strerror(EPIPE)) != NULL;
    run->summary.file_failed = true;
    if (!run->broken) {
        cli_run_fail(run, CLI_EXIT_FILE, error);
    }
}

void cli_run_written(struct cli_run *run, int rc)
{
    if (rc != 0 && rc != TRAWL_EWRITE) {
        cli_run_fail(run, CLI_EXIT_FAILURE, trawl_strerror(rc));
        cli_run_finish(run);
    }
}

/* ---- Input ------------------------------------------------------------------------------- */

static bool has_backlog(struct cli_run *run, struct cli_output *log)
{
    if (log == NULL || cli_output_pending(log) <= LOG_BYTES) {
        return false;
    }
    cli_output_on_drain(log, LOG_BYTES, cli_run_pump, run);
    return true;
}

static bool is_full(struct cli_run *run)
{
    return !run->finishing && (cli_writer_is_full(run->writer) || has_backlog(run, run->log));
}

static void hold(struct cli_run *run, bool held)
{
    if (run->held != held && run->ops->hold != NULL && !run->finishing) {
        run->ops->hold(run, held);
    }
    run->held = held;
}

static bool may_read(struct cli_run *run)
{
    return !run->stopping && !run->input_ended && run->ops->has_room(run);
}

/* False: nothing more now. */
static bool read_one(struct cli_run *run)
{
    const char *url;
    size_t len;
    uint64_t index;
    int rc = cli_input_next(run->in, &url, &len, &index);
    if (rc == CLI_INPUT_WAIT) {
        return false;
    }
    if (rc != CLI_INPUT_URL) {
        run->input_ended = true;
        if (rc < 0) {
            run->summary.input_left = true;
            cli_run_fail(run, CLI_EXIT_FILE, cli_input_error(run->in));
        }
        return false;
    }
    run->ops->take(run, url, len, index, cli_input_was_cut(run->in));
    return true;
}

static void check_output(struct cli_run *run, const struct cli_output *out)
{
    if (!run->finishing && out != NULL && cli_output_failed(out)) {
        on_output_error(run, cli_output_error(out));
        cli_run_finish(run);
    }
}

static void on_more(uv_idle_t *idle)
{
    uv_idle_stop(idle);
    cli_run_pump(idle->data);
}

void cli_run_pump(void *data)
{
    struct cli_run *run = data;
    uint64_t began_ns = 0;
    check_output(run, run->out);
    check_output(run, run->log);
    bool full = is_full(run);
    for (unsigned n = 0; !full && may_read(run) && read_one(run); n++) {
        full = is_full(run);
        if (n == 0) {
            began_ns = full ? 0 : uv_hrtime(); /* one alone, as most are, needs no clock */
        } else if (n % 16 == 0 && uv_hrtime() - began_ns > SLICE_NS) {
            uv_idle_start(&run->more, on_more);
            break;
        }
    }
    hold(run, full || (run->ops->all_first && !run->input_ended && !run->stopping));
    /* Bodies are best given back while there is still a trawl to do it bit by bit. */
    if (!run->finishing && (run->input_ended || run->stopping) && run->ops->is_idle(run) &&
        cli_writer_is_idle(run->writer)) {
        cli_run_finish(run);
    }
}

/* ---- The end ----------------------------------------------------------------------------- */

static void on_progress_closed(void *data)
{
    struct cli_run *run = data;
    run->progress = NULL;
    for (int i = 0; i < 3; i++) {
        uv_close((uv_handle_t *)&run->signals[i], NULL);
    }
    /* Closed, its default would be back: whoever asks has come too late, and must not end it. */
    (void)signal(SIGUSR1, SIG_IGN);
    uv_close((uv_handle_t *)&run->more, NULL);
    uv_close((uv_handle_t *)&run->grace, NULL);
}

static void on_log_closed(void *data, const char *error)
{
    struct cli_run *run = data;
    run->log = NULL;
    if (error != NULL) {
        on_output_error(run, error);
    }
    cli_progress_close(run->progress, on_progress_closed, run);
}

static void on_output_closed(void *data, const char *error)
{
    struct cli_run *run = data;
    run->out = NULL;
    if (error != NULL) {
        on_output_error(run, error);
    }
    cli_output_close(run->log, on_log_closed, run);
}

static void on_writer_closed(void *data)
{
    struct cli_run *run = data;
    run->writer = NULL;
    cli_output_close(run->out, on_output_closed, run);
}

static void on_trawl_closed(void *data)
{
    struct cli_run *run = data;
    run->t = NULL;
    cli_writer_close(run->writer, &run->summary.stays, on_writer_closed, run);
}

/* Whether URLs were left unread, which only a further read can tell. */
static bool is_input_left(struct cli_run *run)
{
    const char *url;
    size_t len;
    uint64_t index;
    return run->in != NULL && !run->input_ended &&
           cli_input_next(run->in, &url, &len, &index) != CLI_INPUT_END;
}

static void stop_reading(struct cli_run *run)
{
    if (!run->stopping) {
        run->stopping = true;
        run->summary.input_left = run->summary.input_left || is_input_left(run);
        cli_input_close(run->in, NULL, NULL);
        run->in = NULL;
    }
}

static void note_stays(struct cli_run *run)
{
    trawl_stays *stays = &run->summary.stays;
    *stays = (trawl_stays)TRAWL_STAYS_INIT;
    trawl_get_stays(run->t, stays);
}

/* Whatever is outstanding comes back as canceled. */
void cli_run_finish(struct cli_run *run)
{
    if (run->finishing) {
        return;
    }
    run->finishing = true;
    stop_reading(run);
    uv_timer_stop(&run->grace);
    uv_idle_stop(&run->more);
    if (run->t != NULL) {
        note_stays(run);
        trawl_close(run->t, on_trawl_closed, run);
    } else {
        on_trawl_closed(run);
    }
}

static void on_grace_over(uv_timer_t *timer)
{
    cli_run_finish(timer->data);
}

static void interrupt(struct cli_run *run)
{
    char *text = cli_message("stopping: what is in flight has %d seconds; a second signal ends "
                             "at once",
                             GRACE_MS / 1000);
    if (!run->o->quiet && text != NULL) {
        cli_run_say(run, text);
    }
    free(text);
    run->summary.interrupted = true;
    stop_reading(run);
    uv_timer_start(&run->grace, on_grace_over, GRACE_MS, 0);
    run->ops->stop(run);
    cli_run_pump(run);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct cli_run *run = handle->data;
    (void)number;
    if (run->signal_count++ == 0) {
        if (!run->finishing) {
            interrupt(run);
        }
        return;
    }
    cli_progress_hide(run->progress);
    if (run->out != NULL) {
        cli_output_abort(run->out);
    }
    if (run->log != NULL) {
        cli_output_abort(run->log);
    }
    _exit(CLI_EXIT_INTERRUPTED);
}

static void on_question(uv_signal_t *handle, int number)
{
    struct cli_run *run = handle->data;
    uint64_t now = uv_hrtime();
    (void)number;
    /* Answering those who ask without end would leave no time for anything else. */
    if (run->told_ns == 0 || now - run->told_ns >= TELL_AGAIN_NS) {
        cli_run_tell(run);
        run->told_ns = uv_hrtime();
    }
}

void cli_run_start(struct cli_run *run)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGUSR1};
    for (int i = 0; i < 3; i++) {
        uv_signal_init(&run->loop, &run->signals[i]);
        run->signals[i].data = run;
        uv_signal_start(&run->signals[i], i < 2 ? on_signal : on_question, numbers[i]);
    }
    uv_idle_init(&run->loop, &run->more);
    run->more.data = run;
    uv_timer_init(&run->loop, &run->grace);
    run->grace.data = run;
}
