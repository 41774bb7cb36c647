/* Any bytes as printable ASCII, with %XX for what is not. */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stddef.h>

/* Also the characters in `also` are written so; with "%" among them cli_unescape() gives back
 * what went in. A URL stays one that leads to the same place. To be freed; NULL: no memory. */
char *cli_escape(const char *bytes, size_t len, const char *also);

/* In place. Returns the length; a NUL stands behind it. A % without two digits stays. */
size_t cli_unescape(char *text);

#endif
