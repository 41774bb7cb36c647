#include "cli/cmd_links.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record.h"
#include "cli/slurp.h"
#include "cli/values.h"

#define DOCUMENT_MAX ((size_t)1 << 30)

/* Makes any relative link one that can be counted; a name that no host has (RFC 2606). */
#define ANY_BASE "http://base.invalid/"

struct document {
    const char *name; /* NULL: standard input */
    char *bytes;
    size_t len;
};

/* Takes over text. */
static int fail(int status, char *text)
{
    fprintf(stderr, "trawl links: %s\n", text != NULL ? text : "out of memory");
    free(text);
    return status;
}

static int fail_file(const char *name, int code)
{
    return fail(CLI_EXIT_FILE, cli_message("%s: %s", name, strerror(code)));
}

/* ---- The links --------------------------------------------------------------------------- */

static int print_url(void *data, const trawl_link *link)
{
    (void)data;
    return puts(link->url) < 0 ? TRAWL_EWRITE : 0;
}

static int print_record(void *data, const trawl_link *link)
{
    size_t len;
    const char *record = cli_record_link(data, link, &len);
    if (record == NULL) {
        return TRAWL_ENOMEM;
    }
    return fwrite(record, 1, len, stdout) == len ? 0 : TRAWL_EWRITE;
}

static int count(void *data, const trawl_link *link)
{
    (void)link;
    ++*(uint64_t *)data;
    return 0;
}

static uint64_t count_links(trawl_links_options options, const char *base,
                            const struct document *d)
{
    uint64_t n = 0;
    options.base = base;
    options.on_link = count;
    options.data = &n;
    (void)trawl_links(&options, d->bytes, d->len);
    return n;
}

/* Which links need a base is seen by giving one. */
static void tell_left_out(const trawl_links_options *options, const struct document *d)
{
    uint64_t with = count_links(*options, ANY_BASE, d);
    uint64_t without = count_links(*options, NULL, d);
    if (with > without) {
        uint64_t left = with - without;
        fail(0,
             cli_message("%" PRIu64 " relative link%s left out; give the URL of the document "
                         "with --base URL",
                         left, left == 1 ? " is" : "s are"));
    }
}

/* ---- What is wrong ----------------------------------------------------------------------- */

/* Whether these options alone are refused. */
static bool is_bad(const char *type, const char *charset)
{
    trawl_links_options options = TRAWL_LINKS_OPTIONS_INIT;
    uint64_t n = 0;
    options.type = type;
    options.charset = charset;
    options.on_link = count;
    options.data = &n;
    return trawl_links(&options, "", 0) == TRAWL_EINVAL;
}

static int fail_links(const struct cli_options *o, const struct document *d, int err)
{
    if (err == TRAWL_EINVAL && is_bad(NULL, o->links.charset)) {
        return fail(CLI_EXIT_USAGE,
                    cli_message("--charset '%.80s': give a character set of the web, such as "
                                "utf-8 or shift_jis",
                                o->links.charset));
    }
    if (err == TRAWL_EINVAL && is_bad(o->links.type, NULL)) {
        return fail(CLI_EXIT_USAGE,
                    cli_message("--type '%.80s': give text/html, text/css, application/xml or "
                                "text/plain",
                                o->links.type));
    }
    if (err == TRAWL_EURL || err == TRAWL_ESCHEME) {
        return fail(CLI_EXIT_USAGE,
                    cli_message("--base: %s; give an http or https URL", trawl_strerror(err)));
    }
    if (err == TRAWL_EENCODING) {
        return fail(CLI_EXIT_FAILURE,
                    cli_message("%s: broken XML; the links up to the fault are printed",
                                d->name != NULL ? d->name : "standard input"));
    }
    if (err == TRAWL_EWRITE) {
        return fail_file("standard output", errno);
    }
    return fail(CLI_EXIT_FAILURE, cli_message("%s", trawl_strerror(err)));
}

/* ---- The command ------------------------------------------------------------------------- */

static int read_document(struct document *d)
{
    int code = d->name != NULL ? cli_slurp_file(d->name, DOCUMENT_MAX, &d->bytes, &d->len)
                               : cli_slurp(stdin, DOCUMENT_MAX, &d->bytes, &d->len);
    return code == 0 ? 0 : fail_file(d->name != NULL ? d->name : "standard input", code);
}

static int print_links(const struct cli_options *o, const struct document *d, yajl_gen gen)
{
    trawl_links_options options = TRAWL_LINKS_OPTIONS_INIT;
    options.base = o->links.base;
    options.type = o->links.type;
    options.charset = o->links.charset;
    options.lazy_attributes = o->lazy_attributes;
    options.on_link = strcmp(o->record_format, "jsonl") == 0 ? print_record : print_url;
    options.data = gen;
    int err = trawl_links(&options, d->bytes, d->len);
    if (fflush(stdout) != 0) {
        return fail_file("standard output", errno);
    }
    if (err == 0 && o->links.base == NULL) {
        tell_left_out(&options, d);
    }
    return err != 0 ? fail_links(o, d, err) : CLI_EXIT_OK;
}

int cli_links_run(struct cli_options *o)
{
    struct document d = {NULL, NULL, 0};
    if (o->operands.count > 1) {
        return fail(CLI_EXIT_USAGE, cli_message("name one file only"));
    }
    if (o->operands.count == 1 && strcmp(o->operands.items[0], "-") != 0) {
        d.name = o->operands.items[0];
    }
    yajl_gen gen = cli_record_open();
    if (gen == NULL) {
        return fail(CLI_EXIT_FAILURE, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    int status = read_document(&d);
    if (status == 0) {
        status = print_links(o, &d, gen);
    }
    free(d.bytes);
    yajl_gen_free(gen);
    return status;
}
