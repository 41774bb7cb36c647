/* The options of the command line. One const table makes the parser, --help, the manual page and
 * the completion; struct cli_options is what the parser fills. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl.h"
#include "cli/summary.h"

/* What each exit status means, indexed by enum cli_exit. */
#define CLI_EXIT_COUNT 10
extern const char *const cli_exit_meanings[CLI_EXIT_COUNT];

/* ---- Commands ---------------------------------------------------------------------------- */

enum cli_command_id {
    CLI_MAIN, /* no command: what stands between `trawl` and the command's name */
    CLI_FETCH,
    CLI_CRAWL,
    CLI_LINKS,
    CLI_EXPLAIN,
    CLI_COMPARE,
    CLI_HELP,
    CLI_COMMANDS,
};

struct cli_command {
    const char *name;
    const char *operands; /* "[URL...]" */
    const char *summary;  /* one line, no full stop */
    const char *more;     /* sentences for the manual page */
};

/* Indexed by enum cli_command_id. */
extern const struct cli_command cli_commands[CLI_COMMANDS];

/* CLI_MAIN if it is none. */
enum cli_command_id cli_command_find(const char *name);

/* The name nearest to a mistyped one, NULL if none is near. */
const char *cli_command_suggest(const char *name);

/* ---- The table --------------------------------------------------------------------------- */

enum cli_type {
    CLI_FLAG,   /* bool, off by default */
    CLI_SWITCH, /* bool, on by default: --no-NAME turns it off, --NAME on */
    CLI_COUNT,  /* unsigned, one more each time */
    CLI_NUMBER, /* unsigned */
    CLI_WHOLE,  /* uint64_t */
    CLI_LEVEL,  /* unsigned; 0 and "inf" are TRAWL_LEVEL_INF */
    CLI_SIZE,   /* uint64_t bytes */
    CLI_TIME,   /* uint64_t milliseconds */
    CLI_SPEED,  /* low_speed_bytes and low_speed_ms of trawl_options */
    CLI_TEXT,   /* const char * */
    CLI_CHOICE, /* const char *, one of choices() */
    CLI_LIST,   /* struct cli_list, one more each time */
    CLI_WORDS,  /* struct cli_list, what commas part is more */
};

enum cli_group {
    CLI_INPUT,
    CLI_MEASURES,
    CLI_SCOPE,
    CLI_PACE,
    CLI_ROBOTS,
    CLI_URLS,
    CLI_ENDS,
    CLI_TRAPS,
    CLI_SPEEDS,
    CLI_LIMITS,
    CLI_RETRIES,
    CLI_REQUESTS,
    CLI_ADDRESSES,
    CLI_OUTPUT,
    CLI_GENERAL,
    CLI_GROUPS,
};

extern const char *const cli_group_titles[CLI_GROUPS];

struct cli_option {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    unsigned char type;
    unsigned char group;
    unsigned char commands; /* bits 1 << enum cli_command_id; they share the default */
    size_t at;              /* in struct cli_options */
    const char *arg;        /* NULL: takes none */
    const char *pair;       /* of a flag: two letters that stand for it after one dash; or NULL */
    uint64_t min, max;      /* of numbers, sizes and times */
    const char *const *(*choices)(void);
    const char *help; /* one short line, no full stop */
    const char *more; /* further sentences for the manual page, may be NULL */
};

extern const struct cli_option cli_option_table[];
extern const size_t cli_option_count;

static inline bool cli_option_in(const struct cli_option *option, enum cli_command_id command)
{
    return (option->commands >> command & 1) != 0;
}

/* The default as it would be typed; "" where there is none to tell. */
void cli_option_default(const struct cli_option *option, char *text, size_t size);

#define CLI_RUNS_MAX 1000 /* of trawl compare */

/* ---- What was asked for ------------------------------------------------------------------ */

/* items ends with NULL and is NULL while empty; the strings belong to argv or, of CLI_WORDS, to
 * cli_options.copies. */
struct cli_list {
    const char **items;
    size_t count;
};

/* Strings belong to the environment. NULL is none; a variable set to nothing is none. */
struct cli_environment {
    const char *http_proxy;
    const char *https_proxy;
    const char *all_proxy;
    const char *no_proxy;
    bool no_color;
    bool dumb_terminal;
};

struct cli_options {
    enum cli_command_id command;
    trawl_options fetch;
    trawl_crawl_options crawl;
    struct cli_environment environment;
    struct cli_list operands; /* URLs, or the command to explain */
    struct cli_list input_files;
    struct cli_list headers;
    struct cli_list resolve;
    struct cli_list domains;
    struct cli_list exclude_domains;
    struct cli_list include;
    struct cli_list exclude;
    struct cli_list accept;
    struct cli_list reject;
    struct cli_list mime_types;
    struct {
        const char *base; /* NULL: none */
        const char *type;
        const char *charset;
    } links;
    struct {
        const char *base;
        struct cli_list seeds;
    } explain;
    struct {
        const char *strategies; /* NULL: all */
        const char *counts;     /* NULL: powers of two, and the whole list */
        unsigned runs;
        unsigned workers;
        unsigned per_host;
        const char *format;
        struct cli_list charts;
        const char *html; /* NULL: none */
    } compare;
    int argc; /* what was parsed */
    char *const *argv;
    const char *proxy; /* NULL: as the environment says; "": none */
    const char *format;
    const char *output; /* NULL: standard output */
    const char *stats;  /* NULL: none */
    const char *log_rejected;
    const char *robots_file;
    const char *record_format; /* of links and explain */
    uint64_t max_url;
    struct cli_list copies; /* of values that had to be taken apart */
    char *robots_text;      /* of robots_file */
    const char *progress;
    const char *color;
    unsigned verbose;
    bool quiet;
    bool body;
    bool keepalive;
    bool http1;
    bool http2;
    bool ipv4;
    bool ipv6;
    bool allow_private;
    bool deny_private; /* of crawl and explain, which do so anyhow */
    bool robots;
    bool lazy_attributes;
    bool log_duplicates;
    bool help;
    bool version;
    bool man;
    bool completion;
};

/* With the defaults of the command. */
void cli_options_init(struct cli_options *o, enum cli_command_id command);
void cli_options_free(struct cli_options *o);

void cli_environment_read(struct cli_environment *e);

/* Reads argv (without the name of o's command) into o. Stops early at --help and --version. Returns 0
 * or an exit status; *error is then one line to print, to be freed, NULL if memory was short. */
int cli_options_parse(struct cli_options *o, int argc, char *const *argv, char **error);

/* What must hold before anything is fetched, beyond each option's own bounds; completes o->fetch
 * and o->crawl. Returns as cli_options_parse(). */
int cli_options_check(struct cli_options *o, char **error);

/* The part of it that crawl and explain share: the lists of the scope, and robots_file, which is
 * read. */
int cli_scope_check(struct cli_options *o, char **error);

/* auto, always or never, where terminal is what auto depends on. */
bool cli_when(const char *when, bool terminal);

#endif
