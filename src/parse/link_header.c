#include "parse/link_header.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "parse/ascii.h"
#include "trawl.h"

struct piece {
    const char *p;
    size_t len;
};

struct reader {
    const char *p;
    const char *end;
    struct tw_buf target, rel, value;
    bool has_rel, has_anchor;
    size_t made; /* bytes of URLs */
};

static void skip_spaces(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool at(const struct reader *r, char c)
{
    return r->p < r->end && *r->p == c;
}

/* What is before the next of the stop bytes, without the blanks at its end. */
static struct piece take_until(struct reader *r, const char *stop)
{
    struct piece piece = {r->p, 0};

    while (r->p < r->end && (*r->p == '\0' || strchr(stop, *r->p) == NULL))
        r->p++;
    piece.len = (size_t)(r->p - piece.p);
    while (piece.len > 0 && tw_ascii_is_space(piece.p[piece.len - 1]))
        piece.len--;
    return piece;
}

/* r->p is after the opening quote. */
static int read_quoted(struct reader *r)
{
    while (r->p < r->end && *r->p != '"') {
        int err;

        if (*r->p == '\\' && r->p + 1 < r->end)
            r->p++;
        err = tw_buf_append(&r->value, r->p++, 1);
        if (err != 0)
            return err;
    }
    if (r->p < r->end)
        r->p++;
    return 0;
}

/* The value of a parameter, in r->value; r->p is after the '='. */
static int read_value(struct reader *r)
{
    struct piece token;

    skip_spaces(r);
    if (at(r, '"')) {
        r->p++;
        return read_quoted(r);
    }
    token = take_until(r, ";,");
    return tw_buf_append(&r->value, token.p, token.len);
}

static int note_parameter(struct reader *r, const char *name, size_t len)
{
    if (len == 6 && tw_ascii_equal(name, "anchor", 6))
        r->has_anchor = true;
    /* The first rel counts. */
    if (len != 3 || !tw_ascii_equal(name, "rel", 3) || r->has_rel)
        return 0;
    r->has_rel = true;
    return tw_buf_append(&r->rel, r->value.data, r->value.len);
}

/* r->p is at the ';'. */
static int read_parameter(struct reader *r)
{
    struct piece name;
    int err = 0;

    r->p++;
    skip_spaces(r);
    name = take_until(r, "=;,");
    tw_buf_reset(&r->value, SIZE_MAX);
    if (at(r, '=')) {
        r->p++;
        err = read_value(r);
    }
    if (err == 0)
        err = note_parameter(r, name.p, name.len);
    /* What follows a quoted value belongs to nothing. */
    take_until(r, ";,");
    return err;
}

/* Bytes in an unknown encoding are sent back as they came. */
static int put_target(struct reader *r, const char *p, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    bool encode = !tw_text_is_utf8(p, len);
    int err = tw_buf_append(&r->target, p, encode ? 0 : len);

    for (size_t i = 0; encode && err == 0 && i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        const char escape[3] = {'%', hex[c >> 4], hex[c & 15]};

        err = c >= 0x80 ? tw_buf_append(&r->target, escape, 3)
                        : tw_buf_append(&r->target, p + i, 1);
    }
    return err;
}

/* One link-value from its '<' on, up to the comma after it. */
static int read_link(struct reader *r)
{
    struct piece target;
    int err;

    tw_buf_reset(&r->target, SIZE_MAX);
    tw_buf_reset(&r->rel, SIZE_MAX);
    r->has_rel = r->has_anchor = false;
    r->p++;
    skip_spaces(r);
    target = take_until(r, ">");
    err = put_target(r, target.p, target.len);
    if (r->p < r->end)
        r->p++;
    skip_spaces(r);
    while (err == 0 && at(r, ';'))
        err = read_parameter(r);
    return err;
}

static int yield(struct reader *r, const struct tw_url *base, tw_on_link on_link, void *user,
                 bool *more)
{
    struct tw_found_link link = {.tag = "link", .attribute = "header"};
    struct tw_url url = {0};
    bool is_link;

    link.value = r->target.data;
    link.len = r->target.len;
    if (link.len > TW_LINKS_VALUE_MAX)
        return 0;
    link.rel = r->has_rel && r->rel.len <= TW_LINKS_VALUE_MAX &&
                       tw_text_is_utf8(r->rel.data, r->rel.len)
                   ? r->rel.data
                   : "";
    link.rel_flags = tw_rel_parse(link.rel, strlen(link.rel));
    link.kind = tw_rel_kind(link.rel_flags, &is_link);
    if (!is_link || r->has_anchor)
        return 0;
    if (base != NULL) {
        link.err = tw_url_parse(&url, link.value, link.len, base, NULL);
        if (link.err == TRAWL_ENOMEM)
            return link.err;
        if (link.err == 0)
            link.url = &url;
    }
    r->made += url.len;
    *more = on_link(user, &link);
    tw_url_free(&url);
    return 0;
}

int tw_link_header_parse(const char *value, size_t len, size_t *at, size_t *left,
                         const struct tw_url *base, tw_on_link on_link, void *user)
{
    struct reader r = {.p = value + *at, .end = value + len};
    const char *start = r.p;
    size_t spent = 0;
    bool more = true;
    int err = 0;

    while (err == 0 && more && r.p < r.end && spent < *left) {
        take_until(&r, "<");
        if (r.p < r.end) {
            err = read_link(&r);
            if (err == 0)
                err = yield(&r, base, on_link, user, &more);
        }
        spent = (size_t)(r.p - start) + r.made;
    }
    *left -= spent < *left ? spent : *left;
    *at = more && err == 0 ? (size_t)(r.p - value) : len;
    tw_buf_free(&r.target);
    tw_buf_free(&r.rel);
    tw_buf_free(&r.value);
    return err;
}
