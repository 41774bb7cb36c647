/* What the files of the core (src/crawl) share. The core is the only part that knows every stage: it
 * takes URLs up, lets the frontier say when, has the engine make one exchange after another, and
 * gives each URL back once, with a result. */
#ifndef TW_CRAWL_H
#define TW_CRAWL_H

#include "base/buf.h"
#include "base/list.h"
#include "base/waste.h"
#include "fetch/engine.h"
#include "fetch/guard.h"
#include "fetch/stay.h"
#include "frontier/frontier.h"
#include "parse/header.h"
#include "parse/text.h"
#include "parse/url.h"
#include "trawl.h"

/* What an item of the frontier is part of. */
enum work { WORK_FETCH, WORK_PAGE };

struct page; /* walk.h */
struct site;

/* What a fetch needs only while it is in flight; pooled. */
struct flight {
    struct tw_job job;
    struct tw_link spare;
    struct fetch *fetch;
    struct tw_headers headers;
    struct tw_buf body;
    uint64_t bytes;  /* of the decoded body, kept or not */
    bool body_begun;
    bool final;      /* once the body has begun: this response is the result */
    bool refused;    /* the caller's on_body ended it */
    bool unwanted;   /* a page whose media type nobody asked for */
    size_t keep;     /* bytes of the body that are kept */
    void *digest;    /* of a page's body, see scan.c; kept for the next */
    bool paused;     /* by the caller's on_body */
    char *plain_url; /* owned; NULL if the URL has no credentials to leave out */
    char *user, *password;
};

/* One URL from trawl_fetch() to its on_done. */
struct fetch {
    struct tw_item item; /* first: the frontier's handle on it */
    struct tw_link ready;
    trawl *t;
    struct flight *flight; /* NULL unless in flight */
    trawl_request request; /* url and url_len are the masked copy's */
    uint32_t slot;
    uint32_t generation;
    struct tw_url url;   /* of the current hop; href is NULL if it could not be parsed */
    struct tw_url first; /* what url was before the first redirect; href is NULL before */
    int error;           /* what it ends with if it ends outside an exchange */
    const char *reason;  /* static: the parser's words, or NULL */
    unsigned tries, redirects;
    uint64_t since_ms;    /* when it was queued, put off, started or paused, as of uv_now() */
    uint64_t started_ns;  /* of the first try, 0 before */
    uint64_t try_used_us; /* by the exchanges of the current try that are over */
    uint64_t wire_bytes;  /* of the exchanges that are over */
    struct page *page;    /* of a crawl that this fetch is for, or NULL */
    struct site *site;    /* whose robots.txt this is, or NULL */
    unsigned max_redirects;
    size_t keep;          /* bytes of the body that are kept */
    bool new_try;         /* the next exchange begins a try */
    bool cancelled;
};

struct slot {
    struct fetch *fetch; /* NULL if free */
    uint32_t generation;
    uint32_t next_free;
};

struct trawl {
    uv_loop_t *loop;
    trawl_options *options; /* a copy, owned */
    struct tw_guard guard;  /* for what proxies are asked for; engines have their own */
    const struct tw_engine_ops *ops;
    struct tw_engine *engine;
    struct tw_frontier *frontier;
    struct tw_text *text;
    uv_timer_t timer;     /* retries that are due */
    uv_idle_t soon;       /* ready results */
    int handles;          /* of these two, not closed yet */
    struct tw_link ready; /* fetches that ended outside an exchange */
    size_t own, own_flying; /* of trawl_fetch(): those that are not over, those in flight */
    struct tw_link spare; /* flights */
    size_t spare_count;
    uint64_t kept; /* bytes of bodies that flights hold, or the application has taken */
    struct tw_link taken;      /* bodies that the application has */
    struct tw_waste waste;     /* bodies that are being given back */
    struct flight *delivering; /* whose body may be taken, or NULL */
    struct tw_link crawls;   /* all of them */
    struct tw_link restless; /* those with something to do in the next turn */
    struct slot *slots;
    uint32_t slot_count, slot_cap, slot_free; /* free ones are linked by next_free */
    uint32_t taken_back; /* of a stopped one: in slots before this nothing is queued */
    struct tw_buf excerpt, final_url; /* of the result that is being delivered */
    trawl_stats stats;
    struct tw_stay stay;
    struct {             /* the longest one that the log does not know of */
        const char *stage;
        uint64_t us;
    } long_stay, long_caller;
    uint64_t rng;
    uint64_t hash_seed;
    bool stopped, closing, engine_closed;
    trawl_close_cb on_close;
    void *close_data;
};

/* options.c */
/* A shallow copy of a caller's struct, of whatever version: what an older one does not know keeps
 * its default. options may be NULL. EINVAL if its size is of no version. */
int tw_options_extend(trawl_options *whole, const trawl_options *options);
/* A deep copy, checked. EINVAL, ENOMEM. Free with tw_options_free(). */
int tw_options_copy(trawl_options **out, const trawl_options *options);
void tw_options_free(trawl_options *options);

/* check.c: the first thing that is wrong. 0, ENOMEM, or EINVAL and *fault tells. */
struct tw_fault {
    const char *member; /* static */
    char text[256];
};
int tw_options_check(const trawl_options *options, struct tw_fault *fault);

/* hop.c */
struct flight *tw_flight_get(trawl *t); /* NULL without memory */
void tw_flight_put(trawl *t, struct flight *flight);
void tw_flight_free(struct flight *flight);
/* Starts the next exchange of a fetch that the frontier has started. Ends the fetch if it fails. */
void tw_fetch_start(trawl *t, struct fetch *f);
/* Queues the fetch for its current URL's host. 0, ENOMEM, or EURL. */
int tw_fetch_enqueue(trawl *t, struct fetch *f, enum tw_place place);

/* core.c */
/* The fetch is over: calls on_done with what flight holds (NULL: no exchange), frees both. */
void tw_fetch_finish(trawl *t, struct fetch *f, struct flight *flight, int error);
/* The same on a later turn of the loop, without a flight. */
void tw_fetch_finish_later(trawl *t, struct fetch *f, int error);
/* The last part of it: the fetch is forgotten. flight may be NULL. */
void tw_fetch_forget(trawl *t, struct fetch *f, struct flight *flight);
/* A fetch of our own, not queued yet; frees the URL if it fails. */
int tw_fetch_new(trawl *t, const trawl_request *request, struct fetch **out);
void tw_fetch_cancel(trawl *t, struct fetch *f);
/* The same unless it is in flight. */
void tw_fetch_cancel_queued(trawl *t, struct fetch *f);
/* Has the idle handle run on the next turn: what is ready and the crawls are looked at. */
void tw_crawl_wake(trawl *t);
/* Starts what may start now, and sees to it that what comes later is not forgotten. */
void tw_crawl_pump(trawl *t);

/* body.c */
/* A body that nobody needs any more; the buffer is empty then. */
void tw_body_drop(trawl *t, struct tw_buf *body);
/* Gives back a slice of what was dropped. */
void tw_bodies_step(trawl *t, uint64_t began_ns);
/* What the application has taken outlives the trawl. */
void tw_bodies_part(trawl *t);

/* watch.c: what a trawl tells of itself. */
/* Begins to measure. */
void tw_crawl_measure(trawl *t);
/* Tells the log of what held the loop for too long. */
void tw_crawl_warn(trawl *t);

/* result.c: fills a result; its pointers hold until the next call or a change of f. */
void tw_result_fill(trawl *t, trawl_result *r, struct fetch *f, struct flight *flight,
                    int error);
void tw_crawl_log(trawl *t, int level, const struct fetch *f, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Of trawl_fetch(), not of a crawl. */
static inline bool tw_fetch_is_own(const struct fetch *f)
{
    return f->page == NULL && f->site == NULL;
}

static inline trawl_id tw_fetch_id(const struct fetch *f)
{
    return (uint64_t)f->generation << 32 | (f->slot + 1);
}

#endif
