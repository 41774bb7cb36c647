#include "cli/summary_crawl.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* The limit behind a reason that cut the crawl short, as it is typed; NULL for what was left out
 * because it was not wanted. */
static const char *limit_of(trawl_reject reason)
{
    switch (reason) {
    case TRAWL_REJECT_TRAP_LENGTH: return "--max-url";
    case TRAWL_REJECT_TRAP_DEPTH: return "--max-path-segments";
    case TRAWL_REJECT_TRAP_REPEAT: return "segments that repeat";
    case TRAWL_REJECT_TRAP_QUERY: return "--max-query-parameters";
    case TRAWL_REJECT_TRAP_DATE: return "far dates";
    case TRAWL_REJECT_TRAP_DUPLICATE: return "--max-repeats";
    case TRAWL_REJECT_TRAP_REDIRECTS: return "--max-redirs";
    case TRAWL_REJECT_LIMIT_PAGES: return "--max-pages";
    case TRAWL_REJECT_LIMIT_HOST: return "--max-pages-per-host";
    case TRAWL_REJECT_LIMIT_LINKS: return "--max-links";
    case TRAWL_REJECT_LIMIT_TIME: return "--max-time";
    case TRAWL_REJECT_LIMIT_QUOTA: return "--quota";
    case TRAWL_REJECT_MEMORY: return "no memory";
    default: return NULL;
    }
}

/* What is in the list because of the crawl's rules or, with limits, because of its limits. Links to
 * what is known already are told as such, and what an interruption left in its own line. */
static void select_counts(const uint64_t *all, bool limits, uint64_t counts[TRAWL_REJECT_COUNT])
{
    for (int i = 0; i < TRAWL_REJECT_COUNT; i++) {
        bool here = (limit_of((trawl_reject)i) != NULL) == limits;
        bool told = i == TRAWL_REJECT_DUPLICATE || i == TRAWL_REJECT_STOPPED;
        counts[i] = here && !told ? all[i] : 0;
    }
}

static void print_reasons(const uint64_t *all, bool limits, FILE *file, const struct cli_paint *c)
{
    uint64_t counts[TRAWL_REJECT_COUNT];
    bool first = true;
    select_counts(all, limits, counts);
    size_t i = cli_next_largest(counts, TRAWL_REJECT_COUNT, TRAWL_REJECT_COUNT);
    for (; i < TRAWL_REJECT_COUNT; i = cli_next_largest(counts, TRAWL_REJECT_COUNT, i)) {
        if (first) {
            fprintf(file, "%s%s%s", c->dim, limits ? "cut     " : "left out", c->end);
        }
        fprintf(file, "%s%s%" PRIu64 "%s %s", first ? " " : ", ", limits ? c->yellow : "",
                counts[i], limits ? c->end : "", trawl_reject_name((trawl_reject)i));
        if (limits) {
            fprintf(file, " (%s)", limit_of((trawl_reject)i));
        }
        first = false;
    }
    if (!first) {
        fputc('\n', file);
    }
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void cli_crawled_print(const struct cli_crawled *crawled, FILE *file, const struct cli_paint *c)
{
    if (crawled == NULL) {
        return;
    }
    const trawl_crawl_stats *s = &crawled->stats;
    fprintf(file,
            "%scrawl%s    %" PRIu64 " host%s, %" PRIu64 " robots.txt, %" PRIu64
            " URL%s found (%" PRIu64 " again), depth %u",
            c->dim, c->end, s->hosts, plural(s->hosts), s->robots, s->found, plural(s->found),
            s->rejected[TRAWL_REJECT_DUPLICATE], crawled->depth);
    if (crawled->repeats > 0) {
        fprintf(file, ", %" PRIu64 " page%s another one", crawled->repeats,
                crawled->repeats == 1 ? " repeats" : "s repeat");
    }
    fputc('\n', file);
    print_reasons(s->rejected, false, file, c);
    print_reasons(s->rejected, true, file, c);
}
