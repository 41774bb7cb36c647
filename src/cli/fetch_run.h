/* One run of trawl fetch. URLs come from the input as long as few enough are outstanding and little
 * enough output is pending; each result goes to the sink, the summary and the progress line. When
 * nothing is left to read and to wait for, or somebody has had enough, cli_run_finish() closes one
 * after another: the input, the trawl, the sink, the output, the progress line, the handles. */
#ifndef CLI_FETCH_RUN_H
#define CLI_FETCH_RUN_H

#include <uv.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/worker.h"

/* Opened by cmd_fetch.c; what could not be opened is NULL. */
struct cli_run {
    struct cli_options *o;
    struct cli_worker worker;
    uv_loop_t loop;
    uv_signal_t signals[3]; /* SIGINT, SIGTERM; and SIGUSR1, which asks what is going on */
    uv_timer_t grace;
    uv_idle_t more; /* there is more to be taken up than one turn had time for */
    struct cli_input *in;
    struct cli_output *out;
    struct cli_progress *progress;
    struct cli_summary summary;
    trawl_sink *sink;
    trawl *t;
    size_t outstanding; /* fetches whose on_done has not run */
    size_t outstanding_bytes;
    bool input_ended;
    bool stopping;      /* nothing more is read */
    bool finishing;     /* everything is being closed */
    bool output_failed; /* and it was told */
    bool broken;        /* the output's reader went away, which is no news to anybody */
    int status;         /* what is wrong beside the results, or 0 */
    unsigned signal_count;
};

/* A line on standard error; fail() also takes note of the exit status. text NULL: no memory. */
void cli_run_say(struct cli_run *run, const char *text);
void cli_run_fail(struct cli_run *run, int status, const char *text);

/* Starts the signals' watchers, which keep the loop alive until cli_run_finish(). */
void cli_run_start(struct cli_run *run);

/* Takes up what may be taken up now. Finishes if that was all; data is the run. */
void cli_run_pump(void *data);

/* Writes on standard error what is outstanding, and why. */
void cli_run_tell(struct cli_run *run);

/* Whatever is outstanding comes back as canceled. A second call is ignored. */
void cli_run_finish(struct cli_run *run);

#endif
