/* What trawl crawl and trawl explain take, beyond what trawl fetch takes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"

#define MAX_ARGS 24

static struct cli_options o;
static char *error;

static void setup(void)
{
    cli_options_init(&o, CLI_CRAWL);
    error = NULL;
}

static void teardown(void)
{
    cli_options_free(&o);
    free(error);
}

static int check_argv(enum cli_command_id command, char *const *argv)
{
    int argc = 0;
    while (argv[argc] != NULL) {
        argc++;
    }
    teardown();
    cli_options_init(&o, command);
    error = NULL;
    int rc = cli_options_parse(&o, argc, argv, &error);
    return rc != 0 ? rc : cli_options_check(&o, &error);
}

#define crawl(...)   check_argv(CLI_CRAWL, (char *[MAX_ARGS]){__VA_ARGS__, NULL})
#define explain(...) check_argv(CLI_EXPLAIN, (char *[MAX_ARGS]){__VA_ARGS__, NULL})
#define fetch(...)   check_argv(CLI_FETCH, (char *[MAX_ARGS]){__VA_ARGS__, NULL})

#define refused(rc, message)                                                                   \
    do {                                                                                       \
        ck_assert_int_eq(rc, CLI_EXIT_USAGE);                                                  \
        ck_assert_str_eq(error, message);                                                      \
    } while (0)

START_TEST(a_crawl_is_polite_and_stays_in_public)
{
    ck_assert_int_eq(crawl("http://a/"), 0);
    ck_assert_uint_eq(o.fetch.per_host, 1);
    ck_assert_uint_eq(o.fetch.wait_ms, 1000);
    ck_assert(o.fetch.adaptive_wait);
    ck_assert(!o.fetch.random_wait);
    ck_assert_uint_eq(o.fetch.rate, 0);
    ck_assert(o.fetch.deny_private);
    ck_assert_uint_eq(o.fetch.excerpt, 0);
    ck_assert_uint_eq(o.crawl.level, TRAWL_LEVEL_INF);
    ck_assert(!o.crawl.ignore_robots);
    ck_assert_uint_eq(o.crawl.max_links, 100000);
    ck_assert_uint_eq(o.crawl.max_url, 2000);
    ck_assert_ptr_nonnull(strstr(o.fetch.user_agent, TRAWL_USER_AGENT " "));
}
END_TEST

START_TEST(a_fetch_is_not_slowed_down)
{
    ck_assert_int_eq(fetch("http://a/"), 0);
    ck_assert_uint_eq(o.fetch.per_host, 8);
    ck_assert_uint_eq(o.fetch.wait_ms, 0);
    ck_assert(!o.fetch.adaptive_wait && !o.fetch.deny_private);
    ck_assert_int_eq(fetch("a", "-w", "0.5", "--random-wait", "--rate=20"), 0);
    ck_assert_uint_eq(o.fetch.wait_ms, 500);
    ck_assert(o.fetch.random_wait);
    ck_assert_uint_eq(o.fetch.rate, 20);
}
END_TEST

START_TEST(private_addresses_have_to_be_allowed)
{
    ck_assert_int_eq(crawl("a", "--allow-private"), 0);
    ck_assert(!o.fetch.deny_private);
    ck_assert_int_eq(crawl("a", "--deny-private"), 0);
    ck_assert(o.fetch.deny_private);
    refused(crawl("a", "--deny-private", "--allow-private"),
            "--deny-private and --allow-private exclude each other; to make exceptions, give "
            "--allow-cidr LIST");
}
END_TEST

START_TEST(the_scope_is_spelt_as_in_wget)
{
    ck_assert_int_eq(crawl("a", "-np", "-H", "-D", "a.example, b.example,", "-l3", "-A",
                           ".html,.css", "-R.zip", "-p", "--exclude-domains=x.a.example",
                           "--domains", "c.example", "-Q", "10M", "-w2"),
                     0);
    ck_assert(o.crawl.no_parent && o.crawl.span_hosts && o.crawl.page_requisites);
    ck_assert_uint_eq(o.crawl.level, 3);
    ck_assert_uint_eq(o.crawl.quota, 10000000);
    ck_assert_uint_eq(o.fetch.wait_ms, 2000);
    ck_assert_str_eq(o.crawl.domains[0], "a.example");
    ck_assert_str_eq(o.crawl.domains[1], "b.example");
    ck_assert_str_eq(o.crawl.domains[2], "c.example");
    ck_assert_ptr_null(o.crawl.domains[3]);
    ck_assert_str_eq(o.crawl.accept[1], ".css");
    ck_assert_str_eq(o.crawl.reject[0], ".zip");
    ck_assert_str_eq(o.crawl.exclude_domains[0], "x.a.example");
    ck_assert_int_eq(crawl("a", "--no-parent"), 0);
    ck_assert(o.crawl.no_parent);
}
END_TEST

START_TEST(a_level_of_0_or_inf_is_no_limit)
{
    ck_assert_int_eq(crawl("a", "-l", "2", "--level=0"), 0);
    ck_assert_uint_eq(o.crawl.level, TRAWL_LEVEL_INF);
    ck_assert_int_eq(crawl("a", "-l", "2", "-linf"), 0);
    ck_assert_uint_eq(o.crawl.level, TRAWL_LEVEL_INF);
    refused(crawl("a", "-l", "deep"), "--level 'deep': give a number, or inf for no limit");
    refused(crawl("a", "-l", "4294967295"), "--level '4294967295': give 0 to 4294967294");
}
END_TEST

START_TEST(expressions_keep_their_commas)
{
    ck_assert_int_eq(crawl("a", "--include", "x{1,2}", "--exclude=b,c", "--exclude", "d"), 0);
    ck_assert_str_eq(o.crawl.include[0], "x{1,2}");
    ck_assert_ptr_null(o.crawl.include[1]);
    ck_assert_str_eq(o.crawl.exclude[0], "b,c");
    ck_assert_str_eq(o.crawl.exclude[1], "d");
}
END_TEST

START_TEST(limits_of_64_bits_are_kept)
{
    ck_assert_int_eq(crawl("a", "--max-pages", "5000000000", "--max-time=90", "--max-url", "1k",
                           "--max-repeats", "0", "--max-pages-per-host=7"),
                     0);
    ck_assert_uint_eq(o.crawl.max_pages, UINT64_C(5000000000));
    ck_assert_uint_eq(o.crawl.max_time_ms, 90000);
    ck_assert_uint_eq(o.crawl.max_url, 1000);
    ck_assert_uint_eq(o.crawl.max_repeats, 0);
    ck_assert_uint_eq(o.crawl.max_pages_per_host, 7);
    refused(crawl("a", "--max-pages", "many"), "--max-pages 'many': give a number");
}
END_TEST

START_TEST(contradictions_of_a_scope_are_refused)
{
    refused(crawl("a", "-D", "a.example"),
            "--domains needs --span-hosts (-H); without it only the seeds' hosts are in scope");
    refused(crawl("a", "-H", "-D", " , "), "--domains ' , ': give words separated by commas");
    refused(crawl("a", "--log-duplicates"), "--log-duplicates needs --log-rejected FILE");
    refused(crawl("a", "--no-robots", "--robots-file", "x"),
            "--robots-file and --no-robots exclude each other");
    refused(crawl("a", "--robots-agent="), "--robots-agent: give a name, such as trawl");
    refused(explain("-q"), "unknown option '-q'; see 'trawl explain --help'");
    refused(explain("a", "b"), "give one URL");
    refused(explain("--base=x"), "give one URL");
}
END_TEST

START_TEST(a_robots_file_is_read)
{
    char path[] = "/tmp/trawl-robots-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "Disallow: /\n", 12), 12);
    close(fd);
    ck_assert_int_eq(explain("a", "--robots-file", path), 0);
    ck_assert_uint_eq(o.crawl.robots_text_len, 12);
    ck_assert_mem_eq(o.crawl.robots_text, "Disallow: /\n", 13);
    unlink(path);
    ck_assert_int_eq(explain("a", "--robots-file", path), CLI_EXIT_FILE);
    ck_assert_ptr_nonnull(strstr(error, "--robots-file /tmp/trawl-robots-"));
    ck_assert_ptr_nonnull(strstr(error, ": No such file or directory"));
    ck_assert_int_eq(explain("a", "--robots-file", "/tmp"), CLI_EXIT_FILE);
    ck_assert_str_eq(error, "--robots-file /tmp: Is a directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options_crawl");
    TCase *t = tcase_create("crawl");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_crawl_is_polite_and_stays_in_public);
    tcase_add_test(t, a_fetch_is_not_slowed_down);
    tcase_add_test(t, private_addresses_have_to_be_allowed);
    tcase_add_test(t, the_scope_is_spelt_as_in_wget);
    tcase_add_test(t, a_level_of_0_or_inf_is_no_limit);
    tcase_add_test(t, expressions_keep_their_commas);
    tcase_add_test(t, limits_of_64_bits_are_kept);
    tcase_add_test(t, contradictions_of_a_scope_are_refused);
    tcase_add_test(t, a_robots_file_is_read);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
