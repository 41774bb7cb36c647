/* Results with any bytes in all their fields, in all formats. */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/buf.h"
#include "trawl.h"

struct input {
    const uint8_t *bytes;
    size_t len;
};

static void require(bool ok)
{
    if (!ok)
        abort();
}

static unsigned take_byte(struct input *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->bytes++;
}

/* Up to 255 bytes in a block of their own, so that reading past them shows. */
static char *take_bytes(struct input *in, size_t *len)
{
    char *s;

    *len = take_byte(in);
    if (*len > in->len)
        *len = in->len;
    s = malloc(*len + 1);
    require(s != NULL);
    memcpy(s, in->bytes, *len);
    in->bytes += *len;
    in->len -= *len;
    return s;
}

static char *take_string(struct input *in)
{
    size_t len;
    char *s;

    if (take_byte(in) % 8 == 0)
        return NULL;
    s = take_bytes(in, &len);
    s[len] = '\0';
    return s;
}

static int on_write(void *data, const char *bytes, size_t len)
{
    return tw_buf_append(data, bytes, len);
}

/* Jansson's numbers end at INT64_MAX, and so do those in here. */
static void check_jsonl(const struct tw_buf *b, const trawl_result *r)
{
    json_t *j = json_loadb(b->data, b->len, JSON_ALLOW_NUL, NULL);
    const json_t *excerpt = json_object_get(j, "excerpt");

    require(json_is_string(excerpt) && json_is_string(json_object_get(j, "body")));
    require(memchr(b->data, '\n', b->len) == b->data + b->len - 1);
    if (r->excerpt_len == 0 || u8_check((const uint8_t *)r->excerpt, r->excerpt_len) == NULL)
        require(json_string_length(excerpt) == r->excerpt_len &&
                memcmp(json_string_value(excerpt), r->excerpt, r->excerpt_len) == 0);
    json_decref(j);
}

/* The head and one record, of twenty fields each. */
static void check_csv(const struct tw_buf *b)
{
    size_t i, fields = 1, records = 0;
    bool quoted = false;

    for (i = 0; i < b->len; i++) {
        require(b->data[i] != '\0');
        if (b->data[i] == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        fields += b->data[i] == ',';
        if (b->data[i] == '\n') {
            require(b->data[i - 1] == '\r' && fields == 20);
            records++;
            fields = 1;
        }
    }
    require(!quoted && records == 2 && b->data[b->len - 1] == '\n');
}

/* The length of the colour at s. */
static size_t sgr_len(const char *s)
{
    size_t len = 2 + strspn(s + 2, "0123456789;");

    require(s[1] == '[' && s[len] == 'm');
    return len + 1;
}

static bool is_harmful(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static void check_text(const struct tw_buf *b, const trawl_sink_options *options)
{
    const char *s = b->data, *end = b->data + b->len - 1;
    bool on = false;
    int width = 0, len;
    ucs4_t c;

    while (s < end) {
        if (*s == '\033' && options->color) {
            on = strncmp(s, "\033[0m", 4) != 0;
            s += sgr_len(s);
            continue;
        }
        len = u8_mbtouc(&c, (const uint8_t *)s, (size_t)(end - s));
        require(!is_harmful(c));
        width += uc_width(c, "UTF-8");
        s += len;
    }
    require(*end == '\n' && !on);
    require(options->columns == 0 || width <= (int)options->columns);
}

/* A record that is written in steps is the same. */
static void check_steps(const char *format, const trawl_sink_options *options, const trawl_result *r,
                        const struct tw_buf *whole)
{
    struct tw_buf b = {0};
    trawl_record *record;
    trawl_sink *sink;

    require(trawl_sink_open(&sink, format, options, on_write, &b) == 0);
    require(trawl_record_open(&record, sink, INT64_MAX, r) == 0);
    while (trawl_record_step(record, 64) == 1)
        ;
    trawl_record_close(record);
    require(trawl_sink_close(sink) == 0);
    require(b.len == whole->len && memcmp(b.data, whole->data, b.len) == 0);
    tw_buf_free(&b);
}

static void check_format(const char *format, const trawl_sink_options *options,
                         const trawl_result *r)
{
    struct tw_buf b = {0};
    trawl_sink *sink;

    require(trawl_sink_open(&sink, format, options, on_write, &b) == 0);
    require(trawl_sink_add(sink, INT64_MAX, r) == 0);
    require(trawl_sink_close(sink) == 0);
    require(u8_check((const uint8_t *)b.data, b.len) == NULL);
    check_steps(format, options, r, &b);
    if (strcmp(format, "jsonl") == 0)
        check_jsonl(&b, r);
    else if (strcmp(format, "csv") == 0)
        check_csv(&b);
    else
        check_text(&b, options);
    tw_buf_free(&b);
}

static void check_all(struct input *in, const trawl_result *r)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    const char *const *name;

    options.body = true;
    options.color = take_byte(in) % 2 != 0;
    options.columns = take_byte(in);
    for (name = trawl_sink_names(); *name != NULL; name++)
        check_format(*name, &options, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t url_len, excerpt_len, body_len;
    char *url = take_bytes(&in, &url_len);
    char *final_url = take_string(&in);
    char *type = take_string(&in);
    char *charset = take_string(&in);
    char *ip = take_string(&in);
    char *detail = take_string(&in);
    char *excerpt = take_bytes(&in, &excerpt_len);
    char *body = take_bytes(&in, &body_len);
    trawl_result r = {
        .url = url,
        .url_len = url_len,
        .final_url = final_url,
        .content_type = type,
        .charset = charset,
        .ip = ip,
        .detail = detail == NULL ? "" : detail,
        .excerpt = excerpt,
        .excerpt_len = excerpt_len,
        .body = body,
        .body_len = body_len,
        .error = -(int)(take_byte(&in) % 100),
        .status = (int)take_byte(&in) * 4,
        .http_version = (int)take_byte(&in),
        .redirects = take_byte(&in) % 2,
        .bytes = UINT64_C(1) << take_byte(&in) % 63,
        .timing = {.total_us = UINT64_C(1) << take_byte(&in) % 64},
    };

    check_all(&in, &r);
    free(url);
    free(final_url);
    free(type);
    free(charset);
    free(ip);
    free(detail);
    free(excerpt);
    free(body);
    return 0;
}
