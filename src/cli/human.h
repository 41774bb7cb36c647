/* Numbers for people. Each writes a NUL-terminated text to `text` and returns it. */
#ifndef CLI_HUMAN_H
#define CLI_HUMAN_H

#include <stdint.h>

#define CLI_HUMAN_SIZE 32

/* "0 B", "999 B", "1.3 MB": decimal units, three figures at the most before the unit. */
char *cli_human_bytes(char text[CLI_HUMAN_SIZE], double bytes);

/* "850 us", "1.4 ms", "202 ms", "1.24 s", "2:05 min". */
char *cli_human_time(char text[CLI_HUMAN_SIZE], uint64_t us);

/* "76.2", "5310": with a decimal below 100. */
char *cli_human_rate(char text[CLI_HUMAN_SIZE], double per_second);

/* "0:07", "12:40", "3:01:09", "5 d 03 h". */
char *cli_human_clock(char text[CLI_HUMAN_SIZE], uint64_t seconds);

#endif
