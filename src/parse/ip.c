#include "parse/ip.h"

#include <string.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "IPv4 number parser". Nothing after a radix prefix is 0, nothing at all is no number. The sum
 * stops growing once it is too large for any address. */
static bool ipv4_number(const char *s, const char *end, uint64_t *value)
{
    uint64_t sum = 0;
    int radix = 10;
    if (s == end)
        return false;
    if (end - s > 1 && s[0] == '0') {
        bool hex = (s[1] | 0x20) == 'x';
        radix = hex ? 16 : 8;
        s += hex ? 2 : 1;
    }
    for (; s < end; s++) {
        int digit = digit_value(*s);
        if (digit >= radix)
            return false;
        sum = sum > UINT32_MAX ? sum : sum * (uint64_t)radix + (uint64_t)digit;
    }
    *value = sum;
    return true;
}

bool tw_ipv4_expected(const char *s, size_t len)
{
    const char *end = s + len;
    if (len > 1 && end[-1] == '.')
        end--;
    const char *label = end;
    while (label > s && label[-1] != '.')
        label--;
    if (label == end || !is_digit(*label))
        return false;
    const char *p = label;
    while (p < end && is_digit(*p))
        p++;
    uint64_t value;
    return p == end || ipv4_number(label, end, &value);
}

bool tw_ipv4_parse(const char *s, size_t len, uint32_t *address)
{
    const char *end = s + len;
    uint64_t parts[4] = {0};
    size_t count = 0;
    if (len > 1 && end[-1] == '.')
        end--;
    const char *part = s;
    do {
        const char *dot = memchr(part, '.', (size_t)(end - part));
        const char *part_end = dot ? dot : end;
        if (count == 4 || !ipv4_number(part, part_end, &parts[count++]))
            return false;
        part = part_end + 1;
    } while (part <= end);
    uint64_t sum = parts[count - 1];
    if (sum >= (uint64_t)1 << (8 * (5 - count)))
        return false;
    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i] > 255)
            return false;
        sum += parts[i] << (8 * (3 - i));
    }
    *address = (uint32_t)sum;
    return true;
}

/* The two groups at an IPv6 address's end, as dotted decimal: exactly four numbers up to 255,
 * without leading zeros. */
static bool ipv4_tail(const char *s, const char *end, uint16_t groups[2])
{
    uint32_t address = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && (s == end || *s++ != '.'))
            return false;
        const char *start = s;
        unsigned value = 0;
        while (s < end && is_digit(*s) && value < 256)
            value = value * 10 + (unsigned)(*s++ - '0');
        if (s == start || value > 255 || (*start == '0' && s - start > 1))
            return false;
        address = address << 8 | value;
    }
    groups[0] = (uint16_t)(address >> 16);
    groups[1] = (uint16_t)address;
    return s == end;
}

/* Up to four hexadecimal digits. Returns what comes after them. */
static const char *hex_group(const char *s, const char *end, uint16_t *group)
{
    unsigned value = 0;
    for (int i = 0; i < 4 && s < end && digit_value(*s) < 16; i++)
        value = value << 4 | (unsigned)digit_value(*s++);
    *group = (uint16_t)value;
    return s;
}

/* Moves what follows the "::" to the end. */
static void expand(uint16_t address[8], int count, int gap)
{
    for (int from = count - 1, to = 7; from >= gap; from--, to--) {
        uint16_t group = address[from];
        address[from] = 0;
        address[to] = group;
    }
}

bool tw_ipv6_parse(const char *s, size_t len, uint16_t address[8])
{
    const char *end = s + len;
    int count = 0, gap = -1;
    memset(address, 0, 8 * sizeof(*address));
    if (len >= 2 && s[0] == ':' && s[1] == ':') {
        gap = 0;
        s += 2;
    }
    while (s < end) {
        if (count == 8)
            return false;
        if (*s == ':') {
            if (gap >= 0 || count == 0)
                return false;
            gap = count;
            s++;
            continue;
        }
        const char *after = hex_group(s, end, &address[count]);
        if (after < end && *after == '.') {
            if (count > 6 || !ipv4_tail(s, end, &address[count]))
                return false;
            count += 2;
            break;
        }
        if (after == s || (after < end && *after != ':') || (after < end && after + 1 == end))
            return false;
        count++;
        s = after < end ? after + 1 : end;
    }
    if (gap >= 0 ? count == 8 : count != 8)
        return false;
    if (gap >= 0)
        expand(address, count, gap);
    return true;
}

static char *put_decimal(char *out, unsigned value)
{
    if (value >= 100)
        *out++ = (char)('0' + value / 100);
    if (value >= 10)
        *out++ = (char)('0' + value / 10 % 10);
    *out++ = (char)('0' + value % 10);
    return out;
}

size_t tw_ipv4_write(uint32_t address, char out[TW_IP_TEXT_MAX])
{
    char *p = out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        p = put_decimal(p, address >> shift & 255);
        if (shift)
            *p++ = '.';
    }
    return (size_t)(p - out);
}

/* The first of the longest runs of at least two zero groups. Returns its length, or 0. */
static int longest_zeros(const uint16_t address[8], int *at)
{
    int best = 1;
    for (int i = 0; i < 8; i++) {
        int from = i;
        while (i < 8 && address[i] == 0)
            i++;
        if (i - from > best) {
            best = i - from;
            *at = from;
        }
    }
    return best > 1 ? best : 0;
}

static char *put_hex(char *out, unsigned value)
{
    static const char hex[] = "0123456789abcdef";
    int shift = 12;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *out++ = hex[value >> shift & 15];
    return out;
}

size_t tw_ipv6_write(const uint16_t address[8], char out[TW_IP_TEXT_MAX])
{
    char *p = out;
    int gap = 8;
    int gap_len = longest_zeros(address, &gap);
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            *p++ = ':';
            if (i == 0)
                *p++ = ':';
            i += gap_len - 1;
            continue;
        }
        p = put_hex(p, address[i]);
        if (i < 7)
            *p++ = ':';
    }
    return (size_t)(p - out);
}
