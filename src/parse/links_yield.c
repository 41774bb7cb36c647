#include <string.h>

#include "base/map.h"
#include "parse/ascii.h"
#include "parse/links_rel.h"
#include "parse/links_scan.h"
#include "trawl.h"

/* ---- One link ---------------------------------------------------------------------------- */

/* Whether a link like this was yielded, and remembers this one. One that is forgotten for
 * another comes twice. */
static bool was_seen(struct tw_links *l, struct tw_text_span s, enum tw_link_kind kind)
{
    const char *hash_sign = s.len > 0 ? memchr(s.p, '#', s.len) : NULL;
    size_t len = hash_sign != NULL ? (size_t)(hash_sign - s.p) : s.len;
    uint64_t hash = tw_hash(s.p, len, ((uint64_t)kind << 32) + l->rel_flags);
    uint64_t *place = &l->seen[hash % TW_SCAN_SEEN];

    /* An empty place is 0. */
    hash |= (uint64_t)1 << 63;
    if (*place == hash)
        return true;
    *place = hash;
    return false;
}

static int tag_name(struct tw_links *l, const char **name)
{
    const struct tw_html_tag *t = &l->html.tag;
    int err;

    *name = tw_tag_names[t->id];
    if (t->id != TW_TAG_OTHER)
        return 0;
    tw_buf_reset(&l->name, 65536);
    err = tw_buf_append(&l->name, t->name, t->name_len < 64 ? t->name_len : 64);
    if (err != 0)
        return err;
    for (size_t i = 0; i < l->name.len; i++) {
        char c = tw_ascii_lower(l->name.data[i]);

        l->name.data[i] = c > ' ' && c < 0x7F ? c : '?';
    }
    *name = l->name.data;
    return 0;
}

static int resolve(struct tw_links *l, struct tw_found_link *link, struct tw_url *url)
{
    if ((l->options.flags & TW_LINKS_RESOLVE) == 0)
        return 0;
    link->err = tw_url_parse(url, link->value, link->len, l->info.base, NULL);
    if (link->err == 0)
        link->url = url;
    return link->err == TRAWL_ENOMEM ? TRAWL_ENOMEM : 0;
}

/* What CSS and scripts load belongs to the page, whatever element names it, but for frames. */
static enum tw_link_kind kind_of(const struct tw_links *l, enum tw_attribute attribute)
{
    if (attribute == TW_ATTR_STYLE || attribute == TW_ATTR_NONE)
        return TW_LINK_REQUISITE;
    return attribute >= TW_ATTR_LAZY && l->html.tag.id != TW_TAG_IFRAME ? TW_LINK_REQUISITE
                                                                        : l->kind;
}

static int yield(struct tw_links *l, struct tw_text_span s, enum tw_attribute attribute)
{
    struct tw_found_link link = {
        .value = s.p,
        .len = s.len,
        .attribute = tw_attribute_names[attribute],
        .rel = l->has_rel && l->rel.len > 0 ? l->rel.data : "",
        .rel_flags = l->rel_flags,
        .kind = kind_of(l, attribute),
        .at = (size_t)(l->html.tag.at - l->bytes),
    };
    struct tw_url url = {0};
    int err;

    if (l->seen != NULL && was_seen(l, s, link.kind))
        return 0;
    err = tag_name(l, &link.tag);
    if (err == 0)
        err = resolve(l, &link, &url);
    if (err != 0)
        return err;
    l->read += link.len + url.len;
    l->info.links++;
    l->info.stopped = !l->options.on_link(l->options.user, &link);
    tw_url_free(&url);
    return 0;
}

/* ---- Attributes -------------------------------------------------------------------------- */

static int yield_url(struct tw_links *l, enum tw_attribute id)
{
    const struct tw_html_tag *t = &l->html.tag;
    struct tw_text_span s;
    int err = tw_value_read(l, &t->values[id], TW_VALUE_URL, &l->value, &s);

    if (err != 0)
        return err;
    s = tw_span_strip(s);
    /* The document itself, where one follows a link; nothing where something is loaded. */
    if (s.len == 0 && t->id != TW_TAG_A && t->id != TW_TAG_AREA)
        return 0;
    return yield(l, s, id);
}

static int yield_refresh(struct tw_links *l)
{
    struct tw_text_span s;
    int err =
        tw_value_read(l, &l->html.tag.values[TW_ATTR_CONTENT], TW_VALUE_URL, &l->value, &s);

    if (err != 0)
        return err;
    if (!tw_refresh_url(s.p, s.len, &s.p, &s.len))
        return 0;
    s = tw_span_strip(s);
    return s.len > 0 ? yield(l, s, TW_ATTR_CONTENT) : 0;
}

bool tw_scan_is_list(enum tw_attribute id)
{
    return id == TW_ATTR_SRCSET || id == TW_ATTR_IMAGESRCSET || id == TW_ATTR_DATA_SRCSET ||
           id == TW_ATTR_DATA_LAZY_SRCSET || id == TW_ATTR_STYLE;
}

/* What is decoded is ready to be read. TW_ATTR_NONE is a style element. */
static void begin_list(struct tw_links *l, struct tw_text_span s)
{
    const char *end = s.p + s.len;

    if (l->list_attribute == TW_ATTR_STYLE || l->list_attribute == TW_ATTR_NONE) {
        l->list = TW_LIST_CSS;
        l->css = (struct tw_css){.p = s.p, .end = end, .max = TW_LINKS_VALUE_MAX};
    } else {
        l->list = TW_LIST_SRCSET;
        l->srcset = (struct tw_srcset){.p = s.p, .end = end};
    }
}

static void open_list(struct tw_links *l, enum tw_attribute id, const struct tw_html_value *v)
{
    enum tw_value_mode mode = id == TW_ATTR_NONE    ? TW_VALUE_RAW
                              : id == TW_ATTR_STYLE ? TW_VALUE_WORD
                                                    : TW_VALUE_SRCSET;

    l->list_attribute = id;
    if (!tw_value_open(l, &l->list_reader, v, mode)) {
        begin_list(l, (struct tw_text_span){v->p, (size_t)(v->end - v->p)});
        return;
    }
    tw_buf_reset(&l->list_text, 65536);
    l->list = TW_LIST_DECODE;
}

static int yield_attribute(struct tw_links *l, enum tw_attribute id)
{
    if (tw_scan_is_list(id)) {
        open_list(l, id, &l->html.tag.values[id]);
        return 0;
    }
    return id == TW_ATTR_CONTENT ? yield_refresh(l) : yield_url(l, id);
}

/* ---- Lists ------------------------------------------------------------------------------- */

/* What becomes too long is left out, as what was: in a query, a NUL or a reference that the
 * encoding has no byte for becomes many. */
static int decode_list(struct tw_links *l)
{
    struct tw_value_reader *r = &l->list_reader;
    int err = tw_value_step(l, r, l->step, &l->list_text);

    if (l->list_text.len > TW_LINKS_TEXT_MAX)
        l->list = TW_LIST_NONE;
    else if (err == 0 && r->p == r->end)
        begin_list(l, (struct tw_text_span){l->list_text.data, l->list_text.len});
    return err;
}

static int yield_of_srcset(struct tw_links *l)
{
    const char *start = l->srcset.p;
    struct tw_text_span s;
    bool found;

    l->srcset.stop = tw_scan_stop(l, start, l->srcset.end);
    found = tw_srcset_next(&l->srcset, &s.p, &s.len);
    l->read += (size_t)(l->srcset.p - start);
    if (found)
        return s.len <= TW_LINKS_VALUE_MAX ? yield(l, s, l->list_attribute) : 0;
    if (l->srcset.p == l->srcset.end)
        l->list = TW_LIST_NONE;
    return 0;
}

static int yield_of_css(struct tw_links *l)
{
    const char *start = l->css.p;
    bool is_import;
    int found;

    l->css.stop = tw_scan_stop(l, start, l->css.end);
    found = tw_css_next(&l->css, &l->value, &is_import);
    l->read += (size_t)(l->css.p - start);
    if (found > 0)
        return yield(l, (struct tw_text_span){l->value.data, l->value.len}, l->list_attribute);
    if (l->css.p == l->css.end)
        l->list = TW_LIST_NONE;
    return found;
}

int tw_scan_yield(struct tw_links *l)
{
    const struct tw_html_tag *t = &l->html.tag;
    int err = 0;

    if (!l->yielding)
        return 0;
    if (l->list == TW_LIST_DECODE) {
        err = decode_list(l);
    } else if (l->list == TW_LIST_SRCSET) {
        err = yield_of_srcset(l);
    } else if (l->list == TW_LIST_CSS) {
        err = yield_of_css(l);
    } else if (l->next < t->count) {
        enum tw_attribute id = (enum tw_attribute)t->order[l->next++];

        if (id < TW_ATTR_LINKS && (t->have & ((uint32_t)1 << id)) != 0)
            err = yield_attribute(l, id);
    } else if (l->text_left) {
        l->text_left = false;
        open_list(l, TW_ATTR_NONE, &t->text);
    } else {
        l->yielding = false;
    }
    return err != 0 ? err : l->yielding;
}
