/* Which strategy wins at a number of URLs, and by how much. */
#include <stdlib.h>

#include "cli/compare.h"
#include "cli/values.h"

static int compare_ranks(const void *a, const void *b)
{
    const struct cli_rank *x = a;
    const struct cli_rank *y = b;
    return (x->seconds.median > y->seconds.median) - (x->seconds.median < y->seconds.median);
}

int cli_verdict_make(struct cli_verdict *verdict, const struct cli_compare *c, size_t count)
{
    struct cli_rank *ranks = calloc(c->n_strategies, sizeof(*ranks));
    size_t n = 0;
    if (ranks == NULL) {
        return TRAWL_ENOMEM;
    }
    for (size_t s = 0; s < c->n_strategies; s++) {
        ranks[n].strategy = s;
        cli_cell_spread(cli_cell_at(c, count, s), CLI_SECONDS, &ranks[n].seconds);
        n += ranks[n].seconds.n > 0;
    }
    qsort(ranks, n, sizeof(*ranks), compare_ranks);
    size_t leaders = n > 0;
    while (leaders < n && !cli_spread_below(&ranks[0].seconds, &ranks[leaders].seconds)) {
        leaders++;
    }
    *verdict = (struct cli_verdict){ranks, n, leaders};
    return 0;
}

static const char *name_of(const struct cli_compare *c, const struct cli_rank *rank)
{
    return c->strategies[rank->strategy];
}

/* "15.9 times as fast as sequential, 4.0 times batch": the slowest first. */
static void print_ratios(FILE *file, const struct cli_compare *c, const struct cli_verdict *v)
{
    for (size_t i = v->n; i-- > v->leaders;) {
        double ratio = v->ranks[i].seconds.median / v->ranks[0].seconds.median;
        fprintf(file, "%s%.*f times %s%s", i + 1 < v->n ? ", " : "",
                ratio < 1.095   ? 2
                : ratio < 99.95 ? 1
                                : 0,
                ratio, i + 1 < v->n ? "" : "as fast as ", name_of(c, &v->ranks[i]));
    }
}

static void print_leaders(FILE *file, const struct cli_compare *c, const struct cli_verdict *v)
{
    for (size_t i = 0; i < v->leaders; i++) {
        const char *space = i == 0 ? "" : i + 1 < v->leaders ? ", " : " and ";
        fprintf(file, "%s%s", space, name_of(c, &v->ranks[i]));
    }
}

static void print_verdict(FILE *file, const struct cli_compare *c, size_t count,
                          const struct cli_verdict *v)
{
    const char *urls = c->counts[count] == 1 ? "URL" : "URLs";
    if (v->n < 2) {
        return;
    }
    if (v->leaders == 1) {
        fprintf(file, "%s wins at %zu %s: ", name_of(c, &v->ranks[0]), c->counts[count], urls);
        print_ratios(file, c, v);
        return;
    }
    fprintf(file, "no clear winner at %zu %s: ", c->counts[count], urls);
    print_leaders(file, c, v);
    fputs(v->ranks[0].seconds.n > 1 ? " differ by no more than their spread"
                                    : " differ by too little for one run",
          file);
    if (v->leaders < v->n) {
        fprintf(file, "; %s is ", name_of(c, &v->ranks[0]));
        print_ratios(file, c, v);
    }
}

char *cli_verdict_text(const struct cli_compare *c, size_t count)
{
    struct cli_verdict v;
    char *text = NULL;
    size_t size = 0;
    if (cli_verdict_make(&v, c, count) != 0) {
        return NULL;
    }
    FILE *file = open_memstream(&text, &size);
    if (file != NULL) {
        print_verdict(file, c, count, &v);
        if (fclose(file) != 0) {
            free(text);
            text = NULL;
        }
    }
    free(v.ranks);
    return text;
}
