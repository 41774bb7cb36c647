#include "parse/css.h"

#include <stdint.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/references.h"

enum rule { RULE_NONE, RULE_IMPORT, RULE_NAMESPACE };

static bool is_name(char c)
{
    return tw_ascii_is_alpha(c) || tw_ascii_is_digit(c) || c == '-' || c == '_' ||
           (unsigned char)c >= 0x80 || c == '\0';
}

static bool is_newline(char c)
{
    return c == '\n' || c == '\r' || c == '\f';
}

static int hex_of(char c)
{
    if (tw_ascii_is_digit(c))
        return c - '0';
    c = tw_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void skip_spaces(struct tw_css *css)
{
    while (css->p < css->end && tw_ascii_is_space(*css->p))
        css->p++;
}

/* A newline counts as one, the two bytes of CR LF too. */
static void skip_newline(struct tw_css *css)
{
    css->p += *css->p == '\r' && css->p + 1 < css->end && css->p[1] == '\n' ? 2 : 1;
}

/* "Consume an escaped code point": css->p is after the backslash, not at a newline. */
static int put_escape(struct tw_css *css, struct tw_buf *out)
{
    unsigned c = 0;
    char text[4];
    int digits;

    if (css->p == css->end)
        return tw_buf_append(out, "\xEF\xBF\xBD", 3);
    if (hex_of(*css->p) < 0)
        return tw_buf_append(out, css->p++, 1);
    for (digits = 0; digits < 6 && css->p < css->end && hex_of(*css->p) >= 0; digits++)
        c = c * 16 + (unsigned)hex_of(*css->p++);
    if (css->p < css->end && tw_ascii_is_space(*css->p))
        skip_newline(css);
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    return tw_buf_append(out, text, tw_utf8_put(text, c));
}

static void skip_comment(struct tw_css *css)
{
    const char *p = css->p + 2;
    const char *close = p < css->end ? memmem(p, (size_t)(css->end - p), "*/", 2) : NULL;

    css->p = close != NULL ? close + 2 : css->end;
}

static bool at_comment(const struct tw_css *css)
{
    return css->end - css->p >= 2 && css->p[0] == '/' && css->p[1] == '*';
}

/* Appends what is before the next of the stop bytes, a NUL as U+FFFD. */
static int put_run(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    for (;;) {
        const char *start = css->p;
        int err;

        /* strchr finds the NUL too. */
        while (css->p < css->end && strchr(stop, *css->p) == NULL)
            css->p++;
        err = tw_buf_append(out, start, (size_t)(css->p - start));
        if (err != 0 || css->p == css->end || *css->p != '\0')
            return err;
        css->p++;
        err = tw_buf_append(out, "\xEF\xBF\xBD", 3);
        if (err != 0)
            return err;
    }
}

/* "Consume a string token": css->p is at the quote. *good becomes false where a newline cuts it
 * off. */
static int read_string(struct tw_css *css, struct tw_buf *out, bool *good)
{
    const char stop[] = {*css->p++, '\\', '\n', '\r', '\f', '\0'};
    int err = 0;

    *good = true;
    while (err == 0 && css->p < css->end) {
        err = put_run(css, out, stop);
        if (err != 0 || css->p == css->end)
            break;
        if (*css->p == stop[0]) {
            css->p++;
            break;
        }
        if (is_newline(*css->p)) {
            *good = false;
            break;
        }
        css->p++;
        if (css->p < css->end && is_newline(*css->p))
            skip_newline(css);
        else if (css->p < css->end)
            err = put_escape(css, out);
    }
    return err;
}

/* "Consume the remnants of a bad url". */
static void skip_bad_url(struct tw_css *css)
{
    for (; css->p < css->end; css->p++) {
        if (*css->p == ')') {
            css->p++;
            return;
        }
        if (*css->p == '\\' && css->p + 1 < css->end)
            css->p++;
    }
}

/* "Consume a url token": css->p is at the first byte after the blanks. */
static int read_url(struct tw_css *css, struct tw_buf *out, bool *good)
{
    static const char stop[] = ") \t\n\r\f\"'(\\";
    int err = 0;

    *good = true;
    while (err == 0 && css->p < css->end) {
        err = put_run(css, out, stop);
        if (err != 0)
            return err;
        if (css->p < css->end && tw_ascii_is_space(*css->p))
            skip_spaces(css);
        else if (css->p + 1 < css->end && *css->p == '\\' && !is_newline(css->p[1])) {
            css->p++;
            err = put_escape(css, out);
            continue;
        }
        if (css->p < css->end && *css->p != ')') {
            *good = false;
            skip_bad_url(css);
        } else if (css->p < css->end) {
            css->p++;
        }
        return err;
    }
    return err;
}

/* A name with its escapes, of which only the first bytes are kept, enough to tell it from
 * others. */
static int read_name(struct tw_css *css, struct tw_buf *out)
{
    int err = 0;

    tw_buf_reset(out, SIZE_MAX);
    while (err == 0 && css->p < css->end) {
        if (is_name(*css->p)) {
            if (out->len < 16)
                err = tw_buf_append(out, css->p, 1);
            css->p++;
        } else if (*css->p == '\\' && css->p + 1 < css->end && !is_newline(css->p[1])) {
            css->p++;
            err = put_escape(css, out);
        } else {
            break;
        }
    }
    return err;
}

static bool name_is(const struct tw_buf *name, const char *lower)
{
    size_t len = strlen(lower);

    return name->len == len && tw_ascii_equal(name->data, lower, len);
}

static void strip(struct tw_buf *out)
{
    size_t from = 0;

    while (out->len > 0 && tw_ascii_is_space(out->data[out->len - 1]))
        out->len--;
    while (from < out->len && tw_ascii_is_space(out->data[from]))
        from++;
    if (from > 0)
        memmove(out->data, out->data + from, out->len - from);
    out->len -= from;
    if (out->data != NULL)
        out->data[out->len] = '\0';
}

/* css->p is after "url(". */
static int read_url_function(struct tw_css *css, struct tw_buf *out, bool *good)
{
    tw_buf_reset(out, SIZE_MAX);
    skip_spaces(css);
    if (css->p < css->end && (*css->p == '"' || *css->p == '\''))
        return read_string(css, out, good);
    return read_url(css, out, good);
}

/* A name, a number with its unit, or what they begin. *found becomes true if a URL is in out.
 */
static int read_word(struct tw_css *css, struct tw_buf *out, bool *found)
{
    char first = *css->p;
    int err;

    if (first == '#' || first == '@')
        css->p++;
    err = read_name(css, out);
    if (err != 0 || first == '#' || tw_ascii_is_digit(first))
        return err;
    if (first == '@') {
        css->rule = name_is(out, "import")      ? RULE_IMPORT
                    : name_is(out, "namespace") ? RULE_NAMESPACE
                                                : RULE_NONE;
        return 0;
    }
    if (css->p == css->end || *css->p != '(' || !name_is(out, "url"))
        return 0;
    css->p++;
    return read_url_function(css, out, found);
}

/* Reads one token, or a run of what is none. */
static int read_token(struct tw_css *css, struct tw_buf *out, bool *found)
{
    char c = *css->p;
    int err;

    if (at_comment(css)) {
        skip_comment(css);
    } else if (c == '"' || c == '\'') {
        tw_buf_reset(out, SIZE_MAX);
        err = read_string(css, out, found);
        *found &= css->rule == RULE_IMPORT;
        return err;
    } else if (is_name(c) || c == '#' || c == '@' ||
               (c == '\\' && css->p + 1 < css->end && !is_newline(css->p[1]))) {
        return read_word(css, out, found);
    } else {
        if (c == ';' || c == '{' || c == '}')
            css->rule = RULE_NONE;
        css->p++;
    }
    return 0;
}

int tw_css_next(struct tw_css *css, struct tw_buf *out, bool *is_import)
{
    const char *stop = css->stop != NULL ? css->stop : css->end;

    while (css->p < stop) {
        bool found = false;
        int err = read_token(css, out, &found);

        if (err != 0)
            return err;
        if (!found || css->rule == RULE_NAMESPACE)
            continue;
        *is_import = css->rule == RULE_IMPORT;
        css->rule = RULE_NONE;
        strip(out);
        if (out->len > 0)
            return 1;
    }
    return 0;
}
