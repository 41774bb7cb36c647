#include "parse/url_clean.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parse/ascii.h"
#include "trawl.h"

/* The shortest value that is taken for a session id where the name alone does not say. */
#define SESSION_VALUE_MIN 16

struct span {
    const char *s;
    size_t len;
};

struct param {
    struct span name, whole;
    size_t place;
};

/* A '*' at the end stands for any rest. */
static const struct name {
    const char *text;
    unsigned what;
    bool by_value; /* only with a value that looks like a session id */
} names[] = {
    {"phpsessid", TW_CLEAN_SESSIONS, false},
    {"jsessionid", TW_CLEAN_SESSIONS, false},
    {"aspsessionid*", TW_CLEAN_SESSIONS, false},
    {"asp.net_sessionid", TW_CLEAN_SESSIONS, false},
    {"sessionid", TW_CLEAN_SESSIONS, false},
    {"session_id", TW_CLEAN_SESSIONS, false},
    {"sessid", TW_CLEAN_SESSIONS, false},
    {"cfid", TW_CLEAN_SESSIONS, false},
    {"cftoken", TW_CLEAN_SESSIONS, false},
    {"oscsid", TW_CLEAN_SESSIONS, false},
    {"zenid", TW_CLEAN_SESSIONS, false},
    {"sid", TW_CLEAN_SESSIONS, true},
    {"utm_*", TW_CLEAN_TRACKING, false},
    {"mtm_*", TW_CLEAN_TRACKING, false},
    {"pk_campaign", TW_CLEAN_TRACKING, false},
    {"pk_kwd", TW_CLEAN_TRACKING, false},
    {"pk_source", TW_CLEAN_TRACKING, false},
    {"pk_medium", TW_CLEAN_TRACKING, false},
    {"pk_content", TW_CLEAN_TRACKING, false},
    {"piwik_*", TW_CLEAN_TRACKING, false},
    {"gclid", TW_CLEAN_TRACKING, false},
    {"gclsrc", TW_CLEAN_TRACKING, false},
    {"dclid", TW_CLEAN_TRACKING, false},
    {"gbraid", TW_CLEAN_TRACKING, false},
    {"wbraid", TW_CLEAN_TRACKING, false},
    {"gad_source", TW_CLEAN_TRACKING, false},
    {"srsltid", TW_CLEAN_TRACKING, false},
    {"_ga", TW_CLEAN_TRACKING, false},
    {"_gl", TW_CLEAN_TRACKING, false},
    {"fbclid", TW_CLEAN_TRACKING, false},
    {"msclkid", TW_CLEAN_TRACKING, false},
    {"twclid", TW_CLEAN_TRACKING, false},
    {"ttclid", TW_CLEAN_TRACKING, false},
    {"yclid", TW_CLEAN_TRACKING, false},
    {"ysclid", TW_CLEAN_TRACKING, false},
    {"_openstat", TW_CLEAN_TRACKING, false},
    {"igshid", TW_CLEAN_TRACKING, false},
    {"li_fat_id", TW_CLEAN_TRACKING, false},
    {"mc_cid", TW_CLEAN_TRACKING, false},
    {"mc_eid", TW_CLEAN_TRACKING, false},
    {"mkt_tok", TW_CLEAN_TRACKING, false},
    {"_hsenc", TW_CLEAN_TRACKING, false},
    {"_hsmi", TW_CLEAN_TRACKING, false},
    {"__hstc", TW_CLEAN_TRACKING, false},
    {"__hssc", TW_CLEAN_TRACKING, false},
    {"__hsfp", TW_CLEAN_TRACKING, false},
    {"hsctatracking", TW_CLEAN_TRACKING, false},
    {"vero_id", TW_CLEAN_TRACKING, false},
    {"oly_anon_id", TW_CLEAN_TRACKING, false},
    {"oly_enc_id", TW_CLEAN_TRACKING, false},
    {"rb_clickid", TW_CLEAN_TRACKING, false},
    {"epik", TW_CLEAN_TRACKING, false},
};

/* ---- Parameters ------------------------------------------------------------ */

static struct span name_of(struct span param)
{
    const char *equals = param.len > 0 ? memchr(param.s, '=', param.len) : NULL;

    return (struct span){param.s, equals != NULL ? (size_t)(equals - param.s) : param.len};
}

static bool looks_like_id(struct span param)
{
    size_t name = name_of(param).len, digits = 0;

    if (param.len < name + 1 + SESSION_VALUE_MIN)
        return false;
    for (size_t i = name + 1; i < param.len; i++) {
        if (!tw_ascii_is_alpha(param.s[i]) && !tw_ascii_is_digit(param.s[i]))
            return false;
        digits += tw_ascii_is_digit(param.s[i]);
    }
    return digits > 0;
}

static bool is_named(struct span name, const char *text)
{
    size_t len = strlen(text);

    if (text[len - 1] == '*')
        return name.len >= len - 1 && tw_ascii_equal(name.s, text, len - 1);
    return name.len == len && tw_ascii_equal(name.s, text, len);
}

static bool is_dropped(struct span param, unsigned what)
{
    struct span name = name_of(param);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((names[i].what & what) != 0 && is_named(name, names[i].text))
            return !names[i].by_value || looks_like_id(param);
    return false;
}

/* Up to the next separator, which is taken off the rest. */
static struct span next_part(struct span *rest, char separator)
{
    const char *end = rest->len > 0 ? memchr(rest->s, separator, rest->len) : NULL;
    struct span part = {rest->s, end != NULL ? (size_t)(end - rest->s) : rest->len};
    size_t taken = part.len + (end != NULL);

    rest->s += taken;
    rest->len -= taken;
    return part;
}

/* ---- Path ------------------------------------------------------------------ */

/* "(S(lit3py55t21z5v55vlm25s55))", ASP.NET's session without cookies. */
static bool is_aspnet_session(struct span segment)
{
    return segment.len > 5 && tw_ascii_equal(segment.s, "(S(", 3) &&
           memcmp(segment.s + segment.len - 2, "))", 2) == 0;
}

/* The name of a segment stays, whatever it is; its parameters follow. */
static int put_segment(struct tw_buf *out, struct span segment)
{
    int err = 0;

    for (bool more = true, first = true; err == 0 && more; first = false) {
        struct span before = segment, part = next_part(&segment, ';');

        more = part.len < before.len;
        if (!first && is_dropped(part, TW_CLEAN_SESSIONS))
            continue;
        if (!first)
            err = tw_buf_append(out, ";", 1);
        if (err == 0)
            err = tw_buf_append(out, part.s, part.len);
    }
    return err;
}

/* The path begins with its '/'. */
static int put_path(struct tw_buf *out, struct span path, unsigned what)
{
    int err = 0;

    if ((what & TW_CLEAN_SESSIONS) == 0)
        return tw_buf_append(out, path.s, path.len);
    next_part(&path, '/');
    for (bool more = true; err == 0 && more;) {
        struct span before = path, segment = next_part(&path, '/');

        more = segment.len < before.len;
        if (more && is_aspnet_session(segment))
            continue;
        err = tw_buf_append(out, "/", 1);
        if (err == 0)
            err = put_segment(out, segment);
    }
    return err;
}

/* ---- Query ----------------------------------------------------------------- */

static int compare_params(const void *left, const void *right)
{
    const struct param *a = left, *b = right;
    size_t least = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = least > 0 ? memcmp(a->name.s, b->name.s, least) : 0;

    if (order == 0)
        order = (a->name.len > b->name.len) - (a->name.len < b->name.len);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static int put_params(struct tw_buf *out, const struct param *params, size_t count)
{
    int err = 0;

    for (size_t i = 0; i < count && err == 0; i++) {
        err = tw_buf_append(out, i == 0 ? "?" : "&", 1);
        if (err == 0)
            err = tw_buf_append(out, params[i].whole.s, params[i].whole.len);
    }
    return err;
}

static size_t count_params(struct span query)
{
    size_t n = 1;

    for (size_t i = 0; i < query.len; i++)
        n += query.s[i] == '&';
    return n;
}

static int put_query(struct tw_buf *out, struct span query, unsigned what)
{
    struct param *params = calloc(count_params(query), sizeof(*params));
    size_t count = 0, place = 0;
    bool more = true;
    int err;

    if (params == NULL)
        return TRAWL_ENOMEM;
    for (; more; place++) {
        struct span before = query, whole = next_part(&query, '&');

        more = whole.len < before.len;
        if (!is_dropped(whole, what))
            params[count++] = (struct param){name_of(whole), whole, place};
    }
    if ((what & TW_CLEAN_SORT) != 0)
        qsort(params, count, sizeof(*params), compare_params);
    err = put_params(out, params, count);
    free(params);
    return err;
}

/* ---- The whole ------------------------------------------------------------- */

static struct span span_of(const struct tw_url *u, struct tw_span span)
{
    return (struct span){u->href + span.at, span.len};
}

/* Most URLs have nothing that could go, and are done with a look. */
static bool may_change(const struct tw_url *u, unsigned what)
{
    struct span path = span_of(u, u->path);

    if (u->query.at != 0 && what != 0)
        return true;
    return (what & TW_CLEAN_SESSIONS) != 0 &&
           (memchr(path.s, ';', path.len) != NULL || memchr(path.s, '(', path.len) != NULL);
}

static int build(struct tw_buf *out, const struct tw_url *u, unsigned what)
{
    int err = tw_buf_append(out, u->href, u->path.at);

    if (err == 0)
        err = put_path(out, span_of(u, u->path), what);
    if (err == 0 && u->query.at != 0)
        err = put_query(out, span_of(u, u->query), what);
    return err;
}

static int put_fragment(struct tw_buf *out, const struct tw_url *u)
{
    int err = u->fragment != NULL ? tw_buf_append(out, "#", 1) : 0;

    if (err == 0 && u->fragment != NULL)
        err = tw_buf_append(out, u->fragment, u->fragment_len);
    return err;
}

int tw_url_clean(struct tw_url *out, const struct tw_url *u, unsigned what)
{
    struct tw_buf href = {0};
    bool changed = false;
    int err;

    if (!may_change(u, what))
        return 0;
    err = build(&href, u, what);
    if (err == 0) {
        changed = href.len != u->len || memcmp(href.data, u->href, href.len) != 0;
        err = put_fragment(&href, u);
    }
    if (err == 0 && changed)
        err = tw_url_parse(out, href.data, href.len, NULL, NULL);
    tw_buf_free(&href);
    return err != 0 ? err : changed;
}
