#include "fetch/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/proxy.h"

/* CURLE_TOO_LARGE, which 8.6 brought. */
#define TOO_LARGE 100

#define RECEIVE_BUFFER (64L * 1024)
/* Above this many in flight, memory matters more than calls for large bodies. */
#define MANY_IN_FLIGHT 512

int tw_request_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : TRAWL_EINTERNAL;
}

static bool header_is(const char *line, const char *name)
{
    size_t len = strlen(name);

    return strncasecmp(line, name, len) == 0 && (line[len] == ':' || line[len] == ';');
}

/* Fields that speak for the user to one origin only. */
static bool header_is_secret(const char *line)
{
    return header_is(line, "Authorization") || header_is(line, "Cookie") ||
           header_is(line, "Proxy-Authorization");
}

static int slist_add(struct curl_slist **list, const char *text)
{
    struct curl_slist *grown = curl_slist_append(*list, text);

    if (grown == NULL)
        return TRAWL_ENOMEM;
    *list = grown;
    return 0;
}

static bool headers_have(const char *const *headers, const char *name)
{
    for (; headers != NULL && *headers != NULL; headers++)
        if (header_is(*headers, name))
            return true;
    return false;
}

static int add_header(struct tw_request_shared *s, const char *name, const char *value)
{
    char line[512];
    int err = 0, len = snprintf(line, sizeof(line), "%s: %s", name, value);

    if (len < 0 || (size_t)len >= sizeof(line))
        return TRAWL_EINVAL;
    err = slist_add(&s->headers, line);
    return err != 0 ? err : slist_add(&s->headers_plain, line);
}

static void add_coding(char *text, size_t size, bool has, const char *name)
{
    size_t len = strlen(text);

    if (has)
        snprintf(text + len, size - len, "%s%s", len == 0 ? "" : ", ", name);
}

/* Fields that libcurl would format anew for each request, made once. */
static int add_constant_headers(struct tw_request_shared *s)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const trawl_options *o = s->options;
    char codings[64] = "";
    int err = 0;

    if (o->user_agent != NULL && !headers_have(o->headers, "User-Agent"))
        err = add_header(s, "User-Agent", o->user_agent);
    add_coding(codings, sizeof(codings), info->features & CURL_VERSION_LIBZ, "deflate, gzip");
    add_coding(codings, sizeof(codings), info->features & CURL_VERSION_BROTLI, "br");
    add_coding(codings, sizeof(codings), info->features & CURL_VERSION_ZSTD, "zstd");
    if (err == 0 && codings[0] != '\0' && !headers_have(o->headers, "Accept-Encoding"))
        err = add_header(s, "Accept-Encoding", codings);
    return err;
}

static int add_headers(struct tw_request_shared *s, const char *const *headers)
{
    int err = add_constant_headers(s);

    for (; headers != NULL && *headers != NULL && err == 0; headers++) {
        err = slist_add(&s->headers, *headers);
        if (err == 0 && !header_is_secret(*headers))
            err = slist_add(&s->headers_plain, *headers);
    }
    return err;
}

/* With "+" an entry ages like an answer; without, it stays in every multi's cache for ever. */
static int add_resolve(struct tw_request_shared *s, const char *const *resolve)
{
    int err = 0;

    for (; resolve != NULL && *resolve != NULL && err == 0; resolve++) {
        size_t size = strlen(*resolve) + 2;
        char *entry = malloc(size);

        if (entry == NULL)
            return TRAWL_ENOMEM;
        snprintf(entry, size, "%s%s", **resolve == '+' || **resolve == '-' ? "" : "+", *resolve);
        err = slist_add(&s->resolve, entry);
        free(entry);
    }
    return err;
}

int tw_request_shared_init(struct tw_request_shared *s, const trawl_options *options)
{
    int err;

    *s = (struct tw_request_shared){.options = options};
    s->proxied = (options->proxy_http != NULL && *options->proxy_http != '\0') ||
                 (options->proxy_https != NULL && *options->proxy_https != '\0');
    err = tw_guard_init(&s->guard, options);
    if (err == 0)
        err = add_headers(s, options->headers);
    if (err == 0)
        err = add_resolve(s, options->resolve);
    if (err != 0)
        tw_request_shared_free(s);
    return err;
}

void tw_request_shared_free(struct tw_request_shared *s)
{
    curl_slist_free_all(s->headers);
    curl_slist_free_all(s->headers_plain);
    curl_slist_free_all(s->resolve);
    tw_guard_free(&s->guard);
    *s = (struct tw_request_shared){0};
}

/* RFC 9112 section 6.3: two lengths that differ are an error. libcurl takes the last one. */
static int note_length(struct tw_request *r, const char *value, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len && n < UINT64_MAX / 10 - 1; i++)
        if (value[i] >= '0' && value[i] <= '9')
            n = n * 10 + (uint64_t)(value[i] - '0');
    if (r->has_length && n != r->length)
        return TRAWL_EPROTOCOL;
    r->has_length = true;
    r->length = n;
    return 0;
}

/* in_header: an empty line is still to come. Trailers have none of their own. */
static int note_header(struct tw_request *r, const char *line, size_t len)
{
    if (len > 0 && (line[0] == '\r' || line[0] == '\n')) {
        r->in_header = false;
    } else if (len > 5 && memcmp(line, "HTTP/", 5) == 0 && r->job->out.status == 0) {
        r->in_header = true;
        r->has_length = false;
    } else if (r->in_header && len > 15 && strncasecmp(line, "Content-Length:", 15) == 0) {
        return note_length(r, line + 15, len - 15);
    }
    return 0;
}

static size_t on_header(char *line, size_t size, size_t count, void *data)
{
    struct tw_request *r = data;
    int err = note_header(r, line, size * count);

    if (err == 0)
        err = r->job->to->on_header(r->job, line, size * count);
    if (err == 0)
        return size * count;
    r->abort_error = err;
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct tw_request *r = data;
    long status = 0;
    int err;

    if (r->job->out.status == 0) {
        curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
        r->job->out.status = (int)status;
    }
    err = r->job->to->on_body(r->job, bytes, size * count);
    if (err == 0)
        return size * count;
    if (err == TRAWL_PAUSE)
        return CURL_WRITEFUNC_PAUSE;
    r->abort_error = err;
    return 0;
}

static curl_socket_t on_socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct tw_request *r = data;

    (void)purpose;
    return tw_gate_open(&r->gate, addr);
}

static long http_version_option(trawl_http http)
{
    switch (http) {
    case TRAWL_HTTP_1_1: return CURL_HTTP_VERSION_1_1;
    case TRAWL_HTTP_2: return CURL_HTTP_VERSION_2_0;
    case TRAWL_HTTP_ANY: break;
    }
    return CURL_HTTP_VERSION_2TLS;
}

static long ip_option(trawl_ip ip)
{
    switch (ip) {
    case TRAWL_IP_V4: return CURL_IPRESOLVE_V4;
    case TRAWL_IP_V6: return CURL_IPRESOLVE_V6;
    case TRAWL_IP_ANY: break;
    }
    return CURL_IPRESOLVE_WHATEVER;
}

static void set_limits(CURL *e, const trawl_options *o)
{
    long buffer = o->concurrency > MANY_IN_FLIGHT ? CURL_MAX_WRITE_SIZE / 4 : RECEIVE_BUFFER;

    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, buffer);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)o->low_speed_bytes);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)((o->low_speed_ms + 999) / 1000));
}

static void set_way(CURL *e, const struct tw_request_shared *s)
{
    const trawl_options *o = s->options;

    /* Empty is none; unset would have libcurl look into the environment each time. */
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOPROXY, "");
    curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(e, CURLOPT_IPRESOLVE, ip_option(o->ip));
    if (o->interface_name != NULL)
        curl_easy_setopt(e, CURLOPT_INTERFACE, o->interface_name);
    if (o->ca_file != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, http_version_option(o->http));
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, o->no_reuse ? 1L : 0L);
}

static void set_all(struct tw_request *r)
{
    CURL *e = r->easy;
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, r->shared->headers);
    curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket_open);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, r);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->detail);
    curl_easy_setopt(e, CURLOPT_PRIVATE, r);
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L);
    set_limits(e, r->shared->options);
    set_way(e, r->shared);
}

int tw_request_init(struct tw_request *r, const struct tw_request_shared *shared)
{
    *r = (struct tw_request){.shared = shared};
    r->easy = curl_easy_init();
    r->parts = curl_url();
    if (r->easy == NULL || r->parts == NULL) {
        tw_request_clear(r);
        return TRAWL_ENOMEM;
    }
    set_all(r);
    return 0;
}

void tw_request_clear(struct tw_request *r)
{
    curl_easy_cleanup(r->easy);
    curl_url_cleanup(r->parts);
    free(r->origin);
    r->easy = NULL;
    r->parts = NULL;
    r->origin = NULL;
}

/* ---- the URL ----
 *
 * The URL is canonical already. Handed over as text, libcurl takes it apart, puts it together again
 * and takes that apart: a tenth of all that it does for a small page. As parts it is copied. */

#define ORIGIN_MAX 512

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
    if (curl_url_set(r->parts, CURLUPART_URL, text, 0) != CURLUE_OK)
        return false;
    r->origin = strdup(text);
    return r->origin != NULL;
}

static bool set_path(struct tw_request *r, char *path)
{
    char *query = strchr(path, '?');
    bool ok;

    if (query != NULL)
        *query = '\0';
    ok = curl_url_set(r->parts, CURLUPART_PATH, path, 0) == CURLUE_OK &&
         curl_url_set(r->parts, CURLUPART_QUERY, query == NULL ? NULL : query + 1, 0) == CURLUE_OK;
    if (query != NULL)
        *query = '?';
    return ok;
}

/* curl_url_set() changes the case of percent-encodings, and drops an empty query's "?". */
static bool set_parts(struct tw_request *r, const char *url)
{
    char text[2048];
    const char *path = strchr(url + sizeof("https:/"), '/');
    size_t len = path == NULL ? 0 : strlen(path);

    if (path == NULL || len >= sizeof(text) || memchr(path, '%', len) != NULL ||
        path[len - 1] == '?')
        return false;
    memcpy(text, path, len + 1);
    return set_origin(r, url, (size_t)(path - url)) && set_path(r, text);
}

static CURLcode set_url(struct tw_request *r, const char *url)
{
    if (!set_parts(r, url)) {
        r->by_parts = false;
        curl_easy_setopt(r->easy, CURLOPT_CURLU, NULL);
        return curl_easy_setopt(r->easy, CURLOPT_URL, url);
    }
    if (r->by_parts)
        return CURLE_OK;
    /* Only a name for it: the parts come first, but without this one is made from them. */
    r->by_parts = true;
    curl_easy_setopt(r->easy, CURLOPT_CURLU, r->parts);
    return curl_easy_setopt(r->easy, CURLOPT_URL, "http:");
}

static CURLcode set_credentials(struct tw_request *r, const struct tw_job *job)
{
    bool has_user = job->user != NULL || job->password != NULL;
    CURLcode code = CURLE_OK;

    if (!has_user && !r->has_user)
        return CURLE_OK;
    r->has_user = has_user;
    code = curl_easy_setopt(r->easy, CURLOPT_USERNAME, has_user && !job->user ? "" : job->user);
    if (code == CURLE_OK)
        code = curl_easy_setopt(r->easy, CURLOPT_PASSWORD, job->password);
    return code;
}

/* The proxy was chosen by the user: it may be anywhere. */
static CURLcode set_proxy(struct tw_request *r, const char *url)
{
    const char *proxy = r->shared->proxied ? tw_proxy_for(r->shared->options, url) : NULL;

    tw_gate_reset(&r->gate, proxy == NULL ? &r->shared->guard : NULL);
    if (!r->shared->proxied)
        return CURLE_OK;
    return curl_easy_setopt(r->easy, CURLOPT_PROXY, proxy == NULL ? "" : proxy);
}

int tw_request_begin(struct tw_request *r, struct tw_job *job, bool keep)
{
    CURL *e = r->easy;
    bool https = strncmp(job->url, "https:", 6) == 0;
    CURLcode code;

    r->job = job;
    r->abort_error = 0;
    r->in_header = true;
    r->has_length = false;
    r->detail[0] = '\0';
    job->out = (struct tw_outcome){0};
    code = set_url(r, job->url);
    if (code == CURLE_OK)
        code = set_credentials(r, job);
    if (code == CURLE_OK)
        code = set_proxy(r, job->url);
    if (code != CURLE_OK) {
        r->job = NULL;
        return TRAWL_ENOMEM;
    }
    if (r->plain != job->foreign) {
        r->plain = job->foreign;
        curl_easy_setopt(e, CURLOPT_HTTPHEADER,
                         r->plain ? r->shared->headers_plain : r->shared->headers);
    }
    if (r->shared->resolve != NULL)
        curl_easy_setopt(e, CURLOPT_RESOLVE, r->shared->resolve);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)job->timeout_ms);
    curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)job->max_body);
    curl_easy_setopt(e, CURLOPT_FORBID_REUSE, keep ? 0L : 1L);
    /* Plain HTTP is never multiplexed here: waiting for the first connection would only cost. */
    curl_easy_setopt(e, CURLOPT_PIPEWAIT,
                     https && r->shared->options->http != TRAWL_HTTP_1_1 ? 1L : 0L);
    /* An answer for a literal address is not worth keeping: the table is scanned. */
    curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, job->host_is_ip ? 0L : 60L);
    return 0;
}

static int version_number(long version)
{
    switch (version) {
    case CURL_HTTP_VERSION_1_0: return 10;
    case CURL_HTTP_VERSION_1_1: return 11;
    case CURL_HTTP_VERSION_2_0: return 20;
    case CURL_HTTP_VERSION_3: return 30;
    default: return 0;
    }
}

/* The phase from a to b; both count from the start, and 0 means that it did not take place. */
static uint64_t phase(curl_off_t a, curl_off_t b)
{
    return b > a ? (uint64_t)(b - a) : 0;
}

static void read_times(CURL *e, struct tw_outcome *out)
{
    curl_off_t name = 0, connect = 0, tls = 0, first = 0, total = 0;
    long connects = 0;

    curl_easy_getinfo(e, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(e, CURLINFO_STARTTRANSFER_TIME_T, &first);
    curl_easy_getinfo(e, CURLINFO_TOTAL_TIME_T, &total);
    out->first_byte_us = (uint64_t)first;
    out->total_us = (uint64_t)total;
    if (connects == 0)
        return;
    curl_easy_getinfo(e, CURLINFO_NAMELOOKUP_TIME_T, &name);
    curl_easy_getinfo(e, CURLINFO_CONNECT_TIME_T, &connect);
    curl_easy_getinfo(e, CURLINFO_APPCONNECT_TIME_T, &tls);
    out->dns_us = (uint64_t)name;
    out->connect_us = phase(name, connect);
    out->tls_us = phase(connect, tls);
}

static void read_outcome(CURL *e, struct tw_outcome *out)
{
    long status = 0, version = 0, port = 0, header_bytes = 0;
    curl_off_t body_bytes = 0;
    const char *ip = NULL;

    curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(e, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(e, CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(e, CURLINFO_PRIMARY_PORT, &port);
    curl_easy_getinfo(e, CURLINFO_HEADER_SIZE, &header_bytes);
    curl_easy_getinfo(e, CURLINFO_SIZE_DOWNLOAD_T, &body_bytes);
    out->status = (int)status;
    out->http_version = version_number(version);
    out->port = (unsigned)port;
    out->wire_bytes = (uint64_t)header_bytes + (uint64_t)body_bytes;
    if (ip != NULL)
        memcpy(out->ip, ip, strnlen(ip, sizeof(out->ip) - 1));
    read_times(e, out);
}

static bool says(const struct tw_request *r, const char *text)
{
    return strstr(r->detail, text) != NULL;
}

static bool was_sent(const struct tw_request *r)
{
    curl_off_t sent = 0;

    curl_easy_getinfo(r->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    return sent != 0;
}

/* libcurl has one code for all its clocks; before the request could be sent it was connecting. */
static int timeout_error(const struct tw_request *r)
{
    if (says(r, "too slow"))
        return TRAWL_ELOWSPEED;
    return was_sent(r) ? TRAWL_ETIMEDOUT : TRAWL_ECONNTIMEOUT;
}

/* And one for all that goes wrong while it receives. */
static int receive_error(const struct tw_request *r)
{
    if (says(r, "chunked-encoding"))
        return TRAWL_EPROTOCOL;
    if (says(r, "Too large response headers"))
        return TRAWL_EHEADERSIZE;
    if (says(r, "CONNECT"))
        return TRAWL_EPROXY;
    return TRAWL_ERESET;
}

/* Before 8.6 a header line of more than 100 kB was no memory for it. */
static int memory_error(const struct tw_request *r)
{
    return r->in_header && was_sent(r) ? TRAWL_EHEADERSIZE : TRAWL_ENOMEM;
}

static int error_of(const struct tw_request *r, CURLcode code)
{
    switch (code) {
    case CURLE_OK: return r->in_header ? TRAWL_ERESET : 0; /* a close there is no end */
    case CURLE_URL_MALFORMAT: return TRAWL_EURL;
    case CURLE_COULDNT_RESOLVE_HOST: return TRAWL_ERESOLVE;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return TRAWL_EPROXY;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED: return tw_gate_error(&r->gate);
    case CURLE_OPERATION_TIMEDOUT: return timeout_error(r);
    case CURLE_RECV_ERROR: return receive_error(r);
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2_STREAM: return TRAWL_ERESET;
    case CURLE_GOT_NOTHING: return TRAWL_EEMPTY;
    case CURLE_PARTIAL_FILE: return TRAWL_ETRUNCATED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED: return TRAWL_ETLS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CACERT_BADFILE: return TRAWL_ECERT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: other schemes never get here */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2: return TRAWL_EPROTOCOL;
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR: return TRAWL_EENCODING;
    case CURLE_FILESIZE_EXCEEDED: return TRAWL_EBODYSIZE;
    case CURLE_OUT_OF_MEMORY: return memory_error(r);
    case TOO_LARGE: return TRAWL_EHEADERSIZE;
    default: return TRAWL_EINTERNAL;
    }
}

static const char *words_for(const struct tw_request *r, CURLcode code, int error)
{
    if (error == TRAWL_EDENIED)
        return r->gate.denied;
    if (r->detail[0] != '\0')
        return r->detail;
    if (code == CURLE_OK)
        return "the connection was closed inside the header";
    if (error == TRAWL_EHEADERSIZE)
        return "a header line is longer than libcurl takes";
    return curl_easy_strerror(code);
}

void tw_request_drop(struct tw_request *r, CURLcode code)
{
    r->job->out = (struct tw_outcome){
        .curl_code = (int)code,
        .error = code == CURLE_OUT_OF_MEMORY ? TRAWL_ENOMEM : TRAWL_EINTERNAL,
    };
    r->job = NULL;
}

void tw_request_end(struct tw_request *r, CURLcode code)
{
    struct tw_job *job = r->job;
    struct tw_outcome *out = &job->out;

    read_outcome(r->easy, out);
    out->curl_code = (int)code;
    out->error = r->abort_error != 0 && code != CURLE_OK ? r->abort_error : error_of(r, code);
    if (out->error != 0 && r->abort_error == 0)
        snprintf(out->detail, sizeof(out->detail), "%s", words_for(r, code, out->error));
    r->job = NULL;
}
