/* IP addresses in options: their text, and lists of entries that hold them.
 *
 * The spelling is strict, unlike a URL's (parse/ip.h): what guards a network must not be guessed.
 * 010.0.0.1 is none, nor are 10.1, 0x7f000001 or an address with a zone. */
#ifndef TW_BASE_ADDR_H
#define TW_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tw_addr {
    uint8_t bytes[16]; /* in network order; beyond size they are 0 */
    uint8_t size;      /* 4 or 16 */
};

/* Four decimal numbers, or IPv6 (RFC 4291, 2.2) with or without brackets. An IPv4-mapped address
 * (RFC 4291, 2.5.5.2) is the IPv4 address that it stands for: that is where it leads. False leaves
 * *addr alone. */
bool tw_addr_parse(const char *text, size_t len, struct tw_addr *addr);

/* The address of 16 bytes, likewise. */
struct tw_addr tw_addr_from_ipv6(const uint8_t bytes[16]);

/* What is wrong with a list, and where. */
struct tw_list_error {
    size_t at, len;     /* the bad entry in the text, without the blanks around it */
    size_t number;      /* from 1 */
    const char *reason; /* static, with a remedy; ready to stand behind "'ENTRY': " */
};

/* An entry of a list that is separated by commas. Start from {0}. */
struct tw_list_entry {
    size_t at, len; /* without the blanks around it */
    size_t number;  /* from 1 */
    size_t next;
};

/* How many there are: at least one, which may be empty. */
size_t tw_list_count(const char *text, size_t len);

/* False behind the last entry. */
bool tw_list_next(const char *text, size_t len, struct tw_list_entry *entry);

/* Fills *error for this entry; returns TRAWL_EINVAL. */
int tw_list_fail(struct tw_list_error *error, const struct tw_list_entry *entry,
                 const char *reason);

#endif
