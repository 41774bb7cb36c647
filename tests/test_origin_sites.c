/* The tests' web server, seen by a client that reads the bytes: sites and the access log. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "origin/origin.h"
#include "origin/raw.h"

#define PAGES 23u
#define SEEDS 40u /* enough for every robots.txt that there is */

static struct origin *origin;
static unsigned port;
static struct raw_reply r;
static char *list;
static size_t list_n;

static void start(struct origin_options options)
{
    FILE *out = open_memstream(&list, &list_n);

    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(origin_start(&origin, &options), 0);
    port = origin_port(origin);
    origin_list(origin, out);
    fclose(out);
}

static void stop(void)
{
    raw_free(&r);
    origin_stop(origin);
    origin = NULL;
    free(list);
    list = NULL;
}

static void teardown(void)
{
    if (origin) {
        stop();
    }
}

static void get(const char *target)
{
    raw_free(&r);
    raw_get(port, target, &r);
}

static bool body_has(const char *text)
{
    return memmem(r.body, r.body_n, text, strlen(text)) != NULL;
}

/* Calls f with kind and path of each line of the list. */
static void each_line(void (*f)(const char *kind, const char *path))
{
    char root[64], *copy = strdup(list), *rest = copy, *line;

    snprintf(root, sizeof root, "http://127.0.0.1:%u", port);
    while ((line = strsep(&rest, "\n")) && *line) {
        char *kind = strsep(&line, "\t"), *url = strsep(&line, "\t");
        ck_assert_msg(strncmp(url, root, strlen(root)) == 0, "%s", url);
        f(kind, url + strlen(root));
    }
    free(copy);
}

static bool is_listed(const char *kind, const char *path)
{
    char line[256];

    snprintf(line, sizeof line, "%s\thttp://127.0.0.1:%u%s\n", kind, port, path);
    return strstr(list, line) != NULL;
}

static void answers_as_listed(const char *kind, const char *path)
{
    char location[256] = "";
    const char *at;

    get(path);
    if (strcmp(kind, "page") == 0 || strcmp(kind, "sitemap") == 0 || strcmp(kind, "style") == 0) {
        ck_assert_msg(r.status == 200, "%s: %d", path, r.status);
    } else if (strcmp(kind, "missing") == 0) {
        ck_assert_msg(r.status == 404, "%s: %d", path, r.status);
    } else if (strcmp(kind, "moved") == 0) {
        ck_assert_int_eq(r.status, 301);
        at = strstr((const char *)r.all.p, "Location: ");
        ck_assert_int_eq(sscanf(at, "Location: %255s", location), 1);
        ck_assert(is_listed("page", location));
    }
}

START_TEST(what_is_listed_is_there)
{
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        start((struct origin_options){.seed = seed, .site = PAGES});
        each_line(answers_as_listed);
        ck_assert(is_listed("robots", "/robots.txt"));
        ck_assert(is_listed("page", "/"));
        stop();
    }
}
END_TEST

static void links_on(const char *kind, const char *path)
{
    unsigned number = 0;
    char next[32], second[32];
    const char *title;

    if (strcmp(kind, "page") != 0 || strcmp(path, "/orphan.html") == 0) {
        return;
    }
    get(path);
    title = strstr(r.body, "<title>Page ");
    ck_assert_int_eq(sscanf(title, "<title>Page %u", &number), 1);
    snprintf(next, sizeof next, ">page %u<", (number + 1) % PAGES);
    snprintf(second, sizeof second, ">page %u<", (number + 2) % PAGES);
    ck_assert(body_has(next) && body_has(second));
}

START_TEST(pages_link_to_their_two_successors)
{
    start((struct origin_options){.site = PAGES});
    each_line(links_on);
}
END_TEST

START_TEST(private_pages_are_listed_as_the_rules_say)
{
    unsigned kinds[5] = {0};

    for (unsigned seed = 0; seed < SEEDS; seed++) {
        bool delay, sitemaps, closed;
        start((struct origin_options){.seed = seed, .site = PAGES});
        get("/robots.txt");
        delay = body_has("Crawl-delay: 2\n");
        sitemaps = body_has("Sitemap: ");
        closed = body_has("Disallow: /priv");
        kinds[r.status == 404 ? 0 : !closed ? 1 : delay ? 2 : body_has("trawl") ? 3 : 4]++;
        ck_assert(is_listed(closed ? "denied" : "page", "/private/7.html"));
        ck_assert_int_eq(is_listed("page", "/orphan.html"), sitemaps);
        ck_assert_int_eq(strstr(list, "delay\t") != NULL, delay);
        stop();
    }
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_gt(kinds[i], 0);
    }
}
END_TEST

START_TEST(a_site_is_a_function_of_seed_and_address)
{
    struct raw_reply before;

    start((struct origin_options){.seed = 3, .site = PAGES});
    get("/part1/page-1.html");
    before = r;
    memset(&r, 0, sizeof r);
    get("/part1/page-1.html");
    ck_assert_uint_eq(r.body_n, before.body_n);
    ck_assert_mem_eq(r.body, before.body, r.body_n);
    raw_free(&before);
    get("/part1/page-999.html");
    ck_assert_int_eq(r.status, 404);
    get("/part0/page-1.html");
    ck_assert_int_eq(r.status, 404);
}
END_TEST

START_TEST(traps_are_there_when_they_are_asked_for)
{
    struct raw_reply copy;

    start((struct origin_options){.site = PAGES});
    get("/deep/");
    ck_assert_int_eq(r.status, 404);
    get("/");
    ck_assert(!body_has("/calendar/"));
    stop();
    start((struct origin_options){.site = PAGES, .traps = true});
    get("/");
    ck_assert(body_has("/calendar/2026/1") && body_has("/session?sid="));
    ck_assert(is_listed("trap", "/calendar/"));
    get("/calendar/2026/12");
    ck_assert(body_has("/calendar/2027/1\"") && body_has("/calendar/2026/11\""));
    get("/calendar/0/1");
    ck_assert(body_has("/calendar/0/2\""));
    get("/list?p0=1&p1=1");
    ck_assert(body_has("/list?p0=1&amp;p1=1&amp;p2=1\""));
    raw_get(port, "/copies/", &copy);
    get("/copies/mirror/copy/");
    ck_assert_uint_eq(copy.body_n, r.body_n);
    ck_assert_mem_eq(copy.body, r.body, r.body_n);
    raw_free(&copy);
}
END_TEST

START_TEST(pages_link_to_the_next_address_when_asked_to)
{
    char link[64];

    start((struct origin_options){.site = PAGES, .span = true});
    snprintf(link, sizeof link, "href=\"http://127.0.0.1:%u/\"", port);
    get("/");
    ck_assert(body_has(link));
    stop();
    start((struct origin_options){.hosts = 2, .site = PAGES, .span = true});
    snprintf(link, sizeof link, "href=\"http://127.0.0.2:%u/\"", port);
    get("/");
    ck_assert(body_has(link));
}
END_TEST

/* ---- the access log ---- */

struct event {
    char what[8];
    uint64_t from, to, connection, arrival;
    int status;
    char target[64];
};

static size_t read_log(const char *path, struct event *events, size_t most)
{
    FILE *in = fopen(path, "r");
    char line[256], from[24], to[24];
    size_t n = 0;

    ck_assert_ptr_nonnull(in);
    while (fgets(line, sizeof line, in)) {
        struct event *e = &events[n];
        int got;
        ck_assert_uint_lt(n++, most);
        memset(e, 0, sizeof *e);
        got = sscanf(line, "%7s %23s %23s 127.0.0.1 %" SCNu64 " %" SCNu64 " %d GET %63s", e->what,
                     from, to, &e->connection, &e->arrival, &e->status, e->target);
        ck_assert_msg(got == (strcmp(e->what, "answer") == 0 ? 7 : 4), "%s", line);
        e->from = strtoull(from, NULL, 10);
        e->to = strtoull(to, NULL, 10);
    }
    fclose(in);
    return n;
}

static void expect_event(const struct event *e, const char *what, uint64_t connection, int status,
                         const char *target)
{
    ck_assert_str_eq(e->what, what);
    ck_assert_uint_eq(e->connection, connection);
    ck_assert_int_eq(e->status, status);
    ck_assert_str_eq(e->target, target);
}

static void on_two_connections(void)
{
    int fd = raw_connect(port);

    raw_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    raw_read_one(fd, &r);
    raw_free(&r);
    raw_send(fd, "GET /part1/page-1.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    raw_finish(fd, &r);
    get("/nothing");
}

START_TEST(access_log_tells_what_came_when)
{
    char path[] = "/tmp/origin-access-XXXXXX";
    struct event e[8];

    close(mkstemp(path));
    start((struct origin_options){.site = PAGES, .access_log = path});
    on_two_connections();
    stop();
    ck_assert_uint_eq(read_log(path, e, 8), 7);
    unlink(path);
    expect_event(&e[0], "open", 1, 0, "");
    expect_event(&e[1], "answer", 1, 200, "/");
    expect_event(&e[2], "answer", 1, 200, "/part1/page-1.html");
    ck_assert_uint_le(e[0].from, e[1].from);
    ck_assert_uint_le(e[1].arrival, e[1].from);
    ck_assert_uint_le(e[1].from, e[1].to);
    ck_assert_uint_le(e[1].to, e[2].from);
    /* The server may see the first connection's end after the second one's begin. */
    for (size_t i = 3; i < 7; i++) {
        if (strcmp(e[i].what, "close") == 0) {
            ck_assert_uint_ge(e[i].to, e[2].to);
        } else if (strcmp(e[i].what, "answer") == 0) {
            expect_event(&e[i], "answer", 2, 404, "/nothing");
        }
    }
}
END_TEST

START_TEST(access_log_has_what_was_cut_off)
{
    char path[] = "/tmp/origin-access-XXXXXX";
    struct event e[4];
    int fd;

    close(mkstemp(path));
    start((struct origin_options){.access_log = path});
    fd = raw_connect(port);
    raw_send(fd, "GET /?latency=3600000 HTTP/1.1\r\nHost: a\r\n\r\n");
    while (origin_stats(origin).requests == 0) {
        usleep(1000);
    }
    stop();
    close(fd);
    ck_assert_uint_eq(read_log(path, e, 4), 3);
    unlink(path);
    expect_event(&e[1], "answer", 1, 0, "/?latency=3600000");
    expect_event(&e[2], "close", 1, 0, "");
}
END_TEST

START_TEST(access_log_that_cannot_be_written_is_an_error)
{
    struct origin_options options = {.access_log = "/nowhere/at/all"};

    ck_assert_int_eq(origin_start(&origin, &options), UV_ENOENT);
    ck_assert_ptr_null(origin);
}
END_TEST

static void add_all(TCase *t)
{
    tcase_add_test(t, what_is_listed_is_there);
    tcase_add_test(t, pages_link_to_their_two_successors);
    tcase_add_test(t, private_pages_are_listed_as_the_rules_say);
    tcase_add_test(t, a_site_is_a_function_of_seed_and_address);
    tcase_add_test(t, traps_are_there_when_they_are_asked_for);
    tcase_add_test(t, pages_link_to_the_next_address_when_asked_to);
    tcase_add_test(t, access_log_tells_what_came_when);
    tcase_add_test(t, access_log_has_what_was_cut_off);
    tcase_add_test(t, access_log_that_cannot_be_written_is_an_error);
}

int main(void)
{
    Suite *suite = suite_create("origin sites");
    TCase *t = tcase_create("sites");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    add_all(t);
    suite_add_tcase(suite, t);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
