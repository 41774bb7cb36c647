/* Where results are written: a file or standard output. Whole records are gathered in memory
 * and written by a worker thread of libuv, one write at a time, so that a slow disk or reader
 * never holds the loop. It is the caller who stops producing when cli_output_pending() grows,
 * and goes on when the callback of cli_output_on_drain() runs.
 *
 * The process must ignore SIGPIPE: a reader that went away is an error here, not a signal. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct cli_output;

/* path: created with 0666 & ~umask or truncated; NULL or "-" is standard output, which stays
 * open at the end. 0, or a negative UV_E* code with *error a text "PATH: REASON" to be freed by
 * the caller, NULL when memory was short. *out is written on success only. */
int cli_output_open(struct cli_output **out, uv_loop_t *loop, const char *path, char **error);

/* Takes a copy of a whole record, which ends with a newline, or of a piece of a large one, which comes
 * piece after piece. A trawl_write_cb: out is the
 * struct cli_output. 0, or TRAWL_EWRITE once the output has failed. The bytes are handed to the
 * worker when 64 KiB are together or 20 ms have passed; until then the loop is kept alive. */
int cli_output_write(void *out, const char *bytes, size_t len);

/* Bytes taken and not known to be written. 0 once the output has failed. */
size_t cli_output_pending(const struct cli_output *out);

/* Whether a write failed; what is pending then is lost. The text, "standard output: Broken
 * pipe", is valid until the output is closed, and NULL if nothing failed. */
bool cli_output_failed(const struct cli_output *out);
const char *cli_output_error(const struct cli_output *out);

bool cli_output_is_terminal(const struct cli_output *out);

/* cb runs once, from the loop, as soon as fewer than `below` bytes or none are pending, or the
 * output has failed. A second call before that replaces the first; cb NULL forgets it. */
void cli_output_on_drain(struct cli_output *out, size_t below, void (*cb)(void *data),
                         void *data);

/* Run on the loop's thread around each write: what else is on the terminal is to be taken off
 * before it and may come back after it. Both may be NULL. */
void cli_output_set_hooks(struct cli_output *out, void (*before)(void *data),
                          void (*after)(void *data), void *data);

/* Writes what is pending, closes, frees; then cb (may be NULL) runs from the loop, with the
 * text of cli_output_error() or NULL if everything was written. error is valid until cb
 * returns. A drain callback that has not run is forgotten. out may be NULL: cb then runs within
 * this call. */
typedef void (*cli_output_close_cb)(void *data, const char *error);
void cli_output_close(struct cli_output *out, cli_output_close_cb cb, void *data);

/* For the end of the process, with _exit() next: writes what it can of what is pending within
 * 100 ms, without the loop, and stops at the end of a line where the system lets it, and where the
 * whole line is there: of a large record that is being written, half of it may stay behind. Nothing
 * else may be called with out afterwards. */
void cli_output_abort(struct cli_output *out);

#endif
