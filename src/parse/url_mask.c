/* Works on raw input on purpose: what cannot be parsed has to be printable too, in the message
 * that says so. */
#include <string.h>

#include "parse/ascii.h"
#include "parse/url.h"

/* Blanks and controls, which parsers drop or refuse. */
static bool is_filler(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static const char *skip_filler(const char *p, const char *end)
{
    while (p < end && is_filler(*p))
        p++;
    return p;
}

/* Moves *at past the first colon, if nothing before it says that no scheme can be meant. Whatever
 * stands before the colon may be a scheme: a byte order mark or a quote may have come along with
 * it. *is_http tells of http and https. */
static bool skip_scheme(const char **at, const char *end, bool *is_http)
{
    const char *p = *at;
    static const char https[] = "https";
    size_t n = 0;
    bool same = true;
    for (; p < end && *p != ':'; p++) {
        if (memchr("/\\?#@", *p, 5))
            return false;
        if (is_filler(*p))
            continue;
        same = same && n < 5 && (*p | 0x20) == https[n];
        n++;
    }
    *is_http = same && n >= 4;
    *at = p + 1;
    return p < end;
}

static bool has_password(const char *s, const char *end)
{
    bool colon = false, found = false;

    for (; s < end && *s != '/' && *s != '?' && *s != '#'; s++) {
        found = found || (colon && *s == '@');
        colon = colon || *s == ':';
    }
    return found;
}

/* Whether it begins with the name of a scheme that has no authority, and so no credentials: an "@" in
 * it is part of an address, or of a text. Others, as sip:, may hold passwords, or are no scheme; and
 * so may be what has a second colon before the "@". */
static bool is_opaque(const char *s, const char *end)
{
    static const char *const names[] = {"mailto:", "tel:",  "sms:", "data:", "javascript:",
                                        "xmpp:",   "news:", "mid:", "cid:"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t len = strlen(names[i]);

        if ((size_t)(end - s) >= len && tw_ascii_equal(s, names[i], len))
            return !has_password(s + len, end);
    }
    return false;
}

/* Behind a scheme the authority begins only where a '/' says so, or where the scheme always has
 * one: else the scheme may be a user's name, and a backslash after it part of a password.
 * Schemes may be chained, as in "feed:http://". The end if there is no authority. */
static const char *authority_start(const char *s, const char *end)
{
    const char *start = skip_filler(s, end);
    const char *p = start;
    bool first = true, is_http = false, found = false;
    while (skip_scheme(&p, end, &is_http)) {
        const char *next = skip_filler(p, end);
        bool slash = next < end && *next == '/';
        found = slash || (first && is_http);
        if (found) {
            start = p;
            break;
        }
        first = false;
    }
    if (!found && is_opaque(start, end))
        return end;
    for (p = start; p < end && (is_slash(*p) || is_filler(*p)); p++)
        if (is_slash(*p))
            start = p + 1;
    return start;
}

/* Appends to a text of n bytes so far what of s fits. Returns how long it would be. */
static size_t append(char *out, size_t size, size_t n, const char *s, const char *end)
{
    size_t len = (size_t)(end - s);
    size_t room = size > n ? size - n - 1 : 0;
    size_t fits = len < room ? len : room;
    if (fits)
        memcpy(out + n, s, fits);
    if (room)
        out[n + fits] = '\0';
    return n + len;
}

size_t tw_url_mask(char *out, size_t size, const char *input, size_t len)
{
    static const char mask[] = "***";
    const char *end = input + len;
    /* Without an "@" there is nothing to look for. */
    const char *start = memchr(input, '@', len) == NULL ? end : authority_start(input, end);
    const char *at = NULL;
    for (const char *p = start; p < end && *p != '/' && *p != '?' && *p != '#'; p++)
        if (*p == '@')
            at = p;
    if (size > 0)
        out[0] = '\0';
    size_t n = append(out, size, 0, input, start);
    if (at)
        n = append(out, size, n, mask, mask + 3);
    return append(out, size, n, at ? at : start, end);
}
