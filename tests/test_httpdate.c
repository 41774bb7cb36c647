#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "parse/httpdate.h"
#include "trawl.h"

#define NOW 1700000000 /* 14 November 2023, 22:13:20 */

static void check_date(const char *s, int64_t now, int64_t want)
{
    int64_t got = -1;

    ck_assert_msg(tw_httpdate_parse(s, strlen(s), now, &got) == 0, "%s is refused", s);
    ck_assert_msg(got == want, "%s: got %lld", s, (long long)got);
}

static void check_bad(const char *s)
{
    int64_t got = 77;

    ck_assert_msg(tw_httpdate_parse(s, strlen(s), NOW, &got) == TRAWL_EINVAL, "%s is taken", s);
    ck_assert_int_eq(got, 77);
}

START_TEST(the_three_forms_mean_the_same)
{
    check_date("Sun, 06 Nov 1994 08:49:37 GMT", NOW, 784111777);
    check_date("Sunday, 06-Nov-94 08:49:37 GMT", NOW, 784111777);
    check_date("Sun Nov  6 08:49:37 1994", NOW, 784111777);
}
END_TEST

START_TEST(blanks_around_and_case_do_not_matter)
{
    check_date(" \tSUN, 06 nov 1994 08:49:37 GMT ", NOW, 784111777);
    check_date("Mon, 06 Nov 1994 08:49:37 GMT", NOW, 784111777); /* it was a Sunday */
    check_date("Wed Nov 16 08:49:37 1994", NOW, 784975777);
}
END_TEST

START_TEST(calendar_edges)
{
    check_date("Thu, 01 Jan 1970 00:00:00 GMT", NOW, 0);
    check_date("Wed, 31 Dec 1969 23:59:59 GMT", NOW, -1);
    check_date("Tue, 29 Feb 2000 12:00:00 GMT", NOW, 951825600);
    check_date("Thu, 29 Feb 2024 23:59:59 GMT", NOW, 1709251199);
    check_date("Tue, 19 Jan 2038 03:14:08 GMT", NOW, 2147483648);
    check_date("Sat, 31 Dec 2016 23:59:60 GMT", NOW, 1483228800); /* a leap second */
    check_date("Fri, 31 Dec 9999 23:59:59 GMT", NOW, 253402300799);
    check_date("Sat, 01 Jan 0000 00:00:00 GMT", NOW, -62167219200);
    check_date("Fri, 01 Mar 1900 00:00:00 GMT", NOW, -2203891200);
}
END_TEST

START_TEST(every_day_of_four_centuries_agrees_with_the_system)
{
    int64_t day;

    for (day = -25567; day < 120000; day++) {
        time_t t = (time_t)(day * 86400 + 3661);
        struct tm tm;
        char s[64];

        ck_assert_ptr_nonnull(gmtime_r(&t, &tm));
        strftime(s, sizeof(s), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        check_date(s, NOW, t);
        strftime(s, sizeof(s), "%a %b %e %H:%M:%S %Y", &tm);
        check_date(s, NOW, t);
    }
}
END_TEST

START_TEST(a_two_digit_year_is_at_most_fifty_years_ahead)
{
    check_date("Tuesday, 01-Jan-70 00:00:00 GMT", NOW, 3155760000); /* 2070 */
    check_date("Tuesday, 01-Jan-74 00:00:00 GMT", NOW, 126230400);  /* 1974: 2074 is too far */
    check_date("Friday, 31-Dec-99 23:59:59 GMT", NOW, 946684799);
    check_date("Friday, 01-Jan-05 00:00:00 GMT", 3944678400,
               4260211200); /* 2105, seen from 2095 */
    check_date("Tuesday, 29-Feb-00 00:00:00 GMT", NOW, 951782400);
    check_date("Friday, 06-Nov-25 08:49:37 GMT", 0, -1393341023); /* 1925, seen from 1970 */
}
END_TEST

START_TEST(a_two_digit_year_survives_any_clock)
{
    int64_t got;

    check_date("Friday, 31-Dec-99 23:59:59 GMT", INT64_MAX, 253402300799);
    ck_assert_int_eq(tw_httpdate_parse("Friday, 31-Dec-99 23:59:59 GMT", 30, INT64_MIN, &got),
                     TRAWL_EINVAL);
}
END_TEST

START_TEST(what_is_no_date_is_refused)
{
    static const char *const bad[] = {
        "",
        " ",
        "0",
        "never",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 31-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov   08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "1994-11-06T08:49:37Z",
    };
    size_t i;
    int64_t got;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check_bad(bad[i]);
    ck_assert_int_eq(tw_httpdate_parse(NULL, 0, NOW, &got), TRAWL_EINVAL);
    ck_assert_int_eq(tw_httpdate_parse("Sun Nov  6 08:49:37 1994\0", 25, NOW, &got),
                     TRAWL_EINVAL);
}
END_TEST

START_TEST(every_cut_date_is_refused)
{
    static const char *const dates[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    size_t i, n;
    int64_t got;

    for (i = 0; i < 3; i++) {
        for (n = 0; n < strlen(dates[i]); n++)
            ck_assert_int_eq(tw_httpdate_parse(dates[i], n, NOW, &got), TRAWL_EINVAL);
    }
}
END_TEST

static void check_delay(const char *value, int64_t now, uint64_t want_ms)
{
    uint64_t got = 77;

    ck_assert_msg(tw_retry_after_parse(value, strlen(value), now, &got) == 0, "%s is refused",
                  value);
    ck_assert_uint_eq(got, want_ms);
}

START_TEST(retry_after_in_seconds)
{
    check_delay("0", NOW, 0);
    check_delay("120", NOW, 120000);
    check_delay(" 007 ", NOW, 7000);
    check_delay("18446744073709551", NOW, 18446744073709551000u);
    check_delay("18446744073709552", NOW, UINT64_MAX);
    check_delay("99999999999999999999999999999999", NOW, UINT64_MAX);
    check_delay("18446744073709552000000", NOW, UINT64_MAX);
}
END_TEST

START_TEST(retry_after_a_date)
{
    check_delay("Sun, 06 Nov 1994 08:49:37 GMT", 784111700, 77000);
    check_delay("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, 0);
    check_delay("Sun, 06 Nov 1994 08:49:37 GMT", NOW, 0);
    check_delay("Sunday, 06-Nov-94 08:49:37 GMT", 784111776, 1000);
    check_delay("Sun, 06 Nov 1994 08:49:37 GMT", INT64_MIN, UINT64_MAX);
    check_delay("Sun, 06 Nov 1994 08:49:37 GMT", INT64_MAX, 0);
}
END_TEST

START_TEST(retry_after_nonsense)
{
    static const char *const bad[] = {"",    " ",   "-1",   "+1",   "1.5",
                                      "1 2", "10s", "0x10", "soon", "\xD9\xA1"};
    uint64_t got = 77;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(tw_retry_after_parse(bad[i], strlen(bad[i]), NOW, &got), TRAWL_EINVAL);
    ck_assert_int_eq(tw_retry_after_parse("1\0", 2, NOW, &got), TRAWL_EINVAL);
    ck_assert_int_eq(tw_retry_after_parse(NULL, 0, NOW, &got), TRAWL_EINVAL);
    ck_assert_uint_eq(got, 77);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("httpdate");
    TCase *t = tcase_create("httpdate");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_test(t, the_three_forms_mean_the_same);
    tcase_add_test(t, blanks_around_and_case_do_not_matter);
    tcase_add_test(t, calendar_edges);
    tcase_add_test(t, every_day_of_four_centuries_agrees_with_the_system);
    tcase_add_test(t, a_two_digit_year_is_at_most_fifty_years_ahead);
    tcase_add_test(t, a_two_digit_year_survives_any_clock);
    tcase_add_test(t, what_is_no_date_is_refused);
    tcase_add_test(t, every_cut_date_is_refused);
    tcase_add_test(t, retry_after_in_seconds);
    tcase_add_test(t, retry_after_a_date);
    tcase_add_test(t, retry_after_nonsense);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
