/* A client that takes apart nothing more than it must: the origin's tests read the very bytes.
 *
 * Every function fails the running check test when a system call does, or after 10 s without a
 * byte. */
#ifndef ORIGIN_RAW_H
#define ORIGIN_RAW_H

#include "bytes.h"

struct raw_reply {
    struct origin_bytes all; /* everything that came, with a NUL behind it */
    bool reset;              /* ended by a reset, not by an orderly close */
    int status;              /* of the first status line, 0 if there is none */
    const char *body;        /* behind the first empty line; the end of `all` without one */
    size_t body_n;
};

/* Connects to 127.0.0.1. */
int raw_connect(unsigned port);
void raw_send(int fd, const char *text);
/* Reads until the peer ends the connection, then closes. */
void raw_finish(int fd, struct raw_reply *r);
/* Reads one reply that has a Content-Length, and leaves the connection open. */
void raw_read_one(int fd, struct raw_reply *r);
/* GET with Connection: close, until the end. The target may have any bytes but NUL. */
void raw_get(unsigned port, const char *target, struct raw_reply *r);
/* Sends a whole request as it stands, until the end. */
void raw_ask(unsigned port, const char *request, struct raw_reply *r);
/* True when the head has this line, without its end; case counts. */
bool raw_has(const struct raw_reply *r, const char *line);
/* Takes the chunk framing off the body. False when it is not whole and right. Tells
 * the size of the largest chunk and the number of chunks with data. */
bool raw_unchunk(struct raw_reply *r, size_t *largest, size_t *chunks);
void raw_free(struct raw_reply *r);

#endif
