/* trawl fetch: the loop, and everything that runs on it. */
#ifndef CLI_CMD_FETCH_H
#define CLI_CMD_FETCH_H

#include "cli/options.h"

/* Runs to the end and returns the process's exit status. What is wrong goes to standard error. */
int cli_fetch_run(struct cli_options *o);

#endif
