/* Runs of one scenario each, to the end and beyond. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "scenario.h"

/* Whether nothing was wrong. */
bool run_scenario(const struct scenario *s);

/* What the runs have in common; run_crawl.c and run_fetch.c. */
struct run {
    const struct scenario *s;
    trawl *t;
    uint64_t rng;
    bool in_call, stopped, closing, closed;
};
extern struct run run;
/* The library is called: nothing may call back meanwhile. */
#define CALL(statement)                                                                        \
    do {                                                                                       \
        run.in_call = true;                                                                    \
        statement;                                                                             \
        run.in_call = false;                                                                   \
    } while (0)
void run_called_back(const char *what);
void run_stop(void);
void run_close(void);
/* Inside the result's callback: its body may be taken, to be given back at some time or other. */
void run_take_body(const trawl_result *r);

void fetches_begin(void);
void fetches_end(void);
void crawl_begin(void);
void crawl_end(void);
/* After the trawl's close. */
void crawl_check_closed(void);

/* Of run_large.c */
int run_large(uint32_t hosts, uint32_t pages, unsigned concurrency);

#endif
