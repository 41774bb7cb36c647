/* How often and when a URL is asked for again, and where redirects lead. Waits have a lower bound
 * here, never an upper one. */
#include "fetch_catch.h"
#include "frontier/backoff.h"

/* The origin's and our clock tick in milliseconds, and cut. */
#define TICKS_MS 3

static const struct got *ask(const char *key, const char *query)
{
    char target[256];

    snprintf(target, sizeof(target), "/?%s&key=%s", query, key);
    return got_target(target);
}

static void asked(const struct got *g, const char *key, unsigned times)
{
    ck_assert_uint_eq(g->r.tries, times);
    ck_assert_uint_eq(origin_hits(net.origin, key), times);
}

START_TEST(temporary_statuses_are_retried)
{
    static const int again[] = {408, 429, 500, 502, 503, 504};
    static const int final[] = {200, 204, 301, 400, 401, 403, 404, 410, 425, 501, 505, 599};
    char query[32], key[32];

    for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
        snprintf(key, sizeof(key), "again%d", again[i]);
        snprintf(query, sizeof(query), "status=%d", again[i]);
        got_is(ask(key, query), 0, again[i]);
        asked(net.all[net.count - 1], key, 3);
    }
    for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++) {
        snprintf(key, sizeof(key), "final%d", final[i]);
        snprintf(query, sizeof(query), "status=%d", final[i]);
        got_is(ask(key, query), 0, final[i]);
        asked(net.all[net.count - 1], key, 1);
    }
}
END_TEST

START_TEST(as_often_as_it_takes)
{
    static const char *const ways[] = {"with=503", "with=429", "with=reset", "with=close"};
    char query[64], key[32];

    net.options.tries = 4;
    for (unsigned fails = 0; fails < 5; fails++) {
        for (size_t i = 0; i < 4; i++) {
            const struct got *g;

            snprintf(key, sizeof(key), "k%u%zu", fails, i);
            snprintf(query, sizeof(query), "fail=%u&%s&size=100", fails, ways[i]);
            g = ask(key, query);
            asked(g, key, fails < 4 ? fails + 1 : 4);
            if (fails < 4)
                got_is(g, 0, 200);
            else if (i == 0)
                got_is(g, 0, 503);
            else if (i == 3)
                got_is(g, TRAWL_EEMPTY, 0);
        }
    }
}
END_TEST

START_TEST(one_try_is_no_retry)
{
    net.options.tries = 1;
    got_is(ask("one", "fail=1"), 0, 503);
    asked(net.all[0], "one", 1);
    got_is(ask("two", "noreply=1"), TRAWL_EEMPTY, 0);
    asked(net.all[1], "two", 1);
}
END_TEST

/* A failure of a redirect's target is retried there, and counts with those before. */
START_TEST(tries_span_redirects)
{
    char target[256];
    const struct got *g;

    snprintf(target, sizeof(target), "/?to=http://127.0.0.2:%u/?fail%%3D2%%26key%%3Dspan&key=hop",
             net.port);
    g = got_target(target);
    got_is(g, 0, 200);
    ck_assert_uint_eq(origin_hits(net.origin, "span"), 3);
    ck_assert_uint_eq(g->r.tries, 3);
    ck_assert_uint_eq(g->r.redirects, 1);
}
END_TEST

static uint64_t waited_ms(const struct got *g)
{
    return g->r.timing.total_us / 1000 + TICKS_MS;
}

START_TEST(retries_wait)
{
    const struct got *g;

    net.options.retry_delay_ms = 40;
    net.options.retry_max_ms = 60;
    g = ask("wait", "fail=2");
    got_is(g, 0, 200);
    ck_assert_uint_ge(waited_ms(g), 20 + 30); /* half of 40, half of 60 */
}
END_TEST

START_TEST(retry_after_in_seconds_is_waited_for)
{
    const struct got *g = ask("seconds", "fail=1&retry-after=1");

    got_is(g, 0, 200);
    asked(g, "seconds", 2);
    ck_assert_uint_ge(waited_ms(g), 1000);
}
END_TEST

/* A date has whole seconds: two ahead is at least one. */
START_TEST(retry_after_as_a_date_is_waited_for)
{
    const struct got *g = ask("date", "fail=1&with=429&retry-after=date+2");

    got_is(g, 0, 200);
    asked(g, "date", 2);
    ck_assert_uint_ge(waited_ms(g), 1000);
}
END_TEST

START_TEST(retry_after_that_is_too_long_ends_it)
{
    static const char *const after[] = {"2", "99999999999999999999", "date+3600"};
    char query[64];

    net.options.retry_after_max_ms = 1000;
    for (size_t i = 0; i < 3; i++) {
        snprintf(query, sizeof(query), "fail=1&size=77&retry-after=%s", after[i]);
        got_is(ask(after[i], query), 0, 503);
        ck_assert_uint_eq(net.all[i]->r.tries, 1);
        ck_assert_uint_eq(net.all[i]->streamed.len, 77); /* it is the result */
    }
}
END_TEST

START_TEST(retry_after_that_says_nothing_is_ignored)
{
    static const char *const after[] = {"0", "-5", "soon", "1.5", "date+0"};
    char query[64], key[16];

    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
        snprintf(key, sizeof(key), "ignored%zu", i);
        snprintf(query, sizeof(query), "fail=1&retry-after=%s", after[i]);
        got_is(ask(key, query), 0, 200);
        asked(net.all[i], key, 2);
    }
}
END_TEST

/* What waits takes no one's place: with one slot, the others go first. */
START_TEST(others_go_on_while_one_waits)
{
    struct got *waiting, *other;

    net.options.concurrency = 1;
    net.options.retry_delay_ms = 300;
    net.options.retry_max_ms = 300;
    waiting = got_add(net_url(0, "/?fail=1&key=slow"), SIZE_MAX, NULL);
    other = got_add(net_url(0, "/?size=10"), SIZE_MAX, NULL);
    while (other->calls == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    ck_assert_int_eq(waiting->calls, 0);
    net_run();
    got_is(waiting, 0, 200);
}
END_TEST

START_TEST(backoff_doubles_up_to_its_limit)
{
    static const struct {
        uint64_t base, max;
        unsigned retry;
        uint64_t most;
    } rows[] = {{1000, 10000, 1, 1000},    {1000, 10000, 2, 2000},   {1000, 10000, 4, 8000},
                {1000, 10000, 5, 10000},   {1000, 10000, 99, 10000}, {1000, 10000, UINT32_MAX, 10000},
                {0, 10000, 3, 0},          {5000, 1000, 1, 1000},    {1, 1, 1, 1},
                {INT32_MAX, INT32_MAX, 40, INT32_MAX}, {UINT64_MAX, UINT64_MAX, 2, UINT64_MAX},
                {3, UINT64_MAX, 70, UINT64_MAX}};
    uint64_t rng = 9;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int n = 0; n < 1000; n++) {
            uint64_t ms = tw_backoff_ms(rows[i].base, rows[i].max, rows[i].retry, &rng);

            ck_assert_uint_le(ms, rows[i].most);
            ck_assert_uint_ge(ms, rows[i].most / 2);
        }
    }
}
END_TEST

START_TEST(backoff_has_jitter_that_its_seed_decides)
{
    uint64_t a = 1, b = 1, c = 2;
    unsigned same = 0, kinds[4] = {0};

    for (int n = 0; n < 1000; n++) {
        uint64_t ms = tw_backoff_ms(1000, 10000, 1, &a);

        ck_assert_uint_eq(ms, tw_backoff_ms(1000, 10000, 1, &b));
        same += ms == tw_backoff_ms(1000, 10000, 1, &c);
        kinds[ms == 1000 ? 3 : (ms - 500) / 126]++;
    }
    ck_assert_uint_lt(same, 20);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_gt(kinds[i], 180); /* of 250 expected in each quarter */
}
END_TEST

/* Nobody reads their bodies. */
START_TEST(what_is_passed_over_may_be_broken)
{
    static const char *const broken[] = {"encoding=gzip&cut=1", "encoding=gzip&flip=8", "says=what"};
    char query[96], key[32];

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        snprintf(query, sizeof(query), "status=302&to=%%2F%%3Fbody=there&%s", broken[i]);
        got_is(ask("on-the-way", query), 0, 200);
        snprintf(query, sizeof(query), "status=503&%s", broken[i]);
        snprintf(key, sizeof(key), "again%zu", i);
        got_is(ask(key, query), TRAWL_EENCODING, 503);
        asked(net.all[net.count - 1], key, 3);
    }
}
END_TEST

START_TEST(redirects_are_limited)
{
    for (unsigned max = 0; max < 3; max++) {
        const struct got *g;

        net.options.max_redirects = max;
        g = got_target("/?n=1");
        got_is(g, 0, max == 0 ? 302 : 200);
        ck_assert_uint_eq(g->r.redirects, max == 0 ? 0 : 1);
        ck_assert_uint_eq(g->streamed.len, 1000);
        g = got_target("/?n=2");
        got_is(g, max == 1 ? TRAWL_EREDIRECTS : 0, max < 2 ? 302 : 200);
        ck_assert_uint_eq(g->r.redirects, max);
        net_close();
    }
}
END_TEST

START_TEST(every_redirect_status_is_followed)
{
    static const int codes[] = {301, 302, 303, 307, 308};
    static const int others[] = {300, 304, 305, 306, 200, 404};
    char target[64];

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        snprintf(target, sizeof(target), "/?n=2&code=%d", codes[i]);
        got_is(got_target(target), 0, 200);
        ck_assert_uint_eq(net.all[net.count - 1]->r.redirects, 2);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(target, sizeof(target), "/?n=2&code=%d", others[i]);
        got_is(got_target(target), 0, others[i]);
    }
}
END_TEST

START_TEST(redirects_are_resolved_against_their_page)
{
    static const char *const rows[][2] = {
        {"/b?size=5", "/b?size=5"}, {"b", "/a/b"},         {"../c%23frag", "/c"},
        {"?size=7", "/a/x?size=7"}, {"/%2565", "/%65"},    {".//d", "/a//d"},
        {"%20/e%20", "/e"},         {"/f%25zz", "/f%zz"}};
    char target[128];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct got *g;

        snprintf(target, sizeof(target), "/a/x?to=%s", rows[i][0]);
        g = got_target(target);
        got_is(g, 0, 200);
        ck_assert_str_eq(g->final_url.data, net_url(0, rows[i][1]));
    }
}
END_TEST

/* a on 127.0.0.1 redirects to b on 127.0.0.2, and b, if back, to a again; the last one is /echo. */
static const struct got *go(const char *credentials, bool cross, bool back)
{
    char url[512];
    unsigned port = net.port;

    if (back)
        snprintf(url, sizeof(url),
                 "http://%s127.0.0.1:%u/?to=http://127.0.0.2:%u/?to%%3Dhttp://127.0.0.1:%u/echo",
                 credentials, port, port, port);
    else
        snprintf(url, sizeof(url), "http://%s127.0.0.1:%u/?to=http://127.0.0.%d:%u/echo",
                 credentials, port, cross ? 2 : 1, port);
    return got_url(url);
}

static void check_secrets(const struct got *g, bool sent)
{
    got_is(g, 0, 200);
    ck_assert(got_has(&g->body, "GET /echo HTTP/1.1\r\n"));
    ck_assert(got_has(&g->body, "X-Plain: yes\r\n"));
    ck_assert_int_eq(got_has(&g->body, "Authorization: s3cret\r\n"), sent);
    ck_assert_int_eq(got_has(&g->body, "Cookie: a=s3cret\r\n"), sent);
    ck_assert_int_eq(got_has(&g->body, "s3cret"), sent);
}

START_TEST(secret_headers_stay_with_the_first_origin)
{
    static const char *const headers[] = {"Authorization: s3cret", "Cookie: a=s3cret",
                                          "X-Plain: yes", NULL};

    net.options.headers = headers;
    check_secrets(go("", false, false), true);
    check_secrets(go("", true, false), false);
    check_secrets(go("", true, true), true);
    check_secrets(go("", true, false), false);
}
END_TEST

/* "user:password" in base64. */
#define BASIC "Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n"

START_TEST(credentials_of_the_url_stay_with_their_origin)
{
    ck_assert(got_has(&go("user:password@", false, false)->body, BASIC));
    ck_assert(!got_has(&go("user:password@", true, false)->body, "Authorization"));
    ck_assert(got_has(&go("user:password@", true, true)->body, BASIC));
    ck_assert(!got_has(&go("", true, true)->body, "Authorization"));
}
END_TEST

START_TEST(another_port_is_another_origin)
{
    struct origin_options at = {.listen = "127.0.0.1"};
    struct origin *other;
    char target[128];

    ck_assert_int_eq(origin_start(&other, &at), 0);
    snprintf(target, sizeof(target), "http://user:password@127.0.0.1:%u/?to=http://127.0.0.1:%u/echo",
             net.port, origin_port(other));
    ck_assert(!got_has(&got_url(target)->body, "Authorization"));
    net_close();
    origin_stop(other);
}
END_TEST

/* A Location's own credentials are for where it leads. */
START_TEST(credentials_of_a_location_are_used_there)
{
    char target[128];
    const struct got *g;

    snprintf(target, sizeof(target), "/?to=http://user:password@127.0.0.2:%u/echo", net.port);
    g = got_target(target);
    ck_assert(got_has(&g->body, BASIC));
    ck_assert(!got_has(&g->final_url, "password"));
}
END_TEST

START_TEST(fragments_are_not_sent)
{
    const struct got *g = got_target("/echo?key=f#fragment");

    ck_assert(got_has(&g->body, "GET /echo?key=f HTTP/1.1\r\n"));
    ck_assert(!got_has(&g->body, "fragment"));
    ck_assert(!got_has(&g->final_url, "#"));
}
END_TEST

/* The limit holds for what is on its way by redirects too: on 127.0.0.2 one at a time. */
START_TEST(host_limits_hold_for_redirects)
{
    struct origin_options at = {.listen = "127.0.0.2"};
    struct origin *second;
    char target[128];

    ck_assert_int_eq(origin_start(&second, &at), 0);
    net.options.per_host = 1;
    net.options.no_reuse = true;
    for (unsigned i = 0; i < 12; i++) {
        snprintf(target, sizeof(target), "http://127.0.0.%u:%u/?to=http://127.0.0.2:%u/?latency%%3D3",
                 i % 2 == 0 ? 1 : 3, net.port, origin_port(second));
        got_add(target, SIZE_MAX, NULL);
        snprintf(target, sizeof(target), "http://127.0.0.2:%u/?latency=3", origin_port(second));
        got_add(target, SIZE_MAX, NULL);
    }
    net_run();
    for (size_t i = 0; i < net.count; i++)
        got_is(net.all[i], 0, 200);
    ck_assert_uint_eq(origin_stats(second).requests, 24);
    ck_assert_uint_le(origin_stats(second).max_open, 2); /* one may be on its way out */
    net_close();
    origin_stop(second);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        temporary_statuses_are_retried,
        as_often_as_it_takes,
        one_try_is_no_retry,
        tries_span_redirects,
        retries_wait,
        retry_after_in_seconds_is_waited_for,
        retry_after_as_a_date_is_waited_for,
        retry_after_that_is_too_long_ends_it,
        retry_after_that_says_nothing_is_ignored,
        others_go_on_while_one_waits,
        backoff_doubles_up_to_its_limit,
        backoff_has_jitter_that_its_seed_decides,
        what_is_passed_over_may_be_broken,
        redirects_are_limited,
        every_redirect_status_is_followed,
        redirects_are_resolved_against_their_page,
        secret_headers_stay_with_the_first_origin,
        credentials_of_the_url_stay_with_their_origin,
        another_port_is_another_origin,
        credentials_of_a_location_are_used_there,
        fragments_are_not_sent,
        host_limits_hold_for_redirects,
    };

    return net_main("retries", tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
