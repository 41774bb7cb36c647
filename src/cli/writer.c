#include "cli/writer.h"

#include <stdlib.h>

/* With more than that pending it is full. */
#define PENDING_MAX ((size_t)8 << 20)
/* Of a large body no more is handed to the output than it writes while the next is made. */
#define AHEAD_MAX ((size_t)1 << 20)
/* What is larger is written bit by bit, so much at a time: some tenths of a millisecond. */
#define PIECE ((size_t)256 << 10)
#define SLICE_NS (UINT64_C(5) * 1000 * 1000)
/* Of a record without its body, about. */
#define FRONT_BYTES 1024

struct pending {
    struct pending *next;
    trawl_record *record;
    trawl_body *body; /* NULL if there is none */
    size_t bytes;
};

struct cli_writer {
    struct cli_output *out;
    trawl_sink *sink;
    bool bodies; /* are written */
    uv_idle_t idle;
    struct pending *first, **end;
    size_t bytes; /* of all that is pending */
    bool failed;  /* perhaps in the middle of a record: nothing more is written */
    uint64_t longest_us, long_stays;
    void (*on_progress)(void *data, int rc); /* NULL: it is being closed */
    void *data;
    trawl_stays *stays;
    void (*on_close)(void *data);
    void *close_data;
};

static void on_idle(uv_idle_t *idle);
static void on_drain(void *data);

/* ---- What is pending --------------------------------------------------------------------- */

static void drop_first(struct cli_writer *w)
{
    struct pending *p = w->first;
    w->first = p->next;
    if (w->first == NULL) {
        w->end = &w->first;
    }
    w->bytes -= p->bytes;
    trawl_record_close(p->record);
    trawl_body_free(p->body);
    free(p);
}

static bool is_ahead(const struct cli_writer *w)
{
    return cli_output_pending(w->out) > AHEAD_MAX;
}

/* Sees to it that what is pending goes on: now, or once the output has room. */
static void go_on(struct cli_writer *w)
{
    if (w->first == NULL) {
        return;
    }
    if (is_ahead(w)) {
        cli_output_on_drain(w->out, AHEAD_MAX, on_drain, w);
    } else {
        uv_idle_start(&w->idle, on_idle);
    }
}

static void on_drain(void *data)
{
    struct cli_writer *w = data;
    go_on(w);
    if (w->on_progress != NULL) {
        w->on_progress(w->data, 0);
    }
}

/* A slice. 0 or what went wrong. */
static int write_some(struct cli_writer *w)
{
    uint64_t began_ns = uv_hrtime(), ns = 0;
    int rc = 0;
    while (w->first != NULL && !w->failed && !is_ahead(w) && ns <= SLICE_NS) {
        rc = trawl_record_step(w->first->record, PIECE);
        w->failed = rc < 0;
        if (rc == 0) {
            drop_first(w);
        }
        ns = uv_hrtime() - began_ns;
    }
    w->longest_us = ns / 1000 > w->longest_us ? ns / 1000 : w->longest_us;
    w->long_stays += ns / 1000 > TRAWL_STAY_LONG_US;
    return rc < 0 ? rc : 0;
}

/* ---- The end ----------------------------------------------------------------------------- */

static void on_idle_closed(uv_handle_t *handle)
{
    struct cli_writer *w = handle->data;
    void (*cb)(void *) = w->on_close;
    void *data = w->close_data;
    free(w);
    if (cb != NULL) {
        cb(data);
    }
}

static void finish_close(struct cli_writer *w)
{
    w->stays->caller_long_stays += w->long_stays;
    if (w->longest_us > w->stays->caller_longest_us) {
        w->stays->caller_longest_us = w->longest_us;
    }
    cli_output_on_drain(w->out, 0, NULL, NULL);
    trawl_sink_close(w->sink); /* what fails here, the output tells when it is closed */
    uv_close((uv_handle_t *)&w->idle, on_idle_closed);
}

void cli_writer_close(struct cli_writer *w, trawl_stays *stays, void (*cb)(void *data),
                      void *data)
{
    if (w == NULL) {
        cb(data);
        return;
    }
    w->on_progress = NULL;
    w->stays = stays;
    w->on_close = cb;
    w->close_data = data;
    if (w->first == NULL) {
        finish_close(w);
    }
}

static void on_idle(uv_idle_t *idle)
{
    struct cli_writer *w = idle->data;
    int rc = write_some(w);
    uv_idle_stop(idle);
    if (w->failed || cli_output_failed(w->out)) {
        while (w->first != NULL) {
            drop_first(w);
        }
    }
    go_on(w);
    if (w->on_progress != NULL) {
        w->on_progress(w->data, rc);
    } else if (w->first == NULL) {
        finish_close(w);
    }
}

/* ---- The beginning ----------------------------------------------------------------------- */

int cli_writer_open(struct cli_writer **writer, struct cli_output *out, uv_loop_t *loop,
                    const char *format, const trawl_sink_options *options,
                    void (*on_progress)(void *data, int rc), void *data)
{
    struct cli_writer *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return TRAWL_ENOMEM;
    }
    int rc = trawl_sink_open(&w->sink, format, options, cli_output_write, out);
    if (rc != 0) {
        free(w);
        return rc;
    }
    uv_idle_init(loop, &w->idle);
    w->idle.data = w;
    w->out = out;
    w->bodies = options->body;
    w->end = &w->first;
    w->on_progress = on_progress;
    w->data = data;
    *writer = w;
    return 0;
}

/* ---- Results ----------------------------------------------------------------------------- */

static int take_body(struct pending *p, trawl *t, const trawl_result *result)
{
    p->bytes = result->body_len + FRONT_BYTES;
    return result->body_len == 0 ? 0 : trawl_take_body(t, &p->body);
}

static int append(struct cli_writer *w, trawl *t, uint64_t index, const trawl_result *result,
                  const trawl_page *page)
{
    struct pending *p = calloc(1, sizeof(*p));
    int rc = TRAWL_ENOMEM;
    if (p != NULL) {
        rc = page != NULL ? trawl_record_open_page(&p->record, w->sink, page)
                          : trawl_record_open(&p->record, w->sink, index, result);
    }
    if (rc == 0) {
        rc = take_body(p, t, result);
    }
    if (rc != 0) {
        trawl_record_close(p != NULL ? p->record : NULL);
        free(p);
        return rc;
    }
    *w->end = p;
    w->end = &p->next;
    w->bytes += p->bytes;
    go_on(w);
    return 0;
}

static int add(struct cli_writer *w, trawl *t, uint64_t index, const trawl_result *result,
               const trawl_page *page)
{
    if (w->failed || cli_output_failed(w->out)) {
        return 0;
    }
    if (w->first != NULL || (w->bodies && result->body_len > PIECE)) {
        return append(w, t, index, result, page);
    }
    return page != NULL ? trawl_sink_add_page(w->sink, page)
                        : trawl_sink_add(w->sink, index, result);
}

int cli_writer_add(struct cli_writer *w, trawl *t, uint64_t index, const trawl_result *result)
{
    return add(w, t, index, result, NULL);
}

int cli_writer_add_page(struct cli_writer *w, trawl *t, const trawl_page *page)
{
    return add(w, t, page->index, &page->result, page);
}

bool cli_writer_is_idle(const struct cli_writer *w)
{
    return w->first == NULL;
}

bool cli_writer_is_full(struct cli_writer *w)
{
    size_t pending = cli_output_pending(w->out);
    if (pending + w->bytes <= PENDING_MAX) {
        return false;
    }
    if (w->first == NULL) {
        cli_output_on_drain(w->out, PENDING_MAX, on_drain, w);
    }
    return true;
}
