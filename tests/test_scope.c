/* The scope of a crawl: each rule alone and with the others; and what cannot be read as a rule.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontier/backoff.h"
#include "frontier/scope.h"
#include "parse/glob.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST(...)                                                                              \
    {                                                                                          \
        (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__}))        \
    }

static struct tw_url parsed(const char *text)
{
    struct tw_url url;

    ck_assert_int_eq(tw_url_parse(&url, text, strlen(text), NULL, NULL), 0);
    return url;
}

static void add_seed(struct tw_scope *s, const char *text)
{
    struct tw_url url = parsed(text);

    ck_assert_int_eq(tw_scope_add_seed(s, &url), 0);
    tw_url_free(&url);
}

static struct tw_scope *open_with(const struct tw_scope_rules *rules, const char *seed)
{
    struct tw_scope *s = NULL;
    char error[256] = "";

    ck_assert_msg(tw_scope_open(&s, rules, error, sizeof(error)) == 0, "%s", error);
    add_seed(s, seed);
    return s;
}

/* "verdict: reason". */
static const char *judged(const struct tw_scope *s, const char *text, uint32_t depth,
                          enum tw_scope_kind kind, const char *from)
{
    static char out[512];
    struct tw_url url = parsed(text), page = {0};
    struct tw_scope_reason reason;
    enum tw_scope_verdict verdict;
    char why[256];

    if (from != NULL)
        page = parsed(from);
    verdict = tw_scope_judge(s, &url, depth, kind, from != NULL ? &page : NULL, &reason);
    ck_assert_int_eq(verdict, reason.verdict);
    ck_assert_int_eq(verdict,
                     tw_scope_judge(s, &url, depth, kind, from != NULL ? &page : NULL, NULL));
    ck_assert_uint_lt(tw_scope_reason_text(&reason, why, sizeof(why)), sizeof(why));
    snprintf(out, sizeof(out), "%s: %s", tw_scope_name(verdict), why);
    tw_url_free(&url);
    tw_url_free(&page);
    return out;
}

static const char *page(const struct tw_scope *s, const char *text)
{
    return judged(s, text, 1, TW_SCOPE_PAGE, NULL);
}

static bool takes(const struct tw_scope *s, const char *text)
{
    return strncmp(page(s, text), "scope-in:", 9) == 0;
}

/* ---- Hosts and domains ----------------------------------------------------- */

START_TEST(seeds_hosts_are_in_scope)
{
    struct tw_scope_rules rules = TW_SCOPE_RULES_INIT;
    struct tw_scope *s = open_with(&rules, "https://example.com/start");

    ck_assert_str_eq(page(s, "https://example.com/"), "scope-in: a seed's host");
    ck_assert_str_eq(page(s, "http://example.com:8080/x"), "scope-in: a seed's host");
    ck_assert_str_eq(page(s, "https://EXAMPLE.com./x"), "scope-in: a seed's host");
    ck_assert_str_eq(page(s, "https://www.example.com/"), "scope-host: no seed's host");
    ck_assert_str_eq(page(s, "https://com/"), "scope-host: no seed's host");
    add_seed(s, "http://[::1]:81/");
    add_seed(s, "http://www.example.com/");
    add_seed(s, "http://www.example.com/");
    ck_assert(takes(s, "http://[0:0::1]/"));
    ck_assert(takes(s, "https://www.example.com/"));
    tw_scope_free(s);
}
END_TEST

START_TEST(spanning_hosts_takes_all)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL, .span_hosts = true};
    struct tw_scope *s = open_with(&rules, "https://example.com/");

    ck_assert_str_eq(page(s, "https://other.org/"), "scope-in: --span-hosts");
    ck_assert_str_eq(page(s, "https://example.com/"), "scope-in: a seed's host");
    tw_scope_free(s);
}
END_TEST

START_TEST(domains_hold_all_under_them)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL,
                                   .domains = LIST("example.co.uk", "*.Example.NET.", ".dk",
                                                   "b\xc3\xbc"
                                                   "cher.example",
                                                   "192.0.2.1", "localhost", "[::1]")};

    for (int span = 0; span < 2; span++) {
        struct tw_scope *s;

        rules.span_hosts = span == 1;
        s = open_with(&rules, "https://seed.org/");
        ck_assert(takes(s, "https://seed.org/"));
        ck_assert_str_eq(page(s, "http://example.co.uk/"),
                         "scope-in: --domains 'example.co.uk'");
        ck_assert(takes(s, "http://a.b.example.co.uk:8080/"));
        ck_assert(takes(s, "http://a.example.co.uk./"));
        ck_assert_str_eq(page(s, "http://notexample.co.uk/"), "scope-domain: --domains");
        ck_assert(!takes(s, "http://co.uk/"));
        ck_assert_str_eq(page(s, "http://x.example.net/"),
                         "scope-in: --domains '*.Example.NET.'");
        ck_assert(takes(s, "http://example.net/"));
        ck_assert(takes(s, "http://anything.dk/"));
        ck_assert(takes(s, "http://www.xn--bcher-kva.example/"));
        ck_assert(takes(s, "http://192.0.2.1/"));
        ck_assert(takes(s, "http://[::1]/"));
        ck_assert(takes(s, "http://localhost:8000/"));
        ck_assert(!takes(s, "http://other.org/"));
        ck_assert(!takes(s, "http://2.1/"));
        tw_scope_free(s);
    }
}
END_TEST

START_TEST(an_address_is_no_domain_of_others)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL, .domains = LIST("0.2.1")};
    struct tw_scope *s = open_with(&rules, "https://seed.org/");

    ck_assert(takes(s, "http://0.2.0.1/"));
    ck_assert(!takes(s, "http://192.0.2.1/"));
    tw_scope_free(s);
}
END_TEST

START_TEST(excluded_domains_are_out_for_everyone)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL,
                                   .span_hosts = true,
                                   .page_requisites = true,
                                   .exclude_domains = LIST("ads.example.com", "ru")};
    struct tw_scope *s = open_with(&rules, "https://ads.example.com/");

    ck_assert(takes(s, "https://example.com/"));
    ck_assert_str_eq(judged(s, "https://ads.example.com/", 0, TW_SCOPE_SEED, NULL),
                     "scope-exclude-domain: --exclude-domains 'ads.example.com'");
    ck_assert_str_eq(judged(s, "https://x.ads.example.com/i.png", 1, TW_SCOPE_REQUISITE, NULL),
                     "scope-exclude-domain: --exclude-domains 'ads.example.com'");
    ck_assert(!takes(s, "https://a.ru/"));
    tw_scope_free(s);
}
END_TEST

START_TEST(registrable_domains_are_found)
{
    static const char *const cases[][2] = {
        {"http://a.b.example.co.uk/", "example.co.uk"},
        {"http://example.com/", "example.com"},
        {"http://www.example.com.:8080/", "example.com."},
        {"http://co.uk/", "co.uk"},
        {"http://user.github.io/", "user.github.io"},
        {"http://localhost/", "localhost"},
        {"http://192.0.2.1/", "192.0.2.1"},
        {"http://[::1]/", "[::1]"},
        {"http://www.xn--bcher-kva.de/", "xn--bcher-kva.de"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tw_url url = parsed(cases[i][0]);
        struct tw_span span = tw_scope_registrable(&url);

        ck_assert_uint_eq(span.len, strlen(cases[i][1]));
        ck_assert_mem_eq(url.href + span.at, cases[i][1], span.len);
        tw_url_free(&url);
    }
}
END_TEST

/* ---- Depth and directory --------------------------------------------------- */

START_TEST(the_level_is_the_deepest)
{
    struct tw_scope_rules rules = {.level = 2};
    struct tw_scope *s = open_with(&rules, "https://a/");

    ck_assert_str_eq(judged(s, "https://a/", 0, TW_SCOPE_SEED, NULL),
                     "scope-in: a seed's host");
    ck_assert_str_eq(judged(s, "https://a/x", 2, TW_SCOPE_PAGE, NULL),
                     "scope-in: a seed's host");
    ck_assert_str_eq(judged(s, "https://a/x", 3, TW_SCOPE_PAGE, NULL),
                     "scope-level: --level '2'");
    tw_scope_free(s);
}
END_TEST

START_TEST(no_parent_keeps_to_the_seeds_directories)
{
    struct tw_scope_rules rules = {
        .level = TW_SCOPE_ANY_LEVEL, .span_hosts = true, .no_parent = true};
    struct tw_scope *s = open_with(&rules, "https://a/docs/intro.html?x=/y/");

    add_seed(s, "http://a/blog/");
    ck_assert(takes(s, "https://a/docs/"));
    ck_assert(takes(s, "http://a:81/docs/deep/er.html"));
    ck_assert(takes(s, "https://a/blog/1"));
    ck_assert_str_eq(page(s, "https://a/"), "scope-parent: --no-parent");
    ck_assert_str_eq(page(s, "https://a/docs"), "scope-parent: --no-parent");
    ck_assert_str_eq(page(s, "https://a/docs2/"), "scope-parent: --no-parent");
    ck_assert_str_eq(page(s, "https://a/other?/docs/"), "scope-parent: --no-parent");
    ck_assert_str_eq(page(s, "https://a/docs/../"), "scope-parent: --no-parent");
    ck_assert_str_eq(page(s, "https://b/"), "scope-in: --span-hosts");
    add_seed(s, "https://a/");
    ck_assert(takes(s, "https://a/other"));
    tw_scope_free(s);
}
END_TEST

START_TEST(many_seeds_are_no_burden)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL, .no_parent = true};
    struct tw_scope *s = open_with(&rules, "https://a/");

    for (int i = 0; i < 20000; i++) {
        char text[64];

        snprintf(text, sizeof(text), "https://host%d/dir%d/", i % 10, i);
        add_seed(s, text);
    }
    for (int i = 0; i < 20000; i++) {
        char text[64];

        snprintf(text, sizeof(text), "https://host%d/dir%d/x", (i + (i & 1)) % 10, i);
        ck_assert_int_eq(takes(s, text), (i & 1) == 0);
    }
    for (int i = 0; i < 20000 / 100; i++) /* as many directories, and then the hosts */
        ck_assert(tw_scope_clear(s, 100));
    while (tw_scope_clear(s, 100))
        ;
    tw_scope_free(s);
}
END_TEST

/* ---- Regular expressions --------------------------------------------------- */

START_TEST(expressions_are_searched_in_the_canonical_url)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL,
                                   .include = LIST("/docs/", "^https://a/\\?"),
                                   .exclude = LIST("\\.pdf$", "(?i)PRIVATE", "%C3%A4")};
    struct tw_scope *s = open_with(&rules, "https://a/");

    ck_assert_str_eq(page(s, "https://a/docs/x"), "scope-in: --include '/docs/'");
    ck_assert_str_eq(page(s, "https://a/?q"), "scope-in: --include '^https://a/\\?'");
    ck_assert_str_eq(page(s, "https://a/x"), "scope-include: --include");
    ck_assert_str_eq(page(s, "https://a/docs/x.pdf"), "scope-exclude: --exclude '\\.pdf$'");
    ck_assert(takes(s, "https://a/docs/x.pdf?y"));
    ck_assert_str_eq(page(s, "https://a/docs/private"),
                     "scope-exclude: --exclude '(?i)PRIVATE'");
    ck_assert_str_eq(page(s, "https://a/docs/\xc3\xa4"), "scope-exclude: --exclude '%C3%A4'");
    ck_assert(takes(s, "https://a/docs/y#private"));
    tw_scope_free(s);
}
END_TEST

START_TEST(seeds_need_not_be_included_but_may_be_excluded)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL,
                                   .include = LIST("/docs/"),
                                   .exclude = LIST("secret"),
                                   .accept = LIST("pdf")};
    struct tw_scope *s = open_with(&rules, "https://a/");

    ck_assert_str_eq(judged(s, "https://a/x.png", 0, TW_SCOPE_SEED, NULL),
                     "scope-in: a seed's host");
    ck_assert_str_eq(judged(s, "https://a/secret", 0, TW_SCOPE_SEED, NULL),
                     "scope-exclude: --exclude 'secret'");
    tw_scope_free(s);
}
END_TEST

START_TEST(a_bad_expression_is_told_with_its_place)
{
    const struct {
        struct tw_scope_rules rules;
        const char *error;
    } cases[] = {
        {{.include = LIST("ok", "a(b")},
         "--include 'a(b': at byte 3: missing closing parenthesis"},
        {{.exclude = LIST("[z-a]")}, "--exclude '[z-a]': at byte 3: range out of order"},
        {{.exclude = LIST("*")}, "--exclude '*': at byte 0: quantifier does not follow"},
        {{.domains = LIST("a b")}, "--domains 'a b': "},
        {{.domains = LIST("")}, "--domains '': it is empty"},
        {{.domains = LIST("*.")}, "--domains '*.': it is empty"},
        {{.domains = LIST("http://example.com/")}, "--domains 'http://example.com/': "},
        {{.domains = LIST("co.uk")}, "--domains 'co.uk': unrelated sites are registered"},
        {{.domains = LIST("github.io")}, "--domains 'github.io': unrelated"},
        {{.exclude_domains = LIST("a:80")}, "--exclude-domains 'a:80': "},
        {{.accept = LIST("a", "")}, "--accept entry 2 is empty"},
        {{.reject = LIST("")}, "--reject entry 1 is empty"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tw_scope *s = NULL;
        char error[256] = "";

        ck_assert_int_eq(tw_scope_open(&s, &cases[i].rules, error, sizeof(error)),
                         TRAWL_EINVAL);
        ck_assert_ptr_null(s);
        ck_assert_msg(strncmp(error, cases[i].error, strlen(cases[i].error)) == 0, "%s", error);
    }
}
END_TEST

/* Without a limit, each of these takes longer than the test may. */
START_TEST(hostile_urls_cannot_hold_up_an_expression)
{
    static const char *const bad[] = {"(a+)+$", "(a|aa)+$", "(.*)*x\\1y", "(?:a?){40}a{40}b",
                                      "(a*)*\\1b"};
    char text[2100] = "https://a/";

    memset(text + strlen(text), 'a', 1900);
    strcat(text, "!");
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL, .exclude = {&bad[i], 1}};
        struct tw_scope *s = open_with(&rules, "https://a/");
        const char *why = page(s, text);

        ck_assert_msg(strstr(why, "(match limit)") != NULL || strncmp(why, "scope-in", 8) == 0,
                      "%s", why);
        ck_assert(takes(s, "https://a/c"));
        tw_scope_free(s);
    }
}
END_TEST

START_TEST(the_match_limit_is_an_outcome)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL,
                                   .include = LIST("^https://a/(a+)+$", "never")};
    struct tw_scope *s = open_with(&rules, "https://a/");
    char text[512] = "https://a/";

    memset(text + strlen(text), 'a', 400);
    strcat(text, "!");
    ck_assert_str_eq(page(s, text),
                     "scope-include: --include '^https://a/(a+)+$' (match limit)");
    ck_assert(takes(s, "https://a/aaa"));
    tw_scope_free(s);
    rules.exclude = rules.include;
    rules.include.count = 0;
    s = open_with(&rules, "https://a/");
    ck_assert_str_eq(page(s, text),
                     "scope-exclude: --exclude '^https://a/(a+)+$' (match limit)");
    tw_scope_free(s);
}
END_TEST

START_TEST(ordinary_expressions_do_not_meet_the_limit)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL, .exclude = LIST(".*foo.*bar")};
    struct tw_scope *s = open_with(&rules, "https://a/");
    char text[2000] = "https://a/";

    while (strlen(text) < 1900)
        strcat(text, "foo/ba/");
    ck_assert_str_eq(page(s, text), "scope-in: a seed's host");
    tw_scope_free(s);
}
END_TEST

/* ---- File names ------------------------------------------------------------ */

START_TEST(accepted_names_are_asked_of_leaves)
{
    struct tw_scope_rules rules = {.level = 3,
                                   .accept = LIST("pdf", "img_[0-9]*.p?g", ".tar.gz")};
    struct tw_scope *s = open_with(&rules, "https://a/");

    ck_assert_str_eq(page(s, "https://a/x.pdf"), "scope-in: --accept 'pdf'");
    ck_assert(takes(s, "https://a/d.ir/x.pdf?q=a.txt"));
    ck_assert(takes(s, "https://a/img_07.png"));
    ck_assert(takes(s, "https://a/x.tar.gz"));
    ck_assert_str_eq(page(s, "https://a/x.txt?y.pdf"), "scope-accept: --accept");
    ck_assert(!takes(s, "https://a/x.PDF"));
    ck_assert(!takes(s, "https://a/img_x.png"));
    ck_assert(!takes(s, "https://a/my_img_07.png"));
    /* What leads further. */
    ck_assert(takes(s, "https://a/"));
    ck_assert(takes(s, "https://a/dir/"));
    ck_assert(takes(s, "https://a/page"));
    ck_assert(takes(s, "https://a/v1.2"));
    ck_assert(takes(s, "https://a/x.HTML"));
    ck_assert(takes(s, "https://a/x.php?p=1"));
    ck_assert(!takes(s, "https://a/x.css"));
    ck_assert(!takes(s, "https://a/x.7z"));
    /* Nothing leads further on the last level. */
    ck_assert_str_eq(judged(s, "https://a/page.html", 3, TW_SCOPE_PAGE, NULL),
                     "scope-accept: --accept");
    ck_assert_str_eq(judged(s, "https://a/x.pdf", 3, TW_SCOPE_PAGE, NULL),
                     "scope-in: --accept 'pdf'");
    tw_scope_free(s);
}
END_TEST

START_TEST(rejected_names_are_never_fetched)
{
    struct tw_scope_rules rules = {.level = TW_SCOPE_ANY_LEVEL,
                                   .any_case = true,
                                   .reject = LIST("HTML", "*[!a-c].php", "my file*", "[")};
    struct tw_scope *s = open_with(&rules, "https://a/");

    ck_assert_str_eq(page(s, "https://a/x.html"), "scope-reject: --reject 'HTML'");
    ck_assert(!takes(s, "https://a/xd.PHP"));
    ck_assert(takes(s, "https://a/xA.php"));
    ck_assert_str_eq(page(s, "https://a/My%20File.txt"), "scope-reject: --reject 'my file*'");
    ck_assert(takes(s, "https://a/html/"));
    ck_assert(takes(s, "https://a/"));
    ck_assert(!takes(s, "https://a/["));
    tw_scope_free(s);
}
END_TEST

static bool naive(const char *p, const char *t)
{
    if (*p == '\0')
        return *t == '\0';
    if (*p == '*')
        return naive(p + 1, t) || (*t != '\0' && naive(p, t + 1));
    return *t != '\0' && (*p == '?' || *p == *t) && naive(p + 1, t + 1);
}

START_TEST(random_file_patterns_match_as_the_definition_says)
{
    uint64_t rng = 5;
    size_t found = 0;

    for (int i = 0; i < 200000; i++) {
        char pattern[10] = "", text[12] = "";

        for (size_t k = tw_random_next(&rng) % sizeof(pattern); k > 0; k--)
            pattern[k - 1] = "ab*?"[tw_random_next(&rng) % 4];
        for (size_t k = tw_random_next(&rng) % sizeof(text); k > 0; k--)
            text[k - 1] = "ab"[tw_random_next(&rng) % 2];
        pattern[sizeof(pattern) - 1] = text[sizeof(text) - 1] = '\0';
        ck_assert_msg(tw_glob_match(pattern, strlen(pattern), text, strlen(text), false) ==
                          naive(pattern, text),
                      "%s %s", pattern, text);
        found += naive(pattern, text);
    }
    ck_assert_uint_gt(found, 10000);
}
END_TEST

START_TEST(sets_in_file_patterns)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"[abc]", "b", true},     {"[abc]", "d", false},    {"[a-c]x", "cx", true},
        {"[!a-c]", "d", true},    {"[^a-c]", "a", false},   {"[]]", "]", true},
        {"[!]]", "x", true},      {"[!]]", "]", false},     {"[a-]", "-", true},
        {"[", "[", true},         {"[a", "[a", true},       {"[]", "[]", true},
        {"[]a", "[]a", true},     {"[!", "[!", true},       {"a]", "a]", true},
        {"*[0-9]", "a1b2", true}, {"*[0-9]", "a1b", false}, {"[a-c-e]", "-", true},
        {"[a-c-e]", "d", false},  {"", "", true},           {"", "a", false},
        {"**", "", true},         {"?", "", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(tw_glob_match(cases[i].pattern, strlen(cases[i].pattern), cases[i].text,
                                    strlen(cases[i].text), false) == cases[i].matches,
                      "%s %s", cases[i].pattern, cases[i].text);
    ck_assert(tw_glob_match("[A-C]X", 6, "bx", 2, true));
    ck_assert(!tw_glob_match("[A-C]X", 6, "bx", 2, false));
}
END_TEST

/* ---- Requisites ------------------------------------------------------------ */

START_TEST(requisites_are_let_in_from_anywhere)
{
    struct tw_scope_rules rules = {.level = 1,
                                   .no_parent = true,
                                   .page_requisites = true,
                                   .include = LIST("/docs/"),
                                   .exclude = LIST("tracker"),
                                   .accept = LIST("pdf"),
                                   .reject = LIST("gif")};
    struct tw_scope *s = open_with(&rules, "https://a/docs/");

    ck_assert_str_eq(judged(s, "https://cdn/x.css", 2, TW_SCOPE_REQUISITE, "https://a/docs/p"),
                     "scope-in: --page-requisites");
    ck_assert_str_eq(judged(s, "https://a/img.png", 2, TW_SCOPE_REQUISITE, NULL),
                     "scope-in: --page-requisites");
    ck_assert_str_eq(judged(s, "https://cdn/tracker.js", 2, TW_SCOPE_REQUISITE, NULL),
                     "scope-exclude: --exclude 'tracker'");
    ck_assert_str_eq(judged(s, "https://cdn/x.gif", 2, TW_SCOPE_REQUISITE, NULL),
                     "scope-reject: --reject 'gif'");
    /* One hop: not what a foreign page needs, nor where it leads. */
    ck_assert_str_eq(judged(s, "https://cdn/y.css", 2, TW_SCOPE_REQUISITE, "https://frame/"),
                     "scope-host: no seed's host");
    ck_assert_str_eq(judged(s, "https://cdn/page", 1, TW_SCOPE_PAGE, "https://a/docs/p"),
                     "scope-host: no seed's host");
    tw_scope_free(s);
    rules.page_requisites = false;
    s = open_with(&rules, "https://a/docs/");
    ck_assert_str_eq(judged(s, "https://cdn/x.css", 1, TW_SCOPE_REQUISITE, "https://a/docs/p"),
                     "scope-host: no seed's host");
    tw_scope_free(s);
}
END_TEST

START_TEST(reasons_are_cut_to_their_buffer)
{
    struct tw_scope_reason reason = {TW_SCOPE_EXCLUDE, "--exclude", "abc", false};
    char buf[8];

    ck_assert_uint_eq(tw_scope_reason_text(&reason, buf, sizeof(buf)), 15);
    ck_assert_str_eq(buf, "--exclu");
    ck_assert_uint_eq(tw_scope_reason_text(&reason, NULL, 0), 15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scope");
    TCase *tc = tcase_create("scope");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, seeds_hosts_are_in_scope);
    tcase_add_test(tc, spanning_hosts_takes_all);
    tcase_add_test(tc, domains_hold_all_under_them);
    tcase_add_test(tc, an_address_is_no_domain_of_others);
    tcase_add_test(tc, excluded_domains_are_out_for_everyone);
    tcase_add_test(tc, registrable_domains_are_found);
    tcase_add_test(tc, the_level_is_the_deepest);
    tcase_add_test(tc, no_parent_keeps_to_the_seeds_directories);
    tcase_add_test(tc, many_seeds_are_no_burden);
    tcase_add_test(tc, expressions_are_searched_in_the_canonical_url);
    tcase_add_test(tc, seeds_need_not_be_included_but_may_be_excluded);
    tcase_add_test(tc, a_bad_expression_is_told_with_its_place);
    tcase_add_test(tc, hostile_urls_cannot_hold_up_an_expression);
    tcase_add_test(tc, the_match_limit_is_an_outcome);
    tcase_add_test(tc, ordinary_expressions_do_not_meet_the_limit);
    tcase_add_test(tc, accepted_names_are_asked_of_leaves);
    tcase_add_test(tc, rejected_names_are_never_fetched);
    tcase_add_test(tc, random_file_patterns_match_as_the_definition_says);
    tcase_add_test(tc, sets_in_file_patterns);
    tcase_add_test(tc, requisites_are_let_in_from_anywhere);
    tcase_add_test(tc, reasons_are_cut_to_their_buffer);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
