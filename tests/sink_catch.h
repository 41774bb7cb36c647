/* What the tests of the output formats share: a write callback that keeps what it got, and a
 * result to start from. */
#ifndef SINK_CATCH_H
#define SINK_CATCH_H

#include <check.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "trawl.h"

#define FFFD "\xef\xbf\xbd"

struct catch
{
    struct tw_buf got;
    size_t calls;
    int fail; /* what the callback returns */
};

static inline int catch_write(void *data, const char *bytes, size_t len)
{
    struct catch *c = data;

    c->calls++;
    ck_assert_int_eq(tw_buf_append(&c->got, bytes, len), 0);
    return c->fail;
}

static inline trawl_sink *catch_open(struct catch *c, const char *format,
                                     const trawl_sink_options *options)
{
    trawl_sink *sink = NULL;

    ck_assert_int_eq(trawl_sink_open(&sink, format, options, catch_write, c), 0);
    return sink;
}

/* What one result gives, with the head of the format; valid until the next call. */
static inline struct tw_buf *catch_one(struct catch *c, const char *format,
                                       const trawl_sink_options *options,
                                       const trawl_result *result)
{
    trawl_sink *sink = catch_open(c, format, options);

    tw_buf_reset(&c->got, SIZE_MAX);
    ck_assert_int_eq(trawl_sink_add(sink, 7, result), 0);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    return &c->got;
}

/* Jansson takes nothing but valid UTF-8. */
static inline json_t *catch_parse(const struct tw_buf *b)
{
    json_error_t e;
    json_t *j = json_loadb(b->data, b->len, JSON_ALLOW_NUL, &e);

    ck_assert_msg(j != NULL, "%s at %d in %s", e.text, e.position, b->data);
    return j;
}

/* r as jsonl has it. */
static inline json_t *catch_json(struct catch *c, const trawl_result *r, bool body)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;

    options.body = body;
    return catch_parse(catch_one(c, "jsonl", &options, r));
}

static inline trawl_result catch_result(void)
{
    trawl_result r = {
        .url = "http://127.0.0.1:8080/a",
        .url_len = 23,
        .final_url = "http://127.0.0.1:8080/a",
        .detail = "",
        .status = 200,
        .http_version = 11,
        .content_type = "text/html; charset=utf-8",
        .charset = "UTF-8",
        .bytes = 13500,
        .wire_bytes = 13799,
        .excerpt = "Hello world",
        .excerpt_len = 11,
        .ip = "127.0.0.1",
        .port = 8080,
        .tries = 1,
        .timing = {1, 20, 300, 4000, 203999},
    };

    return r;
}

static inline trawl_result catch_failure(int error, const char *detail)
{
    trawl_result r = {
        .url = "http://127.0.0.1:1/",
        .url_len = 19,
        .final_url = "http://127.0.0.1:1/",
        .error = error,
        .detail = detail,
        .excerpt = "",
        .tries = 3,
        .timing = {0, 0, 0, 0, 1200},
    };

    return r;
}

#endif
