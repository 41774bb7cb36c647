/* robots.txt: the examples of RFC 9309, what stands in files on the web, and what is made to
 * hurt. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/backoff.h"
#include "parse/robots.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct tw_robots *parse_as(const char *text, size_t len, const char *agent)
{
    struct tw_robots *r = NULL;

    ck_assert_int_eq(tw_robots_parse(&r, text, len, agent, SIZE_MAX), 0);
    return r;
}

static struct tw_robots *parse(const char *text)
{
    return parse_as(text, strlen(text), "trawl");
}

/* rest: path and query. */
static struct tw_robots_verdict judge(const struct tw_robots *r, const char *rest)
{
    static const char host[] = "https://www.example.com";
    struct tw_robots_verdict verdict;
    struct tw_url url;
    size_t len = strlen(rest);
    char *text = malloc(sizeof(host) + len);

    ck_assert_ptr_nonnull(text);
    memcpy(text, host, sizeof(host) - 1);
    memcpy(text + sizeof(host) - 1, rest, len);
    ck_assert_int_eq(tw_url_parse(&url, text, sizeof(host) - 1 + len, NULL, NULL), 0);
    ck_assert_int_eq(tw_robots_judge(r, &url, &verdict), 0);
    tw_url_free(&url);
    free(text);
    return verdict;
}

static bool allowed(const char *robots, const char *agent, const char *rest)
{
    struct tw_robots *r = parse_as(robots, strlen(robots), agent);
    bool ok = judge(r, rest).allowed;

    tw_robots_free(r);
    return ok;
}

/* Whether the pattern, alone, forbids the path. */
static bool hits(const char *pattern, const char *rest)
{
    char text[512];

    snprintf(text, sizeof(text), "User-agent: *\nDisallow: %s\n", pattern);
    return !allowed(text, "trawl", rest);
}

/* ---- The RFC's examples ---------------------------------------------------- */

START_TEST(groups_are_found_as_in_the_rfc)
{
    static const char example[] = "User-Agent: *\n"
                                  "Disallow: *.gif$\n"
                                  "Disallow: /example/\n"
                                  "Allow: /publications/\n"
                                  "\n"
                                  "User-Agent: foobot\n"
                                  "Disallow:/\n"
                                  "Allow:/example/page.html\n"
                                  "Allow:/example/allowed.gif\n"
                                  "\n"
                                  "User-Agent: barbot\n"
                                  "User-Agent: bazbot\n"
                                  "Disallow: /example/page.html\n"
                                  "\n"
                                  "User-Agent: quxbot\n"
                                  "\n"
                                  "EOF\n";
    static const struct {
        const char *agent, *rest;
        bool allowed;
    } cases[] = {
        {"anybot", "/a.gif", false},
        {"anybot", "/a.gif?b", true},
        {"anybot", "/example/", false},
        {"anybot", "/publications/", true},
        {"anybot", "/", true},
        {"foobot", "/", false},
        {"foobot", "/publications/", false},
        {"foobot", "/example/page.html", true},
        {"foobot", "/example/allowed.gif", true},
        {"foobot", "/example/other.gif", false},
        {"barbot", "/example/page.html", false},
        {"bazbot", "/example/page.html", false},
        {"barbot", "/example/", true},
        {"barbot", "/a.gif", true},
        {"quxbot", "/a.gif", true},
        {"quxbot", "/example/", true},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(allowed(example, cases[i].agent, cases[i].rest) == cases[i].allowed,
                      "%s %s", cases[i].agent, cases[i].rest);
}
END_TEST

START_TEST(the_longest_match_of_the_rfc_decides)
{
    static const char example[] = "User-Agent: foobot\n"
                                  "Allow: /example/page/\n"
                                  "Disallow: /example/page/disallowed.gif\n";

    ck_assert(!allowed(example, "foobot", "/example/page/disallowed.gif"));
    ck_assert(allowed(example, "foobot", "/example/page/other.gif"));
}
END_TEST

START_TEST(groups_of_one_token_are_merged_as_in_the_rfc)
{
    static const char example[] = "user-agent: ExampleBot\n"
                                  "disallow: /foo\n"
                                  "disallow: /bar\n"
                                  "\n"
                                  "user-agent: *\n"
                                  "disallow: /\n"
                                  "\n"
                                  "user-agent: ExampleBot\n"
                                  "disallow: /baz\n";

    ck_assert(!allowed(example, "examplebot", "/foo"));
    ck_assert(!allowed(example, "EXAMPLEBOT", "/bar"));
    ck_assert(!allowed(example, "ExampleBot", "/baz"));
    ck_assert(allowed(example, "ExampleBot", "/qux"));
    ck_assert(!allowed(example, "other", "/qux"));
}
END_TEST

/* Section 2.2.2: each of a row's spellings matches each other. */
START_TEST(encodings_compare_as_in_the_rfc)
{
    static const char *const rows[][3] = {
        {"/foo/bar?baz=quz", "/foo/bar?baz=quz", "/foo/bar?baz=quz"},
        {"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar",
         "/foo/bar?baz=https%3a%2f%2ffoo.bar"},
        {"/foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"},
        {"/foo/bar/%62%61%7A", "/foo/bar/baz", "/foo/%62ar/b%61z"},
        {"/path/file-with-a-%2A.html", "/path/file-with-a-%2a.html",
         "/path/file-with-a-%2A.html"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < 9; j++)
            ck_assert_msg(hits(rows[i][j / 3], rows[i][j % 3]), "%s %s", rows[i][j / 3],
                          rows[i][j % 3]);
    ck_assert(hits("/path/file-with-a-%2A.html", "/path/file-with-a-*.html"));
    ck_assert(!hits("/path/file-with-a-%2A.html", "/path/file-with-a-b.html"));
    ck_assert(hits("/path/foo-%24", "/path/foo-$"));
    ck_assert(!hits("/path/foo-%24$", "/path/foo-$x"));
}
END_TEST

START_TEST(an_encoded_slash_is_no_slash_in_a_path)
{
    ck_assert(!hits("/a/b", "/a%2Fb"));
    ck_assert(!hits("/a%2Fb", "/a/b"));
    ck_assert(hits("/a%2fb", "/a%2Fb"));
    ck_assert(!hits("/a?b", "/a%3Fb"));
    ck_assert(!hits("/a%3Fb", "/a?b"));
    ck_assert(!hits("/?a=1&b", "/?a=1%26b"));
    ck_assert(hits("*%2Fb", "/?u=%2Fb"));
    ck_assert(hits("*/b", "/?u=/b"));
    ck_assert(hits("/*?u=%2Fb", "/a/?u=/b"));
    ck_assert(hits("/a%2Fb?u=/b", "/a%2Fb?u=%2Fb"));
    ck_assert(!hits("/a%2Fb?u=/b", "/a/b?u=%2Fb"));
}
END_TEST

START_TEST(a_percent_sign_alone_is_itself)
{
    ck_assert(hits("/100%", "/100%"));
    ck_assert(hits("/100%25", "/100%"));
    ck_assert(hits("/%zz", "/%zz"));
    ck_assert(hits("/%4", "/%4"));
    ck_assert(!hits("/%41", "/%4"));
    ck_assert(hits("/%41", "/Abc"));
}
END_TEST

/* ---- Wildcards and ends ---------------------------------------------------- */

START_TEST(patterns_match_from_the_start_to_anywhere)
{
    static const struct {
        const char *pattern, *rest;
        bool hits;
    } cases[] = {
        {"/", "/", true},
        {"/fish", "/fish", true},
        {"/fish", "/fish.html", true},
        {"/fish", "/fish/salmon", true},
        {"/fish", "/Fish", false},
        {"/fish", "/catfish", false},
        {"/fish*", "/fish", true},
        {"/fish*", "/fishheads/yummy", true},
        {"/fish/", "/fish", false},
        {"/fish/", "/fish/?id=1", true},
        {"/*.php", "/folder/filename.php?parameters", true},
        {"/*.php", "/", false},
        {"/*.php", "/windows.PHP", false},
        {"/*.php$", "/filename.php", true},
        {"/*.php$", "/filename.php?p", false},
        {"/*.php$", "/filename.php5", false},
        {"/*.php$", "/a.php/b.php", true},
        {"/fish*.php", "/fishheads/catfish.php?p", true},
        {"/fish*.php", "/Fish.PHP", false},
        {"/$", "/", true},
        {"/$", "/a", false},
        {"/a$b", "/a$b", true},
        {"/a$b", "/a", false},
        {"/a$$", "/a$", true},
        {"/a$$", "/a", false},
        {"/*", "/x", true},
        {"*", "/x", true},
        {"*$", "/x", true},
        {"/x*$", "/xyz?q", true},
        {"/**x", "/x", true},
        {"/a*b*c$", "/abcbc", true},
        {"/a*b*c$", "/abcb", false},
        {"/a*aa$", "/aa", false},
        {"/a*aa$", "/aaa", true},
        {"*/b", "/a/b", true},
        {"*a", "/", false},
        {"/?", "/?", true},
        {"/?", "/", false},
        {"/*?", "/a?b", true},
        {"/*?$", "/a?b", false},
        {"/a", "/a?b=c#d", true},
        /* No path begins like these. */
        {"fish", "/fish", false},
        {"$", "/", false},
        {"http://www.example.com/", "/", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(hits(cases[i].pattern, cases[i].rest) == cases[i].hits, "%s %s",
                      cases[i].pattern, cases[i].rest);
}
END_TEST

/* The definition, word by word; exponential. */
static bool oracle(const char *p, const char *t)
{
    if (*p == '\0' || (p[0] == '$' && p[1] == '\0'))
        return *p == '\0' || *t == '\0';
    if (*p == '*')
        return oracle(p + 1, t) || (*t != '\0' && oracle(p, t + 1));
    return *p == *t && oracle(p + 1, t + 1);
}

static void random_text(char *out, size_t max, const char *alphabet, uint64_t *rng)
{
    size_t len = tw_random_next(rng) % max, n = strlen(alphabet);

    out[0] = '/';
    for (size_t i = 1; i <= len; i++)
        out[i] = alphabet[tw_random_next(rng) % n];
    out[len + 1] = '\0';
}

START_TEST(random_patterns_match_as_the_definition_says)
{
    uint64_t rng = 20221;
    size_t found = 0;

    for (int i = 0; i < 40000; i++) {
        char pattern[16], rest[16];

        random_text(pattern, 9, "aab/**$", &rng);
        random_text(rest, 12, "aab/", &rng);
        if (i % 4 == 0)
            pattern[0] = '*';
        if (strchr(pattern, '$') != NULL && strchr(pattern, '$')[1] != '\0')
            continue;
        ck_assert_msg(hits(pattern, rest) == oracle(pattern, rest), "%s %s", pattern, rest);
        found += oracle(pattern, rest);
    }
    ck_assert_uint_gt(found, 4000);
}
END_TEST

/* What decides among many random rules is what a look at each of them says. */
START_TEST(the_deciding_rule_is_the_best_of_all)
{
    uint64_t rng = 77;

    for (int round = 0; round < 300; round++) {
        char patterns[30][16], text[2048] = "User-agent: *\n";
        struct tw_robots *r;

        for (size_t i = 0; i < COUNT(patterns); i++) {
            random_text(patterns[i], 6, "aab/*?", &rng);
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s: %s\n",
                     i % 3 == 0 ? "Allow" : "Disallow", patterns[i]);
        }
        r = parse(text);
        for (int k = 0; k < 20; k++) {
            struct tw_robots_verdict v;
            size_t best = SIZE_MAX;
            char rest[16];

            random_text(rest, 8, "aab/?", &rng);
            for (size_t i = 0; i < COUNT(patterns); i++) {
                size_t len = strlen(patterns[i]),
                       most = best == SIZE_MAX ? 0 : strlen(patterns[best]);
                bool tie = len == most && i % 3 == 0 && best % 3 != 0;

                if (oracle(patterns[i], rest) && (len > most || tie))
                    best = i;
            }
            v = judge(r, rest);
            ck_assert_msg(v.line == (best == SIZE_MAX ? 0 : best + 2), "%s\n%s: line %zu", text,
                          rest, v.line);
            ck_assert_int_eq(v.allowed, best == SIZE_MAX || best % 3 == 0);
        }
        tw_robots_free(r);
    }
}
END_TEST

/* ---- Groups and lines ------------------------------------------------------ */

START_TEST(the_deciding_line_is_told)
{
    struct tw_robots *r = parse("# hello\r\n"
                                "User-agent: *   # all\r"
                                "\n"
                                "Disallow : /private/ # keep out\n"
                                "\tALLOW:/private/open\n");
    struct tw_robots_verdict v = judge(r, "/private/x");

    ck_assert(!v.allowed);
    ck_assert_uint_eq(v.line, 3);
    ck_assert_str_eq(v.rule, "Disallow : /private/");
    v = judge(r, "/private/open/x");
    ck_assert(v.allowed);
    ck_assert_uint_eq(v.line, 4);
    ck_assert_str_eq(v.rule, "ALLOW:/private/open");
    v = judge(r, "/public");
    ck_assert(v.allowed);
    ck_assert_uint_eq(v.line, 0);
    ck_assert_ptr_null(v.rule);
    tw_robots_free(r);
}
END_TEST

START_TEST(line_ends_of_all_systems_count_once)
{
    static const char *const texts[] = {
        "User-agent: *\n\nDisallow: /\n",
        "User-agent: *\r\n\r\nDisallow: /\r\n",
        "User-agent: *\r\rDisallow: /",
        "\xef\xbb\xbfUser-agent: *\n\nDisallow: /",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tw_robots *r = parse(texts[i]);

        ck_assert_uint_eq(judge(r, "/x").line, 3);
        ck_assert_uint_eq(tw_robots_info(r)->lines, 2);
        tw_robots_free(r);
    }
}
END_TEST

START_TEST(robots_txt_itself_is_always_allowed)
{
    struct tw_robots *r = parse("User-agent: *\nDisallow: /\n");

    ck_assert(judge(r, "/robots.txt").allowed);
    ck_assert_uint_eq(judge(r, "/robots.txt").line, 0);
    ck_assert(judge(r, "/robots.txt?x").allowed);
    ck_assert(!judge(r, "/robots.txt2").allowed);
    ck_assert(!judge(r, "/a/robots.txt").allowed);
    tw_robots_free(r);
}
END_TEST

START_TEST(of_equal_rules_allow_wins)
{
    ck_assert(allowed("User-agent: *\nDisallow: /a\nAllow: /a\n", "trawl", "/a"));
    ck_assert(allowed("User-agent: *\nAllow: /a\nDisallow: /a\n", "trawl", "/a"));
    ck_assert(allowed("User-agent: *\nDisallow: /a*\nAllow: /ab\n", "trawl", "/ab"));
    ck_assert(!allowed("User-agent: *\nDisallow: /a*c\nAllow: /ab\n", "trawl", "/abc"));
    ck_assert(allowed("User-agent: *\nDisallow: /\nAllow: /$\n", "trawl", "/"));
    ck_assert(!allowed("User-agent: *\nDisallow: /\nAllow: /$\n", "trawl", "/a"));
    /* An octet that is percent-encoded is three. */
    ck_assert(
        !allowed("User-agent: *\nDisallow: /\xc3\xa4\nAllow: /*****\n", "trawl", "/\xc3\xa4"));
}
END_TEST

START_TEST(rules_outside_of_a_group_do_not_count)
{
    struct tw_robots *r = parse("Disallow: /\nAllow: /b\nCrawl-delay: 9\n"
                                "User-agent: *\nDisallow: /a\n");

    ck_assert(judge(r, "/b").allowed);
    ck_assert(!judge(r, "/a").allowed);
    ck_assert_uint_eq(tw_robots_info(r)->rules, 1);
    ck_assert_uint_eq(tw_robots_info(r)->delay_ms, 0);
    tw_robots_free(r);
}
END_TEST

START_TEST(other_lines_end_no_group)
{
    static const char text[] = "User-agent: a\n"
                               "Sitemap: https://example.com/s.xml\n"
                               "Unknown: x\n"
                               "no line at all\n"
                               "\n"
                               "User-agent: trawl\n"
                               "Disallow: /x\n"
                               "Sitemap: https://example.com/t.xml\n"
                               "Disallow: /y\n"
                               "User-agent: c\n"
                               "Disallow: /z\n";

    ck_assert(!allowed(text, "a", "/x"));
    ck_assert(!allowed(text, "trawl", "/x"));
    ck_assert(!allowed(text, "trawl", "/y"));
    ck_assert(allowed(text, "trawl", "/z"));
    ck_assert(allowed(text, "c", "/x"));
}
END_TEST

START_TEST(a_group_without_rules_allows_all)
{
    ck_assert(
        allowed("User-agent: *\nDisallow: /\n\nUser-agent: trawl\nDisallow:\n", "trawl", "/"));
    ck_assert(allowed("User-agent: trawl\n", "trawl", "/"));
    ck_assert(allowed("", "trawl", "/"));
}
END_TEST

START_TEST(product_tokens_are_whole)
{
    static const struct {
        const char *value, *agent;
        bool same;
    } cases[] = {
        {"trawl", "trawl", true},
        {"TRAWL", "trawl", true},
        {"trawl/0.1", "trawl", true},
        {"trawl", "trawl/2.0 (+https://example.org/)", true},
        {"trawl (test)", "trawl", true},
        {"trawler", "trawl", false},
        {"trawl", "trawler", false},
        {"trawl-news", "trawl", false},
        {"trawl2", "trawl", false},
        {"MJ12bot", "mj12bot", true},
        {"", "trawl", false},
        {"", "", false},
        {"/", "trawl", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[128];

        snprintf(text, sizeof(text), "User-agent: %s\nDisallow: /\n", cases[i].value);
        ck_assert_msg(allowed(text, cases[i].agent, "/") != cases[i].same, "%s %s",
                      cases[i].value, cases[i].agent);
    }
    ck_assert(!allowed("User-agent: * x\nDisallow: /\n", "trawl", "/"));
    ck_assert(allowed("User-agent: *x\nDisallow: /\n", "trawl", "/"));
}
END_TEST

START_TEST(sitemaps_belong_to_no_group)
{
    struct tw_robots *r = parse("Sitemap: https://example.com/a.xml\n"
                                "User-agent: other\n"
                                "sitemap:https://example.com/b.xml # second\n"
                                "Sitemap:\n"
                                "Disallow: /\n");
    size_t line = 0;

    ck_assert_uint_eq(tw_robots_info(r)->sitemaps, 2);
    ck_assert_str_eq(tw_robots_sitemap(r, 0, &line), "https://example.com/a.xml");
    ck_assert_uint_eq(line, 1);
    ck_assert_str_eq(tw_robots_sitemap(r, 1, &line), "https://example.com/b.xml");
    ck_assert_uint_eq(line, 3);
    tw_robots_free(r);
}
END_TEST

static uint32_t delay_of(const char *value)
{
    char text[256];
    struct tw_robots *r;
    uint32_t ms;

    snprintf(text, sizeof(text), "User-agent: *\nCrawl-delay: %s\n", value);
    r = parse(text);
    ms = tw_robots_info(r)->delay_ms;
    tw_robots_free(r);
    return ms;
}

START_TEST(crawl_delays_are_seconds)
{
    struct tw_robots *r;

    ck_assert_uint_eq(delay_of("10"), 10000);
    ck_assert_uint_eq(delay_of("0.5"), 500);
    ck_assert_uint_eq(delay_of(".25"), 250);
    ck_assert_uint_eq(delay_of("1."), 1000);
    ck_assert_uint_eq(delay_of("1.0019999"), 1001);
    ck_assert_uint_eq(delay_of("5 seconds"), 5000);
    ck_assert_uint_eq(delay_of("0"), 0);
    ck_assert_uint_eq(delay_of("-1"), 0);
    ck_assert_uint_eq(delay_of("1e3"), 0);
    ck_assert_uint_eq(delay_of("."), 0);
    ck_assert_uint_eq(delay_of("x"), 0);
    ck_assert_uint_eq(delay_of(""), 0);
    ck_assert_uint_eq(delay_of("4294967"), 4294967000u);
    ck_assert_uint_eq(delay_of("4294968"), TW_ROBOTS_DELAY_MAX_MS);
    ck_assert_uint_eq(delay_of("99999999999999999999999999999999999999.9999"),
                      TW_ROBOTS_DELAY_MAX_MS);
    r = parse("User-agent: trawl\nCrawl-delay: 2\nUser-agent: other\nCrawl-delay: 7\n"
              "Disallow: /a\nUser-agent: trawl\nDisallow: /b\nCrawl-delay: 1\n"
              "User-agent: other\nCrawl-delay: 60\n");
    ck_assert_uint_eq(tw_robots_info(r)->delay_ms, 7000);
    tw_robots_free(r);
}
END_TEST

/* ---- Bad input ------------------------------------------------------------- */

START_TEST(what_is_no_robots_file_allows_all)
{
    static const char page[] = "<!DOCTYPE html>\n<html><head><title>Not found</title></head>\n"
                               "<body style=\"color: red\">Disallow: /</body></html>\n";
    static const char nuls[] = "\0\0\0User-agent: *\0\n\0Disallow: /a\0\nDis\0allow: /\n";
    struct tw_robots *r = parse(page);

    ck_assert(judge(r, "/").allowed);
    ck_assert_uint_eq(tw_robots_info(r)->ignored, tw_robots_info(r)->lines);
    tw_robots_free(r);
    r = parse_as(nuls, sizeof(nuls) - 1, "trawl");
    ck_assert(judge(r, "/").allowed);
    ck_assert(!judge(r, "/a").allowed);
    tw_robots_free(r);
}
END_TEST

static char *many_rules(size_t count, const char *format)
{
    char *text = malloc(32 + count * 64), *end;

    ck_assert_ptr_nonnull(text);
    end = text + sprintf(text, "User-agent: *\n");
    for (size_t i = 0; i < count; i++)
        end += sprintf(end, format, i);
    return text;
}

START_TEST(all_of_a_large_file_is_read)
{
    char *text = many_rules(40000, "Disallow: /directory/%zu/$\n");
    struct tw_robots *r = parse(text);

    ck_assert_uint_gt(strlen(text), 2 * TW_ROBOTS_BYTES);
    ck_assert_uint_eq(tw_robots_info(r)->rules, 40000);
    ck_assert_uint_eq(judge(r, "/directory/39999/").line, 40001);
    ck_assert_uint_eq(judge(r, "/directory/0/").line, 2);
    ck_assert_uint_eq(judge(r, "/directory/40000/").line, 0);
    ck_assert(!tw_robots_info(r)->cut);
    ck_assert_uint_lt(tw_robots_size(r), 4 * strlen(text));
    tw_robots_free(r);
    free(text);
}
END_TEST

START_TEST(what_is_kept_is_bounded)
{
    char *text = many_rules(10000, "Disallow: /%zu\xc3\xa4\n");
    struct tw_robots *r = NULL;

    ck_assert_int_eq(tw_robots_parse(&r, text, strlen(text), "trawl", 20000), 0);
    ck_assert(tw_robots_info(r)->cut);
    ck_assert_uint_gt(tw_robots_info(r)->rules, 100);
    ck_assert_uint_lt(tw_robots_size(r), 20000 + 512);
    ck_assert(!judge(r, "/0\xc3\xa4").allowed);
    ck_assert(judge(r, "/9999\xc3\xa4").allowed);
    tw_robots_free(r);
    ck_assert_int_eq(tw_robots_parse(&r, text, strlen(text), "trawl", 0), 0);
    ck_assert_uint_eq(tw_robots_info(r)->rules, 0);
    ck_assert(tw_robots_info(r)->cut);
    tw_robots_free(r);
    free(text);
}
END_TEST

/* With a matcher that goes back, this would not end before the sun does. */
START_TEST(hostile_patterns_end)
{
    char pattern[2100] = "Disallow: /", rest[4000] = "/", text[8192];
    struct tw_robots *r;

    for (int i = 0; i < 500; i++)
        memcpy(pattern + strlen(pattern), "a*a*", 5);
    memset(rest + 1, 'a', 3000);
    snprintf(text, sizeof(text), "User-agent: *\n%sb$\nDisallow: /%s*c\n", pattern,
             rest + 1000);
    r = parse(text);
    for (int i = 0; i < 100; i++)
        ck_assert(judge(r, rest).allowed);
    tw_robots_free(r);
}
END_TEST

START_TEST(long_urls_are_judged)
{
    struct tw_robots *r = parse("User-agent: *\nDisallow: /*\xc3\xa4$\n");
    size_t len = 100000;
    char *rest = malloc(2 * len + 8);

    ck_assert_ptr_nonnull(rest);
    rest[0] = '/';
    for (size_t i = 0; i < len; i++)
        memcpy(rest + 1 + 2 * i, "\xc3\xa4", 3);
    ck_assert(!judge(r, rest).allowed);
    rest[2 * len + 1] = 'x';
    rest[2 * len + 2] = '\0';
    ck_assert(judge(r, rest).allowed);
    free(rest);
    tw_robots_free(r);
}
END_TEST

/* ---- What fetching came to ------------------------------------------------- */

START_TEST(an_answer_says_what_may_be_fetched)
{
    static const struct {
        int error;
        long status;
        enum tw_robots_access access;
    } cases[] = {
        {0, 200, TW_ROBOTS_RULES},
        {0, 204, TW_ROBOTS_RULES},
        {TRAWL_EBODYSIZE, 200, TW_ROBOTS_RULES},
        {0, 301, TW_ROBOTS_ALLOW_ALL},
        {TRAWL_EREDIRECTS, 302, TW_ROBOTS_ALLOW_ALL},
        {TRAWL_ELOCATION, 302, TW_ROBOTS_ALLOW_ALL},
        {0, 400, TW_ROBOTS_ALLOW_ALL},
        {0, 401, TW_ROBOTS_ALLOW_ALL},
        {0, 403, TW_ROBOTS_ALLOW_ALL},
        {0, 404, TW_ROBOTS_ALLOW_ALL},
        {0, 410, TW_ROBOTS_ALLOW_ALL},
        {0, 499, TW_ROBOTS_ALLOW_ALL},
        {0, 429, TW_ROBOTS_DISALLOW_ALL},
        {0, 500, TW_ROBOTS_DISALLOW_ALL},
        {0, 503, TW_ROBOTS_DISALLOW_ALL},
        {0, 599, TW_ROBOTS_DISALLOW_ALL},
        {0, 0, TW_ROBOTS_DISALLOW_ALL},
        {0, 999, TW_ROBOTS_DISALLOW_ALL},
        {0, 101, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_ERESOLVE, 0, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_ETIMEDOUT, 200, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_ETRUNCATED, 200, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_EENCODING, 200, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_ETRUNCATED, 301, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_ERESET, 404, TW_ROBOTS_ALLOW_ALL},
        {TRAWL_ETRUNCATED, 403, TW_ROBOTS_ALLOW_ALL},
        {TRAWL_EENCODING, 410, TW_ROBOTS_ALLOW_ALL},
        {TRAWL_EBODYSIZE, 404, TW_ROBOTS_ALLOW_ALL},
        {TRAWL_ETRUNCATED, 429, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_ETRUNCATED, 503, TW_ROBOTS_DISALLOW_ALL},
        {TRAWL_EDENIED, 301, TW_ROBOTS_DISALLOW_ALL},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(tw_robots_access(cases[i].error, cases[i].status) == cases[i].access,
                      "%d %ld", cases[i].error, cases[i].status);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robots");
    TCase *tc = tcase_create("robots");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, groups_are_found_as_in_the_rfc);
    tcase_add_test(tc, the_longest_match_of_the_rfc_decides);
    tcase_add_test(tc, groups_of_one_token_are_merged_as_in_the_rfc);
    tcase_add_test(tc, encodings_compare_as_in_the_rfc);
    tcase_add_test(tc, an_encoded_slash_is_no_slash_in_a_path);
    tcase_add_test(tc, a_percent_sign_alone_is_itself);
    tcase_add_test(tc, patterns_match_from_the_start_to_anywhere);
    tcase_add_test(tc, random_patterns_match_as_the_definition_says);
    tcase_add_test(tc, the_deciding_rule_is_the_best_of_all);
    tcase_add_test(tc, the_deciding_line_is_told);
    tcase_add_test(tc, line_ends_of_all_systems_count_once);
    tcase_add_test(tc, robots_txt_itself_is_always_allowed);
    tcase_add_test(tc, of_equal_rules_allow_wins);
    tcase_add_test(tc, rules_outside_of_a_group_do_not_count);
    tcase_add_test(tc, other_lines_end_no_group);
    tcase_add_test(tc, a_group_without_rules_allows_all);
    tcase_add_test(tc, product_tokens_are_whole);
    tcase_add_test(tc, sitemaps_belong_to_no_group);
    tcase_add_test(tc, crawl_delays_are_seconds);
    tcase_add_test(tc, what_is_no_robots_file_allows_all);
    tcase_add_test(tc, all_of_a_large_file_is_read);
    tcase_add_test(tc, what_is_kept_is_bounded);
    tcase_add_test(tc, hostile_patterns_end);
    tcase_add_test(tc, long_urls_are_judged);
    tcase_add_test(tc, an_answer_says_what_may_be_fetched);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
