/* A synthetic web: all of it follows from a seed and a few numbers, and nothing of it is stored. A
 * resource is named by a ref; its URL, its answer and its links are worked out when they are asked
 * for. The links are the ground truth: documents are made from them, and nobody here parses any. */
#ifndef SIM_WEB_H
#define SIM_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct web {
    uint64_t seed;
    uint32_t hosts;     /* scheme, name and port */
    uint32_t pages;     /* of a host, at most */
    uint32_t domains;   /* that the hosts' names lie in */
    uint32_t addresses; /* that they are at */
    unsigned links;     /* of a page, beside those that make it hang together */
    bool traps, robots, oddities; /* oddities: redirects, errors, nofollow and the like */
    bool slow;                    /* some hosts answer after seconds */
};

enum ref_kind {
    REF_NONE,    /* no URL of this web */
    REF_PAGE,    /* n: which one, 0 is "/" */
    REF_ROBOTS,  /* n: 0 is /robots.txt, then where it redirects to */
    REF_SITEMAP, /* n: 0 is an index of the others */
    /* Traps; n counts how deep one is in. */
    REF_CALENDAR, /* /cal/2026/11/ */
    REF_DEEP,     /* /deep/s0/s1/s2/ */
    REF_LOOP,     /* /loop/x/y/x/y/ */
    REF_QUERY,    /* /query?a=0&a=0&a=0 */
    REF_LONG,     /* /long/ and 100 n letters */
    REF_SESSION,  /* /session?page=n&PHPSESSID=... */
};

struct ref {
    uint32_t host;
    enum ref_kind kind;
    uint32_t n;
};

enum page_kind {
    PAGE_HTML,
    PAGE_UNTYPED,      /* HTML that does not say so */
    PAGE_META,         /* HTML, nofollow by a meta element */
    PAGE_TAG,          /* HTML, nofollow by X-Robots-Tag */
    PAGE_HEADER,       /* a link in a header field, and HTML */
    PAGE_SAME,         /* HTML that is the same on some pages of the host */
    PAGE_REDIRECT,
    PAGE_IMAGE,
    PAGE_STYLE,
    PAGE_PDF,
    PAGE_TEXT,         /* with what would be links in another type */
    PAGE_EMPTY,
    PAGE_MISSING,      /* 404, with links that are not followed */
    PAGE_BROKEN,       /* 503 whenever it is asked for */
};

struct edge {
    struct ref to; /* REF_NONE: no http or https URL */
    bool nofollow; /* of the link itself */
    bool requisite;
    bool is_sitemap; /* names a sitemap */
};

#define WEB_URL_MAX 16384

enum page_kind web_page_kind(const struct web *w, struct ref ref);
uint32_t web_pages(const struct web *w, uint32_t host);
/* The canonical URL; of a session the one without its id. */
void web_url(const struct web *w, struct ref ref, char url[WEB_URL_MAX]);
/* "https://h1.d0.test:8001" */
void web_origin(const struct web *w, uint32_t host, char origin[256]);
void web_host_name(const struct web *w, uint32_t host, char name[128]);
/* "10.0.0.1" */
void web_address(const struct web *w, uint32_t host, char ip[46]);
bool web_host_is_literal(const struct web *w, uint32_t host);
/* Whose origin it is, with its port or without; false if it is nobody's. */
bool web_find_host(const struct web *w, const char *origin, uint32_t *host);
/* Whose URL it is; kind REF_NONE if it is nobody's. */
struct ref web_find(const struct web *w, const char *url);

/* What a whole answer of it leads to: links of the body, or of Location. */
unsigned web_edges(const struct web *w, struct ref ref);
struct edge web_edge(const struct web *w, struct ref ref, unsigned i);
bool web_says_nofollow(const struct web *w, struct ref ref);

struct answer {
    int status;
    struct text head; /* lines */
    struct text body;
    uint64_t latency_us;
};

/* web_page.c. Free with answer_free(). */
void web_answer(const struct web *w, struct ref ref, const char *url, struct answer *a);
void answer_free(struct answer *a);
/* web_spell.c: the reference to `to` in a document at `base`, in one of many spellings; plain: one
 * without blanks, for places that mind them. */
void web_spell(const struct web *w, struct ref base, struct ref to, uint64_t rng, bool plain,
               struct text *out);

/* web_robots.c */
enum robots_kind {
    ROBOTS_RULES,
    ROBOTS_MISSING,
    ROBOTS_FORBIDDEN, /* 403 */
    ROBOTS_BROKEN,    /* 500 */
    ROBOTS_MOVED,     /* redirects to rules */
    ROBOTS_FAR,       /* redirects to rules on another host */
    ROBOTS_CHAIN,     /* redirects more often than anybody follows */
};
enum robots_kind web_robots_kind(const struct web *w, uint32_t host);
/* What our rules of that host say of a path with its query. */
bool web_robots_allow(const struct web *w, uint32_t host, const char *path);
uint64_t web_crawl_delay_ms(const struct web *w, uint32_t host);
bool web_names_sitemap(const struct web *w, uint32_t host);
void web_robots_answer(const struct web *w, struct ref ref, struct answer *a);

#endif
