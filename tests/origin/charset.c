#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "origin.h"
#include "page.h"

#define LATIN "Gr\xc3\xbc\xc3\x9f" "e, cr\xc3\xa8me br\xc3\xbbl\xc3\xa9" "e, se\xc3\xb1or"
#define CENTRAL "\xc5\xbd" "lu\xc5\xa5ou\xc4\x8dk\xc3\xbd k\xc5\xaf\xc5\x88"
#define GREEK "\xce\x9a\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1"
#define CYRILLIC "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xd0\xbc\xd0\xb8\xd1\x80"
#define JAPANESE "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe9\xa0\x81"
#define KOREAN "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4 \xec\xaa\xbd"
#define CHINESE "\xe4\xb8\xad\xe6\x96\x87\xe7\xbd\x91\xe9\xa1\xb5"
#define TAIWAN "\xe4\xb8\xad\xe6\x96\x87\xe7\xb6\xb2\xe9\xa0\x81"

struct charset {
    const char *label;
    const char *name; /* iconv's name for what browsers understand by the label */
    const char *sample;
};

/* Labels as in the Encoding Standard, section 4.2. */
static const struct charset charsets[] = {
    {"utf-8", "UTF-8", LATIN " " CYRILLIC " " JAPANESE " \xf0\x9f\x9a\x82"},
    {"utf-16le", "UTF-16LE", LATIN " " CYRILLIC " " JAPANESE " \xf0\x9f\x9a\x82"},
    {"utf-16be", "UTF-16BE", LATIN " " CYRILLIC " " JAPANESE " \xf0\x9f\x9a\x82"},
    {"windows-1250", "CP1250", CENTRAL},
    {"windows-1251", "CP1251", CYRILLIC},
    {"windows-1252", "CP1252", LATIN " \xe2\x82\xac"},
    {"windows-1253", "CP1253", GREEK},
    {"iso-8859-1", "CP1252", LATIN " \xe2\x82\xac"},
    {"iso-8859-2", "ISO-8859-2", CENTRAL},
    {"iso-8859-5", "ISO-8859-5", CYRILLIC},
    {"iso-8859-7", "ISO-8859-7", GREEK},
    {"iso-8859-15", "ISO-8859-15", LATIN " \xe2\x82\xac"},
    {"koi8-r", "KOI8-R", CYRILLIC},
    {"koi8-u", "KOI8-U", CYRILLIC},
    {"shift_jis", "CP932", JAPANESE},
    {"euc-jp", "EUC-JP", JAPANESE},
    {"iso-2022-jp", "ISO-2022-JP", JAPANESE},
    {"euc-kr", "CP949", KOREAN},
    {"gbk", "GBK", CHINESE},
    {"gb18030", "GB18030", CHINESE " \xf0\x9f\x9a\x82"},
    {"big5", "BIG5-HKSCS", TAIWAN},
};

static const struct charset *find(struct origin_span label)
{
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++) {
        if (origin_span_same(label, charsets[i].label)) {
            return &charsets[i];
        }
    }
    return NULL;
}

const char *origin_sample(const char *label)
{
    const struct charset *c = find((struct origin_span){label, strlen(label)});

    return c ? c->sample : NULL;
}

size_t origin_charset_unit(struct origin_span label)
{
    return label.n > 6 && strncasecmp(label.p, "utf-16", 6) == 0 ? 2 : 1;
}

bool origin_charset_has_bom(struct origin_span label)
{
    return origin_span_same(label, "utf-8") || origin_charset_unit(label) == 2;
}

bool origin_charset_add(struct origin_bytes *out, struct origin_span label, const void *text,
                        size_t n)
{
    const struct charset *c = find(label);
    char *from = (char *)(uintptr_t)text;
    char *to;
    size_t room;
    size_t bad;
    iconv_t cd;

    if (!c) {
        return false;
    }
    cd = iconv_open(c->name, "UTF-8");
    if (cd == (iconv_t)-1) {
        return false;
    }
    /* No charset of the table takes more than twice the bytes of UTF-8, plus a shift sequence. */
    origin_bytes_reserve(out, 2 * n + 16);
    to = (char *)out->p + out->n;
    room = out->cap - out->n;
    bad = iconv(cd, &from, &n, &to, &room);
    if (bad == 0) {
        bad = iconv(cd, NULL, NULL, &to, &room);
    }
    iconv_close(cd);
    if (bad != 0) {
        return false;
    }
    out->n = out->cap - room;
    return true;
}
