#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "origin.h"

#define DEFAULT_SIZE 1000u
#define TITLE_MAX 64u

static const char tail[] = "</p>\n</body>\n</html>\n";
#define TAIL (sizeof tail - 1)

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void origin_book_write(struct origin_book *book, uint64_t seed)
{
    static const char syllables[][4] = {"ba", "lo", "tir", "me", "nu", "ska", "rin", "do",
                                        "ve", "pal", "or", "ix", "se", "gun", "ta", "hel"};
    uint64_t state = seed;
    size_t at = 0, words = 0;

    book->seed = seed;
    while (at < ORIGIN_POOL) {
        uint64_t r = next(&state);
        for (uint64_t i = 0; i <= r % 3; i++) {
            const char *s = syllables[r >> (8 + 4 * i) & 15];
            while (*s && at < ORIGIN_POOL) {
                book->pool[at++] = (uint8_t)*s++;
            }
        }
        if (at < ORIGIN_POOL) {
            book->pool[at++] = ++words % 12 ? ' ' : '\n';
        }
    }
}

static void write_title(struct origin_bytes *b, const struct origin_request *rq,
                        const struct origin_query *q)
{
    struct origin_span path = rq->path;

    if (q->title.p) {
        origin_bytes_html(b, q->title);
        return;
    }
    origin_bytes_text(b, "Page ");
    path.n = path.n < TITLE_MAX ? path.n : TITLE_MAX;
    /* A path may hold any byte, and the page must be good UTF-8. */
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] > ' ' && path.p[i] < 0x7f) {
            origin_bytes_html(b, (struct origin_span){path.p + i, 1});
        }
    }
}

static uint64_t page_number(const struct origin_request *rq)
{
    struct origin_span rest = rq->path;
    uint64_t n = 0;

    if (rest.n > 6 && memcmp(rest.p, "/page/", 6) == 0) {
        rest.p += 6;
        rest.n -= 6;
        origin_span_number(rest, INT32_MAX, &n);
    }
    return n;
}

/* The first link leads to the next page of the ring, so that every page is reached. */
static void write_links(struct origin_bytes *b, const struct origin_book *book,
                        const struct origin_request *rq, const struct origin_query *q)
{
    uint64_t state = origin_span_hash(rq->path, book->seed);
    uint64_t pages = q->of > 0 ? (uint64_t)q->of : 1000;

    for (int64_t i = 0; i < q->links; i++) {
        uint64_t to = i ? next(&state) % pages : (page_number(rq) + 1) % pages;
        origin_bytes_print(b, "<a href=\"/page/%llu?", (unsigned long long)to);
        origin_bytes_html(b, rq->query);
        origin_bytes_print(b, "\">page %llu</a>\n", (unsigned long long)to);
    }
}

static void write_head(struct origin_bytes *b, const struct origin_book *book,
                       const struct origin_request *rq, const struct origin_query *q,
                       struct origin_span label)
{
    if (q->declare == DECLARE_BOM) {
        origin_bytes_text(b, "\xef\xbb\xbf");
    }
    origin_bytes_text(b, "<!doctype html>\n<html lang=\"en\"><head>");
    if (q->declare == DECLARE_META) {
        origin_bytes_text(b, "<meta charset=\"");
        origin_bytes_html(b, label);
        origin_bytes_text(b, "\">");
    }
    origin_bytes_text(b, "<title>");
    write_title(b, rq, q);
    origin_bytes_text(b, "</title></head>\n<body>\n");
    write_links(b, book, rq, q);
    origin_bytes_text(b, "<p>");
}

/* Cuts a page that is longer than asked, fills one that is shorter. */
static void fit(struct origin_body *body, const struct origin_query *q)
{
    uint64_t size = q->size >= 0 ? (uint64_t)q->size : DEFAULT_SIZE;
    size_t least = body->head.n + TAIL;

    body->tail = tail;
    body->tail_left = TAIL;
    if (size >= least) {
        body->fill = size - least;
    } else if (q->size >= 0) {
        body->head.n = body->head.n < size ? body->head.n : (size_t)size;
        body->tail_left = (size_t)size - body->head.n;
    }
}

static void add_filler(struct origin_bytes *out, struct origin_body *plain, uint64_t bytes,
                       size_t unit, struct origin_span label)
{
    struct origin_bytes text = {0};

    plain->fill = bytes / unit;
    origin_bytes_reserve(&text, (size_t)plain->fill + 1);
    plain->head_at = plain->head.n;
    text.n = origin_body_read(plain, text.p, (size_t)plain->fill);
    origin_charset_add(out, label, text.p, text.n);
    origin_bytes_free(&text);
}

/* A page in a charset is built whole: every part is converted by itself. */
static bool translate(struct origin_body *body, const struct origin_query *q,
                      struct origin_span label)
{
    uint64_t size = q->size >= 0 ? (uint64_t)q->size : DEFAULT_SIZE;
    size_t unit = origin_charset_unit(label);
    struct origin_body whole = {0};
    struct origin_bytes *out = &whole.head;
    size_t room;

    if (!origin_charset_add(out, label, body->head.p, body->head.n)) {
        origin_bytes_free(out);
        return false;
    }
    room = out->n + TAIL * unit;
    if (size > room) {
        add_filler(out, body, size - room, unit, label);
    }
    origin_charset_add(out, label, tail, TAIL);
    if (q->size >= 0 && out->n > size) {
        out->n = (size_t)size;
    }
    origin_body_free(body);
    *body = whole;
    return true;
}

static bool refuse(struct origin_bytes *why, const char *reason)
{
    origin_bytes_text(why, reason);
    return false;
}

static bool make_foreign(struct origin_body *body, const struct origin_query *q,
                         struct origin_span label, struct origin_bytes *why)
{
    char name[32];
    const char *sample;

    if (q->endless > 0 || (q->size >= 0 && (uint64_t)q->size > ORIGIN_WHOLE_MAX)) {
        return refuse(why, "charset goes with at most 64 MiB\n");
    }
    if (q->declare == DECLARE_BOM && !origin_charset_has_bom(label)) {
        return refuse(why, "declare=bom goes with charset=utf-8, utf-16le and utf-16be\n");
    }
    if (label.n >= sizeof name) {
        return refuse(why, "unknown charset\n");
    }
    memcpy(name, label.p, label.n);
    name[label.n] = '\0';
    sample = origin_sample(name);
    if (!sample) {
        return refuse(why, "unknown charset\n");
    }
    origin_bytes_text(&body->head, sample);
    origin_bytes_text(&body->head, " ");
    return translate(body, q, label) || refuse(why, "title is not in that charset\n");
}

struct origin_span origin_page_charset(const struct origin_query *q)
{
    if (!q->charset.p && q->declare) {
        return (struct origin_span){"utf-8", 5};
    }
    return q->charset;
}

bool origin_page_make(const struct origin_book *book, const struct origin_request *rq,
                      const struct origin_query *q, struct origin_body *body,
                      struct origin_bytes *why)
{
    struct origin_span label = origin_page_charset(q);

    write_head(&body->head, book, rq, q, label);
    body->pool = book->pool;
    body->pool_at = (size_t)(origin_span_hash(rq->path, book->seed) % ORIGIN_POOL);
    if (label.p) {
        return make_foreign(body, q, label, why);
    }
    if (q->endless > 0) {
        body->fill = ORIGIN_ENDLESS;
    } else {
        fit(body, q);
    }
    return true;
}
