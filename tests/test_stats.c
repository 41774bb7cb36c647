#include <check.h>
#include <stdlib.h>

#include "cli/stats.h"

static struct cli_spread spread(const double *values, size_t n)
{
    struct cli_spread s;
    double copy[16];
    for (size_t i = 0; i < n; i++) {
        copy[i] = values[i];
    }
    cli_spread_of(&s, copy, n);
    return s;
}

#define SPREAD(...)                                                                            \
    spread((const double[]){__VA_ARGS__},                                                      \
           sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

START_TEST(median_of_odd_and_even_numbers_of_values)
{
    ck_assert_double_eq(SPREAD(7).median, 7);
    ck_assert_double_eq(SPREAD(9, 1).median, 5);
    ck_assert_double_eq(SPREAD(9, 1, 2).median, 2);
    ck_assert_double_eq(SPREAD(40, 10, 30, 20).median, 25);
}
END_TEST

START_TEST(extremes_and_quartiles)
{
    struct cli_spread s = SPREAD(5, 3, 1, 4, 2);
    ck_assert_uint_eq(s.n, 5);
    ck_assert_double_eq(s.min, 1);
    ck_assert_double_eq(s.q1, 2);
    ck_assert_double_eq(s.q3, 4);
    ck_assert_double_eq(s.max, 5);
    s = SPREAD(1, 2, 3, 10);
    ck_assert_double_eq(s.q1, 1.75);
    ck_assert_double_eq(s.q3, 4.75);
}
END_TEST

START_TEST(no_values_are_all_zero)
{
    struct cli_spread s;
    cli_spread_of(&s, NULL, 0);
    ck_assert_uint_eq(s.n, 0);
    ck_assert_double_eq(s.median, 0);
    ck_assert_double_eq(s.max, 0);
}
END_TEST

START_TEST(quantiles_lie_on_a_line_between_neighbours)
{
    static const double values[] = {0, 10, 20, 30, 40};
    ck_assert_double_eq(cli_quantile(values, 5, 0), 0);
    ck_assert_double_eq(cli_quantile(values, 5, 1), 40);
    ck_assert_double_eq_tol(cli_quantile(values, 5, 0.9), 36, 1e-9);
    ck_assert_double_eq_tol(cli_quantile(values, 5, 0.3), 12, 1e-9);
    ck_assert_double_eq(cli_quantile(values, 1, 0.3), 0);
}
END_TEST

START_TEST(one_outlier_does_not_hide_a_clear_difference)
{
    struct cli_spread fast = SPREAD(10, 11, 10, 12, 90);
    struct cli_spread slow = SPREAD(20, 21, 22, 20, 21);
    ck_assert(cli_spread_below(&fast, &slow));
    ck_assert(!cli_spread_below(&slow, &fast));
}
END_TEST

START_TEST(overlapping_middles_are_no_difference)
{
    struct cli_spread a = SPREAD(10, 12, 14, 16, 18);
    struct cli_spread b = SPREAD(11, 13, 15, 17, 19);
    ck_assert(!cli_spread_below(&a, &b));
    ck_assert(!cli_spread_below(&b, &a));
    ck_assert(!cli_spread_below(&a, &a));
}
END_TEST

START_TEST(single_runs_have_to_differ_by_more_than_a_twentieth)
{
    struct cli_spread a = SPREAD(100);
    struct cli_spread close = SPREAD(104);
    struct cli_spread far = SPREAD(106);
    ck_assert(!cli_spread_below(&a, &close));
    ck_assert(cli_spread_below(&a, &far));
    ck_assert(!cli_spread_below(&far, &a));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stats");
    TCase *t = tcase_create("stats");
    tcase_add_test(t, median_of_odd_and_even_numbers_of_values);
    tcase_add_test(t, extremes_and_quartiles);
    tcase_add_test(t, no_values_are_all_zero);
    tcase_add_test(t, quantiles_lie_on_a_line_between_neighbours);
    tcase_add_test(t, one_outlier_does_not_hide_a_clear_difference);
    tcase_add_test(t, overlapping_middles_are_no_difference);
    tcase_add_test(t, single_runs_have_to_differ_by_more_than_a_twentieth);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
