#include "parse/idna.h"

#include <idn2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "trawl.h"

/* A longer label would need hundreds of ignorable characters for its ASCII form to fit the DNS.
 */
#define LABEL_MAX 1024

struct domain {
    char *out;
    size_t n;
    bool rtl; /* a "Bidi domain name": RFC 5893 then binds its other labels too */
};

static uint32_t code_point(const char *s, const char *end)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t left = (size_t)(end - s);
    if (p[0] >= 0xf0 && left >= 4)
        return (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
    if (p[0] >= 0xe0 && left >= 3)
        return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
    if (p[0] >= 0xc0 && left >= 2)
        return (p[0] & 31u) << 6 | (p[1] & 63u);
    return p[0];
}

/* U+002E and the three that UTS #46 maps to it. Returns its bytes, or 0. */
static size_t dot_len(const char *s, const char *end)
{
    uint32_t c = code_point(s, end);
    if (c == '.')
        return 1;
    return c == 0x3002 || c == 0xff0e || c == 0xff61 ? 3 : 0;
}

/* The blocks of right-to-left scripts, and the Hebrew letters among the symbols. */
static bool is_rtl(uint32_t c)
{
    return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
           (c >= 0xfe70 && c <= 0xfeff) || (c >= 0x10800 && c <= 0x10fff) ||
           (c >= 0x1e800 && c <= 0x1efff) || (c >= 0x2135 && c <= 0x2138);
}

/* What transitional processing would change. */
static bool is_deviation(uint32_t c)
{
    return c == 0xdf || c == 0x1e9e || c == 0x3c2 || c == 0x200c || c == 0x200d;
}

static bool any(const char *s, const char *end, bool (*is)(uint32_t))
{
    for (; s < end; s++)
        if (((unsigned char)*s & 0xc0) != 0x80 && is(code_point(s, end)))
            return true;
    return false;
}

static bool is_ascii(const char *s, const char *end)
{
    while (s < end && (unsigned char)*s < 0x80)
        s++;
    return s == end;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int append(struct domain *d, const char *s, size_t len)
{
    if (len > TW_IDNA_MAX - d->n)
        return TRAWL_EURL;
    memcpy(d->out + d->n, s, len);
    d->n += len;
    return 0;
}

/* RFC 5893, section 2, rules 1, 5 and 6, for what is ASCII at a left-to-right label's edges. */
static bool edges_fit_rtl(const char *s, const char *end)
{
    if (s == end)
        return true;
    if ((unsigned char)*s < 0x80 && !is_letter(*s))
        return false;
    char last = end[-1];
    return (unsigned char)last >= 0x80 || is_letter(last) || (last >= '0' && last <= '9');
}

static int error_of(int rc)
{
    return rc == IDN2_MALLOC ? TRAWL_ENOMEM : TRAWL_EURL;
}

/* libidn2 applies IDNA2008's own table of disallowed characters on top of UTS #46, which allows
 * symbols. Only its transitional mode leaves that table out, together with the Bidi and joiner
 * rules, so it is asked only where those rules and that mode's mapping have no say. */
static int look_up(const char *label, bool only_strict, int flags, uint8_t **out)
{
    const uint8_t *in = (const uint8_t *)label;
    int rc = idn2_lookup_u8(in, out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | flags);
    bool by_table = rc == IDN2_DISALLOWED || rc == IDN2_UNASSIGNED || rc == IDN2_CONTEXTO ||
                    rc == IDN2_CONTEXTO_NO_RULE;
    if (!by_table || only_strict)
        return rc;
    return idn2_lookup_u8(in, out, IDN2_NFC_INPUT | IDN2_TRANSITIONAL | flags);
}

/* A label that is not ASCII, or claims to be the encoding of one. */
static int put_encoded(struct domain *d, const char *s, const char *end, int flags)
{
    char label[LABEL_MAX];
    size_t len = (size_t)(end - s);
    if (len >= sizeof(label))
        return TRAWL_EURL;
    memcpy(label, s, len);
    label[len] = '\0';
    uint8_t *ascii = NULL;
    int rc = look_up(label, d->rtl || any(s, end, is_deviation), flags, &ascii);
    if (rc != IDN2_OK)
        return error_of(rc);
    rc = append(d, (const char *)ascii, strlen((const char *)ascii));
    idn2_free(ascii);
    return rc;
}

static int put_ascii(struct domain *d, const char *s, const char *end)
{
    char *to = d->out + d->n;
    int rc = append(d, s, (size_t)(end - s));
    if (rc)
        return rc;
    for (char *last = d->out + d->n; to < last; to++)
        if (*to >= 'A' && *to <= 'Z')
            *to = (char)(*to | 0x20);
    return 0;
}

static int put_label(struct domain *d, const char *s, const char *end)
{
    if (d->rtl && !any(s, end, is_rtl) && !edges_fit_rtl(s, end))
        return TRAWL_EURL;
    if (!is_ascii(s, end))
        return put_encoded(d, s, end, IDN2_NO_ALABEL_ROUNDTRIP);
    size_t len = (size_t)(end - s);
    bool ace =
        len >= 4 && (s[0] | 0x20) == 'x' && (s[1] | 0x20) == 'n' && s[2] == '-' && s[3] == '-';
    if (!ace)
        return put_ascii(d, s, end);
    /* Nothing, or ASCII alone, is not what an encoder makes. */
    return s[len - 1] == '-' ? TRAWL_EURL : put_encoded(d, s, end, 0);
}

int tw_idna_to_ascii(const char *name, size_t len, char *out, size_t *out_len)
{
    const char *end = name + len;
    struct domain d = {.out = out, .rtl = any(name, end, is_rtl)};
    for (const char *label = name, *s = name;; s++) {
        size_t dot = s < end ? dot_len(s, end) : 0;
        if (s < end && !dot)
            continue;
        int rc = put_label(&d, label, s);
        if (!rc && dot)
            rc = append(&d, ".", 1);
        if (rc)
            return rc;
        if (s == end)
            break;
        label = s + dot;
        s = label - 1;
    }
    *out_len = d.n;
    return 0;
}
