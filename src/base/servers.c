#include "base/servers.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"

static bool parse_port(const char *text, size_t len, uint16_t *port)
{
    unsigned sum = 0;

    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        sum = sum * 10 + (unsigned)(text[i] - '0');
    }
    *port = (uint16_t)sum;
    return sum >= 1 && sum <= UINT16_MAX;
}

/* The colon before the port. The colons of an IPv6 address without brackets are its own. */
static const char *find_colon(const char *text, size_t len)
{
    const char *close = text[0] == '[' ? memchr(text, ']', len) : NULL;
    const char *from = close != NULL ? close : text;
    const char *colon = memchr(from, ':', (size_t)(text + len - from));

    if (colon == NULL || close != NULL)
        return colon;
    return memchr(colon + 1, ':', (size_t)(text + len - colon - 1)) == NULL ? colon : NULL;
}

static const char *parse_server(const char *text, size_t len, struct tw_server *server)
{
    const char *colon;

    if (len == 0)
        return "it is empty; leave out the comma, or give ADDRESS[:PORT]";
    colon = find_colon(text, len);
    if (!tw_addr_parse(text, colon != NULL ? (size_t)(colon - text) : len, &server->addr))
        return "it is no IP address; give ADDRESS[:PORT], such as 192.0.2.53 or "
               "[2001:db8::53]:53";
    server->port = 0;
    if (colon != NULL && !parse_port(colon + 1, (size_t)(text + len - colon - 1), &server->port))
        return "its port is none; give a number from 1 to 65535";
    return NULL;
}

int tw_server_list_parse(struct tw_server_list *list, const char *text, size_t len,
                         struct tw_list_error *error)
{
    struct tw_list_entry entry = {0};
    struct tw_server_list parsed = {0};

    parsed.items = calloc(tw_list_count(text, len), sizeof(*parsed.items));
    if (parsed.items == NULL)
        return TRAWL_ENOMEM;
    while (tw_list_next(text, len, &entry)) {
        struct tw_server *server = &parsed.items[parsed.count++];
        const char *reason = parse_server(text + entry.at, entry.len, server);

        if (reason != NULL) {
            tw_server_list_free(&parsed);
            return tw_list_fail(error, &entry, reason);
        }
    }
    *list = parsed;
    return 0;
}

void tw_server_list_free(struct tw_server_list *list)
{
    free(list->items);
    *list = (struct tw_server_list){0};
}
