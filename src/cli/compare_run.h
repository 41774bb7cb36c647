/* Makes the measurements of a comparison, one after another, each in a process of its own. */
#ifndef CLI_COMPARE_RUN_H
#define CLI_COMPARE_RUN_H

#include <stdbool.h>

#include "cli/compare.h"

/* First a warm-up of each strategy with all the URLs that will be asked for; then, run by run
 * and count by count, every strategy, beginning with another one each time. What fails is told
 * on standard error, and that strategy is not measured at that count again. SIGINT and SIGTERM
 * kill the measurement that runs and end it all; c->interrupted tells. progress: a line on
 * standard error. 0, TRAWL_ENOMEM or TRAWL_EINTERNAL. */
int cli_compare_measure(struct cli_compare *c, bool progress);

#endif
