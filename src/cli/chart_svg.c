#include <string.h>

#include "trawl.h"
#include "cli/chart.h"
#include "cli/xml.h"

static void print_number(FILE *file, double value)
{
    char text[32];
    snprintf(text, sizeof(text), "%.1f", value);
    size_t len = strlen(text);
    if (len > 2 && strcmp(text + len - 2, ".0") == 0) {
        text[len - 2] = '\0';
    }
    fputs(text, file);
}

static void print_attribute(FILE *file, const char *name, double value)
{
    fprintf(file, " %s=\"", name);
    print_number(file, value);
    fputc('"', file);
}

/* The class is what a page's style names; the attribute is for all that knows no style. */
static void print_color(FILE *file, const struct cli_shape *shape, bool fill, const char *more)
{
    static const char *const names[] = {"text", "axis", "grid"};
    const char *what = fill ? "fill" : "stroke";
    if (shape->ink == CLI_INK_SERIES) {
        fprintf(file, " class=\"%s%u%s\" %s=\"#%06x\"", what, shape->series % CLI_STYLES, more,
                what, cli_series_style(shape->series).light);
    } else {
        fprintf(file, " class=\"%s-%s%s\" %s=\"#%06x\"", what, names[shape->ink], more, what,
                cli_ink_colors[shape->ink].light);
    }
}

static void print_dashes(FILE *file, const double *dashes)
{
    if (dashes[0] == 0) {
        return;
    }
    fputs(" stroke-dasharray=\"", file);
    for (size_t i = 0; dashes[i] != 0; i++) {
        fprintf(file, "%s%.0f", i == 0 ? "" : " ", dashes[i]);
    }
    fputc('"', file);
}

static void print_points(FILE *file, const struct cli_xy *points, size_t n, struct cli_xy at,
                         double scale, bool strokes)
{
    for (size_t i = 0; i < n; i++) {
        fputc(i == 0 || (strokes && i % 2 == 0) ? 'M' : 'L', file);
        print_number(file, at.x + points[i].x * scale);
        fputc(' ', file);
        print_number(file, at.y + points[i].y * scale);
    }
}

static void print_path(FILE *file, const struct cli_picture *picture,
                       const struct cli_shape *shape)
{
    fputs("<path", file);
    print_color(file, shape, false, "");
    print_attribute(file, "stroke-width", shape->size);
    if (shape->dashed) {
        print_dashes(file, cli_series_style(shape->series).dashes);
        fputs(" stroke-linejoin=\"round\"", file);
    }
    fputs(" fill=\"none\" d=\"", file);
    print_points(file, &picture->points[shape->first], shape->n, (struct cli_xy){0, 0}, 1,
                 false);
    fputs("\"/>\n", file);
}

static void print_marker(FILE *file, const struct cli_picture *picture,
                         const struct cli_shape *shape)
{
    const struct cli_marker *marker = cli_series_style(shape->series).marker;
    struct cli_xy at = picture->points[shape->first];
    bool lines = marker->hollow || marker->strokes;
    fputs(marker->n == 0 ? "<circle" : "<path", file);
    print_color(file, shape, !lines, marker->hollow ? " paper" : "");
    if (lines) {
        fprintf(file, " stroke-width=\"1.8\" fill=\"%s\"",
                marker->strokes ? "none" : "#ffffff");
    }
    if (marker->n == 0) {
        print_attribute(file, "cx", at.x);
        print_attribute(file, "cy", at.y);
        print_attribute(file, "r", shape->size);
    } else {
        fputs(" d=\"", file);
        print_points(file, marker->points, marker->n, at, shape->size, marker->strokes);
        fputs(marker->strokes ? "\"" : "Z\"", file);
    }
    fputs("/>\n", file);
}

static void print_text(FILE *file, const struct cli_picture *picture,
                       const struct cli_shape *shape)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    struct cli_xy at = picture->points[shape->first];
    fputs("<text", file);
    print_color(file, shape, true, "");
    print_attribute(file, "x", at.x);
    print_attribute(file, "y", at.y);
    print_attribute(file, "font-size", shape->size);
    fprintf(file, "%s text-anchor=\"%s\">", shape->bold ? " font-weight=\"bold\"" : "",
            anchors[shape->anchor]);
    cli_xml_text(file, shape->text);
    fputs("</text>\n", file);
}

static void print_shape(FILE *file, const struct cli_picture *picture,
                        const struct cli_shape *shape)
{
    switch (shape->kind) {
    case CLI_SHAPE_PATH: print_path(file, picture, shape); break;
    case CLI_SHAPE_MARKER: print_marker(file, picture, shape); break;
    case CLI_SHAPE_TEXT: print_text(file, picture, shape); break;
    }
}

int cli_chart_svg(const struct cli_picture *picture, const char *title, bool standalone,
                  FILE *file)
{
    if (standalone) {
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", file);
    }
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
            "width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\" role=\"img\">\n<title>",
            picture->width, picture->height, picture->width, picture->height);
    cli_xml_text(file, title);
    fputs("</title>\n", file);
    if (standalone) {
        fprintf(file, "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
                cli_background.light);
    }
    for (size_t i = 0; i < picture->n_shapes; i++) {
        print_shape(file, picture, &picture->shapes[i]);
    }
    fputs("</svg>\n", file);
    return ferror(file) ? TRAWL_EWRITE : 0;
}

void cli_svg_dark_style(FILE *file)
{
    static const char *const names[] = {"text", "axis", "grid"};
    for (unsigned i = 0; i < 3; i++) {
        fprintf(file, ".fill-%s{fill:#%06x}.stroke-%s{stroke:#%06x}\n", names[i],
                cli_ink_colors[i].dark, names[i], cli_ink_colors[i].dark);
    }
    fprintf(file, ".paper{fill:#%06x}\n", cli_background.dark);
    for (unsigned i = 0; i < CLI_STYLES; i++) {
        unsigned color = cli_series_style(i).dark;
        fprintf(file, ".fill%u{fill:#%06x}.stroke%u{stroke:#%06x}\n", i, color, i, color);
    }
}
