/* The first byte chooses the charset given, the second the number of characters, the third
 * where a body that is cut off ends; then the Content-Type to a NUL, then the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "parse/charset.h"
#include "parse/text.h"

static const char *const names[] = {
    NULL,           "UTF-8",        "UTF-16LE",    "UTF-16BE",       "windows-1252",
    "windows-1255", "windows-1258", "macintosh",   "KOI8-U",         "ISO-8859-8",
    "Shift_JIS",    "EUC-JP",       "ISO-2022-JP", "EUC-KR",         "GBK",
    "gb18030",      "Big5",         "replacement", "IBM866",         "windows-1251",
    "windows-874",  "ISO-8859-16",  "unknown",     "x-user-defined",
};

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_excerpt(struct tw_text *text, const char *charset, const uint8_t *body,
                          size_t len, size_t n, size_t cut)
{
    struct tw_buf some = {0}, all = {0}, prefix = {0};

    require(tw_text_excerpt(text, &some, charset, body, len, n) == 0);
    require(tw_text_excerpt(text, &all, charset, body, len, SIZE_MAX) == 0);
    require(tw_text_is_utf8(some.data, some.len) && tw_text_is_utf8(all.data, all.len));
    require(some.len == 0 || u8_mbsnlen((const uint8_t *)some.data, some.len) <= n);
    require(some.len <= all.len &&
            (some.len == 0 || memcmp(some.data, all.data, some.len) == 0));
    require(some.data == NULL || some.data[some.len] == '\0');
    /* Without a charset the rest of the body may tell that it is not in UTF-8 after all; and a
     * cut byte order mark is none. */
    if (charset != NULL && strcmp(charset, "unknown") != 0 && cut >= 3) {
        require(tw_text_excerpt(text, &prefix, charset, body, cut, SIZE_MAX) == 0);
        require(prefix.len <= all.len);
        require(prefix.len == 0 || memcmp(prefix.data, all.data, prefix.len) == 0);
    }
    tw_buf_free(&some);
    tw_buf_free(&all);
    tw_buf_free(&prefix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tw_text *text;
    const char *type, *sniffed;
    size_t type_len, cut;

    if (text == NULL)
        require(tw_text_open(&text) == 0);
    if (size < 4 || memchr(data + 3, '\0', size - 3) == NULL)
        return 0;
    type = (const char *)data + 3;
    type_len = strlen(type);
    size -= 4 + type_len;
    cut = size < data[2] ? size : data[2];
    sniffed = tw_charset_sniff(type, type + type_len + 1, size);
    /* What is found is a name, and so a label of itself. */
    require(sniffed == NULL ||
            strcmp(tw_charset_label(sniffed, strlen(sniffed)), sniffed) == 0);
    check_excerpt(text, sniffed, (const uint8_t *)type + type_len + 1, size, data[1], cut);
    check_excerpt(text, names[data[0] % (sizeof(names) / sizeof(names[0]))],
                  (const uint8_t *)type + type_len + 1, size, data[1], cut);
    return 0;
}
