/* The tests' web server, seen by a client that reads the bytes: HTTP, addresses, counters.
 * Pages and faults have files of their own. */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "origin/origin.h"
#include "origin/raw.h"

static struct origin *origin;
static unsigned port;
static struct raw_reply r;

static void setup(void)
{
    struct origin_options options = {.seed = 7, .robots = "User-agent: *\nDisallow: /no\n"};

    ck_assert_int_eq(origin_start(&origin, &options), 0);
    port = origin_port(origin);
}

static void teardown(void)
{
    raw_free(&r);
    origin_stop(origin);
}

static void get(const char *target)
{
    raw_free(&r);
    raw_get(port, target, &r);
}

static void ask(const char *request)
{
    raw_free(&r);
    raw_ask(port, request, &r);
}

/* One request on a connection that stays: how many are open is then sure. */
static void get_on(int fd, const char *target)
{
    raw_free(&r);
    raw_send(fd, "GET ");
    raw_send(fd, target);
    raw_send(fd, " HTTP/1.1\r\nHost: a\r\n\r\n");
    raw_read_one(fd, &r);
}

static void body_is(const char *text)
{
    ck_assert_uint_eq(r.body_n, strlen(text));
    ck_assert_mem_eq(r.body, text, r.body_n);
}

START_TEST(chunks_have_the_size_asked_for)
{
    struct raw_reply plain;
    size_t largest, chunks;

    raw_get(port, "/c?size=200000", &plain);
    get("/c?size=200000&chunked=70000");
    ck_assert(raw_has(&r, "Transfer-Encoding: chunked"));
    ck_assert_ptr_null(strstr((const char *)r.all.p, "Content-Length"));
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    ck_assert_uint_eq(largest, 70000);
    ck_assert_uint_eq(chunks, 3);
    ck_assert_uint_eq(r.body_n, 200000);
    ck_assert_mem_eq(r.body, plain.body, r.body_n);
    get("/c?size=3000&framing=chunked");
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    ck_assert_uint_eq(largest, 1024);
    get("/c?size=0&framing=chunked");
    body_is("0\r\n\r\n");
    raw_free(&plain);
}
END_TEST

START_TEST(trailers_follow_the_last_chunk)
{
    get("/?body=hello&trailers=1");
    ck_assert(raw_has(&r, "Trailer: X-Trailer, X-Trailer-Two"));
    body_is("5\r\nhello\r\n0\r\nX-Trailer: end\r\nX-Trailer-Two: also\r\n\r\n");
}
END_TEST

START_TEST(framing_close_ends_the_body_with_the_connection)
{
    ask("GET /?size=700&framing=close HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_ptr_null(strstr((const char *)r.all.p, "Content-Length"));
    ck_assert_ptr_null(strstr((const char *)r.all.p, "Transfer-Encoding"));
    ck_assert(raw_has(&r, "Connection: close"));
    ck_assert_uint_eq(r.body_n, 700);
}
END_TEST

START_TEST(head_and_bare_statuses_have_no_body)
{
    ask("HEAD /?size=700 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ck_assert(raw_has(&r, "Content-Length: 700"));
    ck_assert_uint_eq(r.body_n, 0);
    ask("HEAD /?chunked=9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ck_assert(raw_has(&r, "Transfer-Encoding: chunked"));
    ck_assert_uint_eq(r.body_n, 0);
    get("/?status=204");
    ck_assert_int_eq(r.status, 204);
    ck_assert_uint_eq(r.body_n, 0);
    get("/?status=304&chunked=5");
    ck_assert_int_eq(r.status, 304);
    ck_assert_uint_eq(r.body_n, 0);
}
END_TEST

START_TEST(status_is_the_one_asked_for)
{
    get("/?status=418");
    ck_assert_int_eq(r.status, 418);
    get("/?status=503");
    ck_assert(raw_has(&r, "HTTP/1.1 503 Service Unavailable"));
}
END_TEST

START_TEST(old_clients_get_no_chunks_and_a_close)
{
    ask("GET /?size=300&chunked=10 HTTP/1.0\r\n\r\n");
    ck_assert_ptr_null(strstr((const char *)r.all.p, "Transfer-Encoding"));
    ck_assert_uint_eq(r.body_n, 300);
    ask("GET /?size=300 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        "GET /?size=310 HTTP/1.0\r\n\r\n");
    ck_assert(raw_has(&r, "Connection: keep-alive"));
    ck_assert_ptr_nonnull(strstr(r.body, "Content-Length: 310"));
}
END_TEST

START_TEST(connection_serves_one_request_after_another)
{
    int fd = raw_connect(port);

    for (int i = 0; i < 3; i++) {
        get_on(fd, "/?size=500");
        ck_assert_uint_eq(r.body_n, 500);
    }
    raw_free(&r);
    raw_send(fd, "GET /?size=500&keepalive=0 HTTP/1.1\r\nHost: a\r\n\r\n");
    raw_finish(fd, &r);
    ck_assert(raw_has(&r, "Connection: close"));
    ck_assert_uint_eq(r.body_n, 500);
    ck_assert_uint_eq(origin_stats(origin).connections, 1);
    ck_assert_uint_eq(origin_stats(origin).requests, 4);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    const char *p;

    ask("GET /?body=first&latency=20 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /?body=second HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /?body=third&keepalive=0 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /?body=never HTTP/1.1\r\nHost: a\r\n\r\n");
    p = strstr((const char *)r.all.p, "\r\n\r\nfirst");
    ck_assert_ptr_nonnull(p);
    p = strstr(p, "\r\n\r\nsecond");
    ck_assert_ptr_nonnull(p);
    p = strstr(p, "\r\n\r\nthird");
    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_null(strstr(p, "never"));
    ck_assert(!r.reset);
}
END_TEST

START_TEST(head_may_come_byte_by_byte)
{
    const char *request = "GET /?body=whole HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    int fd = raw_connect(port);

    for (const char *p = request; *p; p++) {
        char one[2] = {*p, '\0'};
        raw_send(fd, one);
    }
    raw_finish(fd, &r);
    body_is("whole");
}
END_TEST

START_TEST(request_body_is_skipped)
{
    ask("POST /?body=one HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n"
        "GET /trap HTTP/1.1\r\n\r\n 1234567"
        "GET /?body=two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(r.body, "\r\n\r\ntwo"));
    ck_assert_uint_eq(origin_stats(origin).requests, 2);
}
END_TEST

START_TEST(very_long_targets_are_read)
{
    struct origin_bytes target = {0};

    origin_bytes_text(&target, "/");
    origin_bytes_fill(&target, 'x', 70000);
    origin_bytes_text(&target, "?size=400");
    origin_bytes_add(&target, "", 1);
    get((const char *)target.p);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(r.body_n, 400);
    origin_bytes_free(&target);
}
END_TEST

START_TEST(heads_over_the_limit_are_refused)
{
    struct origin_bytes target = {0};

    origin_bytes_text(&target, "/");
    origin_bytes_fill(&target, 'x', 300 * 1024);
    origin_bytes_add(&target, "", 1);
    get((const char *)target.p);
    ck_assert_int_eq(r.status, 431);
    ck_assert(!r.reset);
    origin_bytes_free(&target);
}
END_TEST

START_TEST(unreadable_requests_are_refused)
{
    static const struct {
        const char *request;
        int status;
    } rows[] = {{"nonsense\r\n\r\n", 400},
                {"\r\n\r\n", 400},
                {"GET relative HTTP/1.1\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
                {"GET / HTTP/2.0\r\n\r\n", 505}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(rows[i].request);
        ck_assert_int_eq(r.status, rows[i].status);
        ck_assert(raw_has(&r, "Connection: close"));
    }
    ck_assert_uint_eq(origin_stats(origin).requests, 0);
}
END_TEST

START_TEST(host_comes_back_in_every_reply)
{
    static const char *const targets[] = {"/", "/?status=404", "/?bogus=1", "/?n=1", "/echo",
                                          "/stats", "/?noloc=1"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        get(targets[i]);
        ck_assert(raw_has(&r, "X-Host: test.example"));
        ck_assert_ptr_null(strstr((const char *)r.all.p, "X-Via-Proxy"));
    }
}
END_TEST

START_TEST(absolute_targets_are_answered_as_by_a_proxy)
{
    ask("GET http://far.example:81/x?body=yes HTTP/1.1\r\nHost: far.example:81\r\n"
        "Connection: close\r\n\r\n");
    ck_assert(raw_has(&r, "X-Via-Proxy: 1"));
    ck_assert(raw_has(&r, "X-Host: far.example:81"));
    body_is("yes");
    ask("GET http://far.example?body=/ HTTP/1.1\r\nConnection: close\r\n\r\n");
    body_is("/");
}
END_TEST

START_TEST(connect_is_refused)
{
    ask("CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\nConnection: close\r\n\r\n");
    ck_assert_int_eq(r.status, 405);
    ck_assert_ptr_nonnull(strstr((const char *)r.all.p, "\r\nAllow: GET"));
}
END_TEST

START_TEST(echo_returns_the_request)
{
    const char *request = "GET /echo?latency=1 HTTP/1.1\r\nHost: a\r\nX-Odd:  \t v \r\n"
                          "Connection: close\r\n\r\n";

    ask(request);
    ck_assert(raw_has(&r, "Content-Type: text/plain"));
    body_is(request);
}
END_TEST

START_TEST(unknown_parameters_and_values_are_named)
{
    static const struct {
        const char *target, *name;
    } rows[] = {{"/?size=1&sise=2", "sise"},      {"/?size=", "size"},
                {"/?size=-1", "size"},            {"/?size=1x", "size"},
                {"/?framing=none", "framing"},    {"/?loop=2", "loop"},
                {"/?size=99999999999999999999", "size"}, {"/?with=never", "with"},
                {"/stats?a=b", "parameter a"},    {"/?=1", "unknown parameter"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        get(rows[i].target);
        ck_assert_int_eq(r.status, 400);
        ck_assert_ptr_nonnull(strstr(r.body, rows[i].name));
    }
}
END_TEST

START_TEST(robots_text_is_served)
{
    get("/robots.txt");
    ck_assert_int_eq(r.status, 200);
    ck_assert(raw_has(&r, "Content-Type: text/plain"));
    body_is("User-agent: *\nDisallow: /no\n");
}
END_TEST

START_TEST(robots_text_is_missing_by_default)
{
    struct origin *bare;

    ck_assert_int_eq(origin_start(&bare, NULL), 0);
    raw_get(origin_port(bare), "/robots.txt", &r);
    ck_assert_int_eq(r.status, 404);
    origin_stop(bare);
}
END_TEST

START_TEST(keys_are_counted)
{
    int fd = raw_connect(port);

    get_on(fd, "/?key=k%22");
    get_on(fd, "/other?key=k%22");
    get_on(fd, "/other?key=z");
    get_on(fd, "/other?key=b");
    get_on(fd, "/count?key=k%22");
    body_is("2\n");
    get_on(fd, "/count?key=unseen");
    body_is("0\n");
    ck_assert_uint_eq(origin_hits(origin, "k\""), 2);
    get_on(fd, "/stats");
    body_is("{\"connections\":1,\"requests\":7,\"open\":1,\"max_open\":1,"
            "\"keys\":{\"b\":1,\"k\\u0022\":2,\"z\":1}}\n");
    close(fd);
}
END_TEST

START_TEST(open_connections_are_counted)
{
    struct origin_counts counts;
    int fds[50];

    for (int i = 0; i < 50; i++) {
        fds[i] = raw_connect(port);
        get_on(fds[i], "/");
    }
    counts = origin_stats(origin);
    ck_assert_uint_eq(counts.open, 50);
    ck_assert_uint_eq(counts.connections, 50);
    for (int i = 0; i < 50; i++) {
        close(fds[i]);
    }
    for (int i = 0; i < 1000 && origin_stats(origin).open; i++) {
        usleep(10000);
    }
    counts = origin_stats(origin);
    ck_assert_uint_eq(counts.open, 0);
    ck_assert_uint_eq(counts.max_open, 50);
}
END_TEST

static bool answers(uint32_t address, unsigned at_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)at_port),
                             .sin_addr.s_addr = htonl(address)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;

    if (ok) {
        raw_free(&r);
        raw_send(fd, "GET /?body=here&keepalive=0 HTTP/1.1\r\n\r\n");
        raw_finish(fd, &r);
        return r.status == 200;
    }
    close(fd);
    return false;
}

START_TEST(consecutive_addresses_share_a_port)
{
    struct origin_options options = {.listen = "127.3.255.250", .hosts = 12};
    struct origin *many;
    uint32_t first = 0x7f03fffa;

    ck_assert_int_eq(origin_start(&many, &options), 0);
    for (uint32_t i = 0; i < 12; i++) {
        ck_assert(answers(first + i, origin_port(many)));
    }
    ck_assert(!answers(first + 12, origin_port(many)));
    ck_assert(!answers(first - 1, origin_port(many)));
    origin_stop(many);
}
END_TEST

START_TEST(only_loopback_addresses_are_accepted)
{
    static const struct origin_options rows[] = {
        {.listen = "0.0.0.0"}, {.listen = "10.0.0.1"}, {.listen = "128.0.0.1"},
        {.listen = "localhost"}, {.listen = "::1"}, {.listen = "127.255.255.255", .hosts = 2},
        {.port = 65536}, {.hosts = UINT32_MAX}};
    struct origin *none = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(origin_start(&none, &rows[i]), UV_EINVAL);
        ck_assert_ptr_null(none);
    }
}
END_TEST

START_TEST(taken_port_is_an_error)
{
    struct origin_options options = {.listen = "127.0.0.1", .port = port};
    struct origin *none = NULL;

    ck_assert_int_eq(origin_start(&none, &options), UV_EADDRINUSE);
    options.listen = "127.0.0.0";
    options.hosts = 3;
    ck_assert_int_eq(origin_start(&none, &options), UV_EADDRINUSE);
    ck_assert_ptr_null(none);
}
END_TEST

static void add_all(TCase *t)
{
    tcase_add_test(t, chunks_have_the_size_asked_for);
    tcase_add_test(t, trailers_follow_the_last_chunk);
    tcase_add_test(t, framing_close_ends_the_body_with_the_connection);
    tcase_add_test(t, head_and_bare_statuses_have_no_body);
    tcase_add_test(t, status_is_the_one_asked_for);
    tcase_add_test(t, old_clients_get_no_chunks_and_a_close);
    tcase_add_test(t, connection_serves_one_request_after_another);
    tcase_add_test(t, pipelined_requests_are_answered_in_order);
    tcase_add_test(t, head_may_come_byte_by_byte);
    tcase_add_test(t, request_body_is_skipped);
    tcase_add_test(t, very_long_targets_are_read);
    tcase_add_test(t, heads_over_the_limit_are_refused);
    tcase_add_test(t, unreadable_requests_are_refused);
    tcase_add_test(t, host_comes_back_in_every_reply);
    tcase_add_test(t, absolute_targets_are_answered_as_by_a_proxy);
    tcase_add_test(t, connect_is_refused);
    tcase_add_test(t, echo_returns_the_request);
    tcase_add_test(t, unknown_parameters_and_values_are_named);
    tcase_add_test(t, robots_text_is_served);
    tcase_add_test(t, robots_text_is_missing_by_default);
    tcase_add_test(t, keys_are_counted);
    tcase_add_test(t, open_connections_are_counted);
    tcase_add_test(t, consecutive_addresses_share_a_port);
    tcase_add_test(t, only_loopback_addresses_are_accepted);
    tcase_add_test(t, taken_port_is_an_error);
}

int main(void)
{
    Suite *suite = suite_create("origin");
    TCase *t = tcase_create("http");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    add_all(t);
    suite_add_tcase(suite, t);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
