/* Traps that a URL shows by itself, and URLs without what tells visits apart. */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/trap.h"
#include "parse/url_clean.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct tw_url parsed(const char *text)
{
    struct tw_url url;

    ck_assert_msg(tw_url_parse(&url, text, strlen(text), NULL, NULL) == 0, "%s", text);
    return url;
}

static enum tw_trap judged(const char *rest, struct tw_trap_limits limits)
{
    char text[8192];
    struct tw_url url;
    enum tw_trap trap;

    snprintf(text, sizeof(text), "http://a%s", rest);
    url = parsed(text);
    trap = tw_trap_judge(&url, &limits);
    tw_url_free(&url);
    return trap;
}

static void expect(const char *rest, enum tw_trap trap)
{
    struct tw_trap_limits limits = TW_TRAP_LIMITS_INIT;

    limits.max_year = 2030;
    ck_assert_msg(judged(rest, limits) == trap, "%s: %d", rest, judged(rest, limits));
}

/* ---- Traps ----------------------------------------------------------------- */

START_TEST(long_urls_are_traps)
{
    struct tw_trap_limits limits = {.max_bytes = 12};

    ck_assert_int_eq(judged("/abc", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/abcd", limits), TW_TRAP_LENGTH);
    ck_assert_int_eq(judged("/abc#fragment", limits), TW_TRAP_NONE);
    limits.max_bytes = 0;
    ck_assert_int_eq(judged("/abcd", limits), TW_TRAP_NONE);
}
END_TEST

START_TEST(deep_paths_are_traps)
{
    struct tw_trap_limits limits = {.max_segments = 2};

    ck_assert_int_eq(judged("/", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/a/b", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/a/b/", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/a/b?/c/d", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/a/b/c", limits), TW_TRAP_DEPTH);
    limits.max_segments = 0;
    ck_assert_int_eq(judged("/a/b/c", limits), TW_TRAP_NONE);
}
END_TEST

START_TEST(repeated_segments_are_traps)
{
    static const char *const traps[] = {
        "/a/a/a",
        "/a/a/a/",
        "/x/a/a/a/y",
        "/a/b/a/b/a/b",
        "/x/a/b/a/b/a/b.html/a/b/a/b/a/b",
        "/a/b/c/a/b/c/a/b/c/",
        "////",
        "/2011/x/2011/x/2011/x",
        "/en/1/en/2/en/3/en/4/en/5/en",
    };
    static const char *const good[] = {
        "/",
        "/a",
        "/a/a",
        "/a/a/b/a/a",
        "/a/b/a/b/a",
        "/a/b/a/b/",
        "/11/11/11/",
        "/2011/11/11/11/",
        "/tiles/0/0/0/0/0/0/0.png",
        "/1/2/1/2/1/2",
        "/a/a/A",
        "/aa/a/aaa",
        "/a//b",
        "/a/?/a/a/a",
        "/en/1/en/2/en/3/en/4/en",
    };

    for (size_t i = 0; i < COUNT(traps); i++)
        expect(traps[i], TW_TRAP_REPEAT);
    for (size_t i = 0; i < COUNT(good); i++)
        expect(good[i], TW_TRAP_NONE);
}
END_TEST

START_TEST(a_path_that_grows_is_caught_soon)
{
    struct tw_trap_limits limits = {.max_repeats = 3};
    char rest[4096] = "/shop/item";

    for (int i = 0; i < 300; i++)
        strcat(rest, i % 2 == 0 ? "/shop" : "/item");
    ck_assert_int_eq(judged(rest, limits), TW_TRAP_REPEAT);
    limits.max_repeats = 0;
    ck_assert_int_eq(judged(rest, limits), TW_TRAP_NONE);
}
END_TEST

START_TEST(queries_that_grow_are_traps)
{
    struct tw_trap_limits limits = {.max_params = 3, .max_repeats = 3};

    ck_assert_int_eq(judged("/?a&b&c", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/?a&b&c&d", limits), TW_TRAP_QUERY);
    ck_assert_int_eq(judged("/?a=1&a=2&a=3", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/?a=1&a=1&b", limits), TW_TRAP_NONE);
    ck_assert_int_eq(judged("/?a=1&a=1&a=1", limits), TW_TRAP_QUERY);
    ck_assert_int_eq(judged("/?", limits), TW_TRAP_NONE);
    limits.max_params = 0;
    ck_assert_int_eq(judged("/?a&b&c&d", limits), TW_TRAP_NONE);
}
END_TEST

START_TEST(dates_far_ahead_are_traps)
{
    static const char *const traps[] = {
        "/calendar/2031/01/",     "/2090/5",           "/events/2090-12",
        "/e/2090-12-31/",         "/?date=2090-05-01", "/?year=2090&month=5",
        "/?Month=05&x&YEAR=2031",
    };
    static const char *const good[] = {
        "/2030/12/", "/1850/01/",   "/2090",       "/2090/13/",
        "/2090/x",   "/12090/05/",  "/2090/055",   "/id2090-12",
        "/2090-13",  "/2090-123",   "/?year=2090", "/?year=2030&month=12",
        "/?month=5", "/?id=2090-x", "/20905/05",   "/9999",
    };
    struct tw_trap_limits limits = {0};

    for (size_t i = 0; i < COUNT(traps); i++)
        expect(traps[i], TW_TRAP_DATE);
    for (size_t i = 0; i < COUNT(good); i++)
        expect(good[i], TW_TRAP_NONE);
    ck_assert_int_eq(judged("/2090/05/", limits), TW_TRAP_NONE);
}
END_TEST

START_TEST(thousands_of_parts_are_judged)
{
    struct tw_trap_limits limits = {.max_repeats = 3, .max_year = 2030};
    char rest[8000] = "/";

    for (int i = 0; strlen(rest) < 3500; i++)
        snprintf(rest + strlen(rest), 16, "%d/", i);
    strcat(rest, "?");
    for (int i = 0; strlen(rest) < 7500; i++)
        snprintf(rest + strlen(rest), 16, "%d&", i);
    ck_assert_int_eq(judged(rest, limits), TW_TRAP_NONE);
}
END_TEST

START_TEST(limits_may_be_as_large_as_they_can)
{
    struct tw_trap_limits limits = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, UINT_MAX};

    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(judged("/a/a/a/a/a/a/a?b&b&b&b", limits), TW_TRAP_NONE);
        limits.max_repeats /= 2;
    }
}
END_TEST

START_TEST(traps_have_names)
{
    ck_assert_ptr_null(tw_trap_name(TW_TRAP_NONE));
    ck_assert_str_eq(tw_trap_name(TW_TRAP_LENGTH), "trap-length");
    ck_assert_str_eq(tw_trap_name(TW_TRAP_DEPTH), "trap-depth");
    ck_assert_str_eq(tw_trap_name(TW_TRAP_REPEAT), "trap-repeat");
    ck_assert_str_eq(tw_trap_name(TW_TRAP_QUERY), "trap-query");
    ck_assert_str_eq(tw_trap_name(TW_TRAP_DATE), "trap-date");
}
END_TEST

/* ---- Cleaning -------------------------------------------------------------- */

/* want: path, query and fragment afterwards; NULL where nothing changes. */
static void expect_clean(const char *rest, unsigned what, const char *want)
{
    char text[1024];
    struct tw_url url, out = {.len = 4711};
    int rc;

    snprintf(text, sizeof(text), "http://a%s", rest);
    url = parsed(text);
    rc = tw_url_clean(&out, &url, what);
    ck_assert_msg(rc == (want != NULL), "%s: %d", rest, rc);
    if (want != NULL) {
        struct tw_url again;

        snprintf(text, sizeof(text), "%s%s%s", out.href + out.path.at,
                 out.fragment != NULL ? "#" : "", out.fragment != NULL ? out.fragment : "");
        ck_assert_str_eq(text, want);
        ck_assert_int_eq(tw_url_clean(&again, &out, what), 0);
        tw_url_free(&out);
    } else {
        ck_assert_uint_eq(out.len, 4711);
    }
    tw_url_free(&url);
}

START_TEST(session_ids_are_removed)
{
    static const char *const cases[][2] = {
        {"/a;jsessionid=0123ABC", "/a"},
        {"/a;JSESSIONID=0123ABC/b;x=1;sessionid=2?q", "/a/b;x=1?q"},
        {"/a;x=1;y", NULL},
        {"/a;", NULL},
        {"/a;;b;sessionid=1;", "/a;;b;"},
        {"/?PHPSESSID=1", "/"},
        {"/?a=1&phpsessid=0123&b=2#f", "/?a=1&b=2#f"},
        {"/?jsessionid", "/"},
        {"/?ASPSESSIONIDQQAB=x&a", "/?a"},
        {"/?CFID=1&CFTOKEN=2", "/"},
        {"/?sid=0123456789abcdef0123456789abcdef", "/"},
        {"/?sid=42", NULL},
        {"/?sid=abcdefghijklmnopqrstuvwxyz", NULL},
        {"/?sid=2020-01-01-a-long-story", NULL},
        {"/?xphpsessid=1", NULL},
        {"/?utm_source=x", NULL},
        {"/(S(lit3py55t21z5v55vlm25s55))/orderform.aspx", "/orderform.aspx"},
        {"/x/(s(lit3py55t21z5v55vlm25s55))/", "/x/"},
        {"/f(S(x))/a", NULL},
        {"/(a)", NULL},
        {"/", NULL},
        {"/?", NULL},
        {"/?a&&b", NULL},
        {"/?a&&phpsessid=1&", "/?a&&"},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_clean(cases[i][0], TW_CLEAN_SESSIONS, cases[i][1]);
}
END_TEST

START_TEST(tracking_parameters_are_removed)
{
    static const char *const cases[][2] = {
        {"/?utm_source=a&utm_medium=b", "/"},
        {"/?a=1&UTM_Campaign=x&b=2", "/?a=1&b=2"},
        {"/?gclid=1&fbclid=2&msclkid=3&id=4", "/?id=4"},
        {"/?utm=1", NULL},
        {"/?gclids=1", NULL},
        {"/?a=gclid", NULL},
        {"/?phpsessid=1", NULL},
        {"/a;jsessionid=1", NULL},
        {"/x?_ga=2.1-1#top", "/x#top"},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_clean(cases[i][0], TW_CLEAN_TRACKING, cases[i][1]);
}
END_TEST

START_TEST(queries_are_sorted_by_name)
{
    static const char *const cases[][2] = {
        {"/?b=1&a=2", "/?a=2&b=1"},
        {"/?a=2&a=1&B=0", "/?B=0&a=2&a=1"},
        {"/?ab=1&a=2&a=1", "/?a=2&a=1&ab=1"},
        {"/?b&a&", "/?&a&b"},
        {"/?a=1&b=2", NULL},
        {"/?", NULL},
        {"/", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_clean(cases[i][0], TW_CLEAN_SORT, cases[i][1]);
}
END_TEST

START_TEST(cleaning_does_all_that_is_asked_at_once)
{
    expect_clean("/a;sid=0123456789abcdef?z=1&utm_x&sessionid=9&b=2#f",
                 TW_CLEAN_SESSIONS | TW_CLEAN_TRACKING | TW_CLEAN_SORT, "/a?b=2&z=1#f");
    expect_clean("/a;jsessionid=1?utm_x&sessionid=9", 0, NULL);
}
END_TEST

START_TEST(a_cleaned_url_is_canonical)
{
    struct tw_url url = parsed("https://u:p@Example.com:8443/x/..;jsessionid=1/y?utm_a=1"), out;

    ck_assert_int_eq(tw_url_clean(&out, &url, TW_CLEAN_SESSIONS | TW_CLEAN_TRACKING), 1);
    ck_assert_str_eq(out.href, "https://u:p@example.com:8443/y");
    ck_assert_uint_eq(out.port_number, 8443);
    ck_assert(out.https);
    tw_url_free(&out);
    tw_url_free(&url);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trap");
    TCase *tc = tcase_create("trap");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, long_urls_are_traps);
    tcase_add_test(tc, deep_paths_are_traps);
    tcase_add_test(tc, repeated_segments_are_traps);
    tcase_add_test(tc, a_path_that_grows_is_caught_soon);
    tcase_add_test(tc, queries_that_grow_are_traps);
    tcase_add_test(tc, dates_far_ahead_are_traps);
    tcase_add_test(tc, thousands_of_parts_are_judged);
    tcase_add_test(tc, limits_may_be_as_large_as_they_can);
    tcase_add_test(tc, traps_have_names);
    tcase_add_test(tc, session_ids_are_removed);
    tcase_add_test(tc, tracking_parameters_are_removed);
    tcase_add_test(tc, queries_are_sorted_by_name);
    tcase_add_test(tc, cleaning_does_all_that_is_asked_at_once);
    tcase_add_test(tc, a_cleaned_url_is_canonical);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
