#include "frontier/trap.h"

#include <string.h>

#include "parse/ascii.h"

/* As many segments and parameters are compared with each other. */
#define COMPARED_MAX 256

struct span {
    const char *s;
    size_t len;
};

static struct span span_of(const struct tw_url *u, struct tw_span span)
{
    return (struct span){u->href + span.at, span.len};
}

static bool equal(struct span a, struct span b)
{
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* Splits text into parts, of which at most max are kept. Returns how many there are. */
static size_t split(struct span text, char separator, struct span *parts, size_t max)
{
    const char *p = text.s, *end = text.s + text.len;
    size_t n = 0;

    for (;; p++) {
        const char *start = p;

        p = memchr(p, separator, (size_t)(end - p));
        if (p == NULL)
            p = end;
        if (n < max)
            parts[n] = (struct span){start, (size_t)(p - start)};
        n++;
        if (p == end)
            return n;
    }
}

/* The path without its first '/', and without a last one: what is behind that is no segment. */
static size_t split_path(const struct tw_url *url, struct span *segments)
{
    struct span path = span_of(url, url->path);

    path.s++;
    path.len--;
    if (path.len == 0)
        return 0;
    if (path.s[path.len - 1] == '/')
        path.len--;
    return split(path, '/', segments, COMPARED_MAX);
}

/* ---- Repetition ------------------------------------------------------------ */

static bool all_digits(struct span t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!tw_ascii_is_digit(t.s[i]))
            return false;
    return t.len > 0;
}

/* Whether a sequence of `period` segments, not all of them digits, stands `times` times in a
 * row. run counts the segments that are the same as those a period before. */
static bool has_run(const struct span *segments, size_t n, size_t period, size_t times)
{
    size_t run = 0, words = 0;

    for (size_t i = period; i < n; i++) {
        if (!equal(segments[i], segments[i - period])) {
            run = words = 0;
            continue;
        }
        run++;
        words += !all_digits(segments[i]);
        if (run >= period * (times - 1) && words > 0)
            return true;
    }
    return false;
}

static size_t count_equal(const struct span *parts, size_t n, size_t first)
{
    size_t count = 1;

    for (size_t i = first + 1; i < n; i++)
        count += equal(parts[i], parts[first]);
    return count;
}

static bool repeats(const struct span *segments, size_t n, size_t times)
{
    for (size_t period = 1; period <= n / times; period++)
        if (has_run(segments, n, period, times))
            return true;
    if (times > n / 2)
        return false;
    for (size_t i = 0; i <= n - 2 * times; i++)
        if (!all_digits(segments[i]) && count_equal(segments, n, i) >= 2 * times)
            return true;
    return false;
}

/* ---- Query ----------------------------------------------------------------- */

static bool query_is_trap(const struct span *params, size_t n,
                          const struct tw_trap_limits *limits)
{
    size_t compared = n < COMPARED_MAX ? n : COMPARED_MAX, times = limits->max_repeats;

    if (limits->max_params > 0 && n > limits->max_params)
        return true;
    if (times == 0 || times > compared)
        return false;
    for (size_t i = 0; i <= compared - times; i++)
        if (count_equal(params, compared, i) >= times)
            return true;
    return false;
}

/* ---- Dates ----------------------------------------------------------------- */

/* A number of exactly so many digits, or one less for a month, at the start of t; 0 for none.
 */
static unsigned number_at(struct span t, size_t least, size_t most)
{
    unsigned value = 0;
    size_t n = 0;

    while (n < t.len && n <= most && tw_ascii_is_digit(t.s[n]))
        value = value * 10 + (unsigned)(t.s[n++] - '0');
    return n >= least && n <= most ? value : 0;
}

static bool is_month(struct span t)
{
    unsigned month = number_at(t, 1, 2);

    return month >= 1 && month <= 12;
}

static bool is_late_year(struct span t, unsigned max_year)
{
    return number_at(t, 4, 4) > max_year;
}

/* "2090-05" or "2090-05-01". */
static bool has_late_month(struct span t, unsigned max_year)
{
    return t.len >= 7 && t.s[4] == '-' && is_late_year((struct span){t.s, 4}, max_year) &&
           is_month((struct span){t.s + 5, t.len - 5});
}

static bool path_has_late_date(const struct span *segments, size_t n, unsigned max_year)
{
    for (size_t i = 0; i < n; i++) {
        bool year = segments[i].len == 4 && is_late_year(segments[i], max_year);

        if (year && i + 1 < n && segments[i + 1].len <= 2 && is_month(segments[i + 1]))
            return true;
        if (has_late_month(segments[i], max_year))
            return true;
    }
    return false;
}

static struct span value_of(struct span param, const char *name)
{
    size_t len = strlen(name);

    if (param.len > len && param.s[len] == '=' && tw_ascii_equal(param.s, name, len))
        return (struct span){param.s + len + 1, param.len - len - 1};
    return (struct span){param.s, 0};
}

static bool query_has_late_date(const struct span *params, size_t n, unsigned max_year)
{
    bool year = false, month = false;

    for (size_t i = 0; i < n; i++) {
        const char *equals = memchr(params[i].s, '=', params[i].len);

        year = year || is_late_year(value_of(params[i], "year"), max_year);
        month = month || is_month(value_of(params[i], "month"));
        if (equals != NULL &&
            has_late_month(
                (struct span){equals + 1, params[i].len - (size_t)(equals + 1 - params[i].s)},
                max_year))
            return true;
    }
    return year && month;
}

/* ---- The whole ------------------------------------------------------------- */

static enum tw_trap judge_path(const struct tw_url *url, const struct tw_trap_limits *limits)
{
    struct span segments[COMPARED_MAX];
    size_t n = split_path(url, segments);

    if (limits->max_segments > 0 && n > limits->max_segments)
        return TW_TRAP_DEPTH;
    if (n > COMPARED_MAX)
        n = COMPARED_MAX;
    if (limits->max_repeats > 0 && repeats(segments, n, limits->max_repeats))
        return TW_TRAP_REPEAT;
    if (limits->max_year > 0 && path_has_late_date(segments, n, limits->max_year))
        return TW_TRAP_DATE;
    return TW_TRAP_NONE;
}

static enum tw_trap judge_query(const struct tw_url *url, const struct tw_trap_limits *limits)
{
    struct span params[COMPARED_MAX];
    size_t n = split(span_of(url, url->query), '&', params, COMPARED_MAX);

    if (query_is_trap(params, n, limits))
        return TW_TRAP_QUERY;
    if (n > COMPARED_MAX)
        n = COMPARED_MAX;
    if (limits->max_year > 0 && query_has_late_date(params, n, limits->max_year))
        return TW_TRAP_DATE;
    return TW_TRAP_NONE;
}

enum tw_trap tw_trap_judge(const struct tw_url *url, const struct tw_trap_limits *limits)
{
    enum tw_trap trap;

    if (limits->max_bytes > 0 && url->len > limits->max_bytes)
        return TW_TRAP_LENGTH;
    trap = judge_path(url, limits);
    if (trap == TW_TRAP_NONE && url->query.len > 0)
        trap = judge_query(url, limits);
    return trap;
}

const char *tw_trap_name(enum tw_trap trap)
{
    static const char *const names[] = {NULL,          "trap-length", "trap-depth",
                                        "trap-repeat", "trap-query",  "trap-date"};

    return names[trap];
}
