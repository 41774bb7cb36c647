#include "parse/httpdate.h"

#include <stdbool.h>
#include <string.h>

#include "parse/ascii.h"
#include "trawl.h"

#define DAY_S         86400
#define FIFTY_YEARS_S 1577847600 /* of the Gregorian mean, 365.2425 days each */

struct date {
    int year, month; /* month 1 to 12 */
    int day, hour, minute, second;
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                   "Friday", "Saturday", "Sunday"};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970-01-01. year is from 0 up. */
static int64_t days_before(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int full = year > 0 ? year - 1 : 0;
    int leaps = year > 0 ? full / 4 - full / 100 + full / 400 + 1 : 0;

    return (int64_t)year * 365 + leaps + before[month - 1] + (month > 2 && is_leap(year)) +
           day - 1 - 719528;
}

static int days_in(int year, int month)
{
    static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return n[month - 1] + (month == 2 && is_leap(year));
}

static int to_unix(const struct date *d, int64_t *unix_s)
{
    if (d->day < 1 || d->day > days_in(d->year, d->month) || d->hour > 23 || d->minute > 59 ||
        d->second > 60)
        return TRAWL_EINVAL;
    *unix_s = days_before(d->year, d->month, d->day) * DAY_S + d->hour * 3600 + d->minute * 60 +
              d->second;
    return 0;
}

static void trim(const char **s, size_t *len)
{
    while (*len > 0 && (**s == ' ' || **s == '\t')) {
        (*s)++;
        (*len)--;
    }
    while (*len > 0 && ((*s)[*len - 1] == ' ' || (*s)[*len - 1] == '\t'))
        (*len)--;
}

static bool read_number(const char **s, const char *end, int digits, int *n)
{
    int value = 0;

    for (; digits > 0; digits--, (*s)++) {
        if (*s == end || !tw_ascii_is_digit(**s))
            return false;
        value = value * 10 + (**s - '0');
    }
    *n = value;
    return true;
}

/* One of the names, or its first `chars` letters unless that is 0; *index becomes its place. */
static bool read_name(const char **s, const char *end, const char *const *names, int n,
                      size_t chars, int *index)
{
    for (*index = 0; *index < n; (*index)++) {
        size_t want = chars > 0 ? chars : strlen(names[*index]);

        if ((size_t)(end - *s) >= want && tw_ascii_equal(*s, names[*index], want)) {
            *s += want;
            return true;
        }
    }
    return false;
}

/* Reads what strptime means by the letter, in English. %y leaves the century open. */
static bool read_part(char letter, const char **s, const char *end, struct date *d)
{
    int n, digits = 2;

    switch (letter) {
    case 'a': return read_name(s, end, days, 7, 3, &n);
    case 'A': return read_name(s, end, days, 7, 0, &n);
    case 'b':
        if (!read_name(s, end, months, 12, 3, &n))
            return false;
        d->month = n + 1;
        return true;
    case 'd': return read_number(s, end, 2, &d->day);
    case 'e':
        if (*s < end && **s == ' ') {
            (*s)++;
            digits = 1;
        }
        return read_number(s, end, digits, &d->day);
    case 'H': return read_number(s, end, 2, &d->hour);
    case 'M': return read_number(s, end, 2, &d->minute);
    case 'S': return read_number(s, end, 2, &d->second);
    case 'y': return read_number(s, end, 2, &d->year);
    default: return read_number(s, end, 4, &d->year);
    }
}

static bool match(const char *pattern, const char *s, const char *end, struct date *d)
{
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '%') {
            if (!read_part(*++pattern, &s, end, d))
                return false;
        } else if (s == end || *s++ != *pattern) {
            return false;
        }
    }
    return s == end;
}

/* Chooses the century of a two-digit year (RFC 9110 5.6.7). */
static int resolve_century(struct date *d, int64_t now_unix_s, int64_t *unix_s)
{
    int64_t found;

    for (d->year += 9900; d->year >= 1900; d->year -= 100) {
        /* 29 February names no day in some of the centuries. */
        if (to_unix(d, &found) == 0 && found - FIFTY_YEARS_S <= now_unix_s) {
            *unix_s = found;
            return 0;
        }
    }
    return TRAWL_EINVAL;
}

int tw_httpdate_parse(const char *s, size_t len, int64_t now_unix_s, int64_t *unix_s)
{
    struct date d = {0};

    trim(&s, &len);
    if (len == 0)
        return TRAWL_EINVAL;
    if (match("%a, %d %b %Y %H:%M:%S GMT", s, s + len, &d) ||
        match("%a %b %e %H:%M:%S %Y", s, s + len, &d))
        return to_unix(&d, unix_s);
    if (match("%A, %d-%b-%y %H:%M:%S GMT", s, s + len, &d))
        return resolve_century(&d, now_unix_s, unix_s);
    return TRAWL_EINVAL;
}

static int parse_seconds(const char *s, size_t len, uint64_t *delay_ms)
{
    uint64_t ms = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(s[i] - '0');

        if (!tw_ascii_is_digit(s[i]))
            return TRAWL_EINVAL;
        ms = ms > (UINT64_MAX - digit * 1000) / 10 ? UINT64_MAX : ms * 10 + digit * 1000;
    }
    *delay_ms = ms;
    return 0;
}

int tw_retry_after_parse(const char *value, size_t len, int64_t now_unix_s, uint64_t *delay_ms)
{
    uint64_t seconds;
    int64_t at;
    int err;

    trim(&value, &len);
    if (len > 0 && tw_ascii_is_digit(value[0]))
        return parse_seconds(value, len, delay_ms);
    err = tw_httpdate_parse(value, len, now_unix_s, &at);
    if (err != 0)
        return err;
    /* Unsigned, since now may be anything. */
    seconds = at > now_unix_s ? (uint64_t)at - (uint64_t)now_unix_s : 0;
    *delay_ms = seconds > UINT64_MAX / 1000 ? UINT64_MAX : seconds * 1000;
    return 0;
}
