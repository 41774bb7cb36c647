#include "cli/chart.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "trawl.h"

/* Pixels. */
#define PLOT_WIDTH  560.0
#define PLOT_HEIGHT 330.0
#define LEFT        70.0
#define TOP         76.0
#define BOTTOM      56.0
#define FONT        13.0
#define TITLE_FONT  17.0
#define LABEL_GAP   18.0
#define LABEL_AT    34.0 /* from the plot to the marker before a name */
#define NAME_AT     11.0 /* from that marker to the name */
#define MARKER      4.5
#define EDGE        12.0

/* More between the least and the most than this is shown by logarithms. */
#define LINEAR_RANGE 100.0
/* What is measured is shown by logarithms too then, if it has a range worth it. */
#define LOG_RANGE    20.0
#define MOST_X_TICKS 11
#define MOST_Y_TICKS 8

struct layout {
    const struct cli_chart *chart;
    struct cli_picture picture;
    size_t shapes_room;
    size_t points_room;
    struct cli_axis x;
    struct cli_axis y;
    double plot_height;
    double divisor; /* of y, for its unit */
    const char *unit;
    bool no_memory;
};

/* ---- Shapes ------------------------------------------------------------------------------ */

static void *grow(struct layout *l, void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room) {
        return items;
    }
    void *grown = realloc(items, (2 * *room + 64) * size);
    if (grown == NULL) {
        l->no_memory = true;
        return items;
    }
    *room = 2 * *room + 64;
    return grown;
}

static void add_point(struct layout *l, double x, double y)
{
    struct cli_picture *p = &l->picture;
    p->points = grow(l, p->points, p->n_points, &l->points_room, sizeof(*p->points));
    if (!l->no_memory) {
        p->points[p->n_points++] = (struct cli_xy){x, y};
        p->shapes[p->n_shapes - 1].n++;
    }
}

/* Its points are added after it. */
static struct cli_shape *add_shape(struct layout *l, enum cli_shape_kind kind, enum cli_ink ink,
                                   double size)
{
    struct cli_picture *p = &l->picture;
    p->shapes = grow(l, p->shapes, p->n_shapes, &l->shapes_room, sizeof(*p->shapes));
    if (l->no_memory) {
        return NULL;
    }
    struct cli_shape *shape = &p->shapes[p->n_shapes++];
    *shape = (struct cli_shape){.kind = kind, .ink = ink, .size = size, .first = p->n_points};
    return shape;
}

static void add_line(struct layout *l, enum cli_ink ink, unsigned series, double width,
                     struct cli_xy from, struct cli_xy to)
{
    struct cli_shape *shape = add_shape(l, CLI_SHAPE_PATH, ink, width);
    if (shape != NULL) {
        shape->series = series;
        add_point(l, from.x, from.y);
        add_point(l, to.x, to.y);
    }
}

static void add_marker(struct layout *l, unsigned series, struct cli_xy at)
{
    struct cli_shape *shape = add_shape(l, CLI_SHAPE_MARKER, CLI_INK_SERIES, MARKER);
    if (shape != NULL) {
        shape->series = series;
        add_point(l, at.x, at.y);
    }
}

__attribute__((format(printf, 5, 6))) static struct cli_shape *
add_text(struct layout *l, double size, enum cli_anchor anchor, struct cli_xy at,
         const char *format, ...)
{
    struct cli_shape *shape = add_shape(l, CLI_SHAPE_TEXT, CLI_INK_TEXT, size);
    va_list args;
    if (shape == NULL) {
        return NULL;
    }
    shape->anchor = anchor;
    va_start(args, format);
    vsnprintf(shape->text, sizeof(shape->text), format, args);
    va_end(args);
    add_point(l, at.x, at.y);
    return l->no_memory ? NULL : shape;
}

static struct cli_xy place(const struct layout *l, double x, double y)
{
    return (struct cli_xy){LEFT + cli_axis_at(&l->x, x) * PLOT_WIDTH,
                           TOP + (1 - cli_axis_at(&l->y, y)) * l->plot_height};
}

/* ---- Axes -------------------------------------------------------------------------------- */

struct range {
    double x_min, x_max, y_min, y_max;
};

static struct range range_of(const struct cli_chart *chart)
{
    struct range r = {INFINITY, 0, INFINITY, 0};
    for (size_t s = 0; s < chart->n; s++) {
        for (size_t i = 0; i < chart->series[s].n; i++) {
            const struct cli_chart_point *p = &chart->series[s].points[i];
            r.x_min = fmin(r.x_min, p->x);
            r.x_max = fmax(r.x_max, p->x);
            r.y_min = fmin(r.y_min, fmin(p->y, p->low));
            r.y_max = fmax(r.y_max, fmax(p->y, p->high));
        }
    }
    return r;
}

static void choose_unit(struct layout *l)
{
    static const struct {
        enum cli_unit unit;
        double divisor;
        const char *name;
    } units[] = {
        {CLI_UNIT_SECONDS, 1e-6, "\xc2\xb5s"},
        {CLI_UNIT_SECONDS, 1e-3, "ms"},
        {CLI_UNIT_SECONDS, 1, "s"},
        {CLI_UNIT_SECONDS, 60, "minutes"},
        {CLI_UNIT_BYTES, 1, "bytes"},
        {CLI_UNIT_BYTES, 1e3, "kB"},
        {CLI_UNIT_BYTES, 1e6, "MB"},
        {CLI_UNIT_BYTES, 1e9, "GB"},
    };
    double most = range_of(l->chart).y_max;
    l->unit = NULL;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        bool small = most < units[i].divisor * (units[i].divisor == 60 ? 10 : 1);
        if (units[i].unit == l->chart->unit && (l->unit == NULL || !small)) {
            l->unit = units[i].name;
            l->divisor = units[i].divisor;
        }
    }
}

/* The ticks are at round numbers of the unit. */
static void scale_axis(struct cli_axis *axis, double factor)
{
    axis->low *= factor;
    axis->high *= factor;
    for (size_t i = 0; i < axis->n; i++) {
        axis->ticks[i] *= factor;
    }
}

static void choose_axes(struct layout *l)
{
    struct range r = range_of(l->chart);
    bool log = r.x_max > LINEAR_RANGE * r.x_min;
    choose_unit(l);
    if (r.x_max == 0) {
        r = (struct range){1, 1, 1, 1};
    }
    if (log) {
        cli_axis_log(&l->x, r.x_min, r.x_max, true);
    } else {
        cli_axis_linear(&l->x, r.x_max, MOST_X_TICKS, true, true);
    }
    double most = r.y_max > 0 ? r.y_max / l->divisor : 1;
    if (log && r.y_max > LOG_RANGE * r.y_min && r.y_min > 0) {
        cli_axis_log(&l->y, r.y_min / l->divisor, most, false);
    } else {
        cli_axis_linear(&l->y, most, MOST_Y_TICKS, false, false);
    }
    scale_axis(&l->y, l->divisor);
}

static void add_x_axis(struct layout *l)
{
    double bottom = TOP + l->plot_height;
    for (size_t i = 0; i < l->x.n; i++) {
        double x = place(l, l->x.ticks[i], l->y.low).x;
        add_line(l, CLI_INK_AXIS, 0, 1, (struct cli_xy){x, bottom},
                 (struct cli_xy){x, bottom + 5});
        add_text(l, FONT, CLI_ANCHOR_MIDDLE, (struct cli_xy){x, bottom + 20}, "%.6g",
                 l->x.ticks[i]);
    }
    add_line(l, CLI_INK_AXIS, 0, 1, (struct cli_xy){LEFT, bottom},
             (struct cli_xy){LEFT + PLOT_WIDTH, bottom});
    add_text(l, FONT, CLI_ANCHOR_MIDDLE, (struct cli_xy){LEFT + PLOT_WIDTH / 2, bottom + 42},
             "%s%s", l->chart->x_label,
             l->y.log   ? " (both axes are logarithmic)"
             : l->x.log ? " (this axis is logarithmic)"
                        : "");
}

static void add_y_axis(struct layout *l)
{
    for (size_t i = 0; i < l->y.n; i++) {
        double y = place(l, l->x.high, l->y.ticks[i]).y;
        add_line(l, CLI_INK_GRID, 0, 1, (struct cli_xy){LEFT, y},
                 (struct cli_xy){LEFT + PLOT_WIDTH, y});
        add_text(l, FONT, CLI_ANCHOR_END, (struct cli_xy){LEFT - 8, y + 4.5}, "%.6g",
                 l->y.ticks[i] / l->divisor);
    }
    add_text(l, FONT, CLI_ANCHOR_START, (struct cli_xy){EDGE, TOP - 20}, "%s in %s%s",
             l->chart->y_label, l->unit, l->chart->note);
}

/* ---- Series ------------------------------------------------------------------------------ */

/* A bar that its own marker would cover is left out. */
static void add_error_bar(struct layout *l, unsigned series, const struct cli_chart_point *p)
{
    struct cli_xy low = place(l, p->x, p->low);
    struct cli_xy high = place(l, p->x, p->high);
    if (low.y - high.y < 2 * MARKER) {
        return;
    }
    add_line(l, CLI_INK_SERIES, series, 1, low, high);
    add_line(l, CLI_INK_SERIES, series, 1, (struct cli_xy){low.x - 3, low.y},
             (struct cli_xy){low.x + 3, low.y});
    add_line(l, CLI_INK_SERIES, series, 1, (struct cli_xy){high.x - 3, high.y},
             (struct cli_xy){high.x + 3, high.y});
}

static void add_series(struct layout *l, unsigned series)
{
    const struct cli_chart_series *s = &l->chart->series[series];
    for (size_t i = 0; i < s->n; i++) {
        add_error_bar(l, series, &s->points[i]);
    }
    struct cli_shape *path = add_shape(l, CLI_SHAPE_PATH, CLI_INK_SERIES, 2);
    if (path != NULL) {
        path->series = series;
        path->dashed = true;
    }
    for (size_t i = 0; i < s->n && !l->no_memory; i++) {
        struct cli_xy at = place(l, s->points[i].x, s->points[i].y);
        add_point(l, at.x, at.y);
    }
    for (size_t i = 0; i < s->n; i++) {
        add_marker(l, series, place(l, s->points[i].x, s->points[i].y));
    }
}

/* ---- Names ------------------------------------------------------------------------------- */

struct name {
    unsigned series;
    struct cli_xy end;
};

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a;
    const struct name *y = b;
    if (x->end.y != y->end.y) {
        return x->end.y > y->end.y ? 1 : -1;
    }
    return (x->series > y->series) - (x->series < y->series);
}

static void add_name(struct layout *l, const struct name *name, double y)
{
    double x = LEFT + PLOT_WIDTH + LABEL_AT;
    add_line(l, CLI_INK_SERIES, name->series, 0.8,
             (struct cli_xy){name->end.x + MARKER + 2, name->end.y},
             (struct cli_xy){x - MARKER - 3, y});
    add_marker(l, name->series, (struct cli_xy){x, y});
    struct cli_shape *text =
        add_text(l, FONT, CLI_ANCHOR_START, (struct cli_xy){x + NAME_AT, y + 4.5}, "%s",
                 l->chart->series[name->series].name);
    if (text != NULL) {
        text->label = true;
    }
}

static void add_names(struct layout *l)
{
    struct name *names = calloc(l->chart->n + 1, sizeof(*names));
    double *places = calloc(l->chart->n + 1, sizeof(*places));
    size_t n = 0;
    l->no_memory = l->no_memory || names == NULL || places == NULL;
    for (size_t s = 0; !l->no_memory && s < l->chart->n; s++) {
        const struct cli_chart_series *series = &l->chart->series[s];
        if (series->n > 0) {
            const struct cli_chart_point *last = &series->points[series->n - 1];
            names[n++] = (struct name){(unsigned)s, place(l, last->x, last->y)};
        }
    }
    if (!l->no_memory && n > 0) {
        qsort(names, n, sizeof(*names), compare_names);
        for (size_t i = 0; i < n; i++) {
            places[i] = names[i].end.y;
        }
        cli_labels_spread(places, n, LABEL_GAP, TOP, TOP + l->plot_height);
        for (size_t i = 0; i < n; i++) {
            add_name(l, &names[i], places[i]);
        }
    }
    free(names);
    free(places);
}

/* ---- All of it --------------------------------------------------------------------------- */

static void choose_size(struct layout *l)
{
    double widest = 0;
    for (size_t s = 0; s < l->chart->n; s++) {
        widest = fmax(widest, cli_text_width(l->chart->series[s].name, FONT));
    }
    l->plot_height = fmax(PLOT_HEIGHT, LABEL_GAP * (double)l->chart->n);
    l->picture.width = ceil(LEFT + PLOT_WIDTH + LABEL_AT + NAME_AT + widest + EDGE);
    l->picture.height = TOP + l->plot_height + BOTTOM;
}

int cli_chart_layout(struct cli_picture *picture, const struct cli_chart *chart)
{
    struct layout l = {.chart = chart};
    choose_size(&l);
    choose_axes(&l);
    struct cli_shape *title = add_text(&l, TITLE_FONT, CLI_ANCHOR_START,
                                       (struct cli_xy){EDGE, 28}, "%s", chart->title);
    if (title != NULL) {
        title->bold = true;
    }
    add_y_axis(&l);
    add_x_axis(&l);
    /* The first series is a solid line; others that lie on it show as dashes on it. */
    for (size_t s = 0; s < chart->n; s++) {
        if (chart->series[s].n > 0) {
            add_series(&l, (unsigned)s);
        }
    }
    add_names(&l);
    if (l.no_memory) {
        cli_picture_free(&l.picture);
        return TRAWL_ENOMEM;
    }
    *picture = l.picture;
    return 0;
}

void cli_picture_free(struct cli_picture *picture)
{
    free(picture->shapes);
    free(picture->points);
}
