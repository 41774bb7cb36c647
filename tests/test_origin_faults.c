/* The tests' web server, seen by a client that reads the bytes: redirects, failures, faults. */
#include <brotli/decode.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "origin/origin.h"
#include "origin/raw.h"

static struct origin *origin;
static unsigned port;
static struct raw_reply r;

static void setup(void)
{
    ck_assert_int_eq(origin_start(&origin, NULL), 0);
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

static bool came(const char *bytes, size_t n)
{
    return memmem(r.all.p, r.all.n, bytes, n) != NULL;
}

/* Bounded wait for what happens on the origin's thread. */
static void wait_until_closed(void)
{
    for (int i = 0; i < 1000 && origin_stats(origin).open; i++) {
        usleep(10000);
    }
    ck_assert_uint_eq(origin_stats(origin).open, 0);
}

START_TEST(redirects_form_a_chain)
{
    get("/redirect?n=2&code=307&size=30&key=a%20b");
    ck_assert_int_eq(r.status, 307);
    ck_assert(raw_has(&r, "Location: /redirect?n=1&code=307&size=30&key=a%20b"));
    get("/redirect?n=1&code=307&size=30&key=a%20b");
    ck_assert(raw_has(&r, "Location: /redirect?n=0&code=307&size=30&key=a%20b"));
    get("/redirect?n=0&code=307&size=30&key=a%20b");
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(r.body_n, 30);
    get("/?size=1&n=1");
    ck_assert_int_eq(r.status, 302);
    ck_assert(raw_has(&r, "Location: /?n=0&size=1"));
}
END_TEST

START_TEST(location_is_sent_to_the_byte)
{
    get("/?to=http%3A%2F%2F%5B%3A%3Azz%5D%FF%20%26x&code=301");
    ck_assert_int_eq(r.status, 301);
    ck_assert(raw_has(&r, "Location: http://[::zz]\xff &x"));
    get("/?to=");
    ck_assert(raw_has(&r, "Location: "));
}
END_TEST

START_TEST(loop_leads_to_itself)
{
    get("/l?loop=1&size=5");
    ck_assert_int_eq(r.status, 302);
    ck_assert(raw_has(&r, "Location: /l?loop=1&size=5"));
}
END_TEST

START_TEST(redirect_may_lack_its_location)
{
    get("/?noloc=1");
    ck_assert_int_eq(r.status, 302);
    ck_assert(!came("Location", 8));
}
END_TEST

START_TEST(reset_comes_after_exactly_n_bytes)
{
    static const struct {
        const char *target;
        size_t n;
    } rows[] = {{"/?reset=0", 0}, {"/?reset=1", 1}, {"/?reset=20", 20},
                {"/?reset=3000000&size=9000000", 3000000}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        get(rows[i].target);
        ck_assert(r.reset);
        ck_assert_uint_eq(r.all.n, rows[i].n);
    }
    get("/?reset=5000&size=500");
    ck_assert(r.reset);
    ck_assert_uint_eq(r.body_n, 500);
}
END_TEST

START_TEST(close_comes_after_exactly_n_bytes)
{
    get("/?close=17");
    ck_assert(!r.reset);
    ck_assert_uint_eq(r.all.n, 17);
    ck_assert_mem_eq(r.all.p, "HTTP/1.1 200 OK\r\n", 17);
    get("/?close=2000000&size=9000000");
    ck_assert(!r.reset);
    ck_assert_uint_eq(r.all.n, 2000000);
}
END_TEST

START_TEST(noreply_closes_without_a_byte)
{
    get("/?noreply=1");
    ck_assert(!r.reset);
    ck_assert_uint_eq(r.all.n, 0);
}
END_TEST

START_TEST(stall_falls_silent_until_the_peer_closes)
{
    int fd = raw_connect(port);
    struct timeval soon = {.tv_usec = 50000};
    char bytes[101];

    raw_send(fd, "GET /?stall=100 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_eq(recv(fd, bytes, 100, MSG_WAITALL), 100);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    ck_assert_int_eq(recv(fd, bytes, 1, 0), -1);
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_uint_eq(origin_stats(origin).open, 1);
    close(fd);
    wait_until_closed();
}
END_TEST

START_TEST(endless_body_goes_on)
{
    enum { MUCH = 8 << 20 };
    char *bytes = malloc(MUCH);
    int fd = raw_connect(port);

    raw_send(fd, "GET /?endless=1&chunked=1000 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_eq(recv(fd, bytes, MUCH, MSG_WAITALL), MUCH);
    ck_assert_ptr_nonnull(memmem(bytes, 1000, "Transfer-Encoding: chunked\r\n", 28));
    ck_assert_ptr_nonnull(memmem(bytes, 1000, "\r\n\r\n3e8\r\n<!doctype html>", 24));
    ck_assert_ptr_null(memmem(bytes, MUCH, "\r\n0\r\n", 5));
    close(fd);
    free(bytes);
    wait_until_closed();
}
END_TEST

START_TEST(endless_trickle_goes_on)
{
    int fd = raw_connect(port);
    char bytes[400];

    raw_send(fd, "GET /?endless=1&drip=5000 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_eq(recv(fd, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
    close(fd);
    wait_until_closed();
}
END_TEST

START_TEST(dripped_reply_is_complete)
{
    struct raw_reply plain;
    struct timespec from, to;
    double seconds;

    raw_get(port, "/d?size=300", &plain);
    clock_gettime(CLOCK_MONOTONIC, &from);
    get("/d?size=300&drip=3000");
    clock_gettime(CLOCK_MONOTONIC, &to);
    ck_assert_uint_eq(r.all.n, plain.all.n);
    ck_assert_mem_eq(r.all.p, plain.all.p, r.all.n);
    seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    ck_assert_double_gt(seconds, 0.08); /* never faster; slower is the machine's affair */
    raw_free(&plain);
}
END_TEST

START_TEST(latency_comes_before_the_first_byte)
{
    struct timespec from, to;
    double seconds;

    clock_gettime(CLOCK_MONOTONIC, &from);
    get("/?latency=60");
    clock_gettime(CLOCK_MONOTONIC, &to);
    seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    ck_assert_int_eq(r.status, 200);
    ck_assert_double_gt(seconds, 0.055); /* a clock of milliseconds may cut one off */
}
END_TEST

START_TEST(connection_given_up_during_latency_is_closed)
{
    int fd = raw_connect(port);

    raw_send(fd, "GET /?latency=3600000&key=slow HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 1000 && !origin_hits(origin, "slow"); i++) {
        usleep(10000);
    }
    ck_assert_uint_eq(origin_stats(origin).open, 1);
    close(fd);
    wait_until_closed();
}
END_TEST

START_TEST(announced_length_may_be_wrong)
{
    ask("GET /?size=100&length=200 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert(raw_has(&r, "Content-Length: 200"));
    ck_assert_uint_eq(r.body_n, 100);
    ask("GET /?size=100&length=9 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert(raw_has(&r, "Content-Length: 9"));
    ck_assert_uint_eq(r.body_n, 100);
    get("/?size=100&length=9000000000000000000");
    ck_assert(raw_has(&r, "Content-Length: 9000000000000000000"));
}
END_TEST

START_TEST(malformed_heads_are_broken_where_asked)
{
    get("/?malformed=status");
    ck_assert_mem_eq(r.all.p, "HTTP/1.1 two-hundred fine\r\n", 27);
    get("/?malformed=version");
    ck_assert_mem_eq(r.all.p, "HTTP/9.7 200 OK\r\n", 17);
    get("/?malformed=header");
    ck_assert(raw_has(&r, "this line has no colon"));
    get("/?malformed=nul");
    ck_assert(came("\r\nX-Nul: a\0b\r\n", 14));
    get("/?malformed=fold");
    ck_assert(came("\r\nX-Fold: one\r\n two\r\n", 21));
    get("/?malformed=dup-length&size=50");
    ck_assert(raw_has(&r, "Content-Length: 50"));
    ck_assert(raw_has(&r, "Content-Length: 51"));
    ask("GET /?malformed=http09&size=50 HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_uint_eq(r.all.n, 50);
    ck_assert_mem_eq(r.all.p, "<!doctype html>", 15);
}
END_TEST

START_TEST(malformed_chunks_are_broken_where_asked)
{
    get("/?malformed=chunk&body=hello");
    ck_assert(came("\r\n\r\n5\r\nhelloXX0\r\n", 17));
    get("/?malformed=chunksize&body=hello");
    ck_assert(came("\r\n\r\nxyz\r\nhello", 14));
}
END_TEST

START_TEST(extra_headers_are_sent)
{
    get("/?headers=2000&header-size=100000");
    ck_assert(raw_has(&r, "X-Extra-0: value 0"));
    ck_assert(raw_has(&r, "X-Extra-1999: value 1999"));
    ck_assert(!came("X-Extra-2000", 12));
    ck_assert_uint_eq(strspn(strstr((const char *)r.all.p, "X-Big: ") + 7, "b"), 100000);
    ck_assert_uint_eq(r.body_n, 1000);
}
END_TEST

START_TEST(informational_replies_come_first)
{
    static const char start[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                                "Link: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n";

    get("/?continue=1");
    ck_assert_uint_gt(r.all.n, sizeof start);
    ck_assert_mem_eq(r.all.p, start, sizeof start - 1);
}
END_TEST

/* Inflates the body and says how it ended and how much there was, all of it zeros or not. */
static int unzip(size_t *n, bool *zeros)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)r.body, .avail_in = (uInt)r.body_n};
    uint8_t out[65536];
    int end = Z_OK;

    *n = 0;
    *zeros = true;
    ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
    while (end == Z_OK) {
        size_t got;
        z.next_out = out;
        z.avail_out = sizeof out;
        end = inflate(&z, Z_NO_FLUSH);
        got = sizeof out - z.avail_out;
        for (size_t i = 0; i < got; i++) {
            *zeros = *zeros && out[i] == 0;
        }
        *n += got;
    }
    inflateEnd(&z);
    return end;
}

START_TEST(bomb_is_gzip_of_zeros)
{
    size_t largest, chunks, n;
    bool zeros;

    get("/?bomb=20000001");
    ck_assert(raw_has(&r, "Content-Encoding: gzip"));
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    ck_assert_uint_lt(r.body_n, 40000);
    ck_assert_int_eq(unzip(&n, &zeros), Z_STREAM_END);
    ck_assert_uint_eq(n, 20000001);
    ck_assert(zeros);
    get("/?bomb=0&framing=close");
    ck_assert_int_eq(unzip(&n, &zeros), Z_STREAM_END);
    ck_assert_uint_eq(n, 0);
}
END_TEST

static void expect_zeros(const uint8_t *out, size_t n, size_t expected)
{
    ck_assert_uint_eq(n, expected);
    ck_assert(n == 0 || (out[0] == 0 && memcmp(out, out + 1, n - 1) == 0));
}

START_TEST(bomb_may_have_other_encodings)
{
    enum { SIZE = 20000001 };
    static uint8_t out[SIZE + 1], inner[SIZE / 100];
    size_t largest, chunks, n = sizeof out;

    get("/?bomb=20000001&encoding=br");
    ck_assert(raw_has(&r, "Content-Encoding: br"));
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    ck_assert_uint_lt(r.body_n, 1000);
    ck_assert_int_eq(BrotliDecoderDecompress(r.body_n, (const uint8_t *)r.body, &n, out),
                     BROTLI_DECODER_RESULT_SUCCESS);
    expect_zeros(out, n, SIZE);
    get("/?bomb=20000001&encoding=zstd");
    ck_assert(raw_has(&r, "Content-Encoding: zstd"));
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    ck_assert_uint_lt(r.body_n, 2000);
    ZSTD_inBuffer in = {r.body, r.body_n, 0};
    ZSTD_outBuffer to = {out, sizeof out, 0};
    ZSTD_DStream *z = ZSTD_createDStream();
    ck_assert_uint_eq(ZSTD_decompressStream(z, &to, &in), 0);
    expect_zeros(out, to.pos, SIZE);
    get("/?bomb=20000001&encoding=zstd,br&body=text");
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    n = sizeof inner;
    ck_assert_int_eq(BrotliDecoderDecompress(r.body_n, (const uint8_t *)r.body, &n, inner),
                     BROTLI_DECODER_RESULT_SUCCESS);
    in = (ZSTD_inBuffer){inner, n, 0};
    to = (ZSTD_outBuffer){out, sizeof out, 0};
    while (in.pos < in.size && to.pos < 5) {
        to.size = 5;
        ck_assert(!ZSTD_isError(ZSTD_decompressStream(z, &to, &in)));
    }
    ck_assert_mem_eq(out, "text", 5);
    ZSTD_freeDStream(z);
}
END_TEST

START_TEST(bad_gzip_does_not_decode)
{
    size_t n;
    bool zeros;

    get("/?badgzip=1");
    ck_assert(raw_has(&r, "Content-Encoding: gzip"));
    ck_assert_int_eq(unzip(&n, &zeros), Z_DATA_ERROR);
    ck_assert_uint_eq(n, 0);
    get("/?badgzip=crc");
    ck_assert_int_eq(unzip(&n, &zeros), Z_DATA_ERROR);
    ck_assert_uint_eq(n, 1000);
}
END_TEST

START_TEST(first_requests_with_a_key_fail)
{
    static const int statuses[] = {503, 503, 200, 200};

    for (size_t i = 0; i < 4; i++) {
        get("/?fail=2&key=a");
        ck_assert_int_eq(r.status, statuses[i]);
    }
    get("/?fail=1&key=b&with=429&retry-after=5");
    ck_assert_int_eq(r.status, 429);
    ck_assert(raw_has(&r, "Retry-After: 5"));
    get("/?fail=1&key=c&with=reset");
    ck_assert(r.reset);
    ck_assert_uint_eq(r.all.n, 0);
    get("/?fail=1&key=c&with=reset");
    ck_assert_int_eq(r.status, 200);
    get("/?fail=1&key=d&with=close");
    ck_assert(!r.reset);
    ck_assert_uint_eq(r.all.n, 0);
    get("/path?fail=1");
    ck_assert_int_eq(r.status, 503);
    get("/path?fail=1&size=10");
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(origin_hits(origin, "/path"), 2);
}
END_TEST

START_TEST(retry_after_may_be_any_text_or_a_date)
{
    const char *value;
    struct tm tm = {0};
    time_t before = time(NULL), at;

    get("/?retry-after=soon%20please");
    ck_assert(raw_has(&r, "Retry-After: soon please"));
    get("/?retry-after=date+100");
    value = strstr((const char *)r.all.p, "Retry-After: ");
    ck_assert_ptr_nonnull(value);
    ck_assert_ptr_nonnull(strptime(value + 13, "%a, %d %b %Y %H:%M:%S GMT\r\n", &tm));
    at = timegm(&tm);
    ck_assert_int_ge(at, before + 100);
    ck_assert_int_le(at, time(NULL) + 100);
}
END_TEST

START_TEST(credentials_are_demanded)
{
    get("/?auth=basic&n=1");
    ck_assert_int_eq(r.status, 401);
    ck_assert(raw_has(&r, "WWW-Authenticate: Basic realm=\"origin\""));
    ck_assert(!came("Location", 8));
    ask("GET /?auth=basic HTTP/1.1\r\nAuthorization: Basic dXNlcjp3cm9uZw==\r\n"
        "Connection: close\r\n\r\n");
    ck_assert_int_eq(r.status, 401);
    ask("GET /?auth=basic HTTP/1.1\r\nAuthorization: Basic dXNlcjpwYXNzd29yZA==\r\n"
        "Connection: close\r\n\r\n");
    ck_assert_int_eq(r.status, 200);
}
END_TEST

START_TEST(slow_reader_gets_everything)
{
    int fd = raw_connect(port);

    raw_send(fd, "GET /?size=20000000&keepalive=0 HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(20000);
    raw_finish(fd, &r);
    ck_assert_uint_eq(r.body_n, 20000000);
    ck_assert_mem_eq(r.body + r.body_n - 8, "</html>\n", 8);
}
END_TEST

START_TEST(peer_that_shut_its_side_gets_everything)
{
    int fd = raw_connect(port);

    raw_send(fd, "GET /?size=20000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(fd, SHUT_WR);
    raw_finish(fd, &r);
    ck_assert_uint_eq(r.body_n, 20000000);
    ck_assert(!r.reset);
    wait_until_closed();
}
END_TEST

START_TEST(reply_survives_a_request_body_nobody_reads)
{
    struct origin_bytes request = {0};

    origin_bytes_text(&request, "POST /?size=600&keepalive=0 HTTP/1.1\r\nHost: a\r\n"
                                "Content-Length: 1000000\r\n\r\n");
    origin_bytes_fill(&request, 'x', 1000000);
    origin_bytes_add(&request, "", 1);
    ask((const char *)request.p);
    ck_assert_uint_eq(r.body_n, 600);
    ck_assert(!r.reset);
    origin_bytes_free(&request);
}
END_TEST

START_TEST(stop_ends_connections_in_every_state)
{
    static const char *const targets[] = {"/", "/?stall=50", "/?latency=3600000",
                                          "/?endless=1", "/?endless=1&drip=5", "/?close=9",
                                          "/?reset=5000000&size=9000000", "/?bomb=1000000000000",
                                          "/?bomb=1000000000000&encoding=br",
                                          "/?bomb=1000000000000&encoding=zstd,gzip"};
    enum { N = sizeof targets / sizeof targets[0] };
    struct origin *other;
    char text[128];
    int fds[N + 1];

    ck_assert_int_eq(origin_start(&other, NULL), 0);
    for (size_t i = 0; i < N; i++) {
        fds[i] = raw_connect(origin_port(other));
        snprintf(text, sizeof text, "GET %s%ckey=k HTTP/1.1\r\nHost: a\r\n\r\n", targets[i],
                 strchr(targets[i], '?') ? '&' : '?');
        raw_send(fds[i], text);
    }
    fds[N] = raw_connect(origin_port(other));
    for (int i = 0; i < 1000 && origin_hits(other, "k") < N; i++) {
        usleep(10000);
    }
    ck_assert_uint_eq(origin_hits(other, "k"), N);
    origin_stop(other);
    for (size_t i = 0; i <= N; i++) {
        close(fds[i]);
    }
}
END_TEST

static void add_all(TCase *t)
{
    tcase_add_test(t, redirects_form_a_chain);
    tcase_add_test(t, location_is_sent_to_the_byte);
    tcase_add_test(t, loop_leads_to_itself);
    tcase_add_test(t, redirect_may_lack_its_location);
    tcase_add_test(t, reset_comes_after_exactly_n_bytes);
    tcase_add_test(t, close_comes_after_exactly_n_bytes);
    tcase_add_test(t, noreply_closes_without_a_byte);
    tcase_add_test(t, stall_falls_silent_until_the_peer_closes);
    tcase_add_test(t, endless_body_goes_on);
    tcase_add_test(t, endless_trickle_goes_on);
    tcase_add_test(t, dripped_reply_is_complete);
    tcase_add_test(t, latency_comes_before_the_first_byte);
    tcase_add_test(t, connection_given_up_during_latency_is_closed);
    tcase_add_test(t, announced_length_may_be_wrong);
    tcase_add_test(t, malformed_heads_are_broken_where_asked);
    tcase_add_test(t, malformed_chunks_are_broken_where_asked);
    tcase_add_test(t, extra_headers_are_sent);
    tcase_add_test(t, informational_replies_come_first);
    tcase_add_test(t, bomb_is_gzip_of_zeros);
    tcase_add_test(t, bomb_may_have_other_encodings);
    tcase_add_test(t, bad_gzip_does_not_decode);
    tcase_add_test(t, first_requests_with_a_key_fail);
    tcase_add_test(t, retry_after_may_be_any_text_or_a_date);
    tcase_add_test(t, credentials_are_demanded);
    tcase_add_test(t, slow_reader_gets_everything);
    tcase_add_test(t, peer_that_shut_its_side_gets_everything);
    tcase_add_test(t, reply_survives_a_request_body_nobody_reads);
    tcase_add_test(t, stop_ends_connections_in_every_state);
}

int main(void)
{
    Suite *suite = suite_create("origin faults");
    TCase *t = tcase_create("faults");
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
