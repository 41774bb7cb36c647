/* The link scanner in steps: what is found does not depend on where they end, and none is
 * longer than its share, whatever the document is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "parse/css.h"
#include "parse/links.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL          (TW_LINKS_CSS | TW_LINKS_LAZY)

static struct tw_text *text;

/* ---- What a scan came to ----------------------------------------------------------------- */

struct result {
    uint64_t digest;
    size_t links, steps;
    unsigned robots;
    int base_err;
    char title[1100];
};

static uint64_t mix(uint64_t digest, const void *bytes, size_t len)
{
    return tw_hash(bytes, len, digest + 1);
}

static bool note_link(void *user, const struct tw_found_link *link)
{
    struct result *r = user;

    r->digest = mix(r->digest, link->value, link->len);
    r->digest = mix(r->digest, link->tag, strlen(link->tag));
    r->digest = mix(r->digest, link->attribute, strlen(link->attribute));
    r->digest = mix(r->digest, link->rel, strlen(link->rel));
    if (link->url != NULL)
        r->digest = mix(r->digest, link->url->href, link->url->len);
    r->digest += link->rel_flags * 31 + link->at * 7 + link->kind;
    r->links++;
    return true;
}

static struct result scan(const char *html, size_t len, const char *charset, unsigned flags,
                          size_t step)
{
    struct result r = {.steps = 1};
    struct tw_links_options options = {
        .flags = flags,
        .charset = charset,
        .robots_agent = "tester",
        .text = text,
        .on_link = note_link,
        .user = &r,
    };
    struct tw_links *links;
    struct tw_url url;
    int more;

    ck_assert_int_eq(tw_url_parse(&url, "http://host/dir/page", 20, NULL, NULL), 0);
    options.url = &url;
    ck_assert_int_eq(tw_links_open(&links, &options, html, len), 0);
    while ((more = tw_links_step(links, step)) > 0)
        r.steps++;
    ck_assert_int_eq(more, 0);
    r.robots = tw_links_info(links)->robots;
    r.base_err = tw_links_info(links)->base_err;
    if (tw_links_info(links)->title != NULL)
        snprintf(r.title, sizeof(r.title), "%s", tw_links_info(links)->title);
    tw_links_close(links);
    tw_url_free(&url);
    return r;
}

static const size_t steps[] = {1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 64, 100, 1000};

static void expect_the_same(const char *html, size_t len, const char *charset, unsigned flags)
{
    struct result whole = scan(html, len, charset, flags, SIZE_MAX);

    for (size_t i = 0; i < COUNT(steps); i++) {
        struct result r = scan(html, len, charset, flags, steps[i]);

        ck_assert_msg(
            r.links == whole.links && r.digest == whole.digest && r.robots == whole.robots &&
                r.base_err == whole.base_err && strcmp(r.title, whole.title) == 0,
            "in steps of %zu, %s: %zu links, not %zu, of\n%.*s", steps[i],
            charset != NULL ? charset : "no charset", r.links, whole.links, (int)len, html);
    }
}

/* ---- Documents that are all corners ------------------------------------------------------ */

static const char *const pieces[] = {
    "<a href=x>",
    "<a href='y' rel='nofollow x'>",
    "<A HREF = \"z?\xC3\xA4&amp;b\" >",
    "</a>",
    "<a title=\"<a href=1>\" href=2 href=3/>",
    "<a =href=4 / href\n=\n5>",
    "<a/b/href='6'/>",
    "<a href='&a&amp;&ampx&#x61;&#0;&#99999999;&notin;&notit;&#'>",
    "<a href='\xE4?\xE4#\xE4'>",
    "<a href='\r\n \xE3\x81\x82 \r'>",
    "<a href=http://[::1]/ href>",
    "<a href",
    "<a ",
    "<",
    "</",
    "</ a>",
    "</a x='>' y>",
    "<>",
    "<1>",
    "<base href=//other/>",
    "<base href=http:>",
    "<form action=a><form action=b method=post>",
    "</form>",
    "<template>",
    "</template>",
    "<meta name=robots content='nofollow, x'>",
    "<meta name=TESTER content=none>",
    "<meta http-equiv=refresh content=' 0 ; url = \"r\" x'>",
    "<img src=i srcset='a 1x, b,c'>",
    "<img srcset='d 2x (e, f) , g 1w 2h,h ,,, &amp;&#44;\xE4 3x'>",
    "<img data-src=l>",
    "<img srcset='?\xE4 2x, \x83\x5C?\x83\x5C 1x'>",
    "<p style='a:url(b)'>",
    "<p style=\"a:url(&quot;\xE4\\62 &quot;)\">",
    "<style>@import 'a';/*url(b)*/url(\xE4)",
    "<style>u\\72l(\xE3\x81\x82) url( 'a\\\nb' ) url(c d) url(\x83\x5C)",
    "url(",
    "@import",
    "\"str\\\"ing",
    "/**",
    "*/",
    "\\",
    "\\a",
    ")",
    ";",
    "</style>",
    "</styl",
    "<title>&lt;T ",
    "</title>",
    "</TITLE/>",
    "<script src=s>",
    "<!--",
    "-->",
    "--!>",
    "->",
    "<!->",
    "<script",
    "</script>",
    "</script/",
    "<!DOCTYPE a 'b>'>",
    "<!",
    "<?x>",
    "<!---->",
    "<!--->",
    "<svg>",
    "<svg><title>",
    "</svg>",
    "<math><mi>",
    "<![CDATA[<a href=1>",
    "]]>",
    "]]",
    "<textarea>",
    "</textarea>",
    "<plaintext>",
    "<frameset>",
    "<frame src=f>",
    "<noframes>",
    "</noframes>",
    "<use xlink:href=u />",
    "<image href=i>",
    "<font size=1>",
    "<desc><p>",
    "<table><tr>",
    "<body background=b>",
    "<link rel='stylesheet' href=l>",
    "<input type=image src=i>",
    " ",
    "\n",
    "text",
    "\x1B$B",
    "\x1B(B",
    "\xEF\xBB\xBF",
    "\xFF",
    "\x81",
    "\x84\x31\x95\x33",
    "'",
    "\"",
    ">",
    "=",
    "/",
    "-",
    "&",
};

static const char *const charsets[] = {
    "UTF-8", NULL, "windows-1252", "Shift_JIS", "gb18030", "ISO-2022-JP", "EUC-JP", "Big5",
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static size_t make_page(char *page, size_t size, uint32_t *seed)
{
    size_t len = 0, n = 1 + next_random(seed) % 30;

    for (; n > 0; n--) {
        const char *piece = pieces[next_random(seed) % COUNT(pieces)];
        size_t piece_len = strlen(piece);

        /* A whole one, its beginning, or its end. */
        if (next_random(seed) % 4 == 0)
            piece_len = next_random(seed) % (piece_len + 1);
        else if (next_random(seed) % 8 == 0)
            piece += next_random(seed) % piece_len, piece_len = strlen(piece);
        if (len + piece_len > size)
            break;
        memcpy(page + len, piece, piece_len);
        len += piece_len;
    }
    return len;
}

START_TEST(what_is_found_does_not_depend_on_the_steps)
{
    char page[1000];
    uint32_t seed = 1;

    for (unsigned i = 0; i < 20000; i++) {
        size_t len = make_page(page, sizeof(page), &seed);

        expect_the_same(page, len, charsets[i % COUNT(charsets)], ALL | TW_LINKS_RESOLVE);
    }
}
END_TEST

/* The same with a NUL after each byte, which is UTF-16. */
START_TEST(nor_does_it_where_the_document_is_decoded_first)
{
    char page[500], wide[1000];
    uint32_t seed = 2;

    for (unsigned i = 0; i < 2000; i++) {
        size_t len = make_page(page, sizeof(page), &seed);

        for (size_t k = 0; k < len; k++) {
            wide[2 * k] = page[k];
            wide[2 * k + 1] = (char)(page[k] & 0x80);
        }
        expect_the_same(wide, 2 * len - len % 2, "UTF-16LE", ALL);
    }
}
END_TEST

/* ---- Tokens of any length ---------------------------------------------------------------- */

struct hostile {
    const char *before, *unit, *after;
    const char *charset;
};

static char *repeat(const struct hostile *h, size_t size, size_t *len)
{
    size_t before = strlen(h->before), unit = strlen(h->unit), n = size / unit;
    char *all = malloc(before + n * unit + strlen(h->after));

    ck_assert_ptr_nonnull(all);
    memcpy(all, h->before, before);
    for (size_t i = 0; i < n; i++)
        memcpy(all + before + i * unit, h->unit, unit);
    memcpy(all + before + n * unit, h->after, strlen(h->after));
    *len = before + n * unit + strlen(h->after);
    return all;
}

static const struct hostile tokens[] = {
    {"<a ", "a ", ">"},
    {"<a ", "href=x ", ">"},
    {"</a ", "x='' ", ">"},
    {"<a ", "x='' ", ""},
    {"<a ", "n", ">"},
    {"<a ", " ", ">"},
    {"<a ", "/", ">"},
    {"<a x ", " ", ">"},
    {"<a href=", " ", "x>"},
    {"<a", "n", ">"},
    {"<svg><a", "n", ">"},
    {"<svg></a", "n", ">"},
    {"<a href='", "x", "'>"},
    {"<a href=", "x", ">"},
    {"<a href='", "x", ""},
    {"<a title=\"", "\xE4", "\">"},
    {"<a href='", "&a", "'>"},
    {"<a href='", "\xE4", "'>", "windows-1252"},
    {"<a rel='", "a ", "' href=x>"},
    {"<meta name='", "&a", "'>"},
    {"<meta http-equiv=refresh content='", "1", "'>"},
    {"<base href='", "x", "'>"},
    {"<img srcset='", "x", "'>"},
    {"<img srcset='x", ",", "'>"},
    {"<img srcset='x ", "1", "x'>"},
    {"<img srcset='x ", "1w ", "'>"},
    {"<img srcset='x (", "a", "'>"},
    {"<img srcset='", " ", "'>"},
    {"<img srcset='", "&a", "'>"},
    {"<img srcset='&#", "0", "'>"},
    {"<img srcset='", "\x84\x31\x95\x33", "'>", "gb18030"},
    {"<!--", "x", "-->"},
    {"<!--", "--x>", "-->"},
    {"<!", "x", ">"},
    {"<!DOCTYPE ", "'a'", ">"},
    {"<svg><![CDATA[", "]", "]]>"},
    {"<svg><![CDATA[", ">", "]]>"},
    {"<script>", "</scrip", "</script>"},
    {"<script><!--", "x", "</script>"},
    {"<script><!--<script>", "x", "</script>"},
    {"<script><!--", "<script></script >", "</script>"},
    {"<style>", "</styl", "</style>"},
    {"<textarea>", "x", "</textarea>"},
    {"<title>", "x", "</title>"},
    {"", "<", ""},
    {"", "x", ""},
    {"", " ", ""},
    {"<style>'", "x", "'</style>"},
    {"<style>@import '", "x", "'</style>"},
    {"<style>a{b:url(", "x", ")</style>"},
    {"<style>a{b:url(", " ", ")</style>"},
    {"<style>a{b:url(x", " ", ")</style>"},
    {"<style>a{b:url(", "(", ")</style>"},
    {"<style>/*", "*", "*/</style>"},
    {"<style>", "n", "</style>"},
    {"<style>", "\\a ", "</style>"},
    {"<style>", "+", "</style>"},
    {"<style>", "\x83\x41", "</style>", "Shift_JIS"},
    {"<p style='", "&a", "'>"},
    {"", "\x1B$B$\"\x1B(B", "", "ISO-2022-JP"},
};

/* Every step goes on by about as much as it may, so that there are as many of them as that
 * takes: fewer would be longer ones. */
START_TEST(no_token_makes_a_step_longer)
{
    static const size_t size = (size_t)1 << 20, step = 4096;

    for (size_t i = 0; i < COUNT(tokens); i++) {
        size_t len;
        char *html = repeat(&tokens[i], size, &len);
        struct result r = scan(html, len, tokens[i].charset, TW_LINKS_CSS, step);

        ck_assert_msg(r.steps >= len / step, "%zu steps, %s%s", r.steps, tokens[i].before,
                      tokens[i].unit);
        free(html);
    }
}
END_TEST

/* What was begun is ended as it would be in one step, also at its end's every place. */
START_TEST(a_long_token_ends_where_it_does)
{
    for (size_t i = 0; i < COUNT(tokens); i++) {
        for (size_t size = 60; size < 70; size++) {
            struct hostile h = tokens[i];
            char after[200];
            size_t len;
            char *html;

            snprintf(after, sizeof(after), "%s<a href=last><!--x--><a href=b>", h.after);
            h.after = after;
            html = repeat(&h, size, &len);
            expect_the_same(html, len, h.charset, ALL);
            free(html);
        }
    }
}
END_TEST

/* ---- Limits ------------------------------------------------------------------------------ */

static size_t links_of(const char *before, const char *unit, size_t size, const char *after,
                       size_t step)
{
    const struct hostile h = {before, unit, after, "UTF-8"};
    size_t len;
    char *html = repeat(&h, size, &len);
    struct result r = scan(html, len, "UTF-8", TW_LINKS_CSS, step);

    free(html);
    return r.links;
}

static void expect_limit(const char *before, const char *after, size_t most)
{
    for (size_t step = 1000; step > 0; step = step == 1000 ? SIZE_MAX : 0) {
        ck_assert_msg(links_of(before, "x", most, after, step) == 2, "%s", before);
        ck_assert_msg(links_of(before, "x", most + 1, after, step) == 1, "%s", before);
    }
}

START_TEST(a_value_that_is_too_long_is_absent)
{
    expect_limit("<a href='", "'><a href=b>", TW_LINKS_VALUE_MAX);
    expect_limit("<a href=", "><a href=b>", TW_LINKS_VALUE_MAX);
    expect_limit("<img srcset='", " 1x, b'>", TW_LINKS_VALUE_MAX);
    expect_limit("<p style='a:url(", ") url(b)'>", TW_LINKS_VALUE_MAX);
    expect_limit("<style>@import '", "'; url(b)</style>", TW_LINKS_VALUE_MAX);
    expect_limit("<a href=b><style>url(a)", "</style>", TW_LINKS_LIST_MAX - strlen("url(a)"));
    expect_limit("<a href=b><p style='url(a)", "'>", TW_LINKS_LIST_MAX - strlen("url(a)"));
    /* A word of that length is none of those that are known, and no rel. */
    ck_assert_uint_eq(links_of("<a href=x rel='nofollow ", "x", TW_LINKS_VALUE_MAX, "'>", 1000),
                      1);
    ck_assert_uint_eq(links_of("<form action=x method='", "x", TW_LINKS_VALUE_MAX + 1, "'>", 9),
                      1);
}
END_TEST

/* U+FFFD has no byte in a legacy encoding: a NUL becomes fourteen. */
START_TEST(a_list_that_becomes_too_long_is_left_out)
{
    static const size_t fits = TW_LINKS_TEXT_MAX / 14 - 10;
    const struct hostile h = {"<img srcset='a, ?", "&#0", ", b'><a href=b>", NULL};
    const size_t sizes[] = {fits * 3, (fits + 20) * 3}, links[] = {3, 1};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t step = 65536; step > 0; step = step == 65536 ? SIZE_MAX : 0) {
            size_t len;
            char *html = repeat(&h, sizes[i], &len);

            ck_assert_uint_eq(scan(html, len, "windows-1252", 0, step).links, links[i]);
            free(html);
        }
    }
}
END_TEST

START_TEST(a_base_that_is_too_long_is_told_of)
{
    const struct hostile h = {"<base href='", "x", "'><a href=x>", NULL};
    size_t len;
    char *html = repeat(&h, TW_LINKS_VALUE_MAX + 1, &len);
    struct result r = scan(html, len, "UTF-8", TW_LINKS_RESOLVE, 1000);

    ck_assert_int_eq(r.base_err, TRAWL_EURL);
    ck_assert_uint_eq(r.links, 1);
    free(html);
}
END_TEST

/* Every link becomes as long as the base. */
START_TEST(urls_that_a_base_makes_long_count)
{
    const struct hostile h = {"<base href='/", "xxxxxxx/", "'>", NULL};
    size_t len, links = 500;
    char *base = repeat(&h, 30000, &len), *html = malloc(len + links * 10 + 1);
    struct result r;

    ck_assert_ptr_nonnull(html);
    memcpy(html, base, len);
    for (size_t i = 0; i < links; i++)
        memcpy(html + len + i * 10, "<a href=x>", 10);
    r = scan(html, len + links * 10, "UTF-8", TW_LINKS_RESOLVE, 65536);
    ck_assert_uint_eq(r.links, links);
    ck_assert_uint_gt(r.steps, links / 4);
    free(base);
    free(html);
}
END_TEST

/* Two names that differ in what is beyond that limit are one. */
START_TEST(long_names_of_foreign_elements_are_told_apart)
{
    static const char *const others[] = {"<svg><x%s><desc></desc></x%s>", "<svg><%sx></%sy>"};
    char name[200], html[1000];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    for (size_t i = 0; i < COUNT(others); i++) {
        int n = snprintf(html, sizeof(html), others[i], name, name);

        snprintf(html + n, sizeof(html) - (size_t)n, "<![CDATA[<a href=1>]]><a href=2>");
        ck_assert_uint_eq(scan(html, strlen(html), "UTF-8", 0, 3).links, 1);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_found_does_not_depend_on_the_steps,
        nor_does_it_where_the_document_is_decoded_first,
        no_token_makes_a_step_longer,
        a_long_token_ends_where_it_does,
        a_value_that_is_too_long_is_absent,
        a_list_that_becomes_too_long_is_left_out,
        a_base_that_is_too_long_is_told_of,
        urls_that_a_base_makes_long_count,
        long_names_of_foreign_elements_are_told_apart,
    };
    Suite *suite = suite_create("links steps");
    TCase *t = tcase_create("steps");
    SRunner *runner;
    int failed;

    if (tw_text_open(&text) != 0)
        return EXIT_FAILURE;
    tcase_set_timeout(t, 200);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    tw_text_free(text);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
