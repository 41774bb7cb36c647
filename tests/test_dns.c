/* Names on the loop, against a name server of the tests' own. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dnsd.h"
#include "fetch/dns.h"

#define MANY 20000
#define LATEST_MS 30000 /* a test that takes longer hangs */

/* One who waits, and what he is to do when he has his answer. */
struct wait {
    struct tw_dns_query query;
    int dones;
    int error;
    char detail[64];
    char addresses[1024];
    struct wait *cancels;
    bool closes;
    const char *asks; /* this name, with the wait behind this one in the array */
};

static struct dnsd *server;
static uv_loop_t loop;
static uv_timer_t latest; /* what keeps the loop alive */
static struct tw_dns *dns;
static struct tw_dns_config config;
static char servers[64], hosts_path[32], resolv_path[32];
static struct wait waits[64];
static unsigned running, closes;
static bool inside;

static void on_latest(uv_timer_t *timer)
{
    (void)timer;
    ck_abort_msg("it hangs");
}

static void make_file(char path[32])
{
    int fd;

    snprintf(path, 32, "/tmp/trawl-dns-XXXXXX");
    fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
    trawl_options options = TRAWL_OPTIONS_INIT;

    unsetenv("LOCALDOMAIN");
    unsetenv("RES_OPTIONS");
    ck_assert_int_eq(dnsd_start(&server), 0);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    uv_timer_init(&loop, &latest);
    uv_timer_start(&latest, on_latest, LATEST_MS, 0);
    memset(waits, 0, sizeof(waits));
    running = closes = 0;
    make_file(hosts_path);
    make_file(resolv_path);
    write_file(resolv_path, "search .\n");
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", dnsd_port(server));
    tw_dns_config_init(&config, &options);
    config.servers = servers;
    config.hosts_path = hosts_path;
    config.resolv_path = resolv_path;
    config.ip = TRAWL_IP_V4;
    config.timeout_ms = 10000;
}

static void on_close(void *data)
{
    ck_assert_ptr_eq(data, &closes);
    ck_assert_ptr_nonnull(dns);
    dns = NULL;
    closes++;
}

/* Every test ends with a loop that closes. */
static void teardown(void)
{
    if (dns != NULL)
        tw_dns_close(dns, on_close, &closes);
    uv_close((uv_handle_t *)&latest, NULL);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_ptr_null(dns);
    ck_assert_uint_le(closes, 1);
    ck_assert_uint_eq(running, 0);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    dnsd_stop(server);
    unlink(hosts_path);
    unlink(resolv_path);
}

static void begin(void)
{
    ck_assert_int_eq(tw_dns_open(&dns, &loop, &config), 0);
}

static void take(struct wait *w, const struct tw_dns_answer *answer)
{
    w->dones++;
    w->error = answer->error;
    snprintf(w->detail, sizeof(w->detail), "%s", answer->detail);
    snprintf(w->addresses, sizeof(w->addresses), "%s", answer->addresses);
    ck_assert_int_eq(answer->error == 0, answer->addresses[0] != '\0');
}

static void on_answer(void *data, const struct tw_dns_answer *answer);

static int look(struct wait *w, const char *name)
{
    struct tw_dns_answer answer;
    int status;

    inside = true;
    status = tw_dns_lookup(dns, name, &w->query, on_answer, w, &answer);
    inside = false;
    ck_assert_int_ge(status, 0);
    if (status == 1)
        take(w, &answer);
    else
        running++;
    return status;
}

static void on_answer(void *data, const struct tw_dns_answer *answer)
{
    struct wait *w = data;

    ck_assert(!inside);
    take(w, answer);
    running--;
    if (w->cancels != NULL) {
        tw_dns_cancel(&w->cancels->query);
        running--;
    }
    if (w->asks != NULL)
        look(w + 1, w->asks);
    if (w->closes)
        tw_dns_close(dns, on_close, &closes);
}

static void run(void)
{
    while (running > 0)
        uv_run(&loop, UV_RUN_ONCE);
}

static struct tw_dns_stats stats(void)
{
    struct tw_dns_stats s;

    tw_dns_get_stats(dns, &s);
    return s;
}

/* Looks a name up and waits for it. */
static struct wait *get(const char *name)
{
    static struct wait w;

    memset(&w, 0, sizeof(w));
    look(&w, name);
    run();
    ck_assert_int_eq(w.dones, 1);
    return &w;
}

static void answer_is(const char *name, int error, const char *addresses)
{
    struct wait *w = get(name);

    ck_assert_msg(w->error == error, "%s: %d, %s", name, w->error, w->detail);
    ck_assert_str_eq(w->addresses, addresses);
    ck_assert_int_eq(w->detail[0] != '\0', error != 0);
}

/* ---- what servers say ---- */

static const struct {
    const char *name;
    trawl_ip ip;
    enum tw_dns_ipv6 ipv6;
    int error;
    const char *addresses;
    unsigned asked; /* 0: not of interest */
} answers[] = {
    {"a66051.test", TRAWL_IP_V4, TW_DNS_IPV6_FIRST, 0, "127.1.2.3", 1},
    {"a66051.test", TRAWL_IP_ANY, TW_DNS_IPV6_LAST, 0, "127.1.2.3", 1},
    {"a66051.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, 0, "127.1.2.3", 2},
    {"a66051.test", TRAWL_IP_V6, TW_DNS_IPV6_LAST, TRAWL_ERESOLVE, "", 1},
    {"a66051.test.", TRAWL_IP_V4, TW_DNS_IPV6_LAST, 0, "127.1.2.3", 1},
    {"multi.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, 0, "127.0.0.1,127.0.0.2,127.0.0.3", 1},
    {"multi.test", TRAWL_IP_V6, TW_DNS_IPV6_LAST, 0, "::1,2001:db8::2", 1},
    {"multi.test", TRAWL_IP_ANY, TW_DNS_IPV6_LAST, 0, "127.0.0.1,127.0.0.2,127.0.0.3", 1},
    {"multi.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, 0,
     "::1,2001:db8::2,127.0.0.1,127.0.0.2,127.0.0.3", 2},
    {"v6.test", TRAWL_IP_ANY, TW_DNS_IPV6_LAST, 0, "2001:db8::6", 2},
    {"v6.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, 0, "2001:db8::6", 2},
    {"v6.test", TRAWL_IP_V4, TW_DNS_IPV6_FIRST, TRAWL_ERESOLVE, "", 1},
    {"cname.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, 0, "127.0.0.5", 1},
    {"slow50.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, 0, "127.0.0.1", 1},
    {"late6.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, 0, "127.0.0.1", 0},
    {"fail6.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, 0, "127.0.0.1", 0},
    {"truncate.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, 0, "127.0.0.9", 2},
    {"nx.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, TRAWL_ERESOLVE, "", 1},
    {"nx.test", TRAWL_IP_ANY, TW_DNS_IPV6_LAST, TRAWL_ERESOLVE, "", 1},
    {"nx.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, TRAWL_ERESOLVE, "", 2},
    {"nodata.test", TRAWL_IP_ANY, TW_DNS_IPV6_LAST, TRAWL_ERESOLVE, "", 2},
    {"servfail.test", TRAWL_IP_ANY, TW_DNS_IPV6_FIRST, TRAWL_ERESOLVE, "", 0},
    {"refused.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, TRAWL_ERESOLVE, "", 0},
    {"broken.test", TRAWL_IP_V4, TW_DNS_IPV6_LAST, TRAWL_ERESOLVE, "", 0},
};

START_TEST(what_servers_say_comes_out)
{
    char name[64];

    config.ip = answers[_i].ip;
    config.ipv6 = answers[_i].ipv6;
    begin();
    answer_is(answers[_i].name, answers[_i].error, answers[_i].addresses);
    snprintf(name, sizeof(name), "%.*s.test", (int)strcspn(answers[_i].name, "."),
             answers[_i].name);
    if (answers[_i].asked > 0)
        ck_assert_uint_eq(dnsd_count(server, name), answers[_i].asked);
}
END_TEST

START_TEST(a_truncated_answer_comes_over_tcp)
{
    begin();
    answer_is("truncate.test", 0, "127.0.0.9");
    ck_assert_uint_eq(dnsd_by_tcp(server), 1);
    ck_assert_uint_eq(dnsd_total(server), 2);
}
END_TEST

START_TEST(an_answer_is_bounded)
{
    struct wait *w;
    unsigned commas = 0;

    begin();
    w = get("many.test");
    ck_assert_int_eq(w->error, 0);
    for (const char *p = w->addresses; *p != '\0'; p++)
        commas += *p == ',';
    ck_assert_uint_eq(commas, 15);
    ck_assert_uint_ge(dnsd_by_tcp(server), 1);
}
END_TEST

static const char *const mute[] = {"silent.test", "garbage.test"};

START_TEST(a_server_that_does_not_answer_is_given_up)
{
    config.timeout_ms = 300;
    begin();
    for (int i = 0; i < 10; i++)
        look(&waits[i], mute[_i]);
    run();
    for (int i = 0; i < 10; i++) /* some versions of c-ares take garbage for an answer */
        ck_assert(waits[i].error == TRAWL_EDNSTIMEOUT ||
                  (_i == 1 && waits[i].error == TRAWL_ERESOLVE));
    ck_assert_uint_eq(stats().timeouts, waits[0].error == TRAWL_EDNSTIMEOUT ? 1 : 0);
    ck_assert_uint_ge(dnsd_count(server, mute[_i]), 2); /* it was asked again meanwhile */
    answer_is("a1.test", 0, "127.0.0.1");
}
END_TEST

START_TEST(silent_names_do_not_hold_up_the_others)
{
    static struct wait silent[2000];
    char name[64];

    begin();
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "silent%d.test", i);
        look(&silent[i], name);
    }
    running -= 2000;
    answer_is("a1.test", 0, "127.0.0.1");
    running += 2000;
    for (int i = 0; i < 2000; i++)
        ck_assert_int_eq(silent[i].dones, 0);
    tw_dns_close(dns, on_close, &closes);
    run();
}
END_TEST

START_TEST(a_port_without_a_server_is_an_error)
{
    unsigned port = dnsd_port(server);

    dnsd_stop(server);
    ck_assert_int_eq(dnsd_start(&server), 0);
    ck_assert_uint_ne(dnsd_port(server), port);
    begin();
    answer_is("a1.test", TRAWL_ERESOLVE, "");
}
END_TEST

START_TEST(the_next_server_steps_in)
{
    unsigned port = dnsd_port(server);

    dnsd_stop(server);
    ck_assert_int_eq(dnsd_start(&server), 0);
    snprintf(servers, sizeof(servers), "[::1]:%u, 127.0.0.1:%u", port, dnsd_port(server));
    begin();
    answer_is("a1.test", 0, "127.0.0.1");
}
END_TEST

START_TEST(bad_servers_are_refused)
{
    config.servers = "dns.example";
    ck_assert_int_eq(tw_dns_open(&dns, &loop, &config), TRAWL_EINVAL);
    ck_assert_ptr_null(dns);
}
END_TEST

START_TEST(the_systems_servers_are_read)
{
    config.servers = NULL;
    config.timeout_ms = 100;
    write_file(resolv_path, "nameserver 127.0.0.1\n");
    begin();
    ck_assert_int_ne(get("a1.test")->error, 0); /* nobody answers on port 53 */
    ck_assert_uint_eq(dnsd_total(server), 0);
}
END_TEST

/* ---- what is never asked ---- */

static const struct {
    const char *name;
    trawl_ip ip;
    int error;
    const char *addresses;
} unasked[] = {
    {"localhost", TRAWL_IP_ANY, 0, "127.0.0.1,::1"},
    {"LOCALHOST.", TRAWL_IP_V4, 0, "127.0.0.1"},
    {"x.localhost", TRAWL_IP_V6, 0, "::1"},
    {"x.invalid", TRAWL_IP_ANY, TRAWL_ERESOLVE, ""},
    {"x.onion", TRAWL_IP_ANY, TRAWL_ERESOLVE, ""},
    {"192.0.2.7", TRAWL_IP_ANY, 0, "192.0.2.7"},
    {"[2001:db8::7]", TRAWL_IP_ANY, 0, "2001:db8::7"},
    {"192.0.2.7", TRAWL_IP_V6, TRAWL_ERESOLVE, ""},
    {"::1", TRAWL_IP_V4, TRAWL_ERESOLVE, ""},
    {"a b.test", TRAWL_IP_ANY, TRAWL_ERESOLVE, ""},
    {"a\001.test", TRAWL_IP_ANY, TRAWL_ERESOLVE, ""},
    {"", TRAWL_IP_ANY, TRAWL_ERESOLVE, ""},
    {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.test", TRAWL_IP_ANY,
     TRAWL_ERESOLVE, ""},
    {"hosts.test", TRAWL_IP_ANY, 0, "192.0.2.1,2001:db8::1"},
    {"Hosts.test.", TRAWL_IP_V6, 0, "2001:db8::1"},
};

START_TEST(some_names_need_no_server)
{
    config.ip = unasked[_i].ip;
    write_file(hosts_path, "192.0.2.1 hosts.test\n2001:db8::1 hosts.test\n");
    begin();
    ck_assert_int_eq(look(&waits[0], unasked[_i].name), 1);
    ck_assert_int_eq(waits[0].error, unasked[_i].error);
    ck_assert_str_eq(waits[0].addresses, unasked[_i].addresses);
    ck_assert_uint_eq(stats().queries, 0);
    ck_assert_uint_eq(dnsd_total(server), 0);
}
END_TEST

/* ---- the search list ---- */

START_TEST(short_names_are_searched)
{
    write_file(resolv_path, "search none.test corp.test\n");
    begin();
    answer_is("www", 0, "127.0.9.9");
    ck_assert_uint_eq(dnsd_count(server, "www.none.test"), 1);
    ck_assert_uint_eq(dnsd_count(server, "www.corp.test"), 1);
    ck_assert_uint_eq(dnsd_count(server, "www"), 0);
    answer_is("a1.test", 0, "127.0.0.1");
    ck_assert_uint_eq(dnsd_total(server), 3);
    answer_is("www.", TRAWL_ERESOLVE, "");
    ck_assert_uint_eq(dnsd_total(server), 4);
}
END_TEST

START_TEST(both_kinds_of_address_are_of_one_name)
{
    config.ip = TRAWL_IP_ANY;
    config.ipv6 = TW_DNS_IPV6_FIRST;
    write_file(resolv_path, "search corp.test\n");
    begin();
    answer_is("v6.test", 0, "2001:db8::6");
    ck_assert_uint_eq(dnsd_count(server, "v6.test.corp.test"), 0);
}
END_TEST

START_TEST(a_failing_server_ends_the_search)
{
    write_file(resolv_path, "search corp.test\n");
    begin();
    answer_is("servfail.test", TRAWL_ERESOLVE, "");
    ck_assert_uint_eq(dnsd_count(server, "servfail.test.corp.test"), 0);
}
END_TEST

/* ---- one question, and the cache ---- */

START_TEST(a_name_is_asked_for_once_however_many_wait)
{
    begin();
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(look(&waits[i], i % 2 ? "slow20.test" : "SLOW20.Test"), 0);
    ck_assert_uint_eq(stats().waiting, 1);
    run();
    for (int i = 0; i < 50; i++)
        ck_assert_str_eq(waits[i].addresses, "127.0.0.1");
    ck_assert_uint_eq(dnsd_total(server), 1);
    ck_assert_int_eq(look(&waits[50], "slow20.test"), 1);
    ck_assert_uint_eq(stats().lookups, 51);
    ck_assert_uint_eq(stats().hits, 1);
    ck_assert_uint_eq(stats().queries, 1);
    ck_assert_uint_eq(stats().entries, 1);
}
END_TEST

static void on_sleep(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void sleep_ms(uint64_t ms)
{
    bool over = false;
    uv_timer_t timer;

    uv_timer_init(&loop, &timer);
    timer.data = &over;
    uv_timer_start(&timer, on_sleep, ms, 0);
    while (!over)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
}

START_TEST(answers_are_kept_for_their_time_and_not_longer)
{
    begin();
    answer_is("ttl0.test", 0, "127.0.0.1");
    answer_is("ttl1.test", 0, "127.0.0.1");
    answer_is("ttl4294967295.test", 0, "127.0.0.1"); /* counts as 0: RFC 2181, 8 */
    answer_is("a1.test", 0, "127.0.0.1");
    ck_assert_int_eq(look(&waits[0], "ttl0.test"), 1);
    ck_assert_int_eq(look(&waits[1], "ttl1.test"), 1);
    sleep_ms(1100);
    ck_assert_int_eq(look(&waits[0], "ttl0.test"), 0);
    ck_assert_int_eq(look(&waits[1], "ttl1.test"), 0);
    ck_assert_int_eq(look(&waits[2], "ttl4294967295.test"), 0);
    ck_assert_int_eq(look(&waits[3], "a1.test"), 1);
    run();
    ck_assert_uint_eq(dnsd_count(server, "ttl0.test"), 2);
    ck_assert_uint_eq(dnsd_count(server, "ttl1.test"), 2);
}
END_TEST

static const char *const failing[] = {"nx.test", "nodata.test", "servfail.test", "refused.test",
                                      "silent.test"};

START_TEST(failures_are_kept_for_a_while)
{
    unsigned asked;

    config.timeout_ms = 200;
    begin();
    get(failing[_i]);
    asked = dnsd_total(server);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(look(&waits[i], failing[_i]), 1);
    ck_assert_int_ne(waits[0].error, 0);
    ck_assert_uint_eq(dnsd_total(server), asked);
    ck_assert_uint_eq(stats().negative, _i < 2 ? 1 : 0);
    sleep_ms(1100);
    ck_assert_int_eq(look(&waits[0], failing[_i]), _i < 2 ? 1 : 0);
    run();
}
END_TEST

START_TEST(the_cache_is_bounded)
{
    char name[64];

    config.max_entries = 10;
    begin();
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof(name), "a%d.test", i);
        ck_assert_int_eq(get(name)->error, 0);
    }
    ck_assert_uint_eq(stats().entries, 10);
    ck_assert_int_eq(look(&waits[0], "a29.test"), 1);
    ck_assert_int_eq(look(&waits[1], "a0.test"), 0);
    run();
}
END_TEST

static int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    int n = 0;

    ck_assert_ptr_nonnull(tasks);
    while ((entry = readdir(tasks)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(tasks);
    return n;
}

START_TEST(many_names_take_one_question_each_and_no_thread)
{
    static struct wait many[MANY];
    char name[64], expected[64];
    int threads, turns = 0;

    begin();
    threads = count_threads();
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "a%d.test", i);
        look(&many[i], name);
    }
    for (; running > 0; turns++) {
        uv_run(&loop, UV_RUN_ONCE);
        if (turns % 16 == 0)
            ck_assert_int_eq(count_threads(), threads);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(expected, sizeof(expected), "127.0.%d.%d", i / 256, i % 256);
        ck_assert_int_eq(many[i].error, 0);
        ck_assert_str_eq(many[i].addresses, expected);
    }
    ck_assert_uint_eq(dnsd_names(server), MANY);
    ck_assert_uint_eq(dnsd_total(server), MANY);
    ck_assert_uint_eq(stats().queries, MANY);
    ck_assert_uint_eq(stats().entries, MANY);
    ck_assert_uint_eq(stats().waiting, 0);
}
END_TEST

/* ---- cancelling and closing ---- */

START_TEST(a_cancelled_query_hears_nothing)
{
    begin();
    tw_dns_cancel(&waits[0].query); /* waits for nothing */
    look(&waits[0], "a1.test");
    look(&waits[1], "a1.test");
    look(&waits[2], "a2.test");
    tw_dns_cancel(&waits[0].query);
    tw_dns_cancel(&waits[2].query); /* the only one, not asked for yet */
    tw_dns_cancel(&waits[2].query);
    running -= 2;
    look(&waits[3], "a3.test");
    run();
    ck_assert_int_eq(waits[0].dones, 0);
    ck_assert_int_eq(waits[1].dones, 1);
    ck_assert_int_eq(waits[2].dones, 0);
    ck_assert_int_eq(waits[3].dones, 1);
    ck_assert_uint_eq(dnsd_count(server, "a2.test"), 0);
    ck_assert_uint_eq(stats().waiting, 0);
}
END_TEST

START_TEST(an_answer_that_nobody_waits_for_any_more_is_kept)
{
    begin();
    look(&waits[0], "a1.test");
    for (int i = 0; stats().queries == 0 && i < 100; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    tw_dns_cancel(&waits[0].query);
    running--;
    while (stats().entries == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(look(&waits[1], "a1.test"), 1);
    ck_assert_int_eq(waits[0].dones, 0);
}
END_TEST

START_TEST(a_callback_may_cancel_others)
{
    begin();
    waits[0].cancels = &waits[2]; /* waits for the same name */
    waits[1].cancels = &waits[3]; /* waits for another one */
    look(&waits[0], "a1.test");
    look(&waits[1], "a1.test");
    look(&waits[2], "a1.test");
    look(&waits[3], "a2.test");
    look(&waits[4], "slow30.test");
    run();
    ck_assert_int_eq(waits[2].dones, 0);
    ck_assert_int_eq(waits[3].dones, 0);
    ck_assert_int_eq(waits[4].dones, 1);
}
END_TEST

START_TEST(a_callback_may_look_up_more)
{
    begin();
    for (int i = 0; i < 20; i++)
        waits[i].asks = i % 3 == 0 ? "a1.test" : i % 3 == 1 ? "nx.test" : "slow10.test";
    look(&waits[0], "a0.test");
    run();
    /* What is answered at once has no callback to go on from. */
    ck_assert_int_eq(waits[1].dones, 1);
    ck_assert_int_eq(waits[2].dones, 1);
    ck_assert_int_eq(waits[3].dones, 1);
}
END_TEST

START_TEST(closing_ends_what_is_outstanding)
{
    char name[64];

    begin();
    for (int i = 0; i < 60; i++) {
        snprintf(name, sizeof(name), i % 2 ? "silent%d.test" : "slow%d.test", 5000 + i);
        look(&waits[i], name);
    }
    for (int i = 0; i < _i; i++) /* before and after they have been asked for */
        uv_run(&loop, UV_RUN_NOWAIT);
    tw_dns_close(dns, on_close, &closes);
    ck_assert_int_eq(waits[0].dones, 0);
    tw_dns_close(dns, NULL, NULL);
    run();
    for (int i = 0; i < 60; i++) {
        ck_assert_int_eq(waits[i].dones, 1);
        ck_assert_int_eq(waits[i].error, TRAWL_ECANCELED);
    }
}
END_TEST

START_TEST(a_callback_may_close)
{
    struct tw_dns_answer answer;

    begin();
    waits[0].closes = waits[1].closes = true;
    look(&waits[0], _i == 0 ? "a1.test" : "truncate.test");
    look(&waits[1], _i == 0 ? "a1.test" : "truncate.test");
    look(&waits[2], "silent.test");
    run();
    ck_assert_int_eq(waits[0].error, 0);
    ck_assert_int_eq(waits[1].error, 0);
    ck_assert_int_eq(waits[2].error, TRAWL_ECANCELED);
    if (dns != NULL)
        ck_assert_int_eq(tw_dns_lookup(dns, "a1.test", &waits[3].query, on_answer, &waits[3],
                                       &answer),
                         TRAWL_ECLOSING);
}
END_TEST

START_TEST(looking_up_does_not_keep_the_loop_alive)
{
    begin();
    look(&waits[0], "silent.test");
    uv_unref((uv_handle_t *)&latest);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(waits[0].dones, 0);
    tw_dns_cancel(&waits[0].query);
    running--;
}
END_TEST

START_TEST(a_lack_of_descriptors_is_told_and_passes)
{
    struct rlimit limit, none;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    begin();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = (rlim_t)fd;
    close(fd);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    answer_is("a1.test", TRAWL_EMFILE, "");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    answer_is("a1.test", 0, "127.0.0.1");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dns");
    TCase *tcase = tcase_create("dns");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, what_servers_say_comes_out, 0,
                        (int)(sizeof(answers) / sizeof(answers[0])));
    tcase_add_test(tcase, a_truncated_answer_comes_over_tcp);
    tcase_add_test(tcase, an_answer_is_bounded);
    tcase_add_loop_test(tcase, a_server_that_does_not_answer_is_given_up, 0, 2);
    tcase_add_test(tcase, silent_names_do_not_hold_up_the_others);
    tcase_add_test(tcase, a_port_without_a_server_is_an_error);
    tcase_add_test(tcase, the_next_server_steps_in);
    tcase_add_test(tcase, bad_servers_are_refused);
    tcase_add_test(tcase, the_systems_servers_are_read);
    tcase_add_loop_test(tcase, some_names_need_no_server, 0,
                        (int)(sizeof(unasked) / sizeof(unasked[0])));
    tcase_add_test(tcase, short_names_are_searched);
    tcase_add_test(tcase, both_kinds_of_address_are_of_one_name);
    tcase_add_test(tcase, a_failing_server_ends_the_search);
    tcase_add_test(tcase, a_name_is_asked_for_once_however_many_wait);
    tcase_add_test(tcase, answers_are_kept_for_their_time_and_not_longer);
    tcase_add_loop_test(tcase, failures_are_kept_for_a_while, 0, 5);
    tcase_add_test(tcase, the_cache_is_bounded);
    tcase_add_test(tcase, many_names_take_one_question_each_and_no_thread);
    tcase_add_test(tcase, a_cancelled_query_hears_nothing);
    tcase_add_test(tcase, an_answer_that_nobody_waits_for_any_more_is_kept);
    tcase_add_test(tcase, a_callback_may_cancel_others);
    tcase_add_test(tcase, a_callback_may_look_up_more);
    tcase_add_loop_test(tcase, closing_ends_what_is_outstanding, 0, 4);
    tcase_add_loop_test(tcase, a_callback_may_close, 0, 2);
    tcase_add_test(tcase, looking_up_does_not_keep_the_loop_alive);
    tcase_add_test(tcase, a_lack_of_descriptors_is_told_and_passes);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
