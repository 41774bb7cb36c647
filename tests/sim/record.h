/* What is known of each URL in a run: what the engine saw, what the crawl told of it, and what the
 * oracle expects. */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web.h"

struct node {
    char *url;
    uint64_t hash;
    struct ref ref;
    /* the engine's */
    unsigned exchanges, successes; /* success: a whole answer that calls for no retry */
    bool in_flight;
    bool is_fetch;     /* not of the crawl */
    int error, status; /* of the last exchange */
    /* the crawl's */
    unsigned pages, rejections;
    unsigned filtered; /* fetched, and rejected for its media type */
    int page_error, page_status;
    int reason; /* of the first rejection */
    uint32_t depth;
    uint64_t index;
    char digest[33];
    /* the oracle's */
    bool reached;  /* a document that was read, or a seed, leads to it */
    bool may, must; /* be fetched */
    bool as_requisite; /* by a page that needs it */
    bool expanded;
    bool is_seed;
};

void record_begin(void);
void record_end(void);
struct node *record_get(const struct web *w, const char *url); /* made if need be */
struct node *record_find(const char *url);
size_t record_count(void);
struct node *record_at(size_t i); /* in the order in which they were made */

#endif
