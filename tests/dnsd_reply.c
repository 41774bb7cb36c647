#include "dnsd_reply.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 12
#define TYPE_A 1
#define TYPE_CNAME 5
#define TYPE_AAAA 28
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RCODE_REFUSED 5

static void put(struct dnsd_exchange *x, const void *bytes, size_t len)
{
    if (len > sizeof(x->bytes) - x->len)
        abort();
    memcpy(x->bytes + x->len, bytes, len);
    x->len += len;
}

static void put16(struct dnsd_exchange *x, unsigned n)
{
    unsigned char bytes[2] = {(unsigned char)(n >> 8), (unsigned char)n};

    put(x, bytes, 2);
}

/* owner: the compressed name's two bytes. */
static void put_record(struct dnsd_exchange *x, unsigned owner, unsigned type, unsigned ttl,
                       const void *data, size_t len)
{
    put16(x, owner);
    put16(x, type);
    put16(x, 1); /* IN */
    put16(x, ttl >> 16);
    put16(x, ttl & 0xffff);
    put16(x, (unsigned)len);
    put(x, data, len);
    x->bytes[7]++; /* ANCOUNT */
}

static void put_ipv4(struct dnsd_exchange *x, unsigned ttl, unsigned n)
{
    unsigned char address[4] = {127, (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                (unsigned char)n};

    if (x->type == TYPE_A)
        put_record(x, 0xc000 | HEADER, TYPE_A, ttl, address, 4);
}

static void put_ipv6(struct dnsd_exchange *x, unsigned ttl, const char *text)
{
    unsigned char address[16];

    if (x->type == TYPE_AAAA && inet_pton(AF_INET6, text, address) == 1)
        put_record(x, 0xc000 | HEADER, TYPE_AAAA, ttl, address, 16);
}

/* The addresses that a name spells out. */
static void put_given(struct dnsd_exchange *x)
{
    const char *at = x->name;

    for (size_t len; *at != '.' && *at != '\0'; at += len + (at[len] == '-')) {
        unsigned char address[16] = {0};

        len = strcspn(at, "-.");
        for (size_t i = 0; i + 1 < len && i < 32; i += 2) {
            char digits[3] = {at[i], at[i + 1], '\0'};

            address[i / 2] = (unsigned char)strtoul(digits, NULL, 16);
        }
        if (len == 8 && x->type == TYPE_A)
            put_record(x, 0xc000 | HEADER, TYPE_A, 300, address, 4);
        if (len == 32 && x->type == TYPE_AAAA)
            put_record(x, 0xc000 | HEADER, TYPE_AAAA, 300, address, 16);
    }
}

static void set_rcode(struct dnsd_exchange *x, unsigned rcode)
{
    x->bytes[3] = (unsigned char)((x->bytes[3] & 0xf0) | rcode);
}

/* ---- behaviours ---- */

static void on_a(struct dnsd_exchange *x, unsigned n)
{
    put_ipv4(x, 300, n);
}

static void on_ttl(struct dnsd_exchange *x, unsigned n)
{
    put_ipv4(x, n, 1);
}

static void on_slow(struct dnsd_exchange *x, unsigned n)
{
    x->delay_ms = n;
    put_ipv4(x, 300, 1);
}

static void on_cname(struct dnsd_exchange *x, unsigned n)
{
    static const unsigned char target[] = "\2a5\4test";
    static const unsigned char address[] = {127, 0, 0, 5};
    unsigned at;

    (void)n;
    put_record(x, 0xc000 | HEADER, TYPE_CNAME, 7, target, sizeof(target));
    at = (unsigned)(x->len - sizeof(target));
    if (x->type == TYPE_A)
        put_record(x, 0xc000 | at, TYPE_A, 300, address, sizeof(address));
}

static void on_multi(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    put_ipv4(x, 300, 1);
    put_ipv4(x, 300, 2);
    put_ipv4(x, 300, 3);
    put_ipv6(x, 300, "::1");
    put_ipv6(x, 300, "2001:db8::2");
}

static void on_many(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    for (unsigned i = 1; i <= 100; i++)
        put_ipv4(x, 300, i);
}

static void on_truncate(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    if (x->tcp)
        put_ipv4(x, 300, 9);
    else
        x->bytes[2] |= 2; /* TC */
}

static void on_stuck(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    x->silent = x->tcp;
    x->bytes[2] |= 2; /* TC */
}

static void on_v6(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    put_ipv6(x, 300, "2001:db8::6");
}

static void on_late6(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    x->silent = x->type == TYPE_AAAA;
    put_ipv4(x, 300, 1);
}

static void on_fail6(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    if (x->type == TYPE_AAAA)
        set_rcode(x, RCODE_SERVFAIL);
    put_ipv4(x, 300, 1);
}

static void on_nodata(struct dnsd_exchange *x, unsigned n)
{
    (void)x;
    (void)n;
}

static void on_servfail(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    set_rcode(x, RCODE_SERVFAIL);
}

static void on_refused(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    set_rcode(x, RCODE_REFUSED);
}

static void on_silent(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    x->silent = true;
}

static void on_garbage(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    for (size_t i = 0; i < x->len; i++)
        x->bytes[i] = (unsigned char)(i * 151 + 7);
}

static void on_broken(struct dnsd_exchange *x, unsigned n)
{
    (void)n;
    put_ipv4(x, 300, 1);
    if (x->type == TYPE_A)
        x->len -= 2;
}

static const struct {
    const char *stem; /* before a number, if there is one, and ".test" */
    void (*answer)(struct dnsd_exchange *x, unsigned n);
} behaviours[] = {
    {"a", on_a},           {"ttl", on_ttl},         {"slow", on_slow},
    {"cname", on_cname},   {"multi", on_multi},     {"many", on_many},
    {"v6", on_v6},         {"late6", on_late6},     {"fail6", on_fail6},
    {"nodata", on_nodata}, {"servfail", on_servfail}, {"refused", on_refused},
    {"silent", on_silent}, {"garbage", on_garbage}, {"broken", on_broken},
    {"truncate", on_truncate}, {"stuck", on_stuck},
};

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), size = strlen(end);

    return len >= size && strcmp(name + len - size, end) == 0;
}

static void answer(struct dnsd_exchange *x)
{
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
        size_t len = strlen(behaviours[i].stem);
        char *end;
        unsigned long n;

        if (strncmp(x->name, behaviours[i].stem, len) != 0)
            continue;
        n = strtoul(x->name + len, &end, 10);
        if (strcmp(end, ".test") == 0) {
            behaviours[i].answer(x, (unsigned)n);
            return;
        }
    }
    if (ends_with(x->name, ".is.test"))
        put_given(x);
    else if (ends_with(x->name, ".corp.test"))
        put_ipv4(x, 300, 0x0909);
    else
        set_rcode(x, RCODE_NXDOMAIN);
}

/* Writes the question's name and returns how long it is on the wire, 0 if it is none. */
static size_t read_name(const unsigned char *bytes, size_t len, char out[256])
{
    size_t at = 0, n = 0;

    while (at < len && bytes[at] != 0) {
        if (bytes[at] > 63 || at + bytes[at] >= len || n + bytes[at] > 250)
            return 0;
        if (n > 0)
            out[n++] = '.';
        for (unsigned i = 1; i <= bytes[at]; i++)
            out[n++] = (char)tolower(bytes[at + i]);
        at += bytes[at] + 1u;
    }
    out[n] = '\0';
    return at + 1;
}

bool dnsd_reply(struct dnsd_exchange *x, const unsigned char *query, size_t len)
{
    size_t name_len = len < HEADER ? 0 : read_name(query + HEADER, len - HEADER, x->name);

    if (name_len == 0 || HEADER + name_len + 4 > len)
        return false;
    put(x, query, HEADER + name_len + 4);
    x->type = (unsigned)query[HEADER + name_len] << 8 | query[HEADER + name_len + 1];
    x->bytes[2] |= 0x80; /* QR */
    x->bytes[3] = 0x80;  /* RA */
    memset(x->bytes + 6, 0, 6);
    answer(x);
    if (!x->tcp && x->len > DNSD_UDP_MAX) {
        x->len = HEADER + name_len + 4;
        memset(x->bytes + 6, 0, 6);
        x->bytes[2] |= 2; /* TC */
    }
    return true;
}
