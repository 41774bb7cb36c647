/* One URL in many spellings, all of which the URL standard resolves to the canonical one. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "web.h"

struct parts {
    char url[WEB_URL_MAX];
    char scheme[8], host[200], port[8];
    const char *path; /* in url */
};

static void split(const struct web *w, struct ref ref, struct parts *p)
{
    const char *host, *colon, *end;

    web_url(w, ref, p->url);
    host = strstr(p->url, "://") + 3;
    snprintf(p->scheme, sizeof(p->scheme), "%.*s", (int)(host - 3 - p->url), p->url);
    p->path = end = strchr(host, '/');
    colon = memchr(host, ':', (size_t)(end - host));
    p->port[0] = '\0';
    if (colon != NULL)
        snprintf(p->port, sizeof(p->port), "%.*s", (int)(end - colon), colon);
    snprintf(p->host, sizeof(p->host), "%.*s", (int)((colon == NULL ? end : colon) - host), host);
}

/* ---- the host ---- */

static void add_literal(const char *host, uint64_t *rng, struct text *out)
{
    unsigned a, b;

    sscanf(host, "10.255.%u.%u", &a, &b);
    switch (rng_below(rng, 4)) {
    case 0: text_add(out, "0x0a.255.%u.%u", a, b); break;
    case 1: text_add(out, "%u", 10u << 24 | 255u << 16 | a << 8 | b); break;
    case 2: text_add(out, "012.0377.%u", a << 8 | b); break;
    default: text_add(out, "%s", host);
    }
}

static void add_host(const struct web *w, struct ref to, const struct parts *p, uint64_t *rng,
                     struct text *out)
{
    const char *idn = strstr(p->host, ".xn--bcher-kva");
    unsigned how = rng_below(rng, 4);

    if (web_host_is_literal(w, to.host) && strncmp(p->host, "10.", 3) == 0) {
        add_literal(p->host, rng, out);
        return;
    }
    if (idn != NULL && how < 2) {
        text_add(out, "%.*s%s%s", (int)(idn - p->host), p->host,
                 how == 0 ? ".b\xc3\xbc" : ".B\xc3\x9c", "cher.test");
        return;
    }
    for (const char *s = p->host; *s != '\0'; s++)
        text_add(out, "%c", how == 3 ? toupper((unsigned char)*s) : *s);
}

static void add_authority(const struct web *w, struct ref to, const struct parts *p,
                          uint64_t *rng, struct text *out)
{
    const char *usual = strcmp(p->scheme, "https") == 0 ? ":443" : ":80";

    add_host(w, to, p, rng, out);
    if (p->port[0] != '\0')
        text_add(out, rng_below(rng, 4) == 0 ? ":0%s" : ":%s", p->port + 1);
    else if (rng_below(rng, 5) == 0)
        text_add(out, "%s", rng_below(rng, 2) == 0 ? usual : ":");
}

/* ---- the path ---- */

/* What stands between two segments and means nothing. */
static void add_slash(uint64_t *rng, bool plain, struct text *out)
{
    static const char *const detours[] = {"./",          "x/../",      "%2e/", "a/%2E%2E/",
                                          "b/c/../.%2e/", "./y/.././"};

    text_add(out, "%s", !plain && rng_below(rng, 20) == 0 ? "\\" : "/");
    if (rng_below(rng, 8) == 0)
        text_add(out, "%s", detours[rng_below(rng, 6)]);
}

static bool add_decoded(const char **s, uint64_t *rng, bool plain, struct text *out)
{
    bool raw = rng_below(rng, 2) == 0;

    if (raw && strncmp(*s, "%C3%A9", 6) == 0) {
        text_add(out, "\xc3\xa9");
        *s += 6;
        return true;
    }
    if (raw && !plain && strncmp(*s, "%20", 3) == 0) {
        text_add(out, " ");
        *s += 3;
        return true;
    }
    return false;
}

/* Path and query, without the first slash. */
static void add_path(const char *s, uint64_t *rng, bool plain, struct text *out)
{
    bool query = false;

    while (*s != '\0') {
        if (add_decoded(&s, rng, plain, out))
            continue;
        query = query || *s == '?';
        if (*s == '/' && !query)
            add_slash(rng, plain, out);
        else
            text_put(out, s, 1);
        if (!plain && rng_below(rng, 200) == 0)
            text_add(out, "%s", rng_below(rng, 2) == 0 ? "\n" : "\t");
        s++;
    }
}

/* ---- the whole ---- */

static void add_relative(const char *base_path, const char *path, uint64_t *rng, bool plain,
                         struct text *out)
{
    size_t before = out->len;

    if (rng_below(rng, 4) == 0)
        text_add(out, "./");
    for (const char *s = base_path + 1; *s != '\0' && *s != '?'; s++)
        if (*s == '/')
            text_add(out, "%s", rng_below(rng, 6) == 0 ? "%2E./" : "../");
    while (rng_below(rng, 10) == 0)
        text_add(out, "../"); /* above the root there is nothing */
    add_path(path + 1, rng, plain, out);
    if (out->len == before)
        text_add(out, "./");
}

static void add_absolute(const struct web *w, struct ref to, const struct parts *p, uint64_t *rng,
                         bool plain, struct text *out)
{
    bool loud = rng_below(rng, 4) == 0;

    for (const char *s = p->scheme; *s != '\0'; s++)
        text_add(out, "%c", loud ? toupper((unsigned char)*s) : *s);
    text_add(out, "%s", !plain && rng_below(rng, 20) == 0 ? ":\\\\" : "://");
    add_authority(w, to, p, rng, out);
    add_slash(rng, plain, out);
    add_path(p->path + 1, rng, plain, out);
}

static bool same_origin(const struct parts *a, const struct parts *b)
{
    return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0 &&
           strcmp(a->port, b->port) == 0;
}

void web_spell(const struct web *w, struct ref base, struct ref to, uint64_t seed, bool plain,
               struct text *out)
{
    uint64_t rng = seed;
    struct parts from, p;
    unsigned how = rng_below(&rng, 10);

    split(w, base, &from);
    split(w, to, &p);
    if (how < 4 && same_origin(&from, &p)) {
        add_relative(from.path, p.path, &rng, plain, out);
    } else if (how < 8 && same_origin(&from, &p)) {
        add_slash(&rng, plain, out);
        add_path(p.path + 1, &rng, plain, out);
    } else if (how < 6 && strcmp(from.scheme, p.scheme) == 0) {
        text_add(out, "//");
        add_authority(w, to, &p, &rng, out);
        text_add(out, "/");
        add_path(p.path + 1, &rng, plain, out);
    } else {
        add_absolute(w, to, &p, &rng, plain, out);
    }
    if (to.kind == REF_SESSION)
        text_add(out, "&PHPSESSID=%016llx%016llx", (unsigned long long)rng_next(&rng),
                 (unsigned long long)rng_next(&rng));
    if (rng_below(&rng, 4) == 0)
        text_add(out, "#%s", rng_below(&rng, 2) == 0 ? "" : "part");
}
