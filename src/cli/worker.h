/* How the strategy "process" starts its workers: this very program as `trawl worker`, a command
 * that is in no help. */
#ifndef CLI_WORKER_H
#define CLI_WORKER_H

#define CLI_WORKER_COMMAND "worker"

/* Has to live as long as the trawl that is opened with it. */
struct cli_worker {
    char program[4096];
    const char *argv[3]; /* for trawl_options.worker_argv */
};

/* 0, or libuv's negative error. */
int cli_worker_init(struct cli_worker *worker);

#endif
