#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/write.h"
#include "trawl.h"

#define FLUSH_SIZE ((size_t)128 << 10)
#define FLUSH_MS   20
#define KEEP_SIZE  (2 * FLUSH_SIZE) /* larger buffers are given back after a write */
#define ABORT_NS   UINT64_C(100000000)
#define WAIT_MS    20 /* how long the worker waits before it looks whether it is to stop */

struct bytes {
    char *data;
    size_t len;
    size_t cap;
};

struct cli_output {
    uv_loop_t *loop;
    char *name;
    bool owned;
    struct cli_target target;

    struct bytes gathered; /* the loop's */
    struct bytes flying;   /* the worker's while writing is true */
    bool writing;
    uv_work_t work;
    uv_timer_t timer;

    uv_mutex_t mutex; /* over the four below */
    uv_cond_t idle;
    bool working;
    bool stop;
    size_t written; /* of flying */
    int write_error;

    int error;
    char *error_text;

    void (*on_drain)(void *data);
    void *drain_data;
    size_t drain_below;

    void (*before)(void *data);
    void (*after)(void *data);
    void *hook_data;

    bool closing;
    cli_output_close_cb on_close;
    void *close_data;
};

static void flush(struct cli_output *out);

/* ---- Opening ----------------------------------------------------------------------------- */

static char *describe(const char *name, int error)
{
    size_t size = strlen(name) + 128;
    char *text = malloc(size);

    if (text)
        snprintf(text, size, "%s: %s", name, strerror(-error));
    return text;
}

static int open_target(struct cli_target *target, const char *path)
{
    int fd = STDOUT_FILENO;
    int rc;

    if (path)
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return -errno;
    rc = cli_target_init(target, fd);
    if (rc != 0 && path)
        close(fd);
    return rc;
}

static struct cli_output *create(uv_loop_t *loop, const char *name)
{
    struct cli_output *out = calloc(1, sizeof(*out));

    if (!out)
        return NULL;
    out->name = strdup(name);
    if (!out->name)
        goto no_name;
    if (uv_mutex_init(&out->mutex) != 0)
        goto no_mutex;
    if (uv_cond_init(&out->idle) != 0)
        goto no_cond;
    uv_timer_init(loop, &out->timer);
    out->timer.data = out;
    out->work.data = out;
    out->loop = loop;
    return out;

no_cond:
    uv_mutex_destroy(&out->mutex);
no_mutex:
    free(out->name);
no_name:
    free(out);
    return NULL;
}

int cli_output_open(struct cli_output **out, uv_loop_t *loop, const char *path, char **error)
{
    struct cli_target target = {.fd = -1};
    const char *name;
    int rc;

    *error = NULL;
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    name = path ? path : "standard output";
    rc = open_target(&target, path);
    if (rc != 0) {
        *error = describe(name, rc);
        return rc;
    }
    *out = create(loop, name);
    if (!*out) {
        if (path)
            close(target.fd);
        return UV_ENOMEM;
    }
    (*out)->owned = path != NULL;
    (*out)->target = target;
    return 0;
}

/* ---- Closing ----------------------------------------------------------------------------- */

static void fail(struct cli_output *out, int code)
{
    if (out->error != 0)
        return;
    out->error = code;
    out->error_text = describe(out->name, code);
    out->gathered.len = 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct cli_output *out = handle->data;

    if (out->on_close)
        out->on_close(out->close_data, cli_output_error(out));
    uv_cond_destroy(&out->idle);
    uv_mutex_destroy(&out->mutex);
    free(out->gathered.data);
    free(out->flying.data);
    free(out->error_text);
    free(out->name);
    free(out);
}

/* Runs on a thread of libuv's pool: some file systems write only now what they were given. */
static void on_close_work(uv_work_t *work)
{
    struct cli_output *out = work->data;

    out->write_error = out->owned && close(out->target.fd) != 0 ? -errno : 0;
}

static void on_closed(uv_work_t *work, int status)
{
    struct cli_output *out = work->data;

    (void)status;
    if (out->write_error != 0)
        fail(out, out->write_error);
    uv_close((uv_handle_t *)&out->timer, on_timer_closed);
}

static void close_when_written(struct cli_output *out)
{
    flush(out);
    if (!out->writing)
        uv_queue_work(out->loop, &out->work, on_close_work, on_closed);
}

void cli_output_close(struct cli_output *out, cli_output_close_cb cb, void *data)
{
    if (!out) {
        if (cb)
            cb(data, NULL);
        return;
    }
    out->closing = true;
    out->on_close = cb;
    out->close_data = data;
    out->on_drain = NULL;
    uv_timer_stop(&out->timer);
    if (!out->writing)
        close_when_written(out);
}

/* ---- Writing ----------------------------------------------------------------------------- */

static void drain(struct cli_output *out)
{
    size_t pending = cli_output_pending(out);
    void (*cb)(void *) = out->on_drain;

    if (!cb || (pending > 0 && pending >= out->drain_below))
        return;
    out->on_drain = NULL;
    cb(out->drain_data);
}

static void on_timer(uv_timer_t *timer)
{
    struct cli_output *out = timer->data;

    flush(out);
    drain(out);
}

/* Runs on a thread of libuv's pool. */
static void on_work(uv_work_t *work)
{
    struct cli_output *out = work->data;
    size_t len = out->flying.len;
    size_t done = 0;
    size_t n;
    int error = 0;
    bool stop = false;

    while (error == 0 && done < len && !stop) {
        error =
            cli_target_write(&out->target, out->flying.data + done, len - done, WAIT_MS, &n);
        done += n;
        uv_mutex_lock(&out->mutex);
        out->written = done;
        stop = out->stop;
        uv_mutex_unlock(&out->mutex);
    }
    uv_mutex_lock(&out->mutex);
    out->write_error = error;
    out->working = false;
    uv_cond_signal(&out->idle);
    uv_mutex_unlock(&out->mutex);
}

static void empty(struct bytes *b)
{
    b->len = 0;
    if (b->cap > KEEP_SIZE) {
        free(b->data);
        b->data = NULL;
        b->cap = 0;
    }
}

static void on_written(uv_work_t *work, int status)
{
    struct cli_output *out = work->data;

    (void)status;
    out->writing = false;
    empty(&out->flying);
    if (out->write_error != 0)
        fail(out, out->write_error);
    if (out->after)
        out->after(out->hook_data);
    if (out->closing) {
        close_when_written(out);
        return;
    }
    if (out->gathered.len >= FLUSH_SIZE)
        flush(out);
    else if (out->gathered.len > 0)
        uv_timer_start(&out->timer, on_timer, FLUSH_MS, 0);
    drain(out);
}

static void flush(struct cli_output *out)
{
    struct bytes b = out->gathered;

    if (out->writing || b.len == 0)
        return;
    uv_timer_stop(&out->timer);
    out->gathered = out->flying;
    out->flying = b;
    out->written = 0;
    out->working = true;
    out->writing = true;
    if (out->before)
        out->before(out->hook_data);
    uv_queue_work(out->loop, &out->work, on_work, on_written);
}

static int append(struct bytes *b, const char *bytes, size_t len)
{
    size_t cap = b->cap > 0 ? b->cap : FLUSH_SIZE;
    char *data;

    if (len > SIZE_MAX / 2 - b->len)
        return UV_ENOMEM;
    while (cap < b->len + len)
        cap *= 2;
    if (cap != b->cap) {
        data = realloc(b->data, cap);
        if (!data)
            return UV_ENOMEM;
        b->data = data;
        b->cap = cap;
    }
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
    return 0;
}

int cli_output_write(void *handle, const char *bytes, size_t len)
{
    struct cli_output *out = handle;
    int rc;

    if (out->error != 0)
        return TRAWL_EWRITE;
    if (len == 0)
        return 0;
    rc = append(&out->gathered, bytes, len);
    if (rc != 0) {
        fail(out, rc);
        uv_timer_start(&out->timer, on_timer, 0, 0);
        return TRAWL_EWRITE;
    }
    if (out->writing)
        return 0;
    if (out->gathered.len >= FLUSH_SIZE)
        flush(out);
    else if (!uv_is_active((uv_handle_t *)&out->timer))
        uv_timer_start(&out->timer, on_timer, FLUSH_MS, 0);
    return 0;
}

/* ---- State ------------------------------------------------------------------------------- */

size_t cli_output_pending(const struct cli_output *out)
{
    if (out->error != 0)
        return 0;
    return out->gathered.len + (out->writing ? out->flying.len : 0);
}

bool cli_output_failed(const struct cli_output *out)
{
    return out->error != 0;
}

const char *cli_output_error(const struct cli_output *out)
{
    if (out->error == 0)
        return NULL;
    return out->error_text ? out->error_text : uv_strerror(out->error);
}

bool cli_output_is_terminal(const struct cli_output *out)
{
    return isatty(out->target.fd) == 1;
}

void cli_output_on_drain(struct cli_output *out, size_t below, void (*cb)(void *data),
                         void *data)
{
    out->on_drain = cb;
    out->drain_data = data;
    out->drain_below = below;
    /* With nothing on its way no event would come that looks at this. */
    if (cb && !out->writing && !uv_is_active((uv_handle_t *)&out->timer))
        uv_timer_start(&out->timer, on_timer, 0, 0);
}

void cli_output_set_hooks(struct cli_output *out, void (*before)(void *data),
                          void (*after)(void *data), void *data)
{
    out->before = before;
    out->after = after;
    out->hook_data = data;
}

/* ---- The end of the process -------------------------------------------------------------- */

/* Takes the descriptor back from the worker: true when it is not writing any more. */
static bool stop_worker(struct cli_output *out, uint64_t deadline)
{
    uint64_t now = uv_hrtime();
    bool idle;

    if (!out->writing || uv_cancel((uv_req_t *)&out->work) == 0)
        return true;
    uv_mutex_lock(&out->mutex);
    out->stop = true;
    while (out->working && now < deadline) {
        (void)uv_cond_timedwait(&out->idle, &out->mutex, deadline - now);
        now = uv_hrtime();
    }
    idle = !out->working;
    uv_mutex_unlock(&out->mutex);
    return idle;
}

void cli_output_abort(struct cli_output *out)
{
    uint64_t deadline = uv_hrtime() + ABORT_NS;
    bool idle;

    if (!out->writing && out->before)
        out->before(out->hook_data);
    if (out->error != 0)
        return;
    idle = stop_worker(out, deadline);
    if (!idle || out->write_error != 0)
        return;
    if (out->writing && !cli_target_write_until(&out->target, out->flying.data + out->written,
                                                out->flying.len - out->written, deadline))
        return;
    (void)cli_target_write_until(&out->target, out->gathered.data, out->gathered.len, deadline);
}
