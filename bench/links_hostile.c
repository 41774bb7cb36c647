/* How long can a document hold the loop? Reads documents made to be a single token, or one
 * element, or all links, as a crawl reads them, and prints the longest step of each, in
 * processor time. Lists are read up to a limit: for those, 16 MB are worse than 100.
 *
 *     links_hostile [MEGABYTES [WORD]]    those with the word in their names; 100, all
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "crawl_reader.h"

#define SLICE ((size_t)64 * 1024) /* as in crawl_scan.c */

/* before, the unit again and again, after. */
struct hostile {
    const char *name;
    const char *before, *unit, *after;
    size_t unit_len; /* 0: up to its NUL */
    const char *charset;
};

#define FOUR_BYTES "\x84\x31\x95\x33\x84\x32\x95\x34"

static const struct hostile html[] = {
    {"attributes without values", "<a ", "a ", ">"},
    {"attributes that are known", "<a ", "href=x ", ">"},
    {"attributes of an end tag", "</a ", "x='' ", ">"},
    {"attributes, cut off", "<a ", "x='' ", ""},
    {"attribute name", "<a ", "n", ">"},
    {"blanks in a tag", "<a ", " ", ">"},
    {"slashes in a tag", "<a ", "/", ">"},
    {"blanks before a value", "<a href=", " ", "x>"},
    {"tag name", "<a", "n", ">"},
    {"tag name in SVG", "<svg><a", "n", ">"},
    {"end tag name in SVG", "<svg></a", "n", ">"},
    {"value, quoted", "<a href='", "x", "'>"},
    {"value, unquoted", "<a href=", "x", ">"},
    {"value, cut off", "<a href='", "x", ""},
    {"value of no account", "<a title='", "x", "'>"},
    {"value of references", "<a href='", "&amp;", "'>"},
    {"value of names that are none", "<a href='", "&CounterClockwiseContourIntegra", "'>"},
    {"value of half references", "<a href='", "&a", "'>"},
    {"value of ampersands", "<a href='", "&", "'>"},
    {"one number in a value", "<a href='&#", "0", "'>"},
    {"value of UTF-8", "<a href='", "\xC3\xA4", "'>"},
    {"value of bad UTF-8", "<a href='", "\xFF", "'>"},
    {"value of windows-1252", "<a href='", "\xE4", "'>", 0, "windows-1252"},
    {"value of Shift_JIS", "<a href='", "\x83\x41", "'>", 0, "Shift_JIS"},
    {"value of gb18030", "<a href='", FOUR_BYTES, "'>", 0, "gb18030"},
    {"query of gb18030", "<a href='?", FOUR_BYTES, "'>", 0, "gb18030"},
    {"value of line ends", "<a href='", "\r\n", "'>"},
    {"data: URL", "<img src='data:image/png;base64,", "QUJD", "'>"},
    {"path of dots", "<a href='/", "../", "'>"},
    {"path of dots, down first", "<a href='", "a/../", "'>"},
    {"host", "<a href='http://", "a.", "'>"},
    {"host that is not ASCII", "<a href='http://", "\xC3\xA4.", "'>"},
    {"host of digits", "<a href='http://", "0", "'>"},
    {"rel", "<a href=x rel='", "a ", "'>"},
    {"rel of references", "<a href=x rel='", "&a", "'>"},
    {"meta refresh", "<meta http-equiv=refresh content='", " ", "'>"},
    {"meta refresh, digits", "<meta http-equiv=refresh content='", "1", "'>"},
    {"meta robots", "<meta name=robots content='", "a:", "'>"},
    {"meta name", "<meta content=x name='", "&a", "'>"},
    {"all attributes of meta", "<meta name='&a' content='&a' http-equiv='", "&a", "'>"},
    {"srcset", "<img srcset='", "x 1x,", "'>"},
    {"srcset, one URL", "<img srcset='", "x", "'>"},
    {"srcset, one URL of commas", "<img srcset='x", ",", "'>"},
    {"srcset, one descriptor", "<img srcset='x ", "1", "x'>"},
    {"srcset, descriptors", "<img srcset='x ", "1w ", "'>"},
    {"srcset, parentheses", "<img srcset='x (", "a", "'>"},
    {"srcset, blanks", "<img srcset='", " ", "'>"},
    {"srcset of references", "<img srcset='", "&a", "'>"},
    {"srcset of gb18030", "<img srcset='", FOUR_BYTES, "'>", 0, "gb18030"},
    {"comment", "<!--", "x", "-->"},
    {"comment of dashes", "<!--", "--x>", "-->"},
    {"comment of ends that are none", "<!--", ">", "-->"},
    {"bogus comment", "<!", "x", ">"},
    {"doctype", "<!DOCTYPE ", "'a'", ">"},
    {"CDATA", "<svg><![CDATA[", "x", "]]>"},
    {"CDATA of brackets", "<svg><![CDATA[", "]]", ">"},
    {"script", "<script>", "x", "</script>"},
    {"script, end tags that are none", "<script>", "</scrip", "</script>"},
    {"script, escaped", "<script><!--", "x", "</script>"},
    {"script, escapes", "<script>", "<!-->", "</script>"},
    {"script, double escaped", "<script><!--<script>", "x", "</script>"},
    {"script, in and out", "<script><!--", "<script></script >", "</script>"},
    {"style, end tags that are none", "<style>", "</styl", "</style>"},
    {"textarea", "<textarea>", "x", "</textarea>"},
    {"title", "<title>", "&a", "</title>"},
    {"plaintext", "<plaintext>", "<a href=x>", ""},
    {"begins of nothing", "", "<", ""},
    {"text", "", "x", ""},
    {"blanks", "", " ", ""},
    {"NULs", "", "\0", "", 1},
    {"links", "", "<a href=x>", ""},
    {"links without a value", "", "<a href>", ""},
    {"empty tags", "", "<a>", ""},
    {"bases that are none", "", "<base ", ""},
    {"templates", "", "<template>", ""},
    {"foreign elements", "<svg>", "<x>", ""},
    {"HTML in foreign elements", "<svg><desc>", "<p>", ""},
    {"end tags in foreign elements", "<svg><desc>", "</x>", ""},
    {"elements of tables in SVG", "<svg><desc><table>", "<tr>", ""},
    {"style, a string", "<style>'", "x", "'</style>"},
    {"style, an import", "<style>@import '", "x", "'</style>"},
    {"style, a url", "<style>a{b:url(", "x", ")</style>"},
    {"style, a bad url", "<style>a{b:url(", "(", ")</style>"},
    {"style, a comment", "<style>/*", "*", "*/</style>"},
    {"style, a name", "<style>", "n", "</style>"},
    {"style, escapes", "<style>", "\\a ", "</style>"},
    {"style, escapes of a url", "<style>a{b:url(", "\\a ", ")</style>"},
    {"style, nothing", "<style>", "+", "</style>"},
    {"style, urls", "<style>", "url(x)", "</style>"},
    {"style, empty urls", "<style>", "url()", "</style>"},
    {"style, NULs", "<style>a{b:url(", "\0", ")</style>", 1},
    {"style of Shift_JIS", "<style>", "\x83\x41", "</style>", 0, "Shift_JIS"},
    {"style of bad UTF-8", "<style>", "\xFF", "</style>"},
    {"style attribute", "<p style='", "url(x);", "'>"},
    {"style attribute of references", "<p style='", "&a", "'>"},
    {"style attribute, a string", "<p style='\"", "x", "'>"},
    {"UTF-16", "", "<\0a\0 \0h\0r\0e\0f\0=\0x\0>\0", "", 20, "UTF-16LE"},
    {"UTF-16, a comment", "<\0!\0-\0-\0", "x\0", "", 2, "UTF-16LE"},
    {"ISO-2022-JP", "", "\x1B$B$\"$\"\x1B(Bx", "", 0, "ISO-2022-JP"},
    {"ISO-2022-JP, escapes", "", "\x1B(B", "", 0, "ISO-2022-JP"},
    {"of no charset, not ASCII", "", "\xE4\xBD\xA0", "", 0},
    {"of no charset, values", "", "<a href=\xE4>", "", 0},
};

static const struct hostile css[] = {
    {"a string", "'", "x", "'"},
    {"a string of line ends", "'", "\\\n", "'"},
    {"an import", "@import '", "x", "'"},
    {"a url", "a{b:url(", "x", ")"},
    {"a url of blanks", "a{b:url(", " ", ")"},
    {"a bad url", "a{b:url(", "(", ")"},
    {"a comment", "/*", "x", "*/"},
    {"a comment of stars", "/*", "*", "/"},
    {"a name", "", "n", ""},
    {"an at-rule's name", "@", "n", ""},
    {"a number", "", "1", ""},
    {"escapes", "", "\\a ", ""},
    {"escapes of a url", "a{b:url(", "\\a ", ")"},
    {"nothing", "", "+", ""},
    {"blanks", "", " ", ""},
    {"urls", "", "url(x)", ""},
    {"empty urls", "", "url()", ""},
    {"dots", "", "url(a/../)", ""},
};

static const struct hostile xml[] = {
    {"a tag", "<urlset ", "a", ""},
    {"attributes", "<urlset ", "a='' ", ""},
    {"short of the longest tag", "<urlset>", NULL, ""},
    {"a comment", "<urlset><!--", "x", "-->"},
    {"text", "<urlset>", "x", ""},
    {"references", "<urlset><url><loc>", "&amp;", ""},
    {"CDATA", "<urlset><url><loc><![CDATA[", "x", ""},
    {"a doctype", "<!DOCTYPE a '", "x", ""},
    {"depth", "<urlset>", "<a>", ""},
    {"elements", "<urlset>", "<a/>", ""},
    {"entries", "<urlset>", "<url><loc>http://a/</loc></url>", ""},
    {"entries of nothing", "<urlset>", "<url/>", ""},
    {"a line", "http://", "x", ""},
    {"lines", "", "http://a\n", ""},
    {"blanks", "", " ", ""},
    {"blank lines", "http://a\n", "\n", ""},
};

/* ---- The documents ----------------------------------------------------------------------- */

struct document {
    char *bytes;
    size_t len;
};

/* Where a tag is given up that is only a little longer. */
static const char *longest_tag(size_t *len)
{
    static char tag[250000];

    memset(tag, 'x', sizeof(tag));
    memcpy(tag, "<a b='", 6);
    memcpy(tag + sizeof(tag) - 3, "'/>", 3);
    *len = sizeof(tag);
    return tag;
}

static struct document make(const struct hostile *h, size_t size)
{
    size_t n = h->unit_len > 0 ? h->unit_len : h->unit != NULL ? strlen(h->unit) : 0;
    const char *unit = h->unit != NULL ? h->unit : longest_tag(&n);
    bool wide = h->unit_len > 1; /* UTF-16: what is before has NULs in it too */
    size_t before = wide && h->before[0] != '\0' ? 8 : strlen(h->before);
    struct document d = {malloc(before + size + n + strlen(h->after)), before};

    if (d.bytes == NULL)
        abort();
    memcpy(d.bytes, h->before, before);
    for (; d.len < before + size; d.len += n)
        memcpy(d.bytes + d.len, unit, n);
    memcpy(d.bytes + d.len, h->after, strlen(h->after));
    d.len += strlen(h->after);
    return d;
}

static struct document pack(struct document d)
{
    z_stream z = {.next_in = (unsigned char *)d.bytes, .avail_in = (unsigned)d.len};
    struct document packed;

    if (deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    packed.len = deflateBound(&z, (unsigned)d.len);
    packed.bytes = malloc(packed.len);
    if (packed.bytes == NULL)
        abort();
    z.next_out = (unsigned char *)packed.bytes;
    z.avail_out = (unsigned)packed.len;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    packed.len = z.total_out;
    deflateEnd(&z);
    free(d.bytes);
    return packed;
}

/* ---- The reading ------------------------------------------------------------------------- */

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double since(double *at, double *longest)
{
    double now = now_ms(), ms = now - *at;

    *at = now;
    *longest = ms > *longest ? ms : *longest;
    return ms;
}

static bool count_link(void *user, const struct tw_read_link *link)
{
    (void)link;
    ++*(size_t *)user;
    return true;
}

static void read_one(const struct document *d, enum tw_mime_kind kind, const char *charset,
                     struct tw_text *text, const char *of, const char *name)
{
    static const char address[] = "http://host/dir/page";
    struct tw_reader_options o = {
        .kind = kind, .charset = charset, .text = text, .unique = true, .on_link = count_link};
    double start = now_ms(), at = start, longest = 0, last;
    size_t links = 0, steps = 0;
    struct tw_reader *reader;
    struct tw_url url;
    int more = 1;

    if (tw_url_parse(&url, address, strlen(address), NULL, NULL) != 0)
        abort();
    o.url = &url;
    o.user = &links;
    if (tw_reader_open(&reader, &o, d->bytes, d->len) != 0)
        abort();
    for (; more == 1; steps++) {
        more = tw_reader_step(reader, SLICE);
        since(&at, &longest);
    }
    tw_reader_close(reader);
    last = since(&at, &longest);
    printf("%-7s%-36s%10.1f%10.1f%10.0f%10zu%10zu\n", of, name, longest, last, at - start,
           steps, links);
    fflush(stdout);
    tw_url_free(&url);
}

static void read_all(const char *of, const struct hostile *all, size_t n,
                     enum tw_mime_kind kind, bool packed, size_t size, const char *word)
{
    struct tw_text *text;

    if (tw_text_open(&text) != 0)
        abort();
    for (size_t i = 0; i < n; i++) {
        struct document d;

        if (strstr(all[i].name, word) == NULL && strstr(of, word) == NULL)
            continue;
        d = make(&all[i], size);
        if (packed)
            d = pack(d);
        read_one(&d, kind, all[i].charset, text, of, all[i].name);
        free(d.bytes);
    }
    tw_text_free(text);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int main(int argc, char **argv)
{
    size_t size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 100) * 1000000;
    const char *word = argc > 2 ? argv[2] : "";

    if (size == 0)
        return 2;
    printf("%-43s%10s%10s%10s%10s%10s\n", "", "step, ms", "close", "all", "steps", "links");
    read_all("html", html, COUNT(html), TW_MIME_HTML, false, size, word);
    read_all("css", css, COUNT(css), TW_MIME_CSS, false, size, word);
    read_all("xml", xml, COUNT(xml), TW_MIME_XML, false, size, word);
    read_all("gzip", xml, COUNT(xml), TW_MIME_GZIP, true, size, word);
    return 0;
}
