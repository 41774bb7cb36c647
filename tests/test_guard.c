/* What the address guard says of an address; tests/test_guard_fetch.c is about what is fetched. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "fetch/guard.h"
#include "fetch/proxy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct tw_guard guard;

static void make(bool deny_private, const char *deny, const char *allow)
{
    trawl_options o = TRAWL_OPTIONS_INIT;

    o.deny_private = deny_private;
    o.deny_cidr = deny;
    o.allow_cidr = allow;
    tw_guard_free(&guard);
    ck_assert_int_eq(tw_guard_init(&guard, &o), 0);
}

/* ---- addresses as numbers ---- */

typedef unsigned __int128 number;

static number read_number(const char *text)
{
    uint8_t bytes[16];
    number n = 0;
    int size = strchr(text, ':') != NULL ? 16 : 4;

    ck_assert_msg(inet_pton(size == 16 ? AF_INET6 : AF_INET, text, bytes) == 1, "%s", text);
    for (int i = 0; i < size; i++)
        n = n << 8 | bytes[i];
    return n;
}

static bool allows_ipv4(number n)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(80)};

    sa.sin_addr.s_addr = htonl((uint32_t)n);
    return tw_guard_allows(&guard, (struct sockaddr *)&sa, sizeof(sa));
}

static bool allows_ipv6(number n)
{
    struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_port = htons(80)};

    for (int i = 15; i >= 0; i--, n >>= 8)
        sa.sin6_addr.s6_addr[i] = (uint8_t)n;
    return tw_guard_allows(&guard, (struct sockaddr *)&sa, sizeof(sa));
}

static bool allows(const char *text)
{
    number n = read_number(text);

    return strchr(text, ':') != NULL ? allows_ipv6(n) : allows_ipv4(n);
}

/* ---- the table, written down a second time from the registries and RFCs ---- */

struct range {
    const char *first, *last;
};

static const struct range ipv4_denied[] = {
    {"0.0.0.0", "0.255.255.255"},         {"10.0.0.0", "10.255.255.255"},
    {"100.64.0.0", "100.127.255.255"},    {"127.0.0.0", "127.255.255.255"},
    {"168.63.129.16", "168.63.129.16"},   {"169.254.0.0", "169.254.255.255"},
    {"172.16.0.0", "172.31.255.255"},     {"192.0.0.0", "192.0.0.255"},
    {"192.0.2.0", "192.0.2.255"},         {"192.88.99.0", "192.88.99.255"},
    {"192.168.0.0", "192.168.255.255"},   {"198.18.0.0", "198.19.255.255"},
    {"198.51.100.0", "198.51.100.255"},   {"203.0.113.0", "203.0.113.255"},
    {"224.0.0.0", "239.255.255.255"},     {"240.0.0.0", "255.255.255.255"},
    {"169.254.169.254", "169.254.169.254"}, {"255.255.255.255", "255.255.255.255"},
};

static const struct range ipv6_denied[] = {
    {"::", "::"},
    {"::1", "::1"},
    {"::", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"},
    {"100::", "100::ffff:ffff:ffff:ffff"},
    {"100:0:0:1::", "100::1:ffff:ffff:ffff:ffff"},
    {"2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

/* Pairs of what the tables say. */
static number ipv4_ends[COUNT(ipv4_denied)][2], ipv6_ends[COUNT(ipv6_denied)][2];

static void read_ends(const struct range *table, number (*ends)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ends[i][0] = read_number(table[i].first);
        ends[i][1] = read_number(table[i].last);
    }
}

static void setup(void)
{
    read_ends(ipv4_denied, ipv4_ends, COUNT(ipv4_denied));
    read_ends(ipv6_denied, ipv6_ends, COUNT(ipv6_denied));
    make(true, NULL, NULL);
}

static void teardown(void)
{
    tw_guard_free(&guard);
}

static bool is_denied(number (*ends)[2], size_t count, number n)
{
    for (size_t i = 0; i < count; i++)
        if (n >= ends[i][0] && n <= ends[i][1])
            return true;
    return false;
}

#define IPV4_DENIED(n) is_denied(ipv4_ends, COUNT(ipv4_ends), n)
#define IPV6_DENIED(n) is_denied(ipv6_ends, COUNT(ipv6_ends), n)

START_TEST(each_ipv4_block_begins_and_ends_where_it_should)
{
    const number most = UINT32_MAX;

    for (size_t i = 0; i < COUNT(ipv4_denied); i++) {
        number first = ipv4_ends[i][0], last = ipv4_ends[i][1];
        number at[] = {first == 0 ? 0 : first - 1, first, first + (last - first) / 2, last,
                       last == most ? last : last + 1};

        ck_assert(!allows_ipv4(first) && !allows_ipv4(last));
        for (size_t j = 0; j < COUNT(at); j++)
            ck_assert_msg(allows_ipv4(at[j]) == !IPV4_DENIED(at[j]), "%s, point %zu",
                          ipv4_denied[i].first, j);
    }
}
END_TEST

START_TEST(each_ipv6_block_begins_and_ends_where_it_should)
{
    const number most = ~(number)0;

    for (size_t i = 0; i < COUNT(ipv6_denied); i++) {
        number first = ipv6_ends[i][0], last = ipv6_ends[i][1];
        number at[] = {first == 0 ? 0 : first - 1, first, first + (last - first) / 2, last,
                       last == most ? last : last + 1};

        ck_assert(!allows_ipv6(first) && !allows_ipv6(last));
        for (size_t j = 0; j < COUNT(at); j++)
            ck_assert_msg(allows_ipv6(at[j]) == !IPV6_DENIED(at[j]), "%s, point %zu",
                          ipv6_denied[i].first, j);
    }
}
END_TEST

/* Every /16 of IPv4 and of IPv6, by an address inside that no smaller block holds. */
START_TEST(all_of_the_space_is_as_the_table_says)
{
    for (number i = 0; i < 65536; i++) {
        number ipv4 = i << 16 | 0x7b7b, ipv6 = i << 112 | (number)0xabcdef << 80 | 1;

        ck_assert_msg(allows_ipv4(ipv4) == !IPV4_DENIED(ipv4), "%04x", (unsigned)i);
        if (i != 0x2002)
            ck_assert_msg(allows_ipv6(ipv6) == !IPV6_DENIED(ipv6), "%04x", (unsigned)i);
    }
}
END_TEST

START_TEST(addresses_of_the_public_net_are_allowed)
{
    static const char *const public[] = {
        "1.1.1.1",        "8.8.8.8",         "9.9.9.9",       "100.63.255.255", "100.128.0.0",
        "169.253.1.1",    "172.15.255.255",  "172.32.0.0",    "192.0.1.1",      "192.31.196.1",
        "192.52.193.1",   "192.175.48.1",    "223.255.255.255", "168.63.129.15",
        "2001:200::1",    "2001:4860:4860::8888", "2606:4700:4700::1111", "2620:4f:8000::1",
        "2a00:1450::1",   "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8",
    };
    for (size_t i = 0; i < COUNT(public); i++)
        ck_assert_msg(allows(public[i]), "%s", public[i]);
}
END_TEST

/* ---- IPv6 addresses that carry an IPv4 address ---- */

static number carry(const char *block, number ipv4, int shift)
{
    return read_number(block) | ipv4 << shift;
}

START_TEST(what_carries_an_ipv4_address_is_judged_by_it)
{
    const number most = UINT32_MAX, server = read_number("8.8.8.8");

    for (size_t i = 0; i < COUNT(ipv4_denied); i++) {
        number first = ipv4_ends[i][0], last = ipv4_ends[i][1];
        number at[] = {first == 0 ? 0 : first - 1, first, last, last == most ? last : last + 1};

        for (size_t j = 0; j < COUNT(at); j++) {
            number n = at[j], teredo = carry("2001::", server, 64);
            bool expected = !IPV4_DENIED(n);

            ck_assert_int_eq(allows_ipv6(carry("::ffff:0:0", n, 0)), expected);
            ck_assert_int_eq(allows_ipv6(carry("64:ff9b::", n, 0)), expected);
            ck_assert_int_eq(allows_ipv6(carry("2002::", n, 80)), expected);
            ck_assert_int_eq(allows_ipv6(carry("2002::1:2:3:4:5", n, 80)), expected);
            ck_assert_int_eq(allows_ipv6(teredo | (n ^ most)), expected);
            ck_assert_int_eq(allows_ipv6(carry("2001::", n, 64) | (server ^ most)), expected);
            ck_assert_int_eq(allows_ipv6(carry("2a00::5efe:0:0", n, 0)), expected);
            ck_assert_int_eq(allows_ipv6(carry("2a00::200:5efe:0:0", n, 0)), expected);
        }
    }
}
END_TEST

START_TEST(what_carries_by_a_way_out_of_use_is_denied)
{
    ck_assert(!allows("::8.8.8.8"));        /* IPv4-compatible */
    ck_assert(!allows("::ffff:0:8.8.8.8")); /* IPv4-translated */
    ck_assert(!allows("64:ff9b:1::8.8.8.8"));
    ck_assert(!allows("64:ff9b::1:8.8.8.8"));
    ck_assert(!allows("fe80::5efe:8.8.8.8"));
    ck_assert(allows("2a00::100:5efe:10.0.0.1")); /* not ISATAP's identifier */
}
END_TEST

/* ---- lists ---- */

START_TEST(without_options_every_ip_address_is_allowed)
{
    make(false, NULL, NULL);
    for (size_t i = 0; i < COUNT(ipv4_denied); i++)
        ck_assert(allows(ipv4_denied[i].first));
    for (size_t i = 0; i < COUNT(ipv6_denied); i++)
        ck_assert(allows(ipv6_denied[i].first));
}
END_TEST

START_TEST(deny_cidr_denies_without_deny_private_too)
{
    make(false, "8.8.0.0/16, 2a00::/16", NULL);
    ck_assert(!allows("8.8.8.8"));
    ck_assert(!allows("2a00::1"));
    ck_assert(allows("8.9.0.0"));
    ck_assert(allows("127.0.0.1"));
    ck_assert(!allows("::ffff:8.8.8.8"));
    ck_assert(!allows("64:ff9b::8.8.8.8"));
    ck_assert(!allows("2002:808:808::"));
    make(true, "8.8.8.8", NULL);
    ck_assert(!allows("8.8.8.8") && allows("8.8.8.9") && !allows("127.0.0.1"));
}
END_TEST

START_TEST(allow_cidr_beats_deny_cidr_and_deny_private)
{
    make(true, "10.1.2.3", "10.0.0.0/8, fc00::/8");
    ck_assert(allows("10.1.2.3"));
    ck_assert(allows("10.255.255.255"));
    ck_assert(allows("11.1.2.3"));
    ck_assert(!allows("127.0.0.1"));
    ck_assert(allows("fc00::1") && !allows("fd00::1"));
    make(false, "0.0.0.0/0, ::/0", "8.8.8.8");
    ck_assert(allows("8.8.8.8") && !allows("8.8.8.9") && !allows("2a00::1"));
}
END_TEST

START_TEST(allow_cidr_is_for_an_address_and_not_for_what_it_carries)
{
    make(true, NULL, "10.0.0.0/8");
    ck_assert(allows("::ffff:10.0.0.1"));
    ck_assert(!allows("64:ff9b::10.0.0.1"));
    ck_assert(!allows("2002:a00:1::"));
    make(true, NULL, "64:ff9b::/96");
    ck_assert(allows("64:ff9b::10.0.0.1"));
    ck_assert(!allows("10.0.0.1"));
    make(true, NULL, "::/0");
    ck_assert(allows("::1") && allows("fe80::1"));
    ck_assert(!allows("::ffff:127.0.0.1") && !allows("127.0.0.1"));
}
END_TEST

/* ---- the rest ---- */

START_TEST(what_is_no_ip_address_is_denied)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr.s6_addr = {0x2a}};
    const struct sockaddr *sa = (struct sockaddr *)&in;

    make(false, NULL, "0.0.0.0/0, ::/0");
    ck_assert(tw_guard_allows(&guard, sa, sizeof(in)));
    ck_assert(!tw_guard_allows(&guard, sa, sizeof(in) - 1));
    ck_assert(!tw_guard_allows(&guard, (struct sockaddr *)&un, sizeof(un)));
    ck_assert(tw_guard_allows(&guard, (struct sockaddr *)&in6, sizeof(in6)));
    ck_assert(!tw_guard_allows(&guard, (struct sockaddr *)&in6, sizeof(in)));
    in.sin_family = AF_UNSPEC;
    ck_assert(!tw_guard_allows(&guard, sa, sizeof(in)));
}
END_TEST

START_TEST(a_refusal_says_what_the_address_is)
{
    static const struct {
        const char *addr, *what;
    } said[] = {
        {"127.0.0.1", "loopback (RFC 1122)"},
        {"169.254.169.254", "a cloud's metadata service (link-local, RFC 3927)"},
        {"169.254.0.1", "link-local (RFC 3927)"},
        {"255.255.255.255", "broadcast (RFC 919)"},
        {"::1", "loopback (RFC 4291)"},
        {"::", "unspecified (RFC 4291)"},
        {"::127.0.0.1", "reserved (RFC 4291)"},
        {"64:ff9b::10.0.0.1", "a way to an IPv4 address that is denied"},
        {"8.8.8.8", "in deny_cidr"},
    };
    make(true, "8.8.8.8", NULL);
    for (size_t i = 0; i < COUNT(said); i++) {
        struct tw_addr a;

        ck_assert(tw_addr_parse(said[i].addr, strlen(said[i].addr), &a));
        ck_assert_str_eq(tw_guard_judge(&guard, &a), said[i].what);
    }
}
END_TEST

START_TEST(lists_that_cannot_be_read_make_no_guard)
{
    trawl_options o = TRAWL_OPTIONS_INIT;

    o.allow_cidr = "10.0.0.0/8";
    o.deny_cidr = "10.0.0.0/8, nonsense";
    ck_assert_int_eq(tw_guard_init(&guard, &o), TRAWL_EINVAL);
    o.deny_cidr = "10.0.0.0/8";
    o.allow_cidr = "";
    ck_assert_int_eq(tw_guard_init(&guard, &o), TRAWL_EINVAL);
    ck_assert(!allows("127.0.0.1")); /* it is as it was */
}
END_TEST

/* ---- what is asked for without a proxy, and so judged ---- */

START_TEST(hosts_of_no_proxy_need_none)
{
    static const struct {
        const char *no_proxy, *url;
        bool direct;
    } cases[] = {
        {"*", "http://a.example/", true},
        {"a,*", "http://[2a00::1]/", true},
        {"*.example", "http://a.example/", false},
        {"", "http://a.example/", false},
        {" , ,", "http://a.example/", false},
        {".", "http://a.example/", false},
        {"a.example", "http://a.example/", true},
        {"A.Example", "http://a.example:8080/x", true},
        {"a.example", "http://b.a.example/?q", true},
        {".a.example", "http://a.example/", true},
        {"a.example.", "http://a.example/", true},
        {"a.example", "http://a.example./", true},
        {"a.example", "http://ba.example/", false},
        {"a.example", "http://a.example.org/", false},
        {"a.example", "http://example/", false},
        {"x y\tb.example,z", "http://b.example/", true},
        {"10.0.0.0/8", "http://10.1.2.3:81/", true},
        {"10.0.0.7/8", "http://10.1.2.3/", true},
        {"10.0.0.0/8", "http://11.1.2.3/", false},
        {"10.1.2.3", "http://10.1.2.3/", true},
        {"1.2.3", "http://10.1.2.3/", false},
        {"2.3", "http://10.1.2.3/", false},
        {"2a00::/16,b", "http://[2a00::1]:81/", true},
        {"[2a00::1]", "http://[2a00::1]/", true},
        {"2a00::1", "http://[2a00::2]/", false},
        {"10.0.0.1", "http://[::ffff:a00:1]/", true},
    };
    trawl_options o = TRAWL_OPTIONS_INIT;

    o.proxy_http = "http://p/";
    for (size_t i = 0; i < COUNT(cases); i++) {
        o.no_proxy = cases[i].no_proxy;
        ck_assert_msg((tw_proxy_for(&o, cases[i].url) == NULL) == cases[i].direct, "'%s' %s",
                      cases[i].no_proxy, cases[i].url);
    }
}
END_TEST

START_TEST(each_scheme_has_its_proxy)
{
    trawl_options o = TRAWL_OPTIONS_INIT;

    ck_assert_ptr_null(tw_proxy_for(&o, "http://a/"));
    o.proxy_http = "http://p/";
    ck_assert_str_eq(tw_proxy_for(&o, "http://a/"), "http://p/");
    ck_assert_ptr_null(tw_proxy_for(&o, "https://a/"));
    o.proxy_https = "socks5://q/";
    ck_assert_str_eq(tw_proxy_for(&o, "https://a/"), "socks5://q/");
    o.proxy_http = "";
    ck_assert_ptr_null(tw_proxy_for(&o, "http://a/"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_ipv4_block_begins_and_ends_where_it_should,
        each_ipv6_block_begins_and_ends_where_it_should,
        all_of_the_space_is_as_the_table_says,
        addresses_of_the_public_net_are_allowed,
        what_carries_an_ipv4_address_is_judged_by_it,
        what_carries_by_a_way_out_of_use_is_denied,
        without_options_every_ip_address_is_allowed,
        deny_cidr_denies_without_deny_private_too,
        allow_cidr_beats_deny_cidr_and_deny_private,
        allow_cidr_is_for_an_address_and_not_for_what_it_carries,
        what_is_no_ip_address_is_denied,
        a_refusal_says_what_the_address_is,
        lists_that_cannot_be_read_make_no_guard,
        hosts_of_no_proxy_need_none,
        each_scheme_has_its_proxy,
    };
    TCase *t = tcase_create("judgement");
    Suite *suite = suite_create("guard");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(t, setup, teardown);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
