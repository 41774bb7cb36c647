/* The query parameters that tell the origin how to answer: one table makes the parser and the
 * help text. The grammar is described in origin.h. */
#ifndef ORIGIN_QUERY_H
#define ORIGIN_QUERY_H

#include <stdio.h>

#include "bytes.h"

enum { FRAMING_LENGTH = 1, FRAMING_CHUNKED, FRAMING_CLOSE };
enum { DECLARE_HEADER = 1, DECLARE_BOM, DECLARE_META, DECLARE_NONE };
enum { BADGZIP_BLOCK = 1, BADGZIP_CRC };
enum { AUTH_BASIC = 1 };
enum {
    MALFORMED_STATUS = 1,
    MALFORMED_HEADER,
    MALFORMED_CHUNK,
    MALFORMED_CHUNKSIZE,
    MALFORMED_VERSION,
    MALFORMED_HTTP09,
    MALFORMED_NUL,
    MALFORMED_FOLD,
    MALFORMED_DUP_LENGTH
};

/* Numbers and flags are -1, choices 0 and texts absent when the query does not name them. */
struct origin_query {
    int64_t size, latency, status, chunked, links, of;
    int64_t reset, close, stall, drip, length, headers, header_size, bomb, cut, flip, junk;
    int64_t n, code, fail;
    int64_t keepalive, loop, noloc, endless, noreply, informational, trailers, transfer;
    int64_t framing, declare, malformed, auth, badgzip;
    struct origin_span title, body, charset, type, to, key, with, retry_after, encoding, says;
    char *store; /* owns what the texts point to */
};

/* Reads the part of a target after '?'. False with a sentence in `why` when a parameter is
 * unknown or its value is not one; q needs origin_query_free either way. Texts are
 * percent-decoded; '+' stands for itself. When a parameter comes twice the last one counts. */
bool origin_query_parse(struct origin_query *q, struct origin_span text,
                        struct origin_bytes *why);
void origin_query_free(struct origin_query *q);
/* Prints one line for each parameter. */
void origin_query_help(FILE *out);

#endif
