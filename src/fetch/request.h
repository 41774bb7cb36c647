/* The only place where libcurl's easy options are set, and where its results are read: every
 * strategy makes the same requests and reports the same outcomes. */
#ifndef TW_FETCH_REQUEST_H
#define TW_FETCH_REQUEST_H

#include <curl/curl.h>

#include "fetch/content_coding.h"
#include "fetch/engine.h"
#include "fetch/gate.h"

/* What all requests of an engine share. */
struct tw_request_shared {
    const trawl_options *options;
    struct curl_slist *headers;       /* all of options->headers */
    struct curl_slist *headers_plain; /* without those that hold secrets */
    struct curl_slist *resolve;
    CURLSH *share; /* TLS sessions, NULL: each request has its own */
    bool proxied; /* some proxy is set */
    struct tw_guard guard;
};

/* Options that seldom change from one exchange to the next: to set one costs as much as ten of them cost
 * to compare. */
enum tw_request_value {
    TW_VALUE_BUFFER,
    TW_VALUE_TIMEOUT,
    TW_VALUE_CONNECT_TIMEOUT,
    TW_VALUE_NO_REUSE,
    TW_VALUE_PIPEWAIT,
    TW_VALUE_ANSWER_KEPT,
    TW_VALUE_COUNT
};

/* An easy handle with the state that its callbacks need. Reused for one exchange after another. */
struct tw_request {
    CURL *easy;
    CURLU *parts;  /* of the URL, where it can be handed over in parts */
    char *origin;  /* "http://host:port" that parts has now, NULL for none */
    const struct tw_request_shared *shared;
    struct tw_job *job; /* NULL between exchanges */
    int abort_error;    /* why a callback ended the exchange, 0 if none did */
    /* What an engine that has an open-socket callback of its own opens its sockets with; without
     * one it is used all the same. */
    struct tw_gate gate;
    /* Whether so many bytes of a body, or what took as long to unpack, are too many just now: then the engine
     * goes on with them later. NULL: when a call has taken long, so that the clock is looked at and the engine
     * hears of what goes on; it then calls tw_request_go_on(). */
    bool (*hold)(struct tw_request *r, size_t len);
    /* Whether the connection is to be kept, asked when the header has come: an answer may take long, and
     * what was right when it was asked for is not any more. NULL: as the engine has set it. */
    bool (*keep)(struct tw_request *r);
    /* libcurl holds the body back from now on. NULL: nobody cares. */
    void (*on_pause)(struct tw_request *r);
    bool sent;          /* the request has been */
    bool in_header;     /* the header has not ended */
    bool has_length;    /* Content-Length came */
    uint64_t length;
    struct tw_coding *coding; /* what the body is to be decoded from, NULL: nothing */
    size_t taken;       /* bytes that it has had, and that libcurl will bring again */
    size_t stretch;     /* what came since tw_request_go_on(), without hold */
    bool miscoded;      /* the body cannot be decoded */
    bool paused;        /* libcurl holds the body back */
    bool has_user;
    bool plain;
    bool in_parts; /* libcurl has parts */
    uint64_t max_body;
    long values[TW_VALUE_COUNT];
};

/* libcurl's global start, once a process; called by every open. 0 or TRAWL_EINTERNAL. */
int tw_request_global_init(void);

/* 0, TRAWL_ENOMEM, or TRAWL_EINVAL for lists of addresses that cannot be read. */
int tw_request_shared_init(struct tw_request_shared *s, const trawl_options *options);
/* One cache of TLS sessions for all requests, which then must run on one thread. Each of them would have
 * memory for its own, HTTPS or not. Without memory it stays that way. */
void tw_request_shared_join(struct tw_request_shared *s);
void tw_request_shared_free(struct tw_request_shared *s);

/* Sets everything that all exchanges share. ENOMEM. The shared struct must outlive it, and r must
 * not move: its address is handed to libcurl. */
int tw_request_init(struct tw_request *r, const struct tw_request_shared *shared);
void tw_request_clear(struct tw_request *r);

/* Sets what this job needs. in_flight: how many there are, which share the memory. 0 or TRAWL_ENOMEM. */
int tw_request_begin(struct tw_request *r, struct tw_job *job, size_t in_flight);

/* Sets what takes the answer, which is init's part in request_receive.c. */
void tw_request_set_receiver(struct tw_request *r);
/* Sets the URL, which is begin's part in request_url.c. */
CURLcode tw_request_set_url(struct tw_request *r, const char *url);

/* Sets one of the options between begin and end. */
void tw_request_set(struct tw_request *r, enum tw_request_value which, long value);
/* Whether its connection may be used again. */
void tw_request_set_keep(struct tw_request *r, bool keep);

/* Without hold, after each call of libcurl's: where it holds the body back, it goes on. CURLE_OK, or what ended
 * the transfer, which is told here alone. */
CURLcode tw_request_go_on(struct tw_request *r);

/* Writes job->out from the finished transfer and parts request and job. The caller then calls the
 * receiver's on_done. */
void tw_request_end(struct tw_request *r, CURLcode code);

/* The same for an exchange that libcurl never began: there is nothing to read. */
void tw_request_drop(struct tw_request *r, CURLcode code);

#endif
