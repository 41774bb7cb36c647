#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/values.h"

enum { SPELLING_SIZE = 40 };

struct parser {
    struct cli_options *o;
    int argc;
    char *const *argv;
    int at; /* the next argument */
    char **error;
};

/* One way to write a long option: a switch has two, --keepalive and --no-keepalive. */
struct spelling {
    const struct cli_option *option;
    bool off;
    char name[SPELLING_SIZE];
};

#define FAIL(p, ...) (*(p)->error = cli_message(__VA_ARGS__), CLI_EXIT_USAGE)

static struct spelling spelling_of(const struct cli_option *option, bool off)
{
    struct spelling s = {.option = option, .off = off};
    snprintf(s.name, sizeof(s.name), "%s%s", off ? "no-" : "", option->name);
    return s;
}

/* Walks the spellings of the command's options; *at starts as 0. */
static bool next_spelling(enum cli_command_id command, size_t *at, struct spelling *s)
{
    for (; *at < 2 * cli_option_count; ++*at) {
        const struct cli_option *option = &cli_option_table[*at / 2];
        bool off = *at % 2 == 1;
        if (cli_option_in(option, command) && (!off || option->type == CLI_SWITCH)) {
            *s = spelling_of(option, off);
            ++*at;
            return true;
        }
    }
    return false;
}

static const struct cli_option *find_letter(enum cli_command_id command, char letter)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_option_table[i];
        if (option->letter == letter && cli_option_in(option, command)) {
            return option;
        }
    }
    return NULL;
}

static const char *command_of(const struct parser *p)
{
    return cli_commands[p->o->command].name;
}

static const char *space_of(const struct parser *p)
{
    return p->o->command == CLI_MAIN ? "" : " ";
}

static int fail_unknown(struct parser *p, const char *name)
{
    size_t nearest = SIZE_MAX;
    char best[SPELLING_SIZE] = "";
    struct spelling s;
    for (size_t at = 0; next_spelling(p->o->command, &at, &s);) {
        size_t distance;
        if (cli_is_near(name, s.name, &distance) && distance < nearest) {
            nearest = distance;
            memcpy(best, s.name, sizeof(best));
        }
    }
    if (nearest != SIZE_MAX) {
        return FAIL(p, "unknown option '--%s'; did you mean '--%s'?", name, best);
    }
    return FAIL(p, "unknown option '--%s'; see 'trawl%s%s --help'", name, space_of(p),
                command_of(p));
}

static int fail_ambiguous(struct parser *p, const char *name)
{
    char list[400] = "";
    size_t len = 0;
    struct spelling s;
    for (size_t at = 0; next_spelling(p->o->command, &at, &s);) {
        if (strncmp(s.name, name, strlen(name)) == 0 && len < sizeof(list) - SPELLING_SIZE) {
            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s--%s",
                                    len == 0 ? "" : ", ", s.name);
        }
    }
    return FAIL(p, "'--%s' is short for several options: %s", name, list);
}

/* An exact name, or the only name that begins so. */
static int find_name(struct parser *p, const char *name, struct spelling *found)
{
    size_t matches = 0;
    struct spelling s;
    for (size_t at = 0; next_spelling(p->o->command, &at, &s);) {
        if (strcmp(s.name, name) == 0) {
            *found = s;
            return 0;
        }
        if (name[0] != '\0' && strncmp(s.name, name, strlen(name)) == 0) {
            *found = s;
            matches++;
        }
    }
    if (matches == 1) {
        return 0;
    }
    return matches == 0 ? fail_unknown(p, name) : fail_ambiguous(p, name);
}

/* ---- Values ------------------------------------------------------------------------------ */

static int append(struct parser *p, struct cli_list *list, const char *item)
{
    size_t room = list->count + 2;
    if ((room & (room - 1)) == 0 || list->items == NULL) {
        const char **grown = realloc(list->items, 2 * room * sizeof(*grown));
        if (grown == NULL) {
            return FAIL(p, "out of memory");
        }
        list->items = grown;
    }
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
    return 0;
}

static int fail_value(struct parser *p, const struct cli_option *option, const char *value)
{
    static const char *const wanted[] = {
        [CLI_NUMBER] = "a number",
        [CLI_WHOLE] = "a number",
        [CLI_LEVEL] = "a number, or inf for no limit",
        [CLI_WORDS] = "words separated by commas",
        [CLI_SIZE] = "bytes such as 4096, 500k, 10M or 1Gi",
        [CLI_TIME] = "seconds such as 10 or 0.5, or 500ms, 5m, 1h",
        [CLI_SPEED] = "bytes a second and whole seconds such as 1k:30",
    };
    return FAIL(p, "--%s '%.80s': give %s", option->name, value, wanted[option->type]);
}

static int check_bounds(struct parser *p, const struct cli_option *option, const char *text,
                        uint64_t value)
{
    char low[32];
    char high[32];
    if (value >= option->min && value <= option->max) {
        return 0;
    }
    if (option->type == CLI_TIME) {
        cli_format_time(option->min, low, sizeof(low));
        cli_format_time(option->max, high, sizeof(high));
    } else if (option->type != CLI_SIZE && option->type != CLI_SPEED) {
        snprintf(low, sizeof(low), "%llu", (unsigned long long)option->min);
        snprintf(high, sizeof(high), "%llu", (unsigned long long)option->max);
    } else {
        cli_format_size(option->min, low, sizeof(low));
        cli_format_size(option->max, high, sizeof(high));
    }
    return FAIL(p, "--%s '%.80s': give %s to %s", option->name, text, low, high);
}

static int set_number(struct parser *p, const struct cli_option *option, const char *text)
{
    uint64_t value = 0;
    bool ok = option->type == CLI_SIZE   ? cli_parse_size(text, &value)
              : option->type == CLI_TIME ? cli_parse_time(text, &value)
                                         : cli_parse_number(text, &value);
    if (!ok) {
        return fail_value(p, option, text);
    }
    int rc = check_bounds(p, option, text, value);
    if (rc != 0) {
        return rc;
    }
    void *at = (char *)p->o + option->at;
    if (option->type == CLI_NUMBER) {
        *(unsigned *)at = (unsigned)value;
    } else {
        *(uint64_t *)at = value;
    }
    return 0;
}

/* As in wget, 0 is no limit too. */
static int set_level(struct parser *p, const struct cli_option *option, const char *text)
{
    unsigned *level = (void *)((char *)p->o + option->at);
    uint64_t value = 0;
    if (strcmp(text, "inf") != 0 && !cli_parse_number(text, &value)) {
        return fail_value(p, option, text);
    }
    int rc = check_bounds(p, option, text, value);
    if (rc == 0) {
        *level = value == 0 ? TRAWL_LEVEL_INF : (unsigned)value;
    }
    return rc;
}

/* Takes what commas part; blanks around it do not count. */
static int set_words(struct parser *p, const struct cli_option *option, const char *text)
{
    struct cli_list *list = (void *)((char *)p->o + option->at);
    size_t before = list->count;
    char *copy = strdup(text);
    char *rest = copy;
    char *word;
    int rc = copy != NULL ? append(p, &p->o->copies, copy) : FAIL(p, "out of memory");
    if (rc != 0) {
        free(copy);
        return rc;
    }
    while (rc == 0 && (word = strsep(&rest, ",")) != NULL) {
        word += strspn(word, " \t");
        word[strcspn(word, " \t")] = '\0';
        rc = word[0] != '\0' ? append(p, list, word) : 0;
    }
    return rc == 0 && list->count == before ? fail_value(p, option, text) : rc;
}

static int set_speed(struct parser *p, const struct cli_option *option, const char *text)
{
    char copy[64];
    uint64_t bytes;
    uint64_t ms = p->o->fetch.low_speed_ms;
    if (strlen(text) >= sizeof(copy)) {
        return fail_value(p, option, text);
    }
    memcpy(copy, text, strlen(text) + 1);
    char *colon = strchr(copy, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    if (!cli_parse_size(copy, &bytes) || (colon != NULL && !cli_parse_time(colon + 1, &ms)) ||
        ms == 0 || ms % 1000 != 0 || ms > UINT64_C(1000000000)) {
        return fail_value(p, option, text);
    }
    int rc = check_bounds(p, option, text, bytes);
    if (rc == 0) {
        p->o->fetch.low_speed_bytes = bytes;
        p->o->fetch.low_speed_ms = ms;
    }
    return rc;
}

static int set_choice(struct parser *p, const struct cli_option *option, const char *text)
{
    char list[200] = "";
    size_t len = 0;
    const char *const *names = option->choices();
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            *(const char **)(void *)((char *)p->o + option->at) = names[i];
            return 0;
        }
        if (len + strlen(names[i]) + 3 < sizeof(list)) {
            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i == 0 ? "" : ", ",
                                    names[i]);
        }
    }
    bool several = names[0] != NULL && names[1] != NULL;
    return FAIL(p, "--%s '%.80s': give %s%s", option->name, text, several ? "one of " : "",
                list);
}

static int set_value(struct parser *p, const struct cli_option *option, const char *value)
{
    void *at = (char *)p->o + option->at;
    switch ((enum cli_type)option->type) {
    case CLI_NUMBER:
    case CLI_WHOLE:
    case CLI_SIZE:
    case CLI_TIME: return set_number(p, option, value);
    case CLI_LEVEL: return set_level(p, option, value);
    case CLI_WORDS: return set_words(p, option, value);
    case CLI_SPEED: return set_speed(p, option, value);
    case CLI_CHOICE: return set_choice(p, option, value);
    case CLI_LIST: return append(p, at, value);
    case CLI_TEXT:
    case CLI_FLAG:
    case CLI_SWITCH:
    case CLI_COUNT: break;
    }
    *(const char **)at = value;
    return 0;
}

static void set_flag(struct parser *p, const struct cli_option *option, bool on)
{
    void *at = (char *)p->o + option->at;
    if (option->type != CLI_COUNT) {
        *(bool *)at = on;
    } else if (*(unsigned *)at < option->max) {
        ++*(unsigned *)at;
    }
}

/* ---- Arguments --------------------------------------------------------------------------- */

static int parse_long(struct parser *p, const char *text)
{
    char name[SPELLING_SIZE];
    struct spelling s = {0};
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    if (len >= sizeof(name)) {
        return FAIL(p, "unknown option '--%.*s...'; see 'trawl%s%s --help'", SPELLING_SIZE,
                    text, space_of(p), command_of(p));
    }
    memcpy(name, text, len);
    name[len] = '\0';
    int rc = find_name(p, name, &s);
    if (rc != 0 || s.option == NULL) {
        return rc;
    }
    if (s.option->arg == NULL) {
        if (equals != NULL) {
            return FAIL(p, "--%s takes no value; leave out '=%.60s'", s.name, equals + 1);
        }
        set_flag(p, s.option, !s.off);
        return 0;
    }
    if (equals == NULL && p->at >= p->argc) {
        return FAIL(p, "--%s needs a value: --%s %s", s.name, s.name, s.option->arg);
    }
    return set_value(p, s.option, equals != NULL ? equals + 1 : p->argv[p->at++]);
}

static const struct cli_option *find_pair(enum cli_command_id command, const char *text)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_option_table[i];
        if (option->pair != NULL && strcmp(option->pair, text) == 0 &&
            cli_option_in(option, command)) {
            return option;
        }
    }
    return NULL;
}

static int parse_short(struct parser *p, const char *text)
{
    const struct cli_option *pair = find_pair(p->o->command, text);
    if (pair != NULL) {
        set_flag(p, pair, true);
        return 0;
    }
    for (; *text != '\0'; text++) {
        const struct cli_option *option = find_letter(p->o->command, *text);
        if (option == NULL) {
            bool ascii = *text > 0;
            return FAIL(p, "unknown option '-%.*s'; see 'trawl%s%s --help'", ascii ? 1 : 40,
                        text, space_of(p), command_of(p));
        }
        if (option->arg == NULL) {
            set_flag(p, option, option->type != CLI_SWITCH);
            continue;
        }
        if (text[1] == '\0' && p->at >= p->argc) {
            return FAIL(p, "-%c needs a value: -%c %s", *text, *text, option->arg);
        }
        return set_value(p, option, text[1] != '\0' ? text + 1 : p->argv[p->at++]);
    }
    return 0;
}

int cli_options_parse(struct cli_options *o, int argc, char *const *argv, char **error)
{
    struct parser p = {o, argc, argv, 0, error};
    bool ended = false;
    int rc = 0;
    o->argc = argc;
    o->argv = argv;
    while (rc == 0 && p.at < argc && !o->help && !o->version) {
        const char *arg = argv[p.at++];
        if (ended || arg[0] != '-' || arg[1] == '\0') {
            rc = append(&p, &o->operands, arg);
        } else if (arg[1] != '-') {
            rc = parse_short(&p, arg + 1);
        } else if (arg[2] == '\0') {
            ended = true;
        } else {
            rc = parse_long(&p, arg + 2);
        }
    }
    return rc;
}
