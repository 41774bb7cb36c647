/* A file, pipe, socket or terminal that is read as bytes and, if a loop is at hand, never
 * blocks it. Used by input.c alone. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct cli_watch;

struct cli_source {
    const char *name; /* the caller's; "-" is standard input */
    int fd;           /* -1 once it is closed */
    bool owned;
    bool regular;
    uint64_t size;           /* 0 unless regular */
    struct cli_watch *watch; /* NULL until it first had to wait */
};

/* What the sources of one input share. Without a loop reading blocks. */
struct cli_waiter {
    uv_loop_t *loop;
    void (*on_ready)(void *data); /* runs once after a CLI_SOURCE_WAIT */
    void *data;
    size_t closing;               /* handles still on the loop after their source's end */
    void (*on_idle)(void *owner); /* when that becomes 0; may be NULL */
    void *owner;
};

enum { CLI_SOURCE_WAIT = 1 };

/* 0 or a negative UV_E* code; a directory is UV_EISDIR. */
int cli_source_open(struct cli_source *source, const char *name);

/* 0 with *n, which is 0 at the end; CLI_SOURCE_WAIT; or a negative UV_E* code. */
int cli_source_read(struct cli_source *source, struct cli_waiter *waiter, char *bytes,
                    size_t size, size_t *n);

/* Takes it off the loop and closes it. May be called twice. */
void cli_source_close(struct cli_source *source);

/* "NAME: REASON", or "NAME, line N: REASON" if line is not 0. To be freed; NULL: no memory. */
char *cli_source_describe(const struct cli_source *source, uint64_t line, int error);

#endif
