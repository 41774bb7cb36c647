#include "cli/worker.h"

#include <stddef.h>
#include <uv.h>

int cli_worker_init(struct cli_worker *worker)
{
    size_t size = sizeof(worker->program);
    int rc = uv_exepath(worker->program, &size);
    worker->argv[0] = worker->program;
    worker->argv[1] = CLI_WORKER_COMMAND;
    worker->argv[2] = NULL;
    return rc;
}
