#include <string.h>

#include "site.h"

#define CALENDAR "/calendar/"
#define DEEP "/deep/"
#define SESSION "/session"
#define LIST "/list"
#define COPIES "/copies/"

const char *const origin_site_traps[] = {CALENDAR, DEEP, SESSION, LIST, COPIES, NULL};

void origin_site_lures(struct origin_bytes *out)
{
    origin_bytes_text(out, "<ul>\n"
                           "<li><a href=\"" CALENDAR "2026/1\">calendar</a>\n"
                           "<li><a href=\"" DEEP "\">deep</a>\n"
                           "<li><a href=\"" SESSION "?sid=1\">session</a>\n"
                           "<li><a href=\"" LIST "?p0=1\">list</a>\n"
                           "<li><a href=\"" COPIES "\">copies</a>\n"
                           "</ul>\n");
}

static bool begins(struct origin_span s, const char *with, struct origin_span *rest)
{
    size_t n = strlen(with);

    if (s.n < n || memcmp(s.p, with, n) != 0) {
        return false;
    }
    *rest = (struct origin_span){s.p + n, s.n - n};
    return true;
}

static void month_link(uint64_t month, struct origin_bytes *out)
{
    origin_bytes_print(out, "<p><a href=\"" CALENDAR "%llu/%llu\">another month</a></p>\n",
                       (unsigned long long)(month / 12), (unsigned long long)(month % 12 + 1));
}

/* A month links to the next one and the one before, for all time. */
static bool calendar(struct origin_span rest, struct origin_bytes *out)
{
    const char *slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
    uint64_t year, month, now;

    if (!slash || !origin_span_number((struct origin_span){rest.p, (size_t)(slash - rest.p)},
                                      999999, &year)) {
        return false;
    }
    if (!origin_span_number((struct origin_span){slash + 1, rest.n - (size_t)(slash + 1 - rest.p)},
                            12, &month) ||
        month == 0) {
        return false;
    }
    now = year * 12 + month - 1;
    month_link(now + 1, out);
    if (now > 0) {
        month_link(now - 1, out);
    }
    return true;
}

/* The same page under ever new session ids. */
static bool session(const struct origin_request *rq, struct origin_bytes *out)
{
    for (uint64_t i = 0; i < 2; i++) {
        origin_bytes_print(out, "<p><a href=\"" SESSION "?sid=%llx\">again</a></p>\n",
                           (unsigned long long)origin_span_hash(rq->query, i));
    }
    return true;
}

/* Each page has one parameter more to choose from. */
static bool list(const struct origin_request *rq, struct origin_bytes *out)
{
    size_t parameters = rq->query.n > 0;

    for (size_t i = 0; i < rq->query.n; i++) {
        parameters += rq->query.p[i] == '&';
    }
    origin_bytes_text(out, "<p><a href=\"" LIST "?");
    origin_bytes_html(out, rq->query);
    origin_bytes_print(out, "&amp;p%zu=1\">narrower</a></p>\n", parameters);
    return true;
}

bool origin_site_trap(const struct origin_request *rq, struct origin_bytes *out)
{
    struct origin_span rest;

    if (begins(rq->path, CALENDAR, &rest)) {
        return calendar(rest, out);
    }
    if (begins(rq->path, DEEP, &rest)) {
        origin_bytes_print(out, "<p><a href=\"further/\">%zu further</a></p>\n", rest.n);
        return true;
    }
    if (begins(rq->path, COPIES, &rest)) {
        /* The very same bytes wherever they are asked for. */
        origin_bytes_text(out, "<p><a href=\"copy/\">copy</a> <a href=\"mirror/\">mirror</a></p>\n");
        return true;
    }
    if (origin_span_is(rq->path, SESSION)) {
        return session(rq, out);
    }
    return origin_span_is(rq->path, LIST) && list(rq, out);
}
