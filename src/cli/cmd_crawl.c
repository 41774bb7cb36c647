#include "cli/cmd_crawl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record.h"
#include "cli/run.h"
#include "cli/values.h"

#define SEEDS_TOLD 5 /* how many of those that are left out are told one by one */

struct crawl {
    struct cli_run run;
    struct cli_crawled crawled;
    trawl_crawl *c;
    yajl_gen gen;       /* of the log */
    uint64_t seeds_out; /* seeds that are left out */
    uint64_t moved;     /* seeds that redirect to what is left out */
    bool idle;          /* nothing was added since the crawl had nothing left */
    bool denied_told;
};

/* ---- What comes back --------------------------------------------------------------------- */

static void update(struct crawl *crawl)
{
    struct cli_run *run = &crawl->run;
    trawl_crawl_stats *s = &crawl->crawled.stats;
    trawl_stats stats;
    trawl_crawl_get_stats(crawl->c, s);
    trawl_get_stats(run->t, &stats);
    struct cli_totals totals = {
        .done = run->summary.total,
        .failed = run->summary.failed + run->summary.refused,
        .in_flight = s->in_flight,
        .queued = s->queued,
        .hosts = s->hosts,
        .bytes = stats.wire_bytes,
    };
    cli_progress_update(run->progress, &totals);
    cli_run_pump(run);
}

/* Who types http://127.0.0.1/ means it, and has to know what to do. */
static void tell_denied(struct crawl *crawl, const char *url)
{
    if (!crawl->denied_told) {
        crawl->denied_told = true;
        cli_run_fail_free(&crawl->run, CLI_EXIT_FAILURE,
                          cli_message("%s: %s; give --allow-private to crawl private and "
                                      "local addresses",
                                      url, trawl_strerror(TRAWL_EDENIED)));
    }
}

static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    struct crawl *crawl = data;
    struct cli_run *run = &crawl->run;
    (void)c;
    cli_summary_add(&run->summary, &page->result);
    crawl->crawled.repeats += page->is_repeat;
    if (page->depth > crawl->crawled.depth) {
        crawl->crawled.depth = page->depth;
    }
    cli_run_written(run, cli_writer_add_page(run->writer, run->t, page));
    if (page->from == NULL && page->result.error == TRAWL_EDENIED) {
        tell_denied(crawl, page->result.url);
    }
    update(crawl);
}

/* "http://a/x is left out: robots, line 3 (Disallow: /x)" */
static void tell_seed_out(struct crawl *crawl, const trawl_rejected *r)
{
    char line[32] = "";
    if (r->reason == TRAWL_REJECT_STOPPED) {
        return;
    }
    if (strstr(r->rule, trawl_strerror(TRAWL_EDENIED)) != NULL) {
        tell_denied(crawl, r->url);
    }
    if (++crawl->seeds_out > SEEDS_TOLD) {
        return;
    }
    if (r->line > 0) {
        snprintf(line, sizeof(line), ", line %u", r->line);
    }
    bool rule = r->rule[0] != '\0';
    char *text =
        cli_message("seed %s is left out: %s%s%s%s%s", r->url, trawl_reject_name(r->reason),
                    line, rule ? " (" : "", r->rule, rule ? ")" : "");
    cli_run_say(&crawl->run, text != NULL ? text : "out of memory");
    free(text);
}

/* Redirects do not count in the depth. A site that has moved would end without a word. */
static bool is_redirect_of_seed(const trawl_rejected *r)
{
    static const char robots[] = "/robots.txt";
    size_t len = r->from != NULL ? strlen(r->from) : 0;
    size_t end = sizeof(robots) - 1;
    bool from_robots = len >= end && strcmp(r->from + len - end, robots) == 0;
    return r->depth == 0 && len > 0 && !from_robots && r->reason != TRAWL_REJECT_DUPLICATE &&
           r->reason != TRAWL_REJECT_STOPPED;
}

static void tell_moved(struct crawl *crawl, const trawl_rejected *r)
{
    if (crawl->moved++ >= SEEDS_TOLD) {
        return;
    }
    char *text = cli_message("seed %s redirects to %s, which is left out: %s%s", r->from,
                             r->url, trawl_reject_name(r->reason),
                             r->reason == TRAWL_REJECT_SCOPE_HOST
                                 ? "; give that URL as the seed, or --span-hosts"
                                 : "");
    cli_run_say(&crawl->run, text != NULL ? text : "out of memory");
    free(text);
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *rejected, void *data)
{
    struct crawl *crawl = data;
    struct cli_run *run = &crawl->run;
    size_t len;
    (void)c;
    if (run->log != NULL && !cli_output_failed(run->log)) {
        const char *record = cli_record_rejected(crawl->gen, rejected, &len);
        cli_run_written(run, record != NULL ? cli_output_write(run->log, record, len)
                                            : TRAWL_ENOMEM);
    }
    if (rejected->from == NULL && rejected->reason != TRAWL_REJECT_DUPLICATE) {
        tell_seed_out(crawl, rejected);
    } else if (is_redirect_of_seed(rejected)) {
        tell_moved(crawl, rejected);
    }
    update(crawl);
}

static void on_idle(trawl_crawl *c, void *data)
{
    struct crawl *crawl = data;
    (void)c;
    crawl->idle = true;
    update(crawl);
}

/* ---- The command ------------------------------------------------------------------------- */

static int open_crawl(struct cli_run *run)
{
    struct crawl *crawl = (struct crawl *)run;
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    char text[400] = "";
    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    callbacks.report_duplicates = run->o->log_duplicates;
    callbacks.data = crawl;
    run->summary.crawled = &crawl->crawled;
    crawl->idle = true;
    if (run->log != NULL) {
        crawl->gen = cli_record_open();
        if (crawl->gen == NULL) {
            return cli_run_fail_free(run, CLI_EXIT_FAILURE, NULL);
        }
    }
    int rc =
        trawl_crawl_open(&crawl->c, run->t, &run->o->crawl, &callbacks, text, sizeof(text));
    if (rc == 0) {
        return 0;
    }
    bool usage = rc == TRAWL_EINVAL && text[0] != '\0';
    return cli_run_fail_free(run, usage ? CLI_EXIT_USAGE : CLI_EXIT_FAILURE,
                             cli_message("%s", usage ? text : trawl_strerror(rc)));
}

/* All seeds are read before one is fetched: which hosts they are on decides what is in scope.
 */
static bool has_room(const struct cli_run *run)
{
    (void)run;
    return true;
}

/* The URL itself is not printed: there may be a password in what cannot be read. */
static void take(struct cli_run *run, const char *url, size_t len, uint64_t index, bool cut)
{
    struct crawl *crawl = (struct crawl *)run;
    const char *reason = "the line is longer than 1 MiB";
    int rc = cut ? TRAWL_EURL : trawl_crawl_add(crawl->c, url, len, &reason);
    if (rc == 0) {
        crawl->idle = false;
        return;
    }
    crawl->seeds_out++;
    if (rc == TRAWL_EURL || rc == TRAWL_ESCHEME) {
        cli_run_fail_free(run, CLI_EXIT_FAILURE,
                          cli_message("seed %" PRIu64 " is left out: %s%s%s", index + 1,
                                      trawl_strerror(rc), reason != NULL ? ": " : "",
                                      reason != NULL ? reason : ""));
        return;
    }
    cli_run_fail(run, CLI_EXIT_FAILURE, trawl_strerror(rc));
    cli_run_finish(run);
}

static bool is_idle(const struct cli_run *run)
{
    return ((const struct crawl *)run)->idle;
}

static uint64_t outstanding(const struct cli_run *run)
{
    const struct crawl *crawl = (const struct crawl *)run;
    trawl_crawl_stats stats = crawl->crawled.stats;
    if (!run->finishing) { /* else the crawl may be gone, and the last callback's have to do */
        trawl_crawl_get_stats(crawl->c, &stats);
    }
    return stats.queued + stats.in_flight;
}

static void hold(struct cli_run *run, bool held)
{
    trawl_crawl_pause(((struct crawl *)run)->c, held);
}

static void stop(struct cli_run *run)
{
    trawl_crawl_stop(((struct crawl *)run)->c);
    trawl_stop(run->t);
}

static void ended(struct cli_run *run)
{
    const struct crawl *crawl = (const struct crawl *)run;
    if (crawl->seeds_out > 0 && run->summary.total == 0) {
        cli_run_fail_free(run, CLI_EXIT_FAILURE,
                          cli_message("nothing was fetched: %s left out",
                                      crawl->seeds_out == 1 ? "the seed is" : "all seeds are"));
    }
}

int cli_crawl_run(struct cli_options *o)
{
    static const struct cli_run_ops ops = {
        .open = open_crawl,
        .has_room = has_room,
        .take = take,
        .is_idle = is_idle,
        .outstanding = outstanding,
        .hold = hold,
        .all_first = true,
        .stop = stop,
        .ended = ended,
    };
    struct crawl crawl = {.run = {.ops = &ops, .o = o}};
    int status = cli_run(&crawl.run);
    if (crawl.gen != NULL) {
        yajl_gen_free(crawl.gen);
    }
    return status;
}
