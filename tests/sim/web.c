#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

/* What a hash is for. */
enum { KIND = 1, PATH, EDGE, HOST, PAGES, ADDRESS, COUNT, SAME };

static uint64_t of_host(const struct web *w, uint32_t host, uint64_t what)
{
    return rng_hash(w->seed, host, 0, what);
}

static uint64_t of_ref(const struct web *w, struct ref ref, uint64_t what)
{
    return rng_hash(w->seed, ref.host, (uint64_t)ref.kind << 32 | ref.n, what);
}

/* ---- hosts ---- */

uint32_t web_pages(const struct web *w, uint32_t host)
{
    if (w->pages < 2)
        return 1;
    return 1 + (uint32_t)(of_host(w, host, PAGES) % w->pages);
}

bool web_host_is_literal(const struct web *w, uint32_t host)
{
    return w->oddities && host % 16 == 7;
}

/* Some hosts are others' names by https, or on another port. */
static uint32_t named(const struct web *w, uint32_t host)
{
    return w->oddities && host % 8 == 5 ? host - 1 : host;
}

static uint32_t literal(uint32_t host)
{
    return 255u << 16 | host;
}

void web_address(const struct web *w, uint32_t host, char ip[46])
{
    uint32_t of = named(w, host), n = (uint32_t)(of_host(w, of, ADDRESS) % w->addresses);

    if (web_host_is_literal(w, of))
        n = literal(of);
    snprintf(ip, 46, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
}

void web_host_name(const struct web *w, uint32_t host, char name[128])
{
    uint32_t of = named(w, host), domain = of % w->domains;

    if (web_host_is_literal(w, of))
        snprintf(name, 128, "10.255.%u.%u", of >> 8, of & 255);
    else if (w->oddities && domain == 1)
        snprintf(name, 128, "h%u.xn--bcher-kva.test", of);
    else
        snprintf(name, 128, "h%u.d%u.test", of, domain);
}

void web_origin(const struct web *w, uint32_t host, char origin[256])
{
    char name[128];
    bool https = of_host(w, host, HOST) % 3 == 0 || host % 8 == 5;

    web_host_name(w, host, name);
    if (w->oddities && host % 8 >= 5 && host % 8 <= 6)
        snprintf(origin, 256, "%s://%s:%u", https ? "https" : "http", name, 8000 + host % 8);
    else
        snprintf(origin, 256, "%s://%s", https ? "https" : "http", name);
}

/* ---- pages ---- */

static enum page_kind odd_kind(unsigned n)
{
    static const struct {
        unsigned until;
        enum page_kind kind;
    } table[] = {
        {52, PAGE_HTML},   {54, PAGE_UNTYPED}, {58, PAGE_META},  {60, PAGE_TAG},
        {63, PAGE_HEADER}, {67, PAGE_SAME},    {76, PAGE_REDIRECT}, {83, PAGE_IMAGE},
        {87, PAGE_STYLE},  {90, PAGE_PDF},     {92, PAGE_TEXT},  {94, PAGE_EMPTY},
        {97, PAGE_MISSING}, {100, PAGE_BROKEN},
    };

    for (size_t i = 0;; i++)
        if (n < table[i].until)
            return table[i].kind;
}

enum page_kind web_page_kind(const struct web *w, struct ref ref)
{
    if (ref.kind != REF_PAGE || ref.n == 0 || !w->oddities)
        return PAGE_HTML;
    return odd_kind((unsigned)(of_ref(w, ref, KIND) % 100));
}

static const char *extension(enum page_kind kind)
{
    switch (kind) {
    case PAGE_IMAGE: return ".png";
    case PAGE_STYLE: return ".css";
    case PAGE_PDF: return ".pdf";
    case PAGE_TEXT: return ".txt";
    case PAGE_UNTYPED: return "";
    default: return ".html";
    }
}

/* Canonical, and so that web_find() finds n in it. */
static int page_path(const struct web *w, struct ref ref, char *path, size_t size)
{
    static const char *const dirs[] = {"", "", "d1/", "d2/", "private/", "private/open/",
                                       "caf%C3%A9/", "a%20b/", "~u/", "d1/d2/d3/"};
    static const char *const queries[] = {"", "", "", "", "?x=1&y=2", "?q=%C3%A9", "?y=2|3"};
    uint64_t hash = of_ref(w, ref, PATH);
    enum page_kind kind = web_page_kind(w, ref);

    if (ref.n == 0)
        return snprintf(path, size, "/");
    if (!w->oddities)
        return snprintf(path, size, "/%sr%u.html", dirs[hash % 4], ref.n);
    if (kind == PAGE_HTML && hash % 5 == 0)
        return snprintf(path, size, "/%sr%u/", dirs[hash / 8 % 10], ref.n);
    return snprintf(path, size, "/%sr%u%s%s", dirs[hash / 8 % 10], ref.n, extension(kind),
                    queries[hash / 128 % 7]);
}

static void add_many(char *path, size_t size, const char *format, uint32_t n)
{
    size_t len = strlen(path);

    for (uint32_t i = 0; i < n && len + 64 < size; i++)
        len += (size_t)snprintf(path + len, size - len, format, i);
}

static void trap_path(struct ref ref, char *path, size_t size)
{
    switch (ref.kind) {
    case REF_CALENDAR:
        snprintf(path, size, "/cal/%u/%02u/", 2026 + ref.n / 12, 1 + ref.n % 12);
        break;
    case REF_DEEP:
        snprintf(path, size, "/deep/");
        add_many(path, size, "s%u/", ref.n);
        break;
    case REF_LOOP:
        snprintf(path, size, "/loop/");
        for (uint32_t i = 0; i < ref.n && strlen(path) + 8 < size; i++)
            strcat(path, i % 2 == 0 ? "x/" : "y/");
        break;
    case REF_QUERY:
        snprintf(path, size, "/query?b=1");
        add_many(path, size, "&a%u=0", ref.n);
        break;
    case REF_LONG:
        snprintf(path, size, "/long/%0*u", (int)(1 + 100 * ref.n), 0);
        break;
    case REF_SESSION: snprintf(path, size, "/session?page=%u", ref.n); break;
    default: snprintf(path, size, "/");
    }
}

static void path_of(const struct web *w, struct ref ref, char *path, size_t size)
{
    switch (ref.kind) {
    case REF_PAGE: page_path(w, ref, path, size); break;
    case REF_ROBOTS:
        if (ref.n == 0)
            snprintf(path, size, "/robots.txt");
        else
            snprintf(path, size, "/robots/%u.txt", ref.n);
        break;
    case REF_SITEMAP: snprintf(path, size, "/sitemap%u.xml", ref.n); break;
    default: trap_path(ref, path, size);
    }
}

void web_url(const struct web *w, struct ref ref, char url[WEB_URL_MAX])
{
    size_t len;

    web_origin(w, ref.host, url);
    len = strlen(url);
    path_of(w, ref, url + len, WEB_URL_MAX - len);
}

/* ---- from a URL to its ref ---- */

static uint32_t count_of(const char *s, char what)
{
    uint32_t n = 0;

    for (; *s != '\0'; s++)
        n += *s == what;
    return n;
}

static struct ref guess(const char *path)
{
    struct ref ref = {.kind = REF_NONE};
    unsigned a, b;
    const char *r;

    if (strcmp(path, "/robots.txt") == 0)
        return (struct ref){.kind = REF_ROBOTS};
    if (sscanf(path, "/robots/%u.txt", &a) == 1)
        return (struct ref){.kind = REF_ROBOTS, .n = a};
    if (sscanf(path, "/sitemap%u.xml", &a) == 1)
        return (struct ref){.kind = REF_SITEMAP, .n = a};
    if (sscanf(path, "/cal/%u/%u/", &a, &b) == 2 && a >= 2026 && b >= 1)
        return (struct ref){.kind = REF_CALENDAR, .n = (a - 2026) * 12 + b - 1};
    if (strncmp(path, "/deep/", 6) == 0)
        return (struct ref){.kind = REF_DEEP, .n = count_of(path + 6, '/')};
    if (strncmp(path, "/loop/", 6) == 0)
        return (struct ref){.kind = REF_LOOP, .n = count_of(path + 6, '/')};
    if (strncmp(path, "/query?", 7) == 0)
        return (struct ref){.kind = REF_QUERY, .n = count_of(path, '&')};
    if (strncmp(path, "/long/", 6) == 0)
        return (struct ref){.kind = REF_LONG, .n = (uint32_t)(strlen(path + 6) / 100)};
    if (sscanf(path, "/session?page=%u", &a) == 1)
        return (struct ref){.kind = REF_SESSION, .n = a};
    ref.kind = REF_PAGE;
    for (r = strchr(path, '/'); r != NULL; r = strchr(r + 1, '/'))
        if (sscanf(r, "/r%u", &a) == 1)
            ref.n = a;
    return ref;
}

static bool host_of(const struct web *w, const char *url, size_t len, uint32_t *host)
{
    const char *name = strstr(url, "://");
    char origin[256];
    unsigned n, a, b;

    if (name == NULL)
        return false;
    if (sscanf(name, "://10.255.%u.%u", &a, &b) == 2)
        n = a << 8 | b;
    else if (sscanf(name, "://h%u.", &n) != 1)
        return false;
    for (*host = n; *host <= n + 1 && *host < w->hosts; (*host)++) {
        web_origin(w, *host, origin);
        if (strlen(origin) == len && memcmp(origin, url, len) == 0)
            return true;
    }
    return false;
}

/* All but the session's id, which may be there or not. */
static bool url_matches(const struct web *w, struct ref ref, const char *url)
{
    char own[WEB_URL_MAX];
    size_t len;

    web_url(w, ref, own);
    len = strlen(own);
    if (ref.kind == REF_SESSION && strncmp(url, own, len) == 0 && url[len] == '&')
        return strncmp(url + len, "&PHPSESSID=", 11) == 0;
    return strcmp(url, own) == 0;
}

bool web_find_host(const struct web *w, const char *origin, uint32_t *host)
{
    const char *port = strncmp(origin, "https:", 6) == 0 ? ":443" : ":80";
    size_t len = strlen(origin), port_len = strlen(port);

    if (len > port_len && strcmp(origin + len - port_len, port) == 0)
        len -= port_len;
    return host_of(w, origin, len, host);
}

struct ref web_find(const struct web *w, const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *path = scheme == NULL ? NULL : strchr(scheme + 3, '/');
    struct ref ref, none = {.kind = REF_NONE};
    uint32_t host;

    if (path == NULL || !host_of(w, url, (size_t)(path - url), &host))
        return none;
    ref = guess(path);
    ref.host = host;
    if (ref.kind == REF_PAGE && ref.n >= web_pages(w, host))
        return none;
    return ref.kind != REF_NONE && url_matches(w, ref, url) ? ref : none;
}

/* ---- links ---- */

static struct ref page(uint32_t host, uint32_t n)
{
    return (struct ref){host, REF_PAGE, n};
}

/* The others that hang on it: two pages of the host, of "/" two hosts and the traps. */
#define FIXED 2
#define FIXED_OF_FIRST 4
#define TRAPS ((unsigned)(REF_SESSION - REF_CALENDAR + 1))

static bool has_trap(const struct web *w, uint32_t host, unsigned which)
{
    return w->traps && of_host(w, host, 100 + which) % 6 == 0;
}

static bool is_trap(struct ref ref)
{
    return ref.kind >= REF_CALENDAR;
}

static unsigned loose_links(const struct web *w, struct ref ref)
{
    return w->links == 0 ? 0 : (unsigned)(of_ref(w, ref, COUNT) % (2 * w->links));
}

static unsigned page_edges(const struct web *w, struct ref ref)
{
    switch (web_page_kind(w, ref)) {
    case PAGE_REDIRECT: return 1;
    case PAGE_STYLE: return 2;
    case PAGE_SAME: return 3;
    case PAGE_IMAGE:
    case PAGE_PDF:
    case PAGE_TEXT:
    case PAGE_EMPTY:
    case PAGE_MISSING:
    case PAGE_BROKEN: return 0;
    default:
        return (ref.n == 0 ? FIXED_OF_FIRST + (w->traps ? TRAPS : 0) : FIXED) + loose_links(w, ref);
    }
}

#define SITEMAPS 3 /* an index and two */
#define SITEMAP_URLS 5
#define SESSION_PAGES 4 /* but their ids are new each time */

unsigned web_edges(const struct web *w, struct ref ref)
{
    switch (ref.kind) {
    case REF_PAGE: return page_edges(w, ref);
    case REF_SITEMAP: return ref.n == 0 ? SITEMAPS - 1 : SITEMAP_URLS;
    case REF_NONE:
    case REF_ROBOTS: return 0;
    default: return 2;
    }
}

static bool is_leaf(const struct web *w, struct ref ref)
{
    enum page_kind kind = web_page_kind(w, ref);

    return ref.kind == REF_PAGE && (kind == PAGE_IMAGE || kind == PAGE_STYLE);
}

/* The next image or style sheet from n on, REF_NONE if there is none near. */
static struct ref near_leaf(const struct web *w, uint32_t host, uint32_t n, bool image)
{
    uint32_t count = web_pages(w, host);

    for (uint32_t i = 0; i < 20; i++) {
        struct ref ref = page(host, (n + i) % count);

        if (is_leaf(w, ref) && (!image || web_page_kind(w, ref) == PAGE_IMAGE))
            return ref;
    }
    return (struct ref){0};
}

static struct ref any_page(const struct web *w, uint32_t host, uint64_t *rng)
{
    if (rng_below(rng, 3) == 0 && w->hosts > 1)
        host = rng_below(rng, w->hosts);
    return page(host, rng_below(rng, web_pages(w, host)));
}

static struct edge loose_edge(const struct web *w, struct ref ref, unsigned i)
{
    uint64_t rng = rng_hash(w->seed, (uint64_t)ref.host << 32 | ref.n, i, EDGE);
    struct edge e = {.to = any_page(w, ref.host, &rng)};

    if (!w->oddities)
        return e;
    if (rng_chance(&rng, 8))
        e.to.kind = REF_NONE;
    else if (rng_chance(&rng, 20)) {
        e.to = near_leaf(w, e.to.host, e.to.n, false);
        e.requisite = e.to.kind != REF_NONE;
    } else
        e.nofollow = rng_chance(&rng, 8);
    return e;
}

static struct edge fixed_edge(const struct web *w, struct ref ref, unsigned i)
{
    uint64_t child = 2 * (uint64_t)ref.n + 1 + i;
    uint64_t host = 2 * (uint64_t)ref.host + 1 + (i - FIXED);
    enum ref_kind trap = REF_CALENDAR + i - FIXED_OF_FIRST;

    if (i < FIXED)
        return (struct edge){.to = child < web_pages(w, ref.host)
                                       ? page(ref.host, (uint32_t)child)
                                       : page(ref.host, 0)};
    if (i < FIXED_OF_FIRST)
        return (struct edge){.to = page(host < w->hosts ? (uint32_t)host : 0, 0)};
    if (has_trap(w, ref.host, trap))
        return (struct edge){.to = {ref.host, trap, 0}};
    return (struct edge){.to = page(ref.host, 0)};
}

static struct ref redirect_target(const struct web *w, struct ref ref)
{
    uint64_t rng = of_ref(w, ref, SAME);

    switch (rng_below(&rng, 5)) {
    case 0: return ref; /* to itself */
    case 1: return page(ref.host, (ref.n + 1) % web_pages(w, ref.host));
    default: return any_page(w, ref.host, &rng);
    }
}

static struct edge page_edge(const struct web *w, struct ref ref, unsigned i)
{
    unsigned fixed = ref.n == 0 ? FIXED_OF_FIRST + (w->traps ? TRAPS : 0) : FIXED;
    uint64_t rng = rng_hash(w->seed, ref.host, i, SAME);

    switch (web_page_kind(w, ref)) {
    case PAGE_REDIRECT: return (struct edge){.to = redirect_target(w, ref)};
    case PAGE_STYLE:
        return (struct edge){.to = near_leaf(w, ref.host, ref.n + i, true), .requisite = true};
    case PAGE_SAME: return (struct edge){.to = any_page(w, ref.host, &rng)};
    default: return i < fixed ? fixed_edge(w, ref, i) : loose_edge(w, ref, i);
    }
}

static struct edge sitemap_edge(const struct web *w, struct ref ref, unsigned i)
{
    uint64_t rng = rng_hash(w->seed, (uint64_t)ref.host << 32 | ref.n, i, EDGE);

    if (ref.n == 0)
        return (struct edge){.to = {ref.host, REF_SITEMAP, i + 1}, .is_sitemap = true};
    return (struct edge){.to = page(ref.host, rng_below(&rng, web_pages(w, ref.host)))};
}

struct edge web_edge(const struct web *w, struct ref ref, unsigned i)
{
    if (ref.kind == REF_PAGE)
        return page_edge(w, ref, i);
    if (ref.kind == REF_SITEMAP)
        return sitemap_edge(w, ref, i);
    if (!is_trap(ref) || i > 0)
        return (struct edge){.to = page(ref.host, 0)};
    ref.n = ref.kind == REF_SESSION ? (ref.n + 1) % SESSION_PAGES : ref.n + 1;
    return (struct edge){.to = ref};
}

bool web_says_nofollow(const struct web *w, struct ref ref)
{
    enum page_kind kind = web_page_kind(w, ref);

    return ref.kind == REF_PAGE && (kind == PAGE_META || kind == PAGE_TAG);
}
