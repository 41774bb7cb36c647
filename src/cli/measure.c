#include "cli/measure.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <uv.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "trawl.h"
#include "cli/escape.h"
#include "cli/plan.h"
#include "cli/report.h"
#include "cli/usage.h"
#include "cli/worker.h"

/* Threads are counted with the first byte, after 1 ms, 2 ms, 4 ms, and so on: they are seen
 * however short the run is, and a long one is not slowed down. */
#define FIRST_COUNT_MS 1
#define MOST_COUNT_MS  256

/* One URL while it is fetched. */
struct item {
    struct measure *m;
    size_t index;
    XXH3_state_t *hash; /* NULL until a body begins */
    unsigned tries;     /* the try that the hash is of */
};

struct measure {
    struct cli_plan plan;
    struct cli_report report;
    struct item *items;
    uv_loop_t loop;
    uv_timer_t timer;
    uint64_t wait_ms;
    trawl *t;
    size_t left;
    uint64_t start_ns;
    uint64_t end_ns;
    struct cli_times before;
    struct cli_space space;
    unsigned threads;
    int error;
};

/* ---- Counting ---------------------------------------------------------------------------- */

static void count_threads(struct measure *m)
{
    unsigned n = cli_threads_read();
    m->threads = n > m->threads ? n : m->threads;
}

static void on_timer(uv_timer_t *timer)
{
    struct measure *m = timer->data;
    count_threads(m);
    m->wait_ms = m->wait_ms < MOST_COUNT_MS ? 2 * m->wait_ms : MOST_COUNT_MS;
    uv_timer_start(timer, on_timer, m->wait_ms, 0);
}

static void fill_metrics(struct measure *m)
{
    struct cli_times after;
    double *metrics = m->report.metrics;
    cli_times_read(&after);
    metrics[CLI_SECONDS] = (double)(m->end_ns - m->start_ns) / 1e9;
    metrics[CLI_USER] = after.user - m->before.user;
    metrics[CLI_SYSTEM] = after.system - m->before.system;
    metrics[CLI_VOLUNTARY] = after.voluntary - m->before.voluntary;
    metrics[CLI_INVOLUNTARY] = after.involuntary - m->before.involuntary;
    metrics[CLI_MEMORY] = (double)m->space.memory;
    metrics[CLI_THREADS] = m->threads > m->space.threads ? m->threads : m->space.threads;
}

/* ---- Fetching ---------------------------------------------------------------------------- */

/* The workers of a strategy live until the trawl is closed, and are looked at before that. */
static void finish(struct measure *m)
{
    m->end_ns = uv_hrtime();
    cli_space_read(&m->space);
    uv_close((uv_handle_t *)&m->timer, NULL);
    trawl_close(m->t, NULL, NULL);
}

static int on_body(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                   void *data)
{
    struct item *item = data;
    (void)t;
    (void)id;
    if (item->m->threads == 0) {
        count_threads(item->m);
    }
    if (item->hash == NULL) {
        item->hash = XXH3_createState();
    }
    if (item->hash == NULL) {
        return TRAWL_ENOMEM;
    }
    if (item->tries != tries) {
        XXH3_128bits_reset(item->hash);
        item->tries = tries;
    }
    XXH3_128bits_update(item->hash, bytes, len);
    return 0;
}

static void take_digest(struct cli_fetched *f, struct item *item, unsigned tries)
{
    XXH128_canonical_t canonical;
    bool hashed = item->hash != NULL && item->tries == tries;
    XXH128_canonicalFromHash(&canonical,
                             hashed ? XXH3_128bits_digest(item->hash) : XXH3_128bits("", 0));
    memcpy(f->digest, canonical.digest, CLI_DIGEST_SIZE);
    XXH3_freeState(item->hash);
    item->hash = NULL;
}

static void on_done(trawl *t, const trawl_result *result)
{
    struct item *item = result->data;
    struct measure *m = item->m;
    struct cli_fetched *f = &m->report.fetched[item->index];
    (void)t;
    f->error = result->error;
    f->status = result->status;
    f->tries = result->tries;
    f->us = result->timing.total_us;
    f->bytes = result->bytes;
    take_digest(f, item, result->tries);
    if (m->plan.names) {
        f->name = cli_escape(result->url, result->url_len, "");
    }
    if (--m->left == 0) {
        finish(m);
    }
}

static void submit(struct measure *m)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    request.on_done = on_done;
    request.on_body = on_body;
    for (size_t i = 0; i < m->plan.n_urls && m->error == 0; i++) {
        m->items[i] = (struct item){.m = m, .index = i};
        request.url = m->plan.urls[i].bytes;
        request.url_len = m->plan.urls[i].len;
        request.data = &m->items[i];
        m->error = trawl_fetch(m->t, &request, NULL);
    }
}

static int fetch_all(struct measure *m)
{
    m->left = m->plan.n_urls;
    uv_timer_init(&m->loop, &m->timer);
    uv_unref((uv_handle_t *)&m->timer);
    m->timer.data = m;
    m->wait_ms = FIRST_COUNT_MS;
    uv_timer_start(&m->timer, on_timer, m->wait_ms, 0);
    cli_space_reset();
    cli_times_read(&m->before);
    m->start_ns = uv_hrtime();
    m->error = trawl_open(&m->t, &m->loop, &m->plan.fetch);
    if (m->error != 0) {
        return m->error;
    }
    submit(m);
    if (m->error != 0) {
        return m->error;
    }
    uv_run(&m->loop, UV_RUN_DEFAULT);
    fill_metrics(m);
    return 0;
}

/* libuv starts the threads of its pool at their first use, as many as this says. */
static void size_thread_pool(const trawl_options *options)
{
    char text[16];
    if (strcmp(options->strategy, "pool") == 0) {
        snprintf(text, sizeof(text), "%u", options->workers);
        setenv("UV_THREADPOOL_SIZE", text, 1);
    }
}

/* ---- The command ------------------------------------------------------------------------- */

static char *read_all(FILE *file)
{
    char *text = NULL;
    size_t size = 0;
    errno = 0;
    return getdelim(&text, &size, '\0', file) > 0 ? text : (free(text), NULL);
}

static int fail(int error)
{
    fprintf(stderr, "trawl measure: %s\n", trawl_strerror(error));
    return 1;
}

static int prepare(struct measure *m)
{
    char *text = read_all(stdin);
    int err = text != NULL ? cli_plan_read(&m->plan, text) : TRAWL_EINVAL;
    free(text);
    if (err != 0) {
        return err;
    }
    m->report.n = m->plan.n_urls;
    m->report.fetched = calloc(m->report.n, sizeof(*m->report.fetched));
    m->items = calloc(m->report.n, sizeof(*m->items));
    if (m->report.fetched == NULL || m->items == NULL) {
        return TRAWL_ENOMEM;
    }
    return uv_loop_init(&m->loop) == 0 ? 0 : TRAWL_EINTERNAL;
}

/* After a failure the loop may not be empty: the process ends as it is. */
int cli_measure_run(void)
{
    struct measure m = {.plan = {.n_urls = 0}};
    struct cli_worker worker;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    trawl_version();
    int err = prepare(&m);
    if (err != 0) {
        return fail(err);
    }
    if (cli_worker_init(&worker) != 0) {
        return fail(TRAWL_EINTERNAL);
    }
    m.plan.fetch.worker_argv = worker.argv;
    m.plan.fetch.keep_body = 0;
    size_thread_pool(&m.plan.fetch);
    err = fetch_all(&m);
    err = err != 0 ? err : cli_report_write(&m.report, stdout);
    if (err != 0) {
        return fail(err);
    }
    uv_loop_close(&m.loop);
    free(m.items);
    cli_report_free(&m.report);
    cli_plan_free(&m.plan);
    return 0;
}
