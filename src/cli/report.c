#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

#include "trawl.h"
#include "cli/json.h"

static const char *const metric_names[CLI_METRICS] = {
    [CLI_SECONDS] = "seconds",         [CLI_USER] = "user",       [CLI_SYSTEM] = "system",
    [CLI_MEMORY] = "memory",           [CLI_THREADS] = "threads", [CLI_VOLUNTARY] = "voluntary",
    [CLI_INVOLUNTARY] = "involuntary",
};

/* A result is an array, for there may be many: these, then the URL if it was asked for. */
enum { ERROR, STATUS, TRIES, US, BYTES, DIGEST, NAME };

/* ---- Writing ----------------------------------------------------------------------------- */

static void put_digest(yajl_gen gen, const unsigned char *digest)
{
    char text[2 * CLI_DIGEST_SIZE + 1];
    for (size_t i = 0; i < CLI_DIGEST_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    cli_json_text(gen, NULL, text);
}

static void put_fetched(yajl_gen gen, const struct cli_fetched *f)
{
    yajl_gen_array_open(gen);
    cli_json_integer(gen, NULL, f->error);
    cli_json_integer(gen, NULL, f->status);
    cli_json_count(gen, NULL, f->tries);
    cli_json_count(gen, NULL, f->us);
    cli_json_count(gen, NULL, f->bytes);
    put_digest(gen, f->digest);
    if (f->name != NULL) {
        cli_json_text(gen, NULL, f->name);
    }
    yajl_gen_array_close(gen);
}

int cli_report_write(const struct cli_report *report, FILE *file)
{
    yajl_gen gen = yajl_gen_alloc(NULL);
    if (gen == NULL) {
        return TRAWL_ENOMEM;
    }
    yajl_gen_map_open(gen);
    for (size_t i = 0; i < CLI_METRICS; i++) {
        cli_json_fixed(gen, metric_names[i], report->metrics[i], 6);
    }
    cli_json_array(gen, "results");
    for (size_t i = 0; i < report->n; i++) {
        put_fetched(gen, &report->fetched[i]);
    }
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
    int err = cli_json_write(gen, file);
    yajl_gen_free(gen);
    return err;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static int get_digest(unsigned char *digest, const char *text)
{
    if (text == NULL || strlen(text) != (size_t)2 * CLI_DIGEST_SIZE) {
        return TRAWL_EINVAL;
    }
    for (size_t i = 0; i < CLI_DIGEST_SIZE; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1) {
            return TRAWL_EINVAL;
        }
        digest[i] = (unsigned char)byte;
    }
    return 0;
}

static int get_fetched(struct cli_fetched *f, yajl_val value)
{
    if (!YAJL_IS_ARRAY(value) || value->u.array.len < NAME) {
        return TRAWL_EINVAL;
    }
    yajl_val *v = value->u.array.values;
    if (!YAJL_IS_INTEGER(v[ERROR]) || !YAJL_IS_INTEGER(v[STATUS])) {
        return TRAWL_EINVAL;
    }
    f->error = (int)YAJL_GET_INTEGER(v[ERROR]);
    f->status = (int)YAJL_GET_INTEGER(v[STATUS]);
    f->tries = (unsigned)cli_json_to_count(v[TRIES]);
    f->us = cli_json_to_count(v[US]);
    f->bytes = cli_json_to_count(v[BYTES]);
    if (value->u.array.len > NAME) {
        const char *name = cli_json_to_text(v[NAME]);
        f->name = name != NULL ? strdup(name) : NULL;
    }
    return get_digest(f->digest, cli_json_to_text(v[DIGEST]));
}

static int get_results(struct cli_report *r, yajl_val value)
{
    if (!YAJL_IS_ARRAY(value)) {
        return TRAWL_EINVAL;
    }
    size_t n = value->u.array.len;
    r->fetched = calloc(n + 1, sizeof(*r->fetched));
    if (r->fetched == NULL) {
        return TRAWL_ENOMEM;
    }
    r->n = n;
    int err = 0;
    for (size_t i = 0; err == 0 && i < n; i++) {
        err = get_fetched(&r->fetched[i], value->u.array.values[i]);
    }
    return err;
}

int cli_report_read(struct cli_report *report, const char *text)
{
    struct cli_report r = {.n = 0};
    char error[80];
    yajl_val root = yajl_tree_parse(text, error, sizeof(error));
    int err = 0;
    for (size_t i = 0; err == 0 && i < CLI_METRICS; i++) {
        yajl_val value = cli_json_get(root, metric_names[i]);
        err = YAJL_IS_DOUBLE(value) ? 0 : TRAWL_EINVAL;
        r.metrics[i] = err == 0 ? YAJL_GET_DOUBLE(value) : 0;
    }
    err = err != 0 ? err : get_results(&r, cli_json_get(root, "results"));
    yajl_tree_free(root);
    if (err != 0) {
        cli_report_free(&r);
        return err;
    }
    *report = r;
    return 0;
}

void cli_report_free(struct cli_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        free(report->fetched[i].name);
    }
    free(report->fetched);
}
