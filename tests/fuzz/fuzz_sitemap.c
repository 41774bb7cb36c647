/* A byte that says how large the pieces are, and the steps, and a sitemap: what comes out does
 * not depend on how it is cut. With a first byte of 0 the rest is compressed first. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/map.h"
#include "parse/ascii.h"
#include "parse/sitemap.h"

static void require(bool ok)
{
    if (!ok)
        abort();
}

struct out {
    uint64_t digest;
    size_t count;
};

static int on_entry(void *data, const struct tw_sitemap_entry *e)
{
    struct out *out = data;

    require(e->len > 0 && e->len <= TW_SITEMAP_URL_MAX && strlen(e->url) == e->len);
    require(!tw_ascii_is_space(e->url[0]) && !tw_ascii_is_space(e->url[e->len - 1]));
    require(e->priority <= 1000 && e->line >= 1 && e->kind != TW_SITEMAP_UNKNOWN);
    require(e->lastmod == NULL || e->lastmod[0] != '\0');
    out->digest = tw_hash(e->url, e->len, out->digest + e->priority + e->line);
    if (e->lastmod != NULL)
        out->digest = tw_hash(e->lastmod, strlen(e->lastmod), out->digest);
    out->count++;
    return out->count == 100;
}

static struct tw_sitemap_info run(const uint8_t *data, size_t size, size_t piece, size_t max,
                                  struct out *out)
{
    static const struct tw_sitemap_limits limits = {50, 100000};
    struct tw_sitemap_info info;
    struct tw_sitemap *s;

    *out = (struct out){0};
    require(tw_sitemap_open(&s, &limits, on_entry, out) == 0);
    for (size_t at = 0, used; at < size; at += used)
        if (tw_sitemap_step(s, data + at, size - at < piece ? size - at : piece, max, &used) !=
            TW_SITEMAP_OK)
            break;
    tw_sitemap_end(s);
    info = *tw_sitemap_info(s);
    tw_sitemap_free(s);
    require(info.urls == out->count && info.urls <= limits.max_urls);
    require(info.bytes <= limits.max_bytes);
    require((info.state == TW_SITEMAP_OK || info.state == TW_SITEMAP_STOPPED) ==
            (info.reason[0] == '\0'));
    require(info.state != TW_SITEMAP_OK || info.kind != TW_SITEMAP_UNKNOWN);
    return info;
}

/* Of two faults, expat names the first that it can see: junk after the root, or a byte in it that is none. */
static bool is_named_by_expat(const struct tw_sitemap_info *info)
{
    static const char reason[] = "it is no well-formed XML";

    return strncmp(info->reason, reason, sizeof(reason) - 1) == 0;
}

static void check(const uint8_t *data, size_t size, size_t piece)
{
    struct out whole, cut;
    struct tw_sitemap_info a = run(data, size, size + 1, SIZE_MAX, &whole);
    struct tw_sitemap_info b = run(data, size, piece, 1 + piece / 2, &cut);

    require(whole.count == cut.count && whole.digest == cut.digest);
    require(a.state == b.state && a.kind == b.kind && a.ignored == b.ignored);
    require((is_named_by_expat(&a) && is_named_by_expat(&b)) ||
            (a.line == b.line && strcmp(a.reason, b.reason) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] > 0) {
        check(data + 1, size - 1, data[0]);
    } else {
        uLongf room = compressBound(size) + 64;
        uint8_t *bytes = malloc(room);
        z_stream z = {.next_in = (uint8_t *)data + 1, .avail_in = (unsigned)(size - 1)};

        require(bytes != NULL && deflateInit2(&z, 1, Z_DEFLATED, 31, 8, 0) == Z_OK);
        z.next_out = bytes;
        z.avail_out = (unsigned)room;
        require(deflate(&z, Z_FINISH) == Z_STREAM_END);
        deflateEnd(&z);
        check(bytes, z.total_out, 13);
        free(bytes);
    }
    return 0;
}
