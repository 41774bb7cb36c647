/* Whatever stands in a list comes out once, with a result that names what is wrong with it, and
 * without the password that stood in it. */
#include "fetch_catch.h"
#include "frontier/backoff.h"

#define SECRET "s3cret"

struct row {
    const char *url;
    size_t len; /* 0: up to the NUL */
    int error;
    int status;
};

#define ROW(text, error, status)                                                               \
    {                                                                                          \
        text, sizeof(text) - 1, error, status                                                  \
    }

/* Ports and hosts that answer are put in for %P; nothing else in a row is a format. */
static const struct row rows[] = {
    ROW("", TRAWL_EURL, 0),
    ROW(" ", TRAWL_EURL, 0),
    ROW("\0", TRAWL_EURL, 0),
    ROW("\r\n\t", TRAWL_EURL, 0),
    ROW("http:", TRAWL_EURL, 0),
    ROW("http:/", TRAWL_EURL, 0),
    ROW("http://", TRAWL_EURL, 0),
    ROW("http:///", TRAWL_EURL, 0),
    ROW("http://?q", TRAWL_EURL, 0),
    ROW("http://#f", TRAWL_EURL, 0),
    ROW("http://@/", TRAWL_EURL, 0),
    ROW("http://user:" SECRET "@", TRAWL_EURL, 0),
    ROW("http://user:" SECRET "@/x", TRAWL_EURL, 0),
    ROW("http://:80/", TRAWL_EURL, 0),
    ROW("http://127.0.0.1:99999/", TRAWL_EURL, 0),
    ROW("http://127.0.0.1:port/", TRAWL_EURL, 0),
    ROW("http://user:" SECRET "@127.0.0.1:port/", TRAWL_EURL, 0),
    ROW("http://a b/", TRAWL_EURL, 0),
    ROW("http://user:" SECRET "@a b/", TRAWL_EURL, 0),
    ROW("http://a\0b/", TRAWL_EURL, 0),
    ROW("http://a%00b/", TRAWL_EURL, 0),
    ROW("http://user:" SECRET "%00@127.0.0.1/", TRAWL_EURL, 0),
    ROW("http://a\x01z/", TRAWL_EURL, 0),
    ROW("http://a\x7fz/", TRAWL_EURL, 0),
    ROW("http://a<b/", TRAWL_EURL, 0),
    ROW("http://[::1/", TRAWL_EURL, 0),
    ROW("http://[::1]x/", TRAWL_EURL, 0),
    ROW("http://[::g]/", TRAWL_EURL, 0),
    ROW("http://[1::2::3]/", TRAWL_EURL, 0),
    ROW("http://[fe80::1%25lo]/", TRAWL_EURL, 0),
    ROW("http://256.256.256.256/", TRAWL_EURL, 0),
    ROW("http://1.2.3.4.5/", TRAWL_EURL, 0),
    ROW("http://0x100000000/", TRAWL_EURL, 0),
    ROW("http://\xff\xfe/", TRAWL_EURL, 0),
    ROW("ftp://127.0.0.1/", TRAWL_ESCHEME, 0),
    ROW("ftp://user:" SECRET "@127.0.0.1/", TRAWL_ESCHEME, 0),
    ROW("file:///etc/passwd", TRAWL_ESCHEME, 0),
    ROW("FILE:/etc/passwd", TRAWL_ESCHEME, 0),
    ROW("javascript:alert(1)", TRAWL_ESCHEME, 0),
    ROW("JaVa\nScRiPt:alert(1)", TRAWL_ESCHEME, 0),
    ROW("mailto:user:" SECRET "@example.org", TRAWL_ESCHEME, 0),
    ROW("data:text/html,x", TRAWL_ESCHEME, 0),
    ROW("ws://127.0.0.1/", TRAWL_ESCHEME, 0),
    ROW("gopher://127.0.0.1:%P/", TRAWL_ESCHEME, 0),
    ROW("view-source:http://127.0.0.1:%P/", TRAWL_ESCHEME, 0),
    ROW("http://nosuch.invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://user:" SECRET "@nosuch.invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://b\xc3\xbc" "cher.invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://xn--bcher-kva.invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://a..invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://-.invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://under_score.invalid/", TRAWL_ERESOLVE, 0),
    ROW("http://127.0.0.1:1/", TRAWL_ECONNECT, 0),
    ROW("http://[::1]:1/", TRAWL_ECONNECT, 0),
    ROW("http://[::ffff:127.0.0.1]:1/", TRAWL_ECONNECT, 0),
    ROW("http://user:" SECRET "@127.0.0.1:1/", TRAWL_ECONNECT, 0),
    ROW("http://127.0.0.1:0/", TRAWL_ECONNECT, 0),
    ROW("127.0.0.1:%P/", 0, 200),
    ROW("//127.0.0.1:%P/", 0, 200),
    ROW("http:127.0.0.1:%P/", 0, 200),
    ROW("http:\\\\127.0.0.1:%P\\x", 0, 200),
    ROW("  http://127.0.0.1:%P/  ", 0, 200),
    ROW("\x01http://127.0.0.1:%P/\x1f", 0, 200),
    ROW("ht\ntp://127.0.0.1\t:%P/", 0, 200),
    ROW("HTTP://127.0.0.1:%P/a b\x01\x7f\xff\xc3\xbc", 0, 200),
    ROW("http://127.0.0.1:%P/\0?\0#\0", 0, 400), /* the query is no parameter of the origin's */
    ROW("http://127.0.0.1:%P/\0/%00", 0, 200),
    ROW("http://127.0.0.1:%P/../../etc/passwd", 0, 200),
    ROW("http://127.0.0.1:%P/%2e%2e/%zz%", 0, 200),
    ROW("http://127.1:%P/", 0, 200),
    ROW("http://2130706433:%P/", 0, 200),
    ROW("http://0x7f.0.0.01:%P/", 0, 200),
    ROW("http://\xef\xbc\x91\x32\x37.0.0.1:%P/", 0, 200),
    ROW("http://user:" SECRET "@127.0.0.1:%P/", 0, 200),
    ROW("user:" SECRET "@127.0.0.1:%P/", TRAWL_ESCHEME, 0),
    ROW("http://user:" SECRET "@@127.0.0.1:%P/", 0, 200),
    ROW("http://" SECRET "@127.0.0.1:%P/?auth=basic", 0, 401),
    ROW("http://:" SECRET "@127.0.0.1:%P/?auth=basic", 0, 401),
    ROW("http://u:" SECRET "@127.0.0.1:%P/?n=2", 0, 200),
    ROW("http://u:" SECRET "@127.0.0.1:%P/?fail=9&key=x", 0, 503),
    ROW("http://user:password@127.0.0.1:%P/?auth=basic", 0, 200),
    ROW("http://us%65r:p%61ssword@127.0.0.1:%P/?auth=basic", 0, 200),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* %P becomes the port. Returns the length. */
static size_t fill_in(char *to, size_t size, const struct row *row)
{
    const char *mark = memmem(row->url, row->len, "%P", 2);
    size_t at = mark == NULL ? row->len : (size_t)(mark - row->url), n = at;

    ck_assert_uint_lt(row->len + 8, size);
    memcpy(to, row->url, at);
    if (mark == NULL)
        return n;
    n += (size_t)sprintf(to + n, "%u", net.port);
    memcpy(to + n, mark + 2, row->len - at - 2);
    return n + row->len - at - 2;
}

static void keeps_secrets(const struct got *g)
{
    ck_assert_msg(!got_has(&g->url, SECRET), "%s", g->url.data);
    ck_assert_msg(!got_has(&g->final_url, SECRET), "%s", g->final_url.data);
    ck_assert_msg(!got_has(&g->detail, SECRET), "%s", g->detail.data);
    ck_assert(!got_has(&g->url, "password") && !got_has(&g->final_url, "password"));
}

static void check_log(void)
{
    ck_assert(!got_has(&net.log, SECRET) && !got_has(&net.log, "password"));
    for (size_t i = 0; i < net.log.len; i++)
        ck_assert(net.log.data[i] == '\n' || (unsigned char)net.log.data[i] >= ' ');
}

START_TEST(every_line_has_its_result)
{
    char url[512];

    net.options.log = net_log;
    net.options.log_level = 2;
    net.options.tries = 2;
    for (size_t i = 0; i < ROWS; i++)
        got_add(url, fill_in(url, sizeof(url), &rows[i]), NULL);
    net_run();
    for (size_t i = 0; i < ROWS; i++) {
        const struct got *g = net.all[i];

        fill_in(url, sizeof(url), &rows[i]);
        got_is(g, rows[i].error, rows[i].status);
        if (memmem(rows[i].url, rows[i].len, "@", 1) == NULL)
            ck_assert_uint_eq(g->url.len, fill_in(url, sizeof(url), &rows[i]));
        ck_assert_int_eq(g->r.final_url == NULL,
                         rows[i].error == TRAWL_ESCHEME ||
                             (rows[i].error == TRAWL_EURL && g->r.tries == 0));
        keeps_secrets(g);
    }
    check_log();
}
END_TEST

/* Puts the port in for %P and `len` times '1' for %L. */
static char *lengthen(const char *form, size_t len)
{
    struct tw_buf url = {0};
    char port[8];

    snprintf(port, sizeof(port), "%u", net.port);
    for (const char *p = form; *p != '\0'; p++) {
        if (p[0] != '%') {
            tw_buf_append(&url, p, 1);
        } else if (*++p == 'P') {
            tw_buf_append(&url, port, strlen(port));
        } else {
            for (size_t i = 0; i < len; i++)
                tw_buf_append(&url, "1", 1);
        }
    }
    return url.data;
}

/* Long in each part. */
START_TEST(long_urls_have_their_results)
{
    static const struct {
        const char *form;
        int error, status;
    } forms[] = {{"http://127.0.0.1:%P/%L", 0, 200},
                 {"http://127.0.0.1:%P/?body=%L", 0, 200},
                 {"http://127.0.0.1:%P/#%L", 0, 200},
                 {"http://user:" SECRET "%L@127.0.0.1:%P/", 0, 200},
                 {"http://a%L.invalid/", TRAWL_EURL, 0},
                 {"http://a.%L.invalid:%P/", TRAWL_EURL, 0},
                 {"http://127.0.0.1:%L/", TRAWL_EURL, 0},
                 {"http://[%L]/", TRAWL_EURL, 0},
                 {"a%L:x", TRAWL_ESCHEME, 0}};

    net.options.log = net_log;
    net.options.log_level = 2;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char *url = lengthen(forms[i].form, i % 2 == 0 ? 70000 : 100000);
        const struct got *g = got_url(url);

        got_is(g, forms[i].error, forms[i].status);
        if (strchr(url, '@') == NULL)
            ck_assert_str_eq(g->url.data, url);
        if (i == 0)
            ck_assert_str_eq(g->final_url.data, url);
        keeps_secrets(g);
        free(url);
    }
    check_log();
}
END_TEST

/* A list is fetched as it stands. */
START_TEST(equal_lines_have_a_result_each)
{
    for (int i = 0; i < 40; i++)
        got_add(net_url(0, "/same?key=same"), SIZE_MAX, NULL);
    net_run();
    for (size_t i = 0; i < 40; i++)
        got_is(net.all[i], 0, 200);
    ck_assert_uint_eq(origin_hits(net.origin, "same"), 40);
}
END_TEST

/* Any bytes at all, a thousand times. */
START_TEST(random_bytes_have_their_results)
{
    static const char *const starts[] = {"", "http://", "http://127.0.0.1/", "//", "http://u:p@"};
    uint64_t rng = 11;

    net.options.resolve = (const char *const[]){NULL};
    net.options.proxy_http = "http://127.0.0.1:1"; /* nothing gets out */
    net.options.tries = 1;
    for (int i = 0; i < 1000; i++) {
        char url[64];
        size_t n = (size_t)snprintf(url, sizeof(url), "%s", starts[i % 5]);
        size_t more = tw_random_next(&rng) % 24;

        for (size_t k = 0; k < more; k++)
            url[n++] = (char)tw_random_next(&rng);
        got_add(url, n, NULL);
        if (net.count < 100)
            continue;
        net_run();
        while (net.count > 0) {
            struct got *g = net.all[--net.count];

            ck_assert_int_eq(g->calls, 1);
            ck_assert(g->r.error == TRAWL_EURL || g->r.error == TRAWL_ESCHEME ||
                      g->r.error == TRAWL_ECONNECT || g->r.error == TRAWL_EPROXY);
            got_free(g);
        }
    }
    net_run();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_line_has_its_result,
        long_urls_have_their_results,
        equal_lines_have_a_result_each,
        random_bytes_have_their_results,
    };

    return net_main("hostile_list", tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
