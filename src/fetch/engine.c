#include "fetch/engine.h"

#include <string.h>

static const struct tw_engine_ops *const engines[] = {
    &tw_engine_loop, &tw_engine_pool, &tw_engine_batch, &tw_engine_process, &tw_engine_sequential,
};
#define N_ENGINES (sizeof(engines) / sizeof(engines[0]))

const struct tw_engine_ops *tw_engine_find(const char *name)
{
    for (size_t i = 0; i < N_ENGINES; i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    return NULL;
}

const char *const *trawl_strategy_names(void)
{
    static const char *const names[] = {"loop", "pool", "batch", "process", "sequential", NULL};

    _Static_assert(sizeof(names) / sizeof(names[0]) == N_ENGINES + 1, "one name an engine");
    return names;
}
