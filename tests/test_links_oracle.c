/* The links of whole trees of documentation, and of mutated pages, against gumbo's. */
#include <check.h>
#include <fts.h>
#include <gumbo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gumbo_links.h"
#include "parse/links_scan.h"

#define N_MUTATED 5000

static struct tw_text *text;

static bool keep_link(void *user, const struct tw_found_link *link)
{
    bool known =
        gumbo_tag_enum(link->tag) != GUMBO_TAG_UNKNOWN || strcmp(link->tag, "use") == 0;

    link_list_add(user, link->at, known ? link->tag : "", link->attribute, link->value,
                  link->len);
    return true;
}

/* In steps of that many bytes. Whether the scanner had to guess what is open around SVG. */
static bool scan(struct link_list *list, const char *html, size_t len, size_t step)
{
    const struct tw_links_options options = {
        .flags = TW_LINKS_CSS,
        .charset = "UTF-8",
        .text = text,
        .on_link = keep_link,
        .user = list,
    };
    struct tw_links *links;
    bool guessed;
    int more;

    ck_assert_int_eq(tw_links_open(&links, &options, html, len), 0);
    do {
        more = tw_links_step(links, step);
    } while (more > 0);
    ck_assert_int_eq(more, 0);
    guessed = links->html.foreign.guessed;
    tw_links_close(links);
    link_list_sort(list);
    return guessed;
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
        snprintf(report, sizeof(report),
                 "link %zu of %zu and %zu: \"%.300s\", gumbo \"%.300s\"", i, ours->len,
                 theirs->len, a, b);
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

/* ---- Mutated pages ----------------------------------------------------------------------- */

/* Much of what can be linked from, and of what hides it. */
static const char dense[] =
    "<!DOCTYPE html><html><head><title>T &amp; <a href=no></title><base href='/b/'>"
    "<meta http-equiv=refresh content='5; url=next.html'><link rel=stylesheet href=s.css>"
    "<link rel='preload' imagesrcset='a.png 1x, b.png 2x' href=p><style>@import 'i.css'; a {"
    "background: url( \"x.png\" )}</style><script src=j.js>if (a <b) '<a href=no>';</script>"
    "<script><!-- <script> '<a href=no>' </script> <a href=no> --></script></head>"
    "<body background=bg.png><!-- <a href=no> --><p>a<a href=\"one?x=1&amp;y=2&copy=3\">b</a>"
    "<A HREF='two' rel=nofollow href=no>c</A><img src=i.png srcset='i2.png 2x,i3.png 3x' alt>"
    "<div style='background:url(d.png)'><iframe src=f><a href=no></iframe></div>"
    "<ul><li><a href = three >x</a><li><a href=four/>y</a></ul><!--><a href=five>--><hr>"
    "<table><tr><td><a href=six>t</a></td></tr></table><textarea><a href=no></textarea>"
    "<form action=q><input type=image src=go.png><input name=q></form><form method=post "
    "action=no></form><noscript><img src=ns.png></noscript><video src=v poster=vp><track "
    "src=vt></video><audio><source src=as></audio><svg width=1><path d='M1'/><title><a "
    "href=st></title><a xlink:href=sa><image href=si /></a><![CDATA[<a href=no>]]><script "
    "href=ss></script></svg><math><mi><a href=mi></mi><annotation-xml><a href=no></math>"
    "<![CDATA[<a href=cd>]]><object data=o><embed src=e></object><template><a href=tp><base "
    "href=no></template><map><area href=ar shape=rect></map><xmp><a href=no></xmp>"
    "<?php <a href=no> ?><a href=last>z</a></body></html>";

static const char *const pieces[] = {
    "<",
    ">",
    "\"",
    "'",
    "=",
    "/",
    "&",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "--",
    "!",
    "<script>",
    "</script",
    "</script>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</",
    "<?",
    "<![CDATA[",
    "]]>",
    "<svg>",
    "</svg>",
    "<math>",
    "</math>",
    "<a href=",
    "<a href='m'>",
    "</a>",
    "<img src=m",
    "&amp",
    "&#38;",
    "&#x41",
    "&notit;",
    "&copy",
    "<xmp>",
    "</xmp>",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<form>",
    "</form>",
    "<noscript>",
    "</table>",
    "<table>",
    "<b>",
    "<li>",
    "<template>",
    "</template>",
    "<desc>",
    "</foreignObject>",
    "<foreignObject>",
    "<iframe>",
    "</iframe>",
    "<!DOCTYPE",
    "<base href=m>",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\f",
    "-",
    ";",
    "\xc3\xa9",
    "src",
    "href=n ",
    " x",
    "<script src=m>",
    "<body background=m>",
    "<noembed>",
    "<select>",
    "<option>",
    "</select>",
    "<frameset>",
    "<frame src=m>",
    "<noframes>",
    "</noframes>",
    "<input type=image src=m>",
    "<font color=1>",
};
#define N_PIECES (sizeof(pieces) / sizeof(pieces[0]))

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

struct page {
    char bytes[32768];
    size_t len;
};

static void splice(struct page *p, size_t at, size_t gone, const char *s, size_t len)
{
    if (p->len - gone + len > sizeof(p->bytes))
        return;
    memmove(p->bytes + at + len, p->bytes + at + gone, p->len - at - gone);
    memcpy(p->bytes + at, s, len);
    p->len += len - gone;
}

static void mutate(struct page *p, uint64_t *seed)
{
    uint64_t kind = next_random(seed) % 8;
    size_t at = next_random(seed) % (p->len + 1);
    size_t left = p->len - at;
    const char *piece = pieces[next_random(seed) % N_PIECES];
    char copy[64];
    size_t n = next_random(seed) % sizeof(copy);
    char byte = (char)(' ' + next_random(seed) % 95);

    if (n > left)
        n = left;
    if (kind == 0) {
        splice(p, at, n, "", 0);
    } else if (kind == 1) {
        splice(p, at, left > 0, &byte, 1);
    } else if (kind == 2) {
        splice(p, at, 0, "\0", 1);
    } else if (kind == 3) {
        memcpy(copy, p->bytes + at, n);
        splice(p, next_random(seed) % (p->len + 1), 0, copy, n);
    } else if (kind == 4) {
        splice(p, at, left > 0, "", 0);
    } else {
        splice(p, at, 0, piece, strlen(piece));
    }
}

/* A NUL where an attribute's name begins makes gumbo forget the name's first bytes. */
static void tame_nuls(struct page *p)
{
    for (size_t i = 0; i < p->len; i++)
        if (p->bytes[i] == '\0' && (i == 0 || strchr(" \t\n\f\r/\"'", p->bytes[i - 1]) != NULL))
            p->bytes[i] = 'N';
}

/* The same page for the same number, so that one that fails can be looked at alone. */
static void make_page(struct page *p, size_t number)
{
    uint64_t seed = (number + 1) * 0x9E3779B97F4A7C15u;

    next_random(&seed);
    p->len = sizeof(dense) - 1;
    memcpy(p->bytes, dense, p->len);
    for (uint64_t n = 1 + next_random(&seed) % 6; n > 0; n--)
        mutate(p, &seed);
    tame_nuls(p);
}

/* What the child has found, shared with the one that waits for it. */
struct progress {
    size_t page; /* the one it is at */
    bool in_gumbo;
    size_t same, excused, different;
};

/* Excused are differences in what gumbo's tree leaves out inside of select and frameset, and
 * those where SVG or MathML was cut off by an end tag: which of HTML's elements are open around
 * it the scanner guesses. */
static void compare_mutated(struct progress *done, const struct page *p)
{
    struct link_list ours = {0}, theirs = {0};
    const char *wrong;
    bool guessed = scan(&ours, p->bytes, p->len, 1 + done->page % 300);

    done->in_gumbo = true;
    gumbo_links(&theirs, p->bytes, p->len);
    done->in_gumbo = false;
    wrong = difference(&ours, &theirs);
    if (wrong == NULL) {
        done->same++;
    } else if (guessed || theirs.odd) {
        done->excused++;
    } else {
        done->different++;
        printf("page %zu: %s\n", done->page, wrong);
        fwrite(p->bytes, 1, p->len, stdout);
        fflush(stdout);
    }
    link_list_free(&ours);
    link_list_free(&theirs);
}

static void work(struct progress *done)
{
    static struct page page;
    struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
    for (; done->page < N_MUTATED; done->page++) {
        make_page(&page, done->page);
        compare_mutated(done, &page);
    }
    _exit(0);
}

/* gumbo has assertions that odd pages break, so it works in a child. */
START_TEST(mutated_pages_have_the_links_that_gumbo_finds)
{
    struct progress *done =
        mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    size_t deaths = 0;
    int status = 1;

    ck_assert_ptr_ne(done, MAP_FAILED);
    while (done->page < N_MUTATED) {
        pid_t child = fork();

        ck_assert_int_ge(child, 0);
        if (child == 0)
            work(done);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        ck_assert_msg(done->in_gumbo, "the scan of page %zu died", done->page);
        done->in_gumbo = false;
        done->page++;
        deaths++;
    }
    printf("of %d mutated pages: %zu the same, %zu excused, gumbo died of %zu\n", N_MUTATED,
           done->same, done->excused, deaths);
    ck_assert_uint_eq(done->different, 0);
    ck_assert_uint_lt(done->excused + deaths, N_MUTATED / 50);
    munmap(done, sizeof(*done));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("links oracle");
    TCase *trees = tcase_create("trees");
    TCase *mutated = tcase_create("mutated");

    tcase_add_test(trees, documentation_has_the_links_that_gumbo_finds);
    tcase_add_test(trees, other_documentation_has_them_too);
    suite_add_tcase(s, trees);
    tcase_add_test(mutated, mutated_pages_have_the_links_that_gumbo_finds);
    suite_add_tcase(s, mutated);
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
