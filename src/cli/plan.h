/* What trawl compare tells the process that makes one measurement, as a JSON object on its
 * standard input: the options, so that no password stands on a command line, and the URLs. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "trawl.h"

struct cli_bytes {
    char *bytes; /* NUL-terminated besides */
    size_t len;
};

struct cli_plan {
    trawl_options fetch; /* its strings and lists belong to the plan that was read */
    struct cli_bytes *urls;
    size_t n_urls;
    bool names; /* the report is to have the URLs, masked */
};

/* NULL: no memory. To be freed. *len is that of the text. */
char *cli_plan_write(const struct cli_plan *plan, size_t *len);

/* 0, TRAWL_EINVAL for anything but such a text, or TRAWL_ENOMEM. *plan is written on success.
 */
int cli_plan_read(struct cli_plan *plan, const char *text);

/* Frees what cli_plan_read() made; a zeroed plan is fine. */
void cli_plan_free(struct cli_plan *plan);

#endif
