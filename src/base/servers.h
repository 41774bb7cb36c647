/* Lists of servers: "192.0.2.53, 192.0.2.54:5353, 2001:db8::53, [2001:db8::54]:5353". */
#ifndef TW_BASE_SERVERS_H
#define TW_BASE_SERVERS_H

#include "base/addr.h"

struct tw_server {
    struct tw_addr addr;
    uint16_t port; /* 0 if none was given */
};

struct tw_server_list {
    struct tw_server *items; /* owned */
    size_t count;            /* at least 1 */
};

/* 0; TRAWL_EINVAL for an entry that is empty or unreadable, told in *error; TRAWL_ENOMEM. */
int tw_server_list_parse(struct tw_server_list *list, const char *text, size_t len,
                         struct tw_list_error *error);
void tw_server_list_free(struct tw_server_list *list);

#endif
