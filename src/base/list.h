/* An intrusive doubly linked list. A zeroed link is in no list; tw_list_init() first. */
#ifndef TW_BASE_LIST_H
#define TW_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct tw_link {
    struct tw_link *prev, *next;
};

#define tw_container(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

static inline void tw_list_init(struct tw_link *head)
{
    head->prev = head->next = head;
}

static inline bool tw_list_empty(const struct tw_link *head)
{
    return head->next == head;
}

static inline bool tw_link_in_list(const struct tw_link *link)
{
    return link->next != NULL;
}

static inline void tw_list_insert(struct tw_link *before, struct tw_link *link)
{
    link->prev = before->prev;
    link->next = before;
    before->prev->next = link;
    before->prev = link;
}

static inline void tw_list_append(struct tw_link *head, struct tw_link *link)
{
    tw_list_insert(head, link);
}

static inline void tw_list_prepend(struct tw_link *head, struct tw_link *link)
{
    tw_list_insert(head->next, link);
}

/* Does nothing to a link that is in no list. */
static inline void tw_list_remove(struct tw_link *link)
{
    if (link->next == NULL)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = NULL;
}

/* All of from, in its order, to the end of `to`. */
static inline void tw_list_splice(struct tw_link *from, struct tw_link *to)
{
    if (tw_list_empty(from))
        return;
    from->next->prev = to->prev;
    from->prev->next = to;
    to->prev->next = from->next;
    to->prev = from->prev;
    tw_list_init(from);
}

/* All of from, in its order, to the head `to`, which need not be initialized. */
static inline void tw_list_move(struct tw_link *from, struct tw_link *to)
{
    tw_list_init(to);
    if (tw_list_empty(from))
        return;
    *to = *from;
    to->next->prev = to->prev->next = to;
    tw_list_init(from);
}

#endif
