/* A comparison, written. Each returns 0, TRAWL_ENOMEM or TRAWL_EWRITE. */
#ifndef CLI_COMPARE_OUT_H
#define CLI_COMPARE_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/compare.h"

/* Tables of 80 columns, URLs that differ or failed, and last of all who wins. */
int cli_compare_text(const struct cli_compare *c, FILE *file, bool color);

/* The URLs that differ or failed, with what came of them; the first ten of either kind. Nothing
 * if there are none. */
void cli_compare_problems(const struct cli_compare *c, FILE *file, bool color);

/* One object; its members are described in trawl(1). */
int cli_compare_json(const struct cli_compare *c, FILE *file);

/* A line for each count and strategy that was measured, the first one names the columns. */
int cli_compare_csv(const struct cli_compare *c, FILE *file);

/* A page that needs nothing from elsewhere. */
int cli_compare_html(const struct cli_compare *c, FILE *file);

/* The chart of the times in SVG or PNG, by the name's ending. */
int cli_compare_chart(const struct cli_compare *c, const char *name, FILE *file);

/* The command line that asked for it, as a shell would take it, in one line of printable ASCII.
 * Passwords in URLs and what headers say are "***". To be freed; NULL: no memory. */
char *cli_compare_command(const struct cli_compare *c);

#endif
