#include "dnsd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "base/map.h"
#include "dnsd_reply.h"

#define CONNS 4

struct counter {
    struct tw_map_entry map;
    unsigned count;
    char name[];
};

/* A datagram to be sent later. */
struct late {
    struct tw_link link;
    struct sockaddr_in to;
    long long due_ms;
    size_t len;
    unsigned char bytes[DNSD_UDP_MAX];
};

struct dnsd {
    int udp, tcp, stop[2];
    int conns[CONNS];
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    struct tw_map counters;
    unsigned total, by_tcp;
    struct tw_link late;
};

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- counting ---- */

static bool has_name(const struct tw_map_entry *map, const void *name, size_t len)
{
    const struct counter *c = tw_container(map, const struct counter, map);

    return strlen(c->name) == len && memcmp(c->name, name, len) == 0;
}

static struct counter *find(struct dnsd *d, const char *name)
{
    size_t len = strlen(name);
    struct tw_map_entry *map =
        tw_map_find(&d->counters, tw_hash(name, len, 0), has_name, name, len);

    return map == NULL ? NULL : tw_container(map, struct counter, map);
}

static void count(struct dnsd *d, const struct dnsd_exchange *x)
{
    struct counter *c;
    size_t len = strlen(x->name);

    pthread_mutex_lock(&d->lock);
    c = find(d, x->name);
    if (c == NULL) {
        c = calloc(1, sizeof(*c) + len + 1);
        if (c == NULL)
            abort();
        memcpy(c->name, x->name, len);
        c->map.hash = tw_hash(x->name, len, 0);
        if (tw_map_add(&d->counters, &c->map) != 0)
            abort();
    }
    c->count++;
    d->total++;
    d->by_tcp += x->tcp;
    pthread_mutex_unlock(&d->lock);
}

unsigned dnsd_count(struct dnsd *d, const char *name)
{
    struct counter *c;
    unsigned n;

    pthread_mutex_lock(&d->lock);
    c = find(d, name);
    n = c == NULL ? 0 : c->count;
    pthread_mutex_unlock(&d->lock);
    return n;
}

size_t dnsd_names(struct dnsd *d)
{
    size_t n;

    pthread_mutex_lock(&d->lock);
    n = d->counters.len;
    pthread_mutex_unlock(&d->lock);
    return n;
}

static unsigned locked(struct dnsd *d, const unsigned *value)
{
    unsigned n;

    pthread_mutex_lock(&d->lock);
    n = *value;
    pthread_mutex_unlock(&d->lock);
    return n;
}

unsigned dnsd_total(struct dnsd *d)
{
    return locked(d, &d->total);
}

unsigned dnsd_by_tcp(struct dnsd *d)
{
    return locked(d, &d->by_tcp);
}

unsigned dnsd_port(const struct dnsd *d)
{
    return d->port;
}

static bool reply(struct dnsd *d, struct dnsd_exchange *x, const unsigned char *query,
                  size_t len)
{
    if (!dnsd_reply(x, query, len))
        return false;
    count(d, x);
    return !x->silent;
}

/* ---- the network ---- */

static void send_later(struct dnsd *d, const struct dnsd_exchange *x,
                       const struct sockaddr_in *to)
{
    struct late *l = calloc(1, sizeof(*l));

    if (l == NULL)
        abort();
    l->to = *to;
    l->due_ms = now_ms() + x->delay_ms;
    l->len = x->len;
    memcpy(l->bytes, x->bytes, x->len);
    tw_list_append(&d->late, &l->link);
}

/* Returns how long it is until the next is due, -1 for ever. */
static int send_late(struct dnsd *d)
{
    long long now = now_ms(), next = -1;

    for (struct tw_link *link = d->late.next; link != &d->late;) {
        struct late *l = tw_container(link, struct late, link);

        link = link->next;
        if (l->due_ms > now) {
            next = next < 0 || l->due_ms - now < next ? l->due_ms - now : next;
            continue;
        }
        sendto(d->udp, l->bytes, l->len, 0, (struct sockaddr *)&l->to, sizeof(l->to));
        tw_list_remove(&l->link);
        free(l);
    }
    return (int)next;
}

static void serve_udp(struct dnsd *d)
{
    unsigned char query[DNSD_UDP_MAX];
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    ssize_t n = recvfrom(d->udp, query, sizeof(query), MSG_DONTWAIT, (struct sockaddr *)&from,
                         &from_len);
    struct dnsd_exchange x = {.tcp = false};

    if (n <= 0 || !reply(d, &x, query, (size_t)n))
        return;
    if (x.delay_ms > 0)
        send_later(d, &x, &from);
    else
        sendto(d->udp, x.bytes, x.len, 0, (struct sockaddr *)&from, from_len);
}

static bool receive_all(int fd, void *bytes, size_t len)
{
    return recv(fd, bytes, len, MSG_WAITALL) == (ssize_t)len;
}

/* One question; false when the connection is over. */
static bool serve_conn(struct dnsd *d, int fd)
{
    unsigned char head[2], query[DNSD_UDP_MAX];
    struct dnsd_exchange x = {.tcp = true};
    size_t len;

    if (!receive_all(fd, head, 2))
        return false;
    len = (size_t)head[0] << 8 | head[1];
    if (len > sizeof(query) || !receive_all(fd, query, len))
        return false;
    if (!reply(d, &x, query, len))
        return true;
    head[0] = (unsigned char)(x.len >> 8);
    head[1] = (unsigned char)x.len;
    return send(fd, head, 2, MSG_NOSIGNAL) == 2 &&
           send(fd, x.bytes, x.len, MSG_NOSIGNAL) == (ssize_t)x.len;
}

static void serve_conns(struct dnsd *d, const struct pollfd *polls)
{
    for (int i = 0; i < CONNS; i++) {
        if (d->conns[i] < 0 || polls[i].revents == 0 || serve_conn(d, d->conns[i]))
            continue;
        close(d->conns[i]);
        d->conns[i] = -1;
    }
}

static void take_conn(struct dnsd *d)
{
    int fd = accept(d->tcp, NULL, NULL);

    for (int i = 0; i < CONNS && fd >= 0; i++)
        if (d->conns[i] < 0) {
            d->conns[i] = fd;
            return;
        }
    if (fd >= 0)
        close(fd);
}

static void *run(void *data)
{
    struct dnsd *d = data;
    struct pollfd polls[3 + CONNS] = {{.fd = d->stop[0], .events = POLLIN},
                                      {.fd = d->udp, .events = POLLIN},
                                      {.fd = d->tcp, .events = POLLIN}};

    for (;;) {
        for (int i = 0; i < CONNS; i++)
            polls[3 + i] = (struct pollfd){.fd = d->conns[i], .events = POLLIN};
        if (poll(polls, 3 + CONNS, send_late(d)) < 0 && errno != EINTR)
            abort();
        if (polls[0].revents != 0)
            return NULL;
        if (polls[1].revents != 0)
            serve_udp(d);
        serve_conns(d, polls + 3);
        if (polls[2].revents != 0)
            take_conn(d);
    }
}

/* ---- life ---- */

static bool bind_to(int fd, unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
}

static void close_both(struct dnsd *d)
{
    if (d->udp >= 0)
        close(d->udp);
    if (d->tcp >= 0)
        close(d->tcp);
}

/* A port that is free for UDP may be taken for TCP. */
static int open_port(struct dnsd *d)
{
    struct sockaddr_in at;
    socklen_t len = sizeof(at);

    for (int i = 0; i < 20; i++) {
        d->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        d->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (d->udp >= 0 && d->tcp >= 0 && bind_to(d->udp, 0) &&
            getsockname(d->udp, (struct sockaddr *)&at, &len) == 0) {
            d->port = ntohs(at.sin_port);
            if (bind_to(d->tcp, d->port) && listen(d->tcp, 64) == 0)
                return 0;
        }
        close_both(d);
    }
    return -EADDRINUSE;
}

int dnsd_start(struct dnsd **out)
{
    struct dnsd *d = calloc(1, sizeof(*d));
    int err;

    if (d == NULL)
        return -ENOMEM;
    for (int i = 0; i < CONNS; i++)
        d->conns[i] = -1;
    tw_list_init(&d->late);
    pthread_mutex_init(&d->lock, NULL);
    err = open_port(d);
    if (err != 0 || pipe(d->stop) != 0) {
        free(d);
        return err != 0 ? err : -errno;
    }
    err = -pthread_create(&d->thread, NULL, run, d);
    if (err != 0) {
        close_both(d);
        free(d);
        return err;
    }
    *out = d;
    return 0;
}

void dnsd_stop(struct dnsd *d)
{
    ssize_t n = write(d->stop[1], "", 1);
    struct tw_map_entry *counter;

    (void)n;
    pthread_join(d->thread, NULL);
    for (int i = 0; i < CONNS; i++)
        if (d->conns[i] >= 0)
            close(d->conns[i]);
    close(d->stop[0]);
    close(d->stop[1]);
    close_both(d);
    while (!tw_list_empty(&d->late)) {
        struct late *l = tw_container(d->late.next, struct late, link);

        tw_list_remove(&l->link);
        free(l);
    }
    while ((counter = tw_map_pop(&d->counters)) != NULL)
        free(tw_container(counter, struct counter, map));
    tw_map_free(&d->counters);
    pthread_mutex_destroy(&d->lock);
    free(d);
}
