#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/links_scan.h"
#include "parse/references.h"
#include "trawl.h"

#define SNIFF_BYTES ((size_t)1 << 20)

struct tw_text_span tw_span_strip(struct tw_text_span s)
{
    while (s.len > 0 && tw_ascii_is_space(s.p[s.len - 1]))
        s.len--;
    while (s.len > 0 && tw_ascii_is_space(*s.p)) {
        s.p++;
        s.len--;
    }
    return s;
}

/* ---- Encodings --------------------------------------------------------------------------- */

/* Without a name: UTF-8 if the first megabyte is, as far as whole sequences go. */
static const char *charset_of(struct tw_links *l)
{
    size_t len = (size_t)(l->end - l->bytes), i;

    if (l->charset != NULL)
        return l->charset;
    if (len > SNIFF_BYTES) {
        len = SNIFF_BYTES;
        for (i = 0; i < 3 && ((unsigned char)l->bytes[len] & 0xC0) == 0x80; i++)
            len--;
    }
    l->charset = tw_text_is_utf8(l->bytes, len) ? "UTF-8" : "windows-1252";
    return l->charset;
}

static bool is_utf8(struct tw_links *l)
{
    return strcmp(charset_of(l), "UTF-8") == 0;
}

static bool is_ascii(const char *p, size_t len)
{
    unsigned char all = 0;

    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)p[i];
    return all < 0x80;
}

/* Between line ends nothing looks like a byte order mark, and no sequence is cut. */
static int append_decoded(struct tw_links *l, struct tw_buf *out, const char *p, size_t len)
{
    size_t before = out->len;
    int err;

    tw_buf_reset(&l->segment, 65536);
    if ((err = tw_buf_append(&l->segment, "\n", 1)) != 0 ||
        (err = tw_buf_append(&l->segment, p, len)) != 0 ||
        (err = tw_buf_append(&l->segment, "\n", 1)) != 0)
        return err;
    err = tw_text_excerpt(l->options.text, out, charset_of(l), l->segment.data, l->segment.len,
                          SIZE_MAX);
    if (err != 0)
        return err;
    out->len -= 2;
    memmove(out->data + before, out->data + before + 1, out->len - before);
    out->data[out->len] = '\0';
    return 0;
}

static int append_bytes(struct tw_links *l, struct tw_buf *out, const char *p, size_t len)
{
    if (is_ascii(p, len) || (is_utf8(l) && tw_text_is_utf8(p, len)))
        return tw_buf_append(out, p, len);
    return append_decoded(l, out, p, len);
}

/* ---- Values ------------------------------------------------------------------------------ */

struct reader {
    struct tw_links *l;
    struct tw_buf *out;
    const char *p;
    const char *end;
    enum tw_value_mode mode;
    bool by_byte; /* the query is in the document's encoding: its bytes are encoded as they are */
    enum { BEFORE_QUERY, IN_QUERY, AFTER_QUERY } part;
};

/* Watches where the query of a URL begins and ends. */
static void watch(struct reader *r, char c)
{
    if (c == '?' && r->part == BEFORE_QUERY)
        r->part = IN_QUERY;
    else if (c == '#')
        r->part = AFTER_QUERY;
    else if (r->mode == TW_VALUE_SRCSET && tw_ascii_is_space(c))
        r->part = BEFORE_QUERY;
}

static bool stops_run(const struct reader *r, char c)
{
    if (c == '&' || c == '\0' || c == '\r')
        return true;
    return r->by_byte && r->part == IN_QUERY && (unsigned char)c >= 0x80;
}

static int read_run(struct reader *r)
{
    const char *start = r->p;

    for (; r->p < r->end && !stops_run(r, *r->p); r->p++)
        if (r->by_byte)
            watch(r, *r->p);
    return append_bytes(r->l, r->out, start, (size_t)(r->p - start));
}

static int put_encoded(struct tw_buf *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    const char encoded[3] = {'%', hex[c >> 4], hex[c & 15]};

    return tw_buf_append(out, encoded, 3);
}

/* The first character of text, and how many bytes it is. */
static size_t utf8_first(const char *text, uint32_t *c)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    *c = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++)
        *c = *c << 6 | (p[i] & 0x3Fu);
    return n;
}

/* A character of a query goes out in the document's encoding, or as a reference where it has none
 * there (URL standard, "percent-encode after encoding"). */
static int put_in_query(struct reader *r, const char *text, size_t len, uint32_t c)
{
    char reference[24];
    unsigned char byte;
    int err = TRAWL_EINVAL;

    if (c >= 0x80)
        err = tw_text_encode(r->l->options.text, charset_of(r->l), c, &byte);
    if (err == TRAWL_EINVAL) /* ASCII, or an encoding of more than one byte: as UTF-8 */
        return tw_buf_append(r->out, text, len);
    if (err != 0)
        return err;
    if (byte != 0)
        return put_encoded(r->out, byte);
    snprintf(reference, sizeof(reference), "%%26%%23%" PRIu32 "%%3B", c);
    return tw_buf_append(r->out, reference, strlen(reference));
}

/* What is no byte of the document. */
static int put_text(struct reader *r, const char *text, size_t len)
{
    int err = 0;

    if (!r->by_byte || r->part != IN_QUERY)
        return tw_buf_append(r->out, text, len);
    for (size_t n; len > 0 && err == 0; text += n, len -= n) {
        uint32_t c;

        n = utf8_first(text, &c);
        err = put_in_query(r, text, n, c);
    }
    return err;
}

static int read_reference(struct reader *r)
{
    char text[TW_REFERENCE_TEXT_MAX] = {'&'};
    size_t text_len = 1;
    size_t n = tw_reference_read(r->p, r->end, r->mode != TW_VALUE_TEXT, text, &text_len);

    r->p += n > 0 ? n : 1;
    watch(r, text[0]);
    return put_text(r, text, text_len);
}

/* What stopped a run. */
static int read_special(struct reader *r)
{
    unsigned char c = (unsigned char)*r->p;

    if (c == '&')
        return read_reference(r);
    r->p++;
    if (c == '\0')
        return put_text(r, "\xEF\xBF\xBD", 3);
    if (c == '\r') {
        if (r->p < r->end && *r->p == '\n')
            r->p++;
        watch(r, '\n');
        return tw_buf_append(r->out, "\n", 1);
    }
    return put_encoded(r->out, c);
}

static bool may_hold_more_than_ascii(const struct tw_html_value *v)
{
    size_t len = (size_t)(v->end - v->p);

    return !is_ascii(v->p, len) || memchr(v->p, '&', len) != NULL || memchr(v->p, '\0', len) != NULL;
}

int tw_value_read(struct tw_links *l, const struct tw_html_value *v, enum tw_value_mode mode,
                  struct tw_buf *buf, struct tw_text_span *out)
{
    struct reader r = {.l = l, .out = buf, .p = v->p, .end = v->end, .mode = mode};
    int err = 0;

    if (v->plain || v->p == v->end) {
        *out = (struct tw_text_span){v->p, (size_t)(v->end - v->p)};
        return 0;
    }
    r.by_byte = (mode == TW_VALUE_URL || mode == TW_VALUE_SRCSET) &&
                may_hold_more_than_ascii(v) && !is_utf8(l);
    tw_buf_reset(buf, 65536);
    while (err == 0 && r.p < r.end) {
        err = read_run(&r);
        if (err == 0 && r.p < r.end)
            err = read_special(&r);
    }
    *out = (struct tw_text_span){buf->data, buf->len};
    return err;
}

int tw_raw_text_read(struct tw_links *l, const struct tw_html_value *v, struct tw_buf *buf,
                     struct tw_text_span *out)
{
    size_t len = (size_t)(v->end - v->p);
    int err;

    *out = (struct tw_text_span){v->p, len};
    if (is_ascii(v->p, len))
        return 0;
    tw_buf_reset(buf, 65536);
    err = append_bytes(l, buf, v->p, len);
    *out = (struct tw_text_span){buf->data, buf->len};
    return err;
}
