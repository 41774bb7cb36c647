/* What an answer brings, on its way from libcurl to the receiver: the header as it comes, and the body with
 * its codings undone. */
#include <string.h>
#include <strings.h>

#include "fetch/request.h"

/* Some milliseconds' worth, which only what unpacks to many times as much is likely to come to within a call:
 * libcurl reads 16 kB a hundred times. */
#define STRETCH_MAX ((size_t)4 << 20)

static void drop_coding(struct tw_request *r)
{
    tw_coding_free(r->coding);
    r->coding = NULL;
}

/* RFC 9112 section 6.3: two lengths that differ are an error. libcurl takes the last one. */
static int note_length(struct tw_request *r, const char *value, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len && n < UINT64_MAX / 10 - 1; i++)
        if (value[i] >= '0' && value[i] <= '9')
            n = n * 10 + (uint64_t)(value[i] - '0');
    if (r->has_length && n != r->length)
        return TRAWL_EPROTOCOL;
    r->has_length = true;
    r->length = n;
    return 0;
}

static bool field_is(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);

    return len > n && line[n - 1] == ':' && strncasecmp(line, name, n) == 0;
}

/* in_header: an empty line is still to come. Trailers have none of their own. */
static int note_header(struct tw_request *r, const char *line, size_t len)
{
    if (len > 0 && (line[0] == '\r' || line[0] == '\n')) {
        r->in_header = false;
    } else if (len > 5 && memcmp(line, "HTTP/", 5) == 0 && r->job->out.status == 0) {
        r->in_header = true;
        r->has_length = false;
        drop_coding(r);
    } else if (r->in_header && field_is(line, len, "Content-Length:")) {
        return note_length(r, line + 15, len - 15);
    } else if (r->in_header && field_is(line, len, "Content-Encoding:")) {
        return tw_coding_add(&r->coding, TW_CODING_CONTENT, line + 17, len - 17);
    } else if (r->in_header && field_is(line, len, "Transfer-Encoding:")) {
        return tw_coding_add(&r->coding, TW_CODING_TRANSFER, line + 18, len - 18);
    }
    return 0;
}

static int take_line(struct tw_request *r, const char *line, size_t len)
{
    bool was_in_header = r->in_header;
    int err = note_header(r, line, len);

    if (err == 0)
        err = r->job->to->on_header(r->job, line, len);
    if (err == 0 && was_in_header && !r->in_header && r->keep != NULL)
        tw_request_set_keep(r, r->keep(r));
    return err;
}

/* One line; but of a body's trailers, libcurl hands over at once what came while it was paused. */
static size_t on_header(char *lines, size_t size, size_t count, void *data)
{
    struct tw_request *r = data;
    size_t len = size * count, n;

    for (size_t at = 0; at < len && r->abort_error == 0; at += n) {
        const char *end = memchr(lines + at, '\n', len - at);

        n = end == NULL ? len - at : (size_t)(end + 1 - lines) - at;
        r->abort_error = take_line(r, lines + at, n);
    }
    return r->abort_error == 0 ? len : 0;
}

/* What the receiver makes of some bytes: len, or what libcurl is to do instead. */
static size_t give(struct tw_request *r, const char *bytes, size_t len)
{
    int err = r->job->to->on_body(r->job, bytes, len);

    if (err == 0)
        return len;
    if (err == TRAWL_PAUSE)
        return CURL_WRITEFUNC_PAUSE;
    r->abort_error = err;
    return 0;
}

static bool is_too_much(struct tw_request *r, size_t len)
{
    if (r->hold != NULL)
        return r->hold(r, len);
    r->stretch += len;
    return r->stretch >= STRETCH_MAX;
}

/* After a pause libcurl comes with the same bytes again: r->taken of them have been here. They are all taken
 * only when nothing is left to be made of them, so that the transfer does not end before. */
static size_t decode(struct tw_request *r, const char *bytes, size_t len)
{
    struct tw_coding_step step = {0};
    size_t given;
    int rc;

    do {
        size_t at = r->taken < len ? r->taken : len;

        if (is_too_much(r, step.cost + step.len))
            return CURL_WRITEFUNC_PAUSE;
        rc = tw_coding_run(r->coding, bytes + at, len - at, &step);
        r->taken += step.used;
        r->miscoded = rc == TRAWL_EENCODING;
        if (rc < 0 && !r->miscoded)
            r->abort_error = rc;
        if (rc < 0)
            return 0;
        given = step.len > 0 ? give(r, step.piece, step.len) : 0;
        if (given != step.len)
            return given;
        if (step.len > 0)
            tw_coding_take(r->coding, step.len);
    } while (rc > 0);
    r->taken -= len;
    return len;
}

static size_t take_body(struct tw_request *r, const char *bytes, size_t len)
{
    long status = 0;

    if (r->job->out.status == 0) {
        curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
        r->job->out.status = (int)status;
    }
    if (r->coding != NULL)
        return decode(r, bytes, len);
    if (is_too_much(r, len))
        return CURL_WRITEFUNC_PAUSE;
    return give(r, bytes, len);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct tw_request *r = data;
    size_t taken = take_body(r, bytes, size * count);

    r->paused = taken == CURL_WRITEFUNC_PAUSE;
    if (r->paused && r->on_pause != NULL)
        r->on_pause(r);
    return taken;
}

void tw_request_set_receiver(struct tw_request *r)
{
    curl_easy_setopt(r->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(r->easy, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
}

CURLcode tw_request_go_on(struct tw_request *r)
{
    r->stretch = 0;
    return r->paused ? curl_easy_pause(r->easy, CURLPAUSE_CONT) : CURLE_OK;
}
