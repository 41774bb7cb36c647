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
    X(ELOCATION, -82, PROTOCOL, "the redirect leads to no http or https URL")

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

/* "trawl 0.1.0 (libuv 1.44.2, libcurl 7.88.1 ...)": the versions at run time and libcurl's
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
    size_t max_queue;             /* fetches accepted and not in flight; more is EQUEUE */
    unsigned tries;               /* at least 1: how often one URL is asked for at the most */
    unsigned max_redirects;       /* 0: a redirect is a result */
    uint64_t timeout_ms;          /* one try, with its redirects, without waits in the queue */
    uint64_t connect_timeout_ms;  /* name, TCP and TLS together, at least 1 */
    uint64_t low_speed_bytes;     /* fewer bytes a second than this ... */
    uint64_t low_speed_ms;        /* ... for this long is ELOWSPEED; whole seconds */
    uint64_t max_header;          /* bytes of one response header */
    uint64_t max_body;            /* bytes of a body, decoded */
    size_t keep_body;             /* how many decoded bytes of a body trawl_result.body has */
    unsigned excerpt;             /* how many characters trawl_result.excerpt has, 0 is none */
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
    }

/* Opens a trawl on the caller's loop. *t is written on success only. EINVAL for options that
 * contradict this header, ENOMEM, EINTERNAL when libcurl cannot be started. If the trawl is not
 * closed, the loop cannot be closed. */
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
 * with the stage that took most of it: "socket", "timer", "deferred", "name", "start", "result",
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

/* EINVAL if stays->size is of no version. */
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

typedef struct trawl_outstanding {
    trawl_id id;
    void *data;      /* of the request */
    const char *url; /* as given, credentials masked; any bytes */
    size_t url_len;
    const char *host; /* and port, of the current hop; "" if the URL could not be parsed */
    trawl_state state;
    uint64_t since_ms;   /* for how long it has been in that state */
    uint64_t until_ms;   /* how long it still waits for its next try, 0 in other states */
    unsigned tries;      /* begun */
    unsigned redirects;  /* followed in this try */
    uint64_t wire_bytes; /* of the exchanges that are over, headers and bodies as they came */
} trawl_outstanding;

/* Calls cb once for each fetch whose on_done has not been called, until cb returns something other than
 * 0, which trawl_each() then returns; else 0. What was taken up inside cb may be told of or not. */
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

/* Its on_done runs with ECANCELED, unless it has just ended otherwise. ENOENT: it is over. */
TRAWL_EXTERN int trawl_cancel(trawl *t, trawl_id id);

/* Goes on with a fetch whose on_body returned TRAWL_PAUSE. ENOENT: it is over. */
TRAWL_EXTERN int trawl_resume(trawl *t, trawl_id id);

/* ---- Output formats ---------------------------------------------------------------------- */

typedef struct trawl_sink trawl_sink;

/* Takes the bytes of whole records; returns 0 or TRAWL_EWRITE, which ends up with the caller of
 * trawl_sink_add(). */
typedef int (*trawl_write_cb)(void *data, const char *bytes, size_t len);

typedef struct trawl_sink_options {
    size_t size;        /* sizeof(trawl_sink_options) */
    bool body;          /* jsonl: the body too */
    bool color;         /* text: ANSI colours */
    unsigned columns;   /* text: a line is cut to this many columns, 0 is no limit */
} trawl_sink_options;

#define TRAWL_SINK_OPTIONS_INIT                                                                \
    {                                                                                          \
        sizeof(trawl_sink_options), false, false, 0                                            \
    }

/* format: "text", "jsonl" or "csv"; EINVAL if it is none of trawl_sink_names(). What the format
 * begins with (csv's header line) is written by the first call of add or close. options may be
 * NULL. close frees and accepts NULL. */
TRAWL_EXTERN int trawl_sink_open(trawl_sink **sink, const char *format,
                                 const trawl_sink_options *options, trawl_write_cb write,
                                 void *data);
/* index: the URL's position in the caller's input, from 0. */
TRAWL_EXTERN int trawl_sink_add(trawl_sink *sink, uint64_t index, const trawl_result *result);
TRAWL_EXTERN int trawl_sink_close(trawl_sink *sink);

/* NULL-terminated lists of what trawl_sink_open() and trawl_options.strategy take. */
TRAWL_EXTERN const char *const *trawl_sink_names(void);
TRAWL_EXTERN const char *const *trawl_strategy_names(void);

#ifdef __cplusplus
}
#endif

#endif
