/* The colours are those of Okabe and Ito, which the colour-blind tell apart, where they are
 * dark enough on white; for dark backgrounds they are lightened. */
#include "cli/chart.h"

static const struct cli_ink_colors colors[CLI_STYLES] = {
    {0x0072b2, 0x5ab4f0}, /* blue */
    {0xd55e00, 0xff8a3d}, /* vermilion */
    {0x009e73, 0x2fcf9f}, /* green */
    {0xcc79a7, 0xe79ac4}, /* purple */
    {0x000000, 0xf0f0f0}, /* black */
    {0xe69f00, 0xf2b63a}, /* orange */
    {0x56b4e9, 0x9ad7ff}, /* sky blue */
    {0x8a7f00, 0xf0e442}, /* yellow */
};

static const double dashes[CLI_STYLES][CLI_DASHES_MAX + 1] = {
    {0},
    {9, 4, 0},
    {2, 3, 0},
    {9, 3, 2, 3, 0},
    {14, 4, 0},
    {5, 3, 0},
    {9, 3, 2, 3, 2, 3, 0},
    {1, 5, 0},
};

static const struct cli_marker markers[CLI_STYLES] = {
    {.n = 0},
    {.n = 4, .points = {{-0.8, -0.8}, {0.8, -0.8}, {0.8, 0.8}, {-0.8, 0.8}}},
    {.n = 3, .points = {{0, -1.1}, {1, 0.75}, {-1, 0.75}}},
    {.hollow = true, .n = 4, .points = {{0, -1.15}, {1.15, 0}, {0, 1.15}, {-1.15, 0}}},
    {.strokes = true, .n = 4, .points = {{-0.8, -0.8}, {0.8, 0.8}, {-0.8, 0.8}, {0.8, -0.8}}},
    {.hollow = true, .n = 0},
    {.n = 3, .points = {{0, 1.1}, {1, -0.75}, {-1, -0.75}}},
    {.strokes = true, .n = 4, .points = {{0, -1}, {0, 1}, {-1, 0}, {1, 0}}},
};

const struct cli_ink_colors cli_ink_colors[CLI_INK_SERIES] = {
    [CLI_INK_TEXT] = {0x202020, 0xe6e6e6},
    [CLI_INK_AXIS] = {0x707070, 0x9a9a9a},
    [CLI_INK_GRID] = {0xe3e3e3, 0x383838},
};

const struct cli_ink_colors cli_background = {0xffffff, 0x16181c};

struct cli_style cli_series_style(unsigned series)
{
    unsigned round = series / CLI_STYLES;
    return (struct cli_style){
        .light = colors[series % CLI_STYLES].light,
        .dark = colors[series % CLI_STYLES].dark,
        .dashes = dashes[(series + round) % CLI_STYLES],
        .marker = &markers[(series + 3 * round) % CLI_STYLES],
    };
}
