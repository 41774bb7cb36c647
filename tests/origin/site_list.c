#include "site.h"

static void line(FILE *out, const char *kind, const struct origin_bytes *root, const char *path)
{
    fprintf(out, "%s\t%.*s%s\n", kind, (int)root->n, (const char *)root->p, path);
}

static void numbered(FILE *out, const char *kind, const struct origin_bytes *root,
                     const char *prefix, uint32_t page)
{
    fprintf(out, "%s\t%.*s%s%u\n", kind, (int)root->n, (const char *)root->p, prefix, page);
}

static void list_page(const struct origin_site *site, FILE *out, const struct origin_bytes *root,
                      uint32_t page, bool closed)
{
    struct origin_bytes path = {0};
    bool denied = closed && origin_site_is_private(page);

    origin_site_path(site, page, &path);
    origin_bytes_add(&path, "", 1);
    line(out, denied ? "denied" : "page", root, (const char *)path.p);
    origin_bytes_free(&path);
    if (denied) {
        return; /* its links are not known then */
    }
    if (origin_site_has_moved(page)) {
        numbered(out, "moved", root, "/moved/", page);
    }
    if (origin_site_has_missing(page)) {
        numbered(out, "missing", root, "/missing/", page);
    }
    if (page == ORIGIN_SITE_FIRST_BASE) {
        line(out, "missing", root, ORIGIN_SITE_BASE); /* where its link to "#top" leads */
    }
    numbered(out, "nofollow", root, "/nofollow/", page);
}

static void list_rules(FILE *out, const struct origin_bytes *root, enum origin_rules rules)
{
    line(out, "robots", root, "/robots.txt");
    if (rules == RULES_DELAY) {
        fprintf(out, "delay\t%.*s/\t%d\n", (int)root->n, (const char *)root->p, ORIGIN_SITE_DELAY);
    }
    if (rules == RULES_NAMED) {
        line(out, "sitemap", root, "/maps.xml");
    }
    if (rules == RULES_NAMED || rules == RULES_PRIVATE) {
        line(out, "sitemap", root, "/sitemap.xml");
        line(out, "page", root, ORIGIN_SITE_ORPHAN);
    }
}

static void list_host(const struct origin_site *site, uint32_t address, FILE *out)
{
    enum origin_rules rules = origin_site_rules(site, address);
    struct origin_bytes root = {0};

    origin_site_root(site, address, &root);
    list_rules(out, &root, rules);
    line(out, "style", &root, "/style.css");
    for (uint32_t i = 0; i < site->pages; i++) {
        list_page(site, out, &root, i, rules != RULES_NONE && rules != RULES_OPEN);
    }
    for (size_t i = 0; site->traps && origin_site_traps[i]; i++) {
        line(out, "trap", &root, origin_site_traps[i]);
    }
    origin_bytes_free(&root);
}

void origin_site_list(const struct origin_site *site, FILE *out)
{
    for (uint32_t i = 0; site->pages && i < site->hosts; i++) {
        list_host(site, site->first + i, out);
    }
}
