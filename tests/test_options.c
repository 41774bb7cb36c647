#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"

/* One command line after another is parsed into these. */
static struct cli_options o;
static char *error;

static void setup(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                        "HTTP_PROXY", "all_proxy",   "ALL_PROXY",
                                        "no_proxy",   "NO_PROXY",    "NO_COLOR"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsetenv(names[i]);
    }
    cli_options_init(&o, CLI_FETCH);
    error = NULL;
}

static void teardown(void)
{
    cli_options_free(&o);
    free(error);
}

#define MAX_ARGS 16

static int parse_argv(char *const *argv)
{
    int argc = 0;
    while (argv[argc] != NULL) {
        argc++;
    }
    teardown();
    cli_options_init(&o, CLI_FETCH);
    error = NULL;
    return cli_options_parse(&o, argc, argv, &error);
}

#define parse(...) parse_argv((char *[MAX_ARGS]){__VA_ARGS__, NULL})

static int check_argv(char *const *argv)
{
    int rc = parse_argv(argv);
    cli_environment_read(&o.environment);
    return rc != 0 ? rc : cli_options_check(&o, &error);
}

#define checked(...) check_argv((char *[MAX_ARGS]){__VA_ARGS__, NULL})

#define refused(message, ...)                                                                  \
    do {                                                                                       \
        ck_assert_int_eq(checked(__VA_ARGS__), CLI_EXIT_USAGE);                                \
        ck_assert_str_eq(error, message);                                                      \
    } while (0)

/* ---- Parser ------------------------------------------------------------------------------ */

START_TEST(nothing_given_leaves_the_library_defaults)
{
    trawl_options defaults = TRAWL_OPTIONS_INIT;
    ck_assert_int_eq(checked("http://a/"), 0);
    ck_assert_uint_eq(o.fetch.concurrency, defaults.concurrency);
    ck_assert_uint_eq(o.fetch.timeout_ms, defaults.timeout_ms);
    ck_assert_uint_eq(o.fetch.max_body, defaults.max_body);
    ck_assert_uint_eq(o.fetch.excerpt, 100);
    ck_assert_uint_eq(o.fetch.keep_body, 4096);
    ck_assert(!o.fetch.no_reuse);
    ck_assert_ptr_null(o.fetch.proxy_http);
    ck_assert_str_eq(o.format, "text");
    ck_assert_ptr_null(o.fetch.headers);
}
END_TEST

START_TEST(options_and_urls_may_be_mixed)
{
    ck_assert_int_eq(parse("http://a/", "-j64", "http://b/", "-t", "5", "--", "-q", "--body"),
                     0);
    ck_assert_uint_eq(o.fetch.concurrency, 64);
    ck_assert_uint_eq(o.fetch.tries, 5);
    ck_assert_uint_eq(o.operands.count, 4);
    ck_assert_str_eq(o.operands.items[0], "http://a/");
    ck_assert_str_eq(o.operands.items[1], "http://b/");
    ck_assert_str_eq(o.operands.items[2], "-q");
    ck_assert_str_eq(o.operands.items[3], "--body");
    ck_assert_ptr_null(o.operands.items[4]);
    ck_assert(!o.quiet);
}
END_TEST

START_TEST(short_flags_combine_and_end_with_a_value)
{
    ck_assert_int_eq(parse("-qvvj7", "-4"), 0);
    ck_assert(o.quiet);
    ck_assert_uint_eq(o.verbose, 2);
    ck_assert_uint_eq(o.fetch.concurrency, 7);
    ck_assert(o.ipv4);
    ck_assert_int_eq(parse("-vj", "8"), 0);
    ck_assert_uint_eq(o.verbose, 1);
    ck_assert_uint_eq(o.fetch.concurrency, 8);
}
END_TEST

START_TEST(long_options_take_values_both_ways_and_by_prefix)
{
    ck_assert_int_eq(parse("--concurrency=3", "--timeout", "1.5", "--max-fi=1Mi", "--out=x=y"),
                     0);
    ck_assert_uint_eq(o.fetch.concurrency, 3);
    ck_assert_uint_eq(o.fetch.timeout_ms, 1500);
    ck_assert_uint_eq(o.fetch.max_body, 1 << 20);
    ck_assert_str_eq(o.output, "x=y");
}
END_TEST

START_TEST(an_exact_name_wins_over_a_longer_one)
{
    ck_assert_int_eq(parse("--proxy", "http://p/", "--http2"), 0);
    ck_assert_str_eq(o.proxy, "http://p/");
    ck_assert(o.http2 && !o.http1);
}
END_TEST

START_TEST(what_is_on_by_default_has_a_no_form)
{
    ck_assert_int_eq(parse("--no-keepalive"), 0);
    ck_assert(!o.keepalive);
    ck_assert_int_eq(parse("--no-keepalive", "--keepalive"), 0);
    ck_assert(o.keepalive);
    ck_assert_int_eq(parse("--no-body"), CLI_EXIT_USAGE);
}
END_TEST

START_TEST(lists_keep_every_value_in_order)
{
    char numbers[40][24];
    char *argv[82] = {NULL};
    for (int i = 0; i < 40; i++) {
        snprintf(numbers[i], sizeof(numbers[i]), "X-%d: y", i);
        argv[2 * i] = "--header";
        argv[2 * i + 1] = numbers[i];
    }
    ck_assert_int_eq(parse_argv(argv), 0);
    ck_assert_uint_eq(o.headers.count, 40);
    for (size_t i = 0; i < 40; i++) {
        ck_assert_str_eq(o.headers.items[i], numbers[i]);
    }
    ck_assert_ptr_null(o.headers.items[40]);
}
END_TEST

START_TEST(the_last_of_several_values_holds)
{
    ck_assert_int_eq(parse("-j", "3", "-j", "4", "--format=csv", "--format=jsonl"), 0);
    ck_assert_uint_eq(o.fetch.concurrency, 4);
    ck_assert_str_eq(o.format, "jsonl");
}
END_TEST

START_TEST(low_speed_has_a_rate_and_a_time)
{
    ck_assert_int_eq(parse("--low-speed", "2k:5"), 0);
    ck_assert_uint_eq(o.fetch.low_speed_bytes, 2000);
    ck_assert_uint_eq(o.fetch.low_speed_ms, 5000);
    ck_assert_int_eq(parse("--low-speed", "10"), 0);
    ck_assert_uint_eq(o.fetch.low_speed_bytes, 10);
    ck_assert_uint_eq(o.fetch.low_speed_ms, 60000);
    ck_assert_int_eq(parse("--low-speed", "10:0.5"), CLI_EXIT_USAGE);
    ck_assert_int_eq(parse("--low-speed", "10:"), CLI_EXIT_USAGE);
    ck_assert_int_eq(parse("--low-speed", ":5"), CLI_EXIT_USAGE);
    ck_assert_int_eq(parse("--low-speed", "3G"), CLI_EXIT_USAGE);
}
END_TEST

START_TEST(help_and_version_end_the_parsing)
{
    ck_assert_int_eq(parse("-j", "3", "--help", "--nonsense"), 0);
    ck_assert(o.help);
    ck_assert_int_eq(parse("-V", "--nonsense"), 0);
    ck_assert(o.version);
}
END_TEST

/* ---- Wrong usage ------------------------------------------------------------------------- */

START_TEST(misspelt_options_get_a_suggestion)
{
    refused("unknown option '--concurency'; did you mean '--concurrency'?", "--concurency",
            "3");
    refused("unknown option '--ouptut'; did you mean '--output'?", "--ouptut=secret");
    refused("unknown option '--nokeepalive'; did you mean '--no-keepalive'?", "--nokeepalive");
    refused("unknown option '--zzz'; see 'trawl fetch --help'", "--zzz");
    refused("unknown option '-H'; see 'trawl fetch --help'", "-qH", "Cookie: secret");
    refused("unknown option '--man'; see 'trawl fetch --help'", "--man");
}
END_TEST

START_TEST(short_forms_that_fit_several_options_are_refused)
{
    refused("'--max' is short for several options: --max-redirs, --max-filesize, "
            "--max-header-size, --max-memory, --max-retry-after",
            "--max", "3");
    refused("'--http' is short for several options: --http1.1, --http2", "--http");
}
END_TEST

START_TEST(missing_and_superfluous_values_are_named)
{
    refused("--output needs a value: --output FILE", "http://a/", "--output");
    refused("-j needs a value: -j N", "-qj");
    refused("--quiet takes no value; leave out '=yes'", "--quiet=yes");
    refused("--no-keepalive takes no value; leave out '='", "--no-keepalive=");
}
END_TEST

START_TEST(bad_values_are_named_with_a_remedy)
{
    refused("--concurrency '0': give 1 to 100000", "-j0");
    refused("--tries '0': give 1 to 1000", "--tries", "0");
    refused("--concurrency 'many': give a number", "-j", "many");
    refused("--tries '-1': give a number", "-t", "-1");
    refused("--per-host '4294967297': give 0 to 100000", "--per-host", "4294967297");
    refused("--timeout '5x': give seconds such as 10 or 0.5, or 500ms, 5m, 1h", "-T5x");
    refused("--connect-timeout '0': give 1ms to 1000000", "--connect-timeout=0");
    refused("--max-filesize '5Q': give bytes such as 4096, 500k, 10M or 1Gi",
            "--max-filesize=5Q");
    ck_assert_int_eq(checked("--strategy", "pools"), CLI_EXIT_USAGE);
    ck_assert_ptr_eq(strstr(error, "--strategy 'pools': give one of loop, pool, batch, "), error);
    refused("--format 'json': give one of text, jsonl, csv", "--format=json");
    refused("--color '': give one of auto, always, never", "--color=");
}
END_TEST

START_TEST(no_url_is_wrong_usage)
{
    refused("no URL; give URLs, or a file of them with -i FILE (-i - reads standard input)",
            "-q");
    refused("'-' is no URL; -i - reads URLs from standard input", "-");
    refused("-i - is given twice; standard input is read once", "-i-", "-i", "-");
}
END_TEST

START_TEST(lists_of_addresses_are_checked_before_anything_is_fetched)
{
    refused("--deny-cidr '10.0.0.0/33' (entry 2): an IPv4 prefix has at most 32 bits", "a",
            "--deny-cidr", "::1,10.0.0.0/33");
    refused("--deny-cidr '10.1.0.0/8' (entry 1): it has bits behind its prefix; clear them, or "
            "give more bits",
            "a", "--deny-cidr=10.1.0.0/8");
    refused("--allow-cidr '' (entry 1): it is empty; leave out the comma, or give ADDRESS[/BITS]",
            "a", "--allow-cidr", "");
    refused("--dns-servers 'dns.example' (entry 1): it is no IP address; give ADDRESS[:PORT], "
            "such as 192.0.2.53 or [2001:db8::53]:53",
            "a", "--dns-servers", "dns.example");
    ck_assert_int_eq(checked("a", "--deny-private", "--deny-cidr", "8.8.8.0/24, 2001:db8::/32",
                             "--allow-cidr=127.0.0.1", "--dns-servers", "127.0.0.1:53,::1",
                             "--dns-timeout", "1.5", "--max-memory", "2Gi"),
                     0);
    ck_assert(o.fetch.deny_private);
    ck_assert_str_eq(o.fetch.deny_cidr, "8.8.8.0/24, 2001:db8::/32");
    ck_assert_str_eq(o.fetch.allow_cidr, "127.0.0.1");
    ck_assert_str_eq(o.fetch.dns_servers, "127.0.0.1:53,::1");
    ck_assert_uint_eq(o.fetch.dns_timeout_ms, 1500);
    ck_assert_uint_eq(o.fetch.max_memory, UINT64_C(2) << 30);
    ck_assert_int_eq(checked("a", "--allow-private"), 0);
    ck_assert(!o.fetch.deny_private);
}
END_TEST

START_TEST(contradictions_are_refused)
{
    refused("--ipv4 and --ipv6 exclude each other; leave out both to connect to either", "a",
            "-46");
    refused("--deny-private and --allow-private exclude each other; to make exceptions, give "
            "--allow-cidr LIST",
            "a", "--deny-private", "--allow-private");
    refused("--http1.1 and --http2 exclude each other; leave out both to negotiate", "a",
            "--http2", "--http1.1");
    refused("--body needs --format jsonl; 'csv' has no place for it", "a", "--body",
            "--format=csv");
}
END_TEST

START_TEST(headers_must_be_one_line_and_are_not_printed)
{
    static const char *const bad[] = {
        "secret",      ": secret", "A B: secret",  "A: secret\r\nX: y",
        "A: secret\n", "",         "A\x7f: secret"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused("--header number 2 is not a header: give one line, \"Name: value\"", "a",
                "--header=Accept: */*", "--header", (char *)bad[i]);
    }
    ck_assert_int_eq(checked("a", "--header", "Authorization: Basic x", "--header", "X:\ty"),
                     0);
    ck_assert_str_eq(o.fetch.headers[0], "Authorization: Basic x");
    ck_assert_ptr_null(o.fetch.headers[2]);
}
END_TEST

START_TEST(resolve_takes_hosts_ports_and_addresses)
{
    static const char *const good[] = {"a:80:127.0.0.1", "a.b:65535:127.0.0.1,::1",
                                       "[::1]:1:[::1],127.0.0.2"};
    static const char *const bad[] = {
        "",        "a",      "a:80",      "a:80:",      ":80:::1",   "a:0:::1",   "a:65536:::1",
        "a:x:::1", "a:80:b", "a:80:::1,", "a:80:1.2.3", "a:80:::1 ", "[::1:80:a", "a:80:[::1",
        "a:80:[]", "-a:80"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(checked("a", "--resolve", (char *)good[i]) == 0, "%s", good[i]);
        ck_assert_str_eq(o.fetch.resolve[0], good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(checked("a", "--resolve", (char *)bad[i]) == CLI_EXIT_USAGE, "%s",
                      bad[i]);
    }
}
END_TEST

START_TEST(a_proxy_is_checked_and_its_password_not_printed)
{
    refused("--proxy 'ftp://...': a proxy's scheme is http, https, socks4, socks4a, socks5 or "
            "socks5h",
            "a", "--proxy", "ftp://me:secret@p/");
    refused("--proxy '://...': a proxy's scheme is http, https, socks4, socks4a, socks5 or "
            "socks5h",
            "a", "--proxy", "me:secret@x://y");
    refused("--proxy is not a proxy: give [SCHEME://][USER:PASSWORD@]HOST[:PORT]", "a",
            "--proxy", "http://");
    ck_assert_int_eq(checked("a", "--proxy", "SOCKS5h://me:pw@p:1"), 0);
    ck_assert_str_eq(o.fetch.proxy_http, "SOCKS5h://me:pw@p:1");
    ck_assert_str_eq(o.fetch.proxy_https, "SOCKS5h://me:pw@p:1");
    ck_assert_int_eq(checked("a", "--proxy", "p:3128"), 0);
}
END_TEST

START_TEST(a_missing_certificate_file_is_named)
{
    ck_assert_int_eq(checked("a", "--cacert", "/nonexistent/ca.pem"), CLI_EXIT_FILE);
    ck_assert_str_eq(error, "--cacert /nonexistent/ca.pem: No such file or directory");
    ck_assert_int_eq(checked("a", "--cacert", "/"), CLI_EXIT_FILE);
    ck_assert_str_eq(error, "--cacert /: Is a directory");
    ck_assert_int_eq(checked("a", "--cacert", "/dev/null"), CLI_EXIT_FILE);
    ck_assert_str_eq(error, "--cacert /dev/null: the file is empty");
}
END_TEST

START_TEST(the_input_is_never_the_output)
{
    char path[] = "/tmp/test_options_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    int output = checked("-i", path, "-o", path);
    int stats = checked("-i", path, "--stats", path);
    int elsewhere = checked("-i", path, "-o", "/dev/null");
    unlink(path);
    ck_assert_int_eq(output, CLI_EXIT_USAGE);
    ck_assert_int_eq(stats, CLI_EXIT_USAGE);
    ck_assert_int_eq(elsewhere, 0);
}
END_TEST

/* ---- Environment ------------------------------------------------------------------------- */

START_TEST(proxies_come_from_the_environment)
{
    setenv("HTTP_PROXY", "http://upper/", 1);
    setenv("all_proxy", "socks5://all/", 1);
    setenv("https_proxy", "", 1);
    setenv("HTTPS_PROXY", "http://secure/", 1);
    setenv("NO_PROXY", "localhost", 1);
    ck_assert_int_eq(checked("a"), 0);
    ck_assert_str_eq(o.fetch.proxy_http, "socks5://all/");
    ck_assert_str_eq(o.fetch.proxy_https, "http://secure/");
    ck_assert_str_eq(o.fetch.no_proxy, "localhost");
    setenv("http_proxy", "http://lower/", 1);
    ck_assert_int_eq(checked("a"), 0);
    ck_assert_str_eq(o.fetch.proxy_http, "http://lower/");
}
END_TEST

START_TEST(the_proxy_option_overrides_the_environment)
{
    setenv("http_proxy", "gopher://env/", 1);
    refused(
        "http_proxy 'gopher://...': a proxy's scheme is http, https, socks4, socks4a, socks5 "
        "or socks5h",
        "a");
    ck_assert_int_eq(checked("a", "--proxy="), 0);
    ck_assert_ptr_null(o.fetch.proxy_http);
    ck_assert_ptr_null(o.fetch.proxy_https);
    ck_assert_int_eq(checked("a", "--proxy=http://p"), 0);
    ck_assert_str_eq(o.fetch.proxy_http, "http://p");
}
END_TEST

START_TEST(when_auto_depends_on_the_terminal)
{
    ck_assert(cli_when("auto", true) && !cli_when("auto", false));
    ck_assert(cli_when("always", false) && !cli_when("never", true));
}
END_TEST

START_TEST(options_reach_the_library)
{
    ck_assert_int_eq(checked("a", "--body", "--format=jsonl", "--excerpt=1000", "-U", "",
                             "--http2", "-6", "-v", "-o", "-"),
                     0);
    ck_assert_uint_eq(o.fetch.keep_body, SIZE_MAX);
    ck_assert_uint_eq(o.fetch.excerpt, 1000);
    ck_assert_ptr_null(o.fetch.user_agent);
    ck_assert_int_eq(o.fetch.http, TRAWL_HTTP_2);
    ck_assert_int_eq(o.fetch.ip, TRAWL_IP_V6);
    ck_assert_int_eq(o.fetch.log_level, 1);
    ck_assert_ptr_null(o.output);
    ck_assert_int_eq(checked("a", "--excerpt=1000"), 0);
    ck_assert_uint_eq(o.fetch.keep_body, 9024);
}
END_TEST

static void add_parser(Suite *suite)
{
    TCase *t = tcase_create("parser");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nothing_given_leaves_the_library_defaults);
    tcase_add_test(t, options_and_urls_may_be_mixed);
    tcase_add_test(t, short_flags_combine_and_end_with_a_value);
    tcase_add_test(t, long_options_take_values_both_ways_and_by_prefix);
    tcase_add_test(t, an_exact_name_wins_over_a_longer_one);
    tcase_add_test(t, what_is_on_by_default_has_a_no_form);
    tcase_add_test(t, lists_keep_every_value_in_order);
    tcase_add_test(t, the_last_of_several_values_holds);
    tcase_add_test(t, low_speed_has_a_rate_and_a_time);
    tcase_add_test(t, help_and_version_end_the_parsing);
    suite_add_tcase(suite, t);
}

static void add_usage(Suite *suite)
{
    TCase *t = tcase_create("usage");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, misspelt_options_get_a_suggestion);
    tcase_add_test(t, short_forms_that_fit_several_options_are_refused);
    tcase_add_test(t, missing_and_superfluous_values_are_named);
    tcase_add_test(t, bad_values_are_named_with_a_remedy);
    tcase_add_test(t, no_url_is_wrong_usage);
    tcase_add_test(t, lists_of_addresses_are_checked_before_anything_is_fetched);
    tcase_add_test(t, contradictions_are_refused);
    tcase_add_test(t, headers_must_be_one_line_and_are_not_printed);
    tcase_add_test(t, resolve_takes_hosts_ports_and_addresses);
    tcase_add_test(t, a_proxy_is_checked_and_its_password_not_printed);
    tcase_add_test(t, a_missing_certificate_file_is_named);
    tcase_add_test(t, the_input_is_never_the_output);
    tcase_add_test(t, proxies_come_from_the_environment);
    tcase_add_test(t, the_proxy_option_overrides_the_environment);
    tcase_add_test(t, when_auto_depends_on_the_terminal);
    tcase_add_test(t, options_reach_the_library);
    suite_add_tcase(suite, t);
}

int main(void)
{
    Suite *suite = suite_create("options");
    add_parser(suite);
    add_usage(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
