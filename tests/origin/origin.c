#include "origin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"

#define BACKLOG 4096
#define PORT_TRIES 32

struct origin {
    uv_loop_t loop;
    uv_async_t stop;
    uv_tcp_t *listeners;
    size_t n_listeners; /* initialised */
    unsigned port;
    pthread_t thread;
    char *robots;
    struct origin_world world;
    struct origin_room room;
};

static int listen_on(uint32_t address, unsigned port, int *out)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(address)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    int err;

    if (fd < 0) {
        return -errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0) {
        err = -errno;
        close(fd);
        return err;
    }
    *out = fd;
    return 0;
}

static unsigned port_of(int fd)
{
    struct sockaddr_in at = {0};
    socklen_t n = sizeof at;

    getsockname(fd, (struct sockaddr *)&at, &n);
    return ntohs(at.sin_port);
}

static void close_fds(const int *fds, size_t n)
{
    while (n > 0) {
        close(fds[--n]);
    }
}

static int listen_on_all(uint32_t first, size_t n, unsigned port, int *fds)
{
    for (size_t i = 0; i < n; i++) {
        int err = listen_on(first + (uint32_t)i, port, &fds[i]);
        if (err) {
            close_fds(fds, i);
            return err;
        }
        if (port == 0) {
            port = port_of(fds[0]);
        }
    }
    return 0;
}

/* A port that the first address has free may be taken on another. */
static int listen_somewhere(uint32_t first, size_t n, unsigned port, int *fds)
{
    int err = 0;

    for (int i = 0; i < PORT_TRIES; i++) {
        err = listen_on_all(first, n, port, fds);
        if (port != 0 || err != -EADDRINUSE) {
            break;
        }
    }
    return err;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct origin *o = listener->data;

    size_t number = (size_t)((uv_tcp_t *)listener - o->listeners);

    if (status == 0) {
        origin_conn_accept(&o->room, listener, o->world.site.first + (uint32_t)number);
    }
}

static int adopt(struct origin *o, int fd)
{
    uv_tcp_t *tcp = &o->listeners[o->n_listeners];
    int err = uv_tcp_init(&o->loop, tcp);

    if (err) {
        close(fd);
        return err;
    }
    o->n_listeners++;
    tcp->data = o;
    err = uv_tcp_open(tcp, fd);
    if (err) {
        close(fd);
        return err;
    }
    return uv_listen((uv_stream_t *)tcp, BACKLOG, on_connection);
}

static int adopt_all(struct origin *o, const int *fds, size_t n)
{
    o->listeners = origin_alloc(n * sizeof *o->listeners);
    for (size_t i = 0; i < n; i++) {
        int err = adopt(o, fds[i]);
        if (err) {
            close_fds(fds + i + 1, n - i - 1);
            return err;
        }
    }
    return 0;
}

static int parse_first(const char *text, size_t n, uint32_t *first)
{
    struct in_addr at;
    uint32_t last;

    if (inet_pton(AF_INET, text ? text : "127.0.0.1", &at) != 1) {
        return UV_EINVAL;
    }
    *first = ntohl(at.s_addr);
    if (n > 1u << 24) {
        return UV_EINVAL;
    }
    last = *first + (uint32_t)(n - 1);
    return *first >> 24 == 127 && last >> 24 == 127 ? 0 : UV_EINVAL;
}

static int open_listeners(struct origin *o, const struct origin_options *options)
{
    size_t n = options->hosts ? options->hosts : 1;
    uint32_t first;
    int err = parse_first(options->listen, n, &first);
    int *fds;

    if (err || options->port > 65535) {
        return UV_EINVAL;
    }
    fds = origin_alloc(n * sizeof *fds);
    err = listen_somewhere(first, n, options->port, fds);
    if (!err) {
        o->port = port_of(fds[0]);
        o->world.site.first = first;
        o->world.site.hosts = (uint32_t)n;
        o->world.site.port = o->port;
        err = adopt_all(o, fds, n);
    }
    free(fds);
    return err;
}

static void close_listeners(struct origin *o)
{
    for (size_t i = 0; i < o->n_listeners; i++) {
        uv_close((uv_handle_t *)&o->listeners[i], NULL);
    }
}

static void on_stop(uv_async_t *async)
{
    struct origin *o = async->data;

    close_listeners(o);
    origin_conn_close_all(&o->room);
    uv_close((uv_handle_t *)async, NULL);
}

static void *run(void *arg)
{
    struct origin *o = arg;

    uv_run(&o->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* The thread takes no signal: they are the program's, and writing to a closed connection must
 * not end it by SIGPIPE. */
static int start_thread(struct origin *o)
{
    sigset_t all, old;
    int err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    err = pthread_create(&o->thread, NULL, run, o);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return -err;
}

static void destroy(struct origin *o)
{
    int err = uv_loop_close(&o->loop);

    if (err) {
        fprintf(stderr, "origin: loop did not close: %s\n", uv_strerror(err));
        abort();
    }
    if (origin_access_close(&o->room.access) != 0) {
        fputs("origin: the access log is not whole\n", stderr);
        abort();
    }
    origin_keys_free(&o->world.keys);
    free(o->listeners);
    free(o->robots);
    free(o);
}

static struct origin *create(const struct origin_options *options)
{
    struct origin *o = origin_alloc(sizeof *o);

    memset(o, 0, sizeof *o);
    origin_book_write(&o->world.book, options->seed);
    origin_keys_init(&o->world.keys);
    if (options->robots) {
        size_t n = strlen(options->robots) + 1;
        o->robots = origin_alloc(n);
        memcpy(o->robots, options->robots, n);
        o->world.robots = o->robots;
    }
    o->world.site.book = &o->world.book;
    o->world.site.pages = options->site;
    o->world.site.span = options->span;
    o->world.site.traps = options->traps;
    o->room.world = &o->world;
    return o;
}

static int open_all(struct origin *o, const struct origin_options *options)
{
    int err = options->access_log ? origin_access_open(&o->room.access, options->access_log) : 0;

    return err ? err : open_listeners(o, options);
}

int origin_start(struct origin **out, const struct origin_options *options)
{
    struct origin_options none = {0};
    struct origin *o;
    int err;

    options = options ? options : &none;
    o = create(options);
    err = uv_loop_init(&o->loop);
    if (err) {
        origin_keys_free(&o->world.keys);
        free(o->robots);
        free(o);
        return err;
    }
    uv_async_init(&o->loop, &o->stop, on_stop);
    o->stop.data = o;
    err = open_all(o, options);
    if (!err) {
        err = start_thread(o);
    }
    if (err) {
        on_stop(&o->stop);
        uv_run(&o->loop, UV_RUN_DEFAULT);
        destroy(o);
        return err;
    }
    *out = o;
    return 0;
}

unsigned origin_port(const struct origin *o)
{
    return o->port;
}

void origin_list(const struct origin *o, FILE *out)
{
    origin_site_list(&o->world.site, out);
}

struct origin_counts origin_stats(struct origin *o)
{
    return (struct origin_counts){
        .connections = atomic_load(&o->world.connections),
        .requests = atomic_load(&o->world.requests),
        .open = atomic_load(&o->world.open),
        .max_open = atomic_load(&o->world.max_open),
    };
}

uint64_t origin_hits(struct origin *o, const char *key)
{
    return origin_keys_count(&o->world.keys, (struct origin_span){key, strlen(key)});
}

void origin_stop(struct origin *o)
{
    if (!o) {
        return;
    }
    uv_async_send(&o->stop);
    pthread_join(o->thread, NULL);
    destroy(o);
}
