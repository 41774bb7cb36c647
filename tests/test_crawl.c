/* The public API of crawls: what comes back, once each, and what may be done inside callbacks. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "origin/origin.h"
#include "trawl.h"

static const char robots[] = "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /page/7?\n";

enum place { IN_PAGE, IN_REJECTED, IN_IDLE, IN_LOG, IN_VERDICT, PLACES };

static struct walk {
    uv_loop_t loop;
    struct origin *origin;
    unsigned port;
    trawl_options options;
    trawl_crawl_options crawl;
    trawl *t;
    trawl_crawl *c;
    uv_timer_t timer;
    int pages, rejected, idles, closed, crawl_closed, canceled, fetched, verdicts;
    int by_reason[TRAWL_REJECT_COUNT];
    int statuses[600];
    unsigned depth_max, line;
    uint64_t index_max;
    char rule[128], url[256], from[256];
    /* what a test does at the first chance in a place */
    enum place act_in;
    void (*act)(void);
} w;

static void act_in(enum place place)
{
    void (*act)(void) = place == w.act_in ? w.act : NULL;

    if (act == NULL)
        return;
    w.act = NULL;
    act();
}

static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    ck_assert_int_eq(w.crawl_closed, 0);
    ck_assert_uint_eq(page->index, (uint64_t)w.pages);
    w.pages++;
    w.canceled += page->result.error == TRAWL_ECANCELED;
    w.statuses[page->result.status]++;
    if (page->depth > w.depth_max)
        w.depth_max = page->depth;
    snprintf(w.url, sizeof(w.url), "%s", page->result.url);
    snprintf(w.from, sizeof(w.from), "%s", page->from == NULL ? "" : page->from);
    act_in(IN_PAGE);
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    ck_assert_int_eq(w.crawl_closed, 0);
    w.rejected++;
    w.by_reason[r->reason]++;
    w.line = r->line;
    snprintf(w.rule, sizeof(w.rule), "%s", r->rule);
    act_in(IN_REJECTED);
}

static void on_log(void *data, int level, const char *message)
{
    ck_assert_ptr_eq(data, &w);
    ck_assert_int_le(level, 2);
    ck_assert_ptr_nonnull(message);
    act_in(IN_LOG);
}

static void on_any_verdict(trawl_crawl *c, const trawl_verdict *verdict, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    ck_assert_ptr_nonnull(verdict->canonical);
    w.verdicts++;
    act_in(IN_VERDICT);
}

static void on_closed(void *data)
{
    w.closed++;
    ck_assert_ptr_eq(data, &w);
}

static void on_crawl_closed(void *data)
{
    ck_assert_ptr_eq(data, &w);
    w.crawl_closed++;
}

static void on_idle(trawl_crawl *c, void *data)
{
    trawl_crawl_stats stats;

    ck_assert_ptr_eq(data, &w);
    trawl_crawl_get_stats(c, &stats);
    ck_assert_uint_eq(stats.queued, 0);
    ck_assert_uint_eq(stats.in_flight, 0);
    ck_assert_uint_eq(stats.pages, (uint64_t)w.pages);
    w.idles++;
    act_in(IN_IDLE);
}

static void begin(void)
{
    struct origin_options at = {.seed = 5, .hosts = 3, .robots = robots};

    memset(&w, 0, sizeof(w));
    ck_assert_int_eq(origin_start(&w.origin, &at), 0);
    w.port = origin_port(w.origin);
    ck_assert_int_eq(uv_loop_init(&w.loop), 0);
    w.options = (trawl_options)TRAWL_OPTIONS_INIT;
    w.options.retry_delay_ms = w.options.retry_max_ms = 1;
    w.options.per_host = 1;
    w.crawl = (trawl_crawl_options)TRAWL_CRAWL_OPTIONS_INIT;
}

static void open_crawl(void)
{
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    char text[256] = "";

    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    callbacks.data = &w;
    if (w.t == NULL)
        ck_assert_int_eq(trawl_open(&w.t, &w.loop, &w.options), 0);
    ck_assert_msg(trawl_crawl_open(&w.c, w.t, &w.crawl, &callbacks, text, sizeof(text)) == 0,
                  "%s", text);
}

static void seed_at(unsigned host, const char *target)
{
    char url[256];

    snprintf(url, sizeof(url), "http://127.0.0.%u:%u%s", host + 1, w.port, target);
    ck_assert_int_eq(trawl_crawl_add(w.c, url, SIZE_MAX, NULL), 0);
}

/* Runs until nothing is left to do; nobody has been called before. */
static void run(void)
{
    ck_assert_int_eq(w.pages + w.rejected + w.idles, 0);
    uv_run(&w.loop, UV_RUN_DEFAULT);
}

static void end(void)
{
    if (w.t != NULL && w.closed == 0)
        trawl_close(w.t, on_closed, &w);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&w.loop), 0);
    origin_stop(w.origin);
}

/* ---- what comes back ---- */

START_TEST(every_page_comes_once)
{
    open_crawl();
    seed_at(0, "/page/0?links=3&of=50");
    run();
    /* all but the one that robots.txt disallows */
    ck_assert_int_eq(w.pages, 49);
    ck_assert_int_eq(w.statuses[200], 49);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 1);
    ck_assert_uint_eq(w.line, 5);
    ck_assert_str_eq(w.rule, "Disallow: /page/7?");
    ck_assert_int_eq(w.rejected, 1);
    ck_assert_int_eq(w.idles, 1);
    ck_assert_uint_gt(w.depth_max, 1);
    ck_assert_uint_eq(origin_stats(w.origin).requests, 50); /* and robots.txt */
}
END_TEST

START_TEST(robots_can_be_ignored)
{
    w.crawl.ignore_robots = true;
    open_crawl();
    seed_at(0, "/page/0?links=3&of=50");
    run();
    ck_assert_int_eq(w.pages, 50);
    ck_assert_uint_eq(origin_stats(w.origin).requests, 50);
}
END_TEST

START_TEST(robots_can_be_given)
{
    w.crawl.robots_text = "User-agent: trawl\nDisallow: /\nAllow: /page/0?\n";
    open_crawl();
    seed_at(0, "/page/0?links=3&of=50");
    run();
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_gt(w.by_reason[TRAWL_REJECT_ROBOTS], 1);
    ck_assert_uint_eq(origin_stats(w.origin).requests, 1);
}
END_TEST

START_TEST(hosts_out_of_scope_are_told)
{
    open_crawl();
    seed_at(0, "/page/0?links=3&of=50");
    seed_at(1, "/page/0?links=3&of=20");
    run();
    ck_assert_int_eq(w.pages, 49 + 19);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 2);
}
END_TEST

START_TEST(level_bounds_depth)
{
    w.crawl.level = 2;
    open_crawl();
    seed_at(0, "/page/0?links=1&of=50");
    run();
    ck_assert_int_eq(w.pages, 3);
    ck_assert_uint_eq(w.depth_max, 2);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_SCOPE_LEVEL], 1);
}
END_TEST

START_TEST(pages_have_an_end)
{
    w.crawl.max_pages = 10;
    open_crawl();
    seed_at(0, "/page/0?links=4&of=500");
    run();
    ck_assert_int_eq(w.pages, 10);
    ck_assert_int_gt(w.by_reason[TRAWL_REJECT_LIMIT_PAGES], 0);
    ck_assert_int_eq(w.idles, 1);
}
END_TEST

START_TEST(pages_of_a_host_have_an_end)
{
    w.crawl.max_pages_per_host = 10;
    open_crawl();
    seed_at(0, "/page/100?links=4&of=500");
    seed_at(1, "/page/100?links=4&of=500");
    run();
    ck_assert_int_eq(w.pages, 20);
    ck_assert_int_gt(w.by_reason[TRAWL_REJECT_LIMIT_HOST], 0);
}
END_TEST

START_TEST(bytes_have_an_end)
{
    w.crawl.quota = 5000;
    open_crawl();
    seed_at(0, "/page/100?links=4&of=500&size=2000");
    run();
    ck_assert_int_eq(w.pages, 3);
    ck_assert_int_gt(w.by_reason[TRAWL_REJECT_LIMIT_QUOTA], 0);
}
END_TEST

START_TEST(time_has_an_end)
{
    w.crawl.max_time_ms = 150;
    w.options.wait_ms = 60000;
    open_crawl();
    seed_at(0, "/page/100?links=4&of=500");
    run(); /* waits no minute */
    ck_assert_int_le(w.pages, 1);
    ck_assert_int_gt(w.by_reason[TRAWL_REJECT_LIMIT_TIME], 0);
    ck_assert_int_eq(w.idles, 1);
}
END_TEST

START_TEST(a_redirect_is_a_page_and_its_target_a_link)
{
    open_crawl();
    seed_at(0, "/page/100?n=2");
    run();
    ck_assert_int_eq(w.pages, 3);
    ck_assert_int_eq(w.statuses[302], 2);
    ck_assert_int_eq(w.statuses[200], 1);
    ck_assert_uint_eq(w.depth_max, 0);
    ck_assert(strstr(w.from, "/page/100?n=1") != NULL);
}
END_TEST

START_TEST(redirects_out_of_scope_are_not_followed)
{
    char target[128];

    open_crawl();
    snprintf(target, sizeof(target), "/?to=http://127.0.0.2:%u/", w.port);
    seed_at(0, target);
    seed_at(0, "/?loop=1");
    seed_at(0, "/?to=ftp://127.0.0.1/");
    run();
    ck_assert_int_eq(w.pages, 3);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_SCOPE_HOST], 1);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_SCHEME], 1);
    ck_assert_int_eq(w.rejected, 2); /* the loop is a duplicate, of which nobody tells */
}
END_TEST

START_TEST(redirects_have_an_end)
{
    w.options.max_redirects = 3;
    open_crawl();
    seed_at(0, "/?n=10");
    run();
    ck_assert_int_eq(w.pages, 4);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_TRAP_REDIRECTS], 1);
}
END_TEST

START_TEST(a_seed_given_twice_comes_back_twice)
{
    open_crawl();
    seed_at(0, "/");
    seed_at(0, "/#fragment");
    run();
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_DUPLICATE], 1);
}
END_TEST

START_TEST(what_is_no_url_is_no_seed)
{
    const char *reason = NULL;

    open_crawl();
    ck_assert_int_eq(trawl_crawl_add(w.c, "http://", SIZE_MAX, &reason), TRAWL_EURL);
    ck_assert_ptr_nonnull(reason);
    ck_assert_int_eq(trawl_crawl_add(w.c, "ftp://a/", SIZE_MAX, NULL), TRAWL_ESCHEME);
    run();
    ck_assert_int_eq(w.idles, 0);
}
END_TEST

START_TEST(only_some_media_types_are_results)
{
    static const char *const types[] = {"image/*", NULL};

    w.crawl.mime_types = types;
    open_crawl();
    seed_at(0, "/page/100?links=2&of=5"); /* read for its links */
    seed_at(0, "/?type=image/png&body=x");
    seed_at(0, "/?type=video/mp4&size=100000");
    run();
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_ge(w.by_reason[TRAWL_REJECT_MIME_TYPE], 6);
}
END_TEST

START_TEST(failures_are_results)
{
    w.options.tries = 2;
    open_crawl();
    seed_at(0, "/?reset=0");
    seed_at(0, "/?status=404");
    run();
    ck_assert_int_eq(w.pages, 2);
    ck_assert_int_eq(w.statuses[404], 1);
    ck_assert_int_eq(w.statuses[0], 1);
}
END_TEST

START_TEST(rules_that_cannot_be_read_are_told)
{
    static const char *const bad[] = {"fine", "a(b", NULL};
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    char text[200] = "";

    ck_assert_int_eq(trawl_open(&w.t, &w.loop, &w.options), 0);
    w.crawl.exclude = bad;
    ck_assert_int_eq(trawl_crawl_open(&w.c, w.t, &w.crawl, &callbacks, text, sizeof(text)),
                     TRAWL_EINVAL);
    callbacks.on_page = on_page;
    ck_assert_int_eq(trawl_crawl_open(&w.c, w.t, &w.crawl, &callbacks, text, sizeof(text)),
                     TRAWL_EINVAL);
    ck_assert_msg(strstr(text, "a(b") != NULL && strstr(text, "3") != NULL, "%s", text);
}
END_TEST

/* ---- inside callbacks ---- */

static void stop_crawl(void)
{
    int before = w.rejected;

    trawl_crawl_stop(w.c);
    ck_assert_int_eq(w.rejected, before); /* not before this has returned */
    ck_assert_int_eq(trawl_crawl_add(w.c, "http://127.0.0.1/", SIZE_MAX, NULL), TRAWL_ECLOSING);
}

static void close_crawl(void)
{
    stop_crawl();
    trawl_crawl_close(w.c, on_crawl_closed, &w);
    trawl_crawl_close(w.c, NULL, NULL);
}

static void stop_trawl(void)
{
    trawl_stop(w.t);
    ck_assert_int_eq(trawl_crawl_add(w.c, "http://127.0.0.1/", SIZE_MAX, NULL), TRAWL_ECLOSING);
}

static void close_trawl(void)
{
    trawl_close(w.t, on_closed, &w);
}

static void close_both(void)
{
    close_crawl();
    close_trawl();
}

static void add_more(void)
{
    seed_at(2, "/page/100?links=2&of=10");
}

static void explain_more(void)
{
    ck_assert_int_eq(trawl_crawl_explain(w.c, "http://127.0.0.3/", SIZE_MAX, NULL, on_any_verdict,
                                         &w), 0);
}

static void on_fetched(trawl *t, const trawl_result *result)
{
    ck_assert_ptr_eq(t, w.t);
    ck_assert_int_eq(result->error, 0);
    w.fetched++;
}

static void fetch_more(void)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", w.port);
    request.url = url;
    request.on_done = on_fetched;
    ck_assert_int_eq(trawl_fetch(w.t, &request, NULL), 0);
}

static int cancel_one(void *data, const trawl_outstanding *fetch)
{
    (void)data;
    ck_assert_int_eq(trawl_cancel(w.t, fetch->id),
                     fetch->purpose == TRAWL_PURPOSE_ROBOTS ? TRAWL_EINVAL : 0);
    return 0;
}

static void cancel_all(void)
{
    trawl_each(w.t, cancel_one, NULL);
}

static void go_on(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    trawl_crawl_pause(w.c, false);
}

static void pause_crawl(void)
{
    trawl_crawl_pause(w.c, true);
    uv_timer_init(&w.loop, &w.timer);
    uv_timer_start(&w.timer, go_on, 5, 0);
}

static void (*const actions[])(void) = {
    stop_crawl, close_crawl,  stop_trawl, close_trawl, close_both,
    add_more,   explain_more, fetch_more, cancel_all,  pause_crawl,
};
#define ACTIONS ((int)(sizeof(actions) / sizeof(actions[0])))

static void check_action(void (*action)(void))
{
    ck_assert_int_eq(w.crawl_closed, action == close_crawl || action == close_both);
    ck_assert_int_eq(w.closed, action == close_trawl || action == close_both);
    ck_assert_int_eq(w.fetched, action == fetch_more);
    ck_assert_int_eq(w.verdicts, 1 + (action == explain_more));
    if (action == add_more)
        ck_assert_int_eq(w.pages, 299 * 2 + 10);
    else if (action == explain_more || action == fetch_more || action == pause_crawl)
        ck_assert_int_eq(w.pages, 299 * 2);
    else if (action != cancel_all && w.act_in != IN_IDLE)
        ck_assert_int_lt(w.pages, 500);
}

START_TEST(every_action_in_every_place)
{
    w.act_in = (enum place)(_i / ACTIONS);
    w.act = actions[_i % ACTIONS];
    w.options.log = on_log;
    w.options.log_data = &w;
    w.options.log_level = 2;
    open_crawl();
    ck_assert_int_eq(trawl_crawl_explain(w.c, "http://127.0.0.3/", SIZE_MAX, NULL, on_any_verdict,
                                         &w), 0);
    seed_at(0, "/page/0?links=4&of=300");
    seed_at(1, "/page/0?links=4&of=300&size=2000&latency=1");
    run();
    ck_assert_ptr_null(w.act);
    check_action(actions[_i % ACTIONS]);
}
END_TEST

START_TEST(close_gives_back_all_that_is_left)
{
    open_crawl();
    seed_at(0, "/page/100?latency=5000");
    seed_at(1, "/page/100?latency=5000");
    for (int i = 0; i < 50; i++)
        uv_run(&w.loop, UV_RUN_NOWAIT);
    trawl_close(w.t, on_closed, &w);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.closed, 1);
    ck_assert_int_eq(w.pages + w.rejected, 2);
    ck_assert_int_eq(w.canceled + w.by_reason[TRAWL_REJECT_STOPPED], 2);
}
END_TEST

START_TEST(two_crawls_share_a_trawl)
{
    trawl_crawl *first;

    open_crawl();
    seed_at(0, "/page/0?links=3&of=20");
    first = w.c;
    run();
    ck_assert_int_eq(w.pages, 19);
    trawl_crawl_close(first, on_crawl_closed, &w);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.crawl_closed, 1);
    w.pages = w.rejected = w.idles = w.crawl_closed = 0;
    open_crawl();
    seed_at(0, "/page/0?links=3&of=20");
    run();
    ck_assert_int_eq(w.pages, 19);
}
END_TEST

/* ---- verdicts ---- */

static struct verdict {
    int calls;
    trawl_verdict v;
    char canonical[128], robots_rule[64], scope_rule[64];
} got;

static void on_verdict(trawl_crawl *c, const trawl_verdict *verdict, void *data)
{
    ck_assert_ptr_eq(c, w.c);
    ck_assert_ptr_eq(data, &w);
    got.calls++;
    got.v = *verdict;
    snprintf(got.canonical, sizeof(got.canonical), "%s", verdict->canonical);
    snprintf(got.robots_rule, sizeof(got.robots_rule), "%s", verdict->robots_rule);
    snprintf(got.scope_rule, sizeof(got.scope_rule), "%s", verdict->scope_rule);
}

static void explain(const char *url, const char *base)
{
    memset(&got, 0, sizeof(got));
    ck_assert_int_eq(trawl_crawl_explain(w.c, url, SIZE_MAX, base, on_verdict, &w), 0);
    ck_assert_int_eq(got.calls, 0);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(got.calls, 1);
}

START_TEST(verdicts_name_the_rules)
{
    char base[64];

    open_crawl();
    seed_at(0, "/page/7?seed");
    uv_run(&w.loop, UV_RUN_DEFAULT);
    snprintf(base, sizeof(base), "http://127.0.0.1:%u/a/", w.port);
    explain("../page/7?x#y", base);
    ck_assert_int_eq(got.v.error, 0);
    ck_assert(got.v.in_scope && !got.v.allowed);
    ck_assert_uint_eq(got.v.robots_line, 5);
    ck_assert_str_eq(got.robots_rule, "Disallow: /page/7?");
    ck_assert(strstr(got.canonical, "/page/7?x") != NULL && strchr(got.canonical, '#') == NULL);
    explain("http://127.0.0.2/", base);
    ck_assert(!got.v.in_scope);
    ck_assert_int_eq(got.v.reason, TRAWL_REJECT_SCOPE_HOST);
    explain("ftp://127.0.0.2/", NULL);
    ck_assert_int_eq(got.v.error, TRAWL_ESCHEME);
    ck_assert_int_eq(trawl_crawl_explain(w.c, "/", 1, "http://", on_verdict, &w), TRAWL_EURL);
}
END_TEST

/* ---- links of a document ---- */

static char listed[512];

static int on_link(void *data, const trawl_link *link)
{
    size_t len = strlen(listed);

    snprintf(listed + len, sizeof(listed) - len, "%s %s %s%s\n", link->url, link->tag,
             link->attribute, link->is_requisite ? " *" : "");
    return data == NULL ? 0 : 7;
}

static int list(const char *document, const char *type, void *data)
{
    trawl_links_options options = TRAWL_LINKS_OPTIONS_INIT;

    listed[0] = '\0';
    options.base = "http://a/b/";
    options.type = type;
    options.on_link = on_link;
    options.data = data;
    return trawl_links(&options, document, strlen(document));
}

START_TEST(documents_of_all_kinds_have_links)
{
    ck_assert_int_eq(list("<a href=c>x</a><img src='/d#e'><a href=c>", NULL, NULL), 0);
    ck_assert_str_eq(listed, "http://a/b/c a href\nhttp://a/d img src *\nhttp://a/b/c a href\n");
    ck_assert_int_eq(list("@import 'x.css'; a { background: url(y.png) }", "text/css", NULL), 0);
    ck_assert_str_eq(listed, "http://a/b/x.css  @import *\nhttp://a/b/y.png  url() *\n");
    ck_assert_int_eq(list("<urlset><url><loc>http://c/</loc></url></urlset>", NULL, NULL), 0);
    ck_assert_str_eq(listed, "http://c/ urlset \n");
    ck_assert_int_eq(list("http://c/\nhttp://d/\n", "text/plain", NULL), 0);
    ck_assert_str_eq(listed, "http://c/ text \nhttp://d/ text \n");
    ck_assert_int_eq(list("<a href=c><a href=d>", NULL, &w), 7);
    ck_assert_str_eq(listed, "http://a/b/c a href\n");
    ck_assert_int_eq(list("<urlset><url>", "text/xml", NULL), TRAWL_EENCODING);
    ck_assert_int_eq(list("", "image/png", NULL), TRAWL_EINVAL);
}
END_TEST

START_TEST(reasons_have_names)
{
    for (int i = 0; i < TRAWL_REJECT_COUNT; i++)
        ck_assert_str_ne(trawl_reject_name((trawl_reject)i), "unknown");
    ck_assert_str_eq(trawl_reject_name(TRAWL_REJECT_COUNT), "unknown");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crawl");
    TCase *t = tcase_create("crawl");
    SRunner *runner;
    int failed;
    const TTest *const tests[] = {
        every_page_comes_once, robots_can_be_ignored, robots_can_be_given,
        hosts_out_of_scope_are_told, level_bounds_depth, pages_have_an_end,
        pages_of_a_host_have_an_end, bytes_have_an_end, time_has_an_end,
        a_redirect_is_a_page_and_its_target_a_link, redirects_out_of_scope_are_not_followed,
        redirects_have_an_end, a_seed_given_twice_comes_back_twice, what_is_no_url_is_no_seed,
        only_some_media_types_are_results, failures_are_results,
        rules_that_cannot_be_read_are_told, close_gives_back_all_that_is_left,
        two_crawls_share_a_trawl, verdicts_name_the_rules, documents_of_all_kinds_have_links,
        reasons_have_names,
    };

    tcase_add_checked_fixture(t, begin, end);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, every_action_in_every_place, 0, PLACES * ACTIONS);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
