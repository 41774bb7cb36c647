/* What a process and the processes that it started have used, from Linux's /proc and
 * getrusage(). */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include <stdint.h>

struct cli_times {
    double user;
    double system;
    double voluntary;
    double involuntary;
};

/* Processor seconds and context switches of this process, all its threads, and of the children
 * that have ended and been waited for. */
void cli_times_read(struct cli_times *times);

struct cli_space {
    uint64_t memory; /* bytes */
    unsigned threads;
};

/* Threads of this process now, 0 if they cannot be told. */
unsigned cli_threads_read(void);

/* The peak of memory in RAM of this process, and that of each child that lives, without the
 * pages of files that it has mapped: those are the program and its libraries, which are in
 * memory once for all. getrusage() has no such number: its peak of a child begins with the
 * parent's. threads is how many there are now, of this process and the children. */
void cli_space_read(struct cli_space *space);

/* Lets the peak of memory begin again with what is in use now, where the system can do that. */
void cli_space_reset(void);

#endif
