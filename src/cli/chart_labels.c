/* Where names stand so that none covers another. */
#include <string.h>

#include "cli/chart.h"

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Pools adjacent violators: where places would come too close, the whole cluster takes the
 * place that suits its members best on the average. A cluster of one is itself. */
static void make_ascending(double *places, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        size_t first = i;
        double sum = places[i];
        double mean = sum;
        while (first > 0 && places[first - 1] > mean) {
            sum += places[--first];
            mean = sum / (double)(i - first + 1);
        }
        for (size_t k = first; k <= i; k++) {
            places[k] = mean;
        }
    }
}

void cli_labels_spread(double *places, size_t n, double gap, double low, double high)
{
    for (size_t i = 0; i < n; i++) {
        places[i] -= (double)i * gap;
    }
    make_ascending(places, n);
    for (size_t i = 0; i < n; i++) {
        places[i] = clamp(places[i], low, high - (double)(n - 1) * gap) + (double)i * gap;
    }
}

/* In units of a text's height: DejaVu Sans and Verdana are the widest in common use. */
static double letter_width(char c)
{
    if (strchr("ijlIt.,:;'|!f()[] -", c) != NULL) {
        return 0.42;
    }
    if (strchr("mwMW@%", c) != NULL) {
        return 1.05;
    }
    return c >= 'A' && c <= 'Z' ? 0.8 : 0.66;
}

double cli_text_width(const char *text, double size)
{
    double width = 0;
    for (; *text != '\0'; text++) {
        width += letter_width(*text);
    }
    return width * size;
}
