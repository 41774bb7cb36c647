#include <cairo.h>
#include <math.h>

#include "trawl.h"
#include "cli/chart.h"

#define SCALE 2.0 /* for screens that have small pixels */

static void set_color(cairo_t *cairo, unsigned color)
{
    cairo_set_source_rgb(cairo, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0,
                         (color & 255) / 255.0);
}

static void set_ink(cairo_t *cairo, const struct cli_shape *shape)
{
    set_color(cairo, shape->ink == CLI_INK_SERIES ? cli_series_style(shape->series).light
                                                  : cli_ink_colors[shape->ink].light);
}

static void trace(cairo_t *cairo, const struct cli_xy *points, size_t n, struct cli_xy at,
                  double scale, bool strokes)
{
    for (size_t i = 0; i < n; i++) {
        double x = at.x + points[i].x * scale;
        double y = at.y + points[i].y * scale;
        if (i == 0 || (strokes && i % 2 == 0)) {
            cairo_move_to(cairo, x, y);
        } else {
            cairo_line_to(cairo, x, y);
        }
    }
}

static void draw_path(cairo_t *cairo, const struct cli_picture *picture,
                      const struct cli_shape *shape)
{
    int n = 0;
    const double *dashes = cli_series_style(shape->series).dashes;
    while (shape->dashed && dashes[n] != 0) {
        n++;
    }
    cairo_set_dash(cairo, dashes, n, 0);
    cairo_set_line_width(cairo, shape->size);
    trace(cairo, &picture->points[shape->first], shape->n, (struct cli_xy){0, 0}, 1, false);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
}

static void draw_marker(cairo_t *cairo, const struct cli_picture *picture,
                        const struct cli_shape *shape)
{
    const struct cli_marker *marker = cli_series_style(shape->series).marker;
    struct cli_xy at = picture->points[shape->first];
    cairo_new_path(cairo);
    if (marker->n == 0) {
        cairo_arc(cairo, at.x, at.y, shape->size, 0, 2 * M_PI);
    } else {
        trace(cairo, marker->points, marker->n, at, shape->size, marker->strokes);
    }
    if (!marker->strokes) {
        cairo_close_path(cairo);
    }
    if (marker->hollow) {
        set_color(cairo, cli_background.light);
        cairo_fill_preserve(cairo);
        set_ink(cairo, shape);
    }
    if (marker->hollow || marker->strokes) {
        cairo_set_line_width(cairo, 1.8);
        cairo_stroke(cairo);
    } else {
        cairo_fill(cairo);
    }
}

static void draw_text(cairo_t *cairo, const struct cli_picture *picture,
                      const struct cli_shape *shape)
{
    static const double shares[] = {0, 0.5, 1};
    struct cli_xy at = picture->points[shape->first];
    cairo_text_extents_t extents;
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           shape->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, shape->size);
    cairo_text_extents(cairo, shape->text, &extents);
    cairo_move_to(cairo, at.x - shares[shape->anchor] * extents.x_advance, at.y);
    cairo_show_text(cairo, shape->text);
}

static void draw_shape(cairo_t *cairo, const struct cli_picture *picture,
                       const struct cli_shape *shape)
{
    set_ink(cairo, shape);
    switch (shape->kind) {
    case CLI_SHAPE_PATH: draw_path(cairo, picture, shape); break;
    case CLI_SHAPE_MARKER: draw_marker(cairo, picture, shape); break;
    case CLI_SHAPE_TEXT: draw_text(cairo, picture, shape); break;
    }
}

static cairo_status_t on_write(void *file, const unsigned char *bytes, unsigned len)
{
    return fwrite(bytes, 1, len, file) == len ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int cli_chart_png(const struct cli_picture *picture, FILE *file)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(picture->width * SCALE),
                                   (int)ceil(picture->height * SCALE));
    cairo_t *cairo = cairo_create(surface);
    cairo_scale(cairo, SCALE, SCALE);
    set_color(cairo, cli_background.light);
    cairo_paint(cairo);
    for (size_t i = 0; i < picture->n_shapes; i++) {
        draw_shape(cairo, picture, &picture->shapes[i]);
    }
    cairo_status_t status = cairo_status(cairo);
    if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_write_to_png_stream(surface, on_write, file);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS       ? 0
           : status == CAIRO_STATUS_WRITE_ERROR ? TRAWL_EWRITE
                                                : TRAWL_ENOMEM;
}
