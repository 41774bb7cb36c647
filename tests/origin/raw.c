#include "raw.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int raw_connect(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

void raw_send(int fd, const char *text)
{
    size_t n = strlen(text);

    while (n > 0) {
        ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
        ck_assert_int_gt(k, 0);
        text += k;
        n -= (size_t)k;
    }
}

/* The number of bytes read, 0 at the end, -1 on a reset. */
static ssize_t read_more(int fd, struct origin_bytes *b, size_t most)
{
    ssize_t n;

    origin_bytes_reserve(b, most + 1);
    n = recv(fd, b->p + b->n, most, 0);
    ck_assert_msg(n >= 0 || errno == ECONNRESET, "recv: %s", strerror(errno));
    b->n += n > 0 ? (size_t)n : 0;
    b->p[b->n] = '\0';
    return n;
}

static void take_apart(struct raw_reply *r)
{
    const char *all = (const char *)r->all.p;
    const char *empty = memmem(all, r->all.n, "\r\n\r\n", 4);

    r->body = empty ? empty + 4 : all + r->all.n;
    r->body_n = r->all.n - (size_t)(r->body - all);
    r->status = 0;
    if (strncmp(all, "HTTP/1.1 ", 9) == 0) {
        r->status = atoi(all + 9);
    }
}

void raw_finish(int fd, struct raw_reply *r)
{
    ssize_t n;

    memset(r, 0, sizeof *r);
    while ((n = read_more(fd, &r->all, 65536)) > 0) {
    }
    r->reset = n < 0;
    close(fd);
    take_apart(r);
}

void raw_read_one(int fd, struct raw_reply *r)
{
    const char *length;
    size_t left;

    memset(r, 0, sizeof *r);
    do {
        ck_assert_int_gt(read_more(fd, &r->all, 1), 0);
        take_apart(r);
    } while (r->body == (const char *)r->all.p + r->all.n &&
             !memmem(r->all.p, r->all.n, "\r\n\r\n", 4));
    length = strstr((const char *)r->all.p, "Content-Length: ");
    ck_assert_ptr_nonnull(length);
    left = strtoul(length + 16, NULL, 10);
    while (left > 0) {
        ssize_t n = read_more(fd, &r->all, left);
        ck_assert_int_gt(n, 0);
        left -= (size_t)n;
    }
    take_apart(r);
}

void raw_ask(unsigned port, const char *request, struct raw_reply *r)
{
    int fd = raw_connect(port);

    raw_send(fd, request);
    raw_finish(fd, r);
}

void raw_get(unsigned port, const char *target, struct raw_reply *r)
{
    struct origin_bytes request = {0};

    origin_bytes_text(&request, "GET ");
    origin_bytes_text(&request, target);
    origin_bytes_text(&request, " HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n");
    origin_bytes_add(&request, "", 1);
    raw_ask(port, (const char *)request.p, r);
    origin_bytes_free(&request);
}

bool raw_has(const struct raw_reply *r, const char *line)
{
    const char *p = (const char *)r->all.p;
    size_t n = strlen(line);

    while (p < r->body) {
        const char *eol = memmem(p, (size_t)(r->body - p), "\r\n", 2);
        if (!eol) {
            return false;
        }
        if ((size_t)(eol - p) == n && memcmp(p, line, n) == 0) {
            return true;
        }
        p = eol + 2;
    }
    return false;
}

bool raw_unchunk(struct raw_reply *r, size_t *largest, size_t *chunks)
{
    const char *p = r->body, *end = r->body + r->body_n;
    char *out = (char *)(uintptr_t)r->body;
    char *rest;
    size_t n;

    *largest = 0;
    *chunks = 0;
    for (;;) {
        n = strtoul(p, &rest, 16);
        if (rest == p || end - rest < 2 || memcmp(rest, "\r\n", 2) != 0) {
            return false;
        }
        p = rest + 2;
        if (n == 0) {
            break;
        }
        if ((size_t)(end - p) < n + 2 || memcmp(p + n, "\r\n", 2) != 0) {
            return false;
        }
        memmove(out, p, n);
        out += n;
        p += n + 2;
        *largest = n > *largest ? n : *largest;
        *chunks += 1;
    }
    r->body_n = (size_t)(out - r->body);
    /* Trailers end with an empty line as the head does. */
    return end - p >= 2 && memcmp(end - 2, "\r\n", 2) == 0 &&
           (end - p == 2 || memcmp(end - 4, "\r\n\r\n", 4) == 0);
}

void raw_free(struct raw_reply *r)
{
    origin_bytes_free(&r->all);
}
