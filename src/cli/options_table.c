#include <stddef.h>

#include "cli/options.h"

static const char *const *when_names(void)
{
    static const char *const names[] = {"auto", "always", "never", NULL};
    return names;
}

static const char *const *comparison_formats(void)
{
    static const char *const names[] = {"text", "json", "csv", NULL};
    return names;
}

static const char *const *record_formats(void)
{
    static const char *const names[] = {"text", "jsonl", NULL};
    return names;
}

#define AT(member)    .at = offsetof(struct cli_options, member)
#define IN(commands_) .commands = (commands_)
#define FETCH         (1 << CLI_FETCH)
#define CRAWL         (1 << CLI_CRAWL)
#define LINKS         (1 << CLI_LINKS)
#define EXPLAIN       (1 << CLI_EXPLAIN)
#define COMPARE       (1 << CLI_COMPARE)
#define HELP          (1 << CLI_HELP)
#define SITES         (CRAWL | EXPLAIN)                   /* what has a scope and a pace */
#define RUNS          (FETCH | CRAWL | COMPARE)           /* what takes a list of URLs */
#define ASKS          (FETCH | CRAWL | EXPLAIN | COMPARE) /* what uses the network */
#define EVERYWHERE    ((1 << CLI_COMMANDS) - 1)

#define MAX_BYTES (UINT64_C(1) << 50)
#define MAX_MS    UINT64_C(1000000000)
#define MAX_COUNT 1000000000
#define MAX_WHOLE UINT64_C(1000000000000000)

const struct cli_option cli_option_table[] = {
    {"input-file", 'i', CLI_LIST, CLI_INPUT, IN(RUNS), AT(input_files), .arg = "FILE",
     .help = "read URLs from FILE, - is standard input",
     .more = "A URL a line; blank lines and lines that begin with # are skipped. The file is "
             "read while its URLs are fetched, so that it may be longer than memory. May be "
             "given several times."},

    {"base", 0, CLI_TEXT, CLI_INPUT, IN(LINKS), AT(links.base), .arg = "URL",
     .help = "URL of the document, which links are relative to",
     .more = "Without it, relative links are left out unless the document names a base itself; "
             "how many is told on standard error."},
    {"type", 0, CLI_TEXT, CLI_INPUT, IN(LINKS), AT(links.type), .arg = "MIME",
     .help = "text/html, text/css, application/xml, text/plain",
     .more = "XML is a sitemap, RSS or Atom; plain text has a URL a line. By default the first "
             "bytes tell."},
    {"charset", 0, CLI_TEXT, CLI_INPUT, IN(LINKS), AT(links.charset), .arg = "NAME",
     .help = "character set of the document",
     .more = "By default found out as browsers do: by a byte order mark or a meta element."},
    {"base", 0, CLI_TEXT, CLI_INPUT, IN(EXPLAIN), AT(explain.base), .arg = "URL",
     .help = "page that links to the URL, which it is relative to"},
    {"seed", 0, CLI_LIST, CLI_INPUT, IN(EXPLAIN), AT(explain.seeds), .arg = "URL",
     .help = "a seed, which the scope depends on (the base, or the URL)",
     .more = "May be given several times."},

    {"level", 'l', CLI_LEVEL, CLI_SCOPE, IN(SITES), AT(crawl.level), .arg = "N|inf",
     .max = UINT32_MAX - 1, .help = "links to follow from a seed",
     .more = "0 is no limit, as in wget. Redirects do not count."},
    {"no-parent", 0, CLI_FLAG, CLI_SCOPE, IN(SITES), AT(crawl.no_parent), .pair = "np",
     .help = "never above a seed's directory"},
    {"span-hosts", 'H', CLI_FLAG, CLI_SCOPE, IN(SITES), AT(crawl.span_hosts),
     .help = "to other hosts than the seeds' too",
     .more = "Without it, redirects do not leave the seeds' hosts either."},
    {"domains", 'D', CLI_WORDS, CLI_SCOPE, IN(SITES), AT(domains), .arg = "LIST",
     .help = "with -H, only to these and what is below them",
     .more = "Separated by commas. May be given several times."},
    {"exclude-domains", 0, CLI_WORDS, CLI_SCOPE, IN(SITES), AT(exclude_domains), .arg = "LIST",
     .help = "not to these, nor to what is below them"},
    {"include", 0, CLI_LIST, CLI_SCOPE, IN(SITES), AT(include), .arg = "REGEX",
     .help = "only URLs that match, of several any one",
     .more = "A regular expression of PCRE2, which may be found anywhere in the canonical URL. "
             "May be given several times."},
    {"exclude", 0, CLI_LIST, CLI_SCOPE, IN(SITES), AT(exclude), .arg = "REGEX",
     .help = "no URLs that match", .more = "Like --include. May be given several times."},
    {"accept", 'A', CLI_WORDS, CLI_SCOPE, IN(SITES), AT(accept), .arg = "LIST",
     .help = "only file names with these suffixes or wildcards",
     .more = "Such as .html,img*. As in wget2; separated by commas."},
    {"reject", 'R', CLI_WORDS, CLI_SCOPE, IN(SITES), AT(reject), .arg = "LIST",
     .help = "no file names with these suffixes or wildcards"},
    {"filter-mime-type", 0, CLI_WORDS, CLI_SCOPE, IN(CRAWL), AT(mime_types), .arg = "LIST",
     .help = "only results of these types, ! excludes",
     .more = "Such as text/html or image/*,!image/gif. What has another type is fetched, for "
             "only its answer tells, and is no result."},
    {"page-requisites", 'p', CLI_FLAG, CLI_SCOPE, IN(SITES), AT(crawl.page_requisites),
     .help = "what pages are made of, wherever it is",
     .more = "Images, styles and scripts of pages in scope are fetched though they are out of "
             "scope themselves."},
    {"lazy-attributes", 0, CLI_FLAG, CLI_SCOPE, IN(SITES | LINKS), AT(lazy_attributes),
     .help = "links in data-src and its like too"},
    {"no-sitemaps", 0, CLI_FLAG, CLI_SCOPE, IN(CRAWL), AT(crawl.no_sitemaps),
     .help = "not what sitemaps in robots.txt name"},

    {"wait", 'w', CLI_TIME, CLI_PACE, IN(FETCH), AT(fetch.wait_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "from one fetch to the next on a host",
     .more = "And on an address, whatever names it has."},
    {"per-host", 0, CLI_NUMBER, CLI_PACE, IN(SITES), AT(fetch.per_host), .arg = "N",
     .max = 100000, .help = "fetches in flight on one host",
     .more = "A host is a scheme, a name and a port. 0 is no limit."},
    {"wait", 'w', CLI_TIME, CLI_PACE, IN(SITES), AT(fetch.wait_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "from one fetch to the next on a host",
     .more = "And on an address, whatever names it has. A Crawl-delay of robots.txt that is "
             "longer holds instead."},
    {"random-wait", 0, CLI_FLAG, CLI_PACE, IN(FETCH | SITES), AT(fetch.random_wait),
     .help = "0.5 to 1.5 times that"},
    {"adaptive-wait", 0, CLI_SWITCH, CLI_PACE, IN(SITES), AT(fetch.adaptive_wait),
     .help = "do not slow down for a host in trouble",
     .more = "By default the wait grows while a host answers slower than before or with 429 or "
             "503, and shrinks again slowly."},
    {"max-wait", 0, CLI_TIME, CLI_PACE, IN(SITES), AT(fetch.max_wait_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "what that can lead to"},
    {"rate", 0, CLI_WHOLE, CLI_PACE, IN(FETCH | SITES), AT(fetch.rate), .arg = "N",
     .max = MAX_WHOLE, .help = "fetches to start a second in all", .more = "0 is no limit."},

    {"robots", 0, CLI_SWITCH, CLI_ROBOTS, IN(SITES), AT(robots),
     .help = "ignore robots.txt and nofollow", .more = "Only for sites whose owner agrees."},
    {"robots-agent", 0, CLI_TEXT, CLI_ROBOTS, IN(SITES), AT(crawl.robots_agent), .arg = "NAME",
     .help = "whose rules in robots.txt hold (trawl)",
     .more = "By default the user agent's name up to its slash."},
    {"robots-file", 0, CLI_TEXT, CLI_ROBOTS, IN(SITES), AT(robots_file), .arg = "FILE",
     .help = "take FILE for every host's robots.txt"},
    {"max-crawl-delay", 0, CLI_TIME, CLI_ROBOTS, IN(SITES), AT(crawl.max_crawl_delay_ms),
     .arg = "SECONDS", .max = MAX_MS, .help = "longest Crawl-delay to obey",
     .more = "A longer one is taken for this."},

    {"strip-session-ids", 0, CLI_FLAG, CLI_URLS, IN(SITES), AT(crawl.strip_session_ids),
     .help = "remove jsessionid, PHPSESSID and their like"},
    {"strip-tracking", 0, CLI_FLAG, CLI_URLS, IN(SITES), AT(crawl.strip_tracking),
     .help = "remove utm_source, fbclid and their like"},
    {"sort-query", 0, CLI_FLAG, CLI_URLS, IN(SITES), AT(crawl.sort_query),
     .help = "put parameters of queries in order",
     .more = "URLs that differ in their order alone are then one."},

    {"max-pages", 0, CLI_WHOLE, CLI_ENDS, IN(CRAWL), AT(crawl.max_pages), .arg = "N",
     .max = MAX_WHOLE, .help = "results, 0 is no limit"},
    {"max-pages-per-host", 0, CLI_WHOLE, CLI_ENDS, IN(CRAWL), AT(crawl.max_pages_per_host),
     .arg = "N", .max = MAX_WHOLE, .help = "of them on one host"},
    {"max-time", 0, CLI_TIME, CLI_ENDS, IN(CRAWL), AT(crawl.max_time_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "nothing new is started after that",
     .more = "What is in flight then comes to its end. 0 is no limit."},
    {"quota", 'Q', CLI_SIZE, CLI_ENDS, IN(CRAWL), AT(crawl.quota), .arg = "BYTES",
     .max = MAX_BYTES, .help = "nor after so many bytes of bodies",
     .more = "Decompressed. 0 is no limit."},

    {"max-links", 0, CLI_WHOLE, CLI_TRAPS, IN(CRAWL), AT(crawl.max_links), .arg = "N",
     .max = MAX_WHOLE, .help = "links of one page, the first ones",
     .more = "0 is no limit, here and with the following."},
    {"max-url", 0, CLI_SIZE, CLI_TRAPS, IN(SITES), AT(max_url), .arg = "BYTES",
     .max = MAX_BYTES, .help = "longest URL"},
    {"max-path-segments", 0, CLI_NUMBER, CLI_TRAPS, IN(SITES), AT(crawl.max_path_segments),
     .arg = "N", .max = MAX_COUNT, .help = "what slashes part in a path"},
    {"max-query-parameters", 0, CLI_NUMBER, CLI_TRAPS, IN(SITES),
     AT(crawl.max_query_parameters), .arg = "N", .max = MAX_COUNT,
     .help = "parameters of a query"},
    {"max-repeats", 0, CLI_NUMBER, CLI_TRAPS, IN(CRAWL), AT(crawl.max_repeats), .arg = "N",
     .max = MAX_COUNT, .help = "pages of the same content to follow links of"},

    {"strategies", 0, CLI_TEXT, CLI_MEASURES, IN(COMPARE), AT(compare.strategies),
     .arg = "LIST", .help = "which to compare, such as loop,pool (all)",
     .more = "Separated by commas, in the order in which they are shown."},
    {"counts", 0, CLI_TEXT, CLI_MEASURES, IN(COMPARE), AT(compare.counts), .arg = "LIST",
     .help = "numbers of URLs (1,2,4,8... and all)",
     .more = "Separated by commas. Each takes so many URLs from the beginning of the list."},
    {"runs", 0, CLI_NUMBER, CLI_MEASURES, IN(COMPARE), AT(compare.runs), .arg = "N", .min = 1,
     .max = CLI_RUNS_MAX, .help = "measurements of each"},

    {"concurrency", 'j', CLI_NUMBER, CLI_SPEEDS, IN(RUNS), AT(fetch.concurrency), .arg = "N",
     .min = 1, .max = 100000, .help = "fetches in flight"},
    {"per-host", 0, CLI_NUMBER, CLI_SPEEDS, IN(FETCH), AT(fetch.per_host), .arg = "N",
     .max = 100000, .help = "fetches in flight on one host",
     .more = "A host is a scheme, a name and a port. 0 is no limit."},
    {"per-host", 0, CLI_NUMBER, CLI_SPEEDS, IN(COMPARE), AT(compare.per_host), .arg = "N",
     .max = 100000, .help = "fetches in flight on one host",
     .more =
         "Of every strategy alike. 0 is no limit: with fetch's limit the loop could not have "
         "more in flight on a single host than a few threads."},
    {"strategy", 0, CLI_CHOICE, CLI_SPEEDS, IN(FETCH | CRAWL), AT(fetch.strategy),
     .arg = "NAME", .choices = trawl_strategy_names, .help = "how to fetch",
     .more =
         "loop is the event loop: one thread for all fetches. The others wait for each fetch "
         "in turn: pool on the threads of a pool, batch on threads that are started and "
         "joined together, process in processes of their own, sequential on one thread, one "
         "fetch after another."},
    {"workers", 0, CLI_NUMBER, CLI_SPEEDS, IN(FETCH | CRAWL), AT(fetch.workers), .arg = "N",
     .max = 100000, .help = "threads or processes of those that wait",
     .more =
         "With 0, pool has as many as --concurrency says, batch and process have 4. A pool has "
         "1023 at the most."},
    {"workers", 0, CLI_NUMBER, CLI_SPEEDS, IN(COMPARE), AT(compare.workers), .arg = "N",
     .min = 1, .max = 100000, .help = "workers of pool, batch and process"},

    {"timeout", 'T', CLI_TIME, CLI_LIMITS, IN(ASKS), AT(fetch.timeout_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "time for one try with its redirects",
     .more = "0 is no limit. Time in the queue and between tries does not count."},
    {"connect-timeout", 0, CLI_TIME, CLI_LIMITS, IN(ASKS), AT(fetch.connect_timeout_ms),
     .arg = "SECONDS", .min = 1, .max = MAX_MS, .help = "time for name, TCP and TLS together"},
    {"low-speed", 0, CLI_SPEED, CLI_LIMITS, IN(ASKS), AT(fetch.low_speed_bytes),
     .arg = "BYTES[:SECS]", .max = INT32_MAX, .help = "least rate, and for how long",
     .more = "A fetch that gets fewer BYTES a second for SECS whole seconds is given up. "
             "Without SECS its default stays. With 0 BYTES there is no limit."},
    {"max-redirs", 0, CLI_NUMBER, CLI_LIMITS, IN(ASKS), AT(fetch.max_redirects), .arg = "N",
     .max = 1000, .help = "redirects to follow",
     .more = "With 0 none is followed, and the redirect itself is the result."},
    {"max-filesize", 0, CLI_SIZE, CLI_LIMITS, IN(RUNS), AT(fetch.max_body), .arg = "BYTES",
     .max = MAX_BYTES, .help = "largest body, decompressed", .more = "0 is no limit."},
    {"max-header-size", 0, CLI_SIZE, CLI_LIMITS, IN(ASKS), AT(fetch.max_header), .arg = "BYTES",
     .max = MAX_BYTES, .help = "largest header of a response", .more = "0 is no limit."},
    {"max-memory", 0, CLI_SIZE, CLI_LIMITS, IN(RUNS), AT(fetch.max_memory), .arg = "BYTES",
     .max = MAX_BYTES, .help = "bodies kept at a time",
     .more = "While they are more, nothing new is started; what runs goes on. 0 is no limit."},

    {"tries", 't', CLI_NUMBER, CLI_RETRIES, IN(ASKS), AT(fetch.tries), .arg = "N", .min = 1,
     .max = 1000, .help = "how often to ask for a URL",
     .more = "A URL is asked for again after a failure to resolve or connect, a reset, a "
             "timeout, and the statuses 408, 429, 500, 502, 503 and 504. With 1 there is no "
             "retry."},
    {"retry-delay", 0, CLI_TIME, CLI_RETRIES, IN(ASKS), AT(fetch.retry_delay_ms),
     .arg = "SECONDS", .max = MAX_MS, .help = "wait before the first retry",
     .more = "It doubles with each further try, up to --waitretry, and a random part is taken "
             "off, so that many clients do not come back at once."},
    {"waitretry", 0, CLI_TIME, CLI_RETRIES, IN(ASKS), AT(fetch.retry_max_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "longest wait between tries"},
    {"max-retry-after", 0, CLI_TIME, CLI_RETRIES, IN(ASKS), AT(fetch.retry_after_max_ms),
     .arg = "SECONDS", .max = MAX_MS, .help = "longest Retry-After to obey",
     .more = "A server that asks for a longer wait is not asked again. 0 is no limit."},

    {"header", 0, CLI_LIST, CLI_REQUESTS, IN(ASKS), AT(headers), .arg = "LINE",
     .help = "send a header, \"Name: value\"",
     .more = "May be given several times. Authorization, Cookie and Proxy-Authorization go to "
             "the host of the first URL alone, not to where it redirects."},
    {"user-agent", 'U', CLI_TEXT, CLI_REQUESTS, IN(FETCH | COMPARE), AT(fetch.user_agent),
     .arg = "AGENT", .help = "name of the client, \"\" sends none"},
    {"user-agent", 'U', CLI_TEXT, CLI_REQUESTS, IN(SITES), AT(fetch.user_agent), .arg = "AGENT",
     .help = "name of the client, \"\" sends none",
     .more = "Who crawls sites of others should give one that names a page or an address where "
             "their owners can complain: --user-agent 'Name/1.0 (+https://example.org/bot)'."},
    {"proxy", 0, CLI_TEXT, CLI_REQUESTS, IN(ASKS), AT(proxy), .arg = "URL",
     .help = "in place of the environment's, \"\" is none",
     .more = "For http and https alike. The schemes are http, https, socks4, socks4a, socks5 "
             "and socks5h. Hosts named in no_proxy are still asked without it."},
    {"cacert", 0, CLI_TEXT, CLI_REQUESTS, IN(ASKS), AT(fetch.ca_file), .arg = "FILE",
     .help = "trust these certificates (PEM)", .more = "Instead of the system's."},
    {"insecure", 0, CLI_FLAG, CLI_REQUESTS, IN(ASKS), AT(fetch.insecure),
     .help = "trust every certificate"},
    {"http1.1", 0, CLI_FLAG, CLI_REQUESTS, IN(ASKS), AT(http1), .help = "speak HTTP/1.1 only"},
    {"http2", 0, CLI_FLAG, CLI_REQUESTS, IN(ASKS), AT(http2),
     .help = "ask for HTTP/2, without TLS too",
     .more = "Without this option HTTP/2 is used where TLS negotiates it."},
    {"keepalive", 0, CLI_SWITCH, CLI_REQUESTS, IN(ASKS), AT(keepalive),
     .help = "a new connection for each exchange"},
    {"ipv4", '4', CLI_FLAG, CLI_ADDRESSES, IN(ASKS), AT(ipv4), .help = "connect to IPv4 only"},
    {"ipv6", '6', CLI_FLAG, CLI_ADDRESSES, IN(ASKS), AT(ipv6), .help = "connect to IPv6 only"},
    {"resolve", 0, CLI_LIST, CLI_ADDRESSES, IN(ASKS), AT(resolve), .arg = "HOST:PORT:IP",
     .help = "take IP[,IP] for HOST:PORT", .more = "May be given several times."},
    {"interface", 0, CLI_TEXT, CLI_ADDRESSES, IN(ASKS), AT(fetch.interface_name), .arg = "NAME",
     .help = "send from an interface or address"},
    {"dns-servers", 0, CLI_TEXT, CLI_ADDRESSES, IN(ASKS), AT(fetch.dns_servers), .arg = "LIST",
     .help = "ask these name servers, ADDRESS[:PORT],...",
     .more =
         "In place of the system's, by the strategy loop alone. An IPv6 address with a port "
         "stands in brackets."},
    {"dns-timeout", 0, CLI_TIME, CLI_ADDRESSES, IN(ASKS), AT(fetch.dns_timeout_ms),
     .arg = "SECONDS", .min = 1, .max = MAX_MS, .help = "time for one name"},
    {"deny-private", 0, CLI_FLAG, CLI_ADDRESSES, IN(FETCH | COMPARE), AT(fetch.deny_private),
     .help = "not to private, local or special addresses",
     .more =
         "Every address is judged when it is connected to, whatever name, redirect or "
         "spelling led there: loopback, link-local, private, shared, multicast, reserved and "
         "documentation addresses, those of cloud metadata services, and IPv6 addresses that "
         "carry one of these. A fetch that is left without an address fails with EDENIED. "
         "A proxy is exempt; behind it only an address in the URL itself is judged."},
    {"allow-private", 0, CLI_FLAG, CLI_ADDRESSES, IN(FETCH | COMPARE), AT(allow_private),
     .help = "to these as well, as by default"},
    {"allow-private", 0, CLI_FLAG, CLI_ADDRESSES, IN(SITES), AT(allow_private),
     .help = "to private, local and special addresses too",
     .more = "A crawl goes where pages of strangers lead, so by default to public addresses "
             "alone, as with trawl fetch --deny-private."},
    {"deny-private", 0, CLI_FLAG, CLI_ADDRESSES, IN(SITES), AT(deny_private),
     .help = "not to these, as by default"},
    {"deny-cidr", 0, CLI_TEXT, CLI_ADDRESSES, IN(ASKS), AT(fetch.deny_cidr), .arg = "LIST",
     .help = "nor to these, ADDRESS[/BITS],...",
     .more = "Such as 10.0.0.0/8,2001:db8::/32. It needs no --deny-private."},
    {"allow-cidr", 0, CLI_TEXT, CLI_ADDRESSES, IN(ASKS), AT(fetch.allow_cidr), .arg = "LIST",
     .help = "to these in spite of both",
     .more = "What it holds is allowed however long the prefix is that denies it."},

    {"format", 0, CLI_CHOICE, CLI_OUTPUT, IN(FETCH | CRAWL), AT(format), .arg = "NAME",
     .choices = trawl_sink_names, .help = "format of results"},
    {"format", 0, CLI_CHOICE, CLI_OUTPUT, IN(COMPARE), AT(compare.format), .arg = "NAME",
     .choices = comparison_formats, .help = "format of results"},
    {"format", 0, CLI_CHOICE, CLI_OUTPUT, IN(LINKS | EXPLAIN), AT(record_format), .arg = "NAME",
     .choices = record_formats, .help = "format of what is printed"},
    {"chart", 0, CLI_LIST, CLI_OUTPUT, IN(COMPARE), AT(compare.charts), .arg = "FILE",
     .help = "draw the times to FILE.svg or FILE.png", .more = "May be given several times."},
    {"html", 0, CLI_TEXT, CLI_OUTPUT, IN(COMPARE), AT(compare.html), .arg = "FILE",
     .help = "write all of it to FILE as one HTML page",
     .more = "The page needs nothing from elsewhere: charts, tables, the machine, the versions "
             "and the command line that made it, without passwords."},
    {"output", 'o', CLI_TEXT, CLI_OUTPUT, IN(RUNS), AT(output), .arg = "FILE",
     .help = "write results to FILE, - is standard output"},
    {"excerpt", 0, CLI_NUMBER, CLI_OUTPUT, IN(FETCH), AT(fetch.excerpt), .arg = "N",
     .max = 1000000, .help = "characters of each page to show",
     .more = "Characters, not bytes: the page is decoded by the character set that its header, "
             "a byte order mark or a meta element names."},
    {"excerpt", 0, CLI_NUMBER, CLI_OUTPUT, IN(CRAWL), AT(fetch.excerpt), .arg = "N",
     .max = 1000000, .help = "characters of each page to show",
     .more = "As in trawl fetch; by default the title stands for the page."},
    {"body", 0, CLI_FLAG, CLI_OUTPUT, IN(FETCH | CRAWL), AT(body),
     .help = "write the whole body too (jsonl)",
     .more = "As text if all of it is valid UTF-8, else in base64."},
    {"stats", 0, CLI_TEXT, CLI_OUTPUT, IN(FETCH | CRAWL), AT(stats), .arg = "FILE",
     .help = "write the summary to FILE as JSON, - is stdout"},
    {"log-rejected", 0, CLI_TEXT, CLI_OUTPUT, IN(CRAWL), AT(log_rejected), .arg = "FILE",
     .help = "write what was found and left out to FILE",
     .more = "A JSON object a line, see Rejected URLs below."},
    {"log-duplicates", 0, CLI_FLAG, CLI_OUTPUT, IN(CRAWL), AT(log_duplicates),
     .help = "there, also links to what is taken up already"},
    {"quiet", 'q', CLI_FLAG, CLI_OUTPUT, IN(RUNS), AT(quiet),
     .help = "no progress, no summary"},
    {"verbose", 'v', CLI_COUNT, CLI_OUTPUT, IN(FETCH | CRAWL), AT(verbose), .max = 2,
     .help = "tell of redirects and retries; twice: all",
     .more = "On standard error. Given twice, every exchange is told of."},
    {"progress", 0, CLI_CHOICE, CLI_OUTPUT, IN(RUNS), AT(progress), .arg = "WHEN",
     .choices = when_names, .help = "progress line",
     .more = "It is on standard error; auto shows it on a terminal."},
    {"color", 0, CLI_CHOICE, CLI_OUTPUT, IN(RUNS), AT(color), .arg = "WHEN",
     .choices = when_names, .help = "colours",
     .more = "With auto, colours are used on a terminal, unless NO_COLOR is set."},

    {"man", 0, CLI_FLAG, CLI_GENERAL, IN(HELP), AT(man),
     .help = "print the manual page (mdoc)"},
    {"completion", 0, CLI_FLAG, CLI_GENERAL, IN(HELP), AT(completion),
     .help = "print the completion for bash"},
    {"help", 'h', CLI_FLAG, CLI_GENERAL, IN(EVERYWHERE), AT(help), .help = "print this"},
    {"version", 'V', CLI_FLAG, CLI_GENERAL, IN(EVERYWHERE), AT(version),
     .help = "print the versions of trawl and its libraries"},
};

const size_t cli_option_count = sizeof(cli_option_table) / sizeof(cli_option_table[0]);
