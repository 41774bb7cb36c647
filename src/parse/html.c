#include "parse/html.h"

#include <string.h>

#include "parse/ascii.h"
#include "parse/html_skip.h"

#define NAME_END (TW_HTML_SPACE | TW_HTML_SLASH | TW_HTML_CLOSE)

/* ---- Names ------------------------------------------------------------------------------- */

#define TAG_PLACE(key, len) ((((key) + (len)) * 0xa648a7dd06839eb9u) >> 56)

static const struct tw_html_name tags[256] = {
#define X(id, name, ...)                                                                       \
    [TAG_PLACE(TW_NAME_KEY(__VA_ARGS__), sizeof(name) - 1)] = {TW_NAME_KEY(__VA_ARGS__),       \
                                                               sizeof(name) - 1, TW_TAG_##id},
    TW_TAGS(X)
#undef X
};

static enum tw_tag find_tag(const char *p, size_t len, const char *end)
{
    uint64_t key = tw_name_key(p, len, end);
    const struct tw_html_name *n = &tags[TAG_PLACE(key, len)];

    if (n->key != key || n->len != len ||
        (len > 8 && !tw_ascii_equal(p, tw_tag_names[n->id], len)))
        return TW_TAG_OTHER;
    return (enum tw_tag)n->id;
}

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

/* Reads on in the text of an element that holds no markup. Whether the tag is to be handed out,
 * which it is once its text has ended. */
static bool read_text(struct tw_html *h)
{
    struct tw_html_tag *t = &h->tag;
    bool ended;

    if (h->state == TW_HTML_SCRIPT)
        h->p = tw_html_skip_script(&h->script, h->p, h->limit, h->end);
    else
        h->p = tw_html_skip_raw(h->p, h->limit, h->end, t->name, t->name_len);
    ended = h->p < h->limit || h->p == h->end;
    if (!ended)
        return false;
    t->text.end = h->p;
    h->state = TW_HTML_DATA;
    return h->tag_counts;
}

/* The tag is read. What counts is handed out, with its text. */
static bool begin_text(struct tw_html *h, bool counts)
{
    struct tw_html_tag *t = &h->tag;

    switch (t->id) {
    case TW_TAG_SCRIPT:
        h->script.state = TW_SCRIPT_DATA;
        h->state = TW_HTML_SCRIPT;
        break;
    case TW_TAG_IFRAME:
    case TW_TAG_NOEMBED:
    case TW_TAG_NOFRAMES:
    case TW_TAG_STYLE:
    case TW_TAG_TEXTAREA:
    case TW_TAG_TITLE:
    case TW_TAG_XMP: h->state = TW_HTML_RAW; break;
    case TW_TAG_PLAINTEXT: h->p = h->end; return counts;
    default: return counts;
    }
    h->tag_counts = counts;
    t->text.p = h->p;
    t->text.plain = false;
    return read_text(h);
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
        return begin_text(h, (t->id != TW_TAG_OTHER || t->have != 0) && t->id != TW_TAG_FRAME);
    }
    return t->have != 0;
}

/* What a document of frames takes. */
static bool start_in_frameset(struct tw_html *h)
{
    return h->tag.id == TW_TAG_NOFRAMES ? begin_text(h, false) : h->tag.id == TW_TAG_FRAME;
}

static bool is_foreign(const struct tw_html *h)
{
    return h->foreign.depth > 0 || h->tag.id == TW_TAG_SVG || h->tag.id == TW_TAG_MATH;
}

/* The start tag is read. Whether it may be of interest, and its text is read too. */
static bool start_tag(struct tw_html *h)
{
    struct tw_html_tag *t = &h->tag;

    if (t->id == TW_TAG_FRAMESET && !h->in_body)
        h->frameset = true;
    if (h->frameset)
        return start_in_frameset(h);
    h->in_body |= !is_head_tag(t->id);
    if (is_foreign(h))
        return start_foreign(h);
    if (t->id != TW_TAG_OTHER)
        return begin_text(h, t->id != TW_TAG_FRAME);
    return t->have != 0;
}

/* The end tag is read. */
static bool end_tag(struct tw_html *h)
{
    struct tw_html_tag *t = &h->tag;

    if (h->foreign.depth > 0) {
        bool inside = tw_foreign_inside(&h->foreign);

        tw_foreign_end(&h->foreign, t->name, t->name_len);
        if (inside && h->foreign.depth > 0)
            return false;
    }
    return t->id == TW_TAG_FORM || t->id == TW_TAG_TEMPLATE;
}

/* Of an end tag nothing is wanted but its name. */
static uint32_t wanted_of(const struct tw_html *h)
{
    if (h->tag.is_end)
        return 0;
    return wanted[h->tag.id] | h->always | (is_foreign(h) ? wanted_of_foreign : 0);
}

/* Of end tags only these matter. */
static bool is_form_or_template(size_t name_len)
{
    return name_len == sizeof("form") - 1 || name_len == sizeof("template") - 1;
}

/* The name ends at p. */
static void end_name(struct tw_html *h, const char *p)
{
    struct tw_html_tag *t = &h->tag;

    t->name_len = (size_t)(p - t->name);
    t->id = TW_TAG_OTHER;
    if (!t->is_end || is_form_or_template(t->name_len))
        t->id = find_tag(t->name, t->name_len, h->end);
    t->space = TW_NS_HTML;
    t->have = 0;
    t->count = 0;
    t->self_closing = false;
}

static void begin_attributes(struct tw_html *h, const char *p)
{
    h->want = wanted_of(h);
    h->attribute.from = p;
    h->state = TW_HTML_BEFORE_NAME;
}

/* Whether the tag is read to its end, and may be of interest. */
static bool read_tag(struct tw_html *h)
{
    const char *p = h->p, *after = NULL;

    if (h->state == TW_HTML_TAG_NAME) {
        p = tw_skip_name(p, h->limit, NAME_END);
        if (p >= h->limit) {
            h->p = p;
            return false;
        }
        end_name(h, p);
        if (*p == '>')
            after = p + 1;
        else
            begin_attributes(h, p);
    }
    if (after == NULL)
        after = tw_html_attributes(h, p);
    if (after == NULL)
        return false;
    h->p = after;
    h->state = TW_HTML_DATA;
    return h->tag.is_end ? end_tag(h) : start_tag(h);
}

/* p is at the '<' of a tag. */
static void begin_tag(struct tw_html *h, const char *p, bool is_end)
{
    h->tag.at = p;
    h->tag.is_end = is_end;
    h->tag.name = h->p = p + 1 + is_end;
    h->state = TW_HTML_TAG_NAME;
}

/* ---- The document ------------------------------------------------------------------------ */

/* p is at "<!" or "<?", or at "</" without a name: comments of some kind, and the doctype. */
static void begin_markup(struct tw_html *h, const char *p)
{
    if (h->end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
        h->state = TW_HTML_COMMENT;
        p += 4;
    } else if (h->end - p >= 9 && memcmp(p, "<![CDATA[", 9) == 0 &&
               tw_foreign_inside(&h->foreign)) {
        h->state = TW_HTML_CDATA;
        p += 9;
    } else {
        h->state = TW_HTML_BOGUS_COMMENT;
        p += 2;
    }
    h->text_from = h->p = p;
}

static void read_markup(struct tw_html *h)
{
    bool ended;

    if (h->state == TW_HTML_COMMENT) {
        h->p = tw_html_skip_comment(h->p, h->text_from, h->limit, h->end, &ended);
    } else if (h->state == TW_HTML_CDATA) {
        h->p = tw_html_skip_cdata(h->p, h->text_from, h->limit, &ended);
    } else {
        h->p = tw_skip_to(h->p, h->limit, '>');
        ended = h->p < h->limit;
        h->p += ended;
    }
    if (ended)
        h->state = TW_HTML_DATA;
}

static void note_text(struct tw_html *h, const char *to)
{
    const char *p = h->p;

    while (p < to && (tw_html_is(*p, TW_HTML_SPACE) || *p == '\0'))
        p++;
    h->in_body = p < to;
}

/* Text, up to a token, which is begun, or to the limit. */
static void read_data(struct tw_html *h)
{
    const char *p = tw_skip_to(h->p, h->limit, '<');
    char next;

    if (!h->in_body)
        note_text(h, p);
    if (p == h->limit || h->end - p < 2) {
        h->p = p == h->limit ? p : h->end;
        return;
    }
    next = p[1];
    if (tw_ascii_is_alpha(next)) {
        begin_tag(h, p, false);
    } else if (next == '/' && h->end - p > 2 && tw_ascii_is_alpha(p[2])) {
        begin_tag(h, p, true);
    } else if (next == '/' || next == '!' || next == '?') {
        begin_markup(h, p);
    } else {
        h->in_body = true;
        h->p = p + 1;
    }
}

void tw_html_open(struct tw_html *h, const char *bytes, size_t len, uint32_t always)
{
    h->p = bytes;
    h->end = bytes + len;
    h->always = always;
    h->in_body = h->frameset = false;
    h->state = TW_HTML_DATA;
    h->foreign.guessed = false;
    h->foreign.depth = 0;
    h->tag.count = 0;
}

enum tw_html_event tw_html_next(struct tw_html *h, const char *limit)
{
    h->limit = limit;
    while (h->p < limit) {
        if (h->state == TW_HTML_DATA)
            read_data(h);
        else if (h->state >= TW_HTML_RAW && read_text(h))
            return TW_HTML_TAG;
        else if (h->state >= TW_HTML_COMMENT && h->state < TW_HTML_RAW)
            read_markup(h);
        if (h->state >= TW_HTML_TAG_NAME && h->state <= TW_HTML_VALUE && read_tag(h))
            return TW_HTML_TAG;
    }
    return h->p < h->end ? TW_HTML_MORE : TW_HTML_END;
}
