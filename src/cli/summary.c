#include "cli/summary.h"

#include <string.h>

static size_t error_index(int code)
{
    switch (code) {
#define X(name, number, kind, message)                                                         \
    case number: return CLI_ERROR_##name;
        TRAWL_ERROR_MAP(X)
#undef X
    default: return CLI_ERROR_UNKNOWN;
    }
}

void cli_summary_init(struct cli_summary *s, uint64_t now_ns)
{
    memset(s, 0, sizeof(*s));
    s->start_ns = now_ns;
}

static void add_response(struct cli_summary *s, const trawl_result *result)
{
    int status = result->status;

    if (status < 0 || status >= CLI_STATUS_COUNT)
        status = 0;
    s->by_status[status]++;
    if (status < 400)
        s->ok++;
    else
        s->refused++;
    if (result->tries > 0)
        cli_histogram_add(&s->latency_us, result->timing.total_us);
}

static void add_error(struct cli_summary *s, int code)
{
    s->by_error[error_index(code)]++;
    if (code == TRAWL_ECANCELED)
        s->not_done++;
    else
        s->failed++;
}

void cli_summary_add(struct cli_summary *s, const trawl_result *result)
{
    s->total++;
    s->retries += result->tries > 1 ? result->tries - 1 : 0;
    s->redirects += result->redirects;
    s->bytes += result->bytes;
    s->wire_bytes += result->wire_bytes;
    if (result->error == 0)
        add_response(s, result);
    else
        add_error(s, result->error);
}

void cli_summary_finish(struct cli_summary *s, uint64_t now_ns)
{
    s->wall_ns = now_ns > s->start_ns ? now_ns - s->start_ns : 0;
}

uint64_t cli_summary_left(const struct cli_summary *s)
{
    return s->crawled != NULL ? s->crawled->stats.rejected[TRAWL_REJECT_STOPPED] : 0;
}

static uint64_t of_kind(const struct cli_summary *s, trawl_error_kind kind)
{
    uint64_t n = 0;

#define X(name, code, k, message)                                                              \
    if (TRAWL_KIND_##k == kind)                                                                \
        n += s->by_error[CLI_ERROR_##name];
    TRAWL_ERROR_MAP(X)
#undef X
    return n;
}

int cli_summary_exit_code(const struct cli_summary *s)
{
    if (s->file_failed)
        return CLI_EXIT_FILE;
    if (of_kind(s, TRAWL_KIND_NETWORK) > 0)
        return CLI_EXIT_NETWORK;
    if (of_kind(s, TRAWL_KIND_TLS) > 0)
        return CLI_EXIT_TLS;
    if (s->by_status[401] > 0 || s->by_status[407] > 0)
        return CLI_EXIT_AUTH;
    if (of_kind(s, TRAWL_KIND_PROTOCOL) > 0)
        return CLI_EXIT_PROTOCOL;
    if (s->refused > 0)
        return CLI_EXIT_STATUS;
    if (s->interrupted && (s->not_done > 0 || s->input_left || cli_summary_left(s) > 0))
        return CLI_EXIT_INTERRUPTED;
    return s->failed > 0 || s->not_done > 0 ? CLI_EXIT_FAILURE : CLI_EXIT_OK;
}
