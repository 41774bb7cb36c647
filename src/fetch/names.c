#include "fetch/names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fetch/proxy.h"

const char *tw_name_host(const char *url, size_t *len)
{
    const char *host = strstr(url, "://") + 3;

    *len = strcspn(host, ":/");
    return host;
}

size_t tw_name_host_port(const char *url, char *buf, size_t size)
{
    size_t len;
    const char *host = tw_name_host(url, &len);
    const char *port = strncmp(url, "https:", 6) == 0 ? "443" : "80";
    size_t port_len = strlen(port);
    int n;

    if (host[len] == ':') {
        port = host + len + 1;
        port_len = strcspn(port, "/");
    }
    n = snprintf(buf, size, "%.*s:%.*s", (int)len, host, (int)port_len, port);
    return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

/* Whether the caller said where this host is. */
static bool is_given(const trawl_options *o, const char *url)
{
    char host_port[TW_HOST_PORT_MAX];
    size_t len = tw_name_host_port(url, host_port, sizeof(host_port));

    for (const char *const *r = o->resolve; r != NULL && *r != NULL; r++) {
        const char *entry = **r == '+' ? *r + 1 : *r;

        if (entry[0] == '*' || (strncasecmp(entry, host_port, len) == 0 && entry[len] == ':'))
            return true;
    }
    return false;
}

bool tw_name_is_asked(const trawl_options *options, const char *url, bool host_is_ip)
{
    return !host_is_ip && tw_proxy_for(options, url) == NULL && !is_given(options, url);
}
