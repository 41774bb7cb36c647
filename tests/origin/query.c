#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "coder.h"

enum kind { NUMBER, FLAG, CHOICE, TEXT, CODINGS };

struct param {
    const char *name;
    enum kind kind;
    size_t at;
    uint64_t max;     /* of a number */
    const char *form; /* the choices, or what stands after '=' in the help */
    const char *help;
};

#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)
#define AT(field) offsetof(struct origin_query, field)

static const struct param params[] = {
    {"size", NUMBER, AT(size), TIB, "N", "bytes of the decoded body (1000)"},
    {"latency", NUMBER, AT(latency), 3600000, "MS", "wait before the first byte"},
    {"status", NUMBER, AT(status), 999, "N", "status code (200)"},
    {"title", TEXT, AT(title), 0, "TEXT", "the page's title, UTF-8"},
    {"body", TEXT, AT(body), 0, "TEXT", "exactly these bytes in place of a page"},
    {"links", NUMBER, AT(links), 100000, "N", "N links to /page/K with this same query"},
    {"of", NUMBER, AT(of), INT32_MAX, "M", "K is below M (1000); each page is reached"},
    {"chunked", NUMBER, AT(chunked), TIB, "N", "chunked framing, chunks of N bytes"},
    {"framing", CHOICE, AT(framing), 0, "length|chunked|close", "how the body ends (length)"},
    {"encoding", CODINGS, AT(encoding), 0, "gzip|deflate|br|zstd,...", "Content-Encoding"},
    {"says", TEXT, AT(says), 0, "TEXT", "what that header says in place of the truth"},
    {"transfer", FLAG, AT(transfer), 1, "0|1", "it is a Transfer-Encoding, chunked"},
    {"charset", TEXT, AT(charset), 0, "LABEL", "body in that charset, with a sample of it"},
    {"declare", CHOICE, AT(declare), 0, "header|bom|meta|none", "where it is named (header)"},
    {"type", TEXT, AT(type), 0, "MIME", "Content-Type; empty leaves it out"},
    {"keepalive", FLAG, AT(keepalive), 1, "0|1", "0 closes; 1 keeps even after length="},
    {"n", NUMBER, AT(n), 1000000, "K", "K redirects, then the rest of the query"},
    {"code", NUMBER, AT(code), 999, "N", "status of the redirects (302)"},
    {"to", TEXT, AT(to), 0, "URL", "redirect there, these exact bytes"},
    {"loop", FLAG, AT(loop), 1, "0|1", "redirect to itself for ever"},
    {"noloc", FLAG, AT(noloc), 1, "0|1", "redirect without a Location"},
    {"reset", NUMBER, AT(reset), TIB, "N", "N bytes of the response, then a TCP reset"},
    {"close", NUMBER, AT(close), TIB, "N", "N bytes, then an orderly close"},
    {"stall", NUMBER, AT(stall), TIB, "N", "N bytes, then silence until the peer closes"},
    {"endless", FLAG, AT(endless), 1, "0|1", "a body that never ends"},
    {"drip", NUMBER, AT(drip), TIB, "N", "send the body at N bytes a second"},
    {"length", NUMBER, AT(length), INT64_MAX, "N", "announce that Content-Length, then close"},
    {"noreply", FLAG, AT(noreply), 1, "0|1", "close after the request without a word"},
    {"malformed", CHOICE, AT(malformed), 0,
     "status|header|chunk|chunksize|version|http09|nul|fold|dup-length", "break HTTP there"},
    {"headers", NUMBER, AT(headers), 1000000, "N", "N further headers X-Extra-I"},
    {"header-size", NUMBER, AT(header_size), 64 * MIB, "N", "a header X-Big, value of N bytes"},
    {"bomb", NUMBER, AT(bomb), TIB, "N", "body=, then N zeros, in the encoding (gzip)"},
    {"cut", NUMBER, AT(cut), TIB, "N", "without the last N bytes of what is encoded"},
    {"flip", NUMBER, AT(flip), TIB, "N", "with the Nth byte from its end flipped"},
    {"junk", NUMBER, AT(junk), MIB, "N", "with N zeros after its end"},
    {"badgzip", CHOICE, AT(badgzip), 0, "1|crc", "gzip that breaks at its first block or checksum"},
    {"continue", FLAG, AT(informational), 1, "0|1", "a 100 and a 103 come first"},
    {"trailers", FLAG, AT(trailers), 1, "0|1", "chunked, with trailers"},
    {"fail", NUMBER, AT(fail), INT64_MAX, "K", "the first K requests with this key fail"},
    {"key", TEXT, AT(key), 0, "TEXT", "name to count under (the path)"},
    {"with", TEXT, AT(with), 0, "NNN|reset|close", "how they fail (503)"},
    {"retry-after", TEXT, AT(retry_after), 0, "TEXT|date+N", "Retry-After; a date N s ahead"},
    {"auth", CHOICE, AT(auth), 0, "basic", "401 without user:password"},
};
#define PARAMS (sizeof params / sizeof params[0])

static int64_t *number_at(struct origin_query *q, const struct param *p)
{
    return (int64_t *)(void *)((char *)q + p->at);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t decode(char *p, size_t n)
{
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '%' && i + 2 < n && hex(p[i + 1]) >= 0 && hex(p[i + 2]) >= 0) {
            p[out++] = (char)(hex(p[i + 1]) << 4 | hex(p[i + 2]));
            i += 2;
        } else {
            p[out++] = p[i];
        }
    }
    return out;
}

/* The place of s among words parted by '|', from 1; 0 when it is none of them. */
static int choice(const char *words, struct origin_span s)
{
    for (int i = 1; *words; i++) {
        size_t n = strcspn(words, "|");
        if (n == s.n && memcmp(words, s.p, n) == 0) {
            return i;
        }
        words += n + (words[n] == '|');
    }
    return 0;
}

static bool set(struct origin_query *q, const struct param *p, struct origin_span value)
{
    uint64_t number = 1;
    int which;

    switch (p->kind) {
    case CODINGS:
        if (!origin_coder_knows(value)) {
            return false;
        }
        /* fall through */
    case TEXT:
        *(struct origin_span *)(void *)((char *)q + p->at) = value;
        return true;
    case CHOICE:
        which = choice(p->form, value);
        *number_at(q, p) = which;
        return which != 0;
    case FLAG:
    case NUMBER:
        if (p->kind == NUMBER || value.n) {
            if (!origin_span_number(value, p->max, &number)) {
                return false;
            }
        }
        *number_at(q, p) = (int64_t)number;
        return true;
    }
    return false;
}

static bool read_one(struct origin_query *q, char *text, size_t n, struct origin_bytes *why)
{
    char *eq = memchr(text, '=', n);
    struct origin_span name = {text, eq ? (size_t)(eq - text) : n};
    struct origin_span value = {text + n, 0};

    if (eq) {
        value.p = eq + 1;
        value.n = decode(eq + 1, n - name.n - 1);
    }
    for (size_t i = 0; i < PARAMS; i++) {
        if (origin_span_is(name, params[i].name)) {
            if (set(q, &params[i], value)) {
                return true;
            }
            origin_bytes_print(why, "bad value for %s, which takes %s\n", params[i].name,
                               params[i].form);
            return false;
        }
    }
    origin_bytes_text(why, "unknown parameter ");
    origin_bytes_span(why, name);
    origin_bytes_text(why, "\n");
    return false;
}

bool origin_query_parse(struct origin_query *q, struct origin_span text,
                        struct origin_bytes *why)
{
    char *p, *end;

    memset(q, 0, sizeof *q);
    for (size_t i = 0; i < PARAMS; i++) {
        if (params[i].kind == NUMBER || params[i].kind == FLAG) {
            *number_at(q, &params[i]) = -1;
        }
    }
    if (text.n == 0) {
        return true;
    }
    q->store = origin_alloc(text.n);
    memcpy(q->store, text.p, text.n);
    end = q->store + text.n;
    for (p = q->store; p < end;) {
        char *amp = memchr(p, '&', (size_t)(end - p));
        size_t n = (size_t)((amp ? amp : end) - p);
        if (n && !read_one(q, p, n, why)) {
            return false;
        }
        p += n + 1;
    }
    return true;
}

void origin_query_free(struct origin_query *q)
{
    free(q->store);
    q->store = NULL;
}

void origin_query_help(FILE *out)
{
    for (size_t i = 0; i < PARAMS; i++) {
        const struct param *p = &params[i];
        int width = 26 - (int)strlen(p->name);
        bool fits = strlen(p->form) <= (size_t)width;
        fprintf(out, "  %s=%-*s%s%s\n", p->name, width, p->form,
                fits ? " " : "\n                              ", p->help);
    }
}
