/* A crawl in which each allocation fails in turn, and one in which all fail from there on: whatever
 * was taken up comes back once, what robots.txt disallows is not fetched, and everything ends. What
 * is linked here allocates by way of __wrap_malloc() and its like; the server has a thread of its
 * own, which is spared. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "origin/origin.h"
#include "trawl.h"

/* The seed's page leads to all the others, and one of those is disallowed. */
#define PAGES 6
static const char robots[] = "User-agent: *\nDisallow: /page/3?\nSitemap: /page/4?of=6\n";

/* ---- memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static _Thread_local struct memory {
    bool counts, lasts;
    unsigned long done, fails_at; /* from 1; 0: never */
} memory;

static bool fails(void)
{
    if (!memory.counts)
        return false;
    memory.done++;
    return memory.fails_at != 0 && (memory.lasts ? memory.done >= memory.fails_at
                                                 : memory.done == memory.fails_at);
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

static char *copy_of(const char *s, size_t len)
{
    char *copy = __wrap_malloc(len + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *__wrap_strndup(const char *s, size_t n)
{
    return copy_of(s, strnlen(s, n));
}

char *__wrap_strdup(const char *s)
{
    return copy_of(s, strlen(s));
}

/* ---- one crawl ---- */

/* check allocates too. */
#define CHECK(condition)                                                                       \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            memory.counts = false;                                                             \
            ck_abort_msg("allocation %lu: %s", memory.fails_at, #condition);                   \
        }                                                                                      \
    } while (0)

static struct walk {
    uv_loop_t loop;
    struct origin *origin;
    trawl *t;
    trawl_crawl *c;
    char seed[128];
    int seeds, idles, closed, verdicts;
    int came[PAGES]; /* results of each page */
    int pages, rejected;
    bool failed; /* with ENOMEM, in whatever */
} w;

static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    const char *at = strstr(page->result.url, "/page/");
    unsigned number = at == NULL ? PAGES : (unsigned)strtoul(at + 6, NULL, 10);

    CHECK(c == w.c);
    CHECK(data == &w);
    w.pages++;
    w.seeds += strcmp(page->result.url, w.seed) == 0;
    w.failed = w.failed || page->result.error == TRAWL_ENOMEM;
    CHECK(number < PAGES);
    CHECK(number != 3);
    if (strstr(page->result.url, "links=") != NULL)
        CHECK(++w.came[number] == (1));
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    CHECK(c == w.c);
    CHECK(data == &w);
    w.rejected++;
    w.seeds += strcmp(r->url, w.seed) == 0 && r->reason != TRAWL_REJECT_DUPLICATE;
}

static void on_idle(trawl_crawl *c, void *data)
{
    CHECK(c == w.c);
    CHECK(data == &w);
    w.idles++;
}

static void on_verdict(trawl_crawl *c, const trawl_verdict *verdict, void *data)
{
    CHECK(c == w.c);
    CHECK(data == &w);
    CHECK(!verdict->allowed || verdict->error == 0);
    CHECK(verdict->canonical != NULL);
    w.verdicts++;
}

static void on_closed(void *data)
{
    CHECK(data == &w);
    w.closed++;
}

static void ask(void)
{
    int added, asked;

    snprintf(w.seed, sizeof(w.seed), "http://127.0.0.1:%u/page/0?links=5&of=6", origin_port(w.origin));
    added = trawl_crawl_add(w.c, w.seed, SIZE_MAX, NULL);
    asked = trawl_crawl_explain(w.c, w.seed, SIZE_MAX, w.seed, on_verdict, &w);
    CHECK(added == 0 || added == TRAWL_ENOMEM);
    CHECK(asked == 0 || asked == TRAWL_ENOMEM);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    CHECK(w.idles == (added == 0 || asked == 0));
    CHECK(w.verdicts == (asked == 0));
    /* Without memory to mask it, a URL is told of to nobody. */
    CHECK(w.seeds <= (added == 0));
}

static void crawl(void)
{
    trawl_options options = TRAWL_OPTIONS_INIT;
    trawl_crawl_options limits = TRAWL_CRAWL_OPTIONS_INIT;
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    int err;

    options.retry_delay_ms = options.retry_max_ms = 1;
    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    callbacks.data = &w;
    err = trawl_open(&w.t, &w.loop, &options);
    if (err != 0) {
        CHECK(err == (TRAWL_ENOMEM));
        return;
    }
    err = trawl_crawl_open(&w.c, w.t, &limits, &callbacks, NULL, 0);
    CHECK(err == 0 || err == TRAWL_ENOMEM);
    if (err == 0)
        ask();
    trawl_close(w.t, on_closed, &w);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    CHECK(w.closed == (1));
}

/* How many allocations there were. */
static unsigned long crawl_with(unsigned long fails_at, bool lasts)
{
    struct origin *origin = w.origin;

    memset(&w, 0, sizeof(w));
    w.origin = origin;
    ck_assert_int_eq(uv_loop_init(&w.loop), 0);
    memory = (struct memory){.counts = true, .lasts = lasts, .fails_at = fails_at};
    crawl();
    memory.counts = false;
    ck_assert_int_eq(uv_loop_close(&w.loop), 0);
    return memory.done;
}

static void begin(void)
{
    struct origin_options at = {.robots = robots};

    ck_assert_int_eq(origin_start(&w.origin, &at), 0);
}

static void end(void)
{
    origin_stop(w.origin);
}

START_TEST(with_memory_everything_comes)
{
    ck_assert_uint_gt(crawl_with(0, false), 100);
    ck_assert_int_eq(w.seeds, 1);
    for (int i = 0; i < PAGES; i++)
        ck_assert_int_eq(w.came[i], i != 3);
    ck_assert(!w.failed);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
    unsigned long all = crawl_with(0, false);

    for (unsigned long i = 1; i <= all; i++)
        crawl_with(i, false);
}
END_TEST

START_TEST(all_allocations_may_fail_from_each_on)
{
    unsigned long all = crawl_with(0, false);

    for (unsigned long i = 1; i <= all; i += 3)
        crawl_with(i, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crawl_oom");
    TCase *t = tcase_create("crawl_oom");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, with_memory_everything_comes);
    tcase_add_test(t, each_allocation_may_fail);
    tcase_add_test(t, all_allocations_may_fail_from_each_on);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
