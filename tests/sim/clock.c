#include "clock.h"

#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "memory.h"
#include "random.h"

/* The wall clock at the beginning: some day in 2026. */
#define WALL_SECONDS 1790000000
/* More of them at once, without time passing, is a loop that spins. */
#define SPINS_MAX 1000000

/* A turn that leaves something to the next one takes less than that. */
#define TURN_MAX_US 1000

#define HANDLES 8

static struct {
    uint64_t now_us, loop_ms, orders, turns, spins, rng;
    unsigned lateness_us, cut_percent;
    struct sim_event **heap; /* from 1 */
    size_t len, cap;
    uv_timer_t *timers[HANDLES];
    uv_idle_t *idles[HANDLES];
    size_t timer_count, idle_count;
    uv_handle_t *closing[HANDLES];
    size_t closing_count;
} c;

/* Symbols that the linker gives the core instead of libuv's. */
uint64_t __wrap_uv_now(const uv_loop_t *loop);
uint64_t __wrap_uv_hrtime(void);
void __wrap_uv_update_time(uv_loop_t *loop);
int __wrap_uv_random(uv_loop_t *loop, uv_random_t *req, void *buf, size_t len, unsigned flags,
                     uv_random_cb cb);
int __wrap_uv_timer_init(uv_loop_t *loop, uv_timer_t *timer);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);
int __wrap_uv_timer_stop(uv_timer_t *timer);
int __wrap_uv_idle_init(uv_loop_t *loop, uv_idle_t *idle);
int __wrap_uv_idle_start(uv_idle_t *idle, uv_idle_cb cb);
int __wrap_uv_idle_stop(uv_idle_t *idle);
void __wrap_uv_close(uv_handle_t *handle, uv_close_cb cb);
int __wrap_uv_is_closing(const uv_handle_t *handle);
int __wrap_uv_is_active(const uv_handle_t *handle);
time_t __wrap_time(time_t *at);
bool __wrap_tw_stay_is_over(uint64_t began_ns);

/* ---- time ---- */

uint64_t clock_us(void)
{
    return c.now_us;
}

uint64_t clock_ms(void)
{
    return c.loop_ms;
}

uint64_t clock_turns(void)
{
    return c.turns;
}

uint64_t __wrap_uv_now(const uv_loop_t *loop)
{
    (void)loop;
    return c.loop_ms;
}

uint64_t __wrap_uv_hrtime(void)
{
    return c.now_us * 1000;
}

void __wrap_uv_update_time(uv_loop_t *loop)
{
    (void)loop;
    c.loop_ms = c.now_us / 1000;
}

time_t __wrap_time(time_t *at)
{
    time_t now = WALL_SECONDS + (time_t)(c.now_us / 1000000);

    if (at != NULL)
        *at = now;
    return now;
}

int __wrap_uv_random(uv_loop_t *loop, uv_random_t *req, void *buf, size_t len, unsigned flags,
                     uv_random_cb cb)
{
    unsigned char *bytes = buf;

    (void)loop, (void)req, (void)flags, (void)cb;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)rng_next(&c.rng);
    return 0;
}

/* No time passes inside of a turn: slices end by chance. Between these turns it does. */
bool __wrap_tw_stay_is_over(uint64_t began_ns)
{
    (void)began_ns;
    return c.cut_percent > 0 && rng_chance(&c.rng, c.cut_percent);
}

void clock_begin(uint64_t seed, unsigned lateness_us, unsigned cut_percent)
{
    clock_end();
    c.rng = seed;
    c.now_us = 1000000 + rng_below(&c.rng, 1000000);
    c.loop_ms = c.now_us / 1000;
    c.lateness_us = lateness_us;
    c.cut_percent = cut_percent;
}

void clock_end(void)
{
    uint64_t now_us = c.now_us; /* the last moment may still be asked for */

    sim_free(c.heap);
    memset(&c, 0, sizeof(c));
    c.now_us = now_us;
}

/* ---- events ---- */

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void put(struct sim_event *event, size_t slot)
{
    c.heap[slot] = event;
    event->slot = slot;
}

static void sift_up(struct sim_event *event, size_t slot)
{
    while (slot > 1 && before(event, c.heap[slot / 2])) {
        put(c.heap[slot / 2], slot);
        slot /= 2;
    }
    put(event, slot);
}

static void sift_down(struct sim_event *event, size_t slot)
{
    size_t child;

    while ((child = 2 * slot) <= c.len) {
        if (child < c.len && before(c.heap[child + 1], c.heap[child]))
            child++;
        if (!before(c.heap[child], event))
            break;
        put(c.heap[child], slot);
        slot = child;
    }
    put(event, slot);
}

void clock_drop(struct sim_event *event)
{
    size_t slot = event->slot;
    struct sim_event *last;

    if (slot == 0)
        return;
    event->slot = 0;
    last = c.heap[c.len--];
    if (last == event)
        return;
    if (slot > 1 && before(last, c.heap[slot / 2]))
        sift_up(last, slot);
    else
        sift_down(last, slot);
}

void clock_at(struct sim_event *event, uint64_t at_us, void (*run)(struct sim_event *))
{
    clock_drop(event);
    event->at_us = at_us < c.now_us ? c.now_us : at_us;
    event->order = ++c.orders;
    event->run = run;
    if (c.len + 2 > c.cap) {
        c.cap = c.cap == 0 ? 64 : c.cap * 2;
        c.heap = sim_realloc(c.heap, c.cap * sizeof(struct sim_event *));
    }
    sift_up(event, ++c.len);
}

void clock_in(struct sim_event *event, uint64_t in_us, void (*run)(struct sim_event *))
{
    clock_at(event, c.now_us + in_us, run);
}

/* ---- handles ----
 *
 * libuv's structs are used as they are: type, flags (below), and the fields of timers. */

enum { OPEN = 1, ACTIVE = 2, CLOSING = 4, CLOSED = 8 };

static void handle_init(uv_loop_t *loop, uv_handle_t *handle, uv_handle_type type)
{
    handle->loop = loop;
    handle->type = type;
    handle->flags = OPEN;
}

int __wrap_uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
    handle_init(loop, (uv_handle_t *)timer, UV_TIMER);
    if (c.timer_count == HANDLES)
        abort();
    c.timers[c.timer_count++] = timer;
    return 0;
}

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
    if ((timer->flags & CLOSING) != 0)
        return UV_EINVAL;
    timer->timer_cb = cb;
    timer->timeout = c.loop_ms + timeout < timeout ? UINT64_MAX : c.loop_ms + timeout;
    timer->repeat = repeat;
    timer->start_id = ++c.orders;
    timer->flags |= ACTIVE;
    return 0;
}

int __wrap_uv_timer_stop(uv_timer_t *timer)
{
    timer->flags &= ~(unsigned)ACTIVE;
    return 0;
}

int __wrap_uv_idle_init(uv_loop_t *loop, uv_idle_t *idle)
{
    handle_init(loop, (uv_handle_t *)idle, UV_IDLE);
    if (c.idle_count == HANDLES)
        abort();
    c.idles[c.idle_count++] = idle;
    return 0;
}

int __wrap_uv_idle_start(uv_idle_t *idle, uv_idle_cb cb)
{
    if ((idle->flags & ACTIVE) != 0)
        return 0; /* as in libuv, the callback stays */
    idle->idle_cb = cb;
    idle->flags |= ACTIVE;
    return 0;
}

int __wrap_uv_idle_stop(uv_idle_t *idle)
{
    idle->flags &= ~(unsigned)ACTIVE;
    return 0;
}

void __wrap_uv_close(uv_handle_t *handle, uv_close_cb cb)
{
    if ((handle->flags & CLOSING) != 0 || c.closing_count == HANDLES)
        abort();
    handle->flags = OPEN | CLOSING;
    handle->close_cb = cb;
    c.closing[c.closing_count++] = handle;
}

int __wrap_uv_is_closing(const uv_handle_t *handle)
{
    return (handle->flags & CLOSING) != 0;
}

int __wrap_uv_is_active(const uv_handle_t *handle)
{
    return (handle->flags & ACTIVE) != 0;
}

size_t clock_open_handles(void)
{
    return c.timer_count + c.idle_count;
}

size_t clock_active_handles(void)
{
    size_t n = c.closing_count;

    for (size_t i = 0; i < c.timer_count; i++)
        n += (c.timers[i]->flags & ACTIVE) != 0;
    for (size_t i = 0; i < c.idle_count; i++)
        n += (c.idles[i]->flags & ACTIVE) != 0;
    return n;
}

static void forget(const uv_handle_t *handle)
{
    for (size_t i = 0; i < c.timer_count; i++)
        if ((uv_handle_t *)c.timers[i] == handle)
            c.timers[i--] = c.timers[--c.timer_count];
    for (size_t i = 0; i < c.idle_count; i++)
        if ((uv_handle_t *)c.idles[i] == handle)
            c.idles[i--] = c.idles[--c.idle_count];
}

/* ---- turns ---- */

static uv_timer_t *next_timer(void)
{
    uv_timer_t *first = NULL;

    for (size_t i = 0; i < c.timer_count; i++) {
        uv_timer_t *t = c.timers[i];

        if ((t->flags & ACTIVE) != 0 &&
            (first == NULL || t->timeout < first->timeout ||
             (t->timeout == first->timeout && t->start_id < first->start_id)))
            first = t;
    }
    return first;
}

/* Those that are started meanwhile with a timeout of 0 run too, as in libuv 1.44. */
static void run_timers(void)
{
    uint64_t until = c.orders;
    uv_timer_t *timer;

    while ((timer = next_timer()) != NULL && timer->timeout <= c.loop_ms) {
        if (timer->start_id > until && ++c.spins > SPINS_MAX)
            abort();
        timer->flags &= ~(unsigned)ACTIVE;
        if (timer->repeat != 0)
            __wrap_uv_timer_start(timer, timer->timer_cb, timer->repeat, timer->repeat);
        timer->timer_cb(timer);
    }
}

static bool run_idles(void)
{
    uv_idle_t *now[HANDLES];
    size_t n = c.idle_count;
    bool any = false;

    memcpy(now, c.idles, sizeof(now));
    for (size_t i = 0; i < n; i++)
        if ((now[i]->flags & ACTIVE) != 0) {
            any = true;
            now[i]->idle_cb(now[i]);
        }
    return any;
}

static void run_events(void)
{
    uint64_t until = c.orders; /* what is made meanwhile is of a later turn */

    while (c.len > 0 && c.heap[1]->at_us <= c.now_us && c.heap[1]->order <= until) {
        struct sim_event *event = c.heap[1];

        clock_drop(event);
        event->run(event);
    }
}

static void run_closing(void)
{
    while (c.closing_count > 0) {
        uv_handle_t *handle = c.closing[--c.closing_count];

        handle->flags = CLOSED;
        forget(handle);
        if (handle->close_cb != NULL)
            handle->close_cb(handle);
    }
}

static bool something_is_urgent(void)
{
    for (size_t i = 0; i < c.idle_count; i++)
        if ((c.idles[i]->flags & ACTIVE) != 0)
            return true;
    return c.closing_count > 0;
}

/* To the next moment at which something happens; false if there is none. */
static bool go_on(void)
{
    uv_timer_t *timer = next_timer();
    uint64_t next = UINT64_MAX;

    if (something_is_urgent()) {
        if (c.cut_percent > 0)
            c.now_us += rng_below(&c.rng, TURN_MAX_US);
        return true;
    }
    if (timer != NULL)
        next = timer->timeout > UINT64_MAX / 1000 ? UINT64_MAX - 1 : timer->timeout * 1000;
    if (c.len > 0 && c.heap[1]->at_us < next)
        next = c.heap[1]->at_us;
    if (next == UINT64_MAX)
        return false;
    if (next > c.now_us) {
        c.spins = 0;
        c.now_us = next;
    }
    if (c.lateness_us > 0 && rng_below(&c.rng, 4) == 0)
        c.now_us += rng_below(&c.rng, c.lateness_us);
    return true;
}

bool clock_turn(void)
{
    bool alive;

    c.turns++;
    if (++c.spins > SPINS_MAX)
        abort();
    c.loop_ms = c.now_us / 1000;
    run_timers();
    run_idles();
    alive = go_on();
    c.loop_ms = c.now_us / 1000;
    run_events();
    run_closing();
    return alive;
}
