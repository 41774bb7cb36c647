/* The head of a reply: status line and headers, with the faults that live there. */
#ifndef ORIGIN_HEAD_H
#define ORIGIN_HEAD_H

#include "query.h"
#include "reply.h"

/* What the plan has decided. */
struct origin_head {
    const struct origin_request *rq;
    const struct origin_query *q;
    int64_t status;
    const char *type;            /* NULL: HTML */
    struct origin_bytes location; /* owned by the planner */
    bool has_location;
    bool keep;       /* the connection stays after the reply */
    bool has_length; /* else chunked as the reply says, or until the close */
    uint64_t length;
};

void origin_head_write(const struct origin_head *h, const struct origin_reply *r,
                       struct origin_bytes *out);
/* True for the statuses whose replies have no body, RFC 9110 section 6.4.1. */
bool origin_head_is_bare(int64_t status);

#endif
