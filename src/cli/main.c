#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_compare.h"
#include "cli/cmd_crawl.h"
#include "cli/cmd_explain.h"
#include "cli/cmd_fetch.h"
#include "cli/cmd_links.h"
#include "cli/help.h"
#include "cli/measure.h"
#include "cli/options.h"
#include "cli/values.h"
#include "cli/worker.h"

static int run_help(struct cli_options *o);

static int (*const run_command[CLI_COMMANDS])(struct cli_options *o) = {
    [CLI_FETCH] = cli_fetch_run,
    [CLI_CRAWL] = cli_crawl_run,
    [CLI_LINKS] = cli_links_run,
    [CLI_EXPLAIN] = cli_explain_run,
    [CLI_COMPARE] = cli_compare_run,
    [CLI_HELP] = run_help,
};

/* Prints one line, frees it, and hands the status on. */
static int fail(enum cli_command_id command, int status, char *message)
{
    fprintf(stderr, "trawl%s%s: %s\n", command == CLI_MAIN ? "" : " ",
            cli_commands[command].name, message != NULL ? message : "out of memory");
    free(message);
    return status;
}

static int flush_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return CLI_EXIT_OK;
    }
    perror("trawl: standard output");
    return CLI_EXIT_FILE;
}

static int print_help(enum cli_command_id command)
{
    cli_help_print(stdout, command);
    return flush_stdout();
}

static int print_version(void)
{
    puts(trawl_version());
    return flush_stdout();
}

static int fail_unknown_command(enum cli_command_id asker, const char *name)
{
    const char *near = cli_command_suggest(name);
    if (strstr(name, "://") != NULL) {
        return fail(asker, CLI_EXIT_USAGE,
                    cli_message("a URL is no command; did you mean 'trawl fetch URL'?"));
    }
    if (near != NULL) {
        return fail(asker, CLI_EXIT_USAGE,
                    cli_message("unknown command '%s'; did you mean '%s'?", name, near));
    }
    return fail(asker, CLI_EXIT_USAGE,
                cli_message("unknown command '%.60s'; see 'trawl --help'", name));
}

static int run_help(struct cli_options *o)
{
    if (o->man && o->completion) {
        return fail(CLI_HELP, CLI_EXIT_USAGE,
                    cli_message("--man and --completion exclude each other; give one"));
    }
    if (o->man && cli_man_print(stdout) != 0) {
        return fail(CLI_HELP, CLI_EXIT_FAILURE, NULL);
    }
    if (o->completion) {
        cli_completion_print(stdout);
    }
    if (o->man || o->completion) {
        return flush_stdout();
    }
    if (o->operands.count > 1) {
        return fail(CLI_HELP, CLI_EXIT_USAGE, cli_message("name one command only"));
    }
    if (o->operands.count == 0) {
        return print_help(CLI_MAIN);
    }
    enum cli_command_id command = cli_command_find(o->operands.items[0]);
    return command == CLI_MAIN ? fail_unknown_command(CLI_HELP, o->operands.items[0])
                               : print_help(command);
}

/* argc and argv are what follows the command's name; for CLI_MAIN, the options before it. */
static int dispatch(enum cli_command_id command, int argc, char **argv)
{
    struct cli_options o;
    char *error = NULL;
    int status;
    cli_options_init(&o, command);
    int rc = cli_options_parse(&o, argc, argv, &error);
    if (rc != 0) {
        status = fail(command, rc, error);
    } else if (o.help) {
        status = print_help(command);
    } else if (o.version) {
        status = print_version();
    } else if (command == CLI_MAIN) {
        status = fail(command, CLI_EXIT_USAGE, cli_message("no command; see 'trawl --help'"));
    } else {
        status = run_command[command](&o);
    }
    cli_options_free(&o);
    return status;
}

/* A standard stream that is closed would be given to the next file or socket that is opened.
 * What stands in its place fails: standard input cannot be read, standard output not written.
 */
static void hold_standard_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", modes[fd]) != fd) {
            abort();
        }
    }
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    if (argc < 2 || argv[1][0] == '-') {
        return dispatch(CLI_MAIN, argc < 2 ? 0 : 1, argv + 1);
    }
    if (argc == 2 && strcmp(argv[1], CLI_MEASURE_COMMAND) == 0) {
        return cli_measure_run();
    }
    if (argc == 2 && strcmp(argv[1], CLI_WORKER_COMMAND) == 0) {
        return trawl_worker();
    }
    enum cli_command_id command = cli_command_find(argv[1]);
    if (command == CLI_MAIN) {
        return fail_unknown_command(CLI_MAIN, argv[1]);
    }
    return dispatch(command, argc - 2, argv + 2);
}
