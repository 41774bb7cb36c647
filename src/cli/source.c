#include "cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Has its own memory because it closes later than the source that it watches. */
struct cli_watch {
    uv_poll_t poll;
    struct cli_waiter *waiter;
};

/* O_NONBLOCK: a FIFO that nobody writes to yet must not stop us here. */
int cli_source_open(struct cli_source *source, const char *name)
{
    struct stat st;

    memset(source, 0, sizeof(*source));
    source->name = name;
    source->owned = strcmp(name, "-") != 0;
    source->fd = STDIN_FILENO;
    if (source->owned)
        source->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (source->fd < 0 || fstat(source->fd, &st) != 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return UV_EISDIR;
    source->regular = S_ISREG(st.st_mode);
    source->size = source->regular && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    return 0;
}

char *cli_source_describe(const struct cli_source *source, uint64_t line, int error)
{
    const char *name = source->owned ? source->name : "standard input";
    size_t size = strlen(name) + 160;
    char *text = malloc(size);

    if (!text)
        return NULL;
    if (line == 0)
        snprintf(text, size, "%s: %s", name, strerror(-error));
    else
        snprintf(text, size, "%s, line %" PRIu64 ": %s", name, line, strerror(-error));
    return text;
}

/* ---- Waiting ----------------------------------------------------------------------------- */

static void on_watch_closed(uv_handle_t *handle)
{
    struct cli_watch *watch = handle->data;
    struct cli_waiter *waiter = watch->waiter;

    free(watch);
    waiter->closing--;
    if (waiter->closing == 0 && waiter->on_idle)
        waiter->on_idle(waiter->owner);
}

/* An error of the descriptor is no reason to stop here: read() will tell it. */
static void on_readable(uv_poll_t *handle, int status, int events)
{
    struct cli_watch *watch = handle->data;

    (void)status;
    (void)events;
    uv_poll_stop(handle);
    watch->waiter->on_ready(watch->waiter->data);
}

/* uv_poll_init() makes the descriptor non-blocking, and with it every other one that was
 * duplicated from it: a terminal's standard output, and that of the shell after our end.
 * Nothing here needs that, so it is undone. */
static int init_poll(uv_loop_t *loop, uv_poll_t *handle, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int rc = uv_poll_init(loop, handle, fd);

    if (rc == 0 && flags >= 0)
        (void)fcntl(fd, F_SETFL, flags);
    return rc;
}

static int create_watch(struct cli_source *source, struct cli_waiter *waiter)
{
    struct cli_watch *watch = calloc(1, sizeof(*watch));
    int rc;

    if (!watch)
        return UV_ENOMEM;
    rc = init_poll(waiter->loop, &watch->poll, source->fd);
    if (rc != 0) {
        free(watch);
        return rc;
    }
    watch->waiter = waiter;
    watch->poll.data = watch;
    source->watch = watch;
    return 0;
}

static int wait_readable(struct cli_source *source, struct cli_waiter *waiter)
{
    struct pollfd p = {.fd = source->fd, .events = POLLIN};
    int rc = poll(&p, 1, waiter->loop ? 0 : -1);

    if (rc != 0)
        return 0;
    if (!source->watch) {
        rc = create_watch(source, waiter);
        if (rc != 0)
            return rc;
    }
    rc = uv_poll_start(&source->watch->poll, UV_READABLE, on_readable);
    return rc == 0 ? CLI_SOURCE_WAIT : rc;
}

/* ---- Reading ----------------------------------------------------------------------------- */

int cli_source_read(struct cli_source *source, struct cli_waiter *waiter, char *bytes,
                    size_t size, size_t *n)
{
    for (;;) {
        int rc = source->regular ? 0 : wait_readable(source, waiter);
        ssize_t got;

        if (rc != 0)
            return rc;
        got = read(source->fd, bytes, size);
        if (got >= 0) {
            *n = (size_t)got;
            return 0;
        }
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

void cli_source_close(struct cli_source *source)
{
    if (source->watch) {
        source->watch->waiter->closing++;
        uv_close((uv_handle_t *)&source->watch->poll, on_watch_closed);
        source->watch = NULL;
    }
    if (source->owned && source->fd >= 0)
        close(source->fd);
    source->fd = -1;
}
