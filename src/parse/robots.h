/* robots.txt (RFC 9309): which URLs of its host a crawler may fetch, and by which line.
 *
 * Bytes in, struct out. Only what concerns the one crawler is kept: the rules of all groups
 * that name its product token, merged, or without any those of the groups for "*"; and the
 * Sitemap lines, which belong to no group.
 */
#ifndef TW_PARSE_ROBOTS_H
#define TW_PARSE_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/url.h"

/* What a parser must take at least (section 2.5). */
#define TW_ROBOTS_BYTES ((size_t)500 * 1024)

/* The longest Crawl-delay that is told; longer ones are told as this. */
#define TW_ROBOTS_DELAY_MAX_MS UINT32_MAX

struct tw_robots;

struct tw_robots_info {
    size_t lines;      /* of the file that are not blank, comments not counted */
    size_t ignored;    /* of them that are no "name: value" of a known name */
    size_t rules;      /* kept: Allow and Disallow lines with a path that can match */
    size_t sitemaps;   /* Sitemap lines with a value */
    uint32_t delay_ms; /* Crawl-delay, the longest of the group's; 0 for none */
    bool named;        /* a group names the product token; else the groups for "*" count */
    bool cut;          /* max_bytes were full: later rules and sitemaps are missing */
};

struct tw_robots_verdict {
    bool allowed;
    size_t line;      /* of the deciding rule, from 1; 0 when no rule matches */
    const char *rule; /* that rule as it is written, "Disallow: /private/", without comment and
                         blanks around it; in the robots' memory; NULL when no rule matches */
};

/* Reads all of text: the caller cuts it, at TW_ROBOTS_BYTES or later. A byte order mark, line
 * ends of all systems, comments, NULs and invalid UTF-8 do no harm. Names are taken in any
 * case. Rules before the first User-agent line are ignored; a line that is no rule ends no
 * group.
 *
 * agent is the product token ("trawl"); a version after it ("trawl/0.1") is not minded, there
 * or in the file. Case neither. At most max_bytes are kept; what comes later is ignored, and
 * cut is set. 0 or TRAWL_ENOMEM. */
int tw_robots_parse(struct tw_robots **robots, const char *text, size_t len, const char *agent,
                    size_t max_bytes);
void tw_robots_free(struct tw_robots *robots);

/* Valid as long as robots is. */
const struct tw_robots_info *tw_robots_info(const struct tw_robots *robots);
/* The value of a Sitemap line, as it is written, by number from 0; it should be an absolute
 * URL. line may be NULL. */
const char *tw_robots_sitemap(const struct tw_robots *robots, size_t number, size_t *line);
/* All that robots takes, in bytes. */
size_t tw_robots_size(const struct tw_robots *robots);

/* The rule with the most octets that matches path and query of url decides, Allow where two
 * have as many; "*" and "$" are octets too (section 2.2.2, 2.2.3). url is of the file's host:
 * that is not looked at. /robots.txt itself is always allowed, without a rule.
 *
 * Both sides are compared in one form, as 2.2.2 asks: unreserved characters decoded, all others
 * percent-encoded, but for "/", "?", "&" and "=", which stay apart from "%2F", "%3F", "%26" and
 * "%3D", since they divide a URL. Only in a query are "/" and "%2F" one, for rules that reach
 * it through a "?" of their own, as the RFC's example wants it.
 *
 * Takes time by the logarithm of the number of rules, and linear time for each rule that begins
 * like url; no pattern takes more. 0, or TRAWL_ENOMEM for a long URL. */
int tw_robots_judge(const struct tw_robots *robots, const struct tw_url *url,
                    struct tw_robots_verdict *verdict);

enum tw_robots_access {
    TW_ROBOTS_RULES, /* parse the body and ask it */
    TW_ROBOTS_ALLOW_ALL,
    TW_ROBOTS_DISALLOW_ALL,
};

/* Whether the status alone says that there is no file (section 2.3.1.3, 400 to 499), whatever
 * becomes of the body. Not 429: it says that the server has too much to do; Google's crawler
 * reads it so too. */
bool tw_robots_is_unavailable(long status);

/* What fetching robots.txt came to (section 2.3.1). error is 0 or a TRAWL_ code, status the
 * last answer's, or 0. A success is parsed, also one whose body was larger than the limit: what
 * was read of it holds (section 2.5). Redirects that lead nowhere and "unavailable" allow all;
 * "unreachable" (500 to 599, network errors, 429, anything else) forbids all. So does a success
 * whose body broke off or cannot be decompressed before the limit: a rule that forbids may be in
 * what is missing, and the RFC counts network errors as unreachable (section 2.3.1.4); Google's
 * crawler does so with interrupted connections, too. */
enum tw_robots_access tw_robots_access(int error, long status);

#endif
