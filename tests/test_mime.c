/* Media types: what servers write, what lists of them mean. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "parse/mime.h"

static const char *essence_of(const char *content_type)
{
    static char essence[TW_MIME_MAX];

    memset(essence, 'x', sizeof(essence));
    tw_mime_essence(content_type, essence);
    return essence;
}

START_TEST(essences_are_bare_and_in_lower_case)
{
    ck_assert_str_eq(essence_of("text/html"), "text/html");
    ck_assert_str_eq(essence_of(" \tText/HTML\t; charset=utf-8"), "text/html");
    ck_assert_str_eq(essence_of("text/html;charset=utf-8"), "text/html");
    ck_assert_str_eq(essence_of("text/html, text/plain"), "text/html");
    ck_assert_str_eq(essence_of("application/vnd.x+xml"), "application/vnd.x+xml");
    ck_assert_str_eq(essence_of("*/*"), "*/*");
}
END_TEST

START_TEST(what_is_no_media_type_has_no_essence)
{
    static const char *const none[] = {"", " ", "html", "/", "/html", "text/", "text/html/x", "text//html",
                                       "text /html", "text/html x", "text/\x80", ";", "t\"x\"/y"};

    ck_assert_str_eq(essence_of(NULL), "");
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        ck_assert_msg(essence_of(none[i])[0] == '\0', "'%s'", none[i]);
}
END_TEST

START_TEST(what_is_too_long_has_no_essence)
{
    char type[4096];

    memset(type, 'a', sizeof(type));
    type[1] = '/';
    type[TW_MIME_MAX - 1] = '\0';
    ck_assert_str_eq(essence_of(type), type);
    type[TW_MIME_MAX - 1] = 'a';
    type[TW_MIME_MAX] = '\0';
    ck_assert_str_eq(essence_of(type), "");
    type[TW_MIME_MAX] = '/';
    type[sizeof(type) - 1] = '\0';
    ck_assert_str_eq(essence_of(type), "");
}
END_TEST

static bool matches(const char *essence, const char *a, const char *b, const char *c)
{
    char *list[] = {(char *)a, (char *)b, (char *)c, NULL};

    return tw_mime_matches(essence, list);
}

START_TEST(lists_name_what_is_in)
{
    ck_assert(matches("text/html", "text/html", NULL, NULL));
    ck_assert(matches("text/html", "TEXT/Html", NULL, NULL));
    ck_assert(!matches("text/htm", "text/html", NULL, NULL));
    ck_assert(!matches("text/html5", "text/html", NULL, NULL));
    ck_assert(matches("image/png", "image/*", NULL, NULL));
    ck_assert(!matches("images/png", "image/*", NULL, NULL));
    ck_assert(matches("image/png", "text/html", "image/*", NULL));
    ck_assert(matches("a/b", "*", NULL, NULL));
    ck_assert(matches("a/b", "*/*", NULL, NULL));
    ck_assert(matches("", "*", NULL, NULL));
    ck_assert(!matches("", "text/html", NULL, NULL));
    ck_assert(matches("a/b", NULL, NULL, NULL));
}
END_TEST

START_TEST(lists_name_what_is_out)
{
    ck_assert(!matches("image/png", "!image/*", NULL, NULL));
    ck_assert(matches("text/html", "!image/*", NULL, NULL));
    ck_assert(matches("", "!image/*", NULL, NULL));
    ck_assert(!matches("image/gif", "image/*", "!image/gif", NULL));
    ck_assert(matches("image/png", "image/*", "!image/gif", NULL));
    ck_assert(!matches("text/html", "image/*", "!image/gif", NULL));
    /* the last that fits decides */
    ck_assert(matches("image/gif", "!image/gif", "image/*", NULL));
    ck_assert(matches("image/gif", "image/*", "!image/*", "image/gif"));
}
END_TEST

START_TEST(kinds_tell_what_is_read_for_links)
{
    static const struct {
        const char *essence;
        enum tw_mime_kind kind;
    } all[] = {
        {"text/html", TW_MIME_HTML},           {"application/xhtml+xml", TW_MIME_HTML},
        {"text/css", TW_MIME_CSS},             {"text/xml", TW_MIME_XML},
        {"application/xml", TW_MIME_XML},      {"application/rss+xml", TW_MIME_XML},
        {"application/atom+xml", TW_MIME_XML}, {"image/svg+xml", TW_MIME_OTHER},
        {"text/plain", TW_MIME_TEXT},          {"application/gzip", TW_MIME_GZIP},
        {"application/x-gzip", TW_MIME_GZIP},  {"image/png", TW_MIME_OTHER},
        {"application/json", TW_MIME_OTHER},   {"text/htmlx", TW_MIME_OTHER},
        {"", TW_MIME_OTHER},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        ck_assert_msg(tw_mime_kind(all[i].essence) == all[i].kind, "'%s'", all[i].essence);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mime");
    TCase *t = tcase_create("mime");
    SRunner *runner;
    int failed;

    tcase_add_test(t, essences_are_bare_and_in_lower_case);
    tcase_add_test(t, what_is_no_media_type_has_no_essence);
    tcase_add_test(t, what_is_too_long_has_no_essence);
    tcase_add_test(t, lists_name_what_is_in);
    tcase_add_test(t, lists_name_what_is_out);
    tcase_add_test(t, kinds_tell_what_is_read_for_links);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
