#include "sink_catch.h"

#include <stdlib.h>

static struct catch caught;

static void forget(void)
{
    tw_buf_free(&caught.got);
    caught = (struct catch){0};
}

static void check_member(const json_t *j, const char *name, const char *value, size_t len)
{
    const json_t *member = json_object_get(j, name);

    ck_assert_msg(json_is_string(member), "%s", name);
    ck_assert_uint_eq(json_string_length(member), len);
    ck_assert_mem_eq(json_string_value(member), value, len);
}

START_TEST(jsonl_has_all_members_in_their_order)
{
    trawl_result r = catch_result();

    ck_assert_str_eq(
        catch_one(&caught, "jsonl", NULL, &r)->data,
        "{\"index\":7,\"url\":\"http://127.0.0.1:8080/a\",\"final_url\":"
        "\"http://127.0.0.1:8080/a\",\"status\":200,\"http_version\":\"1.1\",\"content_type\":"
        "\"text/html; charset=utf-8\",\"charset\":\"UTF-8\",\"bytes\":13500,\"wire_bytes\":"
        "13799,\"ip\":\"127.0.0.1\",\"redirects\":0,\"tries\":1,\"ms\":{\"dns\":0.001,"
        "\"connect\":0.020,\"tls\":0.300,\"first_byte\":4.000,\"total\":203.999},\"excerpt\":"
        "\"Hello world\",\"error\":null}\n");
}
END_TEST

START_TEST(jsonl_has_null_for_what_is_unknown)
{
    trawl_result r = catch_failure(TRAWL_EURL, "");

    r.final_url = NULL;
    r.timing.total_us = 0;
    ck_assert_str_eq(
        catch_one(&caught, "jsonl", NULL, &r)->data,
        "{\"index\":7,\"url\":\"http://127.0.0.1:1/\",\"final_url\":null,\"status\":0,"
        "\"http_version\":null,\"content_type\":null,\"charset\":null,\"bytes\":0,"
        "\"wire_bytes\":0,\"ip\":null,\"redirects\":0,\"tries\":3,\"ms\":{\"dns\":0.000,"
        "\"connect\":0.000,\"tls\":0.000,\"first_byte\":0.000,\"total\":0.000},\"excerpt\":"
        "\"\",\"error\":{\"name\":\"EURL\",\"message\":\"not a valid URL\"}}\n");
}
END_TEST

START_TEST(jsonl_adds_the_detail_to_the_message)
{
    trawl_result r = catch_failure(TRAWL_ECONNECT, "port 1: \"refused\"\n\xff");
    json_t *j = catch_json(&caught, &r, false);
    const char *message = "could not connect: port 1: \"refused\"\n" FFFD;

    check_member(json_object_get(j, "error"), "name", "ECONNECT", 8);
    check_member(json_object_get(j, "error"), "message", message, strlen(message));
    json_decref(j);
}
END_TEST

START_TEST(jsonl_names_the_versions_of_http)
{
    static const struct {
        int version;
        const char *name;
    } cases[] = {{9, "0.9"}, {10, "1.0"}, {11, "1.1"}, {20, "2"}, {30, "3"}};
    trawl_result r = catch_result();
    json_t *j;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r.http_version = cases[i].version;
        j = catch_json(&caught, &r, false);
        check_member(j, "http_version", cases[i].name, strlen(cases[i].name));
        json_decref(j);
    }
}
END_TEST

START_TEST(jsonl_writes_the_largest_numbers)
{
    trawl_result r = catch_result();

    r.bytes = UINT64_MAX;
    r.timing.total_us = UINT64_MAX;
    catch_one(&caught, "jsonl", NULL, &r);
    ck_assert_ptr_nonnull(strstr(caught.got.data, "\"bytes\":18446744073709551615,"));
    ck_assert_ptr_nonnull(strstr(caught.got.data, "\"total\":18446744073709551.615}"));
}
END_TEST

START_TEST(jsonl_escapes_every_character_that_needs_it_and_no_other)
{
    static const char all[] =
        "\"\\/\b\f\n\r\t\0\x01\x1b\x1f\x7f\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"
        "\xc3\xa9\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"
        "\xe2\x82\xac\xe2\x8a\xa8\xf0\x9f\x98\x80";
    trawl_result r = catch_result();
    json_t *j;

    r.excerpt = all;
    r.excerpt_len = sizeof(all) - 1;
    j = catch_json(&caught, &r, false);
    check_member(j, "excerpt", all, sizeof(all) - 1);
    json_decref(j);
    ck_assert_ptr_nonnull(
        strstr(caught.got.data,
               "\"excerpt\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001b\\u001f\\u007f"
               "\\u0080\\u009b\\u009f\xc2\xa0\xc3\xa9\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa"
               "\xe2\x82\xac\xe2\x8a\xa8\xf0\x9f\x98\x80\""));
}
END_TEST

/* Eight bytes are looked at together: each offset of each byte must be seen. */
START_TEST(jsonl_sees_a_special_byte_at_any_place)
{
    char text[20];
    trawl_result r = catch_result();
    size_t at;
    int c;
    json_t *j;

    r.excerpt = text;
    r.excerpt_len = sizeof(text);
    for (at = 0; at < sizeof(text); at++) {
        for (c = 0; c < 0x80; c++) {
            memset(text, 'x', sizeof(text));
            text[at] = (char)c;
            j = catch_json(&caught, &r, false);
            check_member(j, "excerpt", text, sizeof(text));
            ck_assert_ptr_null(strchr(caught.got.data, 0x7f));
            json_decref(j);
        }
    }
}
END_TEST

START_TEST(invalid_utf8_becomes_one_replacement_for_each_maximal_subpart)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"a\xff"
         "b",
         "a" FFFD "b"},
        {"\xff\xfe", FFFD FFFD},
        {"\xe2\x82", FFFD}, /* cut short at the end */
        {"\xe2\x82"
         "a",
         FFFD "a"}, /* ... and inside */
        {"\xf0\x9f\x98", FFFD},
        {"\xc0\xaf", FFFD FFFD}, /* overlong */
        {"\xe0\x9f\x80", FFFD FFFD FFFD},
        {"\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD},
        {"\xed\xa0\x80", FFFD FFFD FFFD},          /* a surrogate */
        {"\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD}, /* above U+10FFFF */
        {"\xf5\x80", FFFD FFFD},
        {"\xf1\x80\x80\xe1\x80\xc2"
         "b\x80",
         FFFD FFFD FFFD "b" FFFD},
        {"12345678\x80\xc3\xa9", "12345678" FFFD "\xc3\xa9"},
    };
    trawl_result r = catch_result();
    size_t i;
    json_t *j;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r.url = cases[i].bytes;
        r.url_len = strlen(cases[i].bytes);
        r.content_type = cases[i].bytes;
        j = catch_json(&caught, &r, false);
        check_member(j, "url", cases[i].text, strlen(cases[i].text));
        check_member(j, "content_type", cases[i].text, strlen(cases[i].text));
        json_decref(j);
    }
}
END_TEST

START_TEST(jsonl_has_a_body_only_when_asked)
{
    trawl_result r = catch_result();
    json_t *j;

    r.body = "x";
    r.body_len = 1;
    j = catch_json(&caught, &r, false);
    ck_assert_ptr_null(json_object_get(j, "body"));
    ck_assert_ptr_null(json_object_get(j, "body_encoding"));
    json_decref(j);
    r.body = NULL;
    r.body_len = 0;
    j = catch_json(&caught, &r, true);
    check_member(j, "body", "", 0);
    check_member(j, "body_encoding", "utf-8", 5);
    json_decref(j);
}
END_TEST

START_TEST(jsonl_keeps_a_text_body_byte_for_byte)
{
    static const char text[] =
        "\xef\xbb\xbf<p>\0\r\n\"\xe2\x80\xa8\xf0\x9f\x98\x80\xef\xbf\xbf";
    trawl_result r = catch_result();
    json_t *j;

    r.body = text;
    r.body_len = sizeof(text) - 1;
    j = catch_json(&caught, &r, true);
    check_member(j, "body", text, sizeof(text) - 1);
    check_member(j, "body_encoding", "utf-8", 5);
    json_decref(j);
}
END_TEST

START_TEST(jsonl_writes_any_other_body_as_base64)
{
    static const struct {
        const char *bytes, *coded;
    } cases[] = {{"\xff", "/w=="}, {"ok\xff", "b2v/"}, {"\xe2\x82\xac\xe2", "4oKs4g=="}};
    trawl_result r = catch_result();
    size_t i;
    json_t *j;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r.body = cases[i].bytes;
        r.body_len = strlen(cases[i].bytes);
        j = catch_json(&caught, &r, true);
        check_member(j, "body", cases[i].coded, strlen(cases[i].coded));
        check_member(j, "body_encoding", "base64", 6);
        json_decref(j);
    }
}
END_TEST

START_TEST(a_large_body_comes_out_whole_and_small_ones_after_it)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    const size_t len = 3000000;
    char *body = malloc(len);
    trawl_result r = catch_result();
    trawl_sink *sink;
    json_t *j;

    ck_assert_ptr_nonnull(body);
    memset(body, '\n', len);
    options.body = true;
    r.body = body;
    r.body_len = len;
    sink = catch_open(&caught, "jsonl", &options);
    ck_assert_int_eq(trawl_sink_add(sink, 0, &r), 0);
    j = catch_parse(&caught.got);
    check_member(j, "body", body, len);
    json_decref(j);
    tw_buf_reset(&caught.got, 0);
    r.body_len = 1;
    ck_assert_int_eq(trawl_sink_add(sink, 1, &r), 0);
    j = catch_parse(&caught.got);
    check_member(j, "body", "\n", 1);
    json_decref(j);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    free(body);
}
END_TEST

/* What a record gives that is written so many bytes of its body at a time; *steps is how many steps. */
static struct tw_buf *catch_steps(const trawl_result *r, size_t max, size_t *steps)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_record *record = NULL;
    trawl_sink *sink;
    int rc;

    options.body = true;
    sink = catch_open(&caught, "jsonl", &options);
    tw_buf_reset(&caught.got, SIZE_MAX);
    ck_assert_int_eq(trawl_record_open(&record, sink, 7, r), 0);
    ck_assert_uint_eq(caught.got.len, 0);
    *steps = 1;
    while ((rc = trawl_record_step(record, max)) == 1)
        ++*steps;
    ck_assert_int_eq(rc, 0);
    trawl_record_close(record);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    return &caught.got;
}

static void check_steps(const char *body, size_t len)
{
    static const size_t sizes[] = {1, 64, 65, 66, 67, 100, 1000, SIZE_MAX};
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_result r = catch_result();
    struct tw_buf whole = {0}, *got;
    size_t steps;

    options.body = true;
    r.body = body;
    r.body_len = len;
    got = catch_one(&caught, "jsonl", &options, &r);
    ck_assert_int_eq(tw_buf_append(&whole, got->data, got->len), 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        got = catch_steps(&r, sizes[i], &steps);
        ck_assert_str_eq(got->data, whole.data);
        ck_assert_uint_ge(steps, len / (sizes[i] < 64 ? 64 : sizes[i]));
        ck_assert_uint_le(steps, 2 * (len / 60 + 2));
    }
    tw_buf_free(&whole);
}

/* Characters of one to four bytes across each place where a piece ends; and what is no UTF-8 at the
 * beginning, at the end, and just after a piece. */
START_TEST(a_record_in_steps_is_the_same)
{
    static const char unit[] = "a\"\n\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80";
    char body[2000];

    check_steps("", 0);
    check_steps("x", 1);
    for (size_t shift = 0; shift < 12; shift++) {
        size_t len = shift;

        memset(body, '.', shift);
        for (; len + sizeof(unit) - 1 <= sizeof(body); len += sizeof(unit) - 1)
            memcpy(body + len, unit, sizeof(unit) - 1);
        check_steps(body, len);
        check_steps(body, len - 1); /* a character is cut off */
        body[64 + shift] = '\xff';
        check_steps(body, len);
        body[0] = '\xff';
        check_steps(body, len);
    }
}
END_TEST

START_TEST(one_record_is_written_after_another)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_result r = catch_result();
    trawl_record *first = NULL, *second = NULL;
    trawl_sink *sink;
    char body[300];

    memset(body, 'b', sizeof(body));
    r.body = body;
    r.body_len = sizeof(body);
    options.body = true;
    sink = catch_open(&caught, "jsonl", &options);
    ck_assert_int_eq(trawl_record_open(&first, sink, 0, &r), 0);
    ck_assert_int_eq(trawl_record_open(&second, sink, 1, &r), 0);
    ck_assert_int_eq(trawl_sink_add(sink, 2, &r), 0); /* neither has begun */
    ck_assert_int_eq(trawl_record_step(first, 100), 1);
    ck_assert_int_eq(trawl_record_step(second, 100), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_sink_add(sink, 3, &r), TRAWL_EINVAL);
    while (trawl_record_step(first, 100) == 1)
        ;
    while (trawl_record_step(second, 100) == 1)
        ;
    trawl_record_close(second);
    trawl_record_close(first);
    trawl_record_close(NULL);
    ck_assert_int_eq(trawl_record_open(&first, sink, 4, &r), 0);
    ck_assert_int_eq(trawl_record_step(first, 100), 1);
    trawl_record_close(first); /* given up */
    ck_assert_int_eq(trawl_sink_add(sink, 5, &r), 0);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    ck_assert_ptr_nonnull(strstr(caught.got.data, "}\n{\"index\":0,"));
    ck_assert_ptr_nonnull(strstr(caught.got.data, "}\n{\"index\":1,"));
    ck_assert_ptr_nonnull(strstr(caught.got.data, "{\"index\":5,"));
}
END_TEST

START_TEST(formats_without_bodies_have_one_step)
{
    trawl_result r = catch_result();
    trawl_record *record = NULL;
    trawl_sink *sink = catch_open(&caught, "csv", NULL);
    struct tw_buf once = {0};

    ck_assert_int_eq(trawl_record_open(&record, sink, 7, &r), 0);
    ck_assert_int_eq(trawl_record_step(record, 1), 0);
    ck_assert_uint_eq(caught.calls, 1);
    trawl_record_close(record);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    ck_assert_int_eq(tw_buf_append(&once, caught.got.data, caught.got.len), 0);
    ck_assert_str_eq(catch_one(&caught, "csv", NULL, &r)->data, once.data);
    tw_buf_free(&once);
}
END_TEST

START_TEST(what_the_write_callback_returns_ends_a_record)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_result r = catch_result();
    trawl_record *record = NULL;
    trawl_sink *sink;

    options.body = true;
    r.body = "x";
    r.body_len = 1;
    sink = catch_open(&caught, "jsonl", &options);
    ck_assert_int_eq(trawl_record_open(&record, sink, 7, &r), 0);
    caught.fail = TRAWL_EWRITE;
    ck_assert_int_eq(trawl_record_step(record, 1), TRAWL_EWRITE);
    trawl_record_close(record);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, a_record_in_steps_is_the_same);
    tcase_add_test(t, one_record_is_written_after_another);
    tcase_add_test(t, formats_without_bodies_have_one_step);
    tcase_add_test(t, what_the_write_callback_returns_ends_a_record);
    tcase_add_test(t, jsonl_has_all_members_in_their_order);
    tcase_add_test(t, jsonl_has_null_for_what_is_unknown);
    tcase_add_test(t, jsonl_adds_the_detail_to_the_message);
    tcase_add_test(t, jsonl_names_the_versions_of_http);
    tcase_add_test(t, jsonl_writes_the_largest_numbers);
    tcase_add_test(t, jsonl_escapes_every_character_that_needs_it_and_no_other);
    tcase_add_test(t, jsonl_sees_a_special_byte_at_any_place);
    tcase_add_test(t, invalid_utf8_becomes_one_replacement_for_each_maximal_subpart);
    tcase_add_test(t, jsonl_has_a_body_only_when_asked);
    tcase_add_test(t, jsonl_keeps_a_text_body_byte_for_byte);
    tcase_add_test(t, jsonl_writes_any_other_body_as_base64);
    tcase_add_test(t, a_large_body_comes_out_whole_and_small_ones_after_it);
}

int main(void)
{
    Suite *s = suite_create("sink: jsonl");
    TCase *t = tcase_create("sink: jsonl");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, NULL, forget);
    add_tests(t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
