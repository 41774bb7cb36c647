/* Whole files, for what has to be in memory at once. */
#ifndef CLI_SLURP_H
#define CLI_SLURP_H

#include <stddef.h>
#include <stdio.h>

/* What is left of the file, to be freed, with a NUL behind it that is not counted. 0; or an errno
 * value, EFBIG for more than max bytes. Written on success only. */
int cli_slurp(FILE *file, size_t max, char **bytes, size_t *len);

/* The same of the file of that name. */
int cli_slurp_file(const char *path, size_t max, char **bytes, size_t *len);

#endif
