/* sim: the crawl core on a virtual clock and a synthetic web.
 *
 *     sim --seed N         one run, with a log
 *     sim --seeds A-B      a range; what fails is named with the command that replays it
 *     sim --large          a million pages on ten thousand hosts
 *     sim --answer N URL   what the web of a seed answers
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "run.h"

#define SECONDS_A_SEED 120

static const char *program;

static bool run_one(uint64_t seed)
{
    struct scenario s;

    scenario_make(&s, seed);
    if (sim_log)
        scenario_print(&s);
    return run_scenario(&s);
}

/* What that seed's web answers. */
static int show(uint64_t seed, const char *url)
{
    struct scenario s;
    struct answer a;

    scenario_make(&s, seed);
    web_answer(&s.web, web_find(&s.web, url), url, &a);
    printf("%s\n%s", a.head.s, a.body.s != NULL ? a.body.s : "");
    answer_free(&a);
    return 0;
}

/* ---- ranges: in a process of their own, so that a crash is one seed's ---- */

struct progress {
    uint64_t seed;
    uint64_t exchanges, blind, seconds;
};

static void run_range(struct progress *progress, uint64_t last)
{
    for (; progress->seed <= last; progress->seed++) {
        alarm(SECONDS_A_SEED);
        if (!run_one(progress->seed)) {
            fflush(stdout);
            _exit(1);
        }
        progress->exchanges += check_exchanges();
        progress->blind += check_blind_starts();
        progress->seconds += clock_us() / 1000000;
    }
    exit(0);
}

static void tell(uint64_t seed, int status)
{
    if (WIFSIGNALED(status))
        printf("seed %llu: ended by %s\n", (unsigned long long)seed,
               strsignal(WTERMSIG(status)));
    printf("replay: %s --seed %llu\n", program, (unsigned long long)seed);
    fflush(stdout);
}

static int run_seeds(uint64_t first, uint64_t last, unsigned most)
{
    struct progress *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned failed = 0;
    int status = 0;
    pid_t child;

    if (progress == MAP_FAILED)
        return 2;
    for (progress->seed = first; progress->seed <= last && failed < most; progress->seed++) {
        fflush(stdout);
        child = fork();
        if (child == 0)
            run_range(progress, last);
        if (child < 0 || waitpid(child, &status, 0) != child)
            return 2;
        if (status == 0)
            break;
        tell(progress->seed, status);
        failed++;
    }
    printf("%llu exchanges in %llu s of virtual time; %llu began at an address in use that was not "
           "known yet\n", (unsigned long long)progress->exchanges,
           (unsigned long long)progress->seconds, (unsigned long long)progress->blind);
    printf("seeds %llu to %llu: %u failed\n", (unsigned long long)first, (unsigned long long)last,
           failed);
    return failed > 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: %s --seed N [--quiet] | --seeds A-B [MOST-FAILURES] | "
                    "--large [HOSTS PAGES CONCURRENCY] | --answer N URL\n", program);
    return 2;
}

static unsigned number(char **argv, int argc, int i, unsigned otherwise)
{
    return argc > i ? (unsigned)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    unsigned long long first, last;

    program = argv[0];
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    if (argc >= 3 && strcmp(argv[1], "--seed") == 0) {
        sim_log = argc == 3;
        return run_one(strtoull(argv[2], NULL, 10)) ? 0 : 1;
    }
    if (argc >= 3 && strcmp(argv[1], "--seeds") == 0 &&
        sscanf(argv[2], "%llu-%llu", &first, &last) == 2)
        return run_seeds(first, last, number(argv, argc, 3, 20));
    if (argc == 4 && strcmp(argv[1], "--answer") == 0)
        return show(strtoull(argv[2], NULL, 10), argv[3]);
    if (argc >= 2 && strcmp(argv[1], "--large") == 0)
        return run_large(number(argv, argc, 2, 10000), number(argv, argc, 3, 100),
                         number(argv, argc, 4, 20000));
    return usage();
}
