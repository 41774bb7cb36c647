#include "cli/write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#define REGULAR_PIECE ((size_t)1 << 20)

int cli_target_init(struct cli_target *target, int fd)
{
    struct stat st;
    int size;

    if (fstat(fd, &st) != 0)
        return -errno;
    target->fd = fd;
    target->regular = S_ISREG(st.st_mode);
    target->pipe_size = 0;
    if (S_ISFIFO(st.st_mode)) {
        size = fcntl(fd, F_GETPIPE_SZ);
        target->pipe_size = size > PIPE_BUF ? (size_t)size : PIPE_BUF;
    }
    return 0;
}

static bool is_empty_pipe(const struct cli_target *target)
{
    int held;

    return target->pipe_size > 0 && ioctl(target->fd, FIONREAD, &held) == 0 && held == 0;
}

/* As many whole lines as fit in room; the first line if none does. */
static size_t whole_lines(const char *bytes, size_t len, size_t room)
{
    const char *lf;

    if (len <= room)
        return len;
    lf = memrchr(bytes, '\n', room);
    if (!lf)
        lf = memchr(bytes + room, '\n', len - room);
    return lf ? (size_t)(lf - bytes) + 1 : len;
}

static bool has_room(const struct cli_target *target, int wait_ms)
{
    struct pollfd p = {.fd = target->fd, .events = POLLOUT};

    return poll(&p, 1, wait_ms) > 0;
}

int cli_target_write(const struct cli_target *target, const char *bytes, size_t len,
                     int wait_ms, size_t *n)
{
    size_t room = PIPE_BUF;
    ssize_t written;

    *n = 0;
    if (target->regular)
        room = REGULAR_PIECE;
    else if (is_empty_pipe(target))
        room = target->pipe_size;
    else if (!has_room(target, wait_ms))
        return 0;
    written = write(target->fd, bytes, whole_lines(bytes, len, room));
    if (written >= 0)
        *n = (size_t)written;
    else if (errno != EINTR && errno != EAGAIN)
        return -errno;
    return 0;
}

static bool write_all(const struct cli_target *target, const char *bytes, size_t len,
                      uint64_t deadline_ns)
{
    size_t done = 0;

    while (done < len) {
        uint64_t now = uv_hrtime();
        size_t n;

        if (now >= deadline_ns)
            return false;
        if (cli_target_write(target, bytes + done, len - done,
                             (int)((deadline_ns - now) / 1000000) + 1, &n) != 0)
            return false;
        done += n;
    }
    return true;
}

bool cli_target_write_until(const struct cli_target *target, const char *bytes, size_t len,
                            uint64_t deadline_ns)
{
    int flags = fcntl(target->fd, F_GETFL);
    bool change = flags >= 0 && !(flags & O_NONBLOCK) && !target->regular;
    bool done;

    if (change)
        (void)fcntl(target->fd, F_SETFL, flags | O_NONBLOCK);
    done = write_all(target, bytes, len, deadline_ns);
    if (change)
        (void)fcntl(target->fd, F_SETFL, flags);
    return done;
}
