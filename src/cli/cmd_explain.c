#include "cli/cmd_explain.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain_print.h"
#include "cli/values.h"

struct explain {
    struct cli_options *o;
    uv_loop_t loop;
    trawl *t;
    trawl_crawl *c;
    int status;
};

/* Takes over text. */
static int fail(struct explain *e, int status, char *text)
{
    fprintf(stderr, "trawl explain: %s\n", text != NULL ? text : "out of memory");
    free(text);
    e->status = status;
    return status;
}

static int fail_code(struct explain *e, int err)
{
    return fail(e, CLI_EXIT_FAILURE, cli_message("%s", trawl_strerror(err)));
}

/* ---- The verdict ------------------------------------------------------------------------- */

static void on_verdict(trawl_crawl *c, const trawl_verdict *v, void *data)
{
    struct explain *e = data;
    (void)c;
    if (v->error == TRAWL_ECANCELED) {
        return;
    }
    bool json = strcmp(e->o->record_format, "jsonl") == 0;
    int err = json ? cli_explain_json(v, stdout) : cli_explain_text(v, stdout);
    if (err != 0) {
        fail(e, err == TRAWL_EWRITE ? CLI_EXIT_FILE : CLI_EXIT_FAILURE,
             cli_message("%s", trawl_strerror(err)));
    } else {
        e->status = v->error == 0 && v->in_scope && v->allowed ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    }
    if (v->robots_error == TRAWL_EDENIED) {
        fail(e, CLI_EXIT_FAILURE,
             cli_message("%s; give --allow-private to ask private and local addresses",
                         trawl_strerror(TRAWL_EDENIED)));
    }
    trawl_close(e->t, NULL, NULL);
}

/* The crawl is paused: nothing comes. */
static void on_page(trawl_crawl *c, const trawl_page *page, void *data)
{
    (void)c;
    (void)page;
    (void)data;
}

/* ---- The question ------------------------------------------------------------------------ */

static int add_seed(struct explain *e, const char *option, const char *url)
{
    const char *reason = NULL;
    int err = trawl_crawl_add(e->c, url, strlen(url), &reason);
    if (err == TRAWL_EURL || err == TRAWL_ESCHEME) {
        return fail(e, CLI_EXIT_USAGE,
                    cli_message("%s: %s%s%s", option, trawl_strerror(err),
                                reason != NULL ? ": " : "", reason != NULL ? reason : ""));
    }
    return err != 0 ? fail_code(e, err) : 0;
}

/* Without a seed it is the page that links to the URL, or the URL. That this is one, the
 * verdict tells. */
static int add_seeds(struct explain *e)
{
    const struct cli_list *seeds = &e->o->explain.seeds;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < seeds->count; i++) {
        rc = add_seed(e, "--seed", seeds->items[i]);
    }
    if (seeds->count > 0) {
        return rc;
    }
    if (e->o->explain.base != NULL) {
        return add_seed(e, "--base", e->o->explain.base);
    }
    const char *url = e->o->operands.items[0];
    int err = trawl_crawl_add(e->c, url, strlen(url), NULL);
    return err == TRAWL_ENOMEM ? fail_code(e, err) : 0;
}

static int open_crawl(struct explain *e)
{
    trawl_crawl_callbacks callbacks = TRAWL_CRAWL_CALLBACKS_INIT;
    char text[400] = "";
    callbacks.on_page = on_page;
    int err = trawl_crawl_open(&e->c, e->t, &e->o->crawl, &callbacks, text, sizeof(text));
    if (err == TRAWL_EINVAL && text[0] != '\0') {
        return fail(e, CLI_EXIT_USAGE, cli_message("%s", text));
    }
    if (err == 0) {
        trawl_crawl_pause(e->c, true);
    }
    return err != 0 ? fail_code(e, err) : 0;
}

static int ask(struct explain *e)
{
    const char *url = e->o->operands.items[0];
    int rc = open_crawl(e);
    rc = rc != 0 ? rc : add_seeds(e);
    if (rc != 0) {
        return rc;
    }
    int err = trawl_crawl_explain(e->c, url, strlen(url), e->o->explain.base, on_verdict, e);
    if (err == TRAWL_EURL || err == TRAWL_ESCHEME) {
        return fail(e, CLI_EXIT_USAGE,
                    cli_message("--base: %s; give an http or https URL", trawl_strerror(err)));
    }
    return err != 0 ? fail_code(e, err) : 0;
}

static int run(struct explain *e)
{
    int rc = uv_loop_init(&e->loop);
    if (rc != 0) {
        return fail(e, CLI_EXIT_FAILURE, cli_message("%s", uv_strerror(rc)));
    }
    int err = trawl_open(&e->t, &e->loop, &e->o->fetch);
    if (err != 0) {
        fail_code(e, err);
    } else if (ask(e) != 0) {
        trawl_close(e->t, NULL, NULL);
    }
    uv_run(&e->loop, UV_RUN_DEFAULT);
    uv_loop_close(&e->loop);
    return e->status;
}

int cli_explain_run(struct cli_options *o)
{
    struct explain e = {.o = o, .status = CLI_EXIT_FAILURE};
    char *error = NULL;
    cli_environment_read(&o->environment);
    int rc = cli_options_check(o, &error);
    if (rc != 0) {
        return fail(&e, rc, error);
    }
    signal(SIGPIPE, SIG_IGN);
    return run(&e);
}
