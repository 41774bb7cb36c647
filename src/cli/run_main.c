#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run.h"
#include "cli/values.h"

static void write_stats(struct cli_run *run, FILE *stats)
{
    if (stats == NULL) {
        return;
    }
    int rc = cli_summary_json(&run->summary, stats);
    if (fclose(stats) != 0 || rc != 0) {
        cli_run_fail_free(run, CLI_EXIT_FILE,
                          cli_message("%s: %s", run->o->stats, strerror(errno)));
    }
}

static int report(struct cli_run *run, FILE *stats)
{
    cli_summary_finish(&run->summary, uv_hrtime());
    if (run->ops->ended != NULL && !run->broken) {
        run->ops->ended(run);
    }
    if (!run->o->quiet && !run->broken) {
        cli_summary_print(&run->summary, stderr, cli_run_color(run->o, isatty(STDERR_FILENO)));
    }
    write_stats(run, stats);
    int status = cli_summary_exit_code(&run->summary);
    return status != CLI_EXIT_OK ? status : run->status;
}

/* Opens everything and lets the loop run to its end; 0 or an exit status. */
static int run_loop(struct cli_run *run, FILE **stats)
{
    int rc = uv_loop_init(&run->loop);
    if (rc != 0) {
        return cli_run_fail_free(run, CLI_EXIT_FAILURE, cli_message("%s", uv_strerror(rc)));
    }
    cli_summary_init(&run->summary, uv_hrtime());
    cli_run_start(run);
    rc = cli_run_open(run, stats);
    if (rc == 0) {
        cli_run_pump(run);
    } else {
        cli_run_finish(run);
    }
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
    return rc;
}

int cli_run(struct cli_run *run)
{
    struct cli_options *o = run->o;
    FILE *stats = NULL;
    char *error = NULL;
    cli_environment_read(&o->environment);
    int rc = cli_options_check(o, &error);
    if (rc != 0) {
        return cli_run_fail_free(run, rc, error);
    }
    signal(SIGPIPE, SIG_IGN);
    rc = run_loop(run, &stats);
    if (rc == 0) {
        return report(run, stats);
    }
    if (stats != NULL) {
        fclose(stats);
    }
    return rc;
}
