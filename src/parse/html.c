#include "parse/html.h"

#include <string.h>

#include "parse/ascii.h"
#include "parse/html_raw.h"
#include "parse/html_skip.h"

#define NAME_END (TW_HTML_SPACE | TW_HTML_SLASH | TW_HTML_CLOSE)

/* ---- Names ------------------------------------------------------------------------------- */

struct name {
    uint64_t key; /* its first eight bytes */
    uint8_t len;
    uint8_t id;
};

#define BYTE(c, n) ((uint64_t)(c) << (8 * (n)))
#define KEY(a, b, c, d, e, f, g, h)                                                            \
    (BYTE(a, 0) | BYTE(b, 1) | BYTE(c, 2) | BYTE(d, 3) | BYTE(e, 4) | BYTE(f, 5) |             \
     BYTE(g, 6) | BYTE(h, 7))
#define TAG_PLACE(key, len)       ((((key) + (len)) * 0xa648a7dd06839eb9u) >> 56)
#define ATTRIBUTE_PLACE(key, len) ((((key) + (len)) * 0x7ce42c8218072e8du) >> 57)

static const struct name tags[256] = {
#define X(id, name, ...)                                                                       \
    [TAG_PLACE(KEY(__VA_ARGS__), sizeof(name) - 1)] = {KEY(__VA_ARGS__), sizeof(name) - 1,     \
                                                       TW_TAG_##id},
    TW_TAGS(X)
#undef X
};

static const struct name attributes[128] = {
#define X(id, name, ...)                                                                       \
    [ATTRIBUTE_PLACE(KEY(__VA_ARGS__), sizeof(name) - 1)] = {KEY(__VA_ARGS__),                 \
                                                             sizeof(name) - 1, TW_ATTR_##id},
    TW_ATTRIBUTES(X)
#undef X
};

/* The first eight bytes in lower case: setting a bit does that to letters, and makes letters of
 * nothing else. */
static uint64_t key_of(const char *p, size_t len, const char *end)
{
    uint64_t key = 0;

    if (end - p >= 8)
        memcpy(&key, p, 8);
    else
        memcpy(&key, p, len < 8 ? len : 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    key = __builtin_bswap64(key);
#endif
    key |= 0x2020202020202020u;
    return len < 8 ? key & (((uint64_t)1 << (8 * len)) - 1) : key;
}

static enum tw_tag find_tag(const char *p, size_t len, const char *end)
{
    uint64_t key = key_of(p, len, end);
    const struct name *n = &tags[TAG_PLACE(key, len)];

    if (n->key != key || n->len != len ||
        (len > 8 && !tw_ascii_equal(p, tw_tag_names[n->id], len)))
        return TW_TAG_OTHER;
    return (enum tw_tag)n->id;
}

static enum tw_attribute find_attribute(const char *p, size_t len, const char *end)
{
    uint64_t key = key_of(p, len, end);
    const struct name *n = &attributes[ATTRIBUTE_PLACE(key, len)];

    if (n->key != key || n->len != len ||
        (len > 8 && !tw_ascii_equal(p, tw_attribute_names[n->id], len)))
        return TW_ATTR_NONE;
    return (enum tw_attribute)n->id;
}

/* ---- Attributes -------------------------------------------------------------------------- */

#define BIT TW_ATTR_BIT

/* What is wanted of an element beside what is wanted of all. */
static const uint32_t wanted[TW_TAG_COUNT] = {
    [TW_TAG_OTHER] = BIT(BACKGROUND), /* of tables and their parts */
    [TW_TAG_A] = BIT(HREF) | BIT(REL),
    [TW_TAG_AREA] = BIT(HREF) | BIT(REL),
    [TW_TAG_AUDIO] = BIT(SRC),
    [TW_TAG_BASE] = BIT(HREF),
    [TW_TAG_BODY] = BIT(BACKGROUND),
    [TW_TAG_EMBED] = BIT(SRC),
    [TW_TAG_FORM] = BIT(ACTION) | BIT(METHOD) | BIT(REL),
    [TW_TAG_FRAME] = BIT(SRC),
    [TW_TAG_IFRAME] = BIT(SRC),
    [TW_TAG_IMAGE] = BIT(SRC) | BIT(SRCSET),
    [TW_TAG_IMG] = BIT(SRC) | BIT(SRCSET),
    [TW_TAG_INPUT] = BIT(SRC) | BIT(TYPE),
    [TW_TAG_LINK] = BIT(HREF) | BIT(IMAGESRCSET) | BIT(REL),
    [TW_TAG_META] = BIT(HTTP_EQUIV) | BIT(NAME) | BIT(CONTENT),
    [TW_TAG_OBJECT] = BIT(DATA),
    [TW_TAG_SCRIPT] = BIT(SRC),
    [TW_TAG_SOURCE] = BIT(SRC) | BIT(SRCSET),
    [TW_TAG_TRACK] = BIT(SRC),
    [TW_TAG_VIDEO] = BIT(SRC) | BIT(POSTER),
};

static const uint32_t wanted_of_foreign =
    BIT(HREF) | BIT(XLINK_HREF) | BIT(REL) | BIT(ENCODING) | BIT(COLOR) | BIT(FACE) | BIT(SIZE);

static void keep_attribute(struct tw_html_tag *t, uint32_t want, const char *name, size_t len,
                           const struct tw_html_value *value, const char *end)
{
    enum tw_attribute id = find_attribute(name, len, end);

    if (id == TW_ATTR_NONE || (want & ~t->have & ((uint32_t)1 << id)) == 0)
        return;
    t->have |= (uint32_t)1 << id;
    t->order[t->count++] = (uint8_t)id;
    t->values[id] = *value;
}

/* p is after the '='. Returns where the value ends, the quote taken, or NULL if it is cut off.
 */
static const char *read_value(const char *p, const char *end, struct tw_html_value *value)
{
    while (p < end && tw_html_is(*p, TW_HTML_SPACE))
        p++;
    if (p == end)
        return NULL;
    if (*p == '"' || *p == '\'') {
        value->p = p + 1;
        value->end = tw_skip_value(p + 1, end, *p, &value->plain);
        return value->end < end ? value->end + 1 : NULL;
    }
    value->p = p;
    value->plain = false;
    while (p < end && !tw_html_is(*p, TW_HTML_SPACE | TW_HTML_CLOSE))
        p++;
    value->end = p;
    return p < end ? p : NULL;
}

/* From "before attribute name" on. Returns what follows the '>', or NULL if the document ends
 * before it. */
static const char *read_attributes(struct tw_html *h, const char *p, uint32_t want)
{
    struct tw_html_tag *t = &h->tag;
    const char *end = h->end;

    t->have = 0;
    t->count = 0;
    t->self_closing = false;
    if (p < end && *p == '>')
        return p + 1;
    for (;;) {
        struct tw_html_value value = {0};
        const char *name = p, *name_end;

        while (p < end && tw_html_is(*p, TW_HTML_SPACE | TW_HTML_SLASH))
            p++;
        if (p == end)
            return NULL;
        if (*p == '>') {
            t->self_closing = p > name && p[-1] == '/';
            return p + 1;
        }
        name = p;
        /* A '=' that begins a name is a part of it. */
        p = tw_skip_name(p + (*p == '='), end, NAME_END | TW_HTML_EQUALS);
        name_end = p;
        while (p < end && tw_html_is(*p, TW_HTML_SPACE))
            p++;
        value.plain = true;
        value.p = value.end = p;
        if (p < end && *p == '=') {
            p = read_value(p + 1, end, &value);
            if (p == NULL)
                return NULL;
        }
        if (want != 0)
            keep_attribute(t, want, name, (size_t)(name_end - name), &value, end);
    }
}

/* ---- Tags -------------------------------------------------------------------------------- */

static bool is_head_tag(enum tw_tag id)
{
    switch (id) {
    case TW_TAG_BASE:
    case TW_TAG_BASEFONT:
    case TW_TAG_BGSOUND:
    case TW_TAG_FRAMESET:
    case TW_TAG_HEAD:
    case TW_TAG_HTML:
    case TW_TAG_LINK:
    case TW_TAG_META:
    case TW_TAG_NOFRAMES:
    case TW_TAG_NOSCRIPT:
    case TW_TAG_SCRIPT:
    case TW_TAG_STYLE:
    case TW_TAG_TEMPLATE:
    case TW_TAG_TITLE: return true;
    default: return false;
    }
}

/* Gets over the text of elements that hold no markup. */
static void skip_text(struct tw_html *h)
{
    struct tw_html_tag *t = &h->tag;
    const char *start = h->p;

    switch (t->id) {
    case TW_TAG_SCRIPT: h->p = tw_html_skip_script(start, h->end); break;
    case TW_TAG_PLAINTEXT: h->p = h->end; break;
    case TW_TAG_IFRAME:
    case TW_TAG_NOEMBED:
    case TW_TAG_NOFRAMES:
    case TW_TAG_STYLE:
    case TW_TAG_TEXTAREA:
    case TW_TAG_TITLE:
    case TW_TAG_XMP: h->p = tw_html_skip_raw(start, h->end, t->name, t->name_len); break;
    default: return;
    }
    t->text.p = start;
    t->text.end = h->p;
    t->text.plain = false;
}

static bool has_value(const struct tw_html_value *v, const char *lower)
{
    size_t len = strlen(lower);

    return (size_t)(v->end - v->p) == len && tw_ascii_equal(v->p, lower, len);
}

/* A start tag where SVG or MathML is open, or opened by it. */
static bool start_foreign(struct tw_html *h)
{
    struct tw_html_tag *t = &h->tag;
    const struct tw_html_value *encoding = &t->values[TW_ATTR_ENCODING];
    bool has_encoding = (t->have & BIT(ENCODING)) != 0;
    const struct tw_foreign_tag tag = {
        .name = t->name,
        .len = t->name_len,
        .self_closing = t->self_closing,
        .has_font_attribute = (t->have & (BIT(COLOR) | BIT(FACE) | BIT(SIZE))) != 0,
        .has_html_encoding = has_encoding && (has_value(encoding, "text/html") ||
                                              has_value(encoding, "application/xhtml+xml")),
    };

    t->space = tw_foreign_start(&h->foreign, &tag);
    if (t->space == TW_NS_HTML) {
        t->have &= wanted[t->id] | h->always;
        skip_text(h);
        return (t->id != TW_TAG_OTHER || t->have != 0) && t->id != TW_TAG_FRAME;
    }
    return t->have != 0;
}

/* What a document of frames takes. */
static bool start_in_frameset(struct tw_html *h)
{
    if (h->tag.id == TW_TAG_NOFRAMES)
        skip_text(h);
    return h->tag.id == TW_TAG_FRAME;
}

/* p is at the '<' of a start tag. Whether it may be of interest. */
static bool start_tag(struct tw_html *h, const char *p)
{
    struct tw_html_tag *t = &h->tag;
    const char *name_end = tw_skip_name(p + 1, h->end, NAME_END);
    const char *after;
    uint32_t want;
    bool foreign;

    t->at = p;
    t->name = p + 1;
    t->name_len = (size_t)(name_end - t->name);
    t->id = find_tag(t->name, t->name_len, h->end);
    t->space = TW_NS_HTML;
    t->is_end = false;
    foreign = h->foreign.depth > 0 || t->id == TW_TAG_SVG || t->id == TW_TAG_MATH;
    want = wanted[t->id] | h->always;
    if (foreign)
        want |= wanted_of_foreign;
    after = read_attributes(h, name_end, want);
    h->p = after != NULL ? after : h->end;
    if (after == NULL)
        return false;
    if (t->id == TW_TAG_FRAMESET && !h->in_body)
        h->frameset = true;
    if (h->frameset)
        return start_in_frameset(h);
    h->in_body |= !is_head_tag(t->id);
    if (foreign)
        return start_foreign(h);
    if (t->id != TW_TAG_OTHER) {
        skip_text(h);
        return t->id != TW_TAG_FRAME;
    }
    return t->have != 0;
}

/* p is at the '<' of an end tag. */
static bool end_tag(struct tw_html *h, const char *p)
{
    struct tw_html_tag *t = &h->tag;
    const char *name = p + 2, *after;
    const char *name_end = tw_skip_name(name, h->end, NAME_END);
    size_t len = (size_t)(name_end - name);

    after = read_attributes(h, name_end, 0);
    h->p = after != NULL ? after : h->end;
    if (after == NULL)
        return false;
    if (h->foreign.depth > 0) {
        bool inside = tw_foreign_inside(&h->foreign);

        tw_foreign_end(&h->foreign, name, len);
        if (inside && h->foreign.depth > 0)
            return false;
    }
    if (len != sizeof("form") - 1 && len != sizeof("template") - 1)
        return false;
    t->at = p;
    t->id = find_tag(name, len, h->end);
    t->is_end = true;
    return t->id == TW_TAG_FORM || t->id == TW_TAG_TEMPLATE;
}

/* ---- The document ------------------------------------------------------------------------ */

/* p is at "<!" or "<?", or at "</" without a name: comments of some kind, and the doctype. */
static const char *skip_markup(const struct tw_html *h, const char *p)
{
    const char *end = h->end;

    if (end - p >= 4 && memcmp(p, "<!--", 4) == 0)
        return tw_html_skip_comment(p + 4, end);
    if (end - p >= 9 && memcmp(p, "<![CDATA[", 9) == 0 && tw_foreign_inside(&h->foreign))
        return tw_html_skip_cdata(p + 9, end);
    p = tw_skip_to(p + 2, end, '>');
    return p < end ? p + 1 : end;
}

static void note_text(struct tw_html *h, const char *to)
{
    const char *p = h->p;

    while (p < to && (tw_html_is(*p, TW_HTML_SPACE) || *p == '\0'))
        p++;
    h->in_body = p < to;
}

void tw_html_open(struct tw_html *h, const char *bytes, size_t len, uint32_t always)
{
    h->p = bytes;
    h->end = bytes + len;
    h->always = always;
    h->in_body = h->frameset = false;
    h->foreign.guessed = false;
    h->foreign.depth = 0;
    h->tag.count = 0;
}

enum tw_html_event tw_html_next(struct tw_html *h, const char *limit)
{
    while (h->p < limit) {
        const char *p = tw_skip_to(h->p, h->end, '<');
        char next;

        if (!h->in_body)
            note_text(h, p);
        if (h->end - p < 2) {
            h->p = h->end;
            break;
        }
        next = p[1];
        if (tw_ascii_is_alpha(next)) {
            if (start_tag(h, p))
                return TW_HTML_TAG;
        } else if (next == '/' && h->end - p > 2 && tw_ascii_is_alpha(p[2])) {
            if (end_tag(h, p))
                return TW_HTML_TAG;
        } else if (next == '/' || next == '!' || next == '?') {
            h->p = skip_markup(h, p);
        } else {
            h->in_body = true;
            h->p = p + 1;
        }
    }
    return h->p < h->end ? TW_HTML_MORE : TW_HTML_END;
}
