/* The first byte chooses what is read: HTML, CSS, a Link field, a srcset or a refresh; of HTML
 * the second one chooses charset and flags, the third how many bytes a step reads, as the
 * second does of CSS and srcset. What is found does not depend on the steps. */
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

/* All that is found, in pieces of that many bytes. */
static struct sum css_in_steps(const char *p, size_t size, size_t step)
{
    struct tw_css css = {.p = p, .end = p + size, .max = 50};
    struct tw_buf out = {0};
    struct sum sum = {0};
    bool is_import;
    int found = 1;

    while (found > 0 || css.p < css.end) {
        css.stop = (size_t)(css.end - css.p) > step ? css.p + step : css.end;
        found = tw_css_next(&css, &out, &is_import);
        require(found >= 0 && css.p <= css.end);
        if (found == 0)
            continue;
        require(out.len > 0 && out.len <= css.max);
        sum.links += 1 + is_import;
        for (size_t i = 0; i < out.len; i++)
            sum.hash = (sum.hash ^ (uint8_t)out.data[i]) * 0x100000001b3u;
    }
    tw_buf_free(&out);
    return sum;
}

static void check_css(const char *p, size_t size, size_t step)
{
    struct sum whole = css_in_steps(p, size, SIZE_MAX), steps = css_in_steps(p, size, step);

    require(whole.links == steps.links && whole.hash == steps.hash);
}

static struct sum srcset_in_steps(const char *p, size_t size, size_t step)
{
    struct tw_srcset in = {.p = p, .end = p + size};
    struct sum sum = {0};
    bool found = true;
    const char *url;
    size_t len;

    while (found || in.p < in.end) {
        in.stop = (size_t)(in.end - in.p) > step ? in.p + step : in.end;
        found = tw_srcset_next(&in, &url, &len);
        if (!found)
            continue;
        require(len > 0 && url >= p && url + len <= in.p && in.p <= p + size);
        sum.links++;
        sum.hash = (sum.hash ^ (size_t)(url - p)) * 0x100000001b3u ^ len;
    }
    return sum;
}

static void check_srcset(const char *p, size_t size, size_t step)
{
    struct sum whole = srcset_in_steps(p, size, SIZE_MAX),
               steps = srcset_in_steps(p, size, step);

    require(whole.links == steps.links && whole.hash == steps.hash);
}

static struct sum field_in_steps(const char *p, size_t size, size_t step)
{
    struct sum sum = {0};
    size_t at = 0;

    while (at < size) {
        size_t left = step;

        require(tw_link_header_parse(p, size, &at, &left, NULL, add_link, &sum) == 0);
    }
    return sum;
}

static void check_field(const char *p, size_t size)
{
    struct sum whole = field_in_steps(p, size, SIZE_MAX), steps = field_in_steps(p, size, 1);

    require(whole.links == steps.links && whole.hash == steps.hash);
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

    if (text == NULL)
        require(tw_text_open(&text) == 0);
    if (size < 2)
        return 0;
    switch (data[0] % 8) {
    case 0: check_css((const char *)data + 2, size - 2, 1 + data[1] % 16u); break;
    case 1: check_srcset((const char *)data + 2, size - 2, 1 + data[1] % 16u); break;
    case 2: check_refresh((const char *)data + 1, size - 1); break;
    case 3: check_field((const char *)data + 1, size - 1); break;
    default: check_html(text, data + 1, size - 1);
    }
    return 0;
}
