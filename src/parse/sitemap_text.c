/* A list of URLs, one a line. Nothing says that a text is one but its lines, so the first line
 * that is no URL ends it. */
#include <string.h>

#include "parse/ascii.h"
#include "parse/sitemap_parser.h"

static bool is_empty(const struct tw_buf *line)
{
    size_t i = 0;

    while (i < line->len && tw_ascii_is_space(line->data[i]))
        i++;
    return i == line->len;
}

static void end_line(struct tw_sitemap *s)
{
    const char *text = s->text.data;
    size_t len = s->text.len;

    s->line++;
    if (!is_empty(&s->text)) {
        while (tw_ascii_is_space(*text)) {
            text++;
            len--;
        }
        while (tw_ascii_is_space(text[len - 1]))
            len--;
        if (!tw_sitemap_is_url(text, len)) {
            tw_sitemap_fail(s, TW_SITEMAP_FOREIGN, s->line,
                            "it is no XML, and this line is no http or https URL");
            return;
        }
        s->info.kind = TW_SITEMAP_TEXT;
        if (s->too_long)
            s->info.ignored++;
        else
            tw_sitemap_emit(s, text, len, NULL, TW_SITEMAP_PRIORITY, s->line);
    }
    s->text.len = 0;
    s->too_long = false;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

void tw_sitemap_text_feed(struct tw_sitemap *s, const char *bytes, size_t len, bool end)
{
    const char *p = bytes, *stop = bytes + len;

    while (p < stop && s->info.state == TW_SITEMAP_OK) {
        const char *start = p;

        if (s->after_cr && *p == '\n')
            start = ++p;
        s->after_cr = false;
        while (p < stop && !is_line_end(*p))
            p++;
        tw_sitemap_collect(s, start, (size_t)(p - start));
        if (p < stop && s->info.state == TW_SITEMAP_OK) {
            end_line(s);
            s->after_cr = *p++ == '\r';
        }
    }
    if (end && s->info.state == TW_SITEMAP_OK) {
        end_line(s);
        if (s->info.state == TW_SITEMAP_OK && s->info.kind == TW_SITEMAP_UNKNOWN)
            tw_sitemap_fail(s, TW_SITEMAP_FOREIGN, 0, "the file is empty");
    }
}
