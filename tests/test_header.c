#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/header.h"

static struct tw_headers h;

static void forget(void)
{
    tw_headers_free(&h);
}

static void add(const char *line)
{
    ck_assert_int_eq(tw_headers_add_line(&h, line, strlen(line)), 0);
}

static void add_all(const char *const *lines)
{
    for (; *lines != NULL; lines++)
        add(*lines);
}

static void check_field(const trawl_header *f, const char *name, const char *value)
{
    ck_assert_str_eq(f->name, name);
    ck_assert_str_eq(f->value, value);
    ck_assert_uint_eq(f->value_len, strlen(value));
}

static size_t count(void)
{
    size_t n;

    tw_headers_list(&h, &n);
    return n;
}

START_TEST(fields_keep_order_and_case)
{
    static const char *const lines[] = {"HTTP/1.1 200 OK\r\n",
                                        "Server: x\r\n",
                                        "Set-Cookie: a=b\r\n",
                                        "set-cookie: c=d\r\n",
                                        "X-Time: 12:30:00\n",
                                        "\r\n",
                                        NULL};
    const trawl_header *list;
    size_t n;

    add_all(lines);
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 4);
    check_field(&list[0], "Server", "x");
    check_field(&list[1], "Set-Cookie", "a=b");
    check_field(&list[2], "set-cookie", "c=d");
    check_field(&list[3], "X-Time", "12:30:00");
    ck_assert_uint_eq(tw_headers_ignored(&h), 0);
}
END_TEST

START_TEST(blanks_around_a_value_and_before_the_colon_go)
{
    const trawl_header *list;
    size_t n;

    add("A: \t x y \t\r\n");
    add("B:z");
    add("C \t: v\n");
    add("D:\r\n");
    add("E: \t \r\n");
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 5);
    check_field(&list[0], "A", "x y");
    check_field(&list[1], "B", "z");
    check_field(&list[2], "C", "v");
    check_field(&list[3], "D", "");
    check_field(&list[4], "E", "");
}
END_TEST

START_TEST(a_value_may_hold_any_byte)
{
    static const char line[] = "A: x\0y\xFF\rz\r\n";
    const trawl_header *list;
    size_t n;

    ck_assert_int_eq(tw_headers_add_line(&h, line, sizeof(line) - 1), 0);
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(list[0].value_len, 6);
    ck_assert_mem_eq(list[0].value, "x\0y\xFF\rz", 7);
}
END_TEST

START_TEST(folded_lines_are_joined_with_one_space)
{
    const trawl_header *list;
    size_t n;

    add("A: x \r\n");
    add(" \t y\r\n");
    add("\tz  \r\n");
    add("  \r\n");
    add("B:\r\n");
    add(" b\r\n");
    add("C: c\r\n");
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 3);
    check_field(&list[0], "A", "x y z");
    check_field(&list[1], "B", "b");
    check_field(&list[2], "C", "c");
    ck_assert_uint_eq(tw_headers_ignored(&h), 0);
}
END_TEST

START_TEST(lines_that_are_no_fields_are_ignored_and_counted)
{
    static const char nul[] = "A\0B: x\r\n";

    add(" folded: onto nothing\r\n");
    add("no colon\r\n");
    add(" folded: onto no field\r\n");
    add(": no name\r\n");
    add("\t: no name\r\n");
    ck_assert_int_eq(tw_headers_add_line(&h, nul, sizeof(nul) - 1), 0);
    ck_assert_uint_eq(count(), 0);
    ck_assert_uint_eq(tw_headers_ignored(&h), 6);
    add("A: x\r\n");
    ck_assert_uint_eq(count(), 1);
}
END_TEST

START_TEST(a_status_line_drops_the_header_before)
{
    static const char *const lines[] = {"HTTP/1.1 100 Continue\r\n",
                                        "A: 1\r\n",
                                        "\r\n",
                                        "HTTP/1.1 103 Early Hints\r\n",
                                        "Link: </x>\r\n",
                                        "\r\n",
                                        NULL};
    const trawl_header *list;
    size_t n;

    add_all(lines);
    ck_assert_uint_eq(count(), 1);
    add("HTTP/2 200 \r\n");
    ck_assert_uint_eq(count(), 0);
    add("B: 2\r\n");
    add("\r\n");
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 1);
    check_field(&list[0], "B", "2");
    ck_assert_ptr_null(tw_headers_get(&h, "link"));
}
END_TEST

START_TEST(a_field_that_looks_like_a_status_line_drops_nothing)
{
    add("HTTP/1.1 200 OK\r\n");
    add("A: 1\r\n");
    add("HTTP/1.1 302: x\r\n");
    add("\r\n");
    ck_assert_uint_eq(count(), 2);
    add("HTTP/x: y\r\n"); /* a trailer: no version */
    ck_assert_uint_eq(count(), 2);
}
END_TEST

START_TEST(trailers_are_apart)
{
    const trawl_header *list;
    size_t n;

    add("HTTP/1.1 200 OK\r\n");
    add("A: 1\r\n");
    add("\r\n");
    add(" folded over the gap\r\n");
    add("A: 2\r\n");
    add("B: 3\r\n");
    add(" 4\r\n");
    add("\r\n");
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 1);
    check_field(&list[0], "A", "1");
    ck_assert_ptr_null(tw_headers_get(&h, "B"));
    list = tw_headers_trailers(&h, &n);
    ck_assert_uint_eq(n, 2);
    check_field(&list[0], "A", "2");
    check_field(&list[1], "B", "3 4");
    ck_assert_uint_eq(tw_headers_ignored(&h), 1);
}
END_TEST

START_TEST(after_the_body_no_line_drops_the_header)
{
    size_t n;

    add("HTTP/1.1 200 OK\r\n");
    add("A: 1\r\n");
    add("\r\n");
    tw_headers_begin_trailers(&h);
    add("HTTP/1.1 200 OK\r\n");
    add("HTTP/1.1 200: x\r\n");
    ck_assert_str_eq(tw_headers_get(&h, "A"), "1");
    tw_headers_trailers(&h, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(tw_headers_ignored(&h), 1);
}
END_TEST

START_TEST(get_finds_the_first_by_name_in_any_case)
{
    add("X-Content-Type: no\r\n");
    add("Content-Typ: no\r\n");
    add("CONTENT-type: text/html\r\n");
    add("Content-Type: text/plain\r\n");
    ck_assert_str_eq(tw_headers_get(&h, "content-type"), "text/html");
    ck_assert_str_eq(tw_headers_get(&h, "Content-Typ"), "no");
    ck_assert_ptr_null(tw_headers_get(&h, "Content"));
    ck_assert_ptr_null(tw_headers_get(&h, "Content-Type-X"));
    ck_assert_ptr_null(tw_headers_get(&h, ""));
}
END_TEST

START_TEST(all_bytes_are_counted)
{
    add("HTTP/1.1 100 Continue\r\n"); /* 23 */
    add("\r\n");                      /* 2 */
    add("HTTP/1.1 200 OK\r\n");       /* 17 */
    add("nonsense\n");                /* 9 */
    ck_assert_uint_eq(tw_headers_bytes(&h), 51);
    tw_headers_reset(&h);
    ck_assert_uint_eq(tw_headers_bytes(&h), 0);
}
END_TEST

START_TEST(reset_begins_a_new_response_in_the_same_memory)
{
    const char *before;

    add("HTTP/1.1 200 OK\r\n");
    add("A: 1\r\n");
    add("\r\n");
    add("T: 1\r\n");
    add("no field\r\n");
    before = h.arena.data;
    tw_headers_reset(&h);
    ck_assert_uint_eq(count(), 0);
    ck_assert_ptr_null(tw_headers_get(&h, "A"));
    ck_assert_uint_eq(tw_headers_ignored(&h), 0);
    add(" not folded onto the old one\r\n");
    add("B: 2\r\n");
    ck_assert_uint_eq(count(), 1);
    ck_assert_uint_eq(tw_headers_ignored(&h), 1);
    ck_assert_ptr_eq(h.arena.data, before);
}
END_TEST

START_TEST(a_large_header_is_kept_whole_and_its_memory_is_not)
{
    char line[32];
    const trawl_header *list;
    size_t n, i;

    for (i = 0; i < 20000; i++) {
        snprintf(line, sizeof(line), "N%zu: v%zu\r\n", i, i);
        add(line);
    }
    list = tw_headers_list(&h, &n);
    ck_assert_uint_eq(n, 20000);
    check_field(&list[0], "N0", "v0");
    check_field(&list[19999], "N19999", "v19999");
    tw_headers_reset(&h);
    ck_assert_uint_le(h.arena.cap, 65536);
    ck_assert_uint_le(h.cap * sizeof(*h.fields), 65536);
    add("A: 1\r\n");
    ck_assert_str_eq(tw_headers_get(&h, "a"), "1");
}
END_TEST

START_TEST(an_empty_header_lists_nothing)
{
    size_t n = 1;

    ck_assert_ptr_null(tw_headers_list(&h, &n));
    ck_assert_uint_eq(n, 0);
    n = 1;
    ck_assert_ptr_null(tw_headers_trailers(&h, &n));
    ck_assert_uint_eq(n, 0);
    ck_assert_ptr_null(tw_headers_get(&h, "a"));
    add("\r\n");
    add("\n");
    ck_assert_int_eq(tw_headers_add_line(&h, "", 0), 0);
    ck_assert_uint_eq(count(), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("header");
    TCase *t = tcase_create("header");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, NULL, forget);
    tcase_add_test(t, fields_keep_order_and_case);
    tcase_add_test(t, blanks_around_a_value_and_before_the_colon_go);
    tcase_add_test(t, a_value_may_hold_any_byte);
    tcase_add_test(t, folded_lines_are_joined_with_one_space);
    tcase_add_test(t, lines_that_are_no_fields_are_ignored_and_counted);
    tcase_add_test(t, a_status_line_drops_the_header_before);
    tcase_add_test(t, a_field_that_looks_like_a_status_line_drops_nothing);
    tcase_add_test(t, trailers_are_apart);
    tcase_add_test(t, after_the_body_no_line_drops_the_header);
    tcase_add_test(t, get_finds_the_first_by_name_in_any_case);
    tcase_add_test(t, all_bytes_are_counted);
    tcase_add_test(t, reset_begins_a_new_response_in_the_same_memory);
    tcase_add_test(t, a_large_header_is_kept_whole_and_its_memory_is_not);
    tcase_add_test(t, an_empty_header_lists_nothing);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
