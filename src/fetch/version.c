/* The versions of what we stand on, as they are at run time. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "fetch/request.h"
#include "trawl.h"

struct feature {
    int bit; /* libcurl's, 0 if it is ours */
    const char *name;
};

static void add(char *text, size_t size, const char *word)
{
    size_t len = strlen(text);

    snprintf(text + len, size - len, " %s", word);
}

static void add_features(char *text, size_t size, const curl_version_info_data *info)
{
    static const struct feature features[] = {
        {CURL_VERSION_HTTP2, "HTTP/2"}, {CURL_VERSION_HTTP3, "HTTP/3"},
        {0, "gzip"},                    {0, "br"},
        {0, "zstd"},                    {CURL_VERSION_IPV6, "IPv6"},
        {CURL_VERSION_ASYNCHDNS, "AsynchDNS"},
    };

    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        if (features[i].bit == 0 || info->features & features[i].bit)
            add(text, size, features[i].name);
}

const char *trawl_version(void)
{
    /* The one mutable global: the text depends on the libraries of the process, and so on nothing
     * that could differ between two calls. */
    static char text[512];
    const curl_version_info_data *info;

    if (text[0] != '\0' || tw_request_global_init() != 0)
        return text;
    info = curl_version_info(CURLVERSION_NOW);
    snprintf(text, sizeof(text), "trawl %s (libuv %s, libcurl %s, %s)\nfeatures:", TRAWL_VERSION,
             uv_version_string(), info->version,
             info->ssl_version == NULL ? "no TLS" : info->ssl_version);
    add_features(text, sizeof(text), info);
    return text;
}
