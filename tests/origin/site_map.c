#include "site.h"

#include <string.h>

enum origin_rules origin_site_rules(const struct origin_site *site, uint32_t address)
{
    struct origin_span bytes = {(const char *)&address, sizeof address};
    uint64_t h = origin_span_hash(bytes, site->book->seed);

    /* The upper bits of a product, which addresses beside each other do not share. */
    return (enum origin_rules)((h * 0x9e3779b97f4a7c15u >> 40) % RULES_COUNT);
}

bool origin_site_is_private(uint32_t page)
{
    return page % 8 == 7;
}

bool origin_site_has_moved(uint32_t page)
{
    return page % 10 == 1;
}

bool origin_site_has_missing(uint32_t page)
{
    return page % 10 == 4;
}

bool origin_site_has_base(uint32_t page)
{
    return page % 6 == ORIGIN_SITE_FIRST_BASE;
}

/* One in five has a name that is not ASCII, and stands in the links as it is written. */
void origin_site_path(const struct origin_site *site, uint32_t page, struct origin_bytes *out)
{
    (void)site;
    if (page == 0) {
        origin_bytes_text(out, "/");
    } else if (origin_site_is_private(page)) {
        origin_bytes_print(out, "/private/%u.html", page);
    } else if (page % 5 == 2) {
        origin_bytes_print(out, "/part%u/s%%C3%%A4tze-%u.html", page % 3, page);
    } else {
        origin_bytes_print(out, "/part%u/page-%u.html", page % 3, page);
    }
}

/* The number that stands before ".html". */
static bool last_number(struct origin_span path, uint32_t *value)
{
    static const char end[] = ".html";
    const size_t k = sizeof end - 1;
    struct origin_span digits = path;
    uint64_t n;

    if (path.n <= k || memcmp(path.p + path.n - k, end, k) != 0) {
        return false;
    }
    digits.n = 0;
    digits.p += path.n - k;
    while (digits.p > path.p && digits.p[-1] >= '0' && digits.p[-1] <= '9') {
        digits.p--;
        digits.n++;
    }
    if (!origin_span_number(digits, UINT32_MAX, &n)) {
        return false;
    }
    *value = (uint32_t)n;
    return true;
}

bool origin_site_find(const struct origin_site *site, struct origin_span path, uint32_t *page)
{
    struct origin_bytes own = {0};
    uint32_t n = 0;
    bool found = false;

    if (origin_span_is(path, "/")) {
        *page = 0;
        return true;
    }
    if (last_number(path, &n) && n > 0 && n < site->pages) {
        origin_site_path(site, n, &own);
        found = own.n == path.n && memcmp(own.p, path.p, own.n) == 0;
        origin_bytes_free(&own);
    }
    if (found) {
        *page = n;
    }
    return found;
}

void origin_site_root(const struct origin_site *site, uint32_t address, struct origin_bytes *out)
{
    origin_bytes_print(out, "http://%u.%u.%u.%u:%u", address >> 24, address >> 16 & 255,
                       address >> 8 & 255, address & 255, site->port);
}
