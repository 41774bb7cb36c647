#include "fetch/stay.h"

#include <string.h>
#include <uv.h>

static const char *const texts[TW_STAGE_COUNT] = {
    "",
#define X(name, text) text,
    TW_STAGE_MAP(X)
#undef X
};

void tw_stay_init(struct tw_stay *s)
{
    *s = (struct tw_stay){.sum = {.size = sizeof(trawl_stays), .longest_stage = ""}};
}

/* Bucket i holds what is below 2^i microseconds; the last one all that is longer. */
static unsigned bucket_of(uint64_t us)
{
    unsigned i = 0;

    while (us > 0 && i < TRAWL_STAY_BUCKETS - 1) {
        us >>= 1;
        i++;
    }
    return i;
}

static enum tw_stage longest_stage(const struct tw_stay *s)
{
    enum tw_stage best = TW_STAGE_NONE;

    for (int i = 1; i < TW_STAGE_COUNT; i++)
        if (i != TW_STAGE_CALLER && s->spent_ns[i] > s->spent_ns[best])
            best = (enum tw_stage)i;
    return best;
}

static void note(struct tw_stay *s, enum tw_stage stage, uint64_t us, uint64_t *longs)
{
    if (us <= TRAWL_STAY_LONG_US)
        return;
    (*longs)++;
    if (s->on_long != NULL)
        s->on_long(s->data, texts[stage], us);
}

static void end(struct tw_stay *s)
{
    uint64_t caller_us = s->spent_ns[TW_STAGE_CALLER] / 1000;
    uint64_t us = (s->switched_ns - s->began_ns - s->spent_ns[TW_STAGE_CALLER]) / 1000;
    enum tw_stage stage = longest_stage(s);

    s->sum.stays[bucket_of(us)]++;
    if (us > s->sum.longest_us) {
        s->sum.longest_us = us;
        s->sum.longest_stage = texts[stage];
    }
    if (caller_us > s->sum.caller_longest_us)
        s->sum.caller_longest_us = caller_us;
    note(s, stage, us, &s->sum.long_stays);
    note(s, TW_STAGE_CALLER, caller_us, &s->sum.caller_long_stays);
}

enum tw_stage tw_stay_go(struct tw_stay *s, enum tw_stage stage)
{
    enum tw_stage before;
    uint64_t now;

    if (s == NULL || s->now == stage)
        return stage;
    before = s->now;
    now = uv_hrtime();
    s->now = stage;
    if (before == TW_STAGE_NONE) {
        memset(s->spent_ns, 0, sizeof(s->spent_ns));
        s->began_ns = now;
    } else {
        s->spent_ns[before] += now - s->switched_ns;
    }
    s->switched_ns = now;
    if (stage == TW_STAGE_NONE)
        end(s);
    return before;
}

trawl_stays tw_stay_sum(const struct tw_stay *s)
{
    struct tw_stay copy = *s;

    copy.on_long = NULL;
    tw_stay_go(&copy, TW_STAGE_NONE);
    return copy.sum;
}

bool tw_stay_is_over(uint64_t began_ns)
{
    return uv_hrtime() - began_ns > TW_STAY_SLICE_NS;
}
