/* What the files of crawls share: parts.c (a crawl's opening and end), walk.c (its turns of the loop),
 * site.c (its hosts), page.c (its URLs), scan.c (what a document yields) and explain.c.
 *
 *     found -> judged -> routed -> [held, until its host's address and robots.txt are there] -> queued -> fetched
 *       -> scanned -> delivered
 *
 * Whatever leaves this way is rejected, with a reason. The caller's callbacks run on turns of the
 * loop only (tw_crawl_step(), a scan, the end of a fetch), and may do anything: a crawl that is
 * closed inside one is freed by a later step. */
#ifndef TW_CRAWL_WALK_H
#define TW_CRAWL_WALK_H

#include "base/addr.h"
#include "base/map.h"
#include "crawl/core.h"
#include "frontier/pace.h"
#include "frontier/scope.h"
#include "frontier/seen.h"
#include "frontier/trap.h"
#include "parse/robots.h"

/* The canonical URL of a page, for those that it links to. */
struct source {
    unsigned refs;
    char url[];
};

enum role { ROLE_SEED, ROLE_PAGE, ROLE_REQUISITE, ROLE_SITEMAP };

/* A URL that was taken up, until it is delivered or rejected. */
struct page {
    struct tw_item item;    /* first: the frontier's handle on it */
    struct tw_link listed;  /* in one of its crawl's or its site's lists */
    struct site *site;
    struct source *from;    /* NULL for a seed */
    struct source *self;    /* NULL before the first link */
    struct fetch *fetch;    /* NULL before it is started */
    struct scan *scan;      /* NULL but while it is scanned */
    uint32_t depth;
    uint8_t hops;           /* redirects on the way */
    uint8_t role;
    uint8_t judged;         /* robots_version of its site */
    bool lost;              /* there was no memory to start it */
    uint32_t len;
    char href[];
};

enum site_state { SITE_UNKNOWN, SITE_ASKING, SITE_KNOWN };

/* What a crawl knows of a scheme, host and port. */
struct site {
    struct tw_map_entry entry;
    trawl_crawl *c;
    struct tw_link listed;    /* in its crawl's list of all sites */
    struct tw_link reading;   /* in its crawl's list of those whose sitemaps are being taken up */
    struct tw_host *host;     /* held */
    struct tw_pace pace;
    struct tw_addr addr;      /* size 0: not known yet */
    struct tw_lookup lookup;
    bool looking_up;          /* the engine has it */
    bool looked_up;           /* its name was asked for, or need not be */
    bool host_is_ip;
    uint64_t hold_ms;         /* until when a Retry-After holds it */
    enum site_state state;    /* of robots.txt */
    enum tw_robots_access access;
    struct tw_robots *robots; /* NULL if access is not by rules */
    struct tw_buf text;       /* while it comes in */
    unsigned text_try;        /* that it is of */
    int robots_status, robots_error;
    uint64_t robots_until_ms; /* then it is asked for again */
    bool robots_used;         /* a page was started since it came */
    uint8_t robots_version;   /* another one with each that came */
    struct fetch *fetch;      /* of robots.txt */
    struct source *robots_url; /* where it came from, while its sitemaps are being taken up */
    size_t sitemap_at;        /* the next of them */
    struct tw_link held;      /* pages that wait for it */
    struct tw_link askers;    /* likewise */
    size_t held_count;
    struct tw_link queued;    /* pages in the frontier */
    struct tw_link surplus;   /* in its crawl's list, while these are to be rejected */
    uint64_t started;         /* pages */
    size_t name_len;
    char name[];              /* "https://example.org:443" */
};

struct trawl_crawl {
    trawl *t;
    struct tw_link link;      /* in trawl.crawls */
    struct tw_link restless;  /* in trawl.restless */
    trawl_crawl_options options; /* numbers and flags; what it points to is copied to what follows */
    trawl_crawl_callbacks callbacks;
    char *agent;              /* product token */
    char **mime_types;        /* ends with NULL; NULL: all */
    struct tw_scope *scope;
    struct tw_trap_limits traps;
    struct tw_robots *robots; /* options.robots_text, or NULL */
    struct tw_seen *seen;     /* URLs that were taken up */
    struct tw_seen *told;     /* those that were rejected */
    struct tw_map sites;
    struct tw_link all_sites; /* in the order in which they were found */
    struct tw_link *halt_at;  /* of a stopped one: the next site to be stopped, or all_sites */
    struct tw_map bodies;     /* digests of what was delivered */
    struct tw_link seeds;     /* to be taken up */
    struct tw_link inbox;     /* pages to be routed */
    struct tw_link surplus;   /* sites, with queued pages that will not be fetched */
    struct tw_link running;   /* pages that are fetched */
    struct tw_link halting;   /* those of them that are still to be stopped */
    struct tw_link scans;     /* pages that are scanned, and are not through */
    struct tw_link askers;    /* who can be answered */
    struct tw_link reading;   /* sites whose robots.txt names sitemaps that are not taken up yet */
    size_t pages;             /* in any of these lists, and held */
    size_t unstarted;         /* of them: in inbox, queued or held */
    size_t queued;            /* of these: in the frontier */
    size_t asking;            /* seeds, sites and askers that wait */
    uint64_t started;
    uint64_t next_index;      /* of results */
    uint64_t deadline_ms;     /* UINT64_MAX: none */
    trawl_crawl_stats stats;
    trawl_reject stop_reason;
    bool stopped, closing, told_idle;
    bool paused;              /* what is found goes to the inbox and stays there */
    trawl_close_cb on_close;
    void *close_data;
};

/* A URL that was found somewhere. */
struct found {
    const struct tw_url *url;
    const struct tw_url *from; /* the page's that it was found on, or NULL */
    struct source *source;     /* that page's, or NULL; a reference is taken */
    uint32_t depth;
    uint8_t hops;
    enum role role;
    int boost;                 /* by a sitemap, -500 to 500: what has more of it goes first */
    bool nofollow;
    bool repeated;             /* on a page that only repeats others */
};

/* walk.c */
void tw_crawl_rest(trawl_crawl *c); /* it has something to do in the next turn */
void tw_crawl_halt(trawl_crawl *c, trawl_reject reason);
/* Does a slice of what is to be done. */
void tw_crawl_step(trawl_crawl *c);
/* Called by the core: a step of the restless ones, as many as there is time for; when the next deadline
 * is. */
void tw_crawls_step(trawl *t);
uint64_t tw_crawls_wake_ms(const trawl *t);
/* Stops those whose time is over; all. */
void tw_crawls_expire(trawl *t);
void tw_crawls_stop(trawl *t);
/* Whether pages are queued that may not be started. */
bool tw_crawls_are_paused(const trawl *t);
void tw_crawls_close(trawl *t);

/* parts.c */
/* Forgets a slice of what it remembers, once nobody asks for it any more. True when that was all. */
bool tw_crawl_forget(trawl_crawl *c);
void tw_crawl_free(trawl_crawl *c); /* of one that remembers nothing */

/* page.c */
void tw_crawl_found(trawl_crawl *c, const struct found *found);
/* What the options take out of a URL; false if that is nothing. The caller frees out. */
bool tw_crawl_clean(const trawl_crawl *c, struct tw_url *out, const struct tw_url *url);
/* What is no http or https URL at all: raw is its text. */
void tw_crawl_found_none(trawl_crawl *c, const char *raw, size_t len, uint32_t depth,
                         struct source *source);
/* A reason why the URL is out, or TRAWL_REJECT_COUNT. rule is filled with what to say. */
trawl_reject tw_crawl_judge(const trawl_crawl *c, const struct found *found, char *rule,
                            size_t size);
/* Where a page goes that is in no list. */
void tw_page_route(struct page *p);
/* Takes a queued page out of its site's list. */
void tw_page_unqueue(struct page *p);
/* For the core: the fetch of a page whose turn it is, NULL if it is not fetched after all. */
struct fetch *tw_page_start(trawl *t, struct page *p);
void tw_page_reject(struct page *p, trawl_reject reason, const char *rule, unsigned line);
/* Tells of a page that is fetched, and of which something is left out. */
void tw_page_cut(struct page *p, trawl_reject reason, const char *rule);
/* In no list, delivered or rejected. */
void tw_page_free(struct page *p);
struct source *tw_page_source(struct page *p); /* NULL without memory */
/* A copy with credentials masked, for whom it is told to; NULL without memory. */
char *tw_crawl_mask(const char *url, size_t len);
struct source *tw_source_new(const char *url, size_t len); /* NULL without memory */
void tw_source_drop(struct source *s);

/* scan.c */
/* For the core: a page's fetch is over. It is scanned, delivered and forgotten, not all at once. */
void tw_page_fetched(trawl *t, struct fetch *f, struct flight *flight, int error);
/* A further slice of a scan. */
void tw_page_scan(struct page *p);
/* For the core, as the body comes: the limit of what is kept, and the digest. 0, or ECANCELED for
 * a body that nobody wants. */
int tw_page_body_begins(struct fetch *f, struct flight *flight);
void tw_page_body_bytes(struct flight *flight, const char *bytes, size_t len);
void tw_digest_free(void *digest);

/* site.c */
struct site *tw_site_get(trawl_crawl *c, const struct tw_url *url); /* NULL without memory */
void tw_site_free(struct site *s);
/* Whether it may be asked for pages: its address is known, if that can be had, and robots.txt is,
 * and not too old. If not, they are asked for, in this order. */
bool tw_site_is_ready(struct site *s);
/* Whether robots.txt is known and not too old, wherever the host is. */
bool tw_site_is_known(const struct site *s);
/* Takes back what it waits for and is not in flight. */
void tw_site_cancel_queued(struct site *s);
/* The same for a page that was judged, and whose turn it is. Where the pace is slower than
 * robots.txt ages, one page may start all the same before it is asked for again. */
bool tw_site_may_start(struct site *s);
/* Only of one that is ready. 0 or ENOMEM. */
int tw_site_judge(const struct site *s, const struct tw_url *url,
                  struct tw_robots_verdict *verdict);
/* For the core: an exchange with the site is over. */
void tw_site_answered(struct site *s, const struct flight *flight);
/* Whoever waits for its robots.txt goes on in the next turn. */
void tw_site_let_go(struct site *s);
/* Whether as many of its pages as there may be were started. */
bool tw_site_is_full(const struct site *s);
/* What it has queued is rejected, from the next turn on. */
void tw_site_shed(struct site *s);
/* Takes up the next sitemap that its robots.txt names; with the last one it leaves the list. */
void tw_site_read_sitemap(struct site *s);
/* What is between two starts, and what sets it: static, or in rule. */
uint64_t tw_site_wait_ms(const struct site *s, char *rule, size_t size);

/* explain.c */
struct asker {
    struct tw_link listed; /* in its crawl's or its site's list */
    trawl_crawl *c;
    struct site *site;     /* NULL if there is no URL */
    struct tw_url url, base;
    int error;
    const char *reason;
    trawl_verdict_cb cb;
    void *data;
};
/* Answers if it can, else it waits at its site. */
void tw_asker_route(struct asker *a);

static inline trawl_crawl *tw_page_crawl(const struct page *p)
{
    return p->site->c;
}

#endif
