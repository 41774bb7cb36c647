/* The command line that asked for a comparison, without secrets. */
#include <stdlib.h>
#include <string.h>

#include "cli/compare_out.h"
#include "cli/escape.h"

/* Letters that a shell takes as they are. */
static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "%+,-./:=@_";

/* In single quotes if need be; ' itself is written as %27, which is the same in a URL. */
static void print_word(FILE *file, const char *bytes, size_t len)
{
    char *text = cli_escape(bytes, len, "'");
    if (text == NULL) {
        return;
    }
    bool quoted = text[0] == '\0' || strspn(text, safe) != strlen(text);
    fprintf(file, quoted ? "'%s'" : "%s", text);
    free(text);
}

static bool is_inside(const char *item, const char *arg)
{
    return item != NULL && item >= arg && item <= arg + strlen(arg);
}

/* The option's part of "--header=NAME: VALUE", and NAME. */
static bool print_header(FILE *file, const struct cli_list *headers, const char *arg)
{
    for (size_t i = 0; i < headers->count; i++) {
        const char *item = headers->items[i];
        if (is_inside(item, arg)) {
            fprintf(file, "%.*s'%.*s: ***'", (int)(item - arg), arg, (int)strcspn(item, ":"),
                    item);
            return true;
        }
    }
    return false;
}

/* Everything before the last @ may be a name and a password. */
static void print_masked(FILE *file, const char *url)
{
    const char *at = strrchr(url, '@');
    const char *scheme = strstr(url, "://");
    if (at == NULL) {
        print_word(file, url, strlen(url));
        return;
    }
    if (scheme != NULL && scheme < at) {
        print_word(file, url, (size_t)(scheme + 3 - url));
    }
    fputs("'***'", file);
    print_word(file, at, strlen(at));
}

static bool print_operand(FILE *file, const struct cli_compare *c, const char *arg)
{
    const struct cli_list *operands = &c->o->operands;
    for (size_t i = 0; i < operands->count; i++) {
        if (operands->items[i] != arg) {
            continue;
        }
        if (c->urls[i].name != NULL) {
            print_word(file, c->urls[i].name, strlen(c->urls[i].name));
        } else {
            print_masked(file, arg);
        }
        return true;
    }
    return false;
}

static void print_argument(FILE *file, const struct cli_compare *c, const char *arg)
{
    const char *proxy = c->o->proxy;
    if (print_operand(file, c, arg) || print_header(file, &c->o->headers, arg)) {
        return;
    }
    if (is_inside(proxy, arg)) {
        fwrite(arg, 1, (size_t)(proxy - arg), file);
        print_masked(file, proxy);
    } else {
        print_word(file, arg, strlen(arg));
    }
}

char *cli_compare_command(const struct cli_compare *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (file == NULL) {
        return NULL;
    }
    fputs("trawl compare", file);
    for (int i = 0; i < c->o->argc; i++) {
        fputc(' ', file);
        print_argument(file, c, c->o->argv[i]);
    }
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
