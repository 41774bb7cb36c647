/* What a crawl thinks of a URL, for people and as JSON. */
#ifndef CLI_EXPLAIN_PRINT_H
#define CLI_EXPLAIN_PRINT_H

#include <stdio.h>

#include "trawl.h"

/* A few lines:
 *
 *     url     http://a.example/x
 *     scope   in scope
 *     robots  disallowed by line 3: Disallow: /x
 *     pace    a fetch every 2 s (Crawl-delay, line 2)
 *
 * 0 or TRAWL_EWRITE. */
int cli_explain_text(const trawl_verdict *v, FILE *file);

/* One object and a newline: url, error and detail (null if it is a URL), in_scope, reason,
 * scope_rule, allowed, robots_status, robots_error, robots_line, robots_rule, wait_ms, wait_rule;
 * null is what there is not. 0, TRAWL_EWRITE or TRAWL_ENOMEM. */
int cli_explain_json(const trawl_verdict *v, FILE *file);

#endif
