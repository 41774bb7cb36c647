#include <string.h>

#include "cli/help.h"

static void print_spelling(FILE *file, const struct cli_option *option)
{
    fprintf(file, " --%s%s", option->type == CLI_SWITCH ? "no-" : "", option->name);
    if (option->letter != 0) {
        fprintf(file, " -%c", option->letter);
    }
    if (option->pair != NULL) {
        fprintf(file, " -%s", option->pair);
    }
}

/* Commands may have options of one name that take different values. */
static void print_patterns(FILE *file, const struct cli_option *option)
{
    const char *space = "    ";
    for (int id = CLI_MAIN; id < CLI_COMMANDS; id++) {
        if (!cli_option_in(option, (enum cli_command_id)id)) {
            continue;
        }
        fprintf(file, "%s%s:--%s", space, cli_commands[id].name, option->name);
        space = "|";
        if (option->letter != 0) {
            fprintf(file, "|%s:-%c", cli_commands[id].name, option->letter);
        }
    }
    fputs(")\n", file);
}

static void print_values(FILE *file, const struct cli_option *option)
{
    if (option->arg == NULL) {
        return;
    }
    print_patterns(file, option);
    if (option->choices != NULL) {
        const char *const *names = option->choices();
        fputs("        mapfile -t COMPREPLY < <(compgen -W '", file);
        for (size_t i = 0; names[i] != NULL; i++) {
            fprintf(file, "%s%s", i == 0 ? "" : " ", names[i]);
        }
        fputs("' -- \"$cur\")\n", file);
    } else if (strcmp(option->arg, "FILE") == 0) {
        fputs("        compopt -o filenames 2>/dev/null\n"
              "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n",
              file);
    } else {
        fputs("        :\n", file);
    }
    fputs("        return ;;\n", file);
}

static void print_command_words(FILE *file, enum cli_command_id command)
{
    fprintf(file, "    %s) words='", command == CLI_MAIN ? "''" : cli_commands[command].name);
    for (int id = CLI_MAIN + 1; id < CLI_COMMANDS; id++) {
        if (command == CLI_MAIN || command == CLI_HELP) {
            fprintf(file, " %s", cli_commands[id].name);
        }
    }
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_in(&cli_option_table[i], command)) {
            print_spelling(file, &cli_option_table[i]);
        }
    }
    fputs("' ;;\n", file);
}

/* bash splits words at "=", so --format=j arrives as three words. mapfile keeps file names with
 * spaces whole. */
void cli_completion_print(FILE *file)
{
    fputs("# bash completion for trawl\n"
          "_trawl() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command= words=\n"
          "    COMPREPLY=()\n"
          "    [ \"$COMP_CWORD\" -gt 1 ] && command=${COMP_WORDS[1]}\n"
          "    if [ \"$cur\" = = ]; then\n"
          "        cur=\n"
          "    elif [ \"$prev\" = = ]; then\n"
          "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    fi\n"
          "    case $command:$prev in\n",
          file);
    for (size_t i = 0; i < cli_option_count; i++) {
        print_values(file, &cli_option_table[i]);
    }
    fputs("    esac\n"
          "    case $command in\n",
          file);
    for (int id = CLI_MAIN; id < CLI_COMMANDS; id++) {
        print_command_words(file, (enum cli_command_id)id);
    }
    fputs("    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
          "}\n"
          "complete -F _trawl trawl\n",
          file);
}
