#include "fetch/dns_hosts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/list.h"
#include "fetch/dns_name.h"

#define LOOK_MS 1000
#define SIZE_TO_READ_AGAIN (1024 * 1024)
#define ADDRESSES_SIZE 1024 /* of one name; more are left out */
#define BLANK " \t\r\n"

struct host {
    struct tw_map_entry map;
    struct tw_buf addresses;
    size_t name_len;
    char name[];
};

static bool has_name(const struct tw_map_entry *map, const void *name, size_t len)
{
    const struct host *e = tw_container(map, const struct host, map);

    return e->name_len == len && memcmp(e->name, name, len) == 0;
}

static struct host *find(const struct tw_dns_hosts *h, const char *name, size_t len)
{
    struct tw_map_entry *map =
        tw_map_find(&h->map, tw_hash(name, len, h->seed), has_name, name, len);

    return map == NULL ? NULL : tw_container(map, struct host, map);
}

static struct host *add_host(struct tw_dns_hosts *h, const char *name, size_t len)
{
    struct host *e = calloc(1, sizeof(*e) + len);

    if (e == NULL)
        return NULL;
    e->map.hash = tw_hash(name, len, h->seed);
    e->name_len = len;
    memcpy(e->name, name, len);
    if (tw_map_add(&h->map, &e->map) != 0) {
        free(e);
        return NULL;
    }
    return e;
}

static int add(struct tw_dns_hosts *h, const char *word, const char *address)
{
    struct tw_dns_name name;
    struct host *e;
    int err;

    tw_dns_name_read(&name, word);
    if (name.kind != TW_DNS_NAME_PLAIN && name.kind != TW_DNS_NAME_NEVER)
        return 0;
    name.len -= name.text[name.len - 1] == '.';
    e = find(h, name.text, name.len);
    if (e == NULL)
        e = add_host(h, name.text, name.len);
    if (e == NULL)
        return TRAWL_ENOMEM;
    if (e->addresses.len + strlen(address) + 1 > ADDRESSES_SIZE)
        return 0;
    err = e->addresses.len == 0 ? 0 : tw_buf_append(&e->addresses, ",", 1);
    return err != 0 ? err : tw_buf_append(&e->addresses, address, strlen(address));
}

static bool is_address(const char *word, trawl_ip ip)
{
    struct in6_addr bytes;

    return (ip != TRAWL_IP_V6 && inet_pton(AF_INET, word, &bytes) == 1) ||
           (ip != TRAWL_IP_V4 && inet_pton(AF_INET6, word, &bytes) == 1);
}

static int read_line(struct tw_dns_hosts *h, char *line)
{
    char *rest = NULL, *address;
    int err = 0;

    line[strcspn(line, "#")] = '\0';
    address = strtok_r(line, BLANK, &rest);
    if (address == NULL || !is_address(address, h->ip))
        return 0;
    for (char *word = strtok_r(NULL, BLANK, &rest); word != NULL && err == 0;
         word = strtok_r(NULL, BLANK, &rest))
        err = add(h, word, address);
    return err;
}

static void empty(struct tw_map *map)
{
    struct tw_map_entry *entry;

    while ((entry = tw_map_pop(map)) != NULL) {
        struct host *e = tw_container(entry, struct host, map);

        tw_buf_free(&e->addresses);
        free(e);
    }
    tw_map_free(map);
}

/* A file that is being replaced may be gone for a moment, or change while it is read: the next
 * look finds out. */
static int read_file(struct tw_dns_hosts *h)
{
    struct tw_map before = h->map;
    FILE *file = S_ISREG(h->seen.st_mode) ? fopen(h->path, "re") : NULL;
    char *line = NULL;
    size_t size = 0;
    int err = 0;

    h->map = (struct tw_map){0};
    while (file != NULL && err == 0 && getline(&line, &size, file) >= 0)
        err = read_line(h, line);
    free(line);
    if (file != NULL)
        fclose(file);
    if (err != 0) {
        empty(&h->map);
        h->map = before;
        return err;
    }
    empty(&before);
    return 0;
}

static bool has_changed(struct tw_dns_hosts *h)
{
    struct stat now = {0}, *seen = &h->seen;

    if (stat(h->path, &now) != 0)
        memset(&now, 0, sizeof(now));
    if (now.st_ino == seen->st_ino && now.st_dev == seen->st_dev &&
        now.st_size == seen->st_size && now.st_mode == seen->st_mode &&
        now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec)
        return false;
    *seen = now;
    return true;
}

/* And is not too large for the loop to wait for. */
static bool has_changed_a_little(struct tw_dns_hosts *h)
{
    bool was_large = h->seen.st_size > SIZE_TO_READ_AGAIN;

    return has_changed(h) && !was_large && h->seen.st_size <= SIZE_TO_READ_AGAIN;
}

int tw_dns_hosts_open(struct tw_dns_hosts *h, const char *path, trawl_ip ip, uint64_t seed,
                      uint64_t now_ms)
{
    *h = (struct tw_dns_hosts){.path = path, .ip = ip, .seed = seed, .looked_ms = now_ms};
    return has_changed(h) ? read_file(h) : 0;
}

void tw_dns_hosts_free(struct tw_dns_hosts *h)
{
    empty(&h->map);
}

const char *tw_dns_hosts_find(struct tw_dns_hosts *h, const char *name, size_t len,
                              uint64_t now_ms)
{
    struct host *e;

    if (now_ms - h->looked_ms >= LOOK_MS) {
        h->looked_ms = now_ms;
        if (has_changed_a_little(h) && read_file(h) != 0)
            memset(&h->seen, 0, sizeof(h->seen)); /* no memory: once more at the next look */
    }
    e = find(h, name, len);
    return e == NULL ? NULL : e->addresses.data;
}
