/* Shards: a multi handle each, driven by sockets and a timer. */
#include "fetch/loop.h"

/* libcurl must never choose connections to close itself. */
#define NEVER_EVICT 1000000L

void tw_shard_drain(struct tw_shard *s)
{
    CURLMsg *msg;
    int left;

    while (s->multi != NULL && (msg = curl_multi_info_read(s->multi, &left)) != NULL)
        if (msg->msg == CURLMSG_DONE)
            tw_exchange_finish(tw_exchange_of(msg->easy_handle), msg->data.result);
}

void tw_shard_run(struct tw_shard *s, curl_socket_t fd, int events)
{
    int running;

    if (s->multi == NULL)
        return;
    s->turns++;
    curl_multi_socket_action(s->multi, fd, events, &running);
    s->engine->opening = NULL;
    tw_loop_give_way(s->engine);
    tw_shard_drain(s);
}

static int on_multi_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
    struct tw_shard *s = data;
    struct tw_exchange *x = tw_exchange_of(easy);
    bool pauses = what == CURL_POLL_REMOVE && x != NULL && x->request.paused;
    int err;

    (void)socket_data;
    /* A body that is held back wants nothing of its socket, which is in use all the same. */
    if (pauses)
        what = CURL_POLL_NONE;
    if (what != CURL_POLL_REMOVE && x != NULL)
        x->wanted = true;
    if (x != NULL)
        x->paused_fd = pauses ? fd : CURL_SOCKET_BAD;
    err = tw_watch_want(&s->engine->watches, s, fd, what);
    /* An address that refused or was given up: libcurl 7.88 forgets to set out for the next one. */
    if (err == TRAWL_ENOENT && !s->engine->torn_down)
        tw_loop_nudge(s->engine, easy);
    return err == TRAWL_ENOMEM ? -1 : 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct tw_shard *s = timer->data;
    struct tw_stay *stay = s->engine->stay;
    enum tw_stage before = tw_stay_go(stay, TW_STAGE_TIMER);

    tw_shard_run(s, CURL_SOCKET_TIMEOUT, 0);
    tw_stay_go(stay, before);
}

static int on_multi_timer(CURLM *multi, long timeout_ms, void *data)
{
    struct tw_shard *s = data;

    (void)multi;
    if (s->engine->torn_down)
        return 0;
    uv_timer_stop(&s->timer);
    tw_list_remove(&s->due);
    if (timeout_ms > 0)
        uv_timer_start(&s->timer, on_timer, (uint64_t)timeout_ms, 0);
    if (timeout_ms == 0) {
        tw_list_append(&s->engine->due, &s->due);
        tw_loop_soon(s->engine);
    }
    return 0;
}

void tw_shard_on_ready(void *owner, int fd, int events)
{
    tw_shard_run(owner, fd, events);
}

static int multi_open(struct tw_shard *s)
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

int tw_shard_open(struct tw_engine *e, struct tw_shard *s)
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

void tw_shard_clean(struct tw_shard *s)
{
    curl_multi_cleanup(s->multi);
    s->multi = NULL;
    uv_timer_stop(&s->timer);
    tw_list_remove(&s->due);
    tw_pins_free(&s->pins);
}

/* A host's own, unless that is full: then the next one that is not, which has connections of its own
 * to the host. */
static struct tw_shard *choose(struct tw_engine *e, const struct tw_job *job)
{
    size_t mask = e->shard_count - 1, first = (size_t)(job->host_hash >> 32) & mask;
    /* Addresses and names never share a multi: its one table of answers is pruned by the shortest
     * time that any transfer asks for. */
    struct tw_shard *shards = e->shards + (job->host_is_ip ? e->shard_count : 0);

    for (size_t i = 0; i <= mask; i++)
        if (shards[(first + i) & mask].begun < TW_SHARD_FULL)
            return &shards[(first + i) & mask];
    return &shards[first];
}

struct tw_shard *tw_shard_for(struct tw_engine *e, const struct tw_job *job)
{
    struct tw_shard *s = choose(e, job);

    return s->multi != NULL || tw_shard_open(e, s) == 0 ? s : NULL;
}
