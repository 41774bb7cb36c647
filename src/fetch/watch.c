#include "fetch/watch.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "trawl.h"

struct tw_watch {
    uv_poll_t poll;
    struct tw_watch_set *set;
    void *owner;
    struct tw_link idle;
    uint64_t idle_since_ms;
    int fd;
    int armed;  /* UV_READABLE | UV_WRITABLE, what the kernel watches */
    int wanted; /* what libcurl asked for; 0 between transfers */
    bool own;   /* opened by us */
    bool sure;  /* own, and libcurl announces its end */
    ino_t inode; /* of an own one; tells a number that is used again from its predecessor */
};

void tw_watch_set_init(struct tw_watch_set *s, uv_loop_t *loop)
{
    *s = (struct tw_watch_set){.loop = loop};
    tw_list_init(&s->idle);
}

void tw_watch_set_free(struct tw_watch_set *s)
{
    free(s->by_fd);
    s->by_fd = NULL;
    s->cap = 0;
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

static void disarm(struct tw_watch *w)
{
    uv_poll_stop(&w->poll);
    w->armed = 0;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static int arm(struct tw_watch *w, int mask)
{
    int err;

    if (w->armed == mask)
        return 0;
    err = uv_poll_start(&w->poll, mask, on_poll);
    if (err == 0)
        w->armed = mask;
    return err;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct tw_watch *w = poll->data;
    struct tw_watch_set *s = w->set;
    int fd = w->fd, flags = 0;

    if (w->wanted == 0) {
        /* An idle connection spoke or ended: it is of no more use, and must not spin. */
        disarm(w);
        leave_idle(w);
        return;
    }
    if (status < 0)
        disarm(w);
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    /* What came before the error is still there to be read, and so is the error's reason: on the
     * error bit alone libcurl would give up without a look. */
    s->on_ready(w->owner, fd, status < 0 ? CURL_CSELECT_ERR | CURL_CSELECT_IN : flags);
    if (status < 0 && find(s, fd) == w && w->wanted != 0)
        arm(w, w->wanted);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct tw_watch *w = handle->data;
    struct tw_watch_set *s = w->set;

    free(w);
    s->handles--;
    s->on_closed(s->data);
}

static struct tw_watch *watch_new(struct tw_watch_set *s, void *owner, int fd)
{
    struct tw_watch *w;

    if ((size_t)fd >= s->cap && grow(s, fd) != 0)
        return NULL;
    w = calloc(1, sizeof(*w));
    if (w == NULL)
        return NULL;
    if (uv_poll_init(s->loop, &w->poll, fd) != 0) {
        free(w);
        return NULL;
    }
    uv_unref((uv_handle_t *)&w->poll);
    w->poll.data = w;
    w->set = s;
    w->owner = owner;
    w->fd = fd;
    s->by_fd[fd] = w;
    s->handles++;
    return w;
}

static ino_t inode_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

int tw_watch_open(struct tw_watch_set *s, void *owner, int fd)
{
    struct tw_watch *w;

    tw_watch_close(s, fd); /* a number whose end was not announced */
    w = watch_new(s, owner, fd);
    if (w == NULL)
        return TRAWL_ENOMEM;
    w->own = true;
    w->inode = inode_of(fd);
    return 0;
}

/* Reading goes on being watched: the next transfer wants it again, and a server that hangs up is
 * noticed. Writing would spin. False if an own socket turns out to be gone. */
static bool rest(struct tw_watch *w)
{
    bool own = w->own;

    w->wanted = 0;
    /* libcurl 7.88 closes a socket without a word as long as it connects. */
    if (own && !w->sure)
        w->sure = inode_of(w->fd) == w->inode;
    if (!w->sure) {
        tw_watch_close(w->set, w->fd);
        return !own;
    }
    if (w->armed & UV_WRITABLE)
        disarm(w);
    enter_idle(w);
    return true;
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
    w->wanted = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    leave_idle(w);
    if (w->wanted == 0) {
        disarm(w); /* paused */
        return 0;
    }
    return arm(w, w->wanted) == 0 ? 0 : TRAWL_ENOMEM;
}

void tw_watch_close(struct tw_watch_set *s, int fd)
{
    struct tw_watch *w = find(s, fd);

    if (w == NULL)
        return;
    s->by_fd[fd] = NULL;
    leave_idle(w);
    uv_close((uv_handle_t *)&w->poll, on_poll_closed);
}

void tw_watch_close_all(struct tw_watch_set *s)
{
    for (size_t fd = 0; fd < s->cap; fd++)
        tw_watch_close(s, (int)fd);
}

bool tw_watch_drop_idle(struct tw_watch_set *s, uint64_t min_idle_ms)
{
    struct tw_watch *w;

    if (tw_list_empty(&s->idle))
        return false;
    w = tw_container(s->idle.next, struct tw_watch, idle);
    if (uv_now(s->loop) - w->idle_since_ms < min_idle_ms)
        return false;
    leave_idle(w);
    disarm(w);
    shutdown(w->fd, SHUT_RDWR);
    return true;
}
