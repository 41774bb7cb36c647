#include "parse/url.h"

#include <stdlib.h>
#include <string.h>

#include "parse/host.h"
#include "parse/percent.h"
#include "parse/url_input.h"
#include "trawl.h"

/* Ordinary URLs are put together on the stack and copied once, in their exact size. */
#define STACK_ROOM 2048

/* The longest scheme and all separators that the input may lack. */
#define FIXED_ROOM (sizeof("https://:@:65535/?") + TW_HOST_GROWTH)

struct parser {
    const char *p; /* what is left of the input */
    const char *end;
    const struct tw_url *base; /* NULL without one */
    bool guess;                /* a missing scheme is http */
    char *out;                 /* the serialization so far, with room for all that may come */
    size_t n;
    struct tw_url u; /* spans of out */
    const char *reason;
};

static int fail(struct parser *s, const char *why)
{
    s->reason = why;
    return TRAWL_EURL;
}

static void put(struct parser *s, const char *bytes, size_t len)
{
    memcpy(s->out + s->n, bytes, len);
    s->n += len;
}

static void put_encoded(struct parser *s, const char *bytes, size_t len, enum tw_pct_set set)
{
    s->n = (size_t)(tw_pct_encode(s->out + s->n, bytes, len, set) - s->out);
}

/* The sizes are bounded by TW_URL_INPUT_MAX and by the base's own. */
static struct tw_span span_from(const struct parser *s, size_t at)
{
    return (struct tw_span){(uint32_t)at, (uint32_t)(s->n - at)};
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static bool at_slash(const struct parser *s)
{
    return s->p < s->end && is_slash(*s->p);
}

static bool is_alpha(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The bytes up to the first of the stop bytes, or to the end; s->p then stands there. */
static size_t take_until(struct parser *s, bool (*stop)(char))
{
    const char *start = s->p;
    while (s->p < s->end && !stop(*s->p))
        s->p++;
    return (size_t)(s->p - start);
}

static bool ends_segment(char c)
{
    return is_slash(c) || c == '?' || c == '#';
}

/* ---- Authority ------------------------------------------------------------- */

/* A colon in the user is encoded, so that the first one still tells where the password is. */
static void parse_userinfo(struct parser *s, const char *info, const char *end)
{
    const char *colon = memchr(info, ':', (size_t)(end - info));
    const char *user_end = colon ? colon : end;
    const char *password = colon ? colon + 1 : end;
    if (info == user_end && password == end)
        return;
    size_t at = s->n;
    put_encoded(s, info, (size_t)(user_end - info), TW_PCT_USERINFO);
    if (password < end) {
        put(s, ":", 1);
        put_encoded(s, password, (size_t)(end - password), TW_PCT_USERINFO);
    }
    s->u.userinfo = span_from(s, at);
    put(s, "@", 1);
}

static void put_port(struct parser *s, unsigned port)
{
    char digits[5];
    size_t i = sizeof(digits);
    do {
        digits[--i] = (char)('0' + port % 10);
        port /= 10;
    } while (port);
    put(s, ":", 1);
    size_t at = s->n;
    put(s, digits + i, sizeof(digits) - i);
    s->u.port = span_from(s, at);
}

static int parse_port(struct parser *s, const char *p, const char *end)
{
    unsigned standard = s->u.https ? 443 : 80;
    unsigned port = p == end ? standard : 0;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return fail(s, "the port is not a number");
        port = port * 10 + (unsigned)(*p - '0');
        if (port > UINT16_MAX)
            return fail(s, "the port is larger than 65535");
    }
    s->u.port_number = (uint16_t)port;
    if (port != standard)
        put_port(s, port);
    return 0;
}

static int parse_host_and_port(struct parser *s, const char *p, const char *end)
{
    const char *host = p;
    bool bracketed = false;
    for (; p < end && (*p != ':' || bracketed); p++)
        bracketed = *p == '[' || (bracketed && *p != ']');
    if (p == host)
        return fail(s, "the host is empty");
    struct tw_host parsed;
    size_t at = s->n;
    int rc = tw_host_parse(&parsed, host, (size_t)(p - host), s->out + at, &s->reason);
    if (rc)
        return rc;
    s->n += parsed.len;
    s->u.host = span_from(s, at);
    s->u.host_is_ip = parsed.is_ip;
    return parse_port(s, p < end ? p + 1 : end, end);
}

static void put_scheme(struct parser *s)
{
    size_t len = s->u.https ? 5 : 4;
    s->u.scheme = (struct tw_span){0, (uint32_t)len};
    put(s, "https", len);
    put(s, "://", 3);
}

/* From the slashes before the authority to its end: however many there are, and none too. */
static int parse_authority(struct parser *s)
{
    put_scheme(s);
    while (at_slash(s))
        s->p++;
    const char *host = s->p;
    take_until(s, ends_segment);
    for (const char *p = s->p; p > host; p--) {
        if (p[-1] == '@') {
            parse_userinfo(s, host, p - 1);
            host = p;
            break;
        }
    }
    return parse_host_and_port(s, host, s->p);
}

/* ---- Path, query, fragment ------------------------------------------------- */

/* 1 for a "single-dot path segment", 2 for a "double-dot" one, 0 for any other. */
static int count_dots(const char *segment, size_t len)
{
    int dots = 0;
    for (size_t i = 0; i < len; dots++) {
        if (segment[i] == '.')
            i++;
        else if (len - i >= 3 && segment[i] == '%' && segment[i + 1] == '2' &&
                 (segment[i + 2] | 0x20) == 'e')
            i += 3;
        else
            return 0;
    }
    return dots <= 2 ? dots : 0;
}

/* Takes the last segment, with the slash before it, off the path that begins at start. */
static void shorten(struct parser *s, size_t start)
{
    while (s->n > start && s->out[s->n - 1] != '/')
        s->n--;
    if (s->n > start)
        s->n--;
}

/* "Path state": appends segments to the path that begins at start. */
static void parse_path(struct parser *s, size_t start)
{
    bool more;
    do {
        const char *segment = s->p;
        size_t len = take_until(s, ends_segment);
        int dots = count_dots(segment, len);
        more = at_slash(s);
        if (dots == 2)
            shorten(s, start);
        if (dots == 0 || !more)
            put(s, "/", 1);
        if (dots == 0)
            put_encoded(s, segment, len, TW_PCT_PATH);
        if (more)
            s->p++;
    } while (more);
    s->u.path = span_from(s, start);
}

static bool ends_query(char c)
{
    return c == '#';
}

static void parse_query(struct parser *s)
{
    if (s->p == s->end || *s->p != '?')
        return;
    const char *query = ++s->p;
    size_t len = take_until(s, ends_query);
    put(s, "?", 1);
    size_t at = s->n;
    put_encoded(s, query, len, TW_PCT_QUERY);
    s->u.query = span_from(s, at);
}

/* ---- The whole ------------------------------------------------------------- */

static int parse_absolute(struct parser *s)
{
    int rc = parse_authority(s);
    if (rc)
        return rc;
    if (at_slash(s))
        s->p++;
    parse_path(s, s->n);
    parse_query(s);
    return 0;
}

/* "Relative state" and "relative slash state". */
static int parse_relative(struct parser *s)
{
    const struct tw_url *base = s->base;
    if (at_slash(s) && s->end - s->p > 1 && is_slash(s->p[1]))
        return parse_absolute(s);
    s->u = *base;
    s->u.query = (struct tw_span){0, 0};
    if (s->p == s->end || *s->p == '#') {
        put(s, base->href, base->len);
        s->u.query = base->query;
        return 0;
    }
    put(s, base->href, base->path.at);
    if (at_slash(s)) {
        s->p++;
        parse_path(s, base->path.at);
    } else {
        put(s, base->href + base->path.at, base->path.len);
        if (*s->p != '?') {
            shorten(s, base->path.at);
            parse_path(s, base->path.at);
        }
    }
    parse_query(s);
    return 0;
}

/* The scheme's length, 0 without one; the colon follows it. */
static size_t scheme_len(const char *s, const char *end)
{
    const char *p = s;
    if (p == end || !is_alpha(*p))
        return 0;
    while (p < end && (is_alpha(*p) || is_digit(*p) || *p == '+' || *p == '-' || *p == '.'))
        p++;
    return p < end && *p == ':' ? (size_t)(p - s) : 0;
}

static bool is_port(const char *s, const char *end)
{
    const char *p = s;
    while (p < end && is_digit(*p))
        p++;
    return p > s && (p == end || ends_segment(*p));
}

/* Whether the scheme is http or https; tells which. */
static bool parse_scheme(struct parser *s, size_t len)
{
    static const char https[] = "https";
    for (size_t i = 0; i < len; i++)
        if (i >= 5 || (s->p[i] | 0x20) != https[i])
            return false;
    s->u.https = len == 5;
    s->p += len + 1;
    return len >= 4;
}

static int parse_without_scheme(struct parser *s)
{
    if (s->base) {
        s->u.https = s->base->https;
        return parse_relative(s);
    }
    if (s->p == s->end)
        return fail(s, "the URL is empty");
    if (!s->guess)
        return fail(s, "the URL is relative and there is no base");
    if (at_slash(s) && (s->end - s->p == 1 || !is_slash(s->p[1])))
        return fail(s, "the host is missing before the path");
    return parse_absolute(s);
}

static int parse(struct parser *s)
{
    size_t scheme = scheme_len(s->p, s->end);
    if (s->guess && scheme && is_port(s->p + scheme + 1, s->end))
        scheme = 0;
    if (!scheme)
        return parse_without_scheme(s);
    if (!parse_scheme(s, scheme)) {
        s->reason = "the scheme is not http or https";
        return TRAWL_ESCHEME;
    }
    bool relative = s->base && s->base->https == s->u.https;
    return relative ? parse_relative(s) : parse_absolute(s);
}

/* The exact allocation: href and its NUL, then the fragment and its NUL. */
static int finish(struct parser *s, struct tw_url *out)
{
    size_t len = s->n;
    bool has_fragment = s->p < s->end;
    s->out[s->n++] = '\0';
    if (has_fragment) {
        put_encoded(s, s->p + 1, (size_t)(s->end - s->p - 1), TW_PCT_FRAGMENT);
        s->out[s->n++] = '\0';
    }
    char *href = malloc(s->n);
    if (!href)
        return TRAWL_ENOMEM;
    memcpy(href, s->out, s->n);
    *out = s->u;
    out->href = href;
    out->len = (uint32_t)len;
    out->fragment = has_fragment ? href + len + 1 : NULL;
    out->fragment_len = has_fragment ? (uint32_t)(s->n - len - 2) : 0;
    return 0;
}

static int parse_into(struct tw_url *out, struct parser *s)
{
    char stack[STACK_ROOM];
    uint64_t room = FIXED_ROOM + 3 * (uint64_t)(s->end - s->p) + (s->base ? s->base->len : 0);
    if (room > UINT32_MAX)
        return fail(s, "the URL is too long");
    s->out = room <= sizeof(stack) ? stack : malloc((size_t)room);
    if (!s->out)
        return TRAWL_ENOMEM;
    int rc = parse(s);
    if (!rc)
        rc = finish(s, out);
    if (s->out != stack)
        free(s->out);
    s->out = NULL;
    return rc;
}

static int open_and_parse(struct tw_url *out, const char *input, size_t len, struct parser *s,
                          const char **reason)
{
    struct tw_url_input in;
    int rc = TRAWL_EURL;
    if (len > TW_URL_INPUT_MAX) {
        s->reason = "the URL is too long";
    } else {
        rc = tw_url_input_open(&in, input, len);
        if (rc)
            return rc;
        s->p = in.s;
        s->end = in.s + in.len;
        rc = parse_into(out, s);
        tw_url_input_close(&in);
    }
    if (reason && s->reason)
        *reason = s->reason;
    return rc;
}

int tw_url_parse(struct tw_url *out, const char *input, size_t len, const struct tw_url *base,
                 const char **reason)
{
    struct parser s = {.base = base};
    return open_and_parse(out, input, len, &s, reason);
}

int tw_url_guess(struct tw_url *out, const char *input, size_t len, const char **reason)
{
    struct parser s = {.guess = true};
    return open_and_parse(out, input, len, &s, reason);
}

void tw_url_free(struct tw_url *u)
{
    if (!u)
        return;
    free(u->href);
    *u = (struct tw_url){0};
}
