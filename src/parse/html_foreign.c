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

/* Words between blanks, with one at both ends. */
static const char breaking[] =
    " b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i "
    "img "
    "li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul "
    "var ";
static const char empty[] = " area base basefont bgsound br col embed frame hr image img input "
                            "keygen link meta param source track wbr ";
static const char scopes[] = " applet caption marquee object td template th ";
static const char not_opened[] = " html head body frameset ";
static const char of_tables[] = " caption colgroup table tbody td template tfoot th thead tr ";
static const char closes_p[] =
    " address article aside blockquote center details dialog dir div dl fieldset figcaption "
    "figure footer header hgroup main menu nav ol p section summary ul h1 h2 h3 h4 h5 h6 pre "
    "listing form table hr xmp plaintext li dd dt search ";

/* What is likely to be open around an svg or math element that is not closed. */
static const char around[] = " a abbr address article aside b blockquote body button center "
                             "cite code dd details dialog div "
                             "dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 "
                             "h5 h6 header html i label li "
                             "main nav ol p pre s section small span strong summary table "
                             "tbody td template th thead tr tt "
                             "u ul ";

static bool is_word_of(const char *words, const char *name, size_t len)
{
    const char *end;

    for (; words[1] != '\0'; words = end) {
        end = strchr(words + 1, ' ');
        if ((size_t)(end - words - 1) == len && tw_ascii_equal(words + 1, name, len))
            return true;
    }
    return false;
}

static bool is(const char *name, size_t len, const char *lower)
{
    return strlen(lower) == len && tw_ascii_equal(name, lower, len);
}

static uint64_t hash_name(const char *name, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)tw_ascii_lower(name[i])) * 0x100000001b3u;
    return h;
}

static struct tw_foreign_entry *top(struct tw_foreign *f)
{
    return f->depth > 0 ? &f->stack[f->depth - 1] : NULL;
}

static void push(struct tw_foreign *f, const struct tw_foreign_tag *tag,
                 enum tw_namespace space, enum content content)
{
    if (f->depth == TW_FOREIGN_DEPTH)
        return;
    f->stack[f->depth++] = (struct tw_foreign_entry){
        .name = hash_name(tag->name, tag->len),
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
static void pop_html(struct tw_foreign *f, size_t top_at, const char *name, size_t len)
{
    uint64_t hash = hash_name(name, len);
    bool reaches_out = is_word_of(of_tables, name, len);

    for (size_t i = top_at; i > 0 && f->stack[i - 1].space == TW_NS_HTML; i--) {
        if (f->stack[i - 1].name == hash) {
            f->depth = i - 1;
            return;
        }
        if (!reaches_out && f->stack[i - 1].content == CONTENT_SCOPE)
            return;
    }
}

/* The end tags that a start tag of HTML implies. */
static void close_implied(struct tw_foreign *f, const char *name, size_t len)
{
    if (top_is(f, "p") && is_word_of(closes_p, name, len))
        f->depth--;
    if (is(name, len, "a"))
        pop_html(f, f->depth, "a", 1);
    if ((is(name, len, "li") && top_is(f, "li")) ||
        (is(name, len, "option") && top_is(f, "option")) ||
        ((is(name, len, "dd") || is(name, len, "dt")) && (top_is(f, "dd") || top_is(f, "dt"))))
        f->depth--;
}

static enum content content_of(const struct tw_foreign_tag *tag, enum tw_namespace space)
{
    if (space == TW_NS_SVG)
        return is_word_of(" foreignobject desc title ", tag->name, tag->len) ? CONTENT_HTML
                                                                             : CONTENT_FOREIGN;
    if (is_word_of(" mi mo mn ms mtext ", tag->name, tag->len))
        return CONTENT_TEXT;
    if (is(tag->name, tag->len, "annotation-xml"))
        return tag->has_html_encoding ? CONTENT_HTML : CONTENT_ANNOTATION;
    return CONTENT_FOREIGN;
}

static enum tw_namespace start_foreign(struct tw_foreign *f, const struct tw_foreign_tag *tag,
                                       enum tw_namespace space)
{
    if (!tag->self_closing)
        push(f, tag, space, content_of(tag, space));
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
static bool is_opened(const struct tw_foreign *f, const char *name, size_t len)
{
    if (is_word_of(empty, name, len) || is_word_of(not_opened, name, len))
        return false;
    return !is_word_of(of_tables, name, len) || is(name, len, "table") ||
           is(name, len, "template") || has_html(f, "table");
}

static enum tw_namespace start_html(struct tw_foreign *f, const struct tw_foreign_tag *tag)
{
    if (is(tag->name, tag->len, "svg"))
        return start_foreign(f, tag, TW_NS_SVG);
    if (is(tag->name, tag->len, "math"))
        return start_foreign(f, tag, TW_NS_MATHML);
    if (f->depth == 0)
        return TW_NS_HTML;
    close_implied(f, tag->name, tag->len);
    if (is_opened(f, tag->name, tag->len))
        push(f, tag, TW_NS_HTML,
             is_word_of(scopes, tag->name, tag->len) ? CONTENT_SCOPE : CONTENT_HTML);
    return TW_NS_HTML;
}

/* Whether the rules of HTML hold for a start tag here ("tree construction dispatcher"). */
static bool is_for_html(struct tw_foreign *f, const struct tw_foreign_tag *tag)
{
    const struct tw_foreign_entry *e = top(f);

    if (e == NULL || e->content == CONTENT_HTML || e->content == CONTENT_SCOPE)
        return true;
    if (e->content == CONTENT_TEXT)
        return !is_word_of(" mglyph malignmark ", tag->name, tag->len);
    return e->content == CONTENT_ANNOTATION && is(tag->name, tag->len, "svg");
}

enum tw_namespace tw_foreign_start(struct tw_foreign *f, const struct tw_foreign_tag *tag)
{
    if (is_for_html(f, tag))
        return start_html(f, tag);
    if (is_word_of(breaking, tag->name, tag->len) ||
        (is(tag->name, tag->len, "font") && tag->has_font_attribute)) {
        while (f->depth > 0 &&
               (top(f)->content == CONTENT_FOREIGN || top(f)->content == CONTENT_ANNOTATION))
            f->depth--;
        return start_html(f, tag);
    }
    return start_foreign(f, tag, (enum tw_namespace)top(f)->space);
}

/* One whose element is not found here closes one outside, and so all of this, if there is one.
 * The elements outside are not known: the name must tell. */
void tw_foreign_end(struct tw_foreign *f, const char *name, size_t len)
{
    uint64_t hash = hash_name(name, len);
    size_t i = f->depth;

    while (i > 0 && f->stack[i - 1].space != TW_NS_HTML) {
        if (f->stack[--i].name == hash) {
            f->depth = i;
            return;
        }
    }
    if (i > 0) {
        pop_html(f, i, name, len);
        return;
    }
    if (is_word_of(around, name, len)) {
        f->depth = 0;
        f->guessed = true;
    }
}

bool tw_foreign_inside(const struct tw_foreign *f)
{
    return f->depth > 0 && f->stack[f->depth - 1].space != TW_NS_HTML;
}
