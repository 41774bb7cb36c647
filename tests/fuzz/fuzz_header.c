/* Lines of a response's header as a server might send them, and each value as a date. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse/header.h"
#include "parse/httpdate.h"

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_list(const trawl_header *list, size_t n, size_t bytes)
{
    size_t i;

    require((list == NULL) == (n == 0));
    for (i = 0; i < n; i++) {
        const trawl_header *f = &list[i];
        uint64_t delay_ms;
        int64_t unix_s;

        require(f->name[0] != '\0' && strchr(f->name, ':') == NULL);
        require(f->value[f->value_len] == '\0');
        require(f->value_len == 0 || memchr(" \t", f->value[0], 2) == NULL);
        require(f->value_len == 0 || memchr(" \t", f->value[f->value_len - 1], 2) == NULL);
        require(strlen(f->name) + f->value_len < bytes);
        if (tw_httpdate_parse(f->value, f->value_len, 0, &unix_s) == 0)
            require(unix_s >= -62167219200 && unix_s <= 253402300800);
        tw_retry_after_parse(f->value, f->value_len, INT64_MIN, &delay_ms);
    }
}

/* Each line has a block of its own, so that reading past it shows. */
static void add_line(struct tw_headers *h, const uint8_t *line, size_t len)
{
    char *copy = malloc(len);

    require(copy != NULL);
    memcpy(copy, line, len);
    require(tw_headers_add_line(h, copy, len) == 0);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tw_headers h;
    const trawl_header *list;
    size_t n, i, bytes = 0, trailers_at;
    uint64_t delay_ms;

    if (size == 0)
        return 0;
    trailers_at = *data++;
    size--;
    tw_headers_reset(&h);
    tw_retry_after_parse((const char *)data, size, INT64_MAX, &delay_ms);
    for (i = 0; size > 0; i++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end != NULL ? (size_t)(end - data) + 1 : size;

        if (i == trailers_at)
            tw_headers_begin_trailers(&h);
        add_line(&h, data, len);
        data += len;
        size -= len;
        bytes += len;
    }
    require(tw_headers_bytes(&h) == bytes && tw_headers_ignored(&h) <= i);
    list = tw_headers_trailers(&h, &n);
    check_list(list, n, bytes);
    list = tw_headers_list(&h, &n);
    check_list(list, n, bytes);
    for (i = 0; i < n; i++)
        require(tw_headers_get(&h, list[i].name) != NULL);
    return 0;
}
