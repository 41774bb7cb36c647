#include "cli/compare_chart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/compare_out.h"

static size_t fill_points(struct cli_chart_point *points, const struct cli_compare *c,
                          size_t strategy, enum cli_metric metric)
{
    size_t n = 0;
    for (size_t count = 0; count < c->n_counts; count++) {
        struct cli_spread s;
        cli_cell_spread(cli_cell_at(c, count, strategy), metric, &s);
        if (s.n > 0) {
            points[n++] =
                (struct cli_chart_point){(double)c->counts[count], s.median, s.min, s.max};
        }
    }
    return n;
}

static int draw(struct cli_picture *picture, const struct cli_compare *c, const char *title,
                enum cli_metric metric)
{
    size_t n = c->n_strategies;
    struct cli_chart_series *series = calloc(n, sizeof(*series));
    struct cli_chart_point *points = calloc(n * c->n_counts, sizeof(*points));
    int err = series != NULL && points != NULL ? 0 : TRAWL_ENOMEM;
    char note[80] = "";
    if (c->o->compare.runs > 1) {
        snprintf(note, sizeof(note), ": median of %u runs, bars from the least to the most",
                 c->o->compare.runs);
    }
    for (size_t s = 0; err == 0 && s < n; s++) {
        struct cli_chart_point *at = &points[s * c->n_counts];
        series[s] =
            (struct cli_chart_series){c->strategies[s], at, fill_points(at, c, s, metric)};
    }
    if (err == 0) {
        struct cli_chart chart = {
            .title = title,
            .x_label = "number of URLs",
            .y_label = metric == CLI_SECONDS ? "time" : "peak of memory",
            .note = note,
            .unit = metric == CLI_SECONDS ? CLI_UNIT_SECONDS : CLI_UNIT_BYTES,
            .series = series,
            .n = n,
        };
        err = cli_chart_layout(picture, &chart);
    }
    free(series);
    free(points);
    return err;
}

int cli_compare_picture(struct cli_picture *picture, const char **title,
                        const struct cli_compare *c, enum cli_metric metric)
{
    *title = metric == CLI_SECONDS ? "Time to fetch a number of URLs"
                                   : "Memory to fetch a number of URLs";
    return draw(picture, c, *title, metric);
}

int cli_compare_chart(const struct cli_compare *c, const char *name, FILE *file)
{
    struct cli_picture picture;
    const char *title;
    size_t len = strlen(name);
    int err = cli_compare_picture(&picture, &title, c, CLI_SECONDS);
    if (err != 0) {
        return err;
    }
    if (len > 4 && strcasecmp(name + len - 4, ".png") == 0) {
        err = cli_chart_png(&picture, file);
    } else {
        err = cli_chart_svg(&picture, title, true, file);
    }
    cli_picture_free(&picture);
    return err;
}
