/* What a trawl tells of itself: what holds the loop, what becomes of each fetch, what it lacks. */
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "fetch/stay.h"
#include "fetch_catch.h"

/* ---- stays ---- */

static void hold(unsigned ms)
{
    struct timespec t = {0, (long)ms * 1000000};

    while (nanosleep(&t, &t) != 0)
        continue;
}

static const char *long_stage;
static uint64_t long_us;

static void on_long(void *data, const char *stage, uint64_t us)
{
    ck_assert_ptr_eq(data, &long_stage);
    long_stage = stage;
    long_us = us;
}

static uint64_t stays_in(const trawl_stays *s)
{
    uint64_t n = 0;

    for (int i = 0; i < TRAWL_STAY_BUCKETS; i++)
        n += s->stays[i];
    return n;
}

START_TEST(a_stay_is_named_after_what_took_most)
{
    struct tw_stay s;

    tw_stay_init(&s);
    s.on_long = on_long;
    s.data = &long_stage;
    long_stage = NULL;
    ck_assert_int_eq(tw_stay_go(&s, TW_STAGE_SOCKET), TW_STAGE_NONE);
    hold(5);
    ck_assert_int_eq(tw_stay_go(&s, TW_STAGE_START), TW_STAGE_SOCKET);
    hold(60);
    ck_assert_int_eq(tw_stay_go(&s, TW_STAGE_SOCKET), TW_STAGE_START);
    ck_assert_uint_eq(stays_in(&s.sum), 0);
    ck_assert_int_eq(tw_stay_go(&s, TW_STAGE_NONE), TW_STAGE_SOCKET);
    ck_assert_str_eq(s.sum.longest_stage, "start");
    ck_assert_str_eq(long_stage, "start");
    ck_assert_uint_ge(s.sum.longest_us, 65000);
    ck_assert_uint_eq(long_us, s.sum.longest_us);
    ck_assert_uint_eq(s.sum.long_stays, 1);
    ck_assert_uint_eq(s.sum.caller_long_stays, 0);
    ck_assert_uint_eq(stays_in(&s.sum), 1);
    for (int i = 0; i < 17; i++) /* 2^16 us is more than it was */
        ck_assert_msg(i == 16 || s.sum.stays[i] == 0, "bucket %d", i);
}
END_TEST

START_TEST(the_callers_time_is_its_own)
{
    struct tw_stay s;

    tw_stay_init(&s);
    s.on_long = on_long;
    s.data = &long_stage;
    tw_stay_go(&s, TW_STAGE_SOCKET);
    hold(1);
    tw_stay_go(&s, TW_STAGE_CALLER);
    hold(60);
    tw_stay_go(&s, TW_STAGE_SOCKET);
    tw_stay_go(&s, TW_STAGE_NONE);
    ck_assert_str_eq(long_stage, "caller");
    ck_assert_str_eq(s.sum.longest_stage, "socket");
    ck_assert_uint_eq(s.sum.caller_long_stays, 1);
    ck_assert_uint_ge(s.sum.caller_longest_us, 60000);
    ck_assert_uint_lt(s.sum.longest_us, s.sum.caller_longest_us);
    ck_assert_uint_eq(stays_in(&s.sum), 1);
    ck_assert_int_eq(tw_stay_go(NULL, TW_STAGE_START), TW_STAGE_START);
}
END_TEST

static void slow(enum place place, struct got *g)
{
    (void)g;
    if (place == IN_DONE)
        hold(60);
}

START_TEST(a_slow_application_is_told_of)
{
    trawl_stays stays = TRAWL_STAYS_INIT;

    net.act = slow;
    net.options.log = net_log;
    net.options.log_level = 1;
    got_is(got_target("/"), 0, 200);
    ck_assert_int_eq(trawl_get_stays(net.t, &stays), 0);
    ck_assert_uint_eq(stays.size, sizeof(stays));
    ck_assert_uint_ge(stays.caller_long_stays, 1);
    ck_assert_uint_ge(stays.caller_longest_us, 60000);
    ck_assert_uint_gt(stays_in(&stays), 0);
    ck_assert_str_ne(stays.longest_stage, "");
    ck_assert_msg(got_has(&net.log, "in stage \"caller\""), "%s", net.log.data);
    stays.size = 1;
    ck_assert_int_eq(trawl_get_stays(net.t, &stays), TRAWL_EINVAL);
    stays.size = sizeof(stays) + 1;
    ck_assert_int_eq(trawl_get_stays(net.t, &stays), TRAWL_EINVAL);
}
END_TEST

/* ---- what is outstanding ---- */

struct seen {
    int count, states[TRAWL_STATE_ENDING + 1];
    int stop_after;
};

static int note(void *data, const trawl_outstanding *f)
{
    struct seen *seen = data;
    const struct got *g = f->data;
    char host[64];

    ck_assert_uint_eq(f->id, g->id);
    ck_assert_int_eq(f->purpose, TRAWL_PURPOSE_FETCH);
    ck_assert(f->url[f->url_len] == '\0' && strstr(f->url, "secret") == NULL);
    snprintf(host, sizeof(host), "127.0.0.1:%u", net.port);
    if (f->state != TRAWL_STATE_ENDING)
        ck_assert_str_eq(f->host, host);
    ck_assert_uint_lt(f->since_ms, 60000);
    ck_assert((f->until_ms > 0) == (f->state == TRAWL_STATE_WAITING));
    ck_assert_str_ne(trawl_state_name(f->state), "unknown");
    seen->states[f->state]++;
    return ++seen->count == seen->stop_after ? 7 : 0;
}

static int pauses(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len, void *data)
{
    (void)t;
    (void)id;
    (void)tries;
    (void)bytes;
    (void)len;
    (void)data;
    return TRAWL_PAUSE;
}

static struct seen look(void)
{
    struct seen seen = {0};

    ck_assert_int_eq(trawl_each(net.t, note, &seen), 0);
    return seen;
}

static void add_one_of_each(void)
{
    char url[128];

    snprintf(url, sizeof(url), "http://u:secret@127.0.0.1:%u/?stall=0", net.port);
    got_add(url, SIZE_MAX, NULL);
    got_add(net_url(0, "/?stall=100"), SIZE_MAX, got_chunk);
    got_add(net_url(0, "/?size=9"), SIZE_MAX, pauses);
    got_add(net_url(0, "/?fail=9&key=each"), SIZE_MAX, NULL);
    got_add("ftp://x/", SIZE_MAX, NULL);
}

static bool is_steady(const struct seen *s)
{
    return s->states[TRAWL_STATE_ANSWER] == 1 && s->states[TRAWL_STATE_RECEIVING] == 1 &&
           s->states[TRAWL_STATE_PAUSED] == 1 && s->states[TRAWL_STATE_WAITING] == 1;
}

START_TEST(each_fetch_is_told_of_with_its_state)
{
    struct seen seen;

    net.options.retry_delay_ms = net.options.retry_max_ms = 50000;
    add_one_of_each();
    seen = look();
    ck_assert_int_eq(seen.count, 5);
    ck_assert_int_eq(seen.states[TRAWL_STATE_ENDING], 1);
    ck_assert_int_eq(seen.states[TRAWL_STATE_CONNECTING], 4);
    do {
        uv_run(&net.loop, UV_RUN_ONCE);
        seen = look();
    } while (!is_steady(&seen));
    ck_assert_int_eq(seen.count, 4);
    trawl_stop(net.t); /* the one that waits is over, and still to be told */
    seen = look();
    ck_assert_int_eq(seen.states[TRAWL_STATE_ENDING], 1);
    net_close();
}
END_TEST

START_TEST(what_is_queued_is_told_of_and_telling_can_end)
{
    struct seen seen = {.stop_after = 2};

    net.options.concurrency = 1;
    add_one_of_each();
    ck_assert_int_eq(look().states[TRAWL_STATE_QUEUED], 3);
    ck_assert_int_eq(trawl_each(net.t, note, &seen), 7);
    ck_assert_int_eq(seen.count, 2);
    net_close();
}
END_TEST

START_TEST(blocking_strategies_tell_of_theirs_too)
{
    struct seen seen;

    net.options.strategy = "pool";
    net.options.workers = 4;
    got_add(net_url(0, "/?stall=100"), SIZE_MAX, got_chunk);
    ck_assert_int_eq(look().states[TRAWL_STATE_FETCHING], 1);
    do {
        uv_run(&net.loop, UV_RUN_ONCE);
        seen = look();
    } while (seen.states[TRAWL_STATE_RECEIVING] == 0);
    net_close();
}
END_TEST

/* ---- descriptors ---- */

START_TEST(a_trawl_that_gets_no_descriptor_does_not_open)
{
    static const char *const strategies[] = {"loop", "pool", "batch", "sequential"};
    struct rlimit files;
    int fd, last = -1;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = 256;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
    while ((fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
        last = fd;
    ck_assert_int_ge(last, 0);
    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        net.options.strategy = strategies[i];
        ck_assert_int_eq(trawl_open(&net.t, &net.loop, &net.options), TRAWL_EMFILE);
        ck_assert_ptr_null(net.t);
    }
    close(last); /* the loop itself needs one to end */
    uv_run(&net.loop, UV_RUN_DEFAULT);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_stay_is_named_after_what_took_most,
        the_callers_time_is_its_own,
        a_slow_application_is_told_of,
        each_fetch_is_told_of_with_its_state,
        what_is_queued_is_told_of_and_telling_can_end,
        blocking_strategies_tell_of_theirs_too,
        a_trawl_that_gets_no_descriptor_does_not_open,
    };

    return net_main("limits", tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
