#include "parse/html_foreign.h"

#include <string.h>

#include "parse/ascii.h"

enum content {
    CONTENT_FOREIGN,
    CONTENT_HTML,       /* an HTML integration point, or an HTML element */
    CONTENT_SCOPE,      /* an HTML element that end tags inside do not close */
    CONTENT_TEXT,       /* a MathML text integration point */
    CONTENT_ANNOTATION, /* annotation-xml that is no integration point: svg is SVG's */
};

// clang-format off

/* What a name can be, as bits. */
enum class {
    BREAKS = 1 << 0, /* ends foreign content as a start tag */
    EMPTY = 1 << 1, /* has no content */
    SCOPE = 1 << 2, /* end tags inside of it do not close it */
    NOT_OPENED = 1 << 3, /* is open already, or not at all */
    OF_TABLE = 1 << 4, /* a part of a table, or one */
    CLOSES_P = 1 << 5, /* its start tag ends a p */
    AROUND = 1 << 6, /* likely to be open around an svg or math element that is not closed */
    SVG_HTML = 1 << 7, /* an HTML integration point of SVG */
    MATH_TEXT = 1 << 8, /* a text integration point of MathML */
    MATH_GLYPH = 1 << 9, /* MathML's inside of those */
};

static const struct {
    char name[16];
    uint16_t classes;
} names[] = { /* sorted */
    {"a", AROUND},
    {"abbr", AROUND},
    {"address", CLOSES_P | AROUND},
    {"applet", SCOPE},
    {"area", EMPTY},
    {"article", CLOSES_P | AROUND},
    {"aside", CLOSES_P | AROUND},
    {"b", BREAKS | AROUND},
    {"base", EMPTY},
    {"basefont", EMPTY},
    {"bgsound", EMPTY},
    {"big", BREAKS},
    {"blockquote", BREAKS | CLOSES_P | AROUND},
    {"body", BREAKS | NOT_OPENED | AROUND},
    {"br", BREAKS | EMPTY},
    {"button", AROUND},
    {"caption", SCOPE | OF_TABLE},
    {"center", BREAKS | CLOSES_P | AROUND},
    {"cite", AROUND},
    {"code", BREAKS | AROUND},
    {"col", EMPTY},
    {"colgroup", OF_TABLE},
    {"dd", BREAKS | CLOSES_P | AROUND},
    {"desc", SVG_HTML},
    {"details", CLOSES_P | AROUND},
    {"dialog", CLOSES_P | AROUND},
    {"dir", CLOSES_P},
    {"div", BREAKS | CLOSES_P | AROUND},
    {"dl", BREAKS | CLOSES_P | AROUND},
    {"dt", BREAKS | CLOSES_P | AROUND},
    {"em", BREAKS | AROUND},
    {"embed", BREAKS | EMPTY},
    {"fieldset", CLOSES_P | AROUND},
    {"figcaption", CLOSES_P | AROUND},
    {"figure", CLOSES_P | AROUND},
    {"font", AROUND},
    {"footer", CLOSES_P | AROUND},
    {"foreignobject", SVG_HTML},
    {"form", CLOSES_P | AROUND},
    {"frame", EMPTY},
    {"frameset", NOT_OPENED},
    {"h1", BREAKS | CLOSES_P | AROUND},
    {"h2", BREAKS | CLOSES_P | AROUND},
    {"h3", BREAKS | CLOSES_P | AROUND},
    {"h4", BREAKS | CLOSES_P | AROUND},
    {"h5", BREAKS | CLOSES_P | AROUND},
    {"h6", BREAKS | CLOSES_P | AROUND},
    {"head", BREAKS | NOT_OPENED},
    {"header", CLOSES_P | AROUND},
    {"hgroup", CLOSES_P},
    {"hr", BREAKS | EMPTY | CLOSES_P},
    {"html", NOT_OPENED | AROUND},
    {"i", BREAKS | AROUND},
    {"image", EMPTY},
    {"img", BREAKS | EMPTY},
    {"input", EMPTY},
    {"keygen", EMPTY},
    {"label", AROUND},
    {"li", BREAKS | CLOSES_P | AROUND},
    {"link", EMPTY},
    {"listing", BREAKS | CLOSES_P},
    {"main", CLOSES_P | AROUND},
    {"malignmark", MATH_GLYPH},
    {"marquee", SCOPE},
    {"menu", BREAKS | CLOSES_P},
    {"meta", BREAKS | EMPTY},
    {"mglyph", MATH_GLYPH},
    {"mi", MATH_TEXT},
    {"mn", MATH_TEXT},
    {"mo", MATH_TEXT},
    {"ms", MATH_TEXT},
    {"mtext", MATH_TEXT},
    {"nav", CLOSES_P | AROUND},
    {"nobr", BREAKS},
    {"object", SCOPE},
    {"ol", BREAKS | CLOSES_P | AROUND},
    {"p", BREAKS | CLOSES_P | AROUND},
    {"param", EMPTY},
    {"plaintext", CLOSES_P},
    {"pre", BREAKS | CLOSES_P | AROUND},
    {"ruby", BREAKS},
    {"s", BREAKS | AROUND},
    {"search", CLOSES_P},
    {"section", CLOSES_P | AROUND},
    {"small", BREAKS | AROUND},
    {"source", EMPTY},
    {"span", BREAKS | AROUND},
    {"strike", BREAKS},
    {"strong", BREAKS | AROUND},
    {"sub", BREAKS},
    {"summary", CLOSES_P | AROUND},
    {"sup", BREAKS},
    {"table", BREAKS | OF_TABLE | CLOSES_P | AROUND},
    {"tbody", OF_TABLE | AROUND},
    {"td", SCOPE | OF_TABLE | AROUND},
    {"template", SCOPE | OF_TABLE | AROUND},
    {"tfoot", OF_TABLE},
    {"th", SCOPE | OF_TABLE | AROUND},
    {"thead", OF_TABLE | AROUND},
    {"title", SVG_HTML},
    {"tr", OF_TABLE | AROUND},
    {"track", EMPTY},
    {"tt", BREAKS | AROUND},
    {"u", BREAKS | AROUND},
    {"ul", BREAKS | CLOSES_P | AROUND},
    {"var", BREAKS},
    {"wbr", EMPTY},
    {"xmp", CLOSES_P},
};

// clang-format on

/* A name that is looked at. */
struct name {
    const char *p;
    size_t len;
    uint64_t hash;
    unsigned classes;
};

static unsigned classes_of(const char *name, size_t len)
{
    size_t low = 0, high = sizeof(names) / sizeof(names[0]);
    char lower[sizeof(names[0].name)] = {0};

    if (len >= sizeof(lower))
        return 0;
    for (size_t i = 0; i < len; i++)
        lower[i] = tw_ascii_lower(name[i]);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(lower, names[middle].name, sizeof(lower));

        if (order == 0)
            return names[middle].classes;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

static bool is(const struct name *n, const char *lower)
{
    return strlen(lower) == n->len && tw_ascii_equal(n->p, lower, n->len);
}

/* Of what is too long to be a name, the beginning and the length. */
static uint64_t hash_name(const char *name, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u ^ len;
    size_t n = len < TW_FOREIGN_NAME ? len : TW_FOREIGN_NAME;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)tw_ascii_lower(name[i])) * 0x100000001b3u;
    return h;
}

static struct name look_up(const char *p, size_t len)
{
    return (struct name){p, len, hash_name(p, len), classes_of(p, len)};
}

static struct tw_foreign_entry *top(struct tw_foreign *f)
{
    return f->depth > 0 ? &f->stack[f->depth - 1] : NULL;
}

static void push(struct tw_foreign *f, const struct name *n, enum tw_namespace space,
                 enum content content)
{
    if (f->depth == TW_FOREIGN_DEPTH)
        return;
    f->stack[f->depth++] = (struct tw_foreign_entry){
        .name = n->hash,
        .space = (uint8_t)space,
        .content = (uint8_t)content,
    };
}

static bool top_is(struct tw_foreign *f, const char *lower)
{
    const struct tw_foreign_entry *e = top(f);

    return e != NULL && e->space == TW_NS_HTML && e->name == hash_name(lower, strlen(lower));
}

/* Closes the element of HTML with this name and those inside of it, if it is one of the
 * innermost integration point's, whose last element is the one before top_at. */
static void pop_html(struct tw_foreign *f, size_t top_at, const struct name *n)
{
    for (size_t i = top_at; i > 0 && f->stack[i - 1].space == TW_NS_HTML; i--) {
        if (f->stack[i - 1].name == n->hash) {
            f->depth = i - 1;
            return;
        }
        if ((n->classes & OF_TABLE) == 0 && f->stack[i - 1].content == CONTENT_SCOPE)
            return;
    }
}

/* The end tags that a start tag of HTML implies. */
static void close_implied(struct tw_foreign *f, const struct name *n)
{
    if ((n->classes & CLOSES_P) != 0 && top_is(f, "p"))
        f->depth--;
    if (is(n, "a"))
        pop_html(f, f->depth, n);
    if ((is(n, "li") && top_is(f, "li")) || (is(n, "option") && top_is(f, "option")) ||
        ((is(n, "dd") || is(n, "dt")) && (top_is(f, "dd") || top_is(f, "dt"))))
        f->depth--;
}

static enum content content_of(const struct name *n, const struct tw_foreign_tag *tag,
                               enum tw_namespace space)
{
    if (space == TW_NS_SVG)
        return (n->classes & SVG_HTML) != 0 ? CONTENT_HTML : CONTENT_FOREIGN;
    if ((n->classes & MATH_TEXT) != 0)
        return CONTENT_TEXT;
    if (is(n, "annotation-xml"))
        return tag->has_html_encoding ? CONTENT_HTML : CONTENT_ANNOTATION;
    return CONTENT_FOREIGN;
}

static enum tw_namespace start_foreign(struct tw_foreign *f, const struct name *n,
                                       const struct tw_foreign_tag *tag,
                                       enum tw_namespace space)
{
    if (!tag->self_closing)
        push(f, n, space, content_of(n, tag, space));
    return space;
}

static bool has_html(const struct tw_foreign *f, const char *lower)
{
    uint64_t name = hash_name(lower, strlen(lower));

    for (size_t i = f->depth; i > 0 && f->stack[i - 1].space == TW_NS_HTML; i--)
        if (f->stack[i - 1].name == name)
            return true;
    return false;
}

/* Parts of tables are none outside of one. */
static bool is_opened(const struct tw_foreign *f, const struct name *n)
{
    if ((n->classes & (EMPTY | NOT_OPENED)) != 0)
        return false;
    return (n->classes & OF_TABLE) == 0 || is(n, "table") || is(n, "template") ||
           has_html(f, "table");
}

static enum tw_namespace start_html(struct tw_foreign *f, const struct name *n,
                                    const struct tw_foreign_tag *tag)
{
    if (is(n, "svg"))
        return start_foreign(f, n, tag, TW_NS_SVG);
    if (is(n, "math"))
        return start_foreign(f, n, tag, TW_NS_MATHML);
    if (f->depth == 0)
        return TW_NS_HTML;
    close_implied(f, n);
    if (is_opened(f, n))
        push(f, n, TW_NS_HTML, (n->classes & SCOPE) != 0 ? CONTENT_SCOPE : CONTENT_HTML);
    return TW_NS_HTML;
}

/* Whether the rules of HTML hold for a start tag here ("tree construction dispatcher"). */
static bool is_for_html(struct tw_foreign *f, const struct name *n)
{
    const struct tw_foreign_entry *e = top(f);

    if (e == NULL || e->content == CONTENT_HTML || e->content == CONTENT_SCOPE)
        return true;
    if (e->content == CONTENT_TEXT)
        return (n->classes & MATH_GLYPH) == 0;
    return e->content == CONTENT_ANNOTATION && is(n, "svg");
}

enum tw_namespace tw_foreign_start(struct tw_foreign *f, const struct tw_foreign_tag *tag)
{
    const struct name n = look_up(tag->name, tag->len);

    if (is_for_html(f, &n))
        return start_html(f, &n, tag);
    if ((n.classes & BREAKS) != 0 || (is(&n, "font") && tag->has_font_attribute)) {
        while (f->depth > 0 &&
               (top(f)->content == CONTENT_FOREIGN || top(f)->content == CONTENT_ANNOTATION))
            f->depth--;
        return start_html(f, &n, tag);
    }
    return start_foreign(f, &n, tag, (enum tw_namespace)top(f)->space);
}

/* One whose element is not found here closes one outside, and so all of this, if there is one.
 * The elements outside are not known: the name must tell. */
void tw_foreign_end(struct tw_foreign *f, const char *name, size_t len)
{
    const struct name n = look_up(name, len);
    size_t i = f->depth;

    while (i > 0 && f->stack[i - 1].space != TW_NS_HTML) {
        if (f->stack[--i].name == n.hash) {
            f->depth = i;
            return;
        }
    }
    if (i > 0) {
        pop_html(f, i, &n);
        return;
    }
    if ((n.classes & AROUND) != 0) {
        f->depth = 0;
        f->guessed = true;
    }
}

bool tw_foreign_inside(const struct tw_foreign *f)
{
    return f->depth > 0 && f->stack[f->depth - 1].space != TW_NS_HTML;
}
