#include "sink/sink.h"

#include <stdlib.h>
#include <string.h>

#define FORMATS(X) X(text) X(jsonl) X(csv)

static const char *const names[] = {
#define X(name) #name,
    FORMATS(X)
#undef X
        NULL,
};

static const struct tw_sink_ops *const formats[] = {
#define X(name) &tw_sink_##name,
    FORMATS(X)
#undef X
};

/* What a record may leave allocated for the next one; more is a body and not kept. */
enum { RECORD_KEEP = 65536 };

struct trawl_sink {
    const struct tw_sink_ops *ops;
    trawl_sink_options options;
    trawl_write_cb write;
    void *data;
    struct tw_out out;
    bool begun; /* the head was handed over */
    const trawl_record *open; /* a part of it was handed over, and not all */
};

struct trawl_record {
    trawl_sink *sink;
    struct tw_buf front; /* what stands before the body; empty once it was handed over */
    struct tw_sink_body body;
};

static const struct tw_sink_ops *find(const char *format)
{
    size_t i;

    for (i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], format) == 0)
            return formats[i];
    return NULL;
}

int trawl_sink_open(trawl_sink **sink, const char *format, const trawl_sink_options *options,
                    trawl_write_cb write, void *data)
{
    trawl_sink *s;

    if (sink == NULL || format == NULL || write == NULL || find(format) == NULL)
        return TRAWL_EINVAL;
    if (options != NULL &&
        (options->size < sizeof(options->size) || options->size > sizeof(*options)))
        return TRAWL_EINVAL;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return TRAWL_ENOMEM;
    s->ops = find(format);
    s->options = (trawl_sink_options)TRAWL_SINK_OPTIONS_INIT;
    if (options != NULL)
        memcpy(&s->options, options, options->size);
    s->write = write;
    s->data = data;
    *sink = s;
    return 0;
}

static void begin(trawl_sink *s)
{
    s->out.err = 0;
    tw_buf_reset(&s->out.buf, RECORD_KEEP);
    if (!s->begun && s->ops->head != NULL)
        s->ops->head(&s->out, &s->options);
}

static int flush(trawl_sink *s)
{
    if (s->out.err != 0)
        return s->out.err;
    s->begun = true;
    if (s->out.buf.len == 0)
        return 0;
    return s->write(s->data, s->out.buf.data, s->out.buf.len);
}

static bool has_body(const trawl_sink *s)
{
    return s->options.body && s->ops->body != NULL;
}

static struct tw_sink_body body_of(const trawl_result *result)
{
    return (struct tw_sink_body){.s = result->body, .len = result->body_len};
}

static int add(trawl_sink *s, uint64_t index, const trawl_result *result, const trawl_page *page)
{
    struct tw_sink_body body = body_of(result);

    if (s->open != NULL)
        return TRAWL_EINVAL;
    begin(s);
    s->ops->add(&s->out, &s->options, index, result, page);
    while (has_body(s) && s->out.err == 0 && s->ops->body(&s->out, &body, SIZE_MAX))
        ;
    return flush(s);
}

int trawl_sink_add(trawl_sink *sink, uint64_t index, const trawl_result *result)
{
    return add(sink, index, result, NULL);
}

int trawl_sink_add_page(trawl_sink *sink, const trawl_page *page)
{
    return add(sink, page->index, &page->result, page);
}

/* ---- records bit by bit ---- */

static int record_open(trawl_record **out, trawl_sink *s, uint64_t index,
                       const trawl_result *result, const trawl_page *page)
{
    trawl_record *r = calloc(1, sizeof(*r));
    struct tw_out front = {0};

    if (r == NULL)
        return TRAWL_ENOMEM;
    s->ops->add(&front, &s->options, index, result, page);
    tw_buf_free(&front.scratch);
    r->sink = s;
    r->front = front.buf;
    r->body = body_of(result);
    if (front.err != 0) {
        trawl_record_close(r);
        return front.err;
    }
    *out = r;
    return 0;
}

int trawl_record_open(trawl_record **record, trawl_sink *sink, uint64_t index,
                      const trawl_result *result)
{
    return record_open(record, sink, index, result, NULL);
}

int trawl_record_open_page(trawl_record **record, trawl_sink *sink, const trawl_page *page)
{
    return record_open(record, sink, page->index, &page->result, page);
}

int trawl_record_step(trawl_record *r, size_t max)
{
    trawl_sink *s = r->sink;
    bool more;
    int err;

    if (s->open != NULL && s->open != r)
        return TRAWL_EINVAL;
    begin(s);
    tw_out_bytes(&s->out, r->front.data, r->front.len);
    tw_buf_free(&r->front);
    more = has_body(s) && s->ops->body(&s->out, &r->body, max);
    s->open = more ? r : NULL;
    err = flush(s);
    return err != 0 ? err : more;
}

void trawl_record_close(trawl_record *r)
{
    if (r == NULL)
        return;
    if (r->sink->open == r)
        r->sink->open = NULL;
    tw_buf_free(&r->front);
    free(r);
}

int trawl_sink_close(trawl_sink *sink)
{
    int err;

    if (sink == NULL)
        return 0;
    begin(sink);
    err = flush(sink);
    tw_buf_free(&sink->out.buf);
    tw_buf_free(&sink->out.scratch);
    free(sink);
    return err;
}

const char *const *trawl_sink_names(void)
{
    return names;
}
