/* Crawls of servers that answer just so, which the test web server cannot: headers, robots.txt files
 * that change, and answers that break off. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "crawl/reader.h"
#include "trawl.h"

#define REQUEST_MAX 40000
#define HEAD_MAX 512

/* What a target is answered. Of several for one target each is given once, the last one for ever. */
struct answer {
    const char *target;
    int status;
    const char *headers; /* whole lines; NULL: none */
    const char *body;    /* NULL: none */
    size_t len;          /* 0: the body ends with NUL */
    size_t missing;      /* bytes that are announced and do not come */
};

struct peer {
    uv_tcp_t tcp;
    char request[REQUEST_MAX];
    size_t len;
    char head[HEAD_MAX];
    uv_write_t write;
    struct peer *next;
};

static struct web {
    uv_loop_t loop;
    uv_tcp_t listener;
    struct peer *peers;
    unsigned port;
    const struct answer *answers; /* ends with a NULL target */
    unsigned asked[32];           /* how often each was given */
    unsigned requests;
    char base[64];
    trawl_options options;
    trawl_crawl_options crawl;
    trawl *t;
    trawl_crawl *c;
    int pages, rejected, idles, closed, fetched;
    int by_reason[TRAWL_REJECT_COUNT];
    int statuses[600], errors;
    char targets[1024];           /* of pages that came, a line each */
    char froms[1024];
    void (*at_page)(const trawl_page *page);
    void (*at_rejected)(const trawl_rejected *rejected);
} w;

/* ---- the server ---- */

static const struct answer *find_answer(const char *target)
{
    const struct answer *found = NULL;

    for (size_t i = 0; w.answers[i].target != NULL; i++) {
        if (strcmp(w.answers[i].target, target) != 0)
            continue;
        found = &w.answers[i];
        if (w.asked[i] == 0)
            break;
    }
    return found;
}

static unsigned asked_for(const char *target)
{
    unsigned n = 0;

    for (size_t i = 0; w.answers[i].target != NULL; i++)
        n += strcmp(w.answers[i].target, target) == 0 ? w.asked[i] : 0;
    return n;
}

static void on_written(uv_write_t *write, int status)
{
    struct peer *p = write->data;

    (void)status;
    if (!uv_is_closing((uv_handle_t *)&p->tcp))
        uv_close((uv_handle_t *)&p->tcp, NULL);
}

static void answer(struct peer *p, const char *target)
{
    static const struct answer none = {.target = "", .status = 404, .body = ""};
    const struct answer *a = find_answer(target);
    uv_buf_t bufs[4];
    size_t len;

    w.requests++;
    if (a == NULL)
        a = &none;
    else
        w.asked[a - w.answers]++;
    len = a->body == NULL ? 0 : a->len == 0 ? strlen(a->body) : a->len;
    snprintf(p->head, sizeof(p->head),
             "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %zu\r\n", a->status,
             len + a->missing);
    bufs[0] = uv_buf_init(p->head, (unsigned)strlen(p->head));
    bufs[1] = uv_buf_init((char *)a->headers, a->headers == NULL ? 0 : (unsigned)strlen(a->headers));
    bufs[2] = uv_buf_init((char *)"\r\n", 2);
    bufs[3] = uv_buf_init((char *)a->body, (unsigned)len);
    p->write.data = p;
    ck_assert_int_eq(uv_write(&p->write, (uv_stream_t *)&p->tcp, bufs, 4, on_written), 0);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct peer *p = handle->data;

    (void)size;
    *buf = uv_buf_init(p->request + p->len, (unsigned)(REQUEST_MAX - 1 - p->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct peer *p = stream->data;
    char target[32768];

    (void)buf;
    if (n <= 0) {
        if (n < 0 && !uv_is_closing((uv_handle_t *)stream))
            uv_close((uv_handle_t *)stream, NULL);
        return;
    }
    p->len += (size_t)n;
    p->request[p->len] = '\0';
    if (strstr(p->request, "\r\n\r\n") == NULL)
        return;
    uv_read_stop(stream);
    ck_assert_int_eq(sscanf(p->request, "GET %32767s ", target), 1);
    answer(p, target);
}

/* Connections alone do not keep the loop running: the trawl's work does. */
static void on_connection(uv_stream_t *listener, int status)
{
    struct peer *p = calloc(1, sizeof(*p));

    ck_assert_int_eq(status, 0);
    ck_assert_ptr_nonnull(p);
    uv_tcp_init(&w.loop, &p->tcp);
    p->tcp.data = p;
    p->next = w.peers;
    w.peers = p;
    ck_assert_int_eq(uv_accept(listener, (uv_stream_t *)&p->tcp), 0);
    uv_unref((uv_handle_t *)&p->tcp);
    uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
}

static void listen_somewhere(void)
{
    struct sockaddr_in at;
    struct sockaddr_storage bound;
    int size = sizeof(bound);

    uv_ip4_addr("127.0.0.1", 0, &at);
    uv_tcp_init(&w.loop, &w.listener);
    ck_assert_int_eq(uv_tcp_bind(&w.listener, (struct sockaddr *)&at, 0), 0);
    ck_assert_int_eq(uv_listen((uv_stream_t *)&w.listener, 128, on_connection), 0);
    uv_unref((uv_handle_t *)&w.listener);
    uv_tcp_getsockname(&w.listener, (struct sockaddr *)&bound, &size);
    w.port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
    snprintf(w.base, sizeof(w.base), "http://127.0.0.1:%u", w.port);
}

/* ---- the crawl ---- */

static void note(char *list, size_t size, const char *url)
{
    size_t len = strlen(list), skip = strlen(w.base);

    snprintf(list + len, size - len, "%s\n", strncmp(url, w.base, skip) == 0 ? url + skip : url);
}

static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_eq(data, &w);
    w.pages++;
    w.statuses[page->result.status]++;
    w.errors += page->result.error != 0;
    note(w.targets, sizeof(w.targets), page->result.url);
    note(w.froms, sizeof(w.froms), page->from == NULL ? "-" : page->from);
    if (w.at_page != NULL)
        w.at_page(page);
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_eq(data, &w);
    w.rejected++;
    w.by_reason[r->reason]++;
    if (w.at_rejected != NULL)
        w.at_rejected(r);
}

static void on_idle(trawl_crawl *c, void *data)
{
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_eq(data, &w);
    w.idles++;
}

static void on_closed(void *data)
{
    ck_assert_ptr_eq(data, &w);
    w.closed++;
}

static void begin(void)
{
    memset(&w, 0, sizeof(w));
    ck_assert_int_eq(uv_loop_init(&w.loop), 0);
    listen_somewhere();
    w.options = (trawl_options)TRAWL_OPTIONS_INIT;
    w.options.retry_delay_ms = w.options.retry_max_ms = 1;
    w.options.per_host = 1;
    w.crawl = (trawl_crawl_options)TRAWL_CRAWL_OPTIONS_INIT;
}

static void open_crawl(const struct answer *answers)
{
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;

    w.answers = answers;
    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    callbacks.data = &w;
    if (w.t == NULL)
        ck_assert_int_eq(trawl_open(&w.t, &w.loop, &w.options), 0);
    ck_assert_int_eq(trawl_crawl_open(&w.c, w.t, &w.crawl, &callbacks, NULL, 0), 0);
}

static void seed(const char *target)
{
    char url[33000];

    snprintf(url, sizeof(url), "%s%s", w.base, target);
    ck_assert_int_eq(trawl_crawl_add(w.c, url, SIZE_MAX, NULL), 0);
}

static void run(void)
{
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.idles, 1);
}

static void crawl(const struct answer *answers, const char *target)
{
    open_crawl(answers);
    seed(target);
    run();
}

static void end(void)
{
    struct peer *p;

    if (w.t != NULL)
        trawl_close(w.t, on_closed, &w);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.closed, w.t != NULL);
    uv_close((uv_handle_t *)&w.listener, NULL);
    for (p = w.peers; p != NULL; p = p->next)
        if (!uv_is_closing((uv_handle_t *)&p->tcp))
            uv_close((uv_handle_t *)&p->tcp, NULL);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&w.loop), 0);
    while ((p = w.peers) != NULL) {
        w.peers = p->next;
        free(p);
    }
}

#define HTML "Content-Type: text/html\r\n"
#define TEXT "Content-Type: text/plain\r\n"
#define END {.target = NULL}

/* ---- robots.txt ---- */

START_TEST(robots_is_read_whatever_bodies_are_limited_to)
{
    static const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, "# a line that is longer than the limit\nUser-agent: *\nDisallow: /\n"},
        {"/", 200, HTML, "x"},
        END,
    };

    w.options.max_body = 10;
    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 0);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 1);
}
END_TEST

START_TEST(robots_of_a_try_that_broke_off_counts_for_nothing)
{
    static const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, "User-agent: *\nDisallow: /\n", 0, 100},
        {"/robots.txt", 200, TEXT, NULL},
        {"/", 200, HTML, "x"},
        END,
    };

    crawl(answers, "/");
    ck_assert_uint_eq(asked_for("/robots.txt"), 2);
    ck_assert_int_eq(w.pages, 1);
}
END_TEST

/* ROBOTS_TEXT_MAX of src/crawl/site.c */
#define ROBOTS_LIMIT ((size_t)1000 * 1024)

START_TEST(robots_that_is_not_there_allows_whatever_its_body_is)
{
    static char large[ROBOTS_LIMIT + 100];
    const struct answer all[] = {
        {"/robots.txt", 404, TEXT, "User-agent: *\nDisallow: /\n", 0, 100},
        {"/robots.txt", 404, TEXT "Content-Encoding: gzip\r\n", "this is no gzip", 0, 0},
        {"/robots.txt", 410, TEXT, large, sizeof(large), 0},
    };
    struct answer answers[] = {all[_i], {"/", 200, HTML, "x", 0, 0}, END};

    memset(large, '#', sizeof(large));
    crawl(answers, "/");
    ck_assert_uint_eq(asked_for("/robots.txt"), 1);
    ck_assert_int_eq(w.pages, 1);
}
END_TEST

START_TEST(robots_that_breaks_off_forbids_all)
{
    const struct answer all[] = {
        {"/robots.txt", 200, TEXT, "User-agent: *\nAllow: /\n", 0, 100},
        {"/robots.txt", 200, TEXT "Content-Encoding: gzip\r\n", "this is no gzip", 0, 0},
    };
    struct answer answers[] = {all[_i], {"/", 200, HTML, "x", 0, 0}, END};

    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 0);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS_UNREACHABLE], 1);
}
END_TEST

/* The limit cuts "Disallow: /b" out of a rule for what lies below it, and "Allow: /a" likewise. */
START_TEST(robots_is_read_up_to_its_limit_and_no_line_is_cut)
{
    static const char begin[] = "User-agent: *\nDisallow: /a\n#";
    static const char *const ends[] = {"\nDisallow: /b", "\nAllow: /a"};
    static char text[ROBOTS_LIMIT + 1000];
    size_t len = strlen(ends[_i]);
    const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, text, sizeof(text), 0},
        {"/", 200, HTML, "<a href=/a>a</a><a href=/b>b</a>", 0, 0},
        {"/b", 200, HTML, "x", 0, 0},
        END,
    };

    memset(text, 'x', sizeof(text));
    memcpy(text, begin, strlen(begin));
    memcpy(text + ROBOTS_LIMIT - len, ends[_i], len);
    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 2);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 1);
}
END_TEST

START_TEST(robots_may_be_kept_for_ever)
{
    static const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, "User-agent: *\nDisallow: /b\n"},
        {"/", 200, HTML, "<a href=/a>a</a><a href=/b>b</a>"},
        {"/a", 200, HTML, "x"},
        END,
    };

    w.crawl.robots_max_age_ms = UINT64_MAX;
    w.crawl.max_time_ms = UINT64_MAX;
    crawl(answers, "/");
    ck_assert_uint_eq(asked_for("/robots.txt"), 1);
    ck_assert_int_eq(w.pages, 2);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 1);
}
END_TEST

START_TEST(robots_that_is_old_at_once_is_obeyed_all_the_same)
{
    static const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, "User-agent: *\nDisallow: /b\n"},
        {"/", 200, HTML, "<a href=/a>a</a><a href=/b>b</a>"},
        {"/a", 200, HTML, "x"},
        END,
    };

    w.crawl.robots_max_age_ms = 1;
    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 2);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 1);
}
END_TEST

/* What robots.txt disallows is found first, while robots.txt is not there. */
START_TEST(a_host_has_as_many_pages_as_it_may)
{
    static const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, "User-agent: *\nDisallow: /no\n"},
        {"/0", 200, HTML, "<a href=/no4>n</a><a href=/1>1</a><a href=/2>2</a><a href=/3>3</a>"},
        {"/1", 200, HTML, "<a href=/4>4</a>"},
        {"/2", 200, HTML, "<a href=/5>5</a>"},
        {"/3", 200, HTML, "<a href=/6>6</a>"},
        END,
    };

    w.crawl.max_pages_per_host = 3;
    open_crawl(answers);
    seed("/no1");
    seed("/no2");
    seed("/no3");
    seed("/0");
    run();
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS], 4);
    ck_assert_int_eq(w.pages, 3);
    ck_assert_int_eq(w.statuses[200], 3);
    ck_assert_str_eq(w.targets, "/0\n/1\n/2\n");
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_LIMIT_HOST], 3); /* /3, /4, /5 */
}
END_TEST

/* Not one after the other, each when its host's pace lets it start. */
START_TEST(what_a_full_host_has_queued_waits_for_nothing)
{
    static const struct answer answers[] = {{"/a", 200, HTML, NULL}, END};
    static const char *const seeds[] = {"/a", "/b", "/c", "/d", "/e", "/f"};

    w.crawl.ignore_robots = true;
    w.crawl.max_pages_per_host = 1;
    w.options.wait_ms = 3600000;
    open_crawl(answers);
    for (int i = 0; i < 6; i++)
        seed(seeds[i]);
    run();
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_LIMIT_HOST], 5);
}
END_TEST

static void count_done(trawl *t, const trawl_result *result)
{
    ck_assert_ptr_eq(t, w.t);
    ck_assert_ptr_eq(result->data, &w);
    w.fetched++;
}

START_TEST(what_crawls_have_queued_leaves_the_queue_to_fetches)
{
    static const struct answer answers[] = {{"/a", 200, HTML, NULL}, END};
    static const char *const seeds[] = {"/a", "/b", "/c", "/d", "/e", "/f"};
    trawl_request request = TRAWL_REQUEST_INIT;
    trawl_stats stats = {0};

    w.crawl.ignore_robots = true;
    w.options.max_queue = 2;
    open_crawl(answers);
    for (int i = 0; i < 6; i++)
        seed(seeds[i]);
    for (; stats.queued < 5; trawl_get_stats(w.t, &stats))
        ck_assert_int_ne(uv_run(&w.loop, UV_RUN_NOWAIT), 0);
    request.url = w.base;
    request.on_done = count_done;
    request.data = &w;
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(trawl_fetch(w.t, &request, NULL), i < 2 ? 0 : TRAWL_EQUEUE);
    run();
    ck_assert_int_eq(w.pages, 6);
    ck_assert_int_eq(w.fetched, 2);
    ck_assert_int_eq(trawl_fetch(w.t, &request, NULL), 0); /* in flight at once */
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(trawl_fetch(w.t, &request, NULL), i < 2 ? 0 : TRAWL_EQUEUE);
}
END_TEST

START_TEST(a_host_of_two_crawls_keeps_the_slower_pace)
{
    static const struct answer answers[] = {{"/", 200, HTML, NULL}, END};
    static const char *const seeds[] = {"/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"};

    w.crawl.robots_text = "User-agent: *\nCrawl-delay: 0.3\n";
    crawl(answers, "/");
    w.crawl.robots_text = NULL;
    w.crawl.ignore_robots = true;
    w.crawl.max_time_ms = 700;
    open_crawl(answers);
    for (int i = 0; i < 10; i++)
        seed(seeds[i]);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.idles, 2);
    ck_assert_int_le(w.pages, 1 + 2); /* and in a turn that comes late, fewer */
    ck_assert_int_ge(w.by_reason[TRAWL_REJECT_LIMIT_TIME], 8);
}
END_TEST

/* The one page it may have waits for its next try. */
START_TEST(a_crawl_with_enough_pages_can_be_stopped)
{
    static const struct answer answers[] = {
        {"/a", 503, NULL, NULL},
        {"/b", 200, HTML, NULL},
        END,
    };

    w.crawl.ignore_robots = true;
    w.crawl.max_pages = 1;
    w.options.retry_delay_ms = w.options.retry_max_ms = 600000;
    open_crawl(answers);
    seed("/a");
    seed("/b");
    while (w.by_reason[TRAWL_REJECT_LIMIT_PAGES] == 0 && uv_run(&w.loop, UV_RUN_ONCE) != 0)
        ;
    ck_assert_int_eq(w.pages, 0);
    trawl_crawl_stop(w.c);
    run();
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_eq(w.errors, 1);
}
END_TEST

/* ---- what is told ---- */

static bool leaked;

static void look_for_secret(void *data, int level, const char *message)
{
    (void)data;
    (void)level;
    leaked = leaked || strstr(message, "secret") != NULL;
}

static void look_in_page(const trawl_page *page)
{
    leaked = leaked || strstr(page->result.url, "secret") != NULL ||
             strstr(page->result.final_url, "secret") != NULL ||
             (page->from != NULL && strstr(page->from, "secret") != NULL);
}

static void look_in_rejected(const trawl_rejected *r)
{
    leaked = leaked || strstr(r->url, "secret") != NULL || strstr(r->rule, "secret") != NULL ||
             (r->from != NULL && strstr(r->from, "secret") != NULL);
}

static void on_verdict(trawl_crawl *c, const trawl_verdict *verdict, void *data)
{
    (void)c;
    ck_assert_ptr_eq(data, &w);
    ck_assert_int_eq(verdict->error, 0);
    ck_assert(strstr(verdict->canonical, "***") != NULL);
    leaked = leaked || strstr(verdict->canonical, "secret") != NULL;
}

START_TEST(credentials_are_told_to_nobody)
{
    static const struct answer answers[] = {
        {"/a", 200, HTML, "<a href=b>b</a><a href=http://x:secret@other/>o</a><a href=c>c</a>"
                          "<a href='ftp://me:secret@other/'>f</a>"},
        {"/b", 302, "Location: http://x:secret@elsewhere/\r\n", NULL},
        {"/c", 302, "Location: /a\r\n", NULL},
        END,
    };
    char url[128];

    w.options.log = look_for_secret;
    w.options.log_level = 2;
    w.at_page = look_in_page;
    w.at_rejected = look_in_rejected;
    leaked = false;
    open_crawl(answers);
    snprintf(url, sizeof(url), "http://me:secret@127.0.0.1:%u/a", w.port);
    ck_assert_int_eq(trawl_crawl_add(w.c, url, SIZE_MAX, NULL), 0);
    ck_assert_int_eq(trawl_crawl_explain(w.c, url, SIZE_MAX, NULL, on_verdict, &w), 0);
    run();
    ck_assert_int_eq(w.pages, 3);
    ck_assert_int_eq(w.rejected, 3);
    ck_assert(!leaked);
}
END_TEST

static void check_data(const trawl_page *page)
{
    ck_assert_ptr_eq(page->result.data, &w);
}

static int check_outstanding(void *data, const trawl_outstanding *fetch)
{
    ck_assert_ptr_eq(fetch->data, &w);
    *(int *)data += 1;
    return 0;
}

START_TEST(data_is_that_of_the_callbacks)
{
    static const struct answer answers[] = {{"/", 200, HTML, "x"}, END};
    int seen = 0;

    w.at_page = check_data;
    open_crawl(answers);
    seed("/");
    for (int i = 0; i < 1000 && w.pages == 0; i++) {
        uv_run(&w.loop, UV_RUN_NOWAIT);
        trawl_each(w.t, check_outstanding, &seen);
    }
    run();
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_gt(seen, 0);
}
END_TEST

/* How often each purpose was met with, and what cancelling came to. */
struct cancelled {
    int seen[TRAWL_PURPOSE_ROBOTS + 1], refused;
};

static int cancel_outstanding(void *data, const trawl_outstanding *fetch)
{
    struct cancelled *c = data;
    int err = trawl_cancel(w.t, fetch->id);
    bool is_robots = strstr(fetch->url, "/robots.txt") != NULL;

    c->seen[fetch->purpose]++;
    c->refused += err != 0;
    ck_assert_int_eq(fetch->purpose == TRAWL_PURPOSE_ROBOTS, is_robots);
    ck_assert_int_eq(err, is_robots ? TRAWL_EINVAL : 0);
    return 0;
}

START_TEST(who_cancels_all_there_is_does_not_make_a_host_unreachable)
{
    static const struct answer answers[] = {{"/", 200, HTML, "x"}, END};
    struct cancelled c = {0};

    open_crawl(answers);
    seed("/");
    while (c.seen[TRAWL_PURPOSE_PAGE] == 0 && uv_run(&w.loop, UV_RUN_NOWAIT) != 0)
        trawl_each(w.t, cancel_outstanding, &c);
    run();
    ck_assert_int_gt(c.seen[TRAWL_PURPOSE_ROBOTS], 0);
    ck_assert_int_eq(c.refused, c.seen[TRAWL_PURPOSE_ROBOTS]);
    ck_assert_int_eq(w.by_reason[TRAWL_REJECT_ROBOTS_UNREACHABLE], 0);
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_eq(w.errors, 1); /* the page itself was cancelled */
    seed("/another");
    uv_run(&w.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(w.statuses[404], 1);
}
END_TEST

static void check_body(const trawl_page *page)
{
    ck_assert_uint_eq(page->result.body_len, 3);
    ck_assert_str_eq(page->result.body, "<a ");
    ck_assert_uint_eq(page->links, 1);
}

START_TEST(what_is_kept_of_a_body_ends_with_nul)
{
    static const struct answer answers[] = {{"/", 200, HTML, "<a href=/>a</a>"}, END};

    w.options.keep_body = 3;
    w.at_page = check_body;
    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 1);
}
END_TEST

/* ---- what is followed ---- */

START_TEST(error_pages_are_results_whatever_their_media_type)
{
    static const char *const types[] = {"image/*", NULL};
    static const struct answer answers[] = {
        {"/a", 404, "Content-Type: application/json\r\n", "{}"},
        {"/b", 404, HTML, "x"},
        END,
    };

    w.crawl.mime_types = types;
    open_crawl(answers);
    seed("/a");
    seed("/b");
    run();
    ck_assert_int_eq(w.pages, 2);
    ck_assert_int_eq(w.rejected, 0);
}
END_TEST

START_TEST(links_of_error_pages_are_not_followed)
{
    static const struct answer answers[] = {
        {"/", 404, HTML "Link: </a>; rel=next\r\n", "<a href=/b>b</a>"},
        END,
    };

    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 1);
    ck_assert_int_eq(w.rejected, 0);
}
END_TEST

/* Other hosts, at the same address. */
START_TEST(requisites_are_followed_wherever_they_are_redirected)
{
    static struct answer answers[] = {
        {"/", 200, HTML, NULL},
        {"/b", 302, NULL, NULL},
        {"/c", 302, NULL, NULL},
        {"/d", 200, "Content-Type: image/png\r\n", "x"},
        END,
    };
    char page[128], location[2][128], resolve[2][64];
    const char *resolved[] = {resolve[0], resolve[1], NULL};

    snprintf(page, sizeof(page), "<img src=http://one.test:%u/b>", w.port);
    snprintf(location[0], 128, "Location: http://two.test:%u/c\r\n", w.port);
    snprintf(location[1], 128, "Location: http://one.test:%u/d\r\n", w.port);
    snprintf(resolve[0], 64, "one.test:%u:127.0.0.1", w.port);
    snprintf(resolve[1], 64, "two.test:%u:127.0.0.1", w.port);
    answers[0].body = page;
    answers[1].headers = location[0];
    answers[2].headers = location[1];
    w.options.resolve = resolved;
    w.crawl.page_requisites = true;
    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 4);
    ck_assert_int_eq(w.rejected, 0);
}
END_TEST

START_TEST(a_page_with_too_many_links_is_counted_once)
{
    static const struct answer answers[] = {
        {"/", 200, HTML "Link: </a>; rel=next\r\nLink: </b>; rel=next\r\nLink: </c>; rel=next\r\n",
         "<a href=/d>d</a>"},
        END,
    };
    trawl_crawl_stats stats;

    w.crawl.max_links = 1;
    crawl(answers, "/");
    trawl_crawl_get_stats(w.c, &stats);
    ck_assert_uint_eq(stats.rejected[TRAWL_REJECT_LIMIT_LINKS], 1);
    ck_assert_int_eq(w.pages, 2);
}
END_TEST

/* ---- large documents ---- */

static bool on_read_link(void *user, const struct tw_read_link *link)
{
    *(size_t *)user += link->url != NULL;
    return true;
}

/* In how many slices it is read. */
static size_t slices_at(const struct tw_url *url, enum tw_mime_kind kind, const char *bytes,
                        size_t len, size_t *links)
{
    struct tw_reader_options options = {
        .kind = kind, .url = url, .on_link = on_read_link, .user = links};
    struct tw_reader *reader;
    size_t slices = 1;
    int more;

    *links = 0;
    ck_assert_int_eq(tw_reader_open(&reader, &options, bytes, len), 0);
    while ((more = tw_reader_step(reader, 65536)) == 1)
        slices++;
    ck_assert_int_eq(more, 0);
    tw_reader_close(reader);
    return slices;
}

static size_t slices_of(enum tw_mime_kind kind, const char *bytes, size_t len, size_t *links)
{
    return slices_at(NULL, kind, bytes, len, links);
}

enum { LARGE = 16 << 20, PACKED = LARGE / 100 };

/* Blanks in a comment, but for a link in the middle. */
static char *large(const char *begin_of, const char *link, const char *end_of)
{
    char *plain = malloc(LARGE);

    ck_assert_ptr_nonnull(plain);
    memset(plain, ' ', LARGE);
    memcpy(plain, begin_of, strlen(begin_of));
    memcpy(plain + LARGE / 2, link, strlen(link));
    memcpy(plain + LARGE - strlen(end_of), end_of, strlen(end_of));
    return plain;
}

START_TEST(a_sitemap_that_is_large_unpacked_is_read_in_slices)
{
    char *plain = large("<urlset><!--", "--><url><loc>http://a/</loc></url><!--", "--></urlset>");
    char *packed = malloc(PACKED);
    z_stream z = {.next_in = (Bytef *)plain, .avail_in = LARGE, .next_out = (Bytef *)packed,
                  .avail_out = PACKED};
    size_t links;

    ck_assert_ptr_nonnull(packed);
    for (size_t i = 65536; i < LARGE - 65536; i += 65536) /* none of the comments is too long */
        if (i != LARGE / 2)
            memcpy(plain + i, "--><!--", 7);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_lt(z.total_out, 65536);
    ck_assert_uint_gt(slices_of(TW_MIME_XML, packed, z.total_out, &links), 10);
    ck_assert_uint_eq(links, 1);
    deflateEnd(&z);
    free(plain);
    free(packed);
}
END_TEST

START_TEST(a_large_style_sheet_is_read_in_slices)
{
    char *plain = large("a { ", " b: url(http://a/); ", "}");
    size_t links;

    ck_assert_uint_gt(slices_of(TW_MIME_CSS, plain, LARGE, &links), 100);
    ck_assert_uint_eq(links, 1);
    free(plain);
}
END_TEST

/* Each link becomes as long as the document's own URL. */
static void expect_links_to_count(enum tw_mime_kind kind, const char *begin_of, const char *unit,
                                  const char *end_of)
{
    enum { LINKS = 1000, URL_BYTES = 20000 };
    size_t room = strlen(begin_of) + LINKS * strlen(unit) + strlen(end_of) + 1, links, len;
    char address[URL_BYTES] = "http://a/", *plain = malloc(room);
    struct tw_url url;

    ck_assert_ptr_nonnull(plain);
    memset(address + 9, 'x', URL_BYTES - 10);
    ck_assert_int_eq(tw_url_parse(&url, address, URL_BYTES - 1, NULL, NULL), 0);
    len = (size_t)snprintf(plain, room, "%s", begin_of);
    for (size_t i = 0; i < LINKS; i++)
        len += (size_t)snprintf(plain + len, room - len, "%s", unit);
    len += (size_t)snprintf(plain + len, room - len, "%s", end_of);
    ck_assert_uint_ge(slices_at(&url, kind, plain, len, &links), len / 4096);
    ck_assert_uint_eq(links, LINKS);
    tw_url_free(&url);
    free(plain);
}

START_TEST(urls_that_become_long_count)
{
    expect_links_to_count(TW_MIME_XML, "<urlset>", "<url><loc>?a</loc></url>", "</urlset>");
    expect_links_to_count(TW_MIME_CSS, "", "url(?aaaaaaaaaaaaaaaaaa)", "");
}
END_TEST

/* ---- large headers ---- */

/* Crawls a page with this in its header so many times; how many links were found. */
static uint64_t found_in_header(int status, const char *begin_of, const char *unit, size_t units,
                                size_t fields)
{
    size_t room = fields * (strlen(begin_of) + units * strlen(unit) + 2) + 1, len = 0;
    char *headers = malloc(room);
    struct answer answers[] = {{"/", status, headers, "<a href=#>"}, END};
    trawl_crawl_stats stats = {0};

    ck_assert_ptr_nonnull(headers);
    for (size_t f = 0; f < fields; f++) {
        len += (size_t)snprintf(headers + len, room - len, "%s", begin_of);
        for (size_t i = 0; i < units; i++)
            len += (size_t)snprintf(headers + len, room - len, "%s", unit);
        len += (size_t)snprintf(headers + len, room - len, "\r\n");
    }
    w.crawl.max_links = 0;
    w.crawl.ignore_robots = true;
    crawl(answers, "/");
    trawl_crawl_get_stats(w.c, &stats);
    free(headers);
    return stats.found;
}

/* They are read in slices, and none is left out between them: those, the seed, and one of the body. */
START_TEST(a_header_of_many_links_is_read_to_its_end)
{
    ck_assert_uint_eq(found_in_header(200, "Link: ", "<#>,", 20000, 3), 60000 + 2);
}
END_TEST

START_TEST(a_header_of_many_locations_is_read_to_its_end)
{
    ck_assert_uint_eq(found_in_header(301, "Location:x", "", 0, 4000), 4000 + 1);
}
END_TEST

/* Every link becomes as long as the page's own URL, and counts so in whatever field it comes: they
 * take more slices than twelve turns have, and by their own bytes no more than eleven. */
static void expect_slices_of_fields(int status, const char *field)
{
    enum { FIELDS = 20000 };
    char *headers = malloc(FIELDS * strlen(field) + 1), target[30000];
    struct answer answers[] = {{target, status, headers, ""}, END};
    trawl_crawl_stats stats = {0};
    uint64_t found = 0;
    size_t turns = 0;

    ck_assert_ptr_nonnull(headers);
    for (size_t i = 0; i < FIELDS; i++)
        memcpy(headers + i * strlen(field), field, strlen(field) + 1);
    memset(target, 'x', sizeof(target) - 1);
    target[0] = '/';
    target[sizeof(target) - 1] = '\0';
    w.crawl.max_links = w.crawl.max_url = 0;
    w.crawl.ignore_robots = true;
    open_crawl(answers);
    seed(target);
    while (w.idles == 0 && uv_run(&w.loop, UV_RUN_ONCE) != 0) {
        trawl_crawl_get_stats(w.c, &stats);
        turns += stats.found != found;
        found = stats.found;
    }
    ck_assert_uint_eq(found, FIELDS + 1);
    ck_assert_uint_gt(turns, 12);
    free(headers);
}

START_TEST(links_of_many_fields_are_read_in_slices)
{
    expect_slices_of_fields(200, "Link: <#>\r\n");
}
END_TEST

START_TEST(locations_of_many_fields_are_read_in_slices)
{
    expect_slices_of_fields(301, "Location:?\r\n");
}
END_TEST

static unsigned details;

static void look_for_detail(const trawl_page *page)
{
    bool is_map = strstr(page->result.url, "/map") != NULL;

    ck_assert_int_eq(page->result.error, is_map ? TRAWL_ESITEMAP : 0);
    ck_assert_int_eq(page->result.detail[0] != '\0', is_map);
    details += is_map;
}

START_TEST(a_sitemap_that_is_none_is_told)
{
    static const struct answer answers[] = {
        {"/robots.txt", 200, TEXT, "Sitemap: /map\n"},
        {"/map", 200, "Content-Type: text/xml\r\n", "<urlset><url>"},
        {"/", 200, HTML, "x"},
        END,
    };

    w.at_page = look_for_detail;
    details = 0;
    crawl(answers, "/");
    ck_assert_int_eq(w.pages, 2);
    ck_assert_uint_eq(details, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crawl_answers");
    TCase *t = tcase_create("crawl_answers");
    SRunner *runner;
    int failed;
    const TTest *const tests[] = {
        robots_is_read_whatever_bodies_are_limited_to,
        robots_of_a_try_that_broke_off_counts_for_nothing,
        robots_may_be_kept_for_ever,
        robots_that_is_old_at_once_is_obeyed_all_the_same,
        a_host_has_as_many_pages_as_it_may,
        what_a_full_host_has_queued_waits_for_nothing,
        what_crawls_have_queued_leaves_the_queue_to_fetches,
        a_host_of_two_crawls_keeps_the_slower_pace,
        a_crawl_with_enough_pages_can_be_stopped,
        credentials_are_told_to_nobody,
        data_is_that_of_the_callbacks,
        who_cancels_all_there_is_does_not_make_a_host_unreachable,
        what_is_kept_of_a_body_ends_with_nul,
        error_pages_are_results_whatever_their_media_type,
        links_of_error_pages_are_not_followed,
        requisites_are_followed_wherever_they_are_redirected,
        a_page_with_too_many_links_is_counted_once,
        a_sitemap_that_is_large_unpacked_is_read_in_slices,
        a_large_style_sheet_is_read_in_slices,
        urls_that_become_long_count,
        a_header_of_many_links_is_read_to_its_end,
        links_of_many_fields_are_read_in_slices,
        locations_of_many_fields_are_read_in_slices,
        a_header_of_many_locations_is_read_to_its_end,
        a_sitemap_that_is_none_is_told,
    };

    tcase_add_checked_fixture(t, begin, end);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, robots_that_is_not_there_allows_whatever_its_body_is, 0, 3);
    tcase_add_loop_test(t, robots_that_breaks_off_forbids_all, 0, 2);
    tcase_add_loop_test(t, robots_is_read_up_to_its_limit_and_no_line_is_cut, 0, 2);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
