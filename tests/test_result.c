/* What trawl_open() takes, what a body callback may do, and what a result says. */
#include "fetch_catch.h"

static bool header_is(const struct got *g, const char *line)
{
    return got_has(&g->headers, line);
}

START_TEST(options_are_checked)
{
    static const char *const folded[] = {"A: b\r\nC: d", NULL}, *const nameless[] = {"A", NULL};
    const trawl_options good = TRAWL_OPTIONS_INIT;
    trawl_options rows[16];
    trawl *t = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        rows[i] = good;
    rows[n++].size = 0;
    rows[n++].size = sizeof(trawl_options) + 1;
    rows[n++].strategy = "nosuch";
    rows[n++].strategy = NULL;
    rows[n++].concurrency = 0;
    rows[n++].tries = 0;
    rows[n++].connect_timeout_ms = 0;
    rows[n++].timeout_ms = UINT64_MAX;
    rows[n++].max_body = UINT64_MAX;
    rows[n++].http = (trawl_http)17;
    rows[n++].ip = (trawl_ip)17;
    rows[n++].headers = folded;
    rows[n++].headers = nameless;
    rows[n++].user_agent = "a\nb";
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(trawl_open(&t, &net.loop, &rows[i]), TRAWL_EINVAL);
        ck_assert_ptr_null(t);
    }
    ck_assert_int_eq(trawl_open(NULL, &net.loop, &good), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_open(&t, NULL, &good), TRAWL_EINVAL);
    ck_assert(!uv_loop_alive(&net.loop));
}
END_TEST

START_TEST(requests_are_checked)
{
    const trawl_request good = {sizeof(trawl_request), "http://127.0.0.1/", SIZE_MAX, got_done,
                                NULL, NULL};
    trawl_request rows[] = {good, good, good, good};

    net_open();
    rows[0].size = 0;
    rows[1].size = sizeof(good) + 1;
    rows[2].url = NULL;
    rows[3].on_done = NULL;
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(trawl_fetch(net.t, &rows[i], NULL), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_fetch(net.t, NULL, NULL), TRAWL_EINVAL);
    ck_assert(!uv_loop_alive(&net.loop));
}
END_TEST

static int plain_status;

static void plain_done(trawl *t, const trawl_result *r)
{
    (void)t;
    ck_assert_ptr_null(r->data);
    plain_status = r->status;
}

/* What a program that was built with an older header hands over: the first members only. What
 * lies behind them is not ours. */
START_TEST(older_structs_are_taken)
{
    trawl_request request = {offsetof(trawl_request, on_body), net_url(0, "/?n=1"), SIZE_MAX,
                             plain_done, (trawl_body_cb)NULL, &net};

    net.options.max_redirects = 0;
    net.options.size = offsetof(trawl_options, max_redirects);
    ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    net_run();
    ck_assert_int_eq(plain_status, 200); /* followed: max_redirects had its default */
}
END_TEST

/* The caller's memory is the caller's again when the call returns. */
START_TEST(what_is_handed_over_is_copied)
{
    char *url = strdup(net_url(0, "/echo")), *agent = strdup("my-agent");
    char *header = strdup("X-Mine: 1");
    const char **headers = calloc(2, sizeof(*headers));
    struct got *g;

    headers[0] = header;
    net.options.headers = headers;
    net.options.user_agent = agent;
    g = got_add(url, SIZE_MAX, NULL);
    memset(url, 'x', strlen(url));
    free(url);
    free(agent);
    free(header);
    free(headers);
    net_run();
    got_is(g, 0, 200);
    ck_assert(got_has(&g->body, "User-Agent: my-agent\r\n"));
    ck_assert(got_has(&g->body, "X-Mine: 1\r\n"));
}
END_TEST

START_TEST(a_result_tells_all)
{
    const struct got *g;

    net.options.excerpt = 5;
    g = got_target("/page?n=2&body=Hello+w&latency=20#frag");
    got_is(g, 0, 200);
    ck_assert_str_eq(g->url.data, net_url(0, "/page?n=2&body=Hello+w&latency=20#frag"));
    ck_assert_str_eq(g->final_url.data, net_url(0, "/page?n=0&body=Hello+w&latency=20"));
    ck_assert_int_eq(g->r.http_version, 11);
    ck_assert_int_eq(g->r.curl_code, 0);
    ck_assert(header_is(g, "Content-Length: 7\n"));
    ck_assert(header_is(g, "Content-Type: text/html; charset=utf-8\n"));
    ck_assert(!header_is(g, "Location"));
    ck_assert_str_eq(g->charset, "UTF-8");
    ck_assert_str_eq(g->body.data, "Hello+w");
    ck_assert_str_eq(g->excerpt.data, "Hello");
    ck_assert_uint_eq(g->r.bytes, 7);
    ck_assert_uint_gt(g->r.wire_bytes, 3 * 100); /* three headers */
    ck_assert_str_eq(g->ip, "127.0.0.1");
    ck_assert_uint_eq(g->r.port, net.port);
    ck_assert_uint_eq(g->r.redirects, 2);
    ck_assert_uint_eq(g->r.tries, 1);
    ck_assert_uint_ge(g->r.timing.first_byte_us, 15000);
    ck_assert_uint_ge(g->r.timing.total_us, 3 * 15000);
}
END_TEST

START_TEST(headers_keep_their_order_and_names)
{
    const struct got *g = got_target("/?headers=3&trailers=1&malformed=fold");

    got_is(g, 0, 200);
    ck_assert(header_is(g, "X-Extra-0: value 0\nX-Extra-1: value 1\nX-Extra-2: value 2\n"
                           "X-Fold: one two\n"));
    ck_assert(!header_is(g, "X-Trailer: end"));
}
END_TEST

START_TEST(interim_responses_leave_no_headers)
{
    const struct got *g = got_target("/?continue=1");

    got_is(g, 0, 200);
    ck_assert(!header_is(g, "Link:"));
}
END_TEST

START_TEST(failures_have_no_response)
{
    const struct got *g = got_url("http://127.0.0.1:1/x?y#z");

    got_is(g, TRAWL_ECONNECT, 0);
    ck_assert_str_eq(g->final_url.data, "http://127.0.0.1:1/x?y");
    ck_assert_uint_eq(g->headers.len + g->body.len + g->excerpt.len + g->r.bytes, 0);
    ck_assert_ptr_null(g->r.content_type);
    ck_assert_ptr_null(g->r.charset);
    ck_assert_ptr_null(g->r.headers);
    ck_assert_int_eq(g->r.http_version, 0);
    ck_assert_uint_eq(g->r.wire_bytes, 0);
    ck_assert_uint_eq(g->r.timing.first_byte_us, 0);
}
END_TEST

START_TEST(charsets_are_found_and_excerpts_decoded)
{
    static const char *const rows[] = {"shift_jis", "windows-1251", "euc-kr", "utf-16le"};
    static const char *const how[] = {"header", "meta", "bom"};

    net.options.excerpt = 4000;
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 3; k++) {
            char target[128];
            const struct got *g;
            bool utf16 = i == 3;

            if ((k == 2 && !utf16) || (k == 1 && utf16))
                continue;
            snprintf(target, sizeof(target), "/?charset=%s&declare=%s&size=3000", rows[i], how[k]);
            g = got_target(target);
            got_is(g, 0, 200);
            ck_assert_int_eq(strcasecmp(g->charset, rows[i]), 0);
            ck_assert_msg(got_has(&g->excerpt, origin_sample(rows[i])), "%s", target);
        }
    }
}
END_TEST

START_TEST(only_so_much_of_a_body_is_kept)
{
    const struct got *g;

    net.options.keep_body = 1500;
    g = got_target("/?size=200000&encoding=gzip");
    got_is(g, 0, 200);
    ck_assert_uint_eq(g->body.len, 1500);
    ck_assert_uint_eq(g->r.bytes, 200000);
    ck_assert_uint_eq(g->streamed.len, 200000);
    ck_assert_mem_eq(g->body.data, g->streamed.data, 1500);
    net_close();
    net.options.keep_body = 0;
    g = got_target("/?size=2000");
    ck_assert_uint_eq(g->body.len, 0);
    ck_assert_uint_eq(g->streamed.len, 2000);
}
END_TEST

START_TEST(bodies_on_the_way_are_not_delivered)
{
    const struct got *g = got_target("/?n=3&size=3000");

    got_is(g, 0, 200);
    ck_assert_uint_eq(g->streamed.len, 3000);
    ck_assert_uint_eq(g->r.bytes, 3000);
    g = got_target("/?fail=2&key=way&size=4000");
    got_is(g, 0, 200);
    ck_assert_uint_eq(g->r.tries, 3);
    ck_assert_uint_eq(g->streamed.len, 4000);
    g = got_target("/?fail=2&key=way2&size=4000&with=404");
    got_is(g, 0, 404);
    ck_assert_uint_eq(g->streamed.len, 4000);
}
END_TEST

static int pauses;

static int pause_often(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                       void *data)
{
    struct got *g = data;

    if (pauses-- > 0) {
        if (pauses % 2 == 0)
            ck_assert_int_eq(trawl_resume(t, id), 0);
        return TRAWL_PAUSE;
    }
    return got_chunk(t, id, tries, bytes, len, g);
}

static void resume_first(uv_timer_t *timer)
{
    (void)timer;
    trawl_resume(net.t, net.all[0]->id);
}

START_TEST(paused_fetches_go_on)
{
    uv_timer_t timer;
    struct got *g;

    pauses = 9;
    uv_timer_init(&net.loop, &timer);
    uv_timer_start(&timer, resume_first, 2, 2);
    uv_unref((uv_handle_t *)&timer);
    g = got_add(net_url(0, "/?size=300000&encoding=gzip"), SIZE_MAX, pause_often);
    net_run();
    uv_close((uv_handle_t *)&timer, NULL);
    net_run();
    got_is(g, 0, 200);
    ck_assert_int_lt(pauses, 0);
    ck_assert_uint_eq(g->streamed.len, 300000);
    ck_assert_uint_eq(g->r.bytes, 300000);
    ck_assert_mem_eq(g->streamed.data, g->body.data, 300000);
}
END_TEST

static int refuse(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len, void *data)
{
    (void)got_chunk(t, id, tries, bytes, len, data);
    return pauses;
}

/* Also one that would be retried if it came from the network. */
START_TEST(callers_code_ends_the_fetch)
{
    static const int codes[] = {-12345, TRAWL_ECANCELED, TRAWL_ETIMEDOUT, TRAWL_ERESET,
                                TRAWL_EWRITE, TRAWL_EINTERNAL};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct got *g;

        pauses = codes[i];
        g = got_add(net_url(0, "/?size=30000"), SIZE_MAX, refuse);
        net_run();
        got_is(g, codes[i], 200);
        ck_assert_uint_eq(g->r.tries, 1);
        ck_assert_uint_gt(g->streamed.len, 0);
        ck_assert_uint_lt(g->streamed.len, 30000);
        ck_assert_uint_eq(g->r.bytes, 0);
    }
}
END_TEST

START_TEST(times_are_of_the_last_exchange)
{
    const struct got *g;

    got_target("/");
    g = got_target("/?latency=30");
    ck_assert_uint_eq(g->r.timing.connect_us + g->r.timing.dns_us + g->r.timing.tls_us, 0);
    ck_assert_uint_ge(g->r.timing.first_byte_us, 25000);
    ck_assert_uint_ge(g->r.timing.total_us, g->r.timing.first_byte_us);
    net.options.no_reuse = true;
    net_close();
    ck_assert_uint_gt(got_target("/")->r.timing.connect_us, 0);
}
END_TEST

START_TEST(the_log_tells_of_the_way)
{
    net.options.log = net_log;
    net.options.log_level = 1;
    got_target("/?n=1&fail=1&key=log");
    ck_assert(got_has(&net.log, "redirect 1"));
    ck_assert(got_has(&net.log, "try 1 of 3"));
    ck_assert(!got_has(&net.log, "status 200"));
    net_close();
    net.options.log_level = 2;
    got_target("/");
    ck_assert(got_has(&net.log, "status 200"));
    net_close();
    net.log.len = 0;
    net.options.log_level = 0;
    got_target("/?n=1");
    ck_assert_uint_eq(net.log.len, 0);
}
END_TEST

static struct got *later;

/* Adds a fetch once the first one holds a part of its body; that one must end before it starts. */
static void add_later(enum place place, struct got *g)
{
    if (place == IN_BODY && later == NULL && g->streamed.len > 0)
        later = got_add(net_url(1, "/?key=later"), SIZE_MAX, NULL);
    if (place == IN_DONE && g != later)
        ck_assert_uint_eq(origin_hits(net.origin, "later"), 0);
}

START_TEST(nothing_starts_while_memory_is_full)
{
    later = NULL;
    net.options.max_memory = 1;
    net.act = add_later;
    got_is(got_target("/?size=60000&drip=300000"), 0, 200);
    ck_assert_ptr_nonnull(later);
    got_is(later, 0, 200);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        options_are_checked,
        requests_are_checked,
        older_structs_are_taken,
        what_is_handed_over_is_copied,
        a_result_tells_all,
        headers_keep_their_order_and_names,
        interim_responses_leave_no_headers,
        failures_have_no_response,
        charsets_are_found_and_excerpts_decoded,
        only_so_much_of_a_body_is_kept,
        bodies_on_the_way_are_not_delivered,
        paused_fetches_go_on,
        callers_code_ends_the_fetch,
        times_are_of_the_last_exchange,
        the_log_tells_of_the_way,
        nothing_starts_while_memory_is_full,
    };

    return net_main("result", tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
