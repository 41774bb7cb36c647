/* Where hosts are, looked up ahead: the engine's part of it, and what crawls make of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "dnsd.h"
#include "fetch/engine.h"
#include "origin/origin.h"
#include "trawl.h"

#define WAIT_MS 100
#define LOOKUPS 400
#define ANSWERS 32

static struct {
    uv_loop_t loop;
    struct dnsd *dnsd;
    struct origin *origin;
    unsigned port;
    char servers[64], log[64];
    trawl_options options;
    trawl_crawl_options crawl;
    trawl *t;
    trawl_crawl *c;
    int pages, rejected, idles, verdicts, closed, crawl_closed;
    int error; /* of the last page or verdict */
} w;

static void begin(void)
{
    struct origin_options at = {.seed = 5, .access_log = w.log};
    int fd;

    memset(&w, 0, sizeof(w));
    strcpy(w.log, "/tmp/trawl-addresses-XXXXXX");
    fd = mkstemp(w.log);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(origin_start(&w.origin, &at), 0);
    w.port = origin_port(w.origin);
    ck_assert_int_eq(dnsd_start(&w.dnsd), 0);
    snprintf(w.servers, sizeof(w.servers), "127.0.0.1:%u", dnsd_port(w.dnsd));
    ck_assert_int_eq(uv_loop_init(&w.loop), 0);
    w.options = (trawl_options)TRAWL_OPTIONS_INIT;
    w.options.dns_servers = w.servers;
    w.options.ip = TRAWL_IP_V4;
    w.options.tries = 1;
    w.options.per_host = 1;
    w.crawl = (trawl_crawl_options)TRAWL_CRAWL_OPTIONS_INIT;
}

static void end(void)
{
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&w.loop), 0);
    if (w.origin != NULL)
        origin_stop(w.origin);
    dnsd_stop(w.dnsd);
    unlink(w.log);
}

/* ---- the engine ---- */

static const struct tw_engine_ops *ops;
static struct tw_engine *engine;
static bool in_call, engine_closed;
static int answered;
static struct seeker {
    struct tw_lookup lookup;
    char url[128];
    int calls;
    struct tw_lookup *next;   /* asked for in its callback */
    struct tw_lookup *victim; /* taken back there */
    bool closes;
} seekers[LOOKUPS];

static void on_engine_closed(void *data)
{
    ck_assert_ptr_eq(data, &seekers);
    engine_closed = true;
}

static int resolve(struct tw_lookup *lookup)
{
    int err;

    in_call = true;
    err = ops->resolve(engine, lookup);
    in_call = false;
    return err;
}

static void unresolve(struct tw_lookup *lookup)
{
    in_call = true;
    ops->unresolve(engine, lookup);
    in_call = false;
}

static void shut(void)
{
    in_call = true;
    ops->close(engine, on_engine_closed, &seekers);
    in_call = false;
}

static void on_found(struct tw_lookup *lookup)
{
    struct seeker *s = tw_container(lookup, struct seeker, lookup);

    ck_assert(!in_call && !engine_closed);
    ck_assert_int_eq(s->calls++, 0);
    answered++;
    if (s->next != NULL)
        ck_assert_int_eq(resolve(s->next), 0);
    if (s->victim != NULL)
        unresolve(s->victim);
    if (s->closes)
        shut();
}

static void open_engine(void)
{
    memset(seekers, 0, sizeof(seekers));
    answered = 0;
    in_call = engine_closed = false;
    ops = tw_engine_find("loop");
    ck_assert_int_eq(ops->open(&engine, &w.loop, &w.options), 0);
}

static void close_engine(void)
{
    shut();
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert(engine_closed);
}

static struct seeker *seeker(unsigned i, const char *url)
{
    struct seeker *s = &seekers[i];

    snprintf(s->url, sizeof(s->url), "%s", url);
    s->lookup = (struct tw_lookup){.url = s->url, .cb = on_found};
    return s;
}

static struct seeker *seek(unsigned i, const char *url)
{
    struct seeker *s = seeker(i, url);

    ck_assert_int_eq(resolve(&s->lookup), 0);
    return s;
}

static void seeker_is(const struct seeker *s, int error, const char *ip)
{
    ck_assert_int_eq(s->calls, 1);
    ck_assert_int_eq(s->lookup.error, error);
    ck_assert_str_eq(s->lookup.ip, ip);
}

START_TEST(addresses_are_found_ahead)
{
    open_engine();
    seek(0, "http://ttl60.test:80");
    seek(1, "http://multi.test/x?y");
    seek(2, "http://nothing.test");
    seek(3, "http://localhost:8080/");
    uv_run(&w.loop, UV_RUN_DEFAULT);
    seeker_is(&seekers[0], 0, "127.0.0.1");
    ck_assert_int_eq(strncmp(seekers[1].lookup.ip, "127.0.0.", 8), 0);
    seeker_is(&seekers[2], TRAWL_ERESOLVE, "");
    seeker_is(&seekers[3], 0, "127.0.0.1");
    seek(4, "http://ttl60.test:81"); /* from the cache: not before resolve() returns either */
    uv_run(&w.loop, UV_RUN_DEFAULT);
    seeker_is(&seekers[4], 0, "127.0.0.1");
    ck_assert_uint_eq(dnsd_count(w.dnsd, "ttl60.test"), 1);
    close_engine();
}
END_TEST

START_TEST(what_is_not_asked_for_is_not_looked_up)
{
    const char *given[] = {"given.test:80:127.0.0.2", NULL};

    w.options.resolve = given;
    w.options.proxy_https = "http://127.0.0.1:1";
    open_engine();
    ck_assert_int_eq(resolve(&seeker(0, "http://given.test:80")->lookup), TRAWL_ENOENT);
    ck_assert_int_eq(resolve(&seeker(1, "https://ttl60.test:443")->lookup), TRAWL_ENOENT);
    seeker(2, "http://127.0.0.1:80")->lookup.host_is_ip = true;
    ck_assert_int_eq(resolve(&seekers[2].lookup), TRAWL_ENOENT);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(answered, 0);
    close_engine();
    ck_assert_uint_eq(dnsd_total(w.dnsd), 0);
}
END_TEST

START_TEST(names_may_be_taken_back)
{
    open_engine();
    seek(0, "http://silent1.test");
    seek(1, "http://ttl60.test");
    unresolve(&seekers[1].lookup);
    unresolve(&seekers[1].lookup);
    seek(2, "http://slow20.test")->victim = &seekers[0].lookup;
    seekers[2].next = &seeker(3, "http://ttl60.test")->lookup;
    uv_run(&w.loop, UV_RUN_DEFAULT);
    seeker_is(&seekers[0], TRAWL_ECANCELED, "");
    seeker_is(&seekers[1], TRAWL_ECANCELED, "");
    seeker_is(&seekers[2], 0, "127.0.0.1");
    seeker_is(&seekers[3], 0, "127.0.0.1");
    close_engine();
}
END_TEST

/* More than are asked for at once. */
START_TEST(many_names_are_all_found)
{
    char url[64];

    w.options.concurrency = 1;
    open_engine();
    for (unsigned i = 0; i < LOOKUPS; i++) {
        snprintf(url, sizeof(url), "http://a%u.test", i);
        seek(i, url);
    }
    unresolve(&seekers[LOOKUPS - 1].lookup);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(answered, LOOKUPS);
    for (unsigned i = 0; i < LOOKUPS - 1; i++)
        ck_assert_int_eq(seekers[i].lookup.error, 0);
    seeker_is(&seekers[LOOKUPS - 1], TRAWL_ECANCELED, "");
    close_engine();
}
END_TEST

START_TEST(all_names_come_back_at_a_close)
{
    char url[64];

    open_engine();
    for (unsigned i = 0; i < LOOKUPS; i++) {
        snprintf(url, sizeof(url), "http://silent%u.test", i);
        seek(i, url);
        if (i == LOOKUPS / 2)
            uv_run(&w.loop, UV_RUN_NOWAIT);
    }
    unresolve(&seekers[0].lookup);
    unresolve(&seekers[LOOKUPS - 1].lookup);
    close_engine();
    ck_assert_int_eq(answered, LOOKUPS);
    for (unsigned i = 0; i < LOOKUPS; i++)
        seeker_is(&seekers[i], TRAWL_ECANCELED, "");
}
END_TEST

START_TEST(an_engine_closes_inside_a_look_up)
{
    open_engine();
    seek(0, "http://silent1.test");
    seek(1, "http://ttl60.test")->closes = true;
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert(engine_closed);
    seeker_is(&seekers[0], TRAWL_ECANCELED, "");
    seeker_is(&seekers[1], 0, "127.0.0.1");
}
END_TEST

/* ---- crawls ---- */

static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    w.pages++;
    w.error = page->result.error;
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    ck_assert_ptr_nonnull(r->url);
    w.rejected++;
}

static void on_idle(trawl_crawl *c, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    w.idles++;
}

static void on_verdict(trawl_crawl *c, const trawl_verdict *v, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    w.verdicts++;
    w.error = v->error;
}

static void on_closed(void *data)
{
    ++*(int *)data;
}

static void open_crawl(void)
{
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;

    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    callbacks.data = &w;
    w.crawl.level = 0;
    ck_assert_int_eq(trawl_open(&w.t, &w.loop, &w.options), 0);
    ck_assert_int_eq(trawl_crawl_open(&w.c, w.t, &w.crawl, &callbacks, NULL, 0), 0);
}

static const char *url_of(const char *name, const char *target)
{
    static char url[256];

    snprintf(url, sizeof(url), "http://%s:%u%s", name, w.port, target);
    return url;
}

static void seed(const char *name, const char *target)
{
    ck_assert_int_eq(trawl_crawl_add(w.c, url_of(name, target), SIZE_MAX, NULL), 0);
}

static void close_trawl(void)
{
    trawl_close(w.t, on_closed, &w.closed);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.closed, 1);
}

struct answer {
    unsigned long long from_us, to_us;
};

static int by_time(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;

    return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

/* What the server saw, in order; the origin has gone then. */
static size_t read_answers(struct answer answers[ANSWERS])
{
    char line[512];
    size_t n = 0;
    FILE *in;

    origin_stop(w.origin);
    w.origin = NULL;
    in = fopen(w.log, "r");
    ck_assert_ptr_nonnull(in);
    while (n < ANSWERS && fgets(line, sizeof(line), in) != NULL)
        n += sscanf(line, "answer %llu %llu", &answers[n].from_us, &answers[n].to_us) == 2;
    fclose(in);
    qsort(answers, n, sizeof(answers[0]), by_time);
    return n;
}

static void crawl_names_of_one_address(const char *target)
{
    open_crawl();
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {"ttl60.test", "ttl61.test", "ttl62.test", "slow30.test"};

        seed(names[i], target);
    }
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.pages, 4);
    ck_assert_int_eq(w.error, 0);
    close_trawl();
    ck_assert_uint_eq(dnsd_total(w.dnsd), 4);
}

START_TEST(hosts_at_one_address_never_overlap)
{
    struct answer answers[ANSWERS];
    size_t n;

    w.crawl.ignore_robots = true;
    crawl_names_of_one_address("/x?latency=100");
    n = read_answers(answers);
    ck_assert_uint_eq(n, 4);
    for (size_t i = 1; i < n; i++)
        ck_assert_uint_ge(answers[i].from_us, answers[i - 1].to_us);
}
END_TEST

/* The wait runs from when a request had arrived, so that no delay can make it shorter. */
START_TEST(hosts_at_one_address_share_its_pace_from_robots_txt_on)
{
    struct answer answers[ANSWERS];
    size_t n;

    w.options.wait_ms = WAIT_MS;
    crawl_names_of_one_address("/x");
    n = read_answers(answers);
    ck_assert_uint_eq(n, 8);
    for (size_t i = 1; i < n; i++)
        ck_assert_uint_ge(answers[i].from_us, answers[i - 1].from_us + (WAIT_MS - 2) * 1000);
}
END_TEST

START_TEST(a_name_that_does_not_exist_fails_as_ever)
{
    w.crawl.ignore_robots = true;
    open_crawl();
    seed("nothing.test", "/x");
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_eq(w.error, TRAWL_ERESOLVE);
    close_trawl();
}
END_TEST

/* With robots.txt, and without. */
START_TEST(a_crawl_ends_while_names_are_looked_up)
{
    w.crawl.ignore_robots = _i % 2 == 0;
    open_crawl();
    seed("silent1.test", "/x");
    seed("silent2.test", "/x");
    if (_i % 2 == 1)
        ck_assert_int_eq(trawl_crawl_explain(w.c, url_of("silent1.test", "/"), SIZE_MAX, NULL,
                                             on_verdict, &w), 0);
    for (int i = 0; i < 5; i++)
        uv_run(&w.loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(w.rejected, 0);
    if (_i / 2 == 0)
        trawl_crawl_stop(w.c);
    else if (_i / 2 == 1)
        trawl_crawl_close(w.c, on_closed, &w.crawl_closed);
    else
        trawl_close(w.t, on_closed, &w.closed);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.pages, 0);
    ck_assert_int_eq(w.rejected, 2);
    ck_assert_int_eq(w.idles, 1);
    ck_assert_int_eq(w.verdicts, _i % 2);
    ck_assert_int_eq(w.crawl_closed, _i / 2 == 1);
    if (w.closed == 0)
        close_trawl();
}
END_TEST

START_TEST(time_ends_while_names_are_looked_up)
{
    w.crawl.max_time_ms = 50;
    open_crawl();
    seed("silent1.test", "/x");
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.rejected, 1);
    ck_assert_int_eq(w.idles, 1);
    close_trawl();
}
END_TEST

START_TEST(explaining_by_a_given_text_asks_nobody)
{
    w.crawl.robots_text = "User-agent: *\nDisallow: /private/\n";
    open_crawl();
    ck_assert_int_eq(trawl_crawl_explain(w.c, url_of("ttl60.test", "/private/"), SIZE_MAX, NULL,
                                         on_verdict, &w), 0);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.verdicts, 1);
    ck_assert_int_eq(w.error, 0);
    close_trawl();
    ck_assert_uint_eq(dnsd_total(w.dnsd), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("addresses");
    TCase *tc = tcase_create("addresses");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, addresses_are_found_ahead);
    tcase_add_test(tc, what_is_not_asked_for_is_not_looked_up);
    tcase_add_test(tc, names_may_be_taken_back);
    tcase_add_test(tc, many_names_are_all_found);
    tcase_add_test(tc, all_names_come_back_at_a_close);
    tcase_add_test(tc, an_engine_closes_inside_a_look_up);
    tcase_add_test(tc, hosts_at_one_address_never_overlap);
    tcase_add_test(tc, hosts_at_one_address_share_its_pace_from_robots_txt_on);
    tcase_add_test(tc, a_name_that_does_not_exist_fails_as_ever);
    tcase_add_loop_test(tc, a_crawl_ends_while_names_are_looked_up, 0, 6);
    tcase_add_test(tc, time_ends_while_names_are_looked_up);
    tcase_add_test(tc, explaining_by_a_given_text_asks_nobody);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
