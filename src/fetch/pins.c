#include "fetch/pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tw_pin {
    struct tw_map_entry entry;
    size_t uses;
    size_t len;
    char drop[]; /* "-HOST:PORT" */
};

static bool pin_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    const struct tw_pin *pin = (const struct tw_pin *)entry;

    return pin->len == len && memcmp(pin->drop + 1, key, len) == 0;
}

void tw_pins_free(struct tw_pins *pins)
{
    struct tw_map_entry *entry;

    while ((entry = tw_map_pop(&pins->map)) != NULL)
        free(entry);
    tw_map_free(&pins->map);
    curl_slist_free_all(pins->drops);
    pins->drops = NULL;
}

struct tw_pin *tw_pins_use(struct tw_pins *pins, uint64_t hash, const char *host_port, size_t len)
{
    struct tw_pin *pin =
        (struct tw_pin *)tw_map_find(&pins->map, hash, pin_equal, host_port, len);

    if (pin != NULL) {
        pin->uses++;
        return pin;
    }
    pin = malloc(sizeof(*pin) + len + 2);
    if (pin == NULL)
        return NULL;
    pin->entry.hash = hash;
    pin->uses = 1;
    pin->len = len;
    pin->drop[0] = '-';
    memcpy(pin->drop + 1, host_port, len);
    pin->drop[len + 1] = '\0';
    if (tw_map_add(&pins->map, &pin->entry) != 0) {
        free(pin);
        return NULL;
    }
    return pin;
}

void tw_pins_release(struct tw_pins *pins, struct tw_pin *pin)
{
    struct curl_slist *drops;

    if (pin == NULL || --pin->uses > 0)
        return;
    /* Without memory the entry stays in libcurl's table, which costs time and nothing else. */
    drops = curl_slist_append(pins->drops, pin->drop);
    if (drops != NULL)
        pins->drops = drops;
    tw_map_remove(&pins->map, &pin->entry);
    free(pin);
}

struct curl_slist *tw_pins_list(struct tw_pins *pins, const struct tw_pin *pin,
                                const char *addresses)
{
    size_t size = pin->len + strlen(addresses) + 2;
    char *line = malloc(size);
    struct curl_slist *list = NULL;

    if (line == NULL)
        return NULL;
    snprintf(line, size, "%s:%s", pin->drop + 1, addresses);
    list = curl_slist_append(pins->drops, line);
    free(line);
    if (list != NULL)
        pins->drops = NULL;
    return list;
}
