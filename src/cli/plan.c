#include "cli/plan.h"

#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/json.h"

enum type { UNSIGNED, UINT64, SIZE, BOOL, HTTP, IP, TEXT, LIST };

struct field {
    const char *name;
    enum type type;
    size_t at;
};

#define FIELD(member, type)                                                                    \
    {                                                                                          \
#member, type, offsetof(trawl_options, member)                                         \
    }

/* All that changes what a fetch does. What is kept of a body and what is told is not asked for.
 */
static const struct field fields[] = {
    FIELD(strategy, TEXT),
    FIELD(concurrency, UNSIGNED),
    FIELD(per_host, UNSIGNED),
    FIELD(workers, UNSIGNED),
    FIELD(max_queue, SIZE),
    FIELD(tries, UNSIGNED),
    FIELD(max_redirects, UNSIGNED),
    FIELD(timeout_ms, UINT64),
    FIELD(connect_timeout_ms, UINT64),
    FIELD(low_speed_bytes, UINT64),
    FIELD(low_speed_ms, UINT64),
    FIELD(max_header, UINT64),
    FIELD(max_body, UINT64),
    FIELD(retry_delay_ms, UINT64),
    FIELD(retry_max_ms, UINT64),
    FIELD(retry_after_max_ms, UINT64),
    FIELD(http, HTTP),
    FIELD(ip, IP),
    FIELD(insecure, BOOL),
    FIELD(no_reuse, BOOL),
    FIELD(user_agent, TEXT),
    FIELD(headers, LIST),
    FIELD(proxy_http, TEXT),
    FIELD(proxy_https, TEXT),
    FIELD(no_proxy, TEXT),
    FIELD(ca_file, TEXT),
    FIELD(interface_name, TEXT),
    FIELD(resolve, LIST),
    FIELD(dns_servers, TEXT),
    FIELD(dns_timeout_ms, UINT64),
    FIELD(deny_private, BOOL),
    FIELD(deny_cidr, TEXT),
    FIELD(allow_cidr, TEXT),
    FIELD(max_memory, UINT64),
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* ---- Writing ----------------------------------------------------------------------------- */

static int put_bytes(yajl_gen gen, const char *key, const char *bytes, size_t len)
{
    char *text = cli_escape(bytes, len, "%");
    if (text == NULL) {
        return TRAWL_ENOMEM;
    }
    cli_json_text(gen, key, text);
    free(text);
    return 0;
}

static int put_list(yajl_gen gen, const char *key, const char *const *list)
{
    int err = 0;
    cli_json_array(gen, key);
    for (; err == 0 && list != NULL && *list != NULL; list++) {
        err = put_bytes(gen, NULL, *list, strlen(*list));
    }
    yajl_gen_array_close(gen);
    return err;
}

static int put_field(yajl_gen gen, const struct field *f, const trawl_options *o)
{
    const void *at = (const char *)o + f->at;
    switch (f->type) {
    case UNSIGNED: cli_json_count(gen, f->name, *(const unsigned *)at); break;
    case UINT64: cli_json_count(gen, f->name, *(const uint64_t *)at); break;
    case SIZE: cli_json_count(gen, f->name, *(const size_t *)at); break;
    case BOOL: cli_json_bool(gen, f->name, *(const bool *)at); break;
    case HTTP: cli_json_count(gen, f->name, *(const trawl_http *)at); break;
    case IP: cli_json_count(gen, f->name, *(const trawl_ip *)at); break;
    case LIST: return put_list(gen, f->name, *(const char *const *const *)at);
    case TEXT: {
        const char *text = *(const char *const *)at;
        return text != NULL ? put_bytes(gen, f->name, text, strlen(text)) : 0;
    }
    }
    return 0;
}

static int put_plan(yajl_gen gen, const struct cli_plan *plan)
{
    int err = 0;
    yajl_gen_map_open(gen);
    for (size_t i = 0; err == 0 && i < N_FIELDS; i++) {
        err = put_field(gen, &fields[i], &plan->fetch);
    }
    cli_json_bool(gen, "names", plan->names);
    cli_json_array(gen, "urls");
    for (size_t i = 0; err == 0 && i < plan->n_urls; i++) {
        err = put_bytes(gen, NULL, plan->urls[i].bytes, plan->urls[i].len);
    }
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
    return err;
}

char *cli_plan_write(const struct cli_plan *plan, size_t *len)
{
    yajl_gen gen = yajl_gen_alloc(NULL);
    const unsigned char *text;
    char *copy = NULL;
    if (gen == NULL) {
        return NULL;
    }
    if (put_plan(gen, plan) == 0 && yajl_gen_get_buf(gen, &text, len) == yajl_gen_status_ok) {
        copy = malloc(*len + 1);
    }
    if (copy != NULL) {
        memcpy(copy, text, *len);
        copy[*len] = '\0';
    }
    yajl_gen_free(gen);
    return copy;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static int get_bytes(struct cli_bytes *to, yajl_val value)
{
    const char *text = cli_json_to_text(value);
    if (text == NULL) {
        return TRAWL_EINVAL;
    }
    to->bytes = strdup(text);
    if (to->bytes == NULL) {
        return TRAWL_ENOMEM;
    }
    to->len = cli_unescape(to->bytes);
    return 0;
}

static int get_text(const char **to, yajl_val value)
{
    struct cli_bytes bytes = {NULL, 0};
    int err = value != NULL ? get_bytes(&bytes, value) : 0;
    *to = bytes.bytes;
    return err;
}

static int get_list(const char *const **to, yajl_val value)
{
    *to = NULL;
    if (!YAJL_IS_ARRAY(value)) {
        return TRAWL_EINVAL;
    }
    size_t n = value->u.array.len;
    const char **list = calloc(n + 1, sizeof(*list));
    int err = list != NULL ? 0 : TRAWL_ENOMEM;
    *to = list;
    for (size_t i = 0; err == 0 && i < n; i++) {
        err = get_text(&list[i], value->u.array.values[i]);
    }
    return err;
}

static int get_field(const struct field *f, trawl_options *o, yajl_val value)
{
    void *at = (char *)o + f->at;
    uint64_t n = cli_json_to_count(value);
    switch (f->type) {
    case UNSIGNED: *(unsigned *)at = (unsigned)n; break;
    case UINT64: *(uint64_t *)at = n; break;
    case SIZE: *(size_t *)at = (size_t)n; break;
    case BOOL: *(bool *)at = cli_json_to_bool(value); break;
    case HTTP: *(trawl_http *)at = (trawl_http)n; break;
    case IP: *(trawl_ip *)at = (trawl_ip)n; break;
    case LIST: return get_list(at, value);
    case TEXT: return get_text(at, value);
    }
    return 0;
}

static int get_urls(struct cli_plan *plan, yajl_val value)
{
    if (!YAJL_IS_ARRAY(value) || value->u.array.len == 0) {
        return TRAWL_EINVAL;
    }
    size_t n = value->u.array.len;
    plan->urls = calloc(n, sizeof(*plan->urls));
    if (plan->urls == NULL) {
        return TRAWL_ENOMEM;
    }
    plan->n_urls = n;
    int err = 0;
    for (size_t i = 0; err == 0 && i < n; i++) {
        err = get_bytes(&plan->urls[i], value->u.array.values[i]);
    }
    return err;
}

/* The pointers are made NULL first, so that what is freed after a failure is the plan's own. */
static void clear_pointers(trawl_options *o)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        void *at = (char *)o + fields[i].at;
        if (fields[i].type == TEXT) {
            *(const char **)at = NULL;
        } else if (fields[i].type == LIST) {
            *(const char *const **)at = NULL;
        }
    }
}

int cli_plan_read(struct cli_plan *plan, const char *text)
{
    struct cli_plan p = {.fetch = TRAWL_OPTIONS_INIT};
    char error[80];
    yajl_val root = yajl_tree_parse(text, error, sizeof(error));
    int err = YAJL_IS_OBJECT(root) ? 0 : TRAWL_EINVAL;
    clear_pointers(&p.fetch);
    for (size_t i = 0; err == 0 && i < N_FIELDS; i++) {
        err = get_field(&fields[i], &p.fetch, cli_json_get(root, fields[i].name));
    }
    err = err != 0 ? err : get_urls(&p, cli_json_get(root, "urls"));
    p.names = cli_json_to_bool(cli_json_get(root, "names"));
    yajl_tree_free(root);
    if (err != 0) {
        cli_plan_free(&p);
        return err;
    }
    *plan = p;
    return 0;
}

static void free_list(const char *const *list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free((char *)list[i]);
    }
    free((void *)list);
}

void cli_plan_free(struct cli_plan *plan)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        void *at = (char *)&plan->fetch + fields[i].at;
        if (fields[i].type == TEXT) {
            free(*(char **)at);
        } else if (fields[i].type == LIST) {
            free_list(*(const char *const **)at);
        }
    }
    for (size_t i = 0; i < plan->n_urls; i++) {
        free(plan->urls[i].bytes);
    }
    free(plan->urls);
}
