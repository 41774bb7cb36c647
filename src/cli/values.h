/* Values of options: text to number and back, and near misses of names. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False if text is not wholly such a value or does not fit 64 bits; *value is left alone then. */
bool cli_parse_number(const char *text, uint64_t *value);

/* Bytes: digits, a fraction, then k, M, G (1000) or Ki, Mi, Gi (1024), in either case, with or
 * without a B. What comes out must be whole bytes. */
bool cli_parse_size(const char *text, uint64_t *bytes);

/* Seconds with a fraction, or with ms, s, m or h behind it. To the millisecond. */
bool cli_parse_time(const char *text, uint64_t *ms);

/* The shortest text that parses to the value. */
void cli_format_size(uint64_t bytes, char *text, size_t size);
void cli_format_time(uint64_t ms, char *text, size_t size);

/* Insertions, deletions, replacements and swaps of neighbours from a to b (optimal string
 * alignment). Names longer than 63 bytes are far from everything. */
size_t cli_edit_distance(const char *a, const char *b);

/* Whether a name this far away is worth suggesting. */
bool cli_is_near(const char *typed, const char *name, size_t *distance);

/* A line of printf kind, to be freed, its control characters made '?'. NULL without memory. */
__attribute__((format(printf, 1, 2))) char *cli_message(const char *format, ...);

#endif
