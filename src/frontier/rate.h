/* At most so many starts a second: each has a time of its own, evenly after the one before. */
#ifndef TW_FRONTIER_RATE_H
#define TW_FRONTIER_RATE_H

#include <stdint.h>

/* A caller that comes late may make up for so much. */
#define TW_RATE_LATE_MS 5

struct tw_rate {
    uint64_t space_ns; /* between two starts, 0: no limit */
    uint64_t next_ns;  /* when the next may start */
};

void tw_rate_init(struct tw_rate *rate, uint64_t per_second);
/* From which millisecond on the next may start. */
uint64_t tw_rate_may_ms(const struct tw_rate *rate);
void tw_rate_started(struct tw_rate *rate, uint64_t now_ms);

#endif
