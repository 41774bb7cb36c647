#include "cli/slurp.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE 65536

/* Twice as large; 0 or ENOMEM. */
static int grow(char **bytes, size_t *cap)
{
    size_t size = *cap == 0 ? FIRST_SIZE : *cap * 2;
    char *grown = realloc(*bytes, size);
    if (grown == NULL) {
        return ENOMEM;
    }
    *bytes = grown;
    *cap = size;
    return 0;
}

int cli_slurp(FILE *file, size_t max, char **bytes, size_t *len)
{
    char *text = NULL;
    size_t cap = 0;
    size_t n = 0;
    size_t got = 0;
    int code = 0;
    do {
        if (n + 1 >= cap) {
            code = grow(&text, &cap);
        }
        errno = 0;
        got = code == 0 ? fread(text + n, 1, cap - n - 1, file) : 0;
        n += got;
    } while (got > 0 && n <= max);
    if (code == 0) {
        code = ferror(file) ? errno : n > max ? EFBIG : 0;
    }
    if (code != 0) {
        free(text);
        return code;
    }
    text[n] = '\0';
    *bytes = text;
    *len = n;
    return 0;
}

int cli_slurp_file(const char *path, size_t max, char **bytes, size_t *len)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return errno;
    }
    int code = cli_slurp(file, max, bytes, len);
    fclose(file);
    return code;
}
