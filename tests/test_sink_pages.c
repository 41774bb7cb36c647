/* The output formats with pages of a crawl. */
#include "sink_catch.h"

#include <stdlib.h>

static struct catch caught;

static void forget(void)
{
    tw_buf_free(&caught.got);
    caught = (struct catch){0};
}

static trawl_page a_page(void)
{
    trawl_page page = {
        .result = catch_result(),
        .index = 9,
        .depth = 2,
        .from = "http://127.0.0.1:8080/",
        .links = 17,
        .title = "Hello,  \"world\"",
        .digest = "00112233445566778899aabbccddeeff",
    };

    return page;
}

static const char *page_as(const char *format, const trawl_page *page, bool crawl, bool body)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_sink *sink;

    options.crawl = crawl;
    options.body = body;
    sink = catch_open(&caught, format, &options);
    tw_buf_reset(&caught.got, SIZE_MAX);
    ck_assert_int_eq(trawl_sink_add_page(sink, page), 0);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    return caught.got.data;
}

static json_t *json_of(const trawl_page *page)
{
    page_as("jsonl", page, true, false);
    return catch_parse(&caught.got);
}

START_TEST(jsonl_appends_what_only_a_page_has)
{
    trawl_page page = a_page();
    const char *text = page_as("jsonl", &page, true, false);

    ck_assert_ptr_eq(strstr(text, "{\"index\":9,\"url\":\"http://127.0.0.1:8080/a\","), text);
    ck_assert_str_eq(strstr(text, ",\"error\":"),
                     ",\"error\":null,\"depth\":2,\"from\":\"http://127.0.0.1:8080/\",\"links\":17,"
                     "\"title\":\"Hello,  \\\"world\\\"\","
                     "\"digest\":\"00112233445566778899aabbccddeeff\",\"repeats\":null}\n");
    page.is_repeat = true;
    page.repeats = 0;
    ck_assert_str_eq(strstr(page_as("jsonl", &page, true, false), ",\"repeats\""),
                     ",\"repeats\":0}\n");
}
END_TEST

START_TEST(what_a_page_does_not_have_is_null)
{
    trawl_page page = {.result = catch_failure(TRAWL_ECONNECT, "")};
    json_t *j = json_of(&page);

    ck_assert_int_eq(json_integer_value(json_object_get(j, "depth")), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(j, "links")), 0);
    ck_assert(json_is_null(json_object_get(j, "from")));
    ck_assert(json_is_null(json_object_get(j, "title")));
    ck_assert(json_is_null(json_object_get(j, "digest")));
    ck_assert(json_is_null(json_object_get(j, "repeats")));
    json_decref(j);
}
END_TEST

START_TEST(the_body_comes_last)
{
    trawl_page page = a_page();

    page.result.body = "hi";
    page.result.body_len = 2;
    ck_assert_str_eq(strstr(page_as("jsonl", &page, true, true), ",\"repeats\""),
                     ",\"repeats\":null,\"body\":\"hi\",\"body_encoding\":\"utf-8\"}\n");
}
END_TEST

START_TEST(titles_and_referrers_are_made_valid)
{
    trawl_page page = a_page();
    json_t *j;

    page.title = "a\xff\x1b";
    page.from = "http://x/\xc3";
    j = json_of(&page);
    ck_assert_str_eq(json_string_value(json_object_get(j, "title")), "a" FFFD "\x1b");
    ck_assert_str_eq(json_string_value(json_object_get(j, "from")), "http://x/" FFFD);
    json_decref(j);
}
END_TEST

START_TEST(csv_has_the_columns_of_its_head)
{
    trawl_page page = a_page();
    const char *text = page_as("csv", &page, true, false);

    ck_assert_ptr_nonnull(
        strstr(text, ",error_message,depth,from,links,title,digest,repeats\r\n9,"));
    ck_assert_str_eq(strstr(text, "Hello world,"),
                     "Hello world,,,2,http://127.0.0.1:8080/,17,\"Hello,  \"\"world\"\"\","
                     "00112233445566778899aabbccddeeff,\r\n");
    page.is_repeat = true;
    page.repeats = 4;
    ck_assert_ptr_nonnull(strstr(page_as("csv", &page, true, false), "ddeeff,4\r\n"));
}
END_TEST

START_TEST(without_the_option_a_page_is_a_result)
{
    trawl_page page = a_page();

    ck_assert_ptr_null(strstr(page_as("jsonl", &page, false, false), "depth"));
    ck_assert_ptr_null(strstr(page_as("csv", &page, false, false), "depth"));
    ck_assert_ptr_nonnull(strstr(caught.got.data, "error_message\r\n9,"));
}
END_TEST

START_TEST(a_result_that_is_no_page_has_the_same_columns)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_result r = catch_result();
    json_t *j;

    options.crawl = true;
    j = catch_parse(catch_one(&caught, "jsonl", &options, &r));
    ck_assert(json_is_null(json_object_get(j, "from")));
    ck_assert_int_eq(json_integer_value(json_object_get(j, "depth")), 0);
    json_decref(j);
    ck_assert_ptr_nonnull(strstr(catch_one(&caught, "csv", &options, &r)->data,
                                 "Hello world,,,0,,0,,,\r\n"));
}
END_TEST

START_TEST(text_shows_depth_title_and_repetition)
{
    trawl_page page = a_page();

    ck_assert_str_eq(page_as("text", &page, true, false),
                     "200  13.5 kB   204 ms   2  http://127.0.0.1:8080/a  Hello, \"world\"\n");
    page.title = NULL;
    page.depth = 100;
    page.is_repeat = true;
    page.repeats = 17;
    ck_assert_str_eq(page_as("text", &page, true, false),
                     "200  13.5 kB   204 ms  100  http://127.0.0.1:8080/a  Hello world "
                     "(repeats 17)\n");
    page.result = catch_failure(TRAWL_ECONNECT, "");
    page.is_repeat = false;
    ck_assert_str_eq(page_as("text", &page, true, false),
                     "ECONNECT       1.2 ms  100  http://127.0.0.1:1/  could not connect\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sink_pages");
    TCase *t = tcase_create("pages");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_test(t, jsonl_appends_what_only_a_page_has);
    tcase_add_test(t, what_a_page_does_not_have_is_null);
    tcase_add_test(t, the_body_comes_last);
    tcase_add_test(t, titles_and_referrers_are_made_valid);
    tcase_add_test(t, csv_has_the_columns_of_its_head);
    tcase_add_test(t, without_the_option_a_page_is_a_result);
    tcase_add_test(t, a_result_that_is_no_page_has_the_same_columns);
    tcase_add_test(t, text_shows_depth_title_and_repetition);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
