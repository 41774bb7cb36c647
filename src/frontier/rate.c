#include "frontier/rate.h"

#define NS_A_MS 1000000
#define NS_A_SECOND 1000000000
/* Later than this is never: the nanoseconds would not fit. */
#define NEVER_MS (UINT64_MAX / NS_A_MS - 1)

void tw_rate_init(struct tw_rate *rate, uint64_t per_second)
{
    *rate = (struct tw_rate){0};
    if (per_second > 0)
        rate->space_ns = (NS_A_SECOND + per_second - 1) / per_second;
}

uint64_t tw_rate_may_ms(const struct tw_rate *rate)
{
    return rate->next_ns / NS_A_MS;
}

void tw_rate_started(struct tw_rate *rate, uint64_t now_ms)
{
    uint64_t now_ns, late_ns;

    if (rate->space_ns == 0)
        return;
    now_ns = (now_ms < NEVER_MS ? now_ms : NEVER_MS) * NS_A_MS;
    late_ns = now_ns > TW_RATE_LATE_MS * NS_A_MS ? now_ns - TW_RATE_LATE_MS * NS_A_MS : 0;
    if (rate->next_ns < late_ns)
        rate->next_ns = late_ns;
    rate->next_ns = rate->next_ns > NEVER_MS * NS_A_MS ? rate->next_ns : rate->next_ns + rate->space_ns;
}
