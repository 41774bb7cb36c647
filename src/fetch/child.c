#include "fetch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the longest frame, and so that a read takes many short ones. */
#define IN_SIZE ((size_t)256 * 1024)

_Static_assert(IN_SIZE >= TW_FRAME_UP_MAX + TW_FRAME_HEAD, "every frame fits");

static void on_poll(uv_poll_t *poll, int status, int events);

/* Watches for what is wanted now. */
static void watch(struct tw_child *c)
{
    int events = 0;

    if (c->ended)
        return;
    if (!c->paused && !c->eof)
        events |= UV_READABLE;
    if (!c->broken && !tw_child_has_sent(c))
        events |= UV_WRITABLE;
    if (events == c->events)
        return;
    c->events = events;
    if (events == 0)
        uv_poll_stop(&c->poll);
    else
        uv_poll_start(&c->poll, events, on_poll);
}

/* ---- the end ---- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct tw_child *c = handle->data;

    if (--c->open > 0)
        return;
    free(c->in);
    tw_buf_free(&c->out);
    c->to->on_closed(c);
}

static void close_handles(struct tw_child *c)
{
    uv_close((uv_handle_t *)&c->poll, on_handle_closed);
    uv_close((uv_handle_t *)&c->process, on_handle_closed);
    close(c->fd);
    c->fd = -1;
}

static void end(struct tw_child *c)
{
    char reason[64];

    if (c->ended)
        return;
    c->ended = true;
    if (c->strange)
        snprintf(reason, sizeof(reason), "does not speak the language of workers");
    else if (c->signal != 0)
        snprintf(reason, sizeof(reason), "was killed by signal %d", c->signal);
    else
        snprintf(reason, sizeof(reason), "ended with status %lld", (long long)c->exit_status);
    close_handles(c);
    c->to->on_end(c, reason);
}

/* A second call only asks: where the application has reaped the process behind our back, its number
 * may be another's, and nobody will tell that it has ended. */
void tw_child_kill(struct tw_child *c)
{
    if (c->ended)
        return;
    c->muted = true;
    c->paused = false;
    if (!c->exited && uv_process_kill(&c->process, c->killed ? 0 : SIGKILL) == UV_ESRCH)
        end(c);
    c->killed = true;
    watch(c);
}

void tw_child_dismiss(struct tw_child *c)
{
    if (c->ended)
        return;
    c->muted = true;
    c->paused = false;
    shutdown(c->fd, SHUT_WR);
    watch(c);
}

/* ---- what comes ---- */

/* All frames that are there. */
static void deliver(struct tw_child *c)
{
    struct tw_frame frame;
    int rc = 0;

    c->delivering = true;
    while (!c->muted && !c->paused) {
        rc = tw_frame_parse(c->in + c->in_at, c->in_len - c->in_at, &frame);
        if (rc > 0)
            rc = c->to->on_frame(c, &frame);
        else if (rc == 0)
            break;
        if (rc == TRAWL_PAUSE) {
            c->paused = true;
        } else if (rc < 0) {
            c->strange = true;
            tw_child_kill(c);
        } else {
            c->in_at += frame.size;
        }
    }
    c->delivering = false;
    if (c->muted)
        c->in_at = c->in_len;
    c->in_len -= c->in_at;
    memmove(c->in, c->in + c->in_at, c->in_len);
    c->in_at = 0;
}

/* Whether there may be more. */
static bool receive(struct tw_child *c)
{
    ssize_t n;

    do
        n = recv(c->fd, c->in + c->in_len, IN_SIZE - c->in_len, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (n <= 0) {
        c->eof = true;
        return false;
    }
    c->in_len += (size_t)n;
    deliver(c);
    return true;
}

/* Once the process has ended, all that it sent is there; whoever else holds the socket's other end
 * is not waited for. */
static void receive_rest(struct tw_child *c)
{
    while (!c->paused && receive(c))
        ;
    if (!c->paused)
        end(c);
}

static void on_readable(struct tw_child *c)
{
    if (c->exited) {
        receive_rest(c);
        return;
    }
    receive(c);
    if (c->eof)
        c->to->on_eof(c);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct tw_child *c = poll->data;
    enum tw_stage before = tw_stay_go(c->stay, TW_STAGE_WORKER);

    if (status < 0)
        c->events = 0; /* libuv has stopped it */
    if (events & UV_WRITABLE || status < 0)
        tw_child_send(c);
    if (!c->paused && (events & UV_READABLE || status < 0))
        on_readable(c);
    watch(c);
    tw_stay_go(c->stay, before);
}

void tw_child_resume(struct tw_child *c)
{
    if (!c->paused || c->delivering || c->ended)
        return;
    c->paused = false;
    deliver(c);
    if (c->exited && !c->paused)
        receive_rest(c);
    watch(c);
}

static void on_process_exit(uv_process_t *process, int64_t exit_status, int signal)
{
    struct tw_child *c = process->data;
    enum tw_stage before = tw_stay_go(c->stay, TW_STAGE_WORKER);

    c->exited = true;
    c->exit_status = exit_status;
    c->signal = signal;
    receive_rest(c);
    watch(c);
    tw_stay_go(c->stay, before);
}

/* ---- what goes ---- */

bool tw_child_has_sent(const struct tw_child *c)
{
    return c->out_at == c->out.len;
}

/* Not by libuv's streams: their write() to a process that is gone would raise SIGPIPE. */
void tw_child_send(struct tw_child *c)
{
    while (!c->ended && !c->broken && !tw_child_has_sent(c)) {
        ssize_t n = send(c->fd, c->out.data + c->out_at, c->out.len - c->out_at, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            c->broken = errno != EAGAIN && errno != EWOULDBLOCK;
            break;
        }
        c->out_at += (size_t)n;
    }
    if (tw_child_has_sent(c))
        c->out.len = c->out_at = 0;
    watch(c);
}

/* ---- the beginning ---- */

static void set_stream(uv_stdio_container_t *stream, int fd)
{
    bool is_open = fcntl(fd, F_GETFD) != -1;

    stream->flags = is_open ? UV_INHERIT_FD : UV_IGNORE;
    stream->data.fd = fd;
}

static int spawn(struct tw_child *c, uv_loop_t *loop, const char *const *argv, int fd)
{
    uv_stdio_container_t streams[3];
    uv_process_options_t options = {
        .exit_cb = on_process_exit,
        .file = argv[0],
        .args = (char **)argv,
        .stdio_count = 3,
        .stdio = streams,
    };

    set_stream(&streams[0], fd);
    set_stream(&streams[1], fd);
    set_stream(&streams[2], STDERR_FILENO);
    return uv_spawn(loop, &c->process, &options);
}

static int open_socket(struct tw_child *c, uv_loop_t *loop, int *other)
{
    int fds[2], err;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return uv_translate_sys_error(errno);
    err = uv_poll_init(loop, &c->poll, fds[0]);
    if (err != 0) {
        close(fds[0]);
        close(fds[1]);
        return err;
    }
    c->open++;
    c->fd = fds[0];
    *other = fds[1];
    return 0;
}

int tw_child_start(struct tw_child *c, uv_loop_t *loop, const char *const *argv,
                   const struct tw_child_events *to, struct tw_stay *stay)
{
    int other = -1, err;

    *c = (struct tw_child){.to = to, .stay = stay, .fd = -1};
    c->process.data = c->poll.data = c;
    c->in = malloc(IN_SIZE);
    if (c->in == NULL)
        return UV_ENOMEM;
    err = open_socket(c, loop, &other);
    if (err != 0) {
        free(c->in);
        return err;
    }
    err = spawn(c, loop, argv, other);
    close(other);
    c->open++;
    uv_unref((uv_handle_t *)&c->process);
    uv_unref((uv_handle_t *)&c->poll);
    if (err != 0) {
        c->ended = true;
        close_handles(c);
        return err;
    }
    watch(c);
    return 0;
}
