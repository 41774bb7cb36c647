/* Lists of regular expressions (PCRE2), searched in URLs. */
#ifndef TW_FRONTIER_PATTERNS_H
#define TW_FRONTIER_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

struct tw_pattern;

/* Zeroed it is empty. For one thread at a time. */
struct tw_patterns {
    struct tw_pattern *items;
    size_t count;
    void *match;   /* pcre2_match_data */
    void *context; /* pcre2_match_context */
};

enum tw_pattern_found {
    TW_PATTERN_NONE,
    TW_PATTERN_FOUND,
    TW_PATTERN_LIMIT, /* none was found, and this one gave up at the match limit */
};

/* 0; TRAWL_ENOMEM; or TRAWL_EINVAL with "'a(b': at byte 3: missing closing parenthesis" in
 * error. The list is to be freed in any case. */
int tw_patterns_open(struct tw_patterns *list, const char *const *texts, size_t count,
                     char *error, size_t size);
void tw_patterns_free(struct tw_patterns *list);

/* The first of them that is found in text, or else the first that gave up; *which is then its
 * text, as it was given, in the list's memory. */
enum tw_pattern_found tw_patterns_find(const struct tw_patterns *list, const char *text,
                                       size_t len, const char **which);

#endif
