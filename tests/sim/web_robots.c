/* The robots.txt of each host, and what it means: rules that are few and plain, read here by a
 * matcher of our own. */
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "web.h"

enum { ROBOTS = 70, RULE, DELAY, FORM, SITEMAP };
#define RULES_MAX 4
#define CHAIN 8

struct rule {
    bool allow;
    const char *pattern;
};

static uint64_t of_host(const struct web *w, uint32_t host, uint64_t what, uint64_t n)
{
    return rng_hash(w->seed, host, n, what);
}

enum robots_kind web_robots_kind(const struct web *w, uint32_t host)
{
    static const enum robots_kind kinds[] = {
        ROBOTS_RULES, ROBOTS_RULES, ROBOTS_RULES, ROBOTS_RULES, ROBOTS_RULES, ROBOTS_RULES,
        ROBOTS_MISSING, ROBOTS_MISSING, ROBOTS_FORBIDDEN, ROBOTS_BROKEN, ROBOTS_MOVED, ROBOTS_FAR,
        ROBOTS_CHAIN};

    if (!w->robots)
        return ROBOTS_MISSING;
    return kinds[of_host(w, host, ROBOTS, 0) % (sizeof(kinds) / sizeof(kinds[0]))];
}

static unsigned rules_of(const struct web *w, uint32_t host, struct rule rules[RULES_MAX])
{
    static const struct rule all[] = {
        {false, "/private/"}, {true, "/private/open/"}, {false, "/*.pdf$"}, {false, "/d1/"},
        {true, "/d1/*.html"}, {false, "/*?x="},         {false, "/d2/r*$"}, {false, ""},
        {false, "/cal/"},     {true, "/d1/d2/"},        {false, "/r1*"},    {false, "/"},
        {true, "/d2/"},       {true, "/$"},             {false, "/*/r2"},   {true, "/r1*.png"},
    };
    unsigned n = (unsigned)(of_host(w, host, RULE, 0) % (RULES_MAX + 1));

    for (unsigned i = 0; i < n; i++)
        rules[i] = all[of_host(w, host, RULE, i + 1) % 16];
    return n;
}

/* ---- what they mean ---- */

static bool matches(const char *pattern, const char *path)
{
    for (; *pattern != '\0'; pattern++, path++) {
        if (*pattern == '$' && pattern[1] == '\0')
            return *path == '\0';
        if (*pattern == '*') {
            for (const char *rest = path;; rest++) {
                if (matches(pattern + 1, rest))
                    return true;
                if (*rest == '\0')
                    return false;
            }
        }
        if (*pattern != *path)
            return false;
    }
    return true;
}

bool web_robots_allow(const struct web *w, uint32_t host, const char *path)
{
    struct rule rules[RULES_MAX];
    unsigned n = rules_of(w, host, rules);
    size_t best = 0;
    bool allow = true;

    for (unsigned i = 0; i < n; i++) {
        size_t len = strlen(rules[i].pattern);

        if (len == 0 || !matches(rules[i].pattern, path))
            continue;
        if (len > best || (len == best && rules[i].allow)) {
            best = len;
            allow = rules[i].allow;
        }
    }
    return allow;
}

uint64_t web_crawl_delay_ms(const struct web *w, uint32_t host)
{
    static const uint64_t delays[] = {0, 0, 0, 0, 1000, 500, 5000, 200000};

    return w->robots ? delays[of_host(w, host, DELAY, 0) % 8] : 0;
}

bool web_names_sitemap(const struct web *w, uint32_t host)
{
    return w->oddities && of_host(w, host, SITEMAP, 0) % 4 == 0;
}

/* ---- how they are written ---- */

static void add_rules(const struct rule *rules, unsigned from, unsigned to, const char *end,
                      struct text *out)
{
    static const char *const allow[] = {"Allow: ", "allow:", "ALLOW :  "};
    static const char *const disallow[] = {"Disallow: ", "disallow:", "DISALLOW\t: "};

    for (unsigned i = from; i < to; i++)
        text_add(out, "%s%s%s%s", (rules[i].allow ? allow : disallow)[i % 3], rules[i].pattern,
                 i % 2 == 0 ? "" : " # why", end);
}

static void add_delay(const struct web *w, uint32_t host, const char *end, struct text *out)
{
    uint64_t delay = web_crawl_delay_ms(w, host);

    if (delay > 0)
        text_add(out, "Crawl-delay: %llu.%llu%s", (unsigned long long)delay / 1000,
                 (unsigned long long)delay % 1000 / 100, end);
}

/* In two groups that are to be merged, among others'; or for all. */
static void add_text(const struct web *w, uint32_t host, struct text *out)
{
    struct rule rules[RULES_MAX];
    unsigned n = rules_of(w, host, rules), form = (unsigned)of_host(w, host, FORM, 0) % 4;
    const char *end = form % 2 == 0 ? "\n" : "\r\n";

    text_add(out, "# %s%sUser-agent: other%sDisallow: /%s%s", "robots", end, end, end, end);
    if (form < 2)
        text_add(out, "User-agent: *%sDisallow: /%s%s", end, end, end);
    text_add(out, "User-Agent: %s%s", form < 2 ? "Trawl" : "*", end);
    text_add(out, "Allow: /zzz%s", end); /* or the next line would belong to the group */
    add_rules(rules, 0, n / 2, end, out);
    text_add(out, "%sUser-agent: another%sDisallow: /r%s%s", end, end, end, end);
    text_add(out, "user-agent: %s%s", form < 2 ? "trawl" : "*", end);
    add_delay(w, host, end, out);
    add_rules(rules, n / 2, n, end, out);
    if (web_names_sitemap(w, host)) {
        char url[WEB_URL_MAX];

        web_url(w, (struct ref){host, REF_SITEMAP, 0}, url);
        text_add(out, "Sitemap: %s%s", url, end);
    }
}

static void begin(struct answer *a, int status)
{
    a->status = status;
    text_add(&a->head, "HTTP/1.1 %d X\r\nContent-Type: text/plain\r\n", status);
}

static void redirect(struct answer *a, const struct web *w, uint32_t host, uint32_t n)
{
    char url[WEB_URL_MAX];

    web_url(w, (struct ref){host, REF_ROBOTS, n}, url);
    begin(a, 302);
    text_add(&a->head, "Location: %s\r\n", url);
}

/* /robots/N.txt on another host is where host N's rules lie. */
#define FAR 1000
static uint32_t far_host(const struct web *w, uint32_t host)
{
    return (host + 1) % w->hosts;
}

void web_robots_answer(const struct web *w, struct ref ref, struct answer *a)
{
    if (ref.n >= FAR) {
        begin(a, 200);
        add_text(w, ref.n - FAR, &a->body);
        return;
    }
    switch (web_robots_kind(w, ref.host)) {
    case ROBOTS_FORBIDDEN: begin(a, 403); return;
    case ROBOTS_MISSING: begin(a, 404); return;
    case ROBOTS_BROKEN: begin(a, 500); return;
    case ROBOTS_FAR: redirect(a, w, far_host(w, ref.host), FAR + ref.host); return;
    case ROBOTS_MOVED:
        if (ref.n < 3) {
            redirect(a, w, ref.host, ref.n + 1);
            return;
        }
        break;
    case ROBOTS_CHAIN:
        if (ref.n < CHAIN) {
            redirect(a, w, ref.host, ref.n + 1);
            return;
        }
        break;
    case ROBOTS_RULES: break;
    }
    begin(a, 200);
    add_text(w, ref.host, &a->body);
}
