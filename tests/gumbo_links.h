/* The links of a document as gumbo's tree has them, for tests of the scanner. */
#ifndef GUMBO_LINKS_H
#define GUMBO_LINKS_H

#include <stdbool.h>
#include <stddef.h>

struct one_link {
    size_t at; /* offset of the tag */
    size_t index;
    char *text; /* "tag attribute value", owned */
};

struct link_list {
    struct one_link *links;
    size_t len, cap;
    bool odd; /* gumbo's tree dropped what stands inside of select or frameset */
};

/* Adds to the list, in the order of calls. */
void link_list_add(struct link_list *list, size_t at, const char *tag, const char *attribute,
                   const char *value, size_t len);
/* By place in the document; links of one tag stay in order. */
void link_list_sort(struct link_list *list);
void link_list_free(struct link_list *list);

/* UTF-8 without a byte order mark. */
void gumbo_links(struct link_list *list, const char *html, size_t len);

#endif
