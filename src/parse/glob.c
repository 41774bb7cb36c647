#include "parse/glob.h"

#include <string.h>

#include "parse/ascii.h"

static unsigned char folded(char c, bool any_case)
{
    return (unsigned char)(any_case ? tw_ascii_lower(c) : c);
}

/* The ']' of the set that begins at p, or NULL. One that comes first is a member. */
static const char *set_end(const char *p, const char *end)
{
    p++;
    if (p < end && (*p == '!' || *p == '^'))
        p++;
    return p + 1 < end ? memchr(p + 1, ']', (size_t)(end - p - 1)) : NULL;
}

static bool in_range(unsigned char c, const char *from, const char *to, bool any_case)
{
    return c >= folded(*from, any_case) && c <= folded(*to, any_case);
}

static bool in_set(const char *p, const char *end, char text, bool any_case)
{
    unsigned char c = folded(text, any_case);
    bool negated = p[1] == '!' || p[1] == '^', found = false;

    for (p += negated ? 2 : 1; p < end; p++) {
        const char *to = end - p > 2 && p[1] == '-' ? p + 2 : p;

        found = found || in_range(c, p, to, any_case);
        p = to;
    }
    return found != negated;
}

/* Whether c matches what stands at p, which is no '*'; *next is behind it. */
static bool matches_one(const char *p, const char *end, char c, bool any_case,
                        const char **next)
{
    const char *close = *p == '[' ? set_end(p, end) : NULL;

    *next = close != NULL ? close + 1 : p + 1;
    if (close != NULL)
        return in_set(p, close, c, any_case);
    return *p == '?' || folded(*p, any_case) == folded(c, any_case);
}

/* When nothing matches, only the last star has to take one byte more: whatever an earlier one
 * took, the last can take the rest. */
bool tw_glob_match(const char *pattern, size_t len, const char *text, size_t text_len,
                   bool any_case)
{
    const char *p = pattern, *end = pattern + len, *after_star = NULL, *next;
    size_t i = 0, star_at = 0;

    while (i < text_len) {
        if (p < end && *p == '*') {
            after_star = ++p;
            star_at = i;
        } else if (p < end && matches_one(p, end, text[i], any_case, &next)) {
            p = next;
            i++;
        } else if (after_star != NULL) {
            p = after_star;
            i = ++star_at;
        } else {
            return false;
        }
    }
    while (p < end && *p == '*')
        p++;
    return p == end;
}
