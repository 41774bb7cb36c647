/* Comma-separated values, RFC 4180; the columns are listed in sink.h. */
#include "sink/sink.h"

#include <string.h>

static void head(struct tw_out *out, const trawl_sink_options *options)
{
    tw_out_lit(out, "index,url,final_url,status,http_version,content_type,charset,bytes,"
                    "wire_bytes,ip,redirects,tries,dns_ms,connect_ms,tls_ms,first_byte_ms,"
                    "total_ms,excerpt,error,error_message");
    if (options->crawl)
        tw_out_lit(out, ",depth,from,links,title,digest,repeats");
    tw_out_lit(out, "\r\n");
}

static bool needs_quotes(struct tw_str s)
{
    size_t i;

    for (i = 0; i < s.len; i++)
        if (s.s[i] == '"' || s.s[i] == ',' || s.s[i] == '\r' || s.s[i] == '\n')
            return true;
    return false;
}

/* Up to the first quote or NUL. */
static size_t plain_len(struct tw_str s)
{
    size_t i = 0;

    while (i < s.len && s.s[i] != '"' && s.s[i] != '\0')
        i++;
    return i;
}

static void field(struct tw_out *out, struct tw_str s)
{
    bool quotes = needs_quotes(s);
    size_t plain;

    if (quotes)
        tw_out_lit(out, "\"");
    while (s.len > 0 && out->err == 0) {
        plain = plain_len(s);
        tw_out_bytes(out, s.s, plain);
        if (plain == s.len)
            break;
        if (s.s[plain] == '"')
            tw_out_lit(out, "\"\"");
        else
            tw_out_lit(out, "\xef\xbf\xbd");
        s.s += plain + 1;
        s.len -= plain + 1;
    }
    if (quotes)
        tw_out_lit(out, "\"");
}

static void string(struct tw_out *out, const char *s)
{
    tw_out_lit(out, ",");
    field(out, tw_out_valid_z(out, s));
}

static void number(struct tw_out *out, uint64_t n)
{
    tw_out_lit(out, ",");
    tw_out_uint(out, n);
}

static void ms(struct tw_out *out, uint64_t us)
{
    tw_out_lit(out, ",");
    tw_out_ms(out, us);
}

static void crawl(struct tw_out *out, const trawl_page *page)
{
    number(out, page->depth);
    string(out, page->from);
    number(out, page->links);
    string(out, page->title);
    string(out, page->digest);
    tw_out_lit(out, ",");
    if (page->is_repeat)
        tw_out_uint(out, page->repeats);
}

static void add(struct tw_out *out, const trawl_sink_options *options, uint64_t index,
                const trawl_result *r, const trawl_page *page)
{
    static const trawl_page none;

    tw_out_uint(out, index);
    tw_out_lit(out, ",");
    field(out, tw_out_valid(out, r->url, r->url_len));
    string(out, r->final_url);
    number(out, r->status < 0 ? 0 : (uint64_t)r->status);
    string(out, tw_http_version_name(r->http_version));
    string(out, r->content_type);
    string(out, r->charset);
    number(out, r->bytes);
    number(out, r->wire_bytes);
    string(out, r->ip);
    number(out, r->redirects);
    number(out, r->tries);
    ms(out, r->timing.dns_us);
    ms(out, r->timing.connect_us);
    ms(out, r->timing.tls_us);
    ms(out, r->timing.first_byte_us);
    ms(out, r->timing.total_us);
    tw_out_lit(out, ",");
    field(out, tw_out_valid(out, r->excerpt, r->excerpt_len));
    string(out, r->error == 0 ? NULL : trawl_err_name(r->error));
    tw_out_lit(out, ",");
    field(out, tw_out_message(out, r));
    if (options->crawl)
        crawl(out, page != NULL ? page : &none);
    tw_out_lit(out, "\r\n");
}

const struct tw_sink_ops tw_sink_csv = {head, add, NULL};
