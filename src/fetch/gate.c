#include "fetch/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define RESERVED 16

void tw_gate_reset(struct tw_gate *gate, const struct tw_guard *guard)
{
    gate->guard = guard;
    gate->tried = gate->again = false;
    gate->open_errno = 0;
    gate->denied[0] = '\0';
}

static const void *bytes_of(const struct sockaddr *sa)
{
    switch (sa->sa_family) {
    case AF_INET: return (const char *)sa + offsetof(struct sockaddr_in, sin_addr);
    case AF_INET6: return (const char *)sa + offsetof(struct sockaddr_in6, sin6_addr);
    default: return NULL;
    }
}

static void note_denied(struct tw_gate *gate, const struct sockaddr *sa, const char *what)
{
    char text[INET6_ADDRSTRLEN] = "the address";
    const void *bytes = bytes_of(sa);

    if (gate->denied[0] != '\0')
        return;
    if (bytes != NULL)
        inet_ntop(sa->sa_family, bytes, text, sizeof(text));
    snprintf(gate->denied, sizeof(gate->denied), "%s is %s", text, what);
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
    if (gate->denied[0] != '\0' && !gate->tried)
        return TRAWL_EDENIED;
    if (gate->open_errno == EMFILE || gate->open_errno == ENFILE)
        return TRAWL_EMFILE;
    return TRAWL_ECONNECT;
}
