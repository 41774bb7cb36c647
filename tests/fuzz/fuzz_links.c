/* The first byte chooses what is read: HTML, CSS, a Link field, a srcset or a refresh; of HTML
 * the second one chooses charset and flags, the third how many bytes a step reads. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse/css.h"
#include "parse/link_header.h"
#include "parse/links.h"
#include "parse/links_rel.h"
#include "parse/srcset.h"

static const char *const charsets[] = {
    "UTF-8", NULL, "windows-1252", "Shift_JIS", "UTF-16LE", "ISO-2022-JP", "gb18030", "EUC-JP",
};

static void require(bool ok)
{
    if (!ok)
        abort();
}

struct sum {
    size_t links;
    uint64_t hash;
};

static bool add_link(void *user, const struct tw_found_link *link)
{
    struct sum *s = user;

    require(tw_text_is_utf8(link->value, link->len));
    require(tw_text_is_utf8(link->rel, strlen(link->rel)));
    require(link->tag != NULL && link->attribute != NULL);
    require(link->kind == TW_LINK_NAVIGATION || link->kind == TW_LINK_REQUISITE);
    require(link->url == NULL || (link->err == 0 && strncmp(link->url->href, "http", 4) == 0));
    s->links++;
    for (size_t i = 0; i < link->len; i++)
        s->hash = (s->hash ^ (uint8_t)link->value[i]) * 0x100000001b3u;
    s->hash = (s->hash ^ link->at) * 0x100000001b3u;
    return true;
}

static struct sum scan(struct tw_text *text, const uint8_t *data, size_t size, uint8_t how,
                       size_t step)
{
    static const char agent[] = "fuzz", address[] = "http://host/dir/page";
    struct sum sum = {0};
    struct tw_links_options options = {
        .flags = how >> 4,
        .charset = charsets[how & 7],
        .robots_agent = agent,
        .text = text,
        .on_link = add_link,
        .user = &sum,
    };
    struct tw_links *links;
    struct tw_url url;

    require(tw_url_parse(&url, address, strlen(address), NULL, NULL) == 0);
    options.url = how & 8 ? &url : NULL;
    require(tw_links_open(&links, &options, data, size) == 0);
    while (tw_links_step(links, step) > 0)
        ;
    require(tw_links_info(links)->links == sum.links);
    require(tw_links_info(links)->title_len <= 1024);
    require(tw_text_is_utf8(tw_links_info(links)->title, tw_links_info(links)->title_len));
    tw_links_close(links);
    tw_url_free(&url);
    return sum;
}

/* It does not matter how large the steps are. */
static void check_html(struct tw_text *text, const uint8_t *data, size_t size)
{
    struct sum whole, steps;

    if (size < 2)
        return;
    whole = scan(text, data + 2, size - 2, data[0], SIZE_MAX);
    steps = scan(text, data + 2, size - 2, data[0], data[1]);
    require(whole.links == steps.links && whole.hash == steps.hash);
}

static void check_css(const char *p, size_t size)
{
    struct tw_css css = {.p = p, .end = p + size, .max = 1000};
    struct tw_buf out = {0};
    bool is_import;
    int found;

    while ((found = tw_css_next(&css, &out, &is_import)) > 0)
        require(out.len > 0 && css.p <= css.end);
    require(found == 0);
    tw_buf_free(&out);
}

static void check_srcset(const char *p, size_t size)
{
    struct tw_srcset in = {.p = p, .end = p + size};
    const char *url;
    size_t len;

    while (tw_srcset_next(&in, &url, &len))
        require(len > 0 && url >= p && url + len <= in.p && in.p <= p + size);
}

static void check_refresh(const char *p, size_t size)
{
    const char *url;
    size_t len;

    if (tw_refresh_url(p, size, &url, &len))
        require(url >= p && url + len <= p + size);
    require(tw_robots_tag(p, size, "fuzz") <= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tw_text *text;
    struct sum sum = {0};

    if (text == NULL)
        require(tw_text_open(&text) == 0);
    if (size < 2)
        return 0;
    switch (data[0] % 8) {
    case 0: check_css((const char *)data + 1, size - 1); break;
    case 1: check_srcset((const char *)data + 1, size - 1); break;
    case 2: check_refresh((const char *)data + 1, size - 1); break;
    case 3:
        require(tw_link_header_parse((const char *)data + 1, size - 1, NULL, add_link, &sum) ==
                0);
        break;
    default: check_html(text, data + 1, size - 1);
    }
    return 0;
}
