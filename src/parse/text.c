#include "parse/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "parse/charset.h"
#include "parse/text_cjk.h"
#include "parse/text_map.h"
#include "trawl.h"

#define HIGH_BITS   0x8080808080808080u
#define GUESS_BYTES ((size_t)1 << 20)

struct tw_text {
    struct tw_maps maps;
};

int tw_text_open(struct tw_text **text)
{
    struct tw_text *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return TRAWL_ENOMEM;
    *text = t;
    return 0;
}

void tw_text_free(struct tw_text *text)
{
    if (text == NULL)
        return;
    tw_maps_free(&text->maps);
    free(text);
}

bool tw_text_is_utf8(const void *p, size_t len)
{
    return len == 0 || u8_check(p, len) == NULL;
}

void tw_text_put(struct tw_text_out *out, uint32_t c)
{
    char *p = out->p;

    if (c < 0x80) {
        *p++ = (char)c;
    } else if (c < 0x800) {
        *p++ = (char)(0xC0 | c >> 6);
        *p++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *p++ = (char)(0xE0 | c >> 12);
        *p++ = (char)(0x80 | (c >> 6 & 0x3F));
        *p++ = (char)(0x80 | (c & 0x3F));
    } else {
        *p++ = (char)(0xF0 | c >> 18);
        *p++ = (char)(0x80 | (c >> 12 & 0x3F));
        *p++ = (char)(0x80 | (c >> 6 & 0x3F));
        *p++ = (char)(0x80 | (c & 0x3F));
    }
    out->p = p;
    out->chars_left--;
}

static size_t ascii_prefix(const uint8_t *p, size_t len)
{
    uint64_t word;
    size_t n = 0;

    for (; len - n >= sizeof(word); n += sizeof(word)) {
        memcpy(&word, p + n, sizeof(word));
        if ((word & HIGH_BITS) != 0)
            break;
    }
    while (n < len && p[n] < 0x80)
        n++;
    return n;
}

/* The length of the valid sequence at p, which is not ASCII; 0 if the end of the bytes cuts it;
 * else minus the length of what one U+FFFD stands for (Unicode, table 3-7). */
static int utf8_sequence(const uint8_t *p, const uint8_t *end)
{
    uint8_t low = 0x80, high = 0xBF;
    int i, more;

    if (*p >= 0xC2 && *p <= 0xDF) {
        more = 1;
    } else if (*p >= 0xE0 && *p <= 0xEF) {
        more = 2;
        low = *p == 0xE0 ? 0xA0 : low;
        high = *p == 0xED ? 0x9F : high;
    } else if (*p >= 0xF0 && *p <= 0xF4) {
        more = 3;
        low = *p == 0xF0 ? 0x90 : low;
        high = *p == 0xF4 ? 0x8F : high;
    } else {
        return -1;
    }
    for (i = 1; i <= more; i++) {
        if (p + i == end)
            return 0;
        if (p[i] < low || p[i] > high)
            return -i;
        low = 0x80;
        high = 0xBF;
    }
    return more + 1;
}

static void copy(struct tw_text_out *out, const uint8_t *p, size_t bytes, size_t chars)
{
    memcpy(out->p, p, bytes);
    out->p += bytes;
    out->chars_left -= chars;
}

static const uint8_t *decode_utf8(struct tw_text_out *out, const uint8_t *p, const uint8_t *end)
{
    while (p < end && out->chars_left > 0) {
        size_t left = (size_t)(end - p);
        int n;

        if (*p < 0x80) {
            size_t run = ascii_prefix(p, left < out->chars_left ? left : out->chars_left);

            copy(out, p, run, run);
            p += run;
            continue;
        }
        n = utf8_sequence(p, end);
        if (n == 0)
            break;
        if (n > 0)
            copy(out, p, (size_t)n, 1);
        else
            tw_text_put(out, TW_REPLACEMENT);
        p += n > 0 ? n : -n;
    }
    return p;
}

static uint32_t unit16(const uint8_t *p, bool big)
{
    return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

static const uint8_t *decode_utf16(struct tw_text_out *out, const uint8_t *p,
                                   const uint8_t *end, bool big)
{
    for (; end - p >= 2 && out->chars_left > 0; p += 2) {
        uint32_t c = unit16(p, big);

        if (c >= 0xD800 && c < 0xDC00) {
            uint32_t next;

            if (end - p < 4)
                return p;
            next = unit16(p + 2, big);
            if (next >= 0xDC00 && next < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
                p += 2;
            }
        }
        tw_text_put(out, c >= 0xD800 && c < 0xE000 ? TW_REPLACEMENT : c);
    }
    return p;
}

static const uint8_t *decode_single(struct tw_text_out *out, const uint8_t *p,
                                    const uint8_t *end, const uint16_t *table)
{
    for (; p < end && out->chars_left > 0; p++)
        tw_text_put(out, *p < 0x80 ? *p : table[*p - 0x80]);
    return p;
}

static const uint8_t *decode_user_defined(struct tw_text_out *out, const uint8_t *p,
                                          const uint8_t *end)
{
    for (; p < end && out->chars_left > 0; p++)
        tw_text_put(out, *p < 0x80 ? *p : 0xF780u + *p - 0x80u);
    return p;
}

/* One character for all of it. */
static const uint8_t *decode_replacement(struct tw_text_state *state, struct tw_text_out *out,
                                         const uint8_t *end)
{
    if (!state->replaced)
        tw_text_put(out, TW_REPLACEMENT);
    state->replaced = true;
    return end;
}

/* Everything that needs no table. false if name is not of these. */
static bool decode_plain(struct tw_text_state *state, struct tw_text_out *out, const char *name,
                         const uint8_t *p, const uint8_t *end, const uint8_t **stopped)
{
    if (strcmp(name, "UTF-8") == 0)
        *stopped = decode_utf8(out, p, end);
    else if (strcmp(name, "UTF-16LE") == 0 || strcmp(name, "UTF-16BE") == 0)
        *stopped = decode_utf16(out, p, end, name[6] == 'B');
    else if (strcmp(name, "x-user-defined") == 0)
        *stopped = decode_user_defined(out, p, end);
    else if (strcmp(name, "replacement") == 0)
        *stopped = decode_replacement(state, out, end);
    else
        return false;
    return true;
}

const char *tw_text_guess(const void *p, size_t len)
{
    const uint8_t *bytes = p, *end = bytes + (len < GUESS_BYTES ? len : GUESS_BYTES), *bad;

    bad = len > 0 ? u8_check(bytes, (size_t)(end - bytes)) : NULL;
    return bad == NULL || utf8_sequence(bad, end) == 0 ? "UTF-8" : "windows-1252";
}

/* *stopped is where the decoder did. */
static int decode(struct tw_text *text, struct tw_text_state *state, struct tw_text_out *out,
                  const char *name, const uint8_t *p, size_t len, const uint8_t **stopped)
{
    const uint16_t *table;
    tw_cjk_decode cjk;
    int err;

    if (decode_plain(state, out, name, p, p + len, stopped))
        return 0;
    err = tw_maps_single(&text->maps, name, &table);
    if (err == 0)
        *stopped = decode_single(out, p, p + len, table);
    if (err != TRAWL_EINVAL)
        return err;
    err = tw_cjk_open(&text->maps, name, &cjk);
    if (err != 0)
        return err;
    if (cjk == NULL)
        return decode(text, state, out, tw_text_guess(p, len), p, len, stopped);
    *stopped = cjk(&text->maps, state, out, p, p + len);
    return 0;
}

int tw_text_encode(struct tw_text *text, const char *charset, uint32_t c, unsigned char *byte)
{
    const uint16_t *table;
    int err = tw_maps_single(&text->maps, charset, &table);

    if (err != 0)
        return err;
    *byte = 0;
    for (unsigned i = 0; i < 128 && *byte == 0; i++)
        if (table[i] == c && c != TW_REPLACEMENT)
            *byte = (unsigned char)(0x80 + i);
    return 0;
}

/* Appends at most n_chars characters. No encoding makes more of them than it has bytes. */
static int append(struct tw_text *text, struct tw_text_state *state, struct tw_buf *out,
                  const char *charset, const uint8_t *p, size_t len, size_t n_chars,
                  size_t *used)
{
    size_t most = n_chars < len ? n_chars : len;
    struct tw_text_out sink;
    const uint8_t *stopped;
    int err;

    if (most > SIZE_MAX / 4)
        return TRAWL_ENOMEM;
    err = tw_buf_reserve(out, most * 4);
    if (err != 0)
        return err;
    sink = (struct tw_text_out){out->data + out->len, n_chars};
    err = decode(text, state, &sink, charset, p, len, &stopped);
    if (err == 0) {
        out->len = (size_t)(sink.p - out->data);
        *used = (size_t)(stopped - p);
    }
    out->data[out->len] = '\0';
    return err;
}

int tw_text_decode(struct tw_text *text, struct tw_text_state *state, struct tw_buf *out,
                   const char *charset, const void *bytes, size_t len, size_t *used)
{
    return append(text, state, out, charset, bytes, len, SIZE_MAX, used);
}

int tw_text_excerpt(struct tw_text *text, struct tw_buf *out, const char *charset,
                    const void *body, size_t len, size_t n_chars)
{
    struct tw_text_state state = {0};
    const char *mark;
    size_t mark_len = 0, most, used;
    const uint8_t *p = body;

    if (len == 0 || n_chars == 0)
        return 0;
    mark = tw_charset_bom(body, len, &mark_len);
    if (mark != NULL)
        charset = mark;
    p += mark_len;
    len -= mark_len;
    if (len == 0)
        return 0;
    most = n_chars < len ? n_chars : len;
    if (charset == NULL && ascii_prefix(p, most) == most)
        charset = "UTF-8";
    return append(text, &state, out, charset != NULL ? charset : tw_text_guess(p, len), p, len,
                  n_chars, &used);
}
