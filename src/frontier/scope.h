/* The scope of a crawl: which of the URLs found belong to it, and by which rule. From the URL,
 * its depth and the seeds alone: robots.txt and traps are asked apart.
 *
 * Rules of two kinds. Those that say where the crawl goes:
 *
 *   level      depth is at most level; a seed has depth 0.
 *   host       the host is a seed's, exactly (www.example.org is not example.org), on any port
 *              and by http or https; or it is in a domain of `domains`; or, without `domains`,
 *              span_hosts is set. With `domains`, span_hosts widens nothing here.
 *   no_parent  on a seed's host, the path lies in the directory of one of that host's seeds: of
 *              /a/b and /a/ that is /a/. Other hosts have no parent.
 *   include    one of the regular expressions matches.
 *   accept     the file name matches one of the list. For leaves only: what leads further is
 *              taken, or nothing would be found. Leads further, while depth is less than
 *              level: an empty name (a directory), one without an extension, one with a
 *              page's (html, htm, xhtml, shtml, php, asp, aspx, jsp, cgi and the like). wget
 *              fetches those and deletes the file; here they are results like all others.
 *
 * And those that say what is never fetched: exclude_domains, exclude, reject. They hold for
 * everything, pages too, whatever else lets it in.
 *
 * A seed need not keep to include and accept, or the crawl could not begin; the others hold. A
 * page's requisite need not keep to any of the first kind with page_requisites; without, it is
 * judged like a link.
 *
 * A domain is matched by itself and by all names under it. It is given in any spelling that a
 * URL may have, with or without a dot or "*." before it. An address matches itself only. A
 * public suffix (publicsuffix.org: "co.uk", "github.io"), under which unrelated sites are
 * registered, is refused in `domains` unless it is written ".co.uk", for all of it.
 *
 * Regular expressions are PCRE2's. They are searched in the canonical URL, which is ASCII,
 * percent-encoded, without its fragment. One that gives up at the match limit, so that no URL
 * can hold up the crawl, counts as no match in include and as a match in exclude.
 *
 * accept and reject are compared with the file name: the path's last part, without the query.
 * An entry with one of "*?[]" is a pattern for the whole name, any other a suffix of it, as in
 * wget2: "pdf" and ".pdf" both match "a.pdf". Case matters unless any_case is set.
 */
#ifndef TW_FRONTIER_SCOPE_H
#define TW_FRONTIER_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/url.h"

#define TW_SCOPE_ANY_LEVEL UINT32_MAX

struct tw_scope_list {
    const char *const *items; /* NULL if there are none */
    size_t count;
};

/* Needed during tw_scope_open() only: all is copied. */
struct tw_scope_rules {
    uint32_t level; /* TW_SCOPE_ANY_LEVEL for no limit */
    bool span_hosts;
    bool no_parent;
    bool page_requisites;
    bool any_case; /* of accept and reject */
    struct tw_scope_list domains, exclude_domains;
    struct tw_scope_list include, exclude;
    struct tw_scope_list accept, reject;
};

#define TW_SCOPE_RULES_INIT                                                                    \
    {                                                                                          \
        .level = TW_SCOPE_ANY_LEVEL                                                            \
    }

/* X(NAME, its stable name for logs). */
#define TW_SCOPE_VERDICTS(X)                                                                   \
    X(IN, "scope-in")                                                                          \
    X(LEVEL, "scope-level")                                                                    \
    X(HOST, "scope-host")     /* no seed's host, and neither span_hosts nor domains */         \
    X(DOMAIN, "scope-domain") /* no seed's host, and in none of domains */                     \
    X(EXCLUDED_DOMAIN, "scope-exclude-domain")                                                 \
    X(PARENT, "scope-parent")                                                                  \
    X(INCLUDE, "scope-include")                                                                \
    X(EXCLUDE, "scope-exclude")                                                                \
    X(ACCEPT, "scope-accept")                                                                  \
    X(REJECT, "scope-reject")

enum tw_scope_verdict {
#define X(name, text) TW_SCOPE_##name,
    TW_SCOPE_VERDICTS(X)
#undef X
};

enum tw_scope_kind {
    TW_SCOPE_SEED,
    TW_SCOPE_PAGE,      /* a link that is followed, a redirect, a sitemap's URL */
    TW_SCOPE_REQUISITE, /* what a page needs to be shown */
};

/* Which rule decided. Its text lies in the scope's memory, or is static. */
struct tw_scope_reason {
    enum tw_scope_verdict verdict;
    const char *option; /* "--exclude", "--level"; NULL where no option was needed */
    const char *rule; /* its value, or the one of its list, as it was given; NULL where none of
                         a list matches, and for flags. Without an option what it is: "a seed's
                         host", "no seed's host" */
    bool match_limit; /* this regular expression gave up */
};

struct tw_scope;

/* 0, TRAWL_ENOMEM, or TRAWL_EINVAL for a rule that cannot be read: what is wrong with it stands
 * in error then: a line with the option, the rule, the place in a regular expression, and what
 * is wrong: "--exclude 'a(b': at byte 3: missing closing parenthesis". */
int tw_scope_open(struct tw_scope **scope, const struct tw_scope_rules *rules, char *error,
                  size_t size);
/* NULL is accepted. */
void tw_scope_free(struct tw_scope *scope);
/* The same in steps, for one with many seeds: forgets up to max of them, and false once there are none.
 * Nothing but this and free may follow. */
bool tw_scope_clear(struct tw_scope *s, size_t max);

/* Before anything is judged that this seed may let in. The same one twice is one. 0 or
 * TRAWL_ENOMEM. */
int tw_scope_add_seed(struct tw_scope *scope, const struct tw_url *seed);

/* Whether url, found at depth, is in scope. from is the page it was found on, or NULL: where it
 * is not NULL, a requisite is let in without the rules of the first kind only if from is on a
 * host in scope, so that what a foreign frame needs is not fetched; for what a page's style
 * sheet needs, hand in the page. reason may be NULL. */
enum tw_scope_verdict tw_scope_judge(const struct tw_scope *scope, const struct tw_url *url,
                                     uint32_t depth, enum tw_scope_kind kind,
                                     const struct tw_url *from, struct tw_scope_reason *reason);

/* The registrable domain in a URL's host ("example.co.uk" of a.b.example.co.uk), a part of its
 * href. The host itself where there is none: an address, a public suffix, a single label. */
struct tw_span tw_scope_registrable(const struct tw_url *url);

/* "scope-host"; static. */
const char *tw_scope_name(enum tw_scope_verdict verdict);
/* "--exclude 'foo.*'", "--level '5'", "a seed's host". Like snprintf, also in its result. */
size_t tw_scope_reason_text(const struct tw_scope_reason *reason, char *buf, size_t size);

#endif
