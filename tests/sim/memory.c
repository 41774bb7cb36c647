#include "memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static size_t live, peak, blocks;
static unsigned fail_one_in;
static uint64_t fail_rng, failed;

size_t memory_live(void)
{
    return live;
}

size_t memory_peak(void)
{
    return peak;
}

size_t memory_blocks(void)
{
    return blocks;
}

void memory_begin(void)
{
    live = peak = blocks = 0;
    fail_one_in = 0;
    failed = 0;
}

void memory_fail(unsigned one_in, uint64_t seed)
{
    fail_one_in = one_in;
    fail_rng = seed;
}

uint64_t memory_failed(void)
{
    return failed;
}

static bool fails(void)
{
    if (fail_one_in == 0 || rng_below(&fail_rng, fail_one_in) != 0)
        return false;
    failed++;
    return true;
}

static void *count(void *p)
{
    if (p == NULL)
        return NULL;
    blocks++;
    live += malloc_usable_size(p);
    if (live > peak)
        peak = live;
    return p;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : count(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    size_t before = p == NULL ? 0 : malloc_usable_size(p);
    void *q = fails() ? NULL : __real_realloc(p, size);

    if (q == NULL)
        return NULL;
    live -= before;
    blocks -= p != NULL;
    return count(q);
}

void __wrap_free(void *p)
{
    if (p == NULL)
        return;
    blocks--;
    live -= malloc_usable_size(p);
    __real_free(p);
}

char *__wrap_strndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = __wrap_malloc(len + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *__wrap_strdup(const char *s)
{
    return __wrap_strndup(s, strlen(s));
}

static void *must(void *p)
{
    if (p != NULL)
        return p;
    fputs("sim: out of memory\n", stderr);
    exit(2);
}

void *sim_alloc(size_t size)
{
    return must(__real_calloc(1, size == 0 ? 1 : size));
}

void *sim_realloc(void *p, size_t size)
{
    return must(__real_realloc(p, size));
}

void sim_free(void *p)
{
    __real_free(p);
}

char *sim_strdup(const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(sim_alloc(size), s, size);
}
