#include "base/cidr.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"

/* One or more digits and nothing else; too large ones stay too large. */
static bool parse_bits(const char *text, size_t len, unsigned *bits)
{
    unsigned sum = 0;

    if (len == 0 || (len > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        if (sum < 1000)
            sum = sum * 10 + (unsigned)(text[i] - '0');
    }
    *bits = sum;
    return true;
}

/* Puts the prefix length that was written into a block whose address was read already. */
static const char *set_bits(struct tw_cidr *cidr, unsigned bits, bool written_as_ipv6)
{
    unsigned most = written_as_ipv6 ? 128 : 32;

    if (bits > most)
        return written_as_ipv6 ? "an IPv6 prefix has at most 128 bits"
                               : "an IPv4 prefix has at most 32 bits";
    if (written_as_ipv6 && cidr->addr.size == 4) {
        if (bits < 96)
            return "it begins inside ::ffff:0:0/96; write IPv4 blocks as such";
        bits -= 96;
    }
    cidr->bits = (uint8_t)bits;
    return NULL;
}

const char *tw_cidr_parse(const char *text, size_t len, struct tw_cidr *cidr)
{
    struct tw_cidr parsed;
    const char *slash, *reason;
    unsigned bits;
    size_t addr_len;

    if (len == 0)
        return "it is empty; leave out the comma, or give ADDRESS[/BITS]";
    slash = memchr(text, '/', len);
    addr_len = slash != NULL ? (size_t)(slash - text) : len;
    if (!tw_addr_parse(text, addr_len, &parsed.addr))
        return "it is no IP address; give ADDRESS[/BITS], such as 10.0.0.0/8 or 2001:db8::/32";
    parsed.bits = (uint8_t)(8 * parsed.addr.size);
    if (slash != NULL) {
        if (!parse_bits(slash + 1, len - addr_len - 1, &bits))
            return "what follows the slash is no number; give ADDRESS/BITS, such as 10.0.0.0/8";
        reason = set_bits(&parsed, bits, memchr(text, ':', addr_len) != NULL);
        if (reason != NULL)
            return reason;
    }
    *cidr = parsed;
    return NULL;
}

/* Of byte i, which bits belong to the prefix. */
static uint8_t mask_at(const struct tw_cidr *cidr, size_t i)
{
    size_t before = 8 * i;

    if (cidr->bits <= before)
        return 0;
    if (cidr->bits - before >= 8)
        return 0xff;
    return (uint8_t)((0xff00u >> (cidr->bits - before)) & 0xff);
}

bool tw_cidr_is_loose(const struct tw_cidr *cidr)
{
    for (size_t i = 0; i < cidr->addr.size; i++)
        if ((cidr->addr.bytes[i] & (uint8_t)~mask_at(cidr, i)) != 0)
            return true;
    return false;
}

bool tw_cidr_contains(const struct tw_cidr *cidr, const struct tw_addr *addr)
{
    if (cidr->addr.size != addr->size)
        return false;
    for (size_t i = 0; i < addr->size && 8 * i < cidr->bits; i++)
        if (((cidr->addr.bytes[i] ^ addr->bytes[i]) & mask_at(cidr, i)) != 0)
            return false;
    return true;
}

int tw_cidr_list_parse(struct tw_cidr_list *list, const char *text, size_t len,
                       struct tw_list_error *error)
{
    struct tw_list_entry entry = {0};
    struct tw_cidr_list parsed = {0};

    parsed.items = calloc(tw_list_count(text, len), sizeof(*parsed.items));
    if (parsed.items == NULL)
        return TRAWL_ENOMEM;
    while (tw_list_next(text, len, &entry)) {
        struct tw_cidr *cidr = &parsed.items[parsed.count++];
        const char *reason = tw_cidr_parse(text + entry.at, entry.len, cidr);

        if (reason == NULL && tw_cidr_is_loose(cidr))
            reason = "it has bits behind its prefix; clear them, or give more bits";
        if (reason != NULL) {
            tw_cidr_list_free(&parsed);
            return tw_list_fail(error, &entry, reason);
        }
    }
    *list = parsed;
    return 0;
}

void tw_cidr_list_free(struct tw_cidr_list *list)
{
    free(list->items);
    *list = (struct tw_cidr_list){0};
}

bool tw_cidr_list_contains(const struct tw_cidr_list *list, const struct tw_addr *addr)
{
    for (size_t i = 0; i < list->count; i++)
        if (tw_cidr_contains(&list->items[i], addr))
            return true;
    return false;
}
