/* The charts of a comparison: a line for each strategy over the number of URLs. */
#ifndef CLI_COMPARE_CHART_H
#define CLI_COMPARE_CHART_H

#include "cli/chart.h"
#include "cli/compare.h"

/* Of CLI_SECONDS or CLI_MEMORY. *title is static. 0 or TRAWL_ENOMEM; *picture is to be freed.
 */
int cli_compare_picture(struct cli_picture *picture, const char **title,
                        const struct cli_compare *c, enum cli_metric metric);

#endif
