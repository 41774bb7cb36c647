#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/links_scan.h"
#include "parse/references.h"
#include "trawl.h"

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

static const char *charset_of(struct tw_links *l)
{
    if (l->charset == NULL)
        l->charset = tw_text_guess(l->bytes, (size_t)(l->end - l->bytes));
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

/* Before a line end no sequence is cut. */
static int append_last(struct tw_links *l, struct tw_buf *out, const char *p, size_t len)
{
    struct tw_text_state state = {0};
    size_t used;
    int err;

    tw_buf_reset(&l->segment, 65536);
    if ((err = tw_buf_append(&l->segment, p, len)) != 0 ||
        (err = tw_buf_append(&l->segment, "\n", 1)) != 0 ||
        (err = tw_text_decode(l->options.text, &state, out, charset_of(l), l->segment.data,
                              l->segment.len, &used)) != 0)
        return err;
    out->data[--out->len] = '\0';
    return 0;
}

/* *used becomes less than len only where that cuts a sequence and more is to follow. */
static int append_bytes(struct tw_links *l, struct tw_buf *out, const char *p, size_t len,
                        bool is_last, size_t *used)
{
    struct tw_text_state state = {0};

    *used = len;
    if (is_ascii(p, len) || (is_utf8(l) && tw_text_is_utf8(p, len)))
        return tw_buf_append(out, p, len);
    if (is_last)
        return append_last(l, out, p, len);
    return tw_text_decode(l->options.text, &state, out, charset_of(l), p, len, used);
}

/* ---- Values ------------------------------------------------------------------------------ */

/* Watches where the query of a URL begins and ends. */
static void watch(struct tw_value_reader *r, char c)
{
    if (c == '?' && r->part == TW_PART_BEFORE_QUERY)
        r->part = TW_PART_QUERY;
    else if (c == '#')
        r->part = TW_PART_AFTER_QUERY;
    else if (r->mode == TW_VALUE_SRCSET && tw_ascii_is_space(c))
        r->part = TW_PART_BEFORE_QUERY;
}

static bool stops_run(const struct tw_value_reader *r, char c)
{
    if (c == '&' || c == '\0' || c == '\r')
        return true;
    return r->by_byte && r->part == TW_PART_QUERY && (unsigned char)c >= 0x80;
}

static const char *end_of_run(struct tw_value_reader *r, const char *stop)
{
    const char *p = r->p;

    if (r->mode == TW_VALUE_RAW)
        return stop;
    for (; p < stop && !stops_run(r, *p); p++)
        if (r->by_byte)
            watch(r, *p);
    return p;
}

/* *cut becomes true if a sequence at the end is left for the next piece. */
static int read_run(struct tw_links *l, struct tw_value_reader *r, const char *stop,
                    struct tw_buf *out, bool *cut)
{
    const char *end = end_of_run(r, stop);
    size_t len = (size_t)(end - r->p), used;
    bool is_last = end < stop || end == r->end;
    int err = append_bytes(l, out, r->p, len, is_last, &used);

    *cut = err == 0 && used < len;
    r->p += err == 0 ? used : 0;
    return err;
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
static int put_in_query(struct tw_links *l, struct tw_buf *out, const char *text, size_t len,
                        uint32_t c)
{
    char reference[24];
    unsigned char byte;
    int err = TRAWL_EINVAL;

    if (c >= 0x80)
        err = tw_text_encode(l->options.text, charset_of(l), c, &byte);
    if (err == TRAWL_EINVAL) /* ASCII, or an encoding of more than one byte: as UTF-8 */
        return tw_buf_append(out, text, len);
    if (err != 0)
        return err;
    if (byte != 0)
        return put_encoded(out, byte);
    snprintf(reference, sizeof(reference), "%%26%%23%" PRIu32 "%%3B", c);
    return tw_buf_append(out, reference, strlen(reference));
}

/* What is no byte of the document. */
static int put_text(struct tw_links *l, const struct tw_value_reader *r, struct tw_buf *out,
                    const char *text, size_t len)
{
    int err = 0;

    if (!r->by_byte || r->part != TW_PART_QUERY)
        return tw_buf_append(out, text, len);
    for (size_t n; len > 0 && err == 0; text += n, len -= n) {
        uint32_t c;

        n = utf8_first(text, &c);
        err = put_in_query(l, out, text, n, c);
    }
    return err;
}

/* One can have any number of digits. */
static int read_reference(struct tw_links *l, struct tw_value_reader *r, struct tw_buf *out)
{
    char text[TW_REFERENCE_TEXT_MAX] = {'&'};
    size_t text_len = 1, left = (size_t)(r->end - r->p), n;
    const char *end = r->p + (left < TW_LINKS_VALUE_MAX ? left : TW_LINKS_VALUE_MAX);

    n = tw_reference_read(r->p, end, r->mode != TW_VALUE_TEXT, text, &text_len);

    r->p += n > 0 ? n : 1;
    watch(r, text[0]);
    return put_text(l, r, out, text, text_len);
}

/* What stopped a run. */
static int read_special(struct tw_links *l, struct tw_value_reader *r, struct tw_buf *out)
{
    unsigned char c = (unsigned char)*r->p;

    if (c == '&')
        return read_reference(l, r, out);
    r->p++;
    if (c == '\0')
        return put_text(l, r, out, "\xEF\xBF\xBD", 3);
    if (c == '\r') {
        if (r->p < r->end && *r->p == '\n')
            r->p++;
        watch(r, '\n');
        return tw_buf_append(out, "\n", 1);
    }
    return put_encoded(out, c);
}

/* Whether nothing but ASCII can come of it. */
static bool stays_ascii(const char *p, size_t len, bool ascii)
{
    return ascii && memchr(p, '&', len) == NULL && memchr(p, '\0', len) == NULL;
}

bool tw_value_open(struct tw_links *l, struct tw_value_reader *r, const struct tw_html_value *v,
                   enum tw_value_mode mode)
{
    size_t len = (size_t)(v->end - v->p);
    bool ascii;

    if (v->plain || len == 0)
        return false;
    /* To look at all of a long one takes long. */
    ascii = len <= TW_LINKS_VALUE_MAX && is_ascii(v->p, len);
    if (mode == TW_VALUE_RAW && ascii)
        return false;
    *r = (struct tw_value_reader){.p = v->p, .end = v->end, .mode = mode};
    r->by_byte = (mode == TW_VALUE_URL || mode == TW_VALUE_SRCSET) &&
                 !stays_ascii(v->p, len, ascii) && !is_utf8(l);
    return true;
}

int tw_value_step(struct tw_links *l, struct tw_value_reader *r, size_t max, struct tw_buf *buf)
{
    size_t n = max > TW_VALUE_PIECE ? max : TW_VALUE_PIECE;
    const char *start = r->p, *stop = (size_t)(r->end - r->p) > n ? r->p + n : r->end;
    bool cut = false;
    int err = 0;

    while (err == 0 && r->p < stop && !cut) {
        err = read_run(l, r, stop, buf, &cut);
        if (err == 0 && r->p < stop && !cut)
            err = read_special(l, r, buf);
    }
    l->read += (size_t)(r->p - start);
    return err;
}

int tw_value_read(struct tw_links *l, const struct tw_html_value *v, enum tw_value_mode mode,
                  struct tw_buf *buf, struct tw_text_span *out)
{
    struct tw_value_reader r;
    int err;

    if (!tw_value_open(l, &r, v, mode)) {
        *out = (struct tw_text_span){v->p, (size_t)(v->end - v->p)};
        return 0;
    }
    tw_buf_reset(buf, 65536);
    err = tw_value_step(l, &r, SIZE_MAX, buf);
    *out = (struct tw_text_span){buf->data, buf->len};
    return err;
}
