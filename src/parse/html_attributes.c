#include "parse/ascii.h"
#include "parse/html.h"
#include "parse/html_skip.h"

#define NAME_END (TW_HTML_SPACE | TW_HTML_SLASH | TW_HTML_CLOSE)

#define ATTRIBUTE_PLACE(key, len) ((((key) + (len)) * 0x7ce42c8218072e8du) >> 57)

static const struct tw_html_name attributes[128] = {
#define X(id, name, ...)                                                                       \
    [ATTRIBUTE_PLACE(TW_NAME_KEY(__VA_ARGS__), sizeof(name) - 1)] = {                          \
        TW_NAME_KEY(__VA_ARGS__), sizeof(name) - 1, TW_ATTR_##id},
    TW_ATTRIBUTES(X)
#undef X
};

static enum tw_attribute find_attribute(const char *p, size_t len, const char *end)
{
    uint64_t key = tw_name_key(p, len, end);
    const struct tw_html_name *n = &attributes[ATTRIBUTE_PLACE(key, len)];

    if (n->key != key || n->len != len ||
        (len > 8 && !tw_ascii_equal(p, tw_attribute_names[n->id], len)))
        return TW_ATTR_NONE;
    return (enum tw_attribute)n->id;
}

static void keep(struct tw_html *h, const struct tw_html_attribute *a)
{
    struct tw_html_tag *t = &h->tag;
    enum tw_attribute id;

    id = find_attribute(a->name, (size_t)(a->name_end - a->name), h->end);
    if (id == TW_ATTR_NONE || (h->want & ~t->have & ((uint32_t)1 << id)) == 0)
        return;
    t->have |= (uint32_t)1 << id;
    t->order[t->count++] = (uint8_t)id;
    t->values[id] = a->value;
}

static const char *suspend(struct tw_html *h, const struct tw_html_attribute *a,
                           enum tw_html_state state)
{
    h->attribute = *a;
    h->state = state;
    h->p = h->limit;
    return NULL;
}

static const char *skip(const char *p, const char *stop, unsigned classes)
{
    while (p < stop && tw_html_is(*p, classes))
        p++;
    return p;
}

static const char *skip_quoted(struct tw_html_value *value, const char *p, const char *stop)
{
    bool plain;

    p = tw_skip_value(p, stop, value->p[-1], &plain);
    value->plain &= plain;
    return p;
}

const char *tw_html_attributes(struct tw_html *h, const char *p)
{
    struct tw_html_attribute a = h->attribute;
    enum tw_html_state state = h->state;
    const char *stop = h->limit;
    uint32_t want = h->want;

    for (;; state = TW_HTML_BEFORE_NAME) {
        switch (state) {
        default:
            p = skip(p, stop, TW_HTML_SPACE | TW_HTML_SLASH);
            if (p == stop)
                return suspend(h, &a, TW_HTML_BEFORE_NAME);
            if (*p == '>') {
                h->tag.self_closing = p > a.from && p[-1] == '/';
                return p + 1;
            }
            a.name = p;
            /* A '=' that begins a name is a part of it. */
            p += *p == '=';
            /* fall through */
        case TW_HTML_NAME:
            p = tw_skip_name(p, stop, NAME_END | TW_HTML_EQUALS);
            if (p == stop)
                return suspend(h, &a, TW_HTML_NAME);
            a.name_end = p;
            a.value = (struct tw_html_value){p, p, true};
            /* fall through */
        case TW_HTML_AFTER_NAME:
            p = skip(p, stop, TW_HTML_SPACE);
            if (p == stop)
                return suspend(h, &a, TW_HTML_AFTER_NAME);
            if (*p != '=')
                break;
            p++;
            /* fall through */
        case TW_HTML_BEFORE_VALUE:
            p = skip(p, stop, TW_HTML_SPACE);
            if (p == stop)
                return suspend(h, &a, TW_HTML_BEFORE_VALUE);
            a.value.p = p;
            a.value.plain = false;
            if (*p != '"' && *p != '\'')
                goto unquoted;
            a.value.plain = true;
            a.value.p = ++p;
            /* fall through */
        case TW_HTML_QUOTED_VALUE:
            p = skip_quoted(&a.value, p, stop);
            if (p == stop)
                return suspend(h, &a, TW_HTML_QUOTED_VALUE);
            a.value.end = p++;
            break;
        case TW_HTML_VALUE:
        unquoted:
            while (p < stop && !tw_html_is(*p, TW_HTML_SPACE | TW_HTML_CLOSE))
                p++;
            if (p == stop)
                return suspend(h, &a, TW_HTML_VALUE);
            a.value.end = p;
        }
        if (want != 0)
            keep(h, &a);
        a.from = p;
    }
}
