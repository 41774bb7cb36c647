/* A comparison as a page. */
#include <stdlib.h>
#include <string.h>

#include "cli/compare_chart.h"
#include "cli/compare_columns.h"
#include "cli/compare_out.h"
#include "cli/human.h"
#include "cli/machine.h"
#include "cli/xml.h"

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;color:#202020;background:#fff;margin:2rem auto;"
    "max-width:54rem;padding:0 1rem}\n"
    "h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2.2rem 0 .5rem}\n"
    "svg{display:block;max-width:100%;height:auto;margin:1.5rem 0}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.15rem .8rem;text-align:right;white-space:nowrap}\n"
    "th{border-bottom:1px solid #707070}\n"
    "th:nth-child(2),td:nth-child(2){text-align:left}\n"
    "tbody tr:first-child td{padding-top:.6rem}\n"
    "tbody:not(:last-child) tr:last-child td{padding-bottom:.6rem;"
    "border-bottom:1px solid #dcdcdc}\n"
    "tr.best td:not(:first-child){font-weight:bold}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:0}\n"
    "dt{color:#5a5a5a}dd{margin:0;overflow-wrap:anywhere}\n"
    "code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}\n"
    ".bad{color:#b3261e}\n"
    "@media(prefers-color-scheme:dark){\n"
    "body{color:#e6e6e6;background:#16181c}dt{color:#a8a8a8}.bad{color:#ff8a80}\n"
    "tbody:not(:last-child) tr:last-child td{border-color:#3a3a3a}\n";

/* ---- Tables ------------------------------------------------------------------------------ */

static void print_row(FILE *file, const struct cli_compare *c, const struct cli_block *block,
                      size_t count, size_t strategy, bool best)
{
    char text[CLI_COLUMN_SIZE];
    const struct cli_cell *cell = cli_cell_at(c, count, strategy);
    fprintf(file, "<tr%s><td>%zu</td><td>%s</td>", best ? " class=\"best\"" : "",
            c->counts[count], c->strategies[strategy]);
    for (size_t i = 0; i < block->n; i++) {
        block->columns[i].format(text, c, count, cell);
        fputs("<td>", file);
        cli_xml_text(file, text);
        fputs("</td>", file);
    }
    fputs("</tr>\n", file);
}

static int print_rows(FILE *file, const struct cli_compare *c, const struct cli_block *block,
                      size_t count)
{
    struct cli_verdict v;
    int err = cli_verdict_make(&v, c, count);
    if (err != 0) {
        return err;
    }
    fputs("<tbody>\n", file);
    for (size_t s = 0; s < c->n_strategies; s++) {
        bool best = block->decides && v.n > 1 && v.leaders == 1 && v.ranks[0].strategy == s;
        if (cli_cell_at(c, count, s)->n > 0) {
            print_row(file, c, block, count, s, best);
        }
    }
    fputs("</tbody>\n", file);
    free(v.ranks);
    return 0;
}

static int print_table(FILE *file, const struct cli_compare *c, const struct cli_block *block)
{
    int err = 0;
    fprintf(file,
            "<h2>%s</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>URLs</th>"
            "<th>strategy</th>",
            block->title);
    for (size_t i = 0; i < block->n; i++) {
        fprintf(file, "<th title=\"%s\">%s</th>", block->columns[i].explanation,
                block->columns[i].title);
    }
    fputs("</tr></thead>\n", file);
    for (size_t count = 0; err == 0 && count < c->n_counts; count++) {
        err = print_rows(file, c, block, count);
    }
    fputs("</table></div>\n", file);
    return err;
}

/* ---- The other parts --------------------------------------------------------------------- */

/* What matters most, at the largest number of URLs. */
static int print_lead(FILE *file, const struct cli_compare *c)
{
    char *text = cli_verdict_text(c, c->n_counts - 1);
    if (text == NULL) {
        return TRAWL_ENOMEM;
    }
    if (text[0] != '\0') {
        fprintf(file, "<p><strong>%s.</strong></p>\n", text);
    }
    free(text);
    return 0;
}

static int print_verdicts(FILE *file, const struct cli_compare *c)
{
    fputs("<h2>Who wins</h2>\n<ul>\n", file);
    for (size_t count = 0; count < c->n_counts; count++) {
        char *text = cli_verdict_text(c, count);
        if (text == NULL) {
            return TRAWL_ENOMEM;
        }
        if (text[0] != '\0') {
            fprintf(file, "<li>%s</li>\n", text);
        }
        free(text);
    }
    fputs("</ul>\n", file);
    return 0;
}

static int print_chart(FILE *file, const struct cli_compare *c, enum cli_metric metric)
{
    struct cli_picture picture;
    const char *title;
    int err = cli_compare_picture(&picture, &title, c, metric);
    if (err == 0) {
        err = cli_chart_svg(&picture, title, false, file);
        cli_picture_free(&picture);
    }
    return err;
}

static int print_problems(FILE *file, const struct cli_compare *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL) {
        return TRAWL_ENOMEM;
    }
    cli_compare_problems(c, memory, false);
    int err = fclose(memory) == 0 ? 0 : TRAWL_ENOMEM;
    if (err == 0 && size > 0) {
        fputs("<h2 class=\"bad\">Differences and failures</h2>\n<pre class=\"wide\">", file);
        cli_xml_text(file, text);
        fputs("</pre>\n", file);
    }
    free(text);
    return err;
}

static void print_term(FILE *file, const char *term, const char *text)
{
    fprintf(file, "<dt>%s</dt><dd>", term);
    cli_xml_text(file, text);
    fputs("</dd>\n", file);
}

static int print_circumstances(FILE *file, const struct cli_compare *c)
{
    struct cli_machine m;
    char text[CLI_HUMAN_SIZE];
    char *command = cli_compare_command(c);
    if (command == NULL) {
        return TRAWL_ENOMEM;
    }
    cli_machine_read(&m);
    fputs("<h2>How it was measured</h2>\n<dl>\n<dt>command</dt><dd><code>", file);
    cli_xml_text(file, command);
    fputs("</code></dd>\n", file);
    print_term(file, "versions", trawl_version());
    print_term(file, "processor", m.cpu);
    fprintf(file, "<dt>cores</dt><dd>%u</dd>\n", m.cores);
    print_term(file, "memory", cli_human_bytes(text, (double)m.memory));
    print_term(file, "kernel", m.kernel);
    fputs("</dl>\n", file);
    free(command);
    return 0;
}

static void print_head(FILE *file, const struct cli_compare *c)
{
    const struct cli_options *o = c->o;
    size_t most = c->counts[c->n_counts - 1];
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<title>trawl compare: %zu URL%s</title>\n<style>\n%s",
            most, most == 1 ? "" : "s", style);
    cli_svg_dark_style(file);
    fprintf(
        file,
        "}\n</style></head><body>\n<h1>Strategies to fetch %zu URL%s</h1>\n"
        "<p>%u run%s of each after a warm-up, in turns, each in a process of its own. The loop "
        "has up to %u fetches in flight; pool, batch and process have %u workers.%s</p>\n",
        most, most == 1 ? "" : "s", o->compare.runs, o->compare.runs == 1 ? "" : "s",
        o->fetch.concurrency, o->compare.workers,
        c->interrupted ? " It was interrupted: this is what was measured until then." : "");
}

int cli_compare_html(const struct cli_compare *c, FILE *file)
{
    print_head(file, c);
    int err = print_lead(file, c);
    err = err != 0 ? err : print_problems(file, c);
    err = err != 0 ? err : print_chart(file, c, CLI_SECONDS);
    err = err != 0 ? err : print_chart(file, c, CLI_MEMORY);
    if (err == 0 && c->n_strategies > 1 && c->n_counts > 1) {
        err = print_verdicts(file, c);
    }
    for (size_t i = 0; err == 0 && i < CLI_BLOCKS; i++) {
        err = print_table(file, c, &cli_blocks[i]);
    }
    err = err != 0 ? err : print_circumstances(file, c);
    fputs("</body></html>\n", file);
    return err != 0 ? err : fflush(file) == 0 ? 0 : TRAWL_EWRITE;
}
