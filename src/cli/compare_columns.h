/* The columns of the tables that trawl compare shows, in text and in HTML. */
#ifndef CLI_COMPARE_COLUMNS_H
#define CLI_COMPARE_COLUMNS_H

#include "cli/compare.h"

#define CLI_COLUMN_SIZE 40

struct cli_column {
    const char *title;
    const char *explanation;
    int width;
    void (*format)(char text[CLI_COLUMN_SIZE], const struct cli_compare *c, size_t count,
                   const struct cli_cell *cell);
};

/* A table of them; two fit into 80 columns each where all would not fit into one. */
struct cli_block {
    const char *title;
    bool decides; /* the winner's row is marked */
    const struct cli_column *columns;
    size_t n;
};

#define CLI_BLOCKS 2
extern const struct cli_block cli_blocks[CLI_BLOCKS];

#endif
