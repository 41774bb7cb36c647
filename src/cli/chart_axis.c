/* Ticks at round numbers. */
#include <math.h>

#include "cli/chart.h"

/* 1, 2 or 5 times a power of ten: the least one that is not below value. */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    static const double steps[] = {1, 2, 5};
    for (int i = 0; i < 3; i++) {
        if (steps[i] * power >= value * (1 - 1e-9)) {
            return steps[i] * power;
        }
    }
    return 10 * power;
}

static double round_down(double value)
{
    double power = pow(10, floor(log10(value) + 1e-9));
    return value >= 5 * power * (1 - 1e-9)   ? 5 * power
           : value >= 2 * power * (1 - 1e-9) ? 2 * power
                                             : power;
}

void cli_axis_linear(struct cli_axis *axis, double max, size_t most, bool whole, bool tight)
{
    most = most < CLI_TICKS_MAX ? most : CLI_TICKS_MAX;
    double step = round_up(max / (double)(most - 1));
    if (!tight && ceil(max / step - 1e-9) + 1 > (double)most) {
        step = round_up(step * 1.01);
    }
    step = whole && step < 1 ? 1 : step;
    double last = tight ? floor(max / step + 1e-9) : ceil(max / step - 1e-9);
    *axis = (struct cli_axis){.high = tight ? max : last * step};
    for (size_t i = 0; i <= (size_t)last && axis->n < most; i++) {
        axis->ticks[axis->n++] = (double)i * step;
    }
}

/* With 1, 2 and 5 in each power of ten if there is room for all, else with as many powers as
 * there is room for. */
static void add_log_ticks(struct cli_axis *axis)
{
    double low = log10(axis->low);
    double high = log10(axis->high);
    size_t each = high - low < 3 ? 3 : 1;
    int skip = (int)((high - low) / (CLI_TICKS_MAX - 2)) + 1;
    for (int power = (int)floor(low + 1e-9); power <= (int)ceil(high); power += skip) {
        static const double steps[] = {1, 2, 5};
        for (size_t i = 0; i < each; i++) {
            double tick = steps[i] * pow(10, power);
            if (tick >= axis->low * (1 - 1e-9) && tick <= axis->high * (1 + 1e-9) &&
                axis->n < CLI_TICKS_MAX) {
                axis->ticks[axis->n++] = tick;
            }
        }
    }
}

void cli_axis_log(struct cli_axis *axis, double min, double max, bool tight)
{
    *axis = (struct cli_axis){.log = true, .low = min, .high = max};
    if (!tight) {
        axis->low = round_down(min);
        axis->high = round_up(max);
    }
    if (axis->high <= axis->low) {
        axis->high = axis->low * 10;
    }
    add_log_ticks(axis);
}

double cli_axis_at(const struct cli_axis *axis, double value)
{
    if (axis->log) {
        return log(value / axis->low) / log(axis->high / axis->low);
    }
    return (value - axis->low) / (axis->high - axis->low);
}
