/* Sitemaps (sitemaps.org protocol): the URLs of XML url sets and sitemap indexes, RSS, Atom and
 * plain lists, each also by gzip. Bytes go in as they come, each URL comes out through a
 * callback. No I/O.
 *
 * The format is told by the bytes: gzip by its magic number, XML by its "<", and by its root
 * element what it is; all else is a list of URLs, one a line. Names are compared without their
 * prefixes, and a child counts only with its parent's prefix: an <image:loc> is no <loc>.
 */
#ifndef TW_PARSE_SITEMAP_H
#define TW_PARSE_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The protocol's limits on one file. */
#define TW_SITEMAP_URLS  ((size_t)50000)
#define TW_SITEMAP_BYTES ((size_t)50 * 1024 * 1024)
/* The longest URL that is handed out; longer ones are counted as ignored. */
#define TW_SITEMAP_URL_MAX ((size_t)8192)

#define TW_SITEMAP_PRIORITY 500 /* where none is given */

enum tw_sitemap_kind {
    TW_SITEMAP_UNKNOWN = 0, /* not known yet, or none of these */
    TW_SITEMAP_URLSET,
    TW_SITEMAP_INDEX, /* its URLs are sitemaps themselves */
    TW_SITEMAP_RSS,   /* <link>, and <guid> that is a permanent link, of channel and items; also
                         RSS 1.0 */
    TW_SITEMAP_ATOM,  /* <link> of feed and entries, rel "alternate" or none */
    TW_SITEMAP_TEXT,
};

enum tw_sitemap_state {
    TW_SITEMAP_OK = 0,
    TW_SITEMAP_STOPPED,  /* by the callback */
    TW_SITEMAP_MANY,     /* more URLs than max_urls */
    TW_SITEMAP_LARGE,    /* more bytes, decoded, than max_bytes */
    TW_SITEMAP_BAD_GZIP, /* broken or cut off */
    TW_SITEMAP_BAD_XML,  /* not well-formed, nested too deep, or a single tag or comment is too
                            long */
    TW_SITEMAP_ENTITIES, /* it declares entities of its own, which may be a bomb */
    TW_SITEMAP_FOREIGN, /* neither of the formats: other XML, a web page, other text, nothing */
    TW_SITEMAP_NOMEM,
};

struct tw_sitemap_entry {
    const char *url; /* trimmed UTF-8 without NULs, never empty, NUL-terminated; as it is
                        written: to be parsed, against the sitemap's own URL */
    size_t len;
    enum tw_sitemap_kind kind;
    unsigned priority;   /* in thousandths, 0 to 1000: url sets only */
    const char *lastmod; /* as it is written, or NULL: url sets and indexes only */
    size_t line;         /* where it ends, from 1 */
};

struct tw_sitemap_info {
    enum tw_sitemap_kind kind;
    enum tw_sitemap_state state;
    size_t urls;      /* handed out */
    size_t ignored;   /* entries without a URL, or with one that is too long */
    size_t bytes;     /* decoded */
    size_t line;      /* where it failed, from 1; 0 for a gzip stream or an empty file */
    char reason[160]; /* one line that says what is wrong, "" for OK and STOPPED */
};

struct tw_sitemap_limits {
    size_t max_urls;
    size_t max_bytes;
};

#define TW_SITEMAP_LIMITS_INIT                                                                 \
    {                                                                                          \
        TW_SITEMAP_URLS, TW_SITEMAP_BYTES                                                      \
    }

/* Valid during the call. Anything but 0 stops: no further call comes. It must not feed or free
 * the sitemap. */
typedef int (*tw_sitemap_cb)(void *data, const struct tw_sitemap_entry *entry);

struct tw_sitemap;

/* 0 or TRAWL_ENOMEM. */
int tw_sitemap_open(struct tw_sitemap **s, const struct tw_sitemap_limits *limits,
                    tw_sitemap_cb cb, void *data);
/* Takes the next bytes. All but OK is final: later calls do nothing and return the same. What
 * was handed out before stands. */
enum tw_sitemap_state tw_sitemap_feed(struct tw_sitemap *s, const void *bytes, size_t len);
/* Takes only as many as make about max decoded bytes, and puts their number into *used; 0 while
 * earlier ones still make some. For one that minds time. */
enum tw_sitemap_state tw_sitemap_step(struct tw_sitemap *s, const void *bytes, size_t len,
                                      size_t max, size_t *used);
/* No bytes follow. */
enum tw_sitemap_state tw_sitemap_end(struct tw_sitemap *s);
/* Valid until the sitemap is freed. */
const struct tw_sitemap_info *tw_sitemap_info(const struct tw_sitemap *s);
void tw_sitemap_free(struct tw_sitemap *s);

/* Static: "urlset", "sitemapindex", "rss", "atom", "text", "unknown". */
const char *tw_sitemap_kind_name(enum tw_sitemap_kind kind);

#endif
