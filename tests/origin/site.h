/* A small web site on every address, made from seed, address and path alone: what a crawl is tried
 * on. origin.h describes it for those who ask it. */
#ifndef ORIGIN_SITE_H
#define ORIGIN_SITE_H

#include <stdio.h>

#include "body.h"
#include "page.h"
#include "request.h"

struct origin_site {
    const struct origin_book *book;
    uint32_t pages; /* of each site, 0: there are no sites */
    bool span;      /* each first page links to the next address */
    bool traps;     /* and to parts that have no end */
    uint32_t first; /* IPv4 addresses in host order, consecutive */
    uint32_t hosts;
    unsigned port; /* on all of them */
};

/* What a robots.txt says, by seed and address. */
enum origin_rules {
    RULES_NONE,    /* there is no such file */
    RULES_OPEN,    /* everything is allowed */
    RULES_PRIVATE, /* /private/ is not; a sitemap is named */
    RULES_DELAY,   /* that, without a sitemap, and Crawl-delay */
    RULES_NAMED,   /* a group for trawl by its name, and a sitemap index */
    RULES_COUNT
};
#define ORIGIN_SITE_DELAY 2 /* seconds, of RULES_DELAY */
#define ORIGIN_SITE_ORPHAN "/orphan.html" /* named by sitemaps alone */

struct origin_answer {
    int status;
    const char *type;             /* static; NULL: HTML in UTF-8 */
    struct origin_bytes location; /* empty: none. Owned by the caller, as the body */
    struct origin_body body;
};

/* Zeroes *a first. rq->local is one of the site's addresses. */
void origin_site_answer(const struct origin_site *site, const struct origin_request *rq,
                        struct origin_answer *a);
/* In site_map.c: which path is what. */

enum origin_rules origin_site_rules(const struct origin_site *site, uint32_t address);
/* Page 0 is "/"; percent-encoded. */
void origin_site_path(const struct origin_site *site, uint32_t page, struct origin_bytes *out);
/* False when there is no such page. */
bool origin_site_find(const struct origin_site *site, struct origin_span path, uint32_t *page);
bool origin_site_is_private(uint32_t page);
/* Pages that link to a redirect, /moved/N, and to what is not there, /missing/N. */
bool origin_site_has_moved(uint32_t page);
bool origin_site_has_missing(uint32_t page);
/* Pages whose relative links start from a base that they name, ORIGIN_SITE_BASE. */
bool origin_site_has_base(uint32_t page);
#define ORIGIN_SITE_BASE "/base/of/links/"
#define ORIGIN_SITE_FIRST_BASE 5
/* "http://127.0.0.1:8099", without a slash. */
void origin_site_root(const struct origin_site *site, uint32_t address, struct origin_bytes *out);

/* In site_list.c: writes the list that origin.h describes. */

void origin_site_list(const struct origin_site *site, FILE *out);

/* In site_page.c and site_trap.c. */

/* The links of a page, one a line. */
void origin_site_links(const struct origin_site *site, uint32_t address, uint32_t page,
                       struct origin_bytes *out);
/* The links into the traps, for the first page. */
void origin_site_lures(struct origin_bytes *out);
/* True with the links that the trap has there, when the path is one of a trap. */
bool origin_site_trap(const struct origin_request *rq, struct origin_bytes *out);
/* The traps' paths, which all of theirs begin with; ends with NULL. */
extern const char *const origin_site_traps[];

#endif
