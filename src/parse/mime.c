#include "parse/mime.h"

#include <string.h>
#include <strings.h>

#include "parse/ascii.h"

/* RFC 9110, 5.6.2. */
static bool is_token(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

void tw_mime_essence(const char *content_type, char essence[TW_MIME_MAX])
{
    const char *p = content_type == NULL ? "" : content_type;
    size_t n = 0;
    unsigned slashes = 0;

    p += strspn(p, " \t");
    for (; is_token(*p) || *p == '/'; p++) {
        slashes += *p == '/';
        if (n + 1 == TW_MIME_MAX)
            slashes = 2;
        else
            essence[n++] = tw_ascii_lower(*p);
    }
    p += strspn(p, " \t");
    if (slashes != 1 || essence[0] == '/' || essence[n - 1] == '/' ||
        (*p != '\0' && *p != ';' && *p != ','))
        n = 0;
    essence[n] = '\0';
}

static bool fits(const char *essence, const char *pattern)
{
    size_t len = strlen(pattern);

    if (strcmp(pattern, "*") == 0 || strcmp(pattern, "*/*") == 0)
        return true;
    if (len > 2 && strcmp(pattern + len - 2, "/*") == 0)
        return strncasecmp(essence, pattern, len - 1) == 0;
    return strcasecmp(essence, pattern) == 0;
}

bool tw_mime_matches(const char *essence, char *const *list)
{
    bool in = true;

    for (size_t i = 0; list[i] != NULL; i++)
        if (list[i][0] != '!')
            in = false; /* something is named: all else is out */
    for (size_t i = 0; list[i] != NULL; i++) {
        bool out = list[i][0] == '!';

        if (fits(essence, list[i] + out))
            in = !out;
    }
    return in;
}

static bool ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);

    return len >= n && strcmp(s + len - n, end) == 0;
}

enum tw_mime_kind tw_mime_kind(const char *essence)
{
    if (strcmp(essence, "text/html") == 0 || strcmp(essence, "application/xhtml+xml") == 0)
        return TW_MIME_HTML;
    if (strcmp(essence, "text/css") == 0)
        return TW_MIME_CSS;
    if (strcmp(essence, "text/xml") == 0 || strcmp(essence, "application/xml") == 0 ||
        (ends_with(essence, "+xml") && strncmp(essence, "image/", 6) != 0))
        return TW_MIME_XML;
    if (strcmp(essence, "text/plain") == 0)
        return TW_MIME_TEXT;
    if (strcmp(essence, "application/gzip") == 0 || strcmp(essence, "application/x-gzip") == 0)
        return TW_MIME_GZIP;
    return TW_MIME_OTHER;
}
