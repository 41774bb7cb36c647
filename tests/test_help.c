#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cli/values.h"

/* ---- Values ------------------------------------------------------------------------------ */

START_TEST(sizes_take_decimal_and_binary_suffixes)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"0", 0},
                {"4096", 4096},
                {"500k", 500000},
                {"10M", 10000000},
                {"1Gi", 1 << 30},
                {"2Ki", 2048},
                {"1.5k", 1500},
                {"3mib", 3 << 20},
                {"7B", 7},
                {"0.5Ki", 512},
                {".5k", 500},
                {"2G", 2000000000},
                {"18446744073709551615", UINT64_MAX}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t bytes = 99;
        ck_assert_msg(cli_parse_size(good[i].text, &bytes), "%s", good[i].text);
        ck_assert_uint_eq(bytes, good[i].bytes);
    }
}
END_TEST

START_TEST(sizes_that_are_no_whole_bytes_are_refused)
{
    static const char *const bad[] = {"",
                                      "B",
                                      "k",
                                      "-1",
                                      "1.5",
                                      "1x",
                                      "1 k",
                                      " 1",
                                      "1e3",
                                      "0x10",
                                      "1..5k",
                                      "1KiBs",
                                      "+1",
                                      "18446744073709551616",
                                      "18446744073709551615k",
                                      "0.0001k",
                                      "1.0000000001G"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t bytes = 99;
        ck_assert_msg(!cli_parse_size(bad[i], &bytes), "%s", bad[i]);
        ck_assert_uint_eq(bytes, 99);
    }
}
END_TEST

START_TEST(times_take_fractions_and_suffixes)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"10", 10000},   {"0.5", 500},    {"500ms", 500}, {"2s", 2000},
                {"1.5m", 90000}, {"1h", 3600000}, {"0", 0},       {"0.001", 1}};
    uint64_t ms = 99;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(cli_parse_time(good[i].text, &ms), "%s", good[i].text);
        ck_assert_uint_eq(ms, good[i].ms);
    }
    ck_assert(!cli_parse_time("0.0001", &ms));
    ck_assert(!cli_parse_time("1d", &ms));
    ck_assert(!cli_parse_time("inf", &ms));
}
END_TEST

START_TEST(formatted_values_parse_to_themselves)
{
    static const uint64_t values[] = {0,          1,          999,     1000,
                                      1024,       262144,     300000,  1073741824,
                                      1073741825, 5000000000, 1000001, UINT64_MAX};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char text[64];
        uint64_t back = 1 + values[i];
        cli_format_size(values[i], text, sizeof(text));
        ck_assert(cli_parse_size(text, &back));
        ck_assert_uint_eq(back, values[i]);
        cli_format_time(values[i], text, sizeof(text));
        ck_assert(cli_parse_time(text, &back));
        ck_assert_uint_eq(back, values[i]);
    }
}
END_TEST

START_TEST(edit_distance_counts_swaps_as_one)
{
    ck_assert_uint_eq(cli_edit_distance("concurency", "concurrency"), 1);
    ck_assert_uint_eq(cli_edit_distance("fecth", "fetch"), 1);
    ck_assert_uint_eq(cli_edit_distance("", "abc"), 3);
    ck_assert_uint_eq(cli_edit_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(cli_edit_distance("same", "same"), 0);
}
END_TEST

START_TEST(messages_are_one_line)
{
    char *text = cli_message("a%sb", "\n\033[31m\x7f");
    ck_assert_str_eq(text, "a??[31m?b");
    free(text);
}
END_TEST

/* ---- The table --------------------------------------------------------------------------- */

START_TEST(no_command_has_a_name_or_letter_twice)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct cli_option *a = &cli_option_table[i];
            const struct cli_option *b = &cli_option_table[j];
            bool together = (a->commands & b->commands) != 0;
            ck_assert_msg(!together || strcmp(a->name, b->name) != 0, "--%s", a->name);
            ck_assert_msg(!together || a->letter == 0 || a->letter != b->letter, "-%c",
                          a->letter);
        }
    }
}
END_TEST

static char *printed(void (*print)(FILE *file))
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(file);
    print(file);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

static void print_main_help(FILE *file)
{
    cli_help_print(file, CLI_MAIN);
}

static void print_fetch_help(FILE *file)
{
    cli_help_print(file, CLI_FETCH);
}

static void print_compare_help(FILE *file)
{
    cli_help_print(file, CLI_COMPARE);
}

static void print_crawl_help(FILE *file)
{
    cli_help_print(file, CLI_CRAWL);
}

static void print_explain_help(FILE *file)
{
    cli_help_print(file, CLI_EXPLAIN);
}

static void print_links_help(FILE *file)
{
    cli_help_print(file, CLI_LINKS);
}

static void print_man(FILE *file)
{
    ck_assert_int_eq(cli_man_print(file), 0);
}

static void assert_fits(const char *text, size_t rows, size_t columns)
{
    size_t count = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        ck_assert_msg(len <= columns, "%.*s", (int)len, text);
        ck_assert_msg(len == 0 || text[len - 1] != ' ', "%.*s", (int)len, text);
        text += len + 1;
        count++;
    }
    ck_assert_uint_le(count, rows);
}

START_TEST(help_fits_a_screen)
{
    char *top = printed(print_main_help);
    char *fetch = printed(print_fetch_help);
    assert_fits(top, 24, 80);
    assert_fits(fetch, 75, 80);
    char *compare = printed(print_compare_help);
    assert_fits(compare, 45, 80);
    char *crawl = printed(print_crawl_help);
    assert_fits(crawl, 95, 80);
    char *explain = printed(print_explain_help);
    assert_fits(explain, 35, 80);
    char *links = printed(print_links_help);
    assert_fits(links, 24, 80);
    free(links);
    free(explain);
    free(crawl);
    free(compare);
    free(top);
    free(fetch);
}
END_TEST

START_TEST(help_manual_and_completion_have_every_option_of_fetch)
{
    char *help = printed(print_fetch_help);
    char *man = printed(print_man);
    char *completion = printed(cli_completion_print);
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_option_table[i];
        char text[64];
        const char *no = option->type == CLI_SWITCH ? "no-" : "";
        if (cli_option_in(option, CLI_FETCH)) {
            snprintf(text, sizeof(text), " --%s%s", no, option->name);
            ck_assert_msg(strstr(help, text) != NULL, "%s in the help", text);
            ck_assert_msg(strstr(completion, text) != NULL, "%s in the completion", text);
            snprintf(text, sizeof(text), "Fl -%s%s", no, option->name);
            ck_assert_msg(strstr(man, text) != NULL, "%s in the manual", text);
        }
    }
    free(help);
    free(man);
    free(completion);
}
END_TEST

static const struct {
    enum cli_command_id id;
    void (*print)(FILE *file);
} others[] = {
    {CLI_COMPARE, print_compare_help},
    {CLI_CRAWL, print_crawl_help},
    {CLI_EXPLAIN, print_explain_help},
    {CLI_LINKS, print_links_help},
};

START_TEST(help_and_completion_have_every_option_of_the_others)
{
    enum cli_command_id id = others[_i].id;
    char *help = printed(others[_i].print);
    char *completion = printed(cli_completion_print);
    char start[64];
    snprintf(start, sizeof(start), "    %s) words='", cli_commands[id].name);
    const char *words = strstr(completion, start);
    ck_assert_ptr_nonnull(words);
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_option_table[i];
        char text[64];
        if (cli_option_in(option, id)) {
            snprintf(text, sizeof(text), " --%s%s", option->type == CLI_SWITCH ? "no-" : "",
                     option->name);
            ck_assert_msg(strstr(help, text) != NULL, "%s in the help", text);
            ck_assert_msg(strstr(words, text) != NULL, "%s in the completion", text);
        }
    }
    ck_assert_ptr_nonnull(strstr(completion, "    fetch:--format|crawl:--format)\n"));
    ck_assert_ptr_nonnull(strstr(completion, "    compare:--format)\n"));
    ck_assert_ptr_nonnull(strstr(completion, " --no-parent -np"));
    free(help);
    free(completion);
}
END_TEST

START_TEST(the_manual_has_every_error_and_exit_status)
{
    char *man = printed(print_man);
    char *help = printed(print_fetch_help);
#define X(name, code, kind, message) ck_assert_ptr_nonnull(strstr(man, ".It Er " #name "\n"));
    TRAWL_ERROR_MAP(X)
#undef X
    for (int i = 0; i < CLI_EXIT_COUNT; i++) {
        char text[80];
        snprintf(text, sizeof(text), ".It %d\n%s\n", i, cli_exit_meanings[i]);
        ck_assert_msg(strstr(man, text) != NULL, "%s", text);
        snprintf(text, sizeof(text), "%d %.5s", i, cli_exit_meanings[i]);
        ck_assert_msg(strstr(help, text) != NULL, "%s", text);
    }
    free(man);
    free(help);
}
END_TEST

START_TEST(the_manual_has_every_option_once_or_where_it_differs)
{
    char *man = printed(print_man);
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_option_table[i];
        char text[64];
        size_t rows = 0;
        size_t items = 0;
        for (size_t j = 0; j < cli_option_count; j++) {
            rows += strcmp(cli_option_table[j].name, option->name) == 0;
        }
        int len = snprintf(text, sizeof(text), "Fl -%s%s",
                           option->type == CLI_SWITCH ? "no-" : "", option->name);
        for (const char *at = man; (at = strstr(at, "\n.It ")) != NULL; at++) {
            const char *end = strchr(at + 1, '\n');
            const char *name = strstr(at, text);
            items += name != NULL && name < end && (name[len] == ' ' || name[len] == '\n');
        }
        ck_assert_msg(items == rows, "--%s: %zu rows, %zu items", option->name, rows, items);
    }
    free(man);
}
END_TEST

START_TEST(the_manual_has_every_reason)
{
    char *man = printed(print_man);
#define X(name, text)                                                                          \
    ck_assert_ptr_nonnull(strstr(man, ".It Cm " text "\n"));                                   \
    ck_assert_int_ne(strstr(man, ".It Cm " text "\n")[strlen(".It Cm " text "\n")], '\n');
    TRAWL_REJECT_MAP(X)
#undef X
    free(man);
}
END_TEST

START_TEST(defaults_of_a_crawl_are_polite)
{
    char *help = printed(print_crawl_help);
    ck_assert_ptr_nonnull(strstr(help, "fetches in flight on one host (1)"));
    ck_assert_ptr_nonnull(strstr(help, "from one fetch to the next on a host (1)"));
    ck_assert_ptr_nonnull(strstr(help, "links to follow from a seed (inf)"));
    ck_assert_ptr_nonnull(strstr(help, " -np, --no-parent "));
    free(help);
    help = printed(print_fetch_help);
    ck_assert_ptr_nonnull(strstr(help, "from one fetch to the next on a host (0)"));
    free(help);
}
END_TEST

START_TEST(defaults_in_the_help_are_the_library_s)
{
    char *help = printed(print_fetch_help);
    ck_assert_ptr_nonnull(strstr(help, "(" TRAWL_USER_AGENT ")"));
    ck_assert_ptr_nonnull(strstr(help, "body, decompressed (1Gi)"));
    ck_assert_ptr_nonnull(strstr(help, "redirects (300)"));
    ck_assert_ptr_nonnull(strstr(help, "for how long (1:60)"));
    free(help);
}
END_TEST

START_TEST(commands_are_found_and_suggested)
{
    ck_assert_int_eq(cli_command_find("fetch"), CLI_FETCH);
    ck_assert_int_eq(cli_command_find(""), CLI_MAIN);
    ck_assert_int_eq(cli_command_find("fetc"), CLI_MAIN);
    ck_assert_str_eq(cli_command_suggest("fecth"), "fetch");
    ck_assert_str_eq(cli_command_suggest("hlep"), "help");
    ck_assert_str_eq(cli_command_suggest("crwal"), "crawl");
    ck_assert_int_eq(cli_command_find("explain"), CLI_EXPLAIN);
    ck_assert_ptr_null(cli_command_suggest("banana"));
}
END_TEST

static void add_values(Suite *suite)
{
    TCase *t = tcase_create("values");
    tcase_add_test(t, sizes_take_decimal_and_binary_suffixes);
    tcase_add_test(t, sizes_that_are_no_whole_bytes_are_refused);
    tcase_add_test(t, times_take_fractions_and_suffixes);
    tcase_add_test(t, formatted_values_parse_to_themselves);
    tcase_add_test(t, edit_distance_counts_swaps_as_one);
    tcase_add_test(t, messages_are_one_line);
    suite_add_tcase(suite, t);
}

static void add_table(Suite *suite)
{
    TCase *t = tcase_create("table");
    tcase_add_test(t, no_command_has_a_name_or_letter_twice);
    tcase_add_test(t, help_fits_a_screen);
    tcase_add_test(t, help_manual_and_completion_have_every_option_of_fetch);
    tcase_add_loop_test(t, help_and_completion_have_every_option_of_the_others, 0, 4);
    tcase_add_test(t, the_manual_has_every_option_once_or_where_it_differs);
    tcase_add_test(t, the_manual_has_every_reason);
    tcase_add_test(t, defaults_of_a_crawl_are_polite);
    tcase_add_test(t, the_manual_has_every_error_and_exit_status);
    tcase_add_test(t, defaults_in_the_help_are_the_library_s);
    tcase_add_test(t, commands_are_found_and_suggested);
    suite_add_tcase(suite, t);
}

int main(void)
{
    Suite *suite = suite_create("help");
    add_values(suite);
    add_table(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
