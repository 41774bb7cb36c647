#include "parse/robots.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parse/ascii.h"
#include "parse/robots_rules.h"
#include "trawl.h"

enum name { NAME_OTHER, NAME_AGENT, NAME_ALLOW, NAME_DISALLOW, NAME_SITEMAP, NAME_DELAY };

struct span {
    const char *s;
    size_t len;
};

struct reader {
    const char *p, *end;
    size_t line; /* number of the last one, from 1 */
};

struct builder {
    struct span token;
    size_t room; /* of max_bytes, what is left */
    bool named;
    bool naming; /* the last line that counts was a User-agent */
    bool ours;   /* the group's rules are for us */
    struct tw_robots_info info;
    struct tw_buf rules, sitemaps, text;
};

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

static struct span trim(struct span t)
{
    while (t.len > 0 && is_blank(t.s[0])) {
        t.s++;
        t.len--;
    }
    while (t.len > 0 && is_blank(t.s[t.len - 1]))
        t.len--;
    return t;
}

/* ---- Lines ----------------------------------------------------------------- */

/* The next line, without its comment and the blanks around it. */
static bool next_line(struct reader *r, struct span *line)
{
    const char *start = r->p, *comment;

    if (r->p == r->end)
        return false;
    while (r->p < r->end && *r->p != '\n' && *r->p != '\r')
        r->p++;
    *line = (struct span){start, (size_t)(r->p - start)};
    comment = memchr(line->s, '#', line->len);
    if (comment != NULL)
        line->len = (size_t)(comment - line->s);
    *line = trim(*line);
    if (r->p < r->end)
        r->p += r->end - r->p > 1 && r->p[0] == '\r' && r->p[1] == '\n' ? 2 : 1;
    r->line++;
    return true;
}

/* The name of a line, and its value. */
static enum name split(struct span line, struct span *value)
{
    static const struct {
        const char *text;
        enum name name;
    } names[] = {{"user-agent", NAME_AGENT},
                 {"allow", NAME_ALLOW},
                 {"disallow", NAME_DISALLOW},
                 {"sitemap", NAME_SITEMAP},
                 {"crawl-delay", NAME_DELAY}};
    const char *colon = line.len > 0 ? memchr(line.s, ':', line.len) : NULL;
    struct span name;

    if (colon == NULL)
        return NAME_OTHER;
    name = trim((struct span){line.s, (size_t)(colon - line.s)});
    *value = trim((struct span){colon + 1, line.len - (size_t)(colon + 1 - line.s)});
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i].text) == name.len &&
            tw_ascii_equal(names[i].text, name.s, name.len))
            return names[i].name;
    return NAME_OTHER;
}

/* ---- Groups ---------------------------------------------------------------- */

/* The RFC's product token has no digits; robots have (MJ12bot), and "a" is not to match "a2".
 */
static struct span product_token(struct span t)
{
    size_t n = 0;

    while (n < t.len && (tw_ascii_is_alpha(t.s[n]) || tw_ascii_is_digit(t.s[n]) ||
                         t.s[n] == '-' || t.s[n] == '_'))
        n++;
    return (struct span){t.s, n};
}

static bool names_token(struct span value, struct span token)
{
    struct span t = product_token(value);

    return t.len > 0 && t.len == token.len && tw_ascii_equal(t.s, token.s, t.len);
}

static bool names_all(struct span value)
{
    return value.len > 0 && value.s[0] == '*' && (value.len == 1 || is_blank(value.s[1]));
}

static bool is_named(struct reader r, struct span token)
{
    struct span line, value;

    while (next_line(&r, &line))
        if (split(line, &value) == NAME_AGENT && names_token(value, token))
            return true;
    return false;
}

static void on_agent(struct builder *b, struct span value)
{
    if (!b->naming)
        b->ours = false;
    b->naming = true;
    b->ours = b->ours || (b->named ? names_token(value, b->token) : names_all(value));
}

/* Seconds, perhaps with a fraction, in whole milliseconds. */
static bool parse_delay(struct span t, uint32_t *ms)
{
    uint64_t sum = 0, scale = 1000;
    size_t i = 0, digits = 0;

    for (; i < t.len && tw_ascii_is_digit(t.s[i]); i++, digits++)
        if (sum <= TW_ROBOTS_DELAY_MAX_MS)
            sum = sum * 10 + (uint64_t)(t.s[i] - '0') * 1000;
    if (i < t.len && t.s[i] == '.') {
        for (i++; i < t.len && tw_ascii_is_digit(t.s[i]); i++, digits++) {
            scale /= 10;
            sum += (uint64_t)(t.s[i] - '0') * scale;
        }
    }
    if (digits == 0 || (i < t.len && !is_blank(t.s[i])))
        return false;
    *ms = sum < TW_ROBOTS_DELAY_MAX_MS ? (uint32_t)sum : TW_ROBOTS_DELAY_MAX_MS;
    return true;
}

static void on_delay(struct builder *b, struct span value)
{
    uint32_t ms;

    if (b->ours && parse_delay(value, &ms) && ms > b->info.delay_ms)
        b->info.delay_ms = ms;
}

/* ---- What is kept ---------------------------------------------------------- */

static bool take_room(struct builder *b, size_t bytes)
{
    if (!b->info.cut && bytes <= b->room && b->text.len + bytes < UINT32_MAX) {
        b->room -= bytes;
        return true;
    }
    b->info.cut = true;
    return false;
}

static int put_text(struct builder *b, struct span t, uint32_t *at)
{
    int err = tw_buf_reserve(&b->text, t.len + 1);

    if (err != 0)
        return err;
    *at = (uint32_t)b->text.len;
    memcpy(b->text.data + b->text.len, t.s, t.len);
    b->text.len += t.len;
    b->text.data[b->text.len++] = '\0';
    return 0;
}

/* The pattern of a rule whose line stands in text already. Most are in normal form as they are,
 * and need no second copy; room was taken for one. */
static int put_pattern(struct builder *b, struct tw_robots_rule *rule, struct span line,
                       struct span value)
{
    size_t len = value.len - rule->anchored;
    const char *star;
    char *form;
    int err = tw_buf_reserve(&b->text, 3 * len + 1);

    if (err != 0)
        return err;
    form = b->text.data + b->text.len;
    rule->len = (uint32_t)tw_robots_normalise(form, value.s, len, TW_ROBOTS_FORM_RULE);
    rule->weight = rule->len + rule->anchored;
    if (rule->len == len && memcmp(form, value.s, len) == 0) {
        rule->pattern = rule->written + (uint32_t)(value.s - line.s);
        b->room += 3 * len;
    } else {
        rule->pattern = (uint32_t)b->text.len;
        b->text.len += rule->len;
        b->room += 3 * len - rule->len;
    }
    while (rule->len > 0 && !rule->anchored && form[rule->len - 1] == '*')
        rule->len--;
    rule->in_query = memchr(form, '?', rule->len) != NULL;
    star = memchr(form, '*', rule->len);
    rule->prefix = star != NULL ? (uint32_t)(star - form) : rule->len;
    return 0;
}

/* A rule that does not begin like a path or with '*' can match nothing. */
static int on_rule(struct builder *b, struct span line, struct span value, size_t number,
                   bool allow)
{
    struct tw_robots_rule rule = {.line = (uint32_t)number, .allow = allow};
    int err;

    b->naming = false;
    if (!b->ours || value.len == 0 || (value.s[0] != '/' && value.s[0] != '*'))
        return 0;
    if (line.len > UINT32_MAX / 4 || !take_room(b, sizeof(rule) + line.len + 1 + 3 * value.len))
        return 0;
    rule.anchored = value.s[value.len - 1] == '$';
    err = put_text(b, line, &rule.written);
    if (err == 0)
        err = put_pattern(b, &rule, line, value);
    if (err == 0)
        err = tw_buf_append(&b->rules, &rule, sizeof(rule));
    if (err == 0)
        b->info.rules++;
    return err;
}

static int on_sitemap(struct builder *b, struct span value, size_t number)
{
    struct tw_robots_sitemap sitemap = {.line = (uint32_t)number};
    int err;

    if (value.len == 0 || !take_room(b, sizeof(sitemap) + value.len + 1))
        return 0;
    err = put_text(b, value, &sitemap.value);
    if (err == 0)
        err = tw_buf_append(&b->sitemaps, &sitemap, sizeof(sitemap));
    if (err == 0)
        b->info.sitemaps++;
    return err;
}

static int on_line(struct builder *b, struct span line, size_t number)
{
    struct span value = {0};

    if (line.len == 0)
        return 0;
    b->info.lines++;
    switch (split(line, &value)) {
    case NAME_AGENT: on_agent(b, value); return 0;
    case NAME_ALLOW: return on_rule(b, line, value, number, true);
    case NAME_DISALLOW: return on_rule(b, line, value, number, false);
    case NAME_SITEMAP: return on_sitemap(b, value, number);
    case NAME_DELAY: on_delay(b, value); return 0;
    default: b->info.ignored++; return 0;
    }
}

/* ---- The whole ------------------------------------------------------------- */

static void *copy_to(char **p, const struct tw_buf *b)
{
    void *start = *p;

    if (b->len > 0)
        memcpy(*p, b->data, b->len);
    *p += b->len;
    return start;
}

static int finish(const struct builder *b, struct tw_robots **robots)
{
    size_t size = sizeof(**robots) + b->rules.len + b->sitemaps.len + b->text.len;
    struct tw_robots *r = malloc(size);
    char *p;

    if (r == NULL)
        return TRAWL_ENOMEM;
    *r = (struct tw_robots){.info = b->info, .size = size};
    p = (char *)(r + 1);
    r->rules = copy_to(&p, &b->rules);
    r->sitemaps = copy_to(&p, &b->sitemaps);
    r->text = copy_to(&p, &b->text);
    tw_robots_sort(r);
    *robots = r;
    return 0;
}

int tw_robots_parse(struct tw_robots **robots, const char *text, size_t len, const char *agent,
                    size_t max_bytes)
{
    struct builder b = {.room = max_bytes};
    struct reader r = {.p = text, .end = text + len};
    struct span line;
    int err = 0;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        r.p += 3;
    b.token = product_token((struct span){agent, strlen(agent)});
    b.named = is_named(r, b.token);
    b.info.named = b.named;
    while (err == 0 && next_line(&r, &line))
        err = on_line(&b, line, r.line);
    if (err == 0)
        err = finish(&b, robots);
    tw_buf_free(&b.rules);
    tw_buf_free(&b.sitemaps);
    tw_buf_free(&b.text);
    return err;
}

void tw_robots_free(struct tw_robots *robots)
{
    free(robots);
}

const struct tw_robots_info *tw_robots_info(const struct tw_robots *robots)
{
    return &robots->info;
}

const char *tw_robots_sitemap(const struct tw_robots *robots, size_t number, size_t *line)
{
    const struct tw_robots_sitemap *sitemap = &robots->sitemaps[number];

    if (line != NULL)
        *line = sitemap->line;
    return robots->text + sitemap->value;
}

size_t tw_robots_size(const struct tw_robots *robots)
{
    return robots->size;
}

bool tw_robots_is_unavailable(long status)
{
    return status >= 400 && status <= 499 && status != 429;
}

enum tw_robots_access tw_robots_access(int error, long status)
{
    bool success = status >= 200 && status <= 299;
    bool redirect = status >= 300 && status <= 399;

    if (error == TRAWL_EREDIRECTS || error == TRAWL_ELOCATION)
        return TW_ROBOTS_ALLOW_ALL;
    if (success && (error == 0 || error == TRAWL_EBODYSIZE))
        return TW_ROBOTS_RULES;
    if (tw_robots_is_unavailable(status) || (redirect && error == 0))
        return TW_ROBOTS_ALLOW_ALL;
    return TW_ROBOTS_DISALLOW_ALL;
}
