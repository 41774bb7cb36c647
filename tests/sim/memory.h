/* Memory, counted: what the core allocates goes through --wrap=malloc and its like, what the
 * simulation allocates for itself does not. */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* The core's: bytes that it has, and had at the most since memory_begin(). */
size_t memory_live(void);
size_t memory_peak(void);
size_t memory_blocks(void);
void memory_begin(void);
/* One in so many allocations of the core fails from now on, 0: none. */
void memory_fail(unsigned one_in, uint64_t seed);
uint64_t memory_failed(void);

/* The simulation's own; never NULL. */
void *sim_alloc(size_t size);
void *sim_realloc(void *p, size_t size);
void sim_free(void *p);
char *sim_strdup(const char *s);

#endif
