/* One exchange after another, made on a thread that waits for it: what every blocking strategy has.
 *
 * The loop's thread prepares an exchange (begin), some other thread makes it (run), and what comes
 * goes back through a bounded queue (take, next, pass). A full queue holds the thread, and so the
 * server, up. Between begin and ended the easy handle is the other thread's. */
#ifndef TW_FETCH_FETCHER_H
#define TW_FETCH_FETCHER_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <uv.h>

#include "base/buf.h"
#include "fetch/engine.h"
#include "fetch/request.h"

/* Idle connections that one fetcher keeps, at the most. */
#define TW_FETCHER_HOSTS 4

enum tw_piece_kind { TW_PIECE_HEADER, TW_PIECE_BODY };

/* A call of the receiver's that is due; bytes hold until tw_fetcher_pass(). */
struct tw_piece {
    enum tw_piece_kind kind;
    const char *bytes;
    size_t len;
};

/* What the fetchers of an engine know of each other's need of descriptors. */
struct tw_crowd {
    atomic_size_t sockets;  /* open, of all of them */
    atomic_ullong lacked_ns; /* when one of them last could have none, of uv_hrtime(); 0: never */
};

struct tw_fetcher {
    struct tw_request request;
    struct tw_crowd *crowd;
    CURLM *multi;        /* holds the connections from one exchange to the next */
    size_t sockets;      /* open, as far as libcurl tells */
    struct tw_job inner; /* the job as the thread knows it: its receiver fills the queue */
    /* There is something to take. Called on the thread that runs, maybe with the lock held. */
    void (*on_news)(struct tw_fetcher *f);
    bool untold; /* the thread's: queued since the last on_news */
    bool ran;
    CURLcode code;

    uv_mutex_t lock;
    uv_cond_t room;
    /* under the lock */
    struct tw_buf queue;
    size_t last;         /* where the last piece of the queue begins */
    int stop_error;      /* the exchange is to end, 0 if not */
    int status;          /* of the response whose body is in the queue */
    uint64_t started_ns; /* 0 before */
    bool running, ended;
    bool lacking; /* it waits for a descriptor */

    /* the loop's */
    struct tw_buf taken;
    size_t passed; /* of taken */
    uint64_t hosts[TW_FETCHER_HOSTS]; /* of the connections that are kept */
    unsigned host_count, replaced;
};

/* 0, TRAWL_ENOMEM or TRAWL_EINTERNAL. f must not move, shared and crowd must outlive it. */
int tw_fetcher_init(struct tw_fetcher *f, const struct tw_request_shared *shared,
                    struct tw_crowd *crowd);
void tw_fetcher_clear(struct tw_fetcher *f);

/* Whether it may have a connection to that host. */
bool tw_fetcher_knows(const struct tw_fetcher *f, uint64_t host_hash);

/* Prepares the exchange that job asks for. 0 or TRAWL_ENOMEM. */
int tw_fetcher_begin(struct tw_fetcher *f, const struct tw_job *job);

/* Makes it, on whichever thread this is called. */
void tw_fetcher_run(struct tw_fetcher *f);

/* No thread runs it any more, or ever will. From any thread. */
void tw_fetcher_ended(struct tw_fetcher *f);

/* Ends the exchange early: run returns soon, wherever it waits. error is negative. */
void tw_fetcher_stop(struct tw_fetcher *f, int error);

/* Brings what is queued within reach of next, once all that was in reach is passed; status is that
 * of the body among it, 0 if there is none. Says what is beyond reach. */
enum tw_beyond { TW_BEYOND_MORE, TW_BEYOND_NOTHING_YET, TW_BEYOND_NOTHING };
enum tw_beyond tw_fetcher_take(struct tw_fetcher *f, int *status);
/* The first piece in reach, false if there is none. */
bool tw_fetcher_next(struct tw_fetcher *f, struct tw_piece *piece);
void tw_fetcher_pass(struct tw_fetcher *f, const struct tw_piece *piece);

/* Whether it waits for a descriptor, which it tells as news: others should close what they can. */
bool tw_fetcher_is_lacking(struct tw_fetcher *f);
/* When the thread began, of uv_hrtime(); 0 if it has not. */
uint64_t tw_fetcher_started_ns(struct tw_fetcher *f);
bool tw_fetcher_has_ended(struct tw_fetcher *f);

/* After ended: writes what the exchange came to, and makes f ready for the next one. */
void tw_fetcher_end(struct tw_fetcher *f, struct tw_outcome *out);

#endif
