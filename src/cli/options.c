#include "cli/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/values.h"

const struct cli_command cli_commands[CLI_COMMANDS] = {
    [CLI_MAIN] = {"", "COMMAND", "", NULL},
    [CLI_FETCH] =
        {"fetch", "[URL...]", "fetch a list of URLs, all at once",
         "Fetches every URL of the command line, then of the input files, all of them "
         "concurrently on one thread, and writes one result for each. The list is "
         "fetched as it stands, duplicates included. Results come in the order in "
         "which fetches end. A URL without a scheme is taken as http."},
    [CLI_CRAWL] =
        {"crawl", "[URL...]", "follow links through whole sites",
         "Fetches the URLs, which are the seeds, and whatever can be reached from them by "
         "links and is in scope, each page once: by default all of the seeds' hosts. "
         "Each host is asked one page at a time, with a wait in between, and robots.txt "
         "is obeyed. A redirect is a result of its own; where it leads is a link. Links "
         "are found in HTML, CSS, sitemaps and headers. All seeds are read before the "
         "first is fetched, for they decide what is in scope. Ends when nothing is left."},
    [CLI_LINKS] =
        {"links", "[FILE]", "print the links of a document",
         "Prints the absolute canonical URL of each link of FILE, or of standard input, "
         "a line each, in the order of the document. Uses no network."},
    [CLI_EXPLAIN] =
        {"explain", "URL", "what a crawl would think of a URL",
         "Prints the URL's canonical form, whether it is in scope and by which rule, "
         "what robots.txt says and by which line, and the pace of its host. The page "
         "is not fetched; robots.txt is, unless --robots-file gives one: then there is "
         "no network at all. The exit status is 0 if a crawl would fetch it, else 1."},
    [CLI_COMPARE] =
        {"compare", "[URL...]", "time the strategies side by side",
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
    [CLI_INPUT] = "Input",         [CLI_MEASURES] = "Measurements",
    [CLI_SCOPE] = "Scope",         [CLI_PACE] = "Pace",
    [CLI_ROBOTS] = "robots.txt",   [CLI_URLS] = "URLs",
    [CLI_ENDS] = "Ends",           [CLI_TRAPS] = "Traps",
    [CLI_SPEEDS] = "Concurrency",  [CLI_LIMITS] = "Limits",
    [CLI_RETRIES] = "Retries",     [CLI_REQUESTS] = "Requests",
    [CLI_ADDRESSES] = "Addresses", [CLI_OUTPUT] = "Output",
    [CLI_GENERAL] = "General",
};

/* Polite, and with nothing in the output that would cost a look at every page. */
static void init_site(struct cli_options *o)
{
    o->fetch.per_host = 1;
    o->fetch.wait_ms = 1000;
    o->fetch.adaptive_wait = true;
    o->fetch.excerpt = 0;
    o->fetch.user_agent = TRAWL_USER_AGENT " (web crawler)";
}

void cli_options_init(struct cli_options *o, enum cli_command_id command)
{
    *o = (struct cli_options){
        .command = command,
        .fetch = TRAWL_OPTIONS_INIT,
        .crawl = TRAWL_CRAWL_OPTIONS_INIT,
        .format = "text",
        .record_format = "text",
        .robots = true,
        .progress = "auto",
        .color = "auto",
        .keepalive = true,
        .compare = {.runs = 5, .workers = 4, .format = "text"},
    };
    o->fetch.excerpt = 100;
    o->max_url = o->crawl.max_url;
    if (command == CLI_CRAWL || command == CLI_EXPLAIN) {
        init_site(o);
    }
}

void cli_options_free(struct cli_options *o)
{
    const struct cli_list lists[] = {
        o->operands, o->input_files,     o->headers, o->resolve,       o->compare.charts,
        o->domains,  o->exclude_domains, o->include, o->exclude,       o->accept,
        o->reject,   o->mime_types,      o->copies,  o->explain.seeds,
    };
    for (size_t i = 0; i < o->copies.count; i++) {
        free((char *)o->copies.items[i]);
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        free(lists[i].items);
    }
    free(o->robots_text);
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

static enum cli_command_id first_command(const struct cli_option *option)
{
    int id = CLI_MAIN;
    while (!cli_option_in(option, (enum cli_command_id)id)) {
        id++;
    }
    return (enum cli_command_id)id;
}

void cli_option_default(const struct cli_option *option, char *text, size_t size)
{
    struct cli_options o;
    cli_options_init(&o, first_command(option));
    const void *at = (const char *)&o + option->at;
    text[0] = '\0';
    switch ((enum cli_type)option->type) {
    case CLI_NUMBER: snprintf(text, size, "%u", *(const unsigned *)at); break;
    case CLI_WHOLE:
        snprintf(text, size, "%llu", (unsigned long long)*(const uint64_t *)at);
        break;
    case CLI_LEVEL: snprintf(text, size, "inf"); break;
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
    case CLI_LIST:
    case CLI_WORDS: break;
    }
}

bool cli_when(const char *when, bool terminal)
{
    return strcmp(when, "always") == 0 || (strcmp(when, "auto") == 0 && terminal);
}
