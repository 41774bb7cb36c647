/* The URL of a request. It is canonical already. Handed over as text, libcurl takes it apart, puts it
 * together again and takes that apart: a tenth of all that it does for a small page. As parts it is
 * copied. */
#include <stdlib.h>
#include <string.h>

#include "fetch/request.h"

#define ORIGIN_MAX 512

/* As one text they would be taken apart and judged, which is done. */
static bool set_scheme_and_host(CURLU *parts, char *origin)
{
    char *host = strchr(origin, ':');
    char *port = strrchr(origin, ':');

    if (port == host || strchr(port, ']') != NULL)
        port = NULL;
    else
        *port++ = '\0';
    *host = '\0';
    host += sizeof("://") - 1;
    return curl_url_set(parts, CURLUPART_SCHEME, origin, 0) == CURLUE_OK &&
           curl_url_set(parts, CURLUPART_HOST, host, 0) == CURLUE_OK &&
           curl_url_set(parts, CURLUPART_PORT, port, 0) == CURLUE_OK;
}

/* The parts up to the path, which stay the same from one page of a host to the next. */
static bool set_origin(struct tw_request *r, const char *url, size_t len)
{
    char text[ORIGIN_MAX];

    if (r->origin != NULL && strlen(r->origin) == len && memcmp(r->origin, url, len) == 0)
        return true;
    free(r->origin);
    r->origin = NULL;
    if (len >= sizeof(text))
        return false;
    memcpy(text, url, len);
    text[len] = '\0';
    if (!set_scheme_and_host(r->parts, text))
        return false;
    r->origin = strndup(url, len);
    return r->origin != NULL;
}

/* The query goes along with the path, as it does in the request: as a part of its own it would be
 * formatted twice. curl_url_set() changes the case of percent-encodings. */
static bool set_parts(struct tw_request *r, const char *url)
{
    const char *path = strchr(url + sizeof("https:/"), '/');

    return path != NULL && strchr(path, '%') == NULL &&
           set_origin(r, url, (size_t)(path - url)) &&
           curl_url_set(r->parts, CURLUPART_PATH, path, 0) == CURLUE_OK;
}

CURLcode tw_request_set_url(struct tw_request *r, const char *url)
{
    bool in_parts = set_parts(r, url);

    if (r->in_parts != in_parts)
        curl_easy_setopt(r->easy, CURLOPT_CURLU, in_parts ? r->parts : NULL);
    r->in_parts = in_parts;
    /* The parts come first, but without the text one is made from them. */
    return curl_easy_setopt(r->easy, CURLOPT_URL, url);
}
