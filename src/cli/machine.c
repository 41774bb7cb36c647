#include "cli/machine.h"

#include <sched.h>
#include <stdio.h>
#include <uv.h>

static void read_cpu(struct cli_machine *machine)
{
    uv_cpu_info_t *cpus;
    cpu_set_t set;
    int n;
    snprintf(machine->cpu, sizeof(machine->cpu), "unknown");
    if (uv_cpu_info(&cpus, &n) == 0) {
        if (n > 0) {
            machine->cores = (unsigned)n;
            snprintf(machine->cpu, sizeof(machine->cpu), "%s", cpus[0].model);
        }
        uv_free_cpu_info(cpus, n);
    }
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        machine->cores = (unsigned)CPU_COUNT(&set);
    }
}

void cli_machine_read(struct cli_machine *machine)
{
    uv_utsname_t name;
    *machine = (struct cli_machine){.cores = 1, .kernel = "unknown"};
    read_cpu(machine);
    machine->memory = uv_get_total_memory();
    if (uv_os_uname(&name) == 0) {
        snprintf(machine->kernel, sizeof(machine->kernel), "%.80s %.80s %.80s", name.sysname,
                 name.release, name.machine);
    }
}
