#include "site.h"

#include <stdlib.h>
#include <string.h>

#define FILLER 400u

static const char tail[] = "</p>\n</body>\n</html>\n";

/* What is being answered. */
struct question {
    const struct origin_site *site;
    const struct origin_request *rq;
    enum origin_rules rules;
    struct origin_answer *a;
};

static void text(struct question *q, int status, const char *type, const char *body)
{
    q->a->status = status;
    q->a->type = type;
    origin_bytes_text(&q->a->body.head, body);
}

static void begin_page(struct question *q, const char *name, const char *base)
{
    struct origin_bytes *out = &q->a->body.head;

    origin_bytes_text(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    if (base) {
        origin_bytes_print(out, "<base href=\"%s\">\n", base);
    }
    origin_bytes_print(out, "<link rel=\"stylesheet\" href=\"/style.css\">\n<title>%s", name);
}

static void end_page(struct question *q)
{
    struct origin_body *body = &q->a->body;

    origin_bytes_text(&body->head, "<p>");
    body->pool = q->site->book->pool;
    body->pool_at = (size_t)(origin_span_hash(q->rq->path, q->rq->local) % ORIGIN_POOL);
    body->fill = FILLER;
    body->tail = tail;
    body->tail_left = sizeof tail - 1;
    q->a->status = 200;
}

/* The title has the address, so that no two sites have a page in common. */
static void page(struct question *q, uint32_t number)
{
    struct origin_bytes *out = &q->a->body.head;

    begin_page(q, "Page ", origin_site_has_base(number) ? ORIGIN_SITE_BASE : NULL);
    origin_bytes_print(out, "%u of ", number);
    origin_site_root(q->site, q->rq->local, out);
    origin_bytes_text(out, "</title></head>\n<body>\n");
    origin_site_links(q->site, q->rq->local, number, out);
    end_page(q);
}

static void orphan(struct question *q)
{
    struct origin_bytes *out = &q->a->body.head;

    begin_page(q, "Nobody links to this page of ", NULL);
    origin_site_root(q->site, q->rq->local, out);
    origin_bytes_text(out, "</title></head>\n<body>\n");
    end_page(q);
}

static bool trap(struct question *q)
{
    struct origin_bytes links = {0};
    bool found = q->site->traps && origin_site_trap(q->rq, &links);

    if (found) {
        text(q, 200, NULL, "<!doctype html>\n<title>No end</title>\n");
        origin_bytes_add(&q->a->body.head, links.p, links.n);
    }
    origin_bytes_free(&links);
    return found;
}

/* /moved/N leads to page N + 1. */
static bool moved(struct question *q)
{
    static const char prefix[] = "/moved/";
    struct origin_span rest = q->rq->path;
    uint64_t number;

    if (rest.n < sizeof prefix || memcmp(rest.p, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    rest.p += sizeof prefix - 1;
    rest.n -= sizeof prefix - 1;
    if (!origin_span_number(rest, q->site->pages - 1, &number) ||
        !origin_site_has_moved((uint32_t)number)) {
        return false;
    }
    origin_site_path(q->site, (uint32_t)((number + 1) % q->site->pages), &q->a->location);
    text(q, 301, "text/plain", "elsewhere\n");
    return true;
}

static void sitemap_line(struct question *q, const char *path, struct origin_bytes *out)
{
    origin_bytes_text(out, "Sitemap: ");
    origin_site_root(q->site, q->rq->local, out);
    origin_bytes_print(out, "%s\n", path);
}

static void robots(struct question *q)
{
    struct origin_bytes *out = &q->a->body.head;

    switch (q->rules) {
    case RULES_OPEN:
        text(q, 200, "text/plain", "User-agent: *\nDisallow:\n");
        break;
    case RULES_PRIVATE:
        text(q, 200, "text/plain", "# what is private\nUser-agent: *\nDisallow: /private/\n\n");
        sitemap_line(q, "/sitemap.xml", out);
        break;
    case RULES_DELAY:
        text(q, 200, "text/plain", "User-agent: *\nDisallow: /private/\n");
        origin_bytes_print(out, "Crawl-delay: %d\n", ORIGIN_SITE_DELAY);
        break;
    case RULES_NAMED:
        text(q, 200, "text/plain", "User-agent: *\nDisallow: /\n\n"
                                   "User-agent: other\nUser-agent: trawl\n"
                                   "Disallow: /priv\nAllow: /private.html$\n\n");
        sitemap_line(q, "/maps.xml", out);
        break;
    default:
        text(q, 404, "text/plain", "no rules\n");
    }
}

static void map_entry(struct question *q, const char *tag, const char *path)
{
    struct origin_bytes *out = &q->a->body.head;

    origin_bytes_print(out, "<%s><loc>", tag);
    origin_site_root(q->site, q->rq->local, out);
    origin_bytes_print(out, "%s</loc></%s>\n", path, tag);
}

#define XMLNS "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

/* The first page, and one that no page links to. */
static bool sitemap(struct question *q)
{
    struct origin_bytes *out = &q->a->body.head;

    if (origin_span_is(q->rq->path, "/maps.xml") && q->rules == RULES_NAMED) {
        text(q, 200, "application/xml", "<?xml version=\"1.0\"?>\n<sitemapindex " XMLNS ">\n");
        map_entry(q, "sitemap", "/sitemap.xml");
        origin_bytes_text(out, "</sitemapindex>\n");
        return true;
    }
    if (origin_span_is(q->rq->path, "/sitemap.xml") &&
        (q->rules == RULES_NAMED || q->rules == RULES_PRIVATE)) {
        text(q, 200, "application/xml", "<?xml version=\"1.0\"?>\n<urlset " XMLNS ">\n");
        map_entry(q, "url", "/");
        map_entry(q, "url", ORIGIN_SITE_ORPHAN);
        origin_bytes_text(out, "</urlset>\n");
        return true;
    }
    return false;
}

void origin_site_answer(const struct origin_site *site, const struct origin_request *rq,
                        struct origin_answer *a)
{
    struct question q = {site, rq, origin_site_rules(site, rq->local), a};
    uint32_t number;

    memset(a, 0, sizeof *a);
    if (origin_span_is(rq->path, "/robots.txt")) {
        robots(&q);
    } else if (origin_span_is(rq->path, "/style.css")) {
        text(&q, 200, "text/css", "body { margin: 2em }\n");
    } else if (origin_span_is(rq->path, ORIGIN_SITE_ORPHAN)) {
        orphan(&q);
    } else if (origin_site_find(site, rq->path, &number)) {
        page(&q, number);
    } else if (!moved(&q) && !sitemap(&q) && !trap(&q)) {
        text(&q, 404, "text/plain", "no such page\n");
    }
}
