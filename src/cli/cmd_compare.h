/* trawl compare: the strategies side by side, on the same URLs. */
#ifndef CLI_CMD_COMPARE_H
#define CLI_CMD_COMPARE_H

#include "cli/options.h"

/* Returns the exit status. */
int cli_compare_run(struct cli_options *o);

#endif
