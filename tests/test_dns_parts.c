/* The parts of the name look-up that need no network: names, search lists, the hosts file, and
 * the cache against a model of it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/dns_cache.h"
#include "fetch/dns_hosts.h"
#include "fetch/dns_name.h"
#include "fetch/dns_search.h"
#include "trawl.h"

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." \
    "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxy"

/* ---- names ---- */

static const struct {
    const char *name;
    enum tw_dns_name_kind kind;
    const char *text; /* NULL: not of interest */
} names[] = {
    {"example.org", TW_DNS_NAME_PLAIN, "example.org"},
    {"EXAMPLE.Org.", TW_DNS_NAME_PLAIN, "example.org."},
    {"_dmarc.x-1.example", TW_DNS_NAME_PLAIN, "_dmarc.x-1.example"},
    {"single", TW_DNS_NAME_PLAIN, "single"},
    {LABEL_63 ".test", TW_DNS_NAME_PLAIN, NULL},
    {NAME_253, TW_DNS_NAME_PLAIN, NULL},
    {NAME_253 ".", TW_DNS_NAME_PLAIN, NULL},
    {"notlocalhost", TW_DNS_NAME_PLAIN, NULL},
    {"localhost.example", TW_DNS_NAME_PLAIN, NULL},
    {"localhost", TW_DNS_NAME_LOCALHOST, NULL},
    {"LocalHost.", TW_DNS_NAME_LOCALHOST, NULL},
    {"a.b.localhost", TW_DNS_NAME_LOCALHOST, NULL},
    {"x.invalid", TW_DNS_NAME_NEVER, NULL},
    {"invalid.", TW_DNS_NAME_NEVER, NULL},
    {"abc.onion", TW_DNS_NAME_NEVER, NULL},
    {"192.0.2.1", TW_DNS_NAME_IPV4, "192.0.2.1"},
    {"::1", TW_DNS_NAME_IPV6, "::1"},
    {"[2001:db8::1]", TW_DNS_NAME_IPV6, "2001:db8::1"},
    {"", TW_DNS_NAME_BAD, NULL},
    {".", TW_DNS_NAME_BAD, NULL},
    {".a", TW_DNS_NAME_BAD, NULL},
    {"a..b", TW_DNS_NAME_BAD, NULL},
    {"a..", TW_DNS_NAME_BAD, NULL},
    {"a" LABEL_63 ".test", TW_DNS_NAME_BAD, NULL},
    {NAME_253 "a", TW_DNS_NAME_BAD, NULL},
    {NAME_253 "." NAME_253, TW_DNS_NAME_BAD, NULL},
    {"a b.test", TW_DNS_NAME_BAD, NULL},
    {"a\nb.test", TW_DNS_NAME_BAD, NULL},
    {"a\x7f.test", TW_DNS_NAME_BAD, NULL},
    {"\xc3\xa4.test", TW_DNS_NAME_BAD, NULL},
    {"a\\.test", TW_DNS_NAME_BAD, NULL},
    {"a/b.test", TW_DNS_NAME_BAD, NULL},
    {"*.test", TW_DNS_NAME_BAD, NULL},
    {"a:b", TW_DNS_NAME_BAD, NULL},
    {"[::1", TW_DNS_NAME_BAD, NULL},
    {"fe80::1%lo", TW_DNS_NAME_BAD, NULL},
    {"1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", TW_DNS_NAME_BAD, NULL},
};

START_TEST(names_are_told_apart)
{
    struct tw_dns_name n;

    tw_dns_name_read(&n, names[_i].name);
    ck_assert_msg(n.kind == names[_i].kind, "%s is %d", names[_i].name, (int)n.kind);
    if (names[_i].text != NULL)
        ck_assert_str_eq(n.text, names[_i].text);
    if (n.kind == TW_DNS_NAME_PLAIN)
        ck_assert_uint_eq(n.len, strlen(n.text));
}
END_TEST

/* ---- files ---- */

static char path[] = "/tmp/trawl-dns-XXXXXX";

static void make_file(void)
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
    unsetenv("LOCALDOMAIN");
    unsetenv("RES_OPTIONS");
}

static void remove_file(void)
{
    unlink(path);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static struct tw_dns_search search;

static void search_is(const char *name, const char *expected)
{
    char out[TW_DNS_NAME_SIZE], all[1024] = "";
    unsigned at = 0;

    while (tw_dns_search_next(&search, name, strlen(name), &at, out)) {
        strcat(all, out);
        strcat(all, " ");
    }
    ck_assert_str_eq(all, expected);
}

START_TEST(search_lists_follow_ndots)
{
    write_file("nameserver 192.0.2.1\nsearch One.test two.test.\noptions rotate ndots:2\n");
    tw_dns_search_read(&search, path);
    search_is("a", "a.one.test. a.two.test. a. ");
    search_is("a.b", "a.b.one.test. a.b.two.test. a.b. ");
    search_is("a.b.c", "a.b.c. a.b.c.one.test. a.b.c.two.test. ");
    search_is("a.", "a. ");
    search_is("a.b.c.", "a.b.c. ");
}
END_TEST

START_TEST(the_last_of_search_and_domain_counts)
{
    write_file(
        "search one.test\n  search no.test\ndomain two.test three.test\n#search no.test\n"
        "searching no.test\noptions ndots:99\n");
    tw_dns_search_read(&search, path);
    search_is("a", "a.two.test. a. ");
    ck_assert_uint_eq(search.ndots, 15);
}
END_TEST

START_TEST(the_environment_goes_before_resolv_conf)
{
    write_file("search one.test\noptions ndots:2\n");
    setenv("LOCALDOMAIN", "mine.test other.test", 1);
    setenv("RES_OPTIONS", "debug ndots:0", 1);
    tw_dns_search_read(&search, path);
    search_is("a", "a. a.mine.test. a.other.test. ");
}
END_TEST

START_TEST(names_that_would_be_too_long_are_not_tried)
{
    write_file("search " LABEL_63 ".test x.test bad..test\n");
    tw_dns_search_read(&search, path);
    search_is("a", "a." LABEL_63 ".test. a.x.test. a. ");
    search_is(NAME_253, NAME_253 ". ");
}
END_TEST

START_TEST(a_hosts_file_is_a_table)
{
    struct tw_dns_hosts h;

    write_file("# comment\n"
               "192.0.2.1 One.test one # two.test\n"
               "2001:db8::1\tone.test.\n"
               "192.0.2.2 one.test\n"
               "fe80::1%lo scoped.test\n"
               "nonsense three.test\n"
               "192.0.2.9 local.invalid\n"
               "192.0.2.3 last.test");
    ck_assert_int_eq(tw_dns_hosts_open(&h, path, TRAWL_IP_ANY, 1, 0), 0);
    ck_assert_str_eq(tw_dns_hosts_find(&h, "one.test", 8, 0),
                     "192.0.2.1,2001:db8::1,192.0.2.2");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "one", 3, 0), "192.0.2.1");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "last.test", 9, 0), "192.0.2.3");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "local.invalid", 13, 0), "192.0.2.9");
    ck_assert_ptr_null(tw_dns_hosts_find(&h, "two.test", 8, 0));
    ck_assert_ptr_null(tw_dns_hosts_find(&h, "three.test", 10, 0));
    ck_assert_ptr_null(tw_dns_hosts_find(&h, "scoped.test", 11, 0));
    tw_dns_hosts_free(&h);
    ck_assert_int_eq(tw_dns_hosts_open(&h, path, TRAWL_IP_V6, 1, 0), 0);
    ck_assert_str_eq(tw_dns_hosts_find(&h, "one.test", 8, 0), "2001:db8::1");
    ck_assert_ptr_null(tw_dns_hosts_find(&h, "one", 3, 0));
    tw_dns_hosts_free(&h);
}
END_TEST

START_TEST(a_changed_hosts_file_is_read_again)
{
    struct tw_dns_hosts h;

    write_file("192.0.2.1 one.test\n");
    ck_assert_int_eq(tw_dns_hosts_open(&h, path, TRAWL_IP_ANY, 1, 5000), 0);
    write_file("192.0.2.11 one.test\n192.0.2.2 two.test\n");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "one.test", 8, 5999), "192.0.2.1");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "one.test", 8, 6000), "192.0.2.11");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "two.test", 8, 6000), "192.0.2.2");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_ptr_null(tw_dns_hosts_find(&h, "one.test", 8, 7000));
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* opening it would block */
    ck_assert_ptr_null(tw_dns_hosts_find(&h, "one.test", 8, 8000));
    tw_dns_hosts_free(&h);
}
END_TEST

START_TEST(a_large_hosts_file_is_read_once)
{
    struct tw_dns_hosts h;
    FILE *file = fopen(path, "w");

    fprintf(file, "192.0.2.1 one.test\n");
    for (int i = 0; i < 100000; i++)
        fprintf(file, "0.0.0.0 ads%d.test\n", i);
    fclose(file);
    ck_assert_int_eq(tw_dns_hosts_open(&h, path, TRAWL_IP_ANY, 1, 0), 0);
    ck_assert_str_eq(tw_dns_hosts_find(&h, "ads99999.test", 13, 0), "0.0.0.0");
    write_file("192.0.2.2 one.test\n");
    ck_assert_str_eq(tw_dns_hosts_find(&h, "one.test", 8, 1000), "192.0.2.1");
    tw_dns_hosts_free(&h);
}
END_TEST

START_TEST(a_name_in_the_hosts_file_has_a_bounded_answer)
{
    struct tw_dns_hosts h;
    FILE *file = fopen(path, "w");

    for (int i = 0; i < 1000; i++)
        fprintf(file, "192.0.%d.%d many.test\n", i / 250, i % 250);
    fclose(file);
    ck_assert_int_eq(tw_dns_hosts_open(&h, path, TRAWL_IP_ANY, 1, 0), 0);
    ck_assert_uint_le(strlen(tw_dns_hosts_find(&h, "many.test", 9, 0)), 1024);
    tw_dns_hosts_free(&h);
}
END_TEST

/* ---- the cache against a model ---- */

#define KEYS 40
#define ENTRIES 16
#define STEPS 40000

struct model {
    bool there;
    int value;
    uint64_t until_ms, used; /* used: the step */
};

static struct model model[KEYS];

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void model_put(int key, int value, uint64_t until_ms, uint64_t step)
{
    int count = 0, oldest = -1;

    for (int i = 0; i < KEYS; i++) {
        count += model[i].there;
        if (model[i].there && (oldest < 0 || model[i].used < model[oldest].used))
            oldest = i;
    }
    if (!model[key].there && count == ENTRIES)
        model[oldest].there = false;
    model[key] = (struct model){true, value, until_ms, step};
}

static bool model_get(int key, uint64_t now_ms, uint64_t step)
{
    if (!model[key].there)
        return false;
    if (model[key].until_ms <= now_ms) {
        model[key].there = false;
        return false;
    }
    model[key].used = step;
    return true;
}

static size_t model_count(void)
{
    size_t n = 0;

    for (int i = 0; i < KEYS; i++)
        n += model[i].there;
    return n;
}

static void write_value(char text[64], int value)
{
    text[0] = '\0';
    if (value % 2 == 0)
        snprintf(text, 64, "127.0.%d.%d", value / 256, value % 256);
}

static void put_value(struct tw_dns_cache *c, const char *name, int value, uint64_t until_ms)
{
    char text[64];
    struct tw_dns_answer answer = {value % 2 ? TRAWL_ERESOLVE : 0, value % 2 ? "no" : "", text};

    write_value(text, value);
    ck_assert_int_eq(tw_dns_cache_put(c, name, strlen(name), &answer, until_ms), 0);
}

static void value_is(const struct tw_dns_answer *answer, int value)
{
    char text[64];

    write_value(text, value);
    ck_assert_int_eq(answer->error, value % 2 ? TRAWL_ERESOLVE : 0);
    ck_assert_str_eq(answer->detail, value % 2 ? "no" : "");
    ck_assert_str_eq(answer->addresses, text);
}

START_TEST(the_cache_is_as_its_model)
{
    uint64_t state = (uint64_t)_i + 1, now_ms = 0;
    struct tw_dns_cache c;

    memset(model, 0, sizeof(model));
    tw_dns_cache_init(&c, ENTRIES, state);
    for (uint64_t step = 1; step <= STEPS; step++) {
        int key = (int)(next_random(&state) % KEYS), value = (int)(next_random(&state) % 65536);
        uint64_t until_ms = now_ms + next_random(&state) % 100;
        struct tw_dns_answer answer;
        char name[16];

        snprintf(name, sizeof(name), "n%d.test", key);
        if (next_random(&state) % 3 == 0) {
            model_put(key, value, until_ms, step);
            put_value(&c, name, value, until_ms);
        } else {
            bool there = model_get(key, now_ms, step);

            ck_assert_int_eq(tw_dns_cache_get(&c, name, strlen(name), now_ms, &answer), there);
            if (there)
                value_is(&answer, model[key].value);
        }
        ck_assert_uint_eq(c.map.len, model_count());
        now_ms += next_random(&state) % 4 == 0;
    }
    tw_dns_cache_free(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dns_parts");
    TCase *tcase = tcase_create("names");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, names_are_told_apart, 0,
                        (int)(sizeof(names) / sizeof(names[0])));
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("files");
    tcase_add_checked_fixture(tcase, make_file, remove_file);
    tcase_add_test(tcase, search_lists_follow_ndots);
    tcase_add_test(tcase, the_last_of_search_and_domain_counts);
    tcase_add_test(tcase, the_environment_goes_before_resolv_conf);
    tcase_add_test(tcase, names_that_would_be_too_long_are_not_tried);
    tcase_add_test(tcase, a_hosts_file_is_a_table);
    tcase_add_test(tcase, a_changed_hosts_file_is_read_again);
    tcase_add_test(tcase, a_large_hosts_file_is_read_once);
    tcase_add_test(tcase, a_name_in_the_hosts_file_has_a_bounded_answer);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("cache");
    tcase_add_loop_test(tcase, the_cache_is_as_its_model, 0, 4);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
