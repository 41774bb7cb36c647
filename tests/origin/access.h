/* The access log: what came when, on the server's own clock. origin.h describes its lines. A log
 * that is not open takes everything and writes nothing. */
#ifndef ORIGIN_ACCESS_H
#define ORIGIN_ACCESS_H

#include <stdio.h>

#include "request.h"

struct origin_access {
    FILE *out; /* NULL: not open */
    uint64_t connections; /* numbered so far */
};

/* What is known of a request until its answer is done. A zeroed one is none. */
struct origin_entry {
    uint64_t arrival_us; /* its last byte, as the kernel has it */
    uint64_t head_us;    /* understood; 0: none */
    struct origin_bytes request; /* method and target */
};

/* A connection of the log. */
struct origin_peer {
    uint64_t number; /* from 1 */
    uint32_t local;  /* IPv4 address in host order that it was accepted on */
};

/* 0, or a negative errno. */
int origin_access_open(struct origin_access *log, const char *path);
/* 0, or a negative errno when not everything could be written. */
int origin_access_close(struct origin_access *log);
void origin_access_opened(struct origin_access *log, struct origin_peer *peer, uint32_t local);
void origin_access_closed(struct origin_access *log, const struct origin_peer *peer);
/* A head came whole from a socket; rq may be NULL when it could not be parsed. */
void origin_access_asked(struct origin_access *log, int fd, const struct origin_request *rq,
                         struct origin_entry *entry);
/* Its answer is done, or was cut off with status 0. Frees what entry has; does nothing for none. */
void origin_access_answered(struct origin_access *log, const struct origin_peer *peer, int status,
                            struct origin_entry *entry);

#endif
