/* An engine that answers from the synthetic web, in virtual time, with faults. It keeps the contract
 * of fetch/engine.h; the core gets it for whatever strategy it asks, by --wrap=tw_engine_find. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include "fetch/engine.h"
#include "web.h"

/* Told of every exchange, before the core is. after_ms: of a whole answer's Retry-After, 0: none. */
struct engine_watch {
    void (*started)(const struct tw_job *job);
    void (*ended)(const struct tw_job *job, uint64_t after_ms);
    /* A name was looked up; error: 0 or why there is no address. May be NULL. */
    void (*looked_up)(const struct tw_lookup *lookup);
};

/* For the engines that are opened from now on. web must outlive them. */
void engine_begin(const struct web *web, const struct engine_watch *watch, uint64_t seed,
                  unsigned fault_percent);
/* Engines that are open. */
unsigned engine_count(void);

#endif
