#include "frontier/rate.h"

#define NS_A_MS     1000000
#define NS_A_SECOND 1000000000
/* Later than this is never: the nanoseconds would not fit. */
#define NEVER_MS (UINT64_MAX / NS_A_MS - 10000)

void tw_rate_init(struct tw_rate *rate, uint64_t per_second)
{
    *rate = (struct tw_rate){0};
    if (per_second > 0)
        rate->space_ns = (NS_A_SECOND - 1) / per_second + 1;
}

uint64_t tw_rate_may_ms(const struct tw_rate *rate)
{
    return rate->next_ns / NS_A_MS;
}

/* A time that fits, with room for a space after it. */
static uint64_t to_ns(uint64_t ms)
{
    return (ms < NEVER_MS ? ms : NEVER_MS) * NS_A_MS;
}

void tw_rate_started(struct tw_rate *rate, uint64_t now_ms)
{
    uint64_t late_ns = to_ns(now_ms > TW_RATE_LATE_MS ? now_ms - TW_RATE_LATE_MS : 0);

    if (rate->space_ns == 0)
        return;
    if (rate->next_ns < late_ns)
        rate->next_ns = late_ns;
    if (rate->next_ns <= UINT64_MAX - rate->space_ns)
        rate->next_ns += rate->space_ns;
}
