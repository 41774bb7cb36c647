/* What a fetch came to, in the public struct; and what the log says of it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crawl/core.h"
#include "parse/charset.h"

/* The Encoding standard's prescan looks at this much. */
#define SNIFF_BYTES 1024

static void fill_times(trawl_result *r, const struct fetch *f, const struct tw_outcome *out)
{
    if (f->started_ns != 0)
        r->timing.total_us = (uv_hrtime() - f->started_ns) / 1000;
    if (out == NULL)
        return;
    r->timing.dns_us = out->dns_us;
    r->timing.connect_us = out->connect_us;
    r->timing.tls_us = out->tls_us;
    r->timing.first_byte_us = out->first_byte_us;
}

static void fill_excerpt(trawl *t, trawl_result *r)
{
    t->excerpt.len = 0;
    r->excerpt = "";
    if (t->options->excerpt == 0 || r->body_len == 0)
        return;
    if (tw_text_excerpt(t->text, &t->excerpt, r->charset, r->body, r->body_len,
                        t->options->excerpt) != 0 ||
        t->excerpt.len == 0)
        return;
    r->excerpt = t->excerpt.data;
    r->excerpt_len = t->excerpt.len;
}

static void fill_body(trawl *t, trawl_result *r, struct flight *flight)
{
    size_t sniff = flight->body.len < SNIFF_BYTES ? flight->body.len : SNIFF_BYTES;

    r->headers = tw_headers_list(&flight->headers, &r->header_count);
    r->content_type = tw_headers_get(&flight->headers, "content-type");
    r->body = flight->body.data == NULL ? "" : flight->body.data;
    r->body_len = flight->body.len;
    r->bytes = flight->bytes;
    r->charset = tw_charset_sniff(r->content_type, r->body, sniff);
    fill_excerpt(t, r);
}

static void fill_exchange(trawl *t, trawl_result *r, struct flight *flight)
{
    const struct tw_outcome *out = &flight->job.out;

    r->curl_code = out->curl_code;
    if (r->error == out->error)
        r->detail = out->detail;
    r->status = out->status;
    r->http_version = out->status == 0 ? 0 : out->http_version;
    r->ip = out->ip[0] == '\0' ? NULL : out->ip;
    r->port = out->port;
    if (out->status != 0)
        fill_body(t, r, flight);
}

/* In scratch where something has to be masked. NULL, and the URL is left out, only without
 * memory. */
static const char *masked(struct tw_buf *scratch, const struct tw_url *u)
{
    size_t size;

    if (u->userinfo.len == 0)
        return u->href;
    size = tw_url_mask(NULL, 0, u->href, u->len) + 1;
    scratch->len = 0;
    if (tw_buf_reserve(scratch, size) != 0)
        return NULL;
    tw_url_mask(scratch->data, size, u->href, u->len);
    return scratch->data;
}

void tw_result_fill(trawl *t, trawl_result *r, struct fetch *f, struct flight *flight, int error)
{
    *r = (trawl_result){0};
    r->id = tw_fetch_id(f);
    r->data = f->request.data;
    r->url = f->request.url;
    r->url_len = f->request.url_len;
    r->final_url = f->url.href == NULL ? NULL : masked(&t->final_url, &f->url);
    r->error = error;
    r->detail = "";
    r->body = r->excerpt = "";
    r->wire_bytes = f->wire_bytes;
    r->redirects = f->redirects;
    r->tries = f->tries;
    if (flight != NULL)
        fill_exchange(t, r, flight);
    /* The parser's words, where they say more than the code does. */
    if (error != 0 && f->reason != NULL && strcmp(f->reason, trawl_strerror(error)) != 0)
        r->detail = f->reason;
    fill_times(r, f, flight == NULL ? NULL : &flight->job.out);
}

void tw_crawl_log(trawl *t, int level, const struct fetch *f, const char *format, ...)
{
    struct tw_buf scratch = {0};
    char text[512];
    const char *url;
    enum tw_stage before;
    va_list args;
    int n;

    if (t->options->log == NULL || level > t->options->log_level || f->url.href == NULL)
        return;
    url = masked(&scratch, &f->url);
    n = snprintf(text, sizeof(text), "%.300s: ", url == NULL ? "" : url);
    va_start(args, format);
    vsnprintf(text + n, sizeof(text) - (size_t)n, format, args);
    va_end(args);
    tw_buf_free(&scratch);
    before = tw_stay_go(&t->stay, TW_STAGE_CALLER);
    t->options->log(t->options->log_data, level, text);
    tw_stay_go(&t->stay, before);
}
