#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "trawl.h"

/* From this size on a buffer is made of pages of its own, which move without being copied: to copy a
 * body of hundreds of megabytes each time it grows would hold everything up. */
#define MAPPED ((size_t)4 << 20)
/* Where the system has pages as large as this, they are not cut. */
#define LARGE_PAGE ((uintptr_t)2 << 20)

static bool is_mapped(size_t size)
{
    return size >= MAPPED;
}

static char *map(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* The bytes, moved to a block of another size, larger or as large. NULL without memory. */
static char *move(const struct tw_buf *b, size_t size)
{
    size_t old = b->data == NULL ? 0 : b->cap + 1;
    void *data;

    if (!is_mapped(size))
        return realloc(b->data, size);
    if (is_mapped(old)) {
        data = mremap(b->data, old, size, MREMAP_MAYMOVE);
        return data == MAP_FAILED ? NULL : data;
    }
    data = map(size);
    if (data != NULL && old > 0)
        memcpy(data, b->data, old);
    if (data != NULL)
        free(b->data);
    return data;
}

int tw_buf_reserve(struct tw_buf *b, size_t more)
{
    size_t need, cap;
    char *data;

    if (more <= b->cap - b->len && b->data != NULL)
        return 0;
    if (more > SIZE_MAX / 2 - b->len)
        return TRAWL_ENOMEM;
    need = b->len + more;
    cap = b->cap + b->cap / 2;
    if (cap < need)
        cap = need;
    if (cap < 63)
        cap = 63;
    data = move(b, cap + 1);
    if (data == NULL)
        return TRAWL_ENOMEM;
    b->data = data;
    b->cap = cap;
    b->data[b->len] = '\0';
    return 0;
}

int tw_buf_append(struct tw_buf *b, const void *bytes, size_t len)
{
    int err = tw_buf_reserve(b, len);

    if (err != 0)
        return err;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return 0;
}

void tw_buf_reset(struct tw_buf *b, size_t keep)
{
    if (b->cap > keep) {
        tw_buf_free(b);
        return;
    }
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

void tw_buf_free(struct tw_buf *b)
{
    if (b->data != NULL && is_mapped(b->cap + 1))
        munmap(b->data, b->cap + 1);
    else
        free(b->data);
    *b = (struct tw_buf){0};
}

bool tw_buf_is_large(const struct tw_buf *b)
{
    return b->data != NULL && is_mapped(b->cap + 1);
}

void tw_buf_trim(struct tw_buf *b, size_t max)
{
    uintptr_t begin = (uintptr_t)b->data, end = begin + b->cap + 1, cut;

    if (max < LARGE_PAGE)
        max = LARGE_PAGE;
    if (b->cap < MAPPED || max > b->cap - MAPPED) {
        tw_buf_free(b);
        return;
    }
    cut = (end - max + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
    munmap((void *)cut, end - cut);
    b->cap = cut - begin - 1;
}
