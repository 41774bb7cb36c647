/* What SIGUSR1 asks: what is going on. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/escape.h"
#include "cli/run.h"

/* So many fetches are told of. */
#define TOLD_MAX 50

struct telling {
    bool running; /* what is on its way comes first, then what waits */
    unsigned told;
    uint64_t left;
};

static bool is_running(trawl_state state)
{
    return state != TRAWL_STATE_QUEUED && state != TRAWL_STATE_WAITING;
}

static void tell_fetch(const trawl_outstanding *f)
{
    char *url = cli_escape(f->url, f->url_len, "");
    fprintf(stderr, "  %s for %.1f s", trawl_state_name(f->state), (double)f->since_ms / 1000);
    if (f->state == TRAWL_STATE_WAITING) {
        fprintf(stderr, ", again in %.1f s", (double)f->until_ms / 1000);
    }
    fprintf(stderr, ", try %u, host %s: %s\n", f->tries, f->host, url != NULL ? url : "");
    free(url);
}

static int tell(void *data, const trawl_outstanding *f)
{
    struct telling *telling = data;
    if (is_running(f->state) != telling->running) {
        return 0;
    }
    if (telling->told == TOLD_MAX) {
        telling->left++;
        return 0;
    }
    telling->told++;
    tell_fetch(f);
    return 0;
}

void cli_run_tell(struct cli_run *run)
{
    struct telling telling = {.running = true};
    if (run->t == NULL) {
        cli_run_say(run, "nothing is outstanding; the output is being written");
        return;
    }
    cli_progress_hide(run->progress);
    fprintf(stderr, "trawl %s: %" PRIu64 " outstanding%s\n", cli_commands[run->o->command].name,
            run->ops->outstanding(run),
            run->input_ended || run->stopping ? "" : ", the input goes on");
    trawl_each(run->t, tell, &telling);
    telling.running = false;
    trawl_each(run->t, tell, &telling);
    if (telling.left > 0) {
        fprintf(stderr, "  and %llu more\n", (unsigned long long)telling.left);
    }
    cli_progress_show(run->progress);
}
