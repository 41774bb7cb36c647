/* Records that trawl crawl, links and explain write. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record.h"

static yajl_gen gen;

static void setup(void)
{
    gen = cli_record_open();
    ck_assert_ptr_nonnull(gen);
}

static void teardown(void)
{
    yajl_gen_free(gen);
}

static void check_rejected(const trawl_rejected *rejected, const char *expected)
{
    size_t len;
    const char *text = cli_record_rejected(gen, rejected, &len);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(len, strlen(expected));
    ck_assert_mem_eq(text, expected, len);
}

START_TEST(one_record_after_another_is_a_line)
{
    trawl_rejected r = {.url = "http://a/", .reason = TRAWL_REJECT_ROBOTS, .rule = "Disallow: /",
                        .line = 3, .depth = 1, .from = "http://b/"};
    check_rejected(&r, "{\"url\":\"http://a/\",\"reason\":\"robots\",\"rule\":\"Disallow: /\","
                       "\"line\":3,\"depth\":1,\"from\":\"http://b/\"}\n");
    r = (trawl_rejected){.url = "http://c/", .reason = TRAWL_REJECT_SCOPE_HOST, .rule = ""};
    check_rejected(&r, "{\"url\":\"http://c/\",\"reason\":\"scope-host\",\"rule\":null,"
                       "\"line\":null,\"depth\":0,\"from\":null}\n");
}
END_TEST

START_TEST(what_is_no_text_is_written_in_hexadecimal)
{
    trawl_rejected r = {.url = "x:\xff", .reason = TRAWL_REJECT_SCHEME, .rule = "a\x1b[1mb"};
    check_rejected(&r, "{\"url\":\"x:%FF\",\"reason\":\"scheme\",\"rule\":\"a%1B[1mb\","
                       "\"line\":null,\"depth\":0,\"from\":null}\n");
    r.url = "x:\xc2\x9b";
    r.rule = "\xe6\xbc\xa2 \"q\"";
    check_rejected(&r, "{\"url\":\"x:%C2%9B\",\"reason\":\"scheme\","
                       "\"rule\":\"\xe6\xbc\xa2 \\\"q\\\"\","
                       "\"line\":null,\"depth\":0,\"from\":null}\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *t = tcase_create("record");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, one_record_after_another_is_a_line);
    tcase_add_test(t, what_is_no_text_is_written_in_hexadecimal);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
