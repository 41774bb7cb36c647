#include "parse/links_rel.h"

#include <string.h>

#include "parse/ascii.h"
#include "parse/links.h"

static bool is(const char *p, size_t len, const char *lower)
{
    return strlen(lower) == len && tw_ascii_equal(p, lower, len);
}

/* ---- rel --------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    unsigned flag;
} words[] = {
    {"nofollow", TW_REL_NOFOLLOW},
    {"ugc", TW_REL_UGC},
    {"sponsored", TW_REL_SPONSORED},
    {"canonical", TW_REL_CANONICAL},
    {"alternate", TW_REL_ALTERNATE},
    {"next", TW_REL_NEXT},
    {"prev", TW_REL_PREV},
    {"previous", TW_REL_PREV},
    {"stylesheet", TW_REL_STYLESHEET},
    {"icon", TW_REL_ICON},
    {"apple-touch-icon", TW_REL_ICON},
    {"apple-touch-icon-precomposed", TW_REL_ICON},
    {"apple-touch-startup-image", TW_REL_ICON},
    {"mask-icon", TW_REL_ICON},
    {"fluid-icon", TW_REL_ICON},
    {"preload", TW_REL_PRELOAD},
    {"modulepreload", TW_REL_PRELOAD},
    {"manifest", TW_REL_MANIFEST},
    {"dns-prefetch", TW_REL_HINT},
    {"preconnect", TW_REL_HINT},
};

static unsigned word_flag(const char *p, size_t len)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (is(p, len, words[i].word))
            return words[i].flag;
    return TW_REL_OTHER;
}

unsigned tw_rel_parse(const char *rel, size_t len)
{
    const char *p = rel, *end = rel + len;
    unsigned flags = 0;

    while (p < end) {
        const char *word = p;

        while (p < end && !tw_ascii_is_space(*p))
            p++;
        if (p > word)
            flags |= word_flag(word, (size_t)(p - word));
        else
            p++;
    }
    return flags;
}

enum tw_link_kind tw_rel_kind(unsigned rel_flags, bool *is_link)
{
    *is_link = rel_flags != TW_REL_HINT;
    return (rel_flags & (TW_REL_STYLESHEET | TW_REL_ICON | TW_REL_PRELOAD | TW_REL_MANIFEST)) !=
                   0
               ? TW_LINK_REQUISITE
               : TW_LINK_NAVIGATION;
}

/* ---- meta refresh ------------------------------------------------------------------------ */

static const char *skip_spaces(const char *p, const char *end)
{
    while (p < end && tw_ascii_is_space(*p))
        p++;
    return p;
}

/* Over the time and what parts it from the rest; NULL if that is no refresh. */
static const char *skip_time(const char *p, const char *end)
{
    const char *digits;

    digits = p = skip_spaces(p, end);
    while (p < end && tw_ascii_is_digit(*p))
        p++;
    if (p == digits && (p == end || *p != '.'))
        return NULL;
    while (p < end && (tw_ascii_is_digit(*p) || *p == '.'))
        p++;
    if (p == end || (*p != ';' && *p != ',' && !tw_ascii_is_space(*p)))
        return NULL;
    p = skip_spaces(p, end);
    if (p < end && (*p == ';' || *p == ','))
        p++;
    return skip_spaces(p, end);
}

/* Over "url=" in any spelling; p itself if that is not all there. */
static const char *skip_url_equals(const char *p, const char *end)
{
    const char *after;

    if (end - p < 4 || !tw_ascii_equal(p, "url", 3))
        return p;
    after = skip_spaces(p + 3, end);
    return after < end && *after == '=' ? skip_spaces(after + 1, end) : p;
}

bool tw_refresh_url(const char *content, size_t len, const char **url, size_t *url_len)
{
    const char *end = content + len, *p, *close;
    const char *start;

    p = skip_time(content, end);
    if (p == NULL || p == end)
        return false;
    start = skip_url_equals(p, end);
    /* Quotes count after "url=" and where nothing of it is. */
    if (start < end && (*start == '"' || *start == '\'')) {
        close = memchr(start + 1, *start, (size_t)(end - start - 1));
        end = close != NULL ? close : end;
        start++;
    }
    *url = start;
    *url_len = (size_t)(end - start);
    return true;
}

/* ---- robots ------------------------------------------------------------------------------ */

static unsigned directive(const char *p, size_t len)
{
    if (is(p, len, "noindex"))
        return TW_ROBOTS_NOINDEX;
    if (is(p, len, "nofollow"))
        return TW_ROBOTS_NOFOLLOW;
    return is(p, len, "none") ? TW_ROBOTS_NOINDEX | TW_ROBOTS_NOFOLLOW : 0;
}

static const char *word_end(const char *p, const char *end)
{
    while (p < end && *p != ',' && !tw_ascii_is_space(*p))
        p++;
    return p;
}

unsigned tw_robots_content(const char *content, size_t len)
{
    return tw_robots_tag(content, len, NULL);
}

/* "agent:" holds up to the next one. A directive with a value is no agent, though it looks like
 * one. */
static bool is_directive_with_value(const char *p, size_t len)
{
    return is(p, len, "unavailable_after") || is(p, len, "max-snippet") ||
           is(p, len, "max-image-preview") || is(p, len, "max-video-preview");
}

unsigned tw_robots_tag(const char *value, size_t len, const char *agent)
{
    const char *p = value, *end = value + len;
    bool counts = true;
    unsigned flags = 0;

    while (p < end) {
        const char *word = p, *colon;

        p = word_end(p, end);
        if (p == word) {
            p++;
            continue;
        }
        /* A time of day, in the date of unavailable_after, has colons too. */
        colon = tw_ascii_is_alpha(*word) ? memchr(word, ':', (size_t)(p - word)) : NULL;
        if (colon != NULL) {
            size_t n = (size_t)(colon - word);

            if (!is_directive_with_value(word, n))
                counts = is(word, n, "robots") || (agent != NULL && strlen(agent) == n &&
                                                   tw_ascii_equal(word, agent, n));
            word = colon + 1;
        }
        if (counts)
            flags |= directive(word, (size_t)(p - word));
    }
    return flags;
}
