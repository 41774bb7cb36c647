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

int trawl_sink_add(trawl_sink *sink, uint64_t index, const trawl_result *result)
{
    begin(sink);
    sink->ops->add(&sink->out, &sink->options, index, result, NULL);
    return flush(sink);
}

int trawl_sink_add_page(trawl_sink *sink, const trawl_page *page)
{
    begin(sink);
    sink->ops->add(&sink->out, &sink->options, page->index, &page->result, page);
    return flush(sink);
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
