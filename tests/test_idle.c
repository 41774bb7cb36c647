/* Connections between transfers: so many are kept, and only they are given up. */
#include "fetch_catch.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOSTS 80
#define IDLE_MAX 32 /* for so few in flight */

static struct origin *many;

static void many_begin(void)
{
    struct origin_options at = {.listen = "127.0.1.1", .hosts = HOSTS};

    ck_assert_int_eq(origin_start(&many, &at), 0);
    net.options.concurrency = 4;
}

static const char *many_url(unsigned host, const char *target)
{
    static char url[64];

    snprintf(url, sizeof(url), "http://127.0.1.%u:%u%s", 1 + host, origin_port(many), target);
    return url;
}

static void fetch_from(unsigned host)
{
    struct got *g = got_add(many_url(host, "/?size=10"), SIZE_MAX, NULL);

    while (g->calls == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    got_is(g, 0, 200);
}

START_TEST(idle_connections_are_bounded)
{
    many_begin();
    for (unsigned i = 0; i < HOSTS; i++)
        fetch_from(i);
    ck_assert_uint_eq(origin_stats(many).connections, HOSTS);
    ck_assert_uint_le(origin_stats(many).max_open, IDLE_MAX + 4);
    fetch_from(0); /* one of those that were kept */
    ck_assert_uint_eq(origin_stats(many).connections, HOSTS);
    net_close();
    origin_stop(many);
}
END_TEST

static int pause_once(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len, void *data)
{
    static trawl_id paused;

    if (paused == id)
        return got_chunk(t, id, tries, bytes, len, data);
    paused = id;
    ck_assert_int_eq(trawl_resume(t, id), 0);
    return TRAWL_PAUSE;
}

/* When they go on, libcurl has had all of them, and says no more of their sockets. */
START_TEST(idle_connections_of_paused_bodies_are_bounded)
{
    many_begin();
    for (unsigned i = 0; i < HOSTS; i++) {
        got_add(many_url(i, "/?size=10"), SIZE_MAX, pause_once);
        net_run();
    }
    ck_assert_uint_eq(origin_stats(many).connections, HOSTS);
    ck_assert_uint_le(origin_stats(many).max_open, IDLE_MAX + 4);
    net_close();
    origin_stop(many);
}
END_TEST

#define BURST     1200
#define BURST_MAX 1024 /* kept, for however many in flight */

static unsigned back;

static void on_back(trawl *t, const trawl_result *r)
{
    (void)t;
    ck_assert_int_eq(r->error, 0);
    back++;
}

static void check_burst(const char *target)
{
    trawl_request request = TRAWL_REQUEST_INIT;

    net_allow_files(3 * BURST);
    net.options.concurrency = BURST;
    net.options.per_host = 0;
    back = 0;
    request.url = net_url(0, target);
    request.on_done = on_back;
    for (int i = 0; i < BURST; i++)
        ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    net_run();
    ck_assert_uint_eq(back, BURST);
    ck_assert_uint_eq(origin_stats(net.origin).max_open, BURST);
    for (int i = 0; i < 500 && origin_stats(net.origin).open > BURST_MAX; i++)
        usleep(10000); /* the server has to notice */
    ck_assert_uint_le(origin_stats(net.origin).open, BURST_MAX);
    ck_assert_uint_gt(origin_stats(net.origin).open, BURST_MAX / 2);
    net_close();
}

/* When they were asked for, none was idle. */
START_TEST(idle_connections_of_a_burst_are_bounded)
{
    check_burst("/?latency=300&size=10");
}
END_TEST

/* Nor when the headers came. */
START_TEST(idle_connections_of_slow_bodies_are_bounded)
{
    check_burst("/?size=3000&drip=1500");
}
END_TEST

static bool go_on;

static void on_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    go_on = true;
}

/* After 5 s an idle connection gives way to another. */
static void wait_until_old(void)
{
    uv_timer_t timer;

    go_on = false;
    uv_timer_init(&net.loop, &timer);
    uv_timer_start(&timer, on_timer, 5100, 0);
    while (!go_on)
        uv_run(&net.loop, UV_RUN_ONCE);
    uv_run(&net.loop, UV_RUN_NOWAIT); /* the timer leaves the loop */
}

static unsigned held;

static int hold(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len, void *data)
{
    held += !go_on;
    return go_on ? got_chunk(t, id, tries, bytes, len, data) : TRAWL_PAUSE;
}

/* All that may be kept are idle, for so long that they may give way. */
static void fill_idle(void)
{
    for (unsigned i = 0; i < IDLE_MAX; i++)
        fetch_from(i);
    wait_until_old();
}

static void came_in_one_try(const struct got *g, size_t len)
{
    got_is(g, 0, 200);
    ck_assert_uint_eq(g->r.tries, 1);
    ck_assert_uint_eq(g->streamed.len, len);
    net_close();
    origin_stop(many);
}

/* Some give way; then the one that was paused goes on. */
static void crowd_idle_and_resume(struct got *paused)
{
    for (unsigned i = 0; i < 4; i++)
        fetch_from(IDLE_MAX + i);
    go_on = true;
    ck_assert_int_eq(trawl_resume(net.t, paused->id), 0);
}

/* libcurl wants nothing of its socket, as of an idle one's, and so for the longest time of all. */
START_TEST(paused_connections_are_not_idle)
{
    struct got *paused;

    many_begin();
    go_on = false;
    paused = got_add(net_url(0, "/?size=3000000"), SIZE_MAX, hold);
    fill_idle();
    crowd_idle_and_resume(paused);
    net_run();
    came_in_one_try(paused, 3000000);
}
END_TEST

/* On the loop's thread; it answers when the test says so. */
static int listen_on(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, len), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Nothing comes meanwhile that would tell it from an idle one. */
START_TEST(paused_connections_of_silent_servers_are_not_idle)
{
    struct got *paused;
    unsigned port;
    int listener = listen_on(&port), fd;
    char url[64];

    many_begin();
    go_on = false;
    held = 0;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    paused = got_add(url, SIZE_MAX, hold);
    while ((fd = accept(listener, NULL, NULL)) < 0)
        uv_run(&net.loop, UV_RUN_NOWAIT);
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
    while (held == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    fill_idle();
    crowd_idle_and_resume(paused);
    say(fd, "-last");
    net_run();
    came_in_one_try(paused, 10);
    close(fd);
    close(listener);
}
END_TEST

/* libcurl's: where answers_at_once is set, the answer has come when the request has been sent. */
static bool answers_at_once;
static pthread_t client;

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    ssize_t sent = syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);

    if (answers_at_once && pthread_equal(pthread_self(), client))
        ck_assert_int_eq(poll(&answer, 1, 10000), 1);
    return sent;
}

/* The one that has been idle longest is used again, and its answer has come before libcurl has told that
 * it wants its socket. */
static struct got *use_the_oldest(trawl_body_cb on_body)
{
    many_begin();
    client = pthread_self();
    fill_idle();
    answers_at_once = true;
    return got_add(many_url(0, "/?size=3000000"), SIZE_MAX, on_body);
}

START_TEST(a_connection_does_not_give_way_for_itself)
{
    struct got *again = use_the_oldest(got_chunk);

    net_run();
    answers_at_once = false;
    ck_assert_uint_eq(origin_stats(many).connections, IDLE_MAX);
    came_in_one_try(again, 3000000);
}
END_TEST

/* Nor when its body is held back in the same call of libcurl's, which then never tells. */
START_TEST(a_connection_that_pauses_at_once_is_not_idle)
{
    struct got *again = use_the_oldest(hold);

    go_on = false;
    held = 0;
    while (held == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    answers_at_once = false;
    crowd_idle_and_resume(again);
    net_run();
    came_in_one_try(again, 3000000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        idle_connections_are_bounded,
        idle_connections_of_paused_bodies_are_bounded,
        idle_connections_of_a_burst_are_bounded,
        idle_connections_of_slow_bodies_are_bounded,
        paused_connections_are_not_idle,
        paused_connections_of_silent_servers_are_not_idle,
        a_connection_does_not_give_way_for_itself,
        a_connection_that_pauses_at_once_is_not_idle,
    };

    return net_main("idle", tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
