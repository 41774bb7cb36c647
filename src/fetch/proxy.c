#include "fetch/proxy.h"

#include <string.h>
#include <strings.h>

#include "base/cidr.h"

struct word {
    const char *text;
    size_t len;
};

/* The host of a canonical URL, an IPv6 address with its brackets. */
static struct word host_of(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?");

    if (len > 1 && host[len - 1] == '.')
        len--;
    return (struct word){host, len};
}

/* Moves *at behind the next word of the list; false if there is none. */
static bool next_word(const char **at, struct word *word)
{
    *at += strspn(*at, ", \t");
    word->text = *at;
    word->len = strcspn(*at, ", \t");
    *at += word->len;
    return word->len > 0;
}

static bool matches_addr(struct word word, const struct tw_addr *addr)
{
    struct tw_cidr cidr;

    return tw_cidr_parse(word.text, word.len, &cidr) == NULL && tw_cidr_contains(&cidr, addr);
}

static bool matches_name(struct word word, struct word host)
{
    size_t before;

    if (word.len > 1 && word.text[word.len - 1] == '.')
        word.len--;
    if (word.len > 1 && word.text[0] == '.') {
        word.text++;
        word.len--;
    }
    if (word.len > host.len)
        return false;
    before = host.len - word.len;
    return strncasecmp(word.text, host.text + before, word.len) == 0 &&
           (before == 0 || host.text[before - 1] == '.');
}

static bool is_exempt(const char *no_proxy, struct word host)
{
    struct tw_addr addr;
    bool is_addr = tw_addr_parse(host.text, host.len, &addr);
    struct word word;

    while (next_word(&no_proxy, &word)) {
        if (word.len == 1 && word.text[0] == '*')
            return true;
        if (is_addr ? matches_addr(word, &addr) : matches_name(word, host))
            return true;
    }
    return false;
}

const char *tw_proxy_for(const trawl_options *options, const char *url)
{
    bool https = strncmp(url, "https:", 6) == 0;
    const char *proxy = https ? options->proxy_https : options->proxy_http;

    if (proxy == NULL || proxy[0] == '\0')
        return NULL;
    if (options->no_proxy != NULL && is_exempt(options->no_proxy, host_of(url)))
        return NULL;
    return proxy;
}
