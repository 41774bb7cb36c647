/* What a run of trawl fetch and one of trawl crawl have in common. URLs come from the input as
 * long as the command has room for them and little enough output is pending; the command hands
 * each result to the writer, the summary and the progress line. When nothing is left to read and
 * to wait for, or somebody has had enough, cli_run_finish() closes one after another: the
 * input, the trawl, the writer, the outputs, the progress line, the handles. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <uv.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/worker.h"
#include "cli/writer.h"

struct cli_run;

/* What makes a command. */
struct cli_run_ops {
    /* The trawl and all else is open. 0 or an exit status, after cli_run_fail(); NULL: nothing.
     */
    int (*open)(struct cli_run *run);
    bool (*has_room)(const struct cli_run *run);
    /* The URL of the input, of which only the beginning is there if it was cut. */
    void (*take)(struct cli_run *run, const char *url, size_t len, uint64_t index, bool cut);
    /* Whether everything that was taken has come back. */
    bool (*is_idle)(const struct cli_run *run);
    uint64_t (*outstanding)(const struct cli_run *run);
    /* Nothing may be started now, because the output has no room; or it may again. NULL: nothing. */
    void (*hold)(struct cli_run *run, bool held);
    /* It is held too until the input is read to its end. */
    bool all_first;
    /* Starts nothing more: what is not in flight comes back at once. */
    void (*stop)(struct cli_run *run);
    /* Nothing more comes back; what there is to say before the summary. NULL: nothing. */
    void (*ended)(struct cli_run *run);
};

/* Opened by run_open.c; what could not be opened, or is not wanted, is NULL. */
struct cli_run {
    const struct cli_run_ops *ops;
    struct cli_options *o;
    struct cli_worker worker;
    uv_loop_t loop;
    uv_signal_t signals[3]; /* SIGINT, SIGTERM; and SIGUSR1, which asks what is going on */
    uint64_t told_ns;       /* when it was told last, 0: never */
    uv_timer_t grace;
    uv_idle_t more; /* there is more to be taken up than one turn had time for */
    struct cli_input *in;
    struct cli_output *out;
    struct cli_output *log; /* what was left out */
    struct cli_progress *progress;
    struct cli_summary summary;
    struct cli_writer *writer;
    trawl *t;
    bool input_ended;
    bool held;          /* nothing may be started */
    bool stopping;      /* nothing more is read */
    bool finishing;     /* everything is being closed */
    bool output_failed; /* and it was told */
    bool broken;        /* the output's reader went away, which is no news to anybody */
    int status;         /* what is wrong beside the results, or 0 */
    unsigned signal_count;
};

/* The whole command: checks the options, opens everything, runs, reports. Returns the exit
 * status. run is zeroed but for ops and o. */
int cli_run(struct cli_run *run);

/* A line on standard error; fail() also takes note of the exit status. text NULL: no memory. */
void cli_run_say(struct cli_run *run, const char *text);
void cli_run_fail(struct cli_run *run, int status, const char *text);
/* The same with a text of cli_message(), which is freed. Returns status. */
int cli_run_fail_free(struct cli_run *run, int status, char *text);

/* What came of writing a record: 0, EWRITE, which the output tells by itself, or an error that ends the
 * run. */
void cli_run_written(struct cli_run *run, int rc);

/* Starts the signals' watchers, which keep the loop alive until cli_run_finish(). */
void cli_run_start(struct cli_run *run);

/* Takes up what may be taken up now. Finishes if that was all; data is the run. */
void cli_run_pump(void *data);

/* Writes on standard error what is outstanding, and why. */
void cli_run_tell(struct cli_run *run);

/* Whatever is outstanding comes back as canceled. A second call is ignored. */
void cli_run_finish(struct cli_run *run);

/* Part of cli_run(), for what it opens: 0 or an exit status. */
int cli_run_open(struct cli_run *run, FILE **stats);
bool cli_run_color(const struct cli_options *o, bool terminal);

#endif
