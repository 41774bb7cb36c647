#include "frontier/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "trawl.h"

#define FIRST_CAP 64
/* A segment is split rather than made larger than this. */
#define MAX_CAP 8192
/* Deeper, segments just grow: hashes do not lead there, only fingerprints made up by hand. */
#define MAX_DEPTH 24

/* Fingerprints that agree in their upper `depth` bits. Open addressing; 0 is free. */
struct segment {
    uint32_t cap, len;
    uint32_t depth;
    uint64_t slots[];
};

struct tw_seen {
    struct segment **directory; /* by the upper `depth` bits; neighbours may share a segment */
    uint32_t depth;
    size_t count, bytes;
    size_t cleared; /* entries of the directory before this name nothing any more */
    uint64_t seed;
};

static size_t segment_bytes(uint32_t cap)
{
    return sizeof(struct segment) + (size_t)cap * sizeof(uint64_t);
}

static struct segment *segment_new(uint32_t cap, uint32_t depth)
{
    struct segment *seg = calloc(1, segment_bytes(cap));

    if (seg == NULL)
        return NULL;
    seg->cap = cap;
    seg->depth = depth;
    return seg;
}

/* The slot that holds it, or the free one where it belongs. Where to begin is the fingerprint
 * as a fraction, so that moving a segment in order fills the new one in order. */
static uint64_t *slot_of(struct segment *seg, uint64_t fingerprint)
{
    uint32_t upper = (uint32_t)((fingerprint << seg->depth) >> 32);
    uint32_t i = (uint32_t)((uint64_t)upper * seg->cap >> 32);

    while (seg->slots[i] != 0 && seg->slots[i] != fingerprint)
        i = i + 1 == seg->cap ? 0 : i + 1;
    return &seg->slots[i];
}

static void put(struct segment *seg, uint64_t fingerprint)
{
    *slot_of(seg, fingerprint) = fingerprint;
    seg->len++;
}

static size_t index_of(const struct tw_seen *s, uint64_t fingerprint)
{
    return s->depth == 0 ? 0 : (size_t)(fingerprint >> (64 - s->depth));
}

/* Lets the directory name seg for all fingerprints that begin like this one. */
static void enter(struct tw_seen *s, struct segment *seg, uint64_t fingerprint)
{
    size_t n = (size_t)1 << (s->depth - seg->depth);
    size_t first = index_of(s, fingerprint) & ~(n - 1);

    for (size_t i = 0; i < n; i++)
        s->directory[first + i] = seg;
}

static int grow(struct tw_seen *s, struct segment *old, uint64_t fingerprint)
{
    uint32_t cap = old->cap + old->cap / 4;
    struct segment *seg;

    if (cap <= old->cap || cap > UINT32_MAX / 8)
        return TRAWL_ENOMEM;
    seg = segment_new(cap, old->depth);
    if (seg == NULL)
        return TRAWL_ENOMEM;
    for (uint32_t i = 0; i < old->cap; i++)
        if (old->slots[i] != 0)
            put(seg, old->slots[i]);
    enter(s, seg, fingerprint);
    s->bytes += segment_bytes(seg->cap) - segment_bytes(old->cap);
    free(old);
    return 0;
}

static int double_directory(struct tw_seen *s)
{
    size_t n = (size_t)1 << s->depth;
    struct segment **directory = malloc(2 * n * sizeof(struct segment *));

    if (directory == NULL)
        return TRAWL_ENOMEM;
    for (size_t i = 0; i < n; i++)
        directory[2 * i] = directory[2 * i + 1] = s->directory[i];
    free(s->directory);
    s->directory = directory;
    s->depth++;
    s->bytes += n * sizeof(struct segment *);
    return 0;
}

/* A capacity that n fingerprints fill to three quarters. */
static uint32_t cap_for(uint32_t n)
{
    uint32_t cap = n + n / 3 + 1;

    return cap < FIRST_CAP ? FIRST_CAP : cap;
}

static uint64_t half_of(const struct segment *seg, uint64_t fingerprint)
{
    return fingerprint >> (63 - seg->depth) & 1;
}

static uint32_t count_upper(const struct segment *seg)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < seg->cap; i++)
        n += seg->slots[i] != 0 && half_of(seg, seg->slots[i]) != 0;
    return n;
}

static int split(struct tw_seen *s, struct segment *old, uint64_t fingerprint)
{
    uint64_t upper_bit = (uint64_t)1 << (63 - old->depth);
    uint32_t upper = count_upper(old);
    struct segment *half[2] = {segment_new(cap_for(old->len - upper), old->depth + 1),
                               segment_new(cap_for(upper), old->depth + 1)};

    if (half[0] == NULL || half[1] == NULL ||
        (old->depth == s->depth && double_directory(s) != 0)) {
        free(half[0]);
        free(half[1]);
        return TRAWL_ENOMEM;
    }
    for (uint32_t i = 0; i < old->cap; i++)
        if (old->slots[i] != 0)
            put(half[half_of(old, old->slots[i])], old->slots[i]);
    enter(s, half[0], fingerprint & ~upper_bit);
    enter(s, half[1], fingerprint | upper_bit);
    s->bytes +=
        segment_bytes(half[0]->cap) + segment_bytes(half[1]->cap) - segment_bytes(old->cap);
    free(old);
    return 0;
}

/* Filled to four fifths, as it may be. */
static bool is_full(const struct segment *seg)
{
    return (uint64_t)(seg->len + 1) * 5 > (uint64_t)seg->cap * 4;
}

/* Sees to it that the segment takes one more. */
static int make_room(struct tw_seen *s, uint64_t fingerprint)
{
    struct segment *seg = s->directory[index_of(s, fingerprint)];

    while (is_full(seg)) {
        bool large = seg->cap + seg->cap / 4 > MAX_CAP && seg->depth < MAX_DEPTH;
        int err = large ? split(s, seg, fingerprint) : grow(s, seg, fingerprint);

        if (err != 0)
            return err;
        seg = s->directory[index_of(s, fingerprint)];
    }
    return 0;
}

int tw_seen_open(struct tw_seen **out, uint64_t seed)
{
    struct tw_seen *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return TRAWL_ENOMEM;
    s->seed = seed;
    s->directory = malloc(sizeof(struct segment *));
    if (s->directory != NULL)
        s->directory[0] = segment_new(FIRST_CAP, 0);
    if (s->directory == NULL || s->directory[0] == NULL) {
        free(s->directory);
        free(s);
        return TRAWL_ENOMEM;
    }
    s->bytes = sizeof(*s) + sizeof(struct segment *) + segment_bytes(FIRST_CAP);
    *out = s;
    return 0;
}

bool tw_seen_clear(struct tw_seen *s)
{
    struct segment *seg;

    if (s->cleared >> s->depth != 0)
        return false;
    seg = s->directory[s->cleared];
    s->cleared += (size_t)1 << (s->depth - seg->depth);
    free(seg);
    return true;
}

void tw_seen_free(struct tw_seen *s)
{
    if (s == NULL)
        return;
    while (tw_seen_clear(s))
        ;
    free(s->directory);
    free(s);
}

uint64_t tw_seen_fingerprint(const struct tw_seen *s, const void *url, size_t len)
{
    return tw_hash(url, len, s->seed);
}

/* 0 marks a free slot, so its fingerprint is taken for 1. */
static uint64_t stored(uint64_t fingerprint)
{
    return fingerprint == 0 ? 1 : fingerprint;
}

bool tw_seen_find(const struct tw_seen *s, uint64_t fingerprint)
{
    fingerprint = stored(fingerprint);
    return *slot_of(s->directory[index_of(s, fingerprint)], fingerprint) != 0;
}

int tw_seen_add_fingerprint(struct tw_seen *s, uint64_t fingerprint)
{
    struct segment *seg;
    uint64_t *slot;

    fingerprint = stored(fingerprint);
    seg = s->directory[index_of(s, fingerprint)];
    slot = slot_of(seg, fingerprint);
    if (*slot != 0)
        return 0;
    if (is_full(seg)) {
        int err = make_room(s, fingerprint);

        if (err != 0)
            return err;
        seg = s->directory[index_of(s, fingerprint)];
        slot = slot_of(seg, fingerprint);
    }
    *slot = fingerprint;
    seg->len++;
    s->count++;
    return 1;
}

int tw_seen_add(struct tw_seen *s, const void *url, size_t len)
{
    return tw_seen_add_fingerprint(s, tw_seen_fingerprint(s, url, len));
}

size_t tw_seen_count(const struct tw_seen *s)
{
    return s->count;
}

size_t tw_seen_bytes(const struct tw_seen *s)
{
    return s->bytes;
}
