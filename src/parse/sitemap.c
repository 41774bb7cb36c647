/* The way of the bytes: out of gzip, past the limit, to the reader of their format. */
#include "parse/sitemap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/sitemap_parser.h"
#include "trawl.h"

/* A gzip stream is decoded in pieces of this size. */
#define PIECE 16384

/* zlib's: a gzip header, and the largest window. */
#define GZIP_WINDOW (16 + MAX_WBITS)

enum tw_sitemap_state tw_sitemap_fail(struct tw_sitemap *s, enum tw_sitemap_state state,
                                      size_t line, const char *format, ...)
{
    va_list args;

    s->info.state = state;
    s->info.line = line;
    va_start(args, format);
    vsnprintf(s->info.reason, sizeof(s->info.reason), format, args);
    va_end(args);
    return state;
}

static bool is_ok(const struct tw_sitemap *s)
{
    return s->info.state == TW_SITEMAP_OK;
}

static void fail_memory(struct tw_sitemap *s)
{
    tw_sitemap_fail(s, TW_SITEMAP_NOMEM, 0, "out of memory");
}

/* ---- Entries --------------------------------------------------------------- */

bool tw_sitemap_is_url(const char *text, size_t len)
{
    size_t scheme = len > 8 && tw_ascii_equal(text, "https://", 8)  ? 8
                    : len > 7 && tw_ascii_equal(text, "http://", 7) ? 7
                                                                    : 0;

    for (size_t i = 0; i < len && scheme > 0; i++)
        if ((unsigned char)text[i] <= ' ')
            return false;
    return scheme > 0;
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && tw_ascii_is_space((*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && tw_ascii_is_space((*text)[*len - 1]))
        (*len)--;
}

void tw_sitemap_emit(struct tw_sitemap *s, const char *url, size_t len, const char *lastmod,
                     unsigned priority, size_t line)
{
    struct tw_sitemap_entry entry = {
        .kind = s->info.kind, .priority = priority, .lastmod = lastmod, .line = line};
    char copy[TW_SITEMAP_URL_MAX + 1];

    trim(&url, &len);
    if (!is_ok(s))
        return;
    if (len == 0 || len > TW_SITEMAP_URL_MAX) {
        s->info.ignored++;
        return;
    }
    if (s->info.urls == s->limits.max_urls) {
        tw_sitemap_fail(s, TW_SITEMAP_MANY, line, "more than %zu URLs", s->limits.max_urls);
        return;
    }
    memcpy(copy, url, len);
    copy[len] = '\0';
    entry.url = copy;
    entry.len = len;
    s->info.urls++;
    if (s->cb(s->data, &entry) != 0) {
        s->info.state = TW_SITEMAP_STOPPED;
        s->info.line = line;
    }
}

void tw_sitemap_collect(struct tw_sitemap *s, const char *bytes, size_t len)
{
    size_t room = TW_SITEMAP_URL_MAX + 1 - s->text.len;

    if (len > room) {
        s->too_long = true;
        len = room;
    }
    if (tw_buf_append(&s->text, bytes, len) != 0)
        fail_memory(s);
}

/* ---- Formats --------------------------------------------------------------- */

/* UTF-16 is XML too: a list of URLs is UTF-8 by the protocol. */
static bool looks_like_xml(unsigned char first)
{
    return first == '<' || first == 0xfe || first == 0xff || first == 0;
}

/* Blanks before an XML declaration are an error to expat, and common. A byte order mark of
 * UTF-8 may stand before either format, and no text begins with one of its bytes otherwise. */
static void choose_format(struct tw_sitemap *s, const char **bytes, size_t *len)
{
    for (; *len > 0; (*bytes)++, (*len)--) {
        char c = **bytes;

        if (c == '\n')
            s->line++;
        else if (!tw_ascii_is_space(c) && memchr("\xef\xbb\xbf", c, 3) == NULL)
            break;
    }
    if (*len > 0)
        s->format = looks_like_xml((unsigned char)**bytes) ? TW_FORMAT_XML : TW_FORMAT_TEXT;
}

static void feed_format(struct tw_sitemap *s, const char *bytes, size_t len, bool end)
{
    if (s->format == TW_FORMAT_START)
        choose_format(s, &bytes, &len);
    if (s->format == TW_FORMAT_XML)
        tw_sitemap_xml_feed(s, bytes, len, end);
    else if (s->format == TW_FORMAT_TEXT)
        tw_sitemap_text_feed(s, bytes, len, end);
    else if (end)
        tw_sitemap_fail(s, TW_SITEMAP_FOREIGN, 0, "the file is empty");
}

/* What is within the limit is read before the rest is refused. */
static void feed_decoded(struct tw_sitemap *s, const char *bytes, size_t len)
{
    size_t room = s->limits.max_bytes - s->info.bytes;
    bool too_large = len > room;

    if (too_large)
        len = room;
    s->info.bytes += len;
    if (len > 0)
        feed_format(s, bytes, len, false);
    if (too_large && is_ok(s))
        tw_sitemap_fail(s, TW_SITEMAP_LARGE, 0, "more than %zu bytes", s->limits.max_bytes);
}

/* ---- Gzip ------------------------------------------------------------------ */

static void begin_gzip(struct tw_sitemap *s)
{
    if (inflateInit2(&s->z, GZIP_WINDOW) != Z_OK)
        fail_memory(s);
    else
        s->input = TW_INPUT_GZIP;
}

/* Another member may follow (RFC 1952, 2.2); other bytes behind the last are padding. */
static void begin_member(struct tw_sitemap *s)
{
    if (s->z.next_in[0] != 0x1f) {
        s->input = TW_INPUT_GZIP_PADDING;
        return;
    }
    inflateReset(&s->z);
    s->input = TW_INPUT_GZIP;
}

static void fail_gzip(struct tw_sitemap *s, int rc)
{
    if (rc == Z_MEM_ERROR)
        fail_memory(s);
    else
        tw_sitemap_fail(s, TW_SITEMAP_BAD_GZIP, 0, "the gzip stream is broken: %s",
                        s->z.msg != NULL ? s->z.msg : "unknown error");
}

/* One byte in can be a thousand out. What is left once all is taken is little, and is not left.
 * Returns how many bytes it took. */
static size_t feed_gzip(struct tw_sitemap *s, const unsigned char *bytes, size_t len,
                        size_t max)
{
    unsigned char piece[PIECE];
    size_t before = s->info.bytes;
    bool more = true;

    s->z.next_in = (unsigned char *)bytes;
    s->z.avail_in = (unsigned)len;
    while (is_ok(s) && more && (s->info.bytes - before < max || s->z.avail_in == 0)) {
        int rc;

        if (s->input == TW_INPUT_GZIP_BETWEEN)
            begin_member(s);
        if (s->input == TW_INPUT_GZIP_PADDING)
            return len;
        s->z.next_out = piece;
        s->z.avail_out = sizeof(piece);
        rc = inflate(&s->z, Z_NO_FLUSH);
        feed_decoded(s, (const char *)piece, sizeof(piece) - s->z.avail_out);
        if (rc == Z_STREAM_END)
            s->input = TW_INPUT_GZIP_BETWEEN;
        else if (is_ok(s) && rc != Z_OK && rc != Z_BUF_ERROR)
            fail_gzip(s, rc);
        more = s->z.avail_in > 0 || (s->z.avail_out == 0 && rc == Z_OK);
    }
    return len - s->z.avail_in;
}

/* ---- Input ----------------------------------------------------------------- */

static size_t feed_input(struct tw_sitemap *s, const unsigned char *bytes, size_t len,
                         size_t max)
{
    if (s->input != TW_INPUT_PLAIN)
        return feed_gzip(s, bytes, len, max);
    feed_decoded(s, (const char *)bytes, len);
    return len;
}

/* The first two bytes tell gzip from the rest. */
static size_t begin_input(struct tw_sitemap *s, const unsigned char *bytes, size_t len,
                          size_t max)
{
    static const unsigned char gzip[2] = {0x1f, 0x8b};
    unsigned char first = s->has_magic ? s->magic : bytes[0];

    if (!s->has_magic && first == gzip[0] && len == 1) {
        s->has_magic = true;
        s->magic = first;
        return 1;
    }
    if (first == gzip[0] && bytes[s->has_magic ? 0 : 1] == gzip[1])
        begin_gzip(s);
    else
        s->input = TW_INPUT_PLAIN;
    if (s->has_magic && is_ok(s))
        feed_input(s, &s->magic, 1, max);
    return is_ok(s) ? feed_input(s, bytes, len, max) : len;
}

enum tw_sitemap_state tw_sitemap_step(struct tw_sitemap *s, const void *bytes, size_t len,
                                      size_t max, size_t *used)
{
    const unsigned char *p = bytes;
    size_t before = s->info.bytes, at = 0;

    /* zlib and expat count in ints. */
    while (is_ok(s) && at < len && at < max && s->info.bytes - before < max) {
        size_t n = len - at < max - at ? len - at : max - at;
        size_t left = max - (s->info.bytes - before);

        n = n < PIECE ? n : PIECE;
        if (s->input == TW_INPUT_START)
            at += begin_input(s, p + at, n, left);
        else
            at += feed_input(s, p + at, n, left);
    }
    *used = at;
    return s->info.state;
}

enum tw_sitemap_state tw_sitemap_feed(struct tw_sitemap *s, const void *bytes, size_t len)
{
    size_t used;

    return tw_sitemap_step(s, bytes, len, SIZE_MAX, &used);
}

enum tw_sitemap_state tw_sitemap_end(struct tw_sitemap *s)
{
    if (is_ok(s) && s->input == TW_INPUT_START && s->has_magic) {
        s->input = TW_INPUT_PLAIN;
        feed_input(s, &s->magic, 1, SIZE_MAX);
    }
    if (is_ok(s) && s->input == TW_INPUT_GZIP)
        tw_sitemap_fail(s, TW_SITEMAP_BAD_GZIP, 0, "the gzip stream is cut off");
    if (is_ok(s))
        feed_format(s, "", 0, true);
    return s->info.state;
}

/* ---- The whole ------------------------------------------------------------- */

int tw_sitemap_open(struct tw_sitemap **out, const struct tw_sitemap_limits *limits,
                    tw_sitemap_cb cb, void *data)
{
    struct tw_sitemap *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return TRAWL_ENOMEM;
    s->limits = *limits;
    s->cb = cb;
    s->data = data;
    *out = s;
    return 0;
}

const struct tw_sitemap_info *tw_sitemap_info(const struct tw_sitemap *s)
{
    return &s->info;
}

void tw_sitemap_free(struct tw_sitemap *s)
{
    if (s == NULL)
        return;
    if (s->input >= TW_INPUT_GZIP)
        inflateEnd(&s->z);
    if (s->xml != NULL)
        XML_ParserFree(s->xml);
    tw_buf_free(&s->text);
    tw_buf_free(&s->url);
    tw_buf_free(&s->lastmod);
    free(s);
}

const char *tw_sitemap_kind_name(enum tw_sitemap_kind kind)
{
    static const char *const names[] = {"unknown", "urlset", "sitemapindex",
                                        "rss",     "atom",   "text"};

    return names[kind];
}
