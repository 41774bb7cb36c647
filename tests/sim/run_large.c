/* A web as large as wanted: what it costs. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "check.h"
#include "clock.h"
#include "memory.h"
#include "run.h"

static struct {
    uint64_t pages, failed, rejected, starts;
    uint64_t queued_most;
    size_t memory_then; /* when most was queued */
    unsigned in_flight, in_flight_most;
    trawl_crawl *c;
    bool idle;
} l;

static void on_page(trawl_crawl *c, const trawl_page *p, void *data)
{
    trawl_crawl_stats stats;

    (void)data;
    l.pages++;
    l.failed += p->result.error != 0 || p->result.status != 200;
    if (l.pages % 1000 != 0)
        return;
    trawl_crawl_get_stats(c, &stats);
    if (stats.queued > l.queued_most) {
        l.queued_most = stats.queued;
        l.memory_then = memory_live();
    }
}

static void on_rejected(trawl_crawl *c, const trawl_rejected *r, void *data)
{
    (void)c, (void)r, (void)data;
    l.rejected++;
}

static void on_idle(trawl_crawl *c, void *data)
{
    (void)c, (void)data;
    l.idle = true;
}

static void on_started(const struct tw_job *job)
{
    (void)job;
    l.starts++;
    if (++l.in_flight > l.in_flight_most)
        l.in_flight_most = l.in_flight;
}

static void on_ended(const struct tw_job *job, uint64_t after_ms)
{
    (void)job, (void)after_ms;
    l.in_flight--;
}

static const struct engine_watch watch = {on_started, on_ended};

static double real_seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int start(trawl **t, const struct web *w, unsigned concurrency)
{
    static uv_loop_t loop;
    trawl_options options = TRAWL_OPTIONS_INIT;
    trawl_crawl_options crawl = TRAWL_CRAWL_OPTIONS_INIT;
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    char url[WEB_URL_MAX];

    options.concurrency = concurrency;
    options.per_host = 1;
    options.wait_ms = 100;
    options.seed = 1;
    crawl.span_hosts = true;
    callbacks.on_page = on_page;
    callbacks.on_rejected = on_rejected;
    callbacks.on_idle = on_idle;
    web_url(w, (struct ref){0, REF_PAGE, 0}, url);
    if (trawl_open(t, &loop, &options) != 0 ||
        trawl_crawl_open(&l.c, *t, &crawl, &callbacks, NULL, 0) != 0)
        return -1;
    return trawl_crawl_add(l.c, url, SIZE_MAX, NULL);
}

static void report(double real, double cpu, double virtual_s, size_t peak)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("pages %llu, exchanges %llu, failed %llu, rejected %llu\n", (unsigned long long)l.pages,
           (unsigned long long)l.starts, (unsigned long long)l.failed,
           (unsigned long long)l.rejected);
    printf("virtual time %.1f s, real time %.1f s (%.1f s of processor), %.0f pages/s\n", virtual_s,
           real, cpu, (double)l.pages / real);
    printf("in flight at the most %u\n", l.in_flight_most);
    printf("peak RSS %.1f MB, of it the core's %.1f MB\n", (double)usage.ru_maxrss / 1024,
           (double)peak / 1e6);
    printf("queued at the most %llu, the core then %.1f MB: %.0f bytes a queued page\n",
           (unsigned long long)l.queued_most, (double)l.memory_then / 1e6,
           l.queued_most == 0 ? 0.0 : (double)l.memory_then / (double)l.queued_most);
}

int run_large(uint32_t hosts, uint32_t pages, unsigned concurrency)
{
    struct web w = {.seed = 1, .hosts = hosts, .pages = 2 * pages - 1, .domains = 100,
                    .addresses = hosts, .links = 4};
    double real = real_seconds(CLOCK_MONOTONIC), cpu = real_seconds(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t begun;
    size_t peak;
    trawl *t;

    memset(&l, 0, sizeof(l));
    memory_begin();
    clock_begin(1, 0);
    engine_begin(&w, &watch, 1, 0);
    begun = clock_us();
    if (start(&t, &w, concurrency) != 0)
        return 2;
    while (clock_turn())
        ;
    peak = memory_peak();
    report(real_seconds(CLOCK_MONOTONIC) - real, real_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu,
           (double)(clock_us() - begun) / 1e6, peak);
    trawl_close(t, NULL, NULL);
    while (clock_turn())
        ;
    if (!l.idle || memory_blocks() != 0 || clock_open_handles() != 0)
        printf("it did not end well: %zu blocks are left\n", memory_blocks());
    return l.idle && memory_blocks() == 0 ? 0 : 1;
}
