#include "parse/srcset.h"

#include "parse/ascii.h"

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

static void note_descriptor(struct tw_srcset_descriptors *d, const char *p, const char *end)
{
    char unit;

    if (p == end)
        return;
    if ((size_t)(end - p) > TW_SRCSET_DESCRIPTOR_MAX) {
        d->wrong = true;
        return;
    }
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

static void skip_between(struct tw_srcset *in, const char *stop)
{
    while (in->p < stop && (tw_ascii_is_space(*in->p) || *in->p == ','))
        in->p++;
    if (in->p == stop)
        return;
    in->url = in->url_end = in->p;
    in->state = TW_SRCSET_URL;
}

/* Whether it is a candidate already, for the comma at its end. */
static bool read_url(struct tw_srcset *in, const char *stop)
{
    for (; in->p < stop && !tw_ascii_is_space(*in->p); in->p++)
        if (*in->p != ',')
            in->url_end = in->p + 1;
    if (in->p == stop && stop < in->end)
        return false;
    in->state = TW_SRCSET_BETWEEN;
    if (in->url_end < in->p)
        return true;
    in->state = TW_SRCSET_DESCRIPTORS;
    in->descriptor = in->p;
    in->in_parens = false;
    in->descriptors = (struct tw_srcset_descriptors){0};
    return false;
}

/* "Tokenize descriptors": up to the comma that ends the candidate, which is taken. Whether it
 * is one. */
static bool read_descriptors(struct tw_srcset *in, const char *stop)
{
    struct tw_srcset_descriptors *d = &in->descriptors;

    for (; in->p < stop && (*in->p != ',' || in->in_parens); in->p++) {
        if (*in->p == '(' && !in->in_parens) {
            in->in_parens = true;
        } else if (*in->p == ')') {
            in->in_parens = false;
        } else if (tw_ascii_is_space(*in->p) && !in->in_parens) {
            note_descriptor(d, in->descriptor, in->p);
            in->descriptor = in->p + 1;
        }
    }
    if (in->p == stop && stop < in->end)
        return false;
    note_descriptor(d, in->descriptor, in->p);
    if (in->p < in->end)
        in->p++;
    in->state = TW_SRCSET_BETWEEN;
    return !d->wrong && (!d->height || d->width);
}

bool tw_srcset_next(struct tw_srcset *in, const char **url, size_t *len)
{
    const char *stop = in->stop != NULL ? in->stop : in->end;
    bool found = false;

    while (in->p < stop && !found) {
        if (in->state == TW_SRCSET_BETWEEN)
            skip_between(in, stop);
        if (in->state == TW_SRCSET_URL)
            found = read_url(in, stop);
        if (in->state == TW_SRCSET_DESCRIPTORS)
            found = read_descriptors(in, stop);
    }
    if (found) {
        *url = in->url;
        *len = (size_t)(in->url_end - in->url);
    }
    return found;
}
