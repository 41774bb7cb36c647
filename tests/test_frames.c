/* Frames between a parent and its workers: what goes in comes out, and nothing that a stranger could
 * send does harm. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/frames.h"

static struct tw_buf b;
static struct tw_frame frame;

static void teardown(void)
{
    tw_buf_free(&b);
}

static int parse(void)
{
    return tw_frame_parse(b.data, b.len, &frame);
}

static void parse_whole(enum tw_frame_type type)
{
    ck_assert_int_eq(parse(), 1);
    ck_assert_int_eq(frame.type, type);
    ck_assert_uint_eq(frame.size, b.len);
    ck_assert_uint_eq(frame.len, b.len - TW_FRAME_HEAD);
    ck_assert_ptr_eq(frame.payload, b.data + TW_FRAME_HEAD);
}

static const struct tw_job a_job = {
    .url = "http://example.org/a?b",
    .user = "",
    .password = "pass\xff word",
    .host_is_ip = true,
    .more = true,
    .timeout_ms = 1234567,
    .max_body = INT64_MAX,
};

static const struct tw_outcome an_outcome = {
    .error = TRAWL_ETRUNCATED,
    .curl_code = 18,
    .status = 999,
    .http_version = 30,
    .ip = "2001:db8:ffff:ffff:ffff:ffff:255.255.255.255",
    .port = 65535,
    .wire_bytes = UINT64_MAX,
    .dns_us = 1,
    .connect_us = UINT64_C(1) << 32,
    .tls_us = 3,
    .first_byte_us = 4,
    .total_us = 5,
    .detail = "transfer closed with 1 bytes remaining to read",
};

START_TEST(jobs_come_out_as_they_went_in)
{
    struct tw_job job;

    ck_assert_int_eq(tw_frame_put_job(&b, &a_job), 0);
    parse_whole(TW_FRAME_JOB);
    memset(&job, 0xff, sizeof(job));
    ck_assert_int_eq(tw_frame_get_job(&frame, &job), 0);
    ck_assert_str_eq(job.url, a_job.url);
    ck_assert_str_eq(job.user, "");
    ck_assert_str_eq(job.password, a_job.password);
    ck_assert(job.host_is_ip && job.more && !job.foreign);
    ck_assert_uint_eq(job.timeout_ms, 1234567);
    ck_assert_uint_eq(job.max_body, INT64_MAX);
    ck_assert_ptr_null(job.to);
    ck_assert_ptr_null(job.engine);
    ck_assert_int_eq(job.out.error, 0);
}
END_TEST

START_TEST(no_credentials_are_not_empty_ones)
{
    const struct tw_job plain = {.url = "http://example.org/", .foreign = true};
    struct tw_job job;

    ck_assert_int_eq(tw_frame_put_job(&b, &plain), 0);
    parse_whole(TW_FRAME_JOB);
    ck_assert_int_eq(tw_frame_get_job(&frame, &job), 0);
    ck_assert_ptr_null(job.user);
    ck_assert_ptr_null(job.password);
    ck_assert(job.foreign && !job.host_is_ip && !job.more);
}
END_TEST

START_TEST(outcomes_come_out_as_they_went_in)
{
    struct tw_outcome out;

    ck_assert_int_eq(tw_frame_put_done(&b, &an_outcome), 0);
    parse_whole(TW_FRAME_DONE);
    ck_assert_int_eq(tw_frame_get_done(&frame, &out), 0);
    ck_assert_int_eq(out.error, TRAWL_ETRUNCATED);
    ck_assert_int_eq(out.curl_code, 18);
    ck_assert_int_eq(out.status, 999);
    ck_assert_int_eq(out.http_version, 30);
    ck_assert_str_eq(out.ip, an_outcome.ip);
    ck_assert_uint_eq(out.port, 65535);
    ck_assert_uint_eq(out.wire_bytes, UINT64_MAX);
    ck_assert_uint_eq(out.dns_us, 1);
    ck_assert_uint_eq(out.connect_us, UINT64_C(1) << 32);
    ck_assert_uint_eq(out.tls_us, 3);
    ck_assert_uint_eq(out.first_byte_us, 4);
    ck_assert_uint_eq(out.total_us, 5);
    ck_assert_str_eq(out.detail, an_outcome.detail);
}
END_TEST

START_TEST(options_that_matter_come_out_as_they_went_in)
{
    static const char *const headers[] = {"X-One: 1", "Authorization: s3cret", NULL};
    static const char *const resolve[] = {"a:80:127.0.0.1", NULL};
    trawl_options o = TRAWL_OPTIONS_INIT;
    struct tw_hello hello;

    o.concurrency = 7;
    o.connect_timeout_ms = 8;
    o.low_speed_bytes = 9;
    o.low_speed_ms = 10;
    o.http = TRAWL_HTTP_2;
    o.ip = TRAWL_IP_V6;
    o.insecure = o.no_reuse = o.deny_private = true;
    o.user_agent = "agent";
    o.proxy_http = "http://u:p@127.0.0.1:1";
    o.proxy_https = "http://127.0.0.1:2";
    o.no_proxy = "*";
    o.ca_file = "/ca.pem";
    o.interface_name = "lo";
    o.deny_cidr = "10.0.0.0/8";
    o.allow_cidr = "10.1.0.0/16";
    o.headers = headers;
    o.resolve = resolve;
    ck_assert_int_eq(tw_frame_put_hello(&b, &o, 4711), 0);
    parse_whole(TW_FRAME_HELLO);
    ck_assert_int_eq(tw_frame_get_hello(&frame, &hello), 0);
    ck_assert_uint_eq(hello.parent, 4711);
    ck_assert_uint_eq(hello.options.concurrency, 7);
    ck_assert_uint_eq(hello.options.connect_timeout_ms, 8);
    ck_assert_uint_eq(hello.options.low_speed_bytes, 9);
    ck_assert_uint_eq(hello.options.low_speed_ms, 10);
    ck_assert_int_eq(hello.options.http, TRAWL_HTTP_2);
    ck_assert_int_eq(hello.options.ip, TRAWL_IP_V6);
    ck_assert(hello.options.insecure && hello.options.no_reuse && hello.options.deny_private);
    ck_assert_str_eq(hello.options.user_agent, "agent");
    ck_assert_str_eq(hello.options.proxy_http, o.proxy_http);
    ck_assert_str_eq(hello.options.proxy_https, o.proxy_https);
    ck_assert_str_eq(hello.options.no_proxy, "*");
    ck_assert_str_eq(hello.options.ca_file, "/ca.pem");
    ck_assert_str_eq(hello.options.interface_name, "lo");
    ck_assert_str_eq(hello.options.deny_cidr, "10.0.0.0/8");
    ck_assert_str_eq(hello.options.allow_cidr, "10.1.0.0/16");
    ck_assert_str_eq(hello.options.headers[0], headers[0]);
    ck_assert_str_eq(hello.options.headers[1], headers[1]);
    ck_assert_ptr_null(hello.options.headers[2]);
    ck_assert_str_eq(hello.options.resolve[0], resolve[0]);
    ck_assert_ptr_null(hello.options.resolve[1]);
    tw_hello_free(&hello);
}
END_TEST

START_TEST(options_left_out_are_not_the_defaults)
{
    trawl_options o = TRAWL_OPTIONS_INIT;
    struct tw_hello hello;

    o.user_agent = NULL;
    ck_assert_int_eq(tw_frame_put_hello(&b, &o, UINT64_MAX), 0);
    parse_whole(TW_FRAME_HELLO);
    ck_assert_int_eq(tw_frame_get_hello(&frame, &hello), 0);
    ck_assert_uint_eq(hello.parent, UINT64_MAX);
    ck_assert_ptr_null(hello.options.user_agent);
    ck_assert_ptr_null(hello.options.proxy_http);
    ck_assert_ptr_null(hello.options.headers);
    ck_assert_ptr_null(hello.options.resolve);
    ck_assert(!hello.options.insecure && !hello.options.no_reuse);
    tw_hello_free(&hello);
}
END_TEST

START_TEST(frames_follow_each_other)
{
    int status = 0;

    ck_assert_int_eq(tw_frame_put(&b, TW_FRAME_READY, NULL, 0), 0);
    ck_assert_int_eq(tw_frame_put(&b, TW_FRAME_BODY, "x\0y", 3), 0);
    ck_assert_int_eq(tw_frame_put_status(&b, 204), 0);
    ck_assert_int_eq(parse(), 1);
    ck_assert_int_eq(frame.type, TW_FRAME_READY);
    ck_assert_uint_eq(frame.len, 0);
    ck_assert_int_eq(tw_frame_parse(b.data + 8, b.len - 8, &frame), 1);
    ck_assert_int_eq(frame.type, TW_FRAME_BODY);
    ck_assert_uint_eq(frame.len, 3);
    ck_assert_mem_eq(frame.payload, "x\0y", 3);
    ck_assert_int_eq(tw_frame_parse(b.data + 19, b.len - 19, &frame), 1);
    ck_assert_int_eq(tw_frame_get_status(&frame, &status), 0);
    ck_assert_int_eq(status, 204);
}
END_TEST

START_TEST(the_beginning_of_a_frame_is_none_yet)
{
    ck_assert_int_eq(tw_frame_put_job(&b, &a_job), 0);
    for (size_t n = 0; n < b.len; n++) {
        char *part = malloc(n + 1); /* of its own, so that reading past it shows */

        ck_assert_ptr_nonnull(part);
        memcpy(part, b.data, n);
        ck_assert_int_eq(tw_frame_parse(part, n, &frame), 0);
        free(part);
    }
}
END_TEST

START_TEST(strange_heads_are_refused)
{
    static const struct {
        char bytes[8];
        size_t len;
    } rows[] = {
        {"y", 1},
        {"T\2", 2},
        {{'T', 1, 0, 0, 0, 0, 0, 0}, 8},  /* no type */
        {{'T', 1, 9, 0, 1, 0, 0, 0}, 8},  /* nor here */
        {{'T', 1, 8, 1, 9, 0, 0, 0}, 8},  /* reserved */
        {{'T', 1, 3, 0, 1, 0, 0, 0}, 8},  /* an abort that says something */
        {{'T', 1, 7, 0, 0, 0, 0, 0}, 8},  /* a body that does not */
        {{'T', 1, 7, 0, 1, 0, 2, 0}, 8},  /* 128 KiB and 1 */
        {{'T', 1, 5, 0, 1, 0, 2, 0}, 8},
        {{'T', 1, 6, 0, 9, 0, 0, 0}, 8},
        {{'T', 1, 8, 0, 1, 4, 0, 0}, 8},
        {{'T', 1, 2, 0, 1, 0, 0, 1}, 8},  /* 16 MiB and 1 */
        {{'T', 1, 1, 0, -1, -1, -1, -1}, 8},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(tw_frame_parse(rows[i].bytes, rows[i].len, &frame) == TRAWL_EINVAL,
                      "row %zu", i);
}
END_TEST

START_TEST(what_is_too_long_is_not_put)
{
    static char long_text[TW_FRAME_DOWN_MAX + 2];
    struct tw_job job = {.url = long_text};

    memset(long_text, 'x', sizeof(long_text) - 1);
    ck_assert_int_eq(tw_frame_put(&b, TW_FRAME_READY, NULL, 0), 0);
    ck_assert_int_eq(tw_frame_put(&b, TW_FRAME_BODY, long_text, TW_FRAME_UP_MAX + 1),
                     TRAWL_EINVAL);
    ck_assert_int_eq(tw_frame_put_job(&b, &job), TRAWL_EINVAL);
    job.url = long_text + 10; /* fits, but not with all the rest */
    ck_assert_int_eq(tw_frame_put_job(&b, &job), TRAWL_EINVAL);
    ck_assert_uint_eq(b.len, TW_FRAME_HEAD);
    ck_assert_int_eq(tw_frame_put(&b, TW_FRAME_BODY, long_text, TW_FRAME_UP_MAX), 0);
    ck_assert_int_eq(tw_frame_parse(b.data + 8, b.len - 8, &frame), 1);
    ck_assert_uint_eq(frame.len, TW_FRAME_UP_MAX);
}
END_TEST

static int get(void)
{
    struct tw_hello hello;
    struct tw_outcome out;
    struct tw_job job;
    int status, err = TRAWL_EINTERNAL;

    switch (frame.type) {
    case TW_FRAME_JOB: err = tw_frame_get_job(&frame, &job); break;
    case TW_FRAME_STATUS: err = tw_frame_get_status(&frame, &status); break;
    case TW_FRAME_DONE: err = tw_frame_get_done(&frame, &out); break;
    case TW_FRAME_HELLO:
        err = tw_frame_get_hello(&frame, &hello);
        if (err == 0)
            tw_hello_free(&hello);
        break;
    default: break;
    }
    return err;
}

static void put_sample(int i)
{
    static const char *const list[] = {"A: b", "C: d", NULL};
    trawl_options o = TRAWL_OPTIONS_INIT;

    o.headers = o.resolve = list;
    switch (i) {
    case 0: ck_assert_int_eq(tw_frame_put_hello(&b, &o, 1), 0); break;
    case 1: ck_assert_int_eq(tw_frame_put_job(&b, &a_job), 0); break;
    case 2: ck_assert_int_eq(tw_frame_put_status(&b, 200), 0); break;
    default: ck_assert_int_eq(tw_frame_put_done(&b, &an_outcome), 0); break;
    }
    ck_assert_int_eq(parse(), 1);
}

START_TEST(payloads_that_are_cut_are_refused)
{
    put_sample(_i);
    for (size_t n = 0; n < b.len - TW_FRAME_HEAD; n++) {
        char *part = malloc(n + 1);

        ck_assert_ptr_nonnull(part);
        memcpy(part, b.data + TW_FRAME_HEAD, n);
        frame.payload = part;
        frame.len = n;
        ck_assert_int_eq(get(), TRAWL_EINVAL);
        free(part);
    }
}
END_TEST

START_TEST(payloads_with_more_behind_are_refused)
{
    put_sample(_i);
    ck_assert_int_eq(get(), 0);
    frame.len++; /* the buffer's terminator */
    ck_assert_int_eq(get(), TRAWL_EINVAL);
}
END_TEST

/* What is beyond its range, at that place of the payload. */
static void refused_with(int sample, size_t at, int byte)
{
    b.len = 0;
    put_sample(sample);
    ck_assert_int_eq(get(), 0);
    b.data[TW_FRAME_HEAD + at] = (char)byte;
    ck_assert_msg(get() == TRAWL_EINVAL, "sample %d with %d at %zu", sample, byte, at);
}

START_TEST(values_out_of_range_are_refused)
{
    const size_t strings = 11 * 8; /* of an outcome, before its strings */

    refused_with(2, 1, 4);                      /* status 1224 */
    refused_with(2, 7, 1);
    refused_with(3, 3, 0x80);                   /* an error code beyond int */
    refused_with(3, 2 * 8 + 1, 4);              /* status */
    refused_with(3, 3 * 8, 100);                /* version */
    refused_with(3, 4 * 8 + 2, 1);              /* port */
    refused_with(3, strings + 4 + 3, 0);        /* NUL in a string */
    refused_with(3, strings, 0xff);             /* longer than what there is */
    refused_with(3, strings + 3, 0xff);
    refused_with(1, 3, 0x7f);
    refused_with(0, 5 * 8, 3);                  /* no such HTTP version */
    refused_with(0, 7 * 8, 2);                  /* a bool that is neither */
}
END_TEST

START_TEST(a_job_without_a_url_is_refused)
{
    const struct tw_job job = {0};

    ck_assert_int_eq(tw_frame_put_job(&b, &job), 0);
    parse_whole(TW_FRAME_JOB);
    ck_assert_int_eq(get(), TRAWL_EINVAL);
}
END_TEST

/* A count that would have memory taken before the strings are found to be missing. */
START_TEST(long_lists_without_strings_are_refused)
{
    size_t last;

    put_sample(0);
    last = frame.len - (2 * (4 + 4 + 1)) - 4;
    ck_assert_int_eq(frame.payload[last], 2);
    memset(b.data + TW_FRAME_HEAD + last, 0x7f, 4);
    ck_assert_int_eq(get(), TRAWL_EINVAL);
    memset(b.data + TW_FRAME_HEAD + last, 0xff, 4);
    ck_assert_int_eq(get(), TRAWL_EINVAL);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("frames");
    Suite *suite = suite_create("frames");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, jobs_come_out_as_they_went_in);
    tcase_add_test(t, no_credentials_are_not_empty_ones);
    tcase_add_test(t, outcomes_come_out_as_they_went_in);
    tcase_add_test(t, options_that_matter_come_out_as_they_went_in);
    tcase_add_test(t, options_left_out_are_not_the_defaults);
    tcase_add_test(t, frames_follow_each_other);
    tcase_add_test(t, the_beginning_of_a_frame_is_none_yet);
    tcase_add_test(t, strange_heads_are_refused);
    tcase_add_test(t, what_is_too_long_is_not_put);
    tcase_add_loop_test(t, payloads_that_are_cut_are_refused, 0, 4);
    tcase_add_loop_test(t, payloads_with_more_behind_are_refused, 0, 4);
    tcase_add_test(t, values_out_of_range_are_refused);
    tcase_add_test(t, a_job_without_a_url_is_refused);
    tcase_add_test(t, long_lists_without_strings_are_refused);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
