#include "fetch/fetcher.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"

#define QUEUE_MAX ((size_t)128 * 1024)
/* A queue that is as full as this is told of while more is coming. */
#define QUEUE_TOLD (QUEUE_MAX / 2)
#define QUEUE_KEPT ((size_t)32 * 1024)
/* What has come is told of once nothing more has come for this long, or at the end: each telling
 * wakes another thread, and most pages are whole by then. */
#define QUIET_MS 2
#define POLL_MS 1000
#define AGAIN_NS (TW_GATE_AGAIN_MS * UINT64_C(1000000))
/* No connection is kept for this long after somebody could have no descriptor. */
#define CROWDED_NS (10 * AGAIN_NS)
/* libcurl never forgets a host whose connection it has closed to make room for another. */
#define REPLACED_MAX 256

/* Before each piece in the queue. */
struct mark {
    uint32_t kind;
    uint32_t len;
};

/* ---- the queue, on the thread that runs ---- */

/* Chunks of a body that follow each other are one piece. */
static int append(struct tw_fetcher *f, enum tw_piece_kind kind, const char *bytes, size_t len)
{
    struct mark mark = {(uint32_t)kind, (uint32_t)len};
    bool joins = false;
    int err;

    if (f->queue.len > 0 && kind == TW_PIECE_BODY) {
        memcpy(&mark, f->queue.data + f->last, sizeof(mark));
        joins = mark.kind == (uint32_t)kind;
        mark.kind = (uint32_t)kind;
        mark.len = (uint32_t)(joins ? mark.len + len : len);
    }
    err = tw_buf_reserve(&f->queue, len + sizeof(mark));
    if (err != 0)
        return err;
    if (!joins) {
        f->last = f->queue.len;
        f->queue.len += sizeof(mark);
    }
    memcpy(f->queue.data + f->last, &mark, sizeof(mark));
    return tw_buf_append(&f->queue, bytes, len);
}

static void tell(struct tw_fetcher *f)
{
    f->untold = false;
    f->on_news(f);
}

static int put(struct tw_fetcher *f, enum tw_piece_kind kind, const char *bytes, size_t len)
{
    int err;

    uv_mutex_lock(&f->lock);
    while (f->queue.len >= QUEUE_MAX && f->stop_error == 0) {
        tell(f);
        uv_cond_wait(&f->room, &f->lock);
    }
    err = f->stop_error;
    if (err == 0) {
        f->status = f->inner.out.status;
        err = append(f, kind, bytes, len);
        f->untold = true;
    }
    if (f->queue.len >= QUEUE_TOLD)
        tell(f);
    uv_mutex_unlock(&f->lock);
    return err;
}

static int on_header(struct tw_job *job, const char *line, size_t len)
{
    return put(tw_container(job, struct tw_fetcher, inner), TW_PIECE_HEADER, line, len);
}

static int on_body(struct tw_job *job, const char *bytes, size_t len)
{
    return put(tw_container(job, struct tw_fetcher, inner), TW_PIECE_BODY, bytes, len);
}

/* on_done is the loop's affair: tw_fetcher_end(). */
static const struct tw_receiver receiver = {on_header, on_body, NULL};

/* ---- connections, on whichever thread has the easy handle ---- */

/* libcurl 7.88 closes a socket without a word if it is told to end while it connects. */
static void multi_close(struct tw_fetcher *f)
{
    curl_multi_cleanup(f->multi);
    atomic_fetch_sub(&f->crowd->sockets, f->sockets);
    f->sockets = 0;
    f->host_count = f->replaced = 0;
}

/* Closes them all. ENOMEM: then there is no handle any more. */
static int multi_open(struct tw_fetcher *f)
{
    multi_close(f);
    f->multi = curl_multi_init();
    if (f->multi == NULL)
        return TRAWL_ENOMEM;
    curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)TW_FETCHER_HOSTS);
    return 0;
}

static curl_socket_t on_socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct tw_fetcher *f = data;
    curl_socket_t fd = tw_gate_open(&f->request.gate, addr);

    (void)purpose;
    if (fd == CURL_SOCKET_BAD)
        return fd;
    f->sockets++;
    atomic_fetch_add(&f->crowd->sockets, 1);
    return fd;
}

static int on_socket_close(void *data, curl_socket_t fd)
{
    struct tw_fetcher *f = data;
    int rc = close(fd);

    f->sockets--;
    atomic_fetch_sub(&f->crowd->sockets, 1);
    return rc;
}

/* ---- the exchange, on the thread that runs ---- */

static bool is_stopped(struct tw_fetcher *f)
{
    bool stopped;

    uv_mutex_lock(&f->lock);
    stopped = f->stop_error != 0;
    uv_mutex_unlock(&f->lock);
    return stopped;
}

static CURLcode result(struct tw_fetcher *f)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(f->multi, &left)) != NULL)
        if (msg->msg == CURLMSG_DONE)
            return msg->data.result;
    return CURLE_FAILED_INIT;
}

static int patience_ms(struct tw_fetcher *f)
{
    bool again = f->request.gate.again;

    f->request.gate.again = false;
    return again ? 0 : f->untold ? QUIET_MS : POLL_MS;
}

/* What curl_easy_perform() does, with two more occasions: to tell before it waits, and to be woken
 * up while it waits, in whichever phase. */
static CURLcode perform(struct tw_fetcher *f)
{
    int running, ready;
    CURLcode code;

    for (;;) {
        if (curl_multi_perform(f->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (running == 0)
            return result(f);
        if (is_stopped(f))
            return CURLE_ABORTED_BY_CALLBACK;
        code = tw_request_go_on(&f->request);
        if (code != CURLE_OK)
            return code;
        ready = 0;
        curl_multi_poll(f->multi, NULL, 0, patience_ms(f), &ready);
        if (ready == 0 && f->untold)
            tell(f);
    }
}

/* False if it was stopped before. */
static bool enter(struct tw_fetcher *f)
{
    bool go;

    uv_mutex_lock(&f->lock);
    go = f->stop_error == 0;
    f->running = go;
    f->started_ns = uv_hrtime();
    uv_mutex_unlock(&f->lock);
    return go;
}

static bool lacks_descriptor(const struct tw_fetcher *f)
{
    return f->ran && f->code == CURLE_COULDNT_CONNECT &&
           tw_gate_error(&f->request.gate) == TRAWL_EMFILE;
}

/* Until the next attempt; false if it was stopped. */
static bool wait_lacking(struct tw_fetcher *f)
{
    bool go;

    uv_mutex_lock(&f->lock);
    if (f->stop_error == 0) {
        f->lacking = true;
        f->on_news(f);
        uv_cond_timedwait(&f->room, &f->lock, AGAIN_NS);
        f->lacking = false;
    }
    go = f->stop_error == 0;
    f->running = go;
    uv_mutex_unlock(&f->lock);
    return go;
}

/* Whether another attempt is to be made, which is no other try: no socket could be had. That passes,
 * or ends when connecting may take no longer and nothing of ours is open; since then: *since_ns. */
static bool wait_for_descriptor(struct tw_fetcher *f, uint64_t *since_ns)
{
    uint64_t limit_ms = tw_gate_patience_ms(f->request.shared->options), now = uv_hrtime();

    if (!lacks_descriptor(f))
        return false;
    uv_mutex_lock(&f->lock);
    f->running = false; /* nobody wakes up what is being closed */
    uv_mutex_unlock(&f->lock);
    if (f->sockets > 0 && multi_open(f) != 0)
        return false;
    if (atomic_load(&f->crowd->sockets) > 0)
        *since_ns = now;
    if (limit_ms != 0 && now - *since_ns >= limit_ms * 1000000)
        return false;
    atomic_store(&f->crowd->lacked_ns, now);
    tw_gate_reset(&f->request.gate, f->request.gate.guard);
    return wait_lacking(f);
}

static void attempt(struct tw_fetcher *f)
{
    f->ran = curl_multi_add_handle(f->multi, f->request.easy) == CURLM_OK;
    if (!f->ran)
        return;
    f->code = perform(f);
    curl_multi_remove_handle(f->multi, f->request.easy);
}

void tw_fetcher_run(struct tw_fetcher *f)
{
    uint64_t since_ns = uv_hrtime();

    if (!enter(f))
        return;
    do
        attempt(f);
    while (wait_for_descriptor(f, &since_ns));
    uv_mutex_lock(&f->lock);
    f->running = false;
    uv_mutex_unlock(&f->lock);
}

/* ---- from both sides ---- */

void tw_fetcher_ended(struct tw_fetcher *f)
{
    uv_mutex_lock(&f->lock);
    f->ended = true;
    uv_mutex_unlock(&f->lock);
}

void tw_fetcher_stop(struct tw_fetcher *f, int error)
{
    uv_mutex_lock(&f->lock);
    f->stop_error = error;
    uv_cond_signal(&f->room);
    if (f->running)
        curl_multi_wakeup(f->multi);
    uv_mutex_unlock(&f->lock);
}

uint64_t tw_fetcher_started_ns(struct tw_fetcher *f)
{
    uint64_t ns;

    uv_mutex_lock(&f->lock);
    ns = f->started_ns;
    uv_mutex_unlock(&f->lock);
    return ns;
}

bool tw_fetcher_is_lacking(struct tw_fetcher *f)
{
    bool lacking;

    uv_mutex_lock(&f->lock);
    lacking = f->lacking;
    uv_mutex_unlock(&f->lock);
    return lacking;
}

bool tw_fetcher_has_ended(struct tw_fetcher *f)
{
    bool ended;

    uv_mutex_lock(&f->lock);
    ended = f->ended;
    uv_mutex_unlock(&f->lock);
    return ended;
}

/* ---- on the loop's thread ---- */

enum tw_beyond tw_fetcher_take(struct tw_fetcher *f, int *status)
{
    enum tw_beyond beyond;
    struct tw_buf empty;

    uv_mutex_lock(&f->lock);
    if (f->passed == f->taken.len && f->queue.len > 0) {
        empty = f->taken;
        empty.len = 0;
        f->taken = f->queue;
        f->queue = empty;
        f->passed = 0;
        *status = f->status;
        uv_cond_signal(&f->room);
    }
    beyond = f->queue.len > 0 ? TW_BEYOND_MORE
             : f->ended       ? TW_BEYOND_NOTHING
                              : TW_BEYOND_NOTHING_YET;
    uv_mutex_unlock(&f->lock);
    return beyond;
}

bool tw_fetcher_next(struct tw_fetcher *f, struct tw_piece *piece)
{
    struct mark mark;

    if (f->passed == f->taken.len)
        return false;
    memcpy(&mark, f->taken.data + f->passed, sizeof(mark));
    piece->kind = (enum tw_piece_kind)mark.kind;
    piece->bytes = f->taken.data + f->passed + sizeof(mark);
    piece->len = mark.len;
    return true;
}

void tw_fetcher_pass(struct tw_fetcher *f, const struct tw_piece *piece)
{
    f->passed += sizeof(struct mark) + piece->len;
}

/* ---- connections that are kept ---- */

bool tw_fetcher_knows(const struct tw_fetcher *f, uint64_t host_hash)
{
    for (unsigned i = 0; i < f->host_count; i++)
        if (f->hosts[i] == host_hash)
            return true;
    return false;
}

static bool is_crowded(const struct tw_fetcher *f)
{
    uint64_t lacked_ns = atomic_load(&f->crowd->lacked_ns);

    return lacked_ns != 0 && uv_hrtime() - lacked_ns < CROWDED_NS;
}

/* A connection is worth keeping while its host has more work, or there is room for it. */
static bool keep_connection(struct tw_fetcher *f, const struct tw_job *job)
{
    if (f->request.shared->options->no_reuse || is_crowded(f))
        return false;
    if (tw_fetcher_knows(f, job->host_hash))
        return true;
    if (f->host_count < TW_FETCHER_HOSTS) {
        f->hosts[f->host_count++] = job->host_hash;
        return true;
    }
    if (!job->more)
        return false;
    f->hosts[f->replaced++ % TW_FETCHER_HOSTS] = job->host_hash;
    return true;
}

/* ---- its life ---- */

static int locks_init(struct tw_fetcher *f)
{
    if (uv_mutex_init(&f->lock) != 0)
        return TRAWL_EINTERNAL;
    if (uv_cond_init(&f->room) == 0)
        return 0;
    uv_mutex_destroy(&f->lock);
    return TRAWL_EINTERNAL;
}

static void set_sockets(struct tw_fetcher *f)
{
    curl_easy_setopt(f->request.easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_open);
    curl_easy_setopt(f->request.easy, CURLOPT_OPENSOCKETDATA, f);
    curl_easy_setopt(f->request.easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_close);
    curl_easy_setopt(f->request.easy, CURLOPT_CLOSESOCKETDATA, f);
}

int tw_fetcher_init(struct tw_fetcher *f, const struct tw_request_shared *shared,
                    struct tw_crowd *crowd)
{
    int err;

    *f = (struct tw_fetcher){.crowd = crowd};
    err = tw_request_init(&f->request, shared);
    if (err != 0)
        return err;
    set_sockets(f);
    /* A look-up that is given up is left to its own thread's end. */
    curl_easy_setopt(f->request.easy, CURLOPT_QUICK_EXIT, 1L);
    err = multi_open(f);
    if (err == 0)
        err = locks_init(f);
    if (err != 0) {
        tw_request_clear(&f->request);
        multi_close(f);
    }
    return err;
}

void tw_fetcher_clear(struct tw_fetcher *f)
{
    tw_request_clear(&f->request);
    multi_close(f);
    uv_cond_destroy(&f->room);
    uv_mutex_destroy(&f->lock);
    tw_buf_free(&f->queue);
    tw_buf_free(&f->taken);
}

int tw_fetcher_begin(struct tw_fetcher *f, const struct tw_job *job)
{
    bool renew = f->multi == NULL || f->replaced >= REPLACED_MAX ||
                 (f->sockets > 0 && is_crowded(f));

    if (renew && multi_open(f) != 0)
        return TRAWL_ENOMEM;
    f->inner = *job;
    f->inner.to = &receiver;
    f->untold = f->ran = f->running = f->ended = f->lacking = false;
    f->stop_error = f->status = 0;
    f->started_ns = 0;
    tw_request_set_keep(&f->request, keep_connection(f, job));
    return tw_request_begin(&f->request, &f->inner, f->request.shared->options->concurrency);
}

void tw_fetcher_end(struct tw_fetcher *f, struct tw_outcome *out)
{
    if (f->ran)
        tw_request_end(&f->request, f->code);
    else
        tw_request_drop(&f->request, CURLE_OUT_OF_MEMORY);
    *out = f->inner.out;
    tw_buf_reset(&f->queue, QUEUE_KEPT);
    tw_buf_reset(&f->taken, QUEUE_KEPT);
    f->passed = 0;
}
