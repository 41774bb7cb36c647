#include "crawl/reader.h"

#include <stdlib.h>
#include <string.h>

#include "parse/css.h"
#include "parse/sitemap.h"
#include "trawl.h"

#define SNIFF_BYTES ((size_t)1024)
/* A sitemap cannot be stopped at an entry; so many bytes hold few of them. */
#define SITEMAP_BYTES ((size_t)4096)

struct tw_reader {
    struct tw_reader_options options;
    const char *bytes;
    size_t len, at;
    size_t made; /* bytes of links that this step has made, but of HTML */
    struct tw_css css;
    struct tw_buf css_url;
    struct tw_links *links;     /* of HTML, or NULL */
    struct tw_sitemap *sitemap; /* of what is read as one, or NULL */
    bool stopped;
    bool failed; /* for want of memory */
};

/* ---- links as they come ---- */

static bool hand_on(struct tw_reader *r, const struct tw_read_link *link)
{
    r->stopped = !r->options.on_link(r->options.user, link);
    return !r->stopped;
}

void tw_read_link_fill(struct tw_read_link *link, const struct tw_found_link *found)
{
    *link = (struct tw_read_link){
        .url = found->url,
        .raw = found->value,
        .raw_len = found->len,
        .tag = found->tag,
        .attribute = found->attribute,
        .rel = found->rel,
        .is_requisite = found->kind == TW_LINK_REQUISITE,
        .nofollow = (found->rel_flags & TW_REL_NOFOLLOW) != 0,
    };
}

static bool on_html_link(void *user, const struct tw_found_link *found)
{
    struct tw_read_link link;

    tw_read_link_fill(&link, found);
    return hand_on(user, &link);
}

/* Resolves it and hands it on. */
static bool hand_on_raw(struct tw_reader *r, struct tw_read_link *link)
{
    struct tw_url url;
    bool go_on;
    int err = tw_url_parse(&url, link->raw, link->raw_len, r->options.url, NULL);

    if (err == TRAWL_ENOMEM) {
        r->stopped = r->failed = true;
        return false;
    }
    r->made += link->raw_len + (err == 0 ? url.len : 0);
    if (err != 0)
        return hand_on(r, link);
    link->url = &url;
    go_on = hand_on(r, link);
    link->url = NULL;
    tw_url_free(&url);
    return go_on;
}

static int on_sitemap_entry(void *data, const struct tw_sitemap_entry *entry)
{
    struct tw_read_link link = {
        .raw = entry->url,
        .raw_len = entry->len,
        .tag = tw_sitemap_kind_name(entry->kind),
        .attribute = "",
        .rel = "",
        .is_sitemap = entry->kind == TW_SITEMAP_INDEX,
        .boost = entry->kind == TW_SITEMAP_URLSET ? (int)entry->priority - 500 : 0,
    };

    return hand_on_raw(data, &link) ? 0 : 1;
}

/* ---- life ---- */

static int open_links(struct tw_reader *r)
{
    const struct tw_reader_options *o = &r->options;
    struct tw_links_options options = {
        .flags = TW_LINKS_RESOLVE | TW_LINKS_CSS | (o->lazy_attributes ? TW_LINKS_LAZY : 0u) |
                 (o->unique ? TW_LINKS_UNIQUE : 0u),
        .charset = o->charset,
        .url = o->url,
        .robots_agent = o->robots_agent,
        .text = o->text,
        .on_link = on_html_link,
        .user = r,
    };

    return tw_links_open(&r->links, &options, r->bytes, r->len);
}

static int open_sitemap(struct tw_reader *r)
{
    struct tw_sitemap_limits limits = TW_SITEMAP_LIMITS_INIT;

    return tw_sitemap_open(&r->sitemap, &limits, on_sitemap_entry, r);
}

int tw_reader_open(struct tw_reader **reader, const struct tw_reader_options *options,
                   const char *bytes, size_t len)
{
    struct tw_reader *r = calloc(1, sizeof(*r));
    int err = 0;

    if (r == NULL)
        return TRAWL_ENOMEM;
    r->options = *options;
    r->bytes = bytes;
    r->len = len;
    switch (options->kind) {
    case TW_MIME_HTML: err = open_links(r); break;
    case TW_MIME_XML:
    case TW_MIME_TEXT:
    case TW_MIME_GZIP: err = open_sitemap(r); break;
    case TW_MIME_CSS:
        r->css.p = bytes;
        r->css.end = bytes + len;
        r->css.max = TW_LINKS_VALUE_MAX;
        break;
    case TW_MIME_OTHER: break;
    }
    if (err != 0) {
        free(r);
        return err;
    }
    *reader = r;
    return 0;
}

void tw_reader_close(struct tw_reader *r)
{
    if (r == NULL)
        return;
    if (r->links != NULL)
        tw_links_close(r->links);
    if (r->sitemap != NULL)
        tw_sitemap_free(r->sitemap);
    tw_buf_free(&r->css_url);
    free(r);
}

/* ---- reading ---- */

static int step_css(struct tw_reader *r, size_t max)
{
    size_t left = (size_t)(r->css.end - r->css.p);
    bool is_import;
    int found;

    r->css.stop = r->css.p + (left < max ? left : max);
    while ((found = tw_css_next(&r->css, &r->css_url, &is_import)) > 0) {
        struct tw_read_link link = {.tag = "", .rel = "", .is_requisite = true};

        link.raw = r->css_url.data;
        link.raw_len = r->css_url.len;
        link.attribute = is_import ? "@import" : "url()";
        if (!hand_on_raw(r, &link) || r->made >= max)
            break;
    }
    return found < 0 ? found : r->css.p < r->css.end && !r->stopped;
}

/* Up to max bytes, as they are or unpacked, or until as many are made of them. */
static enum tw_sitemap_state feed_sitemap(struct tw_reader *r, size_t max)
{
    enum tw_sitemap_state state = TW_SITEMAP_OK;

    for (size_t n; state == TW_SITEMAP_OK && r->at < r->len && max > 0 && r->made < max; max -= n) {
        size_t used;

        n = max < SITEMAP_BYTES ? max : SITEMAP_BYTES;
        state = tw_sitemap_step(r->sitemap, r->bytes + r->at, r->len - r->at, n, &used);
        r->at += used;
    }
    return state;
}

static int step_sitemap(struct tw_reader *r, size_t max)
{
    enum tw_sitemap_state state = feed_sitemap(r, max);

    if (state == TW_SITEMAP_OK && r->at < r->len)
        return 1;
    if (state == TW_SITEMAP_OK)
        state = tw_sitemap_end(r->sitemap);
    switch (state) {
    case TW_SITEMAP_OK:
    case TW_SITEMAP_STOPPED: return 0;
    case TW_SITEMAP_NOMEM: return TRAWL_ENOMEM;
    default: return TRAWL_EENCODING;
    }
}

int tw_reader_step(struct tw_reader *r, size_t max)
{
    int more;

    if (r->links != NULL)
        return tw_links_step(r->links, max);
    if (r->stopped || r->options.kind == TW_MIME_OTHER)
        return 0;
    r->made = 0;
    more = r->sitemap != NULL ? step_sitemap(r, max) : step_css(r, max);
    return r->failed ? TRAWL_ENOMEM : more;
}

void tw_reader_get_info(const struct tw_reader *r, struct tw_read_info *info)
{
    *info = (struct tw_read_info){.fault = ""};
    if (r->links != NULL) {
        const struct tw_links_info *links = tw_links_info(r->links);

        info->title = links->title;
        info->title_len = links->title_len;
        info->nofollow = (links->robots & TW_ROBOTS_NOFOLLOW) != 0;
    }
    if (r->sitemap != NULL)
        info->fault = tw_sitemap_info(r->sitemap)->reason;
}

/* ---- guessing ---- */

static bool has(const char *bytes, size_t len, const char *word)
{
    return memmem(bytes, len, word, strlen(word)) != NULL;
}

enum tw_mime_kind tw_reader_sniff(const char *bytes, size_t len)
{
    size_t n = len < SNIFF_BYTES ? len : SNIFF_BYTES;
    size_t at = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    if (n >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0)
        return TW_MIME_GZIP;
    while (at < n && memchr(" \t\r\n\f", bytes[at], 5) != NULL)
        at++;
    if (at == n || bytes[at] != '<')
        return n - at >= 4 && memcmp(bytes + at, "http", 4) == 0 ? TW_MIME_TEXT : TW_MIME_HTML;
    if (has(bytes, n, "<urlset") || has(bytes, n, "<sitemapindex") || has(bytes, n, "<rss") ||
        has(bytes, n, "<feed") || has(bytes, n, "<rdf:RDF"))
        return TW_MIME_XML;
    return TW_MIME_HTML;
}
