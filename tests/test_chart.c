#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/chart.h"

/* ---- Random charts ----------------------------------------------------------------------- */

/* xorshift64: the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double uniform(uint64_t *state)
{
    return (double)(next_random(state) >> 11) / 9007199254740992.0;
}

enum { SERIES_MAX = 24, POINTS_MAX = 16 };

struct random_chart {
    struct cli_chart chart;
    struct cli_chart_series series[SERIES_MAX];
    struct cli_chart_point points[SERIES_MAX][POINTS_MAX];
};

static const char *const names[] = {"loop",       "pool",           "batch", "process",
                                    "sequential", "aiohttp",        "W",     "wwwwmmmm",
                                    "a & <b>",    "joblib n_jobs=4"};

/* Values may be nearly equal, or span many powers of ten. */
static void fill(struct random_chart *r, uint64_t *state, size_t n_series, size_t n_points)
{
    static const double x_steps[] = {1, 1.5, 2, 3};
    double step = x_steps[next_random(state) % 4];
    double scale = pow(10, uniform(state) * 8 - 5);
    double noise = next_random(state) % 2 == 0 ? 1e-4 : 3;
    for (size_t s = 0; s < n_series; s++) {
        double x = 1;
        for (size_t i = 0; i < n_points; i++) {
            double y = scale * (1 + noise * uniform(state)) * (next_random(state) % 2 ? x : 1);
            r->points[s][i] = (struct cli_chart_point){x, y, y * 0.9, y * (1 + uniform(state))};
            x = ceil(x * step) + (step == 1 ? 1 : 0);
        }
        r->series[s] = (struct cli_chart_series){names[s % 10], r->points[s], n_points};
    }
    r->chart = (struct cli_chart){
        .title = "Title",
        .x_label = "number of URLs",
        .y_label = "time",
        .note = ": median of 5 runs, bars from the least to the most",
        .unit = next_random(state) % 2 == 0 ? CLI_UNIT_SECONDS : CLI_UNIT_BYTES,
        .series = r->series,
        .n = n_series,
    };
}

/* ---- Boxes ------------------------------------------------------------------------------- */

struct box {
    double left, right, top, bottom;
};

static struct box box_of(const struct cli_picture *p, const struct cli_shape *shape)
{
    static const double shares[] = {0, 0.5, 1};
    double width = cli_text_width(shape->text, shape->size);
    struct cli_xy at = p->points[shape->first];
    double left = at.x - shares[shape->anchor] * width;
    return (struct box){left, left + width, at.y - shape->size, at.y + shape->size * 0.3};
}

static bool overlap(struct box a, struct box b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static void assert_texts_apart(const struct cli_picture *p)
{
    const struct cli_shape *texts[64];
    size_t n = 0;
    for (size_t i = 0; i < p->n_shapes; i++) {
        if (p->shapes[i].kind == CLI_SHAPE_TEXT) {
            ck_assert_uint_lt(n, 64);
            texts[n++] = &p->shapes[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            ck_assert_msg(!overlap(box_of(p, texts[i]), box_of(p, texts[k])),
                          "'%s' covers '%s'", texts[i]->text, texts[k]->text);
        }
    }
}

static void assert_inside(const struct cli_picture *p)
{
    for (size_t i = 0; i < p->n_points; i++) {
        struct cli_xy at = p->points[i];
        if (!(at.x >= 0 && at.x <= p->width && at.y >= 0 && at.y <= p->height)) {
            ck_abort_msg("point %g %g leaves the picture", at.x, at.y);
        }
    }
    for (size_t i = 0; i < p->n_shapes; i++) {
        if (p->shapes[i].kind == CLI_SHAPE_TEXT) {
            struct box b = box_of(p, &p->shapes[i]);
            ck_assert_msg(b.left >= 0 && b.right <= p->width && b.top >= 0 &&
                              b.bottom <= p->height,
                          "'%s' leaves the picture", p->shapes[i].text);
        }
    }
}

/* No line of data runs through a name. */
static void assert_names_clear(const struct cli_picture *p, size_t n_series)
{
    size_t n = 0;
    double right = 0;
    for (size_t i = 0; i < p->n_shapes; i++) {
        const struct cli_shape *shape = &p->shapes[i];
        for (size_t k = 0; shape->dashed && k < shape->n; k++) {
            right = fmax(right, p->points[shape->first + k].x);
        }
    }
    for (size_t i = 0; i < p->n_shapes; i++) {
        if (p->shapes[i].label) {
            ck_assert(box_of(p, &p->shapes[i]).left > right);
            n++;
        }
    }
    ck_assert_uint_eq(n, n_series);
}

static void check_layout(const struct cli_chart *chart)
{
    struct cli_picture p;
    ck_assert_int_eq(cli_chart_layout(&p, chart), 0);
    assert_inside(&p);
    assert_texts_apart(&p);
    assert_names_clear(&p, chart->n);
    cli_picture_free(&p);
}

START_TEST(texts_never_overlap_or_leave_the_picture)
{
    static const size_t counts[] = {1, 2, 5, 16};
    uint64_t state = 0x9e3779b97f4a7c15;
    struct random_chart *r = calloc(1, sizeof(*r));
    for (size_t n_series = 1; n_series <= SERIES_MAX; n_series++) {
        for (size_t i = 0; i < 80; i++) {
            fill(r, &state, n_series, counts[i % 4]);
            check_layout(&r->chart);
        }
    }
    free(r);
}
END_TEST

START_TEST(equal_values_and_zero_are_drawn)
{
    struct cli_chart_point points[] = {{1, 0, 0, 0}, {2, 0, 0, 0}};
    struct cli_chart_series series[] = {{"a", points, 2}, {"b", points, 2}, {"c", points, 1}};
    struct cli_chart chart = {"T", "x", "y", "", CLI_UNIT_SECONDS, series, 3};
    check_layout(&chart);
    points[0] = (struct cli_chart_point){7, 1, 1, 1};
    series[0].n = series[1].n = 1;
    check_layout(&chart);
}
END_TEST

START_TEST(series_without_points_are_left_out)
{
    struct cli_chart_point point = {4, 1, 1, 1};
    struct cli_chart_series series[] = {{"a", NULL, 0}, {"b", &point, 1}};
    struct cli_chart chart = {"T", "x", "y", "", CLI_UNIT_SECONDS, series, 2};
    struct cli_picture p;
    ck_assert_int_eq(cli_chart_layout(&p, &chart), 0);
    assert_names_clear(&p, 1);
    cli_picture_free(&p);
    series[1].n = 0;
    ck_assert_int_eq(cli_chart_layout(&p, &chart), 0);
    assert_names_clear(&p, 0);
    assert_inside(&p);
    cli_picture_free(&p);
}
END_TEST

/* ---- Names ------------------------------------------------------------------------------- */

START_TEST(names_are_apart_in_order_and_in_bounds)
{
    uint64_t state = 88172645463325252;
    for (size_t round = 0; round < 2000; round++) {
        size_t n = 1 + next_random(&state) % 20;
        double places[20];
        double at = 0;
        for (size_t i = 0; i < n; i++) {
            at += uniform(&state) * (round % 3 == 0 ? 1 : 40);
            places[i] = at;
        }
        cli_labels_spread(places, n, 18, 10, 400);
        for (size_t i = 0; i < n; i++) {
            ck_assert(places[i] >= 10 - 1e-9 && places[i] <= 400 + 1e-9);
            ck_assert(i == 0 || places[i] >= places[i - 1] + 18 - 1e-9);
        }
    }
}
END_TEST

START_TEST(names_move_no_further_than_they_have_to)
{
    double alone[] = {50, 100, 200};
    cli_labels_spread(alone, 3, 18, 0, 400);
    ck_assert_double_eq(alone[0], 50);
    ck_assert_double_eq(alone[1], 100);
    ck_assert_double_eq(alone[2], 200);
    double pair[] = {100, 100};
    cli_labels_spread(pair, 2, 18, 0, 400);
    ck_assert_double_eq(pair[0], 91);
    ck_assert_double_eq(pair[1], 109);
}
END_TEST

/* ---- Axes -------------------------------------------------------------------------------- */

static bool is_round(double value)
{
    double mantissa = value / pow(10, floor(log10(value) + 1e-9));
    return fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 || fabs(mantissa - 5) < 1e-6;
}

START_TEST(linear_ticks_are_even_round_and_cover_all)
{
    uint64_t state = 4101842887655102017;
    for (int i = 0; i < 5000; i++) {
        double max = pow(10, uniform(&state) * 14 - 7);
        struct cli_axis axis;
        cli_axis_linear(&axis, max, 8, false, false);
        ck_assert(axis.n >= 3 && axis.n <= 8);
        ck_assert(axis.low == 0 && axis.ticks[0] == 0);
        ck_assert(axis.high >= max * (1 - 1e-6) && axis.high < 2 * max);
        ck_assert_double_eq_tol(axis.ticks[axis.n - 1] / axis.high, 1, 1e-6);
        ck_assert_msg(is_round(axis.ticks[1]), "%g", axis.ticks[1]);
        for (size_t k = 1; k < axis.n; k++) {
            ck_assert_double_eq_tol(axis.ticks[k] / axis.ticks[1], (double)k, 1e-6);
        }
    }
}
END_TEST

START_TEST(ticks_of_counts_are_whole)
{
    for (double max = 1; max < 40; max++) {
        struct cli_axis axis;
        cli_axis_linear(&axis, max, 11, true, true);
        ck_assert_double_eq(axis.high, max);
        ck_assert(axis.n >= 2);
        for (size_t k = 0; k < axis.n; k++) {
            ck_assert_double_eq(axis.ticks[k], floor(axis.ticks[k]));
            ck_assert(axis.ticks[k] <= max);
        }
    }
}
END_TEST

START_TEST(log_ticks_are_round_ascending_and_in_bounds)
{
    uint64_t state = 1442695040888963407;
    for (int i = 0; i < 5000; i++) {
        double min = pow(10, uniform(&state) * 8 - 6);
        double max = min * pow(10, uniform(&state) * 7);
        struct cli_axis axis;
        cli_axis_log(&axis, min, max, false);
        ck_assert(axis.low <= min * (1 + 1e-6) && axis.high >= max * (1 - 1e-6));
        ck_assert(axis.n >= 2 && axis.n <= CLI_TICKS_MAX);
        for (size_t k = 0; k < axis.n; k++) {
            double at = cli_axis_at(&axis, axis.ticks[k]);
            ck_assert_msg(is_round(axis.ticks[k]), "%g", axis.ticks[k]);
            ck_assert(at > -1e-6 && at < 1 + 1e-6);
            ck_assert(k == 0 || axis.ticks[k] > axis.ticks[k - 1]);
        }
    }
}
END_TEST

START_TEST(wide_ranges_of_counts_are_logarithmic)
{
    struct cli_chart_point points[] = {{1, 0.2, 0.2, 0.2}, {100, 0.4, 0.4, 0.4}};
    struct cli_chart_series series[] = {{"a", points, 2}};
    struct cli_chart chart = {"T", "URLs", "time", "", CLI_UNIT_SECONDS, series, 1};
    struct cli_picture p;
    for (int wide = 0; wide < 2; wide++) {
        bool said = false;
        points[1].x = wide ? 101 : 100;
        ck_assert_int_eq(cli_chart_layout(&p, &chart), 0);
        for (size_t i = 0; i < p.n_shapes; i++) {
            said = said || strstr(p.shapes[i].text, "logarithmic") != NULL;
        }
        ck_assert_int_eq(said, wide);
        cli_picture_free(&p);
    }
}
END_TEST

START_TEST(units_fit_the_values)
{
    static const struct {
        enum cli_unit unit;
        double value;
        const char *label;
    } cases[] = {{CLI_UNIT_SECONDS, 0.0004, "time in \xc2\xb5s"},
                 {CLI_UNIT_SECONDS, 0.2, "time in ms"},
                 {CLI_UNIT_SECONDS, 3.2, "time in s"},
                 {CLI_UNIT_SECONDS, 500, "time in s"},
                 {CLI_UNIT_SECONDS, 700, "time in minutes"},
                 {CLI_UNIT_BYTES, 999, "time in bytes"},
                 {CLI_UNIT_BYTES, 14e6, "time in MB"},
                 {CLI_UNIT_BYTES, 2e9, "time in GB"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli_chart_point point = {1, cases[i].value, cases[i].value, cases[i].value};
        struct cli_chart_series series = {"a", &point, 1};
        struct cli_chart chart = {"T", "x", "time", "", cases[i].unit, &series, 1};
        struct cli_picture p;
        bool found = false;
        ck_assert_int_eq(cli_chart_layout(&p, &chart), 0);
        for (size_t k = 0; k < p.n_shapes; k++) {
            found = found || strcmp(p.shapes[k].text, cases[i].label) == 0;
        }
        ck_assert_msg(found, "%s", cases[i].label);
        cli_picture_free(&p);
    }
}
END_TEST

/* ---- Looks ------------------------------------------------------------------------------- */

START_TEST(series_differ_in_more_than_colour)
{
    for (unsigned i = 0; i < 2 * CLI_STYLES; i++) {
        for (unsigned k = 0; k < i; k++) {
            struct cli_style a = cli_series_style(i);
            struct cli_style b = cli_series_style(k);
            ck_assert_msg(a.marker != b.marker || a.dashes != b.dashes, "%u %u", i, k);
        }
    }
}
END_TEST

START_TEST(svg_escapes_names)
{
    struct cli_chart_point point = {1, 1, 1, 1};
    struct cli_chart_series series = {"a & <b>", &point, 1};
    struct cli_chart chart = {"T \"1\"", "x", "y", "", CLI_UNIT_SECONDS, &series, 1};
    struct cli_picture p;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ck_assert_int_eq(cli_chart_layout(&p, &chart), 0);
    ck_assert_int_eq(cli_chart_svg(&p, chart.title, true, file), 0);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(text, ">a &amp; &lt;b&gt;</text>"));
    ck_assert_ptr_nonnull(strstr(text, "<title>T &quot;1&quot;</title>"));
    ck_assert_ptr_null(strstr(text, "<b>"));
    cli_picture_free(&p);
    free(text);
}
END_TEST

static void add_layout(Suite *suite)
{
    TCase *t = tcase_create("layout");
    tcase_add_test(t, texts_never_overlap_or_leave_the_picture);
    tcase_add_test(t, equal_values_and_zero_are_drawn);
    tcase_add_test(t, series_without_points_are_left_out);
    tcase_add_test(t, names_are_apart_in_order_and_in_bounds);
    tcase_add_test(t, names_move_no_further_than_they_have_to);
    suite_add_tcase(suite, t);
}

static void add_axes(Suite *suite)
{
    TCase *t = tcase_create("axes");
    tcase_add_test(t, linear_ticks_are_even_round_and_cover_all);
    tcase_add_test(t, ticks_of_counts_are_whole);
    tcase_add_test(t, log_ticks_are_round_ascending_and_in_bounds);
    tcase_add_test(t, wide_ranges_of_counts_are_logarithmic);
    tcase_add_test(t, units_fit_the_values);
    suite_add_tcase(suite, t);
}

static void add_looks(Suite *suite)
{
    TCase *t = tcase_create("looks");
    tcase_add_test(t, series_differ_in_more_than_colour);
    tcase_add_test(t, svg_escapes_names);
    suite_add_tcase(suite, t);
}

int main(void)
{
    Suite *suite = suite_create("chart");
    add_layout(suite);
    add_axes(suite);
    add_looks(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
