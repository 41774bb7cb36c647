#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/css.h"
#include "parse/link_header.h"
#include "parse/links.h"
#include "parse/links_rel.h"
#include "parse/references.h"
#include "parse/srcset.h"
#include "trawl.h"

static struct tw_text *text;

/* What a scan came to, in words: "tag attribute value" and more, a line a link. */
struct caught {
    char lines[4096];
    size_t len, links;
    size_t stop_after; /* 0 for never */
    bool with_urls, with_rel;
};

static bool catch_link(void *user, const struct tw_found_link *link)
{
    struct caught *c = user;
    size_t room = sizeof(c->lines) - c->len;
    int n;

    if (c->with_urls)
        n = snprintf(c->lines + c->len, room, "%s\n",
                     link->url != NULL ? link->url->href : trawl_err_name(link->err));
    else if (c->with_rel)
        n = snprintf(c->lines + c->len, room, "%.*s %s %x %s\n", (int)link->len, link->value,
                     link->kind == TW_LINK_REQUISITE ? "requisite" : "navigation",
                     link->rel_flags, link->rel);
    else
        n = snprintf(c->lines + c->len, room, "%s %s %.*s\n", link->tag, link->attribute,
                     (int)link->len, link->value);
    ck_assert_int_ge(n, 0);
    ck_assert_uint_lt((size_t)n, room);
    c->len += (size_t)n;
    return ++c->links != c->stop_after;
}

static struct tw_links_options options_for(struct caught *c, unsigned flags)
{
    return (struct tw_links_options){
        .flags = flags, .charset = "UTF-8", .text = text, .on_link = catch_link, .user = c};
}

/* The scan, step by step of that many bytes; to be closed. */
static struct tw_links *scan_in_steps(const struct tw_links_options *options, const char *html,
                                      size_t len, size_t step)
{
    struct tw_links *links;
    int more;

    ck_assert_int_eq(tw_links_open(&links, options, html, len), 0);
    do {
        more = tw_links_step(links, step);
    } while (more > 0);
    ck_assert_int_eq(more, 0);
    ck_assert_int_eq(tw_links_step(links, step), 0);
    return links;
}

static void expect_bytes(const char *html, size_t len, unsigned flags, const char *expected)
{
    for (size_t step = 1; step < 10000; step *= 7) {
        struct caught c = {0};
        struct tw_links_options options = options_for(&c, flags);

        tw_links_close(scan_in_steps(&options, html, len, step));
        ck_assert_msg(strcmp(c.lines, expected) == 0, "of %s\ngot:\n%s", html, c.lines);
    }
}

static void expect(const char *html, const char *expected)
{
    expect_bytes(html, strlen(html), TW_LINKS_CSS, expected);
}

#define EXPECT_BYTES(html, expected) expect_bytes(html, sizeof(html) - 1, 0, expected)

/* ---- Elements and attributes ------------------------------------------------------------- */

START_TEST(every_element_that_links_is_known)
{
    expect("<a href=1><area href=2><link rel=next href=3><iframe src=4></iframe><img src=5>"
           "<script src=6></script><embed src=7><video src=8 poster=9><audio src=10><track "
           "src=11><input type=IMAGE src=12><object data=13><form action=14></form>",
           "a href 1\narea href 2\nlink href 3\niframe src 4\nimg src 5\nscript src 6\n"
           "embed src 7\nvideo src 8\nvideo poster 9\naudio src 10\ntrack src 11\n"
           "input src 12\nobject data 13\nform action 14\n");
    expect("<img srcset='1, 2 2x'><source src=3 srcset=4><link rel=preload imagesrcset='5 1x'>",
           "img srcset 1\nimg srcset 2\nsource src 3\nsource srcset 4\nlink imagesrcset 5\n");
    expect("<meta http-equiv=Refresh content='0; URL=\"x\"'><body background=b><image src=i>",
           "meta content x\nbody background b\nimg src i\n");
    expect("<frameset><frame src=1><frame src=2></frameset><noframes><a href=3></noframes>",
           "frame src 1\nframe src 2\n");
    expect("<table background=1><thead background=2><tr BACKGROUND=3><th background=4><tbody "
           "background=5><TD background=6><tfoot background=7></table>",
           "table background 1\nthead background 2\ntr background 3\nth background 4\n"
           "tbody background 5\ntd background 6\ntfoot background 7\n");
}
END_TEST

START_TEST(what_only_looks_like_a_link_is_none)
{
    expect("<p href=1><input src=2><input type=text src=3><form method=post action=4></form>"
           "<form action=5><form action=6></form><button formaction=7><img src=''>"
           "<script src=' '></script><link rel=preconnect href=8><meta content='0;url=9'>"
           "<frame src=10><div data-src=11 background=12><tdx background=13>"
           "<base href=14>",
           "form action 5\n");
    /* The document itself. */
    expect("<a href><a href=' '>", "a href \na href \n");
}
END_TEST

START_TEST(lazy_attributes_are_an_option)
{
    static const char html[] = "<img data-src=1 data-srcset='2 1x, 3 2x'><div data-bg=4>";

    expect(html, "");
    expect_bytes(html, strlen(html), TW_LINKS_LAZY,
                 "img data-src 1\nimg data-srcset 2\nimg data-srcset 3\ndiv data-bg 4\n");
}
END_TEST

START_TEST(css_is_an_option)
{
    static const char html[] = "<style>@import 'a'; b {c: url(d)}</style><p style='e:url(f)'>";

    expect(html, "style  a\nstyle  d\np style f\n");
    expect_bytes(html, strlen(html), 0, "");
}
END_TEST

START_TEST(a_link_has_its_kind_and_rel)
{
    static const char html[] =
        "<a rel='NoFollow  ugc x' href=1><a href=2><link rel=stylesheet href=3><link "
        "rel='shortcut icon' href=4><link rel=canonical href=5><link href=6><link "
        "rel='preconnect manifest' href=7><img src=8><iframe src=9></iframe>";
    struct caught c = {.with_rel = true};
    struct tw_links_options options = options_for(&c, 0);

    ck_assert_int_eq(tw_links_scan(&options, html, strlen(html), NULL), 0);
    ck_assert_str_eq(c.lines, "1 navigation 1003 NoFollow  ugc x\n2 navigation 0 \n"
                              "3 requisite 80 stylesheet\n4 requisite 1100 shortcut icon\n"
                              "5 navigation 8 canonical\n6 navigation 0 \n"
                              "7 requisite c00 preconnect manifest\n8 requisite 0 \n"
                              "9 navigation 0 \n");
}
END_TEST

/* ---- The tokenizer ----------------------------------------------------------------------- */

START_TEST(attributes_are_read_as_browsers_do)
{
    expect(
        "<a href=1 HREF=2><A\nHref = '3'><a/href=4/><a href='5'class=x><a class=\"href=no\" "
        "href=\"6\"><a x='>' href=7><a href='8\n'><a =href=no href=9><a a=\"b\"c='d'href=10>",
        "a href 1\na href 3\na href 4/\na href 5\na href 6\na href 7\na href 8\na href 9\n"
        "a href 10\n");
    expect("<a href=\"1><a href=2>\"><a href=x\"y'z=`>",
           "a href 1><a href=2>\na href x\"y'z=`\n");
    expect("<ax href=1><a\vhref=2><abbr href=3>", "");
}
END_TEST

START_TEST(a_tag_that_the_end_cuts_off_is_none)
{
    expect("<a href=1><a href=2", "a href 1\n");
    expect("<a href=1><a href='2", "a href 1\n");
    expect("<a href=1><a ", "a href 1\n");
    expect("<a href=1></", "a href 1\n");
    expect("<a href=1><", "a href 1\n");
    expect("<a href=1><!--", "a href 1\n");
    expect("", "");
}
END_TEST

START_TEST(comments_end_where_the_standard_says)
{
    expect("<!--><a href=1>--><a href=2>", "a href 1\na href 2\n");
    expect("<!---><a href=1>", "a href 1\n");
    expect("<!-- --!><a href=1>", "a href 1\n");
    expect("<!--!><a href=1>--><a href=2>", "a href 2\n");
    expect("<!-- -- > <a href=1> --><a href=2>", "a href 2\n");
    expect("<!x <a href=1><a href=2>", "a href 2\n");
    expect("<?x <a href=1><a href=2></ <a href=3><a href=4></><a href=5>",
           "a href 2\na href 4\na href 5\n");
    expect("<!DOCTYPE html PUBLIC \"a>b\" '<a href=1>'><a href=2>", "a href 1\na href 2\n");
    expect("<! - -><a href=1>< a href=2><1 href=3>", "a href 1\n");
}
END_TEST

START_TEST(raw_text_holds_no_tags)
{
    expect("<textarea><a href=1></textarea ><a href=2>", "a href 2\n");
    expect("<title></titlex><a href=1></TITLE/><a href=2>", "a href 2\n");
    expect("<style><a href=1></style><xmp><a href=2></xmp><noembed><a href=3></noembed>", "");
    expect("<iframe src=1><a href=2></iframe><noframes><a href=3></noframes>",
           "iframe src 1\n");
    expect("<a href=1><plaintext><a href=2></plaintext><a href=3>", "a href 1\n");
    expect("<noscript><a href=1></noscript><template><a href=2></template>",
           "a href 1\na href 2\n");
}
END_TEST

START_TEST(scripts_have_their_escaped_states)
{
    expect("<script><a href=1></script><a href=2>", "a href 2\n");
    expect("<script><!-- <script></script><a href=1>--></script><a href=2>", "a href 2\n");
    expect("<script><!-- </script><a href=1>--><a href=2>", "a href 1\na href 2\n");
    expect("<script><!--><script></script><a href=1>", "a href 1\n");
    expect("<script><!-- <script> --> <script></script><a href=1>", "a href 1\n");
    expect("<script><!-- <scriptx></script><a href=1>", "a href 1\n");
    expect("<script><!-- <script><a href=1></script><a href=2></script><a href=3>",
           "a href 3\n");
}
END_TEST

START_TEST(foreign_content_has_its_own_rules)
{
    expect("<![CDATA[<a href=1>]]><a href=2>", "a href 2\n");
    expect("<svg><![CDATA[<a href=1>]]><a href=2></svg><![CDATA[ > <a href=3>", "a href 2\na "
                                                                                "href 3\n");
    expect(
        "<svg><a xlink:href=1><a xlink:href=2 href=3><image href=4 /><use href='#5' />"
        "<script href=6></script><title><a href=7></a></title><style><a href=8></style></svg>",
        "a xlink:href 1\na href 3\nimage href 4\nuse href #5\nscript href 6\na href 7\n"
        "a href 8\n");
    expect("<svg><link href=1><iframe src=2></svg><p xlink:href=3><image href=4>", "");
    expect("<svg><desc><frame src=1></desc></svg>", "");
    expect("<svg><p><![CDATA[><a href=1>", "a href 1\n");
    expect("<svg/><textarea><a href=1></textarea>", "");
    expect(
        "<math><textarea><a href=1></textarea><mi><textarea><a href=2></textarea></mi></math>",
        "");
    expect("<svg><foreignObject><textarea><a href=1></textarea><a href=2></a></foreignObject>"
           "<textarea><a href=3></textarea></svg>",
           "a href 2\na href 3\n");
    expect("<svg><font><![CDATA[<a href=1>]]></font><font size=1><![CDATA[><a href=2>",
           "a href 2\n");
}
END_TEST

START_TEST(template_keeps_its_meta_and_base)
{
    expect("<template><meta http-equiv=refresh content='0;url=1'></template>"
           "<meta http-equiv=refresh content='0;url=2'>",
           "meta content 2\n");
}
END_TEST

START_TEST(nuls_are_replaced)
{
    EXPECT_BYTES("<a href='a\0b'>\0<a\0 href=c><a hr\0ef=d><img src=e\0>",
                 "a href a\xEF\xBF\xBD"
                 "b\nimg src e\xEF\xBF\xBD\n");
}
END_TEST

START_TEST(carriage_returns_are_line_ends)
{
    EXPECT_BYTES("<a href='a\r\nb\rc'>", "a href a\nb\nc\n");
}
END_TEST

/* ---- Character references ---------------------------------------------------------------- */

static void expect_reference(const char *in, bool in_attribute, size_t read, const char *out)
{
    char got[TW_REFERENCE_TEXT_MAX + 1] = "";
    size_t len = 0;

    ck_assert_msg(tw_reference_read(in, in + strlen(in), in_attribute, got, &len) == read, "%s",
                  in);
    if (read > 0) {
        got[len] = '\0';
        ck_assert_str_eq(got, out);
    }
}

START_TEST(references_are_read_as_the_standard_says)
{
    expect_reference("&amp;", true, 5, "&");
    expect_reference("&ampx", false, 4, "&");
    expect_reference("&ampx", true, 0, "");
    expect_reference("&amp=", true, 0, "");
    expect_reference("&amp=", false, 4, "&");
    expect_reference("&amp-", true, 4, "&");
    expect_reference("&amp", true, 4, "&");
    expect_reference("&notit;", false, 4, "\xC2\xAC");
    expect_reference("&notin;", false, 7, "\xE2\x88\x89");
    expect_reference("&notit;", true, 0, "");
    expect_reference("&CounterClockwiseContourIntegral;", true, 33, "\xE2\x88\xB3");
    expect_reference("&NotEqualTilde;", true, 15, "\xE2\x89\x82\xCC\xB8");
    expect_reference("&zwnj;", true, 6, "\xE2\x80\x8C");
    expect_reference("&AElig", true, 6, "\xC3\x86");
    expect_reference("&lang", true, 0, "");
    expect_reference("&nosuch;", true, 0, "");
    expect_reference("& ", true, 0, "");
    expect_reference("&", true, 0, "");
}
END_TEST

START_TEST(numeric_references_are_mended)
{
    expect_reference("&#38;", true, 5, "&");
    expect_reference("&#38x", true, 4, "&");
    expect_reference("&#x26", true, 5, "&");
    expect_reference("&#X4a;", true, 6, "J");
    expect_reference("&#0;", true, 4, "\xEF\xBF\xBD");
    expect_reference("&#xD800;", true, 8, "\xEF\xBF\xBD");
    expect_reference("&#99999999999999999999;", true, 23, "\xEF\xBF\xBD");
    expect_reference("&#x10FFFF;", true, 10, "\xF4\x8F\xBF\xBF");
    expect_reference("&#128;", true, 6, "\xE2\x82\xAC");
    expect_reference("&#;", true, 0, "");
    expect_reference("&#x;", true, 0, "");
    expect("<a href='?a=1&amp;b&copy=2&copy;&lt'>", "a href ?a=1&b&copy=2\xC2\xA9<\n");
}
END_TEST

/* ---- Charsets ---------------------------------------------------------------------------- */

static void expect_in(const char *charset, const char *html, size_t len, const char *expected)
{
    struct caught c = {0};
    struct tw_links_options options = options_for(&c, 0);

    options.charset = charset;
    ck_assert_int_eq(tw_links_scan(&options, html, len, NULL), 0);
    ck_assert_str_eq(c.lines, expected);
}

#define EXPECT_IN(charset, html, expected) expect_in(charset, html, sizeof(html) - 1, expected)

START_TEST(values_are_decoded)
{
    EXPECT_IN("windows-1252", "<a href=\xE9>", "a href \xC3\xA9\n");
    EXPECT_IN("windows-1252", "<a href=\xFF\xFEx>", "a href \xC3\xBF\xC3\xBEx\n");
    EXPECT_IN("Shift_JIS", "<a href='\x83\x5C/\x83'>", "a href \xE3\x82\xBD/\xEF\xBF\xBD\n");
    EXPECT_IN("UTF-8", "<a href=\xE9x\xC3\xA9>", "a href \xEF\xBF\xBDx\xC3\xA9\n");
    EXPECT_IN(NULL, "<a href=\xE9>", "a href \xC3\xA9\n");
    EXPECT_IN(NULL, "<a href=\xC3\xA9>", "a href \xC3\xA9\n");
    EXPECT_IN("windows-1252", "\xEF\xBB\xBF<a href=\xC3\xA9>", "a href \xC3\xA9\n");
}
END_TEST

START_TEST(queries_keep_their_bytes)
{
    EXPECT_IN("windows-1252", "<a href='\xE9?\xE9#\xE9'>", "a href \xC3\xA9?%E9#\xC3\xA9\n");
    EXPECT_IN("Shift_JIS", "<a href='?\x83\x5C'>", "a href ?%83\\\n");
    EXPECT_IN("UTF-8", "<a href='?\xC3\xA9'>", "a href ?\xC3\xA9\n");
    EXPECT_IN("windows-1252", "<a href='&#63;\xE9'>", "a href ?%E9\n");
    EXPECT_IN("windows-1252", "<a href='&eacute;?&eacute;&amp;&#233;&#x20AC;#&eacute;'>",
              "a href \xC3\xA9?%E9&%E9%80#\xC3\xA9\n");
    EXPECT_IN("windows-1252", "<a href='?&#1078;&bne;'>", "a href ?%26%231078%3B=%26%238421%3B\n");
    EXPECT_IN("windows-1251", "<a href='?&#1078;&eacute;'>", "a href ?%E6%26%23233%3B\n");
    EXPECT_IN("KOI8-R", "<img srcset='a?&#1078; 1x, &#1078; 2x'>",
              "img srcset a?%D6\nimg srcset \xD0\xB6\n");
    EXPECT_IN("UTF-8", "<a href='?&eacute;'>", "a href ?\xC3\xA9\n");
    EXPECT_IN("Shift_JIS", "<a href='?&eacute;\x83\x41'>", "a href ?\xC3\xA9%83A\n");
    EXPECT_IN("windows-1252", "<img srcset='a?\xE9 1x, \xE9 2x'>",
              "img srcset a?%E9\nimg srcset \xC3\xA9\n");
}
END_TEST

START_TEST(encodings_that_hide_ascii_are_decoded_first)
{
    EXPECT_IN("UTF-16LE", "<\0a\0 \0h\0r\0e\0f\0=\0\xE9\0>\0", "a href \xC3\xA9\n");
    EXPECT_IN("UTF-16BE", "\0<\0a\0 \0h\0r\0e\0f\0=\0?\0\xE9\0>", "a href ?\xC3\xA9\n");
    EXPECT_IN(NULL, "\xFE\xFF\0<\0a\0 \0h\0r\0e\0f\0=\0x\0>", "a href x\n");
    /* The bytes of a '<' that are none. */
    EXPECT_IN("ISO-2022-JP", "\x1B$B$<$a\x1B(B<a href=x>", "a href x\n");
    EXPECT_IN("replacement", "<a href=x>", "");
}
END_TEST

/* ---- Base and resolution ----------------------------------------------------------------- */

static void expect_urls(const char *document, const char *html, const char *expected)
{
    struct caught c = {.with_urls = true};
    struct tw_links_options options = options_for(&c, TW_LINKS_RESOLVE);
    struct tw_url url = {0};

    if (document != NULL) {
        ck_assert_int_eq(tw_url_parse(&url, document, strlen(document), NULL, NULL), 0);
        options.url = &url;
    }
    ck_assert_int_eq(tw_links_scan(&options, html, strlen(html), NULL), 0);
    ck_assert_str_eq(c.lines, expected);
    tw_url_free(&url);
}

START_TEST(links_are_resolved)
{
    expect_urls("http://h/d/p?q", "<a href=x#f><a href=//g/><a href='?r'><a href><a href=../y>",
                "http://h/d/x\nhttp://g/\nhttp://h/d/p?r\nhttp://h/d/p?q\nhttp://h/y\n");
    expect_urls("http://h/", "<a href=mailto:x><a href='http://[/'>", "ESCHEME\nEURL\n");
    expect_urls(NULL, "<a href=x><a href=http://h/y>", "EURL\nhttp://h/y\n");
}
END_TEST

START_TEST(the_first_base_with_href_counts_for_all)
{
    expect_urls("http://h/d/",
                "<a href=1><base target=x><base href=/b/><base href=/c/><a href=2>",
                "http://h/b/1\nhttp://h/b/2\n");
    expect_urls(NULL, "<base href=http://h/b/><a href=1>", "http://h/b/1\n");
    expect_urls("http://h/d/",
                "<!-- <base href=/1/> --><script>'<base href=/2/>'</script><template><base "
                "href=/3/></template><svg><base href=/4/></svg><a href=x><BASE\nHREF='/b/'>",
                "http://h/b/x\n");
    expect_urls("http://h/d/", "<!-- <base href=/1/> --><a href=x>", "http://h/d/x\n");
}
END_TEST

static int base_err_of(const char *html)
{
    struct caught c = {0};
    struct tw_links_options options = options_for(&c, TW_LINKS_RESOLVE);
    struct tw_links *links = scan_in_steps(&options, html, strlen(html), 100);
    int err = tw_links_info(links)->base_err;

    tw_links_close(links);
    return err;
}

START_TEST(a_base_that_is_nonsense_is_told_of)
{
    expect_urls("http://h/d/", "<base href='http://['><a href=x>", "http://h/d/x\n");
    expect_urls("http://h/d/", "<base href='data:x'><a href=x>", "http://h/d/x\n");
    ck_assert_int_eq(base_err_of("<base href='http://['>"), TRAWL_EURL);
    ck_assert_int_eq(base_err_of("<base href='data:,x'>"), TRAWL_ESCHEME);
    ck_assert_int_eq(base_err_of("<base href='http://h/'>"), 0);
    ck_assert_int_eq(base_err_of("<a href=x>"), 0);
}
END_TEST

START_TEST(links_that_came_before_are_left_out_if_asked)
{
    static const char html[] = "<a href=x><a href=x#f><a href=y><a rel=nofollow href=x><img "
                               "src=x><a href=x>";

    expect_bytes(html, strlen(html), TW_LINKS_UNIQUE,
                 "a href x\na href y\na href x\nimg src x\n");
}
END_TEST

/* ---- What else the document says --------------------------------------------------------- */

static void expect_title(const char *html, const char *expected)
{
    struct caught c = {0};
    struct tw_links_options options = options_for(&c, 0);
    struct tw_links *links = scan_in_steps(&options, html, strlen(html), 100);
    const struct tw_links_info *info = tw_links_info(links);

    if (expected == NULL) {
        ck_assert_ptr_null(info->title);
    } else {
        ck_assert_str_eq(info->title, expected);
        ck_assert_uint_eq(info->title_len, strlen(expected));
    }
    tw_links_close(links);
}

START_TEST(the_first_title_is_kept)
{
    expect_title("<p>", NULL);
    expect_title("<title></title><title>x</title>", "");
    expect_title("<title> A &amp;\n\t<b> &copy </title>", "A & <b> \xC2\xA9");
    expect_title("<svg><title>no</title></svg><title>yes</title>", "yes");
    expect_title("<template><title>no</title></template><title>yes", "yes");
}
END_TEST

START_TEST(a_long_title_is_cut_between_characters)
{
    static char html[100000] = "<title>";
    struct caught c = {0};
    struct tw_links_options options = options_for(&c, 0);
    struct tw_links *links;
    size_t i;

    for (i = 7; i + 3 < sizeof(html); i += 3)
        memcpy(html + i, "\xE2\x82\xAC", 3);
    links = scan_in_steps(&options, html, i, 1000);
    ck_assert_uint_eq(tw_links_info(links)->title_len, 1023);
    tw_links_close(links);
}
END_TEST

static unsigned robots_of(const char *html, const char *agent)
{
    struct caught c = {0};
    struct tw_links_options options = options_for(&c, 0);
    struct tw_links *links;
    unsigned robots;

    options.robots_agent = agent;
    links = scan_in_steps(&options, html, strlen(html), 100);
    robots = tw_links_info(links)->robots;
    tw_links_close(links);
    return robots;
}

START_TEST(robots_are_told_what_to_do)
{
    const unsigned both = TW_ROBOTS_NOINDEX | TW_ROBOTS_NOFOLLOW;

    ck_assert_uint_eq(robots_of("<meta name=robots content=noindex>", NULL), TW_ROBOTS_NOINDEX);
    ck_assert_uint_eq(robots_of("<META content='x,NoFollow' NAME='Robots'>", NULL),
                      TW_ROBOTS_NOFOLLOW);
    ck_assert_uint_eq(robots_of("<meta name=robots content=none>", NULL), both);
    ck_assert_uint_eq(robots_of("<meta name=trawl content=none>", "Trawl"), both);
    ck_assert_uint_eq(robots_of("<meta name=other content=none>", "trawl"), 0);
    ck_assert_uint_eq(robots_of("<meta name=robots content='noarchive,nofollowing'>", NULL), 0);
    ck_assert_uint_eq(robots_of("<template><meta name=robots content=none></template>", NULL),
                      0);
}
END_TEST

static unsigned robots_tag(const char *value)
{
    return tw_robots_tag(value, strlen(value), "trawl");
}

START_TEST(x_robots_tag_can_name_an_agent)
{
    ck_assert_uint_eq(robots_tag("noindex"), TW_ROBOTS_NOINDEX);
    ck_assert_uint_eq(robots_tag("noarchive , NOFOLLOW"), TW_ROBOTS_NOFOLLOW);
    ck_assert_uint_eq(robots_tag("other: none"), 0);
    ck_assert_uint_eq(robots_tag("other: noindex, trawl: nofollow"), TW_ROBOTS_NOFOLLOW);
    ck_assert_uint_eq(robots_tag("Trawl:noindex"), TW_ROBOTS_NOINDEX);
    ck_assert_uint_eq(robots_tag("unavailable_after: 25 Jun 2030 15:00:00 PST, noindex"),
                      TW_ROBOTS_NOINDEX);
    ck_assert_uint_eq(robots_tag(""), 0);
}
END_TEST

/* ---- Steps ------------------------------------------------------------------------------- */

START_TEST(on_link_can_end_the_scan)
{
    struct caught c = {.stop_after = 2};
    struct tw_links_options options = options_for(&c, 0);
    static const char html[] = "<img srcset='1, 2, 3'><a href=4>";
    struct tw_links *links = scan_in_steps(&options, html, strlen(html), 100);

    ck_assert_str_eq(c.lines, "img srcset 1\nimg srcset 2\n");
    ck_assert(tw_links_info(links)->stopped);
    ck_assert_uint_eq(tw_links_info(links)->links, 2);
    tw_links_close(links);
}
END_TEST

static bool count_link(void *user, const struct tw_found_link *link)
{
    ck_assert_uint_gt(link->len, 0);
    ++*(size_t *)user;
    return true;
}

/* How many links the longest step yields. */
static size_t longest_step(const char *html, size_t len, size_t step, size_t *total)
{
    struct tw_links_options options = {.flags = TW_LINKS_CSS, .text = text};
    size_t most = 0, before = 0;
    struct tw_links *links;

    *total = 0;
    options.on_link = count_link;
    options.user = total;
    ck_assert_int_eq(tw_links_open(&links, &options, html, len), 0);
    while (tw_links_step(links, step) > 0) {
        most = *total - before > most ? *total - before : most;
        before = *total;
    }
    tw_links_close(links);
    return most;
}

static char *repeat(const char *before, const char *s, size_t n, const char *after, size_t *len)
{
    size_t each = strlen(s), start = strlen(before);
    char *all = malloc(start + each * n + strlen(after) + 1);

    ck_assert_ptr_nonnull(all);
    memcpy(all, before, start);
    for (size_t i = 0; i < n; i++)
        memcpy(all + start + i * each, s, each);
    strcpy(all + start + n * each, after);
    *len = start + each * n + strlen(after);
    return all;
}

static void expect_sliced(const char *before, const char *s, const char *after)
{
    size_t len, total;
    char *html = repeat(before, s, 300000, after, &len);

    ck_assert_uint_le(longest_step(html, len, 10000, &total), 10000 / strlen(s) + 2);
    ck_assert_uint_eq(total, 300000);
    free(html);
}

START_TEST(a_step_yields_no_more_than_its_share)
{
    expect_sliced("", "<a href=x>", "");
    expect_sliced("<img srcset='", "x 1x,", "'>");
    expect_sliced("<p style='", "url(x);", "'>");
    expect_sliced("<style>", "url(x)\n", "</style>");
}
END_TEST

/* Each of these would take minutes if something was read again and again. */
START_TEST(time_is_linear)
{
    static const char *const parts[][3] = {
        {"", "<a href=", ""},
        {"", "<!--", ""},
        {"", "<svg>", ""},
        {"", "<script><!--", ""},
        {"", "</title", ""},
        {"<title>", "</title", ""},
        {"<svg>", "<![CDATA[", ""},
        {"", "<a '", ""},
        {"<a ", "x='' ", ">"},
        {"<p style='", "url(", "'>"},
        {"<style>", "/*", ""},
        {"<p style='", "\"\\", "'>"},
        {"<img srcset='", "x (", "'>"},
        {"<title>", "&", "</title>"},
        {"", "<template>", ""},
        {"<a href='", "&Counter", "'>"},
        {"<svg><title>", "<p>", ""},
        {"", "<form action=x>", ""},
        {"<script><!--", "<script", ""},
        {"<meta http-equiv=refresh content='", " ", "'>"},
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t len, total;
        char *html = repeat(parts[i][0], parts[i][1], 1000000, parts[i][2], &len);

        longest_step(html, len, 1 << 16, &total);
        ck_assert_uint_le(total, 1);
        free(html);
    }
}
END_TEST

/* ---- Small languages --------------------------------------------------------------------- */

static void expect_srcset(const char *value, const char *expected)
{
    struct tw_srcset in = {.p = value, .end = value + strlen(value)};
    char got[200] = "";
    const char *url;
    size_t len;

    while (tw_srcset_next(&in, &url, &len)) {
        strncat(got, url, len);
        strcat(got, "|");
    }
    ck_assert_str_eq(got, expected);
}

START_TEST(srcset_candidates_are_read_as_the_standard_says)
{
    expect_srcset("a", "a|");
    expect_srcset(" , a 1x , b 2.5x,c\t300w,", "a|b|c|");
    expect_srcset("a,b c,d", "d|");
    expect_srcset("a, b", "a|b|");
    expect_srcset("a,,, b", "a|b|");
    expect_srcset("data:x,y 1x, b 2x", "data:x,y|b|");
    expect_srcset("a (x, y) 1x, b", "b|");
    expect_srcset("a 1x 2x, b 0w, c -1x, d 1w 2x, e 5h, f 5h 5w, g 1.x, h 1e3x, i x, j -0x",
                  "f|h|j|");
    expect_srcset("", "");
}
END_TEST

static void expect_css(const char *css_text, const char *expected)
{
    struct tw_css css = {.p = css_text, .end = css_text + strlen(css_text), .max = SIZE_MAX};
    struct tw_buf out = {0};
    char got[400] = "";
    bool is_import;
    int found;

    while ((found = tw_css_next(&css, &out, &is_import)) > 0) {
        strncat(got, out.data, out.len);
        strcat(got, is_import ? "!" : "|");
    }
    ck_assert_int_eq(found, 0);
    ck_assert_str_eq(got, expected);
    tw_buf_free(&out);
}

START_TEST(css_urls_are_read_as_the_standard_says)
{
    expect_css("a{b:url(c)} d{e:URL( 'f' ), url(\"g\" )}", "c|f|g|");
    expect_css("@import 'a'; @import url(b) screen; @IMPORT \"c\";", "a!b!c!");
    expect_css("@namespace url(a); @namespace p 'b'; x{y:'c'} @charset 'd'; url(e)", "e|");
    expect_css("/* url(a) */ 'url(b)' myurl(c) url (d) #url(e) 1url(f) u/**/rl(g)", "");
    expect_css("u\\72l(a) url(b\\29 c) url('d\\'e') url(\\66 g) url('h\\\ni')",
               "a|b)c|d'e|fg|hi|");
    expect_css("url(a b) url(c) url(d\"e) url(f) url('g\nh') url(i)", "c|f|");
    expect_css("url() url('') url(  ) url(x", "x|");
    expect_css("@import url(a), url(b)", "a!b|");
    expect_css("a{b:url(/*c*/d)}", "/*c*/d|");
    expect_css("\\", "");
}
END_TEST

static void expect_refresh(const char *content, const char *expected)
{
    const char *url = "";
    size_t len = 0;
    bool found = tw_refresh_url(content, strlen(content), &url, &len);

    ck_assert_msg(found == (expected != NULL), "%s", content);
    if (found) {
        ck_assert_uint_eq(len, strlen(expected));
        ck_assert_int_eq(strncmp(url, expected, len), 0);
    }
}

START_TEST(refresh_is_read_as_the_standard_says)
{
    expect_refresh("5; url=x", "x");
    expect_refresh(" 5.5,URL = 'x y' z", "x y");
    expect_refresh("5 x", "x");
    expect_refresh("5;\"x", "x");
    expect_refresh(".5;url=x", "x");
    expect_refresh("5;url x", "url x");
    expect_refresh("5;ur=x", "ur=x");
    expect_refresh("5", NULL);
    expect_refresh("5;", NULL);
    expect_refresh("5x;url=y", NULL);
    expect_refresh("url=x", NULL);
    expect_refresh("", NULL);
}
END_TEST

static void expect_header(const char *value, const char *expected)
{
    struct caught c = {.with_rel = true};
    size_t at = 0, len = strlen(value);

    while (at < len) {
        size_t left = 1;

        ck_assert_int_eq(tw_link_header_parse(value, len, &at, &left, NULL, catch_link, &c), 0);
    }
    ck_assert_str_eq(c.lines, expected);
}

START_TEST(link_fields_are_read)
{
    expect_header("<a>; rel=next", "a navigation 20 next\n");
    expect_header(
        "< a,b >;rel=\"stylesheet x\" , <c>;title=\"<d>, \\\"\" ; REL = icon;rel=next",
        "a,b requisite 1080 stylesheet x\nc requisite 100 icon\n");
    expect_header("<a>, <b>;rel=preconnect, <c>;anchor=\"#x\";rel=next, <d>;rel",
                  "a navigation 0 "
                  "\nd navigation "
                  "0 \n");
    expect_header("x <a>; rel=\"prev", "a navigation 40 prev\n");
    expect_header("<a", "a navigation 0 \n");
    expect_header("<\xE9>", "%E9 navigation 0 \n");
    expect_header(", ,;=", "");
    expect_header("", "");
}
END_TEST

START_TEST(link_fields_are_resolved)
{
    struct caught c = {.with_urls = true};
    struct tw_url base;
    size_t at = 0, left = 1000;

    ck_assert_int_eq(tw_url_parse(&base, "http://h/d/", 11, NULL, NULL), 0);
    ck_assert_int_eq(
        tw_link_header_parse("<x>,<mailto:y>", 14, &at, &left, &base, catch_link, &c), 0);
    ck_assert_uint_eq(at, 14);
    ck_assert_uint_eq(left, 1000 - 14 - strlen("http://h/d/x"));
    ck_assert_str_eq(c.lines, "http://h/d/x\nESCHEME\n");
    tw_url_free(&base);
}
END_TEST

/* By what is read, and by what is made of it. */
static void expect_shares(const char *field, size_t len, const struct tw_url *base, size_t share,
                          size_t most)
{
    size_t at = 0, links = 0;

    while (at < len) {
        size_t before = links, left = share;

        ck_assert_int_eq(
            tw_link_header_parse(field, len, &at, &left, base, count_link, &links), 0);
        ck_assert_uint_le(links - before, most);
        ck_assert_uint_eq(left, at < len ? 0 : left);
    }
    ck_assert_uint_eq(links, 1000);
}

START_TEST(a_field_is_read_in_shares)
{
    size_t len;
    char *field = repeat("", "<x>,", 1000, "", &len);
    struct tw_url base;

    ck_assert_int_eq(tw_url_parse(&base, "http://host/directory/", 22, NULL, NULL), 0);
    expect_shares(field, len, NULL, 200, 51);
    expect_shares(field, len, &base, 270, 11);
    tw_url_free(&base);
    free(field);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, every_element_that_links_is_known);
    tcase_add_test(t, what_only_looks_like_a_link_is_none);
    tcase_add_test(t, lazy_attributes_are_an_option);
    tcase_add_test(t, css_is_an_option);
    tcase_add_test(t, a_link_has_its_kind_and_rel);
    tcase_add_test(t, attributes_are_read_as_browsers_do);
    tcase_add_test(t, a_tag_that_the_end_cuts_off_is_none);
    tcase_add_test(t, comments_end_where_the_standard_says);
    tcase_add_test(t, raw_text_holds_no_tags);
    tcase_add_test(t, scripts_have_their_escaped_states);
    tcase_add_test(t, foreign_content_has_its_own_rules);
    tcase_add_test(t, template_keeps_its_meta_and_base);
    tcase_add_test(t, nuls_are_replaced);
    tcase_add_test(t, carriage_returns_are_line_ends);
    tcase_add_test(t, references_are_read_as_the_standard_says);
    tcase_add_test(t, numeric_references_are_mended);
    tcase_add_test(t, values_are_decoded);
    tcase_add_test(t, queries_keep_their_bytes);
    tcase_add_test(t, encodings_that_hide_ascii_are_decoded_first);
    tcase_add_test(t, links_are_resolved);
    tcase_add_test(t, the_first_base_with_href_counts_for_all);
    tcase_add_test(t, a_base_that_is_nonsense_is_told_of);
    tcase_add_test(t, links_that_came_before_are_left_out_if_asked);
    tcase_add_test(t, the_first_title_is_kept);
    tcase_add_test(t, a_long_title_is_cut_between_characters);
    tcase_add_test(t, robots_are_told_what_to_do);
    tcase_add_test(t, x_robots_tag_can_name_an_agent);
    tcase_add_test(t, on_link_can_end_the_scan);
    tcase_add_test(t, a_step_yields_no_more_than_its_share);
    tcase_add_test(t, time_is_linear);
    tcase_add_test(t, srcset_candidates_are_read_as_the_standard_says);
    tcase_add_test(t, css_urls_are_read_as_the_standard_says);
    tcase_add_test(t, refresh_is_read_as_the_standard_says);
    tcase_add_test(t, link_fields_are_read);
    tcase_add_test(t, link_fields_are_resolved);
    tcase_add_test(t, a_field_is_read_in_shares);
}

int main(void)
{
    Suite *s = suite_create("links");
    TCase *t = tcase_create("links");
    SRunner *runner;
    int failed;

    if (tw_text_open(&text) != 0)
        return EXIT_FAILURE;
    add_tests(t);
    suite_add_tcase(s, t);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    tw_text_free(text);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
