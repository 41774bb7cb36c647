/* The engine contract: a strategy is one const table of four functions. The core sees nothing else
 * of a strategy, and the same conformance test (tests/test_engine.c) runs over every one.
 *
 * - submit() never calls into the job's receiver before it returns.
 * - Exactly one on_done for each job that submit() took, also after cancel() and close().
 * - One job is one HTTP exchange. Redirects, retries and limits that span exchanges are the core's.
 * - The receiver's functions run on the loop's thread. It may call submit, cancel, resume and close
 *   in all of them.
 * - cancel() and resume() take jobs that are not done yet; their effect comes on a later turn of
 *   the loop. A cancelled job is done with TRAWL_ECANCELED unless it had ended before.
 * - close() is asynchronous: jobs still running are done with TRAWL_ECANCELED, then its callback
 *   runs, after which no handle of the engine is left on the loop and the engine is freed.
 * - An engine keeps the loop alive only while it has jobs, or look-ups.
 */
#ifndef TW_FETCH_ENGINE_H
#define TW_FETCH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "trawl.h"

#define TW_DETAIL_SIZE 256 /* as CURL_ERROR_SIZE */

struct tw_job;

struct tw_receiver {
    /* One header line as it came, with its line end: status lines, fields, trailers. A negative
     * code ends the exchange with that code. */
    int (*on_header)(struct tw_job *job, const char *line, size_t len);
    /* A chunk of the body with its content codings undone; out.status is set by then. 0, TRAWL_PAUSE (the chunk comes again
     * after resume()), or a negative code as above. */
    int (*on_body)(struct tw_job *job, const char *bytes, size_t len);
    /* The job is the core's again, the engine has forgotten it. */
    void (*on_done)(struct tw_job *job);
};

/* What one exchange came to. Written by the engine before on_done. */
struct tw_outcome {
    int error;     /* 0: a whole response came */
    int curl_code; /* CURLcode behind error */
    int status;    /* 0 if no status line came */
    int http_version;
    char ip[46]; /* "" if no connection was made */
    unsigned port;
    uint64_t wire_bytes;
    uint64_t dns_us, connect_us, tls_us; /* how long each took, 0 on a reused connection */
    uint64_t first_byte_us, total_us;    /* since the exchange began */
    char detail[TW_DETAIL_SIZE];         /* libcurl's words, "" if none */
};

/* Owned by the core; lent to the engine from submit() to on_done, unchanged in between. */
struct tw_job {
    const struct tw_receiver *to;
    const char *url;      /* http or https, canonical, without credentials and fragment */
    const char *user;     /* of the URL, decoded, NULL if none */
    const char *password; /* likewise */
    uint64_t host_hash;   /* equal for URLs of one origin */
    bool host_is_ip;      /* no name to look up */
    bool foreign;         /* another origin than the caller's URL: no secret headers */
    bool more;            /* more jobs for this origin are about to come; anew at a header's end */
    uint64_t timeout_ms;  /* for this exchange, 0 is none */
    uint64_t max_body;    /* announced lengths above it end the exchange early, 0 is none */
    struct tw_outcome out;
    void *engine; /* the engine's, from submit() to on_done */
};

/* A question where a host is, ahead of its first exchange. Owned by the core; lent to the engine from
 * resolve() to cb, unmoved in between. */
struct tw_lookup {
    const char *url;   /* as a job's; the path may be missing */
    bool host_is_ip;   /* likewise */
    int error;         /* written before cb: 0 or why there is no address */
    char ip[46];       /* likewise: what an exchange would connect to first, "" with an error */
    /* The look-up is the core's again. As on_done, it may call whatever it likes. */
    void (*cb)(struct tw_lookup *lookup);
    void *engine; /* the engine's */
};

struct tw_engine; /* each engine defines its own */
struct tw_stay;

/* How far an exchange has come. */
enum tw_phase { TW_PHASE_PARKED, TW_PHASE_NAME, TW_PHASE_CONNECT, TW_PHASE_ANSWER, TW_PHASE_RECEIVE };

struct tw_engine_ops {
    const char *name; /* what --strategy takes */
    /* How many jobs it runs at once; the core gives it no more. */
    unsigned (*width)(const trawl_options *options);
    /* options: valid and outliving the engine. 0, TRAWL_ENOMEM or TRAWL_EINTERNAL;
     * TRAWL_EINVAL if an option is missing that only this strategy needs. */
    int (*open)(struct tw_engine **engine, uv_loop_t *loop, const trawl_options *options);
    /* 0; or TRAWL_ENOMEM, or TRAWL_ECLOSING after close(): then the job was not taken. */
    int (*submit)(struct tw_engine *engine, struct tw_job *job);
    void (*cancel)(struct tw_engine *engine, struct tw_job *job);
    void (*resume)(struct tw_engine *engine, struct tw_job *job);
    void (*close)(struct tw_engine *engine, void (*cb)(void *data), void *data);
    /* From now on its callbacks are measured there; stay outlives it. NULL: it has none of its own
     * that could take long. */
    void (*measure)(struct tw_engine *engine, struct tw_stay *stay);
    /* The phase of a job that is not done, and since when, as of uv_now(). NULL: nobody knows. */
    enum tw_phase (*phase)(const struct tw_engine *engine, const struct tw_job *job,
                           uint64_t *since_ms);
    /* Looks up where exchanges with the URL's host will go. 0: cb runs exactly once, on a later turn,
     * also after unresolve() and close(), and before close()'s. TRAWL_ENOENT if no name would be
     * looked up for it (an address, a proxy, options->resolve); TRAWL_ENOMEM; TRAWL_ECLOSING after
     * close(): then nothing happens. NULL: it cannot tell ahead. */
    int (*resolve)(struct tw_engine *engine, struct tw_lookup *lookup);
    /* Of one whose cb has not run: it does on a later turn, with TRAWL_ECANCELED. */
    void (*unresolve)(struct tw_engine *engine, struct tw_lookup *lookup);
};

/* The strategy of that name, NULL if there is none. */
const struct tw_engine_ops *tw_engine_find(const char *name);

extern const struct tw_engine_ops tw_engine_loop;
extern const struct tw_engine_ops tw_engine_pool;
extern const struct tw_engine_ops tw_engine_batch;
extern const struct tw_engine_ops tw_engine_process;
extern const struct tw_engine_ops tw_engine_sequential;

#endif
