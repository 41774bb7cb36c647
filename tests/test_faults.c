/* Each fault of the origin ends in the documented result, within its limit, and leaves nothing
 * behind. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fetch_catch.h"

#define TRIES 2

/* What a row changes of the options; 0 leaves it. */
struct limits {
    uint64_t timeout_ms, max_body, max_header, low_speed;
    unsigned max_redirects;
    bool no_header_limit;
};

struct row {
    const char *target;
    int error;
    int status;
    unsigned tries;
    int64_t bytes; /* decoded, -1 does not matter */
    struct limits limits;
};

static void set(const struct limits *l)
{
    trawl_options *o = &net.options;

    o->tries = TRIES;
    o->timeout_ms = l->timeout_ms != 0 ? l->timeout_ms : 30000;
    o->max_body = l->max_body != 0 ? l->max_body : 100000000;
    o->max_header = l->no_header_limit ? 0 : l->max_header != 0 ? l->max_header : 262144;
    o->max_redirects = l->max_redirects != 0 ? l->max_redirects : 5;
    o->low_speed_bytes = l->low_speed;
    o->low_speed_ms = 1000;
}

/* The key lets the origin count how often it was asked. */
static void check(const struct row *row)
{
    char target[512], key[32];
    const struct got *g;

    set(&row->limits);
    snprintf(key, sizeof(key), "row%zu", net.count);
    snprintf(target, sizeof(target), "%s&key=%s", row->target, key);
    g = got_target(target);
    got_is(g, row->error, row->status);
    ck_assert_msg(g->r.tries == row->tries, "%u tries for %s", g->r.tries, row->target);
    ck_assert_uint_eq(origin_hits(net.origin, key), row->tries + g->r.redirects);
    if (row->bytes >= 0)
        ck_assert_uint_eq(g->r.bytes, (uint64_t)row->bytes);
    if (row->error == 0)
        ck_assert_uint_eq(g->detail.len, 0);
    net_close();
}

static void check_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&rows[i]);
}
#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof((rows)[0]))

/* A status line has 17 bytes, a header less than 200. */
START_TEST(connections_that_break)
{
    static const struct row rows[] = {
        {"/?reset=0", TRAWL_ERESET, 0, TRIES, 0, {0}},
        {"/?reset=5", TRAWL_ERESET, 0, TRIES, 0, {0}},
        {"/?reset=40", TRAWL_ERESET, 200, TRIES, 0, {0}},
        {"/?size=5000&reset=1000", TRAWL_ERESET, 200, TRIES, -1, {0}},
        {"/?size=5000&chunked=100&reset=1000", TRAWL_ERESET, 200, TRIES, -1, {0}},
        {"/?size=5000&framing=close&reset=1000", TRAWL_ERESET, 200, TRIES, -1, {0}},
        {"/?size=50000&encoding=gzip&reset=1000", TRAWL_ERESET, 200, TRIES, -1, {0}},
        {"/?noreply=1", TRAWL_EEMPTY, 0, TRIES, 0, {0}},
        {"/?close=0", TRAWL_EEMPTY, 0, TRIES, 0, {0}},
        {"/?close=5", TRAWL_EEMPTY, 0, TRIES, 0, {0}},
        {"/?close=17", TRAWL_ERESET, 200, TRIES, 0, {0}},
        {"/?close=40", TRAWL_ERESET, 200, TRIES, 0, {0}},
        {"/?size=5000&close=1000", TRAWL_ETRUNCATED, 200, TRIES, -1, {0}},
        {"/?size=5000&chunked=100&close=1000", TRAWL_ETRUNCATED, 200, TRIES, -1, {0}},
        {"/?size=50000&encoding=gzip&close=1000", TRAWL_ETRUNCATED, 200, TRIES, -1, {0}},
        {"/?size=5000&length=6000", TRAWL_ETRUNCATED, 200, TRIES, 5000, {0}},
        {"/?size=5000&length=4000", 0, 200, 1, 4000, {0}},
    };

    CHECK_ALL(rows);
}
END_TEST

START_TEST(answers_that_do_not_come)
{
    static const struct row rows[] = {
        {"/?stall=0", TRAWL_ETIMEDOUT, 0, TRIES, 0, {.timeout_ms = 100}},
        {"/?stall=9", TRAWL_ETIMEDOUT, 0, TRIES, 0, {.timeout_ms = 100}},
        {"/?stall=50", TRAWL_ETIMEDOUT, 200, TRIES, 0, {.timeout_ms = 100}},
        {"/?size=5000&stall=1000", TRAWL_ETIMEDOUT, 200, TRIES, -1, {.timeout_ms = 100}},
        {"/?latency=60000", TRAWL_ETIMEDOUT, 0, TRIES, 0, {.timeout_ms = 100}},
        {"/?endless=1", TRAWL_ETIMEDOUT, 200, TRIES, -1, {.timeout_ms = 200,
                                                          .max_body = INT64_MAX}},
        {"/?size=5000&drip=10", TRAWL_ETIMEDOUT, 200, TRIES, -1, {.timeout_ms = 300}},
        {"/?size=5000&drip=10", TRAWL_ELOWSPEED, 200, TRIES, -1, {.low_speed = 1000}},
    };

    net.options.keep_body = 1000;
    CHECK_ALL(rows);
}
END_TEST

START_TEST(bodies_over_the_limit)
{
    static const struct row rows[] = {
        {"/?endless=1", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 100000}},
        {"/?size=100001", TRAWL_EBODYSIZE, 200, 1, 0, {.max_body = 100000}},
        {"/?size=100001&chunked=100", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 100000}},
        {"/?size=100001&framing=close", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 100000}},
        {"/?size=100001&encoding=gzip", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 100000}},
        {"/?size=100000", 0, 200, 1, 100000, {.max_body = 100000}},
        {"/?size=100000&chunked=100", 0, 200, 1, 100000, {.max_body = 100000}},
        {"/?size=100000&encoding=gzip", 0, 200, 1, 100000, {.max_body = 100000}},
        {"/?bomb=50000000", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 1000000}},
        {"/?bomb=50000000&encoding=br", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 1000000}},
        {"/?bomb=50000000&encoding=zstd", TRAWL_EBODYSIZE, 200, 1, -1, {.max_body = 1000000}},
        {"/?bomb=50000000&encoding=gzip,br&transfer=1", TRAWL_EBODYSIZE, 200, 1, -1,
         {.max_body = 1000000}},
        {"/?bomb=1000000&encoding=br", 0, 200, 1, 1000000, {.max_body = 1000000}},
        {"/?bomb=1000000&encoding=zstd", 0, 200, 1, 1000000, {.max_body = 1000000}},
        {"/?bomb=1000000", 0, 200, 1, 1000000, {.max_body = 1000000}},
    };

    CHECK_ALL(rows);
}
END_TEST

/* libcurl has limits of its own: 100 kB for a line, 300 kB for a header. */
START_TEST(headers_over_the_limit)
{
    static const struct row rows[] = {
        {"/?headers=1000", 0, 200, 1, 1000, {0}},
        {"/?headers=1000", TRAWL_EHEADERSIZE, 200, 1, 0, {.max_header = 10000}},
        {"/?headers=100000", TRAWL_EHEADERSIZE, 200, 1, 0, {0}},
        {"/?headers=100000", TRAWL_EHEADERSIZE, 200, 1, 0, {.no_header_limit = true}},
        {"/?header-size=90000", 0, 200, 1, 1000, {0}},
        {"/?header-size=90000", TRAWL_EHEADERSIZE, 200, 1, 0, {.max_header = 80000}},
        {"/?header-size=150000", TRAWL_EHEADERSIZE, 200, 1, 0, {0}},
        {"/?header-size=1000000", TRAWL_EHEADERSIZE, 200, 1, 0, {.no_header_limit = true}},
    };

    CHECK_ALL(rows);
}
END_TEST

START_TEST(answers_that_are_not_http)
{
    static const struct row rows[] = {
        {"/?malformed=status", TRAWL_EPROTOCOL, 0, 1, 0, {0}},
        {"/?malformed=version", TRAWL_EPROTOCOL, 0, 1, 0, {0}},
        {"/?malformed=http09", TRAWL_EPROTOCOL, 0, 1, 0, {0}},
        {"/?malformed=header", TRAWL_EPROTOCOL, 200, 1, 0, {0}},
        {"/?malformed=nul", TRAWL_EPROTOCOL, 200, 1, 0, {0}},
        {"/?size=5000&malformed=chunk", TRAWL_EPROTOCOL, 200, 1, -1, {0}},
        {"/?size=5000&malformed=chunksize", TRAWL_EPROTOCOL, 200, 1, 0, {0}},
        {"/?malformed=dup-length", TRAWL_EPROTOCOL, 200, 1, -1, {0}},
        {"/?malformed=fold", 0, 200, 1, 1000, {0}},
        {"/?badgzip=1", TRAWL_EENCODING, 200, 1, 0, {0}},
        {"/?badgzip=crc", TRAWL_EENCODING, 200, 1, -1, {0}},
        {"/?badgzip=crc&chunked=10", TRAWL_EENCODING, 200, 1, -1, {0}},
        {"/?encoding=br&flip=100", TRAWL_EENCODING, 200, 1, -1, {0}},
        {"/?encoding=zstd&cut=10", TRAWL_EENCODING, 200, 1, -1, {0}},
        {"/?encoding=gzip&cut=1&framing=close", TRAWL_EENCODING, 200, 1, 1000, {0}},
        {"/?encoding=gzip&junk=20", TRAWL_EENCODING, 200, 1, 1000, {0}},
        {"/?says=compress", TRAWL_EENCODING, 200, 1, 0, {0}},
        {"/?says=compress&trailers=1", TRAWL_EENCODING, 200, 1, 0, {0}},
    };

    CHECK_ALL(rows);
}
END_TEST

START_TEST(what_is_odd_but_right)
{
    static const struct row rows[] = {
        {"/?continue=1", 0, 200, 1, 1000, {0}},
        {"/?continue=1&status=404", 0, 404, 1, 1000, {0}},
        {"/?trailers=1", 0, 200, 1, 1000, {0}},
        {"/?trailers=1&encoding=gzip", 0, 200, 1, 1000, {0}},
        {"/?framing=close", 0, 200, 1, 1000, {0}},
        {"/?size=1000000&encoding=deflate", 0, 200, 1, 1000000, {0}},
        {"/?size=1000000&encoding=zstd,br", 0, 200, 1, 1000000, {0}},
        {"/?size=100000&encoding=br&transfer=1", 0, 200, 1, 100000, {0}},
        {"/?continue=1&encoding=zstd", 0, 200, 1, 1000, {0}},
        {"/?says=identity", 0, 200, 1, 1000, {0}},
        {"/?says=", 0, 200, 1, 1000, {0}},
        {"/?status=204&says=gzip", 0, 204, 1, 0, {0}},
        {"/?size=0&says=compress", 0, 200, 1, 0, {0}},
        {"/?status=999", 0, 999, 1, 1000, {0}},
        {"/?status=204", 0, 204, 1, 0, {0}},
        {"/?type=", 0, 200, 1, 1000, {0}},
    };

    CHECK_ALL(rows);
}
END_TEST

START_TEST(redirects_that_lead_nowhere)
{
    static const struct row rows[] = {
        {"/?loop=1", TRAWL_EREDIRECTS, 302, 1, -1, {.max_redirects = 5}},
        {"/?n=6", TRAWL_EREDIRECTS, 302, 1, -1, {.max_redirects = 5}},
        {"/?n=5", 0, 200, 1, 1000, {.max_redirects = 5}},
        {"/?to=http://[", TRAWL_ELOCATION, 302, 1, -1, {0}},
        {"/?to=http://a%2520b/", TRAWL_ELOCATION, 302, 1, -1, {0}},
        {"/?to=ftp://127.0.0.1/", TRAWL_ELOCATION, 302, 1, -1, {0}},
        {"/?to=file:///etc/passwd", TRAWL_ELOCATION, 302, 1, -1, {0}},
        {"/?to=javascript:alert(1)", TRAWL_ELOCATION, 302, 1, -1, {0}},
        {"/?noloc=1", 0, 302, 1, 1000, {0}},
        {"/?status=301", 0, 301, 1, 1000, {0}},
        {"/?code=304&n=1", 0, 304, 1, 0, {0}},
    };

    CHECK_ALL(rows);
}
END_TEST

/* A server on our own loop that greets each connection with a line that is no TLS, and closes. */
static uv_tcp_t plain, greeted;

static void on_greeted(uv_write_t *write, int status)
{
    (void)status;
    uv_close((uv_handle_t *)write->handle, NULL);
}

static void on_connection(uv_stream_t *server, int status)
{
    static uv_write_t write;
    uv_buf_t line = uv_buf_init((char []){"220 no TLS here\r\n"}, 17);

    ck_assert_int_eq(status, 0);
    uv_tcp_init(server->loop, &greeted);
    ck_assert_int_eq(uv_accept(server, (uv_stream_t *)&greeted), 0);
    uv_write(&write, (uv_stream_t *)&greeted, &line, 1, on_greeted);
}

static unsigned plain_open(void)
{
    struct sockaddr_storage at;
    int len = sizeof(at);

    uv_ip4_addr("127.0.0.1", 0, (struct sockaddr_in *)&at);
    uv_tcp_init(&net.loop, &plain);
    ck_assert_int_eq(uv_tcp_bind(&plain, (struct sockaddr *)&at, 0), 0);
    ck_assert_int_eq(uv_listen((uv_stream_t *)&plain, 8, on_connection), 0);
    uv_unref((uv_handle_t *)&plain);
    ck_assert_int_eq(uv_tcp_getsockname(&plain, (struct sockaddr *)&at, &len), 0);
    return ntohs(((struct sockaddr_in *)&at)->sin_port);
}

static void check_url(const char *url, int error, unsigned tries)
{
    const struct got *g = got_url(url);

    got_is(g, error, 0);
    ck_assert_uint_eq(g->r.tries, tries);
    ck_assert_uint_gt(g->detail.len, 0);
    ck_assert_int_eq(g->r.http_version, 0);
    net_close();
}

START_TEST(servers_that_are_not_there)
{
    net.options.tries = TRIES;
    check_url("http://127.0.0.1:1/", TRAWL_ECONNECT, TRIES);
    check_url("http://[::1]:1/", TRAWL_ECONNECT, TRIES);
    check_url("http://nosuch.invalid/", TRAWL_ERESOLVE, 1);
    net.options.proxy_http = "http://nosuch.invalid:3128";
    check_url("http://127.0.0.1:1/", TRAWL_EPROXY, 1);
    net.options.interface_name = "nosuchif0";
    net.options.proxy_http = NULL;
    check_url(net_url(0, "/"), TRAWL_ECONNECT, TRIES);
}
END_TEST

START_TEST(tls_to_a_server_without_it)
{
    char url[64];
    const struct got *g;

    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", plain_open());
    g = got_url(url);
    got_is(g, TRAWL_ETLS, 0);
    ck_assert_uint_eq(g->r.tries, 1);
    uv_close((uv_handle_t *)&plain, NULL);
}
END_TEST

START_TEST(proxies_that_refuse)
{
    char proxy[64];

    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", net.port);
    net.options.proxy_https = proxy;
    net.options.tries = TRIES;
    check_url("https://127.0.0.2:1/", TRAWL_EPROXY, 1);
}
END_TEST

static struct rlimit files;

static void take_all_files(void)
{
    struct rlimit none;

    net_open();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    none = (struct rlimit){0, files.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
}

static void give_all_files(uv_timer_t *timer)
{
    if (timer != NULL)
        uv_close((uv_handle_t *)timer, NULL);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
}

static void use_strategy(const char *name)
{
    net_close();
    net.options.strategy = name;
    net.options.tries = TRIES;
}

static void is_first_try(const struct got *g, int error, int status)
{
    got_is(g, error, status);
    ck_assert_uint_eq(g->r.tries, 1);
}

/* It is waited for, as long as a connection may take. */
START_TEST(no_descriptor_is_left)
{
    static const char *const strategies[] = {"loop", "pool", "batch", "sequential"};

    net.options.connect_timeout_ms = 300;
    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        const struct got *g;

        use_strategy(strategies[i]);
        take_all_files();
        g = got_target("/");
        give_all_files(NULL);
        is_first_try(g, TRAWL_EMFILE, 0);
        is_first_try(got_target("/"), 0, 200);
    }
}
END_TEST

START_TEST(a_descriptor_comes_free)
{
    static const char *const strategies[] = {"loop", "pool"};
    static uv_timer_t timer;

    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        use_strategy(strategies[i]);
        take_all_files();
        uv_timer_init(&net.loop, &timer);
        uv_timer_start(&timer, give_all_files, 250, 0);
        is_first_try(got_target("/"), 0, 200);
    }
}
END_TEST

START_TEST(what_waits_for_a_descriptor_can_be_canceled)
{
    static const char *const strategies[] = {"loop", "pool"};

    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        struct got *g;

        use_strategy(strategies[i]);
        take_all_files();
        g = got_add(net_url(0, "/"), SIZE_MAX, got_chunk);
        for (int turn = 0; turn < 5; turn++)
            uv_run(&net.loop, UV_RUN_NOWAIT);
        ck_assert_int_eq(trawl_cancel(net.t, g->id), 0);
        net_run();
        give_all_files(NULL);
        got_is(g, TRAWL_ECANCELED, 0);
    }
}
END_TEST

/* All descriptors below a limit, but for some that the gate leaves to others: here, to the server. */
#define FILES_MAX 128
#define FILES_SPARED 16

static int fillers[FILES_MAX];
static int filler_count;

static void fill_files(void)
{
    struct rlimit few;
    int fd;

    filler_count = 0;
    while ((fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0 && fd < FILES_MAX - FILES_SPARED)
        fillers[filler_count++] = fd;
    ck_assert_int_eq(fd, FILES_MAX - FILES_SPARED);
    close(fd);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    few = (struct rlimit){FILES_MAX, files.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
}

static void unfill_files(void)
{
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
    while (filler_count > 0)
        close(fillers[--filler_count]);
}

static const char *const in_one_process[] = {"loop", "pool", "batch", "sequential"};

static void give_way(const char *strategy)
{
    use_strategy(strategy);
    got_add(net_url(0, "/?size=9"), SIZE_MAX, NULL);
    got_add(net_url(1, "/?size=9"), SIZE_MAX, NULL);
    got_add(net_url(1, "/?size=9&latency=100&keepalive=0"), SIZE_MAX, NULL);
    net_run();
    fill_files();
    is_first_try(got_url(net_url(2, "/")), 0, 200);
    unfill_files();
}

/* Those of workers that have nothing to do, too: the last one to end has none to close. */
START_TEST(idle_connections_give_way_to_what_needs_a_descriptor)
{
    for (size_t i = 0; i < 4; i++)
        give_way(in_one_process[i]);
    for (size_t i = 0; i < net.count; i++)
        got_is(net.all[i], 0, 200);
}
END_TEST

static void wait_for_one_in_use(const char *strategy)
{
    uint64_t before = origin_stats(net.origin).requests;
    struct got *slow, *g;

    use_strategy(strategy);
    slow = got_add(net_url(0, "/?size=9&latency=700"), SIZE_MAX, NULL);
    while (origin_stats(net.origin).requests == before)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    fill_files();
    g = got_add(net_url(2, "/"), SIZE_MAX, NULL);
    net_run();
    unfill_files();
    is_first_try(slow, 0, 200);
    is_first_try(g, 0, 200);
}

/* It will come free, however long that takes. */
START_TEST(a_descriptor_in_use_is_waited_for)
{
    net.options.workers = 2;
    net.options.connect_timeout_ms = 200;
    for (size_t i = 0; i < 4; i++)
        wait_for_one_in_use(in_one_process[i]);
}
END_TEST

/* A listener that has no room left: connecting to it gets no answer. */
struct deaf {
    int fds[5];
    unsigned port;
};

static struct deaf deaf_open(const char *address, unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof(at);
    struct deaf d;

    d.fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, address, &at.sin_addr);
    ck_assert_int_eq(bind(d.fds[0], (struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert_int_eq(listen(d.fds[0], 0), 0);
    ck_assert_int_eq(getsockname(d.fds[0], (struct sockaddr *)&at, &len), 0);
    for (size_t i = 1; i < 5; i++) {
        d.fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(d.fds[i], (struct sockaddr *)&at, sizeof(at));
    }
    d.port = ntohs(at.sin_port);
    return d;
}

static void deaf_close(struct deaf *d)
{
    for (size_t i = 0; i < 5; i++)
        close(d->fds[i]);
}

START_TEST(connecting_is_limited_in_time)
{
    struct deaf deaf = deaf_open("127.0.0.1", 0);
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", deaf.port);
    net.options.tries = TRIES;
    net.options.connect_timeout_ms = 100;
    check_url(url, TRAWL_ECONNTIMEOUT, TRIES);
    net.options.connect_timeout_ms = 30000;
    net.options.timeout_ms = 100;
    check_url(url, TRAWL_ECONNTIMEOUT, TRIES);
    deaf_close(&deaf);
}
END_TEST

static void check_addresses(const char *addresses)
{
    static const char *resolve[] = {NULL, NULL};
    char entry[128], url[64];

    snprintf(entry, sizeof(entry), "two.test:%u:%s", net.port, addresses);
    snprintf(url, sizeof(url), "http://two.test:%u/", net.port);
    resolve[0] = entry;
    net.options.resolve = resolve;
    net.options.tries = 1;
    got_is(got_url(url), 0, 200);
    net_close();
}

/* No time limit helps out: libcurl goes on to the next address when half of it is over. */
static void set_long_limits(void)
{
    net.options.connect_timeout_ms = net.options.timeout_ms = 1000000;
}

START_TEST(next_address_is_tried_after_a_refusal)
{
    set_long_limits();
    check_addresses("127.0.0.99,127.0.0.98,127.0.0.97,127.0.0.1");
}
END_TEST

static void stop_listening(uv_timer_t *timer)
{
    deaf_close(timer->data);
    uv_close((uv_handle_t *)timer, NULL);
}

/* The kernel asks again after a second. */
START_TEST(next_address_is_tried_after_a_late_refusal)
{
    struct deaf deaf = deaf_open("127.0.0.9", net.port);
    uv_timer_t timer = {.data = &deaf};

    uv_timer_init(&net.loop, &timer);
    uv_timer_start(&timer, stop_listening, 200, 0);
    set_long_limits();
    check_addresses("127.0.0.9,127.0.0.99,127.0.0.1");
}
END_TEST

/* libcurl 7.88 gives up the first one, and waits for its socket to set out for the next one. */
START_TEST(next_address_is_tried_after_a_silence)
{
    struct deaf deaf = deaf_open("127.0.0.9", net.port);

    net.options.connect_timeout_ms = 1000;
    check_addresses("127.0.0.9,127.0.0.1");
    deaf_close(&deaf);
}
END_TEST

/* libcurl 7.88 closes a socket without a word while it connects: the number may be anybody's. */
START_TEST(sockets_that_end_early_are_forgotten)
{
    uv_poll_t polls[8];
    int fds[8];
    char url[64];

    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", net.port);
    net.options.connect_timeout_ms = 100;
    net.options.tries = 1;
    got_is(got_url(url), TRAWL_ECONNTIMEOUT, 0);
    for (size_t i = 0; i < 8; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert_int_eq(uv_poll_init(&net.loop, &polls[i], fds[i]), 0);
        uv_close((uv_handle_t *)&polls[i], NULL);
    }
    net_run();
    for (size_t i = 0; i < 8; i++)
        close(fds[i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        connections_that_break,
        answers_that_do_not_come,
        bodies_over_the_limit,
        headers_over_the_limit,
        answers_that_are_not_http,
        what_is_odd_but_right,
        redirects_that_lead_nowhere,
        servers_that_are_not_there,
        tls_to_a_server_without_it,
        proxies_that_refuse,
        no_descriptor_is_left,
        a_descriptor_comes_free,
        what_waits_for_a_descriptor_can_be_canceled,
        idle_connections_give_way_to_what_needs_a_descriptor,
        a_descriptor_in_use_is_waited_for,
        connecting_is_limited_in_time,
        next_address_is_tried_after_a_refusal,
        next_address_is_tried_after_a_late_refusal,
        next_address_is_tried_after_a_silence,
        sockets_that_end_early_are_forgotten,
    };

    return net_main("faults", tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
