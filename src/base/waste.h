/* Large buffers on their way back to the system. It takes a tenth of a second to give back a gigabyte,
 * so that is done bit by bit. A zeroed struct is empty. */
#ifndef TW_BASE_WASTE_H
#define TW_BASE_WASTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct tw_waste_block;

struct tw_waste {
    struct tw_waste_block *first; /* inside of the buffers themselves: nothing can fail */
    size_t bytes;                 /* not given back yet */
};

/* Takes the buffer over, which is empty then. One that is not large is freed at once. */
void tw_waste_put(struct tw_waste *w, struct tw_buf *b);
/* Gives back about max bytes. */
void tw_waste_step(struct tw_waste *w, size_t max);

#endif
