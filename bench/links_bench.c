/* Reads pages again and again with one parser and counts their links: what bench/links.py runs.
 *
 *     links_bench PARSER ROUNDS ROOT    a line a round: seconds, bytes, links
 */
#include <fts.h>
#include <gumbo.h>
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "parse/links.h"

struct page {
    char *bytes;
    size_t len;
    char url[400];
};

static struct page *pages;
static size_t n_pages, n_bytes;
static struct tw_text *text;

/* ---- The pages --------------------------------------------------------------------------- */

static void read_page(const char *path, size_t len)
{
    struct page *p;
    FILE *f = fopen(path, "rb");

    pages = realloc(pages, (n_pages + 1) * sizeof(*pages));
    if (f == NULL || pages == NULL)
        abort();
    p = &pages[n_pages++];
    p->bytes = malloc(len + 1);
    p->len = len;
    if (p->bytes == NULL || fread(p->bytes, 1, len, f) != len)
        abort();
    p->bytes[len] = '\0';
    n_bytes += len;
    snprintf(p->url, sizeof(p->url), "http://localhost%s", path);
    fclose(f);
}

static void read_tree(char *root)
{
    char *const paths[] = {root, NULL};
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    FTSENT *e;

    while (tree != NULL && (e = fts_read(tree)) != NULL) {
        const char *dot = strrchr(e->fts_name, '.');

        if (e->fts_info == FTS_F && dot != NULL && strcmp(dot, ".html") == 0)
            read_page(e->fts_path, (size_t)e->fts_statp->st_size);
    }
    if (tree != NULL)
        fts_close(tree);
}

/* ---- trawl ------------------------------------------------------------------------------- */

static bool count_link(void *user, const struct tw_found_link *link)
{
    *(size_t *)user += strcmp(link->tag, "a") == 0;
    return true;
}

static size_t with_trawl(const struct page *p, unsigned flags)
{
    struct tw_links_options options = {
        .flags = flags, .charset = "UTF-8", .text = text, .on_link = count_link};
    struct tw_url url = {0};
    size_t links = 0;

    options.user = &links;
    if (tw_url_parse(&url, p->url, strlen(p->url), NULL, NULL) != 0)
        abort();
    options.url = &url;
    if (tw_links_scan(&options, p->bytes, p->len, NULL) != 0)
        abort();
    tw_url_free(&url);
    return links;
}

static size_t scan_only(const struct page *p)
{
    return with_trawl(p, 0);
}

static size_t scan_css(const struct page *p)
{
    return with_trawl(p, TW_LINKS_CSS);
}

static size_t scan_resolve(const struct page *p)
{
    return with_trawl(p, TW_LINKS_RESOLVE);
}

static size_t scan_unique(const struct page *p)
{
    return with_trawl(p, TW_LINKS_RESOLVE | TW_LINKS_UNIQUE);
}

/* ---- Others ------------------------------------------------------------------------------ */

static size_t walk(const GumboNode *node)
{
    const GumboVector *children;
    size_t links = 0;

    if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE)
        return 0;
    if (node->v.element.tag == GUMBO_TAG_A &&
        gumbo_get_attribute(&node->v.element.attributes, "href") != NULL)
        links++;
    children = &node->v.element.children;
    for (unsigned i = 0; i < children->length; i++)
        links += walk(children->data[i]);
    return links;
}

static size_t with_gumbo(const struct page *p)
{
    GumboOutput *output = gumbo_parse_with_options(&kGumboDefaultOptions, p->bytes, p->len);
    size_t links = walk(output->root);

    gumbo_destroy_output(&kGumboDefaultOptions, output);
    return links;
}

static void start_element(void *user, const xmlChar *name, const xmlChar **attributes)
{
    if (strcmp((const char *)name, "a") != 0 || attributes == NULL)
        return;
    for (; *attributes != NULL; attributes += 2)
        if (strcmp((const char *)*attributes, "href") == 0)
            (*(size_t *)user)++;
}

static size_t with_libxml2(const struct page *p)
{
    htmlSAXHandler sax = {.startElement = start_element};
    size_t links = 0;
    htmlParserCtxtPtr parser =
        htmlCreatePushParserCtxt(&sax, &links, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

    htmlParseChunk(parser, p->bytes, (int)p->len, 1);
    htmlFreeParserCtxt(parser);
    return links;
}

/* ---- The rounds -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t (*read)(const struct page *p);
} parsers[] = {
    {"scan", scan_only},          {"scan-css", scan_css}, {"scan-resolve", scan_resolve},
    {"scan-unique", scan_unique}, {"gumbo", with_gumbo},  {"libxml2", with_libxml2},
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_round(size_t (*read)(const struct page *p))
{
    double start = now();
    size_t links = 0;

    for (size_t i = 0; i < n_pages; i++)
        links += read(&pages[i]);
    printf("%.6f %zu %zu\n", now() - start, n_bytes, links);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 4 || tw_text_open(&text) != 0)
        return 2;
    read_tree(argv[3]);
    for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++)
        if (strcmp(parsers[i].name, argv[1]) == 0)
            for (int round = 0; round < atoi(argv[2]); round++)
                run_round(parsers[i].read);
    return 0;
}
