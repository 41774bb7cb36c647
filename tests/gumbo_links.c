#include "gumbo_links.h"

#include <gumbo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parse/css.h"
#include "parse/links.h"
#include "parse/links_rel.h"
#include "parse/srcset.h"

void link_list_add(struct link_list *list, size_t at, const char *tag, const char *attribute,
                   const char *value, size_t len)
{
    size_t room = strlen(tag) + strlen(attribute) + len + 3;
    char *text = malloc(room);

    if (list->len == list->cap) {
        list->cap = list->cap * 2 + 64;
        list->links = realloc(list->links, list->cap * sizeof(*list->links));
    }
    if (text == NULL || list->links == NULL)
        abort();
    snprintf(text, room, "%s %s %.*s", tag, attribute, (int)len, len > 0 ? value : "");
    /* The body may begin before its tag, whose attributes it still gets: all to the front. */
    list->links[list->len] =
        (struct one_link){strcmp(tag, "body") != 0 ? at : 0, list->len, text};
    list->len++;
}

static int by_place(const void *a, const void *b)
{
    const struct one_link *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void link_list_sort(struct link_list *list)
{
    if (list->len > 0)
        qsort(list->links, list->len, sizeof(*list->links), by_place);
}

void link_list_free(struct link_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->links[i].text);
    free(list->links);
    *list = (struct link_list){0};
}

/* ---- The tree ---------------------------------------------------------------------------- */

struct walk {
    struct link_list *list;
    const GumboNode *node;
    const char *tag;
};

static const char *get(const GumboNode *node, const char *name)
{
    const GumboAttribute *a = gumbo_get_attribute(&node->v.element.attributes, name);

    return a != NULL ? a->value : NULL;
}

static bool get_is(const GumboNode *node, const char *name, const char *value)
{
    const char *s = get(node, name);

    return s != NULL && strcasecmp(s, value) == 0;
}

static void add(const struct walk *w, const char *attribute, const char *value, size_t len)
{
    static const char blanks[] = " \t\n\f\r";

    while (len > 0 && memchr(blanks, value[len - 1], 5) != NULL)
        len--;
    while (len > 0 && memchr(blanks, *value, 5) != NULL) {
        value++;
        len--;
    }
    if (len > 0 || strcmp(w->tag, "a") == 0 || strcmp(w->tag, "area") == 0)
        link_list_add(w->list, w->node->v.element.start_pos.offset, w->tag, attribute, value,
                      len);
}

static void add_srcset(const struct walk *w, const char *attribute, const char *value)
{
    struct tw_srcset in = {.p = value, .end = value + strlen(value)};
    const char *url;
    size_t len;

    while (tw_srcset_next(&in, &url, &len))
        add(w, attribute, url, len);
}

static void add_css(const struct walk *w, const char *attribute, const char *value)
{
    struct tw_css css = {.p = value, .end = value + strlen(value), .max = SIZE_MAX};
    struct tw_buf out = {0};
    bool is_import;

    while (tw_css_next(&css, &out, &is_import) > 0)
        add(w, attribute, out.data, out.len);
    tw_buf_free(&out);
}

static bool any(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* Whether the attribute of an HTML element is a URL. */
static bool is_url(const GumboNode *node, const char *name)
{
    static const char *const with_src[] = {"frame", "iframe", "img",   "source", "script",
                                           "embed", "video",  "audio", "track",  NULL};
    static const char *const with_background[] = {"body", "table", "thead", "tbody", "tfoot",
                                                  "tr",   "td",    "th",    NULL};
    const char *tag = gumbo_normalized_tagname(node->v.element.tag);
    const char *rel = get(node, "rel");
    bool is_link;

    if (strcmp(tag, "a") == 0 || strcmp(tag, "area") == 0)
        return strcmp(name, "href") == 0;
    if (strcmp(tag, "link") == 0) {
        tw_rel_kind(rel != NULL ? tw_rel_parse(rel, strlen(rel)) : 0, &is_link);
        return strcmp(name, "href") == 0 && is_link;
    }
    if (strcmp(name, "src") == 0)
        return any(tag, with_src) ||
               (strcmp(tag, "input") == 0 && get_is(node, "type", "image"));
    return (strcmp(tag, "object") == 0 && strcmp(name, "data") == 0) ||
           (strcmp(tag, "video") == 0 && strcmp(name, "poster") == 0) ||
           (any(tag, with_background) && strcmp(name, "background") == 0) ||
           (strcmp(tag, "form") == 0 && strcmp(name, "action") == 0 &&
            !get_is(node, "method", "post") && !get_is(node, "method", "dialog"));
}

static bool is_srcset(const GumboNode *node, const char *name)
{
    GumboTag tag = node->v.element.tag;
    const char *rel = get(node, "rel");
    bool is_link;

    if (strcmp(name, "srcset") == 0)
        return tag == GUMBO_TAG_IMG || tag == GUMBO_TAG_SOURCE;
    tw_rel_kind(rel != NULL ? tw_rel_parse(rel, strlen(rel)) : 0, &is_link);
    return tag == GUMBO_TAG_LINK && strcmp(name, "imagesrcset") == 0 && is_link;
}

static void add_html(const struct walk *w, const GumboAttribute *a, bool in_template)
{
    const char *url;
    size_t len;

    if (is_url(w->node, a->name))
        add(w, a->name, a->value, strlen(a->value));
    else if (is_srcset(w->node, a->name))
        add_srcset(w, a->name, a->value);
    else if (w->node->v.element.tag == GUMBO_TAG_META && strcmp(a->name, "content") == 0 &&
             get_is(w->node, "http-equiv", "refresh") && !in_template &&
             tw_refresh_url(a->value, strlen(a->value), &url, &len))
        add(w, a->name, url, len);
}

/* SVG's elements have the names that the source has. */
static void add_svg(struct walk *w, const GumboAttribute *a)
{
    static const char *const names[] = {"a", "image", "use", "script", NULL};
    static char name[16];
    GumboStringPiece piece = w->node->v.element.original_tag;
    bool xlink = a->attr_namespace == GUMBO_ATTR_NAMESPACE_XLINK;

    gumbo_tag_from_original_text(&piece);
    snprintf(name, sizeof(name), "%.*s", (int)(piece.length < 15 ? piece.length : 15),
             piece.data != NULL ? piece.data : "");
    for (char *p = name; *p != '\0'; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
    w->tag = name;
    if (!any(name, names) || strcmp(a->name, "href") != 0)
        return;
    /* gumbo calls both href. */
    for (unsigned i = 0; xlink && i < w->node->v.element.attributes.length; i++) {
        const GumboAttribute *b = w->node->v.element.attributes.data[i];

        if (b != a && strcmp(b->name, "href") == 0)
            return;
    }
    add(w, xlink ? "xlink:href" : "href", a->value, strlen(a->value));
}

/* Elements that gumbo makes twice have the place of the first. */
static bool is_copy(const GumboNode *node)
{
    if (node->v.element.tag == GUMBO_TAG_BODY)
        return false;
    return (node->parse_flags &
            (GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT |
             GUMBO_INSERTION_ADOPTION_AGENCY_CLONED | GUMBO_INSERTION_FROM_ISINDEX)) != 0 ||
           node->v.element.original_tag.length == 0;
}

static void add_element(struct link_list *list, const GumboNode *node, bool in_template)
{
    struct walk w = {list, node, gumbo_normalized_tagname(node->v.element.tag)};
    const GumboVector *attributes = &node->v.element.attributes;

    for (unsigned i = 0; i < attributes->length; i++) {
        const GumboAttribute *a = attributes->data[i];

        if (strcmp(a->name, "style") == 0)
            add_css(&w, a->name, a->value);
        else if (node->v.element.tag_namespace == GUMBO_NAMESPACE_HTML)
            add_html(&w, a, in_template);
        else if (node->v.element.tag_namespace == GUMBO_NAMESPACE_SVG)
            add_svg(&w, a);
    }
    if (node->v.element.tag == GUMBO_TAG_STYLE &&
        node->v.element.tag_namespace == GUMBO_NAMESPACE_HTML &&
        node->v.element.children.length > 0) {
        const GumboNode *text = node->v.element.children.data[0];

        add_css(&w, "", text->v.text.text);
    }
}

static bool is_element(const GumboNode *node)
{
    return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

/* Without recursion: mutated pages can be deep. */
static void collect(struct link_list *list, const GumboNode *root)
{
    const GumboNode *node = root;
    size_t templates = 0;

    for (;;) {
        const GumboNode *parent;

        if (is_element(node)) {
            if (!is_copy(node))
                add_element(list, node, templates > 0);
            list->odd |= node->v.element.tag == GUMBO_TAG_SELECT ||
                         node->v.element.tag == GUMBO_TAG_FRAMESET;
            if (node->v.element.children.length > 0) {
                templates += node->type == GUMBO_NODE_TEMPLATE;
                node = node->v.element.children.data[0];
                continue;
            }
        }
        for (;; node = parent) {
            if (node == root)
                return;
            parent = node->parent;
            if (node->index_within_parent + 1 < parent->v.element.children.length)
                break;
            templates -= parent->type == GUMBO_NODE_TEMPLATE;
        }
        node = node->parent->v.element.children.data[node->index_within_parent + 1];
    }
}

void gumbo_links(struct link_list *list, const char *html, size_t len)
{
    GumboOutput *output = gumbo_parse_with_options(&kGumboDefaultOptions, html, len);

    collect(list, output->root);
    link_list_sort(list);
    gumbo_destroy_output(&kGumboDefaultOptions, output);
}
