/* Everything that is made from the tables of options.h for people and shells to read. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/options.h"

/* The help of one command, 80 columns wide; CLI_MAIN is the list of commands. */
void cli_help_print(FILE *file, enum cli_command_id command);

/* trawl(1) in mdoc. 0, or -1 without memory. */
int cli_man_print(FILE *file);

/* len bytes of text as words up to column 79, the cursor being at column `at`; further lines begin
 * at column `indent`. Ends the line. */
void cli_wrap(FILE *file, const char *text, size_t len, size_t at, size_t indent);

/* A script for bash to source. */
void cli_completion_print(FILE *file);

#endif
