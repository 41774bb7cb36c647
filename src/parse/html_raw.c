#include "parse/html_raw.h"

#include <string.h>

#include "parse/ascii.h"
#include "parse/html_skip.h"

const char *tw_html_skip_comment(const char *p, const char *start, const char *stop,
                                 const char *end, bool *ended)
{
    *ended = true;
    if (p == start && *p == '>')
        return p + 1;
    if (p == start && end - p >= 2 && p[0] == '-' && p[1] == '>')
        return p + 2;
    while ((p = tw_skip_to(p, stop, '>')) < stop) {
        if (p - start >= 2 && p[-1] == '-' && p[-2] == '-')
            return p + 1;
        if (p - start >= 3 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-')
            return p + 1;
        p++;
    }
    *ended = false;
    return p;
}

const char *tw_html_skip_cdata(const char *p, const char *start, const char *stop, bool *ended)
{
    *ended = true;
    while ((p = tw_skip_to(p, stop, '>')) < stop) {
        if (p - start >= 2 && p[-1] == ']' && p[-2] == ']')
            return p + 1;
        p++;
    }
    *ended = false;
    return p;
}

/* Whether p, at the byte after '<' or "</", has the name and what ends one. */
static bool is_named(const char *p, const char *end, const char *name, size_t len)
{
    return (size_t)(end - p) > len && tw_ascii_equal(p, name, len) &&
           tw_html_is(p[len], TW_HTML_SPACE | TW_HTML_SLASH | TW_HTML_CLOSE);
}

const char *tw_html_skip_raw(const char *p, const char *stop, const char *end, const char *name,
                             size_t len)
{
    while ((p = tw_skip_to(p, stop, '<')) < stop) {
        if (end - p > 2 && p[1] == '/' && is_named(p + 2, end, name, len))
            return p;
        p++;
    }
    return p;
}

static bool is_script_end(const char *p, const char *end)
{
    return end - p > 2 && p[1] == '/' && is_named(p + 2, end, "script", 6);
}

static const char *skip_data(struct tw_html_script *s, const char *p, const char *stop,
                             const char *end)
{
    while ((p = tw_skip_to(p, stop, '<')) < stop) {
        if (is_script_end(p, end)) {
            s->state = TW_SCRIPT_ENDED;
            return p;
        }
        if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
            s->state = TW_SCRIPT_ESCAPED;
            s->dashes = p + 2;
            return p + 4;
        }
        p++;
    }
    return p;
}

/* Up to the end tag that ends the script, or after the "-->" that ends the escape. A script
 * inside of it is text, up to its own end tag ("double escaped"). */
static const char *skip_escaped(struct tw_html_script *s, const char *p, const char *stop,
                                const char *end)
{
    for (; p < stop; p++) {
        if (*p == '>' && p - s->dashes >= 2 && p[-1] == '-' && p[-2] == '-') {
            s->state = TW_SCRIPT_DATA;
            return p + 1;
        }
        if (*p != '<')
            continue;
        if (is_script_end(p, end)) {
            if (s->state == TW_SCRIPT_ESCAPED) {
                s->state = TW_SCRIPT_ENDED;
                return p;
            }
            s->state = TW_SCRIPT_ESCAPED;
        } else if (is_named(p + 1, end, "script", 6)) {
            s->state = TW_SCRIPT_DOUBLE_ESCAPED;
        }
    }
    return p;
}

const char *tw_html_skip_script(struct tw_html_script *s, const char *p, const char *stop,
                                const char *end)
{
    while (p < stop && s->state != TW_SCRIPT_ENDED)
        p = s->state == TW_SCRIPT_DATA ? skip_data(s, p, stop, end)
                                       : skip_escaped(s, p, stop, end);
    return p;
}
