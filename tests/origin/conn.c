#include "conn.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define HEAD_MAX (256u * 1024)
#define BACKLOG_MAX (HEAD_MAX + ORIGIN_SCRATCH) /* unread requests while one is answered */
#define LINGER_MS 1000u
#define TURN_MAX 4 /* pieces written before the other connections get their turn */

enum state {
    READING, /* between requests */
    WAITING, /* for the time of the next piece */
    WRITING, /* until the kernel takes more, or the others had their turn */
    STALLED, /* until the peer closes */
    DRAINING, /* reset when the peer has acknowledged everything */
    LINGERING, /* our side is shut, the peer's is not yet */
    CLOSING
};

struct origin_conn {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_write_t write;
    struct origin_room *room;
    struct origin_conn *next, **at;
    enum state state;
    int handles;            /* not yet closed */
    bool paused;            /* not reading */
    bool eof;               /* the peer sends no more */
    struct origin_bytes in; /* received, not yet understood */
    size_t scanned;         /* bytes of `in` that hold no end of a head */
    uint64_t skip;          /* of a request's body */
    struct origin_reply reply;
    struct origin_peer peer;
    struct origin_entry entry; /* of the request that is being answered */
    uint8_t *rest;             /* being written */
};

static void on_timer(uv_timer_t *timer);
static void go_on(struct origin_conn *c);

static void on_closed(uv_handle_t *handle)
{
    struct origin_conn *c = handle->data;

    if (--c->handles > 0) {
        return;
    }
    origin_bytes_free(&c->in);
    origin_reply_free(&c->reply);
    free(c->rest);
    free(c);
}

static void end(struct origin_conn *c, bool reset)
{
    if (c->state == CLOSING) {
        return;
    }
    c->state = CLOSING;
    *c->at = c->next;
    if (c->next) {
        c->next->at = c->at;
    }
    atomic_fetch_sub(&c->room->world->open, 1);
    origin_access_answered(&c->room->access, &c->peer, 0, &c->entry);
    origin_access_closed(&c->room->access, &c->peer);
    uv_close((uv_handle_t *)&c->timer, on_closed);
    if (!reset || uv_tcp_close_reset(&c->tcp, on_closed) != 0) {
        uv_close((uv_handle_t *)&c->tcp, on_closed);
    }
}

static int descriptor(const struct origin_conn *c)
{
    uv_os_fd_t fd = -1;

    uv_fileno((const uv_handle_t *)&c->tcp, &fd);
    return fd;
}

static void wait_ms(struct origin_conn *c, enum state state, uint64_t ms)
{
    c->state = state;
    uv_update_time(c->tcp.loop);
    uv_timer_start(&c->timer, on_timer, ms, 0);
}

static void drain(struct origin_conn *c)
{
    int left = 0;

    if (ioctl(descriptor(c), SIOCOUTQ, &left) != 0 || left == 0) {
        end(c, true);
        return;
    }
    wait_ms(c, DRAINING, 1);
}

/* Closing with unread bytes in our buffer would send a reset, and that can destroy the reply in
 * the peer's: shut our side only, and read on for a while. */
static void linger(struct origin_conn *c)
{
    if (c->eof || shutdown(descriptor(c), SHUT_WR) != 0) {
        end(c, false);
        return;
    }
    origin_bytes_free(&c->in);
    wait_ms(c, LINGERING, LINGER_MS);
}

static void reply_done(struct origin_conn *c)
{
    enum origin_after after = c->reply.after;

    origin_access_answered(&c->room->access, &c->peer, c->reply.status, &c->entry);
    origin_reply_free(&c->reply);
    switch (after) {
    case AFTER_KEEP:
        c->state = READING;
        break;
    case AFTER_CLOSE:
        linger(c);
        break;
    case AFTER_RESET:
        drain(c);
        break;
    case AFTER_STALL:
        c->state = STALLED;
        break;
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct origin_conn *c = write->handle->data;

    free(c->rest);
    c->rest = NULL;
    if (c->state == CLOSING) {
        return;
    }
    if (status < 0) {
        end(c, false);
        return;
    }
    go_on(c);
}

static void write_rest(struct origin_conn *c, const uint8_t *p, size_t n)
{
    uv_buf_t buf;

    c->rest = origin_alloc(n);
    memcpy(c->rest, p, n);
    buf = uv_buf_init((char *)c->rest, (unsigned)n);
    c->state = WRITING;
    if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) != 0) {
        end(c, false);
    }
}

/* Writes n bytes of the scratch buffer. True when all are gone and the next may follow. */
static bool write_piece(struct origin_conn *c, size_t n)
{
    uv_buf_t buf = uv_buf_init((char *)c->room->out, (unsigned)n);
    int r = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

    if (r == UV_EAGAIN) {
        r = 0;
    }
    if (r < 0) {
        end(c, false);
        return false;
    }
    if ((size_t)r < n) {
        write_rest(c, c->room->out + r, n - (size_t)r);
        return false;
    }
    return true;
}

/* A hundred pieces a second, or single bytes; the head goes out at once. */
static void pump_slowly(struct origin_conn *c)
{
    struct origin_reply *r = &c->reply;
    size_t head = r->head.n - r->head_at;
    size_t piece = r->drip > 100 ? (size_t)(r->drip / 100) : 1;
    size_t n;

    piece = head ? head : piece;
    n = origin_reply_fill(r, c->room->out, piece < ORIGIN_SCRATCH ? piece : ORIGIN_SCRATCH);
    if (n == 0) {
        reply_done(c);
    } else if (write_piece(c, n)) {
        wait_ms(c, WAITING, r->drip > 100 ? 10 : 1000 / r->drip);
    }
}

static void pump(struct origin_conn *c)
{
    if (c->reply.drip) {
        pump_slowly(c);
        return;
    }
    for (int i = 1;; i++) {
        size_t n = origin_reply_fill(&c->reply, c->room->out, ORIGIN_SCRATCH);
        if (n == 0) {
            reply_done(c);
            return;
        }
        if (i == TURN_MAX) {
            /* uv_write reports in the loop's next turn, even of what it wrote at once. A timer
             * of 0 ms would not do: libuv 1.44 runs it again and again in the same turn. */
            write_rest(c, c->room->out, n);
            return;
        }
        if (!write_piece(c, n)) {
            return;
        }
    }
}

static void answer(struct origin_conn *c, const char *p, size_t n)
{
    struct origin_world *world = c->room->world;
    struct origin_request rq;
    int status = n > HEAD_MAX ? 431 : 0;

    if (status) {
        memset(&rq, 0, sizeof rq);
    } else {
        status = origin_request_parse(&rq, p, n);
    }
    origin_access_asked(&c->room->access, descriptor(c), status ? NULL : &rq, &c->entry);
    if (status) {
        origin_reply_refuse(&rq, status, &c->reply);
    } else {
        rq.local = c->peer.local;
        atomic_fetch_add(&world->requests, 1);
        c->skip = rq.body_len;
        origin_reply_plan(world, &rq, &c->reply);
    }
    if (c->reply.latency_ms) {
        wait_ms(c, WAITING, c->reply.latency_ms);
    } else {
        pump(c);
    }
}

/* Answers the requests that are there whole. Returns how many bytes it used. */
static size_t serve(struct origin_conn *c, const char *p, size_t n, size_t scanned)
{
    size_t at = 0;

    while (c->state == READING && at < n) {
        const char *stop;
        if (c->skip) {
            size_t k = c->skip < n - at ? (size_t)c->skip : n - at;
            c->skip -= k;
            at += k;
            continue;
        }
        stop = memmem(p + at + scanned, n - at - scanned, "\r\n\r\n", 4);
        if (stop || n - at > HEAD_MAX) {
            size_t head = stop ? (size_t)(stop - (p + at)) + 4 : n - at;
            answer(c, p + at, head);
            at += head;
            scanned = 0;
        } else {
            break;
        }
    }
    return at;
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    struct origin_conn *c = handle->data;

    (void)hint;
    *buf = uv_buf_init(c->room->in, ORIGIN_SCRATCH);
}

static void note_scanned(struct origin_conn *c)
{
    bool searched = c->state == READING && c->in.n > 3;

    c->scanned = searched ? c->in.n - 3 : 0;
}

static void take(struct origin_conn *c, const char *p, size_t n)
{
    size_t used;

    if (c->in.n == 0) {
        used = serve(c, p, n, 0);
        if (c->state < LINGERING) {
            origin_bytes_add(&c->in, p + used, n - used);
        }
    } else {
        origin_bytes_add(&c->in, p, n);
        if (c->state != READING) {
            return;
        }
        used = serve(c, (const char *)c->in.p, c->in.n, c->scanned);
        if (c->state < LINGERING) {
            origin_bytes_drop(&c->in, used);
        }
    }
    note_scanned(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct origin_conn *c = stream->data;

    if (n == 0) {
        return;
    }
    if (n < 0) {
        /* A peer that only shut its side still gets what is being written. */
        if (n == UV_EOF && c->state == WRITING) {
            c->eof = true;
            return;
        }
        end(c, false);
        return;
    }
    if (c->state == LINGERING) {
        return;
    }
    take(c, buf->base, (size_t)n);
    if (c->state != CLOSING && c->in.n > BACKLOG_MAX) {
        uv_read_stop(stream);
        c->paused = true;
    }
}

/* Goes on with the reply that waited, then with the requests that came in the meantime. */
static void go_on(struct origin_conn *c)
{
    pump(c);
    while (c->state == READING && c->in.n) {
        size_t used = serve(c, (const char *)c->in.p, c->in.n, 0);
        if (c->state >= LINGERING) {
            break;
        }
        origin_bytes_drop(&c->in, used);
        if (used == 0) {
            break;
        }
    }
    if (c->state == CLOSING) {
        return;
    }
    note_scanned(c);
    if (c->state == READING && c->eof) {
        end(c, false);
    } else if (c->paused && c->in.n <= BACKLOG_MAX) {
        c->paused = false;
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct origin_conn *c = timer->data;

    if (c->state == WAITING) {
        go_on(c);
    } else if (c->state == DRAINING) {
        drain(c);
    } else if (c->state == LINGERING) {
        end(c, false);
    }
}

static struct origin_conn *open_conn(struct origin_room *room, uv_loop_t *loop)
{
    struct origin_conn *c = origin_alloc(sizeof *c);

    memset(c, 0, sizeof *c);
    c->room = room;
    uv_tcp_init(loop, &c->tcp);
    uv_timer_init(loop, &c->timer);
    c->tcp.data = c;
    c->timer.data = c;
    c->handles = 2;
    c->next = room->first;
    c->at = &room->first;
    if (c->next) {
        c->next->at = &c->next;
    }
    room->first = c;
    return c;
}

static void count(struct origin_world *world)
{
    uint_fast64_t open = atomic_fetch_add(&world->open, 1) + 1;

    atomic_fetch_add(&world->connections, 1);
    if (open > atomic_load(&world->max_open)) {
        atomic_store(&world->max_open, open);
    }
}

void origin_conn_accept(struct origin_room *room, uv_stream_t *listener, uint32_t local)
{
    struct origin_conn *c = open_conn(room, listener->loop);

    count(room->world);
    origin_access_opened(&room->access, &c->peer, local);
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0) {
        end(c, false);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

void origin_conn_close_all(struct origin_room *room)
{
    while (room->first) {
        end(room->first, true);
    }
}
