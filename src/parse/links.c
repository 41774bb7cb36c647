#include "parse/links.h"

#include <stdlib.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/charset.h"
#include "parse/html_skip.h"
#include "parse/links_scan.h"
#include "trawl.h"

/* That takes some milliseconds. */
#define FREE_BYTES ((size_t)32 << 20)

static const uint32_t lazy_attributes =
    TW_ATTR_BIT(DATA_SRC) | TW_ATTR_BIT(DATA_SRCSET) | TW_ATTR_BIT(DATA_ORIGINAL) |
    TW_ATTR_BIT(DATA_LAZY) | TW_ATTR_BIT(DATA_LAZY_SRC) | TW_ATTR_BIT(DATA_LAZY_SRCSET) |
    TW_ATTR_BIT(DATA_BG) | TW_ATTR_BIT(DATA_BACKGROUND_IMAGE);

int tw_links_open(struct tw_links **links, const struct tw_links_options *options,
                  const void *body, size_t len)
{
    struct tw_links *l = malloc(sizeof(*l));

    if (l == NULL)
        return TRAWL_ENOMEM;
    /* The stack for foreign content is large, and empty without being zero. */
    memset(l, 0, offsetof(struct tw_links, html));
    memset(&l->templates, 0, sizeof(*l) - offsetof(struct tw_links, templates));
    l->options = *options;
    l->bytes = len > 0 ? body : "";
    l->end = l->bytes + len;
    l->info.base = options->url;
    if ((options->flags & TW_LINKS_UNIQUE) != 0) {
        l->seen = calloc(TW_SCAN_SEEN, sizeof(*l->seen));
        if (l->seen == NULL) {
            free(l);
            return TRAWL_ENOMEM;
        }
    }
    *links = l;
    return 0;
}

void tw_links_close(struct tw_links *l)
{
    if (l == NULL)
        return;
    tw_buf_free(&l->decoded);
    tw_buf_free(&l->value);
    tw_buf_free(&l->rel);
    tw_buf_free(&l->name);
    tw_buf_free(&l->list_text);
    tw_buf_free(&l->segment);
    tw_buf_free(&l->title);
    tw_url_free(&l->base);
    free(l->seen);
    free(l);
}

const struct tw_links_info *tw_links_info(const struct tw_links *l)
{
    return &l->info;
}

/* ---- The bytes --------------------------------------------------------------------------- */

/* In these, bytes of ASCII can be parts of other characters. */
static bool hides_ascii(const char *charset)
{
    return strcmp(charset, "UTF-16LE") == 0 || strcmp(charset, "UTF-16BE") == 0 ||
           strcmp(charset, "ISO-2022-JP") == 0 || strcmp(charset, "replacement") == 0;
}

static void rewind_html(struct tw_links *l)
{
    uint32_t always = (l->options.flags & TW_LINKS_LAZY) != 0 ? lazy_attributes : 0;

    if ((l->options.flags & TW_LINKS_CSS) != 0)
        always |= TW_ATTR_BIT(STYLE);
    tw_html_open(&l->html, l->bytes, (size_t)(l->end - l->bytes), always);
    l->templates = 0;
}

static void begin_html(struct tw_links *l)
{
    rewind_html(l);
    l->phase = TW_SCAN_FIND_BASE;
}

static void prepare(struct tw_links *l)
{
    size_t mark_len = 0;
    const char *charset = tw_charset_bom(l->bytes, (size_t)(l->end - l->bytes), &mark_len);

    l->charset = charset != NULL ? charset : l->options.charset;
    l->bytes += mark_len;
    if (l->charset != NULL && hides_ascii(l->charset))
        l->phase = TW_SCAN_DECODE;
    else
        begin_html(l);
}

/* What is left of the body, and what was made of it before, are one until all is decoded. */
static int decode(struct tw_links *l)
{
    size_t left = (size_t)(l->end - l->bytes), used = 0;
    size_t n = l->step > TW_VALUE_PIECE ? l->step : TW_VALUE_PIECE;
    int err = 0;

    if (left > 0)
        err = tw_text_decode(l->options.text, &l->decoder, &l->decoded, l->charset, l->bytes,
                             left < n ? left : n, &used);
    l->bytes += used;
    if (err != 0 || (used > 0 && used < left))
        return err;
    l->bytes = l->decoded.data != NULL ? l->decoded.data : "";
    l->end = l->bytes + l->decoded.len;
    l->charset = "UTF-8";
    begin_html(l);
    return 0;
}

/* ---- The base ---------------------------------------------------------------------------- */

static void begin_links(struct tw_links *l)
{
    rewind_html(l);
    l->phase = TW_SCAN_LINKS;
}

/* Links before the base element are relative to it too, so it is looked for first: a document
 * without the bytes of its tag has none, and needs no other reading. */
static void find_base(struct tw_links *l, const char *limit)
{
    const char *p = l->html.p;

    while ((p = tw_skip_pair(p, l->end, '<', 'b', limit)) < limit) {
        if (l->end - p > 5 && tw_ascii_equal(p + 1, "base", 4) &&
            tw_html_is(p[5], TW_HTML_SPACE | TW_HTML_SLASH)) {
            rewind_html(l);
            l->phase = TW_SCAN_READ_BASE;
            return;
        }
        p++;
    }
    l->html.p = p;
    if (p >= l->end)
        begin_links(l);
}

static int read_base(struct tw_links *l, const char *limit)
{
    for (;;) {
        enum tw_html_event event = tw_html_next(&l->html, limit);
        const struct tw_html_tag *t = &l->html.tag;
        int err;

        if (event == TW_HTML_END)
            begin_links(l);
        if (event != TW_HTML_TAG)
            return 0;
        if (t->id == TW_TAG_TEMPLATE && t->is_end)
            l->templates -= l->templates > 0;
        else if (t->id == TW_TAG_TEMPLATE && t->space == TW_NS_HTML)
            l->templates++;
        if (t->id != TW_TAG_BASE || t->space != TW_NS_HTML || l->templates > 0 ||
            (t->have & TW_ATTR_BIT(HREF)) == 0)
            continue;
        err = tw_scan_base(l);
        begin_links(l);
        return err;
    }
}

/* ---- The links --------------------------------------------------------------------------- */

const char *tw_scan_stop(const struct tw_links *l, const char *p, const char *end)
{
    return (size_t)(end - p) > l->step ? p + l->step : end;
}

static int scan_links(struct tw_links *l, const char *limit)
{
    for (;;) {
        enum tw_html_event event;
        int more;

        while ((more = tw_scan_yield(l)) > 0) {
            if (l->info.stopped) {
                l->phase = TW_SCAN_FREE;
                return 0;
            }
            if (l->read >= l->step)
                return 0;
        }
        if (more < 0)
            return more;
        event = tw_html_next(&l->html, limit);
        if (event == TW_HTML_END)
            l->phase = TW_SCAN_FREE;
        if (event != TW_HTML_TAG)
            return 0;
        more = tw_scan_tag(l);
        if (more < 0)
            return more;
    }
}

int tw_links_step(struct tw_links *l, size_t max)
{
    const char *limit;
    int err = 0;

    l->step = max > 0 ? max : 1;
    l->read = 0;
    if (l->phase == TW_SCAN_PREPARE)
        prepare(l);
    limit = l->phase == TW_SCAN_DECODE ? NULL : tw_scan_stop(l, l->html.p, l->end);
    switch (l->phase) {
    case TW_SCAN_DECODE: err = decode(l); break;
    case TW_SCAN_FIND_BASE: find_base(l, limit); break;
    case TW_SCAN_READ_BASE: err = read_base(l, limit); break;
    case TW_SCAN_LINKS: err = scan_links(l, limit); break;
    default: break;
    }
    if (err != 0)
        return err;
    /* A document that was decoded may be more than can be freed at once. */
    if (l->phase == TW_SCAN_FREE) {
        tw_buf_trim(&l->decoded, FREE_BYTES);
        if (l->decoded.data == NULL)
            l->phase = TW_SCAN_ENDED;
    }
    return l->phase != TW_SCAN_ENDED;
}

int tw_links_scan(const struct tw_links_options *options, const void *body, size_t len,
                  size_t *n_links)
{
    struct tw_links *l;
    int err = tw_links_open(&l, options, body, len);

    if (err != 0)
        return err;
    do {
        err = tw_links_step(l, SIZE_MAX);
    } while (err > 0);
    if (n_links != NULL)
        *n_links = l->info.links;
    tw_links_close(l);
    return err;
}
