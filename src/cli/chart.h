/* Line charts: from series of numbers to a picture of lines, markers and texts, which
 * chart_svg.c and chart_png.c draw. Lines differ by colour, dashes and markers, so that they
 * are told apart in black and white and by the colour-blind, and have their names at their
 * ends. */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- Axes -------------------------------------------------------------------------------- */

#define CLI_TICKS_MAX 12

struct cli_axis {
    bool log;
    double low;
    double high; /* above low */
    size_t n;
    double ticks[CLI_TICKS_MAX]; /* ascending, from low to high */
};

/* From 0 to at least max, which is above 0: ticks at 1, 2 or 5 times a power of ten, no more
 * than `most`, 12 at the most; whole: at whole numbers only. tight: high is max, else the last
 * tick. */
void cli_axis_linear(struct cli_axis *axis, double max, size_t most, bool whole, bool tight);

/* From min to max, both above 0; not tight: from tick to tick. */
void cli_axis_log(struct cli_axis *axis, double min, double max, bool tight);

/* Where a value stands, 0 is at low, 1 at high. */
double cli_axis_at(const struct cli_axis *axis, double value);

/* ---- What is to be drawn ----------------------------------------------------------------- */

enum cli_unit { CLI_UNIT_SECONDS, CLI_UNIT_BYTES };

struct cli_chart_point {
    double x; /* above 0 */
    double y; /* from 0 on */
    double low;
    double high; /* the error bar */
};

struct cli_chart_series {
    const char *name;
    const struct cli_chart_point *points; /* x ascending */
    size_t n;                             /* 0: it is left out */
};

struct cli_chart {
    const char *title;
    const char *x_label;
    const char *y_label; /* the unit is put behind it */
    const char *note;    /* and this behind the unit */
    enum cli_unit unit;
    const struct cli_chart_series *series;
    size_t n;
};

/* ---- The picture ------------------------------------------------------------------------- */

enum cli_ink { CLI_INK_TEXT, CLI_INK_AXIS, CLI_INK_GRID, CLI_INK_SERIES };
enum cli_shape_kind { CLI_SHAPE_PATH, CLI_SHAPE_MARKER, CLI_SHAPE_TEXT };
enum cli_anchor { CLI_ANCHOR_START, CLI_ANCHOR_MIDDLE, CLI_ANCHOR_END };

#define CLI_SHAPE_TEXT_SIZE 128

struct cli_xy {
    double x;
    double y;
};

struct cli_shape {
    enum cli_shape_kind kind;
    enum cli_ink ink;
    unsigned series; /* which one, of CLI_INK_SERIES */
    size_t first;    /* a path's points in cli_picture.points; a marker and a text have one */
    size_t n;
    double size; /* a line's width, a marker's radius, a text's height */
    bool dashed; /* with the series' dashes */
    bool bold;
    bool label; /* the name of a series */
    enum cli_anchor anchor;
    char text[CLI_SHAPE_TEXT_SIZE];
};

/* In pixels; y grows downwards, and is a text's base line. */
struct cli_picture {
    double width;
    double height;
    struct cli_shape *shapes; /* the first one is at the bottom */
    size_t n_shapes;
    struct cli_xy *points;
    size_t n_points;
};

/* 0 or TRAWL_ENOMEM. *picture, written on success, is to be freed. */
int cli_chart_layout(struct cli_picture *picture, const struct cli_chart *chart);
void cli_picture_free(struct cli_picture *picture);

/* Moves ascending places apart so that neighbours are at least gap apart and all are from low
 * to high, which has room for them, and moves them as little as that needs (least squares). */
void cli_labels_spread(double *places, size_t n, double gap, double low, double high);

/* No sans-serif font in use is wider. */
double cli_text_width(const char *text, double size);

/* ---- How the series look ----------------------------------------------------------------- */

#define CLI_STYLES     8 /* that differ in everything; further series mix them anew */
#define CLI_DASHES_MAX 6

struct cli_marker {
    bool hollow;
    bool strokes;             /* pairs of points are lines, nothing is filled */
    size_t n;                 /* 0: a circle */
    struct cli_xy points[12]; /* in a circle of radius 1 */
};

struct cli_style {
    unsigned light;       /* 0xRRGGBB, on white */
    unsigned dark;        /* on black */
    const double *dashes; /* lengths on and off, ends with 0 */
    const struct cli_marker *marker;
};

struct cli_style cli_series_style(unsigned series);

struct cli_ink_colors {
    unsigned light;
    unsigned dark;
};

extern const struct cli_ink_colors cli_ink_colors[CLI_INK_SERIES];
extern const struct cli_ink_colors cli_background;

/* ---- Drawing ----------------------------------------------------------------------------- */

/* An svg element. standalone: a file of its own, on white; else its colours are only defaults
 * for those of cli_svg_style(), and nothing is behind it. 0 or TRAWL_EWRITE. */
int cli_chart_svg(const struct cli_picture *picture, const char *title, bool standalone,
                  FILE *file);

/* The rules of a style element that give such pictures their colours on dark, without the
 * element and its braces. */
void cli_svg_dark_style(FILE *file);

/* 0, TRAWL_ENOMEM or TRAWL_EWRITE. */
int cli_chart_png(const struct cli_picture *picture, FILE *file);

#endif
