#include "cli/human.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* Three figures: 1.24, 12.4, 124. At these bounds rounding would give one figure more. */
static int decimals(double x, int most)
{
    int n = x < 9.995 ? 2 : x < 99.95 ? 1 : 0;

    return n < most ? n : most;
}

char *cli_human_bytes(char text[CLI_HUMAN_SIZE], double bytes)
{
    static const char units[][3] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t i = 0;

    while (bytes >= 999.5 && i + 1 < sizeof(units) / sizeof(*units)) {
        bytes /= 1000;
        i++;
    }
    snprintf(text, CLI_HUMAN_SIZE, "%.*f %s", i == 0 ? 0 : decimals(bytes, 1), bytes, units[i]);
    return text;
}

char *cli_human_time(char text[CLI_HUMAN_SIZE], uint64_t us)
{
    double ms = (double)us / 1e3;
    double s = (double)us / 1e6;

    if (us < 1000)
        snprintf(text, CLI_HUMAN_SIZE, "%" PRIu64 " us", us);
    else if (ms < 999.5)
        snprintf(text, CLI_HUMAN_SIZE, "%.*f ms", decimals(ms, 1), ms);
    else if (s < 99.5)
        snprintf(text, CLI_HUMAN_SIZE, "%.*f s", decimals(s, 2), s);
    else
        snprintf(text, CLI_HUMAN_SIZE, "%" PRIu64 ":%02u min", us / 60000000,
                 (unsigned)(us / 1000000 % 60));
    return text;
}

char *cli_human_rate(char text[CLI_HUMAN_SIZE], double per_second)
{
    snprintf(text, CLI_HUMAN_SIZE, "%.*f", decimals(per_second, 1), per_second);
    return text;
}

char *cli_human_clock(char text[CLI_HUMAN_SIZE], uint64_t seconds)
{
    uint64_t hours = seconds / 3600;
    unsigned minute = (unsigned)(seconds / 60 % 60);
    unsigned second = (unsigned)(seconds % 60);

    if (hours >= 24)
        snprintf(text, CLI_HUMAN_SIZE, "%" PRIu64 " d %02u h", hours / 24,
                 (unsigned)(hours % 24));
    else if (hours > 0)
        snprintf(text, CLI_HUMAN_SIZE, "%" PRIu64 ":%02u:%02u", hours, minute, second);
    else
        snprintf(text, CLI_HUMAN_SIZE, "%u:%02u", minute, second);
    return text;
}
