/* Inside of sitemaps: what the readers of the formats share. */
#ifndef TW_PARSE_SITEMAP_PARSER_H
#define TW_PARSE_SITEMAP_PARSER_H

#include <stdint.h>

#include <expat.h>
#include <zlib.h>

#include "base/buf.h"
#include "parse/sitemap.h"

/* How deep an element that matters can stand: rss, channel, item, link. */
#define TW_SITEMAP_DEPTH 4

/* expat keeps every name that it meets; no sitemap has as many as a memory bomb needs. They are
 * told apart by a hash of so many bits. */
#define TW_SITEMAP_NAMES     1000
#define TW_SITEMAP_NAME_BITS 8192

/* expat keeps memory for every element that is open, too. */
#define TW_SITEMAP_NESTING 1000

/* What an element means to us. */
enum tw_sitemap_element {
    TW_ELEMENT_OTHER = 0,
    TW_ELEMENT_ROOT,
    TW_ELEMENT_CHANNEL, /* of RSS */
    TW_ELEMENT_ITEM,    /* <url>, <sitemap>, <item>, <entry>: holds one entry */
    TW_ELEMENT_URL,     /* <loc>, <link>: its text is the URL */
    TW_ELEMENT_GUID,
    TW_ELEMENT_LASTMOD,
    TW_ELEMENT_PRIORITY,
};

struct tw_sitemap_open {
    enum tw_sitemap_element element;
    char prefix[32]; /* of its name, cut */
};

struct tw_sitemap {
    struct tw_sitemap_info info;
    struct tw_sitemap_limits limits;
    tw_sitemap_cb cb;
    void *data;

    enum {
        TW_INPUT_START,
        TW_INPUT_PLAIN,
        TW_INPUT_GZIP,
        TW_INPUT_GZIP_BETWEEN, /* a member has ended, another may begin */
        TW_INPUT_GZIP_PADDING,
    } input;
    unsigned char magic; /* the first byte, while it may begin a gzip stream */
    bool has_magic;
    z_stream z;

    enum { TW_FORMAT_START, TW_FORMAT_XML, TW_FORMAT_TEXT } format;
    size_t line;        /* text: the current one; XML: lines skipped before it; from 0 */
    struct tw_buf text; /* of the line or element that is being read, cut at the limit */
    bool too_long;      /* text is cut */
    bool after_cr;      /* text: the last byte was a CR */

    XML_Parser xml;
    size_t xml_bytes;                              /* fed to it */
    size_t depth;                                  /* open elements */
    struct tw_sitemap_open open[TW_SITEMAP_DEPTH]; /* the outermost of them */
    bool permalink;
    struct tw_buf url, lastmod; /* of the entry so far */
    unsigned priority;
    size_t names; /* different ones of elements and attributes, about */
    uint64_t seen_names[TW_SITEMAP_NAME_BITS / 64];
};

/* Ends it with a reason, by printf's rules, at the line. Returns the state. */
enum tw_sitemap_state tw_sitemap_fail(struct tw_sitemap *s, enum tw_sitemap_state state,
                                      size_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Hands out an entry, within the limits. An empty or too long URL is ignored and counted. */
void tw_sitemap_emit(struct tw_sitemap *s, const char *url, size_t len, const char *lastmod,
                     unsigned priority, size_t line);

/* Appends to s->text, up to the limit on a URL. */
void tw_sitemap_collect(struct tw_sitemap *s, const char *bytes, size_t len);

/* Whether it begins like an absolute http or https URL and holds no blank. */
bool tw_sitemap_is_url(const char *text, size_t len);

/* Decoded bytes to the reader of XML; end is the last call. */
void tw_sitemap_xml_feed(struct tw_sitemap *s, const char *bytes, size_t len, bool end);
/* The same for a list of URLs. */
void tw_sitemap_text_feed(struct tw_sitemap *s, const char *bytes, size_t len, bool end);

#endif
