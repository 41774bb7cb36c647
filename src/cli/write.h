/* Writing to a descriptor from a thread that may wait, in pieces that end with a line where the
 * system allows it, so that whoever stops between two calls leaves whole lines behind. Used by
 * output.c alone. */
#ifndef CLI_WRITE_H
#define CLI_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_target {
    int fd;
    bool regular;
    size_t pipe_size; /* what fits in the pipe; 0: not a pipe */
};

/* 0 or a negative UV_E* code. */
int cli_target_init(struct cli_target *target, int fd);

/* Writes one piece of the bytes, which may be all. Waits at most wait_ms for a pipe, socket or
 * terminal to have room. *n is what was written, 0 if there was no room. 0 or a negative UV_E*
 * code.
 *
 * A pipe takes PIPE_BUF bytes (POSIX), or all that it can hold if it is empty, wholly or not at
 * all, and so never a part of a line that is not longer than that. A blocking descriptor may
 * wait longer than wait_ms for a line that is longer, or if another process fills it. */
int cli_target_write(const struct cli_target *target, const char *bytes, size_t len,
                     int wait_ms, size_t *n);

/* Writes piece by piece until all is written, which is true, or it failed or the time of
 * uv_hrtime() is past deadline_ns. Never waits longer, also on a blocking descriptor. */
bool cli_target_write_until(const struct cli_target *target, const char *bytes, size_t len,
                            uint64_t deadline_ns);

#endif
