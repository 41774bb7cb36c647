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
    CLI_SIZE,   /* uint64_t bytes */
    CLI_TIME,   /* uint64_t milliseconds */
    CLI_SPEED,  /* low_speed_bytes and low_speed_ms of trawl_options */
    CLI_TEXT,   /* const char * */
    CLI_CHOICE, /* const char *, one of choices() */
    CLI_LIST,   /* struct cli_list, one more each time */
};

enum cli_group {
    CLI_INPUT,
    CLI_MEASURES,
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
    unsigned char commands; /* bits 1 << enum cli_command_id */
    size_t at;              /* in struct cli_options */
    const char *arg;        /* NULL: takes none */
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

/* items ends with NULL and is NULL while empty; the strings belong to argv. */
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
    trawl_options fetch;
    struct cli_environment environment;
    struct cli_list operands; /* URLs, or the command to explain */
    struct cli_list input_files;
    struct cli_list headers;
    struct cli_list resolve;
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
    bool help;
    bool version;
    bool man;
    bool completion;
};

void cli_options_init(struct cli_options *o);
void cli_options_free(struct cli_options *o);

void cli_environment_read(struct cli_environment *e);

/* Reads argv (without the command's name) into o. Stops early at --help and --version. Returns 0
 * or an exit status; *error is then one line to print, to be freed, NULL if memory was short. */
int cli_options_parse(struct cli_options *o, enum cli_command_id command, int argc,
                      char *const *argv, char **error);

/* What must hold before anything is fetched, beyond each option's own bounds; completes o->fetch.
 * Returns as cli_options_parse(). */
int cli_options_check(struct cli_options *o, char **error);

/* auto, always or never, where terminal is what auto depends on. */
bool cli_when(const char *when, bool terminal);

#endif
