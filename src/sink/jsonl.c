/* JSON Lines; the members are listed in sink.h. */
#include "sink/sink.h"

#include <string.h>

#include "sink/json.h"
#include "sink/utf8.h"

static void string(struct tw_out *out, const char *s, size_t len)
{
    tw_json_string(out, tw_out_valid(out, s, len));
}

static void string_or_null(struct tw_out *out, const char *s)
{
    if (s == NULL)
        tw_out_lit(out, "null");
    else
        string(out, s, strlen(s));
}

static void timing(struct tw_out *out, const trawl_timing *t)
{
    tw_out_lit(out, ",\"ms\":{\"dns\":");
    tw_out_ms(out, t->dns_us);
    tw_out_lit(out, ",\"connect\":");
    tw_out_ms(out, t->connect_us);
    tw_out_lit(out, ",\"tls\":");
    tw_out_ms(out, t->tls_us);
    tw_out_lit(out, ",\"first_byte\":");
    tw_out_ms(out, t->first_byte_us);
    tw_out_lit(out, ",\"total\":");
    tw_out_ms(out, t->total_us);
    tw_out_lit(out, "}");
}

static void error(struct tw_out *out, const trawl_result *r)
{
    tw_out_lit(out, ",\"error\":");
    if (r->error == 0) {
        tw_out_lit(out, "null");
        return;
    }
    tw_out_lit(out, "{\"name\":");
    string_or_null(out, trawl_err_name(r->error));
    tw_out_lit(out, ",\"message\":");
    tw_json_string(out, tw_out_message(out, r));
    tw_out_lit(out, "}");
}

/* Less than this is not worth a step, and might be no character. */
#define STEP_MIN ((size_t)64)

/* A piece of the body from where it is, of max bytes or as many as are left. */
static size_t piece_len(const struct tw_sink_body *body, size_t max)
{
    size_t left = body->len - body->at;

    max = max < STEP_MIN ? STEP_MIN : max;
    return left < max ? left : max;
}

/* All of it has to be seen before the first byte can be written. */
static void check_form(struct tw_out *out, struct tw_sink_body *body, size_t max)
{
    size_t n = piece_len(body, max), valid = tw_utf8_valid_len(body->s + body->at, n);
    bool is_last = body->at + n == body->len;

    body->at += valid;
    if (valid == n && !is_last)
        return;
    if (valid < n && !is_last && n - valid < 4)
        return; /* perhaps the piece ends inside of a character */
    body->form = valid == n ? TW_BODY_TEXT : TW_BODY_BASE64;
    body->at = 0;
    tw_out_lit(out, ",\"body\":\"");
}

static void put_text(struct tw_out *out, struct tw_sink_body *body, size_t max)
{
    const char *s = body->s + body->at;
    size_t n = piece_len(body, max);

    while (body->at + n < body->len && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--; /* back to where a character begins */
    tw_json_text(out, (struct tw_str){s, n});
    body->at += n;
}

static void put_base64(struct tw_out *out, struct tw_sink_body *body, size_t max)
{
    size_t n = piece_len(body, max);

    if (body->at + n < body->len)
        n -= n % 3; /* padding stands at the end only */
    tw_out_base64(out, body->s + body->at, n);
    body->at += n;
}

static bool body(struct tw_out *out, struct tw_sink_body *body, size_t max)
{
    switch (body->form) {
    case TW_BODY_UNKNOWN: check_form(out, body, max); return true;
    case TW_BODY_TEXT: put_text(out, body, max); break;
    case TW_BODY_BASE64: put_base64(out, body, max); break;
    }
    if (body->at < body->len)
        return true;
    if (body->form == TW_BODY_TEXT)
        tw_out_lit(out, "\",\"body_encoding\":\"utf-8\"}\n");
    else
        tw_out_lit(out, "\",\"body_encoding\":\"base64\"}\n");
    return false;
}

static void response(struct tw_out *out, const trawl_result *r)
{
    tw_out_lit(out, ",\"status\":");
    tw_out_uint(out, r->status < 0 ? 0 : (uint64_t)r->status);
    tw_out_lit(out, ",\"http_version\":");
    string_or_null(out, tw_http_version_name(r->http_version));
    tw_out_lit(out, ",\"content_type\":");
    string_or_null(out, r->content_type);
    tw_out_lit(out, ",\"charset\":");
    string_or_null(out, r->charset);
    tw_out_lit(out, ",\"bytes\":");
    tw_out_uint(out, r->bytes);
    tw_out_lit(out, ",\"wire_bytes\":");
    tw_out_uint(out, r->wire_bytes);
    tw_out_lit(out, ",\"ip\":");
    string_or_null(out, r->ip);
}

static void crawl(struct tw_out *out, const trawl_page *page)
{
    tw_out_lit(out, ",\"depth\":");
    tw_out_uint(out, page->depth);
    tw_out_lit(out, ",\"from\":");
    string_or_null(out, page->from);
    tw_out_lit(out, ",\"links\":");
    tw_out_uint(out, page->links);
    tw_out_lit(out, ",\"title\":");
    string_or_null(out, page->title);
    tw_out_lit(out, ",\"digest\":");
    string_or_null(out, page->digest[0] != '\0' ? page->digest : NULL);
    tw_out_lit(out, ",\"repeats\":");
    if (page->is_repeat)
        tw_out_uint(out, page->repeats);
    else
        tw_out_lit(out, "null");
}

static void add(struct tw_out *out, const trawl_sink_options *options, uint64_t index,
                const trawl_result *r, const trawl_page *page)
{
    static const trawl_page none;

    tw_out_lit(out, "{\"index\":");
    tw_out_uint(out, index);
    tw_out_lit(out, ",\"url\":");
    string(out, r->url, r->url_len);
    tw_out_lit(out, ",\"final_url\":");
    string_or_null(out, r->final_url);
    response(out, r);
    tw_out_lit(out, ",\"redirects\":");
    tw_out_uint(out, r->redirects);
    tw_out_lit(out, ",\"tries\":");
    tw_out_uint(out, r->tries);
    timing(out, &r->timing);
    tw_out_lit(out, ",\"excerpt\":");
    string(out, r->excerpt, r->excerpt_len);
    error(out, r);
    if (options->crawl)
        crawl(out, page != NULL ? page : &none);
    if (!options->body)
        tw_out_lit(out, "}\n");
}

const struct tw_sink_ops tw_sink_jsonl = {NULL, add, body};
