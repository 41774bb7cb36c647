#include <string.h>

#include "base/map.h"
#include "parse/ascii.h"
#include "parse/sitemap_parser.h"

/* The longest tag or comment. expat reads an unfinished one again with every piece of input. */
#define TOKEN_MAX ((size_t)256 * 1024)

/* What a child of an element is to a document of a kind. */
static const struct rule {
    enum tw_sitemap_kind kind;
    enum tw_sitemap_element parent;
    const char *name;
    enum tw_sitemap_element element;
} rules[] = {
    {TW_SITEMAP_URLSET, TW_ELEMENT_ROOT, "url", TW_ELEMENT_ITEM},
    {TW_SITEMAP_URLSET, TW_ELEMENT_ITEM, "loc", TW_ELEMENT_URL},
    {TW_SITEMAP_URLSET, TW_ELEMENT_ITEM, "lastmod", TW_ELEMENT_LASTMOD},
    {TW_SITEMAP_URLSET, TW_ELEMENT_ITEM, "priority", TW_ELEMENT_PRIORITY},
    {TW_SITEMAP_INDEX, TW_ELEMENT_ROOT, "sitemap", TW_ELEMENT_ITEM},
    {TW_SITEMAP_INDEX, TW_ELEMENT_ITEM, "loc", TW_ELEMENT_URL},
    {TW_SITEMAP_INDEX, TW_ELEMENT_ITEM, "lastmod", TW_ELEMENT_LASTMOD},
    {TW_SITEMAP_RSS, TW_ELEMENT_ROOT, "channel", TW_ELEMENT_CHANNEL},
    {TW_SITEMAP_RSS, TW_ELEMENT_ROOT, "item", TW_ELEMENT_ITEM},
    {TW_SITEMAP_RSS, TW_ELEMENT_CHANNEL, "item", TW_ELEMENT_ITEM},
    {TW_SITEMAP_RSS, TW_ELEMENT_CHANNEL, "link", TW_ELEMENT_URL},
    {TW_SITEMAP_RSS, TW_ELEMENT_ITEM, "link", TW_ELEMENT_URL},
    {TW_SITEMAP_RSS, TW_ELEMENT_ITEM, "guid", TW_ELEMENT_GUID},
    {TW_SITEMAP_ATOM, TW_ELEMENT_ROOT, "entry", TW_ELEMENT_ITEM},
    {TW_SITEMAP_ATOM, TW_ELEMENT_ROOT, "link", TW_ELEMENT_URL},
    {TW_SITEMAP_ATOM, TW_ELEMENT_ITEM, "link", TW_ELEMENT_URL},
};

static const struct {
    const char *name;
    enum tw_sitemap_kind kind;
} roots[] = {
    {"urlset", TW_SITEMAP_URLSET}, {"sitemapindex", TW_SITEMAP_INDEX}, {"rss", TW_SITEMAP_RSS},
    {"RDF", TW_SITEMAP_RSS},       {"feed", TW_SITEMAP_ATOM},
};

static bool is_ok(const struct tw_sitemap *s)
{
    return s->info.state == TW_SITEMAP_OK;
}

static size_t current_line(const struct tw_sitemap *s)
{
    return s->line + XML_GetCurrentLineNumber(s->xml);
}

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

static void set_prefix(struct tw_sitemap_open *open, const char *name)
{
    size_t len = (size_t)(local_name(name) - name);

    if (len >= sizeof(open->prefix))
        len = sizeof(open->prefix) - 1;
    memcpy(open->prefix, name, len);
    open->prefix[len] = '\0';
}

static const char *find_attribute(const char **attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

/* ---- Bounds ---------------------------------------------------------------- */

/* The seed is not known to who made the document, and the count need not be exact. */
static void count_name(struct tw_sitemap *s, const char *name)
{
    uint64_t bit = tw_hash(name, strlen(name), (uint64_t)(uintptr_t)s) % TW_SITEMAP_NAME_BITS;
    uint64_t mask = UINT64_C(1) << bit % 64;

    if ((s->seen_names[bit / 64] & mask) == 0)
        s->names++;
    s->seen_names[bit / 64] |= mask;
}

static void count_names(struct tw_sitemap *s, const char *name, const char **attributes)
{
    count_name(s, name);
    for (; attributes[0] != NULL; attributes += 2)
        count_name(s, attributes[0]);
    if (s->names > TW_SITEMAP_NAMES)
        tw_sitemap_fail(s, TW_SITEMAP_FOREIGN, current_line(s),
                        "more than %d different names of elements and attributes",
                        TW_SITEMAP_NAMES);
}

static void check_depth(struct tw_sitemap *s)
{
    if (is_ok(s) && s->depth == TW_SITEMAP_NESTING)
        tw_sitemap_fail(s, TW_SITEMAP_BAD_XML, current_line(s),
                        "elements are nested more than %d deep", TW_SITEMAP_NESTING);
}

static void check_token(struct tw_sitemap *s)
{
    XML_Index at = XML_GetCurrentByteIndex(s->xml);

    if (is_ok(s) && s->xml_bytes - (at > 0 ? (size_t)at : 0) > TOKEN_MAX)
        tw_sitemap_fail(s, TW_SITEMAP_BAD_XML, current_line(s),
                        "a tag or comment is longer than %zu bytes", TOKEN_MAX);
}

/* ---- Elements -------------------------------------------------------------- */

static void fail_root(struct tw_sitemap *s, const char *name)
{
    char shown[33];
    size_t n = 0;

    for (; n < sizeof(shown) - 1 && name[n] != '\0'; n++)
        shown[n] = (char)(name[n] > ' ' && name[n] < 0x7f ? name[n] : '?');
    shown[n] = '\0';
    tw_sitemap_fail(
        s, TW_SITEMAP_FOREIGN, current_line(s),
        "it is XML, but no sitemap: its root is <%s>, not urlset, sitemapindex, rss "
        "or feed",
        shown);
}

static enum tw_sitemap_element begin_root(struct tw_sitemap *s, const char *name)
{
    const char *local = local_name(name);

    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        if (strcmp(roots[i].name, local) == 0) {
            s->info.kind = roots[i].kind;
            return TW_ELEMENT_ROOT;
        }
    }
    fail_root(s, name);
    return TW_ELEMENT_OTHER;
}

/* The root of RSS 1.0 has another prefix than what it holds. */
static enum tw_sitemap_element find_element(const struct tw_sitemap *s, const char *name,
                                            const char *prefix)
{
    const struct tw_sitemap_open *parent = &s->open[s->depth - 1];
    bool same_prefix = strcmp(parent->prefix, prefix) == 0 ||
                       (s->info.kind == TW_SITEMAP_RSS && parent->element == TW_ELEMENT_ROOT);

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && same_prefix; i++)
        if (rules[i].kind == s->info.kind && rules[i].parent == parent->element &&
            strcmp(rules[i].name, local_name(name)) == 0)
            return rules[i].element;
    return TW_ELEMENT_OTHER;
}

static void begin_atom_link(struct tw_sitemap *s, const char **attributes)
{
    const char *rel = find_attribute(attributes, "rel");
    const char *href = find_attribute(attributes, "href");

    if (rel == NULL || strcmp(rel, "alternate") == 0)
        tw_sitemap_emit(s, href != NULL ? href : "", href != NULL ? strlen(href) : 0, NULL,
                        TW_SITEMAP_PRIORITY, current_line(s));
}

static void begin_element(struct tw_sitemap *s, enum tw_sitemap_element element,
                          const char **attributes)
{
    const char *permalink;

    s->text.len = 0;
    s->too_long = false;
    switch (element) {
    case TW_ELEMENT_ITEM:
        s->url.len = 0;
        s->lastmod.len = 0;
        s->priority = TW_SITEMAP_PRIORITY;
        break;
    case TW_ELEMENT_URL:
        if (s->info.kind == TW_SITEMAP_ATOM)
            begin_atom_link(s, attributes);
        break;
    case TW_ELEMENT_GUID:
        permalink = find_attribute(attributes, "isPermaLink");
        s->permalink = permalink == NULL || strcmp(permalink, "false") != 0;
        break;
    default: break;
    }
}

static void on_start(void *data, const char *name, const char **attributes)
{
    struct tw_sitemap *s = data;
    struct tw_sitemap_open open = {TW_ELEMENT_OTHER, ""};

    count_names(s, name, attributes);
    check_depth(s);
    if (s->depth < TW_SITEMAP_DEPTH && is_ok(s)) {
        set_prefix(&open, name);
        open.element = s->depth > 0 ? find_element(s, name, open.prefix) : begin_root(s, name);
        s->open[s->depth] = open;
        if (open.element != TW_ELEMENT_OTHER)
            begin_element(s, open.element, attributes);
    }
    s->depth++;
    if (!is_ok(s))
        XML_StopParser(s->xml, XML_FALSE);
}

/* "0.8" in thousandths; what is no number from 0.0 to 1.0 is none. */
static unsigned parse_priority(const char *text, size_t len)
{
    unsigned value = 0, scale = 1000;
    size_t i = 0, digits = 0;

    while (i < len && tw_ascii_is_space(text[i]))
        i++;
    for (; i < len && tw_ascii_is_digit(text[i]) && value <= 1000; i++, digits++)
        value = value * 10 + (unsigned)(text[i] - '0') * 1000;
    if (i < len && text[i] == '.') {
        for (i++; i < len && tw_ascii_is_digit(text[i]); i++, digits++) {
            scale /= 10;
            value += (unsigned)(text[i] - '0') * scale;
        }
    }
    while (i < len && tw_ascii_is_space(text[i]))
        i++;
    return i == len && digits > 0 && value <= 1000 ? value : TW_SITEMAP_PRIORITY;
}

static void keep_text(struct tw_sitemap *s, struct tw_buf *to)
{
    const char *text = s->text.data;
    size_t len = s->too_long ? 0 : s->text.len;

    while (len > 0 && tw_ascii_is_space(text[0])) {
        text++;
        len--;
    }
    while (len > 0 && tw_ascii_is_space(text[len - 1]))
        len--;
    to->len = 0;
    if (tw_buf_append(to, len > 0 ? text : "", len) != 0)
        tw_sitemap_fail(s, TW_SITEMAP_NOMEM, 0, "out of memory");
}

/* An item's link and its guid are often the same. */
static void end_rss_url(struct tw_sitemap *s)
{
    bool same = s->url.len > 0 && s->url.len == s->text.len &&
                memcmp(s->url.data, s->text.data, s->url.len) == 0;

    if (same)
        return;
    keep_text(s, &s->url);
    tw_sitemap_emit(s, s->url.data, s->url.len, NULL, TW_SITEMAP_PRIORITY, current_line(s));
}

static void end_item(struct tw_sitemap *s)
{
    if (s->info.kind == TW_SITEMAP_URLSET || s->info.kind == TW_SITEMAP_INDEX)
        tw_sitemap_emit(s, s->url.data, s->url.len, s->lastmod.len > 0 ? s->lastmod.data : NULL,
                        s->priority, current_line(s));
}

static void end_element(struct tw_sitemap *s, enum tw_sitemap_element element)
{
    switch (element) {
    case TW_ELEMENT_ITEM: end_item(s); break;
    case TW_ELEMENT_URL:
        if (s->info.kind == TW_SITEMAP_RSS)
            end_rss_url(s);
        else if (s->info.kind != TW_SITEMAP_ATOM)
            keep_text(s, &s->url);
        break;
    case TW_ELEMENT_GUID:
        if (s->permalink && tw_sitemap_is_url(s->text.data, s->text.len))
            end_rss_url(s);
        break;
    case TW_ELEMENT_LASTMOD: keep_text(s, &s->lastmod); break;
    case TW_ELEMENT_PRIORITY: s->priority = parse_priority(s->text.data, s->text.len); break;
    default: break;
    }
}

static void on_end(void *data, const char *name)
{
    struct tw_sitemap *s = data;

    (void)name;
    s->depth--;
    if (s->depth < TW_SITEMAP_DEPTH && is_ok(s))
        end_element(s, s->open[s->depth].element);
    if (!is_ok(s))
        XML_StopParser(s->xml, XML_FALSE);
}

static void on_text(void *data, const char *text, int len)
{
    struct tw_sitemap *s = data;

    if (s->depth > 0 && s->depth <= TW_SITEMAP_DEPTH &&
        s->open[s->depth - 1].element >= TW_ELEMENT_URL)
        tw_sitemap_collect(s, text, (size_t)len);
    if (!is_ok(s))
        XML_StopParser(s->xml, XML_FALSE);
}

/* No sitemap needs declarations of its own, and entities among them may grow without end. */
static void on_doctype(void *data, const char *name, const char *system, const char *public,
                       int has_internal_subset)
{
    struct tw_sitemap *s = data;

    (void)name;
    (void)system;
    (void)public;
    if (has_internal_subset == 0)
        return;
    tw_sitemap_fail(s, TW_SITEMAP_ENTITIES, current_line(s),
                    "its DOCTYPE has declarations of its own");
    XML_StopParser(s->xml, XML_FALSE);
}

/* ---- The whole ------------------------------------------------------------- */

static bool open_parser(struct tw_sitemap *s)
{
    s->xml = XML_ParserCreate(NULL);
    if (s->xml == NULL) {
        tw_sitemap_fail(s, TW_SITEMAP_NOMEM, 0, "out of memory");
        return false;
    }
    XML_SetUserData(s->xml, s);
    XML_SetElementHandler(s->xml, on_start, on_end);
    XML_SetCharacterDataHandler(s->xml, on_text);
    XML_SetStartDoctypeDeclHandler(s->xml, on_doctype);
    return true;
}

/* Before the root it could be anything. */
static void fail_xml(struct tw_sitemap *s)
{
    enum XML_Error error = XML_GetErrorCode(s->xml);
    bool known = s->info.kind != TW_SITEMAP_UNKNOWN;

    if (error == XML_ERROR_NO_MEMORY)
        tw_sitemap_fail(s, TW_SITEMAP_NOMEM, 0, "out of memory");
    else
        tw_sitemap_fail(s, known ? TW_SITEMAP_BAD_XML : TW_SITEMAP_FOREIGN, current_line(s),
                        "it is no well-formed XML: %s", XML_ErrorString(error));
}

void tw_sitemap_xml_feed(struct tw_sitemap *s, const char *bytes, size_t len, bool end)
{
    if (s->xml == NULL && !open_parser(s))
        return;
    s->xml_bytes += len;
    if (XML_Parse(s->xml, bytes, (int)len, end) == XML_STATUS_ERROR && is_ok(s))
        fail_xml(s);
    check_token(s);
}
