#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trawl.h"

int tw_buf_reserve(struct tw_buf *b, size_t more)
{
    size_t need, cap;
    char *data;

    if (more <= b->cap - b->len && b->data != NULL)
        return 0;
    if (more > SIZE_MAX / 2 - b->len)
        return TRAWL_ENOMEM;
    need = b->len + more;
    cap = b->cap + b->cap / 2;
    if (cap < need)
        cap = need;
    if (cap < 63)
        cap = 63;
    data = realloc(b->data, cap + 1);
    if (data == NULL)
        return TRAWL_ENOMEM;
    b->data = data;
    b->cap = cap;
    b->data[b->len] = '\0';
    return 0;
}

int tw_buf_append(struct tw_buf *b, const void *bytes, size_t len)
{
    int err = tw_buf_reserve(b, len);

    if (err != 0)
        return err;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return 0;
}

void tw_buf_reset(struct tw_buf *b, size_t keep)
{
    if (b->cap > keep) {
        tw_buf_free(b);
        return;
    }
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

void tw_buf_free(struct tw_buf *b)
{
    free(b->data);
    *b = (struct tw_buf){0};
}
