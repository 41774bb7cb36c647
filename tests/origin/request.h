/* One HTTP request's head, RFC 9112 section 3 and 5. */
#ifndef ORIGIN_REQUEST_H
#define ORIGIN_REQUEST_H

#include "bytes.h"

/* Every span points into the bytes that were parsed; nothing is owned. */
struct origin_request {
    struct origin_span head; /* request line to the empty line, both included */
    struct origin_span method;
    struct origin_span target;
    struct origin_span path;  /* target without scheme, authority and query; never empty */
    struct origin_span query; /* after the first '?', absent without one */
    struct origin_span host;
    struct origin_span authorization;
    uint32_t local;    /* IPv4 address that was asked, in host order; set by the connection */
    uint64_t body_len; /* bytes of request body that follow the head */
    bool old;          /* HTTP/1.0 */
    bool absolute;     /* the target came in absolute form, as to a proxy */
    bool keep;         /* the client allows another request on this connection */
};

/* Parses a head that ends with an empty line. 0, or the status to refuse it with: 400, 501 (body
 * without a length) or 505. Host is filled as far as it was read. */
int origin_request_parse(struct origin_request *rq, const char *p, size_t n);

#endif
