/* A web as large as wanted: what it costs. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "check.h"
#include "clock.h"
#include "memory.h"
#include "run.h"

#define WAIT_MS 100

static struct {
    uint64_t pages, failed, rejected, starts;
    uint64_t queued_most;
    size_t memory_then; /* when most was queued */
    unsigned in_flight, in_flight_most;
    trawl_crawl *c;
    bool idle;
    const struct web *web;
    bool *busy; /* by host, as the next */
    uint64_t *last_ms;
    uint64_t impolite;
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

/* One at a time of each host, and the wait between. */
static void on_started(const struct tw_job *job)
{
    uint32_t host = web_find(l.web, job->url).host;
    uint64_t now = clock_ms();

    l.impolite += l.busy[host] || now - l.last_ms[host] < WAIT_MS;
    l.busy[host] = true;
    l.last_ms[host] = now;
    l.starts++;
    if (++l.in_flight > l.in_flight_most)
        l.in_flight_most = l.in_flight;
}

static void on_ended(const struct tw_job *job, uint64_t after_ms)
{
    (void)after_ms;
    l.busy[web_find(l.web, job->url).host] = false;
    l.in_flight--;
}

static const struct engine_watch watch = {on_started, on_ended, NULL};

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
    options.wait_ms = WAIT_MS;
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

/* All pages there are, made once more and thrown away: seconds of processor, and their number. */
static double make_all(uint64_t *pages)
{
    double cpu = real_seconds(CLOCK_PROCESS_CPUTIME_ID);
    char url[WEB_URL_MAX];

    *pages = 0;
    for (uint32_t host = 0; host < l.web->hosts; host++)
        for (uint32_t n = 0; n < web_pages(l.web, host); n++) {
            struct ref ref = {host, REF_PAGE, n};
            struct answer a;

            web_url(l.web, ref, url);
            web_answer(l.web, web_find(l.web, url), url, &a);
            answer_free(&a);
            ++*pages;
        }
    return real_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

struct cost {
    double real, cpu, virtual;
    size_t memory;
};

static void report(const struct cost *cost, double web_cpu)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("pages %llu, exchanges %llu, failed %llu, rejected %llu, too soon %llu\n",
           (unsigned long long)l.pages, (unsigned long long)l.starts,
           (unsigned long long)l.failed, (unsigned long long)l.rejected,
           (unsigned long long)l.impolite);
    printf("virtual time %.1f s, real time %.1f s, %.0f pages/s\n", cost->virtual, cost->real,
           (double)l.pages / cost->real);
    printf("%.1f s of processor, of them %.1f s to make the pages: the rest is %.1f us a page\n",
           cost->cpu, web_cpu, (cost->cpu - web_cpu) / (double)l.pages * 1e6);
    printf("in flight at the most %u\n", l.in_flight_most);
    printf("peak RSS %.1f MB, of it the core's %.1f MB\n", (double)usage.ru_maxrss / 1024,
           (double)cost->memory / 1e6);
    printf("queued at the most %llu, the core then %.1f MB: %.0f bytes a queued page\n",
           (unsigned long long)l.queued_most, (double)l.memory_then / 1e6,
           l.queued_most == 0 ? 0.0 : (double)l.memory_then / (double)l.queued_most);
}

static void crawl_all(trawl *t, struct cost *cost)
{
    double real = real_seconds(CLOCK_MONOTONIC), cpu = real_seconds(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t begun = clock_us();

    while (clock_turn())
        ;
    cost->real = real_seconds(CLOCK_MONOTONIC) - real;
    cost->cpu = real_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    cost->virtual = (double)(clock_us() - begun) / 1e6;
    cost->memory = memory_peak();
    trawl_close(t, NULL, NULL);
    while (clock_turn())
        ;
}

int run_large(uint32_t hosts, uint32_t pages, unsigned concurrency)
{
    struct web w = {.seed = 1, .hosts = hosts, .pages = 2 * pages - 1, .domains = 100,
                    .addresses = UINT16_MAX, .links = 4};
    struct cost cost;
    uint64_t all;
    trawl *t;
    bool good;

    memset(&l, 0, sizeof(l));
    l.web = &w;
    l.busy = sim_alloc(hosts * sizeof(*l.busy));
    l.last_ms = sim_alloc(hosts * sizeof(*l.last_ms));
    memory_begin();
    clock_begin(1, 0, 0);
    engine_begin(&w, &watch, 1, 0);
    if (start(&t, &w, concurrency) != 0)
        return 2;
    crawl_all(t, &cost);
    report(&cost, make_all(&all));
    good = l.idle && l.pages == all && l.failed == 0 && l.impolite == 0 && memory_blocks() == 0 &&
           clock_open_handles() == 0;
    printf("%s: %llu pages there are\n", good ? "all is well" : "it did not end well",
           (unsigned long long)all);
    sim_free(l.busy);
    sim_free(l.last_ms);
    clock_end();
    return good ? 0 : 1;
}
