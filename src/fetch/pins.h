/* Addresses that we looked up, in a multi handle's table of answers. libcurl takes them from there
 * (CURLOPT_RESOLVE) and never asks itself; and since its table is scanned, an entry goes as soon as
 * no exchange with its host is under way.
 *
 * A zeroed struct has none. One for each multi handle. */
#ifndef TW_FETCH_PINS_H
#define TW_FETCH_PINS_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

struct tw_pin;

struct tw_pins {
    struct tw_map map;
    struct curl_slist *drops; /* "-HOST:PORT" of what the next transfer's list takes out */
};

void tw_pins_free(struct tw_pins *pins);

/* One more use of "HOST:PORT". hash: the same for the same. NULL without memory. */
struct tw_pin *tw_pins_use(struct tw_pins *pins, uint64_t hash, const char *host_port, size_t len);
/* One less; accepts NULL. */
void tw_pins_release(struct tw_pins *pins, struct tw_pin *pin);

/* The list that the next transfer of the multi handle is to have for CURLOPT_RESOLVE, for the
 * caller to free after it: what is to go, and the pin with its addresses. NULL without memory. */
struct curl_slist *tw_pins_list(struct tw_pins *pins, const struct tw_pin *pin,
                                const char *addresses);

#endif
