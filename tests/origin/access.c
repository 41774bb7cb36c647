#include "access.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <uv.h>

static unsigned long long now_us(void)
{
    return uv_hrtime() / 1000;
}

static void print_peer(FILE *out, const struct origin_peer *peer)
{
    fprintf(out, "%u.%u.%u.%u %llu", peer->local >> 24, peer->local >> 16 & 255,
            peer->local >> 8 & 255, peer->local & 255, (unsigned long long)peer->number);
}

int origin_access_open(struct origin_access *log, const char *path)
{
    log->out = fopen(path, "we");
    return log->out ? 0 : -errno;
}

int origin_access_close(struct origin_access *log)
{
    int err = 0;

    if (log->out) {
        err = ferror(log->out) ? -EIO : 0;
        if (fclose(log->out) != 0) {
            err = -errno;
        }
        log->out = NULL;
    }
    return err;
}

void origin_access_opened(struct origin_access *log, struct origin_peer *peer, uint32_t local)
{
    *peer = (struct origin_peer){++log->connections, local};
    if (log->out) {
        fprintf(log->out, "open %llu - ", now_us());
        print_peer(log->out, peer);
        fputs("\n", log->out);
    }
}

void origin_access_closed(struct origin_access *log, const struct origin_peer *peer)
{
    if (log->out) {
        fprintf(log->out, "close - %llu ", now_us());
        print_peer(log->out, peer);
        fputs("\n", log->out);
    }
}

/* A server that is busy reads late: the kernel knows when the bytes came. */
static uint64_t age_us(int fd)
{
    struct tcp_info info = {0};
    socklen_t n = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0
               ? (uint64_t)info.tcpi_last_data_recv * 1000
               : 0;
}

void origin_access_asked(struct origin_access *log, int fd, const struct origin_request *rq,
                         struct origin_entry *entry)
{
    if (!log->out) {
        return;
    }
    entry->head_us = now_us();
    entry->arrival_us = entry->head_us - age_us(fd);
    if (rq) {
        origin_bytes_span(&entry->request, rq->method);
        origin_bytes_text(&entry->request, " ");
        origin_bytes_span(&entry->request, rq->target);
    } else {
        origin_bytes_text(&entry->request, "- -");
    }
}

void origin_access_answered(struct origin_access *log, const struct origin_peer *peer, int status,
                            struct origin_entry *entry)
{
    if (entry->head_us == 0) {
        return;
    }
    fprintf(log->out, "answer %llu %llu ", (unsigned long long)entry->head_us, now_us());
    print_peer(log->out, peer);
    fprintf(log->out, " %llu %d %.*s\n", (unsigned long long)entry->arrival_us, status,
            (int)entry->request.n, (const char *)entry->request.p);
    origin_bytes_free(&entry->request);
    entry->head_us = 0;
}
