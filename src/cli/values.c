#include "cli/values.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_LEN = 63 };

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit size_units[] = {
    {"", 1},
    {"k", 1000},
    {"M", 1000000},
    {"G", 1000000000},
    {"Ki", UINT64_C(1) << 10},
    {"Mi", UINT64_C(1) << 20},
    {"Gi", UINT64_C(1) << 30},
    {NULL, 0},
};

static const struct unit time_units[] = {
    {"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {NULL, 0},
};

/* "12.5" as 125 tenths, so that no value passes through floating point. */
struct decimal {
    uint64_t digits;
    uint64_t scale;
};

static bool push_digit(uint64_t *value, char digit)
{
    unsigned n = (unsigned)(digit - '0');
    if (*value > (UINT64_MAX - n) / 10) {
        return false;
    }
    *value = *value * 10 + n;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Returns what follows the number, NULL if there is none or it is too large. */
static const char *parse_decimal(const char *text, struct decimal *d)
{
    const char *p = text;
    d->digits = 0;
    d->scale = 1;
    for (; is_digit(*p); p++) {
        if (!push_digit(&d->digits, *p)) {
            return NULL;
        }
    }
    bool whole = p > text;
    if (*p != '.') {
        return whole ? p : NULL;
    }
    const char *fraction = ++p;
    for (; is_digit(*p); p++) {
        if (p - fraction >= 9 || !push_digit(&d->digits, *p)) {
            return NULL;
        }
        d->scale *= 10;
    }
    return whole || p > fraction ? p : NULL;
}

static bool parse_with_unit(const char *text, const struct unit *units, uint64_t *value)
{
    struct decimal d;
    const char *rest = parse_decimal(text, &d);
    if (rest == NULL) {
        return false;
    }
    while (units->name != NULL && strcasecmp(rest, units->name) != 0) {
        units++;
    }
    if (units->name == NULL || d.digits > UINT64_MAX / units->factor ||
        d.digits * units->factor % d.scale != 0) {
        return false;
    }
    *value = d.digits * units->factor / d.scale;
    return true;
}

bool cli_parse_number(const char *text, uint64_t *value)
{
    uint64_t n = 0;
    const char *p = text;
    for (; is_digit(*p); p++) {
        if (!push_digit(&n, *p)) {
            return false;
        }
    }
    if (p == text || *p != '\0') {
        return false;
    }
    *value = n;
    return true;
}

bool cli_parse_size(const char *text, uint64_t *bytes)
{
    char copy[40];
    size_t len = strlen(text);
    if (len == 0 || len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, len + 1);
    if (copy[len - 1] == 'B' || copy[len - 1] == 'b') {
        copy[len - 1] = '\0';
    }
    return parse_with_unit(copy, size_units, bytes);
}

bool cli_parse_time(const char *text, uint64_t *ms)
{
    return parse_with_unit(text, time_units, ms);
}

static void format_with_unit(uint64_t value, const struct unit *units, char *text, size_t size)
{
    const struct unit *best = units;
    for (const struct unit *u = units; u->name != NULL; u++) {
        if (value != 0 && value % u->factor == 0 && u->factor > best->factor) {
            best = u;
        }
    }
    snprintf(text, size, "%llu%s", (unsigned long long)(value / best->factor), best->name);
}

void cli_format_size(uint64_t bytes, char *text, size_t size)
{
    format_with_unit(bytes, size_units, text, size);
}

/* Whole seconds are told in seconds, as they are typed: 300 and not 5m. */
void cli_format_time(uint64_t ms, char *text, size_t size)
{
    bool whole = ms % 1000 == 0;
    snprintf(text, size, "%llu%s", (unsigned long long)(whole ? ms / 1000 : ms),
             whole ? "" : "ms");
}

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t cli_edit_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    size_t rows[3][NAME_MAX_LEN + 1];
    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = min_of(replaced, min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = min_of(row[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

bool cli_is_near(const char *typed, const char *name, size_t *distance)
{
    size_t d = cli_edit_distance(typed, name);
    if (d > strlen(name) / 3 || d > 3) {
        return false;
    }
    *distance = d;
    return true;
}

char *cli_message(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        return NULL;
    }
    for (char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }
    return text;
}
