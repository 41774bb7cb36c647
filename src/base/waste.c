#include "base/waste.h"

/* Stands where the buffer's bytes were. */
struct tw_waste_block {
    struct tw_waste_block *next;
    size_t cap;
};

void tw_waste_put(struct tw_waste *w, struct tw_buf *b)
{
    struct tw_waste_block *block;

    if (!tw_buf_is_large(b)) {
        tw_buf_free(b);
        return;
    }
    block = (struct tw_waste_block *)(void *)b->data;
    block->next = w->first;
    block->cap = b->cap;
    w->first = block;
    w->bytes += b->cap;
    *b = (struct tw_buf){0};
}

void tw_waste_step(struct tw_waste *w, size_t max)
{
    struct tw_waste_block *block = w->first, *next;
    struct tw_buf b;

    if (block == NULL)
        return;
    next = block->next;
    b = (struct tw_buf){.data = (char *)block, .cap = block->cap};
    w->bytes -= b.cap;
    tw_buf_trim(&b, max);
    w->bytes += b.cap;
    if (b.data == NULL)
        w->first = next;
    else
        block->cap = b.cap;
}
