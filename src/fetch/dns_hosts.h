/* The hosts file (hosts(5)) as a table: read once, and again when it has changed, which is
 * looked at once a second at most. Opening the file for each name would cost as much as asking
 * a server. One of more than 1 MiB (there are lists of a million advertisers) is read by open
 * alone: it would hold the loop for too long. */
#ifndef TW_FETCH_DNS_HOSTS_H
#define TW_FETCH_DNS_HOSTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/map.h"
#include "trawl.h"

struct tw_dns_hosts {
    const char *path; /* the caller's */
    trawl_ip ip;      /* addresses of the other kind are left out */
    uint64_t seed;
    struct tw_map map;
    struct stat seen; /* the file as it was read; zeroed if there was none */
    uint64_t looked_ms;
};

/* 0 or ENOMEM. A file that cannot be read is an empty one. */
int tw_dns_hosts_open(struct tw_dns_hosts *h, const char *path, trawl_ip ip, uint64_t seed,
                      uint64_t now_ms);
void tw_dns_hosts_free(struct tw_dns_hosts *h);

/* The addresses of a name in lower case and without a dot at its end, comma separated in the
 * file's order, the table's until the next call; NULL if the file does not have it. */
const char *tw_dns_hosts_find(struct tw_dns_hosts *h, const char *name, size_t len,
                              uint64_t now_ms);

#endif
