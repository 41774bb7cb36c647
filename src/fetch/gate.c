#include "fetch/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define RESERVED 16

void tw_gate_reset(struct tw_gate *gate, const struct tw_guard *guard)
{
    gate->guard = guard;
    gate->tried = gate->again = false;
    gate->open_errno = 0;
    gate->denied = NULL;
}

uint64_t tw_gate_patience_ms(const trawl_options *options)
{
    return options->connect_timeout_ms != 0 ? options->connect_timeout_ms : options->timeout_ms;
}

static void note_denied(struct tw_gate *gate, const struct sockaddr *sa, const char *what)
{
    if (gate->denied != NULL)
        return;
    gate->denied = what;
    gate->denied_family = sa->sa_family;
    if (sa->sa_family == AF_INET)
        memcpy(gate->denied_address, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
    if (sa->sa_family == AF_INET6)
        memcpy(gate->denied_address, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
}

void tw_gate_tell(const struct tw_gate *gate, char *buf, size_t size)
{
    char text[INET6_ADDRSTRLEN];

    if (inet_ntop(gate->denied_family, gate->denied_address, text, sizeof(text)) == NULL)
        snprintf(text, sizeof(text), "the address");
    snprintf(buf, size, "%s is %s", text, gate->denied);
}

static const char *judge(const struct tw_gate *gate, const struct curl_sockaddr *addr)
{
    if (gate->guard == NULL)
        return NULL;
    return tw_guard_judge_socket(gate->guard, &addr->addr, (socklen_t)addr->addrlen);
}

/* The last few are left to files, resolvers and certificates: where they lack, things fail that cannot
 * wait. Numbers are given from the lowest on, so that a high one tells how many are left. */
static bool is_reserved(int fd)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return false;
    return (rlim_t)fd >= limit.rlim_cur - (limit.rlim_cur < 8 * RESERVED ? limit.rlim_cur / 8 : RESERVED);
}

static int open_socket(const struct curl_sockaddr *addr)
{
    int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, addr->protocol);

    if (fd < 0 || !is_reserved(fd))
        return fd;
    close(fd);
    errno = EMFILE;
    return -1;
}

curl_socket_t tw_gate_open(struct tw_gate *gate, const struct curl_sockaddr *addr)
{
    const char *what = judge(gate, addr);
    int fd;

    if (what == NULL) {
        gate->tried = true;
        fd = open_socket(addr);
        if (fd >= 0)
            return fd;
        gate->open_errno = errno;
    } else {
        note_denied(gate, &addr->addr, what);
    }
    gate->again = true;
    return CURL_SOCKET_BAD;
}

int tw_gate_error(const struct tw_gate *gate)
{
    if (gate->denied != NULL && !gate->tried)
        return TRAWL_EDENIED;
    if (gate->open_errno == EMFILE || gate->open_errno == ENFILE)
        return TRAWL_EMFILE;
    return TRAWL_ECONNECT;
}
