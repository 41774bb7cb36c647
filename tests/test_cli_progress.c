#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/human.h"
#include "cli/progress.h"

#define CLEAR "\r\x1b[K"

static uv_loop_t loop;
static FILE *err;
static struct cli_progress *progress;
static char text[65536];

static void setup(void)
{
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    err = tmpfile();
    ck_assert_ptr_nonnull(err);
}

static void teardown(void)
{
    fclose(err);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* Everything written so far. */
static const char *written(void)
{
    ssize_t n = pread(fileno(err), text, sizeof(text) - 1, 0);

    ck_assert_int_ge((int)n, 0);
    text[n] = '\0';
    return text;
}

static void open_progress(bool enabled, bool color)
{
    ck_assert_int_eq(cli_progress_open(&progress, &loop, err, enabled, color), 0);
}

static void count(void *data)
{
    (*(int *)data)++;
}

static void close_progress(void)
{
    int closed = 0;

    cli_progress_close(progress, count, &closed);
    ck_assert_int_eq(closed, 0);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(closed, 1);
}

struct period {
    uv_timer_t timer;
    int ticks;
    struct cli_totals totals;
};

static void on_tick(uv_timer_t *timer)
{
    struct period *p = timer->data;

    p->totals.done += 1000;
    p->totals.bytes += 2000000;
    cli_progress_update(progress, &p->totals);
    if (--p->ticks == 0)
        uv_close((uv_handle_t *)timer, NULL);
}

/* Runs the loop while a timer fires so often, every 5 ms, with growing numbers. */
static void run(struct cli_totals totals, int ticks)
{
    struct period p = {.ticks = ticks, .totals = totals};

    cli_progress_update(progress, &totals);
    uv_timer_init(&loop, &p.timer);
    p.timer.data = &p;
    uv_timer_start(&p.timer, on_tick, 5, 5);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

static size_t count_of(const char *s, const char *part)
{
    size_t n = 0;

    for (s = strstr(s, part); s; s = strstr(s + 1, part))
        n++;
    return n;
}

START_TEST(nothing_is_written_when_it_is_not_enabled)
{
    open_progress(false, true);
    run((struct cli_totals){.done = 1}, 50);
    cli_progress_hide(progress);
    cli_progress_show(progress);
    close_progress();
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(it_does_not_keep_the_loop_alive)
{
    open_progress(true, false);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    close_progress();
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(of_a_crawl_it_tells_what_is_queued_on_how_many_hosts)
{
    struct cli_totals t = {.done = 5000, .in_flight = 64, .queued = 31, .hosts = 12};

    open_progress(true, false);
    run(t, 50);
    written();
    ck_assert_ptr_nonnull(
        strstr(text, "000 done  64 in flight  31 queued  12 hosts  0 failed  "));
    close_progress();
}
END_TEST

START_TEST(the_line_tells_counts_and_rates)
{
    struct cli_totals t = {.done = 5000, .failed = 7, .in_flight = 64};

    open_progress(true, false);
    run(t, 50);
    written();
    ck_assert_ptr_nonnull(strstr(text, "000 done  64 in flight  7 failed  "));
    ck_assert_ptr_nonnull(strstr(text, " MB/s\x1b[K"));
    ck_assert_ptr_null(strstr(text, " left"));
    ck_assert_ptr_null(strstr(text, " of "));
    ck_assert_ptr_null(strstr(text, "\x1b[3"));
    close_progress();
}
END_TEST

START_TEST(a_known_total_gives_a_share_and_the_time_left)
{
    struct cli_totals t = {.done = 250000, .total_known = true, .total = 1000000};

    open_progress(true, false);
    run(t, 50);
    ck_assert_ptr_nonnull(strstr(written(), " of 1000000 (2"));
    ck_assert_ptr_nonnull(strstr(text, " left\x1b[K"));
    close_progress();
}
END_TEST

START_TEST(an_estimate_that_was_too_low_is_not_shown)
{
    struct cli_totals t = {.done = 5000, .total_known = true, .total = 100};

    open_progress(true, false);
    run(t, 50);
    ck_assert_ptr_nonnull(strstr(written(), "000 done  "));
    ck_assert_ptr_null(strstr(text, " of "));
    ck_assert_ptr_null(strstr(text, " left"));
    close_progress();
}
END_TEST

START_TEST(failures_are_red_where_colours_are_wanted)
{
    struct cli_totals t = {.failed = 7};

    open_progress(true, true);
    run(t, 50);
    ck_assert_ptr_nonnull(strstr(written(), "\x1b[31m  7 failed\x1b[0m"));
    close_progress();
}
END_TEST

START_TEST(it_is_drawn_at_most_ten_times_a_second)
{
    uint64_t start;
    uint64_t ms;

    open_progress(true, false);
    start = uv_hrtime();
    run((struct cli_totals){.done = 0}, 130);
    ms = (uv_hrtime() - start) / 1000000;
    ck_assert_uint_ge(count_of(written(), "\r"), 2);
    ck_assert_uint_le(count_of(text, "\r"), ms / 100 + 1);
    close_progress();
}
END_TEST

START_TEST(hiding_clears_the_line_and_showing_puts_it_back)
{
    size_t len;

    open_progress(true, false);
    run((struct cli_totals){.done = 5}, 50);
    len = strlen(written());
    cli_progress_hide(progress);
    ck_assert_str_eq(written() + len, CLEAR);
    cli_progress_hide(progress);
    run((struct cli_totals){.done = 5}, 50);
    ck_assert_str_eq(written() + len, CLEAR);
    cli_progress_show(progress);
    cli_progress_show(progress);
    len += strlen(CLEAR);
    ck_assert_uint_eq(count_of(written() + len, "\r"), 1);
    ck_assert_ptr_nonnull(strstr(text + len, " done  0 in flight"));
    len = strlen(text);
    close_progress();
    ck_assert_str_eq(written() + len, CLEAR);
}
END_TEST

START_TEST(showing_before_the_first_drawing_writes_nothing)
{
    open_progress(true, false);
    cli_progress_hide(progress);
    cli_progress_show(progress);
    close_progress();
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(no_progress_is_like_a_closed_one)
{
    int closed = 0;

    cli_progress_hide(NULL);
    cli_progress_show(NULL);
    cli_progress_close(NULL, count, &closed);
    ck_assert_int_eq(closed, 1);
    cli_progress_close(NULL, NULL, NULL);
}
END_TEST

/* The columns that the last line takes on a terminal so wide. */
static size_t width_on(unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    FILE *other = err;
    char *line;
    ssize_t n;
    size_t width = 0;

    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
    err = fopen(ptsname(master), "r+");
    ck_assert_ptr_nonnull(err);
    open_progress(true, true);
    run((struct cli_totals){.done = 5000, .failed = 1}, 50);
    n = read(master, text, sizeof(text) - 1);
    ck_assert_int_gt((int)n, 0);
    text[n] = '\0';
    for (line = strrchr(text, '\r') + 1; *line; line++) {
        if (*line == '\x1b')
            line = strpbrk(line, "mK");
        else
            width++;
    }
    close_progress();
    fclose(err);
    close(master);
    err = other;
    return width;
}

START_TEST(the_line_is_cut_to_the_terminal)
{
    size_t whole = width_on(200);

    ck_assert_uint_gt(whole, 40);
    ck_assert_uint_lt(whole, 80);
    ck_assert_uint_eq(width_on(20), 19);
    ck_assert_uint_eq(width_on(33), 32);
    ck_assert_uint_eq(width_on(1), 0);
}
END_TEST

/* ---- Numbers ----------------------------------------------------------------------------- */

START_TEST(bytes_are_told_in_three_figures)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},          {999, "999 B"},       {1000, "1.0 kB"},    {13500, "13.5 kB"},
        {99949, "99.9 kB"},  {99951, "100 kB"},    {999499, "999 kB"},  {999501, "1.0 MB"},
        {1300000, "1.3 MB"}, {2.5e9, "2.5 GB"},    {7e12, "7.0 TB"},    {1.8e19, "18.0 EB"},
        {999.6, "1.0 kB"},   {9.9951e6, "10.0 MB"}, {1e21, "1000 EB"},
    };
    char t[CLI_HUMAN_SIZE];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_str_eq(cli_human_bytes(t, cases[i].bytes), cases[i].text);
}
END_TEST

START_TEST(times_are_told_in_three_figures)
{
    static const struct {
        uint64_t us;
        const char *text;
    } cases[] = {
        {0, "0 us"},          {850, "850 us"},      {999, "999 us"},      {1000, "1.0 ms"},
        {1449, "1.4 ms"},     {202000, "202 ms"},   {999400, "999 ms"},   {999600, "1.00 s"},
        {1240000, "1.24 s"},  {12400000, "12.4 s"}, {99400000, "99.4 s"}, {99600000, "1:39 min"},
        {125000000, "2:05 min"},
    };
    char t[CLI_HUMAN_SIZE];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_str_eq(cli_human_time(t, cases[i].us), cases[i].text);
}
END_TEST

START_TEST(clocks_and_rates_are_short)
{
    char t[CLI_HUMAN_SIZE];

    ck_assert_str_eq(cli_human_clock(t, 7), "0:07");
    ck_assert_str_eq(cli_human_clock(t, 760), "12:40");
    ck_assert_str_eq(cli_human_clock(t, 3599), "59:59");
    ck_assert_str_eq(cli_human_clock(t, 10869), "3:01:09");
    ck_assert_str_eq(cli_human_clock(t, 5 * 86400 + 3 * 3600), "5 d 03 h");
    ck_assert_str_eq(cli_human_clock(t, UINT64_MAX / 2), "106751991167300 d 15 h");
    ck_assert_str_eq(cli_human_rate(t, 0), "0.0");
    ck_assert_str_eq(cli_human_rate(t, 76.19), "76.2");
    ck_assert_str_eq(cli_human_rate(t, 99.96), "100");
    ck_assert_str_eq(cli_human_rate(t, 5310.4), "5310");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cli progress");
    TCase *t = tcase_create("cli progress");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nothing_is_written_when_it_is_not_enabled);
    tcase_add_test(t, it_does_not_keep_the_loop_alive);
    tcase_add_test(t, the_line_tells_counts_and_rates);
    tcase_add_test(t, of_a_crawl_it_tells_what_is_queued_on_how_many_hosts);
    tcase_add_test(t, a_known_total_gives_a_share_and_the_time_left);
    tcase_add_test(t, an_estimate_that_was_too_low_is_not_shown);
    tcase_add_test(t, failures_are_red_where_colours_are_wanted);
    tcase_add_test(t, it_is_drawn_at_most_ten_times_a_second);
    tcase_add_test(t, hiding_clears_the_line_and_showing_puts_it_back);
    tcase_add_test(t, showing_before_the_first_drawing_writes_nothing);
    tcase_add_test(t, no_progress_is_like_a_closed_one);
    tcase_add_test(t, the_line_is_cut_to_the_terminal);
    tcase_add_test(t, bytes_are_told_in_three_figures);
    tcase_add_test(t, times_are_told_in_three_figures);
    tcase_add_test(t, clocks_and_rates_are_short);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
