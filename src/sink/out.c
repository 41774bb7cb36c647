#include "sink/out.h"

#include <string.h>
#include <nettle/base64.h>

#include "sink/utf8.h"

enum { UINT_DIGITS = 20, SCRATCH_KEEP = 65536 };

void tw_out_grow(struct tw_out *out, const char *s, size_t len)
{
    if (out->err == 0)
        out->err = tw_buf_append(&out->buf, s, len);
}

/* Writes the digits that end at end; returns where they begin. */
static char *digits(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return end;
}

void tw_out_uint(struct tw_out *out, uint64_t number)
{
    char text[UINT_DIGITS];
    char *end = text + sizeof(text);
    char *begin = digits(end, number);

    tw_out_bytes(out, begin, (size_t)(end - begin));
}

void tw_out_ms(struct tw_out *out, uint64_t us)
{
    char text[UINT_DIGITS + 1];
    char *end = text + sizeof(text);
    char *begin;
    unsigned rest = (unsigned)(us % 1000);

    end[-1] = (char)('0' + rest % 10);
    end[-2] = (char)('0' + rest / 10 % 10);
    end[-3] = (char)('0' + rest / 100);
    end[-4] = '.';
    begin = digits(end - 4, us / 1000);
    tw_out_bytes(out, begin, (size_t)(end - begin));
}

void tw_out_base64(struct tw_out *out, const char *s, size_t len)
{
    size_t coded;

    if (len == 0 || out->err != 0)
        return;
    if (len > SIZE_MAX / 4) {
        out->err = TRAWL_ENOMEM;
        return;
    }
    coded = BASE64_ENCODE_RAW_LENGTH(len);
    out->err = tw_buf_reserve(&out->buf, coded);
    if (out->err != 0)
        return;
    base64_encode_raw(out->buf.data + out->buf.len, len, (const uint8_t *)s);
    out->buf.len += coded;
    out->buf.data[out->buf.len] = '\0';
}

/* The scratch buffer as a string, after what filled it ended with err. */
static struct tw_str scratch_str(struct tw_out *out, int err)
{
    if (err != 0) {
        out->err = err;
        return (struct tw_str){"", 0};
    }
    return (struct tw_str){out->scratch.data, out->scratch.len};
}

struct tw_str tw_out_valid(struct tw_out *out, const char *s, size_t len)
{
    if (len == 0)
        return (struct tw_str){"", 0};
    if (tw_utf8_valid_len(s, len) == len)
        return (struct tw_str){s, len};
    tw_buf_reset(&out->scratch, SCRATCH_KEEP);
    return scratch_str(out, tw_utf8_append_clean(&out->scratch, s, len));
}

struct tw_str tw_out_valid_z(struct tw_out *out, const char *s)
{
    return tw_out_valid(out, s, s == NULL ? 0 : strlen(s));
}

struct tw_str tw_out_message(struct tw_out *out, const trawl_result *result)
{
    const char *message = trawl_strerror(result->error);
    const char *detail = result->detail;
    int err;

    if (result->error == 0)
        return (struct tw_str){"", 0};
    if (detail == NULL || detail[0] == '\0')
        return (struct tw_str){message, strlen(message)};
    tw_buf_reset(&out->scratch, SCRATCH_KEEP);
    err = tw_buf_append(&out->scratch, message, strlen(message));
    if (err == 0)
        err = tw_buf_append(&out->scratch, ": ", 2);
    if (err == 0)
        err = tw_utf8_append_clean(&out->scratch, detail, strlen(detail));
    return scratch_str(out, err);
}

const char *tw_http_version_name(int http_version)
{
    switch (http_version) {
    case 9: return "0.9";
    case 10: return "1.0";
    case 11: return "1.1";
    case 20: return "2";
    case 30: return "3";
    default: return NULL;
    }
}
