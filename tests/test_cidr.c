/* Addresses, blocks and servers in options, and what is said of those that cannot be read. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cidr.h"
#include "base/servers.h"
#include "trawl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- addresses ---- */

START_TEST(addresses_are_read_in_their_plain_spelling)
{
    static const struct {
        const char *text;
        uint8_t size, first, last;
    } good[] = {
        {"192.0.2.1", 4, 192, 1},
        {"0.0.0.0", 4, 0, 0},
        {"255.255.255.255", 4, 255, 255},
        {"2001:db8::7", 16, 0x20, 7},
        {"[2001:db8::7]", 16, 0x20, 7},
        {"::", 16, 0, 0},
        {"1:2:3:4:5:6:7:8", 16, 0, 8},
        {"FE80::A", 16, 0xfe, 10},
        {"64:ff9b::192.0.2.33", 16, 0, 33},
        {"::ffff:10.1.2.3", 4, 10, 3},
        {"[0:0:0:0:0:ffff:0a01:0203]", 4, 10, 3},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct tw_addr a;

        ck_assert_msg(tw_addr_parse(good[i].text, strlen(good[i].text), &a), "%s", good[i].text);
        ck_assert_uint_eq(a.size, good[i].size);
        ck_assert_uint_eq(a.bytes[0], good[i].first);
        ck_assert_uint_eq(a.bytes[a.size - 1], good[i].last);
    }
}
END_TEST

START_TEST(other_spellings_of_addresses_are_refused)
{
    static const char *const bad[] = {
        "",          "1",           "10.1",         "0x7f.0.0.1", "010.0.0.1",   "10.0.0.1.",
        "10.0.0.",   "10.0.0.256",  "10.0.0.0.1",   " 10.0.0.1",  "10.0.0.1 ",   "[10.0.0.1]",
        "[",         "[]",          "::1]",         "[::1",       ":::",         "1::2::3",
        "fe80::1%1", "12345::",     "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "localhost", "2130706433",
        "::ffff:1.2.3.4.5", "1234567890123456789012345678901234567890123456",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct tw_addr a = {.size = 99};

        ck_assert_msg(!tw_addr_parse(bad[i], strlen(bad[i]), &a), "%s", bad[i]);
        ck_assert_uint_eq(a.size, 99);
    }
}
END_TEST

START_TEST(an_address_ends_where_its_length_says)
{
    struct tw_addr a;

    ck_assert(tw_addr_parse("10.0.0.12", 8, &a));
    ck_assert_uint_eq(a.bytes[3], 1);
    ck_assert(!tw_addr_parse("10.0.0.1\0002", 10, &a));
}
END_TEST

/* ---- blocks ---- */

static bool in_block(const char *block, const char *addr)
{
    struct tw_cidr c;
    struct tw_addr a;

    ck_assert_ptr_null(tw_cidr_parse(block, strlen(block), &c));
    ck_assert(tw_addr_parse(addr, strlen(addr), &a));
    return tw_cidr_contains(&c, &a);
}

START_TEST(a_block_contains_what_begins_like_it)
{
    ck_assert(in_block("10.0.0.0/8", "10.255.255.255"));
    ck_assert(!in_block("10.0.0.0/8", "11.0.0.0"));
    ck_assert(in_block("10.0.0.128/25", "10.0.0.128"));
    ck_assert(!in_block("10.0.0.128/25", "10.0.0.127"));
    ck_assert(in_block("192.0.2.1", "192.0.2.1"));
    ck_assert(!in_block("192.0.2.1", "192.0.2.0"));
    ck_assert(in_block("0.0.0.0/0", "255.0.0.1"));
    ck_assert(in_block("[2001:db8::]/33", "2001:db8:7fff::1"));
    ck_assert(!in_block("[2001:db8::]/33", "2001:db8:8000::"));
    ck_assert(in_block("::/0", "ffff::"));
    ck_assert(in_block("::1", "0:0:0:0:0:0:0:1"));
    ck_assert(!in_block("::1/127", "::2"));
}
END_TEST

START_TEST(the_families_are_apart_but_for_what_is_ipv4_mapped)
{
    ck_assert(!in_block("::/0", "10.0.0.1"));
    ck_assert(!in_block("0.0.0.0/0", "::1"));
    ck_assert(in_block("10.0.0.0/8", "::ffff:10.0.0.1"));
    ck_assert(in_block("::ffff:10.0.0.0/104", "10.255.0.1"));
    ck_assert(!in_block("::ffff:10.0.0.0/104", "11.0.0.1"));
    ck_assert(in_block("::ffff:0:0/96", "8.8.8.8"));
    ck_assert(!in_block("::/0", "::ffff:10.0.0.1"));
}
END_TEST

START_TEST(bits_behind_a_prefix_are_seen)
{
    struct tw_cidr c;

    ck_assert_ptr_null(tw_cidr_parse("10.0.0.1/8", 10, &c));
    ck_assert(tw_cidr_is_loose(&c));
    ck_assert_ptr_null(tw_cidr_parse("10.0.0.0/8", 10, &c));
    ck_assert(!tw_cidr_is_loose(&c));
    ck_assert_ptr_null(tw_cidr_parse("10.0.0.1", 8, &c));
    ck_assert(!tw_cidr_is_loose(&c));
    ck_assert_ptr_null(tw_cidr_parse("10.4.0.0/13", 11, &c));
    ck_assert(tw_cidr_is_loose(&c));
}
END_TEST

/* ---- lists ---- */

START_TEST(a_list_is_separated_by_commas_and_blanks_do_not_count)
{
    static const char text[] = " 10.0.0.0/8,[2001:db8::]/32 ,\t192.0.2.1";
    struct tw_cidr_list list;
    struct tw_list_error error;
    struct tw_addr a;

    ck_assert_int_eq(tw_cidr_list_parse(&list, text, strlen(text), &error), 0);
    ck_assert_uint_eq(list.count, 3);
    ck_assert(tw_addr_parse("10.1.1.1", 8, &a) && tw_cidr_list_contains(&list, &a));
    ck_assert(tw_addr_parse("2001:db8::1", 11, &a) && tw_cidr_list_contains(&list, &a));
    ck_assert(tw_addr_parse("192.0.2.1", 9, &a) && tw_cidr_list_contains(&list, &a));
    ck_assert(tw_addr_parse("192.0.2.2", 9, &a) && !tw_cidr_list_contains(&list, &a));
    tw_cidr_list_free(&list);
    ck_assert(!tw_cidr_list_contains(&list, &a));
}
END_TEST

START_TEST(the_bad_entry_of_a_list_is_named)
{
    static const struct {
        const char *text;
        size_t number, at, len;
        const char *reason; /* a part of it */
    } bad[] = {
        {"", 1, 0, 0, "empty"},
        {"  ", 1, 2, 0, "empty"},
        {"10.0.0.0/8,", 2, 11, 0, "empty"},
        {"10.0.0.0/8,,::1", 2, 11, 0, "empty"},
        {"10.0.0.0/8, 10.0.0.0/33", 2, 12, 11, "at most 32"},
        {"::/129", 1, 0, 6, "at most 128"},
        {"::ffff:0:0/95", 1, 0, 13, "::ffff:0:0/96"},
        {"10.0.0.0/", 1, 0, 9, "slash"},
        {"10.0.0.0/ 8", 1, 0, 11, "slash"},
        {"10.0.0.0/+8", 1, 0, 11, "slash"},
        {"10.0.0.0/08", 1, 0, 11, "slash"},
        {"10.0.0.0/8/8", 1, 0, 12, "slash"},
        {"10.0.0.0/255.0.0.0", 1, 0, 18, "slash"},
        {"10.0.0.0/99999999999999999999", 1, 0, 29, "at most 32"},
        {"/8", 1, 0, 2, "no IP address"},
        {"example.org", 1, 0, 11, "no IP address"},
        {"10/8", 1, 0, 4, "no IP address"},
        {"[::/0]", 1, 0, 6, "no IP address"},
        {"10.0.0.1 10.0.0.2", 1, 0, 17, "no IP address"},
        {"::1,10.0.0.1/8", 2, 4, 10, "behind its prefix"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct tw_cidr_list list = {.count = 99};
        struct tw_list_error e;
        int err = tw_cidr_list_parse(&list, bad[i].text, strlen(bad[i].text), &e);

        ck_assert_msg(err == TRAWL_EINVAL, "%s", bad[i].text);
        ck_assert_uint_eq(list.count, 99);
        ck_assert_msg(e.number == bad[i].number && e.at == bad[i].at && e.len == bad[i].len,
                      "%s: entry %zu at %zu, %zu bytes", bad[i].text, e.number, e.at, e.len);
        ck_assert_msg(strstr(e.reason, bad[i].reason) != NULL, "%s: %s", bad[i].text, e.reason);
    }
}
END_TEST

START_TEST(servers_have_ports_or_none)
{
    static const char text[] = "192.0.2.1, 192.0.2.2:5353,2001:db8::1,[2001:db8::2],"
                               "[2001:db8::3]:53";
    static const uint16_t ports[] = {0, 5353, 0, 0, 53};
    static const uint8_t lasts[] = {1, 2, 1, 2, 3};
    struct tw_server_list list;
    struct tw_list_error error;

    ck_assert_int_eq(tw_server_list_parse(&list, text, strlen(text), &error), 0);
    ck_assert_uint_eq(list.count, COUNT(ports));
    for (size_t i = 0; i < list.count; i++) {
        const struct tw_addr *a = &list.items[i].addr;

        ck_assert_uint_eq(list.items[i].port, ports[i]);
        ck_assert_uint_eq(a->bytes[a->size - 1], lasts[i]);
    }
    tw_server_list_free(&list);
}
END_TEST

START_TEST(servers_that_cannot_be_read_are_refused)
{
    static const char *const bad[] = {
        "",           "192.0.2.1,",     "192.0.2.1:",      "192.0.2.1:0",  "192.0.2.1:65536",
        "192.0.2.1:x", "192.0.2.1:+53", "192.0.2.1:053535", "dns.example", "dns.example:53",
        ":53",        "[::1]53",        "[::1]:",          "[::1:53",      "[192.0.2.1]:53",
        "192.0.2.1 192.0.2.2",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct tw_server_list list;
        struct tw_list_error e;

        ck_assert_msg(tw_server_list_parse(&list, bad[i], strlen(bad[i]), &e) == TRAWL_EINVAL,
                      "%s", bad[i]);
        ck_assert_uint_ge(e.number, 1);
    }
}
END_TEST

/* ---- options ---- */

static void check_refused(const trawl_options *o, const char *member, const char *text)
{
    const char *got_member = NULL;
    char got_text[256] = "";
    uv_loop_t loop;
    trawl *t = NULL;

    ck_assert_int_eq(trawl_options_check(o, &got_member, got_text, sizeof(got_text)),
                     TRAWL_EINVAL);
    ck_assert_str_eq(got_member, member);
    ck_assert_str_eq(got_text, text);
    ck_assert_int_eq(trawl_options_check(o, NULL, NULL, 0), TRAWL_EINVAL);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(trawl_open(&t, &loop, o), TRAWL_EINVAL);
    ck_assert_ptr_null(t);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

#define REFUSED(member, value, text)                                                           \
    do {                                                                                       \
        trawl_options o = TRAWL_OPTIONS_INIT;                                                  \
        o.member = value;                                                                      \
        check_refused(&o, #member, text);                                                      \
    } while (0)

START_TEST(options_that_contradict_the_header_are_named)
{
    static const char *const folded[] = {"A: b", "C: d\r\nE: f", NULL};
    static const char *const no_colon[] = {"secret", NULL};

    REFUSED(strategy, "none", "'none': there is no such strategy; give one such as 'loop'");
    REFUSED(strategy, NULL, "there is none: give a name such as 'loop'");
    REFUSED(concurrency, 0, "'0': give at least 1");
    REFUSED(tries, 0, "'0': give at least 1");
    REFUSED(connect_timeout_ms, 0, "'0': give 1 to 2147483647");
    REFUSED(dns_timeout_ms, 0, "'0': give 1 to 2147483647");
    REFUSED(timeout_ms, UINT64_C(1) << 31, "'2147483648': give 0 to 2147483647");
    REFUSED(http, (trawl_http)7, "'7': give a TRAWL_HTTP_ constant");
    REFUSED(ip, (trawl_ip)7, "'7': give a TRAWL_IP_ constant");
    REFUSED(user_agent, "a\nb", "it has a line break: give one line");
    REFUSED(headers, folded, "number 2 is no header: give one line, \"Name: value\"");
    REFUSED(headers, no_colon, "number 1 is no header: give one line, \"Name: value\"");
    REFUSED(size, 8, "it is of no version of this library: start from TRAWL_OPTIONS_INIT");
}
END_TEST

START_TEST(lists_that_cannot_be_read_are_named_with_their_entry)
{
    REFUSED(deny_cidr, "::1, 10.0.0.0/33",
            "'10.0.0.0/33' (entry 2): an IPv4 prefix has at most 32 bits");
    REFUSED(allow_cidr, "a\nb", "'a?b' (entry 1): it is no IP address; give ADDRESS[/BITS], such "
                                "as 10.0.0.0/8 or 2001:db8::/32");
    REFUSED(dns_servers, "192.0.2.1:99999",
            "'192.0.2.1:99999' (entry 1): its port is none; give a number from 1 to 65535");
}
END_TEST

START_TEST(long_values_are_cut)
{
    trawl_options o = TRAWL_OPTIONS_INIT;
    const char *member = NULL;
    char text[256], list[1000], tiny[4];

    memset(list, 'x', sizeof(list) - 1);
    list[sizeof(list) - 1] = '\0';
    o.deny_cidr = list;
    ck_assert_int_eq(trawl_options_check(&o, &member, text, sizeof(text)), TRAWL_EINVAL);
    ck_assert_ptr_nonnull(strstr(text, "xxx' (entry 1): it is no IP address; give"));
    ck_assert_int_eq(trawl_options_check(&o, &member, tiny, sizeof(tiny)), TRAWL_EINVAL);
    ck_assert_str_eq(tiny, "'xx");
}
END_TEST

START_TEST(options_as_they_are_by_default_are_right)
{
    trawl_options o = TRAWL_OPTIONS_INIT;
    const char *member = "untouched";

    ck_assert_int_eq(trawl_options_check(NULL, NULL, NULL, 0), 0);
    o.deny_cidr = "10.0.0.0/8";
    o.allow_cidr = "10.1.0.0/16,::1";
    o.dns_servers = "192.0.2.1:53";
    ck_assert_int_eq(trawl_options_check(&o, &member, NULL, 0), 0);
    ck_assert_str_eq(member, "untouched");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        addresses_are_read_in_their_plain_spelling,
        other_spellings_of_addresses_are_refused,
        an_address_ends_where_its_length_says,
        a_block_contains_what_begins_like_it,
        the_families_are_apart_but_for_what_is_ipv4_mapped,
        bits_behind_a_prefix_are_seen,
        a_list_is_separated_by_commas_and_blanks_do_not_count,
        the_bad_entry_of_a_list_is_named,
        servers_have_ports_or_none,
        servers_that_cannot_be_read_are_refused,
        options_that_contradict_the_header_are_named,
        lists_that_cannot_be_read_are_named_with_their_entry,
        long_values_are_cut,
        options_as_they_are_by_default_are_right,
    };
    TCase *t = tcase_create("options");
    Suite *suite = suite_create("cidr");
    SRunner *runner;
    int failed;

    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
