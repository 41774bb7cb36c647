#include "frontier/pace.h"

#define LEAST_MS  500u /* what the first doubling doubles */
#define GONE_MS   100u
#define GOOD_STEP 8
#define SLACK_US  50000u

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint32_t ceiling_ms(const struct tw_pace *p)
{
    return (uint32_t)larger(p->base_ms, p->ceiling_ms);
}

/* Rounded up where it falls and where it rises, so that a step is never lost. */
static void learn(struct tw_pace *p, uint64_t latency_us)
{
    uint32_t sample = (uint32_t)larger(smaller(latency_us, UINT32_MAX / 2), 1);

    if (p->latency_us == 0)
        p->latency_us = p->usual_us = sample;
    else if (sample > p->latency_us)
        p->latency_us += (sample - p->latency_us + 7) / 8;
    else
        p->latency_us -= (p->latency_us - sample + 7) / 8;
    if (p->latency_us < p->usual_us)
        p->usual_us = p->latency_us;
    else
        p->usual_us += (p->latency_us - p->usual_us + 255) / 256;
}

static void recover(struct tw_pace *p)
{
    if (++p->good < GOOD_STEP)
        return;
    p->good = 0;
    p->penalty_ms -= p->penalty_ms / 4;
    if (p->penalty_ms < GONE_MS)
        p->penalty_ms = 0;
}

static void punish(struct tw_pace *p, uint64_t latency_us, uint64_t now_ms)
{
    uint64_t latency_ms = latency_us / 1000;
    uint64_t began_ms = now_ms > latency_ms ? now_ms - latency_ms : 0;

    p->good = 0;
    if (p->penalty_ms > 0 && began_ms < p->doubled_ms)
        return;
    p->doubled_ms = now_ms;
    p->penalty_ms = (uint32_t)smaller(2 * larger(larger(p->penalty_ms, p->base_ms), LEAST_MS),
                                      ceiling_ms(p));
}

void tw_pace_answered(struct tw_pace *pace, enum tw_pace_answer answer, uint64_t latency_us,
                      uint64_t now_ms)
{
    if (pace->fixed || answer == TW_PACE_NOTHING)
        return;
    if (answer != TW_PACE_GOOD) {
        punish(pace, latency_us, now_ms);
        return;
    }
    learn(pace, latency_us);
    recover(pace);
}

static uint64_t strain_ms(const struct tw_pace *p)
{
    uint64_t usual = 2 * (uint64_t)p->usual_us + SLACK_US;

    return p->latency_us > usual ? 2 * (p->latency_us - usual) / 1000 : 0;
}

uint64_t tw_pace_wait_ms(const struct tw_pace *pace)
{
    if (pace->fixed)
        return pace->base_ms;
    return smaller(larger(larger(pace->base_ms, pace->penalty_ms), strain_ms(pace)),
                   ceiling_ms(pace));
}

uint64_t tw_pace_hold_ms(uint64_t now_ms, uint64_t retry_after_ms, uint64_t max_ms)
{
    uint64_t wait = smaller(retry_after_ms, max_ms);

    return now_ms > UINT64_MAX - wait ? UINT64_MAX : now_ms + wait;
}
