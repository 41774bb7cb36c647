/* Random numbers that follow from a seed alone: sequences, and hashes of what is to stay the same. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t rng_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static inline uint64_t rng_next(uint64_t *rng)
{
    return rng_mix(*rng += 0x9e3779b97f4a7c15);
}

static inline unsigned rng_below(uint64_t *rng, unsigned n)
{
    return (unsigned)(rng_next(rng) % n);
}

static inline bool rng_chance(uint64_t *rng, unsigned percent)
{
    return rng_below(rng, 100) < percent;
}

static inline uint64_t rng_hash(uint64_t seed, uint64_t a, uint64_t b, uint64_t what)
{
    return rng_mix(rng_mix(rng_mix(seed + what * 0x9e3779b97f4a7c15) + a) ^ (b + 0x5851f42d4c957f2d));
}

#endif
