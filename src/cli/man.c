#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/man_entries.h"

static const struct cli_man_entry fields[] = {
    {"index", "the URL's position in the input, counted from 0"},
    {"url", "the URL as it was given"},
    {"final_url", "the URL in its canonical form, after redirects; null if\n.Cm url\n"
                  "is not a valid URL"},
    {"status", "the HTTP status, 0 without a response"},
    {"http_version",
     "the version of HTTP that the response came in, a string such as 1.1 or 2; null "
     "without a response"},
    {"content_type", "the value of the Content-Type header, or null"},
    {"charset", "the name of the character set that the page is in, or null"},
    {"bytes", "length of the body, decompressed"},
    {"wire_bytes", "headers and bodies as they came, of all redirects and tries together"},
    {"ip", "address of the server or proxy, or null"},
    {"redirects", "how many redirects were followed in the last try"},
    {"tries", "how often the URL was asked for; 0 if it never was"},
    {"ms", "an object of milliseconds:\n.Cm dns , connect\nand\n.Cm tls\n"
           "tell how long each phase of the last exchange took, 0 on a connection that was "
           "open already;\n.Cm first_byte\ncounts from the start of the last exchange,\n"
           ".Cm total\nfrom the start of the first try to the end of the last"},
    {"excerpt", "the first characters of the page, see\n.Fl -excerpt"},
    {"error", "null, or an object of\n.Cm name\nand\n.Cm message ,\nsee\n.Sx Errors"},
    {"body", "with\n.Fl -body\nthe whole body, decompressed"},
    {"body_encoding",
     "with\n.Fl -body\nutf\\-8, or base64 if the body is not wholly valid UTF\\-8"},
};

static const struct cli_man_entry variables[] = {
    {"http_proxy", "Proxy for http URLs.\n"
                   "The upper case form is not read, because a web server would let its "
                   "clients set it."},
    {"https_proxy , HTTPS_PROXY", "Proxy for https URLs."},
    {"all_proxy , ALL_PROXY", "Proxy for URLs that the two above do not cover."},
    {"no_proxy , NO_PROXY", "Hosts that need no proxy, separated by commas; * is all."},
    {"NO_COLOR", "If set to anything,\n.Fl -color Cm auto\nuses no colour."},
    {"TERM",
     "If it is\n.Cm dumb ,\nneither colour nor a progress line is shown unless asked for."},
};

static const struct cli_man_entry examples[] = {
    {"trawl fetch https://example.org/", "One page, in short:"},
    {"trawl fetch -i urls.txt --format jsonl -o pages.jsonl",
     "A list of URLs, a JSON object for each:"},
    {"zcat urls.gz | trawl fetch -q -i - -j 500 --format jsonl",
     "A list that another program makes, 500 at a time:"},
    {"trawl crawl https://example.org/docs/ --no-parent --format jsonl -o docs.jsonl",
     "Everything below a page, one page a second:"},
    {"trawl crawl https://example.org/ -H -D example.org --exclude '/calendar/' --max-pages "
     "10000 "
     "--log-rejected out.jsonl",
     "A domain with all its hosts, up to a limit, with a record of what was left out:"},
    {"trawl explain https://example.org/private/x --robots-file robots.txt --robots-agent Name",
     "What a file of rules says, without network:"},
    {"trawl links --base https://example.org/ page.html", "The links of a file:"},
    {"trawl compare -i urls.txt --counts 1,10,100 --chart time.svg --html report.html",
     "What the event loop buys over threads and processes, as a table, a chart and a page:"},
    {"trawl fetch --resolve example.org:443:127.0.0.1 --cacert test.pem https://example.org/",
     "A server under test, by its real name:"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Text to mdoc ------------------------------------------------------------------------ */

static void print_char(FILE *file, char previous, char c)
{
    if (c == '\\') {
        fputs("\\e", file);
    } else if (c == '-' && !isalnum((unsigned char)previous)) {
        fputs("\\-", file);
    } else {
        fputc(c, file);
    }
}

/* Plain text; each sentence begins on a line of its own, as mdoc wants it. */
static void print_text(FILE *file, const char *text)
{
    char previous = ' ';
    for (; *text != '\0'; previous = *text++) {
        if (previous == '.' && *text == ' ' && isupper((unsigned char)text[1])) {
            fputc('\n', file);
        } else {
            print_char(file, previous, *text);
        }
    }
}

static void print_sentence(FILE *file, const char *text)
{
    fputc(toupper((unsigned char)text[0]), file);
    print_text(file, text + 1);
    fputs(".\n", file);
}

void cli_man_entries(FILE *file, const char *macro, const struct cli_man_entry *entries,
                     size_t count)
{
    fputs(".Bl -tag -width Ds\n", file);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, ".It %s %s\n%s\n", macro, entries[i].name, entries[i].text);
    }
    fputs(".El\n", file);
}

/* ---- Options ----------------------------------------------------------------------------- */

static void print_choices(FILE *file, const char *const *names)
{
    fputs("One of", file);
    for (size_t i = 0; names[i] != NULL; i++) {
        fprintf(file, "\n.Cm %s%s", names[i], names[i + 1] != NULL ? " ," : " .");
    }
    fputc('\n', file);
}

static void print_option(FILE *file, const struct cli_option *option)
{
    char value[64];
    fputs(".It ", file);
    if (option->letter != 0) {
        fprintf(file, "Fl %c , ", option->letter);
    }
    if (option->pair != NULL) {
        fprintf(file, "Fl %s , ", option->pair);
    }
    fprintf(file, "Fl -%s%s", option->type == CLI_SWITCH ? "no-" : "", option->name);
    fprintf(file, option->arg != NULL ? " Ar %s\n" : "\n", option->arg);
    print_sentence(file, option->help);
    if (option->more != NULL) {
        print_text(file, option->more);
        fputc('\n', file);
    }
    if (option->choices != NULL && option->choices()[1] != NULL) {
        print_choices(file, option->choices());
    }
    cli_option_default(option, value, sizeof(value));
    if (value[0] != '\0') {
        /* What ends with a bracket is no bracket of the sentence. */
        bool bracket = value[strlen(value) - 1] == ')';
        fprintf(file, "The default is\n.Cm %s%s .\n", value, bracket ? "\\&" : "");
    }
}

static bool is_general(const struct cli_option *option)
{
    return cli_option_in(option, CLI_MAIN);
}

/* What commands share is explained once, with the first of them. */
static bool is_explained(const struct cli_option *option, enum cli_command_id command)
{
    return (option->commands & ((1U << command) - 1)) != 0 && !is_general(option);
}

static void print_group(FILE *file, enum cli_command_id command, int group)
{
    bool open = false;
    const char *space = group == 0 ? "" : ".Pp\n";
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_option_table[i];
        bool here = is_general(option) ? command == CLI_MAIN : cli_option_in(option, command);
        if (!here || option->group != group || is_explained(option, command)) {
            continue;
        }
        if (!open && (command == CLI_FETCH || command == CLI_CRAWL || command == CLI_COMPARE)) {
            fprintf(file, "%s.Sy %s\n", space, cli_group_titles[group]);
        }
        if (!open) {
            fputs(".Bl -tag -width Ds\n", file);
            open = true;
        }
        print_option(file, option);
    }
    if (open) {
        fputs(".El\n", file);
    }
}

static void print_option_lists(FILE *file)
{
    static const char *const titles[] = {
        [CLI_MAIN] = "All commands",     [CLI_FETCH] = "trawl fetch",
        [CLI_CRAWL] = "trawl crawl",     [CLI_LINKS] = "trawl links",
        [CLI_EXPLAIN] = "trawl explain", [CLI_COMPARE] = "trawl compare",
        [CLI_HELP] = "trawl help",
    };
    for (int command = 0; command < CLI_COMMANDS; command++) {
        fprintf(file, ".Ss %s\n", titles[command]);
        cli_man_crawl_options(file, (enum cli_command_id)command);
        if (command == CLI_COMPARE) {
            fputs(
                "Those of\n.Nm Cm fetch\nunder Input, Limits, Retries, Requests and Addresses, "
                "and\n.Fl -concurrency , -output , -quiet , -progress\nand\n.Fl -color .\n"
                "Besides:\n",
                file);
        }
        for (int group = 0; group < CLI_GROUPS; group++) {
            print_group(file, (enum cli_command_id)command, group);
        }
    }
}

/* ---- Sections ---------------------------------------------------------------------------- */

static void print_head(FILE *file)
{
    fputs(".Dd November 23, 2026\n"
          ".Dt TRAWL 1\n"
          ".Os\n"
          ".Sh NAME\n"
          ".Nm trawl\n"
          ".Nd fetch and crawl the web from one process, on one event loop\n"
          ".Sh SYNOPSIS\n"
          ".Nm trawl\n.Cm fetch\n.Op Ar option ...\n.Op Ar URL ...\n"
          ".Nm trawl\n.Cm crawl\n.Op Ar option ...\n.Op Ar URL ...\n"
          ".Nm trawl\n.Cm links\n.Op Ar option ...\n.Op Ar FILE\n"
          ".Nm trawl\n.Cm explain\n.Op Ar option ...\n.Ar URL\n"
          ".Nm trawl\n.Cm compare\n.Op Ar option ...\n.Op Ar URL ...\n"
          ".Nm trawl\n.Cm help\n.Op Fl -man | Fl -completion\n.Op Ar command\n"
          ".Nm trawl\n.Fl -help | Fl -version\n"
          ".Sh DESCRIPTION\n"
          ".Nm\n"
          "fetches many URLs at the same time, on one thread.\n"
          "Every URL that goes in comes out once, with a result or with a reason.\n"
          "Names of users and passwords in URLs are never printed: they come out as ***.\n",
          file);
}

static void print_commands(FILE *file)
{
    static const char *const operands[] = {
        [CLI_MAIN] = "",
        [CLI_FETCH] = "Op Ar URL ...",
        [CLI_CRAWL] = "Op Ar URL ...",
        [CLI_LINKS] = "Op Ar FILE",
        [CLI_EXPLAIN] = "Ar URL",
        [CLI_COMPARE] = "Op Ar URL ...",
        [CLI_HELP] = "Op Ar command",
    };
    fputs(".Sh COMMANDS\n.Bl -tag -width Ds\n", file);
    for (int id = CLI_MAIN + 1; id < CLI_COMMANDS; id++) {
        fprintf(file, ".It Cm %s Oo Ar option ... Oc %s\n", cli_commands[id].name,
                operands[id]);
        print_text(file, cli_commands[id].more);
        fputc('\n', file);
    }
    fputs(".El\n"
          ".Pp\n"
          "On an interrupt or termination signal\n"
          ".Nm Cm fetch\n"
          "and\n"
          ".Nm Cm crawl\n"
          "start nothing more, give what is in flight two seconds, and write every result "
          "and the summary.\n"
          "A second signal ends them at once, at the end of a line of output.\n"
          ".Nm Cm compare\n"
          "ends the measurement that runs and shows what was measured.\n"
          ".Pp\n"
          "On SIGUSR1\n"
          ".Nm Cm fetch\n"
          "and\n"
          ".Nm Cm crawl\n"
          "write on standard error what is outstanding and why: the state, for how long, host and\n"
          "URL of 50 fetches at most, those on their way first.\n",
          file);
}

static void print_options(FILE *file)
{
    fputs(
        ".Sh OPTIONS\n"
        "Options may stand before and after URLs;\n"
        ".Fl -\n"
        "ends them.\n"
        "Long options may be shortened as long as they stay unambiguous.\n"
        "Sizes are bytes and may have a fraction and a suffix: k, M and G are powers of 1000, "
        "Ki, Mi and Gi are powers of 1024.\n"
        "Times are seconds and may have a fraction, or one of the suffixes ms, s, m and h.\n",
        file);
    print_option_lists(file);
}

static void print_output(FILE *file)
{
    fputs(".Sh OUTPUT\n"
          "With\n"
          ".Fl -format Cm text ,\n"
          "results are aligned for reading; control characters that came from the network are "
          "made visible.\n"
          "With\n"
          ".Cm csv ,\n"
          "the first line names the columns.\n"
          "With\n"
          ".Cm jsonl ,\n"
          "each line is an object, in valid UTF-8 whatever the server sent, with these "
          "members:\n",
          file);
    cli_man_entries(file, "Cm", fields, COUNT(fields));
    fputs(".Pp\n"
          "The summary goes to standard error.\n",
          file);
    cli_man_crawl(file);
    cli_man_compare(file);
}

static int exit_of_kind(trawl_error_kind kind)
{
    switch (kind) {
    case TRAWL_KIND_NETWORK: return CLI_EXIT_NETWORK;
    case TRAWL_KIND_TLS: return CLI_EXIT_TLS;
    case TRAWL_KIND_PROTOCOL: return CLI_EXIT_PROTOCOL;
    case TRAWL_KIND_NONE:
    case TRAWL_KIND_OTHER: break;
    }
    return CLI_EXIT_FAILURE;
}

static void print_errors(FILE *file)
{
    static const int codes[] = {
#define X(name, code, kind, message) code,
        TRAWL_ERROR_MAP(X)
#undef X
    };
    fputs(
        ".Ss Errors\n"
        "The names of errors in results, and in brackets the exit status that each leads to:\n"
        ".Bl -tag -width Ds\n",
        file);
    for (size_t i = 0; i < COUNT(codes); i++) {
        fprintf(file, ".It Er %s\n", trawl_err_name(codes[i]));
        print_text(file, trawl_strerror(codes[i]));
        fprintf(file, " (%d)\n", exit_of_kind(trawl_err_kind(codes[i])));
    }
    fputs(".El\n", file);
}

static void print_exit_statuses(FILE *file)
{
    fputs(".Sh EXIT STATUS\n"
          "If several fit, the lowest of 2 to 9 is returned.\n"
          ".Bl -tag -width Ds\n",
          file);
    for (int i = 0; i < CLI_EXIT_COUNT; i++) {
        fprintf(file, ".It %d\n%s\n", i, cli_exit_meanings[i]);
    }
    fputs(".El\n", file);
}

static void print_examples(FILE *file)
{
    fputs(".Sh EXAMPLES\n", file);
    for (size_t i = 0; i < COUNT(examples); i++) {
        fprintf(file, "%s%s\n.Pp\n.Dl ", i == 0 ? "" : ".Pp\n", examples[i].text);
        print_text(file, examples[i].name);
        fputc('\n', file);
    }
}

static void print_sections(FILE *file)
{
    print_head(file);
    print_commands(file);
    print_options(file);
    print_output(file);
    print_errors(file);
    fputs(".Sh ENVIRONMENT\nRead once, at the start.\n", file);
    cli_man_entries(file, "Ev", variables, COUNT(variables));
    print_exit_statuses(file);
    print_examples(file);
    fputs(".Sh SEE ALSO\n.Xr curl 1 ,\n.Xr wget2 1\n", file);
}

/* Macros keep their line, whatever its length; text is wrapped. */
static void wrap_lines(FILE *file, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (text[0] == '.') {
            fprintf(file, "%.*s\n", (int)len, text);
        } else {
            cli_wrap(file, text, len, 0, 0);
        }
        text += len + 1;
    }
}

int cli_man_print(FILE *file)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL) {
        return -1;
    }
    print_sections(memory);
    int rc = fclose(memory);
    if (rc == 0) {
        wrap_lines(file, text);
    }
    free(text);
    return rc;
}
