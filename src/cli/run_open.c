#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/values.h"

/* Descriptors that are not connections: files, the loop's, the resolver's. */
#define SPARE_FILES 64
/* A connection, idle ones, what wakes the worker up, and a look-up's. */
#define FILES_A_WORKER 8
/* libuv has 1024 at the most. */
#define POOL_THREADS 1023

static void on_log(void *data, int level, const char *message)
{
    struct cli_run *run = data;
    (void)level;
    cli_progress_hide(run->progress);
    fprintf(stderr, "%s\n", message);
    cli_progress_show(run->progress);
}

/* ---- The beginning ----------------------------------------------------------------------- */

/* libuv starts the threads of its pool at their first use, as many as this says; one of them is
 * for the output. */
static void size_thread_pool(trawl_options *options)
{
    char text[16];
    if (strcmp(options->strategy, "pool") != 0) {
        return;
    }
    if (options->workers == 0) {
        options->workers = options->concurrency;
    }
    if (options->workers > POOL_THREADS) {
        options->workers = POOL_THREADS;
    }
    snprintf(text, sizeof(text), "%u", options->workers + 1);
    setenv("UV_THREADPOOL_SIZE", text, 1);
}

/* Lowers what option set to what so many descriptors are enough for, each at a time. */
static void fit(struct cli_run *run, rlim_t files, const char *option, unsigned *count,
                rlim_t each)
{
    rlim_t room = (files > 2 * SPARE_FILES ? files - SPARE_FILES : SPARE_FILES) / each;
    if (files == RLIM_INFINITY || *count <= room) {
        return;
    }
    char *text =
        cli_message("the system allows %llu open files; --%s is lowered from %u to %llu",
                    (unsigned long long)files, option, *count, (unsigned long long)room);
    *count = (unsigned)room;
    cli_run_say(run, text != NULL ? text : "out of memory");
    free(text);
}

/* All the descriptors that the system allows are asked for. */
static void raise_file_limit(struct cli_run *run)
{
    struct rlimit limit;
    trawl_options *options = &run->o->fetch;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        limit.rlim_cur = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
    }
    if (strcmp(options->strategy, "loop") == 0) {
        fit(run, limit.rlim_cur, "concurrency", &options->concurrency, 1);
    } else if (options->workers != 0) {
        fit(run, limit.rlim_cur, "workers", &options->workers, FILES_A_WORKER);
    }
}

static FILE *open_stats(const char *path)
{
    int fd;

    if (strcmp(path, "-") != 0) {
        return fopen(path, "we");
    }
    fd = dup(STDOUT_FILENO);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

static int open_files(struct cli_run *run, FILE **stats)
{
    struct cli_options *o = run->o;
    char *error = NULL;
    run->in = cli_input_open(o->input_files.items, o->input_files.count, o->operands.items,
                             o->operands.count, &error);
    if (run->in == NULL) {
        return cli_run_fail_free(run, CLI_EXIT_FILE, error);
    }
    cli_input_on_ready(run->in, &run->loop, cli_run_pump, run);
    *stats = o->stats != NULL ? open_stats(o->stats) : NULL;
    if (o->stats != NULL && *stats == NULL) {
        return cli_run_fail_free(run, CLI_EXIT_FILE,
                                 cli_message("%s: %s", o->stats, strerror(errno)));
    }
    if (cli_output_open(&run->out, &run->loop, o->output, &error) != 0) {
        return cli_run_fail_free(run, CLI_EXIT_FILE, error);
    }
    if (o->log_rejected != NULL &&
        cli_output_open(&run->log, &run->loop, o->log_rejected, &error) != 0) {
        return cli_run_fail_free(run, CLI_EXIT_FILE, error);
    }
    return 0;
}

static unsigned terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool cli_run_color(const struct cli_options *o, bool terminal)
{
    const struct cli_environment *e = &o->environment;
    return cli_when(o->color, terminal && !e->no_color && !e->dumb_terminal);
}

static void on_writer_progress(void *data, int rc)
{
    cli_run_written(data, rc);
    cli_run_pump(data);
}

static int open_writer(struct cli_run *run)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    bool terminal = cli_output_is_terminal(run->out);
    options.body = run->o->body;
    options.crawl = run->o->command == CLI_CRAWL;
    options.color = cli_run_color(run->o, terminal);
    options.columns = terminal ? terminal_columns() : 0;
    int rc = cli_writer_open(&run->writer, run->out, &run->loop, run->o->format, &options,
                             on_writer_progress, run);
    if (rc != 0) {
        return cli_run_fail_free(run, CLI_EXIT_FAILURE, cli_message("%s", trawl_strerror(rc)));
    }
    return 0;
}

static void hide_progress(void *data)
{
    cli_progress_hide(data);
}

static void show_progress(void *data)
{
    cli_progress_show(data);
}

static int open_progress(struct cli_run *run)
{
    const struct cli_options *o = run->o;
    bool terminal = isatty(STDERR_FILENO) && !o->environment.dumb_terminal;
    bool enabled = !o->quiet && cli_when(o->progress, terminal);
    int rc = cli_progress_open(&run->progress, &run->loop, stderr, enabled,
                               cli_run_color(o, isatty(STDERR_FILENO)));
    if (rc != 0) {
        return cli_run_fail_free(run, CLI_EXIT_FAILURE, NULL);
    }
    if (enabled && cli_output_is_terminal(run->out)) {
        cli_output_set_hooks(run->out, hide_progress, show_progress, run->progress);
    }
    return 0;
}

static int open_trawl(struct cli_run *run)
{
    trawl_options *options = &run->o->fetch;
    size_thread_pool(options);
    raise_file_limit(run);
    options->log = run->o->verbose > 0 ? on_log : NULL;
    options->log_data = run;
    if (cli_worker_init(&run->worker) == 0) {
        options->worker_argv = run->worker.argv;
    }
    int rc = trawl_open(&run->t, &run->loop, options);
    if (rc != 0) {
        return cli_run_fail_free(run, CLI_EXIT_FAILURE, cli_message("%s", trawl_strerror(rc)));
    }
    return 0;
}

int cli_run_open(struct cli_run *run, FILE **stats)
{
    int rc = open_files(run, stats);
    rc = rc != 0 ? rc : open_writer(run);
    rc = rc != 0 ? rc : open_progress(run);
    rc = rc != 0 ? rc : open_trawl(run);
    return rc == 0 && run->ops->open != NULL ? run->ops->open(run) : rc;
}
