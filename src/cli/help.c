#include "cli/help.h"

#include <string.h>

enum { WIDTH = 79, OPTION_COLUMN = 32, EXIT_COLUMN = 13 };

void cli_wrap(FILE *file, const char *text, size_t len, size_t at, size_t indent)
{
    const char *end = text + len;
    bool first = true;
    while (text < end) {
        const char *space = memchr(text, ' ', (size_t)(end - text));
        size_t word = (size_t)((space != NULL ? space : end) - text);
        if (!first && at + 1 + word > WIDTH) {
            fprintf(file, "\n%*s", (int)indent, "");
            at = indent;
            first = true;
        }
        fprintf(file, "%s%.*s", first ? "" : " ", (int)word, text);
        at += word + (first ? 0 : 1);
        first = false;
        text += word + (space != NULL);
    }
    fputc('\n', file);
}

/* "HELP: ONE, TWO (DEFAULT)" */
static void describe(const struct cli_option *option, char *text, size_t size)
{
    char value[64];
    size_t len = (size_t)snprintf(text, size, "%s", option->help);
    const char *const *names = option->choices != NULL ? option->choices() : NULL;
    for (size_t i = 0; names != NULL && names[1] != NULL && names[i] != NULL && len < size;
         i++) {
        len += (size_t)snprintf(text + len, size - len, "%s%s", i == 0 ? ": " : ", ", names[i]);
    }
    cli_option_default(option, value, sizeof(value));
    if (value[0] != '\0' && len < size) {
        snprintf(text + len, size - len, " (%s)", value);
    }
}

static void print_option(FILE *file, const struct cli_option *option)
{
    char left[64];
    char right[200];
    size_t len;
    if (option->letter != 0) {
        len = (size_t)snprintf(left, sizeof(left), "  -%c, ", option->letter);
    } else if (option->pair != NULL) {
        len = (size_t)snprintf(left, sizeof(left), " -%s, ", option->pair);
    } else {
        len = (size_t)snprintf(left, sizeof(left), "      ");
    }
    snprintf(left + len, sizeof(left) - len, "--%s%s%s%s",
             option->type == CLI_SWITCH ? "no-" : "", option->name,
             option->arg != NULL ? " " : "", option->arg != NULL ? option->arg : "");
    describe(option, right, sizeof(right));
    fprintf(file, "%-*s", OPTION_COLUMN - 1, left);
    bool fits = strlen(left) < OPTION_COLUMN;
    fprintf(file, fits ? " " : "\n%*s", OPTION_COLUMN, "");
    cli_wrap(file, right, strlen(right), OPTION_COLUMN, OPTION_COLUMN);
}

/* The command whose help explains the option: what commands share has no place on each one's
 * screen. CLI_MAIN is the manual page, for what is rarely needed. */
static enum cli_command_id explained_by(const struct cli_option *option,
                                        enum cli_command_id command)
{
    bool common = option->group == CLI_LIMITS || option->group == CLI_RETRIES ||
                  option->group == CLI_REQUESTS || option->group == CLI_ADDRESSES;
    bool general = cli_option_in(option, CLI_MAIN);
    if (common && cli_option_in(option, CLI_FETCH)) {
        return CLI_FETCH;
    }
    if (command == CLI_EXPLAIN && cli_option_in(option, CLI_CRAWL) && !general) {
        return CLI_CRAWL;
    }
    return option->group == CLI_TRAPS ? CLI_MAIN : command;
}

/* The names of those that `other` explains. */
static void print_names(FILE *file, enum cli_command_id command, enum cli_command_id other)
{
    char text[1200] = "";
    size_t len = 0;
    for (size_t i = 0; i < cli_option_count && len < sizeof(text); i++) {
        const struct cli_option *option = &cli_option_table[i];
        if (cli_option_in(option, command) && explained_by(option, command) == other) {
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s--%s%s",
                                    len == 0 ? "" : " ",
                                    option->type == CLI_SWITCH ? "no-" : "", option->name);
        }
    }
    if (len > 0 && other == CLI_MAIN) {
        fputs("\nAgainst endless sites, see trawl(1):\n  ", file);
    } else if (len > 0) {
        fprintf(file, "\nAs in trawl %s, see trawl %s --help:\n  ", cli_commands[other].name,
                cli_commands[other].name);
    }
    if (len > 0) {
        cli_wrap(file, text, strlen(text), 2, 2);
    }
}

static void print_elsewhere(FILE *file, enum cli_command_id command)
{
    for (int other = CLI_MAIN; other < CLI_COMMANDS; other++) {
        if (other != (int)command) {
            print_names(file, command, (enum cli_command_id)other);
        }
    }
}

static void print_options(FILE *file, enum cli_command_id command)
{
    for (int group = 0; group < CLI_GROUPS; group++) {
        bool titled = false;
        for (size_t i = 0; i < cli_option_count; i++) {
            const struct cli_option *option = &cli_option_table[i];
            if (option->group != group || !cli_option_in(option, command) ||
                explained_by(option, command) != command) {
                continue;
            }
            if (!titled) {
                fprintf(file, "\n%s:\n", cli_group_titles[group]);
                titled = true;
            }
            print_option(file, option);
        }
    }
}

static void print_exit_statuses(FILE *file)
{
    char text[600];
    size_t len = 0;
    for (int i = 0; i < CLI_EXIT_COUNT; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d %s", i == 0 ? "" : "; ",
                                i, cli_exit_meanings[i]);
    }
    fputs("\nExit status: ", file);
    cli_wrap(file, text, len, EXIT_COLUMN, EXIT_COLUMN);
}

static void print_commands(FILE *file)
{
    fputs("\nCommands:\n", file);
    for (int id = CLI_MAIN + 1; id < CLI_COMMANDS; id++) {
        fprintf(file, "  %-8s %s\n", cli_commands[id].name, cli_commands[id].summary);
    }
}

static void print_main(FILE *file)
{
    fputs("trawl fetches the web from one process, on one event loop.\n"
          "\nUsage: trawl COMMAND [OPTION...] [ARGUMENT...]\n",
          file);
    print_commands(file);
    print_options(file, CLI_MAIN);
    fputs("\nExamples:\n"
          "  trawl fetch https://example.org/             one page, in short\n"
          "  trawl fetch -i urls.txt --format jsonl       a list, a JSON object for each\n"
          "  trawl crawl https://example.org/docs/ -np    all pages below that one\n"
          "  trawl compare -i urls.txt --chart time.svg   event loop, threads and processes\n"
          "\n'trawl COMMAND --help' explains a command, trawl(1) everything.\n",
          file);
}

void cli_help_print(FILE *file, enum cli_command_id command)
{
    if (command == CLI_MAIN) {
        print_main(file);
        return;
    }
    fprintf(file, "Usage: trawl %s [OPTION...] %s   %s\n", cli_commands[command].name,
            cli_commands[command].operands, cli_commands[command].summary);
    print_options(file, command);
    print_elsewhere(file, command);
    if (command == CLI_FETCH || command == CLI_CRAWL || command == CLI_COMPARE) {
        print_exit_statuses(file);
    }
}
