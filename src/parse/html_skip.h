/* How the HTML tokenizer gets over bytes that decide nothing: sixteen at a time where there is
 * SSE2. All return end if they find nothing. */
#ifndef TW_PARSE_HTML_SKIP_H
#define TW_PARSE_HTML_SKIP_H

#include <stdbool.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TW_HTML_SPACE  1 /* ASCII whitespace */
#define TW_HTML_SLASH  2
#define TW_HTML_CLOSE  4 /* '>' */
#define TW_HTML_EQUALS 8

static const unsigned char tw_html_class[256] = {
    ['\t'] = TW_HTML_SPACE, ['\n'] = TW_HTML_SPACE, ['\f'] = TW_HTML_SPACE,
    ['\r'] = TW_HTML_SPACE, [' '] = TW_HTML_SPACE,  ['/'] = TW_HTML_SLASH,
    ['>'] = TW_HTML_CLOSE,  ['='] = TW_HTML_EQUALS,
};

static inline bool tw_html_is(char c, unsigned classes)
{
    return (tw_html_class[(unsigned char)c] & classes) != 0;
}

static inline const char *tw_skip_to(const char *p, const char *end, char c)
{
    const char *found;

#ifdef __SSE2__
    __m128i wanted = _mm_set1_epi8(c);

    /* What is near, without a call. */
    for (int i = 0; i < 4 && end - p >= 16; i++, p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(x, wanted));

        if (hits != 0)
            return p + __builtin_ctz((unsigned)hits);
    }
#endif
    if (p == end)
        return end;
    found = memchr(p, c, (size_t)(end - p));
    return found != NULL ? found : end;
}

/* Up to the quote. *plain becomes false if a byte before it needs decoding: '&', a control or
 * one that is not ASCII. */
static inline const char *tw_skip_value(const char *p, const char *end, char quote, bool *plain)
{
    unsigned char c;
    bool odd = false;

#ifdef __SSE2__
    __m128i wanted = _mm_set1_epi8(quote), reference = _mm_set1_epi8('&');
    __m128i last_control = _mm_set1_epi8(0x1F);

    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(x, wanted));
        /* Signed: bytes from 0x80 up are less than the controls. */
        int usual = _mm_movemask_epi8(
            _mm_andnot_si128(_mm_cmpeq_epi8(x, reference), _mm_cmpgt_epi8(x, last_control)));

        if (hits != 0) {
            int at = __builtin_ctz((unsigned)hits);

            *plain = !odd && (~usual & ((1 << at) - 1)) == 0;
            return p + at;
        }
        odd |= usual != 0xFFFF;
    }
#endif
    for (; p < end && *p != quote; p++) {
        c = (unsigned char)*p;
        odd |= c == '&' || c < 0x20 || c >= 0x80;
    }
    *plain = !odd;
    return p;
}

/* Up to the first byte of the classes. */
static inline const char *tw_skip_name(const char *p, const char *end, unsigned classes)
{
#ifdef __SSE2__
    if (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* 9 to 13: one too many, which the loop below looks at again. */
        __m128i low = _mm_sub_epi8(x, _mm_set1_epi8(9));
        __m128i space = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(low, _mm_set1_epi8(4)), low),
                                     _mm_cmpeq_epi8(x, _mm_set1_epi8(' ')));
        __m128i mark = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('/')),
                                                 _mm_cmpeq_epi8(x, _mm_set1_epi8('>'))),
                                    _mm_cmpeq_epi8(x, _mm_set1_epi8('=')));
        int hits = _mm_movemask_epi8(_mm_or_si128(space, mark));

        p += hits != 0 ? __builtin_ctz((unsigned)hits) : 16;
    }
#endif
    while (p < end && !tw_html_is(*p, classes))
        p++;
    return p;
}

/* Up to a first that has second after it, a letter in lower case, in either case. Looks at what
 * begins before limit, and returns limit or a little more if there is none. */
static inline const char *tw_skip_pair(const char *p, const char *end, char first, char second,
                                       const char *limit)
{
#ifdef __SSE2__
    __m128i a = _mm_set1_epi8(first), b = _mm_set1_epi8(second), lower = _mm_set1_epi8(0x20);

    for (; p < limit && end - p >= 17; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
        int hits = _mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(x, a), _mm_cmpeq_epi8(_mm_or_si128(y, lower), b)));

        if (hits != 0)
            return p + __builtin_ctz((unsigned)hits);
    }
#endif
    while (p < limit && (end - p < 2 || *p != first || (p[1] | 0x20) != second))
        p++;
    return p;
}

#endif
