#include "cli/explain_print.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/record.h"
#include "cli/values.h"

/* ---- Text -------------------------------------------------------------------------------- */

/* A text that came from the network loses its control characters in cli_message(). */
static void print_line(FILE *file, const char *label, char *text)
{
    fprintf(file, "%-7s %s\n", label, text != NULL ? text : "out of memory");
    free(text);
}

static char *scope_text(const trawl_verdict *v)
{
    bool rule = v->scope_rule[0] != '\0';
    return cli_message("%s%s%s%s%s", v->in_scope ? "in scope" : "out of scope: ",
                       v->in_scope ? "" : trawl_reject_name(v->reason), rule ? " (" : "",
                       v->scope_rule, rule ? ")" : "");
}

static char *robots_text(const trawl_verdict *v)
{
    const char *verdict = v->allowed ? "allowed" : "disallowed";
    if (v->robots_line > 0) {
        return cli_message("%s by line %u: %s", verdict, v->robots_line, v->robots_rule);
    }
    if (v->robots_error != 0) {
        return cli_message("%s: robots.txt could not be had: %s", verdict,
                           trawl_strerror(v->robots_error));
    }
    if (v->robots_status >= 400) {
        return cli_message("%s: robots.txt has status %d", verdict, v->robots_status);
    }
    if (v->robots_rule[0] != '\0') {
        return cli_message("%s: %s", verdict, v->robots_rule);
    }
    return cli_message("%s: no rule of robots.txt matches", verdict);
}

static char *pace_text(const trawl_verdict *v)
{
    char time[32];
    bool rule = v->wait_rule[0] != '\0';
    if (v->wait_ms == 0) {
        return cli_message("no wait between two fetches%s%s%s", rule ? " (" : "", v->wait_rule,
                           rule ? ")" : "");
    }
    cli_format_time(v->wait_ms, time, sizeof(time));
    return cli_message("a fetch every %s%s%s%s%s", time, v->wait_ms % 1000 == 0 ? " s" : "",
                       rule ? " (" : "", v->wait_rule, rule ? ")" : "");
}

int cli_explain_text(const trawl_verdict *v, FILE *file)
{
    if (v->error != 0) {
        print_line(file, "url",
                   cli_message("%s%s%s", trawl_strerror(v->error),
                               v->detail[0] != '\0' ? ": " : "", v->detail));
    } else {
        print_line(file, "url", cli_message("%s", v->canonical));
        print_line(file, "scope", scope_text(v));
        print_line(file, "robots", robots_text(v));
        print_line(file, "pace", pace_text(v));
    }
    return fflush(file) == 0 && !ferror(file) ? 0 : TRAWL_EWRITE;
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_text(yajl_gen gen, const char *key, const char *text)
{
    cli_record_text(gen, key, text != NULL && text[0] != '\0' ? text : NULL);
}

static void put_count(yajl_gen gen, const char *key, bool known, uint64_t n)
{
    if (known) {
        cli_json_count(gen, key, n);
    } else {
        cli_record_text(gen, key, NULL);
    }
}

static void put_verdict(yajl_gen gen, const trawl_verdict *v)
{
    bool url = v->error == 0;
    yajl_gen_map_open(gen);
    put_text(gen, "url", url ? v->canonical : NULL);
    put_text(gen, "error", url ? NULL : trawl_err_name(v->error));
    put_text(gen, "detail", url ? NULL : v->detail);
    cli_json_bool(gen, "in_scope", url && v->in_scope);
    put_text(gen, "reason", url && !v->in_scope ? trawl_reject_name(v->reason) : NULL);
    put_text(gen, "scope_rule", url ? v->scope_rule : NULL);
    cli_json_bool(gen, "allowed", url && v->allowed);
    put_count(gen, "robots_status", url && v->robots_status > 0, (uint64_t)v->robots_status);
    put_text(gen, "robots_error",
             url && v->robots_error != 0 ? trawl_err_name(v->robots_error) : NULL);
    put_count(gen, "robots_line", url && v->robots_line > 0, v->robots_line);
    put_text(gen, "robots_rule", url ? v->robots_rule : NULL);
    put_count(gen, "wait_ms", url, v->wait_ms);
    put_text(gen, "wait_rule", url ? v->wait_rule : NULL);
    yajl_gen_map_close(gen);
}

int cli_explain_json(const trawl_verdict *v, FILE *file)
{
    yajl_gen gen = cli_record_open();
    size_t len;
    if (gen == NULL) {
        return TRAWL_ENOMEM;
    }
    put_verdict(gen, v);
    const char *record = cli_record_end(gen, &len);
    int err = TRAWL_ENOMEM;
    if (record != NULL) {
        err = fwrite(record, 1, len, file) == len && fflush(file) == 0 ? 0 : TRAWL_EWRITE;
    }
    yajl_gen_free(gen);
    return err;
}
