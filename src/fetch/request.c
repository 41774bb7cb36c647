#include "fetch/request.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/proxy.h"

#define UPLOAD_BUFFER (16 * 1024L) /* the least there is */

/* How much libcurl takes at a time: thousands in flight want little, and more than 16 kB makes a large body
 * no faster. libcurl takes a byte more: one less, to fill a size class of mimalloc's, spreads them over more
 * pages. */
static long receive_buffer(size_t in_flight)
{
    static const struct {
        size_t in_flight;
        long kilobytes;
    } steps[] = {{128, 16}, {1024, 4}, {4096, 2}};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (in_flight <= steps[i].in_flight)
            return steps[i].kilobytes * 1024;
    return 1024;
}

int tw_request_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : TRAWL_EINTERNAL;
}

static curl_socket_t on_socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct tw_request *r = data;

    (void)purpose;
    return tw_gate_open(&r->gate, addr);
}

/* libcurl asks again by itself when a kept connection dies under a request. How often a URL is asked
 * for is the core's to decide. */
static int on_send(void *data, char *ip, char *local_ip, int port, int local_port)
{
    struct tw_request *r = data;

    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    if (!r->sent) {
        r->sent = true;
        return CURL_PREREQFUNC_OK;
    }
    r->abort_error = TRAWL_EEMPTY;
    return CURL_PREREQFUNC_ABORT;
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
    bool low_speed = o->low_speed_bytes > 0 && o->low_speed_ms > 0;

    /* A limit has libcurl look at the transfer once a second, also without a time. 7.88 can lose sight
     * of the total limit, when something happens in the last millisecond before it; then this tick
     * finds it. */
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)(low_speed ? o->low_speed_bytes : 1));
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME,
                     low_speed ? (long)((o->low_speed_ms + 999) / 1000) : 0L);
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
    /* Codings are undone here: libcurl would unpack all that it has read at a stretch. */
    curl_easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, r->shared->headers);
    curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket_open);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, r);
    curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(e, CURLOPT_PREREQDATA, r);
    curl_easy_setopt(e, CURLOPT_PRIVATE, r);
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L);
    /* Each HTTPS request has one, for no more than its header. */
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
    if (r->shared->share != NULL)
        curl_easy_setopt(e, CURLOPT_SHARE, r->shared->share);
    tw_request_set_receiver(r);
    set_limits(e, r->shared->options);
    set_way(e, r->shared);
}

/* A value that none of the options has. */
static void forget_values(struct tw_request *r)
{
    for (int i = 0; i < TW_VALUE_COUNT; i++)
        r->values[i] = LONG_MIN;
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
    forget_values(r);
    set_all(r);
    return 0;
}

void tw_request_clear(struct tw_request *r)
{
    if (r->easy != NULL)
        curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_cleanup(r->easy);
    curl_url_cleanup(r->parts);
    tw_coding_free(r->coding);
    free(r->origin);
    r->easy = NULL;
    r->parts = NULL;
    r->coding = NULL;
    r->origin = NULL;
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

void tw_request_set(struct tw_request *r, enum tw_request_value which, long value)
{
    static const CURLoption options[TW_VALUE_COUNT] = {
        [TW_VALUE_BUFFER] = CURLOPT_BUFFERSIZE,
        [TW_VALUE_TIMEOUT] = CURLOPT_TIMEOUT_MS,
        [TW_VALUE_CONNECT_TIMEOUT] = CURLOPT_CONNECTTIMEOUT_MS,
        [TW_VALUE_NO_REUSE] = CURLOPT_FORBID_REUSE,
        [TW_VALUE_PIPEWAIT] = CURLOPT_PIPEWAIT,
        [TW_VALUE_ANSWER_KEPT] = CURLOPT_DNS_CACHE_TIMEOUT,
    };

    if (r->values[which] == value)
        return;
    r->values[which] = value;
    curl_easy_setopt(r->easy, options[which], value);
}

void tw_request_set_keep(struct tw_request *r, bool keep)
{
    tw_request_set(r, TW_VALUE_NO_REUSE, keep ? 0 : 1);
}

static void set_values(struct tw_request *r, const struct tw_job *job, size_t in_flight)
{
    const trawl_options *o = r->shared->options;
    bool https = strncmp(job->url, "https:", 6) == 0;

    tw_request_set(r, TW_VALUE_BUFFER, receive_buffer(in_flight));
    tw_request_set(r, TW_VALUE_TIMEOUT, (long)job->timeout_ms);
    tw_request_set(r, TW_VALUE_CONNECT_TIMEOUT, (long)o->connect_timeout_ms);
    /* Plain HTTP is never multiplexed here: waiting for the first connection would only cost. */
    tw_request_set(r, TW_VALUE_PIPEWAIT, https && o->http != TRAWL_HTTP_1_1 ? 1 : 0);
    /* An answer for a literal address is not worth keeping: the table is scanned. */
    tw_request_set(r, TW_VALUE_ANSWER_KEPT, job->host_is_ip ? 0 : 60);
    if (r->max_body != job->max_body)
        curl_easy_setopt(r->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)job->max_body);
    r->max_body = job->max_body;
}

int tw_request_begin(struct tw_request *r, struct tw_job *job, size_t in_flight)
{
    CURL *e = r->easy;
    CURLcode code;

    r->job = job;
    r->abort_error = 0;
    r->in_header = true;
    r->sent = r->has_length = r->miscoded = false;
    r->taken = r->stretch = 0;
    r->paused = false;
    job->out = (struct tw_outcome){0};
    /* libcurl's words go where they are wanted: a buffer of its own would be as large. */
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, job->out.detail);
    code = tw_request_set_url(r, job->url);
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
    set_values(r, job, in_flight);
    return 0;
}
