#include "parse/host.h"

#include <stdlib.h>
#include <string.h>

#include "parse/idna.h"
#include "parse/ip.h"
#include "parse/percent.h"
#include "trawl.h"

static int invalid(const char **reason, const char *why)
{
    *reason = why;
    return TRAWL_EURL;
}

static int forbidden(const char **reason)
{
    return invalid(reason, "the host holds a character that no host name may have");
}

static int parse_ipv6(struct tw_host *host, const char *s, size_t len, char *out,
                      const char **reason)
{
    uint16_t address[8];
    if (len < 2 || s[len - 1] != ']' || !tw_ipv6_parse(s + 1, len - 2, address))
        return invalid(reason, "the host is not a valid IPv6 address");
    out[0] = '[';
    host->len = tw_ipv6_write(address, out + 1) + 2;
    out[host->len - 1] = ']';
    host->is_ip = true;
    return 0;
}

/* What is left of "host parsing" once the domain is ASCII and in out. */
static int finish(struct tw_host *host, char *out, size_t len, const char **reason)
{
    uint32_t address;
    host->len = len;
    host->is_ip = tw_ipv4_expected(out, len);
    if (!host->is_ip)
        return 0;
    if (!tw_ipv4_parse(out, len, &address))
        return invalid(reason, "the host is not a valid IPv4 address");
    host->len = tw_ipv4_write(address, out);
    return 0;
}

/* Copies an ASCII domain in lower case. Returns the bytes copied: fewer than len when it comes
 * upon a byte that is not ASCII or forbidden, '%' being one of those. */
static size_t copy_ascii(char *out, const char *s, size_t len)
{
    size_t i = 0;
    for (; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x80 || tw_pct_in_set(c, TW_PCT_FORBIDDEN))
            break;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return i;
}

static bool holds_forbidden(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (tw_pct_in_set((unsigned char)s[i], TW_PCT_FORBIDDEN))
            return true;
    return false;
}

/* A decoded domain: ASCII is only lowercased, whatever its labels claim to encode. */
static int parse_decoded(struct tw_host *host, const char *s, size_t len, char *out,
                         const char **reason)
{
    size_t n = copy_ascii(out, s, len);
    if (n < len) {
        if (holds_forbidden(s, len))
            return forbidden(reason);
        int rc = tw_idna_to_ascii(s, len, out, &n);
        if (rc == TRAWL_EURL)
            return invalid(reason, "the host is not a valid international domain name");
        if (rc)
            return rc;
        if (holds_forbidden(out, n))
            return forbidden(reason);
    }
    if (n == 0)
        return invalid(reason, "the host is empty");
    return finish(host, out, n, reason);
}

int tw_host_parse(struct tw_host *host, const char *s, size_t len, char *out,
                  const char **reason)
{
    if (s[0] == '[')
        return parse_ipv6(host, s, len, out, reason);
    if (copy_ascii(out, s, len) == len)
        return finish(host, out, len, reason);
    char *decoded = malloc(len);
    if (!decoded)
        return TRAWL_ENOMEM;
    size_t n = tw_pct_decode(decoded, s, len);
    int rc = parse_decoded(host, decoded, n, out, reason);
    free(decoded);
    return rc;
}
