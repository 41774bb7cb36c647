/* The seen set: each URL is new once, whatever its size; and it costs no more than 16 bytes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "frontier/backoff.h"
#include "frontier/seen.h"

static struct tw_seen *s;

/* An assertion of check costs a system call; these are asked millions of times. */
#define MUST(what)                                                                             \
    do {                                                                                       \
        if (!(what))                                                                           \
            ck_abort_msg("%s", #what);                                                         \
    } while (0)

static void begin(void)
{
    ck_assert_int_eq(tw_seen_open(&s, 7), 0);
}

static void end(void)
{
    tw_seen_free(s);
}

static int add(const char *prefix, unsigned long n)
{
    char url[64];
    int len = snprintf(url, sizeof(url), "https://%s.test/page/%lu", prefix, n);

    return tw_seen_add(s, url, (size_t)len);
}

START_TEST(an_empty_set_is_small)
{
    begin();
    ck_assert_uint_eq(tw_seen_count(s), 0);
    ck_assert_uint_le(tw_seen_bytes(s), 4096);
    ck_assert(!tw_seen_find(s, 0));
    ck_assert(!tw_seen_find(s, 1));
    end();
}
END_TEST

START_TEST(each_url_is_new_once)
{
    begin();
    for (unsigned long i = 0; i < 300000; i++) {
        MUST(add("a", i) == 1);
        if (i % 7 == 0)
            MUST(add("a", i / 2) == 0);
    }
    ck_assert_uint_eq(tw_seen_count(s), 300000);
    for (unsigned long i = 0; i < 300000; i++)
        MUST(add("a", i) == 0);
    for (unsigned long i = 0; i < 1000; i++)
        MUST(add("b", i) == 1);
    ck_assert_uint_eq(tw_seen_count(s), 301000);
    end();
}
END_TEST

START_TEST(it_is_forgotten_in_steps)
{
    size_t steps = 0, pages;

    begin();
    for (unsigned long i = 0; i < 100000; i++)
        MUST(add("a", i) == 1);
    pages = tw_seen_bytes(s) / 65536;
    while (tw_seen_clear(s))
        steps++;
    ck_assert_uint_ge(steps, pages);
    ck_assert(!tw_seen_clear(s));
    end();
}
END_TEST

START_TEST(urls_are_bytes)
{
    begin();
    ck_assert_int_eq(tw_seen_add(s, "", 0), 1);
    ck_assert_int_eq(tw_seen_add(s, "a\0b", 3), 1);
    ck_assert_int_eq(tw_seen_add(s, "a\0c", 3), 1);
    ck_assert_int_eq(tw_seen_add(s, "a", 1), 1);
    ck_assert_int_eq(tw_seen_add(s, "a\0b", 3), 0);
    ck_assert_int_eq(tw_seen_add(s, "", 0), 0);
    end();
}
END_TEST

START_TEST(the_seed_makes_the_fingerprint)
{
    struct tw_seen *other;

    begin();
    ck_assert_int_eq(tw_seen_open(&other, 8), 0);
    ck_assert_uint_ne(tw_seen_fingerprint(s, "url", 3), tw_seen_fingerprint(other, "url", 3));
    ck_assert_int_eq(tw_seen_add(s, "url", 3), 1);
    ck_assert(tw_seen_find(s, tw_seen_fingerprint(s, "url", 3)));
    ck_assert(!tw_seen_find(s, tw_seen_fingerprint(other, "url", 3)));
    tw_seen_free(other);
    end();
}
END_TEST

/* At every size, not only at those where a table has just been filled. */
START_TEST(a_url_costs_16_bytes_at_most)
{
    uint64_t rng = 3;

    begin();
    for (size_t n = 1; n <= 2000000; n++) {
        MUST(tw_seen_add_fingerprint(s, tw_random_next(&rng)) == 1);
        MUST(n < 200 || tw_seen_bytes(s) <= 16 * n);
    }
    ck_assert_uint_eq(tw_seen_count(s), 2000000);
    end();
}
END_TEST

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* As even as hashes, and sets of them that a fair die would hardly give: many that come again,
 * and such that crowd in one corner, so that the set is cut deeper there than elsewhere. */
static uint64_t fingerprint(uint64_t *rng, int kind)
{
    uint64_t n = tw_random_next(rng), few = n % 50000;

    switch (kind) {
    case 0: return n;
    case 1: return tw_random_next(&few);
    case 2: return n >> 6;
    case 3: return n % 8 == 0 ? n : ~(n >> 9);
    default: return n % 2 == 0 ? n : tw_random_next(&few) >> 4;
    }
}

/* The model is a sorted array of all that was added. */
START_TEST(it_does_what_a_simple_model_does)
{
    enum { N = 100000 };
    uint64_t rng = (uint64_t)_i + 1, *all = malloc(N * sizeof(*all));
    size_t distinct = 0, fresh = 0;

    ck_assert_ptr_nonnull(all);
    begin();
    for (int i = 0; i < N; i++) {
        all[i] = fingerprint(&rng, _i);
        if (all[i] == 0)
            all[i] = 1; /* the two are one */
        bool known = tw_seen_find(s, all[i]);
        int added = tw_seen_add_fingerprint(s, all[i]);

        MUST(added == (known ? 0 : 1));
        MUST(tw_seen_find(s, all[i]));
        fresh += added == 1;
    }
    qsort(all, N, sizeof(*all), compare);
    for (int i = 0; i < N; i++)
        distinct += i == 0 || all[i] != all[i - 1];
    ck_assert_uint_eq(tw_seen_count(s), distinct);
    ck_assert_uint_eq(fresh, distinct);
    for (int i = 0; i < N; i++)
        MUST(tw_seen_find(s, all[i]));
    for (int i = 0; i < N; i++) {
        uint64_t n = fingerprint(&rng, _i);

        if (n == 0)
            n = 1;
        MUST(tw_seen_find(s, n) == (bsearch(&n, all, N, sizeof(*all), compare) != NULL));
    }
    end();
    free(all);
}
END_TEST

START_TEST(zero_and_one_are_one_fingerprint)
{
    begin();
    ck_assert_int_eq(tw_seen_add_fingerprint(s, 0), 1);
    ck_assert_int_eq(tw_seen_add_fingerprint(s, 0), 0);
    ck_assert(tw_seen_find(s, 0));
    ck_assert_int_eq(tw_seen_add_fingerprint(s, 1), 0);
    ck_assert_uint_eq(tw_seen_count(s), 1);
    end();
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("seen");
    Suite *suite = suite_create("seen");
    SRunner *runner;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_test(t, an_empty_set_is_small);
    tcase_add_test(t, each_url_is_new_once);
    tcase_add_test(t, it_is_forgotten_in_steps);
    tcase_add_test(t, urls_are_bytes);
    tcase_add_test(t, the_seed_makes_the_fingerprint);
    tcase_add_test(t, a_url_costs_16_bytes_at_most);
    tcase_add_loop_test(t, it_does_what_a_simple_model_does, 0, 5);
    tcase_add_test(t, zero_and_one_are_one_fingerprint);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
