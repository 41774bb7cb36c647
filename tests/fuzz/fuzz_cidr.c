/* Lists of blocks and of servers: what is read says the same when it is written out, and what is
 * refused is told of by a part of the input. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cidr.h"
#include "base/servers.h"
#include "trawl.h"

static void require(int condition)
{
    if (!condition)
        abort();
}

static void write_addr(const struct tw_addr *addr, char text[INET6_ADDRSTRLEN])
{
    require(addr->size == 4 || addr->size == 16);
    require(inet_ntop(addr->size == 4 ? AF_INET : AF_INET6, addr->bytes, text,
                      INET6_ADDRSTRLEN) != NULL);
}

static void check_block(const struct tw_cidr *cidr)
{
    char text[64], addr[INET6_ADDRSTRLEN];
    struct tw_addr inside = cidr->addr;
    struct tw_cidr again;

    write_addr(&cidr->addr, addr);
    snprintf(text, sizeof(text), "%s/%u", addr, cidr->bits);
    require(tw_cidr_parse(text, strlen(text), &again) == NULL);
    require(memcmp(&again.addr, &cidr->addr, sizeof(again.addr)) == 0);
    require(again.bits == cidr->bits);
    require(tw_cidr_contains(cidr, &inside));
    require(!tw_cidr_is_loose(cidr));
    if (cidr->bits > 0) {
        inside.bytes[(cidr->bits - 1) / 8] ^= (uint8_t)(0x80 >> (cidr->bits - 1) % 8);
        require(!tw_cidr_contains(cidr, &inside));
    }
}

static void check_server(const struct tw_server *server)
{
    char addr[INET6_ADDRSTRLEN];
    struct tw_addr again;

    write_addr(&server->addr, addr);
    require(tw_addr_parse(addr, strlen(addr), &again));
    require(memcmp(&again, &server->addr, sizeof(again)) == 0);
}

static void check_error(const struct tw_list_error *e, size_t size)
{
    require(e->at <= size && e->len <= size - e->at);
    require(e->number >= 1 && e->number <= size + 1 && strlen(e->reason) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct tw_cidr_list blocks;
    struct tw_server_list servers;
    struct tw_list_error error;
    int err = tw_cidr_list_parse(&blocks, text, size, &error);

    if (err == TRAWL_EINVAL)
        check_error(&error, size);
    if (err == 0) {
        for (size_t i = 0; i < blocks.count; i++)
            check_block(&blocks.items[i]);
        tw_cidr_list_free(&blocks);
    }
    err = tw_server_list_parse(&servers, text, size, &error);
    if (err == TRAWL_EINVAL)
        check_error(&error, size);
    if (err == 0) {
        for (size_t i = 0; i < servers.count; i++)
            check_server(&servers.items[i]);
        tw_server_list_free(&servers);
    }
    return 0;
}
