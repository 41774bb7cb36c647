#include "sink_catch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistr.h>
#include <uniwidth.h>

#include "sink/human.h"

#define URL      "http://127.0.0.1:8080/a"
#define HEAD     "200  13.5 kB   204 ms  "
#define ELLIPSIS "\xe2\x80\xa6"
#define HAN      "\xe6\xbc\xa2" /* two columns */
#define ACUTE    "\xcc\x81"     /* combining, no column */

static struct catch caught;

static void forget(void)
{
    tw_buf_free(&caught.got);
    caught = (struct catch){0};
}

static const char *text_of(const trawl_result *r, bool color, unsigned columns)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;

    options.color = color;
    options.columns = columns;
    return catch_one(&caught, "text", &options, r)->data;
}

static trawl_result with_excerpt(const char *s, size_t len)
{
    trawl_result r = catch_result();

    r.excerpt = s;
    r.excerpt_len = len;
    return r;
}

static void check_excerpt(const char *s, size_t len, const char *shown)
{
    trawl_result r = with_excerpt(s, len);
    char expected[256];

    snprintf(expected, sizeof(expected), "%s%s%s\n", HEAD URL, shown[0] == '\0' ? "" : "  ",
             shown);
    ck_assert_str_eq(text_of(&r, false, 0), expected);
}

START_TEST(a_line_has_status_size_time_url_and_excerpt)
{
    trawl_result r = catch_result();

    ck_assert_str_eq(text_of(&r, false, 0), HEAD URL "  Hello world\n");
    r.status = 404;
    r.bytes = 0;
    r.timing.total_us = 1204000;
    r.excerpt_len = 0;
    ck_assert_str_eq(text_of(&r, false, 0), "404      0 B   1.20 s  " URL "\n");
}
END_TEST

START_TEST(a_failure_has_its_name_and_message_in_the_same_columns)
{
    trawl_result r = catch_failure(TRAWL_ECONNECT, "");

    ck_assert_str_eq(text_of(&r, false, 0),
                     "ECONNECT       1.2 ms  http://127.0.0.1:1/  could not connect\n");
    r = catch_failure(TRAWL_ECONNTIMEOUT, "5  of\n5");
    ck_assert_str_eq(text_of(&r, false, 0),
                     "ECONNTIMEOUT   1.2 ms  http://127.0.0.1:1/  connecting took longer than "
                     "the limit: 5 of 5\n");
    r = catch_failure(TRAWL_ETRUNCATED, "");
    r.status = 200;
    r.bytes = 13500;
    r.excerpt = "half a pa";
    r.excerpt_len = 9;
    ck_assert_str_eq(text_of(&r, false, 0),
                     "ETRUNCATED     1.2 ms  http://127.0.0.1:1/  the body ended before its "
                     "announced end (after 13.5 kB)\n");
}
END_TEST

START_TEST(no_error_name_is_wider_than_its_columns)
{
    static const int codes[] = {
#define X(name, code, kind, message) code,
        TRAWL_ERROR_MAP(X)
#undef X
    };
    trawl_result r;
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        r = catch_failure(codes[i], "");
        ck_assert_ptr_eq(strstr(text_of(&r, false, 0), "http:"),
                         caught.got.data + strlen(HEAD));
    }
}
END_TEST

START_TEST(a_redirect_shows_where_it_led)
{
    trawl_result r = catch_result();

    r.excerpt_len = 0;
    r.final_url = URL "/b";
    ck_assert_str_eq(text_of(&r, false, 0), HEAD URL "\n");
    r.redirects = 1;
    ck_assert_str_eq(text_of(&r, false, 0), HEAD URL " \xe2\x86\x92 " URL "/b\n");
    r.final_url = URL;
    ck_assert_str_eq(text_of(&r, false, 0), HEAD URL "\n");
    r.final_url = NULL;
    ck_assert_str_eq(text_of(&r, false, 0), HEAD URL "\n");
}
END_TEST

START_TEST(white_space_in_excerpts_is_folded)
{
    check_excerpt("  a \t\r\n\f b\n", 11, "a b");
    check_excerpt("a\xc2\xa0\xe3\x80\x80 b\xe2\x80\x83", 11, "a b");
    check_excerpt(" \n ", 3, "");
    check_excerpt("", 0, "");
}
END_TEST

START_TEST(control_characters_are_shown_and_not_sent)
{
    check_excerpt(
        "\0\x01\x1b[31m\x07\x0b\x7f", 10,
        "\xe2\x90\x80\xe2\x90\x81\xe2\x90\x9b[31m\xe2\x90\x87\xe2\x90\x8b\xe2\x90\xa1");
    check_excerpt("\xc2\x9b"
                  "1m\xc2\x85",
                  6, "\\u{9b}1m\\u{85}");
    check_excerpt("\xe2\x80\xa8\xe2\x80\xa9", 6, "\\u{2028}\\u{2029}");
    check_excerpt("\x9b\xff", 2, FFFD FFFD);
}
END_TEST

START_TEST(bidi_controls_and_zero_width_characters_are_shown)
{
    static const unsigned hidden[] = {0x61c,  0x200b,  0x200c, 0x200d, 0x200e, 0x200f,
                                      0x202a, 0x202b,  0x202c, 0x202d, 0x202e, 0x2060,
                                      0x2066, 0x2067,  0x2068, 0x2069, 0xfeff, 0xfff9,
                                      0xad,   0xe0041, 0x206f, 0x2065, 0x3164, 0xe0fff};
    char bytes[8], shown[16];
    size_t i;
    int len;

    for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        len = u8_uctomb((uint8_t *)bytes, hidden[i], sizeof(bytes));
        snprintf(shown, sizeof(shown), "\\u{%x}", hidden[i]);
        check_excerpt(bytes, (size_t)len, shown);
    }
    check_excerpt("\xe2\x9d\xa4\xef\xb8\x8f", 6, "\xe2\x9d\xa4\xef\xb8\x8f"); /* U+FE0F */
}
END_TEST

START_TEST(urls_and_details_are_made_harmless_too)
{
    trawl_result r = catch_failure(TRAWL_EURL, "\033[2J\xe2\x80\xae");

    r.url = "\033]0;x\a\n\xff";
    r.url_len = 8;
    ck_assert_str_eq(text_of(&r, false, 0),
                     "EURL           1.2 ms  \xe2\x90\x9b]0;x\xe2\x90\x87\xe2\x90\x8a" FFFD
                     "  not a valid URL: \xe2\x90\x9b[2J\\u{202e}\n");
    r = catch_result();
    r.redirects = 1;
    r.final_url = "\t\xff";
    r.excerpt_len = 0;
    ck_assert_str_eq(text_of(&r, false, 0), HEAD URL " \xe2\x86\x92 \xe2\x90\x89" FFFD "\n");
}
END_TEST

START_TEST(letters_of_all_scripts_stay)
{
    const char *s =
        "e" ACUTE " " HAN " \xd7\x90\xd7\x91 \xf0\x9f\x98\x80 \xe2\x9d\xa4\xef\xb8\x8f";

    check_excerpt(s, strlen(s), s);
}
END_TEST

START_TEST(colors_follow_the_status)
{
    static const struct {
        int status;
        const char *head;
    } cases[] = {
        {200, "\033[32m200\033[0m  "},
        {299, "\033[32m299\033[0m  "},
        {301, "\033[36m301\033[0m  "},
        {404, "\033[33m404\033[0m  "},
        {503, "\033[31m503\033[0m  "},
        {101, "101  "},
        {999, "999  "},
    };
    trawl_result r = catch_result();
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r.status = cases[i].status;
        text_of(&r, true, 0);
        ck_assert_mem_eq(caught.got.data, cases[i].head, strlen(cases[i].head));
    }
}
END_TEST

START_TEST(failures_are_bold_and_excerpts_dim)
{
    trawl_result r = catch_result();

    ck_assert_str_eq(text_of(&r, true, 0), "\033[32m200\033[0m  13.5 kB   204 ms  " URL
                                           "  \033[2mHello world\033[0m\n");
    r.excerpt = " ";
    r.excerpt_len = 1;
    ck_assert_str_eq(text_of(&r, true, 0), "\033[32m200\033[0m  13.5 kB   204 ms  " URL "\n");
    r = catch_failure(TRAWL_ERESET, "");
    ck_assert_str_eq(text_of(&r, true, 0),
                     "\033[1;31mERESET      \033[0m   1.2 ms  http://127.0.0.1:1/  the "
                     "connection broke\n");
}
END_TEST

static void check_cut(const char *s, unsigned columns, const char *shown)
{
    trawl_result r = with_excerpt(s, strlen(s));
    char expected[256];

    snprintf(expected, sizeof(expected), "%s  %s\n", HEAD URL, shown);
    ck_assert_str_eq(text_of(&r, false, (unsigned)strlen(HEAD URL "  ") + columns), expected);
}

START_TEST(a_line_that_is_too_wide_ends_with_an_ellipsis)
{
    check_cut("abcdef", 7, "abcdef");
    check_cut("abcdef", 6, "abcdef");
    check_cut("abcdef", 5, "abcd" ELLIPSIS);
    check_cut("ab cd ef", 3, "ab" ELLIPSIS);
    check_cut("abcdef", 1, ELLIPSIS);
}
END_TEST

START_TEST(wide_characters_take_two_columns)
{
    check_cut(HAN HAN, 4, HAN HAN);
    check_cut(HAN HAN, 3, HAN ELLIPSIS);
    check_cut(HAN HAN HAN, 4, HAN ELLIPSIS);
    check_cut(HAN HAN HAN, 5, HAN HAN ELLIPSIS);
    check_cut(HAN HAN, 2, ELLIPSIS);
}
END_TEST

START_TEST(combining_marks_take_none_and_stay_with_their_letter)
{
    check_cut("e" ACUTE "e" ACUTE, 2, "e" ACUTE "e" ACUTE);
    check_cut("e" ACUTE "e" ACUTE "e", 2, "e" ACUTE ELLIPSIS);
}
END_TEST

START_TEST(what_stands_for_a_character_is_not_cut)
{
    check_cut("\xe2\x80\xae", 8, "\\u{202e}");
    check_cut("\xe2\x80\xae", 7, ELLIPSIS);
    check_cut("a\xe2\x80\xae", 8, "a" ELLIPSIS);
}
END_TEST

START_TEST(a_cut_line_ends_with_its_color_off)
{
    const unsigned full = (unsigned)strlen(HEAD URL "  Hello world");
    trawl_result r = catch_result();

    ck_assert_str_eq(text_of(&r, true, full - 1), "\033[32m200\033[0m  13.5 kB   204 ms  " URL
                                                  "  \033[2mHello wor" ELLIPSIS "\033[0m\n");
    ck_assert_str_eq(text_of(&r, true, 2), "\033[32m2" ELLIPSIS "\033[0m\n");
    ck_assert_str_eq(text_of(&r, true, 3), "\033[32m20" ELLIPSIS "\033[0m\n");
    ck_assert_str_eq(text_of(&r, true, 4), "\033[32m200\033[0m" ELLIPSIS "\n");
    ck_assert_str_eq(text_of(&r, true, 1), "\033[32m" ELLIPSIS "\033[0m\n");
}
END_TEST

/* The columns that a line takes, colours left out. */
static int columns_of(const char *s)
{
    char plain[512];
    size_t len = 0;

    for (; *s != '\n'; s++) {
        if (*s == '\033')
            s = strchr(s, 'm');
        else
            plain[len++] = *s;
    }
    return u8_width((const uint8_t *)plain, len, "UTF-8");
}

START_TEST(no_width_is_exceeded)
{
    trawl_result r = with_excerpt("a" HAN "e" ACUTE "\xe2\x80\xae\033\xff " HAN, 17);
    int full, width;
    unsigned columns;

    r.url = HAN "\xff\t" HAN;
    r.url_len = 8;
    r.redirects = 2;
    text_of(&r, true, 0);
    full = columns_of(caught.got.data);
    for (columns = 1; columns < 100; columns++) {
        text_of(&r, true, columns);
        width = columns_of(caught.got.data);
        ck_assert_int_le(width, (int)columns);
        ck_assert_int_le(width, full);
        ck_assert_ptr_null(u8_check((const uint8_t *)caught.got.data, caught.got.len));
        ck_assert((strstr(caught.got.data, ELLIPSIS) != NULL) == (columns < (unsigned)full));
    }
}
END_TEST

START_TEST(sizes_have_three_digits)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {999, "999 B"},
        {1000, "1.00 kB"},
        {1004, "1.00 kB"},
        {1005, "1.01 kB"},
        {9994, "9.99 kB"},
        {9995, "10.0 kB"},
        {13500, "13.5 kB"},
        {99949, "99.9 kB"},
        {99950, "100 kB"},
        {999499, "999 kB"},
        {999500, "1.00 MB"},
        {51000000, "51.0 MB"},
        {1073741824, "1.07 GB"},
        {UINT64_C(2000000000000), "2.00 TB"},
        {UINT64_MAX, "18.4 EB"},
    };
    char text[TW_HUMAN_SIZE];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tw_human_bytes(text, cases[i].bytes);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(times_have_the_unit_that_fits)
{
    static const struct {
        uint64_t us;
        const char *text;
    } cases[] = {
        {0, "0.0 ms"},
        {49, "0.0 ms"},
        {50, "0.1 ms"},
        {800, "0.8 ms"},
        {9949, "9.9 ms"},
        {9950, "10 ms"},
        {204000, "204 ms"},
        {999499, "999 ms"},
        {999500, "1.00 s"},
        {1204000, "1.20 s"},
        {9995000, "10.0 s"},
        {59949999, "59.9 s"},
        {59950000, "1 min 0 s"},
        {125000000, "2 min 5 s"},
        {3599499999, "59 min 59 s"},
        {3599500000, "1 h 0 min"},
        {3720000000, "1 h 2 min"},
        {UINT64_MAX, "5124095576 h 2 min"},
    };
    char text[TW_HUMAN_SIZE];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tw_human_time(text, cases[i].us);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, a_line_has_status_size_time_url_and_excerpt);
    tcase_add_test(t, a_failure_has_its_name_and_message_in_the_same_columns);
    tcase_add_test(t, no_error_name_is_wider_than_its_columns);
    tcase_add_test(t, a_redirect_shows_where_it_led);
    tcase_add_test(t, white_space_in_excerpts_is_folded);
    tcase_add_test(t, control_characters_are_shown_and_not_sent);
    tcase_add_test(t, bidi_controls_and_zero_width_characters_are_shown);
    tcase_add_test(t, urls_and_details_are_made_harmless_too);
    tcase_add_test(t, letters_of_all_scripts_stay);
    tcase_add_test(t, colors_follow_the_status);
    tcase_add_test(t, failures_are_bold_and_excerpts_dim);
    tcase_add_test(t, a_line_that_is_too_wide_ends_with_an_ellipsis);
    tcase_add_test(t, wide_characters_take_two_columns);
    tcase_add_test(t, combining_marks_take_none_and_stay_with_their_letter);
    tcase_add_test(t, what_stands_for_a_character_is_not_cut);
    tcase_add_test(t, a_cut_line_ends_with_its_color_off);
    tcase_add_test(t, no_width_is_exceeded);
    tcase_add_test(t, sizes_have_three_digits);
    tcase_add_test(t, times_have_the_unit_that_fits);
}

int main(void)
{
    Suite *s = suite_create("sink: text");
    TCase *t = tcase_create("text");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, NULL, forget);
    add_tests(t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
