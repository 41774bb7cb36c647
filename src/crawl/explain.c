/* What a crawl thinks of a URL, without fetching it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/walk.h"

#define RULE_MAX 512

static void say_robots(const struct asker *a, trawl_verdict *v)
{
    const struct site *s = a->site;
    struct tw_robots_verdict verdict;

    v->robots_status = s->robots_status;
    v->robots_error = s->robots_error;
    v->robots_rule = "";
    if (tw_site_judge(s, &a->url, &verdict) != 0)
        return;
    v->allowed = verdict.allowed;
    v->robots_line = (unsigned)verdict.line;
    v->robots_rule = verdict.rule == NULL ? "" : verdict.rule;
}

static void answer(struct asker *a)
{
    trawl_crawl *c = a->c;
    trawl_verdict v = {.error = a->error, .detail = "", .canonical = "", .scope_rule = "",
                       .robots_rule = "", .wait_rule = ""};
    struct found found = {.url = &a->url, .role = ROLE_PAGE};
    char scope_rule[RULE_MAX] = "", wait_rule[64] = "";
    char *canonical = a->url.href == NULL ? NULL : tw_crawl_mask(a->url.href, a->url.len);

    if (a->reason != NULL)
        v.detail = a->reason;
    if (a->error == 0 && a->site != NULL) {
        v.canonical = canonical == NULL ? "" : canonical;
        found.from = a->base.href == NULL ? NULL : &a->base;
        found.depth = found.from == NULL ? 0 : 1;
        v.reason = tw_crawl_judge(c, &found, scope_rule, sizeof(scope_rule));
        v.in_scope = v.reason == TRAWL_REJECT_COUNT;
        v.scope_rule = scope_rule;
        say_robots(a, &v);
        v.wait_ms = tw_site_wait_ms(a->site, wait_rule, sizeof(wait_rule));
        v.wait_rule = wait_rule;
    }
    a->cb(c, &v, a->data);
    free(canonical);
    tw_url_free(&a->url);
    tw_url_free(&a->base);
    c->asking--;
    tw_crawl_rest(c);
    free(a);
}

void tw_asker_route(struct asker *a)
{
    if (a->error == 0 && a->c->stopped)
        a->error = TRAWL_ECANCELED;
    if (a->error == 0 && a->site == NULL)
        a->error = TRAWL_ENOMEM;
    if (a->error == 0 && !tw_site_is_known(a->site) && !tw_site_is_ready(a->site))
        tw_list_append(&a->site->askers, &a->listed);
    else
        answer(a);
}

/* The URL as a crawl would take it up. */
static int settle_url(struct asker *a, const char *url, size_t len)
{
    struct tw_url cleaned;
    const struct tw_url *base = a->base.href == NULL ? NULL : &a->base;
    int err = base == NULL ? tw_url_guess(&a->url, url, len, &a->reason)
                           : tw_url_parse(&a->url, url, len, base, &a->reason);

    if (err == 0 && tw_crawl_clean(a->c, &cleaned, &a->url)) {
        tw_url_free(&a->url);
        a->url = cleaned;
    }
    return err;
}

int trawl_crawl_explain(trawl_crawl *c, const char *url, size_t len, const char *base,
                        trawl_verdict_cb cb, void *data)
{
    struct asker *a;
    int err = 0;

    if (url == NULL || cb == NULL)
        return TRAWL_EINVAL;
    if (c->stopped)
        return TRAWL_ECLOSING;
    a = calloc(1, sizeof(*a));
    if (a == NULL)
        return TRAWL_ENOMEM;
    a->c = c;
    a->cb = cb;
    a->data = data;
    if (base != NULL)
        err = tw_url_guess(&a->base, base, strlen(base), NULL);
    if (err != 0) {
        free(a);
        return err == TRAWL_ENOMEM ? err : TRAWL_EURL;
    }
    a->error = settle_url(a, url, len == SIZE_MAX ? strlen(url) : len);
    if (a->error == 0)
        a->site = tw_site_get(c, &a->url);
    c->asking++;
    c->told_idle = false;
    tw_list_append(&c->askers, &a->listed);
    tw_crawl_rest(c);
    return 0;
}
