#include "fetch/dns_name.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define LABEL_MAX 63

/* The character in lower case, 0 if a name cannot have it. */
static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
        return c;
    return 0;
}

static bool copy(struct tw_dns_name *n, const char *name)
{
    size_t label = 0;

    for (; *name != '\0'; name++) {
        char c = *name == '.' ? '.' : fold(*name);

        label = c == '.' ? 0 : label + 1;
        if (c == 0 || label > LABEL_MAX || n->len == TW_DNS_NAME_SIZE - 1)
            return false;
        if (c == '.' && (n->len == 0 || n->text[n->len - 1] == '.'))
            return false;
        n->text[n->len++] = c;
    }
    n->text[n->len] = '\0';
    return n->len > 0 && (n->len < TW_DNS_NAME_SIZE - 1 || label == 0);
}

/* Whether the name is the one given or below it. */
static bool is_under(const struct tw_dns_name *n, const char *top)
{
    size_t len = n->len - (n->text[n->len - 1] == '.' ? 1 : 0), size = strlen(top);

    return len >= size && memcmp(n->text + len - size, top, size) == 0 &&
           (len == size || n->text[len - size - 1] == '.');
}

static bool read_ipv6(struct tw_dns_name *n, const char *name)
{
    struct in6_addr address;
    size_t len = strlen(name);

    if (len > 2 && name[0] == '[' && name[len - 1] == ']') {
        name++;
        len -= 2;
    }
    if (len >= INET6_ADDRSTRLEN)
        return false;
    memcpy(n->text, name, len);
    n->text[len] = '\0';
    n->len = len;
    return inet_pton(AF_INET6, n->text, &address) == 1;
}

void tw_dns_name_read(struct tw_dns_name *n, const char *name)
{
    struct in_addr address;

    n->len = 0;
    if (strchr(name, ':') != NULL)
        n->kind = read_ipv6(n, name) ? TW_DNS_NAME_IPV6 : TW_DNS_NAME_BAD;
    else if (!copy(n, name))
        n->kind = TW_DNS_NAME_BAD;
    else if (inet_pton(AF_INET, n->text, &address) == 1)
        n->kind = TW_DNS_NAME_IPV4;
    else if (is_under(n, "localhost"))
        n->kind = TW_DNS_NAME_LOCALHOST;
    else if (is_under(n, "invalid") || is_under(n, "onion"))
        n->kind = TW_DNS_NAME_NEVER;
    else
        n->kind = TW_DNS_NAME_PLAIN;
}
