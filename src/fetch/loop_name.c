/* Names: asked for before libcurl gets the exchange, which is then given the addresses. */
#include <stdio.h>

#include "fetch/loop.h"
#include "fetch/names.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return b != 0 && b < a ? b : a;
}

int tw_loop_open_dns(struct tw_engine *e)
{
    struct tw_dns_config config;
    int err;

    if (e->dns != NULL)
        return 0;
    tw_dns_config_init(&config, e->options);
    config.timeout_ms = least(config.timeout_ms, e->options->connect_timeout_ms);
    config.timeout_ms = least(config.timeout_ms, e->options->timeout_ms);
    config.stay = e->stay;
    err = tw_dns_open(&e->dns, e->loop, &config);
    if (err == 0)
        e->handles++;
    return err;
}

static long time_left(uint64_t limit_ms, uint64_t waited_ms)
{
    if (limit_ms == 0)
        return 0;
    return limit_ms > waited_ms ? (long)(limit_ms - waited_ms) : 1;
}

int tw_exchange_pin(struct tw_exchange *x, const struct tw_job *job, const char *addresses)
{
    uint64_t waited_ms = x->waited_ns / 1000000;
    char host_port[TW_HOST_PORT_MAX];
    size_t len = tw_name_host_port(job->url, host_port, sizeof(host_port));

    x->pin = len == 0 ? NULL : tw_pins_use(&x->shard->pins, job->host_hash, host_port, len);
    if (x->pin != NULL)
        x->resolve = tw_pins_list(&x->shard->pins, x->pin, addresses);
    if (x->resolve == NULL)
        return TRAWL_ENOMEM;
    curl_easy_setopt(x->request.easy, CURLOPT_RESOLVE, x->resolve);
    tw_request_set(&x->request, TW_VALUE_ANSWER_KEPT, -1);
    if (waited_ms > 0) {
        tw_request_set(&x->request, TW_VALUE_TIMEOUT, time_left(job->timeout_ms, waited_ms));
        tw_request_set(&x->request, TW_VALUE_CONNECT_TIMEOUT,
                       time_left(x->engine->options->connect_timeout_ms, waited_ms));
    }
    return 0;
}

void tw_exchange_leave_names(struct tw_exchange *x)
{
    tw_dns_cancel(&x->query);
    if (x->resolve != NULL) {
        curl_easy_setopt(x->request.easy, CURLOPT_RESOLVE, NULL);
        curl_slist_free_all(x->resolve);
    }
    tw_pins_release(&x->shard->pins, x->pin);
    x->resolve = NULL;
    x->pin = NULL;
}

void tw_exchange_add_name_outcome(const struct tw_exchange *x, struct tw_outcome *out)
{
    out->dns_us += x->waited_ns / 1000;
    out->total_us += x->waited_ns / 1000;
    if (out->first_byte_us > 0)
        out->first_byte_us += x->waited_ns / 1000;
    if (x->name_error == 0)
        return;
    out->error = x->name_error;
    snprintf(out->detail, sizeof(out->detail), "%s", x->name_detail);
}

void tw_exchange_note_error(struct tw_exchange *x, int error, const char *detail)
{
    x->name_error = error;
    x->name_detail = detail;
}

static void on_name(void *data, const struct tw_dns_answer *answer)
{
    struct tw_exchange *x = data;

    if (answer->error == TRAWL_EMFILE) {
        tw_exchange_note_error(x, answer->error, answer->detail);
        tw_exchange_finish(x, CURLE_COULDNT_RESOLVE_HOST);
        return;
    }
    x->waited_ns = uv_hrtime() - x->asked_ns;
    if (answer->error != 0)
        tw_exchange_note_error(x, answer->error, answer->detail);
    else if (tw_exchange_launch(x, answer->addresses) != 0)
        tw_exchange_note_error(x, TRAWL_ENOMEM, "");
    if (x->name_error != 0)
        tw_exchange_finish(x, CURLE_COULDNT_RESOLVE_HOST);
}

static int look_up(struct tw_exchange *x, const struct tw_job *job)
{
    struct tw_engine *e = x->engine;
    struct tw_dns_answer answer;
    char name[TW_HOST_PORT_MAX];
    size_t len;
    const char *host = tw_name_host(job->url, &len);
    int found, err = tw_loop_open_dns(e);

    if (err != 0)
        return err;
    snprintf(name, sizeof(name), "%.*s", (int)len, host);
    x->asked_ns = uv_hrtime();
    found = tw_dns_lookup(e->dns, name, &x->query, on_name, x, &answer);
    if (found != 1)
        return found;
    if (answer.error == 0)
        return tw_exchange_launch(x, answer.addresses);
    tw_exchange_note_error(x, answer.error, answer.detail);
    tw_loop_defer(e, x);
    return 0;
}

int tw_exchange_set_out(struct tw_exchange *x, const struct tw_job *job)
{
    x->phase_ms = uv_now(x->engine->loop);
    if (tw_name_is_asked(x->engine->options, job->url, job->host_is_ip))
        return look_up(x, job);
    return tw_exchange_launch(x, NULL);
}
