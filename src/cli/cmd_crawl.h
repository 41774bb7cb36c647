/* trawl crawl. */
#ifndef CLI_CMD_CRAWL_H
#define CLI_CMD_CRAWL_H

#include "cli/options.h"

/* Runs to the end and returns the process's exit status. What is wrong goes to standard error. */
int cli_crawl_run(struct cli_options *o);

#endif
