#include "cli/summary.h"

#include <inttypes.h>

#include "cli/human.h"
#include "cli/summary_crawl.h"

#define STATUSES 8 /* how many of them are told one by one */

static const struct cli_paint colors = {"\x1b[1m",  "\x1b[2m",  "\x1b[32m",
                                        "\x1b[33m", "\x1b[31m", "\x1b[0m"};
static const struct cli_paint plain = {"", "", "", "", "", ""};

struct error_text {
    const char *name;
    const char *message;
};

static const struct error_text error_texts[CLI_ERROR_COUNT] = {
#define X(name, code, kind, message) {#name, message},
    TRAWL_ERROR_MAP(X)
#undef X
        {"EUNKNOWN", "unknown error"},
};

size_t cli_next_largest(const uint64_t *counts, size_t n, size_t last)
{
    size_t best = n;
    size_t i;

    for (i = 0; i < n; i++) {
        bool after =
            last == n || counts[i] < counts[last] || (counts[i] == counts[last] && i > last);

        if (counts[i] > 0 && after && (best == n || counts[i] > counts[best]))
            best = i;
    }
    return best;
}

static void print_count(FILE *file, const char *color, const char *end, uint64_t n,
                        const char *what)
{
    if (n > 0)
        fprintf(file, ", %s%" PRIu64 " %s%s", color, n, what, end);
}

static void print_head(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    double seconds = (double)s->wall_ns / 1e9;
    char rate[CLI_HUMAN_SIZE], size[CLI_HUMAN_SIZE], speed[CLI_HUMAN_SIZE];
    uint64_t errors = s->refused;

    fprintf(file, "%s%" PRIu64 " %s%s in ", c->bold, s->total, s->total == 1 ? "URL" : "URLs",
            c->end);
    if (seconds < 99.995)
        fprintf(file, "%.2f s", seconds);
    else
        fputs(cli_human_clock(size, (uint64_t)(seconds + 0.5)), file);
    fprintf(file, ": %s%" PRIu64 " fetched%s", c->green, s->ok, c->end);
    print_count(file, c->yellow, c->end, errors,
                errors == 1 ? "error status" : "error statuses");
    print_count(file, c->red, c->end, s->failed, "failed");
    print_count(file, c->yellow, c->end, s->not_done, "not done");
    if (seconds > 0)
        fprintf(file, "   %s/s   %s (%s/s)\n",
                cli_human_rate(rate, (double)(s->total - s->not_done) / seconds),
                cli_human_bytes(size, (double)s->bytes),
                cli_human_bytes(speed, (double)s->bytes / seconds));
    else
        fprintf(file, "   %s\n", cli_human_bytes(size, (double)s->bytes));
}

static void print_latency(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    static const struct {
        const char *name;
        double q;
    } points[] = {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1}};
    char text[CLI_HUMAN_SIZE];
    size_t i;

    if (s->latency_us.count == 0)
        return;
    fprintf(file, "%slatency%s", c->dim, c->end);
    for (i = 0; i < sizeof(points) / sizeof(*points); i++)
        fprintf(file, "  %s%s%s %s", c->dim, points[i].name, c->end,
                cli_human_time(text, cli_histogram_quantile(&s->latency_us, points[i].q)));
    fputc('\n', file);
}

static void print_status(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    uint64_t left = s->ok + s->refused;
    size_t status = CLI_STATUS_COUNT;
    size_t shown;

    if (left == 0)
        return;
    fprintf(file, "%sstatus%s ", c->dim, c->end);
    for (shown = 0; left > 0 && shown < STATUSES; shown++) {
        status = cli_next_largest(s->by_status, CLI_STATUS_COUNT, status);
        fprintf(file, "%s%s%zu%s ×%" PRIu64, shown == 0 ? "  " : ", ",
                status < 400 ? c->green : c->yellow, status, c->end, s->by_status[status]);
        left -= s->by_status[status];
    }
    if (left > 0)
        fprintf(file, ", others ×%" PRIu64, left);
    fputc('\n', file);
}

static void print_errors(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    uint64_t counts[CLI_ERROR_COUNT];
    const char *label = "failed";
    size_t i;

    for (i = 0; i < CLI_ERROR_COUNT; i++)
        counts[i] = i == CLI_ERROR_ECANCELED ? 0 : s->by_error[i];
    i = cli_next_largest(counts, CLI_ERROR_COUNT, CLI_ERROR_COUNT);
    while (i < CLI_ERROR_COUNT) {
        fprintf(file, "%s%-6s%s   %" PRIu64 " %s%s%s %s\n", c->dim, label, c->end, counts[i],
                c->red, error_texts[i].name, c->end, error_texts[i].message);
        label = "";
        i = cli_next_largest(counts, CLI_ERROR_COUNT, i);
    }
}

static void print_again(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    if (s->retries == 0 && s->redirects == 0)
        return;
    fprintf(file, "%sbesides%s  ", c->dim, c->end);
    if (s->retries > 0)
        fprintf(file, "%" PRIu64 " %s%s", s->retries, s->retries == 1 ? "retry" : "retries",
                s->redirects > 0 ? ", " : "");
    if (s->redirects > 0)
        fprintf(file, "%" PRIu64 " %s", s->redirects,
                s->redirects == 1 ? "redirect" : "redirects");
    fputc('\n', file);
}

static void print_stays(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    const trawl_stays *stays = &s->stays;

    if (stays->long_stays == 0)
        return;
    fprintf(file, "%sheld%s     the loop stood still %" PRIu64 "× for over %d ms, at most %.0f ms in stage"
            " \"%s\"\n", c->yellow, c->end, stays->long_stays, TRAWL_STAY_LONG_US / 1000,
            (double)stays->longest_us / 1000, stays->longest_stage);
}

static void print_interrupted(const struct cli_summary *s, FILE *file, const struct cli_paint *c)
{
    if (!s->interrupted)
        return;
    fprintf(file, "%sinterrupted%s: ", c->yellow, c->end);
    if (s->not_done > 0 || s->crawled || !s->input_left)
        fprintf(file, "%" PRIu64 " not done", s->not_done + cli_summary_left(s));
    if (s->input_left)
        fprintf(file, "%sthe rest of the input was not read",
                s->not_done > 0 || s->crawled ? ", " : "");
    fputc('\n', file);
}

void cli_summary_print(const struct cli_summary *s, FILE *file, bool color)
{
    const struct cli_paint *c = color ? &colors : &plain;

    print_head(s, file, c);
    print_latency(s, file, c);
    print_status(s, file, c);
    print_errors(s, file, c);
    print_again(s, file, c);
    print_stays(s, file, c);
    cli_crawled_print(s->crawled, file, c);
    print_interrupted(s, file, c);
}
