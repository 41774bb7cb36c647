/* What must hold at every moment, seen from the engine: who is asked when. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "engine.h"
#include "scenario.h"

enum access { ACCESS_UNKNOWN, ACCESS_RULES, ACCESS_ALL, ACCESS_NONE };

void check_begin(const struct scenario *s);
void check_end(void);
extern const struct engine_watch check_watch;

/* The caller stopped something: nothing may start from now on but what is on its way. */
void check_stopped(void);
/* No page may begin, but be tried again, while it is paused. */
void check_paused(bool paused);
/* Of a body that was delivered. */
void check_bytes(uint64_t bytes);
/* Whether robots.txt of the host ever came to rules, or could not be had. */
struct robots_past {
    bool rules, failed;
};
struct robots_past check_robots_past(uint32_t host);
unsigned check_in_flight(void);
uint64_t check_exchanges(void);
/* Starts on an address that was in use by hosts of which it was not known yet. */
uint64_t check_blind_starts(void);

/* Prints what is wrong with which seed; how often it was called since check_begin(). */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
unsigned failures(void);
#define CHECK(condition, ...)                                                                  \
    do {                                                                                       \
        if (!(condition))                                                                      \
            fail(__VA_ARGS__);                                                                 \
    } while (0)

/* With --log. */
extern bool sim_log;
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
