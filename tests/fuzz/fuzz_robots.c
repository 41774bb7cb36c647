/* A byte that says how much may be kept, a line with a URL's path, and a robots.txt. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/robots.h"

#define AGENT "trawl"

static void require(bool ok)
{
    if (!ok)
        abort();
}

static struct tw_robots *parse(const char *text, size_t len, size_t max_bytes)
{
    struct tw_robots *r = NULL;

    require(tw_robots_parse(&r, text, len, AGENT, max_bytes) == 0);
    return r;
}

static void check_info(const struct tw_robots *r, size_t len)
{
    const struct tw_robots_info *info = tw_robots_info(r);

    require(info->rules + info->sitemaps + info->ignored <= info->lines && info->lines <= len);
    for (size_t i = 0; i < info->sitemaps; i++) {
        size_t line = 0;
        const char *value = tw_robots_sitemap(r, i, &line);

        require(strlen(value) <= len && line >= 1 && line <= len + 1);
    }
}

static bool is_allow(const char *rule)
{
    return tw_ascii_equal(rule, "allow", 5);
}

/* The deciding rule decides alone too. */
static void check_alone(const struct tw_url *url, const struct tw_robots_verdict *verdict)
{
    static const char head[] = "User-agent: *\n";
    size_t len = sizeof(head) - 1 + strlen(verdict->rule);
    char *text = malloc(len + 1);
    struct tw_robots_verdict alone;
    struct tw_robots *r;

    require(text != NULL);
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + sizeof(head) - 1, verdict->rule, strlen(verdict->rule) + 1);
    r = parse(text, len, SIZE_MAX);
    require(tw_robots_judge(r, url, &alone) == 0);
    require(alone.line == 2 && alone.allowed == verdict->allowed);
    require(strcmp(alone.rule, verdict->rule) == 0);
    tw_robots_free(r);
    free(text);
}

static void check_verdict(const struct tw_robots *r, const struct tw_url *url, bool has_nul)
{
    struct tw_robots_verdict verdict;

    require(tw_robots_judge(r, url, &verdict) == 0);
    require((verdict.rule == NULL) == (verdict.line == 0));
    if (verdict.rule == NULL) {
        require(verdict.allowed);
        return;
    }
    require(verdict.allowed == is_allow(verdict.rule));
    require(verdict.allowed || tw_ascii_equal(verdict.rule, "disallow", 8));
    /* A rule as a string ends at its first NUL. */
    if (!has_nul)
        check_alone(url, &verdict);
}

/* What is kept of a file is what a reader of its beginning keeps, and fits. */
static void check_bound(const char *text, size_t len, size_t max_bytes,
                        const struct tw_robots *whole)
{
    struct tw_robots *r = parse(text, len, max_bytes);
    const struct tw_robots_info *info = tw_robots_info(r), *all = tw_robots_info(whole);

    require(tw_robots_size(r) <= max_bytes + 256);
    require(info->rules <= all->rules && info->sitemaps <= all->sitemaps);
    require(info->cut || (info->rules == all->rules && info->sitemaps == all->sitemaps));
    require(info->lines == all->lines && info->delay_ms == all->delay_ms);
    check_info(r, len);
    tw_robots_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char base_text[] = "http://a/";
    const char *path = (const char *)data + 1, *text, *end = (const char *)data + size;
    struct tw_url base, url;
    struct tw_robots *r;

    if (size < 2)
        return 0;
    text = memchr(path, '\n', size - 1);
    if (text == NULL)
        return 0;
    require(tw_url_parse(&base, base_text, sizeof(base_text) - 1, NULL, NULL) == 0);
    r = parse(text, (size_t)(end - text), SIZE_MAX);
    check_info(r, (size_t)(end - text));
    check_bound(text, (size_t)(end - text), (size_t)data[0] * 16, r);
    if (tw_url_parse(&url, path, (size_t)(text - path), &base, NULL) == 0) {
        check_verdict(r, &url, memchr(text, '\0', (size_t)(end - text)) != NULL);
        tw_url_free(&url);
    }
    tw_robots_free(r);
    tw_url_free(&base);
    return 0;
}
