/* The names of HTML that the link scanner knows, in tables that are looked up with one
 * multiplication. The multipliers were found by trial: two names at one place do not compile.
 */
#ifndef TW_PARSE_HTML_NAMES_H
#define TW_PARSE_HTML_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// clang-format off

/* The name, and its first eight bytes. */
#define TW_TAGS(X)                                                    \
    X(A, "a", 'a', 0, 0, 0, 0, 0, 0, 0)                               \
    X(AREA, "area", 'a', 'r', 'e', 'a', 0, 0, 0, 0)                   \
    X(AUDIO, "audio", 'a', 'u', 'd', 'i', 'o', 0, 0, 0)               \
    X(BASE, "base", 'b', 'a', 's', 'e', 0, 0, 0, 0)                   \
    X(BODY, "body", 'b', 'o', 'd', 'y', 0, 0, 0, 0)                   \
    X(EMBED, "embed", 'e', 'm', 'b', 'e', 'd', 0, 0, 0)               \
    X(FORM, "form", 'f', 'o', 'r', 'm', 0, 0, 0, 0)                   \
    X(FRAME, "frame", 'f', 'r', 'a', 'm', 'e', 0, 0, 0)               \
    X(FRAMESET, "frameset", 'f', 'r', 'a', 'm', 'e', 's', 'e', 't')   \
    X(HEAD, "head", 'h', 'e', 'a', 'd', 0, 0, 0, 0)                   \
    X(HTML, "html", 'h', 't', 'm', 'l', 0, 0, 0, 0)                   \
    X(IFRAME, "iframe", 'i', 'f', 'r', 'a', 'm', 'e', 0, 0)           \
    X(IMAGE, "image", 'i', 'm', 'a', 'g', 'e', 0, 0, 0)               \
    X(IMG, "img", 'i', 'm', 'g', 0, 0, 0, 0, 0)                       \
    X(INPUT, "input", 'i', 'n', 'p', 'u', 't', 0, 0, 0)               \
    X(LINK, "link", 'l', 'i', 'n', 'k', 0, 0, 0, 0)                   \
    X(MATH, "math", 'm', 'a', 't', 'h', 0, 0, 0, 0)                   \
    X(META, "meta", 'm', 'e', 't', 'a', 0, 0, 0, 0)                   \
    X(NOEMBED, "noembed", 'n', 'o', 'e', 'm', 'b', 'e', 'd', 0)       \
    X(NOFRAMES, "noframes", 'n', 'o', 'f', 'r', 'a', 'm', 'e', 's')   \
    X(NOSCRIPT, "noscript", 'n', 'o', 's', 'c', 'r', 'i', 'p', 't')   \
    X(OBJECT, "object", 'o', 'b', 'j', 'e', 'c', 't', 0, 0)           \
    X(PLAINTEXT, "plaintext", 'p', 'l', 'a', 'i', 'n', 't', 'e', 'x') \
    X(SCRIPT, "script", 's', 'c', 'r', 'i', 'p', 't', 0, 0)           \
    X(SOURCE, "source", 's', 'o', 'u', 'r', 'c', 'e', 0, 0)           \
    X(STYLE, "style", 's', 't', 'y', 'l', 'e', 0, 0, 0)               \
    X(SVG, "svg", 's', 'v', 'g', 0, 0, 0, 0, 0)                       \
    X(TEMPLATE, "template", 't', 'e', 'm', 'p', 'l', 'a', 't', 'e')   \
    X(TEXTAREA, "textarea", 't', 'e', 'x', 't', 'a', 'r', 'e', 'a')   \
    X(TITLE, "title", 't', 'i', 't', 'l', 'e', 0, 0, 0)               \
    X(TRACK, "track", 't', 'r', 'a', 'c', 'k', 0, 0, 0)               \
    X(USE, "use", 'u', 's', 'e', 0, 0, 0, 0, 0)                       \
    X(VIDEO, "video", 'v', 'i', 'd', 'e', 'o', 0, 0, 0)               \
    X(XMP, "xmp", 'x', 'm', 'p', 0, 0, 0, 0, 0)                       \
    X(BASEFONT, "basefont", 'b', 'a', 's', 'e', 'f', 'o', 'n', 't')   \
    X(BGSOUND, "bgsound", 'b', 'g', 's', 'o', 'u', 'n', 'd', 0)

/* Those before METHOD hold links. */
#define TW_ATTRIBUTES(X)                                                                      \
    X(HREF, "href", 'h', 'r', 'e', 'f', 0, 0, 0, 0)                                           \
    X(XLINK_HREF, "xlink:href", 'x', 'l', 'i', 'n', 'k', ':', 'h', 'r')                       \
    X(SRC, "src", 's', 'r', 'c', 0, 0, 0, 0, 0)                                               \
    X(SRCSET, "srcset", 's', 'r', 'c', 's', 'e', 't', 0, 0)                                   \
    X(IMAGESRCSET, "imagesrcset", 'i', 'm', 'a', 'g', 'e', 's', 'r', 'c')                     \
    X(POSTER, "poster", 'p', 'o', 's', 't', 'e', 'r', 0, 0)                                   \
    X(DATA, "data", 'd', 'a', 't', 'a', 0, 0, 0, 0)                                           \
    X(ACTION, "action", 'a', 'c', 't', 'i', 'o', 'n', 0, 0)                                   \
    X(BACKGROUND, "background", 'b', 'a', 'c', 'k', 'g', 'r', 'o', 'u')                       \
    X(CONTENT, "content", 'c', 'o', 'n', 't', 'e', 'n', 't', 0)                               \
    X(STYLE, "style", 's', 't', 'y', 'l', 'e', 0, 0, 0)                                       \
    X(DATA_SRC, "data-src", 'd', 'a', 't', 'a', '-', 's', 'r', 'c')                           \
    X(DATA_SRCSET, "data-srcset", 'd', 'a', 't', 'a', '-', 's', 'r', 'c')                     \
    X(DATA_ORIGINAL, "data-original", 'd', 'a', 't', 'a', '-', 'o', 'r', 'i')                 \
    X(DATA_LAZY, "data-lazy", 'd', 'a', 't', 'a', '-', 'l', 'a', 'z')                         \
    X(DATA_LAZY_SRC, "data-lazy-src", 'd', 'a', 't', 'a', '-', 'l', 'a', 'z')                 \
    X(DATA_LAZY_SRCSET, "data-lazy-srcset", 'd', 'a', 't', 'a', '-', 'l', 'a', 'z')           \
    X(DATA_BG, "data-bg", 'd', 'a', 't', 'a', '-', 'b', 'g', 0)                               \
    X(DATA_BACKGROUND_IMAGE, "data-background-image", 'd', 'a', 't', 'a', '-', 'b', 'a', 'c') \
    X(METHOD, "method", 'm', 'e', 't', 'h', 'o', 'd', 0, 0)                                   \
    X(HTTP_EQUIV, "http-equiv", 'h', 't', 't', 'p', '-', 'e', 'q', 'u')                       \
    X(NAME, "name", 'n', 'a', 'm', 'e', 0, 0, 0, 0)                                           \
    X(REL, "rel", 'r', 'e', 'l', 0, 0, 0, 0, 0)                                               \
    X(TYPE, "type", 't', 'y', 'p', 'e', 0, 0, 0, 0)                                           \
    X(ENCODING, "encoding", 'e', 'n', 'c', 'o', 'd', 'i', 'n', 'g')                           \
    X(COLOR, "color", 'c', 'o', 'l', 'o', 'r', 0, 0, 0)                                       \
    X(FACE, "face", 'f', 'a', 'c', 'e', 0, 0, 0, 0)                                           \
    X(SIZE, "size", 's', 'i', 'z', 'e', 0, 0, 0, 0)

// clang-format on

enum tw_tag {
    TW_TAG_OTHER,
#define X(id, name, ...) TW_TAG_##id,
    TW_TAGS(X)
#undef X
        TW_TAG_COUNT,
};

enum tw_attribute {
#define X(id, name, ...) TW_ATTR_##id,
    TW_ATTRIBUTES(X)
#undef X
        TW_ATTR_COUNT,
    TW_ATTR_NONE = TW_ATTR_COUNT,
};

#define TW_ATTR_LINKS TW_ATTR_METHOD   /* how many can hold links */
#define TW_ATTR_LAZY  TW_ATTR_DATA_SRC /* from here on they are scripts' */

extern const char *const tw_tag_names[TW_TAG_COUNT];
extern const char *const tw_attribute_names[TW_ATTR_COUNT + 1];

/* ---- Lookup, for the tokenizer alone ----------------------------------------------------- */

struct tw_html_name {
    uint64_t key; /* its first eight bytes */
    uint8_t len;
    uint8_t id;
};

#define TW_NAME_BYTE(c, n) ((uint64_t)(c) << (8 * (n)))
#define TW_NAME_KEY(a, b, c, d, e, f, g, h)                                                    \
    (TW_NAME_BYTE(a, 0) | TW_NAME_BYTE(b, 1) | TW_NAME_BYTE(c, 2) | TW_NAME_BYTE(d, 3) |       \
     TW_NAME_BYTE(e, 4) | TW_NAME_BYTE(f, 5) | TW_NAME_BYTE(g, 6) | TW_NAME_BYTE(h, 7))

/* The first eight bytes in lower case: setting a bit does that to letters, and makes letters of
 * nothing else. Bytes before end can be read. */
static inline uint64_t tw_name_key(const char *p, size_t len, const char *end)
{
    uint64_t key = 0;

    if (end - p >= 8)
        memcpy(&key, p, 8);
    else
        memcpy(&key, p, len < 8 ? len : 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    key = __builtin_bswap64(key);
#endif
    key |= 0x2020202020202020u;
    return len < 8 ? key & (((uint64_t)1 << (8 * len)) - 1) : key;
}

#endif
