/* IP addresses as hosts spell them (WHATWG URL, "IPv4 parser", "IPv6 parser" and their
 * serializers). */
#ifndef TW_PARSE_IP_H
#define TW_PARSE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest text tw_ipv4_write and tw_ipv6_write make: eight groups, seven colons. */
#define TW_IP_TEXT_MAX 39

/* Whether the last label of a host, before at most one trailing dot, is a number: then the host
 * is an IPv4 address or nothing. */
bool tw_ipv4_expected(const char *s, size_t len);

/* One to four numbers, decimal, octal or hexadecimal, the last one filling what is left. */
bool tw_ipv4_parse(const char *s, size_t len, uint32_t *address);

/* Eight groups without the brackets, with at most one "::" and perhaps an IPv4 tail. */
bool tw_ipv6_parse(const char *s, size_t len, uint16_t address[8]);

/* Both write without a NUL and return the length. */
size_t tw_ipv4_write(uint32_t address, char out[TW_IP_TEXT_MAX]);
size_t tw_ipv6_write(const uint16_t address[8], char out[TW_IP_TEXT_MAX]);

#endif
