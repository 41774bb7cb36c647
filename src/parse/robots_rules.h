/* Inside of robots.txt: its rules as they are kept, and the form that they are compared in. */
#ifndef TW_PARSE_ROBOTS_RULES_H
#define TW_PARSE_ROBOTS_RULES_H

#include "parse/robots.h"

#define TW_ROBOTS_NO_RULE UINT32_MAX

/* Offsets are of tw_robots.text. The pattern begins like every URL that it matches up to its
 * first '*': that is its prefix. */
struct tw_robots_rule {
    uint32_t pattern; /* in normal form, without a final '$' and without '*' at its end */
    uint32_t len;
    uint32_t prefix;
    uint32_t weight;  /* the octets of the whole pattern, which rank it */
    uint32_t written; /* the line, NUL-terminated */
    uint32_t line;
    uint32_t parent; /* the nearest rule before whose prefix begins this one's */
    bool allow;
    bool anchored; /* a '$' ended it */
    bool in_query; /* it has a '?', behind which "/" and "%2F" are one */
};

struct tw_robots_sitemap {
    uint32_t value;
    uint32_t line;
};

/* One allocation with all that it points to. */
struct tw_robots {
    struct tw_robots_info info;
    struct tw_robots_rule *rules; /* those that are not in_query, then those that are; each kind
                                     by prefix, then by weight */
    size_t plain;                 /* how many of them are not in_query */
    const struct tw_robots_sitemap *sitemaps;
    const char *text;
    size_t size;
};

/* How the normal form is made: of a rule, "*" and a final "$" have a meaning. */
enum tw_robots_form {
    TW_ROBOTS_FORM_URL,       /* all as it is written */
    TW_ROBOTS_FORM_URL_QUERY, /* "%2F" is "/" behind the first '?' */
    TW_ROBOTS_FORM_RULE,      /* "%2F" is "/" behind the first '?', a '*' is itself */
};

/* Writes the normal form of s to out, which has room for 3 * len bytes; returns its length. */
size_t tw_robots_normalise(char *out, const char *s, size_t len, enum tw_robots_form form);

/* Puts the rules, of any order, into theirs, and links them. */
void tw_robots_sort(struct tw_robots *robots);

#endif
