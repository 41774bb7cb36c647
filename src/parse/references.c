#include "parse/references.h"

#include <stdint.h>
#include <string.h>

#include "parse/ascii.h"

struct reference {
    uint16_t name;     /* its place in names */
    uint8_t is_legacy; /* the semicolon may be missing */
    uint32_t first;
    uint16_t second; /* 0 without one */
};

#include "parse/html_references.inc"

#define COUNT (sizeof(references) / sizeof(references[0]))

static bool is_alnum(char c)
{
    return tw_ascii_is_alpha(c) || tw_ascii_is_digit(c);
}

size_t tw_utf8_put(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* ---- Numbers ----------------------------------------------------------------------------- */

/* "Numeric character reference end state". */
static unsigned mend(unsigned c)
{
    static const uint16_t c1[32] = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
    };

    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0xFFFD;
    return c >= 0x80 && c < 0xA0 ? c1[c - 0x80] : c;
}

static int digit_of(char c, unsigned base)
{
    if (tw_ascii_is_digit(c))
        return c - '0';
    c = tw_ascii_lower(c);
    return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* p stands at the '#'. Returns where the reference ends, NULL without a digit. */
static const char *read_number(const char *p, const char *end, unsigned *c)
{
    unsigned base = 10;
    const char *digits;

    p++;
    if (p < end && tw_ascii_lower(*p) == 'x') {
        base = 16;
        p++;
    }
    digits = p;
    for (*c = 0; p < end; p++) {
        int digit = digit_of(*p, base);

        if (digit < 0)
            break;
        if (*c <= 0x10FFFF)
            *c = *c * base + (unsigned)digit;
    }
    if (p == digits)
        return NULL;
    *c = mend(*c);
    return p < end && *p == ';' ? p + 1 : p;
}

/* ---- Names ------------------------------------------------------------------------------- */

static unsigned char name_at(size_t i, size_t n)
{
    return (unsigned char)names[references[i].name + n];
}

/* The first of [low, high), whose names share their first n bytes, with a byte there that is
 * not less than c. */
static size_t lower_bound(size_t low, size_t high, size_t n, unsigned c)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (name_at(middle, n) < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The longest name that p begins with and that is complete, with its semicolon or as one that
 * needs none. Returns where it ends, NULL without one. */
static const char *read_name(const char *p, const char *end, const struct reference **found)
{
    size_t low = 0, high = COUNT, n = 0;
    const char *after = NULL;

    while (p + n < end && is_alnum(p[n])) {
        unsigned c = (unsigned char)p[n];

        low = lower_bound(low, high, n, c);
        high = lower_bound(low, high, n, c + 1);
        if (low == high)
            break;
        n++;
        if (name_at(low, n) != '\0')
            continue;
        if (p + n < end && p[n] == ';') {
            *found = &references[low];
            return p + n + 1;
        }
        if (references[low].is_legacy) {
            *found = &references[low];
            after = p + n;
        }
    }
    return after;
}

static size_t put_named(char *out, const struct reference *found)
{
    size_t n = tw_utf8_put(out, found->first);

    return found->second != 0 ? n + tw_utf8_put(out + n, found->second) : n;
}

size_t tw_reference_read(const char *p, const char *end, bool in_attribute,
                         char out[TW_REFERENCE_TEXT_MAX], size_t *out_len)
{
    const struct reference *found = NULL;
    const char *after;
    unsigned c;

    if (end - p < 2)
        return 0;
    if (p[1] == '#') {
        after = read_number(p + 1, end, &c);
        if (after == NULL)
            return 0;
        *out_len = tw_utf8_put(out, c);
        return (size_t)(after - p);
    }
    after = read_name(p + 1, end, &found);
    if (after == NULL)
        return 0;
    if (in_attribute && after[-1] != ';' && after < end && (*after == '=' || is_alnum(*after)))
        return 0;
    *out_len = put_named(out, found);
    return (size_t)(after - p);
}
