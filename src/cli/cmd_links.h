/* trawl links. */
#ifndef CLI_CMD_LINKS_H
#define CLI_CMD_LINKS_H

#include "cli/options.h"

/* Returns the process's exit status. What is wrong goes to standard error. */
int cli_links_run(struct cli_options *o);

#endif
