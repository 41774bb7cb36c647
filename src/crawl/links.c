/* trawl_links(): the links of a document that is at hand. */
#include <stdlib.h>
#include <string.h>

#include "crawl/reader.h"
#include "parse/charset.h"
#include "trawl.h"

#define SLICE ((size_t)1 << 20)

struct caller {
    const trawl_links_options *options;
    int answer; /* of on_link */
};

static bool on_link(void *user, const struct tw_read_link *link)
{
    struct caller *caller = user;
    trawl_link out = {
        .tag = link->tag,
        .attribute = link->attribute,
        .rel = link->rel,
        .is_requisite = link->is_requisite,
        .nofollow = link->nofollow,
    };

    if (link->url == NULL)
        return true;
    out.url = link->url->href;
    caller->answer = caller->options->on_link(caller->options->data, &out);
    return caller->answer == 0;
}

static int options_copy(trawl_links_options *to, const trawl_links_options *from)
{
    trawl_links_options whole = TRAWL_LINKS_OPTIONS_INIT;

    if (from == NULL || from->size < offsetof(trawl_links_options, data) ||
        from->size > sizeof(whole))
        return TRAWL_EINVAL;
    memcpy(&whole, from, from->size);
    if (whole.on_link == NULL)
        return TRAWL_EINVAL;
    *to = whole;
    return 0;
}

/* What the caller says of the document, or what the document shows. */
static int settle(struct tw_reader_options *o, const trawl_links_options *options,
                  const char *bytes, size_t len)
{
    char essence[TW_MIME_MAX];

    o->kind = tw_reader_sniff(bytes, len);
    if (options->type != NULL) {
        tw_mime_essence(options->type, essence);
        o->kind = tw_mime_kind(essence);
        if (o->kind == TW_MIME_OTHER)
            return TRAWL_EINVAL;
    }
    o->charset = tw_charset_sniff(options->type, bytes, len < 1024 ? len : 1024);
    if (options->charset != NULL) {
        o->charset = tw_charset_label(options->charset, strlen(options->charset));
        if (o->charset == NULL)
            return TRAWL_EINVAL;
    }
    return 0;
}

static int read_all(const struct tw_reader_options *options, const char *bytes, size_t len)
{
    struct tw_reader *reader;
    int more = tw_reader_open(&reader, options, bytes, len);

    if (more != 0)
        return more;
    while ((more = tw_reader_step(reader, SLICE)) == 1)
        ;
    tw_reader_close(reader);
    return more;
}

int trawl_links(const trawl_links_options *options, const char *bytes, size_t len)
{
    trawl_links_options copy;
    struct caller caller = {.options = &copy};
    struct tw_reader_options o = {.on_link = on_link, .user = &caller};
    struct tw_url base = {0};
    int err = options_copy(&copy, options);

    if (err == 0)
        err = settle(&o, &copy, bytes, len);
    if (err != 0)
        return err;
    o.lazy_attributes = copy.lazy_attributes;
    if (copy.base != NULL) {
        err = tw_url_guess(&base, copy.base, strlen(copy.base), NULL);
        if (err != 0)
            return err == TRAWL_ENOMEM ? err : TRAWL_EURL;
        o.url = &base;
    }
    err = tw_text_open(&o.text);
    if (err == 0)
        err = read_all(&o, bytes, len);
    tw_text_free(o.text);
    tw_url_free(&base);
    return caller.answer != 0 ? caller.answer : err;
}
