/* URLs: the standard's own test data, and what this project asks for beside it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "parse/url.h"
#include "trawl.h"

#ifndef SOURCE_ROOT
#define SOURCE_ROOT "."
#endif

static struct tw_url parsed(const char *input)
{
    struct tw_url u;
    const char *reason = "";
    int rc = tw_url_parse(&u, input, strlen(input), NULL, &reason);
    ck_assert_msg(rc == 0, "%s: %s", input, reason);
    return u;
}

static void expect_href(const char *input, const char *href)
{
    struct tw_url u = parsed(input);
    ck_assert_str_eq(u.href, href);
    ck_assert_uint_eq(u.len, strlen(href));
    tw_url_free(&u);
}

static void expect_failure(const char *input, size_t len, int code, const char *reason)
{
    struct tw_url u = {.len = 4711};
    const char *why = NULL;
    int rc = tw_url_parse(&u, input, len, NULL, &why);
    ck_assert_msg(rc == code, "%s: %d", input, rc);
    ck_assert_ptr_nonnull(why);
    if (reason)
        ck_assert_str_eq(why, reason);
    ck_assert_uint_eq(u.len, 4711);
}

/* ---- The standard's test data ---------------------------------------------- */

static bool is_http(const char *s)
{
    return s && (strncasecmp(s, "http:", 5) == 0 || strncasecmp(s, "https:", 6) == 0);
}

/* The code unit of a \uXXXX escape at p, or 0. */
static unsigned escape_at(const char *p)
{
    unsigned unit = 0;
    return p[0] == '\\' && p[1] == 'u' && sscanf(p + 2, "%4x", &unit) == 1 ? unit : 0;
}

/* The parser takes scalar values only, as JSON libraries do: lone surrogates become U+FFFD. */
static void replace_lone_surrogates(char *json)
{
    for (char *p = json; *p; p++) {
        if (*p != '\\')
            continue;
        unsigned unit = escape_at(p);
        unsigned next = unit ? escape_at(p + 6) : 0;
        if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000)
            p += 11;
        else if (unit >= 0xd800 && unit < 0xe000)
            memcpy(p, "\\ufffd", 6);
        else
            p++;
    }
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t size = (size_t)4 << 20;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    size_t n = fread(text, 1, size - 1, f);
    ck_assert_uint_lt(n, size - 1);
    text[n] = '\0';
    fclose(f);
    return text;
}

static json_t *load_cases(void)
{
    char path[4096];
    const char *root = getenv("MESON_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/../shared/conformance/urltestdata.json",
             root ? root : SOURCE_ROOT);
    char *text = read_file(path);
    if (!text) {
        printf("SKIP: %s is not there\n", path);
        return NULL;
    }
    replace_lone_surrogates(text);
    json_error_t error;
    json_t *cases = json_loads(text, JSON_ALLOW_NUL, &error);
    ck_assert_msg(cases != NULL, "%s:%d: %s", path, error.line, error.text);
    free(text);
    return cases;
}

static const char *text_of(json_t *test, const char *key)
{
    return json_string_value(json_object_get(test, key));
}

/* What a case says of a part, its leading delimiter taken off. Cases may leave parts out. */
static void expect_part(json_t *test, const char *key, char delimiter, const char *part,
                        size_t len)
{
    const char *want = text_of(test, key);
    if (!want)
        return;
    if (*want && *want == delimiter)
        want++;
    ck_assert_msg(strlen(want) == len && memcmp(want, part, len) == 0, "%s: %s is %.*s, not %s",
                  text_of(test, "input"), key, (int)len, part, want);
}

static void expect_span(json_t *test, const char *key, char delimiter, const struct tw_url *u,
                        struct tw_span span)
{
    expect_part(test, key, delimiter, u->href + span.at, span.len);
}

static void expect_parts(json_t *test, const struct tw_url *u)
{
    const char *info = u->href + u->userinfo.at;
    const char *colon = u->userinfo.len ? memchr(info, ':', u->userinfo.len) : NULL;
    size_t user_len = colon ? (size_t)(colon - info) : u->userinfo.len;
    expect_part(test, "username", 0, info, user_len);
    expect_part(test, "password", 0, colon ? colon + 1 : "",
                colon ? u->userinfo.len - user_len - 1 : 0);
    expect_span(test, "hostname", 0, u, u->host);
    expect_span(test, "port", 0, u, u->port);
    expect_span(test, "pathname", 0, u, u->path);
    expect_span(test, "search", '?', u, u->query);
    expect_part(test, "hash", '#', u->fragment ? u->fragment : "", u->fragment_len);
}

static void expect_whole(json_t *test, const struct tw_url *u)
{
    char *href = NULL;
    const char *hash = u->fragment ? "#" : "";
    ck_assert_int_gt(asprintf(&href, "%s%s%s", u->href, hash, u->fragment ? u->fragment : ""),
                     0);
    ck_assert_str_eq(href, text_of(test, "href"));
    free(href);
    expect_parts(test, u);
}

static void run_case(json_t *test)
{
    json_t *input = json_object_get(test, "input");
    const char *base_text = text_of(test, "base");
    bool fails = json_is_true(json_object_get(test, "failure"));
    struct tw_url base = {0}, u = {0};
    if (is_http(base_text))
        base = parsed(base_text);
    const char *reason = "";
    int rc = tw_url_parse(&u, json_string_value(input), json_string_length(input),
                          base.href ? &base : NULL, &reason);
    ck_assert_msg((rc != 0) == fails, "%s against %s: %d, %s", json_string_value(input),
                  base_text ? base_text : "nothing", rc, reason);
    if (!fails)
        expect_whole(test, &u);
    tw_url_free(&u);
    tw_url_free(&base);
}

/* Without a base of ours an input counts only when it is absolute itself. */
static bool concerns_us(json_t *test)
{
    if (!json_is_object(test))
        return false;
    const char *base = text_of(test, "base"), *input = text_of(test, "input");
    if (json_is_true(json_object_get(test, "failure")))
        return is_http(input) || is_http(base);
    return is_http(text_of(test, "href")) && (!base || is_http(base) || is_http(input));
}

START_TEST(agrees_with_the_standards_test_data)
{
    json_t *cases = load_cases(), *test;
    if (!cases)
        return;
    size_t i, count = 0;
    json_array_foreach(cases, i, test)
    {
        if (concerns_us(test)) {
            run_case(test);
            count++;
        }
    }
    json_decref(cases);
    printf("%zu cases of the URL standard's test data\n", count);
    ck_assert_uint_ge(count, 300);
}
END_TEST

/* ---- Parsing --------------------------------------------------------------- */

START_TEST(parts_lie_where_the_spans_say)
{
    struct tw_url u = parsed("HTTPS://Us%65r:p:w@Ex.COM:8443/a/../b?q=1&r#frag");
    ck_assert_str_eq(u.href, "https://Us%65r:p%3Aw@ex.com:8443/b?q=1&r");
    const struct {
        struct tw_span span;
        const char *text;
    } parts[] = {
        {u.scheme, "https"}, {u.userinfo, "Us%65r:p%3Aw"}, {u.host, "ex.com"}, {u.port, "8443"},
        {u.path, "/b"},      {u.query, "q=1&r"},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        ck_assert_uint_eq(parts[i].span.len, strlen(parts[i].text));
        ck_assert_mem_eq(u.href + parts[i].span.at, parts[i].text, parts[i].span.len);
    }
    ck_assert_str_eq(u.fragment, "frag");
    ck_assert_uint_eq(u.port_number, 8443);
    ck_assert(u.https && !u.host_is_ip);
    tw_url_free(&u);
    ck_assert_ptr_null(u.href);
}
END_TEST

START_TEST(absent_and_empty_parts_differ)
{
    struct tw_url bare = parsed("http://h"), empty = parsed("http://h/?#");
    ck_assert_uint_eq(bare.query.at, 0);
    ck_assert_ptr_null(bare.fragment);
    ck_assert_uint_eq(bare.port.at, 0);
    ck_assert_uint_eq(bare.port_number, 80);
    ck_assert_str_eq(empty.href, "http://h/?");
    ck_assert_uint_eq(empty.query.at, empty.len);
    ck_assert_uint_eq(empty.query.len, 0);
    ck_assert_str_eq(empty.fragment, "");
    tw_url_free(&bare);
    tw_url_free(&empty);
}
END_TEST

START_TEST(ip_addresses_are_recognised)
{
    const char *ips[] = {"http://0x7f.1/", "http://[::1]/", "http://1.2.3.4./", "http://%31/"};
    for (size_t i = 0; i < sizeof(ips) / sizeof(*ips); i++) {
        struct tw_url u = parsed(ips[i]);
        ck_assert_msg(u.host_is_ip, "%s", ips[i]);
        tw_url_free(&u);
    }
    struct tw_url name = parsed("http://1.2.3.4.example/");
    ck_assert(!name.host_is_ip);
    tw_url_free(&name);
}
END_TEST

START_TEST(ipv6_is_compressed_at_the_first_longest_run)
{
    expect_href("http://[1:0:0:2:0:0:3:4]/", "http://[1::2:0:0:3:4]/");
    expect_href("http://[1:0:0:2:0:0:0:4]/", "http://[1:0:0:2::4]/");
    expect_href("http://[1:0:2:3:4:5:6:7]/", "http://[1:0:2:3:4:5:6:7]/");
    expect_href("http://[::]/", "http://[::]/");
    expect_href("http://[1::]/", "http://[1::]/");
    expect_href("http://[1:2:3:4:5:6:7::]/", "http://[1:2:3:4:5:6:7:0]/");
    expect_href("http://[ABCD:0Ef::1.2.3.4]/", "http://[abcd:ef::102:304]/");
}
END_TEST

START_TEST(invalid_ipv6_is_refused)
{
    const char *bad[] = {
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6::1.2.3.4",
        ":1",
        "1:",
        "1:::2",
        "12345::",
        "::1%25eth0",
        "1::2::3",
        "::g",
        "::01.2.3.4",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        char input[64];
        snprintf(input, sizeof(input), "http://[%s]/", bad[i]);
        expect_failure(input, strlen(input), TRAWL_EURL,
                       "the host is not a valid IPv6 address");
    }
}
END_TEST

START_TEST(names_in_all_scripts_become_ascii)
{
    expect_href("http://B\xc3\xbc"
                "cher.example/",
                "http://xn--bcher-kva.example/");
    expect_href("http://\xe2\x98\x83.net/", "http://xn--n3h.net/");
    expect_href("http://\xf0\x9f\x92\xa9.la/", "http://xn--ls8h.la/");
    expect_href("http://\xd7\x90\xd7\x91.example/", "http://xn--4dbc.example/");
    expect_href("http://r3---a_b.\xc3\xa9.com/", "http://r3---a_b.xn--9ca.com/");
    expect_href("http://XN--N3H.net/", "http://xn--n3h.net/");
    expect_href("http://-.a-.--/", "http://-.a-.--/");
    expect_href("http://\xc3\xa9\xef\xbc\x8ex\xef\xbd\xa1y/", "http://xn--9ca.x.y/");
}
END_TEST

START_TEST(invalid_names_are_refused)
{
    const char *idn = "the host is not a valid international domain name";
    const char *bad[] = {
        "http://a\xd7\x90/",              /* left-to-right and right-to-left mixed */
        "http://1a.\xd7\x90/",            /* a digit begins a label beside a Hebrew one */
        "http://\xe2\x98\x83\xd7\x90/",   /* a symbol begins a Hebrew label */
        "http://\xcc\x81x/",              /* a combining mark begins a label */
        "http://a\xe2\x80\x8d\x62/",      /* a joiner between letters that do not join */
        "http://xn--a-.\xc3\xa9/",        /* an encoding of ASCII alone */
        "http://xn--\xc3\xa9-.\xc3\xa9/", /* no encoding at all */
        "http://\xff/",                   /* not UTF-8 */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        expect_failure(bad[i], strlen(bad[i]), TRAWL_EURL, idn);
}
END_TEST

START_TEST(invalid_utf8_reads_as_replacement_characters)
{
    expect_href("http://h/\xff", "http://h/%EF%BF%BD");
    expect_href("http://h/\xe4\xbd", "http://h/%EF%BF%BD");
    expect_href("http://h/\xed\xa0\x80", "http://h/%EF%BF%BD%EF%BF%BD%EF%BF%BD");
    expect_href("http://h/\xf0\x90x", "http://h/%EF%BF%BDx");
    expect_href("http://h/\xe4\t\xbd\xa0", "http://h/%EF%BF%BD%EF%BF%BD%EF%BF%BD");
    expect_href("http://h/\xe4\xbd\t\xa0?\xc0\xaf", "http://h/%EF%BF%BD%EF%BF%BD"
                                                    "?%EF%BF%BD%EF%BF%BD");
}
END_TEST

START_TEST(nul_bytes_are_bytes_like_any_other)
{
    struct tw_url u;
    static const char in_path[] = "http://h/a\0b";
    ck_assert_int_eq(tw_url_parse(&u, in_path, sizeof(in_path) - 1, NULL, NULL), 0);
    ck_assert_str_eq(u.href, "http://h/a%00b");
    tw_url_free(&u);
    expect_failure("http://h\0x/", 11, TRAWL_EURL, NULL);
    expect_failure("\0", 1, TRAWL_EURL, "the URL is empty");
}
END_TEST

START_TEST(other_schemes_are_refused_by_name)
{
    const char *refused[] = {
        "ftp://h/", "mailto:x@y", "file:///x", "data:,x", "javascript:1",   "httpx://h/",
        "htt://h/", "ws://h/",    "HTTPSS:x",  "h+.-1:x", "blob:http://h/",
    };
    struct tw_url base = parsed("http://h/");
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct tw_url u;
        size_t len = strlen(refused[i]);
        expect_failure(refused[i], len, TRAWL_ESCHEME, "the scheme is not http or https");
        ck_assert_int_eq(tw_url_parse(&u, refused[i], len, &base, NULL), TRAWL_ESCHEME);
    }
    tw_url_free(&base);
}
END_TEST

START_TEST(failures_have_a_reason)
{
    const struct {
        const char *input, *reason;
    } cases[] = {
        {"", "the URL is empty"},
        {" \t ", "the URL is empty"},
        {"a/b", "the URL is relative and there is no base"},
        {"http://", "the host is empty"},
        {"http://u@/", "the host is empty"},
        {"http://:80/", "the host is empty"},
        {"http://h:65536/", "the port is larger than 65535"},
        {"http://h:1x/", "the port is not a number"},
        {"http://1.2.3.256/", "the host is not a valid IPv4 address"},
        {"http://a b/", "the host holds a character that no host name may have"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        expect_failure(cases[i].input, strlen(cases[i].input), TRAWL_EURL, cases[i].reason);
}
END_TEST

START_TEST(long_urls_are_kept_whole)
{
    size_t len = 70000, head = strlen("http://h/");
    char *input = malloc(len + 1);
    ck_assert_ptr_nonnull(input);
    memset(input, 'x', len);
    memcpy(input, "http://h/", head);
    input[len] = '\0';
    expect_href(input, input);
    memset(input + head, ' ', len - head - 1);
    struct tw_url u = parsed(input);
    ck_assert_uint_eq(u.len, head + 3 * (len - head - 1) + 1);
    tw_url_free(&u);
    free(input);
}
END_TEST

START_TEST(too_long_urls_are_refused)
{
    size_t len = TW_URL_INPUT_MAX + 1;
    char *input = malloc(len);
    ck_assert_ptr_nonnull(input);
    memset(input, 'x', len);
    expect_failure(input, len, TRAWL_EURL, "the URL is too long");
    free(input);
}
END_TEST

START_TEST(a_canonical_url_parses_to_itself)
{
    const char *inputs[] = {
        "http://u@:p@h:80/%2e/a b?'\"#`",
        "https://[::ffff:1.2.3.4]:443//..//?",
        "http:\\\\\xe2\x98\x83\\\xff\\..",
        "http://h/^|{}~?^|{}~`",
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
        struct tw_url u = parsed(inputs[i]);
        expect_href(u.href, u.href);
        tw_url_free(&u);
    }
}
END_TEST

START_TEST(a_reference_may_outlive_its_base)
{
    struct tw_url base = parsed("http://u:p@h:81/a/b?q#f"), u;
    ck_assert_int_eq(tw_url_parse(&u, "../c", 4, &base, NULL), 0);
    tw_url_free(&base);
    ck_assert_str_eq(u.href, "http://u:p@h:81/c");
    ck_assert_uint_eq(u.query.at, 0);
    ck_assert_ptr_null(u.fragment);
    tw_url_free(&u);
}
END_TEST

/* ---- Guessing -------------------------------------------------------------- */

START_TEST(what_people_type_gets_http)
{
    const struct {
        const char *input, *href;
    } cases[] = {
        {"example.com/x", "http://example.com/x"},
        {" example.com ", "http://example.com/"},
        {"localhost:8080/x", "http://localhost:8080/x"},
        {"localhost:8080", "http://localhost:8080/"},
        {"localhost:8080?q", "http://localhost:8080/?q"},
        {"127.0.0.1:80", "http://127.0.0.1/"},
        {"[::1]:8080/", "http://[::1]:8080/"},
        {"//example.com/x", "http://example.com/x"},
        {"\\\\example.com\\x", "http://example.com/x"},
        {"u@h/x", "http://u@h/x"},
        {"h:8\t0/x", "http://h/x"},
        {"HTTPS:example.com", "https://example.com/"},
        {"https://h:1/", "https://h:1/"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tw_url u;
        const char *in = cases[i].input;
        ck_assert_msg(tw_url_guess(&u, in, strlen(in), NULL) == 0, "%s", in);
        ck_assert_str_eq(u.href, cases[i].href);
        tw_url_free(&u);
    }
}
END_TEST

START_TEST(what_has_another_scheme_is_not_guessed)
{
    const struct {
        const char *input;
        int code;
        const char *reason;
    } cases[] = {
        {"javascript:alert(1)", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"mailto:x@y", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"data:text/plain,x", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"file:///x", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"ftp://x", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"user:1pw@host", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"tel:123-4", TRAWL_ESCHEME, "the scheme is not http or https"},
        {"", TRAWL_EURL, "the URL is empty"},
        {" \n", TRAWL_EURL, "the URL is empty"},
        {"http://", TRAWL_EURL, "the host is empty"},
        {"?q", TRAWL_EURL, "the host is empty"},
        {"/etc/x", TRAWL_EURL, "the host is missing before the path"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tw_url u;
        const char *in = cases[i].input, *reason = NULL;
        ck_assert_msg(tw_url_guess(&u, in, strlen(in), &reason) == cases[i].code, "%s", in);
        ck_assert_str_eq(reason, cases[i].reason);
    }
}
END_TEST

/* ---- Parts ----------------------------------------------------------------- */

static void expect_origin(const char *input, const char *origin)
{
    char buf[64], small[8];
    struct tw_url u = parsed(input);
    ck_assert_uint_eq(tw_url_origin(&u, buf, sizeof(buf)), strlen(origin));
    ck_assert_str_eq(buf, origin);
    ck_assert_uint_eq(tw_url_origin(&u, small, sizeof(small)), strlen(origin));
    ck_assert_mem_eq(small, origin, sizeof(small) - 1);
    ck_assert_int_eq(small[sizeof(small) - 1], 0);
    tw_url_free(&u);
}

START_TEST(an_origin_always_has_its_port)
{
    expect_origin("http://u:p@EX.com/x?y", "http://ex.com:80");
    expect_origin("https://ex.com:8443", "https://ex.com:8443");
    expect_origin("https://[::0]:443/", "https://[::]:443");
}
END_TEST

START_TEST(an_origin_is_scheme_host_and_port)
{
    const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"http://h/a", "http://u@H:80/b", true},   {"http://h/", "https://h/", false},
        {"http://h/", "http://h:81/", false},      {"http://h/", "http://g/", false},
        {"http://h:443/", "https://h:443", false}, {"http://h/", "http://hh/", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tw_url a = parsed(cases[i].a), b = parsed(cases[i].b);
        ck_assert_msg(tw_url_same_origin(&a, &b) == cases[i].same, "%s %s", a.href, b.href);
        tw_url_free(&a);
        tw_url_free(&b);
    }
}
END_TEST

START_TEST(stripping_takes_the_credentials_alone)
{
    const char *inputs[] = {"http://u:p@h:81/x@y?z", "http://:p@h:81/x@y?z",
                            "http://h:81/x@y?z#f"};
    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
        struct tw_url u = parsed(inputs[i]);
        char *out = NULL;
        ck_assert_int_eq(tw_url_strip(&u, &out), 0);
        ck_assert_str_eq(out, "http://h:81/x@y?z");
        free(out);
        tw_url_free(&u);
    }
}
END_TEST

START_TEST(credentials_are_decoded)
{
    const struct {
        const char *input, *user, *password;
    } cases[] = {
        {"http://h/", NULL, NULL},
        {"http://@h/", NULL, NULL},
        {"http://:@h/", NULL, NULL},
        {"http://u@h/", "u", NULL},
        {"http://u:@h/", "u", NULL},
        {"http://:p@h/", "", "p"},
        {"http://a%3Ab@c:d%40:e%zz@h/", "a:b@c", "d@:e%zz"},
        {"http://\xc3\xa9:\xe2\x98\x83@h/", "\xc3\xa9", "\xe2\x98\x83"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tw_url u = parsed(cases[i].input);
        char *user, *password;
        ck_assert_int_eq(tw_url_userinfo(&u, &user, &password), 0);
        ck_assert_pstr_eq(user, cases[i].user);
        ck_assert_pstr_eq(password, cases[i].password);
        free(user);
        free(password);
        tw_url_free(&u);
    }
}
END_TEST

START_TEST(credentials_with_a_nul_are_refused)
{
    const char *inputs[] = {"http://a%00b:c@h/", "http://a:%00@h/"};
    for (size_t i = 0; i < 2; i++) {
        struct tw_url u = parsed(inputs[i]);
        char *user, *password;
        ck_assert_int_eq(tw_url_userinfo(&u, &user, &password), TRAWL_EURL);
        tw_url_free(&u);
    }
}
END_TEST

/* ---- Masking --------------------------------------------------------------- */

static void expect_mask(const char *input, size_t len, const char *want, size_t want_len)
{
    char out[128];
    ck_assert_uint_eq(tw_url_mask(out, sizeof(out), input, len), want_len);
    ck_assert_msg(memcmp(out, want, want_len + 1) == 0, "%s is %s, not %s", input, out, want);
}

START_TEST(credentials_are_masked_wherever_a_parser_sees_them)
{
    const struct {
        const char *input, *masked;
    } cases[] = {
        {"http://u:p@h/x", "http://***@h/x"},
        {"HTTPS://u:p@h", "HTTPS://***@h"},
        {"user:pw@host/x", "***@host/x"},
        {"user@host", "***@host"},
        {"u:80@h", "***@h"},
        {"//u:p@h/", "//***@h/"},
        {"\\\\u:p@h\\x", "\\\\***@h\\x"},
        {"http:\\\\u:p@h", "http:\\\\***@h"},
        {"http:user:pw@host", "http:***@host"},
        {"http:/user@host", "http:/***@host"},
        {"http:////u:p@h/", "http:////***@h/"},
        {"ftp://u:p@h", "ftp://***@h"},
        {"u:\\@h", "***@h"},
        {"ftp:\\\\u:p@h", "***@h"},
        {"http:pw@host", "http:***@host"},
        {"http:u:https:p@h", "http:***@h"},
        {"feed:http://u:p@h/", "feed:http://***@h/"},
        {" \x01 ht\ttp:/\n/\r/u:\tp@h", " \x01 ht\ttp:/\n/\r/***@h"},
        {"\xef\xbb\xbfhttp://u:p@h/", "\xef\xbb\xbfhttp://***@h/"},
        {"http://a@b:c@d@e/f@g", "http://***@e/f@g"},
        {"http://@h/", "http://***@h/"},
        {"http://u:p\\w@h/", "http://***@h/"},
        {"u:p:\\w@h", "***@h"},
        {"http://u:p@", "http://***@"},
        {"http://u:p@[::1/", "http://***@[::1/"},
        {"mailto://u:p@h/", "mailto://***@h/"},
        {"tel:http://u:p@h/", "tel:http://***@h/"},
        {"mail:to@h", "***@h"},
        {"mailto", "mailto"},
        {"mailto@h", "***@h"},
        {"sip:u:p@h", "***@h"},
        {"mailto:u:p@h", "***@h"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        expect_mask(cases[i].input, strlen(cases[i].input), cases[i].masked,
                    strlen(cases[i].masked));
    static const char nul[] = "ht\0tp://u:\0p@h\0/", nul_masked[] = "ht\0tp://***@h\0/";
    expect_mask(nul, sizeof(nul) - 1, nul_masked, sizeof(nul_masked) - 1);
}
END_TEST

START_TEST(what_has_no_credentials_stays_as_it_is)
{
    const char *inputs[] = {
        "",        "http://h/x@y", "http://h?x@y",     "http://h#x@y", "h/x@y",
        "http:",   "h:80/a:b@",    "http://h:80/\\@x", "\t\x01 ",      "/",
        "http://", "mailto:a@b", " MailTo:a@b,c@d?cc=e@f", "tel:1@x", "data:text/html;x=a@b,c",
        "javascript:mail('a@b')", "mailto:a%40b@c", "mailto:@",
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++)
        expect_mask(inputs[i], strlen(inputs[i]), inputs[i], strlen(inputs[i]));
}
END_TEST

START_TEST(a_mask_is_cut_to_its_buffer)
{
    static const char input[] = "http://u:p@host/";
    static const char masked[] = "http://***@host/";
    for (size_t size = 0; size <= sizeof(masked); size++) {
        char out[32];
        memset(out, 'z', sizeof(out));
        ck_assert_uint_eq(tw_url_mask(out, size, input, sizeof(input) - 1), sizeof(masked) - 1);
        if (size > 0) {
            ck_assert_mem_eq(out, masked, size - 1);
            ck_assert_int_eq(out[size - 1], 0);
        }
        ck_assert_int_eq(out[size], 'z');
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url");
    TCase *tc = tcase_create("url");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, agrees_with_the_standards_test_data);
    tcase_add_test(tc, parts_lie_where_the_spans_say);
    tcase_add_test(tc, absent_and_empty_parts_differ);
    tcase_add_test(tc, ip_addresses_are_recognised);
    tcase_add_test(tc, ipv6_is_compressed_at_the_first_longest_run);
    tcase_add_test(tc, invalid_ipv6_is_refused);
    tcase_add_test(tc, names_in_all_scripts_become_ascii);
    tcase_add_test(tc, invalid_names_are_refused);
    tcase_add_test(tc, invalid_utf8_reads_as_replacement_characters);
    tcase_add_test(tc, nul_bytes_are_bytes_like_any_other);
    tcase_add_test(tc, other_schemes_are_refused_by_name);
    tcase_add_test(tc, failures_have_a_reason);
    tcase_add_test(tc, long_urls_are_kept_whole);
    tcase_add_test(tc, too_long_urls_are_refused);
    tcase_add_test(tc, a_canonical_url_parses_to_itself);
    tcase_add_test(tc, a_reference_may_outlive_its_base);
    tcase_add_test(tc, what_people_type_gets_http);
    tcase_add_test(tc, what_has_another_scheme_is_not_guessed);
    tcase_add_test(tc, an_origin_always_has_its_port);
    tcase_add_test(tc, an_origin_is_scheme_host_and_port);
    tcase_add_test(tc, stripping_takes_the_credentials_alone);
    tcase_add_test(tc, credentials_are_decoded);
    tcase_add_test(tc, credentials_with_a_nul_are_refused);
    tcase_add_test(tc, credentials_are_masked_wherever_a_parser_sees_them);
    tcase_add_test(tc, what_has_no_credentials_stays_as_it_is);
    tcase_add_test(tc, a_mask_is_cut_to_its_buffer);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
