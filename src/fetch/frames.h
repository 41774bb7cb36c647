/* What the strategy "process" and its workers say to each other: frames on a stream socket. A frame
 * is a head of 8 bytes (magic, version, type, 0, length of the payload in little endian) and a
 * payload. Numbers in payloads are 64 bits, little endian; strings are a length of 32 bits (all ones
 * for NULL), the bytes and a NUL, so that they can be used where they lie.
 *
 * to the worker    HELLO, once, then JOB again and again; ABORT ends the job that is running
 * to the parent    READY, once, then for each JOB: HEADER..., STATUS, BODY..., HEADER..., DONE
 *
 * Bytes in, struct out: nothing here reads, writes or knows a process. All that comes in is checked
 * as if a stranger had sent it. */
#ifndef TW_FETCH_FRAMES_H
#define TW_FETCH_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "fetch/engine.h"

#define TW_FRAME_HEAD ((size_t)8)
/* The longest frame to the parent: a header line of 100,000 bytes is libcurl's limit. */
#define TW_FRAME_UP_MAX ((size_t)128 * 1024)
/* The longest one to the worker, for a URL or many headers. */
#define TW_FRAME_DOWN_MAX ((size_t)16 * 1024 * 1024)

enum tw_frame_type {
    TW_FRAME_HELLO = 1, /* struct tw_hello */
    TW_FRAME_JOB,       /* struct tw_job */
    TW_FRAME_ABORT,     /* nothing; without a job it has no effect */
    TW_FRAME_READY,     /* nothing */
    TW_FRAME_HEADER,    /* one line as on_header wants it */
    TW_FRAME_STATUS,    /* the response's, before its body */
    TW_FRAME_BODY,      /* a chunk, not empty */
    TW_FRAME_DONE,      /* struct tw_outcome */
};

struct tw_frame {
    enum tw_frame_type type;
    const char *payload; /* in the bytes that were parsed */
    size_t len;
    size_t size; /* with its head */
};

/* 1: a frame stands at the beginning; 0: not all of it is there; TRAWL_EINVAL: what stands there is
 * none, is of another version, or is longer than its type may be. */
int tw_frame_parse(const char *bytes, size_t len, struct tw_frame *frame);

/* Each appends one frame. 0; TRAWL_ENOMEM, or TRAWL_EINVAL if it would be too long: then b is as it
 * was. */
int tw_frame_put(struct tw_buf *b, enum tw_frame_type type, const void *payload, size_t len);
int tw_frame_put_hello(struct tw_buf *b, const trawl_options *options, uint64_t parent);
int tw_frame_put_job(struct tw_buf *b, const struct tw_job *job);
int tw_frame_put_status(struct tw_buf *b, int status);
int tw_frame_put_done(struct tw_buf *b, const struct tw_outcome *out);

/* What a worker has to know once. */
struct tw_hello {
    trawl_options options; /* what request.h needs of them, the rest as in TRAWL_OPTIONS_INIT */
    uint64_t parent;       /* the parent's process id */
};

/* These read a payload. 0, or TRAWL_EINVAL and nothing was written; hello also TRAWL_ENOMEM. The
 * strings of hello and job lie in the payload. A job gets what the frame holds, and zeroes. */
int tw_frame_get_hello(const struct tw_frame *frame, struct tw_hello *hello);
int tw_frame_get_job(const struct tw_frame *frame, struct tw_job *job);
int tw_frame_get_status(const struct tw_frame *frame, int *status);
int tw_frame_get_done(const struct tw_frame *frame, struct tw_outcome *out);
void tw_hello_free(struct tw_hello *hello);

#endif
