#include "cli/summary.h"

#include <inttypes.h>
#include <string.h>
#include <yajl/yajl_gen.h>

static const char *const error_names[CLI_ERROR_COUNT] = {
#define X(name, code, kind, message) #name,
    TRAWL_ERROR_MAP(X)
#undef X
    "EUNKNOWN",
};

static void put_key(yajl_gen gen, const char *key)
{
    yajl_gen_string(gen, (const unsigned char *)key, strlen(key));
}

static void put_count(yajl_gen gen, const char *key, uint64_t n)
{
    char text[24];

    put_key(gen, key);
    snprintf(text, sizeof(text), "%" PRIu64, n);
    yajl_gen_number(gen, text, strlen(text));
}

/* A number of thousandths. Made of integers, because printf's decimal point is the locale's. */
static void put_milli(yajl_gen gen, const char *key, uint64_t thousandths)
{
    char text[32];

    put_key(gen, key);
    snprintf(text, sizeof(text), "%" PRIu64 ".%03u", thousandths / 1000,
             (unsigned)(thousandths % 1000));
    yajl_gen_number(gen, text, strlen(text));
}

static void put_bool(yajl_gen gen, const char *key, bool value)
{
    put_key(gen, key);
    yajl_gen_bool(gen, value);
}

static uint64_t milli_per_second(uint64_t n, uint64_t ns)
{
    return ns == 0 ? 0 : (uint64_t)((double)n * 1e12 / (double)ns + 0.5);
}

static void put_latency(yajl_gen gen, const struct cli_histogram *h)
{
    put_key(gen, "latency_ms");
    if (h->count == 0) {
        yajl_gen_null(gen);
        return;
    }
    yajl_gen_map_open(gen);
    put_count(gen, "count", h->count);
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
    put_key(gen, "status_class");
    yajl_gen_map_open(gen);
    for (i = 0; i < 6; i++)
        put_count(gen, names[i], counts[i]);
    yajl_gen_map_close(gen);
}

static void put_statuses(yajl_gen gen, const struct cli_summary *s)
{
    unsigned i;

    put_key(gen, "status");
    yajl_gen_map_open(gen);
    for (i = 0; i < CLI_STATUS_COUNT; i++) {
        char key[8];

        if (s->by_status[i] == 0)
            continue;
        snprintf(key, sizeof(key), "%u", i);
        put_count(gen, key, s->by_status[i]);
    }
    yajl_gen_map_close(gen);
}

static void put_errors(yajl_gen gen, const struct cli_summary *s)
{
    size_t i;

    put_key(gen, "errors");
    yajl_gen_map_open(gen);
    for (i = 0; i < CLI_ERROR_COUNT; i++)
        if (s->by_error[i] > 0)
            put_count(gen, error_names[i], s->by_error[i]);
    yajl_gen_map_close(gen);
}

static void put_summary(yajl_gen gen, const struct cli_summary *s)
{
    yajl_gen_map_open(gen);
    put_count(gen, "urls", s->total);
    put_count(gen, "ok", s->ok);
    put_count(gen, "error_status", s->refused);
    put_count(gen, "failed", s->failed);
    put_count(gen, "not_done", s->not_done);
    put_count(gen, "retries", s->retries);
    put_count(gen, "redirects", s->redirects);
    put_count(gen, "bytes", s->bytes);
    put_count(gen, "wire_bytes", s->wire_bytes);
    put_milli(gen, "seconds", (s->wall_ns + 500000) / 1000000);
    put_milli(gen, "urls_per_second", milli_per_second(s->total - s->not_done, s->wall_ns));
    put_milli(gen, "bytes_per_second", milli_per_second(s->bytes, s->wall_ns));
    put_latency(gen, &s->latency_us);
    put_classes(gen, s);
    put_statuses(gen, s);
    put_errors(gen, s);
    put_bool(gen, "interrupted", s->interrupted);
    put_bool(gen, "input_left", s->input_left);
    put_bool(gen, "file_failed", s->file_failed);
    put_count(gen, "exit_status", (uint64_t)cli_summary_exit_code(s));
    yajl_gen_map_close(gen);
}

int cli_summary_json(const struct cli_summary *s, FILE *file)
{
    yajl_gen gen = yajl_gen_alloc(NULL);
    const unsigned char *text;
    size_t len;
    int rc = 0;

    if (!gen)
        return TRAWL_ENOMEM;
    yajl_gen_config(gen, yajl_gen_beautify, 1);
    yajl_gen_config(gen, yajl_gen_indent_string, "  ");
    put_summary(gen, s);
    if (yajl_gen_get_buf(gen, &text, &len) != yajl_gen_status_ok)
        rc = TRAWL_ENOMEM;
    else if (fwrite(text, 1, len, file) != len || fflush(file) != 0)
        rc = TRAWL_EWRITE;
    yajl_gen_free(gen);
    return rc;
}
