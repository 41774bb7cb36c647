/* Which rule decides. The rules lie sorted by their prefixes, and each knows the nearest one
 * before it whose prefix begins its own. So all rules that begin like a URL hang on one chain,
 * from the last rule that is not greater than the URL. */
#include <stdlib.h>
#include <string.h>

#include "parse/robots_rules.h"
#include "trawl.h"

/* Ordinary URLs are brought into form on the stack. */
#define STACK_ROOM 4096

struct text {
    const char *s;
    size_t len;
};

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static bool begins(const char *s, size_t len, const char *prefix, size_t prefix_len)
{
    return prefix_len <= len && memcmp(s, prefix, prefix_len) == 0;
}

/* ---- Order ----------------------------------------------------------------- */

static int compare_rules(const void *left, const void *right, void *text)
{
    const struct tw_robots_rule *a = left, *b = right;
    int order = (int)a->in_query - (int)b->in_query;

    if (order == 0)
        order = compare_bytes((const char *)text + a->pattern, a->prefix,
                              (const char *)text + b->pattern, b->prefix);
    if (order == 0)
        order = (a->weight > b->weight) - (a->weight < b->weight);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* The stack of a depth-first walk is the chain of parents itself. */
static void link_rules(struct tw_robots *r, size_t from, size_t to)
{
    uint32_t top = TW_ROBOTS_NO_RULE;

    for (size_t i = from; i < to; i++) {
        struct tw_robots_rule *rule = &r->rules[i];

        while (top != TW_ROBOTS_NO_RULE &&
               !begins(r->text + rule->pattern, rule->prefix, r->text + r->rules[top].pattern,
                       r->rules[top].prefix))
            top = r->rules[top].parent;
        rule->parent = top;
        top = (uint32_t)i;
    }
}

void tw_robots_sort(struct tw_robots *r)
{
    size_t n = r->info.rules;

    if (n > 0)
        qsort_r(r->rules, n, sizeof(r->rules[0]), compare_rules, (void *)r->text);
    while (r->plain < n && !r->rules[r->plain].in_query)
        r->plain++;
    link_rules(r, 0, r->plain);
    link_rules(r, r->plain, n);
}

/* ---- Match ----------------------------------------------------------------- */

/* Whether what follows a rule's prefix matches what follows it in the URL. Each piece between
 * two stars is taken where it comes first, which leaves the most for those behind it; so
 * nothing is ever tried twice. */
static bool matches_rest(const char *p, const char *p_end, struct text t, bool anchored)
{
    while (p < p_end) {
        const char *piece = ++p, *star, *found;
        size_t len;

        star = memchr(p, '*', (size_t)(p_end - p));
        p = star != NULL ? star : p_end;
        len = (size_t)(p - piece);
        if (len > t.len)
            return false;
        if (p == p_end && anchored)
            return memcmp(t.s + t.len - len, piece, len) == 0;
        found = memmem(t.s, t.len, piece, len);
        if (found == NULL)
            return false;
        t.len -= (size_t)(found - t.s) + len;
        t.s = found + len;
    }
    return !anchored || t.len == 0;
}

static bool matches(const struct tw_robots *r, const struct tw_robots_rule *rule, struct text t)
{
    const char *p = r->text + rule->pattern;

    return matches_rest(p + rule->prefix, p + rule->len,
                        (struct text){t.s + rule->prefix, t.len - rule->prefix},
                        rule->anchored);
}

static bool outranks(const struct tw_robots_rule *a, const struct tw_robots_rule *b)
{
    if (b == NULL || a->weight != b->weight)
        return b == NULL || a->weight > b->weight;
    if (a->allow != b->allow)
        return a->allow;
    return a->line < b->line;
}

/* The last rule from..to whose prefix is not greater than the URL. */
static uint32_t find_last(const struct tw_robots *r, size_t from, size_t to, struct text t)
{
    size_t low = from, high = to;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct tw_robots_rule *rule = &r->rules[middle];

        if (compare_bytes(r->text + rule->pattern, rule->prefix, t.s, t.len) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > from ? (uint32_t)(low - 1) : TW_ROBOTS_NO_RULE;
}

static const struct tw_robots_rule *decide(const struct tw_robots *r, size_t from, size_t to,
                                           struct text t, const struct tw_robots_rule *best)
{
    uint32_t i = find_last(r, from, to, t);

    while (i != TW_ROBOTS_NO_RULE &&
           !begins(t.s, t.len, r->text + r->rules[i].pattern, r->rules[i].prefix))
        i = r->rules[i].parent;
    for (; i != TW_ROBOTS_NO_RULE; i = r->rules[i].parent)
        if (outranks(&r->rules[i], best) && matches(r, &r->rules[i], t))
            best = &r->rules[i];
    return best;
}

static const struct tw_robots_rule *find_rule(const struct tw_robots *r, struct text url,
                                              char *room)
{
    const struct tw_robots_rule *best = NULL;
    struct text t = {room, 0};

    if (r->plain > 0) {
        t.len = tw_robots_normalise(room, url.s, url.len, TW_ROBOTS_FORM_URL);
        best = decide(r, 0, r->plain, t, best);
    }
    if (r->plain < r->info.rules && memchr(url.s, '?', url.len) != NULL) {
        t.len = tw_robots_normalise(room, url.s, url.len, TW_ROBOTS_FORM_URL_QUERY);
        best = decide(r, r->plain, r->info.rules, t, best);
    }
    return best;
}

static bool is_robots_txt(const struct tw_url *url)
{
    static const char path[] = "/robots.txt";

    return url->path.len == sizeof(path) - 1 &&
           memcmp(url->href + url->path.at, path, sizeof(path) - 1) == 0;
}

int tw_robots_judge(const struct tw_robots *robots, const struct tw_url *url,
                    struct tw_robots_verdict *verdict)
{
    struct text path = {url->href + url->path.at, url->len - url->path.at};
    const struct tw_robots_rule *rule = NULL;
    char stack[STACK_ROOM], *room = stack;

    if (robots->info.rules > 0 && !is_robots_txt(url)) {
        if (path.len > sizeof(stack) / 3)
            room = malloc(3 * path.len);
        if (room == NULL)
            return TRAWL_ENOMEM;
        rule = find_rule(robots, path, room);
        if (room != stack)
            free(room);
    }
    *verdict = (struct tw_robots_verdict){.allowed = true};
    if (rule != NULL)
        *verdict =
            (struct tw_robots_verdict){rule->allow, rule->line, robots->text + rule->written};
    return 0;
}
