/* Names on the loop, through the public API: the loop engine looks them up itself. */
#include <dirent.h>

#include "dnsd.h"
#include "fetch_catch.h"

static struct dnsd *dnsd;
static char servers[64];

static void begin(void)
{
    net_begin();
    ck_assert_int_eq(dnsd_start(&dnsd), 0);
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", dnsd_port(dnsd));
    net.options.dns_servers = servers;
    net.options.ip = TRAWL_IP_V4;
    net.options.tries = 1;
}

static void end(void)
{
    net_end();
    dnsd_stop(dnsd);
}

static const char *named(const char *name, const char *target)
{
    static char urls[8][512];
    static unsigned next;
    char *url = urls[next++ % 8];

    snprintf(url, sizeof(urls[0]), "http://%s:%u%s", name, net.port, target);
    return url;
}

static size_t threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    size_t n = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

START_TEST(a_name_is_asked_of_the_given_server)
{
    const struct got *g = got_url(named("ttl60.test", "/x?size=300"));

    got_is(g, 0, 200);
    ck_assert_str_eq(g->ip, "127.0.0.1");
    ck_assert_uint_eq(g->body.len, 300);
    ck_assert_uint_eq(dnsd_count(dnsd, "ttl60.test"), 1);
    got_is(got_url(named("TTL60.test", "/y")), 0, 200);
    ck_assert_uint_eq(dnsd_count(dnsd, "ttl60.test"), 1);
}
END_TEST

static size_t most_threads;

static void count_threads(enum place place, struct got *g)
{
    size_t n = threads();

    (void)place;
    (void)g;
    if (n > most_threads)
        most_threads = n;
}

START_TEST(one_question_and_no_thread_for_many_fetches_of_many_names)
{
    size_t before = threads();
    struct got *got[60];
    char name[32];

    net.options.per_host = 0;
    most_threads = 0;
    net.act = count_threads;
    for (unsigned i = 0; i < 60; i++) {
        snprintf(name, sizeof(name), "slow%u.test", 1 + i % 20);
        got[i] = got_add(named(name, "/x"), SIZE_MAX, got_chunk);
    }
    net_run();
    for (unsigned i = 0; i < 60; i++)
        got_is(got[i], 0, 200);
    ck_assert_uint_eq(most_threads, before);
    ck_assert_uint_eq(dnsd_total(dnsd), 20);
}
END_TEST

START_TEST(the_time_for_a_name_is_told)
{
    const struct got *g = got_url(named("slow50.test", "/x"));

    got_is(g, 0, 200);
    ck_assert_uint_ge(g->r.timing.dns_us, 45000);
    ck_assert_uint_ge(g->r.timing.first_byte_us, g->r.timing.dns_us);
    ck_assert_uint_ge(g->r.timing.total_us, g->r.timing.dns_us);
}
END_TEST

START_TEST(a_name_that_does_not_exist_is_an_error_of_its_own)
{
    got_is(got_url(named("nothing.test", "/x")), TRAWL_ERESOLVE, 0);
    got_is(got_url(named("nothing.test", "/y")), TRAWL_ERESOLVE, 0);
    ck_assert_uint_eq(dnsd_count(dnsd, "nothing.test"), 1);
}
END_TEST

START_TEST(a_silent_server_frees_its_fetches_and_no_others)
{
    struct got *silent, *fine;

    net.options.dns_timeout_ms = 300;
    silent = got_add(named("silent1.test", "/x"), SIZE_MAX, got_chunk);
    fine = got_add(net_url(0, "/x"), SIZE_MAX, got_chunk);
    net_run();
    got_is(silent, TRAWL_EDNSTIMEOUT, 0);
    got_is(fine, 0, 200);
}
END_TEST

START_TEST(the_time_of_a_try_bounds_the_name_too)
{
    net.options.timeout_ms = 200;
    got_is(got_url(named("silent2.test", "/x")), TRAWL_EDNSTIMEOUT, 0);
}
END_TEST

START_TEST(a_fetch_that_waits_for_its_name_can_be_cancelled)
{
    struct got *g = got_add(named("silent3.test", "/x"), SIZE_MAX, got_chunk);

    ck_assert_int_eq(trawl_resume(net.t, g->id), 0);
    uv_run(&net.loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(trawl_cancel(net.t, g->id), 0);
    net_run();
    got_is(g, TRAWL_ECANCELED, 0);
}
END_TEST

START_TEST(a_trawl_closes_while_names_are_waited_for)
{
    struct got *a = got_add(named("silent4.test", "/x"), SIZE_MAX, got_chunk);
    struct got *b = got_add(named("slow30.test", "/x"), SIZE_MAX, got_chunk);

    uv_run(&net.loop, UV_RUN_NOWAIT);
    net_close();
    got_is(a, TRAWL_ECANCELED, 0);
    got_is(b, TRAWL_ECANCELED, 0);
}
END_TEST

static void close_in_done(enum place place, struct got *g)
{
    (void)g;
    if (place == IN_DONE && !net.closing)
        net_shut();
}

START_TEST(a_trawl_closes_inside_the_answer)
{
    struct got *a = got_add(named("nothing.test", "/x"), SIZE_MAX, got_chunk);
    struct got *b = got_add(named("nothing.test", "/y"), SIZE_MAX, got_chunk);
    struct got *c = got_add(named("silent5.test", "/x"), SIZE_MAX, got_chunk);

    net.act = close_in_done;
    net_run();
    ck_assert_int_eq(a->calls + b->calls + c->calls, 3);
    got_is(c, TRAWL_ECANCELED, 0);
}
END_TEST

START_TEST(every_hop_is_looked_up)
{
    char target[300];
    const struct got *g;

    snprintf(target, sizeof(target), "/from?to=http%%3A%%2F%%2Fttl9.test%%3A%u%%2Fthere", net.port);
    g = got_url(named("ttl8.test", target));
    got_is(g, 0, 200);
    ck_assert_uint_eq(g->r.redirects, 1);
    ck_assert_uint_eq(dnsd_count(dnsd, "ttl8.test"), 1);
    ck_assert_uint_eq(dnsd_count(dnsd, "ttl9.test"), 1);
}
END_TEST

START_TEST(a_host_whose_address_is_given_is_not_asked_for)
{
    char entry[64];
    const char *resolve[] = {entry, NULL};

    snprintf(entry, sizeof(entry), "given.test:%u:127.0.0.2", net.port);
    net.options.resolve = resolve;
    got_is(got_url(named("given.test", "/x")), 0, 200);
    got_is(got_url(named("ttl7.test", "/x")), 0, 200);
    ck_assert_uint_eq(dnsd_count(dnsd, "given.test"), 0);
    ck_assert_uint_eq(dnsd_count(dnsd, "ttl7.test"), 1);
}
END_TEST

START_TEST(a_name_that_leads_to_a_denied_address_is_refused)
{
    net.options.deny_private = true;
    got_is(got_url(named("ttl60.test", "/x")), TRAWL_EDENIED, 0);
    ck_assert_uint_eq(origin_stats(net.origin).connections, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *tc = tcase_create("names");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_name_is_asked_of_the_given_server);
    tcase_add_test(tc, one_question_and_no_thread_for_many_fetches_of_many_names);
    tcase_add_test(tc, the_time_for_a_name_is_told);
    tcase_add_test(tc, a_name_that_does_not_exist_is_an_error_of_its_own);
    tcase_add_test(tc, a_silent_server_frees_its_fetches_and_no_others);
    tcase_add_test(tc, the_time_of_a_try_bounds_the_name_too);
    tcase_add_test(tc, a_fetch_that_waits_for_its_name_can_be_cancelled);
    tcase_add_test(tc, a_trawl_closes_while_names_are_waited_for);
    tcase_add_test(tc, a_trawl_closes_inside_the_answer);
    tcase_add_test(tc, every_hop_is_looked_up);
    tcase_add_test(tc, a_host_whose_address_is_given_is_not_asked_for);
    tcase_add_test(tc, a_name_that_leads_to_a_denied_address_is_refused);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
