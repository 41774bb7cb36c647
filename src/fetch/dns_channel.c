/* Plain functions of c-ares 1.18, of which newer versions advise against some. */
#define CARES_NO_DEPRECATED

#include "fetch/dns_channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/servers.h"
#include "trawl.h"
#include "fetch/stay.h"

#define TRIES 3
/* c-ares waits twice as long with each try: 1 + 2 + 4 parts. */
#define TIMEOUT_PARTS 7
/* So many packets are read before other work gets its turn: a flood must not hold the loop. */
#define READS_PER_TURN 128
#define RECEIVE_BUFFER (512 * 1024)

struct dns_socket {
    uv_poll_t poll;
    struct tw_dns_channel *channel;
    struct tw_link link; /* in channel.sockets while it is open */
    int fd;
    int wanted, armed; /* UV_READABLE | UV_WRITABLE */
    bool udp;
};

struct tw_dns_ask {
    struct tw_dns_channel *channel;
    tw_dns_reply_cb cb; /* NULL: forgotten */
    void *data;
    int family;
};

/* ---- sockets: ours, so that their watchers come and go with them ---- */

static struct dns_socket *find(struct tw_dns_channel *c, int fd)
{
    for (struct tw_link *l = c->sockets.next; l != &c->sockets; l = l->next)
        if (tw_container(l, struct dns_socket, link)->fd == fd)
            return tw_container(l, struct dns_socket, link);
    return NULL;
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* Where it fails the question runs into its time limit. */
static void arm(struct dns_socket *s)
{
    if (s->armed == s->wanted)
        return;
    s->armed = 0;
    if (s->wanted == 0)
        uv_poll_stop(&s->poll);
    else if (uv_poll_start(&s->poll, s->wanted, on_poll) == 0)
        s->armed = s->wanted;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct dns_socket *s = poll->data;
    struct tw_dns_channel *c = s->channel;
    bool readable = status < 0 || events & UV_READABLE;
    bool writable = status < 0 || events & UV_WRITABLE;
    enum tw_stage before;

    if (status < 0) /* libuv has stopped watching it */
        s->armed = 0;
    c->reads = READS_PER_TURN;
    before = tw_stay_go(c->stay, TW_STAGE_NAME);
    ares_process_fd(c->ares, readable ? s->fd : ARES_SOCKET_BAD,
                    writable ? s->fd : ARES_SOCKET_BAD);
    if (tw_link_in_list(&s->link))
        arm(s);
    tw_stay_go(c->stay, before);
}

static void on_socket_closed(uv_handle_t *handle)
{
    struct dns_socket *s = handle->data;
    struct tw_dns_channel *c = s->channel;

    free(s);
    c->handles--;
    c->on_closed(c->data);
}

static int watch(struct tw_dns_channel *c, int fd, bool udp)
{
    struct dns_socket *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return UV_ENOMEM;
    if (uv_poll_init(c->loop, &s->poll, fd) != 0) {
        free(s);
        return UV_ENOMEM;
    }
    uv_unref((uv_handle_t *)&s->poll);
    s->poll.data = s;
    s->channel = c;
    s->fd = fd;
    s->udp = udp;
    tw_list_append(&c->sockets, &s->link);
    c->handles++;
    return 0;
}

static void set_option(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

static ares_socket_t on_socket(int family, int type, int protocol, void *data)
{
    struct tw_dns_channel *c = data;
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

    c->out_of_fds = fd < 0 && (errno == EMFILE || errno == ENFILE);
    if (fd < 0)
        return ARES_SOCKET_BAD;
    if (type == SOCK_STREAM)
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    else
        set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    if (watch(c, fd, type == SOCK_DGRAM) != 0) {
        close(fd);
        errno = ENOMEM;
        return ARES_SOCKET_BAD;
    }
    return fd;
}

static int on_socket_close(ares_socket_t fd, void *data)
{
    struct dns_socket *s = find(data, fd);

    if (s != NULL) {
        tw_list_remove(&s->link);
        uv_close((uv_handle_t *)&s->poll, on_socket_closed);
    }
    return close(fd);
}

static int on_connect(ares_socket_t fd, const struct sockaddr *address, ares_socklen_t len,
                      void *data)
{
    (void)data;
    return connect(fd, address, len);
}

static ares_ssize_t on_receive(ares_socket_t fd, void *bytes, size_t len, int flags,
                               struct sockaddr *from, ares_socklen_t *from_len, void *data)
{
    struct tw_dns_channel *c = data;

    if (c->reads == 0) {
        errno = EAGAIN;
        return -1;
    }
    c->reads--;
    return recvfrom(fd, bytes, len, flags, from, from_len);
}

/* A packet for which there is no room counts as lost on its way: c-ares 1.18 would take the
 * server for dead. */
static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *parts, int count, void *data)
{
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
    struct dns_socket *s = find(data, fd);
    ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);

    if (n >= 0 || s == NULL || !s->udp || (errno != EAGAIN && errno != ENOBUFS))
        return n;
    n = 0;
    for (int i = 0; i < count; i++)
        n += (ssize_t)parts[i].iov_len;
    return n;
}

static const struct ares_socket_functions socket_functions = {
    on_socket, on_socket_close, on_connect, on_receive, on_send,
};

static void on_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
    struct dns_socket *s = find(data, fd);

    if (s == NULL)
        return;
    s->wanted = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    arm(s);
}

/* ---- the channel ---- */

static int error_of_open(int status)
{
    return status == ARES_SUCCESS ? 0 : status == ARES_ENOMEM ? TRAWL_ENOMEM : TRAWL_EINTERNAL;
}

static struct ares_addr_port_node node_of(const struct tw_server *server)
{
    struct ares_addr_port_node node = {.family = server->addr.size == 4 ? AF_INET : AF_INET6};

    memcpy(&node.addr, server->addr.bytes, server->addr.size);
    node.udp_port = node.tcp_port = server->port; /* 0 is the usual one */
    return node;
}

static int set_servers(struct tw_dns_channel *c, const char *servers)
{
    struct tw_list_error error;
    struct tw_server_list list;
    struct ares_addr_port_node *nodes;
    int err = tw_server_list_parse(&list, servers, strlen(servers), &error);

    if (err != 0)
        return err;
    nodes = calloc(list.count, sizeof(*nodes));
    err = TRAWL_ENOMEM;
    if (nodes != NULL) {
        for (size_t i = 0; i < list.count; i++) {
            nodes[i] = node_of(&list.items[i]);
            nodes[i].next = i + 1 < list.count ? &nodes[i + 1] : NULL;
        }
        err = error_of_open(ares_set_servers_ports(c->ares, nodes));
    }
    free(nodes);
    tw_server_list_free(&list);
    return err;
}

static int init(struct tw_dns_channel *c, const char *resolv_path, uint64_t timeout_ms)
{
    char lookups[] = "b";
    uint64_t first_ms = timeout_ms / TIMEOUT_PARTS;
    struct ares_options o = {.tries = TRIES, .lookups = lookups};
    int mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
               ARES_OPT_RESOLVCONF;

    o.timeout = first_ms < 1 ? 1 : first_ms > INT32_MAX ? INT32_MAX : (int)first_ms;
    o.sock_state_cb = on_socket_state;
    o.sock_state_cb_data = c;
    o.resolvconf_path = (char *)resolv_path;
#ifdef ARES_OPT_QUERY_CACHE
    o.qcache_max_ttl = 0; /* there is a cache already */
    mask |= ARES_OPT_QUERY_CACHE;
#endif
    return error_of_open(ares_init_options(&c->ares, &o, mask));
}

int tw_dns_channel_open(struct tw_dns_channel *c, uv_loop_t *loop, const char *servers,
                        const char *resolv_path, uint64_t timeout_ms)
{
    int err = error_of_open(ares_library_init(ARES_LIB_INIT_ALL));

    if (err != 0)
        return err;
    *c = (struct tw_dns_channel){.loop = loop};
    tw_list_init(&c->sockets);
    err = init(c, resolv_path, timeout_ms);
    if (err != 0) {
        ares_library_cleanup();
        return err;
    }
    ares_set_socket_functions(c->ares, &socket_functions, c);
    err = servers == NULL ? 0 : set_servers(c, servers);
    if (err != 0)
        tw_dns_channel_close(c);
    return err;
}

void tw_dns_channel_close(struct tw_dns_channel *c)
{
    ares_destroy(c->ares);
    c->ares = NULL;
    ares_library_cleanup();
}

void tw_dns_channel_tick(struct tw_dns_channel *c)
{
    c->reads = READS_PER_TURN;
    ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* ---- questions ---- */

static const void *address_of(const struct ares_addrinfo_node *node)
{
    const void *address = node->ai_addr;

    return node->ai_family == AF_INET
               ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
               : &((const struct sockaddr_in6 *)address)->sin6_addr;
}

/* A time to live with the highest bit set is none (RFC 2181, 8). */
static void lower(uint32_t *ttl_s, int to)
{
    uint32_t seconds = to < 0 ? 0 : (uint32_t)to;

    if (seconds < *ttl_s)
        *ttl_s = seconds;
}

static uint32_t lowest_ttl(const struct ares_addrinfo *info)
{
    uint32_t ttl_s = UINT32_MAX;

    for (const struct ares_addrinfo_node *n = info->nodes; n != NULL; n = n->ai_next)
        lower(&ttl_s, n->ai_ttl);
    for (const struct ares_addrinfo_cname *n = info->cnames; n != NULL; n = n->next)
        lower(&ttl_s, n->ttl);
    return ttl_s;
}

static unsigned write_addresses(const struct ares_addrinfo *info, int family,
                                char out[TW_DNS_ADDRESSES_SIZE])
{
    unsigned count = 0;
    size_t len = 0;

    for (const struct ares_addrinfo_node *n = info->nodes; n != NULL; n = n->ai_next) {
        if (n->ai_family != family || count == TW_DNS_ADDRESSES_MAX)
            continue;
        if (count++ > 0)
            out[len++] = ',';
        inet_ntop(family, address_of(n), out + len, INET6_ADDRSTRLEN);
        len += strlen(out + len);
    }
    return count;
}

static void set_failure(struct tw_dns_reply *reply, const struct tw_dns_channel *c, int status)
{
    reply->negative = status == ARES_ENODATA || status == ARES_ENOTFOUND;
    reply->no_data = status == ARES_ENODATA;
    reply->detail = ares_strerror(status);
    reply->error = TRAWL_ERESOLVE;
    if (status == ARES_ETIMEOUT)
        reply->error = TRAWL_EDNSTIMEOUT;
    else if (status == ARES_ENOMEM)
        reply->error = TRAWL_ENOMEM;
    else if (status == ARES_ECONNREFUSED && c->out_of_fds)
        reply->error = TRAWL_EMFILE;
}

static void on_addrinfo(void *data, int status, int timeouts, struct ares_addrinfo *info)
{
    struct tw_dns_ask ask = *(struct tw_dns_ask *)data;
    char text[TW_DNS_ADDRESSES_SIZE] = "";
    struct tw_dns_reply reply = {.detail = "", .addresses = text};

    (void)timeouts;
    free(data);
    ask.channel->in_flight--;
    if (status == ARES_SUCCESS && write_addresses(info, ask.family, text) == 0)
        status = ARES_ENODATA;
    if (status != ARES_SUCCESS)
        set_failure(&reply, ask.channel, status);
    else
        reply.ttl_s = lowest_ttl(info);
    ares_freeaddrinfo(info);
    if (ask.cb != NULL)
        ask.cb(ask.data, &reply);
}

int tw_dns_channel_ask(struct tw_dns_channel *c, const char *name, int family,
                       tw_dns_reply_cb cb, void *data, struct tw_dns_ask **ask)
{
    /* Sorting would open a socket for each address; it is the caller's to choose. */
    struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = family};
    struct tw_dns_ask *a = malloc(sizeof(*a));

    if (a == NULL)
        return TRAWL_ENOMEM;
    *a = (struct tw_dns_ask){.channel = c, .cb = cb, .data = data, .family = family};
    *ask = a;
    c->in_flight++;
    ares_getaddrinfo(c->ares, name, NULL, &hints, on_addrinfo, a);
    return 0;
}

void tw_dns_ask_forget(struct tw_dns_ask *ask)
{
    ask->cb = NULL;
}
