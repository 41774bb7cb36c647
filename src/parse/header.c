#include "parse/header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse/ascii.h"

#define KEEP_BYTES   65536
#define KEEP_FIELDS  (KEEP_BYTES / sizeof(struct tw_header_field))
#define FIRST_FIELDS 16

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A line of its own between two headers looks like this; a field's name has no slash. */
static bool is_status_line(const char *line, size_t len)
{
    return len >= 6 && tw_ascii_equal(line, "HTTP/", 5) && tw_ascii_is_digit(line[5]);
}

static void drop_fields(struct tw_headers *h)
{
    h->arena.len = 0;
    h->count = 0;
    h->trailers = 0;
    h->can_fold = false;
}

static int grow(struct tw_headers *h)
{
    size_t cap = h->cap > 0 ? h->cap * 2 : FIRST_FIELDS;
    struct tw_header_field *fields;
    trawl_header *list;

    if (cap > SIZE_MAX / sizeof(*fields))
        return TRAWL_ENOMEM;
    fields = realloc(h->fields, cap * sizeof(*fields));
    if (fields == NULL)
        return TRAWL_ENOMEM;
    h->fields = fields;
    list = realloc(h->list, cap * sizeof(*list));
    if (list == NULL)
        return TRAWL_ENOMEM;
    h->list = list;
    h->cap = cap;
    return 0;
}

static void trim(const char **p, size_t *len)
{
    while (*len > 0 && is_blank(**p)) {
        (*p)++;
        (*len)--;
    }
    while (*len > 0 && is_blank((*p)[*len - 1]))
        (*len)--;
}

static void put(struct tw_buf *b, const char *bytes, size_t len)
{
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len++] = '\0';
}

static int add_field(struct tw_headers *h, const char *line, size_t name_len, const char *value,
                     size_t value_len)
{
    struct tw_header_field *f;
    int err;

    if (h->count == h->cap && (err = grow(h)) != 0)
        return err;
    trim(&value, &value_len);
    err = tw_buf_reserve(&h->arena, name_len + value_len + 2);
    if (err != 0)
        return err;
    f = &h->fields[h->count++];
    f->name = h->arena.len;
    put(&h->arena, line, name_len);
    f->value = h->arena.len;
    f->value_len = value_len;
    put(&h->arena, value, value_len);
    h->trailers += h->state == TW_HEADERS_TRAILERS;
    h->can_fold = true;
    return 0;
}

/* Goes on with the last field, whose value ends the arena. */
static int fold(struct tw_headers *h, const char *more, size_t len)
{
    struct tw_header_field *f = &h->fields[h->count - 1];
    bool space = f->value_len > 0;
    int err;

    trim(&more, &len);
    if (len == 0)
        return 0;
    err = tw_buf_reserve(&h->arena, len + 1);
    if (err != 0)
        return err;
    h->arena.len--;
    if (space)
        h->arena.data[h->arena.len++] = ' ';
    put(&h->arena, more, len);
    f->value_len += len + space;
    return 0;
}

static int ignore(struct tw_headers *h)
{
    h->ignored++;
    h->can_fold = false;
    return 0;
}

static int on_field_line(struct tw_headers *h, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t name_len;

    if (is_blank(line[0]))
        return h->can_fold ? fold(h, line, len) : ignore(h);
    if (colon == NULL)
        return ignore(h);
    name_len = (size_t)(colon - line);
    while (name_len > 0 && is_blank(line[name_len - 1]))
        name_len--;
    /* A NUL in a name would end it early and make another field of it. */
    if (name_len == 0 || memchr(line, '\0', name_len) != NULL)
        return ignore(h);
    return add_field(h, line, name_len, colon + 1, len - (size_t)(colon + 1 - line));
}

int tw_headers_add_line(struct tw_headers *h, const char *line, size_t len)
{
    h->bytes = len > SIZE_MAX - h->bytes ? SIZE_MAX : h->bytes + len;
    if (len > 0 && line[len - 1] == '\n')
        len--;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (len == 0) {
        if (h->state == TW_HEADERS_FIELDS)
            h->state = TW_HEADERS_ENDED;
        h->can_fold = false;
        return 0;
    }
    if ((h->state == TW_HEADERS_START || h->state == TW_HEADERS_ENDED) &&
        is_status_line(line, len)) {
        drop_fields(h);
        h->state = TW_HEADERS_FIELDS;
        return 0;
    }
    if (h->state == TW_HEADERS_START)
        h->state = TW_HEADERS_FIELDS;
    if (h->state == TW_HEADERS_ENDED)
        h->state = TW_HEADERS_TRAILERS;
    return on_field_line(h, line, len);
}

void tw_headers_begin_trailers(struct tw_headers *h)
{
    h->state = TW_HEADERS_TRAILERS;
    h->can_fold = false;
}

static const trawl_header *make_list(struct tw_headers *h, size_t first, size_t n)
{
    size_t i;

    for (i = first; i < first + n; i++) {
        h->list[i].name = h->arena.data + h->fields[i].name;
        h->list[i].value = h->arena.data + h->fields[i].value;
        h->list[i].value_len = h->fields[i].value_len;
    }
    return n > 0 ? h->list + first : NULL;
}

const trawl_header *tw_headers_list(struct tw_headers *h, size_t *count)
{
    *count = h->count - h->trailers;
    return make_list(h, 0, *count);
}

const trawl_header *tw_headers_trailers(struct tw_headers *h, size_t *count)
{
    *count = h->trailers;
    return make_list(h, h->count - h->trailers, *count);
}

const char *tw_headers_get(const struct tw_headers *h, const char *name)
{
    size_t i, len = strlen(name);

    for (i = 0; i < h->count - h->trailers; i++) {
        const struct tw_header_field *f = &h->fields[i];

        if (f->value - f->name == len + 1 && tw_ascii_equal(h->arena.data + f->name, name, len))
            return h->arena.data + f->value;
    }
    return NULL;
}

size_t tw_headers_bytes(const struct tw_headers *h)
{
    return h->bytes;
}

size_t tw_headers_ignored(const struct tw_headers *h)
{
    return h->ignored;
}

void tw_headers_reset(struct tw_headers *h)
{
    if (h->cap > KEEP_FIELDS) {
        tw_headers_free(h);
        return;
    }
    tw_buf_reset(&h->arena, KEEP_BYTES);
    drop_fields(h);
    h->bytes = 0;
    h->ignored = 0;
    h->state = TW_HEADERS_START;
}

void tw_headers_free(struct tw_headers *h)
{
    tw_buf_free(&h->arena);
    free(h->fields);
    free(h->list);
    *h = (struct tw_headers){0};
}
