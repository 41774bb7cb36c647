#include "fetch/guard.h"

#include <netinet/in.h>
#include <string.h>

/* ---- what deny_private means ---- */

struct block {
    uint8_t bytes[16];
    uint8_t bits;
    const char *what;
};

/* IANA's IPv4 Special-Purpose Address Registry, and the blocks of the IPv4 Address Space Registry
 * that hold no unicast address. The few addresses inside that are reachable from everywhere
 * (192.0.0.9 and 192.0.0.10: anycast, RFC 7723 and RFC 8155) are no web servers. */
static const struct block ipv4_blocks[] = {
    {{0}, 8, "of this network (RFC 791)"},
    {{10}, 8, "private (RFC 1918)"},
    {{100, 64}, 10, "shared inside a provider's network (RFC 6598)"},
    {{127}, 8, "loopback (RFC 1122)"},
    {{169, 254, 169, 254}, 32, "a cloud's metadata service (link-local, RFC 3927)"},
    {{169, 254}, 16, "link-local (RFC 3927)"},
    {{172, 16}, 12, "private (RFC 1918)"},
    {{192, 0, 0}, 24, "for protocols (RFC 6890)"},
    {{192, 0, 2}, 24, "for documentation (RFC 5737)"},
    {{192, 88, 99}, 24, "a 6to4 relay (RFC 7526)"},
    {{192, 168}, 16, "private (RFC 1918)"},
    {{198, 18}, 15, "for benchmarks (RFC 2544)"},
    {{198, 51, 100}, 24, "for documentation (RFC 5737)"},
    {{203, 0, 113}, 24, "for documentation (RFC 5737)"},
    {{224}, 4, "multicast (RFC 5771)"},
    {{255, 255, 255, 255}, 32, "broadcast (RFC 919)"},
    {{240}, 4, "reserved (RFC 1112)"},
    /* In no registry: Azure answers its machines there. */
    {{168, 63, 129, 16}, 32, "a cloud's metadata service (Azure)"},
};

/* IANA's IPv6 Special-Purpose Address Registry, the Internet Protocol Version 6 Address Space
 * registry for ::/8, and blocks that RFCs have taken out of use. What carries an IPv4 address and
 * is in `carriers` is not here. The parts of 2001::/23 that are reachable from everywhere (anycast
 * of PCP, TURN and DNS-SD, AMT, AS112, ORCHIDv2, DRIP) are no web servers. Those of EC2's and
 * Google's metadata services are unique-local. */
static const struct block ipv6_blocks[] = {
    {{[15] = 0}, 128, "unspecified (RFC 4291)"},
    {{[15] = 1}, 128, "loopback (RFC 4291)"},
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48, "of a local NAT64 (RFC 8215)"},
    {{0}, 8, "reserved (RFC 4291)"}, /* with what is IPv4-compatible or -translated */
    {{0x01}, 64, "for discarding (RFC 6666)"},
    {{0x01, 0, 0, 0, 0, 0, 0, 1}, 64, "a dummy (RFC 9780)"},
    {{0x20, 0x01}, 23, "for protocols (RFC 2928)"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "for documentation (RFC 3849)"},
    {{0x3f, 0xff}, 20, "for documentation (RFC 9637)"},
    {{0x5f, 0x00}, 16, "a segment identifier (RFC 9602)"},
    {{0xfc}, 7, "unique-local (RFC 4193)"},
    {{0xfe, 0x80}, 10, "link-local (RFC 4291)"},
    {{0xfe, 0xc0}, 10, "site-local (RFC 3879)"},
    {{0xff}, 8, "multicast (RFC 4291)"},
};

/* Where in an IPv6 address of such a block an IPv4 address lies. */
struct carrier {
    uint8_t bytes[16];
    uint8_t bits;
    uint8_t at;
    uint8_t flip; /* each byte is told with these bits inverted */
};

static const struct carrier carriers[] = {
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12, 0}, /* NAT64, RFC 6052 section 2.1 */
    {{0x20, 0x02}, 16, 2, 0},              /* 6to4, RFC 3056 section 2 */
    {{0x20, 0x01, 0, 0}, 32, 4, 0},        /* Teredo's server, RFC 4380 section 4 */
    {{0x20, 0x01, 0, 0}, 32, 12, 0xff},    /* Teredo's client */
};

static bool begins(const struct tw_addr *addr, const uint8_t bytes[16], uint8_t bits)
{
    struct tw_cidr cidr = {.addr.size = addr->size, .bits = bits};

    memcpy(cidr.addr.bytes, bytes, addr->size);
    return tw_cidr_contains(&cidr, addr);
}

static const char *find_block(const struct block *blocks, size_t count,
                              const struct tw_addr *addr)
{
    for (size_t i = 0; i < count; i++)
        if (begins(addr, blocks[i].bytes, blocks[i].bits))
            return blocks[i].what;
    return NULL;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *find_special(const struct tw_addr *addr)
{
    if (addr->size == 4)
        return find_block(ipv4_blocks, COUNT(ipv4_blocks), addr);
    return find_block(ipv6_blocks, COUNT(ipv6_blocks), addr);
}

/* ---- what an address carries ---- */

static struct tw_addr ipv4_at(const struct tw_addr *addr, size_t at, uint8_t flip)
{
    struct tw_addr inner = {.size = 4};

    for (size_t i = 0; i < 4; i++)
        inner.bytes[i] = addr->bytes[at + i] ^ flip;
    return inner;
}

/* RFC 5214, section 6.1: the interface identifier is ::5efe: and an IPv4 address, with or without
 * the bit that says that it is unique. */
static bool is_isatap(const struct tw_addr *addr)
{
    const uint8_t *id = addr->bytes + 8;

    return addr->size == 16 && (id[0] & ~0x02) == 0 && id[1] == 0 && id[2] == 0x5e &&
           id[3] == 0xfe;
}

/* Writes the IPv4 addresses that addr carries, and whether its block is for nothing else. */
static size_t find_carried(const struct tw_addr *addr, struct tw_addr carried[COUNT(carriers) + 1],
                           bool *only)
{
    size_t n = 0;

    for (size_t i = 0; addr->size == 16 && i < COUNT(carriers); i++)
        if (begins(addr, carriers[i].bytes, carriers[i].bits))
            carried[n++] = ipv4_at(addr, carriers[i].at, carriers[i].flip);
    *only = n > 0;
    if (is_isatap(addr))
        carried[n++] = ipv4_at(addr, 12, 0);
    return n;
}

/* ---- judgement ---- */

static const char *judge_one(const struct tw_guard *g, const struct tw_addr *addr, bool special)
{
    if (tw_cidr_list_contains(&g->deny, addr))
        return "in deny_cidr";
    return special && g->deny_private ? find_special(addr) : NULL;
}

const char *tw_guard_judge(const struct tw_guard *g, const struct tw_addr *addr)
{
    struct tw_addr carried[COUNT(carriers) + 1];
    const char *what;
    bool only;
    size_t n;

    if (tw_cidr_list_contains(&g->allow, addr))
        return NULL;
    n = find_carried(addr, carried, &only);
    what = judge_one(g, addr, !only);
    for (size_t i = 0; what == NULL && i < n; i++)
        if (judge_one(g, &carried[i], true) != NULL)
            what = "a way to an IPv4 address that is denied";
    return what;
}

static bool read_sockaddr(const struct sockaddr *sa, socklen_t len, struct tw_addr *addr)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (len >= (socklen_t)sizeof(in) && sa->sa_family == AF_INET) {
        memcpy(&in, sa, sizeof(in));
        *addr = (struct tw_addr){.size = 4};
        memcpy(addr->bytes, &in.sin_addr, 4);
        return true;
    }
    if (len >= (socklen_t)sizeof(in6) && sa->sa_family == AF_INET6) {
        memcpy(&in6, sa, sizeof(in6));
        *addr = tw_addr_from_ipv6(in6.sin6_addr.s6_addr);
        return true;
    }
    return false;
}

const char *tw_guard_judge_socket(const struct tw_guard *g, const struct sockaddr *sa,
                                  socklen_t len)
{
    struct tw_addr addr;

    return read_sockaddr(sa, len, &addr) ? tw_guard_judge(g, &addr) : "no IP address";
}

/* ---- its life ---- */

static int parse_list(struct tw_cidr_list *list, const char *text)
{
    struct tw_list_error error;

    return text == NULL ? 0 : tw_cidr_list_parse(list, text, strlen(text), &error);
}

int tw_guard_init(struct tw_guard *g, const trawl_options *options)
{
    struct tw_guard made = {.deny_private = options->deny_private};
    int err = parse_list(&made.deny, options->deny_cidr);

    if (err == 0)
        err = parse_list(&made.allow, options->allow_cidr);
    if (err != 0) {
        tw_guard_free(&made);
        return err;
    }
    *g = made;
    return 0;
}

void tw_guard_free(struct tw_guard *g)
{
    tw_cidr_list_free(&g->deny);
    tw_cidr_list_free(&g->allow);
    g->deny_private = false;
}
