/* URL parsing: the first byte says how much of the rest is the base. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse/url.h"
#include "parse/url_clean.h"

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_span(const struct tw_url *u, struct tw_span span)
{
    require(span.at <= u->len && span.len <= u->len - span.at);
}

static void check_layout(const struct tw_url *u)
{
    require(strlen(u->href) == u->len);
    check_span(u, u->scheme);
    check_span(u, u->userinfo);
    check_span(u, u->host);
    check_span(u, u->port);
    check_span(u, u->path);
    check_span(u, u->query);
    require(u->host.len > 0 && u->path.len > 0 && u->href[u->path.at] == '/');
    size_t end = u->path.at + u->path.len;
    require(u->query.at ? u->query.at == end + 1 && u->href[end] == '?' &&
                              u->query.at + u->query.len == u->len
                        : end == u->len);
    require(!u->fragment || strlen(u->fragment) == u->fragment_len);
    for (size_t i = 0; i < u->len; i++)
        require(u->href[i] > ' ' && u->href[i] < 0x7f);
}

static void check_idempotence(const struct tw_url *u)
{
    struct tw_url again;
    require(tw_url_parse(&again, u->href, u->len, NULL, NULL) == 0);
    require(again.len == u->len && memcmp(again.href, u->href, u->len) == 0);
    require(again.port_number == u->port_number && again.host_is_ip == u->host_is_ip);
    require(tw_url_same_origin(&again, u));
    tw_url_free(&again);
}

static void check_parts(const struct tw_url *u)
{
    char *user = NULL, *password = NULL, *stripped = NULL;
    struct tw_url bare;
    if (tw_url_userinfo(u, &user, &password) == 0)
        require((user != NULL) == (u->userinfo.len > 0) && (user || !password));
    require(tw_url_strip(u, &stripped) == 0);
    require(tw_url_parse(&bare, stripped, strlen(stripped), NULL, NULL) == 0);
    require(bare.userinfo.len == 0 && tw_url_same_origin(u, &bare));
    free(user);
    free(password);
    free(stripped);
    tw_url_free(&bare);
}

/* Where the parser took credentials from the input, it takes only the mask from the masked one:
 * none of theirs is left. Where it took none, it takes none from the masked one either, or the
 * mask. */
static void check_mask(const char *input, size_t len, const struct tw_url *base,
                       const struct tw_url *u)
{
    size_t need = tw_url_mask(NULL, 0, input, len);
    char *masked = malloc(need + 1);
    require(masked != NULL);
    require(tw_url_mask(masked, need + 1, input, len) == need && masked[need] == '\0');
    struct tw_url after;
    bool own = u && u->userinfo.len && !(base && base->userinfo.len);
    if (tw_url_parse(&after, masked, need, base, NULL) == 0) {
        if (own)
            require(after.userinfo.len == 3 &&
                    memcmp(after.href + after.userinfo.at, "***", 3) == 0);
        tw_url_free(&after);
    }
    free(masked);
}

/* A cleaned URL is one of the same origin, and no longer than before. */
static void check_clean(const struct tw_url *u)
{
    for (unsigned what = 0; what < 8; what++) {
        struct tw_url clean;
        int changed = tw_url_clean(&clean, u, what);
        require(changed == 0 || (changed == 1 && what > 0));
        if (!changed)
            continue;
        check_layout(&clean);
        check_idempotence(&clean);
        require(tw_url_same_origin(&clean, u) && clean.len <= u->len);
        require(clean.fragment_len == u->fragment_len);
        tw_url_free(&clean);
    }
}

static void check(int rc, const char *input, size_t len, const struct tw_url *base,
                  struct tw_url *u)
{
    check_mask(input, len, base, rc ? NULL : u);
    if (rc)
        return;
    check_layout(u);
    check_idempotence(u);
    check_parts(u);
    check_clean(u);
    tw_url_free(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t base_len = data[0] < size ? data[0] : 0;
    const char *base_text = (const char *)data + 1;
    const char *input = base_text + base_len;
    size_t len = size - 1 - base_len;
    struct tw_url base, u;
    bool has_base = tw_url_parse(&base, base_text, base_len, NULL, NULL) == 0;
    check(tw_url_parse(&u, input, len, has_base ? &base : NULL, NULL), input, len,
          has_base ? &base : NULL, &u);
    check(tw_url_guess(&u, input, len, NULL), input, len, NULL, &u);
    if (has_base)
        tw_url_free(&base);
    return 0;
}
