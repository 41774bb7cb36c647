/* Reads what a finished transfer came to off its easy handle. */
#include <stdio.h>
#include <string.h>

#include "fetch/request.h"

/* CURLE_TOO_LARGE, which 8.6 brought. */
#define TOO_LARGE 100

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
    return strstr(r->job->out.detail, text) != NULL;
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
    case CURLE_BAD_CONTENT_ENCODING: return TRAWL_EENCODING;
    case CURLE_FILESIZE_EXCEEDED: return TRAWL_EBODYSIZE;
    case CURLE_OUT_OF_MEMORY: return memory_error(r);
    case TOO_LARGE: return TRAWL_EHEADERSIZE;
    default: return TRAWL_EINTERNAL;
    }
}

/* Where libcurl's own words will not do. */
static void choose_words(const struct tw_request *r, CURLcode code, struct tw_outcome *out)
{
    const char *words = NULL;

    if (out->error == TRAWL_EDENIED) {
        tw_gate_tell(&r->gate, out->detail, sizeof(out->detail));
        return;
    }
    if (r->miscoded) {
        snprintf(out->detail, sizeof(out->detail), "%s", tw_coding_fault(r->coding));
        return;
    }
    /* libcurl quotes a proxy that it cannot read, password and all. */
    if (out->detail[0] != '\0' && strchr(out->detail, '@') == NULL)
        return;
    if (code == CURLE_OK)
        words = "the connection was closed inside the header";
    else if (out->error == TRAWL_EHEADERSIZE)
        words = "a header line is longer than libcurl takes";
    else
        words = curl_easy_strerror(code);
    snprintf(out->detail, sizeof(out->detail), "%s", words);
}

static void part(struct tw_request *r)
{
    curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, NULL);
    tw_coding_free(r->coding);
    r->coding = NULL;
    r->job = NULL;
}

void tw_request_drop(struct tw_request *r, CURLcode code)
{
    r->job->out = (struct tw_outcome){
        .curl_code = (int)code,
        .error = code == CURLE_OUT_OF_MEMORY ? TRAWL_ENOMEM : TRAWL_EINTERNAL,
    };
    part(r);
}

/* A body that cannot be decoded is nothing that libcurl knows of. */
static CURLcode note_coding(struct tw_request *r, CURLcode code)
{
    if (code == CURLE_OK && r->coding != NULL)
        r->miscoded = tw_coding_end(r->coding) != 0;
    return r->miscoded ? CURLE_BAD_CONTENT_ENCODING : code;
}

void tw_request_end(struct tw_request *r, CURLcode code)
{
    struct tw_outcome *out = &r->job->out;

    code = note_coding(r, code);
    read_outcome(r->easy, out);
    out->curl_code = (int)code;
    out->error = r->abort_error != 0 && code != CURLE_OK ? r->abort_error : error_of(r, code);
    if (out->error != 0 && r->abort_error == 0)
        choose_words(r, code, out);
    else
        out->detail[0] = '\0';
    part(r);
}
