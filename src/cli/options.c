#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/values.h"

const struct cli_command cli_commands[CLI_COMMANDS] = {
    [CLI_MAIN] = {"", "COMMAND", "", NULL},
    [CLI_FETCH] = {"fetch", "[URL...]", "fetch a list of URLs, all at once",
                   "Fetches every URL of the command line, then of the input files, all of them "
                   "concurrently on one thread, and writes one result for each. The list is "
                   "fetched as it stands, duplicates included. Results come in the order in "
                   "which fetches end. A URL without a scheme is taken as http."},
    [CLI_COMPARE] = {"compare", "[URL...]", "time the strategies side by side",
                     "Fetches the list with each strategy and tells what each took: time, "
                     "processor, memory, threads. Each measurement is made by a process of its "
                     "own. The strategies take turns, after a warm-up of each. That all of them "
                     "got the same answers is checked; URLs that differ or failed are shown."},
    [CLI_HELP] = {"help", "[COMMAND]", "explain a command",
                  "Prints what \"trawl COMMAND --help\" prints."},
};

const char *const cli_exit_meanings[CLI_EXIT_COUNT] = {
    [CLI_EXIT_OK] = "all fetched, each with a status below 400",
    [CLI_EXIT_FAILURE] = "any other failure",
    [CLI_EXIT_USAGE] = "wrong usage",
    [CLI_EXIT_FILE] = "a file could not be read or written",
    [CLI_EXIT_NETWORK] = "network failure",
    [CLI_EXIT_TLS] = "TLS failure",
    [CLI_EXIT_AUTH] = "authentication required",
    [CLI_EXIT_PROTOCOL] = "protocol error",
    [CLI_EXIT_STATUS] = "the server answered with an error status",
    [CLI_EXIT_INTERRUPTED] = "interrupted with work left",
};

const char *const cli_group_titles[CLI_GROUPS] = {
    [CLI_INPUT] = "Input",   [CLI_MEASURES] = "Measurements", [CLI_SPEEDS] = "Concurrency",
    [CLI_LIMITS] = "Limits", [CLI_RETRIES] = "Retries",       [CLI_REQUESTS] = "Requests",
    [CLI_ADDRESSES] = "Addresses", [CLI_OUTPUT] = "Output",   [CLI_GENERAL] = "General",
};

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

#define AT(member) .at = offsetof(struct cli_options, member)
#define FETCH .commands = 1 << CLI_FETCH
#define COMPARE .commands = 1 << CLI_COMPARE
#define BOTH .commands = 1 << CLI_FETCH | 1 << CLI_COMPARE
#define HELP .commands = 1 << CLI_HELP
#define EVERYWHERE                                                                             \
    .commands = 1 << CLI_MAIN | 1 << CLI_FETCH | 1 << CLI_COMPARE | 1 << CLI_HELP

#define MAX_BYTES (UINT64_C(1) << 50)
#define MAX_MS UINT64_C(1000000000)

const struct cli_option cli_option_table[] = {
    {"input-file", 'i', CLI_LIST, CLI_INPUT, BOTH, AT(input_files), .arg = "FILE",
     .help = "read URLs from FILE, - is standard input",
     .more = "A URL a line; blank lines and lines that begin with # are skipped. The file is "
             "read while its URLs are fetched, so that it may be longer than memory. May be "
             "given several times."},

    {"strategies", 0, CLI_TEXT, CLI_MEASURES, COMPARE, AT(compare.strategies), .arg = "LIST",
     .help = "which to compare, such as loop,pool (all)",
     .more = "Separated by commas, in the order in which they are shown."},
    {"counts", 0, CLI_TEXT, CLI_MEASURES, COMPARE, AT(compare.counts), .arg = "LIST",
     .help = "numbers of URLs (1,2,4,8... and all)",
     .more = "Separated by commas. Each takes so many URLs from the beginning of the list."},
    {"runs", 0, CLI_NUMBER, CLI_MEASURES, COMPARE, AT(compare.runs), .arg = "N", .min = 1,
     .max = CLI_RUNS_MAX, .help = "measurements of each"},

    {"concurrency", 'j', CLI_NUMBER, CLI_SPEEDS, BOTH, AT(fetch.concurrency), .arg = "N",
     .min = 1, .max = 100000, .help = "fetches in flight"},
    {"per-host", 0, CLI_NUMBER, CLI_SPEEDS, FETCH, AT(fetch.per_host), .arg = "N",
     .max = 100000, .help = "fetches in flight on one host",
     .more = "A host is a scheme, a name and a port. 0 is no limit."},
    {"per-host", 0, CLI_NUMBER, CLI_SPEEDS, COMPARE, AT(compare.per_host), .arg = "N",
     .max = 100000, .help = "fetches in flight on one host",
     .more = "Of every strategy alike. 0 is no limit: with fetch's limit the loop could not have "
             "more in flight on a single host than a few threads."},
    {"strategy", 0, CLI_CHOICE, CLI_SPEEDS, FETCH, AT(fetch.strategy), .arg = "NAME",
     .choices = trawl_strategy_names, .help = "how to fetch",
     .more = "loop is the event loop: one thread for all fetches. The others wait for each fetch "
             "in turn: pool on the threads of a pool, batch on threads that are started and "
             "joined together, process in processes of their own, sequential on one thread, one "
             "fetch after another."},
    {"workers", 0, CLI_NUMBER, CLI_SPEEDS, FETCH, AT(fetch.workers), .arg = "N",
     .max = 100000, .help = "threads or processes of those that wait",
     .more = "With 0, pool has as many as --concurrency says, batch and process have 4. A pool has "
             "1023 at the most."},
    {"workers", 0, CLI_NUMBER, CLI_SPEEDS, COMPARE, AT(compare.workers), .arg = "N", .min = 1,
     .max = 100000, .help = "workers of pool, batch and process"},

    {"timeout", 'T', CLI_TIME, CLI_LIMITS, BOTH, AT(fetch.timeout_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "time for one try with its redirects",
     .more = "0 is no limit. Time in the queue and between tries does not count."},
    {"connect-timeout", 0, CLI_TIME, CLI_LIMITS, BOTH, AT(fetch.connect_timeout_ms),
     .arg = "SECONDS", .min = 1, .max = MAX_MS, .help = "time for name, TCP and TLS together"},
    {"low-speed", 0, CLI_SPEED, CLI_LIMITS, BOTH, AT(fetch.low_speed_bytes),
     .arg = "BYTES[:SECS]", .max = INT32_MAX, .help = "least rate, and for how long",
     .more = "A fetch that gets fewer BYTES a second for SECS whole seconds is given up. "
             "Without SECS its default stays. With 0 BYTES there is no limit."},
    {"max-redirs", 0, CLI_NUMBER, CLI_LIMITS, BOTH, AT(fetch.max_redirects), .arg = "N",
     .max = 1000, .help = "redirects to follow",
     .more = "With 0 none is followed, and the redirect itself is the result."},
    {"max-filesize", 0, CLI_SIZE, CLI_LIMITS, BOTH, AT(fetch.max_body), .arg = "BYTES",
     .max = MAX_BYTES, .help = "largest body, decompressed",
     .more = "0 is no limit."},
    {"max-header-size", 0, CLI_SIZE, CLI_LIMITS, BOTH, AT(fetch.max_header), .arg = "BYTES",
     .max = MAX_BYTES, .help = "largest header of a response",
     .more = "0 is no limit."},
    {"max-memory", 0, CLI_SIZE, CLI_LIMITS, BOTH, AT(fetch.max_memory), .arg = "BYTES",
     .max = MAX_BYTES, .help = "bodies kept at a time",
     .more = "While they are more, nothing new is started; what runs goes on. 0 is no limit."},

    {"tries", 't', CLI_NUMBER, CLI_RETRIES, BOTH, AT(fetch.tries), .arg = "N", .min = 1,
     .max = 1000, .help = "how often to ask for a URL",
     .more = "A URL is asked for again after a failure to resolve or connect, a reset, a "
             "timeout, and the statuses 408, 429, 500, 502, 503 and 504. With 1 there is no retry."},
    {"retry-delay", 0, CLI_TIME, CLI_RETRIES, BOTH, AT(fetch.retry_delay_ms),
     .arg = "SECONDS", .max = MAX_MS, .help = "wait before the first retry",
     .more = "It doubles with each further try, up to --waitretry, and a random part is taken "
             "off, so that many clients do not come back at once."},
    {"waitretry", 0, CLI_TIME, CLI_RETRIES, BOTH, AT(fetch.retry_max_ms), .arg = "SECONDS",
     .max = MAX_MS, .help = "longest wait between tries"},
    {"max-retry-after", 0, CLI_TIME, CLI_RETRIES, BOTH, AT(fetch.retry_after_max_ms),
     .arg = "SECONDS", .max = MAX_MS, .help = "longest Retry-After to obey",
     .more = "A server that asks for a longer wait is not asked again. 0 is no limit."},

    {"header", 0, CLI_LIST, CLI_REQUESTS, BOTH, AT(headers), .arg = "LINE",
     .help = "send a header, \"Name: value\"",
     .more = "May be given several times. Authorization, Cookie and Proxy-Authorization go to "
             "the host of the first URL alone, not to where it redirects."},
    {"user-agent", 'U', CLI_TEXT, CLI_REQUESTS, BOTH, AT(fetch.user_agent), .arg = "AGENT",
     .help = "name of the client, \"\" sends none"},
    {"proxy", 0, CLI_TEXT, CLI_REQUESTS, BOTH, AT(proxy), .arg = "URL",
     .help = "in place of the environment's, \"\" is none",
     .more = "For http and https alike. The schemes are http, https, socks4, socks4a, socks5 "
             "and socks5h. Hosts named in no_proxy are still asked without it."},
    {"cacert", 0, CLI_TEXT, CLI_REQUESTS, BOTH, AT(fetch.ca_file), .arg = "FILE",
     .help = "trust these certificates (PEM)", .more = "Instead of the system's."},
    {"insecure", 0, CLI_FLAG, CLI_REQUESTS, BOTH, AT(fetch.insecure),
     .help = "trust every certificate"},
    {"http1.1", 0, CLI_FLAG, CLI_REQUESTS, BOTH, AT(http1), .help = "speak HTTP/1.1 only"},
    {"http2", 0, CLI_FLAG, CLI_REQUESTS, BOTH, AT(http2),
     .help = "ask for HTTP/2, without TLS too",
     .more = "Without this option HTTP/2 is used where TLS negotiates it."},
    {"keepalive", 0, CLI_SWITCH, CLI_REQUESTS, BOTH, AT(keepalive),
     .help = "a new connection for each exchange"},
    {"ipv4", '4', CLI_FLAG, CLI_ADDRESSES, BOTH, AT(ipv4), .help = "connect to IPv4 only"},
    {"ipv6", '6', CLI_FLAG, CLI_ADDRESSES, BOTH, AT(ipv6), .help = "connect to IPv6 only"},
    {"resolve", 0, CLI_LIST, CLI_ADDRESSES, BOTH, AT(resolve), .arg = "HOST:PORT:IP",
     .help = "take IP[,IP] for HOST:PORT", .more = "May be given several times."},
    {"interface", 0, CLI_TEXT, CLI_ADDRESSES, BOTH, AT(fetch.interface_name), .arg = "NAME",
     .help = "send from an interface or address"},
    {"dns-servers", 0, CLI_TEXT, CLI_ADDRESSES, BOTH, AT(fetch.dns_servers), .arg = "LIST",
     .help = "ask these name servers, ADDRESS[:PORT],...",
     .more = "In place of the system's, by the strategy loop alone. An IPv6 address with a port "
             "stands in brackets."},
    {"dns-timeout", 0, CLI_TIME, CLI_ADDRESSES, BOTH, AT(fetch.dns_timeout_ms),
     .arg = "SECONDS", .min = 1, .max = MAX_MS, .help = "time for one name"},
    {"deny-private", 0, CLI_FLAG, CLI_ADDRESSES, BOTH, AT(fetch.deny_private),
     .help = "not to private, local or special addresses",
     .more = "Every address is judged when it is connected to, whatever name, redirect or "
             "spelling led there: loopback, link-local, private, shared, multicast, reserved and "
             "documentation addresses, those of cloud metadata services, and IPv6 addresses that "
             "carry one of these. A fetch that is left without an address fails with EDENIED. "
             "A proxy is exempt; behind it only an address in the URL itself is judged."},
    {"allow-private", 0, CLI_FLAG, CLI_ADDRESSES, BOTH, AT(allow_private),
     .help = "to these as well, as by default"},
    {"deny-cidr", 0, CLI_TEXT, CLI_ADDRESSES, BOTH, AT(fetch.deny_cidr), .arg = "LIST",
     .help = "nor to these, ADDRESS[/BITS],...",
     .more = "Such as 10.0.0.0/8,2001:db8::/32. It needs no --deny-private."},
    {"allow-cidr", 0, CLI_TEXT, CLI_ADDRESSES, BOTH, AT(fetch.allow_cidr), .arg = "LIST",
     .help = "to these in spite of both",
     .more = "What it holds is allowed however long the prefix is that denies it."},

    {"format", 0, CLI_CHOICE, CLI_OUTPUT, FETCH, AT(format), .arg = "NAME",
     .choices = trawl_sink_names, .help = "format of results"},
    {"format", 0, CLI_CHOICE, CLI_OUTPUT, COMPARE, AT(compare.format), .arg = "NAME",
     .choices = comparison_formats, .help = "format of results"},
    {"chart", 0, CLI_LIST, CLI_OUTPUT, COMPARE, AT(compare.charts), .arg = "FILE",
     .help = "draw the times to FILE.svg or FILE.png", .more = "May be given several times."},
    {"html", 0, CLI_TEXT, CLI_OUTPUT, COMPARE, AT(compare.html), .arg = "FILE",
     .help = "write all of it to FILE as one HTML page",
     .more = "The page needs nothing from elsewhere: charts, tables, the machine, the versions "
             "and the command line that made it, without passwords."},
    {"output", 'o', CLI_TEXT, CLI_OUTPUT, BOTH, AT(output), .arg = "FILE",
     .help = "write results to FILE, - is standard output"},
    {"excerpt", 0, CLI_NUMBER, CLI_OUTPUT, FETCH, AT(fetch.excerpt), .arg = "N",
     .max = 1000000, .help = "characters of each page to show",
     .more = "Characters, not bytes: the page is decoded by the character set that its header, "
             "a byte order mark or a meta element names."},
    {"body", 0, CLI_FLAG, CLI_OUTPUT, FETCH, AT(body), .help = "write the whole body too (jsonl)",
     .more = "As text if all of it is valid UTF-8, else in base64."},
    {"stats", 0, CLI_TEXT, CLI_OUTPUT, FETCH, AT(stats), .arg = "FILE",
     .help = "write the summary to FILE as JSON, - is stdout"},
    {"quiet", 'q', CLI_FLAG, CLI_OUTPUT, BOTH, AT(quiet), .help = "no progress, no summary"},
    {"verbose", 'v', CLI_COUNT, CLI_OUTPUT, FETCH, AT(verbose), .max = 2,
     .help = "tell of redirects and retries; twice: all",
     .more = "On standard error. Given twice, every exchange is told of."},
    {"progress", 0, CLI_CHOICE, CLI_OUTPUT, BOTH, AT(progress), .arg = "WHEN",
     .choices = when_names, .help = "progress line",
     .more = "It is on standard error; auto shows it on a terminal."},
    {"color", 0, CLI_CHOICE, CLI_OUTPUT, BOTH, AT(color), .arg = "WHEN",
     .choices = when_names, .help = "colours",
     .more = "With auto, colours are used on a terminal, unless NO_COLOR is set."},

    {"man", 0, CLI_FLAG, CLI_GENERAL, HELP, AT(man), .help = "print the manual page (mdoc)"},
    {"completion", 0, CLI_FLAG, CLI_GENERAL, HELP, AT(completion),
     .help = "print the completion for bash"},
    {"help", 'h', CLI_FLAG, CLI_GENERAL, EVERYWHERE, AT(help), .help = "print this"},
    {"version", 'V', CLI_FLAG, CLI_GENERAL, EVERYWHERE, AT(version),
     .help = "print the versions of trawl and its libraries"},
};

const size_t cli_option_count = sizeof(cli_option_table) / sizeof(cli_option_table[0]);

void cli_options_init(struct cli_options *o)
{
    *o = (struct cli_options){
        .fetch = TRAWL_OPTIONS_INIT,
        .format = "text",
        .progress = "auto",
        .color = "auto",
        .keepalive = true,
        .compare = {.runs = 5, .workers = 4, .format = "text"},
    };
    o->fetch.excerpt = 100;
}

void cli_options_free(struct cli_options *o)
{
    free(o->operands.items);
    free(o->input_files.items);
    free(o->headers.items);
    free(o->resolve.items);
    free(o->compare.charts.items);
}

enum cli_command_id cli_command_find(const char *name)
{
    for (int id = CLI_MAIN + 1; id < CLI_COMMANDS; id++) {
        if (strcmp(cli_commands[id].name, name) == 0) {
            return (enum cli_command_id)id;
        }
    }
    return CLI_MAIN;
}

const char *cli_command_suggest(const char *name)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (int id = CLI_MAIN + 1; id < CLI_COMMANDS; id++) {
        size_t distance = cli_edit_distance(name, cli_commands[id].name);
        if (distance <= 2 && distance < best_distance) {
            best = cli_commands[id].name;
            best_distance = distance;
        }
    }
    return best;
}

static void format_speed(const trawl_options *fetch, char *text, size_t size)
{
    char bytes[32];
    char time[32];
    cli_format_size(fetch->low_speed_bytes, bytes, sizeof(bytes));
    cli_format_time(fetch->low_speed_ms, time, sizeof(time));
    snprintf(text, size, "%s:%s", bytes, time);
}

void cli_option_default(const struct cli_option *option, char *text, size_t size)
{
    struct cli_options o;
    cli_options_init(&o);
    const void *at = (const char *)&o + option->at;
    text[0] = '\0';
    switch ((enum cli_type)option->type) {
    case CLI_NUMBER: snprintf(text, size, "%u", *(const unsigned *)at); break;
    case CLI_SIZE: cli_format_size(*(const uint64_t *)at, text, size); break;
    case CLI_TIME: cli_format_time(*(const uint64_t *)at, text, size); break;
    case CLI_SPEED: format_speed(&o.fetch, text, size); break;
    case CLI_TEXT:
    case CLI_CHOICE: {
        const char *value = *(const char *const *)at;
        snprintf(text, size, "%s", value != NULL ? value : "");
        break;
    }
    case CLI_FLAG:
    case CLI_SWITCH:
    case CLI_COUNT:
    case CLI_LIST: break;
    }
}

bool cli_when(const char *when, bool terminal)
{
    return strcmp(when, "always") == 0 || (strcmp(when, "auto") == 0 && terminal);
}
