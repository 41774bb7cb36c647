/* The pace of one host, adapted to how it answers. It only counts; the frontier waits.
 *
 *     wait = min(max(base, penalty, strain), max(base, ceiling))
 *
 * base      what was asked for (--wait, Crawl-delay).
 * strain    2 * max(0, latency - (2 * usual + 50 ms)): the host is slower than it used to be.
 *           latency is smoothed, by an eighth of each answer's; usual is the least that it was,
 *           and comes after by 1/256 an answer, so that what stays becomes usual. An answer that
 *           takes about as long as ever costs no wait, so a fast server is asked at full speed.
 * penalty   on 429, 503, a failed connection or a timeout: 2 * max(penalty, base, 500 ms), up to the
 *           ceiling, but only once for all requests that were under way together: one that began
 *           before the last doubling does not double again. After each 8 good answers in a row it
 *           loses a quarter; under 100 ms it is gone.
 *
 * Retry-After is not a wait but a hold: see tw_pace_hold_ms().
 */
#ifndef TW_FRONTIER_PACE_H
#define TW_FRONTIER_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed but for the first three before its first use. */
struct tw_pace {
    uint32_t base_ms;    /* may change at any time */
    uint32_t ceiling_ms; /* of what adapts; a longer base holds */
    bool fixed;          /* nothing adapts: wait = base */

    uint8_t good; /* answers in a row */
    uint32_t penalty_ms;
    uint32_t latency_us, usual_us; /* 0: no answer yet */
    uint64_t doubled_ms;           /* when, 0 for never */
};

enum tw_pace_answer {
    TW_PACE_GOOD,    /* any response but the next */
    TW_PACE_BUSY,    /* 429, 503 */
    TW_PACE_TROUBLE, /* no connection, or a timeout */
    TW_PACE_NOTHING, /* tells nothing of the host: cancelled, refused by our own limits */
};

/* latency_us: from the request's start to the response's first byte; of GOOD ones only it counts
 * for the strain. */
void tw_pace_answered(struct tw_pace *pace, enum tw_pace_answer answer, uint64_t latency_us,
                      uint64_t now_ms);
uint64_t tw_pace_wait_ms(const struct tw_pace *pace);
/* Until when a Retry-After of so many milliseconds holds the host, at most max_ms from now. */
uint64_t tw_pace_hold_ms(uint64_t now_ms, uint64_t retry_after_ms, uint64_t max_ms);

#endif
