#include "frontier/backoff.h"

uint64_t tw_random_next(uint64_t *rng)
{
    uint64_t z = (*rng += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t tw_backoff_ms(uint64_t base_ms, uint64_t max_ms, unsigned retry, uint64_t *rng)
{
    uint64_t wait = base_ms < max_ms ? base_ms : max_ms;

    while (retry-- > 1 && wait < max_ms)
        wait = wait > max_ms / 2 ? max_ms : wait * 2;
    if (wait == 0)
        return 0;
    return wait - tw_random_next(rng) % (wait / 2 + 1);
}
