/* URLs without what tells visits apart and not pages: session ids and tracking parameters; and
 * queries in one order. Not part of the canonical form, since a server may mind: on demand. */
#ifndef TW_PARSE_URL_CLEAN_H
#define TW_PARSE_URL_CLEAN_H

#include "parse/url.h"

enum tw_url_clean {
    /* Session ids: ";jsessionid=..." and the like in a path, "(S(...))" segments of ASP.NET,
     * and query parameters such as PHPSESSID. "sid", which may also name a story, only where
     * its value has 16 letters and digits or more. */
    TW_CLEAN_SESSIONS = 1,
    /* Parameters that campaigns and click counters add: utm_*, gclid, fbclid and the like. */
    TW_CLEAN_TRACKING = 2,
    /* Parameters by name, bytewise; those of one name keep their order, which may matter. A key
     * for a seen set that takes permutations for one URL, or the URL to fetch. */
    TW_CLEAN_SORT = 4,
};

/* Names are compared in any case. A query that loses all parameters goes with its "?".
 *
 * Returns 0 when there is nothing to change, and leaves out alone; 1 with the changed URL in
 * out, canonical and with its fragment, for the caller to free; or TRAWL_ENOMEM. out may not be
 * u. */
int tw_url_clean(struct tw_url *out, const struct tw_url *u, unsigned what);

#endif
