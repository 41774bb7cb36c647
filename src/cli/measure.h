/* The command that trawl compare starts for each measurement: `trawl measure`, which is in no
 * help. Reads a plan from standard input, fetches its URLs, all handed over at once, and writes
 * a report to standard output. */
#ifndef CLI_MEASURE_H
#define CLI_MEASURE_H

#define CLI_MEASURE_COMMAND "measure"

/* The exit status: 0, or 1 with a line on standard error. */
int cli_measure_run(void);

#endif
