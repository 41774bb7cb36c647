/* trawl: fetch the web from one process, on the libuv loop of your own application.
 *
 *     trawl *t;
 *     trawl_options options = TRAWL_OPTIONS_INIT;
 *     trawl_open(&t, loop, &options);
 *     trawl_request request = TRAWL_REQUEST_INIT;
 *     request.url = "https://example.org/";
 *     request.on_done = on_done;
 *     trawl_fetch(t, &request, NULL);
 *     uv_run(loop, UV_RUN_DEFAULT);
 *
 * Rules that hold everywhere in this header:
 *
 * - The caller owns the loop. Nothing here runs, stops or closes it, installs a signal handler,
 *   prints, or exits. All functions are called, and all callbacks run, on the loop's thread.
 * - No callback runs before the function that caused it has returned. Every function of this
 *   header may be called inside every callback.
 * - Functions return 0 or one of the negative codes below.
 * - A trawl keeps the loop alive while it has work, and no longer.
 * - Strings are UTF-8 or plain bytes as stated; pointers in a struct handed to a callback are
 *   valid until that callback returns.
 */
#ifndef TRAWL_H
#define TRAWL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRAWL_VERSION_MAJOR 0
#define TRAWL_VERSION_MINOR 1
#define TRAWL_VERSION_PATCH 0
#define TRAWL_VERSION "0.1.0"

#if defined(__GNUC__)
#define TRAWL_EXTERN __attribute__((visibility("default")))
#else
#define TRAWL_EXTERN
#endif

/* ---- Errors ------------------------------------------------------------------------------ */

/* What a code says about where the fault lies; the command line's exit status follows it. */
typedef enum trawl_error_kind {
    TRAWL_KIND_NONE = 0,
    TRAWL_KIND_OTHER,    /* limits, bad input, cancelled, out of memory */
    TRAWL_KIND_NETWORK,  /* names, connections, time */
    TRAWL_KIND_TLS,      /* handshake and certificates */
    TRAWL_KIND_PROTOCOL, /* what came was not valid HTTP */
} trawl_error_kind;

/* X(name, code, kind, message). The codes are stable: they are never reused or renumbered. */
#define TRAWL_ERROR_MAP(X)                                                                     \
    X(ENOMEM, -1, OTHER, "out of memory")                                                      \
    X(EINVAL, -2, OTHER, "invalid argument")                                                   \
    X(ECANCELED, -3, OTHER, "canceled")                                                        \
    X(ECLOSING, -4, OTHER, "the handle is closing or was stopped")                             \
    X(EQUEUE, -5, OTHER, "the queue is full")                                                  \
    X(ENOENT, -6, OTHER, "no such fetch")                                                      \
    X(EINTERNAL, -7, OTHER, "unexpected failure inside the transfer library")                  \
    X(EMFILE, -8, OTHER, "too many open files")                                                \
    X(EWRITE, -9, OTHER, "the output could not be written")                                    \
    X(EWORKER, -10, OTHER, "a worker process ended unexpectedly")                              \
    X(EURL, -20, OTHER, "not a valid URL")                                                     \
    X(ESCHEME, -21, OTHER, "the scheme is not http or https")                                  \
    X(EBODYSIZE, -30, OTHER, "the body is larger than the limit")                              \
    X(EHEADERSIZE, -31, OTHER, "the header is larger than the limit")                          \
    X(EREDIRECTS, -32, OTHER, "more redirects than the limit")                                 \
    X(ERESOLVE, -40, NETWORK, "the host's name could not be resolved")                         \
    X(ECONNECT, -41, NETWORK, "could not connect")                                             \
    X(ECONNTIMEOUT, -42, NETWORK, "connecting took longer than the limit")                     \
    X(ETIMEDOUT, -43, NETWORK, "the fetch took longer than the limit")                         \
    X(ELOWSPEED, -44, NETWORK, "the transfer was slower than the limit")                       \
    X(ERESET, -45, NETWORK, "the connection broke")                                            \
    X(EEMPTY, -46, NETWORK, "the server closed the connection without an answer")              \
    X(ETRUNCATED, -47, NETWORK, "the body ended before its announced end")                     \
    X(EPROXY, -48, NETWORK, "the proxy failed")                                                \
    X(EDNSTIMEOUT, -49, NETWORK, "the name servers did not answer in time")                    \
    X(EDENIED, -50, OTHER, "the host's address is not allowed")                                \
    X(ETLS, -60, TLS, "the TLS handshake failed")                                              \
    X(ECERT, -61, TLS, "the server's certificate is not trusted")                              \
    X(EPROTOCOL, -80, PROTOCOL, "the answer is not valid HTTP")                                \
    X(EENCODING, -81, PROTOCOL, "the body could not be decompressed")                          \
    X(ELOCATION, -82, PROTOCOL, "the redirect leads to no http or https URL")                  \
    X(ESITEMAP, -83, OTHER, "the sitemap could not be read to its end")

enum {
#define X(name, code, kind, message) TRAWL_##name = code,
    TRAWL_ERROR_MAP(X)
#undef X
};

/* Static strings: "ETIMEDOUT" and a sentence without a full stop. 0 is "OK"; a code that is not
 * in the list gives "EUNKNOWN". Never NULL. */
TRAWL_EXTERN const char *trawl_err_name(int error);
TRAWL_EXTERN const char *trawl_strerror(int error);
TRAWL_EXTERN trawl_error_kind trawl_err_kind(int error);

/* "trawl 0.1.0 (libuv 1.44.2, libcurl 7.88.1 ...)": the versions at run time, and
 * protocols and features, for --version and for bug reports. Static; call trawl_open or this
 * first from one thread, as curl_global_init() demands. */
TRAWL_EXTERN const char *trawl_version(void);

/* ---- A handle ---------------------------------------------------------------------------- */

typedef struct trawl trawl;
typedef uint64_t trawl_id; /* of a fetch: never 0, never used twice by one trawl */

typedef enum trawl_http { TRAWL_HTTP_ANY = 0, TRAWL_HTTP_1_1, TRAWL_HTTP_2 } trawl_http;
typedef enum trawl_ip { TRAWL_IP_ANY = 0, TRAWL_IP_V4, TRAWL_IP_V6 } trawl_ip;

/* What a trawl tells about its way: 1 retries and redirects, 2 every exchange. The message is one
 * line of UTF-8 without control characters and credentials, without a newline. */
typedef void (*trawl_log_cb)(void *log_data, int level, const char *message);

/* The strategies. "loop" fetches everything on the loop's thread. The others make each fetch on a
 * thread (or in a process) that waits for it; results and callbacks still come on the loop's
 * thread, and are the same. Their threads are their own, but for "pool", which uses libuv's worker
 * threads (uv_queue_work): these are the whole process's, 4 unless UV_THREADPOOL_SIZE says
 * otherwise at their first use, 1024 at the most. Set it before that to the fetches in flight and
 * what else the application does there, for trawl never does: with fewer threads, fetches wait
 * for one (their time limit counts once they have it), and so do the application's own file
 * operations, look-ups and work. */

/* Start from TRAWL_OPTIONS_INIT, change what you like. Strings are copied by trawl_open(); NULL
 * is none. A limit of 0 is no limit unless said otherwise. */
typedef struct trawl_options {
    size_t size;                  /* sizeof(trawl_options), for later versions */
    const char *strategy;         /* one of trawl_strategy_names() */
    unsigned concurrency;         /* fetches in flight, at least 1 */
    unsigned per_host;            /* of them on one origin (scheme, host and port) */
    size_t max_queue;             /* fetches accepted and not in flight; more is EQUEUE of
                                     trawl_fetch(). What crawls have queued does not count: they have
                                     bounds of their own */
    unsigned tries;               /* at least 1: how often one URL is asked for at the most */
    unsigned max_redirects;       /* 0: a redirect is a result */
    uint64_t timeout_ms;          /* one try, with its redirects, without waits in the queue */
    uint64_t connect_timeout_ms;  /* name, TCP and TLS together, at least 1 */
    uint64_t low_speed_bytes;     /* fewer bytes a second than this ... */
    uint64_t low_speed_ms;        /* ... for this long is ELOWSPEED; whole seconds */
    uint64_t max_header;          /* bytes of one response header */
    uint64_t max_body;            /* bytes of a body, decoded */
    size_t keep_body;             /* how many decoded bytes of a body trawl_result.body has */
    unsigned excerpt;             /* how many characters trawl_result.excerpt has, 0 is none; a
                                     million take some ten milliseconds to find */
    uint64_t retry_delay_ms;      /* before the first retry; doubles with each, with jitter */
    uint64_t retry_max_ms;        /* what it doubles up to */
    uint64_t retry_after_max_ms;  /* a Retry-After longer than this is not waited for */
    uint64_t seed;                /* of the jitter; 0 takes one from the system */
    trawl_http http;
    trawl_ip ip;
    bool insecure;                /* certificates are not checked */
    bool no_reuse;                /* every exchange has a connection of its own */
    const char *user_agent;       /* NULL sends none */
    const char *const *headers;   /* "Name: value", ends with NULL; Authorization, Cookie and
                                     Proxy-Authorization go to the first URL's origin alone */
    const char *proxy_http;       /* proxy for http: URLs; the environment is never read */
    const char *proxy_https;      /* proxy for https: URLs */
    const char *no_proxy;         /* hosts, comma separated, that need none; "*" is all */
    const char *ca_file;          /* PEM; NULL is the system's */
    const char *interface_name;   /* local interface, address or host to send from */
    const char *const *resolve;   /* "HOST:PORT:ADDRESS[,ADDRESS]", ends with NULL */
    trawl_log_cb log;             /* NULL: silent */
    void *log_data;
    int log_level;                /* messages above it are not made */
    unsigned workers;             /* threads or processes of a blocking strategy; 0: concurrency for
                                     "pool", 4 for "batch" and "process". Fetches in flight are
                                     never more than these. "sequential" has one. */
    const char *const *worker_argv; /* "process": the program, found as execvp() does, and its
                                       arguments that run trawl_worker(); ends with NULL. EINVAL
                                       of trawl_open() alone if there is none */
    const char *dns_servers;      /* "ADDRESS[:PORT],...", IPv6 in brackets; NULL is the system's.
                                     Names are looked up on the loop by "loop" alone. */
    uint64_t dns_timeout_ms;      /* for one name, at least 1 */
    bool deny_private;            /* no connection to loopback, link-local, private, multicast and
                                     other special addresses (IANA's registries), of any form */
    const char *deny_cidr;        /* "ADDRESS[/BITS],...": nor to these. See below. */
    const char *allow_cidr;       /* these in spite of both */
    uint64_t max_memory;          /* bytes of bodies kept; above it nothing new is started */
    uint64_t wait_ms;             /* from one start to the next on one host, and on one address */
    bool random_wait;             /* 0.5 to 1.5 times that */
    bool adaptive_wait;           /* longer while a host grows slower or says 429 or 503 */
    uint64_t max_wait_ms;         /* what that can lead to */
    uint64_t rate;                /* starts a second in all, 0 is no limit */
} trawl_options;

/* The address guard (deny_private, deny_cidr, allow_cidr) judges every address when a socket is
 * opened to it, on every hop, try and strategy, whatever name or spelling led there. What allow_cidr
 * contains is allowed, then what deny_cidr contains is denied, then what deny_private means; how
 * long the prefixes are does not matter. An IPv4-mapped IPv6 address is the IPv4 address; others
 * that carry an IPv4 address (NAT64, 6to4, Teredo, ISATAP) are denied where that one is. A name's
 * other addresses are tried if some are denied; when none is left, the fetch ends with EDENIED.
 *
 * A proxy is the caller's choice and exempt. It connects in our stead, so that behind it only an
 * address in the URL itself can be judged, and a name's cannot: there the proxy has to guard. Hosts
 * of no_proxy are judged as always. */

#define TRAWL_USER_AGENT "trawl/" TRAWL_VERSION

#define TRAWL_OPTIONS_INIT                                                                     \
    {                                                                                          \
        sizeof(trawl_options),         /* size */                                              \
            "loop",                    /* strategy */                                          \
            100,                       /* concurrency */                                       \
            8,                         /* per_host */                                          \
            1000000,                   /* max_queue */                                         \
            3,                         /* tries */                                             \
            20,                        /* max_redirects */                                     \
            300000,                    /* timeout_ms */                                        \
            30000,                     /* connect_timeout_ms */                                \
            1,                         /* low_speed_bytes */                                   \
            60000,                     /* low_speed_ms */                                      \
            262144,                    /* max_header */                                        \
            1073741824,                /* max_body */                                          \
            SIZE_MAX,                  /* keep_body */                                         \
            0,                         /* excerpt */                                           \
            1000,                      /* retry_delay_ms */                                    \
            10000,                     /* retry_max_ms */                                      \
            120000,                    /* retry_after_max_ms */                                \
            0,                         /* seed */                                              \
            TRAWL_HTTP_ANY,            /* http */                                              \
            TRAWL_IP_ANY,              /* ip */                                                \
            false,                     /* insecure */                                          \
            false,                     /* no_reuse */                                          \
            TRAWL_USER_AGENT,          /* user_agent */                                        \
            NULL, NULL, NULL, NULL,    /* headers, proxy_http, proxy_https, no_proxy */        \
            NULL, NULL, NULL,          /* ca_file, interface_name, resolve */                  \
            NULL, NULL, 0,             /* log, log_data, log_level */                          \
            0, NULL,                   /* workers, worker_argv */                              \
            NULL, 5000,                /* dns_servers, dns_timeout_ms */                       \
            false, NULL, NULL,         /* deny_private, deny_cidr, allow_cidr */               \
            1073741824,                /* max_memory */                                        \
            0, false, false, 60000, 0, /* wait_ms, random_wait, adaptive_wait, max_wait_ms,    \
                                          rate */                                              \
    }

/* Opens a trawl on the caller's loop. *t is written on success only. EINVAL for options that
 * contradict this header, ENOMEM, EMFILE when it has not the few descriptors of its own, EINTERNAL when
 * libcurl cannot be started. If the trawl is not closed, the loop cannot be closed. */
TRAWL_EXTERN int trawl_open(trawl **t, uv_loop_t *loop, const trawl_options *options);

/* What trawl_open() would refuse the options for, without opening anything: 0, ENOMEM, or EINVAL.
 * With EINVAL, *member (unless NULL) is the name of the option in the struct, and text (unless NULL,
 * of that many bytes) gets one line on what is wrong with it and what to give, to stand behind the
 * name: "'10.0.0.0/33' (entry 2): ...". */
TRAWL_EXTERN int trawl_options_check(const trawl_options *options, const char **member, char *text,
                                     size_t size);

/* Ends everything: each outstanding fetch comes back with ECANCELED, then cb (may be NULL) runs,
 * after which nothing of t is left on the loop and t is freed. A second call is ignored. */
typedef void (*trawl_close_cb)(void *data);
TRAWL_EXTERN void trawl_close(trawl *t, trawl_close_cb cb, void *data);

/* Starts nothing new from now on: what is queued or waits for a retry comes back with ECANCELED,
 * what is in flight goes on (its redirects too, its retries not), trawl_fetch() gives ECLOSING. */
TRAWL_EXTERN void trawl_stop(trawl *t);

typedef struct trawl_stats {
    size_t queued;    /* accepted, to be started when there is room */
    size_t waiting;   /* between two tries */
    size_t in_flight; /* exchanges that are running */
    uint64_t done;    /* results delivered */
    uint64_t retries;
    uint64_t redirects;
    uint64_t wire_bytes; /* response headers and bodies as they came, of all tries and hops */
} trawl_stats;
TRAWL_EXTERN void trawl_get_stats(const trawl *t, trawl_stats *stats);

/* How long the loop was held at a stretch, by callbacks of ours and by functions of this header, without
 * what the application's callbacks took in between: that is counted apart, as the caller's. Nothing of
 * ours should hold the loop for more than TRAWL_STAY_LONG_US; what does is told to the log (level 1)
 * with the stage that took most of it: "socket", "timer", "deferred", "name", "start", "result", "scan",
 * "close", "worker"; "caller" where it was the application. */
enum { TRAWL_STAY_LONG_US = 50000, TRAWL_STAY_BUCKETS = 28 };

typedef struct trawl_stays {
    size_t size; /* sizeof(trawl_stays) */
    uint64_t stays[TRAWL_STAY_BUCKETS]; /* [i]: how many took less than 2^i microseconds and not less
                                           than half of that; the last one: or more */
    uint64_t longest_us;
    const char *longest_stage; /* static, "" before the first */
    uint64_t long_stays;       /* longer than TRAWL_STAY_LONG_US */
    uint64_t caller_longest_us;
    uint64_t caller_long_stays;
} trawl_stays;

#define TRAWL_STAYS_INIT                                                                       \
    {                                                                                          \
        sizeof(trawl_stays), {0}, 0, "", 0, 0, 0                                               \
    }

/* Inside a callback, what goes on counts as if it ended now. EINVAL if stays->size is of no version. */
TRAWL_EXTERN int trawl_get_stays(const trawl *t, trawl_stays *stays);

/* What becomes of a fetch that is not over. */
typedef enum trawl_state {
    TRAWL_STATE_QUEUED = 1,  /* until there is room */
    TRAWL_STATE_WAITING,     /* for its next try */
    TRAWL_STATE_FETCHING,    /* by a blocking strategy, which knows no more before a header comes */
    TRAWL_STATE_RESOLVING,   /* its host's name is being looked up */
    TRAWL_STATE_DESCRIPTOR,  /* it waits for a descriptor that can be opened */
    TRAWL_STATE_CONNECTING,  /* with TLS's handshake */
    TRAWL_STATE_ANSWER,      /* the request is on its way, or the server has it */
    TRAWL_STATE_RECEIVING,
    TRAWL_STATE_PAUSED,      /* by its on_body */
    TRAWL_STATE_ENDING,      /* its on_done is about to be called */
} trawl_state;

/* "queued", "waiting", ... Static. */
TRAWL_EXTERN const char *trawl_state_name(trawl_state state);

/* Whom a fetch is for. */
typedef enum trawl_purpose {
    TRAWL_PURPOSE_FETCH = 1, /* trawl_fetch() */
    TRAWL_PURPOSE_PAGE,      /* a crawl, as one of its pages */
    TRAWL_PURPOSE_ROBOTS,    /* a crawl, for robots.txt: trawl_cancel() does not take it */
} trawl_purpose;

typedef struct trawl_outstanding {
    trawl_id id;
    void *data;      /* of the request, or of the crawl's callbacks */
    const char *url; /* as given, credentials masked; any bytes */
    size_t url_len;
    const char *host; /* and port, of the current hop; "" if the URL could not be parsed */
    trawl_state state;
    uint64_t since_ms;   /* for how long it has been in that state */
    uint64_t until_ms;   /* how long it still waits for its next try, 0 in other states */
    unsigned tries;      /* begun */
    unsigned redirects;  /* followed in this try */
    uint64_t wire_bytes; /* of the exchanges that are over, headers and bodies as they came */
    trawl_purpose purpose;
} trawl_outstanding;

/* Calls cb once for each fetch whose on_done has not been called, until cb returns something other than
 * 0, which trawl_each() then returns; else 0. What was taken up inside cb may be told of or not. It is
 * done within the call: some 50 ns a fetch beside what cb takes, 50 ms for a million. */
typedef int (*trawl_each_cb)(void *data, const trawl_outstanding *fetch);
TRAWL_EXTERN int trawl_each(const trawl *t, trawl_each_cb cb, void *data);

/* The life of a worker of the strategy "process": takes jobs from standard input, answers on
 * standard output, and returns the exit status when its parent closes them. For the program that
 * worker_argv names, before it does anything else: it has to be the process that was started (a
 * script in between must exec it), all other descriptors but standard error are closed, and what a
 * terminal sends to all (SIGINT, SIGTERM, SIGHUP, SIGQUIT) is ignored, for the parent to decide.
 *
 * A worker never outlives its parent. On Linux that hangs on the thread that started it: the loop's
 * thread must not end before trawl_close() is through, or its workers are killed. The application
 * must not wait for children that it does not know. */
TRAWL_EXTERN int trawl_worker(void);

/* ---- A fetch ----------------------------------------------------------------------------- */

typedef struct trawl_header {
    const char *name;  /* as the server wrote it */
    const char *value; /* any bytes, NUL-terminated besides */
    size_t value_len;
} trawl_header;

/* Microseconds, monotonic. dns, connect and tls are how long each phase of the last exchange took,
 * 0 where a connection was reused; first_byte counts from the start of the last exchange; total
 * from the start of the first try to the end, with all redirects, retries and waits. */
typedef struct trawl_timing {
    uint64_t dns_us;
    uint64_t connect_us;
    uint64_t tls_us;
    uint64_t first_byte_us;
    uint64_t total_us;
} trawl_timing;

typedef struct trawl_result {
    trawl_id id;
    void *data;                  /* of the request */
    const char *url;             /* as given, credentials masked as "***"; any bytes */
    size_t url_len;
    const char *final_url;       /* canonical, after redirects, credentials masked; NULL if url
                                    could not be parsed */
    int error;                   /* 0: a whole response came, whatever its status */
    int curl_code;               /* libcurl's CURLcode behind error, or 0 */
    const char *detail;          /* what libcurl or the parser said beyond trawl_strerror(), "" */
    int status;                  /* HTTP status, 0 without a response */
    int http_version;            /* 9, 10, 11, 20, 30; 0 without a response */
    const trawl_header *headers; /* of the last response, in its order */
    size_t header_count;
    const char *content_type;    /* the header's value, NULL if none */
    const char *charset;         /* the Encoding standard's name ("UTF-8"), NULL if unknown */
    const char *body;            /* decoded, the first keep_body bytes; NUL-terminated besides */
    size_t body_len;
    uint64_t bytes;              /* decoded bytes of the body that came in all */
    uint64_t wire_bytes;         /* headers and bodies as they came, all hops and tries */
    const char *excerpt;         /* UTF-8, the first options.excerpt characters, "" if none */
    size_t excerpt_len;          /* in bytes; an excerpt may hold NUL */
    const char *ip;              /* the peer (with a proxy: the proxy), NULL without one */
    unsigned port;
    unsigned redirects;          /* followed in the last try */
    unsigned tries;              /* 0: never started */
    trawl_timing timing;
} trawl_result;

typedef void (*trawl_done_cb)(trawl *t, const trawl_result *result);

/* A chunk of the decoded body of a final response, in order, before on_done. Returns 0, TRAWL_PAUSE
 * (the chunk counts as not delivered and comes again after trawl_resume()), or a negative code,
 * which ends the fetch with that code as its error. A retry starts the body again; tries tells. */
enum { TRAWL_PAUSE = 1 };
typedef int (*trawl_body_cb)(trawl *t, trawl_id id, unsigned tries, const char *bytes,
                             size_t len, void *data);

typedef struct trawl_request {
    size_t size;           /* sizeof(trawl_request) */
    const char *url;       /* copied. http or https; "example.org/x" means http:, as in curl */
    size_t url_len;        /* SIZE_MAX: url ends with NUL */
    trawl_done_cb on_done; /* may not be NULL */
    trawl_body_cb on_body; /* NULL: none */
    void *data;
} trawl_request;

#define TRAWL_REQUEST_INIT                                                                     \
    {                                                                                          \
        sizeof(trawl_request), NULL, SIZE_MAX, NULL, NULL, NULL                                \
    }

/* Takes up a URL; on_done runs exactly once for each call that returned 0, also when the URL
 * cannot be parsed (EURL, ESCHEME). *id (id may be NULL) names it for trawl_cancel(). EINVAL,
 * ENOMEM, EQUEUE, ECLOSING: nothing was taken up. */
TRAWL_EXTERN int trawl_fetch(trawl *t, const trawl_request *request, trawl_id *id);

/* Its on_done runs with ECANCELED, unless it has just ended otherwise; a page of a crawl comes back
 * with that. ENOENT: it is over. EINVAL: it is a robots.txt, without which a crawl could not go on
 * with the host; that ends with its time limits, or with the crawl. */
TRAWL_EXTERN int trawl_cancel(trawl *t, trawl_id id);

/* Goes on with a fetch whose on_body returned TRAWL_PAUSE. ENOENT: it is over. */
TRAWL_EXTERN int trawl_resume(trawl *t, trawl_id id);

/* Inside on_done or on_page: the result's body becomes the caller's, as it is, without being copied.
 * It stays where it is until trawl_body_free(), and counts in max_memory until then. ENOENT: there is no
 * body, it was taken, or no result is being delivered; ENOMEM. */
typedef struct trawl_body trawl_body;
TRAWL_EXTERN int trawl_take_body(trawl *t, trawl_body **body);
/* At any time, also after the trawl has been closed. Large ones are given back to the system on later
 * turns of the loop, while their trawl is there. Accepts NULL. */
TRAWL_EXTERN void trawl_body_free(trawl_body *body);

/* ---- A crawl ----------------------------------------------------------------------------- */

/* A crawl follows links from its seeds through everything that is in scope, each URL once, obeying
 * each host's robots.txt (RFC 9309) and the pace of its trawl (wait_ms and what stands beside it;
 * set per_host to 1). Hosts at one address share its limits: with the strategy "loop", which looks
 * names up ahead, from their first requests on, else from their first answers on. A redirect is a
 * result of its own, and where it leads is a link like any other: judged, and taken up once.
 * Several crawls may share a trawl. */
typedef struct trawl_crawl trawl_crawl;

/* X(name, text): why a URL that was found is left out. The names are stable. */
#define TRAWL_REJECT_MAP(X)                                                                    \
    X(SCHEME, "scheme")                /* neither http nor https, or no URL at all */          \
    X(DUPLICATE, "duplicate")          /* taken up before */                                   \
    X(NOFOLLOW, "nofollow")            /* the link or its page says so */                      \
    X(ROBOTS, "robots")                /* the host's robots.txt disallows it */                \
    X(ROBOTS_UNREACHABLE, "robots-unreachable") /* it could not be had, so nothing may be */   \
    X(SCOPE_HOST, "scope-host")        /* another host than the seeds' */                      \
    X(SCOPE_DOMAIN, "scope-domain")    /* in none of domains */                                \
    X(SCOPE_EXCLUDE_DOMAIN, "scope-exclude-domain")                                            \
    X(SCOPE_PARENT, "scope-parent")    /* above the seeds' directories */                      \
    X(SCOPE_LEVEL, "scope-level")      /* too many links away from the seeds */                \
    X(SCOPE_INCLUDE, "scope-include")  /* matches no include */                                \
    X(SCOPE_EXCLUDE, "scope-exclude")  /* matches an exclude */                                \
    X(SCOPE_ACCEPT, "scope-accept")    /* its file name is not in accept */                    \
    X(SCOPE_REJECT, "scope-reject")    /* its file name is in reject */                        \
    X(MIME_TYPE, "mime-type")          /* fetched, and its media type is not wanted */         \
    X(TRAP_LENGTH, "trap-length")      /* a URL of more than max_url bytes */                  \
    X(TRAP_DEPTH, "trap-depth")        /* a path of too many segments */                       \
    X(TRAP_REPEAT, "trap-repeat")      /* path segments that repeat */                         \
    X(TRAP_QUERY, "trap-query")        /* too many parameters, or one again and again */       \
    X(TRAP_DATE, "trap-date")          /* a date that is far away: a calendar */               \
    X(TRAP_DUPLICATE, "trap-duplicate") /* linked by a page that only repeats other pages */   \
    X(TRAP_REDIRECTS, "trap-redirects") /* after more redirects than max_redirects */          \
    X(LIMIT_PAGES, "limit-pages")      /* max_pages */                                         \
    X(LIMIT_HOST, "limit-host")        /* max_pages_per_host */                                \
    X(LIMIT_LINKS, "limit-links")      /* max_links of one page, told once; it comes too */   \
    X(LIMIT_TIME, "limit-time")        /* max_time_ms */                                       \
    X(LIMIT_QUOTA, "limit-quota")      /* quota */                                             \
    X(STOPPED, "stopped")              /* the trawl was stopped or closed */                   \
    X(MEMORY, "memory")                /* there was none to take it up */

typedef enum trawl_reject {
#define X(name, text) TRAWL_REJECT_##name,
    TRAWL_REJECT_MAP(X)
#undef X
    TRAWL_REJECT_COUNT
} trawl_reject;

/* "robots", static; "unknown" for what is not in the list. */
TRAWL_EXTERN const char *trawl_reject_name(trawl_reject reject);

/* Start from TRAWL_CRAWL_OPTIONS_INIT. Strings and lists are copied by trawl_crawl_open(); lists
 * end with NULL; NULL is none. A limit of 0 is no limit unless said otherwise. */
typedef struct trawl_crawl_options {
    size_t size;                  /* sizeof(trawl_crawl_options) */
    unsigned level;               /* links from a seed, TRAWL_LEVEL_INF is no limit */
    bool no_parent;               /* never above a seed's directory, on its host */
    bool span_hosts;              /* other hosts than the seeds' too */
    bool page_requisites;         /* what in-scope pages are made of, wherever it is */
    const char *const *domains;   /* with span_hosts: only these and what is below them */
    const char *const *exclude_domains;
    const char *const *include;   /* PCRE2, found anywhere in the canonical URL: one must match */
    const char *const *exclude;   /* none may match */
    const char *const *accept;    /* suffixes or wildcards of file names, as of wget2's -A */
    const char *const *reject;    /* as of its -R */
    const char *const *mime_types; /* "text/html", "image/?*": only such pages are results; a "!" in
                                      front excludes */
    bool ignore_robots;           /* neither robots.txt nor nofollow of pages and links */
    bool no_sitemaps;             /* those that robots.txt names are not read */
    bool lazy_attributes;         /* data-src and its like are links */
    bool strip_session_ids;       /* jsessionid, PHPSESSID ... are removed from URLs */
    bool strip_tracking;          /* utm_source, fbclid ... likewise */
    bool sort_query;              /* parameters are put in order */
    const char *robots_agent;     /* product token that robots.txt is read for; NULL: the user
                                     agent's up to its first '/', or "trawl" */
    const char *robots_text;      /* robots.txt of every host, none is fetched; NULL: fetched */
    size_t robots_text_len;       /* SIZE_MAX: ends with NUL */
    uint64_t max_crawl_delay_ms;  /* a longer Crawl-delay is taken for this */
    uint64_t robots_max_age_ms;   /* when robots.txt is asked for again; a second at least */
    uint64_t max_pages;           /* results, and what mime_types leaves out once it is fetched */
    uint64_t max_pages_per_host;  /* the same of one scheme, host and port; what robots.txt disallows
                                     does not count */
    uint64_t max_links;           /* of one page, the first ones */
    uint64_t max_time_ms;         /* nothing new is started after that */
    uint64_t quota;               /* nor after so many bytes of decoded bodies */
    size_t max_url;               /* bytes */
    unsigned max_path_segments;
    unsigned max_query_parameters;
    unsigned max_repeats;         /* pages with the content of an earlier one, of one scheme, host and
                                     port, whose links are followed all the same */
} trawl_crawl_options;

#define TRAWL_LEVEL_INF UINT32_MAX
#define TRAWL_CRAWL_OPTIONS_INIT                                                               \
    {                                                                                          \
        sizeof(trawl_crawl_options), TRAWL_LEVEL_INF, /* size, level */                        \
            false, false, false,          /* no_parent, span_hosts, page_requisites */         \
            NULL, NULL, NULL, NULL,       /* domains, exclude_domains, include, exclude */     \
            NULL, NULL, NULL,             /* accept, reject, mime_types */                     \
            false, false, false,          /* ignore_robots, no_sitemaps, lazy_attributes */    \
            false, false, false,          /* strip_session_ids, strip_tracking, sort_query */  \
            NULL, NULL, SIZE_MAX,         /* robots_agent, robots_text, robots_text_len */     \
            60000, 86400000,              /* max_crawl_delay_ms, robots_max_age_ms */          \
            0, 0, 100000, 0, 0,           /* max_pages, max_pages_per_host, max_links,         \
                                             max_time_ms, quota */                             \
            2000, 32, 32, 10              /* max_url, max_path_segments, max_query_parameters, \
                                             max_repeats */                                    \
    }

/* A result's part that only a crawl has. */
typedef struct trawl_page {
    trawl_result result;      /* url and final_url are the canonical URL, data is the callbacks' */
    uint64_t index;           /* of the result in its crawl, from 0 */
    unsigned depth;           /* links from a seed; redirects do not count */
    const char *from;         /* canonical URL of the page that named it first, credentials masked;
                                 NULL for a seed */
    size_t links;             /* in it, mostly without repetitions */
    const char *title;        /* UTF-8, NULL if it has none */
    char digest[33];          /* XXH3-128 of the decoded body, hexadecimal; "" without a body */
    bool is_repeat;           /* an earlier result had the same body, ... */
    uint64_t repeats;         /* ... the one of this index */
} trawl_page;

typedef struct trawl_rejected {
    const char *url;      /* canonical, credentials masked; as found if it is no URL */
    trawl_reject reason;
    const char *rule;     /* the rule in words, "" if the reason says it all */
    unsigned line;        /* of robots.txt, 0 if that is not the reason */
    unsigned depth;
    const char *from;     /* NULL for a seed */
} trawl_rejected;

typedef struct trawl_crawl_stats {
    uint64_t found;       /* links, each time they were found, and seeds */
    uint64_t pages;       /* results delivered */
    uint64_t queued;      /* taken up and not started, also behind robots.txt */
    uint64_t in_flight;
    uint64_t hosts;       /* scheme, name and port */
    uint64_t robots;      /* robots.txt files asked for */
    uint64_t bytes;       /* of decoded bodies */
    uint64_t rejected[TRAWL_REJECT_COUNT];
} trawl_crawl_stats;

typedef void (*trawl_page_cb)(trawl_crawl *c, const trawl_page *page, void *data);
/* Each URL is told of once. Not called for DUPLICATE, which is the most of them, unless
 * report_duplicates is set or it is a seed. */
typedef void (*trawl_rejected_cb)(trawl_crawl *c, const trawl_rejected *rejected, void *data);
/* Nothing is left to do: every URL taken up has come back. A seed added later goes on. */
typedef void (*trawl_idle_cb)(trawl_crawl *c, void *data);

typedef struct trawl_crawl_callbacks {
    size_t size;                   /* sizeof(trawl_crawl_callbacks) */
    trawl_page_cb on_page;         /* may not be NULL */
    trawl_rejected_cb on_rejected; /* NULL: none */
    trawl_idle_cb on_idle;         /* NULL: none */
    bool report_duplicates;
    void *data;
} trawl_crawl_callbacks;

#define TRAWL_CRAWL_CALLBACKS_INIT                                                             \
    {                                                                                          \
        sizeof(trawl_crawl_callbacks), NULL, NULL, NULL, false, NULL                           \
    }

/* EINVAL for options that contradict this header or a regular expression that cannot be read; text
 * (unless NULL, of that many bytes) then gets one line that names the option and says what is wrong
 * where. ENOMEM, ECLOSING. The crawl lives until trawl_crawl_close() has called back. With
 * trawl_close() it goes at some time before that calls back: from then on it may be named inside of its
 * own callbacks only. Seeds that are out of scope by themselves are rejected. */
TRAWL_EXTERN int trawl_crawl_open(trawl_crawl **c, trawl *t, const trawl_crawl_options *options,
                                  const trawl_crawl_callbacks *callbacks, char *text, size_t size);
/* A seed: comes back through on_page or on_rejected. 0, ENOMEM, ECLOSING; EURL or ESCHEME if it is
 * none, with *reason (unless NULL) a static phrase. */
TRAWL_EXTERN int trawl_crawl_add(trawl_crawl *c, const char *url, size_t len, const char **reason);
/* Nothing new is started: what is queued is rejected (STOPPED), what is in flight comes back. */
TRAWL_EXTERN void trawl_crawl_stop(trawl_crawl *c);
/* The same, what is in flight comes back with ECANCELED, then the crawl is freed and cb (may be
 * NULL) runs. */
TRAWL_EXTERN void trawl_crawl_close(trawl_crawl *c, trawl_close_cb cb, void *data);
/* While a crawl is paused, nothing that it has queued is started, nor is anything else of its trawl;
 * what is in flight comes back. For a caller who cannot take more results just now, and who keeps the
 * loop alive and ends the pause: what is only queued does not, and max_time_ms waits too. Seeds added
 * meanwhile only say what is in scope: with nothing queued, trawl_crawl_explain() works. */
TRAWL_EXTERN void trawl_crawl_pause(trawl_crawl *c, bool paused);
TRAWL_EXTERN void trawl_crawl_get_stats(const trawl_crawl *c, trawl_crawl_stats *stats);

/* What a crawl thinks of a URL. */
typedef struct trawl_verdict {
    int error;             /* EURL or ESCHEME: it is no URL; ECANCELED: the crawl was stopped;
                              ENOMEM. All else is empty then */
    const char *detail;    /* what is wrong with it, "" */
    const char *canonical; /* after what strip_* and sort_query do; credentials masked */
    bool in_scope;
    trawl_reject reason;   /* if it is not */
    const char *scope_rule; /* what decided, "" if no rule had to */
    bool allowed;          /* by robots.txt */
    int robots_status;     /* of its answer, 0: none, or robots_text */
    int robots_error;      /* 0, or why it could not be had */
    unsigned robots_line;  /* of the rule that decided, 0: none did */
    const char *robots_rule; /* "Disallow: /private", "" */
    uint64_t wait_ms;      /* between two fetches from that host */
    const char *wait_rule; /* "--wait", "Crawl-delay, line 3" */
} trawl_verdict;

typedef void (*trawl_verdict_cb)(trawl_crawl *c, const trawl_verdict *verdict, void *data);

/* Judges a URL, as a link from base if that is not NULL (it need not be a seed or known), without
 * fetching it; robots.txt is fetched if it has to be. cb runs once, on a later turn of the loop. 0,
 * EINVAL without a URL or cb, ENOMEM, ECLOSING, or EURL for a base that is none. */
TRAWL_EXTERN int trawl_crawl_explain(trawl_crawl *c, const char *url, size_t len, const char *base,
                                     trawl_verdict_cb cb, void *data);

/* ---- The links of a document ------------------------------------------------------------- */

typedef struct trawl_link {
    const char *url;       /* absolute and canonical, without fragment */
    const char *tag;       /* "a"; "" where there is none (CSS, sitemaps, headers) */
    const char *attribute; /* "href"; "url()" and "@import" of CSS, "loc" of sitemaps */
    bool is_requisite;     /* part of the page (images, styles, scripts), not a way on */
    bool nofollow;
    const char *rel;       /* as written, "" */
} trawl_link;

typedef int (*trawl_link_cb)(void *data, const trawl_link *link); /* not 0 ends it with that */

typedef struct trawl_links_options {
    size_t size;          /* sizeof(trawl_links_options) */
    const char *base;     /* URL of the document; NULL: links that need one are left out */
    const char *type;     /* media type: HTML, CSS, XML (sitemap, RSS, Atom) or plain text (a URL a
                             line); NULL: by the first bytes */
    const char *charset;  /* NULL: as browsers find out */
    bool lazy_attributes;
    trawl_link_cb on_link;
    void *data;
} trawl_links_options;

#define TRAWL_LINKS_OPTIONS_INIT                                                               \
    {                                                                                          \
        sizeof(trawl_links_options), NULL, NULL, NULL, false, NULL, NULL                       \
    }

/* The links of a document in its order, the same one as often as it stands there. 0, what on_link
 * returned, ENOMEM, EINVAL for a charset or type that is none, EURL for a base that is none;
 * EENCODING for an XML document that is broken, after the links before the fault. All of it is read
 * within the call, at some hundred megabytes a second: for documents that are larger than the loop can
 * wait for, this is for another thread, where it may be called as well. */
TRAWL_EXTERN int trawl_links(const trawl_links_options *options, const char *bytes, size_t len);

/* ---- Output formats ---------------------------------------------------------------------- */

typedef struct trawl_sink trawl_sink;

/* Takes the bytes of whole records, or of a piece of one from trawl_record_step(); returns 0 or
 * TRAWL_EWRITE, which ends up with the caller of trawl_sink_add() or trawl_record_step(). */
typedef int (*trawl_write_cb)(void *data, const char *bytes, size_t len);

typedef struct trawl_sink_options {
    size_t size;        /* sizeof(trawl_sink_options) */
    bool body;          /* jsonl: the body too */
    bool color;         /* text: ANSI colours */
    unsigned columns;   /* text: a line is cut to this many columns, 0 is no limit */
    bool crawl;         /* jsonl, csv: with what only pages of a crawl have */
} trawl_sink_options;

#define TRAWL_SINK_OPTIONS_INIT                                                                \
    {                                                                                          \
        sizeof(trawl_sink_options), false, false, 0, false                                    \
    }

/* format: "text", "jsonl" or "csv"; EINVAL if it is none of trawl_sink_names(). What the format
 * begins with (csv's header line) is written by the first call of add or close. options may be
 * NULL. close frees and accepts NULL. */
TRAWL_EXTERN int trawl_sink_open(trawl_sink **sink, const char *format,
                                 const trawl_sink_options *options, trawl_write_cb write,
                                 void *data);
/* index: the URL's position in the caller's input, from 0. The record is made and handed over within
 * the call: with a body some nanoseconds a byte, up to seconds for the largest, of which it holds a copy
 * meanwhile. Who cannot hold the loop for so long takes trawl_record_open(). */
TRAWL_EXTERN int trawl_sink_add(trawl_sink *sink, uint64_t index, const trawl_result *result);
/* A page of a crawl; its index is that of the page. */
TRAWL_EXTERN int trawl_sink_add_page(trawl_sink *sink, const trawl_page *page);
TRAWL_EXTERN int trawl_sink_close(trawl_sink *sink);

/* A record that is written bit by bit, for bodies that are large. All but the body is copied; the body
 * has to stay where it is (trawl_take_body()) until the record is closed, and the sink open. Any number
 * may be open, to be written one after another. 0 or ENOMEM. */
typedef struct trawl_record trawl_record;
TRAWL_EXTERN int trawl_record_open(trawl_record **record, trawl_sink *sink, uint64_t index,
                                   const trawl_result *result);
TRAWL_EXTERN int trawl_record_open_page(trawl_record **record, trawl_sink *sink,
                                        const trawl_page *page);
/* Goes on with it by about max bytes of the body (a quarter of a megabyte takes less than a
 * millisecond, mostly). 1 if there is more; 0 if that was all; or what trawl_sink_add() returns. From
 * its first step to its last no other record may be written: EINVAL. */
TRAWL_EXTERN int trawl_record_step(trawl_record *record, size_t max);
/* Frees it. Where it was begun and not ended, half of it stands in the output. Accepts NULL. */
TRAWL_EXTERN void trawl_record_close(trawl_record *record);

/* NULL-terminated lists of what trawl_sink_open() and trawl_options.strategy take. */
TRAWL_EXTERN const char *const *trawl_sink_names(void);
TRAWL_EXTERN const char *const *trawl_strategy_names(void);

#ifdef __cplusplus
}
#endif

#endif
