#include "parse/html_raw.h"

#include <string.h>

#include "parse/ascii.h"
#include "parse/html_skip.h"

const char *tw_html_skip_comment(const char *p, const char *end)
{
    const char *start = p;

    if (p < end && *p == '>')
        return p + 1;
    if (end - p >= 2 && p[0] == '-' && p[1] == '>')
        return p + 2;
    while ((p = tw_skip_to(p, end, '>')) < end) {
        if (p - start >= 2 && p[-1] == '-' && p[-2] == '-')
            return p + 1;
        if (p - start >= 3 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-')
            return p + 1;
        p++;
    }
    return end;
}

/* Whether p, at the byte after '<' or "</", has the name and what ends one. */
static bool is_named(const char *p, const char *end, const char *name, size_t len)
{
    return (size_t)(end - p) > len && tw_ascii_equal(p, name, len) &&
           tw_html_is(p[len], TW_HTML_SPACE | TW_HTML_SLASH | TW_HTML_CLOSE);
}

const char *tw_html_skip_raw(const char *p, const char *end, const char *name, size_t len)
{
    while ((p = tw_skip_to(p, end, '<')) < end) {
        if (end - p > 2 && p[1] == '/' && is_named(p + 2, end, name, len))
            return p;
        p++;
    }
    return end;
}

/* The "escaped" states. p is after "<!--"; returns the end tag that ends the script, with *done
 * set, or what follows the "-->" that ends the escape. A script inside of it is text, up to its
 * own end tag ("double escaped"). */
static const char *skip_escaped(const char *p, const char *end, bool *done)
{
    const char *start = p - 2;
    bool is_double = false;

    *done = false;
    for (; p < end; p++) {
        if (*p == '>' && p - start >= 2 && p[-1] == '-' && p[-2] == '-')
            return p + 1;
        if (*p != '<' || end - p < 3)
            continue;
        if (p[1] == '/' && is_named(p + 2, end, "script", 6)) {
            if (!is_double) {
                *done = true;
                return p;
            }
            is_double = false;
        } else if (!is_double && is_named(p + 1, end, "script", 6)) {
            is_double = true;
        }
    }
    return end;
}

const char *tw_html_skip_script(const char *p, const char *end)
{
    bool done;

    while ((p = tw_skip_to(p, end, '<')) < end) {
        if (end - p > 2 && p[1] == '/' && is_named(p + 2, end, "script", 6))
            return p;
        if (end - p < 4 || memcmp(p, "<!--", 4) != 0) {
            p++;
            continue;
        }
        p = skip_escaped(p + 4, end, &done);
        if (done)
            return p;
    }
    return end;
}

const char *tw_html_skip_cdata(const char *p, const char *end)
{
    const char *close = end > p ? memmem(p, (size_t)(end - p), "]]>", 3) : NULL;

    return close != NULL ? close + 3 : end;
}
