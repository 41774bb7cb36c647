/* The machine that a comparison was made on. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdint.h>

struct cli_machine {
    char cpu[128];    /* the model's name, "unknown" if the system does not tell */
    unsigned cores;   /* those that this process may use */
    uint64_t memory;  /* bytes */
    char kernel[256]; /* "Linux 6.1.0-18-amd64 x86_64" */
};

void cli_machine_read(struct cli_machine *machine);

#endif
