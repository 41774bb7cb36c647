#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void die(void)
{
    fputs("origin: out of memory\n", stderr);
    abort();
}

void *origin_alloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p) {
        die();
    }
    return p;
}

void origin_bytes_reserve(struct origin_bytes *b, size_t more)
{
    size_t need, cap;

    if (more > SIZE_MAX / 2 - b->n) {
        die();
    }
    need = b->n + more;
    if (need <= b->cap) {
        return;
    }
    cap = b->cap ? b->cap : 512;
    while (cap < need) {
        cap *= 2;
    }
    b->p = realloc(b->p, cap);
    if (!b->p) {
        die();
    }
    b->cap = cap;
}

void origin_bytes_add(struct origin_bytes *b, const void *p, size_t n)
{
    if (n == 0) {
        return;
    }
    origin_bytes_reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void origin_bytes_text(struct origin_bytes *b, const char *text)
{
    origin_bytes_add(b, text, strlen(text));
}

void origin_bytes_span(struct origin_bytes *b, struct origin_span s)
{
    origin_bytes_add(b, s.p, s.n);
}

void origin_bytes_fill(struct origin_bytes *b, int byte, size_t n)
{
    if (n == 0) {
        return;
    }
    origin_bytes_reserve(b, n);
    memset(b->p + b->n, byte, n);
    b->n += n;
}

void origin_bytes_print(struct origin_bytes *b, const char *format, ...)
{
    va_list args;
    size_t room;
    int n;

    origin_bytes_reserve(b, 128);
    room = b->cap - b->n;
    va_start(args, format);
    n = vsnprintf((char *)b->p + b->n, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n >= room) {
        origin_bytes_reserve(b, (size_t)n + 1);
        va_start(args, format);
        n = vsnprintf((char *)b->p + b->n, b->cap - b->n, format, args);
        va_end(args);
    }
    if (n > 0) {
        b->n += (size_t)n;
    }
}

void origin_bytes_html(struct origin_bytes *b, struct origin_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            origin_bytes_text(b, "&amp;");
            break;
        case '<':
            origin_bytes_text(b, "&lt;");
            break;
        case '>':
            origin_bytes_text(b, "&gt;");
            break;
        case '"':
            origin_bytes_text(b, "&quot;");
            break;
        default:
            origin_bytes_add(b, s.p + i, 1);
        }
    }
}

void origin_bytes_drop(struct origin_bytes *b, size_t n)
{
    if (n == 0) {
        return;
    }
    b->n -= n;
    if (b->n == 0) {
        origin_bytes_free(b);
        return;
    }
    memmove(b->p, b->p + n, b->n);
}

void origin_bytes_free(struct origin_bytes *b)
{
    free(b->p);
    b->p = NULL;
    b->n = 0;
    b->cap = 0;
}

bool origin_span_is(struct origin_span s, const char *text)
{
    return s.p && s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

bool origin_span_same(struct origin_span s, const char *text)
{
    return s.p && s.n == strlen(text) && strncasecmp(s.p, text, s.n) == 0;
}

bool origin_span_number(struct origin_span s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;

    if (s.n == 0) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)(unsigned char)s.p[i] - '0';
        if (digit > 9 || digit > max || v > (max - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    *value = v;
    return true;
}

uint64_t origin_span_hash(struct origin_span s, uint64_t seed)
{
    uint64_t h = seed ^ 0xcbf29ce484222325u;

    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    }
    return h ^ (h >> 29);
}
