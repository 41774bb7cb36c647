/* A page of a crawl after its fetch: its body is read for links, in slices, then it is delivered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "crawl/reader.h"
#include "crawl/walk.h"
#include "parse/link_header.h"

/* Of the densest document, with nothing in it but links, some milliseconds. */
#define SLICE ((size_t)64 * 1024)
/* What a field of a header is taken for beside its value. */
#define FIELD_BYTES ((size_t)32)

/* A page that is read. */
struct scan {
    struct page *page;
    struct flight *flight; /* NULL if the fetch ended outside an exchange */
    int error;
    struct tw_reader *reader; /* NULL: nothing to read */
    trawl_page out;           /* result is filled from the start: it is what is read */
    char essence[TW_MIME_MAX];
    enum tw_mime_kind kind;
    char *title;
    size_t field, field_at; /* of the header: where its reading stands */
    bool in_body;           /* all of it is read */
    uint64_t links;
    uint64_t hash; /* of the body */
    bool stale;    /* out.result is to be filled again */
    bool nofollow; /* X-Robots-Tag */
    bool repeated; /* too many had the same body */
    bool full;     /* it had more links than max_links */
};

/* A body that came before, anywhere (site 0) or on one host. */
struct seen_body {
    struct tw_map_entry entry;
    uint64_t index; /* of the first result; on one host: how many there were */
};

/* ---- the body as it comes ---- */

static bool holds_links(const struct page *p, enum tw_mime_kind kind)
{
    switch (kind) {
    case TW_MIME_HTML:
    case TW_MIME_CSS:
    case TW_MIME_XML: return true;
    case TW_MIME_TEXT:
    case TW_MIME_GZIP: return p->role == ROLE_SITEMAP;
    case TW_MIME_OTHER: break;
    }
    return p->role == ROLE_SITEMAP;
}

int tw_page_body_begins(struct fetch *f, struct flight *flight)
{
    const trawl_crawl *c = tw_page_crawl(f->page);
    const char *type = tw_headers_get(&flight->headers, "content-type");
    char essence[TW_MIME_MAX];

    tw_mime_essence(type, essence);
    if (flight->digest == NULL)
        flight->digest = XXH3_createState();
    if (flight->digest == NULL)
        return TRAWL_ENOMEM;
    XXH3_128bits_reset(flight->digest);
    if (essence[0] == '\0' || holds_links(f->page, tw_mime_kind(essence))) {
        flight->keep = SIZE_MAX;
        return 0;
    }
    flight->unwanted = c->mime_types != NULL && flight->job.out.status < 300 &&
                       !tw_mime_matches(essence, c->mime_types);
    return flight->unwanted ? TRAWL_ECANCELED : 0;
}

void tw_page_body_bytes(struct flight *flight, const char *bytes, size_t len)
{
    XXH3_128bits_update(flight->digest, bytes, len);
}

void tw_digest_free(void *digest)
{
    XXH3_freeState(digest);
}

/* ---- what is the same ---- */

static bool any_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    (void)entry;
    (void)key;
    (void)len;
    return true; /* the hash is all there is of a body */
}

/* The entry of a body, made with index if there is none; NULL without memory. */
static struct seen_body *body_entry(trawl_crawl *c, uint64_t hash, uint64_t index, bool *is_new)
{
    struct seen_body *b = (struct seen_body *)tw_map_find(&c->bodies, hash, any_equal, "", 0);

    *is_new = b == NULL;
    if (b != NULL)
        return b;
    b = malloc(sizeof(*b));
    if (b == NULL)
        return NULL;
    b->entry.hash = hash;
    b->index = index;
    if (tw_map_add(&c->bodies, &b->entry) == 0)
        return b;
    free(b);
    return NULL;
}

/* Whether its links are not worth following. Repetitions are counted by host: that two hosts answer
 * alike is no trap, and their relative links lead to different pages. Redirects are no documents: a
 * server says the same with each. */
static void digest_body(struct scan *scan)
{
    struct page *p = scan->page;
    trawl_crawl *c = tw_page_crawl(p);
    XXH128_hash_t hash = XXH3_128bits_digest(scan->flight->digest);
    struct seen_body *here;
    bool is_new;

    snprintf(scan->out.digest, sizeof(scan->out.digest), "%016llx%016llx",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
    scan->hash = hash.low64;
    if (scan->out.result.status >= 300 ||
        tw_map_find(&c->bodies, scan->hash, any_equal, "", 0) == NULL)
        return;
    here = body_entry(c, scan->hash ^ p->site->entry.hash, 0, &is_new);
    if (here != NULL)
        here->index++;
    scan->repeated = here != NULL && c->options.max_repeats != 0 &&
                     here->index > c->options.max_repeats;
}

/* The first result that had it, or this one is it. */
static void note_body(struct scan *scan)
{
    trawl_crawl *c = tw_page_crawl(scan->page);
    struct seen_body *b;
    bool is_new;

    if (scan->out.digest[0] == '\0')
        return;
    b = body_entry(c, scan->hash, scan->out.index, &is_new);
    scan->out.is_repeat = b != NULL && !is_new;
    scan->out.repeats = scan->out.is_repeat ? b->index : 0;
}

/* ---- links ---- */

/* Not all of its links were found. */
static void fail(struct scan *scan, int error)
{
    scan->error = error;
    scan->stale = true;
}

static enum role role_of(const struct tw_read_link *link)
{
    if (link->is_sitemap)
        return ROLE_SITEMAP;
    return link->is_requisite ? ROLE_REQUISITE : ROLE_PAGE;
}

/* What its links begin with. */
static struct found found_on(const struct scan *scan)
{
    struct page *p = scan->page;

    return (struct found){
        .from = &p->fetch->url,
        .source = tw_page_source(p),
        .depth = p->depth == UINT32_MAX ? p->depth : p->depth + 1,
        .repeated = scan->repeated,
    };
}

/* Whether there may be more; a page with too many is told of once. */
static bool count_link(struct scan *scan)
{
    trawl_crawl *c = tw_page_crawl(scan->page);
    uint64_t most = c->options.max_links;

    if (most == 0 || scan->links < most) {
        scan->links++;
        return true;
    }
    if (!scan->full)
        tw_page_cut(scan->page, TRAWL_REJECT_LIMIT_LINKS, "--max-links");
    scan->full = true;
    return false;
}

static bool on_link(void *user, const struct tw_read_link *link)
{
    struct scan *scan = user;
    struct page *p = scan->page;
    trawl_crawl *c = tw_page_crawl(p);
    struct found found = found_on(scan);
    struct tw_read_info info = {0};

    if (!count_link(scan))
        return false;
    if (link->url == NULL) {
        tw_crawl_found_none(c, link->raw, link->raw_len, found.depth, found.source);
        return !c->closing;
    }
    if (scan->reader != NULL)
        tw_reader_get_info(scan->reader, &info);
    found.url = link->url;
    found.role = role_of(link);
    if (link->is_sitemap)
        found.depth = p->depth; /* what an index lists is as near as what one sitemap does */
    /* What a requisite style sheet needs is the page's, wherever the sheet is. */
    if (p->role == ROLE_REQUISITE && scan->kind == TW_MIME_CSS)
        found.from = NULL;
    found.boost = link->boost;
    found.nofollow = link->nofollow ||
                     (found.role != ROLE_REQUISITE && (scan->nofollow || info.nofollow));
    tw_crawl_found(c, &found);
    return !c->closing;
}

static bool on_header_link(void *user, const struct tw_found_link *found)
{
    struct tw_read_link link;

    tw_read_link_fill(&link, found);
    return on_link(user, &link);
}

static void spend(size_t *left, size_t bytes)
{
    *left -= bytes < *left ? bytes : *left;
}

/* A redirect leads on at the same depth and in the same role. */
static void read_location(struct scan *scan, const char *location, size_t *left)
{
    struct page *p = scan->page;
    trawl_crawl *c = tw_page_crawl(p);
    struct found found = found_on(scan);
    const struct tw_url *base = found.from;
    struct tw_url url;
    int err;

    scan->links++;
    found.depth = p->depth;
    found.hops = p->hops == UINT8_MAX ? p->hops : (uint8_t)(p->hops + 1);
    found.role = p->role == ROLE_SEED ? ROLE_PAGE : (enum role)p->role;
    found.url = &url;
    /* What a page is made of is a part of it wherever it is. */
    if (p->role == ROLE_REQUISITE)
        found.from = NULL;
    err = tw_url_parse(&url, location, strlen(location), base, NULL);
    if (err == TRAWL_ENOMEM) {
        fail(scan, TRAWL_ENOMEM);
        return;
    }
    if (err != 0) {
        tw_crawl_found_none(c, location, strlen(location), found.depth, found.source);
        return;
    }
    tw_crawl_found(c, &found);
    spend(left, url.len);
    tw_url_free(&url);
}

static bool is_redirect(int status)
{
    return status >= 300 && status < 400 && status != 304;
}

/* X-Robots-Tag:, wherever it comes. */
static void read_robots(struct scan *scan)
{
    const trawl_result *r = &scan->out.result;
    const char *agent = tw_page_crawl(scan->page)->agent;

    for (size_t i = 0; i < r->header_count; i++) {
        const trawl_header *h = &r->headers[i];

        if (strcasecmp(h->name, "x-robots-tag") == 0)
            scan->nofollow = scan->nofollow || (tw_robots_tag(h->value, h->value_len, agent) &
                                                TW_ROBOTS_NOFOLLOW) != 0;
    }
}

/* Location: of a redirect, Link: of a page; what that counts for in a slice is taken from *left. */
static void read_field(struct scan *scan, const trawl_header *h, size_t *left)
{
    const trawl_result *r = &scan->out.result;

    if (r->status < 300 && strcasecmp(h->name, "link") == 0) {
        if (tw_link_header_parse(h->value, h->value_len, &scan->field_at, left,
                                 &scan->page->fetch->url, on_header_link, scan) != 0)
            fail(scan, TRAWL_ENOMEM);
    } else {
        if (is_redirect(r->status) && strcasecmp(h->name, "location") == 0)
            read_location(scan, h->value, left);
        spend(left, h->value_len);
        scan->field_at = h->value_len;
    }
    spend(left, FIELD_BYTES);
}

/* Goes on with the header's fields; whether there are more. */
static bool read_header(struct scan *scan)
{
    const trawl_result *r = &scan->out.result;
    size_t left = SLICE;

    while (scan->field < r->header_count) {
        const trawl_header *h = &r->headers[scan->field];

        if (left == 0)
            return true;
        read_field(scan, h, &left);
        if (scan->field_at < h->value_len)
            return true;
        scan->field++;
        scan->field_at = 0;
    }
    return false;
}

static enum tw_mime_kind kind_of(const struct scan *scan)
{
    const trawl_result *r = &scan->out.result;
    enum tw_mime_kind kind = tw_mime_kind(scan->essence);

    if (scan->page->role == ROLE_SITEMAP)
        return TW_MIME_XML;
    if (scan->essence[0] == '\0' && r->body_len > 0)
        return tw_reader_sniff(r->body, r->body_len);
    return holds_links(scan->page, kind) ? kind : TW_MIME_OTHER;
}

/* Of whole answers with a status below 300; what an error page links to is not followed. */
static void open_reader(struct scan *scan)
{
    trawl_crawl *c = tw_page_crawl(scan->page);
    const trawl_result *r = &scan->out.result;
    struct tw_reader_options options = {
        .kind = scan->kind,
        .url = &scan->page->fetch->url,
        .charset = r->charset,
        .robots_agent = c->agent,
        .text = c->t->text,
        .lazy_attributes = c->options.lazy_attributes,
        .unique = true,
        .on_link = on_link,
        .user = scan,
    };

    if (r->error != 0 || r->status >= 300 || scan->flight->body.len == 0 || c->closing)
        return;
    if (tw_reader_open(&scan->reader, &options, scan->flight->body.data,
                       scan->flight->body.len) != 0)
        fail(scan, TRAWL_ENOMEM);
}

/* ---- delivering ---- */

static bool is_wanted(const struct scan *scan)
{
    const trawl_crawl *c = tw_page_crawl(scan->page);

    if (scan->flight == NULL)
        return true;
    return !scan->flight->unwanted &&
           (c->mime_types == NULL || scan->error != 0 || scan->out.result.status >= 300 ||
            tw_mime_matches(scan->essence, c->mime_types));
}

/* What the document says of itself, or what is wrong with it. */
static void take_info(struct scan *scan)
{
    struct page *p = scan->page;
    struct tw_read_info info;

    if (scan->reader == NULL)
        return;
    tw_reader_get_info(scan->reader, &info);
    if (info.fault[0] != '\0' && p->role == ROLE_SITEMAP)
        tw_crawl_log(tw_page_crawl(p)->t, 1, p->fetch, "sitemap: %s", info.fault);
    if (info.fault[0] != '\0' && scan->out.result.detail[0] == '\0')
        scan->out.result.detail = info.fault;
    if (info.title == NULL)
        return;
    scan->title = malloc(info.title_len + 1);
    if (scan->title == NULL)
        return;
    memcpy(scan->title, info.title, info.title_len);
    scan->title[info.title_len] = '\0';
}

/* The reader needed all of it, the caller wants less. */
static void cut_body(struct scan *scan)
{
    trawl_result *r = &scan->out.result;
    size_t most = tw_page_crawl(scan->page)->t->options->keep_body;

    if (r->body_len <= most)
        return;
    scan->flight->body.data[most] = '\0';
    r->body_len = most;
}

static void hand_over(struct scan *scan)
{
    struct page *p = scan->page;
    trawl_crawl *c = tw_page_crawl(p);
    uint64_t total_us = scan->out.result.timing.total_us;
    char *from = p->from == NULL ? NULL : tw_crawl_mask(p->from->url, strlen(p->from->url));

    if (scan->stale)
        tw_result_fill(c->t, &scan->out.result, p->fetch, scan->flight, scan->error);
    scan->out.result.timing.total_us = total_us;
    scan->out.index = c->next_index++;
    note_body(scan);
    take_info(scan);
    cut_body(scan);
    scan->out.title = scan->title;
    scan->out.depth = p->depth;
    scan->out.from = from;
    scan->out.links = scan->links;
    c->stats.pages++;
    c->t->stats.done++;
    tw_stay_go(&c->t->stay, TW_STAGE_CALLER);
    c->t->delivering = scan->flight;
    c->callbacks.on_page(c, &scan->out, c->callbacks.data);
    c->t->delivering = NULL;
    tw_stay_go(&c->t->stay, TW_STAGE_SCAN);
    free(from);
}

static void end(struct scan *scan)
{
    struct page *p = scan->page;
    trawl *t = tw_page_crawl(p)->t;
    struct fetch *f = p->fetch;
    struct flight *flight = scan->flight;
    char rule[TW_MIME_MAX + 32];

    tw_list_remove(&p->listed);
    if (is_wanted(scan)) {
        hand_over(scan);
        tw_page_free(p);
    } else {
        snprintf(rule, sizeof(rule), "--filter-mime-type: %s", scan->essence);
        t->stats.done++;
        tw_page_reject(p, TRAWL_REJECT_MIME_TYPE, rule, 0);
    }
    tw_reader_close(scan->reader);
    free(scan->title);
    free(scan);
    tw_fetch_forget(t, f, flight);
}

static void begin(struct scan *scan)
{
    struct page *p = scan->page;
    trawl_crawl *c = tw_page_crawl(p);
    trawl_result *r = &scan->out.result;

    tw_result_fill(c->t, r, p->fetch, scan->flight, scan->error);
    tw_mime_essence(r->content_type, scan->essence);
    if (scan->flight == NULL)
        return;
    c->stats.bytes += r->bytes;
    if (r->error == 0 && scan->flight->body_begun)
        digest_body(scan);
    if (r->status != 0)
        read_robots(scan);
}

/* A slice; whether there is more to read. */
static bool read_on(struct scan *scan)
{
    struct page *p = scan->page;
    int more;

    if (tw_page_crawl(p)->closing || scan->flight == NULL)
        return false;
    if (!scan->in_body) {
        if (scan->out.result.status != 0 && read_header(scan))
            return true;
        scan->in_body = true;
        scan->kind = kind_of(scan);
        open_reader(scan);
    }
    more = scan->reader != NULL ? tw_reader_step(scan->reader, SLICE) : 0;
    if (more == TRAWL_ENOMEM)
        fail(scan, more);
    else if (more < 0 && p->role == ROLE_SITEMAP)
        fail(scan, TRAWL_ESITEMAP);
    return more == 1;
}

void tw_page_scan(struct page *p)
{
    struct scan *scan = p->scan;
    trawl *t = tw_page_crawl(p)->t;
    enum tw_stage before = tw_stay_go(&t->stay, TW_STAGE_SCAN);

    if (read_on(scan)) {
        scan->stale = true;
        tw_crawl_rest(tw_page_crawl(p));
    } else {
        end(scan);
    }
    tw_stay_go(&t->stay, before);
}

void tw_page_fetched(trawl *t, struct fetch *f, struct flight *flight, int error)
{
    struct page *p = f->page;
    trawl_crawl *c = tw_page_crawl(p);
    struct scan *scan = calloc(1, sizeof(*scan));
    enum tw_stage before = tw_stay_go(&t->stay, TW_STAGE_SCAN);

    tw_list_remove(&p->listed);
    if (scan == NULL) {
        tw_page_reject(p, TRAWL_REJECT_MEMORY, "", 0);
        tw_fetch_forget(t, f, flight);
        tw_stay_go(&t->stay, before);
        return;
    }
    scan->page = p;
    scan->flight = flight;
    scan->error = error;
    p->scan = scan;
    tw_list_append(&c->scans, &p->listed);
    begin(scan);
    tw_page_scan(p);
    tw_stay_go(&t->stay, before);
}
