#include "cli/cmd_compare.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/compare.h"
#include "cli/compare_out.h"
#include "cli/compare_run.h"
#include "cli/values.h"

/* Descriptors that are not connections; and those of a worker thread: a connection, two that
 * wake it up, an idle connection. */
#define SPARE_FILES    64
#define FILES_A_WORKER 4

enum kind { RESULTS, CHART, HTML };

/* A file that is written at the end; opened before the first measurement. */
struct product {
    enum kind kind;
    const char *path; /* NULL: standard output */
    FILE *file;
};

struct products {
    struct product *items;
    size_t n;
};

/* Prints one line, frees it, and hands the status on. */
static int fail(int status, char *message)
{
    fprintf(stderr, "trawl compare: %s\n", message != NULL ? message : "out of memory");
    free(message);
    return status;
}

/* ---- What is written --------------------------------------------------------------------- */

static bool has_ending(const char *path, const char *ending)
{
    size_t len = strlen(path);
    return len > strlen(ending) && strcasecmp(path + len - strlen(ending), ending) == 0;
}

static int check_charts(const struct cli_options *o)
{
    for (size_t i = 0; i < o->compare.charts.count; i++) {
        const char *path = o->compare.charts.items[i];
        if (!has_ending(path, ".svg") && !has_ending(path, ".png")) {
            return fail(
                CLI_EXIT_USAGE,
                cli_message("--chart '%.200s': give a name that ends with .svg or .png", path));
        }
    }
    return 0;
}

static void list_products(struct products *p, const struct cli_options *o)
{
    const struct cli_list *charts = &o->compare.charts;
    p->items[p->n++] = (struct product){.kind = RESULTS, .path = o->output};
    for (size_t i = 0; i < charts->count; i++) {
        p->items[p->n++] = (struct product){.kind = CHART, .path = charts->items[i]};
    }
    if (o->compare.html != NULL) {
        p->items[p->n++] = (struct product){.kind = HTML, .path = o->compare.html};
    }
}

static int check_twice(const struct products *p)
{
    for (size_t i = 0; i < p->n; i++) {
        for (size_t k = 0; k < i; k++) {
            const char *a = p->items[i].path;
            const char *b = p->items[k].path;
            if (a != NULL && b != NULL && strcmp(a, b) == 0) {
                return fail(
                    CLI_EXIT_USAGE,
                    cli_message("'%.200s' is to be written twice; give another name", a));
            }
        }
    }
    return 0;
}

static int open_products(struct products *p, const struct cli_options *o)
{
    p->items = calloc(o->compare.charts.count + 2, sizeof(*p->items));
    if (p->items == NULL) {
        return fail(CLI_EXIT_FAILURE, NULL);
    }
    list_products(p, o);
    int rc = check_twice(p);
    for (size_t i = 0; rc == 0 && i < p->n; i++) {
        struct product *item = &p->items[i];
        item->file = item->path == NULL ? stdout : fopen(item->path, "we");
        if (item->file == NULL) {
            rc = fail(CLI_EXIT_FILE, cli_message("%s: %s", item->path, strerror(errno)));
        }
    }
    return rc;
}

static void close_products(struct products *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].file != NULL && p->items[i].file != stdout) {
            fclose(p->items[i].file);
        }
    }
    free(p->items);
}

/* ---- Descriptors ------------------------------------------------------------------------- */

/* All that the system allows are asked for; the processes that measure inherit them. */
static rlim_t raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return RLIM_INFINITY;
    }
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

static bool has_strategy(const struct cli_compare *c, const char *name)
{
    for (size_t i = 0; i < c->n_strategies; i++) {
        if (strcmp(c->strategies[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static int check_files(const struct cli_compare *c)
{
    rlim_t files = raise_file_limit();
    rlim_t urls = c->counts[c->n_counts - 1];
    bool threads = has_strategy(c, "pool") || has_strategy(c, "batch");
    const struct {
        const char *name;
        rlim_t given;
        rlim_t each;
    } needs[] = {
        {"concurrency", c->o->fetch.concurrency, has_strategy(c, "loop") ? 1 : 0},
        {"workers", c->o->compare.workers, threads ? FILES_A_WORKER : 0},
    };
    for (size_t i = 0; files != RLIM_INFINITY && i < 2; i++) {
        rlim_t used = needs[i].given < urls ? needs[i].given : urls;
        if (used * needs[i].each > 0 && used * needs[i].each + SPARE_FILES > files) {
            return fail(CLI_EXIT_USAGE,
                        cli_message("--%s %llu is too much: the system allows %llu open files",
                                    needs[i].name, (unsigned long long)needs[i].given,
                                    (unsigned long long)files));
        }
    }
    return 0;
}

/* ---- The command ------------------------------------------------------------------------- */

static bool is_color(const struct cli_options *o, FILE *file)
{
    const struct cli_environment *e = &o->environment;
    return cli_when(o->color, isatty(fileno(file)) && !e->no_color && !e->dumb_terminal);
}

static int write_results(const struct cli_compare *c, FILE *file)
{
    const struct cli_options *o = c->o;
    if (strcmp(o->compare.format, "text") == 0) {
        return cli_compare_text(c, file, is_color(o, file));
    }
    if (!o->quiet) {
        cli_compare_problems(c, stderr, is_color(o, stderr));
    }
    return strcmp(o->compare.format, "csv") == 0 ? cli_compare_csv(c, file)
                                                 : cli_compare_json(c, file);
}

static int write_product(const struct cli_compare *c, const struct product *item)
{
    switch (item->kind) {
    case RESULTS: return write_results(c, item->file);
    case CHART: return cli_compare_chart(c, item->path, item->file);
    case HTML: return cli_compare_html(c, item->file);
    }
    return TRAWL_EINVAL;
}

/* What is broken is no reason not to write the rest. */
static int write_products(const struct cli_compare *c, const struct products *p)
{
    int status = 0;
    for (size_t i = 0; i < p->n; i++) {
        const char *path = p->items[i].path;
        errno = 0;
        int err = write_product(c, &p->items[i]);
        err = err == 0 && fflush(p->items[i].file) != 0 ? TRAWL_EWRITE : err;
        if (err != 0) {
            const char *reason =
                err == TRAWL_EWRITE && errno != 0 ? strerror(errno) : trawl_strerror(err);
            status =
                fail(err == TRAWL_EWRITE ? CLI_EXIT_FILE : CLI_EXIT_FAILURE,
                     cli_message("%s: %s", path != NULL ? path : "standard output", reason));
        }
    }
    return status;
}

static int measure(struct cli_compare *c, const struct products *p)
{
    const struct cli_options *o = c->o;
    bool terminal = isatty(STDERR_FILENO) && !o->environment.dumb_terminal;
    int rc = cli_compare_measure(c, !o->quiet && cli_when(o->progress, terminal));
    if (rc != 0) {
        return fail(CLI_EXIT_FAILURE, cli_message("%s", trawl_strerror(rc)));
    }
    rc = write_products(c, p);
    int status = cli_compare_exit_code(c);
    return rc == CLI_EXIT_FILE || status == CLI_EXIT_OK ? rc : status;
}

int cli_compare_run(struct cli_options *o)
{
    struct cli_compare c = {.o = o};
    struct products p = {NULL, 0};
    char *error = NULL;
    cli_environment_read(&o->environment);
    o->fetch.per_host = o->compare.per_host;
    o->fetch.workers = o->compare.workers;
    int rc = cli_options_check(o, &error);
    rc = rc != 0 ? rc : cli_compare_init(&c, o, &error);
    if (rc != 0) {
        rc = fail(rc, error);
    }
    signal(SIGPIPE, SIG_IGN);
    rc = rc != 0 ? rc : check_charts(o);
    rc = rc != 0 ? rc : check_files(&c);
    rc = rc != 0 ? rc : open_products(&p, o);
    rc = rc != 0 ? rc : measure(&c, &p);
    close_products(&p);
    cli_compare_free(&c);
    return rc;
}
