/* Sizes and times as people write them. */
#ifndef TW_SINK_HUMAN_H
#define TW_SINK_HUMAN_H

#include <stdint.h>

enum { TW_HUMAN_SIZE = 40 }; /* room for either, with the NUL */

/* Decimal units, three significant digits: "0 B", "999 B", "13.5 kB", "1.00 MB". */
void tw_human_bytes(char text[TW_HUMAN_SIZE], uint64_t bytes);

/* Of microseconds: "0.8 ms", "204 ms", "1.20 s", "2 min 5 s", "1 h 2 min". */
void tw_human_time(char text[TW_HUMAN_SIZE], uint64_t us);

#endif
