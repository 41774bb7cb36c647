/* What trawl compare and its measuring processes say to each other arrives as it was meant. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/plan.h"
#include "cli/report.h"

START_TEST(escaped_bytes_come_back)
{
    char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)i;
    }
    char *text = cli_escape(bytes, sizeof(bytes), "%");
    for (const char *c = text; *c != '\0'; c++) {
        ck_assert(*c > 0x20 && *c < 0x7f);
    }
    ck_assert_uint_eq(cli_unescape(text), sizeof(bytes));
    ck_assert_mem_eq(text, bytes, sizeof(bytes));
    ck_assert_int_eq(text[256], '\0');
    free(text);
}
END_TEST

START_TEST(escaping_for_people_keeps_what_is_escaped)
{
    static const char url[] = "http://a/%41?\x1b[31m\xc3\xa9";
    char *text = cli_escape(url, strlen(url), "");
    ck_assert_str_eq(text, "http://a/%41?%1B[31m%C3%A9");
    free(text);
}
END_TEST

START_TEST(percent_signs_without_digits_stay)
{
    char text[] = "%4 %zz %% %41";
    ck_assert_uint_eq(cli_unescape(text), strlen("%4 %zz %% A"));
    ck_assert_str_eq(text, "%4 %zz %% A");
}
END_TEST

static char *written(struct cli_plan *plan)
{
    size_t len;
    char *text = cli_plan_write(plan, &len);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(strlen(text), len);
    return text;
}

START_TEST(a_plan_arrives_whole)
{
    static const char *const headers[] = {"Cookie: a=\"b\\\x80\"", "X: %41", NULL};
    static const char *const resolve[] = {"a:80:127.0.0.1", NULL};
    struct cli_bytes urls[] = {{"http://a/\0b\xff%00", 15}, {"http://\xc3\xa9/", 10}};
    struct cli_plan plan = {.fetch = TRAWL_OPTIONS_INIT, .urls = urls, .n_urls = 2};
    plan.names = true;
    plan.fetch.strategy = "pool";
    plan.fetch.concurrency = 77;
    plan.fetch.workers = 9;
    plan.fetch.timeout_ms = UINT64_C(1000000000);
    plan.fetch.max_body = UINT64_C(1) << 50;
    plan.fetch.no_reuse = true;
    plan.fetch.http = TRAWL_HTTP_2;
    plan.fetch.ip = TRAWL_IP_V6;
    plan.fetch.user_agent = NULL;
    plan.fetch.headers = headers;
    plan.fetch.resolve = resolve;
    plan.fetch.proxy_http = "http://me:se%25cret@proxy/";
    char *text = written(&plan);
    struct cli_plan got;
    ck_assert_int_eq(cli_plan_read(&got, text), 0);
    ck_assert(got.names);
    ck_assert_str_eq(got.fetch.strategy, "pool");
    ck_assert_uint_eq(got.fetch.concurrency, 77);
    ck_assert_uint_eq(got.fetch.workers, 9);
    ck_assert_uint_eq(got.fetch.timeout_ms, UINT64_C(1000000000));
    ck_assert_uint_eq(got.fetch.max_body, UINT64_C(1) << 50);
    ck_assert(got.fetch.no_reuse);
    ck_assert(!got.fetch.insecure);
    ck_assert_int_eq(got.fetch.http, TRAWL_HTTP_2);
    ck_assert_int_eq(got.fetch.ip, TRAWL_IP_V6);
    ck_assert_ptr_null(got.fetch.user_agent);
    ck_assert_str_eq(got.fetch.headers[0], headers[0]);
    ck_assert_str_eq(got.fetch.headers[1], headers[1]);
    ck_assert_ptr_null(got.fetch.headers[2]);
    ck_assert_str_eq(got.fetch.resolve[0], resolve[0]);
    ck_assert_str_eq(got.fetch.proxy_http, plan.fetch.proxy_http);
    ck_assert_uint_eq(got.n_urls, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(got.urls[i].len, urls[i].len);
        ck_assert_mem_eq(got.urls[i].bytes, urls[i].bytes, urls[i].len);
    }
    cli_plan_free(&got);
    free(text);
}
END_TEST

START_TEST(what_is_no_plan_is_refused)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "{}",
                                      "{\"urls\":[]}",
                                      "{\"headers\":[],\"resolve\":[],\"urls\":[]}",
                                      "{\"headers\":[],\"resolve\":[],\"urls\":[1]}",
                                      "{\"headers\":[1],\"resolve\":[],\"urls\":[\"a\"]}",
                                      "{\"strategy\":1,\"headers\":[],\"resolve\":[]}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cli_plan plan;
        ck_assert_msg(cli_plan_read(&plan, bad[i]) == TRAWL_EINVAL, "%s", bad[i]);
    }
}
END_TEST

START_TEST(a_report_arrives_whole)
{
    struct cli_fetched fetched[] = {
        {.status = 200, .tries = 1, .us = 201234, .bytes = 5, .digest = {1, 0xab, 255}},
        {.error = TRAWL_ECONNECT, .tries = 3, .name = "http://***@a/"},
    };
    struct cli_report report = {
        .metrics = {1.25, 0.5, 0.000001, 13e6, 5, 1e9, 0}, .fetched = fetched, .n = 2};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ck_assert_int_eq(cli_report_write(&report, file), 0);
    fclose(file);
    struct cli_report got;
    ck_assert_int_eq(cli_report_read(&got, text), 0);
    for (size_t i = 0; i < CLI_METRICS; i++) {
        ck_assert_double_eq_tol(got.metrics[i], report.metrics[i], 1e-9);
    }
    ck_assert_uint_eq(got.n, 2);
    ck_assert_int_eq(got.fetched[0].status, 200);
    ck_assert_uint_eq(got.fetched[0].us, 201234);
    ck_assert_uint_eq(got.fetched[0].bytes, 5);
    ck_assert_mem_eq(got.fetched[0].digest, fetched[0].digest, CLI_DIGEST_SIZE);
    ck_assert_ptr_null(got.fetched[0].name);
    ck_assert_int_eq(got.fetched[1].error, TRAWL_ECONNECT);
    ck_assert_uint_eq(got.fetched[1].tries, 3);
    ck_assert_str_eq(got.fetched[1].name, "http://***@a/");
    cli_report_free(&got);
    text[strlen(text) / 2] = '\0';
    ck_assert_int_eq(cli_report_read(&got, text), TRAWL_EINVAL);
    ck_assert_int_eq(cli_report_read(&got, ""), TRAWL_EINVAL);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *t = tcase_create("plan");
    tcase_add_test(t, escaped_bytes_come_back);
    tcase_add_test(t, escaping_for_people_keeps_what_is_escaped);
    tcase_add_test(t, percent_signs_without_digits_stay);
    tcase_add_test(t, a_plan_arrives_whole);
    tcase_add_test(t, what_is_no_plan_is_refused);
    tcase_add_test(t, a_report_arrives_whole);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
