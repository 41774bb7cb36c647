/* What the files that make trawl(1) share. */
#ifndef CLI_MAN_ENTRIES_H
#define CLI_MAN_ENTRIES_H

#include <stddef.h>
#include <stdio.h>

#include "cli/options.h"

/* Of a list of terms. The text is mdoc, with a macro on a line of its own. */
struct cli_man_entry {
    const char *name;
    const char *text;
};

/* macro is what names are marked up with. */
void cli_man_entries(FILE *file, const char *macro, const struct cli_man_entry *entries,
                     size_t count);

void cli_man_compare(FILE *file);
void cli_man_crawl(FILE *file);

/* What stands before the options of the command. */
void cli_man_crawl_options(FILE *file, enum cli_command_id command);

#endif
