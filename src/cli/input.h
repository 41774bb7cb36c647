/* The URLs that a command is to work on, as a stream: first those of the command line, then
 * each file in its order, a URL a line.
 *
 * A line ends with LF or CR LF, the last one with the end of the file too. A UTF-8 byte order
 * mark at the beginning of a file, and blanks and tabs around a URL are left out; blank lines
 * and lines that begin with # are skipped. All other bytes are kept as they are, NUL too. URLs
 * of the command line are given out as they stand.
 *
 * A buffer of 64 KiB is all that is held, except while a line is longer than that. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Of a longer line only the beginning is held and given out; cli_input_was_cut() tells. */
#define CLI_INPUT_LINE_MAX ((size_t)1 << 20)

struct cli_input;

enum {
    CLI_INPUT_END = 0,
    CLI_INPUT_URL = 1,
    CLI_INPUT_WAIT = 2, /* nothing now; the callback of cli_input_on_ready() will run */
};

/* The arrays and strings are the caller's and must outlive the input. A file named "-" is
 * standard input. All files are opened here. NULL if one cannot be read (or is a directory);
 * *error is then a text "FILE: REASON", to be freed by the caller, or NULL when memory was
 * short. */
struct cli_input *cli_input_open(const char *const *files, size_t n_files,
                                 const char *const *urls, size_t n_urls, char **error);

/* CLI_INPUT_URL: *url (not NUL-terminated, valid until the next call), *len and *index, the
 * URL's position counted from 0, are written. CLI_INPUT_END: there are no more. CLI_INPUT_WAIT:
 * a pipe, socket or terminal has nothing to read now. A negative UV_E* code: reading failed,
 * see cli_input_error(); each further call gives it again. */
int cli_input_next(struct cli_input *in, const char **url, size_t *len, uint64_t *index);

/* Whether the URL given out last is only the beginning of a line that is longer than
 * CLI_INPUT_LINE_MAX. */
bool cli_input_was_cut(const struct cli_input *in);

/* From now on cli_input_next() never blocks on a pipe, socket or terminal but gives
 * CLI_INPUT_WAIT; cb then runs once, on the loop, when there is something to read. The loop is
 * kept alive only while it waits so. Without this call cli_input_next() blocks and never gives
 * CLI_INPUT_WAIT. */
void cli_input_on_ready(struct cli_input *in, uv_loop_t *loop, void (*cb)(void *data),
                        void *data);

/* "FILE, line N: REASON" after a negative code, else NULL. Valid until the input is closed. */
const char *cli_input_error(const struct cli_input *in);

/* URLs given out so far. */
uint64_t cli_input_count(const struct cli_input *in);

/* How many URLs there will be in all: exact at the end, before that an estimate from the share
 * of the files' bytes that has been read. False, with *total untouched, if it cannot be told.
 */
bool cli_input_total(const struct cli_input *in, uint64_t *total);

/* Closes the files and frees the input; in may be NULL, cb too. cb runs when nothing of it is
 * left on the loop: within this call if nothing was there, as when cli_input_on_ready() was not
 * used. */
void cli_input_close(struct cli_input *in, void (*cb)(void *data), void *data);

#endif
