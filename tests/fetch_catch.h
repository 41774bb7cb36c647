/* What the tests of the public API share: a loop, an origin, a trawl, and what its fetches came to.
 * One of each at a time; the trawl opens with the first fetch, with what net.options then has. */
#ifndef FETCH_CATCH_H
#define FETCH_CATCH_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "origin/origin.h"
#include "trawl.h"

/* A fetch: hand it over as the request's data. Texts are copies. */
struct got {
    trawl_id id;
    int calls; /* of on_done */
    trawl_result r; /* its pointers are not valid any more */
    struct tw_buf url, final_url, detail, body, excerpt;
    struct tw_buf headers;  /* "name: value\n" */
    struct tw_buf streamed; /* through on_body, of the last try */
    unsigned streamed_try;
    char charset[32];
    char ip[46];
};

enum place { IN_BODY, IN_DONE, IN_LOG, IN_CLOSE };

static struct net {
    uv_loop_t loop;
    struct origin *origin;
    unsigned port;
    trawl_options options;
    trawl *t;
    bool closing, closed;
    /* What a test does inside every callback; g is NULL in the log's and in close's. */
    void (*act)(enum place place, struct got *g);
    struct tw_buf log; /* of net_log */
    struct got *all[128]; /* freed at the end */
    size_t count;
} net;

static inline void net_begin(void)
{
    struct origin_options at = {.seed = 5, .hosts = 3};

    memset(&net, 0, sizeof(net));
    ck_assert_int_eq(origin_start(&net.origin, &at), 0);
    net.port = origin_port(net.origin);
    ck_assert_int_eq(uv_loop_init(&net.loop), 0);
    net.options = (trawl_options)TRAWL_OPTIONS_INIT;
    net.options.retry_delay_ms = 1;
    net.options.retry_max_ms = 2;
    net.options.timeout_ms = 30000;
    net.options.seed = 1;
    net.options.log_data = &net;
}

static inline void got_free(struct got *g)
{
    tw_buf_free(&g->url);
    tw_buf_free(&g->final_url);
    tw_buf_free(&g->detail);
    tw_buf_free(&g->body);
    tw_buf_free(&g->excerpt);
    tw_buf_free(&g->headers);
    tw_buf_free(&g->streamed);
    free(g);
}

static inline void net_on_close(void *data)
{
    struct net *n = data;

    ck_assert(!n->closed);
    n->closed = true;
    if (n->act != NULL)
        n->act(IN_CLOSE, NULL);
}

/* For options.log. */
static inline void net_log(void *data, int level, const char *message)
{
    ck_assert_ptr_eq(data, &net);
    ck_assert(level == 1 || level == 2);
    tw_buf_append(&net.log, message, strlen(message));
    tw_buf_append(&net.log, "\n", 1);
    if (net.act != NULL)
        net.act(IN_LOG, NULL);
}

static inline void net_shut(void)
{
    net.closing = true;
    trawl_close(net.t, net_on_close, &net);
    ck_assert(!net.closed);
}

/* Closes the trawl; nothing of it may be left. The next fetch opens another. */
static inline void net_close(void)
{
    if (net.t == NULL)
        return;
    if (!net.closing)
        net_shut();
    uv_run(&net.loop, UV_RUN_DEFAULT);
    ck_assert(net.closed);
    ck_assert_int_eq(uv_loop_close(&net.loop), 0);
    ck_assert_int_eq(uv_loop_init(&net.loop), 0);
    net.closing = net.closed = false;
    net.t = NULL;
}

static inline void net_end(void)
{
    net_close();
    ck_assert_int_eq(uv_loop_close(&net.loop), 0);
    for (size_t i = 0; i < net.count; i++)
        got_free(net.all[i]);
    tw_buf_free(&net.log);
    origin_stop(net.origin);
}

static inline trawl *net_open(void)
{
    if (net.t == NULL)
        ck_assert_int_eq(trawl_open(&net.t, &net.loop, &net.options), 0);
    return net.t;
}

static inline void got_copy(struct tw_buf *b, const char *text, size_t len)
{
    b->len = 0;
    ck_assert_int_eq(tw_buf_append(b, text, len), 0);
}

static inline void got_headers(struct got *g, const trawl_result *r)
{
    got_copy(&g->headers, "", 0);
    for (size_t i = 0; i < r->header_count; i++) {
        const trawl_header *h = &r->headers[i];

        ck_assert_int_eq(h->value[h->value_len], '\0');
        tw_buf_append(&g->headers, h->name, strlen(h->name));
        tw_buf_append(&g->headers, ": ", 2);
        tw_buf_append(&g->headers, h->value, h->value_len);
        tw_buf_append(&g->headers, "\n", 1);
    }
}

/* Copies all, so that the sanitizers see every pointer of a result followed. */
static inline void got_done(trawl *t, const trawl_result *r)
{
    struct got *g = r->data;

    ck_assert_ptr_eq(t, net.t);
    ck_assert_uint_ne(r->id, 0);
    ck_assert(g->id == 0 || g->id == r->id);
    g->id = r->id;
    g->calls++;
    g->r = *r;
    got_copy(&g->url, r->url, r->url_len);
    got_copy(&g->detail, r->detail, strlen(r->detail));
    got_copy(&g->body, r->body, r->body_len);
    got_copy(&g->excerpt, r->excerpt, r->excerpt_len);
    if (r->final_url != NULL)
        got_copy(&g->final_url, r->final_url, strlen(r->final_url));
    snprintf(g->charset, sizeof(g->charset), "%s", r->charset == NULL ? "" : r->charset);
    snprintf(g->ip, sizeof(g->ip), "%s", r->ip == NULL ? "" : r->ip);
    got_headers(g, r);
    if (net.act != NULL)
        net.act(IN_DONE, g);
}

static inline int got_chunk(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                            void *data)
{
    struct got *g = data;

    ck_assert_ptr_eq(t, net.t);
    ck_assert(g->id == 0 || g->id == id);
    ck_assert_uint_ge(tries, 1);
    if (g->streamed_try != tries)
        g->streamed.len = 0;
    g->streamed_try = tries;
    if (net.act != NULL)
        net.act(IN_BODY, g);
    return tw_buf_append(&g->streamed, bytes, len);
}

static inline struct got *got_new(void)
{
    struct got *g = calloc(1, sizeof(*g));

    ck_assert_ptr_nonnull(g);
    ck_assert_uint_lt(net.count, sizeof(net.all) / sizeof(net.all[0]));
    net.all[net.count++] = g;
    return g;
}

/* Starts a fetch of these bytes. */
static inline struct got *got_add(const char *url, size_t len, trawl_body_cb on_body)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    struct got *g = got_new();

    request.url = url;
    request.url_len = len;
    request.on_done = got_done;
    request.on_body = on_body;
    request.data = g;
    ck_assert_int_eq(trawl_fetch(net_open(), &request, &g->id), 0);
    ck_assert_int_eq(g->calls, 0);
    return g;
}

/* The URL of a target on 127.0.0.<1 + host>, in one of a few static buffers. */
static inline const char *net_url(unsigned host, const char *target)
{
    static char urls[8][1024];
    static unsigned next;
    char *url = urls[next++ % 8];
    int n = snprintf(url, sizeof(urls[0]), "http://127.0.0.%u:%u%s", 1 + host, net.port, target);

    ck_assert_int_lt(n, (int)sizeof(urls[0]));
    return url;
}

/* All descriptors that the system allows, which must be more than least. */
static inline void net_allow_files(rlim_t least)
{
    struct rlimit files;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
    ck_assert_uint_gt(files.rlim_cur, least);
}

static inline void net_run(void)
{
    uv_run(&net.loop, UV_RUN_DEFAULT);
}

/* Fetches one and waits for it. */
static inline const struct got *got_url(const char *url)
{
    struct got *g = got_add(url, SIZE_MAX, got_chunk);

    net_run();
    ck_assert_int_eq(g->calls, 1);
    return g;
}

static inline const struct got *got_target(const char *target)
{
    return got_url(net_url(0, target));
}

static inline bool got_has(const struct tw_buf *b, const char *text)
{
    return b->data != NULL && memmem(b->data, b->len, text, strlen(text)) != NULL;
}

static inline void got_is(const struct got *g, int error, int status)
{
    ck_assert_int_eq(g->calls, 1);
    ck_assert_msg(g->r.error == error && g->r.status == status,
                  "%s and %d instead of %s and %d for %.200s (curl %d: %s)",
                  trawl_err_name(g->r.error), g->r.status, trawl_err_name(error), status,
                  g->url.data, g->r.curl_code, g->detail.data);
}

/* Runs the tests, and those of more if that is not NULL. */
static inline int net_main(const char *name, const TTest *const *tests, size_t count,
                           TCase *more)
{
    TCase *t = tcase_create(name);
    Suite *suite = suite_create(name);
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(t, net_begin, net_end);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(suite, t);
    if (more != NULL)
        suite_add_tcase(suite, more);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
