/* How long the loop is held by callbacks of ours, and by which part of the work. A stay begins when a
 * callback of ours is entered and ends when it returns; inside it the clock is read once at every change
 * of stage. What the caller's own callbacks take is theirs: it is counted apart.
 *
 * Work that may be long is cut: it looks at tw_stay_is_over() and leaves the rest for the loop's next
 * turn. */
#ifndef TW_FETCH_STAY_H
#define TW_FETCH_STAY_H

#include <stdbool.h>
#include <stdint.h>

#include "trawl.h"

/* X(name, text): what the loop is held by. */
#define TW_STAGE_MAP(X)                                                                        \
    X(SOCKET, "socket")     /* libcurl, a socket being ready; receiving bodies */              \
    X(TIMER, "timer")       /* libcurl, a time being up: it connects there, too */             \
    X(DEFERRED, "deferred") /* what was put off until the next turn */                         \
    X(NAME, "name")         /* answers for names */                                            \
    X(START, "start")       /* fetches being started */                                        \
    X(RESULT, "result")     /* results being made: character set, excerpt */                   \
    X(SCAN, "scan")         /* pages being read for links, links being judged */               \
    X(CLOSE, "close")       /* everything being closed */                                      \
    X(WORKER, "worker")     /* what threads brought */                                         \
    X(CALLER, "caller")     /* callbacks of the application */

enum tw_stage {
    TW_STAGE_NONE, /* outside of all callbacks */
#define X(name, text) TW_STAGE_##name,
    TW_STAGE_MAP(X)
#undef X
        TW_STAGE_COUNT
};

/* Callbacks of ours give the loop back after this long if they have more to do. */
#define TW_STAY_SLICE_NS (UINT64_C(5) * 1000 * 1000)

struct tw_stay {
    enum tw_stage now;
    uint64_t began_ns, switched_ns;
    uint64_t spent_ns[TW_STAGE_COUNT]; /* of the stay that goes on */
    trawl_stays sum;
    /* A stay of over TRAWL_STAY_LONG_US, ours or the caller's, has ended. May be NULL. */
    void (*on_long)(void *data, const char *stage, uint64_t us);
    void *data;
};

void tw_stay_init(struct tw_stay *s);

/* Goes over to a stage and returns the one before, to go back to. From NONE a stay begins, and with
 * NONE it ends. s may be NULL. */
enum tw_stage tw_stay_go(struct tw_stay *s, enum tw_stage stage);

/* All stays, and the one that goes on as if it ended now. */
trawl_stays tw_stay_sum(const struct tw_stay *s);

/* Whether the work since began_ns (of uv_hrtime()) has taken its slice. */
bool tw_stay_is_over(uint64_t began_ns);

#endif
