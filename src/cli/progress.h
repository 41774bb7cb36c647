/* One line on a terminal that tells how far the work is: done, in flight, failed, rates, time
 * left. It is drawn at most ten times a second by a timer that does not keep the loop alive,
 * and is cut to the terminal's width. Nothing of it comes from the network. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <uv.h>

struct cli_progress;

struct cli_totals {
    uint64_t done; /* results, the failed ones too */
    uint64_t failed;
    uint64_t in_flight;
    uint64_t queued;
    uint64_t hosts;   /* of a crawl; 0: queued and hosts are not told */
    uint64_t bytes;   /* received so far */
    bool total_known; /* total is how many results there will be in all, or a fair estimate */
    uint64_t total;
};

/* err stays the caller's. Not enabled: every function does nothing, and nothing is ever
 * written. 0 or TRAWL_ENOMEM; *p is written on success only. */
int cli_progress_open(struct cli_progress **p, uv_loop_t *loop, FILE *err, bool enabled,
                      bool color);

/* Remembers the numbers for the next drawing. Cheap enough to be called for every result. */
void cli_progress_update(struct cli_progress *p, const struct cli_totals *totals);

/* Takes the line off the screen until cli_progress_show(), which puts it back as it was. To be
 * put around everything else that is written to the same terminal. p may be NULL. */
void cli_progress_hide(struct cli_progress *p);
void cli_progress_show(struct cli_progress *p);

/* Takes the line off, frees; then cb (may be NULL) runs from the loop. p may be NULL: cb then
 * runs within this call. */
void cli_progress_close(struct cli_progress *p, void (*cb)(void *data), void *data);

#endif
