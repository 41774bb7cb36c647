/* The origin as a program, for demonstrations and benchmarks. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "bytes.h"
#include "origin.h"
#include "query.h"

struct arguments {
    struct origin_options options;
    uint64_t max_seconds;
    const char *list; /* file for the sites' list, NULL for none */
    bool help;
};

static void usage(FILE *out)
{
    fputs("usage: origin [--listen 127.0.0.1] [--hosts N] [--port P] [--seed S]\n"
          "              [--site PAGES] [--traps] [--span] [--list FILE]\n"
          "              [--access-log FILE] [--max-seconds T] [--help]\n\n"
          "A web server for tests: the query of a URL says how it is answered.\n"
          "Listens on N consecutive addresses inside 127.0.0.0/8, on one port that is the\n"
          "same on all of them (0 picks one), and ends after T seconds (600).\n"
          "--site serves a small site on each instead, to be crawled; --list writes what\n"
          "there is in them, --traps gives them parts without end, --span links them.\n\n"
          "Any path answers with a page made from the seed. Parameters:\n",
          out);
    origin_query_help(out);
    fputs("\nPaths of their own: /echo (the request), /stats (JSON counters),\n"
          "/count?key=TEXT (requests with that key), /robots.txt (404).\n"
          "tests/origin/origin.h describes everything in full.\n",
          out);
}

static bool number(const char *text, uint64_t max, uint64_t *value)
{
    return origin_span_number((struct origin_span){text, strlen(text)}, max, value);
}

static bool set(struct arguments *a, int option, const char *value)
{
    uint64_t n = 0;

    switch (option) {
    case 'l':
        a->options.listen = value;
        return true;
    case 'n':
        if (!number(value, 65536, &n)) {
            return false;
        }
        a->options.hosts = (unsigned)n;
        return true;
    case 'p':
        if (!number(value, 65535, &n)) {
            return false;
        }
        a->options.port = (unsigned)n;
        return true;
    case 's':
        return number(value, UINT64_MAX, &a->options.seed);
    case 'w':
        a->options.site = number(value, 1000000, &n) ? (unsigned)n : 0;
        return n > 0;
    case 'x':
        a->options.traps = true;
        return true;
    case 'y':
        a->options.span = true;
        return true;
    case 'm':
        a->list = value;
        return true;
    case 'a':
        a->options.access_log = value;
        return true;
    case 't':
        return number(value, 1000000, &a->max_seconds);
    case 'h':
        a->help = true;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, struct arguments *a)
{
    static const struct option longs[] = {
        {"listen", required_argument, NULL, 'l'}, {"hosts", required_argument, NULL, 'n'},
        {"port", required_argument, NULL, 'p'},   {"seed", required_argument, NULL, 's'},
        {"max-seconds", required_argument, NULL, 't'},
        {"site", required_argument, NULL, 'w'},   {"traps", no_argument, NULL, 'x'},
        {"span", no_argument, NULL, 'y'},         {"list", required_argument, NULL, 'm'},
        {"access-log", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (!set(a, option, optarg)) {
            return false;
        }
    }
    return optind == argc;
}

static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool write_list(const struct arguments *a, const struct origin *origin)
{
    FILE *out = a->list ? fopen(a->list, "we") : NULL;

    if (!a->list) {
        return true;
    }
    if (!out) {
        return false;
    }
    origin_list(origin, out);
    return fclose(out) == 0;
}

static int serve(const struct arguments *a)
{
    struct timespec limit = {.tv_sec = (time_t)a->max_seconds};
    struct origin *origin;
    sigset_t ends;
    int err;

    /* Before the start: a signal that comes early must wait for sigtimedwait. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    err = origin_start(&origin, &a->options);
    if (err) {
        fprintf(stderr, "origin: cannot listen: %s\n", uv_strerror(err));
        return EXIT_FAILURE;
    }
    if (!write_list(a, origin)) {
        fprintf(stderr, "origin: cannot write %s\n", a->list);
        origin_stop(origin);
        return EXIT_FAILURE;
    }
    printf("listening on http://%s:%u/ (%u addresses)\n",
           a->options.listen ? a->options.listen : "127.0.0.1", origin_port(origin),
           a->options.hosts ? a->options.hosts : 1);
    fflush(stdout);
    sigtimedwait(&ends, NULL, &limit);
    origin_stop(origin);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct arguments a = {.max_seconds = 600};

    if (!parse(argc, argv, &a)) {
        usage(stderr);
        return 2;
    }
    if (a.help) {
        usage(stdout);
        return EXIT_SUCCESS;
    }
    raise_descriptors();
    return serve(&a);
}
