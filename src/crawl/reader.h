/* The links of a document, whatever it is: HTML, CSS, a sitemap, a feed, a list. It is read in
 * slices, so that a large one does not hold up the loop. */
#ifndef TW_CRAWL_READER_H
#define TW_CRAWL_READER_H

#include "parse/links.h"
#include "parse/mime.h"
#include "parse/text.h"
#include "parse/url.h"

/* A link as it is read; valid during the callback. */
struct tw_read_link {
    const struct tw_url *url; /* NULL for what is no http or https URL */
    const char *raw;          /* as the document has it, UTF-8 */
    size_t raw_len;
    const char *tag;          /* as in trawl_link */
    const char *attribute;
    const char *rel;
    bool is_requisite;
    bool nofollow;            /* the link's own rel */
    bool is_sitemap;          /* it names a sitemap */
    int boost;                /* by a sitemap: -500 to 500 */
};

struct tw_reader_options {
    enum tw_mime_kind kind;    /* XML, TEXT and GZIP are read as sitemaps; OTHER has no links */
    const struct tw_url *url;  /* the document's; NULL if unknown */
    const char *charset;       /* parse/charset.h's name, or NULL */
    const char *robots_agent;  /* for <meta name=...>, or NULL */
    struct tw_text *text;
    bool lazy_attributes;
    bool unique;               /* most repetitions are left out */
    bool (*on_link)(void *user, const struct tw_read_link *link); /* false ends it */
    void *user;
};

/* What the document says beside its links; strings hold until the close. */
struct tw_read_info {
    const char *title; /* UTF-8, NULL without one */
    size_t title_len;
    bool nofollow;     /* <meta name=robots>, as far as it has been read */
    const char *fault; /* why reading ended early, "" */
};

struct tw_reader;

/* The options' strings and url, and bytes, must outlive it. 0 or TRAWL_ENOMEM. */
int tw_reader_open(struct tw_reader **reader, const struct tw_reader_options *options,
                   const char *bytes, size_t len);
/* Reads on by about max bytes. 1 if there is more, 0 at the end, TRAWL_ENOMEM; TRAWL_EENCODING for
 * a sitemap that cannot be read on. */
int tw_reader_step(struct tw_reader *reader, size_t max);
void tw_reader_get_info(const struct tw_reader *reader, struct tw_read_info *info);
/* Accepts NULL. */
void tw_reader_close(struct tw_reader *reader);

/* The same link; what it points to is found's. */
void tw_read_link_fill(struct tw_read_link *link, const struct tw_found_link *found);

/* What the bytes look like, for a document without a media type. */
enum tw_mime_kind tw_reader_sniff(const char *bytes, size_t len);

#endif
