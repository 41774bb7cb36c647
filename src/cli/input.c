#include "cli/input.h"

#include <stdlib.h>
#include <string.h>

#include "cli/source.h"

#define BUFFER_SIZE ((size_t)64 << 10)
/* A line of the greatest length with a byte order mark and CR LF. */
#define BUFFER_MAX (CLI_INPUT_LINE_MAX + 5)

struct cli_input {
    const char *const *urls;
    size_t n_urls;
    size_t next_url;

    struct cli_source *sources;
    size_t n_sources;
    size_t current;

    char *buffer; /* the line being read begins at start; [start, scanned) has no LF */
    size_t cap;
    size_t start;
    size_t scanned;
    size_t end;
    bool at_file_start;
    bool at_file_end;
    bool skipping; /* what is left of a line that was cut */
    bool cut;

    uint64_t count;
    uint64_t line; /* lines ended in the current file */
    uint64_t bytes_read;
    uint64_t bytes_total; /* of all files; 0 if one of them has no size */

    int error;
    char *error_text;

    struct cli_waiter waiter;
    void (*on_closed)(void *data);
    void *closed_data;
};

/* ---- Opening ----------------------------------------------------------------------------- */

static int open_sources(struct cli_input *in, const char *const *files, size_t n, char **error)
{
    bool sized = true;
    size_t i;

    for (i = 0; i < n; i++) {
        int rc = cli_source_open(&in->sources[i], files[i]);

        in->n_sources = i + 1;
        if (rc != 0) {
            *error = cli_source_describe(&in->sources[i], 0, rc);
            return rc;
        }
        sized = sized && in->sources[i].size > 0;
        in->bytes_total += in->sources[i].size;
    }
    if (!sized)
        in->bytes_total = 0;
    return 0;
}

static void free_input(struct cli_input *in)
{
    size_t i;

    for (i = 0; i < in->n_sources; i++)
        cli_source_close(&in->sources[i]);
    free(in->sources);
    free(in->buffer);
    free(in->error_text);
    free(in);
}

struct cli_input *cli_input_open(const char *const *files, size_t n_files,
                                 const char *const *urls, size_t n_urls, char **error)
{
    struct cli_input *in = calloc(1, sizeof(*in));

    *error = NULL;
    if (!in)
        return NULL;
    in->urls = urls;
    in->n_urls = n_urls;
    in->at_file_start = true;
    in->cap = BUFFER_SIZE;
    in->buffer = malloc(in->cap);
    in->sources = calloc(n_files + 1, sizeof(*in->sources));
    if (!in->buffer || !in->sources || open_sources(in, files, n_files, error) != 0) {
        free_input(in);
        return NULL;
    }
    return in;
}

void cli_input_on_ready(struct cli_input *in, uv_loop_t *loop, void (*cb)(void *data),
                        void *data)
{
    in->waiter.loop = loop;
    in->waiter.on_ready = cb;
    in->waiter.data = data;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static int fail(struct cli_input *in, int code)
{
    in->error = code;
    in->error_text = cli_source_describe(&in->sources[in->current], in->line + 1, code);
    return code;
}

/* Moves what is left to the front of the buffer; makes it larger only for a line that fills it,
 * and small again after that line. */
static int make_room(struct cli_input *in)
{
    size_t rest = in->end - in->start;
    size_t cap = in->cap;
    char *buffer;

    memmove(in->buffer, in->buffer + in->start, rest);
    in->scanned -= in->start;
    in->end = rest;
    in->start = 0;
    if (rest == cap)
        cap = cap < BUFFER_MAX / 2 ? cap * 2 : BUFFER_MAX;
    else if (rest < BUFFER_SIZE / 2)
        cap = BUFFER_SIZE;
    if (cap == in->cap)
        return 0;
    buffer = realloc(in->buffer, cap);
    if (!buffer)
        return UV_ENOMEM;
    in->buffer = buffer;
    in->cap = cap;
    return 0;
}

/* Reads once into the buffer. 0, CLI_INPUT_WAIT or a negative code. */
static int fill(struct cli_input *in)
{
    size_t n = 0;
    int rc = make_room(in);

    if (rc == 0)
        rc = cli_source_read(&in->sources[in->current], &in->waiter, in->buffer + in->end,
                             in->cap - in->end, &n);
    if (rc < 0)
        return fail(in, rc);
    if (rc == CLI_SOURCE_WAIT)
        return CLI_INPUT_WAIT;
    in->at_file_end = n == 0;
    in->end += n;
    in->bytes_read += n;
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Also keeps a line of nothing but blanks from growing. */
static void skip_blanks(struct cli_input *in)
{
    size_t i = in->start;

    while (i < in->end && is_blank(in->buffer[i]))
        i++;
    if (i == in->start)
        return;
    in->at_file_start = false;
    in->start = i;
    if (in->scanned < i)
        in->scanned = i;
}

/* Takes a line and its LF from the buffer, or the beginning of one that is too long to be held
 * whole. False: more must be read. */
static bool next_piece(struct cli_input *in, const char **piece, size_t *len)
{
    const char *lf;

    skip_blanks(in);
    *piece = in->buffer + in->start;
    lf = memchr(in->buffer + in->scanned, '\n', in->end - in->scanned);
    if (lf) {
        *len = (size_t)(lf - *piece);
        in->start += *len + 1;
        in->scanned = in->start;
        in->line++;
        in->skipping = false;
        return true;
    }
    in->scanned = in->end;
    *len = in->end - in->start;
    if (!in->skipping && *len != BUFFER_MAX && (*len == 0 || !in->at_file_end))
        return false;
    in->start = in->end;
    if (in->skipping)
        return false;
    in->skipping = !in->at_file_end;
    return true;
}

/* Whether the piece, once trimmed and cut, holds a URL. */
static bool trim(struct cli_input *in, const char **piece, size_t *len)
{
    const char *p = *piece;
    const char *end = p + *len;

    if (in->at_file_start && *len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    in->at_file_start = false;
    while (p < end && is_blank(*p))
        p++;
    while (end > p && is_blank(end[-1]))
        end--;
    *piece = p;
    *len = (size_t)(end - p);
    in->cut = in->skipping || *len > CLI_INPUT_LINE_MAX;
    if (*len > CLI_INPUT_LINE_MAX)
        *len = CLI_INPUT_LINE_MAX;
    return p < end && *p != '#';
}

/* The next URL of the current file. CLI_INPUT_END: the file is at its end. */
static int next_line(struct cli_input *in, const char **url, size_t *len)
{
    for (;;) {
        bool skipped = in->skipping;

        if (next_piece(in, url, len)) {
            if (!skipped && trim(in, url, len))
                return CLI_INPUT_URL;
        } else if (in->at_file_end) {
            return CLI_INPUT_END;
        } else {
            int rc = fill(in);

            if (rc != 0)
                return rc;
        }
    }
}

static void next_file(struct cli_input *in)
{
    cli_source_close(&in->sources[in->current]);
    in->current++;
    in->start = in->scanned = in->end = 0;
    in->at_file_start = true;
    in->at_file_end = false;
    in->skipping = false;
    in->line = 0;
}

int cli_input_next(struct cli_input *in, const char **url, size_t *len, uint64_t *index)
{
    const char *found;
    size_t n;
    int rc = CLI_INPUT_END;

    if (in->error != 0)
        return in->error;
    in->cut = false;
    if (in->next_url < in->n_urls) {
        found = in->urls[in->next_url++];
        n = strlen(found);
        rc = CLI_INPUT_URL;
    }
    while (rc == CLI_INPUT_END && in->current < in->n_sources) {
        rc = next_line(in, &found, &n);
        if (rc == CLI_INPUT_END)
            next_file(in);
    }
    if (rc == CLI_INPUT_URL) {
        *url = found;
        *len = n;
        *index = in->count++;
    }
    return rc;
}

/* ---- The rest ---------------------------------------------------------------------------- */

bool cli_input_was_cut(const struct cli_input *in)
{
    return in->cut;
}

const char *cli_input_error(const struct cli_input *in)
{
    if (in->error == 0)
        return NULL;
    return in->error_text ? in->error_text : uv_strerror(in->error);
}

uint64_t cli_input_count(const struct cli_input *in)
{
    return in->count;
}

bool cli_input_total(const struct cli_input *in, uint64_t *total)
{
    uint64_t used = in->bytes_read - (in->end - in->start);
    double lines;

    if (in->current == in->n_sources) {
        *total = in->n_urls > in->count ? in->n_urls : in->count;
        return true;
    }
    if (in->bytes_total == 0 || used == 0 || in->count <= in->n_urls)
        return false;
    if (used > in->bytes_total)
        used = in->bytes_total;
    lines = (double)(in->count - in->n_urls) * ((double)in->bytes_total / (double)used);
    *total = in->n_urls + (uint64_t)(lines + 0.5);
    return true;
}

static void on_idle(void *owner)
{
    struct cli_input *in = owner;
    void (*cb)(void *) = in->on_closed;
    void *data = in->closed_data;

    free_input(in);
    if (cb)
        cb(data);
}

void cli_input_close(struct cli_input *in, void (*cb)(void *data), void *data)
{
    size_t i;

    if (!in) {
        if (cb)
            cb(data);
        return;
    }
    in->on_closed = cb;
    in->closed_data = data;
    in->waiter.owner = in;
    in->waiter.on_idle = on_idle;
    for (i = 0; i < in->n_sources; i++)
        cli_source_close(&in->sources[i]);
    if (in->waiter.closing == 0)
        on_idle(in);
}
