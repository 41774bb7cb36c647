/* The links of whole trees of documentation, and of mutated pages, against gumbo's. */
#include <check.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gumbo_links.h"
#include "parse/links.h"

static struct tw_text *text;

static bool keep_link(void *user, const struct tw_found_link *link)
{
    link_list_add(user, link->at, link->tag, link->attribute, link->value, link->len);
    return true;
}

/* In steps of that many bytes. */
static void scan(struct link_list *list, const char *html, size_t len, size_t step)
{
    const struct tw_links_options options = {
        .flags = TW_LINKS_CSS,
        .charset = "UTF-8",
        .text = text,
        .on_link = keep_link,
        .user = list,
    };
    struct tw_links *links;
    int more;

    ck_assert_int_eq(tw_links_open(&links, &options, html, len), 0);
    do {
        more = tw_links_step(links, step);
    } while (more > 0);
    ck_assert_int_eq(more, 0);
    tw_links_close(links);
}

/* NULL if they are the same. */
static const char *difference(const struct link_list *ours, const struct link_list *theirs)
{
    static char report[1000];

    for (size_t i = 0; i < ours->len || i < theirs->len; i++) {
        const char *a = i < ours->len ? ours->links[i].text : "nothing";
        const char *b = i < theirs->len ? theirs->links[i].text : "nothing";

        if (strcmp(a, b) == 0)
            continue;
        snprintf(report, sizeof(report), "link %zu of %zu and %zu: \"%.300s\", gumbo \"%.300s\"",
                 i, ours->len, theirs->len, a, b);
        return report;
    }
    return NULL;
}

/* ---- Whole trees ------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    long size;

    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    ck_assert_int_ge(size, 0);
    rewind(f);
    bytes = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(bytes);
    *len = fread(bytes, 1, (size_t)size, f);
    fclose(f);
    return bytes;
}

static size_t compare_page(const char *path)
{
    struct link_list ours = {0}, theirs = {0};
    const char *wrong;
    size_t len, links;
    char *html = read_file(path, &len);

    scan(&ours, html, len, 10000);
    gumbo_links(&theirs, html, len);
    wrong = difference(&ours, &theirs);
    ck_assert_msg(wrong == NULL, "%s: %s", path, wrong);
    links = ours.len;
    link_list_free(&ours);
    link_list_free(&theirs);
    free(html);
    return links;
}

static bool is_page(const FTSENT *e)
{
    const char *dot = strrchr(e->fts_name, '.');

    return e->fts_info == FTS_F && dot != NULL && strncmp(dot, ".htm", 4) == 0;
}

static size_t compare_tree(const char *root, size_t *n_links)
{
    char path[200];
    char *const paths[] = {path, NULL};
    size_t pages = 0;
    FTSENT *e;
    FTS *tree;

    snprintf(path, sizeof(path), "%s", root);
    tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    ck_assert_ptr_nonnull(tree);
    while ((e = fts_read(tree)) != NULL) {
        if (!is_page(e))
            continue;
        *n_links += compare_page(e->fts_path);
        pages++;
    }
    fts_close(tree);
    return pages;
}

START_TEST(documentation_has_the_links_that_gumbo_finds)
{
    size_t links = 0;

    ck_assert_uint_gt(compare_tree("/usr/share/doc/python3.11/html", &links), 500);
    ck_assert_uint_gt(links, 150000);
}
END_TEST

START_TEST(other_documentation_has_them_too)
{
    size_t links = 0;

    compare_tree("/usr/share/doc/nginx-doc", &links);
    compare_tree("/usr/share/doc/sqlite3-doc", &links);
    compare_tree("/usr/share/doc/sqlite3", &links);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("links oracle");
    TCase *trees = tcase_create("trees");

    tcase_add_test(trees, documentation_has_the_links_that_gumbo_finds);
    tcase_add_test(trees, other_documentation_has_them_too);
    suite_add_tcase(s, trees);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    int failed;

    if (tw_text_open(&text) != 0)
        return EXIT_FAILURE;
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    tw_text_free(text);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
