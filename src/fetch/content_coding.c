#include "fetch/content_coding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/decoder.h"
#include "trawl.h"

#define FAULT_SIZE 128
#define NAME_MAX_SHOWN 40

struct list {
    const struct tw_format *formats[TW_CODINGS_MAX]; /* in the order in which they were applied */
    unsigned count;
};

struct tw_coding {
    struct list lists[TW_CODING_FIELDS];
    struct tw_decoder *decoders; /* the first reads the body; NULL before its first byte */
    unsigned count;
    bool cannot;                 /* a coding was listed that cannot be undone */
    char fault[FAULT_SIZE];
};

__attribute__((format(printf, 2, 3)))
static int fail(struct tw_coding *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(c->fault, sizeof(c->fault), format, args);
    va_end(args);
    return TRAWL_EENCODING;
}

/* ---- what is listed ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is(const char *name, size_t len, const char *known)
{
    return strlen(known) == len && strncasecmp(name, known, len) == 0;
}

/* Chunks are libcurl's; "none" is its word for "identity". */
static bool is_no_coding(enum tw_coding_field field, const char *name, size_t len)
{
    return len == 0 || is(name, len, "identity") || is(name, len, "none") ||
           (field == TW_CODING_TRANSFER && is(name, len, "chunked"));
}

/* The server's words: nothing that a terminal would act upon. */
static void show_name(char *to, size_t size, const char *name, size_t len)
{
    size_t n = len < size - 1 ? len : size - 1;

    for (size_t i = 0; i < n; i++)
        to[i] = (char)(name[i] > ' ' && name[i] <= '~' ? name[i] : '?');
    to[n] = '\0';
}

/* The first fault is the one that is told. */
static void add_name(struct tw_coding *c, struct list *list, const char *name, size_t len)
{
    const struct tw_format *format = tw_format_find(name, len);
    char shown[NAME_MAX_SHOWN];

    if (c->cannot)
        return;
    c->cannot = format == NULL || c->count == TW_CODINGS_MAX;
    show_name(shown, sizeof(shown), name, len);
    if (format == NULL) {
        fail(c, "%s: this coding is not known", shown);
    } else if (c->cannot) {
        fail(c, "%s: this coding is one more than the %d that are undone", shown, TW_CODINGS_MAX);
    } else {
        list->formats[list->count++] = format;
        c->count++;
    }
}

static int add_listed(struct tw_coding **coding, enum tw_coding_field field, const char *name,
                      size_t len)
{
    for (; len > 0 && is_space(*name); len--)
        name++;
    for (; len > 0 && is_space(name[len - 1]); len--)
        ;
    if (is_no_coding(field, name, len))
        return 0;
    if (*coding == NULL)
        *coding = calloc(1, sizeof(**coding));
    if (*coding == NULL)
        return TRAWL_ENOMEM;
    add_name(*coding, &(*coding)->lists[field], name, len);
    return 0;
}

int tw_coding_add(struct tw_coding **coding, enum tw_coding_field field, const char *value,
                  size_t len)
{
    const char *end = value + len, *comma;
    int err = 0;

    for (; value < end && err == 0; value = comma + 1) {
        comma = memchr(value, ',', (size_t)(end - value));
        if (comma == NULL)
            comma = end;
        err = add_listed(coding, field, value, (size_t)(comma - value));
    }
    return err;
}

/* ---- what is undone ---- */

/* What was applied last is undone first, and a transfer's codings came after the content's. */
static int make_decoders(struct tw_coding *c)
{
    struct tw_decoder *d;

    if (c->cannot)
        return TRAWL_EENCODING;
    d = c->decoders = calloc(c->count, sizeof(*c->decoders));
    if (d == NULL)
        return TRAWL_ENOMEM;
    for (int field = TW_CODING_FIELDS - 1; field >= 0; field--)
        for (unsigned i = c->lists[field].count; i > 0; i--)
            (d++)->format = c->lists[field].formats[i - 1];
    return 0;
}

static int run_decoder(struct tw_coding *c, struct tw_decoder *d, struct tw_span *in,
                       struct tw_coding_step *step)
{
    size_t len = in->len;
    int err = tw_decoder_run(d, in);

    step->cost = (len - in->len) * TW_CODING_INPUT_COST + d->out.len;
    if (err == TRAWL_EENCODING)
        fail(c, "%s: %s", tw_format_name(d->format), d->why);
    return err == 0 ? 1 : err;
}

/* Of those that can go on, the last: what it makes finds its place empty. 0 if there is none. */
static int run_last(struct tw_coding *c, struct tw_span *body, struct tw_coding_step *step)
{
    for (unsigned i = c->count; i > 0; i--) {
        struct tw_decoder *d = &c->decoders[i - 1];
        struct tw_span *in = i == 1 ? body : &d[-1].out;

        if (d->more || in->len > 0)
            return run_decoder(c, d, in, step);
    }
    for (unsigned i = 0; i < c->count; i++)
        tw_decoder_rest(&c->decoders[i]);
    return 0;
}

int tw_coding_run(struct tw_coding *c, const char *bytes, size_t len, struct tw_coding_step *step)
{
    struct tw_span body = {(const unsigned char *)bytes, len};
    const struct tw_span *made;
    int rc = 1;

    *step = (struct tw_coding_step){0};
    if (c->decoders == NULL)
        rc = len == 0 ? 0 : make_decoders(c);
    if (c->decoders == NULL)
        return rc;
    made = &c->decoders[c->count - 1].out;
    rc = made->len > 0 ? 1 : run_last(c, &body, step);
    step->used = len - body.len;
    if (rc > 0 && made->len > 0) {
        step->piece = (const char *)made->bytes;
        step->len = made->len < TW_CODING_PIECE ? made->len : TW_CODING_PIECE;
    }
    return rc;
}

void tw_coding_take(struct tw_coding *c, size_t len)
{
    struct tw_span *made = &c->decoders[c->count - 1].out;

    made->bytes += len;
    made->len -= len;
}

int tw_coding_end(struct tw_coding *c)
{
    for (unsigned i = 0; c->decoders != NULL && i < c->count; i++)
        if (tw_decoder_is_cut(&c->decoders[i]))
            return fail(c, "%s: it is cut off", tw_format_name(c->decoders[i].format));
    return 0;
}

const char *tw_coding_fault(const struct tw_coding *c)
{
    return c->fault;
}

void tw_coding_free(struct tw_coding *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; c->decoders != NULL && i < c->count; i++)
        tw_decoder_free(&c->decoders[i]);
    free(c->decoders);
    free(c);
}
