#include "site.h"

#include <string.h>

static void open_link(struct origin_bytes *out)
{
    origin_bytes_text(out, "<p><a href=\"");
}

static void close_link(struct origin_bytes *out, uint32_t page)
{
    origin_bytes_print(out, "\">page %u</a></p>\n", page);
}

/* A path from the root, as a person would write it: with the letter that its percents stand for. */
static void add_plainly(struct origin_bytes *out, const struct origin_bytes *path, size_t from)
{
    static const char encoded[] = "%C3%A4";
    const uint8_t *at = path->p + from, *end = path->p + path->n;
    const uint8_t *letter = memmem(at, (size_t)(end - at), encoded, sizeof encoded - 1);

    if (letter) {
        origin_bytes_add(out, at, (size_t)(letter - at));
        origin_bytes_text(out, "\xc3\xa4");
        at = letter + sizeof encoded - 1;
    }
    origin_bytes_add(out, at, (size_t)(end - at));
}

/* From where the page is, or from the base that it names. */
static void relative(const struct origin_site *site, uint32_t page, uint32_t to,
                     struct origin_bytes *out)
{
    struct origin_bytes path = {0};
    const char *up = page == 0 ? "./" : "../";

    if (origin_site_has_base(page)) {
        up = "../../../";
    }
    origin_site_path(site, to, &path);
    open_link(out);
    origin_bytes_text(out, up);
    add_plainly(out, &path, 1);
    close_link(out, to);
    origin_bytes_free(&path);
}

static void from_root(const struct origin_site *site, uint32_t to, const char *fragment,
                      struct origin_bytes *out)
{
    open_link(out);
    origin_site_path(site, to, out);
    origin_bytes_text(out, fragment);
    close_link(out, to);
}

static void absolute(const struct origin_site *site, uint32_t address, uint32_t to,
                     struct origin_bytes *out)
{
    open_link(out);
    origin_site_root(site, address, out);
    origin_site_path(site, to, out);
    close_link(out, to);
}

/* What looks like a link and is none, or none to follow. */
static void decoys(uint32_t page, struct origin_bytes *out)
{
    origin_bytes_text(out, "<!-- <a href=\"/comment.html\">no link</a> -->\n"
                           "<script>var s = '<a href=\"/script.html\">no link</a>';</script>\n"
                           "<p><a href=\"mailto:nobody@example.org\">no page</a> "
                           "<a href=\"#top\">this page</a></p>\n");
    origin_bytes_print(out, "<p><a rel=\"nofollow\" href=\"/nofollow/%u\">not for crawlers</a></p>\n",
                       page);
}

/* Its two successors: private pages are never neighbours, so that every page is reached by way of
 * pages that are not private. */
static void ring(const struct origin_site *site, uint32_t address, uint32_t page,
                 struct origin_bytes *out)
{
    uint32_t next = (uint32_t)(((uint64_t)page + 1) % site->pages);
    uint32_t second = (uint32_t)(((uint64_t)page + 2) % site->pages);
    uint32_t far = (uint32_t)(((uint64_t)page * 7 + 3) % site->pages);

    relative(site, page, next, out);
    from_root(site, second, "#middle", out);
    from_root(site, second, "", out);
    absolute(site, address, far, out);
}

void origin_site_links(const struct origin_site *site, uint32_t address, uint32_t page,
                       struct origin_bytes *out)
{
    ring(site, address, page, out);
    decoys(page, out);
    if (origin_site_has_moved(page)) {
        origin_bytes_print(out, "<p><a href=\"/moved/%u\">moved</a></p>\n", page);
    }
    if (origin_site_has_missing(page)) {
        origin_bytes_print(out, "<p><a href=\"/missing/%u\">gone</a></p>\n", page);
    }
    if (page == 0 && site->span) {
        absolute(site, site->first + (address - site->first + 1) % site->hosts, 0, out);
    }
    if (page == 0 && site->traps) {
        origin_site_lures(out);
    }
}
