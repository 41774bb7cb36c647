/* A byte that says how the body is cut, one for each of the codings, up to one that is none, and the body:
 * what comes out does not depend on how it is cut, and a step makes no more than it may. If the last of
 * these bytes says so, the body is packed first, and then one of its bytes may be changed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fetch/content_coding.h"
#include "origin/coder.h"
#include "trawl.h"

#define OUTPUT_MAX ((size_t)1 << 20) /* enough of a bomb */
#define WINDOW_MAX ((size_t)16 << 20) /* brotli's */

static void require(bool ok)
{
    if (!ok)
        abort();
}

struct cuts {
    uint8_t state;
    bool whole;
};

/* 1 to max. */
static size_t next_cut(struct cuts *c, size_t max)
{
    c->state = (uint8_t)(c->state * 29 + 17);
    return c->whole || c->state >= max ? max : 1 + c->state % max;
}

static void check_step(const struct tw_coding_step *step, size_t len, int rc)
{
    require(step->used <= len);
    require(step->len <= TW_CODING_PIECE && (step->len == 0 || (rc == 1 && step->piece != NULL)));
    require(step->cost <= WINDOW_MAX + TW_CODING_PIECE * TW_CODING_INPUT_COST);
    require(rc == 1 || rc == 0 || rc == TRAWL_EENCODING);
    require(rc != 0 || step->used == len);
}

/* Feeds the bytes from at to end. False when that is enough. */
static bool feed(struct tw_coding *c, const uint8_t *data, size_t len, struct cuts *cuts,
                 struct tw_buf *out, int *error)
{
    struct tw_coding_step step;
    size_t at = 0, n;
    int rc;

    do {
        rc = tw_coding_run(c, (const char *)data + at, len - at, &step);
        check_step(&step, len - at, rc);
        at += step.used;
        if (rc < 0) {
            *error = rc;
            return false;
        }
        if (step.len > 0) {
            n = next_cut(cuts, step.len);
            require(tw_buf_append(out, step.piece, n) == 0);
            tw_coding_take(c, n);
        }
        if (out->len > OUTPUT_MAX)
            return false;
    } while (rc > 0);
    return true;
}

static int run(const char *content, const char *transfer, const uint8_t *data, size_t len,
               struct cuts cuts, struct tw_buf *out)
{
    struct tw_coding *c = NULL;
    int error = 0;
    size_t at = 0, n;
    bool more = true;

    require(tw_coding_add(&c, TW_CODING_CONTENT, content, strlen(content)) == 0);
    require(tw_coding_add(&c, TW_CODING_TRANSFER, transfer, strlen(transfer)) == 0);
    for (; c != NULL && more && at < len; at += n) {
        n = next_cut(&cuts, len - at);
        more = feed(c, data + at, n, &cuts, out, &error);
    }
    if (c != NULL && more)
        error = tw_coding_end(c);
    require(error == 0 || tw_coding_fault(c)[0] != '\0');
    tw_coding_free(c);
    return error;
}

static void check(const char *content, const char *transfer, const uint8_t *data, size_t len,
                  uint8_t seed)
{
    struct tw_buf whole = {0}, cut = {0};
    int a = run(content, transfer, data, len, (struct cuts){.whole = true}, &whole);
    int b = run(content, transfer, data, len, (struct cuts){.state = seed}, &cut);
    size_t same = whole.len < cut.len ? whole.len : cut.len;

    /* Of a fault, some of what came before may be lost; and how far a bomb was followed differs. */
    require(same == 0 || memcmp(whole.data, cut.data, same) == 0);
    if (whole.len <= OUTPUT_MAX - TW_CODING_PIECE && cut.len <= OUTPUT_MAX - TW_CODING_PIECE)
        require(a == b && (a != 0 || whole.len == cut.len));
    tw_buf_free(&whole);
    tw_buf_free(&cut);
}

/* The body in all of the codings, the transfer's last. */
static struct origin_bytes pack(const char *content, const char *transfer, const uint8_t *data,
                                size_t len)
{
    struct origin_bytes bytes = {0}, packed = {0}, list = {0};
    struct origin_coder *coder;
    size_t left;

    origin_bytes_add(&bytes, data, len);
    origin_bytes_text(&list, content);
    origin_bytes_text(&list, transfer);
    coder = origin_coder_open((struct origin_span){(char *)list.p, list.n}, &bytes, 0);
    while ((left = origin_coder_left(coder)) > 0) {
        origin_bytes_reserve(&packed, left);
        packed.n += origin_coder_read(coder, packed.p + packed.n, left);
    }
    origin_coder_free(coder);
    origin_bytes_free(&list);
    return packed;
}

static void check_packed(char lists[2][64], const uint8_t *data, size_t len, uint8_t seed,
                         bool change)
{
    struct origin_bytes packed = pack(lists[0], lists[1], data, len);
    struct tw_buf out = {0};

    if (change) {
        packed.p[seed % packed.n] ^= (uint8_t)(1 << seed % 8);
    } else {
        require(run(lists[0], lists[1], packed.p, packed.n, (struct cuts){.state = seed}, &out) == 0);
        require(out.len == len && (len == 0 || memcmp(out.data, data, len) == 0));
    }
    check(lists[0], lists[1], packed.p, packed.n, seed);
    tw_buf_free(&out);
    origin_bytes_free(&packed);
}

enum { KNOWN = 4 };

/* How many of the data were read. */
static size_t read_lists(const uint8_t *data, size_t size, char lists[2][64], unsigned *known,
                         unsigned *count, uint8_t *last)
{
    static const char *const names[] = {"gzip", "deflate", "br", "zstd", "x-GZIP", "identity", "foo"};
    size_t at = 0;

    for (*count = *known = 0; *count < 6 && at < size; ++*count) {
        unsigned which;

        *last = data[at++];
        which = *last % 8;
        if (which == 7)
            break;
        strcat(lists[*last >> 7], names[which]);
        strcat(lists[*last >> 7], ",");
        *known += which < KNOWN;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char lists[2][64] = {"", ""};
    unsigned known, count;
    uint8_t last = 0;
    size_t at;

    if (size < 2)
        return 0;
    at = 1 + read_lists(data + 1, size - 1, lists, &known, &count, &last);
    if (known == count && known > 0 && known <= TW_CODINGS_MAX && (last & 0x40) != 0)
        check_packed(lists, data + at, size - at, data[0], (last & 0x20) != 0);
    else
        check(lists[0], lists[1], data + at, size - at, data[0]);
    return 0;
}
