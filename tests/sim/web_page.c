/* What the web answers: markup in the variety in which it is found, made from the edges. */
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "web.h"

enum { SPELL = 50, MARKUP, LATENCY, SLOW };

/* ---- HTML ---- */

/* Attribute text: what has to be escaped is, in one way or another. */
static void add_attribute(const char *s, uint64_t *rng, struct text *out)
{
    static const char *const ampersands[] = {"&amp;", "&#38;", "&#x26;"};

    for (; *s != '\0'; s++) {
        if (*s == '&')
            text_add(out, "%s", ampersands[rng_below(rng, 3)]);
        else
            text_put(out, s, 1);
    }
}

static void add_anchor(const char *url, bool nofollow, uint64_t *rng, struct text *out)
{
    static const char *const forms[][2] = {
        {"<a %shref=\"", "\">to</a>"},       {"<A %sHREF='", "'>to</A>"},
        {"<p><a\n%sclass=x href = \"", "\"\t>to"}, {"<map><area %shref=\"", "\"></map>"},
        {"<svg><a %sxlink:href=\"", "\"></a></svg>"}, {"<a title='>' %shref=\"", "\" />"},
    };
    static const char *const rels[] = {"rel=nofollow ", "rel=\"ugc nofollow\" ",
                                       "REL='NoFollow me' "};
    size_t form = rng_below(rng, 6);

    text_add(out, forms[form][0], nofollow ? rels[rng_below(rng, 3)] : "");
    add_attribute(url, rng, out);
    text_add(out, "%s\n", forms[form][1]);
}

static void add_frame(const char *url, uint64_t *rng, struct text *out)
{
    text_add(out, "<iframe src=\"");
    add_attribute(url, rng, out);
    text_add(out, "\"><a href='/decoy-in-frame'></iframe>\n");
}

static void add_image(const char *url, uint64_t *rng, struct text *out)
{
    static const char *const forms[][2] = {{"<img alt='' src=\"", "\">"},
                                           {"<img srcset=\"", " 2x\">"},
                                           {"<picture><source srcset='", "'></picture>"},
                                           {"<input type=image src=\"", "\">"},
                                           {"<video poster=\"", "\"></video>"}};
    size_t form = rng_below(rng, 5);

    text_add(out, "%s", forms[form][0]);
    add_attribute(url, rng, out);
    text_add(out, "%s\n", forms[form][1]);
}

static void add_style(const char *url, uint64_t *rng, struct text *out)
{
    text_add(out, "<link rel=\"stylesheet\" href=\"");
    add_attribute(url, rng, out);
    text_add(out, "\">\n");
}

static void add_no_url(uint64_t *rng, struct text *out)
{
    static const char *const odd[] = {"mailto:a@b.test", "javascript:void(0)", "http://",
                                      "ftp://h0.d0.test/", "http://[::1", "data:text/html,x",
                                      "http://a b.test/"};

    add_anchor(odd[rng_below(rng, 7)], false, rng, out);
}

/* What looks like a link and is none. */
static void add_decoy(uint64_t *rng, struct text *out)
{
    static const char *const decoys[] = {
        "<!-- <a href=\"/decoy1\"> -->",
        "<script>document.write('<a href=\"/decoy2\">')</script>",
        "<textarea><a href=/decoy3></textarea>",
        "<style>/* url(/decoy4) */</style>",
        "<xmp><a href=/decoy5></xmp>",
        "<p data-href=\"/decoy6\">&lt;a href=/decoy7&gt;",
        "<form method=post action=/decoy8></form>",
        "<!doctype x [<a href=/decoy>]>",
    };

    text_add(out, "%s\n", decoys[rng_below(rng, 7)]);
}

static void add_edge(const struct web *w, struct ref base, struct edge e, uint64_t seed,
                     struct text *out)
{
    uint64_t rng = rng_mix(seed);
    bool image = e.requisite && web_page_kind(w, e.to) == PAGE_IMAGE;
    struct text url = {0};

    if (e.to.kind == REF_NONE) {
        add_no_url(&rng, out);
        return;
    }
    web_spell(w, base, e.to, seed, image, &url);
    if (image)
        add_image(url.s, &rng, out);
    else if (e.requisite)
        add_style(url.s, &rng, out);
    else if (!e.nofollow && rng_below(&rng, 10) == 0)
        add_frame(url.s, &rng, out);
    else
        add_anchor(url.s, e.nofollow, &rng, out);
    if (w->oddities && rng_below(&rng, 6) == 0)
        add_decoy(&rng, out);
    text_free(&url);
}

/* Documents that are the same on several pages have only links that are the same there too. */
static void add_same(const struct web *w, struct ref ref, struct text *out)
{
    struct ref far = {ref.host, REF_PAGE, 0};
    char url[WEB_URL_MAX];

    text_add(out, "<title>same</title>");
    for (unsigned i = 0; i < web_edges(w, ref); i++) {
        struct edge e = web_edge(w, ref, i);

        web_url(w, e.to, url);
        add_anchor(url, false, &(uint64_t){rng_hash(w->seed, far.host, i, MARKUP)}, out);
    }
}

static void add_html(const struct web *w, struct ref ref, unsigned from, struct text *out)
{
    uint64_t rng = rng_hash(w->seed, ref.host, ref.n, MARKUP);
    struct ref base = ref;

    text_add(out, "<!DOCTYPE html>\n<html><head><meta charset=utf-8><title>%u of %u</title>\n",
             ref.n, ref.host);
    if (web_page_kind(w, ref) == PAGE_META)
        text_add(out, "<meta name=\"robots\" content=\"noarchive, nofollow\">\n");
    if (w->oddities && rng_below(&rng, 8) == 0) {
        base = (struct ref){ref.host, REF_PAGE, rng_below(&rng, web_pages(w, ref.host))};
        char url[WEB_URL_MAX];
        web_url(w, base, url);
        text_add(out, "<base href=\"");
        add_attribute(url, &rng, out);
        text_add(out, "\">\n");
    }
    text_add(out, "</head><body>\n");
    for (unsigned i = from; i < web_edges(w, ref); i++)
        add_edge(w, base, web_edge(w, ref, i),
                 rng_hash(w->seed, (uint64_t)ref.host << 32 | ref.n, i, SPELL + ref.kind), out);
    text_add(out, "</body></html>\n");
}

/* ---- other documents ---- */

static void add_css(const struct web *w, struct ref ref, struct text *out)
{
    uint64_t rng = rng_hash(w->seed, ref.host, ref.n, MARKUP);

    text_add(out, "/* url(/decoy9) */ body { content: \"url(/decoy10)\" }\n");
    for (unsigned i = 0; i < web_edges(w, ref); i++) {
        struct edge e = web_edge(w, ref, i);
        struct text url = {0};

        if (e.to.kind == REF_NONE)
            continue;
        web_spell(w, ref, e.to, rng_next(&rng), true, &url);
        text_add(out, rng_below(&rng, 2) == 0 ? "p { background: url(\"%s\") }\n"
                                              : "q{background:URL( '%s' )}\n", url.s);
        text_free(&url);
    }
}

static void add_sitemap(const struct web *w, struct ref ref, struct text *out)
{
    uint64_t rng = rng_hash(w->seed, ref.host, ref.n, MARKUP);
    bool index = ref.n == 0;

    text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s "
                  "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
             index ? "sitemapindex" : "urlset");
    for (unsigned i = 0; i < web_edges(w, ref); i++) {
        char url[WEB_URL_MAX];

        web_url(w, web_edge(w, ref, i).to, url);
        text_add(out, "<%s><loc> ", index ? "sitemap" : "url");
        add_attribute(url, &rng, out);
        text_add(out, "</loc>%s</%s>\n",
                 index ? "" : rng_below(&rng, 2) == 0 ? "<priority>0.9</priority>" : "",
                 index ? "sitemap" : "url");
    }
    text_add(out, "</%s>\n", index ? "sitemapindex" : "urlset");
}

/* ---- answers ---- */

static void begin(struct answer *a, int status, const char *type)
{
    a->status = status;
    text_add(&a->head, "HTTP/1.1 %d X\r\n", status);
    if (type != NULL)
        text_add(&a->head, "Content-Type: %s\r\n", type);
}

/* The first edge stands in the header, the others in the document. */
static void header_page(const struct web *w, struct ref ref, struct answer *a)
{
    struct edge e = web_edge(w, ref, 0);
    struct text url = {0};

    begin(a, 200, "text/html");
    if (e.to.kind != REF_NONE) {
        web_spell(w, ref, e.to, rng_hash(w->seed, ref.host, ref.n, SPELL), true, &url);
        text_add(&a->head, "Link: <%s>; rel=\"next\"; title=\"a, <b>\"\r\n", url.s);
        text_free(&url);
    }
    add_html(w, ref, 1, &a->body);
}

static void redirect_page(const struct web *w, struct ref ref, struct answer *a)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    uint64_t rng = rng_hash(w->seed, ref.host, ref.n, SPELL);
    struct text url = {0};

    web_spell(w, ref, web_edge(w, ref, 0).to, rng_next(&rng), true, &url);
    begin(a, statuses[rng_below(&rng, 5)], "text/html");
    text_add(&a->head, "Location: %s\r\n", url.s);
    text_add(&a->body, "<a href=\"/decoy-moved\">moved</a>");
    text_free(&url);
}

static void add_bytes(const struct web *w, struct ref ref, struct text *out)
{
    uint64_t rng = rng_hash(w->seed, ref.host, ref.n, MARKUP);

    text_add(out, "\x89PNG %u %u <a href=\"/decoy-in-image\">", ref.host, ref.n);
    for (unsigned n = rng_below(&rng, 3000); n > 0; n--)
        text_put(out, &(char){(char)rng_next(&rng)}, 1);
}

static void page_answer(const struct web *w, struct ref ref, struct answer *a)
{
    switch (web_page_kind(w, ref)) {
    case PAGE_REDIRECT: redirect_page(w, ref, a); return;
    case PAGE_HEADER: header_page(w, ref, a); return;
    case PAGE_IMAGE:
        begin(a, 200, "image/png");
        add_bytes(w, ref, &a->body);
        return;
    case PAGE_PDF:
        begin(a, 200, "application/pdf");
        add_bytes(w, ref, &a->body);
        return;
    case PAGE_STYLE:
        begin(a, 200, "text/css");
        add_css(w, ref, &a->body);
        return;
    case PAGE_TEXT:
        begin(a, 200, "text/plain; charset=utf-8");
        text_add(&a->body, "<a href=\"/decoy-text\">%u %u</a>\nhttp://h0.d0.test/decoy\n",
                 ref.host, ref.n);
        return;
    case PAGE_EMPTY: begin(a, 200, "text/html"); return;
    case PAGE_MISSING:
        begin(a, 404, "text/html");
        text_add(&a->body, "<title>404</title><a href=\"/decoy-missing\">home</a>");
        return;
    case PAGE_BROKEN:
        begin(a, 503, "text/html");
        text_add(&a->body, "<title>503</title><a href=\"/decoy-broken\">home</a>");
        return;
    case PAGE_SAME:
        begin(a, 200, "text/html");
        add_same(w, ref, &a->body);
        return;
    case PAGE_TAG:
        begin(a, 200, "text/html");
        text_add(&a->head, "X-Robots-Tag: noarchive, nofollow\r\n");
        break;
    case PAGE_UNTYPED: begin(a, 200, NULL); break;
    default: begin(a, 200, ref.n % 2 == 0 ? "text/html" : "Text/HTML; Charset=\"utf-8\"");
    }
    add_html(w, ref, 0, &a->body);
}

static uint64_t latency_us(const struct web *w, struct ref ref, const char *url)
{
    uint64_t rng = rng_hash(w->seed, ref.host, ref.n, LATENCY);
    uint64_t base = 2000 + rng_hash(w->seed, ref.host, 0, LATENCY) % 200000;

    (void)url;
    if (w->slow && rng_hash(w->seed, ref.host, 0, SLOW) % 10 == 0)
        base += 5000000;
    return base + rng_next(&rng) % (base / 2);
}

void web_answer(const struct web *w, struct ref ref, const char *url, struct answer *a)
{
    *a = (struct answer){.latency_us = latency_us(w, ref, url)};
    switch (ref.kind) {
    case REF_PAGE: page_answer(w, ref, a); break;
    case REF_ROBOTS: web_robots_answer(w, ref, a); break;
    case REF_SITEMAP:
        begin(a, 200, "application/xml");
        add_sitemap(w, ref, &a->body);
        break;
    case REF_NONE: begin(a, 404, "text/html"); break;
    default:
        begin(a, 200, "text/html; charset=utf-8");
        add_html(w, ref, 0, &a->body);
    }
}

void answer_free(struct answer *a)
{
    text_free(&a->head);
    text_free(&a->body);
}
