/* The answer to one request: planned whole, then written piece by piece. */
#ifndef ORIGIN_REPLY_H
#define ORIGIN_REPLY_H

#include <stdatomic.h>

#include "body.h"
#include "keys.h"
#include "page.h"
#include "request.h"
#include "site.h"

enum origin_after { AFTER_KEEP, AFTER_CLOSE, AFTER_RESET, AFTER_STALL };

struct origin_reply {
    struct origin_bytes head; /* everything before the body, owned */
    size_t head_at;
    struct origin_body body; /* owned */
    bool chunked;
    uint64_t chunk;      /* most bytes of one chunk */
    uint64_t chunk_left; /* of the chunk being written */
    char line[80];       /* framing between the chunks */
    size_t line_at, line_n;
    bool open, last; /* a chunk was begun, the last line was made */
    bool trailers;
    int status;                /* as the status line has it */
    int64_t malformed;         /* MALFORMED_* */
    uint64_t allowed;          /* bytes until `after` cuts in, UINT64_MAX for no cut */
    enum origin_after after;   /* what follows the last byte */
    uint64_t latency_ms, drip; /* drip in bytes a second, 0 for no brake */
};

/* What all replies of one origin are made from. */
struct origin_world {
    struct origin_book book;
    struct origin_keys keys;
    struct origin_site site; /* without pages: everything is as the query says */
    const char *robots; /* text of /robots.txt, NULL for a 404 */
    atomic_uint_fast64_t connections, requests, open, max_open;
};

/* Plans the answer. `r` need not be initialised and is freed by origin_reply_free. */
void origin_reply_plan(struct origin_world *world, const struct origin_request *rq,
                       struct origin_reply *r);
/* Plans a refusal of a head that could not be parsed; the connection ends after it. */
void origin_reply_refuse(const struct origin_request *rq, int status, struct origin_reply *r);
/* Writes up to n bytes and says how many; 0 only when there is nothing more to write. */
size_t origin_reply_fill(struct origin_reply *r, uint8_t *out, size_t n);
void origin_reply_free(struct origin_reply *r);

#endif
