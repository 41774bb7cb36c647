#include "cli/cmd_fetch.h"

#include <stdlib.h>

#include "cli/run.h"

/* How much is taken up at a time: enough that many hosts have work, whatever the list's order.
 */
#define WINDOW_URLS  2000
#define WINDOW_BYTES ((size_t)16 << 20)

struct fetch {
    struct cli_run run;
    size_t outstanding; /* fetches whose on_done has not run */
    size_t outstanding_bytes;
};

/* What is remembered of a URL that was handed to the trawl. */
struct item {
    struct fetch *fetch;
    uint64_t index;
    size_t len;
};

/* ---- Results ----------------------------------------------------------------------------- */

static void update_progress(struct cli_run *run)
{
    trawl_stats stats;
    trawl_get_stats(run->t, &stats);
    struct cli_totals totals = {
        .done = run->summary.total,
        .failed = run->summary.failed + run->summary.refused,
        .in_flight = stats.in_flight,
        .queued = stats.queued + stats.waiting,
        .bytes = stats.wire_bytes,
    };
    totals.total_known = run->in != NULL && cli_input_total(run->in, &totals.total);
    cli_progress_update(run->progress, &totals);
}

static void on_done(trawl *t, const trawl_result *result)
{
    struct item *item = result->data;
    struct cli_run *run = &item->fetch->run;
    item->fetch->outstanding--;
    item->fetch->outstanding_bytes -= item->len;
    cli_summary_add(&run->summary, result);
    cli_run_written(run, cli_writer_add(run->writer, t, item->index, result));
    free(item);
    update_progress(run);
    cli_run_pump(run);
}

/* ---- Input ------------------------------------------------------------------------------- */

/* What was cut is not the URL that was meant: it is not asked for. */
static void refuse_cut_line(struct cli_run *run, uint64_t index)
{
    trawl_result result = {
        .url = "",
        .error = TRAWL_EURL,
        .detail = "the line is longer than 1 MiB",
        .body = "",
        .excerpt = "",
    };
    cli_summary_add(&run->summary, &result);
    cli_run_written(run, cli_writer_add(run->writer, NULL, index, &result));
}

static void submit(struct fetch *fetch, const char *url, size_t len, uint64_t index)
{
    struct cli_run *run = &fetch->run;
    trawl_request request = TRAWL_REQUEST_INIT;
    struct item *item = malloc(sizeof(*item));
    int rc = TRAWL_ENOMEM;
    if (item != NULL) {
        *item = (struct item){fetch, index, len};
        request.url = url;
        request.url_len = len;
        request.on_done = on_done;
        request.data = item;
        rc = trawl_fetch(run->t, &request, NULL);
    }
    if (rc != 0) {
        free(item);
        cli_run_fail(run, CLI_EXIT_FAILURE, trawl_strerror(rc));
        cli_run_finish(run);
        return;
    }
    fetch->outstanding++;
    fetch->outstanding_bytes += len;
}

static void take(struct cli_run *run, const char *url, size_t len, uint64_t index, bool cut)
{
    if (cut) {
        refuse_cut_line(run, index);
    } else {
        submit((struct fetch *)run, url, len, index);
    }
}

static bool has_room(const struct cli_run *run)
{
    const struct fetch *fetch = (const struct fetch *)run;
    const trawl_options *o = &run->o->fetch;
    size_t window = (size_t)(o->concurrency > o->workers ? o->concurrency : o->workers) * 4;
    return fetch->outstanding < (window > WINDOW_URLS ? window : WINDOW_URLS) &&
           fetch->outstanding_bytes < WINDOW_BYTES;
}

static bool is_idle(const struct cli_run *run)
{
    return ((const struct fetch *)run)->outstanding == 0;
}

static uint64_t outstanding(const struct cli_run *run)
{
    return ((const struct fetch *)run)->outstanding;
}

static void stop(struct cli_run *run)
{
    trawl_stop(run->t);
}

int cli_fetch_run(struct cli_options *o)
{
    static const struct cli_run_ops ops = {
        .has_room = has_room,
        .take = take,
        .is_idle = is_idle,
        .outstanding = outstanding,
        .stop = stop,
    };
    struct fetch fetch = {.run = {.ops = &ops, .o = o}};
    return cli_run(&fetch.run);
}
