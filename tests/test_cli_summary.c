#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_tree.h>

#include "cli/summary.h"

#define MS UINT64_C(1000000) /* in nanoseconds */

static struct cli_summary s;

static void setup(void)
{
    cli_summary_init(&s, 5000 * MS);
}

static trawl_result response(int status)
{
    trawl_result r = {.status = status, .tries = 1, .timing.total_us = 200000};

    return r;
}

static trawl_result failure(int error)
{
    trawl_result r = {.error = error, .tries = 1};

    return r;
}

static void add_status(int status)
{
    trawl_result r = response(status);

    cli_summary_add(&s, &r);
}

static void add_error(int error)
{
    trawl_result r = failure(error);

    cli_summary_add(&s, &r);
}

/* ---- Counting ---------------------------------------------------------------------------- */

START_TEST(each_result_counts_as_one_outcome)
{
    add_status(200);
    add_status(204);
    add_status(301);
    add_status(399);
    add_status(400);
    add_status(503);
    add_error(TRAWL_ECONNECT);
    add_error(TRAWL_EURL);
    add_error(TRAWL_EURL);
    add_error(TRAWL_ECANCELED);
    add_error(-4711);
    ck_assert_uint_eq(s.total, 11);
    ck_assert_uint_eq(s.ok, 4);
    ck_assert_uint_eq(s.refused, 2);
    ck_assert_uint_eq(s.failed, 4);
    ck_assert_uint_eq(s.not_done, 1);
    ck_assert_uint_eq(s.by_status[200], 1);
    ck_assert_uint_eq(s.by_status[503], 1);
    ck_assert_uint_eq(s.by_error[CLI_ERROR_EURL], 2);
    ck_assert_uint_eq(s.by_error[CLI_ERROR_ECONNECT], 1);
    ck_assert_uint_eq(s.by_error[CLI_ERROR_UNKNOWN], 1);
    ck_assert_uint_eq(s.by_error[CLI_ERROR_ENOMEM], 0);
}
END_TEST

START_TEST(bytes_retries_and_redirects_add_up)
{
    trawl_result r = response(200);

    r.tries = 3;
    r.redirects = 2;
    r.bytes = 1000;
    r.wire_bytes = 600;
    cli_summary_add(&s, &r);
    r.error = TRAWL_ERESET;
    r.tries = 1;
    cli_summary_add(&s, &r);
    r.tries = 0;
    cli_summary_add(&s, &r);
    ck_assert_uint_eq(s.retries, 2);
    ck_assert_uint_eq(s.redirects, 6);
    ck_assert_uint_eq(s.bytes, 3000);
    ck_assert_uint_eq(s.wire_bytes, 1800);
}
END_TEST

START_TEST(latency_is_that_of_responses)
{
    trawl_result r = failure(TRAWL_ETIMEDOUT);

    r.timing.total_us = 90000000;
    cli_summary_add(&s, &r);
    add_status(200);
    add_status(500);
    r = response(200);
    r.tries = 0;
    cli_summary_add(&s, &r);
    ck_assert_uint_eq(s.latency_us.count, 2);
    ck_assert_uint_eq(s.latency_us.max, 200000);
}
END_TEST

START_TEST(a_status_out_of_range_is_counted_as_none)
{
    add_status(1000);
    add_status(-1);
    ck_assert_uint_eq(s.by_status[0], 2);
    ck_assert_uint_eq(s.ok, 2);
}
END_TEST

START_TEST(time_counts_from_init_to_finish)
{
    cli_summary_finish(&s, 5210 * MS);
    ck_assert_uint_eq(s.wall_ns, 210 * MS);
    cli_summary_finish(&s, 4000 * MS);
    ck_assert_uint_eq(s.wall_ns, 0);
}
END_TEST

/* ---- Exit status ------------------------------------------------------------------------- */

/* In the order in which they are added the status may only fall, but for the first step. */
START_TEST(the_lowest_exit_status_from_2_to_9_wins)
{
    ck_assert_int_eq(cli_summary_exit_code(&s), 0);
    add_status(200);
    add_status(304);
    ck_assert_int_eq(cli_summary_exit_code(&s), 0);
    add_error(TRAWL_EURL);
    ck_assert_int_eq(cli_summary_exit_code(&s), 1);
    s.interrupted = true;
    ck_assert_int_eq(cli_summary_exit_code(&s), 1);
    s.input_left = true;
    ck_assert_int_eq(cli_summary_exit_code(&s), 9);
    add_status(404);
    ck_assert_int_eq(cli_summary_exit_code(&s), 8);
    add_error(TRAWL_EPROTOCOL);
    ck_assert_int_eq(cli_summary_exit_code(&s), 7);
    add_status(401);
    ck_assert_int_eq(cli_summary_exit_code(&s), 6);
    add_error(TRAWL_ECERT);
    ck_assert_int_eq(cli_summary_exit_code(&s), 5);
    add_error(TRAWL_ERESOLVE);
    ck_assert_int_eq(cli_summary_exit_code(&s), 4);
    s.file_failed = true;
    ck_assert_int_eq(cli_summary_exit_code(&s), 3);
}
END_TEST

START_TEST(each_error_has_the_exit_status_of_its_kind)
{
#define X(name, code, kind, message) {code, TRAWL_KIND_##kind},
    static const int codes[][2] = {TRAWL_ERROR_MAP(X)};
#undef X
    static const int expected[] = {[TRAWL_KIND_OTHER] = 1,
                                   [TRAWL_KIND_NETWORK] = 4,
                                   [TRAWL_KIND_TLS] = 5,
                                   [TRAWL_KIND_PROTOCOL] = 7};
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        setup();
        add_status(200);
        add_error(codes[i][0]);
        ck_assert_int_eq(cli_summary_exit_code(&s), expected[codes[i][1]]);
    }
    setup();
    add_error(-4711);
    ck_assert_int_eq(cli_summary_exit_code(&s), 1);
}
END_TEST

START_TEST(statuses_of_authentication_are_6_and_others_8)
{
    int status;

    for (status = 100; status < 600; status++) {
        setup();
        add_status(status);
        ck_assert_int_eq(cli_summary_exit_code(&s), status == 401 || status == 407 ? 6
                                                    : status >= 400                ? 8
                                                                                   : 0);
    }
}
END_TEST

START_TEST(an_interruption_counts_if_work_was_left)
{
    add_status(200);
    s.interrupted = true;
    ck_assert_int_eq(cli_summary_exit_code(&s), 0);
    s.input_left = true;
    ck_assert_int_eq(cli_summary_exit_code(&s), 9);
    s.input_left = false;
    add_error(TRAWL_ECANCELED);
    ck_assert_int_eq(cli_summary_exit_code(&s), 9);
    s.interrupted = false;
    ck_assert_int_eq(cli_summary_exit_code(&s), 1);
}
END_TEST

/* ---- Histogram --------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static uint64_t random_value(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> (*state % 64);
}

START_TEST(quantiles_are_within_one_percent)
{
    static const double qs[] = {0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};
    static uint64_t values[20000];
    struct cli_histogram *h = calloc(1, sizeof(*h));
    uint64_t state = 88172645463325252u;
    size_t n = sizeof(values) / sizeof(*values);
    size_t i;

    for (i = 0; i < n; i++) {
        values[i] = random_value(&state);
        cli_histogram_add(h, values[i]);
    }
    qsort(values, n, sizeof(*values), compare);
    for (i = 0; i < sizeof(qs) / sizeof(*qs); i++) {
        size_t rank = (size_t)(qs[i] * (double)n + 0.999999);
        double exact = (double)values[rank > 0 ? rank - 1 : 0];
        double told = (double)cli_histogram_quantile(h, qs[i]);

        ck_assert_double_le(told, exact * 1.01);
        ck_assert_double_ge(told, exact * 0.99);
    }
    ck_assert_uint_eq(cli_histogram_quantile(h, 1), values[n - 1]);
    free(h);
}
END_TEST

START_TEST(every_value_has_a_bucket_close_to_it)
{
    static const uint64_t extremes[] = {0,   1,     63,    64,         127,           128,
                                        129, 65535, 65536, UINT64_MAX, UINT64_MAX / 2};
    uint64_t state = 1234567;
    size_t i;

    for (i = 0; i < 2000; i++) {
        struct cli_histogram h = {0};
        size_t n = sizeof(extremes) / sizeof(*extremes);
        uint64_t value = i < n ? extremes[i] : random_value(&state);
        double told;

        cli_histogram_add(&h, 0);
        cli_histogram_add(&h, value);
        cli_histogram_add(&h, value);
        cli_histogram_add(&h, UINT64_MAX);
        told = (double)cli_histogram_quantile(&h, 0.5);
        ck_assert_double_le(told, (double)value * 1.01);
        ck_assert_double_ge(told, (double)value * 0.99);
    }
}
END_TEST

START_TEST(small_values_are_exact)
{
    struct cli_histogram h = {0};
    uint64_t i;

    ck_assert_uint_eq(cli_histogram_quantile(&h, 0.5), 0);
    ck_assert_double_eq(cli_histogram_mean(&h), 0);
    for (i = 1; i <= 100; i++)
        cli_histogram_add(&h, i);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 0), 1);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 0.5), 50);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 0.9), 90);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 0.95), 95);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 0.99), 99);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 0.991), 100);
    ck_assert_uint_eq(cli_histogram_quantile(&h, 1), 100);
    ck_assert_double_eq(cli_histogram_mean(&h), 50.5);
}
END_TEST

/* ---- Text -------------------------------------------------------------------------------- */

static void check_print(bool color, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);

    cli_summary_print(&s, file, color);
    fclose(file);
    ck_assert_str_eq(text, expected);
    free(text);
}

static void add_sixteen(void)
{
    int i;

    for (i = 0; i < 14; i++) {
        trawl_result r = response(200);

        r.bytes = 93000;
        cli_summary_add(&s, &r);
    }
    add_status(404);
    add_error(TRAWL_ECONNECT);
    cli_summary_finish(&s, 5210 * MS);
}

START_TEST(the_block_tells_counts_rates_latency_and_outcomes)
{
    add_sixteen();
    check_print(false, "16 URLs in 0.21 s: 14 fetched, 1 error status, 1 failed   76.2/s   "
                       "1.3 MB (6.2 MB/s)\n"
                       "latency  p50 200 ms  p90 200 ms  p95 200 ms  p99 200 ms  max 200 ms\n"
                       "status   200 ×14, 404 ×1\n"
                       "failed   1 ECONNECT could not connect\n");
}
END_TEST

START_TEST(a_run_without_a_response_is_short)
{
    check_print(false, "0 URLs in 0.00 s: 0 fetched   0 B\n");
    add_error(TRAWL_EURL);
    cli_summary_finish(&s, 5001 * MS);
    check_print(false, "1 URL in 0.00 s: 0 fetched, 1 failed   1000/s   0 B (0 B/s)\n"
                       "failed   1 EURL not a valid URL\n");
}
END_TEST

START_TEST(outcomes_come_with_the_most_frequent_first)
{
    int i;

    for (i = 0; i < 11; i++)
        add_status(500 + i);
    add_status(503);
    add_error(TRAWL_ENOMEM);
    add_error(TRAWL_ERESET);
    add_error(TRAWL_ERESET);
    add_error(-4711);
    s.retries = 1;
    s.redirects = 2;
    cli_summary_finish(&s, 205000 * MS);
    check_print(false,
                "16 URLs in 3:20: 0 fetched, 12 error statuses, 4 failed   0.1/s   0 B (0 B/s)\n"
                "latency  p50 200 ms  p90 200 ms  p95 200 ms  p99 200 ms  max 200 ms\n"
                "status   503 ×2, 500 ×1, 501 ×1, 502 ×1, 504 ×1, 505 ×1, 506 ×1, 507 ×1, "
                "others ×3\n"
                "failed   2 ERESET the connection broke\n"
                "         1 ENOMEM out of memory\n"
                "         1 EUNKNOWN unknown error\n"
                "besides  1 retry, 2 redirects\n");
}
END_TEST

START_TEST(an_interruption_says_what_is_left)
{
    s.interrupted = true;
    add_error(TRAWL_ECANCELED);
    add_error(TRAWL_ECANCELED);
    check_print(false, "2 URLs in 0.00 s: 0 fetched, 2 not done   0 B\n"
                       "interrupted: 2 not done\n");
    s.input_left = true;
    check_print(false, "2 URLs in 0.00 s: 0 fetched, 2 not done   0 B\n"
                       "interrupted: 2 not done, the rest of the input was not read\n");
    setup();
    s.interrupted = true;
    s.input_left = true;
    check_print(false, "0 URLs in 0.00 s: 0 fetched   0 B\n"
                       "interrupted: the rest of the input was not read\n");
}
END_TEST

static struct cli_crawled a_crawl(void)
{
    struct cli_crawled crawled = {.repeats = 5, .depth = 4};
    trawl_crawl_stats *stats = &crawled.stats;

    stats->found = 12345;
    stats->hosts = 3;
    stats->robots = 2;
    stats->rejected[TRAWL_REJECT_DUPLICATE] = 9000;
    stats->rejected[TRAWL_REJECT_ROBOTS] = 310;
    stats->rejected[TRAWL_REJECT_SCOPE_HOST] = 1204;
    stats->rejected[TRAWL_REJECT_TRAP_REPEAT] = 12;
    stats->rejected[TRAWL_REJECT_LIMIT_PAGES] = 40;
    stats->rejected[TRAWL_REJECT_STOPPED] = 7;
    return crawled;
}

START_TEST(a_crawl_tells_what_it_left_out_and_what_cut_it)
{
    struct cli_crawled crawled = a_crawl();

    s.crawled = &crawled;
    s.interrupted = true;
    check_print(false, "0 URLs in 0.00 s: 0 fetched   0 B\n"
                       "crawl    3 hosts, 2 robots.txt, 12345 URLs found (9000 again), depth 4, "
                       "5 pages repeat another one\n"
                       "left out 1204 scope-host, 310 robots\n"
                       "cut      40 limit-pages (--max-pages), 12 trap-repeat (segments that "
                       "repeat)\n"
                       "interrupted: 7 not done\n");
    ck_assert_int_eq(cli_summary_exit_code(&s), CLI_EXIT_INTERRUPTED);
    s.interrupted = false;
    crawled = (struct cli_crawled){.stats = {.hosts = 1, .found = 1}, .repeats = 1};
    check_print(false, "0 URLs in 0.00 s: 0 fetched   0 B\n"
                       "crawl    1 host, 0 robots.txt, 1 URL found (0 again), depth 0, 1 page "
                       "repeats another one\n");
    ck_assert_int_eq(cli_summary_exit_code(&s), CLI_EXIT_OK);
}
END_TEST

START_TEST(colours_add_nothing_but_colours)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    char *from;
    char *to;

    add_sixteen();
    cli_summary_print(&s, file, true);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(text, "\x1b[31m1 failed\x1b[0m"));
    for (from = to = text; *from; from++) {
        if (*from == '\x1b')
            from = strchr(from, 'm');
        else
            *to++ = *from;
    }
    *to = '\0';
    check_print(false, text);
    free(text);
}
END_TEST

/* ---- JSON -------------------------------------------------------------------------------- */

static yajl_val json(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    char why[256];
    yajl_val root;

    ck_assert_int_eq(cli_summary_json(&s, file), 0);
    fclose(file);
    ck_assert_int_eq(text[len - 1], '\n');
    root = yajl_tree_parse(text, why, sizeof(why));
    ck_assert_msg(root != NULL, "%s", why);
    free(text);
    return root;
}

static yajl_val member(yajl_val root, const char *outer, const char *inner)
{
    const char *names[] = {outer, inner, NULL};
    yajl_val value = yajl_tree_get(root, names, yajl_t_any);

    ck_assert_msg(value != NULL, "no %s %s", outer, inner ? inner : "");
    return value;
}

static void check_number(yajl_val root, const char *outer, const char *inner,
                         const char *expected)
{
    ck_assert_str_eq(YAJL_GET_NUMBER(member(root, outer, inner)), expected);
}

START_TEST(json_has_every_number)
{
    yajl_val root, stays;

    add_sixteen();
    s.retries = 3;
    s.redirects = 4;
    s.wire_bytes = UINT64_MAX;
    s.stays = (trawl_stays){.longest_us = 12345, .longest_stage = "close", .long_stays = 2,
                            .caller_longest_us = 77000, .caller_long_stays = 1};
    s.stays.stays[0] = 5;
    s.stays.stays[14] = 3;
    root = json();
    check_number(root, "urls", NULL, "16");
    check_number(root, "ok", NULL, "14");
    check_number(root, "error_status", NULL, "1");
    check_number(root, "failed", NULL, "1");
    check_number(root, "not_done", NULL, "0");
    check_number(root, "retries", NULL, "3");
    check_number(root, "redirects", NULL, "4");
    check_number(root, "bytes", NULL, "1302000");
    check_number(root, "wire_bytes", NULL, "18446744073709551615");
    check_number(root, "seconds", NULL, "0.210");
    check_number(root, "urls_per_second", NULL, "76.190");
    check_number(root, "bytes_per_second", NULL, "6200000.000");
    check_number(root, "latency_ms", "count", "15");
    check_number(root, "latency_ms", "mean", "200.000");
    check_number(root, "latency_ms", "min", "200.000");
    check_number(root, "latency_ms", "p50", "200.000");
    check_number(root, "latency_ms", "p90", "200.000");
    check_number(root, "latency_ms", "p95", "200.000");
    check_number(root, "latency_ms", "p99", "200.000");
    check_number(root, "latency_ms", "max", "200.000");
    check_number(root, "status_class", "1xx", "0");
    check_number(root, "status_class", "2xx", "14");
    check_number(root, "status_class", "3xx", "0");
    check_number(root, "status_class", "4xx", "1");
    check_number(root, "status_class", "5xx", "0");
    check_number(root, "status_class", "other", "0");
    check_number(root, "status", "200", "14");
    check_number(root, "status", "404", "1");
    check_number(root, "errors", "ECONNECT", "1");
    check_number(root, "exit_status", NULL, "4");
    check_number(root, "loop", "longest_ms", "12.345");
    check_number(root, "loop", "long", "2");
    check_number(root, "loop", "caller_longest_ms", "77.000");
    check_number(root, "loop", "caller_long", "1");
    ck_assert_str_eq(YAJL_GET_STRING(member(root, "loop", "longest_stage")), "close");
    stays = member(member(root, "loop", NULL), "stays_us", NULL);
    check_number(stays, "<1", NULL, "5");
    check_number(stays, "<16384", NULL, "3");
    ck_assert_uint_eq(YAJL_GET_OBJECT(stays)->len, 2);
    ck_assert(YAJL_IS_NULL(member(root, "crawl", NULL)));
    ck_assert_uint_eq(YAJL_GET_OBJECT(root)->len, 22);
    ck_assert_uint_eq(YAJL_GET_OBJECT(member(root, "errors", NULL))->len, 1);
    yajl_tree_free(root);
}
END_TEST

START_TEST(json_of_a_crawl_has_every_reason_that_came)
{
    struct cli_crawled crawled = a_crawl();
    yajl_val root;

    s.crawled = &crawled;
    root = json();
    check_number(root, "crawl", "found", "12345");
    check_number(root, "crawl", "hosts", "3");
    check_number(root, "crawl", "robots", "2");
    check_number(root, "crawl", "left", "7");
    check_number(root, "crawl", "depth", "4");
    check_number(root, "crawl", "repeats", "5");
    yajl_val rejected = member(root, "crawl", "rejected");
    ck_assert_uint_eq(YAJL_GET_OBJECT(rejected)->len, 6);
    check_number(rejected, "scope-host", NULL, "1204");
    check_number(rejected, "stopped", NULL, "7");
    yajl_tree_free(root);
}
END_TEST

START_TEST(json_of_an_empty_run_has_no_latency)
{
    yajl_val root;

    s.interrupted = true;
    s.input_left = true;
    root = json();
    ck_assert(YAJL_IS_NULL(member(root, "latency_ms", NULL)));
    ck_assert(YAJL_IS_TRUE(member(root, "interrupted", NULL)));
    ck_assert(YAJL_IS_TRUE(member(root, "input_left", NULL)));
    ck_assert(YAJL_IS_FALSE(member(root, "file_failed", NULL)));
    check_number(root, "exit_status", NULL, "9");
    check_number(root, "urls_per_second", NULL, "0.000");
    yajl_tree_free(root);
}
END_TEST

START_TEST(json_that_cannot_be_written_is_an_error)
{
    FILE *file = fopen("/dev/full", "w");

    ck_assert_int_eq(cli_summary_json(&s, file), TRAWL_EWRITE);
    fclose(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli summary");
    TCase *t = tcase_create("cli summary");
    SRunner *r = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, t);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, each_result_counts_as_one_outcome);
    tcase_add_test(t, bytes_retries_and_redirects_add_up);
    tcase_add_test(t, latency_is_that_of_responses);
    tcase_add_test(t, a_status_out_of_range_is_counted_as_none);
    tcase_add_test(t, time_counts_from_init_to_finish);
    tcase_add_test(t, the_lowest_exit_status_from_2_to_9_wins);
    tcase_add_test(t, each_error_has_the_exit_status_of_its_kind);
    tcase_add_test(t, statuses_of_authentication_are_6_and_others_8);
    tcase_add_test(t, an_interruption_counts_if_work_was_left);
    tcase_add_test(t, quantiles_are_within_one_percent);
    tcase_add_test(t, every_value_has_a_bucket_close_to_it);
    tcase_add_test(t, small_values_are_exact);
    tcase_add_test(t, the_block_tells_counts_rates_latency_and_outcomes);
    tcase_add_test(t, a_run_without_a_response_is_short);
    tcase_add_test(t, outcomes_come_with_the_most_frequent_first);
    tcase_add_test(t, an_interruption_says_what_is_left);
    tcase_add_test(t, a_crawl_tells_what_it_left_out_and_what_cut_it);
    tcase_add_test(t, colours_add_nothing_but_colours);
    tcase_add_test(t, json_has_every_number);
    tcase_add_test(t, json_of_a_crawl_has_every_reason_that_came);
    tcase_add_test(t, json_of_an_empty_run_has_no_latency);
    tcase_add_test(t, json_that_cannot_be_written_is_an_error);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
