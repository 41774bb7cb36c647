#include "frontier/filenames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/ascii.h"
#include "parse/glob.h"
#include "parse/percent.h"
#include "trawl.h"

struct tw_filename {
    char *given;
    char
        *text; /* percent-encoded like a URL's path, but for the wildcards; in given's memory */
    size_t len;
    bool is_pattern;
};

static bool is_wildcard(char c)
{
    return c == '*' || c == '?' || c == '[' || c == ']';
}

static size_t encode(char *out, const char *text, bool is_pattern)
{
    char *end = out;

    for (; *text != '\0'; text++) {
        if (is_pattern && is_wildcard(*text))
            *end++ = *text;
        else
            end = tw_pct_encode(end, text, 1, TW_PCT_PATH);
    }
    return (size_t)(end - out);
}

static int open_one(struct tw_filename *name, const char *given)
{
    size_t len = strlen(given);

    name->given = malloc(len + 1 + 3 * len);
    if (name->given == NULL)
        return TRAWL_ENOMEM;
    memcpy(name->given, given, len + 1);
    name->text = name->given + len + 1;
    name->is_pattern = strpbrk(given, "*?[]") != NULL;
    name->len = encode(name->text, given, name->is_pattern);
    return 0;
}

int tw_filenames_open(struct tw_filenames *list, const char *const *texts, size_t count,
                      bool any_case, char *error, size_t size)
{
    int err = 0;

    *list = (struct tw_filenames){.any_case = any_case};
    if (count == 0)
        return 0;
    list->items = calloc(count, sizeof(*list->items));
    if (list->items == NULL)
        return TRAWL_ENOMEM;
    while (err == 0 && list->count < count) {
        const char *given = texts[list->count];

        if (given[0] == '\0') {
            snprintf(error, size, "entry %zu is empty", list->count + 1);
            return TRAWL_EINVAL;
        }
        err = open_one(&list->items[list->count++], given);
    }
    return err;
}

void tw_filenames_free(struct tw_filenames *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].given);
    free(list->items);
    *list = (struct tw_filenames){0};
}

static bool ends_with(const char *name, size_t len, const char *suffix, size_t suffix_len,
                      bool any_case)
{
    const char *end;

    if (suffix_len > len)
        return false;
    end = name + len - suffix_len;
    return any_case ? tw_ascii_equal(end, suffix, suffix_len)
                    : memcmp(end, suffix, suffix_len) == 0;
}

const char *tw_filenames_find(const struct tw_filenames *list, const char *name, size_t len)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tw_filename *f = &list->items[i];

        if (f->is_pattern ? tw_glob_match(f->text, f->len, name, len, list->any_case)
                          : ends_with(name, len, f->text, f->len, list->any_case))
            return f->given;
    }
    return NULL;
}

/* The length of what follows the last dot, if it looks like an extension: it is short and has a
 * letter, so that "v1.2" has none and "a.7z" has. */
static size_t extension(const char *name, size_t len)
{
    size_t n = 0, letters = 0;

    for (; n < len; n++) {
        char c = name[len - 1 - n];

        if (!tw_ascii_is_alpha(c) && !tw_ascii_is_digit(c))
            break;
        letters += tw_ascii_is_alpha(c);
    }
    return n < len && name[len - 1 - n] == '.' && letters > 0 && n <= 6 ? n : 0;
}

bool tw_filename_is_page(const char *name, size_t len)
{
    static const char *const pages[] = {"html", "htm",  "xhtml", "xht",  "shtml", "shtm",
                                        "php",  "php3", "php4",  "php5", "php7",  "phtml",
                                        "asp",  "aspx", "jsp",   "jspx", "do",    "action",
                                        "cgi",  "pl",   "cfm"};
    size_t n = extension(name, len);

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]) && n > 0; i++)
        if (strlen(pages[i]) == n && tw_ascii_equal(name + len - n, pages[i], n))
            return true;
    return n == 0;
}
