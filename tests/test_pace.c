/* The adaptive pace of a host: fast while nothing is wrong, slower at once, faster again
 * slowly. */
#include <check.h>
#include <stdlib.h>

#include "frontier/backoff.h"
#include "frontier/pace.h"

static struct tw_pace pace;
static uint64_t now;

static void begin(uint32_t base_ms, uint32_t ceiling_ms)
{
    pace = (struct tw_pace){.base_ms = base_ms, .ceiling_ms = ceiling_ms};
    now = 1000;
}

/* An answer, and the wait after it. The request began latency_ms ago. */
static uint64_t answer(enum tw_pace_answer what, uint64_t latency_ms)
{
    now += latency_ms;
    tw_pace_answered(&pace, what, latency_ms * 1000, now);
    return tw_pace_wait_ms(&pace);
}

START_TEST(a_steady_server_is_never_waited_for)
{
    static const uint64_t latencies_ms[] = {0, 1, 20, 300, 4000};

    begin(0, 60000);
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t ms = latencies_ms[_i], spread = i % 3 * ms / 4;

        ck_assert_uint_eq(answer(TW_PACE_GOOD, ms + spread), 0);
    }
}
END_TEST

START_TEST(a_base_wait_stays)
{
    begin(700, 60000);
    ck_assert_uint_eq(tw_pace_wait_ms(&pace), 700);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(answer(TW_PACE_GOOD, 10), 700);
    pace.base_ms = 90000; /* a Crawl-delay over the ceiling of what adapts */
    ck_assert_uint_eq(tw_pace_wait_ms(&pace), 90000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 90000);
}
END_TEST

START_TEST(a_fixed_pace_does_not_adapt)
{
    begin(100, 60000);
    pace.fixed = true;
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 100);
    ck_assert_uint_eq(answer(TW_PACE_TROUBLE, 10), 100);
    answer(TW_PACE_GOOD, 10);
    for (int i = 0; i < 50; i++)
        ck_assert_uint_eq(answer(TW_PACE_GOOD, 10000), 100);
}
END_TEST

START_TEST(a_busy_server_is_asked_half_as_often)
{
    begin(0, 10000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 1000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 2000);
    ck_assert_uint_eq(answer(TW_PACE_TROUBLE, 10), 4000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 8000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 10000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 10000);
    begin(3000, 60000);
    ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 6000);
}
END_TEST

/* Eight connections that are told 503 at one time are one piece of news. */
START_TEST(what_was_under_way_together_doubles_once)
{
    begin(0, 60000);
    for (int i = 0; i < 8; i++) {
        tw_pace_answered(&pace, TW_PACE_BUSY, 500000, now + (uint64_t)i);
        ck_assert_uint_eq(tw_pace_wait_ms(&pace), 1000);
    }
    tw_pace_answered(&pace, TW_PACE_BUSY, 500000, now + 500);
    ck_assert_uint_eq(tw_pace_wait_ms(&pace), 2000);
}
END_TEST

START_TEST(good_answers_bring_it_back_slowly)
{
    uint64_t wait, before;
    int answers = 0;

    begin(0, 60000);
    for (int i = 0; i < 4; i++)
        before = answer(TW_PACE_BUSY, 10);
    ck_assert_uint_eq(before, 8000);
    for (wait = before; wait > 0; answers++) {
        before = wait;
        wait = answer(TW_PACE_GOOD, 10);
        ck_assert_uint_le(wait, before);
        if (answers % 8 != 7)
            ck_assert_uint_eq(wait, before);
        else if (wait != 0)
            ck_assert_uint_eq(wait, before - before / 4);
    }
    ck_assert_int_eq(answers, 16 * 8); /* 8000 * 0.75^16 < 100 */
}
END_TEST

START_TEST(bad_answers_break_the_row)
{
    begin(0, 1000);
    answer(TW_PACE_BUSY, 10);
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 7; k++)
            ck_assert_uint_eq(answer(TW_PACE_GOOD, 10), 1000);
        ck_assert_uint_eq(answer(TW_PACE_BUSY, 10), 1000);
    }
}
END_TEST

START_TEST(what_tells_nothing_changes_nothing)
{
    begin(0, 60000);
    answer(TW_PACE_BUSY, 10);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(answer(TW_PACE_NOTHING, 10), 1000);
}
END_TEST

START_TEST(growing_latency_makes_it_slower)
{
    uint64_t wait = 0, before = 0;

    begin(0, 60000);
    for (int i = 0; i < 50; i++)
        answer(TW_PACE_GOOD, 100);
    for (int i = 0; i < 20; i++) {
        wait = answer(TW_PACE_GOOD, 2000);
        ck_assert_uint_ge(wait, before);
        before = wait;
    }
    ck_assert_uint_ge(wait, 2000); /* towards 2 * (2000 - 250) */
    ck_assert_uint_le(wait, 3500);
    for (int i = 0; i < 40; i++)
        wait = answer(TW_PACE_GOOD, 100);
    ck_assert_uint_eq(wait, 0);
}
END_TEST

START_TEST(one_slow_answer_is_no_strain)
{
    begin(0, 60000);
    for (int i = 0; i < 50; i++)
        answer(TW_PACE_GOOD, 100);
    ck_assert_uint_eq(answer(TW_PACE_GOOD, 1000), 0);
}
END_TEST

START_TEST(what_stays_becomes_usual)
{
    uint64_t wait = 1;

    begin(0, 60000);
    answer(TW_PACE_GOOD, 100);
    for (int i = 0; i < 600; i++)
        wait = answer(TW_PACE_GOOD, 2000);
    ck_assert_uint_eq(wait, 0);
}
END_TEST

START_TEST(the_ceiling_holds_for_latency)
{
    begin(0, 1500);
    answer(TW_PACE_GOOD, 1);
    for (int i = 0; i < 50; i++)
        ck_assert_uint_le(answer(TW_PACE_GOOD, 100000), 1500);
    ck_assert_uint_eq(tw_pace_wait_ms(&pace), 1500);
}
END_TEST

START_TEST(holds_end_at_their_limit)
{
    ck_assert_uint_eq(tw_pace_hold_ms(1000, 5000, 60000), 6000);
    ck_assert_uint_eq(tw_pace_hold_ms(1000, 100000, 60000), 61000);
    ck_assert_uint_eq(tw_pace_hold_ms(1000, 0, 60000), 1000);
    ck_assert_uint_eq(tw_pace_hold_ms(UINT64_MAX - 1, 5, 60000), UINT64_MAX);
}
END_TEST

/* Whatever comes, the wait is between the base and the ceiling, and good answers end it. */
START_TEST(any_answers_keep_it_in_bounds)
{
    uint64_t rng = (uint64_t)_i;
    uint32_t base = (uint32_t)(tw_random_next(&rng) % 3 * 500);
    uint32_t ceiling = (uint32_t)(tw_random_next(&rng) % 50000);
    uint64_t most = base > ceiling ? base : ceiling;

    begin(base, ceiling);
    for (int i = 0; i < 1000; i++) {
        uint64_t latency_us = tw_random_next(&rng) >> tw_random_next(&rng) % 64;

        now += tw_random_next(&rng) % 1000;
        tw_pace_answered(&pace, (enum tw_pace_answer)(tw_random_next(&rng) % 4), latency_us,
                         now);
        ck_assert_uint_ge(tw_pace_wait_ms(&pace), base);
        ck_assert_uint_le(tw_pace_wait_ms(&pace), most);
    }
    for (int i = 0; i < 400; i++)
        answer(TW_PACE_GOOD, 20);
    ck_assert_uint_eq(tw_pace_wait_ms(&pace), base);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("pace");
    Suite *suite = suite_create("pace");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(t, a_steady_server_is_never_waited_for, 0, 5);
    tcase_add_test(t, a_base_wait_stays);
    tcase_add_test(t, a_fixed_pace_does_not_adapt);
    tcase_add_test(t, a_busy_server_is_asked_half_as_often);
    tcase_add_test(t, what_was_under_way_together_doubles_once);
    tcase_add_test(t, good_answers_bring_it_back_slowly);
    tcase_add_test(t, bad_answers_break_the_row);
    tcase_add_test(t, what_tells_nothing_changes_nothing);
    tcase_add_test(t, growing_latency_makes_it_slower);
    tcase_add_test(t, one_slow_answer_is_no_strain);
    tcase_add_test(t, what_stays_becomes_usual);
    tcase_add_test(t, the_ceiling_holds_for_latency);
    tcase_add_test(t, holds_end_at_their_limit);
    tcase_add_loop_test(t, any_answers_keep_it_in_bounds, 1, 200);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
