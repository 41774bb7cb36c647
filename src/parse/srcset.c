#include "parse/srcset.h"

#include "parse/ascii.h"

/* What the descriptors of one candidate say. */
struct descriptors {
    bool width, density, height, wrong;
};

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && tw_ascii_is_digit(*p))
        p++;
    return p;
}

/* "Valid non-negative integer", not 0. */
static bool is_positive_integer(const char *p, const char *end)
{
    bool positive = false;

    if (p == end || skip_digits(p, end) != end)
        return false;
    for (; p < end; p++)
        positive |= *p != '0';
    return positive;
}

/* "Valid floating-point number", not negative unless it is zero. */
static bool is_density(const char *p, const char *end)
{
    const char *digits = p, *after;
    bool negative = p < end && *p == '-';
    bool zero = true;

    digits += negative;
    after = p = skip_digits(digits, end);
    if (p < end && *p == '.') {
        after = skip_digits(p + 1, end);
        if (after == p + 1)
            return false;
    }
    if (after == digits)
        return false;
    for (p = digits; p < after; p++)
        zero &= *p == '0' || *p == '.';
    if (after < end && tw_ascii_lower(*after) == 'e') {
        p = after + 1;
        p += p < end && (*p == '+' || *p == '-');
        after = skip_digits(p, end);
        if (after == p)
            return false;
    }
    return after == end && (!negative || zero);
}

static void note_descriptor(struct descriptors *d, const char *p, const char *end)
{
    char unit;

    if (p == end)
        return;
    unit = *--end;
    if (unit == 'w') {
        d->wrong |= d->width || d->density || !is_positive_integer(p, end);
        d->width = true;
    } else if (unit == 'x') {
        d->wrong |= d->width || d->density || d->height || !is_density(p, end);
        d->density = true;
    } else if (unit == 'h') {
        d->wrong |= d->height || d->density || !is_positive_integer(p, end);
        d->height = true;
    } else {
        d->wrong = true;
    }
}

/* "Tokenize descriptors": up to the comma that ends the candidate, which is taken. */
static bool read_descriptors(struct tw_srcset *in)
{
    struct descriptors d = {0};
    const char *start = in->p;
    bool in_parens = false;

    for (; in->p < in->end && (*in->p != ',' || in_parens); in->p++) {
        if (*in->p == '(' && !in_parens) {
            in_parens = true;
        } else if (*in->p == ')') {
            in_parens = false;
        } else if (tw_ascii_is_space(*in->p) && !in_parens) {
            note_descriptor(&d, start, in->p);
            start = in->p + 1;
        }
    }
    note_descriptor(&d, start, in->p);
    if (in->p < in->end)
        in->p++;
    return !d.wrong && (!d.height || d.width);
}

bool tw_srcset_next(struct tw_srcset *in, const char **url, size_t *len)
{
    for (;;) {
        const char *start, *end;

        while (in->p < in->end && (tw_ascii_is_space(*in->p) || *in->p == ','))
            in->p++;
        if (in->p == in->end)
            return false;
        start = in->p;
        while (in->p < in->end && !tw_ascii_is_space(*in->p))
            in->p++;
        end = in->p;
        while (end[-1] == ',')
            end--;
        *url = start;
        *len = (size_t)(end - start);
        if (end < in->p || read_descriptors(in))
            return true;
    }
}
