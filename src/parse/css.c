#include "parse/css.h"

#include <stdint.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/html_skip.h"
#include "parse/references.h"

enum rule { RULE_NONE, RULE_IMPORT, RULE_NAMESPACE };

/* ---- Bytes ------------------------------------------------------------------------------- */

enum class {
    NAME = 1,
    NEWLINE = 2,
    URL_STOP = 4,    /* ends a run of a URL's bytes */
    STRING_STOP = 8, /* the same of a string, beside its quote */
    BEGIN = 16,      /* may begin a token that is looked at, or ends a rule's prelude */
};

#define LETTERS (NAME | BEGIN)
#define BREAKS  (NEWLINE | URL_STOP | STRING_STOP)

// clang-format off
static const unsigned char classes[256] = {
    ['a' ... 'z'] = LETTERS, ['A' ... 'Z'] = LETTERS, ['0' ... '9'] = LETTERS,
    [0x80 ... 0xFF] = LETTERS, ['-'] = LETTERS, ['_'] = LETTERS,
    ['\0'] = LETTERS | URL_STOP | STRING_STOP,
    ['\n'] = BREAKS, ['\r'] = BREAKS, ['\f'] = BREAKS, ['\t'] = URL_STOP, [' '] = URL_STOP,
    [')'] = URL_STOP, ['('] = URL_STOP, ['"'] = URL_STOP | BEGIN, ['\''] = URL_STOP | BEGIN,
    ['\\'] = URL_STOP | STRING_STOP | BEGIN,
    ['/'] = BEGIN, ['#'] = BEGIN, ['@'] = BEGIN, [';'] = BEGIN, ['{'] = BEGIN, ['}'] = BEGIN,
};
// clang-format on

static bool is(char c, unsigned wanted)
{
    return (classes[(unsigned char)c] & wanted) != 0;
}

static int hex_of(char c)
{
    if (tw_ascii_is_digit(c))
        return c - '0';
    c = tw_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void skip_spaces(struct tw_css *css, const char *stop)
{
    while (css->p < stop && tw_ascii_is_space(*css->p))
        css->p++;
}

/* A newline counts as one, the two bytes of CR LF too. */
static void skip_newline(struct tw_css *css)
{
    css->p += *css->p == '\r' && css->p + 1 < css->end && css->p[1] == '\n' ? 2 : 1;
}

/* ---- Escapes ----------------------------------------------------------------------------- */

/* "Two code points are a valid escape", of what is not at the end. */
static bool at_escape(const struct tw_css *css)
{
    return *css->p == '\\' && css->p + 1 < css->end && !is(css->p[1], NEWLINE);
}

/* "Consume an escaped code point": css->p is after the backslash, not at a newline. Returns the
 * length of its text. */
static size_t read_escape(struct tw_css *css, char text[4])
{
    unsigned c = 0;
    int digits;

    if (css->p == css->end)
        return tw_utf8_put(text, 0xFFFD);
    if (hex_of(*css->p) < 0) {
        text[0] = *css->p++;
        return 1;
    }
    for (digits = 0; digits < 6 && css->p < css->end && hex_of(*css->p) >= 0; digits++)
        c = c * 16 + (unsigned)hex_of(*css->p++);
    if (css->p < css->end && tw_ascii_is_space(*css->p))
        skip_newline(css);
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    return tw_utf8_put(text, c);
}

/* ---- URLs -------------------------------------------------------------------------------- */

/* Whether a string that is read now, or a url(), is one that is wanted. */
static bool is_wanted(const struct tw_css *css)
{
    return css->in_url ? css->rule != RULE_NAMESPACE : css->rule == RULE_IMPORT;
}

static int put(struct tw_css *css, struct tw_buf *out, const char *bytes, size_t len)
{
    if (css->too_long || !is_wanted(css))
        return 0;
    css->too_long = len > css->max - out->len;
    return css->too_long ? 0 : tw_buf_append(out, bytes, len);
}

static int put_escape(struct tw_css *css, struct tw_buf *out)
{
    char text[4];
    size_t len = read_escape(css, text);

    return put(css, out, text, len);
}

/* Appends what is before the next byte that may end it, and a NUL as U+FFFD. */
static int put_run(struct tw_css *css, struct tw_buf *out, const char *stop, unsigned wanted,
                   char quote)
{
    const char *start = css->p;
    int err;

    while (css->p < stop && !is(*css->p, wanted) && *css->p != quote)
        css->p++;
    err = put(css, out, start, (size_t)(css->p - start));
    if (err != 0 || css->p == stop || *css->p != '\0')
        return err;
    css->p++;
    return put(css, out, "\xEF\xBF\xBD", 3);
}

static void begin_url_text(struct tw_css *css, struct tw_buf *out, enum tw_css_state state,
                           bool in_url)
{
    tw_buf_reset(out, SIZE_MAX);
    css->in_url = in_url;
    css->too_long = false;
    css->state = state;
}

static void begin_string(struct tw_css *css, struct tw_buf *out, bool in_url)
{
    css->quote = *css->p++;
    begin_url_text(css, out, TW_CSS_STRING, in_url);
}

/* "Consume a string token". Returns whether it is whole, which it is not where a newline cuts
 * it off, or TRAWL_ENOMEM. */
static int read_string(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    int err = put_run(css, out, stop, STRING_STOP, css->quote);
    char c;

    if (err != 0 || css->p == stop)
        return err;
    c = *css->p;
    if (c == css->quote || is(c, NEWLINE)) {
        css->state = TW_CSS_BETWEEN;
        css->p += c == css->quote;
        return c == css->quote;
    }
    if (c != '\\')
        return 0;
    css->p++;
    if (css->p == css->end)
        return 0;
    if (!is(*css->p, NEWLINE))
        return put_escape(css, out);
    skip_newline(css);
    return 0;
}

/* "Consume a url token". */
static int read_url(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    int err = put_run(css, out, stop, URL_STOP, ')');

    if (err != 0 || css->p == stop || !is(*css->p, URL_STOP) || *css->p == '\0')
        return err;
    if (at_escape(css)) {
        css->p++;
        return put_escape(css, out);
    }
    css->state = TW_CSS_URL_END;
    return 0;
}

/* Returns whether the URL has ended well. */
static int read_url_end(struct tw_css *css, const char *stop)
{
    skip_spaces(css, stop);
    if (css->p == stop)
        return 0;
    if (*css->p != ')') {
        css->state = TW_CSS_BAD_URL;
        return 0;
    }
    css->p++;
    css->state = TW_CSS_BETWEEN;
    return 1;
}

/* "Consume the remnants of a bad url". */
static void skip_bad_url(struct tw_css *css, const char *stop)
{
    for (; css->p < stop; css->p++) {
        if (*css->p == ')') {
            css->p++;
            css->state = TW_CSS_BETWEEN;
            return;
        }
        if (*css->p == '\\' && css->p + 1 < css->end)
            css->p++;
    }
}

static void begin_url(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    skip_spaces(css, stop);
    if (css->p == stop)
        return;
    if (*css->p == '"' || *css->p == '\'')
        begin_string(css, out, true);
    else
        css->state = TW_CSS_URL;
}

/* ---- Names ------------------------------------------------------------------------------- */

static void put_name(struct tw_css *css, const char *bytes, size_t len)
{
    size_t room = sizeof(css->name) - css->name_len, n = len < room ? len : room;

    memcpy(css->name + css->name_len, bytes, n);
    css->name_len += n;
}

static bool name_is(const struct tw_css *css, const char *lower)
{
    size_t len = strlen(lower);

    return css->name_len == len && tw_ascii_equal(css->name, lower, len);
}

/* What the name that has ended begins. */
static void end_name(struct tw_css *css, struct tw_buf *out)
{
    css->state = TW_CSS_BETWEEN;
    if (css->first == '#' || tw_ascii_is_digit(css->first))
        return;
    if (css->first == '@') {
        css->rule = name_is(css, "import")      ? RULE_IMPORT
                    : name_is(css, "namespace") ? RULE_NAMESPACE
                                                : RULE_NONE;
        return;
    }
    if (css->p == css->end || *css->p != '(' || !name_is(css, "url"))
        return;
    css->p++;
    begin_url_text(css, out, TW_CSS_URL_BEGIN, true);
}

/* A name with its escapes. */
static void read_name(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    while (css->p < stop) {
        const char *start = css->p;
        char text[4];

        while (css->p < stop && is(*css->p, NAME))
            css->p++;
        put_name(css, start, (size_t)(css->p - start));
        if (css->p == stop)
            break;
        if (!at_escape(css)) {
            end_name(css, out);
            return;
        }
        css->p++;
        put_name(css, text, read_escape(css, text));
    }
    if (css->p == css->end)
        end_name(css, out);
}

/* ---- Tokens ------------------------------------------------------------------------------ */

static void skip_comment(struct tw_css *css, const char *stop)
{
    while ((css->p = tw_skip_to(css->p, stop, '*')) < stop) {
        css->p++;
        if (css->p < css->end && *css->p == '/') {
            css->p++;
            css->state = TW_CSS_BETWEEN;
            return;
        }
    }
}

/* Goes on to a token that is of interest. */
static void begin_token(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    char c;

    while (css->p < stop && !is(*css->p, BEGIN))
        css->p++;
    if (css->p == stop)
        return;
    c = *css->p;
    if (c == '/' && css->end - css->p >= 2 && css->p[1] == '*') {
        css->p += 2;
        css->state = TW_CSS_COMMENT;
    } else if (c == '"' || c == '\'') {
        begin_string(css, out, false);
    } else if (is(c, NAME) || c == '#' || c == '@' || at_escape(css)) {
        css->first = c;
        css->p += c == '#' || c == '@';
        css->name_len = 0;
        css->state = TW_CSS_NAME;
    } else {
        if (c == ';' || c == '{' || c == '}')
            css->rule = RULE_NONE;
        css->p++;
    }
}

/* Reads on in a token, or up to one. 1 if a URL or string has ended. */
static int read_on(struct tw_css *css, struct tw_buf *out, const char *stop)
{
    switch (css->state) {
    case TW_CSS_BETWEEN: begin_token(css, out, stop); break;
    case TW_CSS_COMMENT: skip_comment(css, stop); break;
    case TW_CSS_NAME: read_name(css, out, stop); break;
    case TW_CSS_URL_BEGIN: begin_url(css, out, stop); break;
    case TW_CSS_URL: return read_url(css, out, stop);
    case TW_CSS_URL_END: return read_url_end(css, stop);
    case TW_CSS_BAD_URL: skip_bad_url(css, stop); break;
    case TW_CSS_STRING: return read_string(css, out, stop);
    }
    return 0;
}

/* What the end of the sheet ends is whole. */
static bool end_url(struct tw_css *css)
{
    bool is_open =
        css->state == TW_CSS_URL || css->state == TW_CSS_URL_END || css->state == TW_CSS_STRING;

    css->state = TW_CSS_BETWEEN;
    return is_open;
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

int tw_css_next(struct tw_css *css, struct tw_buf *out, bool *is_import)
{
    const char *stop = css->stop != NULL ? css->stop : css->end;

    while (css->p < stop) {
        int found = read_on(css, out, stop);

        if (found < 0)
            return found;
        if (css->p == css->end && found == 0)
            found = end_url(css);
        if (found == 0 || !is_wanted(css))
            continue;
        *is_import = css->rule == RULE_IMPORT;
        css->rule = RULE_NONE;
        strip(out);
        if (out->len > 0 && !css->too_long)
            return 1;
    }
    return 0;
}
