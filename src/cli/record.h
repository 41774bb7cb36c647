/* Records of trawl crawl, links and explain as JSON Lines. What no Unicode string can hold, and what
 * a terminal would obey, is written as %XX. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "trawl.h"
#include "cli/json.h"

/* NULL without memory; yajl_gen_free() frees it. */
yajl_gen cli_record_open(void);

/* Text of any origin; NULL is null. */
void cli_record_text(yajl_gen gen, const char *key, const char *text);

/* The object that was generated and a newline, for the caller to write; valid until the next call
 * for gen but cli_record_next(). NULL: no memory. */
const char *cli_record_end(yajl_gen gen, size_t *len);

/* Ready for the next object. */
void cli_record_next(yajl_gen gen);

/* The object of one record from begin to end, as cli_record_end(): url, reason, rule, line, depth
 * and from of what a crawl left out; url, tag, attribute, kind, rel and nofollow of a link. */
const char *cli_record_rejected(yajl_gen gen, const trawl_rejected *rejected, size_t *len);
const char *cli_record_link(yajl_gen gen, const trawl_link *link, size_t *len);

#endif
