#include <string.h>

#include "parse/ascii.h"
#include "parse/links_rel.h"
#include "parse/links_scan.h"
#include "trawl.h"

#define TITLE_MAX 1024

static bool has(const struct tw_links *l, enum tw_attribute id)
{
    return (l->html.tag.have & ((uint32_t)1 << id)) != 0;
}

int tw_scan_value_is(struct tw_links *l, enum tw_attribute id, const char *lower)
{
    struct tw_text_span s;
    size_t len = strlen(lower);
    int err;

    if (!has(l, id))
        return 0;
    err = tw_value_read(l, &l->html.tag.values[id], TW_VALUE_WORD, &l->name, &s);
    if (err != 0)
        return err;
    return s.len == len && tw_ascii_equal(s.p, lower, len);
}

/* ---- base, title, meta ------------------------------------------------------------------- */

int tw_scan_base(struct tw_links *l)
{
    const struct tw_html_value *v = &l->html.tag.values[TW_ATTR_HREF];
    struct tw_text_span s;
    struct tw_url url;
    int err;

    if ((size_t)(v->end - v->p) > TW_LINKS_VALUE_MAX) {
        l->info.base_err = TRAWL_EURL;
        return 0;
    }
    err = tw_value_read(l, v, TW_VALUE_URL, &l->value, &s);
    if (err != 0)
        return err;
    s = tw_span_strip(s);
    err = tw_url_parse(&url, s.p, s.len, l->options.url, NULL);
    if (err == TRAWL_ENOMEM)
        return err;
    if (err == 0) {
        tw_url_free(&l->base);
        l->base = url;
        l->info.base = &l->base;
    }
    l->info.base_err = err;
    return 0;
}

/* Blanks collapsed, cut before a character that does not fit. */
static int put_title(struct tw_links *l, struct tw_text_span s)
{
    struct tw_buf *t = &l->title;
    int err = tw_buf_reserve(t, TITLE_MAX);
    size_t i = 0;

    while (err == 0 && i < s.len) {
        size_t n = 1;

        while (i + n < s.len && ((unsigned char)s.p[i + n] & 0xC0) == 0x80)
            n++;
        if (t->len + n > TITLE_MAX)
            break;
        if (!tw_ascii_is_space(s.p[i]))
            err = tw_buf_append(t, s.p + i, n);
        else if (t->len > 0 && t->data[t->len - 1] != ' ')
            err = tw_buf_append(t, " ", 1);
        i += n;
    }
    while (err == 0 && t->len > 0 && t->data[t->len - 1] == ' ')
        t->data[--t->len] = '\0';
    return err;
}

static int take_title(struct tw_links *l)
{
    struct tw_html_value v = l->html.tag.text;
    struct tw_text_span s;
    int err;

    if (l->info.title != NULL || l->templates > 0)
        return 0;
    /* More than that cannot count, however much of it are blanks and references. */
    if ((size_t)(v.end - v.p) > TW_LINKS_VALUE_MAX)
        v.end = v.p + TW_LINKS_VALUE_MAX;
    err = tw_value_read(l, &v, TW_VALUE_TEXT, &l->value, &s);
    if (err == 0)
        err = put_title(l, s);
    l->info.title = l->title.data;
    l->info.title_len = l->title.len;
    return err;
}

static int take_robots(struct tw_links *l)
{
    const struct tw_html_value *content = &l->html.tag.values[TW_ATTR_CONTENT];
    struct tw_text_span s;
    int counts = tw_scan_value_is(l, TW_ATTR_NAME, "robots");
    int err;

    if (counts == 0 && l->options.robots_agent != NULL)
        counts = tw_scan_value_is(l, TW_ATTR_NAME, l->options.robots_agent);
    if (counts <= 0)
        return counts;
    err = tw_value_read(l, content, TW_VALUE_WORD, &l->value, &s);
    if (err == 0)
        l->info.robots |= tw_robots_content(s.p, s.len);
    return err;
}

/* ---- Which attributes of a tag are links ------------------------------------------------- */

/* Keeps, of the tag's attributes, only those. */
static void keep(struct tw_links *l, uint32_t which)
{
    l->html.tag.have &= which;
}

/* What is too long for a URL or for words is passed over. */
static void drop_long(struct tw_links *l)
{
    const struct tw_html_tag *t = &l->html.tag;

    for (unsigned i = 0; i < t->count; i++) {
        enum tw_attribute id = (enum tw_attribute)t->order[i];
        const struct tw_html_value *v = &t->values[id];
        size_t most = tw_scan_is_list(id) ? TW_LINKS_LIST_MAX : TW_LINKS_VALUE_MAX;

        if ((size_t)(v->end - v->p) > most)
            keep(l, ~((uint32_t)1 << id));
    }
}

static int take_meta(struct tw_links *l)
{
    int refresh, err;

    if (l->templates > 0 || !has(l, TW_ATTR_CONTENT)) {
        keep(l, ~TW_ATTR_BIT(CONTENT));
        return 0;
    }
    err = take_robots(l);
    if (err != 0)
        return err;
    refresh = tw_scan_value_is(l, TW_ATTR_HTTP_EQUIV, "refresh");
    if (refresh == 0)
        keep(l, ~TW_ATTR_BIT(CONTENT));
    return refresh < 0 ? refresh : 0;
}

static int take_input(struct tw_links *l)
{
    int image = tw_scan_value_is(l, TW_ATTR_TYPE, "image");

    if (image == 0)
        keep(l, ~TW_ATTR_BIT(SRC));
    return image < 0 ? image : 0;
}

/* A form inside of a form is none ("form element pointer"); one that is sent by POST or shows
 * no new page is no link. */
static int take_form(struct tw_links *l)
{
    bool is_open = l->in_form && l->templates == 0;
    int other;

    if (l->templates == 0)
        l->in_form = true;
    other = tw_scan_value_is(l, TW_ATTR_METHOD, "post");
    if (other == 0)
        other = tw_scan_value_is(l, TW_ATTR_METHOD, "dialog");
    if (other < 0)
        return other;
    if (is_open)
        keep(l, 0);
    else if (other)
        keep(l, ~TW_ATTR_BIT(ACTION));
    return 0;
}

static void take_body(struct tw_links *l)
{
    if (l->templates > 0)
        keep(l, 0);
    else if (l->has_background)
        keep(l, ~TW_ATTR_BIT(BACKGROUND));
    else
        l->has_background = has(l, TW_ATTR_BACKGROUND);
}

/* The standard's rendering section has a background of these, "td" and so on, beside the body's. */
static bool is_of_table(const struct tw_html_tag *t)
{
    static const char *const names[] = {"td", "th", "tr", "table", "tbody", "thead", "tfoot"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (t->name_len == strlen(names[i]) && tw_ascii_equal(t->name, names[i], t->name_len))
            return true;
    return false;
}

static void take_other(struct tw_links *l)
{
    if (has(l, TW_ATTR_BACKGROUND) && !is_of_table(&l->html.tag))
        keep(l, ~TW_ATTR_BIT(BACKGROUND));
}

static int read_rel(struct tw_links *l)
{
    struct tw_text_span s;
    int err;

    l->has_rel = has(l, TW_ATTR_REL);
    l->rel_flags = 0;
    if (!l->has_rel)
        return 0;
    err = tw_value_read(l, &l->html.tag.values[TW_ATTR_REL], TW_VALUE_WORD, &l->name, &s);
    if (err != 0)
        return err;
    l->rel_flags = tw_rel_parse(s.p, s.len);
    tw_buf_reset(&l->rel, 65536);
    return tw_buf_append(&l->rel, s.p, s.len);
}

static int take_link(struct tw_links *l)
{
    bool is_link;

    l->kind = tw_rel_kind(l->rel_flags, &is_link);
    if (!is_link)
        keep(l, ~(TW_ATTR_BIT(HREF) | TW_ATTR_BIT(IMAGESRCSET)));
    return 0;
}

static void take_foreign(struct tw_links *l)
{
    const struct tw_html_tag *t = &l->html.tag;
    bool is_link = t->space == TW_NS_SVG && (t->id == TW_TAG_A || t->id == TW_TAG_IMAGE ||
                                             t->id == TW_TAG_USE || t->id == TW_TAG_SCRIPT);
    uint32_t links = TW_ATTR_BIT(HREF) | TW_ATTR_BIT(XLINK_HREF);

    l->kind = t->id == TW_TAG_A ? TW_LINK_NAVIGATION : TW_LINK_REQUISITE;
    keep(l, l->html.always | TW_ATTR_BIT(REL) | (is_link ? links : 0));
    if (has(l, TW_ATTR_HREF))
        keep(l, ~TW_ATTR_BIT(XLINK_HREF));
}

static void take_style(struct tw_links *l)
{
    const struct tw_html_value *text = &l->html.tag.text;

    l->text_left = (l->options.flags & TW_LINKS_CSS) != 0 &&
                   (size_t)(text->end - text->p) <= TW_LINKS_LIST_MAX;
}

static int take_html(struct tw_links *l)
{
    l->kind = TW_LINK_REQUISITE;
    switch (l->html.tag.id) {
    case TW_TAG_A:
    case TW_TAG_AREA:
    case TW_TAG_FRAME:
    case TW_TAG_IFRAME: l->kind = TW_LINK_NAVIGATION; return 0;
    case TW_TAG_BASE: keep(l, ~TW_ATTR_BIT(HREF)); return 0;
    case TW_TAG_BODY: take_body(l); return 0;
    case TW_TAG_FORM: l->kind = TW_LINK_NAVIGATION; return take_form(l);
    case TW_TAG_IMAGE: l->html.tag.id = TW_TAG_IMG; return 0;
    case TW_TAG_INPUT: return take_input(l);
    case TW_TAG_LINK: return take_link(l);
    case TW_TAG_OTHER: take_other(l); return 0;
    case TW_TAG_META: l->kind = TW_LINK_NAVIGATION; return take_meta(l);
    case TW_TAG_STYLE: take_style(l); return 0;
    case TW_TAG_TEMPLATE: l->templates++; return 0;
    case TW_TAG_TITLE: return take_title(l);
    default: return 0;
    }
}

static void take_end_tag(struct tw_links *l)
{
    l->html.tag.count = 0;
    if (l->html.tag.id == TW_TAG_TEMPLATE && l->templates > 0)
        l->templates--;
    else if (l->html.tag.id == TW_TAG_FORM && l->templates == 0)
        l->in_form = false;
}

int tw_scan_tag(struct tw_links *l)
{
    int err;

    l->yielding = true;
    l->next = 0;
    l->text_left = false;
    l->list = TW_LIST_NONE;
    if (l->html.tag.is_end) {
        take_end_tag(l);
        return 0;
    }
    drop_long(l);
    err = read_rel(l);
    if (err != 0)
        return err;
    if (l->html.tag.space == TW_NS_HTML)
        return take_html(l);
    take_foreign(l);
    return 0;
}
