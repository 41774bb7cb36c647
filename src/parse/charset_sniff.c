#include "parse/charset.h"

#include <string.h>

#include "parse/ascii.h"

#define PRESCAN_BYTES 1024

struct span {
    const char *p;
    const char *end;
};

struct attribute {
    struct span name;
    struct span value;
};

enum attribute_result {
    ATTRIBUTE_FOUND,
    ATTRIBUTE_NONE, /* the tag has no more */
    ATTRIBUTE_CUT,  /* the bytes to look at ended inside the tag, and are used up */
};

static bool span_is(struct span s, const char *lower)
{
    size_t n = strlen(lower);

    return (size_t)(s.end - s.p) == n && tw_ascii_equal(s.p, lower, n);
}

static bool starts_with(struct span s, const void *bytes, size_t n)
{
    return (size_t)(s.end - s.p) >= n && memcmp(s.p, bytes, n) == 0;
}

static void skip_spaces(struct span *in)
{
    while (in->p < in->end && tw_ascii_is_space(*in->p))
        in->p++;
}

static const char *label_of(const char *from, const char *to)
{
    return tw_charset_label(from, (size_t)(to - from));
}

/* A document that could be read so far as to find a declaration is not in UTF-16. */
static const char *utf16_to_utf8(const char *name)
{
    return name != NULL && strncmp(name, "UTF-16", 6) == 0 ? "UTF-8" : name;
}

/* ---- Content-Type ------------------------------------------------------------------------ */

/* in stands after the opening quote. Returns the value's end before the closing quote, and
 * leaves in at the ";" that ends the parameter. Escapes are kept: no label has one. */
static const char *quoted_value(struct span *in)
{
    const char *end;

    while (in->p < in->end && *in->p != '"')
        in->p += *in->p == '\\' && in->p + 1 < in->end ? 2 : 1;
    end = in->p;
    while (in->p < in->end && *in->p != ';')
        in->p++;
    return end;
}

/* in stands at a ";"; reads one parameter. */
static struct attribute parameter(struct span *in)
{
    struct attribute a;

    in->p++;
    skip_spaces(in);
    a.name.p = in->p;
    while (in->p < in->end && *in->p != ';' && *in->p != '=')
        in->p++;
    a.name.end = in->p;
    while (a.name.end > a.name.p && tw_ascii_is_space(a.name.end[-1]))
        a.name.end--;
    a.value.p = a.value.end = in->p;
    if (in->p == in->end || *in->p == ';')
        return a;
    in->p++;
    skip_spaces(in);
    if (in->p < in->end && *in->p == '"') {
        a.value.p = ++in->p;
        a.value.end = quoted_value(in);
        return a;
    }
    a.value.p = in->p;
    while (in->p < in->end && *in->p != ';')
        in->p++;
    a.value.end = in->p;
    return a;
}

const char *tw_charset_from_type(const char *content_type, size_t len)
{
    struct span in;

    in.p = len > 0 ? memchr(content_type, ';', len) : NULL;
    if (in.p == NULL)
        return NULL;
    in.end = content_type + len;
    while (in.p < in.end) {
        struct attribute a = parameter(&in);

        if (span_is(a.name, "charset") && a.value.end > a.value.p)
            return label_of(a.value.p, a.value.end);
    }
    return NULL;
}

enum type_kind { TYPE_UNKNOWN, TYPE_HTML, TYPE_XML, TYPE_JSON, TYPE_OTHER };

static bool ends_with(struct span s, const char *lower)
{
    size_t n = strlen(lower);

    return (size_t)(s.end - s.p) >= n && tw_ascii_equal(s.end - n, lower, n);
}

/* The kinds of MIME types as the MIME Sniffing standard groups them (section 4.6, and section 7
 * for the types that say nothing). */
static enum type_kind type_kind(const char *content_type, size_t len)
{
    struct span s = {content_type, content_type + len};
    const char *semicolon = memchr(content_type, ';', len);

    if (semicolon != NULL)
        s.end = semicolon;
    skip_spaces(&s);
    while (s.end > s.p && tw_ascii_is_space(s.end[-1]))
        s.end--;
    if (span_is(s, "text/html"))
        return TYPE_HTML;
    if (s.p == s.end || memchr(s.p, '/', (size_t)(s.end - s.p)) == NULL || span_is(s, "*/*") ||
        span_is(s, "unknown/unknown") || span_is(s, "application/unknown"))
        return TYPE_UNKNOWN;
    if (ends_with(s, "+xml") || span_is(s, "text/xml") || span_is(s, "application/xml"))
        return TYPE_XML;
    if (ends_with(s, "+json") || span_is(s, "application/json") || span_is(s, "text/json"))
        return TYPE_JSON;
    return TYPE_OTHER;
}

/* ---- What the document says -------------------------------------------------------------- */

const char *tw_charset_bom(const void *body, size_t len, size_t *mark_len)
{
    if (len >= 3 && memcmp(body, "\xEF\xBB\xBF", 3) == 0) {
        *mark_len = 3;
        return "UTF-8";
    }
    if (len >= 2 && memcmp(body, "\xFE\xFF", 2) == 0) {
        *mark_len = 2;
        return "UTF-16BE";
    }
    if (len >= 2 && memcmp(body, "\xFF\xFE", 2) == 0) {
        *mark_len = 2;
        return "UTF-16LE";
    }
    return NULL;
}

/* "Get an XML encoding". */
static const char *xml_declaration(struct span in)
{
    const char *close, *end;
    char quote;

    if (!starts_with(in, "<?xml", 5))
        return NULL;
    close = memchr(in.p, '>', (size_t)(in.end - in.p));
    if (close == NULL)
        return NULL;
    in.end = close;
    in.p = memmem(in.p, (size_t)(in.end - in.p), "encoding", 8);
    if (in.p == NULL)
        return NULL;
    in.p += 8;
    while (in.p < in.end && (unsigned char)*in.p <= ' ')
        in.p++;
    if (in.p == in.end || *in.p++ != '=')
        return NULL;
    while (in.p < in.end && (unsigned char)*in.p <= ' ')
        in.p++;
    if (in.p == in.end || (*in.p != '"' && *in.p != '\''))
        return NULL;
    quote = *in.p++;
    end = memchr(in.p, quote, (size_t)(in.end - in.p));
    /* The standard wants no blanks inside the quotes here, while labels elsewhere may have
     * them. */
    if (end == NULL || (end > in.p && (tw_ascii_is_space(*in.p) || tw_ascii_is_space(end[-1]))))
        return NULL;
    return utf16_to_utf8(label_of(in.p, end));
}

/* "Algorithm for extracting a character encoding from a meta element". */
static const char *content_charset(struct span in)
{
    const char *end;

    for (;;) {
        while (in.end - in.p >= 7 && !tw_ascii_equal(in.p, "charset", 7))
            in.p++;
        if (in.end - in.p < 7)
            return NULL;
        in.p += 7;
        skip_spaces(&in);
        if (in.p < in.end && *in.p == '=')
            break;
    }
    in.p++;
    skip_spaces(&in);
    if (in.p == in.end)
        return NULL;
    if (*in.p == '"' || *in.p == '\'') {
        end = memchr(in.p + 1, *in.p, (size_t)(in.end - in.p - 1));
        return end != NULL ? label_of(in.p + 1, end) : NULL;
    }
    for (end = in.p; end < in.end && !tw_ascii_is_space(*end) && *end != ';'; end++)
        ;
    return label_of(in.p, end);
}

/* ---- The prescan ------------------------------------------------------------------------- */

static enum attribute_result attribute_value(struct span *in, struct span *value)
{
    skip_spaces(in);
    if (in->p == in->end)
        return ATTRIBUTE_CUT;
    if (*in->p == '"' || *in->p == '\'') {
        char quote = *in->p++;

        value->p = in->p;
        value->end = memchr(in->p, quote, (size_t)(in->end - in->p));
        if (value->end == NULL) {
            in->p = in->end;
            return ATTRIBUTE_CUT;
        }
        in->p = value->end + 1;
        return ATTRIBUTE_FOUND;
    }
    value->p = in->p;
    while (in->p < in->end && !tw_ascii_is_space(*in->p) && *in->p != '>')
        in->p++;
    value->end = in->p;
    return in->p < in->end ? ATTRIBUTE_FOUND : ATTRIBUTE_CUT;
}

/* "Get an attribute". */
static enum attribute_result get_attribute(struct span *in, struct attribute *a)
{
    while (in->p < in->end && (tw_ascii_is_space(*in->p) || *in->p == '/'))
        in->p++;
    if (in->p == in->end)
        return ATTRIBUTE_CUT;
    if (*in->p == '>')
        return ATTRIBUTE_NONE;
    a->name.p = in->p;
    while (in->p < in->end && !tw_ascii_is_space(*in->p) && *in->p != '/' && *in->p != '>' &&
           (*in->p != '=' || in->p == a->name.p))
        in->p++;
    a->name.end = a->value.p = a->value.end = in->p;
    skip_spaces(in);
    if (in->p == in->end)
        return ATTRIBUTE_CUT;
    if (*in->p != '=')
        return ATTRIBUTE_FOUND;
    in->p++;
    return attribute_value(in, &a->value);
}

/* in stands after "<meta". *charset becomes what the element declares, NULL if nothing.
 * ATTRIBUTE_CUT when the element does not end in time. */
static enum attribute_result meta_charset(struct span *in, const char **charset)
{
    bool seen_pragma = false, seen_content = false, seen_charset = false;
    bool is_pragma = false, needs_pragma = false;
    const char *found = NULL;
    enum attribute_result r;
    struct attribute a;

    while ((r = get_attribute(in, &a)) == ATTRIBUTE_FOUND) {
        if (!seen_pragma && span_is(a.name, "http-equiv")) {
            seen_pragma = true;
            is_pragma = span_is(a.value, "content-type");
        } else if (!seen_content && span_is(a.name, "content")) {
            seen_content = true;
            /* A charset attribute counts even where its label is unknown. */
            if (!seen_charset) {
                found = content_charset(a.value);
                needs_pragma = found != NULL;
            }
        } else if (!seen_charset && span_is(a.name, "charset")) {
            seen_charset = true;
            needs_pragma = false;
            found = label_of(a.value.p, a.value.end);
        }
    }
    *charset = needs_pragma && !is_pragma ? NULL : utf16_to_utf8(found);
    if (*charset != NULL && strcmp(*charset, "x-user-defined") == 0)
        *charset = "windows-1252";
    return r;
}

/* in stands after the "<" of anything but a comment or a meta element. */
static void skip_markup(struct span *in)
{
    struct attribute a;

    if (in->p < in->end && *in->p == '/' && in->p + 1 < in->end && tw_ascii_is_alpha(in->p[1]))
        in->p++;
    if (in->p == in->end)
        return;
    if (tw_ascii_is_alpha(*in->p)) {
        while (in->p < in->end && !tw_ascii_is_space(*in->p) && *in->p != '>')
            in->p++;
        while (get_attribute(in, &a) == ATTRIBUTE_FOUND)
            ;
    } else if (*in->p == '!' || *in->p == '/' || *in->p == '?') {
        while (in->p < in->end && *in->p != '>')
            in->p++;
    }
}

static const char *prescan(struct span in)
{
    while ((in.p = memchr(in.p, '<', (size_t)(in.end - in.p))) != NULL) {
        if (starts_with(in, "<!--", 4)) {
            /* The dashes may be those of the opening: "<!-->" is a whole comment. */
            in.p = memmem(in.p + 2, (size_t)(in.end - in.p) - 2, "-->", 3);
            if (in.p == NULL)
                return NULL;
        } else if (in.end - in.p > 5 && tw_ascii_equal(in.p, "<meta", 5) &&
                   (tw_ascii_is_space(in.p[5]) || in.p[5] == '/')) {
            const char *charset;

            in.p += 5;
            if (meta_charset(&in, &charset) == ATTRIBUTE_CUT)
                return NULL;
            if (charset != NULL)
                return charset;
        } else {
            in.p++;
            skip_markup(&in);
        }
    }
    return NULL;
}

static const char *declared(struct span in, enum type_kind kind)
{
    const char *from_xml, *from_meta;

    if (in.p == in.end)
        return NULL;
    if (in.end - in.p > PRESCAN_BYTES)
        in.end = in.p + PRESCAN_BYTES;
    if (starts_with(in, "<\0?\0x", 6))
        return "UTF-16LE";
    if (starts_with(in, "\0<\0?\0x", 6))
        return "UTF-16BE";
    from_xml = xml_declaration(in);
    if (kind == TYPE_XML && from_xml != NULL)
        return from_xml;
    from_meta = prescan(in);
    return from_meta != NULL ? from_meta : from_xml;
}

const char *tw_charset_sniff(const char *content_type, const void *body, size_t len)
{
    size_t type_len = content_type != NULL ? strlen(content_type) : 0;
    enum type_kind kind = TYPE_UNKNOWN;
    const char *name;
    size_t mark_len;

    name = tw_charset_bom(body, len, &mark_len);
    if (name == NULL && type_len > 0) {
        name = tw_charset_from_type(content_type, type_len);
        kind = type_kind(content_type, type_len);
    }
    if (name != NULL)
        return name;
    if (kind == TYPE_JSON)
        return "UTF-8";
    if (kind == TYPE_OTHER || len == 0)
        return NULL;
    return declared((struct span){body, (const char *)body + len}, kind);
}
