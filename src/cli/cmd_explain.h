/* trawl explain. */
#ifndef CLI_CMD_EXPLAIN_H
#define CLI_CMD_EXPLAIN_H

#include "cli/options.h"

/* Returns the process's exit status. What is wrong goes to standard error. */
int cli_explain_run(struct cli_options *o);

#endif
