/* What trawl.h demands of options, and the words for what does not meet it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cidr.h"
#include "base/servers.h"
#include "crawl/core.h"

#define SHOWN 80 /* so much of a value stands in the words */

static int fail(struct tw_fault *fault, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct tw_fault *fault, const char *member, const char *format, ...)
{
    va_list args;

    fault->member = member;
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    for (char *p = fault->text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return TRAWL_EINVAL;
}

/* ---- numbers ---- */

struct range {
    const char *member;
    size_t at;
    uint64_t min, max;
};

#define RANGE(member, min, max) {#member, offsetof(trawl_options, member), min, max}

/* What has to fit into libcurl's long and curl_off_t. */
static const struct range ranges[] = {
    RANGE(timeout_ms, 0, INT32_MAX),       RANGE(connect_timeout_ms, 1, INT32_MAX),
    RANGE(low_speed_bytes, 0, INT32_MAX),  RANGE(low_speed_ms, 0, INT32_MAX),
    RANGE(max_body, 0, INT64_MAX),         RANGE(retry_delay_ms, 0, INT32_MAX),
    RANGE(retry_max_ms, 0, INT32_MAX),     RANGE(retry_after_max_ms, 0, INT32_MAX),
    RANGE(dns_timeout_ms, 1, INT32_MAX),   RANGE(wait_ms, 0, INT32_MAX),
    RANGE(max_wait_ms, 0, INT32_MAX),      RANGE(rate, 0, INT32_MAX),
};

static int check_numbers(const trawl_options *o, struct tw_fault *fault)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        const struct range *r = &ranges[i];
        uint64_t value;

        memcpy(&value, (const char *)o + r->at, sizeof(value));
        if (value < r->min || value > r->max)
            return fail(fault, r->member, "'%llu': give %llu to %llu",
                        (unsigned long long)value, (unsigned long long)r->min,
                        (unsigned long long)r->max);
    }
    if (o->concurrency == 0)
        return fail(fault, "concurrency", "'0': give at least 1");
    if (o->tries == 0)
        return fail(fault, "tries", "'0': give at least 1");
    return 0;
}

/* ---- choices and lines ---- */

static int check_choices(const trawl_options *o, struct tw_fault *fault)
{
    if (o->strategy == NULL)
        return fail(fault, "strategy", "there is none: give a name such as 'loop'");
    if (tw_engine_find(o->strategy) == NULL)
        return fail(fault, "strategy", "'%.*s': there is no such strategy; give one such as "
                    "'loop'", SHOWN, o->strategy);
    if (o->http > TRAWL_HTTP_2)
        return fail(fault, "http", "'%u': give a TRAWL_HTTP_ constant", (unsigned)o->http);
    if (o->ip > TRAWL_IP_V6)
        return fail(fault, "ip", "'%u': give a TRAWL_IP_ constant", (unsigned)o->ip);
    return 0;
}

/* The lines themselves are not told: they may hold secrets. */
static int check_lines(const trawl_options *o, struct tw_fault *fault)
{
    const char *const *header = o->headers;

    if (o->user_agent != NULL && strpbrk(o->user_agent, "\r\n") != NULL)
        return fail(fault, "user_agent", "it has a line break: give one line");
    for (size_t i = 0; header != NULL && header[i] != NULL; i++)
        if (strpbrk(header[i], "\r\n") != NULL || strpbrk(header[i], ":;") == NULL)
            return fail(fault, "headers", "number %zu is no header: give one line, "
                        "\"Name: value\"", i + 1);
    return 0;
}

/* ---- lists ---- */

static int fail_list(struct tw_fault *fault, const char *member, const char *text, int err,
                     const struct tw_list_error *error)
{
    int len = error->len < SHOWN ? (int)error->len : SHOWN;

    if (err == TRAWL_ENOMEM)
        return err;
    return fail(fault, member, "'%.*s' (entry %zu): %s", len, text + error->at, error->number,
                error->reason);
}

static int check_cidr(struct tw_fault *fault, const char *member, const char *text)
{
    struct tw_cidr_list list = {0};
    struct tw_list_error error;
    int err = text == NULL ? 0 : tw_cidr_list_parse(&list, text, strlen(text), &error);

    tw_cidr_list_free(&list);
    return err == 0 ? 0 : fail_list(fault, member, text, err, &error);
}

static int check_servers(struct tw_fault *fault, const char *member, const char *text)
{
    struct tw_server_list list = {0};
    struct tw_list_error error;
    int err = text == NULL ? 0 : tw_server_list_parse(&list, text, strlen(text), &error);

    tw_server_list_free(&list);
    return err == 0 ? 0 : fail_list(fault, member, text, err, &error);
}

/* ---- all of it ---- */

int tw_options_check(const trawl_options *o, struct tw_fault *fault)
{
    int err = check_choices(o, fault);

    if (err == 0)
        err = check_numbers(o, fault);
    if (err == 0)
        err = check_lines(o, fault);
    if (err == 0)
        err = check_cidr(fault, "deny_cidr", o->deny_cidr);
    if (err == 0)
        err = check_cidr(fault, "allow_cidr", o->allow_cidr);
    return err == 0 ? check_servers(fault, "dns_servers", o->dns_servers) : err;
}

int trawl_options_check(const trawl_options *options, const char **member, char *text,
                        size_t size)
{
    struct tw_fault fault = {.member = ""};
    trawl_options whole;
    int err = tw_options_extend(&whole, options);

    if (err != 0)
        fail(&fault, "size", "it is of no version of this library: start from "
             "TRAWL_OPTIONS_INIT");
    else
        err = tw_options_check(&whole, &fault);
    if (err == TRAWL_EINVAL && member != NULL)
        *member = fault.member;
    if (err == TRAWL_EINVAL && text != NULL && size > 0)
        snprintf(text, size, "%s", fault.text);
    return err;
}
