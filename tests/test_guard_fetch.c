/* The address guard on real fetches, with every strategy: whatever an address is spelled like, and
 * whatever leads to it, no connection is made. tests/test_guard.c is about single addresses. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnsd.h"
#include "origin/origin.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Hosts that must not be connected to. Those of the first list are 127.0.0.1, where the origin
 * would answer; "#" stands for its port. */
static const char *const origins_own[] = {
    "127.0.0.1:#",
    "127.0.0.1.:#",
    "2130706433:#",
    "2130706433.:#",
    "0x7f000001:#",
    "0X7F000001:#",
    "0x000000007f000001:#",
    "017700000001:#",
    "00000000017700000001:#",
    "0x7f.0.0.1:#",
    "0x7f.0x0.0x0.0x1:#",
    "0x7f.0x00.0x000.0x01.:#",
    "0177.0.0.1:#",
    "0177.0000.00.01:#",
    "0177.0x0.0.1:#",
    "127.1:#",
    "127.0.1:#",
    "127.0x1:#",
    "0x7f.1:#",
    "0177.1:#",
    "0177.0.01:#",
    "127.0.0.01:#",
    "127.0.0.0x1:#",
    "127.0.0x.0x1:#",
    "%31%32%37.0.0.1:#",
    "127%2e0%2E0%2e1:#",
    "%30x7f000001:#",
    "0%787f.1:#",
    "\357\274\221\357\274\222\357\274\227.0.0.1:#",       /* fullwidth digits */
    "127\343\200\2020\343\200\2020\343\200\2021:#",       /* ideographic full stops */
    "127\357\274\2160\357\274\2160\357\274\2161:#",       /* fullwidth full stops */
    "127\357\275\2410\357\275\2410\357\275\2411:#",       /* halfwidth ideographic ones */
    "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1:#",       /* fullwidth, percent-encoded */
    "127%E3%80%820%E3%80%820%E3%80%821:#",
    "\342\221\240\342\221\241\342\221\246.0.0.1:#",       /* circled digits */
    "\302\271\302\262\342\201\267.0.0.1:#",               /* superscripts */
    "\360\235\237\217\360\235\237\220\360\235\237\225.0.0.1:#", /* bold digits */
    "127.0.0.\302\2551:#",                                /* a soft hyphen */
    "0\357\275\2307f000001:#",                            /* a fullwidth x */
    "user:password@127.0.0.1:#",
    "example.org@127.0.0.1:#",
    "example.org%40:80@2130706433:#",
    "[::ffff:127.0.0.1]:#",
    "[::FFFF:7F00:1]:#",
    "[0:0:0:0:0:ffff:7f00:0001]:#",
    "[0000:0000:0000:0000:0000:ffff:127.0.0.1]:#",
    "[0::ffff:7f00:1]:#",
    "localhost:#",
    "LocalHost:#",
    "localhost.:#",
    "loc%61lhost:#",
    "%6c%6F%63%61%6c%68%6f%73%74:#",
    "\357\275\214\357\275\217\357\275\203\357\275\201lhost:#", /* fullwidth letters */
    "\342\223\233ocalhost:#",                             /* a circled letter */
    "local\302\255host:#",
    "0.0.0.0:#",
    "0:#",
    "0x0:#",
    "00.0.0:#",
    "0.0.0.0.:#",
};

static const char *const elsewhere[] = {
    "127.0.0.53:#",   "127.127.127.127:#",   "127.255.255.254:#", "2147483646:#",
    "10.0.0.1:#",     "10.255.255.255:#",    "012.0.0.1:#",       "167772161:#",
    "0xa.1:#",        "172.16.0.1:#",        "172.31.255.254:#",  "0xac100001:#",
    "192.168.0.1:#",  "192.168.257:#",       "0300.0250.0.1:#",   "192.168.255.254:#",
    "169.254.169.254", "2852039166",           "0xa9fea9fe",         "0251.0376.0251.0376",
    "169.254.43518",   "169.254.169.254.",     "169.254.0.23:#",    "168.63.129.16",
    "2822734096",      "100.64.0.1:#",        "100.100.100.200",    "192.0.0.192",
    "192.0.0.9",       "192.0.2.1:#",         "198.18.0.1:#",      "198.19.255.254:#",
    "198.51.100.1:#", "203.0.113.1:#",       "192.88.99.1:#",     "224.0.0.1:#",
    "239.255.255.250:#", "240.0.0.1:#",      "255.255.255.255:#", "4294967295:#",
    "0xffffffff:#",
    "[::1]:#",                   "[0:0:0:0:0:0:0:1]:#",
    "[0000:0000:0000:0000:0000:0000:0000:0001]:#",
    "[::0001]:#",                "[0::1]:#",
    "[::0.0.0.1]:#",             "[::]:#",
    "[0:0:0:0:0:0:0:0]:#",       "[::127.0.0.1]:#",
    "[::7f00:1]:#",              "[::ffff:10.0.0.1]:#",
    "[::ffff:a9fe:a9fe]",         "[::ffff:169.254.169.254]",
    "[::ffff:192.168.0.1]:#",    "[::ffff:0.0.0.0]:#",
    "[::ffff:0:127.0.0.1]:#",    "[64:ff9b::127.0.0.1]:#",
    "[64:ff9b::7f00:1]:#",       "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]:#",     "[64:ff9b:1:ffff::10.0.0.1]:#",
    "[2002:7f00:1::]:#",         "[2002:7f00:0001::7f00:1]:#",
    "[2002:a00:1::1]:#",         "[2002:c0a8:1::]:#",
    "[2002:a9fe:a9fe::]",         "[2001:0:808:808::80ff:fffe]:#",
    "[2001:0:7f00:1::]:#",       "[2001:2::1]:#",
    "[2001:10::1]:#",            "[2001:20::1]:#",
    "[2001:db8::1]:#",           "[2001:470:1:2:0:5efe:127.0.0.1]:#",
    "[2001:470:1:2:200:5efe:10.0.0.1]:#",
    "[100::1]:#",                "[100:0:0:1::1]:#",
    "[3fff::1]:#",               "[5f00::1]:#",
    "[fc00::1]:#",               "[fd00:ec2::254]",
    "[fd20:ce::254]",             "[fe80::1]:#",
    "[febf::1]:#",               "[fec0::1]:#",
    "[ff02::1]:#",               "[ff0e::fb]:#",
};

/* Spellings that no URL has. */
static const char *const unparsable[] = {
    "127.0.0.1.1:#", "127..1:#",        "127.0.0.08:#",     "127.0.0.256:#",
    "4294967296:#",  "0x100000000:#",   "256.0.0.1:#",      "127.0.0.0x100:#",
    "127.0.0.1%00:#", "127.0.0.1%2f:#", "127.0.0.%31%20:#", "[127.0.0.1]:#",
    "[::1:#",        "[::1]x:#",        "[fe80::1%25lo]:#", "[::ffff:127.0.0.256]:#",
    "[::ffff:127.1]:#", "[::ffff:0x7f.0.0.1]:#", "[1::2::3]:#", "127.0.0.1:99999",
};

/* ---- a fetch and its surroundings ---- */

#define PROBES 160

struct probe {
    char url[512];
    int calls, error, status;
    unsigned tries, redirects;
    char ip[46], detail[200];
};

static const char *const worker_argv[] = {"/proc/self/exe", "worker", NULL};
static char localhost_entry[64]; /* not every resolver knows this form */
static const char *const localhost_resolve[] = {localhost_entry, NULL};
static struct origin *origin;
static unsigned port;
static uv_loop_t loop;
static trawl_options options;
static struct probe probes[PROBES];
static size_t probe_count;

static void setup(void)
{
    struct origin_options at = {.seed = 7, .hosts = 2};

    ck_assert_int_eq(origin_start(&origin, &at), 0);
    port = origin_port(origin);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    options = (trawl_options)TRAWL_OPTIONS_INIT;
    options.deny_private = true;
    options.no_reuse = true; /* a connection for each exchange, so that they can be counted */
    options.retry_delay_ms = options.retry_max_ms = 1;
    options.timeout_ms = options.connect_timeout_ms = 20000;
    options.worker_argv = worker_argv;
    /* Should an address get past the guard after all, nothing leaves this machine. */
    options.interface_name = "127.0.0.1";
    snprintf(localhost_entry, sizeof(localhost_entry), "localhost.:%u:127.0.0.1", port);
    options.resolve = localhost_resolve;
    memset(probes, 0, sizeof(probes));
    probe_count = 0;
}

static void teardown(void)
{
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    origin_stop(origin);
}

static void on_done(trawl *t, const trawl_result *r)
{
    struct probe *p = r->data;

    (void)t;
    p->calls++;
    p->error = r->error;
    p->status = r->status;
    p->tries = r->tries;
    p->redirects = r->redirects;
    snprintf(p->ip, sizeof(p->ip), "%s", r->ip == NULL ? "" : r->ip);
    snprintf(p->detail, sizeof(p->detail), "%s", r->detail);
}

static struct probe *add(const char *url)
{
    struct probe *p = &probes[probe_count++];

    ck_assert_uint_lt(probe_count, PROBES);
    ck_assert_uint_lt(strlen(url), sizeof(p->url));
    snprintf(p->url, sizeof(p->url), "%s", url);
    return p;
}

/* Fetches all that were added, with this strategy. */
static void fetch_all(int strategy)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    trawl *t;

    options.strategy = trawl_strategy_names()[strategy];
    ck_assert_int_eq(trawl_open(&t, &loop, &options), 0);
    request.on_done = on_done;
    for (size_t i = 0; i < probe_count; i++) {
        request.url = probes[i].url;
        request.data = &probes[i];
        ck_assert_int_eq(trawl_fetch(t, &request, NULL), 0);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    trawl_close(t, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
}

static const struct probe *fetch_one(int strategy, const char *url)
{
    probe_count = 0;
    memset(probes, 0, sizeof(probes[0]));
    add(url);
    fetch_all(strategy);
    ck_assert_int_eq(probes[0].calls, 1);
    return &probes[0];
}

static void is(const struct probe *p, int error)
{
    ck_assert_msg(p->calls == 1 && p->error == error, "%s instead of %s, %d calls: %s (%s)",
                  trawl_err_name(p->error), trawl_err_name(error), p->calls, p->url, p->detail);
}

static void is_denied(const struct probe *p)
{
    is(p, TRAWL_EDENIED);
    ck_assert_int_eq(p->status, 0);
    ck_assert_uint_eq(p->tries, 1); /* and is not tried again */
    ck_assert_str_eq(p->ip, "");
    ck_assert_msg(strstr(p->detail, " is ") != NULL, "%s: %s", p->url, p->detail);
}

static uint64_t connections(void)
{
    return origin_stats(origin).connections;
}

/* Puts the port for "#". */
static void fill(char *out, size_t size, const char *text)
{
    size_t len = 0;

    for (; *text != '\0'; text++) {
        if (*text == '#')
            len += (size_t)snprintf(out + len, size - len, "%u", port);
        else
            out[len++] = *text;
        ck_assert_uint_lt(len, size);
    }
    out[len] = '\0';
}

/* "http://HOST/forbidden?key=forbidden", a static buffer. */
static const char *url_of(const char *host)
{
    static char url[256];
    char filled[200];

    fill(filled, sizeof(filled), host);
    snprintf(url, sizeof(url), "http://%s/forbidden?key=forbidden", filled);
    return url;
}

static void add_hosts(const char *const *hosts, size_t count, const char *(*make)(const char *))
{
    for (size_t i = 0; i < count; i++)
        add(make(hosts[i]));
}

/* ---- as URLs ---- */

START_TEST(without_the_guard_the_spellings_lead_to_the_origin)
{
    options.deny_private = false;
    options.interface_name = NULL;
    add_hosts(origins_own, COUNT(origins_own), url_of);
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is(&probes[i], 0);
    ck_assert_uint_eq(origin_hits(origin, "forbidden"), probe_count);
}
END_TEST

START_TEST(no_spelling_of_a_url_leads_around_the_guard)
{
    ck_assert_uint_ge(COUNT(origins_own) + COUNT(elsewhere), 100);
    add_hosts(origins_own, COUNT(origins_own), url_of);
    add_hosts(elsewhere, COUNT(elsewhere), url_of);
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is_denied(&probes[i]);
    ck_assert_uint_eq(connections(), 0);
}
END_TEST

START_TEST(spellings_that_no_url_has_are_refused_as_such)
{
    add_hosts(unparsable, COUNT(unparsable), url_of);
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is(&probes[i], TRAWL_EURL);
    ck_assert_uint_eq(connections(), 0);
}
END_TEST

START_TEST(odd_slashes_and_blanks_do_not_hide_a_host)
{
    static const char *const odd[] = {
        "http:\\\\127.0.0.1:#\\",  "http:/127.0.0.1:#/",      "http:////127.0.0.1:#/",
        "http:127.0.0.1:#",        "ht\ntp://127.0\t.0.1:#/", "  http://127.0.0.1:#/  ",
        "127.0.0.1:#",             "HTTP://127.0.0.1:#?a",  "http://a@127.0.0.1:#/",
        "http://127.0.0.1:#\\@a/", "localhost:#",             "[::1]:#",
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        char url[100];

        fill(url, sizeof(url), odd[i]);
        add(url);
    }
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is_denied(&probes[i]);
    ck_assert_uint_eq(connections(), 0);
}
END_TEST

/* ---- as redirects ---- */

/* "http://127.0.0.2:PORT/?to=URL", where everything of URL is percent-encoded. */
static const char *redirect_to(const char *host)
{
    static char url[512];
    const char *to = url_of(host);
    size_t len = (size_t)snprintf(url, sizeof(url), "http://127.0.0.2:%u/?to=", port);

    for (; *to != '\0' && len < sizeof(url) - 4; to++)
        len += (size_t)snprintf(url + len, sizeof(url) - len, "%%%02x", (unsigned char)*to);
    ck_assert(*to == '\0');
    return url;
}

START_TEST(no_redirect_leads_around_the_guard)
{
    options.allow_cidr = "127.0.0.2";
    add_hosts(origins_own, COUNT(origins_own), redirect_to);
    add_hosts(elsewhere, COUNT(elsewhere), redirect_to);
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++) {
        is_denied(&probes[i]);
        ck_assert_uint_eq(probes[i].redirects, 1);
    }
    ck_assert_uint_eq(origin_hits(origin, "forbidden"), 0);
    ck_assert_uint_eq(connections(), probe_count); /* the first hops */
}
END_TEST

START_TEST(redirects_that_no_url_has_are_refused_as_such)
{
    options.allow_cidr = "127.0.0.2";
    add_hosts(unparsable, COUNT(unparsable), redirect_to);
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is(&probes[i], TRAWL_ELOCATION);
    ck_assert_uint_eq(origin_hits(origin, "forbidden"), 0);
    ck_assert_uint_eq(connections(), probe_count);
}
END_TEST

START_TEST(a_redirect_to_an_allowed_address_is_followed)
{
    options.allow_cidr = "127.0.0.2,127.0.0.1";
    is(fetch_one(_i, redirect_to("127.0.0.1:#")), 0);
    ck_assert_uint_eq(origin_hits(origin, "forbidden"), 1);
}
END_TEST

START_TEST(a_warm_connection_does_not_let_a_redirect_in)
{
    char url[600];

    options.no_reuse = false;
    options.allow_cidr = "127.0.0.2";
    snprintf(url, sizeof(url), "http://127.0.0.2:%u/?n=3&to=http://127.0.0.1:%u/", port, port);
    is_denied(fetch_one(_i, url));
    ck_assert_uint_eq(connections(), 1);
}
END_TEST

/* ---- as names ---- */

static const char *const answers[] = {
    "127.0.0.1",       "127.0.0.53",      "127.255.255.255", "0.0.0.0",         "0.1.2.3",
    "10.0.0.1",        "10.255.255.255",  "100.64.0.1",      "100.100.100.200", "169.254.169.254",
    "169.254.0.1",     "168.63.129.16",   "172.16.0.1",      "172.31.255.255",  "192.0.0.1",
    "192.0.0.192",     "192.0.2.1",       "192.88.99.1",     "192.168.0.1",     "192.168.255.255",
    "198.18.0.1",      "198.19.255.255",  "198.51.100.1",    "203.0.113.1",     "224.0.0.1",
    "239.255.255.255", "240.0.0.1",       "255.255.255.255", "::1",             "::",
    "::127.0.0.1",     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "100:0:0:1::1",
    "2001:0:808:808::80ff:fffe", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1",
    "2002:c0a8:101::", "2001:470::5efe:127.0.0.1", "3fff::1", "5f00::1", "fc00::1",
    "fd00:ec2::254",   "fe80::1",         "fec0::1",         "ff02::1",
    "127.0.0.1,127.0.0.53,10.0.0.1", "::1,127.0.0.1", "10.0.0.1,::1,127.0.0.1,fc00::1",
};

static char entries[COUNT(answers) + 1][160];
static const char *resolve[COUNT(answers) + 1];

static void resolve_names(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        snprintf(entries[i], sizeof(entries[i]), "name%zu.example:%u:%s", i, port, texts[i]);
        resolve[i] = entries[i];
    }
    resolve[count] = NULL;
    options.resolve = resolve;
}

START_TEST(no_name_leads_around_the_guard)
{
    resolve_names(answers, COUNT(answers));
    for (size_t i = 0; i < COUNT(answers); i++) {
        char host[64];

        snprintf(host, sizeof(host), "name%zu.example:%u", i, port);
        add(url_of(host));
    }
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is_denied(&probes[i]);
    ck_assert_uint_eq(connections(), 0);
}
END_TEST

START_TEST(the_addresses_of_a_name_that_are_not_denied_are_tried)
{
    static const char *const mixed[] = {"127.0.0.1,127.0.0.2", "10.0.0.1,127.0.0.1,127.0.0.2",
                                        "::1,127.0.0.2", "127.0.0.2,127.0.0.1",
                                        "fc00::1,fe80::1,10.0.0.1,127.0.0.2"};
    options.allow_cidr = "127.0.0.2/32";
    resolve_names(mixed, COUNT(mixed));
    for (size_t i = 0; i < COUNT(mixed); i++) {
        char host[64];

        snprintf(host, sizeof(host), "name%zu.example:%u", i, port);
        add(url_of(host));
    }
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++) {
        is(&probes[i], 0);
        ck_assert_str_eq(probes[i].ip, "127.0.0.2");
    }
    ck_assert_uint_eq(connections(), probe_count);
}
END_TEST

START_TEST(a_name_with_an_allowed_address_that_does_not_answer_could_not_be_connected_to)
{
    static const char *const mixed[] = {"10.0.0.1,127.0.0.3"};

    options.allow_cidr = "127.0.0.3";
    options.tries = 2;
    resolve_names(mixed, 1);
    is(fetch_one(_i, url_of("name0.example:#")), TRAWL_ECONNECT);
    ck_assert_uint_eq(probes[0].tries, 2);
}
END_TEST

/* ---- as answers of a name server ---- */

static struct dnsd *server;
static char servers[64];

static void use_server(void)
{
    ck_assert_int_eq(dnsd_start(&server), 0);
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", dnsd_port(server));
    options.dns_servers = servers;
    options.dns_timeout_ms = 20000;
}

/* "7f000001-00...01.is.test" for "127.0.0.1,::1", a static buffer. */
static const char *name_of(const char *addresses)
{
    static char name[128];
    size_t len = 0;
    char text[64];

    for (size_t n; *addresses != '\0'; addresses += n + (addresses[n] == ',')) {
        unsigned char bytes[16];
        size_t size;

        n = strcspn(addresses, ",");
        snprintf(text, sizeof(text), "%.*s", (int)n, addresses);
        size = strchr(text, ':') != NULL ? 16 : 4;
        ck_assert_int_eq(inet_pton(size == 16 ? AF_INET6 : AF_INET, text, bytes), 1);
        if (len > 0)
            name[len++] = '-';
        for (size_t i = 0; i < size; i++)
            len += (size_t)snprintf(name + len, sizeof(name) - len, "%02x", bytes[i]);
    }
    snprintf(name + len, sizeof(name) - len, ".is.test:#");
    return name;
}

START_TEST(no_answer_of_a_name_server_leads_around_the_guard)
{
    size_t asked = 0;

    use_server();
    for (size_t i = 0; i < COUNT(answers); i++) {
        const char *name = name_of(answers[i]);

        if (strcspn(name, ".") > 63) /* as long as a label may be */
            continue;
        add(url_of(name));
        asked++;
    }
    ck_assert_uint_ge(asked, 50);
    fetch_all(0);
    for (size_t i = 0; i < probe_count; i++)
        is_denied(&probes[i]);
    ck_assert_uint_eq(connections(), 0);
    ck_assert_uint_eq(dnsd_names(server), asked);
    dnsd_stop(server);
}
END_TEST

START_TEST(the_answers_of_a_name_server_that_are_not_denied_are_tried)
{
    static const char *const mixed[] = {"10.0.0.1,127.0.0.2", "127.0.0.2,169.254.169.254",
                                        "::1,127.0.0.2", "127.0.0.1,10.0.0.1,127.0.0.2"};
    use_server();
    options.allow_cidr = "127.0.0.2";
    for (size_t i = 0; i < COUNT(mixed); i++)
        add(url_of(name_of(mixed[i])));
    fetch_all(0);
    for (size_t i = 0; i < probe_count; i++) {
        is(&probes[i], 0);
        ck_assert_str_eq(probes[i].ip, "127.0.0.2");
    }
    ck_assert_uint_eq(connections(), probe_count);
    dnsd_stop(server);
}
END_TEST

/* ---- lists ---- */

START_TEST(allow_cidr_lets_the_origin_through)
{
    options.allow_cidr = "192.0.2.0/24, 127.0.0.0/8";
    options.deny_cidr = "127.0.0.1";
    is(fetch_one(_i, url_of("127.0.0.1:#")), 0);
    ck_assert_int_eq(probes[0].status, 200);
    ck_assert_uint_eq(connections(), 1);
}
END_TEST

START_TEST(deny_cidr_denies_and_its_words_name_the_address)
{
    options.deny_private = false;
    options.deny_cidr = "127.0.0.1/32";
    is_denied(fetch_one(_i, url_of("0x7f.1:#")));
    ck_assert_str_eq(probes[0].detail, "127.0.0.1 is in deny_cidr");
    is(fetch_one(_i, url_of("127.0.0.2:#")), 0);
    ck_assert_uint_eq(connections(), 1);
}
END_TEST

/* ---- proxies ---- */

static char proxy[64];

static void use_proxy(void)
{
    snprintf(proxy, sizeof(proxy), "http://127.0.0.2:%u", port);
    options.proxy_http = proxy;
}

START_TEST(a_proxy_is_exempt_wherever_it_is)
{
    use_proxy();
    is(fetch_one(_i, "http://name.example/"), 0);
    ck_assert_str_eq(probes[0].ip, "127.0.0.2");
    is(fetch_one(_i, "http://8.8.8.8/"), 0);
    ck_assert_str_eq(probes[0].ip, "127.0.0.2");
}
END_TEST

START_TEST(a_proxy_is_not_sent_to_a_denied_address)
{
    use_proxy();
    options.no_reuse = false;
    is(fetch_one(_i, "http://name.example/"), 0);
    probe_count = 0;
    memset(probes, 0, sizeof(probes));
    add("http://name.example/");
    add(url_of("127.0.0.1:#"));
    add(url_of("0xa9fea9fe"));
    add(url_of("[::ffff:10.0.0.1]"));
    add("http://a:b@[64:ff9b::10.0.0.1]/");
    fetch_all(_i);
    is(&probes[0], 0);
    for (size_t i = 1; i < probe_count; i++) {
        is(&probes[i], TRAWL_EDENIED);
        ck_assert_uint_eq(probes[i].tries, 1);
    }
    ck_assert_uint_eq(origin_stats(origin).requests, 2);
}
END_TEST

START_TEST(hosts_that_need_no_proxy_are_guarded)
{
    static const char *const names[] = {"127.0.0.1", "127.0.0.1"};

    use_proxy();
    resolve_names(names, COUNT(names));
    options.no_proxy = "other.example, localhost,127.0.0.0/8,.example";
    add(url_of("127.0.0.1:#"));
    add(url_of("127.0.0.2:#"));
    add(url_of("localhost:#"));
    add(url_of("name0.example:#"));
    add(url_of("NAME1.example.:#"));
    snprintf(entries[1], sizeof(entries[1]), "name1.example.:%u:127.0.0.1", port);
    fetch_all(_i);
    for (size_t i = 0; i < probe_count; i++)
        is_denied(&probes[i]);
    ck_assert_uint_eq(connections(), 0);
}
END_TEST

static int run_tests(void)
{
    const TTest *const tests[] = {
        without_the_guard_the_spellings_lead_to_the_origin,
        no_spelling_of_a_url_leads_around_the_guard,
        spellings_that_no_url_has_are_refused_as_such,
        odd_slashes_and_blanks_do_not_hide_a_host,
        no_redirect_leads_around_the_guard,
        redirects_that_no_url_has_are_refused_as_such,
        a_redirect_to_an_allowed_address_is_followed,
        a_warm_connection_does_not_let_a_redirect_in,
        no_name_leads_around_the_guard,
        the_addresses_of_a_name_that_are_not_denied_are_tried,
        a_name_with_an_allowed_address_that_does_not_answer_could_not_be_connected_to,
        allow_cidr_lets_the_origin_through,
        deny_cidr_denies_and_its_words_name_the_address,
        a_proxy_is_exempt_wherever_it_is,
        a_proxy_is_not_sent_to_a_denied_address,
        hosts_that_need_no_proxy_are_guarded,
    };
    TCase *t = tcase_create("fetches");
    Suite *suite = suite_create("guard_fetch");
    SRunner *runner;
    int strategies = 0, failed;

    while (trawl_strategy_names()[strategies] != NULL)
        strategies++;
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_loop_test(t, tests[i], 0, strategies);
    tcase_add_test(t, no_answer_of_a_name_server_leads_around_the_guard);
    tcase_add_test(t, the_answers_of_a_name_server_that_are_not_denied_are_tried);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return trawl_worker();
    return run_tests();
}
