/* The child's side of the strategy "process": one blocking fetch after another, for a parent at the
 * other end of standard input and output (fetch/frames.h).
 *
 * Each fetch is what curl_easy_perform() would do, with two things done while it waits: what has
 * come is passed on, and the parent's word to give up is heard. What has come at once goes out in
 * one write, so that a small page costs one.
 *
 * A worker must not outlive its parent. The kernel kills it with the parent; if the parent died
 * before that was agreed upon, the hello names a process that is the parent no longer; and a worker
 * that waits for work sees the end of its input. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "fetch/frames.h"
#include "fetch/request.h"

#define OUT_FULL ((size_t)64 * 1024)
#define IN_STEP ((size_t)16 * 1024)
/* What has come goes out once nothing more has come for this long, or at the end: most pages are
 * whole by then. */
#define QUIET_MS 2
#define POLL_MS 1000
/* Connections of hosts that may have no more work are kept while there are fewer than this. */
#define CONNECTIONS_KEPT 64
/* libcurl must not choose which ones to close: that is a walk over all. */
#define NEVER_EVICT 1000000L

#define EXIT_PARENT_GONE 3
#define EXIT_BAD_INPUT 4
#define EXIT_NO_MEMORY 5

struct worker {
    int in_fd, out_fd;
    struct tw_buf in, out;
    size_t in_at;
    struct tw_buf hello_bytes, job_bytes; /* hold the strings of hello and of the job */
    struct tw_hello hello;
    struct tw_request_shared shared;
    struct tw_request request;
    /* Names, addresses: one table of answers is pruned by the shortest time asked for. */
    CURLM *multis[2];
    size_t connections; /* open */
    bool status_sent;   /* of the current job */
    int status;         /* what the worker's life ends with, once it is to end */
    bool over;
};

static void end_life(struct worker *w, int status)
{
    if (!w->over)
        w->status = status;
    w->over = true;
}

/* ---- to and from the parent ---- */

static void flush(struct worker *w)
{
    size_t at = 0;

    while (at < w->out.len && !w->over) {
        ssize_t n = write(w->out_fd, w->out.data + at, w->out.len - at);

        if (n < 0 && errno != EINTR)
            end_life(w, EXIT_PARENT_GONE);
        at += n > 0 ? (size_t)n : 0;
    }
    w->out.len = 0;
}

static int send_frame(struct worker *w, enum tw_frame_type type, const void *bytes, size_t len)
{
    int err = tw_frame_put(&w->out, type, bytes, len);

    if (err == 0 && w->out.len >= OUT_FULL)
        flush(w);
    return w->over ? TRAWL_ECANCELED : err;
}

static void drop_read(struct worker *w)
{
    memmove(w->in.data, w->in.data + w->in_at, w->in.len - w->in_at);
    w->in.len -= w->in_at;
    w->in_at = 0;
}

/* Waits for bytes. Without a parent there are none. */
static void receive(struct worker *w)
{
    ssize_t n;

    if (w->in_at > 0)
        drop_read(w);
    if (tw_buf_reserve(&w->in, IN_STEP) != 0) {
        end_life(w, EXIT_NO_MEMORY);
        return;
    }
    do
        n = read(w->in_fd, w->in.data + w->in.len, w->in.cap - w->in.len);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        end_life(w, w->in.len == 0 && n == 0 ? 0 : EXIT_PARENT_GONE);
    else
        w->in.len += (size_t)n;
}

/* The next frame of those that have come; it holds until the next receive(). */
static bool next_frame(struct worker *w, struct tw_frame *frame)
{
    int rc = 0;

    if (w->in.len > w->in_at)
        rc = tw_frame_parse(w->in.data + w->in_at, w->in.len - w->in_at, frame);
    if (rc < 0)
        end_life(w, EXIT_BAD_INPUT);
    if (rc > 0)
        w->in_at += frame->size;
    return rc > 0;
}

static bool await_frame(struct worker *w, struct tw_frame *frame)
{
    while (!w->over) {
        if (next_frame(w, frame))
            return true;
        if (!w->over)
            receive(w);
    }
    return false;
}

static CURLM *open_multi(void)
{
    CURLM *multi = curl_multi_init();

    if (multi != NULL)
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, NEVER_EVICT);
    return multi;
}

/* ---- one exchange ---- */

struct task {
    struct tw_job job;
    struct worker *w;
};

static struct worker *worker_of(struct tw_job *job)
{
    return tw_container(job, struct task, job)->w;
}

static int on_header(struct tw_job *job, const char *line, size_t len)
{
    return send_frame(worker_of(job), TW_FRAME_HEADER, line, len);
}

static int on_body(struct tw_job *job, const char *bytes, size_t len)
{
    struct worker *w = worker_of(job);
    int err = 0;

    if (!w->status_sent)
        err = tw_frame_put_status(&w->out, job->out.status);
    w->status_sent = true;
    return err != 0 ? err : send_frame(w, TW_FRAME_BODY, bytes, len);
}

static const struct tw_receiver receiver = {on_header, on_body, NULL};

/* The parent says but one thing while a job runs. */
static void hear_abort(struct worker *w)
{
    struct tw_frame frame;

    if (await_frame(w, &frame) && frame.type != TW_FRAME_ABORT)
        end_life(w, EXIT_BAD_INPUT);
    w->request.abort_error = TRAWL_ECANCELED;
}

static bool is_done(CURLM *multi, CURLcode *code)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(multi, &left)) != NULL) {
        if (msg->msg == CURLMSG_DONE) {
            *code = msg->data.result;
            return true;
        }
    }
    return false;
}

static int patience_ms(struct worker *w)
{
    bool again = w->request.gate.again;

    w->request.gate.again = false;
    return again ? 0 : w->out.len > 0 ? QUIET_MS : POLL_MS;
}

static CURLcode transfer(struct worker *w, CURLM *multi)
{
    CURLcode code;
    struct curl_waitfd parent = {.fd = w->in_fd, .events = CURL_WAIT_POLLIN};
    int running, ready;

    while (!w->over && w->request.abort_error == 0) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
        if (is_done(multi, &code))
            return code;
        code = tw_request_go_on(&w->request);
        if (code != CURLE_OK)
            return code;
        parent.revents = 0;
        ready = 0;
        if (curl_multi_wait(multi, &parent, 1, patience_ms(w), &ready) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
        if (ready == 0)
            flush(w);
        if (parent.revents != 0 || w->in.len > w->in_at)
            hear_abort(w);
    }
    return CURLE_ABORTED_BY_CALLBACK;
}

/* Closes all connections. */
static void make_room(struct worker *w)
{
    w->connections = 0; /* callbacks do not go below */
    for (int i = 0; i < 2; i++) {
        curl_multi_cleanup(w->multis[i]);
        w->multis[i] = open_multi();
        if (w->multis[i] == NULL)
            end_life(w, EXIT_NO_MEMORY);
    }
}

/* The time until the parent's word, at the most. */
static void wait_lacking(struct worker *w)
{
    struct pollfd parent = {.fd = w->in_fd, .events = POLLIN};

    if (w->in.len > w->in_at || poll(&parent, 1, TW_GATE_AGAIN_MS) > 0)
        hear_abort(w);
}

static uint64_t ms_since(uint64_t began_ns)
{
    return (uv_hrtime() - began_ns) / 1000000;
}

/* Whether another attempt is to be made, which is no other try: no socket could be had. This process
 * holds none that could come free but those of idle connections. */
static bool wait_for_descriptor(struct worker *w, const struct tw_job *job, CURLcode code,
                                uint64_t began_ns)
{
    uint64_t limit_ms = tw_gate_patience_ms(&w->hello.options);

    if (code != CURLE_COULDNT_CONNECT || tw_gate_error(&w->request.gate) != TRAWL_EMFILE)
        return false;
    if (job->timeout_ms != 0 && (limit_ms == 0 || job->timeout_ms < limit_ms))
        limit_ms = job->timeout_ms; /* of which the parent keeps the clock, too */
    if (w->connections > 0)
        make_room(w);
    if (w->over || (limit_ms != 0 && ms_since(began_ns) >= limit_ms))
        return false;
    wait_lacking(w);
    if (job->timeout_ms > ms_since(began_ns))
        tw_request_set(&w->request, TW_VALUE_TIMEOUT, (long)(job->timeout_ms - ms_since(began_ns)));
    tw_gate_reset(&w->request.gate, w->request.gate.guard);
    return !w->over && w->request.abort_error == 0;
}

/* False if libcurl did not take it. */
static bool attempt(struct worker *w, CURLM *multi, CURLcode *code)
{
    if (curl_multi_add_handle(multi, w->request.easy) != CURLM_OK)
        return false;
    *code = transfer(w, multi);
    curl_multi_remove_handle(multi, w->request.easy);
    return true;
}

static void run_exchange(struct worker *w, struct tw_job *job)
{
    uint64_t began_ns = uv_hrtime();
    CURLcode code = CURLE_OK;
    bool ran;

    do
        ran = attempt(w, w->multis[job->host_is_ip], &code);
    while (ran && wait_for_descriptor(w, job, code, began_ns));
    if (ran)
        tw_request_end(&w->request, code);
    else
        tw_request_drop(&w->request, CURLE_OUT_OF_MEMORY);
}

/* A copy: the bytes that frames lie in move when more come. */
static int keep_frame(struct tw_buf *b, struct tw_frame *frame)
{
    int err;

    b->len = 0;
    err = tw_buf_append(b, frame->payload, frame->len);
    frame->payload = b->data;
    return err;
}

static void run_job(struct worker *w, struct tw_frame *frame)
{
    struct task task = {.w = w};

    if (keep_frame(&w->job_bytes, frame) != 0) {
        end_life(w, EXIT_NO_MEMORY);
        return;
    }
    if (tw_frame_get_job(frame, &task.job) != 0) {
        end_life(w, EXIT_BAD_INPUT);
        return;
    }
    task.job.to = &receiver;
    w->status_sent = false;
    tw_request_set_keep(&w->request, !w->hello.options.no_reuse &&
                                         (task.job.more || w->connections < CONNECTIONS_KEPT));
    if (tw_request_begin(&w->request, &task.job, 1) == 0)
        run_exchange(w, &task.job);
    else
        task.job.out.error = TRAWL_ENOMEM;
    if (!w->over && tw_frame_put_done(&w->out, &task.job.out) != 0)
        end_life(w, EXIT_NO_MEMORY);
    flush(w);
}

/* ---- a life ---- */

static int on_socket_open(void *data, curl_socket_t fd, curlsocktype purpose)
{
    struct worker *w = data;

    (void)fd;
    (void)purpose;
    w->connections++;
    return CURL_SOCKOPT_OK;
}

static int on_socket_close(void *data, curl_socket_t fd)
{
    struct worker *w = data;

    w->connections -= w->connections > 0;
    return close(fd);
}

static int open_request(struct worker *w)
{
    if (tw_request_global_init() != 0 ||
        tw_request_shared_init(&w->shared, &w->hello.options) != 0 ||
        tw_request_init(&w->request, &w->shared) != 0)
        return TRAWL_ENOMEM;
    curl_easy_setopt(w->request.easy, CURLOPT_SOCKOPTFUNCTION, on_socket_open);
    curl_easy_setopt(w->request.easy, CURLOPT_SOCKOPTDATA, w);
    curl_easy_setopt(w->request.easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_close);
    curl_easy_setopt(w->request.easy, CURLOPT_CLOSESOCKETDATA, w);
    /* A look-up that is given up is left to its own thread's end. */
    curl_easy_setopt(w->request.easy, CURLOPT_QUICK_EXIT, 1L);
    for (int i = 0; i < 2; i++) {
        w->multis[i] = open_multi();
        if (w->multis[i] == NULL)
            return TRAWL_ENOMEM;
    }
    return 0;
}

static void close_request(struct worker *w)
{
    for (int i = 0; i < 2; i++)
        curl_multi_cleanup(w->multis[i]);
    tw_request_clear(&w->request);
    tw_request_shared_free(&w->shared);
    curl_global_cleanup();
}

static int greet(struct worker *w)
{
    struct tw_frame frame;

    if (!await_frame(w, &frame))
        return TRAWL_EINVAL;
    if (frame.type != TW_FRAME_HELLO || keep_frame(&w->hello_bytes, &frame) != 0 ||
        tw_frame_get_hello(&frame, &w->hello) != 0) {
        end_life(w, EXIT_BAD_INPUT);
        return TRAWL_EINVAL;
    }
    if ((uint64_t)getppid() != w->hello.parent) {
        end_life(w, EXIT_PARENT_GONE);
        return TRAWL_EINVAL;
    }
    return 0;
}

static void work(struct worker *w)
{
    struct tw_frame frame;

    if (open_request(w) != 0)
        end_life(w, EXIT_NO_MEMORY);
    else if (tw_frame_put(&w->out, TW_FRAME_READY, NULL, 0) != 0)
        end_life(w, EXIT_NO_MEMORY);
    flush(w);
    while (await_frame(w, &frame)) {
        if (frame.type == TW_FRAME_JOB)
            run_job(w, &frame);
        else if (frame.type != TW_FRAME_ABORT)
            end_life(w, EXIT_BAD_INPUT);
    }
    close_request(w);
}

/* What a terminal sends to all of its processes is for the parent to act upon. */
static void set_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
}

/* Nothing but the two streams and standard error is the worker's, whatever the parent has left
 * open; and what a library prints must not get between the frames. */
static void take_streams(struct worker *w)
{
    int null;

    close_range(3, UINT_MAX, 0);
    w->in_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    w->out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (w->in_fd < 0 || w->out_fd < 0 || null < 0)
        end_life(w, EXIT_BAD_INPUT);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close(null);
}

int trawl_worker(void)
{
    struct worker w = {0};

    set_signals();
    take_streams(&w);
    if (!w.over && greet(&w) == 0)
        work(&w);
    tw_hello_free(&w.hello);
    tw_buf_free(&w.hello_bytes);
    tw_buf_free(&w.job_bytes);
    tw_buf_free(&w.in);
    tw_buf_free(&w.out);
    close(w.in_fd);
    close(w.out_fd);
    return w.status;
}
