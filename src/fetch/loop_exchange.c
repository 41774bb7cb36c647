/* Exchanges: easy handles that are used again, on their way into libcurl and out of it. */
#include <stdlib.h>
#include <unistd.h>

#include "fetch/loop.h"

/* When the idle ones are that many, one gives way if it has been idle for this long. */
#define IDLE_GRACE_MS 5000

/* ---- sockets ---- */

static curl_socket_t on_socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct tw_exchange *x = data;
    curl_socket_t fd = tw_gate_open(&x->request.gate, addr);

    (void)purpose;
    if (fd == CURL_SOCKET_BAD) {
        tw_loop_nudge(x->engine, x->request.easy);
        return fd;
    }
    if (tw_watch_open(&x->engine->watches, x->shard, fd, x->request.job->host_hash) != 0) {
        close(fd);
        return CURL_SOCKET_BAD;
    }
    x->engine->opening = x;
    return fd;
}

static int on_socket_close(void *data, curl_socket_t fd)
{
    struct tw_engine *e = data;

    /* Within the call that opened it: refused at once. */
    if (e->opening != NULL && tw_watch_is_new(&e->watches, fd))
        tw_loop_nudge(e, e->opening->request.easy);
    tw_watch_close(&e->watches, fd);
    if (!tw_list_empty(&e->parked)) {
        e->freed++;
        tw_loop_soon(e);
    }
    return close(fd);
}

/* ---- while an answer comes ---- */

/* libcurl hands over all that a socket has, and some of it may unpack to a million times as much. What there
 * is no time for, of this body or of others that are ready, is for the next turn. */
static bool hold(struct tw_request *r, size_t len)
{
    struct tw_exchange *x = tw_container(r, struct tw_exchange, request);
    struct tw_engine *e = x->engine;

    if (e->burst_ms != uv_now(e->loop)) {
        e->burst_ms = uv_now(e->loop);
        e->burst_ns = uv_hrtime();
        e->held = false;
        e->burst = 0;
    }
    e->burst += len;
    if (e->burst >= TW_BURST_LOOK) {
        e->burst = 0;
        e->held = e->held || tw_stay_is_over(e->burst_ns);
    }
    if (e->held)
        tw_loop_defer(e, x);
    return e->held;
}

/* A connection is worth keeping while its host has more work, or there is room among the idle. */
static bool keep(struct tw_request *r)
{
    struct tw_exchange *x = tw_container(r, struct tw_exchange, request);
    struct tw_engine *e = x->engine;

    if (e->options->no_reuse || !tw_list_empty(&e->parked))
        return false;
    if (r->job->more || x->has_place)
        return true;
    if (e->watches.idle_count + e->places >= e->idle_max) {
        if (!tw_watch_has_idle(&e->watches, IDLE_GRACE_MS))
            return false;
        e->giving_way++;
    }
    x->has_place = true;
    e->places++;
    return true;
}

/* On a connection that is used again, and in the call in which it is: libcurl has not told that it wants the
 * socket, and does not now. */
static void on_pause(struct tw_request *r)
{
    struct tw_exchange *x = tw_container(r, struct tw_exchange, request);

    if (!x->wanted)
        tw_watch_use_host(&x->engine->watches, r->job->host_hash);
}

static void give_back_place(struct tw_exchange *x)
{
    x->engine->places -= x->has_place;
    x->has_place = false;
}

void tw_loop_give_way(struct tw_engine *e)
{
    for (; e->giving_way > 0; e->giving_way--)
        tw_watch_drop_idle(&e->watches, IDLE_GRACE_MS);
}

/* ---- easy handles ---- */

void tw_exchange_free(struct tw_exchange *x)
{
    tw_list_remove(&x->link);
    tw_request_clear(&x->request);
    free(x);
}

struct tw_exchange *tw_exchange_get(struct tw_engine *e)
{
    struct tw_exchange *x;

    if (!tw_list_empty(&e->spare)) {
        x = tw_container(e->spare.next, struct tw_exchange, link);
        tw_list_remove(&x->link);
        e->spare_count--;
        return x;
    }
    x = calloc(1, sizeof(*x));
    if (x == NULL)
        return NULL;
    if (tw_request_init(&x->request, &e->shared) != 0) {
        free(x);
        return NULL;
    }
    x->engine = e;
    x->paused_fd = CURL_SOCKET_BAD;
    x->request.hold = hold;
    x->request.keep = keep;
    x->request.on_pause = on_pause;
    curl_easy_setopt(x->request.easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_open);
    curl_easy_setopt(x->request.easy, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(x->request.easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_close);
    curl_easy_setopt(x->request.easy, CURLOPT_CLOSESOCKETDATA, e);
    return x;
}

void tw_exchange_put(struct tw_engine *e, struct tw_exchange *x)
{
    tw_list_remove(&x->link);
    tw_list_remove(&x->deferred);
    tw_list_remove(&x->parked);
    /* One that is spare holds on to the last answer's header, and more. */
    if (e->closing || e->spare_count > e->active_count) {
        tw_exchange_free(x);
        return;
    }
    x->begun = x->added = x->cancelled = x->nudged = x->tried_again = false;
    x->name_error = 0;
    x->waited_ns = 0;
    tw_list_prepend(&e->spare, &x->link);
    e->spare_count++;
}

struct tw_exchange *tw_exchange_of(CURL *easy)
{
    void *request = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
    return request == NULL ? NULL : tw_container(request, struct tw_exchange, request);
}

/* ---- into libcurl ---- */

bool tw_exchange_has_begun(const struct tw_exchange *x)
{
    return x->added && x->shard->turns != x->added_turn;
}

CURLMcode tw_exchange_add(struct tw_exchange *x)
{
    CURLMcode code = curl_multi_add_handle(x->shard->multi, x->request.easy);

    x->added = code == CURLM_OK;
    x->added_turn = x->shard->turns;
    return code;
}

/* How many share the memory: who allows thousands at once is about to have them. */
static size_t expected(const struct tw_engine *e)
{
    size_t half = e->options->concurrency / 2;

    return e->active_count > half ? e->active_count : half;
}

int tw_exchange_launch(struct tw_exchange *x, const char *addresses)
{
    struct tw_engine *e = x->engine;
    struct tw_job *job = x->request.job;

    if (x->shard->multi == NULL && tw_shard_open(e, x->shard) != 0)
        return TRAWL_ENOMEM;
    if (tw_request_begin(&x->request, job, expected(e)) != 0 ||
        (addresses != NULL && tw_exchange_pin(x, job, addresses) != 0)) {
        x->request.job = job;
        return TRAWL_ENOMEM;
    }
    x->begun = true;
    x->shard->begun++;
    x->phase_ms = uv_now(e->loop);
    tw_loop_defer(e, x);
    return 0;
}

/* ---- and out of it ---- */

void tw_exchange_withdraw(struct tw_exchange *x)
{
    if (x->added)
        curl_multi_remove_handle(x->shard->multi, x->request.easy);
    if (x->begun)
        x->shard->begun--;
    tw_watch_release(&x->engine->watches, x->paused_fd);
    x->paused_fd = CURL_SOCKET_BAD;
    give_back_place(x);
    tw_exchange_leave_names(x);
    x->added = x->begun = x->wanted = false;
}

void tw_exchange_finish(struct tw_exchange *x, CURLcode code)
{
    struct tw_engine *e = x->engine;
    struct tw_job *job = x->request.job;

    if (tw_loop_park(x, code))
        return;
    if (tw_exchange_has_begun(x))
        tw_request_end(&x->request, code);
    else
        tw_request_drop(&x->request, code);
    tw_exchange_add_name_outcome(x, &job->out);
    if (x->cancelled && code != CURLE_OK) {
        job->out.error = TRAWL_ECANCELED;
        job->out.curl_code = 0;
        job->out.detail[0] = '\0';
    }
    tw_exchange_withdraw(x);
    job->engine = NULL;
    tw_exchange_put(e, x);
    e->active_count--;
    tw_loop_keep(e);
    job->to->on_done(job);
}
