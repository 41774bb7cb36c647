/* What crawl and explain are given about their scope. */
#include <string.h>

#include "cli/options.h"
#include "cli/slurp.h"
#include "cli/values.h"

#define FAIL(...) (*error = cli_message(__VA_ARGS__), CLI_EXIT_USAGE)

/* RFC 9309 section 2.5: a crawler need not look at more than 500 KiB. */
#define ROBOTS_MAX ((size_t)16 << 20)

static int read_robots(struct cli_options *o, char **error)
{
    size_t len = 0;
    int code = cli_slurp_file(o->robots_file, ROBOTS_MAX, &o->robots_text, &len);
    if (code != 0) {
        *error = cli_message("--robots-file %s: %s", o->robots_file, strerror(code));
        return CLI_EXIT_FILE;
    }
    o->crawl.robots_text = o->robots_text;
    o->crawl.robots_text_len = len;
    return 0;
}

static void complete(struct cli_options *o)
{
    trawl_crawl_options *crawl = &o->crawl;
    crawl->domains = o->domains.items;
    crawl->exclude_domains = o->exclude_domains.items;
    crawl->include = o->include.items;
    crawl->exclude = o->exclude.items;
    crawl->accept = o->accept.items;
    crawl->reject = o->reject.items;
    crawl->mime_types = o->mime_types.items;
    crawl->lazy_attributes = o->lazy_attributes;
    crawl->ignore_robots = !o->robots;
    crawl->max_url = (size_t)o->max_url;
}

int cli_scope_check(struct cli_options *o, char **error)
{
    complete(o);
    if (o->domains.count > 0 && !o->crawl.span_hosts) {
        return FAIL("--domains needs --span-hosts (-H); without it only the seeds' hosts are "
                    "in scope");
    }
    if (o->log_duplicates && o->log_rejected == NULL) {
        return FAIL("--log-duplicates needs --log-rejected FILE");
    }
    if (o->robots_file != NULL && !o->robots) {
        return FAIL("--robots-file and --no-robots exclude each other");
    }
    if (o->crawl.robots_agent != NULL && o->crawl.robots_agent[0] == '\0') {
        return FAIL("--robots-agent: give a name, such as trawl");
    }
    return o->robots_file != NULL ? read_robots(o, error) : 0;
}
