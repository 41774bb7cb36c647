/* A stream of frames as a worker, or what pretends to be one, might send it. What is accepted is put
 * into a frame again, which must be the same bytes. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/frames.h"

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void same(const struct tw_frame *frame, struct tw_buf *again, int err)
{
    require(err == 0 && again->len == frame->size);
    require(memcmp(again->data + TW_FRAME_HEAD, frame->payload, frame->len) == 0);
}

static void try_frame(const struct tw_frame *frame, struct tw_buf *again)
{
    struct tw_hello hello;
    struct tw_outcome out;
    struct tw_job job;
    int status;

    if (frame->type == TW_FRAME_JOB && tw_frame_get_job(frame, &job) == 0)
        same(frame, again, tw_frame_put_job(again, &job));
    if (frame->type == TW_FRAME_STATUS && tw_frame_get_status(frame, &status) == 0)
        same(frame, again, tw_frame_put_status(again, status));
    if (frame->type == TW_FRAME_DONE && tw_frame_get_done(frame, &out) == 0)
        same(frame, again, tw_frame_put_done(again, &out));
    if (frame->type == TW_FRAME_HELLO && tw_frame_get_hello(frame, &hello) == 0) {
        same(frame, again, tw_frame_put_hello(again, &hello.options, hello.parent));
        tw_hello_free(&hello);
    }
    if (frame->type == TW_FRAME_BODY || frame->type == TW_FRAME_HEADER)
        same(frame, again, tw_frame_put(again, frame->type, frame->payload, frame->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tw_frame frame;
    struct tw_buf again = {0};
    size_t at = 0;

    while (at < size && tw_frame_parse((const char *)data + at, size - at, &frame) == 1) {
        /* A block of its own, so that reading past it shows. */
        char *copy = malloc(frame.len + (frame.len == 0));

        require(frame.size <= size - at && copy != NULL);
        at += frame.size;
        memcpy(copy, frame.payload, frame.len);
        frame.payload = copy;
        again.len = 0;
        try_frame(&frame, &again);
        free(copy);
    }
    tw_buf_free(&again);
    return 0;
}
