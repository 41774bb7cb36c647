#include "fetch/dns_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NDOTS_MAX 15 /* as in resolv.conf(5) */
#define BLANK " \t\r\n"

static void add_domain(struct tw_dns_search *s, const char *text)
{
    struct tw_dns_name name;

    tw_dns_name_read(&name, text);
    if (name.kind != TW_DNS_NAME_PLAIN || s->count == TW_DNS_SEARCH_MAX)
        return;
    if (name.text[name.len - 1] == '.')
        name.text[name.len - 1] = '\0';
    memcpy(s->domains[s->count++], name.text, sizeof(name.text));
}

static void set_domains(struct tw_dns_search *s, char *list, size_t most)
{
    char *rest = NULL;

    s->count = 0;
    for (char *word = strtok_r(list, BLANK, &rest); word != NULL && s->count < most;
         word = strtok_r(NULL, BLANK, &rest))
        add_domain(s, word);
}

static void set_options(struct tw_dns_search *s, char *list)
{
    char *rest = NULL;

    for (char *word = strtok_r(list, BLANK, &rest); word != NULL;
         word = strtok_r(NULL, BLANK, &rest)) {
        unsigned long n;

        if (strncmp(word, "ndots:", 6) != 0)
            continue;
        n = strtoul(word + 6, NULL, 10);
        s->ndots = n > NDOTS_MAX ? NDOTS_MAX : (unsigned)n;
    }
}

/* What follows the keyword, NULL if the line does not begin with it. */
static char *after(char *line, const char *keyword)
{
    size_t len = strlen(keyword);

    return strncmp(line, keyword, len) == 0 && strspn(line + len, BLANK) > 0 ? line + len
                                                                             : NULL;
}

static void read_line(struct tw_dns_search *s, char *line)
{
    char *rest;

    if ((rest = after(line, "search")) != NULL)
        set_domains(s, rest, TW_DNS_SEARCH_MAX);
    else if ((rest = after(line, "domain")) != NULL)
        set_domains(s, rest, 1);
    else if ((rest = after(line, "options")) != NULL)
        set_options(s, rest);
}

static void read_file(struct tw_dns_search *s, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    if (file == NULL)
        return;
    while (getline(&line, &size, file) >= 0)
        read_line(s, line);
    free(line);
    fclose(file);
}

static void read_environment(struct tw_dns_search *s)
{
    const char *domains = getenv("LOCALDOMAIN"), *options = getenv("RES_OPTIONS");
    char *copy = domains == NULL ? NULL : strdup(domains);

    if (copy != NULL)
        set_domains(s, copy, TW_DNS_SEARCH_MAX);
    free(copy);
    copy = options == NULL ? NULL : strdup(options);
    if (copy != NULL)
        set_options(s, copy);
    free(copy);
}

static void take_own_domain(struct tw_dns_search *s)
{
    char host[256];
    const char *dot;

    if (gethostname(host, sizeof(host)) != 0)
        return;
    host[sizeof(host) - 1] = '\0';
    dot = strchr(host, '.');
    if (dot != NULL)
        add_domain(s, dot + 1);
}

void tw_dns_search_read(struct tw_dns_search *s, const char *path)
{
    *s = (struct tw_dns_search){.ndots = 1};
    read_file(s, path);
    read_environment(s);
    if (s->count == 0)
        take_own_domain(s);
}

static unsigned count_dots(const char *name, size_t len)
{
    unsigned n = 0;

    for (size_t i = 0; i < len; i++)
        n += name[i] == '.';
    return n;
}

/* Joins with dots. False if that is too long for a name. */
static bool join(const char *name, size_t len, const char *domain, char out[TW_DNS_NAME_SIZE])
{
    size_t size = strlen(domain), total = len + 1 + (size > 0 ? size + 1 : 0);

    if (total > TW_DNS_NAME_SIZE - 1)
        return false;
    memcpy(out, name, len);
    out[len] = '.';
    memcpy(out + len + 1, domain, size);
    if (size > 0)
        out[total - 1] = '.';
    out[total] = '\0';
    return true;
}

bool tw_dns_search_next(const struct tw_dns_search *s, const char *name, size_t len,
                        unsigned *at, char out[TW_DNS_NAME_SIZE])
{
    bool absolute = name[len - 1] == '.';
    size_t count = absolute ? 0 : s->count;
    size_t plain = count_dots(name, len) >= s->ndots ? 0 : count; /* when the name as it is */

    while (*at <= count) {
        size_t i = (*at)++;
        const char *domain = i == plain ? "" : s->domains[i < plain ? i : i - 1];

        if (join(name, absolute ? len - 1 : len, domain, out))
            return true;
    }
    return false;
}
