/* A virtual clock in the place of libuv's loop. The core's object files are linked with
 * --wrap=uv_now and its like, so that their timers, idle handles and closes end up here. Nothing
 * sleeps: a turn of the loop in which nothing is to do goes straight to the next event. */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something that happens at a moment: owned by whoever lives in it. */
struct sim_event {
    uint64_t at_us, order; /* of equal moments, first in first out */
    size_t slot;           /* in the heap, 0: not in it */
    void (*run)(struct sim_event *event);
};

/* Begins anew, at some moment that is not 0. With lateness, some turns come up to that late. Work that
 * is done in slices finds its slice over cut_percent times in a hundred that it asks. */
void clock_begin(uint64_t seed, unsigned lateness_us, unsigned cut_percent);
/* Frees what the clock holds. */
void clock_end(void);

uint64_t clock_us(void);
/* What the core takes for now: of the beginning of the turn, as in libuv. */
uint64_t clock_ms(void);

void clock_at(struct sim_event *event, uint64_t at_us, void (*run)(struct sim_event *));
void clock_in(struct sim_event *event, uint64_t in_us, void (*run)(struct sim_event *));
void clock_drop(struct sim_event *event);

/* A turn of the loop. False: there was nothing to do, and nothing will be. */
bool clock_turn(void);
uint64_t clock_turns(void);
/* Handles of the core that are not closed, and what of them would keep the loop alive. */
size_t clock_open_handles(void);
size_t clock_active_handles(void);

#endif
