#include "cli/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/human.h"
#include "trawl.h"

#define DRAW_MS 100
#define SAMPLES 31 /* one a drawing: the rates are those of the last three seconds */
#define COLUMNS 80 /* where the width is not known */

#define BOLD  "\x1b[1m"
#define RED   "\x1b[31m"
#define PLAIN ""

struct sample {
    uint64_t ns;
    uint64_t done;
    uint64_t bytes;
};

struct line {
    char text[512];
    size_t len;
    size_t room; /* columns; what does not fit is left out */
    bool color;
};

struct cli_progress {
    uv_timer_t timer;
    FILE *err;
    bool enabled;
    bool color;
    bool hidden;
    struct cli_totals totals;
    struct sample samples[SAMPLES]; /* a ring; next is the oldest once it is full */
    size_t n_samples;
    size_t next;
    struct line line; /* what is or was on the screen */
    void (*on_close)(void *data);
    void *close_data;
};

/* ---- Rates ------------------------------------------------------------------------------- */

static struct sample sample_now(const struct cli_progress *p)
{
    struct sample s = {uv_hrtime(), p->totals.done, p->totals.bytes};

    return s;
}

static void remember(struct cli_progress *p, struct sample s)
{
    p->samples[p->next] = s;
    p->next = (p->next + 1) % SAMPLES;
    if (p->n_samples < SAMPLES)
        p->n_samples++;
}

static double per_second(uint64_t now, uint64_t then, uint64_t ns)
{
    return ns == 0 || now < then ? 0 : (double)(now - then) * 1e9 / (double)ns;
}

static struct sample oldest(const struct cli_progress *p)
{
    return p->samples[p->n_samples < SAMPLES ? 0 : p->next];
}

/* ---- The line ---------------------------------------------------------------------------- */

static void append(struct line *line, const char *bytes, size_t len)
{
    if (len >= sizeof(line->text) - line->len)
        return;
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

__attribute__((format(printf, 3, 4))) static void put(struct line *line, const char *color,
                                                      const char *format, ...)
{
    bool colored = line->color && *color;
    char text[96];
    size_t len;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    len = strlen(text);
    if (len > line->room)
        len = line->room;
    line->room -= len;
    if (colored)
        append(line, color, strlen(color));
    append(line, text, len);
    if (colored)
        append(line, "\x1b[0m", 4);
}

static size_t columns_of(FILE *err)
{
    struct winsize size;

    if (ioctl(fileno(err), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return COLUMNS;
}

static void put_counts(struct line *line, const struct cli_totals *t)
{
    put(line, BOLD, "%" PRIu64, t->done);
    if (t->total_known && t->total > 0 && t->total >= t->done)
        put(line, PLAIN, " of %" PRIu64 " (%u %%)", t->total,
            (unsigned)(100.0 * (double)t->done / (double)t->total));
    else
        put(line, PLAIN, " done");
    put(line, PLAIN, "  %" PRIu64 " in flight", t->in_flight);
    if (t->hosts > 0)
        put(line, PLAIN, "  %" PRIu64 " queued  %" PRIu64 " %s", t->queued, t->hosts,
            t->hosts == 1 ? "host" : "hosts");
    put(line, t->failed > 0 ? RED : PLAIN, "  %" PRIu64 " failed", t->failed);
}

static void put_rates(struct line *line, const struct cli_totals *t, struct sample from,
                      struct sample to)
{
    double rate = per_second(to.done, from.done, to.ns - from.ns);
    double bytes = per_second(to.bytes, from.bytes, to.ns - from.ns);
    char text[CLI_HUMAN_SIZE];

    put(line, PLAIN, "  %s/s", cli_human_rate(text, rate));
    put(line, PLAIN, "  %s/s", cli_human_bytes(text, bytes));
    if (t->total_known && t->total > t->done && rate > 0)
        put(line, PLAIN, "  %s left",
            cli_human_clock(text, (uint64_t)((double)(t->total - t->done) / rate + 0.5)));
}

/* The last column stays free: a terminal may wrap as soon as it is written to. */
static void compose(struct cli_progress *p)
{
    struct sample now = sample_now(p);

    memset(&p->line, 0, sizeof(p->line));
    p->line.color = p->color;
    p->line.room = columns_of(p->err) - 1;
    put_counts(&p->line, &p->totals);
    put_rates(&p->line, &p->totals, oldest(p), now);
    remember(p, now);
}

/* ---- The screen -------------------------------------------------------------------------- */

static void draw(struct cli_progress *p)
{
    fprintf(p->err, "\r%.*s\x1b[K", (int)p->line.len, p->line.text);
    fflush(p->err);
}

static void clear(struct cli_progress *p)
{
    if (p->line.len == 0)
        return;
    fputs("\r\x1b[K", p->err);
    fflush(p->err);
}

static void on_timer(uv_timer_t *timer)
{
    struct cli_progress *p = timer->data;

    compose(p);
    if (!p->hidden)
        draw(p);
}

void cli_progress_hide(struct cli_progress *p)
{
    if (!p || !p->enabled || p->hidden)
        return;
    p->hidden = true;
    clear(p);
}

void cli_progress_show(struct cli_progress *p)
{
    if (!p || !p->enabled || !p->hidden)
        return;
    p->hidden = false;
    if (p->line.len > 0)
        draw(p);
}

/* ---- The handle -------------------------------------------------------------------------- */

int cli_progress_open(struct cli_progress **progress, uv_loop_t *loop, FILE *err, bool enabled,
                      bool color)
{
    struct cli_progress *p = calloc(1, sizeof(*p));

    if (!p)
        return TRAWL_ENOMEM;
    p->err = err;
    p->enabled = enabled;
    p->color = color;
    remember(p, sample_now(p));
    uv_timer_init(loop, &p->timer);
    p->timer.data = p;
    uv_unref((uv_handle_t *)&p->timer);
    if (enabled)
        uv_timer_start(&p->timer, on_timer, DRAW_MS, DRAW_MS);
    *progress = p;
    return 0;
}

void cli_progress_update(struct cli_progress *p, const struct cli_totals *totals)
{
    p->totals = *totals;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct cli_progress *p = handle->data;
    void (*cb)(void *) = p->on_close;
    void *data = p->close_data;

    free(p);
    if (cb)
        cb(data);
}

void cli_progress_close(struct cli_progress *p, void (*cb)(void *data), void *data)
{
    if (!p) {
        if (cb)
            cb(data);
        return;
    }
    if (p->enabled && !p->hidden)
        clear(p);
    p->on_close = cb;
    p->close_data = data;
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}
