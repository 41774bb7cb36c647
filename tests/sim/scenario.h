/* One run: which web, which options, what goes wrong, and what the caller does when. All of it
 * follows from a seed. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "trawl.h"
#include "web.h"

#define SEEDS_MAX 4
/* What robots_text says, if it is given. */
#define SCENARIO_FORBIDS "/d1/"

struct scenario {
    uint64_t seed;
    struct web web;
    unsigned fault_percent;
    unsigned lateness_us;
    unsigned cut_percent; /* see clock_begin() */
    trawl_options options;
    bool is_crawl; /* else single fetches */
    trawl_crawl_options crawl;
    const char *domains[4], *exclude_domains[4], *include[4], *accept[4], *exclude[4], *reject[4], *mime_types[4];
    struct ref seeds[SEEDS_MAX];
    unsigned seed_count;
    unsigned late_seeds; /* of them: added later */
    unsigned meddling;   /* in percent: how often the caller does something odd; 0: never */
    bool ends_early;     /* stops and closes are among it */
    bool logs;
    bool fetches_too;      /* single fetches beside the crawl */
    bool second_crawl;     /* likewise, of single pages */
    bool report_duplicates;
    unsigned memory_fails; /* one allocation in so many, 0: none */
};

void scenario_make(struct scenario *s, uint64_t seed);
void scenario_print(const struct scenario *s);

#endif
