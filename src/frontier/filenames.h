/* Lists of file name suffixes and shell patterns, as -A and -R take them. */
#ifndef TW_FRONTIER_FILENAMES_H
#define TW_FRONTIER_FILENAMES_H

#include <stdbool.h>
#include <stddef.h>

struct tw_filename;

/* Zeroed it is empty. */
struct tw_filenames {
    struct tw_filename *items;
    size_t count;
    bool any_case;
};

/* 0; TRAWL_ENOMEM; or TRAWL_EINVAL for an empty entry, with a phrase in error. The list is to
 * be freed in any case. */
int tw_filenames_open(struct tw_filenames *list, const char *const *texts, size_t count,
                      bool any_case, char *error, size_t size);
void tw_filenames_free(struct tw_filenames *list);

/* The first entry that matches a name as a canonical URL has it, as the entry was given; or
 * NULL. */
const char *tw_filenames_find(const struct tw_filenames *list, const char *name, size_t len);

/* Whether a URL with this file name may lead further: an empty name, one without an extension,
 * or with a page's. */
bool tw_filename_is_page(const char *name, size_t len);

#endif
