#include "cli/summary.h"

#include <inttypes.h>
#include <string.h>

#include "cli/json.h"

static const char *const error_names[CLI_ERROR_COUNT] = {
#define X(name, code, kind, message) #name,
    TRAWL_ERROR_MAP(X)
#undef X
        "EUNKNOWN",
};

static void put_milli(yajl_gen gen, const char *key, uint64_t thousandths)
{
    cli_json_fixed(gen, key, (double)thousandths / 1e3, 3);
}

static uint64_t milli_per_second(uint64_t n, uint64_t ns)
{
    return ns == 0 ? 0 : (uint64_t)((double)n * 1e12 / (double)ns + 0.5);
}

static void put_latency(yajl_gen gen, const struct cli_histogram *h)
{
    if (h->count == 0) {
        cli_json_text(gen, "latency_ms", NULL);
        return;
    }
    cli_json_map(gen, "latency_ms");
    cli_json_count(gen, "count", h->count);
    put_milli(gen, "mean", (uint64_t)(cli_histogram_mean(h) + 0.5));
    put_milli(gen, "min", h->min);
    put_milli(gen, "p50", cli_histogram_quantile(h, 0.5));
    put_milli(gen, "p90", cli_histogram_quantile(h, 0.9));
    put_milli(gen, "p95", cli_histogram_quantile(h, 0.95));
    put_milli(gen, "p99", cli_histogram_quantile(h, 0.99));
    put_milli(gen, "max", h->max);
    yajl_gen_map_close(gen);
}

static void put_classes(yajl_gen gen, const struct cli_summary *s)
{
    static const char *const names[] = {"1xx", "2xx", "3xx", "4xx", "5xx", "other"};
    uint64_t counts[6] = {0};
    size_t i;

    for (i = 0; i < CLI_STATUS_COUNT; i++)
        counts[i >= 100 && i < 600 ? i / 100 - 1 : 5] += s->by_status[i];
    cli_json_map(gen, "status_class");
    for (i = 0; i < 6; i++)
        cli_json_count(gen, names[i], counts[i]);
    yajl_gen_map_close(gen);
}

static void put_statuses(yajl_gen gen, const struct cli_summary *s)
{
    unsigned i;

    cli_json_map(gen, "status");
    for (i = 0; i < CLI_STATUS_COUNT; i++) {
        char key[8];

        if (s->by_status[i] == 0)
            continue;
        snprintf(key, sizeof(key), "%u", i);
        cli_json_count(gen, key, s->by_status[i]);
    }
    yajl_gen_map_close(gen);
}

static void put_errors(yajl_gen gen, const struct cli_summary *s)
{
    size_t i;

    cli_json_map(gen, "errors");
    for (i = 0; i < CLI_ERROR_COUNT; i++)
        if (s->by_error[i] > 0)
            cli_json_count(gen, error_names[i], s->by_error[i]);
    yajl_gen_map_close(gen);
}

static void put_stays(yajl_gen gen, const trawl_stays *stays)
{
    cli_json_map(gen, "loop");
    put_milli(gen, "longest_ms", stays->longest_us);
    cli_json_text(gen, "longest_stage", stays->longest_stage == NULL ? "" : stays->longest_stage);
    cli_json_count(gen, "long", stays->long_stays);
    put_milli(gen, "caller_longest_ms", stays->caller_longest_us);
    cli_json_count(gen, "caller_long", stays->caller_long_stays);
    cli_json_map(gen, "stays_us");
    for (unsigned i = 0; i < TRAWL_STAY_BUCKETS; i++) {
        char key[24];

        if (stays->stays[i] == 0)
            continue;
        snprintf(key, sizeof(key), "<%llu", 1ULL << i);
        cli_json_count(gen, key, stays->stays[i]);
    }
    yajl_gen_map_close(gen);
    yajl_gen_map_close(gen);
}

static void put_rejected(yajl_gen gen, const uint64_t *counts)
{
    cli_json_map(gen, "rejected");
    for (int i = 0; i < TRAWL_REJECT_COUNT; i++)
        if (counts[i] > 0)
            cli_json_count(gen, trawl_reject_name((trawl_reject)i), counts[i]);
    yajl_gen_map_close(gen);
}

static void put_crawl(yajl_gen gen, const struct cli_summary *s)
{
    const struct cli_crawled *c = s->crawled;

    if (!c) {
        cli_json_text(gen, "crawl", NULL);
        return;
    }
    cli_json_map(gen, "crawl");
    cli_json_count(gen, "found", c->stats.found);
    cli_json_count(gen, "hosts", c->stats.hosts);
    cli_json_count(gen, "robots", c->stats.robots);
    cli_json_count(gen, "left", cli_summary_left(s));
    cli_json_count(gen, "depth", c->depth);
    cli_json_count(gen, "repeats", c->repeats);
    put_rejected(gen, c->stats.rejected);
    yajl_gen_map_close(gen);
}

static void put_summary(yajl_gen gen, const struct cli_summary *s)
{
    yajl_gen_map_open(gen);
    cli_json_count(gen, "urls", s->total);
    cli_json_count(gen, "ok", s->ok);
    cli_json_count(gen, "error_status", s->refused);
    cli_json_count(gen, "failed", s->failed);
    cli_json_count(gen, "not_done", s->not_done);
    cli_json_count(gen, "retries", s->retries);
    cli_json_count(gen, "redirects", s->redirects);
    cli_json_count(gen, "bytes", s->bytes);
    cli_json_count(gen, "wire_bytes", s->wire_bytes);
    put_milli(gen, "seconds", (s->wall_ns + 500000) / 1000000);
    put_milli(gen, "urls_per_second", milli_per_second(s->total - s->not_done, s->wall_ns));
    put_milli(gen, "bytes_per_second", milli_per_second(s->bytes, s->wall_ns));
    put_latency(gen, &s->latency_us);
    put_classes(gen, s);
    put_statuses(gen, s);
    put_errors(gen, s);
    put_stays(gen, &s->stays);
    cli_json_bool(gen, "interrupted", s->interrupted);
    cli_json_bool(gen, "input_left", s->input_left);
    cli_json_bool(gen, "file_failed", s->file_failed);
    put_crawl(gen, s);
    cli_json_count(gen, "exit_status", (uint64_t)cli_summary_exit_code(s));
    yajl_gen_map_close(gen);
}

int cli_summary_json(const struct cli_summary *s, FILE *file)
{
    yajl_gen gen = yajl_gen_alloc(NULL);
    int rc;

    if (!gen)
        return TRAWL_ENOMEM;
    yajl_gen_config(gen, yajl_gen_beautify, 1);
    yajl_gen_config(gen, yajl_gen_indent_string, "  ");
    put_summary(gen, s);
    rc = cli_json_write(gen, file);
    yajl_gen_free(gen);
    return rc;
}
