#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "trawl.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct tw_addr tw_addr_from_ipv6(const uint8_t bytes[16])
{
    struct tw_addr addr = {.size = 16};

    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        addr.size = 4;
        bytes += sizeof(mapped);
    }
    memcpy(addr.bytes, bytes, addr.size);
    return addr;
}

bool tw_addr_parse(const char *text, size_t len, struct tw_addr *addr)
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t bytes[16] = {0};
    bool bracketed = len >= 2 && text[0] == '[' && text[len - 1] == ']';

    if (bracketed) {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET6, copy, bytes) == 1) {
        *addr = tw_addr_from_ipv6(bytes);
        return true;
    }
    if (bracketed || inet_pton(AF_INET, copy, bytes) != 1)
        return false;
    *addr = (struct tw_addr){.size = 4};
    memcpy(addr->bytes, bytes, 4);
    return true;
}

size_t tw_list_count(const char *text, size_t len)
{
    size_t n = 1;

    for (size_t i = 0; i < len; i++)
        n += text[i] == ',';
    return n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool tw_list_next(const char *text, size_t len, struct tw_list_entry *entry)
{
    const char *comma;
    size_t at = entry->next, end;

    if (at > len)
        return false;
    comma = at < len ? memchr(text + at, ',', len - at) : NULL;
    end = comma != NULL ? (size_t)(comma - text) : len;
    entry->next = end + 1;
    entry->number++;
    while (at < end && is_blank(text[at]))
        at++;
    while (at < end && is_blank(text[end - 1]))
        end--;
    entry->at = at;
    entry->len = end - at;
    return true;
}

int tw_list_fail(struct tw_list_error *error, const struct tw_list_entry *entry,
                 const char *reason)
{
    *error = (struct tw_list_error){entry->at, entry->len, entry->number, reason};
    return TRAWL_EINVAL;
}
