#include "frontier/patterns.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "trawl.h"

/* How often a match may go back, from each byte that it may begin with, and how much memory it
 * may take. Enough for two ".*" over a URL of the longest kind, and at most some milliseconds.
 */
#define MATCH_LIMIT 200000
#define HEAP_KIB    1024

struct tw_pattern {
    char *text;
    pcre2_code *code;
};

static int fail(const char *text, int code, size_t at, char *error, size_t size)
{
    PCRE2_UCHAR message[128];

    if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
        return TRAWL_ENOMEM;
    pcre2_get_error_message(code, message, sizeof(message));
    snprintf(error, size, "'%s': at byte %zu: %s", text, at, (const char *)message);
    return TRAWL_EINVAL;
}

/* Without JIT it is interpreted: slower, with the same outcome but for the limits' measure. */
static int compile(struct tw_pattern *p, const char *text, char *error, size_t size)
{
    size_t at;
    int code;

    p->text = strdup(text);
    if (p->text == NULL)
        return TRAWL_ENOMEM;
    p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, &code, &at, NULL);
    if (p->code == NULL)
        return fail(text, code, at, error, size);
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
    return 0;
}

static int open_match(struct tw_patterns *list)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);

    list->context = context;
    list->match = pcre2_match_data_create(1, NULL);
    if (context == NULL || list->match == NULL)
        return TRAWL_ENOMEM;
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_heap_limit(context, HEAP_KIB);
    return 0;
}

int tw_patterns_open(struct tw_patterns *list, const char *const *texts, size_t count,
                     char *error, size_t size)
{
    int err;

    *list = (struct tw_patterns){0};
    if (count == 0)
        return 0;
    err = open_match(list);
    if (err != 0)
        return err;
    list->items = calloc(count, sizeof(*list->items));
    if (list->items == NULL)
        return TRAWL_ENOMEM;
    while (err == 0 && list->count < count) {
        err = compile(&list->items[list->count], texts[list->count], error, size);
        list->count++;
    }
    return err;
}

void tw_patterns_free(struct tw_patterns *list)
{
    for (size_t i = 0; i < list->count; i++) {
        pcre2_code_free(list->items[i].code);
        free(list->items[i].text);
    }
    free(list->items);
    pcre2_match_data_free(list->match);
    pcre2_match_context_free(list->context);
    *list = (struct tw_patterns){0};
}

/* JIT's stack is small; the interpreter keeps to the heap, whose limit is ours. */
static int match(const struct tw_patterns *list, const struct tw_pattern *p, const char *text,
                 size_t len)
{
    int rc = pcre2_match(p->code, (PCRE2_SPTR)text, len, 0, 0, list->match, list->context);

    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
        rc = pcre2_match(p->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_JIT, list->match,
                         list->context);
    return rc;
}

enum tw_pattern_found tw_patterns_find(const struct tw_patterns *list, const char *text,
                                       size_t len, const char **which)
{
    enum tw_pattern_found found = TW_PATTERN_NONE;

    for (size_t i = 0; i < list->count; i++) {
        const struct tw_pattern *p = &list->items[i];
        int rc = match(list, p, text, len);

        if (rc >= 0) {
            *which = p->text;
            return TW_PATTERN_FOUND;
        }
        if (rc != PCRE2_ERROR_NOMATCH && found == TW_PATTERN_NONE) {
            *which = p->text;
            found = TW_PATTERN_LIMIT;
        }
    }
    return found;
}
