#include "fetch/watch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trawl.h"

/* Sockets that are served between two looks at the clock. */
#define EVENTS_A_STEP     4
#define CONNECTING_A_STEP 8

/* With fewer watched, it does not matter who goes first. */
#define CROWD 256

struct tw_watch {
    struct tw_watch_set *set;
    void *owner;
    struct tw_link idle;
    uint64_t idle_since_ms;
    uint64_t host;
    int fd;
    uint32_t number; /* tells it from another one of the same descriptor */
    uint32_t armed;  /* EPOLLIN | EPOLLOUT, what the kernel watches; 0: it does not know it */
    enum { IS_OUT, IS_ARMED, HAS_FIRED } connecting; /* of the set of those that connect */
    uint32_t wanted; /* what libcurl asked for; 0 between transfers */
    bool own;        /* opened by us */
    bool sure;       /* own, and libcurl announces its end */
};

static void on_poll(uv_poll_t *poll, int status, int events);

static int open_epolls(struct tw_watch_set *s)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX}; /* no descriptor */

    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->connecting = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0 || s->connecting < 0)
        return errno == EMFILE || errno == ENFILE ? TRAWL_EMFILE : TRAWL_EINTERNAL;
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->connecting, &event) == 0 ? 0 : TRAWL_EINTERNAL;
}

static void close_epolls(struct tw_watch_set *s)
{
    if (s->connecting >= 0)
        close(s->connecting);
    if (s->epoll >= 0)
        close(s->epoll);
}

int tw_watch_set_init(struct tw_watch_set *s, uv_loop_t *loop)
{
    int err;

    *s = (struct tw_watch_set){.loop = loop};
    tw_list_init(&s->idle);
    err = open_epolls(s);
    if (err == 0 && uv_poll_init(loop, &s->poll, s->epoll) != 0)
        err = TRAWL_EINTERNAL;
    if (err != 0) {
        close_epolls(s);
        return err;
    }
    s->poll.data = s;
    uv_poll_start(&s->poll, UV_READABLE, on_poll);
    uv_unref((uv_handle_t *)&s->poll);
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct tw_watch_set *s = handle->data;

    close_epolls(s);
    s->on_closed(s->data);
}

void tw_watch_set_close(struct tw_watch_set *s, void (*cb)(void *data), void *data)
{
    for (size_t fd = 0; fd < s->cap; fd++)
        tw_watch_close(s, (int)fd);
    free(s->by_fd);
    s->by_fd = NULL;
    s->cap = 0;
    s->ready_count = 0;
    s->on_closed = cb;
    s->data = data;
    uv_close((uv_handle_t *)&s->poll, on_closed);
}

static int grow(struct tw_watch_set *s, int fd)
{
    size_t cap = s->cap == 0 ? 64 : s->cap;
    struct tw_watch **by_fd;

    while (cap <= (size_t)fd)
        cap *= 2;
    by_fd = realloc(s->by_fd, cap * sizeof(*by_fd));
    if (by_fd == NULL)
        return TRAWL_ENOMEM;
    memset(by_fd + s->cap, 0, (cap - s->cap) * sizeof(*by_fd));
    s->by_fd = by_fd;
    s->cap = cap;
    return 0;
}

static struct tw_watch *find(const struct tw_watch_set *s, int fd)
{
    return fd >= 0 && (size_t)fd < s->cap ? s->by_fd[fd] : NULL;
}

static void leave_idle(struct tw_watch *w)
{
    if (!tw_link_in_list(&w->idle))
        return;
    tw_list_remove(&w->idle);
    w->set->idle_count--;
}

static void enter_idle(struct tw_watch *w)
{
    if (tw_link_in_list(&w->idle))
        return;
    w->idle_since_ms = uv_now(w->set->loop);
    tw_list_append(&w->set->idle, &w->idle);
    w->set->idle_count++;
}

static int control(struct tw_watch *w, int epoll, int op, uint32_t mask)
{
    struct epoll_event event = {
        .events = mask,
        .data.u64 = (uint64_t)w->number << 32 | (uint32_t)w->fd,
    };

    return epoll_ctl(epoll, op, w->fd, &event);
}

/* Whether the kernel knew it. */
static bool leave_connecting(struct tw_watch *w)
{
    if (w->connecting == IS_ARMED)
        w->set->connecting_count--;
    w->connecting = IS_OUT;
    return control(w, w->set->connecting, EPOLL_CTL_DEL, 0) == 0;
}

static void disarm(struct tw_watch *w)
{
    if (w->connecting == IS_ARMED)
        leave_connecting(w);
    if (w->armed != 0)
        control(w, w->set->epoll, EPOLL_CTL_DEL, 0);
    w->armed = 0;
}

/* Wakes once: to leave the set is then the kernel's work, when the socket is closed. */
static int arm_connecting(struct tw_watch *w)
{
    struct tw_watch_set *s = w->set;
    uint32_t mask = EPOLLOUT | EPOLLONESHOT;

    if (w->connecting == IS_ARMED)
        return 0;
    /* Its number may have been closed without a word, and given out again. */
    if ((w->connecting == IS_OUT || control(w, s->connecting, EPOLL_CTL_MOD, mask) != 0) &&
        control(w, s->connecting, EPOLL_CTL_ADD, mask) != 0)
        return -1;
    w->connecting = IS_ARMED;
    s->connecting_count++;
    return 0;
}

static int arm(struct tw_watch *w, uint32_t mask)
{
    if (w->connecting == IS_ARMED)
        leave_connecting(w);
    if (w->armed == mask)
        return 0;
    /* Likewise. */
    if ((w->armed == 0 || control(w, w->set->epoll, EPOLL_CTL_MOD, mask) != 0) &&
        control(w, w->set->epoll, EPOLL_CTL_ADD, mask) != 0)
        return -1;
    w->armed = mask;
    return 0;
}

static void on_event(struct tw_watch *w, uint32_t events)
{
    int flags = 0;

    if (w->wanted == 0) {
        /* An idle connection spoke or ended: it is of no more use, and must not spin. */
        disarm(w);
        leave_idle(w);
        return;
    }
    if (events == EPOLLHUP)
        events = w->wanted;
    if (events & EPOLLIN)
        flags |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        flags |= CURL_CSELECT_OUT;
    /* What came before the error is still there to be read, and so is the error's reason: on the
     * error bit alone libcurl would give up without a look. */
    if (events & EPOLLERR)
        flags = CURL_CSELECT_ERR | CURL_CSELECT_IN;
    w->set->on_ready(w->owner, w->fd, flags);
}

/* What was ready in an earlier turn may have been served since, and be idle: then it does not speak. */
static void serve(struct tw_watch_set *s, const struct epoll_event *event, bool is_late)
{
    struct tw_watch *w = find(s, (int)(uint32_t)event->data.u64);

    if (w != NULL && w->number == event->data.u64 >> 32 && (w->wanted != 0 || !is_late))
        on_event(w, event->events);
}

static void serve_one_connecting(struct tw_watch_set *s, const struct epoll_event *event)
{
    int fd = (int)(uint32_t)event->data.u64;
    uint32_t number = (uint32_t)(event->data.u64 >> 32);
    struct tw_watch *w = find(s, fd);

    if (w == NULL || w->number != number || w->connecting != IS_ARMED)
        return;
    w->connecting = HAS_FIRED;
    s->connecting_count--;
    on_event(w, event->events);
    w = find(s, fd);
    /* libcurl says nothing if it goes on waiting for the same. */
    if (w != NULL && w->number == number && w->wanted == EPOLLOUT && !w->sure && w->armed == 0)
        arm_connecting(w);
}

/* All that are ready, as long as there is time. Of those that the kernel has handed out none may be left,
 * as it does so once. */
static void serve_connecting(struct tw_watch_set *s)
{
    struct epoll_event ready[CONNECTING_A_STEP];
    uint64_t began_ns = 0;
    int count = CONNECTING_A_STEP;

    while (count == CONNECTING_A_STEP && s->connecting_count > 0) {
        if (began_ns == 0)
            began_ns = uv_hrtime();
        else if (tw_stay_is_over(began_ns))
            break;
        count = epoll_wait(s->connecting, ready, CONNECTING_A_STEP, 0);
        for (int n = 0; n < count; n++)
            serve_one_connecting(s, &ready[n]);
    }
}

/* Those that there was no time for come first in the next turn: the kernel would begin again with the
 * ones that have been served. */
static void serve_connected(struct tw_watch_set *s)
{
    bool is_late = s->ready_at < s->ready_count;
    uint64_t began_ns;

    if (!is_late) {
        s->ready_at = 0;
        s->ready_count = epoll_wait(s->epoll, s->ready, TW_WATCH_BATCH, 0);
    }
    began_ns = s->ready_count - s->ready_at > EVENTS_A_STEP ? uv_hrtime() : 0;
    while (s->ready_at < s->ready_count) {
        serve(s, &s->ready[s->ready_at++], is_late);
        if (s->ready_at % EVENTS_A_STEP == 0 && began_ns != 0 && tw_stay_is_over(began_ns))
            break;
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct tw_watch_set *s = poll->data;
    enum tw_stage before = tw_stay_go(s->stay, TW_STAGE_SOCKET);

    (void)status;
    (void)events;
    serve_connecting(s);
    serve_connected(s);
    tw_stay_go(s->stay, before);
}

static struct tw_watch *watch_new(struct tw_watch_set *s, void *owner, int fd)
{
    struct tw_watch *w;

    if ((size_t)fd >= s->cap && grow(s, fd) != 0)
        return NULL;
    w = calloc(1, sizeof(*w));
    if (w == NULL)
        return NULL;
    w->set = s;
    w->owner = owner;
    w->fd = fd;
    w->number = s->number++;
    s->by_fd[fd] = w;
    s->count++;
    return w;
}

int tw_watch_open(struct tw_watch_set *s, void *owner, int fd, uint64_t host)
{
    struct tw_watch *w;

    tw_watch_close(s, fd); /* a number whose end was not announced */
    w = watch_new(s, owner, fd);
    if (w == NULL)
        return TRAWL_ENOMEM;
    w->own = true;
    w->host = host;
    return 0;
}

/* Asks the kernel, and has it watch for reading. */
static bool is_there(struct tw_watch *w)
{
    if (w->connecting != IS_OUT && !leave_connecting(w))
        return false;
    if (control(w, w->set->epoll, w->armed != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, EPOLLIN) != 0)
        return false;
    w->armed = EPOLLIN;
    return true;
}

/* Reading goes on being watched: the next transfer wants it again, and a server that hangs up is
 * noticed. Writing would spin. False if an own socket was still connecting. */
static bool rest(struct tw_watch *w)
{
    bool connects = w->own && !w->sure;

    w->wanted = 0;
    /* libcurl 7.88 closes a socket without a word as long as it connects: then the kernel does not
     * know it any more. */
    if (connects)
        w->sure = is_there(w);
    if (!w->sure)
        tw_watch_close(w->set, w->fd);
    else if (arm(w, EPOLLIN) == 0)
        enter_idle(w);
    return !connects;
}

int tw_watch_want(struct tw_watch_set *s, void *owner, int fd, int what)
{
    struct tw_watch *w = find(s, fd);

    if (what == CURL_POLL_REMOVE)
        return w == NULL || rest(w) ? 0 : TRAWL_ENOENT;
    if (w == NULL)
        w = watch_new(s, owner, fd);
    if (w == NULL)
        return TRAWL_ENOMEM;
    w->owner = owner;
    /* One that connects is waited for to be writable, and for nothing else. */
    if (w->own && what & CURL_POLL_IN)
        w->sure = true;
    w->wanted = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    leave_idle(w);
    if (w->wanted == 0) {
        disarm(w); /* paused */
        return 0;
    }
    if (w->own && !w->sure && w->armed == 0 && s->count > CROWD)
        return arm_connecting(w) == 0 ? 0 : TRAWL_ENOMEM;
    return arm(w, w->wanted) == 0 ? 0 : TRAWL_ENOMEM;
}

void tw_watch_release(struct tw_watch_set *s, int fd)
{
    struct tw_watch *w = find(s, fd);

    if (w != NULL && w->wanted == 0)
        rest(w);
}

bool tw_watch_is_new(const struct tw_watch_set *s, int fd)
{
    const struct tw_watch *w = find(s, fd);

    return w != NULL && w->own && !w->sure && w->wanted == 0;
}

void tw_watch_close(struct tw_watch_set *s, int fd)
{
    struct tw_watch *w = find(s, fd);

    if (w == NULL)
        return;
    s->by_fd[fd] = NULL;
    s->count--;
    leave_idle(w);
    disarm(w);
    free(w);
}

void tw_watch_use_host(struct tw_watch_set *s, uint64_t host)
{
    for (struct tw_link *l = s->idle.next, *next; l != &s->idle; l = next) {
        struct tw_watch *w = tw_container(l, struct tw_watch, idle);

        next = l->next;
        if (w->host == host)
            leave_idle(w);
    }
}

/* NULL if none has been for so long. */
static struct tw_watch *longest_idle(const struct tw_watch_set *s, uint64_t min_idle_ms)
{
    struct tw_watch *w;

    if (tw_list_empty(&s->idle))
        return NULL;
    w = tw_container(s->idle.next, struct tw_watch, idle);
    return uv_now(s->loop) - w->idle_since_ms < min_idle_ms ? NULL : w;
}

bool tw_watch_has_idle(const struct tw_watch_set *s, uint64_t min_idle_ms)
{
    return longest_idle(s, min_idle_ms) != NULL;
}

bool tw_watch_drop_idle(struct tw_watch_set *s, uint64_t min_idle_ms)
{
    struct tw_watch *w = longest_idle(s, min_idle_ms);

    if (w == NULL)
        return false;
    leave_idle(w);
    disarm(w);
    shutdown(w->fd, SHUT_RDWR);
    return true;
}
