/* Sitemaps in all their formats, cut into pieces of any size; and files that only claim to be
 * one. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "parse/sitemap.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define NS  "http://www.sitemaps.org/schemas/sitemap/0.9"

/* What came out, a line an entry: URL, and for some kinds priority, lastmod. */
struct out {
    char text[4096];
    size_t stop_after; /* 0 for never */
    size_t count;
    size_t last_line;
};

static int on_entry(void *data, const struct tw_sitemap_entry *e)
{
    struct out *out = data;
    size_t at = strlen(out->text);

    ck_assert_uint_eq(strlen(e->url), e->len);
    out->count++;
    out->last_line = e->line;
    if (at < sizeof(out->text) - 256) {
        at += (size_t)snprintf(out->text + at, 200, "%s", e->url);
        if (e->priority != TW_SITEMAP_PRIORITY)
            at += (size_t)snprintf(out->text + at, 16, " %u", e->priority);
        if (e->lastmod != NULL)
            at += (size_t)snprintf(out->text + at, 64, " (%s)", e->lastmod);
        snprintf(out->text + at, 2, "\n");
    }
    return out->stop_after > 0 && out->count == out->stop_after;
}

static struct tw_sitemap_info read_pieces(const char *bytes, size_t len, size_t piece,
                                          const struct tw_sitemap_limits *limits,
                                          struct out *out)
{
    static const struct tw_sitemap_limits standard = TW_SITEMAP_LIMITS_INIT;
    struct tw_sitemap_info info;
    struct tw_sitemap *s;

    out->text[0] = '\0';
    out->count = 0;
    ck_assert_int_eq(tw_sitemap_open(&s, limits != NULL ? limits : &standard, on_entry, out),
                     0);
    for (size_t at = 0; at < len; at += piece)
        tw_sitemap_feed(s, bytes + at, len - at < piece ? len - at : piece);
    tw_sitemap_end(s);
    info = *tw_sitemap_info(s);
    if (info.state != TW_SITEMAP_OK)
        ck_assert_int_eq(tw_sitemap_feed(s, "http://a/", 9), info.state);
    tw_sitemap_free(s);
    ck_assert_uint_eq(info.urls, out->count);
    ck_assert_int_eq(info.reason[0] == '\0',
                     info.state == TW_SITEMAP_OK || info.state == TW_SITEMAP_STOPPED);
    ck_assert_ptr_null(strpbrk(info.reason, "\r\n"));
    return info;
}

static void expect_bytes(const char *bytes, size_t len, enum tw_sitemap_kind kind,
                         enum tw_sitemap_state state, const char *text)
{
    static const size_t pieces[] = {1, 2, 3, 7, 64, 1000000};

    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct out out = {0};
        struct tw_sitemap_info info = read_pieces(bytes, len, pieces[i], NULL, &out);

        ck_assert_msg(info.state == state, "state %d: %s", info.state, info.reason);
        ck_assert_int_eq(info.kind, kind);
        ck_assert_str_eq(out.text, text);
    }
}

static void expect(const char *document, enum tw_sitemap_kind kind, const char *text)
{
    expect_bytes(document, strlen(document), kind, TW_SITEMAP_OK, text);
}

static void expect_failure(const char *document, enum tw_sitemap_state state, size_t line,
                           const char *reason, const char *text)
{
    struct out out = {0};
    struct tw_sitemap_info info = read_pieces(document, strlen(document), 5, NULL, &out);

    ck_assert_msg(info.state == state, "%s: state %d: %s", document, info.state, info.reason);
    ck_assert_msg(info.line == line, "%s: line %zu", document, info.line);
    ck_assert_msg(strstr(info.reason, reason) != NULL, "%s", info.reason);
    ck_assert_str_eq(out.text, text);
}

/* ---- XML ------------------------------------------------------------------- */

START_TEST(url_sets_are_read)
{
    expect(XML "<urlset xmlns=\"" NS "\">\n"
               "<url><loc>http://www.example.com/</loc><lastmod>2005-01-01</lastmod>\n"
               "<changefreq>monthly</changefreq><priority>0.8</priority></url>\n"
               "<url><priority> 1.0 </priority><loc>\n http://www.example.com/a?b=1&amp;c=2 \n"
               "</loc></url>\n"
               "<url><loc><![CDATA[http://www.example.com/x&y]]></loc></url>\n"
               "<url><loc>http://www.example.com/&#228;</loc></url>\n"
               "</urlset>\n",
           TW_SITEMAP_URLSET,
           "http://www.example.com/ 800 (2005-01-01)\n"
           "http://www.example.com/a?b=1&c=2 1000\n"
           "http://www.example.com/x&y\n"
           "http://www.example.com/\xc3\xa4\n");
}
END_TEST

START_TEST(indexes_name_sitemaps)
{
    expect(
        "<sitemapindex><sitemap><loc>http://a/1.xml.gz</loc><lastmod>2004</lastmod></sitemap>"
        "<sitemap><loc>http://a/2.xml</loc></sitemap></sitemapindex>",
        TW_SITEMAP_INDEX, "http://a/1.xml.gz (2004)\nhttp://a/2.xml\n");
}
END_TEST

START_TEST(prefixes_do_not_matter_but_have_to_agree)
{
    expect(XML "<sm:urlset xmlns:sm='" NS "' xmlns:image='urn:i'><sm:url>"
               "<image:loc>http://a/no.png</image:loc><sm:loc>http://a/yes</sm:loc>"
               "<image:image><image:loc>http://a/neither.png</image:loc></image:image>"
               "</sm:url></sm:urlset>",
           TW_SITEMAP_URLSET, "http://a/yes\n");
    expect("<urlset><url><image:loc>http://a/no.png</image:loc><loc>http://a/yes</loc>"
           "<image:image><loc>http://a/neither.png</loc></image:image></url></urlset>",
           TW_SITEMAP_URLSET, "http://a/yes\n");
}
END_TEST

START_TEST(rss_has_links_and_permanent_links)
{
    expect(XML
           "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>\n"
           "<title>t</title><link>http://a/</link>\n"
           "<atom:link href='http://a/self.xml' rel='self'/>\n"
           "<image><url>http://a/i.png</url><link>http://a/image</link></image>\n"
           "<item><link>http://a/1</link><guid>http://a/1</guid></item>\n"
           "<item><guid isPermaLink='true'>http://a/2</guid><link>http://a/2</link></item>\n"
           "<item><link>http://a/3</link><guid isPermaLink='false'>http://a/no</guid></item>\n"
           "<item><link>http://a/4</link><guid>tag:a,2020:4</guid></item>\n"
           "<item><link>http://a/5?utm=x</link><guid>http://a/5</guid></item>\n"
           "</channel></rss>",
           TW_SITEMAP_RSS,
           "http://a/\nhttp://a/1\nhttp://a/2\nhttp://a/3\nhttp://a/4\nhttp://a/5?utm=x\n"
           "http://a/5\n");
    expect("<rdf:RDF xmlns:rdf='urn:r' xmlns='urn:x'><channel><link>http://a/</link></channel>"
           "<item><link>http://a/1</link></item></rdf:RDF>",
           TW_SITEMAP_RSS, "http://a/\nhttp://a/1\n");
}
END_TEST

START_TEST(atom_has_alternate_links)
{
    expect(
        "<feed xmlns='http://www.w3.org/2005/Atom'><link href='/'/>"
        "<link rel='self' href='http://a/feed'/>"
        "<entry><link rel='alternate' href=' http://a/1 '/><link rel='edit' href='http://a/e'/>"
        "<content><link href='http://a/no'/></content></entry>"
        "<entry><link href='http://a/2?x=1&amp;y=2'/></entry></feed>",
        TW_SITEMAP_ATOM, "/\nhttp://a/1\nhttp://a/2?x=1&y=2\n");
}
END_TEST

START_TEST(priorities_that_are_none_are_the_standard_one)
{
    static const struct {
        const char *text;
        unsigned priority;
    } cases[] = {
        {"0.0", 0},
        {"0", 0},
        {"1", 1000},
        {"1.0", 1000},
        {"0.8", 800},
        {".3", 300},
        {"0.1239", 123},
        {"1.1", 500},
        {"-0.1", 500},
        {"high", 500},
        {"", 500},
        {".", 500},
        {"99999999999999999999", 500},
        {"0,8", 500},
        {"0.8x", 500},
        {" 0.7\n", 700},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char document[256], text[64];

        snprintf(document, sizeof(document),
                 "<urlset><url><loc>http://a/</loc><priority>%s</priority></url></urlset>",
                 cases[i].text);
        snprintf(text, sizeof(text),
                 cases[i].priority == 500 ? "http://a/\n" : "http://a/ %u\n",
                 cases[i].priority);
        expect(document, TW_SITEMAP_URLSET, text);
    }
}
END_TEST

START_TEST(xml_comes_in_other_encodings)
{
    static const char text[] = "<?xml version='1.0' encoding='UTF-16'?><urlset><url><loc>"
                               "http://a/x</loc></url></urlset>";
    char wide[2 * sizeof(text) + 2] = "\xff\xfe";

    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        wide[2 + 2 * i] = text[i];
        wide[3 + 2 * i] = '\0';
    }
    expect_bytes(wide, 2 * sizeof(text), TW_SITEMAP_URLSET, TW_SITEMAP_OK, "http://a/x\n");
    expect(
        "<?xml version='1.0' encoding='ISO-8859-1'?><urlset><url><loc>http://a/\xe4</loc></url>"
        "</urlset>",
        TW_SITEMAP_URLSET, "http://a/\xc3\xa4\n");
    expect(
        "\xef\xbb\xbf\n <?xml version='1.0'?><urlset><url><loc>http://a/</loc></url></urlset>",
        TW_SITEMAP_URLSET, "http://a/\n");
}
END_TEST

START_TEST(entries_without_a_url_are_counted)
{
    static const char document[] = "<urlset><url><loc/></url><url></url>\n"
                                   "<url><loc>http://a/</loc></url>\n\n</urlset>";
    struct out out = {0};
    struct tw_sitemap_info info = read_pieces(document, sizeof(document) - 1, 9, NULL, &out);

    ck_assert_uint_eq(info.ignored, 2);
    ck_assert_uint_eq(info.urls, 1);
    ck_assert_uint_eq(info.bytes, sizeof(document) - 1);
    ck_assert_uint_eq(out.last_line, 2);
}
END_TEST

/* ---- Text ------------------------------------------------------------------ */

START_TEST(a_list_of_urls_is_read)
{
    expect("http://a/1\nHTTPS://a/2\n", TW_SITEMAP_TEXT, "http://a/1\nHTTPS://a/2\n");
    expect("\xef\xbb\xbf\r\n\r\nhttp://a/1\r\n \thttp://a/2 \r\rhttp://a/3", TW_SITEMAP_TEXT,
           "http://a/1\nhttp://a/2\nhttp://a/3\n");
}
END_TEST

START_TEST(a_line_that_is_no_url_is_told)
{
    expect_failure("http://a/1\r\n\r\nhello\r\nhttp://a/2\r\n", TW_SITEMAP_FOREIGN, 3,
                   "no http or https URL", "http://a/1\n");
    expect_failure("\n\nhttp://a/1\n\nftp://a/\n", TW_SITEMAP_FOREIGN, 5, "URL",
                   "http://a/1\n");
    expect_failure("http://a/1 http://a/2\n", TW_SITEMAP_FOREIGN, 1, "URL", "");
    expect_failure("http://", TW_SITEMAP_FOREIGN, 1, "URL", "");
    expect_failure("{\"a\": 1}", TW_SITEMAP_FOREIGN, 1, "no XML", "");
    expect_failure("", TW_SITEMAP_FOREIGN, 0, "empty", "");
    expect_failure(" \r\n\t\n", TW_SITEMAP_FOREIGN, 0, "empty", "");
    expect_bytes("http://a/\0b\n", 12, TW_SITEMAP_UNKNOWN, TW_SITEMAP_FOREIGN, "");
}
END_TEST

START_TEST(too_long_urls_are_ignored)
{
    size_t len = 2 * TW_SITEMAP_URL_MAX;
    char *document = malloc(len + 256);
    struct out out = {0};
    struct tw_sitemap_info info;

    ck_assert_ptr_nonnull(document);
    strcpy(document, "http://a/");
    memset(document + 9, 'x', len);
    strcpy(document + 9 + len, "\nhttp://b/\n");
    info = read_pieces(document, strlen(document), 100, NULL, &out);
    ck_assert_str_eq(out.text, "http://b/\n");
    ck_assert_uint_eq(info.ignored, 1);
    strcpy(document, "<urlset><url><loc>http://a/");
    memset(document + 27, 'x', len);
    strcpy(document + 27 + len, "</loc></url><url><loc>http://b/</loc></url></urlset>");
    info = read_pieces(document, strlen(document), 100, NULL, &out);
    ck_assert_str_eq(out.text, "http://b/\n");
    ck_assert_uint_eq(info.ignored, 1);
    free(document);
}
END_TEST

/* ---- Gzip ------------------------------------------------------------------ */

static size_t gzip(const void *bytes, size_t len, unsigned char *out, size_t room)
{
    z_stream z = {0};

    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)bytes;
    z.avail_in = (unsigned)len;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

START_TEST(gzip_is_decoded)
{
    static const char one[] = "<urlset><url><loc>http://a/1</loc></url>";
    static const char two[] = "<url><loc>http://a/2</loc></url></urlset>";
    unsigned char bytes[1024] = {0};
    size_t len = gzip(one, sizeof(one) - 1, bytes, sizeof(bytes));

    len += gzip(two, sizeof(two) - 1, bytes + len, sizeof(bytes) - len);
    expect_bytes((char *)bytes, len, TW_SITEMAP_URLSET, TW_SITEMAP_OK,
                 "http://a/1\nhttp://a/2\n");
    expect_bytes((char *)bytes, len + 100, TW_SITEMAP_URLSET, TW_SITEMAP_OK,
                 "http://a/1\nhttp://a/2\n");
    len = gzip("http://a/t\n", 11, bytes, sizeof(bytes));
    expect_bytes((char *)bytes, len, TW_SITEMAP_TEXT, TW_SITEMAP_OK, "http://a/t\n");
}
END_TEST

START_TEST(broken_gzip_is_told)
{
    static const char text[] = "http://a/1\nhttp://a/2\n";
    unsigned char bytes[1024];
    size_t len = gzip(text, sizeof(text) - 1, bytes, sizeof(bytes));

    expect_bytes((char *)bytes, len - 1, TW_SITEMAP_TEXT, TW_SITEMAP_BAD_GZIP,
                 "http://a/1\nhttp://a/2\n");
    bytes[len - 1] ^= 1;
    expect_bytes((char *)bytes, len, TW_SITEMAP_TEXT, TW_SITEMAP_BAD_GZIP,
                 "http://a/1\nhttp://a/2\n");
    bytes[2] ^= 1;
    expect_bytes((char *)bytes, len, TW_SITEMAP_UNKNOWN, TW_SITEMAP_BAD_GZIP, "");
    expect_bytes("\x1f\x8b", 2, TW_SITEMAP_UNKNOWN, TW_SITEMAP_BAD_GZIP, "");
    expect_bytes("\x1f", 1, TW_SITEMAP_UNKNOWN, TW_SITEMAP_FOREIGN, "");
    expect_bytes("\x1fhttp://a/", 10, TW_SITEMAP_UNKNOWN, TW_SITEMAP_FOREIGN, "");
}
END_TEST

START_TEST(a_gzip_bomb_stops_at_the_limit)
{
    static const size_t size = (size_t)8 << 20;
    struct tw_sitemap_limits limits = {TW_SITEMAP_URLS, 1 << 20};
    char *text = malloc(size);
    unsigned char *bytes = malloc(size);
    struct out out = {0};
    struct tw_sitemap_info info;
    size_t len;

    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(bytes);
    memset(text, '\n', size);
    memcpy(text, "http://a/1", 10);
    len = gzip(text, size, bytes, size);
    ck_assert_uint_lt(len, size / 500);
    info = read_pieces((char *)bytes, len, 1000, &limits, &out);
    ck_assert_int_eq(info.state, TW_SITEMAP_LARGE);
    ck_assert_uint_eq(info.bytes, limits.max_bytes);
    ck_assert_str_eq(out.text, "http://a/1\n");
    free(text);
    free(bytes);
}
END_TEST

/* ---- Limits ---------------------------------------------------------------- */

START_TEST(the_limits_are_exact)
{
    static const char list[] = "http://a/1\nhttp://a/2\nhttp://a/3\n";
    struct tw_sitemap_limits limits = {3, sizeof(list) - 1};
    struct out out = {0};

    ck_assert_int_eq(read_pieces(list, sizeof(list) - 1, 4, &limits, &out).state,
                     TW_SITEMAP_OK);
    limits.max_urls = 2;
    ck_assert_int_eq(read_pieces(list, sizeof(list) - 1, 4, &limits, &out).state,
                     TW_SITEMAP_MANY);
    ck_assert_str_eq(out.text, "http://a/1\nhttp://a/2\n");
    limits.max_urls = 3;
    limits.max_bytes--;
    ck_assert_int_eq(read_pieces(list, sizeof(list) - 1, 4, &limits, &out).state,
                     TW_SITEMAP_LARGE);
    ck_assert_str_eq(out.text, "http://a/1\nhttp://a/2\n");
}
END_TEST

START_TEST(the_callback_can_stop)
{
    static const char *const documents[] = {
        "http://a/1\nhttp://a/2\nhttp://a/3\n",
        "<urlset><url><loc>http://a/1</loc></url><url><loc>http://a/2</loc></url>"
        "<url><loc>http://a/3</loc></url></urlset>",
        "<feed><link href='http://a/1'/><link href='http://a/2'/><link "
        "href='http://a/3'/></feed>",
        "<rss><channel><link>http://a/1</link><item><link>http://a/2</link><guid>http://a/3</"
        "guid>"
        "</item></channel></rss>",
    };

    for (size_t i = 0; i < COUNT(documents); i++) {
        struct out out = {.stop_after = 2};
        struct tw_sitemap_info info =
            read_pieces(documents[i], strlen(documents[i]), 1000, NULL, &out);

        ck_assert_int_eq(info.state, TW_SITEMAP_STOPPED);
        ck_assert_str_eq(out.text, "http://a/1\nhttp://a/2\n");
    }
}
END_TEST

/* ---- Bad XML --------------------------------------------------------------- */

START_TEST(what_is_no_sitemap_is_told)
{
    expect_failure("<!DOCTYPE html>\n<html><head><title>x</title></head></html>",
                   TW_SITEMAP_FOREIGN, 2, "its root is <html>", "");
    expect_failure("<a\xc3\xa4 x='1'/>", TW_SITEMAP_FOREIGN, 1,
                   "<a?"
                   "?>",
                   "");
    expect_failure("<>", TW_SITEMAP_FOREIGN, 1, "well-formed", "");
    expect_failure("<?xml version='1.0'?>\n", TW_SITEMAP_FOREIGN, 2, "no element", "");
}
END_TEST

START_TEST(xml_that_breaks_keeps_what_came_before)
{
    expect_failure("<urlset>\n<url><loc>http://a/1</loc></url>\n<url><loc>http://a/2</url>",
                   TW_SITEMAP_BAD_XML, 3, "mismatched tag", "http://a/1\n");
    expect_failure("\n\n<urlset>\n<url><loc>http://a/1</loc></url>\n<url><loc>http://a/2",
                   TW_SITEMAP_BAD_XML, 5, "no element found", "http://a/1\n");
    expect_failure("<urlset><url><loc>http://a/?a&b</loc></url></urlset>", TW_SITEMAP_BAD_XML,
                   1, "well-formed", "");
    expect_failure("<urlset></urlset><urlset/>", TW_SITEMAP_BAD_XML, 1, "junk", "");
}
END_TEST

START_TEST(declared_entities_are_refused)
{
    expect_failure(
        "<?xml version='1.0'?>\n<!DOCTYPE urlset [\n<!ENTITY a 'aaaaaaaaaa'>\n"
        "<!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>\n<urlset><url><loc>http://a/&b;</loc></url>"
        "</urlset>",
        TW_SITEMAP_ENTITIES, 2, "declarations", "");
    expect_failure("<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
                   "<urlset><url><loc>&x;</loc></url></urlset>",
                   TW_SITEMAP_ENTITIES, 1, "declarations", "");
    expect("<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://a/rss.dtd'>"
           "<rss><channel><link>http://a/&nbsp;</link></channel></rss>",
           TW_SITEMAP_RSS, "http://a/\n");
}
END_TEST

/* A tag that never ends is read again with each piece; names that never repeat are all kept. */
START_TEST(what_would_cost_too_much_is_refused)
{
    size_t size = 2 << 20, n;
    char *document = malloc(size + 64);
    struct out out = {0};
    struct tw_sitemap_info info;

    ck_assert_ptr_nonnull(document);
    n = (size_t)sprintf(document, "<urlset><url a='");
    memset(document + n, 'x', size - n);
    info = read_pieces(document, size, 1000, NULL, &out);
    ck_assert_int_eq(info.state, TW_SITEMAP_BAD_XML);
    ck_assert_ptr_nonnull(strstr(info.reason, "longer"));
    n = (size_t)sprintf(document, "<urlset><url><loc>http://a/</loc></url>");
    for (size_t i = 0; n < size; i++)
        n += (size_t)sprintf(document + n, "<a%zu/>", i);
    info = read_pieces(document, n, 1000, NULL, &out);
    ck_assert_int_eq(info.state, TW_SITEMAP_FOREIGN);
    ck_assert_ptr_nonnull(strstr(info.reason, "different names"));
    ck_assert_uint_eq(info.urls, 1);
    free(document);
}
END_TEST

static struct tw_sitemap_info read_nested(size_t depth, struct out *out)
{
    char *document = malloc(8 * depth + 256);
    struct tw_sitemap_info info;
    size_t n;

    ck_assert_ptr_nonnull(document);
    n = (size_t)sprintf(document, "<urlset><url><loc>http://a/</loc></url><url>");
    for (size_t i = 0; i < depth; i++)
        n += (size_t)sprintf(document + n, "<a>");
    for (size_t i = 0; i < depth; i++)
        n += (size_t)sprintf(document + n, "</a>");
    n += (size_t)sprintf(document + n, "</url></urlset>");
    info = read_pieces(document, n, 4096, NULL, out);
    free(document);
    return info;
}

/* Every element that is open takes memory, and time when it is freed. */
START_TEST(deep_nesting_ends_at_a_limit)
{
    struct out out = {0};
    struct tw_sitemap_info info = read_nested(900, &out);

    ck_assert_int_eq(info.state, TW_SITEMAP_OK);
    ck_assert_str_eq(out.text, "http://a/\n");
    info = read_nested(100000, &out);
    ck_assert_int_eq(info.state, TW_SITEMAP_BAD_XML);
    ck_assert_ptr_nonnull(strstr(info.reason, "deep"));
    ck_assert_str_eq(out.text, "http://a/\n");
}
END_TEST

/* All of it, in steps of so many decoded bytes; the largest of them is noted. */
static struct tw_sitemap_info read_steps(const char *bytes, size_t len, size_t max,
                                         struct out *out, size_t *largest)
{
    static const struct tw_sitemap_limits limits = TW_SITEMAP_LIMITS_INIT;
    struct tw_sitemap_info info;
    struct tw_sitemap *s;

    out->text[0] = '\0';
    out->count = *largest = 0;
    ck_assert_int_eq(tw_sitemap_open(&s, &limits, on_entry, out), 0);
    for (size_t at = 0, used; at < len; at += used) {
        size_t before = tw_sitemap_info(s)->bytes, step;

        if (tw_sitemap_step(s, bytes + at, len - at, max, &used) != TW_SITEMAP_OK)
            break;
        step = tw_sitemap_info(s)->bytes - before;
        *largest = step > *largest ? step : *largest;
    }
    tw_sitemap_end(s);
    info = *tw_sitemap_info(s);
    tw_sitemap_free(s);
    return info;
}

START_TEST(a_step_decodes_no_more_than_its_share)
{
    static const size_t steps[] = {1, 100, 20000, 65536};
    static const size_t size = (size_t)4 << 20;
    char *text = malloc(size);
    unsigned char *bytes = malloc(size);
    struct out out = {0};
    size_t len, largest;

    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(bytes);
    memset(text, '\n', size);
    memcpy(text, "http://a/1", 10);
    memcpy(text + size - 11, "\nhttp://a/2", 11);
    len = gzip(text, size, bytes, size);
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct tw_sitemap_info info = read_steps((char *)bytes, len, steps[i], &out, &largest);

        ck_assert_int_eq(info.state, TW_SITEMAP_OK);
        ck_assert_uint_eq(info.bytes, size);
        ck_assert_str_eq(out.text, "http://a/1\nhttp://a/2\n");
        ck_assert_uint_le(largest, steps[i] + 32768);
    }
    read_steps(text, size, 5000, &out, &largest);
    ck_assert_uint_eq(largest, 5000);
    ck_assert_str_eq(out.text, "http://a/1\nhttp://a/2\n");
    free(text);
    free(bytes);
}
END_TEST

START_TEST(kinds_have_names)
{
    ck_assert_str_eq(tw_sitemap_kind_name(TW_SITEMAP_UNKNOWN), "unknown");
    ck_assert_str_eq(tw_sitemap_kind_name(TW_SITEMAP_INDEX), "sitemapindex");
    ck_assert_str_eq(tw_sitemap_kind_name(TW_SITEMAP_TEXT), "text");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap");
    TCase *tc = tcase_create("sitemap");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, url_sets_are_read);
    tcase_add_test(tc, indexes_name_sitemaps);
    tcase_add_test(tc, prefixes_do_not_matter_but_have_to_agree);
    tcase_add_test(tc, rss_has_links_and_permanent_links);
    tcase_add_test(tc, atom_has_alternate_links);
    tcase_add_test(tc, priorities_that_are_none_are_the_standard_one);
    tcase_add_test(tc, xml_comes_in_other_encodings);
    tcase_add_test(tc, entries_without_a_url_are_counted);
    tcase_add_test(tc, a_list_of_urls_is_read);
    tcase_add_test(tc, a_line_that_is_no_url_is_told);
    tcase_add_test(tc, too_long_urls_are_ignored);
    tcase_add_test(tc, gzip_is_decoded);
    tcase_add_test(tc, broken_gzip_is_told);
    tcase_add_test(tc, a_gzip_bomb_stops_at_the_limit);
    tcase_add_test(tc, the_limits_are_exact);
    tcase_add_test(tc, the_callback_can_stop);
    tcase_add_test(tc, what_is_no_sitemap_is_told);
    tcase_add_test(tc, xml_that_breaks_keeps_what_came_before);
    tcase_add_test(tc, declared_entities_are_refused);
    tcase_add_test(tc, what_would_cost_too_much_is_refused);
    tcase_add_test(tc, deep_nesting_ends_at_a_limit);
    tcase_add_test(tc, a_step_decodes_no_more_than_its_share);
    tcase_add_test(tc, kinds_have_names);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
