#include "run.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "clock.h"
#include "crawl/core.h"
#include "memory.h"
#include "random.h"
#include "record.h"

#define TURNS_MAX 3000000
#define TAKEN_MAX 8

struct run run;
static uv_loop_t loop; /* only its address is used */

void run_called_back(const char *what)
{
    CHECK(!run.in_call, "%s inside of a call", what);
    CHECK(!run.closed, "%s after the end", what);
}

static void on_close(void *data)
{
    run_called_back("on_close");
    CHECK(data == &run && run.closing, "on_close without a close");
    run.closed = true;
    say("closed");
}

void run_stop(void)
{
    say("stop");
    check_stopped();
    run.stopped = true;
    CALL(trawl_stop(run.t));
}

void run_close(void)
{
    say("close");
    check_stopped();
    run.stopped = run.closing = true;
    CALL(trawl_close(run.t, on_close, &run));
}

/* ---- bodies that the caller has ---- */

static struct {
    trawl_body *body; /* NULL: none */
    const char *bytes;
    size_t len;
    uint64_t sum;
} taken[TAKEN_MAX];

static uint64_t sum_of(const char *bytes, size_t len)
{
    uint64_t sum = len;

    for (size_t i = 0; i < len; i++)
        sum = sum * 31 + (unsigned char)bytes[i];
    return sum;
}

static void give_back(unsigned i)
{
    if (taken[i].body == NULL)
        return;
    CHECK(sum_of(taken[i].bytes, taken[i].len) == taken[i].sum, "a body that was taken has changed");
    CALL(trawl_body_free(taken[i].body));
    taken[i].body = NULL;
}

void run_take_body(const trawl_result *r)
{
    unsigned i = rng_below(&run.rng, TAKEN_MAX);
    trawl_body *body = NULL, *again = NULL;
    int err;

    if (run.s->meddling == 0 || rng_below(&run.rng, 4) != 0)
        return;
    give_back(i);
    CALL(err = trawl_take_body(run.t, &body));
    CHECK(err == 0 || err == TRAWL_ENOENT || (err == TRAWL_ENOMEM && run.s->memory_fails != 0),
          "trawl_take_body: %s", trawl_err_name(err));
    CHECK(err != TRAWL_ENOENT || r->body_len == 0, "%s: no body to take", r->url);
    CHECK(err != 0 || r->body_len > 0 || run.s->options.keep_body == 0, "%s: took nothing", r->url);
    if (err != 0)
        return;
    CALL(err = trawl_take_body(run.t, &again));
    CHECK(err == TRAWL_ENOENT, "%s: its body was taken twice", r->url);
    taken[i].body = body;
    taken[i].bytes = r->body;
    taken[i].len = r->body_len;
    taken[i].sum = sum_of(r->body, r->body_len);
}

/* ---- the run ---- */

/* Until nothing is left to do. */
static void turn_to_the_end(void)
{
    uint64_t last = clock_turns() + TURNS_MAX;

    while (clock_turn() && failures() == 0)
        if (clock_turns() > last) {
            fail("it does not end");
            return;
        }
}

static void on_log(void *data, int level, const char *message)
{
    run_called_back("on_log");
    CHECK(data == &run && level >= 1 && level <= 2 && message[0] != '\0', "an odd log");
}

static void open_trawl(const struct scenario *s)
{
    trawl_options options = s->options;
    int err;

    options.log = s->logs ? on_log : NULL;
    options.log_data = &run;
    options.log_level = 2;
    err = trawl_open(&run.t, &loop, &options);

    if (err != 0) {
        CHECK(err == TRAWL_ENOMEM && s->memory_fails != 0, "trawl_open: %s", trawl_err_name(err));
        run.t = NULL;
    }
}

static void check_leftovers(void)
{
    CHECK(run.closed, "trawl_close never called back");
    CHECK(clock_open_handles() == 0, "%zu handles are open", clock_open_handles());
    CHECK(engine_count() == 0, "an engine is open");
    CHECK(memory_blocks() == 0, "%zu blocks of memory, %zu bytes, were not freed",
          memory_blocks(), memory_live());
}

/* Nothing is in flight: of what counts in max_memory there is only what the caller has. */
static void check_kept(void)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < TAKEN_MAX; i++)
        bytes += taken[i].body == NULL ? 0 : taken[i].len;
    CHECK(run.t->kept >= bytes, "%llu bytes are kept, and the caller has %llu",
          (unsigned long long)run.t->kept, (unsigned long long)bytes);
    for (unsigned i = 0; i < TAKEN_MAX; i++)
        give_back(i);
    CHECK(run.t->kept == 0, "%llu bytes are kept for nothing", (unsigned long long)run.t->kept);
}

static void run_all(const struct scenario *s)
{
    if (s->is_crawl)
        crawl_begin();
    else
        fetches_begin();
    turn_to_the_end();
    if (failures() > 0)
        return; /* what is left is of no use */
    if (!run.closed) {
        CHECK(check_in_flight() == 0, "%u exchanges are left", check_in_flight());
        CHECK(clock_active_handles() == 0, "a timer ticks on, or an idle handle");
    }
    if (s->is_crawl)
        crawl_end();
    else
        fetches_end();
    if (!run.closing)
        check_kept();
    if (!run.closing)
        run_close();
    turn_to_the_end();
    for (unsigned i = 0; i < TAKEN_MAX; i++)
        give_back(i);
    if (s->is_crawl)
        crawl_check_closed();
    check_leftovers();
}

bool run_scenario(const struct scenario *s)
{
    memory_begin();
    memset(taken, 0, sizeof(taken));
    clock_begin(s->seed, s->lateness_us, s->cut_percent);
    check_begin(s);
    engine_begin(&s->web, &check_watch, rng_mix(s->seed + 1), s->fault_percent);
    memset(&run, 0, sizeof(run));
    run.s = s;
    run.rng = rng_mix(s->seed + 2);
    memory_fail(s->memory_fails, s->seed);
    open_trawl(s);
    if (run.t != NULL)
        run_all(s);
    else
        CHECK(memory_blocks() == 0, "trawl_open failed, and left memory");
    say("%llu exchanges, peak of %zu bytes", (unsigned long long)check_exchanges(), memory_peak());
    check_end();
    clock_end();
    return failures() == 0;
}
