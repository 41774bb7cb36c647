/* The event loop: libcurl's multi interface driven by socket and timer callbacks on a libuv loop.
 *
 * Hosts are spread over shards, each a multi handle of its own, because libcurl's tables of a multi
 * are scanned. Whether a connection is kept is decided here, job by job, and never by libcurl. What
 * must not happen inside libcurl's or a receiver's callback (cancel, resume, close) is noted and
 * done on the next turn of the loop. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "fetch/dns.h"
#include "fetch/engine.h"
#include "fetch/names.h"
#include "fetch/pins.h"
#include "fetch/request.h"
#include "fetch/stay.h"
#include "fetch/watch.h"

#define SHARDS_MAX 64
#define SHARDS_MIN 4
#define IN_FLIGHT_PER_SHARD 128
/* So many connections between transfers are kept, at least and at most. */
#define IDLE_MIN 32
#define IDLE_MAX 1024
/* When the idle ones are that many, one gives way if it has been idle for this long. */
#define IDLE_GRACE_MS 5000
/* libcurl must never choose connections to close itself. */
#define NEVER_EVICT 1000000L
/* Without a descriptor to be had, another attempt is made this often, and one at a time more. */
#define PARKED_MS 100
#define FOR_EVER_MS (UINT64_C(1) << 48) /* 8,900 years */

struct shard {
    CURLM *multi; /* NULL until its first job */
    uv_timer_t timer;
    struct tw_link due; /* in engine.due while libcurl wants to run at once */
    struct tw_engine *engine;
    uint64_t turns; /* how often libcurl ran */
    size_t begun;   /* exchanges that libcurl has, or is about to get */
    struct tw_pins pins;
};

struct exchange {
    struct tw_request request;
    struct tw_link link;     /* in engine.active or engine.spare */
    struct tw_link deferred; /* in engine.deferred */
    struct tw_link parked;   /* in engine.parked */
    struct shard *shard;
    struct tw_engine *engine;
    /* For a host that is a name: */
    struct tw_dns_query query;
    struct tw_pin *pin;
    struct curl_slist *resolve; /* what CURLOPT_RESOLVE points to */
    uint64_t asked_ns, waited_ns;
    int name_error; /* why there is no address, 0 */
    const char *name_detail;
    uint64_t added_turn; /* of the shard */
    uint64_t phase_ms;   /* when its name was asked for, or libcurl got it */
    uint64_t parked_ms;  /* when it was parked first */
    bool begun;          /* the request is set up: the name is known */
    bool tried_again;    /* it was parked before */
    bool added;          /* to the shard's multi */
    bool cancelled;
    bool nudged; /* libcurl is to look at it although nothing has happened */
};

struct tw_engine {
    uv_loop_t *loop;
    const trawl_options *options;
    struct tw_request_shared shared;
    struct tw_watch_set watches;
    struct tw_dns *dns; /* NULL until the first name */
    struct tw_link active, spare, deferred, due;
    struct tw_link parked; /* for want of a descriptor, longest first */
    size_t freed;          /* descriptors closed since something was parked */
    uint64_t held_ms;      /* when a descriptor of ours was last seen while something is parked */
    size_t active_count, spare_count;
    struct tw_stay *stay; /* may be NULL */
    size_t idle_max;
    uv_idle_t soon;     /* runs what is due and deferred, once a turn: a timer of 0 that is set
                           again in its own callback would keep libuv from ever polling */
    uv_timer_t again;   /* while something is parked */
    uv_timer_t alive;   /* never fires; keeps the loop alive while there are jobs */
    size_t shard_count; /* for names; as many again for addresses */
    size_t handles;     /* not closed yet, besides the watchers */
    bool closing, torn_down;
    bool crowded; /* idle connections are to give way */
    size_t cleaned; /* shards, while everything is being torn down */
    void (*on_close)(void *data);
    void *close_data;
    struct shard shards[2 * SHARDS_MAX];
};

static void finish_close(struct tw_engine *e)
{
    if (!e->torn_down || e->handles > 0 || e->watches.handles > 0)
        return;
    tw_watch_set_free(&e->watches);
    tw_request_shared_free(&e->shared);
    if (e->on_close != NULL)
        e->on_close(e->close_data);
    free(e);
}

/* ---- jobs ---- */

static void exchange_free(struct exchange *x)
{
    tw_list_remove(&x->link);
    tw_request_clear(&x->request);
    free(x);
}

static void nudge(struct tw_engine *e, CURL *easy);
static void on_soon(uv_idle_t *idle);

static curl_socket_t on_socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct exchange *x = data;
    curl_socket_t fd = tw_gate_open(&x->request.gate, addr);

    (void)purpose;
    if (fd == CURL_SOCKET_BAD) {
        nudge(x->engine, x->request.easy);
        return fd;
    }
    if (tw_watch_open(&x->engine->watches, x->shard, fd) != 0) {
        close(fd);
        return CURL_SOCKET_BAD;
    }
    return fd;
}

static int on_socket_close(void *data, curl_socket_t fd)
{
    struct tw_engine *e = data;

    tw_watch_close(&e->watches, fd);
    if (!tw_list_empty(&e->parked)) {
        e->freed++;
        uv_idle_start(&e->soon, on_soon);
    }
    return close(fd);
}

static struct exchange *exchange_get(struct tw_engine *e)
{
    struct exchange *x;

    if (!tw_list_empty(&e->spare)) {
        x = tw_container(e->spare.next, struct exchange, link);
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
    curl_easy_setopt(x->request.easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_open);
    curl_easy_setopt(x->request.easy, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(x->request.easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_close);
    curl_easy_setopt(x->request.easy, CURLOPT_CLOSESOCKETDATA, e);
    return x;
}

static void exchange_put(struct tw_engine *e, struct exchange *x)
{
    tw_list_remove(&x->link);
    tw_list_remove(&x->deferred);
    tw_list_remove(&x->parked);
    if (e->closing || e->spare_count > e->options->concurrency) {
        exchange_free(x);
        return;
    }
    x->begun = x->added = x->cancelled = x->nudged = x->tried_again = false;
    x->name_error = 0;
    x->waited_ns = 0;
    tw_list_prepend(&e->spare, &x->link);
    e->spare_count++;
}

static void keep_loop(struct tw_engine *e)
{
    if (e->active_count > 0 || e->closing)
        uv_ref((uv_handle_t *)&e->alive);
    else
        uv_unref((uv_handle_t *)&e->alive);
}

/* Whether libcurl has looked at it: what it says of an exchange before that is the last one's. */
static bool has_begun(const struct exchange *x)
{
    return x->added && x->shard->turns != x->added_turn;
}

/* Forgets what the exchange had to do with names. */
static void leave_names(struct exchange *x)
{
    tw_dns_cancel(&x->query);
    if (x->resolve != NULL) {
        curl_easy_setopt(x->request.easy, CURLOPT_RESOLVE, NULL);
        curl_slist_free_all(x->resolve);
    }
    tw_pins_release(&x->shard->pins, x->pin);
    x->resolve = NULL;
    x->pin = NULL;
}

/* The time for the name comes before libcurl's own. */
static void add_name_outcome(const struct exchange *x, struct tw_outcome *out)
{
    out->dns_us += x->waited_ns / 1000;
    out->total_us += x->waited_ns / 1000;
    if (out->first_byte_us > 0)
        out->first_byte_us += x->waited_ns / 1000;
    if (x->name_error == 0)
        return;
    out->error = x->name_error;
    snprintf(out->detail, sizeof(out->detail), "%s", x->name_detail);
}

/* Takes the exchange away from libcurl. */
static void withdraw(struct exchange *x)
{
    if (x->added)
        curl_multi_remove_handle(x->shard->multi, x->request.easy);
    if (x->begun)
        x->shard->begun--;
    leave_names(x);
    x->added = x->begun = false;
}

static bool park(struct exchange *x, CURLcode code);

/* The transfer is over: gives the job back. The receiver may do anything, also close. */
static void finish(struct exchange *x, CURLcode code)
{
    struct tw_engine *e = x->engine;
    struct tw_job *job = x->request.job;

    if (park(x, code))
        return;
    if (has_begun(x))
        tw_request_end(&x->request, code);
    else
        tw_request_drop(&x->request, code);
    add_name_outcome(x, &job->out);
    if (x->cancelled && code != CURLE_OK) {
        job->out.error = TRAWL_ECANCELED;
        job->out.curl_code = 0;
        job->out.detail[0] = '\0';
    }
    withdraw(x);
    job->engine = NULL;
    exchange_put(e, x);
    e->active_count--;
    keep_loop(e);
    job->to->on_done(job);
}

/* NULL for one of libcurl's own. */
static struct exchange *exchange_of(CURL *easy)
{
    void *request = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
    return request == NULL ? NULL : tw_container(request, struct exchange, request);
}

static void drain(struct shard *s)
{
    CURLMsg *msg;
    int left;

    while (s->multi != NULL && (msg = curl_multi_info_read(s->multi, &left)) != NULL)
        if (msg->msg == CURLMSG_DONE)
            finish(exchange_of(msg->easy_handle), msg->data.result);
}

/* ---- shards ---- */

static void defer(struct tw_engine *e, struct exchange *x)
{
    if (!tw_link_in_list(&x->deferred))
        tw_list_append(&e->deferred, &x->deferred);
    uv_idle_start(&e->soon, on_soon);
}

static void nudge(struct tw_engine *e, CURL *easy)
{
    struct exchange *x = exchange_of(easy);

    if (x == NULL || x->request.job == NULL)
        return;
    x->nudged = true;
    defer(e, x);
}

static int on_multi_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
    struct shard *s = data;
    int err = tw_watch_want(&s->engine->watches, s, fd, what);

    (void)socket_data;
    /* An address that was given up: libcurl 7.88 forgets to set out for the next one. */
    if (err == TRAWL_ENOENT && !s->engine->torn_down)
        nudge(s->engine, easy);
    return err == TRAWL_ENOMEM ? -1 : 0;
}

static void run(struct shard *s, curl_socket_t fd, int events)
{
    int running;

    if (s->multi == NULL)
        return;
    s->turns++;
    curl_multi_socket_action(s->multi, fd, events, &running);
    drain(s);
}

static void on_timer(uv_timer_t *timer)
{
    struct shard *s = timer->data;
    struct tw_stay *stay = s->engine->stay;
    enum tw_stage before = tw_stay_go(stay, TW_STAGE_TIMER);

    run(s, CURL_SOCKET_TIMEOUT, 0);
    tw_stay_go(stay, before);
}

static int on_multi_timer(CURLM *multi, long timeout_ms, void *data)
{
    struct shard *s = data;

    (void)multi;
    if (s->engine->torn_down)
        return 0;
    uv_timer_stop(&s->timer);
    tw_list_remove(&s->due);
    if (timeout_ms > 0)
        uv_timer_start(&s->timer, on_timer, (uint64_t)timeout_ms, 0);
    if (timeout_ms == 0) {
        tw_list_append(&s->engine->due, &s->due);
        uv_idle_start(&s->engine->soon, on_soon);
    }
    return 0;
}

static void on_ready(void *owner, int fd, int events)
{
    struct shard *s = owner;
    struct tw_stay *stay = s->engine->stay;
    enum tw_stage before = tw_stay_go(stay, TW_STAGE_SOCKET);

    run(s, fd, events);
    tw_stay_go(stay, before);
}

static int multi_open(struct shard *s)
{
    s->multi = curl_multi_init();
    if (s->multi == NULL)
        return TRAWL_ENOMEM;
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_multi_socket);
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, NEVER_EVICT);
    curl_multi_setopt(s->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    return 0;
}

static int shard_open(struct tw_engine *e, struct shard *s)
{
    if (s->engine == NULL) {
        s->engine = e;
        uv_timer_init(e->loop, &s->timer);
        uv_unref((uv_handle_t *)&s->timer);
        s->timer.data = s;
        e->handles++;
    }
    return multi_open(s);
}

/* With all its connections. Nothing of it may be running. */
static void shard_clean(struct shard *s)
{
    curl_multi_cleanup(s->multi);
    s->multi = NULL;
    uv_timer_stop(&s->timer);
    tw_list_remove(&s->due);
    tw_pins_free(&s->pins);
}

/* Addresses and names never share a multi: its one table of answers is pruned by the shortest time
 * that any transfer asks for. */
static struct shard *shard_for(struct tw_engine *e, const struct tw_job *job)
{
    size_t i = (size_t)(job->host_hash >> 32) & (e->shard_count - 1);
    struct shard *s = &e->shards[i + (job->host_is_ip ? e->shard_count : 0)];

    return s->multi != NULL || shard_open(e, s) == 0 ? s : NULL;
}

/* ---- what waits for the next turn ---- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct tw_engine *e = handle->data;

    e->handles--;
    finish_close(e);
}

static void on_dns_closed(void *data)
{
    struct tw_engine *e = data;

    e->handles--;
    finish_close(e);
}

static void close_handle(struct tw_engine *e, void *handle)
{
    ((uv_handle_t *)handle)->data = e;
    uv_close(handle, on_handle_closed);
}

/* Returns false where the rest is for the next turn: thousands of connections take their time. */
static bool empty(struct tw_engine *e, uint64_t began_ns)
{
    while (!tw_list_empty(&e->active)) {
        struct exchange *x = tw_container(e->active.next, struct exchange, link);

        x->cancelled = true;
        finish(x, CURLE_ABORTED_BY_CALLBACK);
        if (tw_stay_is_over(began_ns))
            return false;
    }
    while (!tw_list_empty(&e->spare)) {
        exchange_free(tw_container(e->spare.next, struct exchange, link));
        if (tw_stay_is_over(began_ns))
            return false;
    }
    e->torn_down = true;
    for (; e->cleaned < 2 * e->shard_count; e->cleaned++) {
        if (tw_stay_is_over(began_ns))
            return false;
        if (e->shards[e->cleaned].multi != NULL)
            shard_clean(&e->shards[e->cleaned]);
    }
    return true;
}

static void close_handles(struct tw_engine *e)
{
    for (size_t i = 0; i < 2 * e->shard_count; i++)
        if (e->shards[i].engine != NULL)
            close_handle(e, &e->shards[i].timer);
    tw_watch_close_all(&e->watches);
    if (e->dns != NULL)
        tw_dns_close(e->dns, on_dns_closed, e);
    close_handle(e, &e->soon);
    close_handle(e, &e->again);
    close_handle(e, &e->alive);
}

/* Inside one of its callbacks libcurl takes no new transfer: that one waits for the next turn. */
static CURLMcode add(struct exchange *x)
{
    CURLMcode code = curl_multi_add_handle(x->shard->multi, x->request.easy);

    x->added = code == CURLM_OK;
    x->added_turn = x->shard->turns;
    return code;
}

/* Goes on with a paused transfer. It calls the receiver, whose refusal is told to us alone. */
static void resume(struct exchange *x)
{
    CURLcode code = CURLE_OK;

    if (x->nudged) /* only a change has libcurl look at it */
        curl_easy_pause(x->request.easy, CURLPAUSE_SEND);
    x->nudged = false;
    code = curl_easy_pause(x->request.easy, CURLPAUSE_CONT);
    if (code != CURLE_OK && code != CURLE_BAD_FUNCTION_ARGUMENT) /* it has no connection yet */
        finish(x, code);
}

static void run_deferred(struct exchange *x)
{
    struct shard *s = x->shard;

    tw_list_remove(&x->deferred);
    if (x->cancelled)
        finish(x, CURLE_ABORTED_BY_CALLBACK);
    else if (x->name_error != 0)
        finish(x, CURLE_COULDNT_RESOLVE_HOST);
    else if (!x->begun)
        return; /* it waits for its name, and is not paused yet */
    else if (x->added)
        resume(x);
    else if (add(x) != CURLM_OK)
        finish(x, CURLE_OUT_OF_MEMORY);
    drain(s);
}

static void append_all(struct tw_link *from, struct tw_link *to)
{
    while (!tw_list_empty(from)) {
        struct tw_link *first = from->next;

        tw_list_remove(first);
        tw_list_append(to, first);
    }
}

static void move_all(struct tw_link *from, struct tw_link *to)
{
    tw_list_init(to);
    append_all(from, to);
}

/* What there was no time for goes first on the next turn. */
static void put_back(struct tw_link *from, struct tw_link *to)
{
    append_all(to, from);
    move_all(from, to);
}

/* Only what is there now: what comes up meanwhile is for the next turn, after the sockets. */
static void run_what_waits(struct tw_engine *e, uint64_t began_ns)
{
    struct tw_link due, deferred;

    move_all(&e->due, &due);
    move_all(&e->deferred, &deferred);
    while (!tw_list_empty(&deferred) && !tw_stay_is_over(began_ns))
        run_deferred(tw_container(deferred.next, struct exchange, deferred));
    tw_stay_go(e->stay, TW_STAGE_TIMER);
    while (!tw_list_empty(&due) && !tw_stay_is_over(began_ns)) {
        struct shard *s = tw_container(due.next, struct shard, due);

        tw_list_remove(&s->due);
        run(s, CURL_SOCKET_TIMEOUT, 0);
    }
    put_back(&deferred, &e->deferred);
    put_back(&due, &e->due);
    if (!tw_list_empty(&e->deferred) || !tw_list_empty(&e->due))
        uv_idle_start(&e->soon, on_soon);
}

static void make_room(struct tw_engine *e);
static void run_parked(struct tw_engine *e, size_t count);

static void on_soon(uv_idle_t *idle)
{
    struct tw_engine *e = idle->data;
    uint64_t began_ns = uv_hrtime();
    enum tw_stage before =
        tw_stay_go(e->stay, e->closing ? TW_STAGE_CLOSE : TW_STAGE_DEFERRED);

    if (!e->closing) {
        uv_idle_stop(idle);
        if (e->crowded)
            make_room(e);
        run_parked(e, e->freed);
        run_what_waits(e, began_ns);
    } else if (empty(e, began_ns)) {
        close_handles(e);
    }
    tw_stay_go(e->stay, before);
}

/* ---- the contract ---- */

static size_t clamp(size_t n, size_t low, size_t high)
{
    return n < low ? low : n > high ? high : n;
}

static size_t shards_for(unsigned concurrency)
{
    size_t n = SHARDS_MIN;

    while (n < SHARDS_MAX && n * IN_FLIGHT_PER_SHARD < concurrency)
        n *= 2;
    return n;
}

static void on_alive(uv_timer_t *timer)
{
    (void)timer;
}

static void on_watch_closed(void *data)
{
    finish_close(data);
}

static int loop_open(struct tw_engine **out, uv_loop_t *loop, const trawl_options *options)
{
    struct tw_engine *e;
    int err = tw_request_global_init();

    if (err != 0)
        return err;
    e = calloc(1, sizeof(*e));
    if (e == NULL)
        return TRAWL_ENOMEM;
    err = tw_request_shared_init(&e->shared, options);
    if (err != 0) {
        free(e);
        return err;
    }
    e->loop = loop;
    e->options = options;
    e->idle_max = clamp(2 * (size_t)options->concurrency, IDLE_MIN, IDLE_MAX);
    e->shard_count = shards_for(options->concurrency);
    tw_list_init(&e->active);
    tw_list_init(&e->spare);
    tw_list_init(&e->deferred);
    tw_list_init(&e->parked);
    tw_watch_set_init(&e->watches, loop);
    e->watches.on_ready = on_ready;
    e->watches.on_closed = on_watch_closed;
    e->watches.data = e;
    tw_list_init(&e->due);
    uv_idle_init(loop, &e->soon);
    uv_unref((uv_handle_t *)&e->soon);
    e->soon.data = e;
    uv_timer_init(loop, &e->again);
    uv_unref((uv_handle_t *)&e->again);
    e->again.data = e;
    uv_timer_init(loop, &e->alive);
    uv_timer_start(&e->alive, on_alive, FOR_EVER_MS, 0);
    e->handles = 3;
    keep_loop(e);
    *out = e;
    return 0;
}

/* A connection is worth keeping while its host has more work, or there is room among the idle. */
static bool keep_connection(struct tw_engine *e, const struct tw_job *job)
{
    if (e->options->no_reuse || !tw_list_empty(&e->parked))
        return false;
    return job->more || e->watches.idle_count < e->idle_max ||
           tw_watch_drop_idle(&e->watches, IDLE_GRACE_MS);
}

/* ---- names ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return b != 0 && b < a ? b : a;
}

static int open_dns(struct tw_engine *e)
{
    struct tw_dns_config config;
    int err;

    tw_dns_config_init(&config, e->options);
    config.timeout_ms = least(config.timeout_ms, e->options->connect_timeout_ms);
    config.timeout_ms = least(config.timeout_ms, e->options->timeout_ms);
    config.stay = e->stay;
    err = tw_dns_open(&e->dns, e->loop, &config);
    if (err == 0)
        e->handles++;
    return err;
}

static long time_left(uint64_t limit_ms, uint64_t waited_ms)
{
    if (limit_ms == 0)
        return 0;
    return limit_ms > waited_ms ? (long)(limit_ms - waited_ms) : 1;
}

/* Gives libcurl the addresses, and what is left of the time. */
static int pin_addresses(struct exchange *x, const struct tw_job *job, const char *addresses)
{
    CURL *easy = x->request.easy;
    uint64_t waited_ms = x->waited_ns / 1000000;
    char host_port[TW_HOST_PORT_MAX];
    size_t len = tw_name_host_port(job->url, host_port, sizeof(host_port));

    x->pin = len == 0 ? NULL : tw_pins_use(&x->shard->pins, job->host_hash, host_port, len);
    if (x->pin != NULL)
        x->resolve = tw_pins_list(&x->shard->pins, x->pin, addresses);
    if (x->resolve == NULL)
        return TRAWL_ENOMEM;
    curl_easy_setopt(easy, CURLOPT_RESOLVE, x->resolve);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    if (waited_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, time_left(job->timeout_ms, waited_ms));
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                         time_left(x->engine->options->connect_timeout_ms, waited_ms));
    }
    return 0;
}

/* Hands the exchange to libcurl. addresses: of the host's name, NULL if libcurl knows enough. */
static int launch(struct exchange *x, const char *addresses)
{
    struct tw_engine *e = x->engine;
    struct tw_job *job = x->request.job;
    CURLMcode code;

    if (x->shard->multi == NULL && shard_open(e, x->shard) != 0)
        return TRAWL_ENOMEM;
    if (tw_request_begin(&x->request, job, keep_connection(e, job), e->active_count) != 0 ||
        (addresses != NULL && pin_addresses(x, job, addresses) != 0)) {
        x->request.job = job;
        return TRAWL_ENOMEM;
    }
    x->begun = true;
    x->shard->begun++;
    x->phase_ms = uv_now(e->loop);
    code = add(x);
    if (code == CURLM_RECURSIVE_API_CALL)
        defer(e, x);
    return code == CURLM_OK || code == CURLM_RECURSIVE_API_CALL ? 0 : TRAWL_ENOMEM;
}

static void note_name_error(struct exchange *x, int error, const char *detail)
{
    x->name_error = error;
    x->name_detail = detail;
}

static void on_name(void *data, const struct tw_dns_answer *answer)
{
    struct exchange *x = data;

    if (answer->error == TRAWL_EMFILE) {
        note_name_error(x, answer->error, answer->detail);
        finish(x, CURLE_COULDNT_RESOLVE_HOST);
        return;
    }
    x->waited_ns = uv_hrtime() - x->asked_ns;
    if (answer->error != 0)
        note_name_error(x, answer->error, answer->detail);
    else if (launch(x, answer->addresses) != 0)
        note_name_error(x, TRAWL_ENOMEM, "");
    if (x->name_error != 0)
        finish(x, CURLE_COULDNT_RESOLVE_HOST);
}

static int look_up(struct exchange *x, const struct tw_job *job)
{
    struct tw_engine *e = x->engine;
    struct tw_dns_answer answer;
    char name[TW_HOST_PORT_MAX];
    size_t len;
    const char *host = tw_name_host(job->url, &len);
    int found, err = e->dns == NULL ? open_dns(e) : 0;

    if (err != 0)
        return err;
    snprintf(name, sizeof(name), "%.*s", (int)len, host);
    x->asked_ns = uv_hrtime();
    found = tw_dns_lookup(e->dns, name, &x->query, on_name, x, &answer);
    if (found != 1)
        return found;
    if (answer.error == 0)
        return launch(x, answer.addresses);
    note_name_error(x, answer.error, answer.detail);
    defer(e, x);
    return 0;
}

/* Sets out: for the name, or for the server at once. */
static int set_out(struct exchange *x, const struct tw_job *job)
{
    x->phase_ms = uv_now(x->engine->loop);
    if (tw_name_is_asked(x->engine->options, job->url, job->host_is_ip))
        return look_up(x, job);
    return launch(x, NULL);
}

/* ---- without a descriptor ----
 *
 * A fetch for which no socket can be had is not over, and no try was made: it waits until one of our
 * own descriptors is closed. What others hold is asked for now and then. */

static bool lacks_descriptor(const struct exchange *x, CURLcode code)
{
    if (x->name_error != 0)
        return x->name_error == TRAWL_EMFILE;
    return code == CURLE_COULDNT_CONNECT && tw_gate_error(&x->request.gate) == TRAWL_EMFILE;
}

/* Nothing of ours could be closed for as long as a connection may take. */
static bool is_hopeless(const struct tw_engine *e)
{
    uint64_t limit_ms = e->options->connect_timeout_ms;

    if (limit_ms == 0)
        limit_ms = e->options->timeout_ms;
    return limit_ms != 0 && uv_now(e->loop) - e->held_ms >= limit_ms;
}

static void on_again(uv_timer_t *timer)
{
    struct tw_engine *e = timer->data;
    enum tw_stage before = tw_stay_go(e->stay, TW_STAGE_TIMER);

    make_room(e);
    run_parked(e, is_hopeless(e) ? SIZE_MAX : 1);
    tw_stay_go(e->stay, before);
}

/* From the first one that is parked on, connections are closed when their transfers end. */
static void become_crowded(struct tw_engine *e, bool again)
{
    e->crowded = true;
    e->freed = 0;
    if (!again)
        e->held_ms = uv_now(e->loop);
    uv_idle_start(&e->soon, on_soon);
    uv_timer_start(&e->again, on_again, PARKED_MS, PARKED_MS);
    for (struct tw_link *at = e->active.next; at != &e->active; at = at->next)
        curl_easy_setopt(tw_container(at, struct exchange, link)->request.easy,
                         CURLOPT_FORBID_REUSE, 1L);
}

/* Whether x waits now. */
static bool park(struct exchange *x, CURLcode code)
{
    struct tw_engine *e = x->engine;

    if (x->cancelled || e->closing || !lacks_descriptor(x, code))
        return false;
    if (x->tried_again && is_hopeless(e))
        return false;
    if (tw_list_empty(&e->parked))
        become_crowded(e, x->tried_again);
    withdraw(x);
    x->name_error = 0;
    x->waited_ns = 0;
    if (x->tried_again)
        tw_list_prepend(&e->parked, &x->parked);
    else
        tw_list_append(&e->parked, &x->parked);
    if (!x->tried_again)
        x->parked_ms = uv_now(e->loop);
    return true;
}

/* libcurl closes an idle connection when it finds it dead, which it looks for when it makes another
 * one; a multi with nothing to do goes with all that it has. */
static void make_room(struct tw_engine *e)
{
    e->crowded = false;
    while (tw_watch_drop_idle(&e->watches, 0))
        continue;
    for (size_t i = 0; i < 2 * e->shard_count; i++)
        if (e->shards[i].multi != NULL && e->shards[i].begun == 0)
            shard_clean(&e->shards[i]);
    if (e->watches.handles > 0)
        e->held_ms = uv_now(e->loop);
}

static void run_parked(struct tw_engine *e, size_t count)
{
    e->freed = 0;
    for (; count > 0 && !tw_list_empty(&e->parked); count--) {
        struct exchange *x = tw_container(e->parked.next, struct exchange, parked);

        tw_list_remove(&x->parked);
        x->tried_again = true;
        if (set_out(x, x->request.job) != 0) {
            note_name_error(x, TRAWL_ENOMEM, "");
            finish(x, CURLE_COULDNT_RESOLVE_HOST);
        }
    }
    if (tw_list_empty(&e->parked))
        uv_timer_stop(&e->again);
}

static int loop_submit(struct tw_engine *e, struct tw_job *job)
{
    struct shard *s;
    struct exchange *x;
    int err;

    if (e->closing)
        return TRAWL_ECLOSING;
    s = shard_for(e, job);
    x = s == NULL ? NULL : exchange_get(e);
    if (x == NULL)
        return TRAWL_ENOMEM;
    x->shard = s;
    x->request.job = job;
    job->out = (struct tw_outcome){0};
    err = set_out(x, job);
    if (err != 0) {
        withdraw(x);
        x->request.job = NULL;
        exchange_put(e, x);
        return err;
    }
    job->engine = x;
    tw_list_append(&e->active, &x->link);
    e->active_count++;
    keep_loop(e);
    return 0;
}

static void loop_cancel(struct tw_engine *e, struct tw_job *job)
{
    struct exchange *x = job->engine;

    x->cancelled = true;
    defer(e, x);
}

static void loop_resume(struct tw_engine *e, struct tw_job *job)
{
    defer(e, job->engine);
}

static void loop_close(struct tw_engine *e, void (*cb)(void *data), void *data)
{
    e->closing = true;
    e->on_close = cb;
    e->close_data = data;
    keep_loop(e);
    uv_idle_start(&e->soon, on_soon);
}

static void loop_measure(struct tw_engine *e, struct tw_stay *stay)
{
    e->stay = stay;
}

/* When a phase of libcurl's ended, which counts from the start; 0 if it has not. */
static uint64_t phase_end_ms(const struct exchange *x, CURLINFO info)
{
    curl_off_t us = 0;

    if (has_begun(x))
        curl_easy_getinfo(x->request.easy, info, &us);
    return us > 0 ? x->phase_ms + (uint64_t)us / 1000 : 0;
}

static enum tw_phase loop_phase(const struct tw_engine *e, const struct tw_job *job,
                                uint64_t *since_ms)
{
    const struct exchange *x = job->engine;
    uint64_t ms;

    (void)e;
    *since_ms = tw_link_in_list(&x->parked) ? x->parked_ms : x->phase_ms;
    if (tw_link_in_list(&x->parked))
        return TW_PHASE_PARKED;
    if (!x->begun)
        return TW_PHASE_NAME;
    if ((ms = phase_end_ms(x, CURLINFO_STARTTRANSFER_TIME_T)) != 0) {
        *since_ms = ms;
        return TW_PHASE_RECEIVE;
    }
    if ((ms = phase_end_ms(x, CURLINFO_PRETRANSFER_TIME_T)) == 0)
        return TW_PHASE_CONNECT;
    *since_ms = ms;
    return TW_PHASE_ANSWER;
}

static unsigned loop_width(const trawl_options *options)
{
    return options->concurrency;
}

const struct tw_engine_ops tw_engine_loop = {
    .name = "loop",
    .width = loop_width,
    .open = loop_open,
    .submit = loop_submit,
    .cancel = loop_cancel,
    .resume = loop_resume,
    .close = loop_close,
    .measure = loop_measure,
    .phase = loop_phase,
};
