#include "sink_catch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistr.h>

#define CSV_HEAD                                                                               \
    "index,url,final_url,status,http_version,content_type,charset,bytes,wire_bytes,ip,"        \
    "redirects,tries,dns_ms,connect_ms,tls_ms,first_byte_ms,total_ms,excerpt,error,"           \
    "error_message\r\n"
enum { CSV_FIELDS = 20 };

static struct catch caught;

static void forget(void)
{
    tw_buf_free(&caught.got);
    caught = (struct catch){0};
}

/* One record of CSV from *s on, of which *s is moved to the end. */
static void parse_csv(const char **s, const char *end, struct tw_buf fields[CSV_FIELDS])
{
    size_t n = 0;
    bool quoted = false;

    for (; *s < end; ++*s) {
        if (**s == '"' && quoted && *s + 1 < end && (*s)[1] == '"')
            tw_buf_append(&fields[n], ++*s - 1, 1);
        else if (**s == '"')
            quoted = !quoted;
        else if (**s == ',' && !quoted)
            ck_assert_uint_lt(++n, CSV_FIELDS);
        else if (**s == '\r' && !quoted)
            break;
        else
            ck_assert_int_eq(tw_buf_append(&fields[n], *s, 1), 0);
    }
    ck_assert(!quoted);
    ck_assert_uint_eq(n, CSV_FIELDS - 1);
    ck_assert_mem_eq(*s, "\r\n", 2);
    *s += 2;
}

static void free_fields(struct tw_buf fields[CSV_FIELDS])
{
    size_t i;

    for (i = 0; i < CSV_FIELDS; i++)
        tw_buf_free(&fields[i]);
}

static void check_field(const struct tw_buf *field, const char *value, size_t len)
{
    ck_assert_uint_eq(field->len, len);
    if (len > 0)
        ck_assert_mem_eq(field->data, value, len);
}

/* The fields of the one record that r gives. */
static void csv_of(const trawl_result *r, struct tw_buf fields[CSV_FIELDS])
{
    struct tw_buf *b = catch_one(&caught, "csv", NULL, r);
    const char *s = b->data + strlen(CSV_HEAD);

    ck_assert_mem_eq(b->data, CSV_HEAD, strlen(CSV_HEAD));
    parse_csv(&s, b->data + b->len, fields);
    ck_assert_ptr_eq(s, b->data + b->len);
}

START_TEST(the_formats_are_text_jsonl_and_csv)
{
    const char *const *names = trawl_sink_names();

    ck_assert_str_eq(names[0], "text");
    ck_assert_str_eq(names[1], "jsonl");
    ck_assert_str_eq(names[2], "csv");
    ck_assert_ptr_null(names[3]);
}
END_TEST

START_TEST(open_refuses_what_it_does_not_know)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_sink *sink = NULL;

    ck_assert_int_eq(trawl_sink_open(&sink, "xml", NULL, catch_write, NULL), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_sink_open(&sink, "", NULL, catch_write, NULL), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_sink_open(&sink, NULL, NULL, catch_write, NULL), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_sink_open(&sink, "csv", NULL, NULL, NULL), TRAWL_EINVAL);
    ck_assert_int_eq(trawl_sink_open(NULL, "csv", NULL, catch_write, NULL), TRAWL_EINVAL);
    options.size = 0;
    ck_assert_int_eq(trawl_sink_open(&sink, "csv", &options, catch_write, NULL), TRAWL_EINVAL);
    options.size = sizeof(options) + 1;
    ck_assert_int_eq(trawl_sink_open(&sink, "csv", &options, catch_write, NULL), TRAWL_EINVAL);
    ck_assert_ptr_null(sink);
    ck_assert_int_eq(trawl_sink_close(NULL), 0);
}
END_TEST

START_TEST(options_of_an_earlier_version_leave_the_rest_at_the_defaults)
{
    trawl_sink_options options = TRAWL_SINK_OPTIONS_INIT;
    trawl_result r = catch_result();

    options.columns = 10;
    options.size = offsetof(trawl_sink_options, columns);
    catch_one(&caught, "text", &options, &r);
    ck_assert_uint_gt(caught.got.len, 50);
}
END_TEST

START_TEST(each_record_is_one_call_and_the_head_comes_once)
{
    trawl_result r = catch_result();
    trawl_sink *sink = catch_open(&caught, "csv", NULL);
    size_t one;

    ck_assert_uint_eq(caught.calls, 0);
    ck_assert_int_eq(trawl_sink_add(sink, 0, &r), 0);
    ck_assert_uint_eq(caught.calls, 1);
    one = caught.got.len - strlen(CSV_HEAD);
    ck_assert_int_eq(trawl_sink_add(sink, 1, &r), 0);
    ck_assert_uint_eq(caught.calls, 2);
    ck_assert_int_eq(trawl_sink_close(sink), 0);
    ck_assert_uint_eq(caught.calls, 2);
    ck_assert_uint_eq(caught.got.len, strlen(CSV_HEAD) + 2 * one);
}
END_TEST

START_TEST(without_results_there_is_the_head_alone)
{
    ck_assert_int_eq(trawl_sink_close(catch_open(&caught, "jsonl", NULL)), 0);
    ck_assert_int_eq(trawl_sink_close(catch_open(&caught, "text", NULL)), 0);
    ck_assert_uint_eq(caught.calls, 0);
    ck_assert_int_eq(trawl_sink_close(catch_open(&caught, "csv", NULL)), 0);
    ck_assert_str_eq(caught.got.data, CSV_HEAD);
}
END_TEST

START_TEST(what_the_write_callback_returns_reaches_the_caller)
{
    trawl_result r = catch_result();
    const char *const *name;
    trawl_sink *sink;

    for (name = trawl_sink_names(); *name != NULL; name++) {
        sink = catch_open(&caught, *name, NULL);
        caught.fail = TRAWL_EWRITE;
        ck_assert_int_eq(trawl_sink_add(sink, 0, &r), TRAWL_EWRITE);
        caught.fail = 0;
        ck_assert_int_eq(trawl_sink_add(sink, 1, &r), 0);
        ck_assert_int_eq(trawl_sink_close(sink), 0);
    }
    sink = catch_open(&caught, "csv", NULL);
    caught.fail = TRAWL_EWRITE;
    ck_assert_int_eq(trawl_sink_close(sink), TRAWL_EWRITE);
}
END_TEST

START_TEST(csv_has_the_columns_of_its_head)
{
    trawl_result r = catch_result();

    ck_assert_str_eq(catch_one(&caught, "csv", NULL, &r)->data,
                     CSV_HEAD "7,http://127.0.0.1:8080/a,http://127.0.0.1:8080/a,200,1.1,"
                              "text/html; charset=utf-8,UTF-8,13500,13799,127.0.0.1,0,1,0.001,"
                              "0.020,0.300,4.000,203.999,Hello world,,\r\n");
}
END_TEST

START_TEST(csv_leaves_unknown_fields_empty)
{
    trawl_result r = catch_failure(TRAWL_ESCHEME, "ftp");

    r.final_url = NULL;
    ck_assert_str_eq(catch_one(&caught, "csv", NULL, &r)->data,
                     CSV_HEAD "7,http://127.0.0.1:1/,,0,,,,0,0,,0,3,0.000,0.000,0.000,0.000,"
                              "1.200,,ESCHEME,the scheme is not http or https: ftp\r\n");
}
END_TEST

START_TEST(csv_quotes_only_where_needed)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"a b", ",a b,"},       {" a ", ", a ,"},         {"a'b;c\t", ",a'b;c\t,"},
        {"a,b", ",\"a,b\","},   {"a\"b", ",\"a\"\"b\","}, {"a\nb", ",\"a\nb\","},
        {"a\rb", ",\"a\rb\","}, {"\"", ",\"\"\"\","},     {"\xc3\xa9", ",\xc3\xa9,"},
    };
    trawl_result r = catch_result();
    char expected[64];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r.excerpt = cases[i].text;
        r.excerpt_len = strlen(cases[i].text);
        snprintf(expected, sizeof(expected), "203.999%s,\r\n", cases[i].field);
        catch_one(&caught, "csv", NULL, &r);
        ck_assert_msg(strstr(caught.got.data, expected) != NULL, "%s", caught.got.data);
    }
}
END_TEST

START_TEST(csv_replaces_nul_and_invalid_utf8)
{
    struct tw_buf fields[CSV_FIELDS] = {{0}};
    trawl_result r = catch_failure(TRAWL_ECONNECT, "a,\xff");

    r.url = "h\0\xe2\x82,";
    r.url_len = 5;
    csv_of(&r, fields);
    check_field(&fields[1], "h" FFFD FFFD ",", 8);
    check_field(&fields[18], "ECONNECT", 8);
    check_field(&fields[19], "could not connect: a," FFFD, 24);
    free_fields(fields);
}
END_TEST

/* xorshift64, and bytes among which UTF-8's borders are frequent. */
static unsigned next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 33);
}

static size_t random_bytes(uint64_t *state, char bytes[40], unsigned lowest)
{
    static const unsigned char borders[] = {0x0a, 0x0d, 0x1b, '"',  '\\', ',',  0x7f, 0x80,
                                            0x85, 0x9f, 0xa0, 0xa8, 0xbf, 0xc0, 0xc2, 0xe0,
                                            0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x90};
    size_t len = next_random(state) % 39, i;
    unsigned c;

    for (i = 0; i < len; i++) {
        c = next_random(state) % 256;
        if (next_random(state) % 2 == 0)
            c = borders[c % sizeof(borders)];
        bytes[i] = (char)(c < lowest ? lowest : c);
    }
    bytes[len] = '\0';
    return len;
}

static bool is_one_line(const struct tw_buf *b)
{
    return memchr(b->data, '\n', b->len) == b->data + b->len - 1;
}

START_TEST(random_bytes_in_every_field_give_valid_records)
{
    static const char *const members[] = {"url",     "final_url", "content_type",
                                          "charset", "ip",        "excerpt"};
    struct tw_buf fields[CSV_FIELDS] = {{0}};
    char url[40], final_url[40], type[40], charset[40], ip[40], excerpt[40], detail[40];
    uint64_t state = 20240229;
    trawl_result r = catch_result();
    size_t i, k;
    json_t *j;

    r.final_url = final_url;
    r.content_type = type;
    r.charset = charset;
    r.ip = ip;
    r.detail = detail;
    r.error = TRAWL_ERESET;
    for (i = 0; i < 10000; i++) {
        r.url = url;
        r.url_len = random_bytes(&state, url, 0);
        r.excerpt = excerpt;
        r.excerpt_len = random_bytes(&state, excerpt, 0);
        random_bytes(&state, final_url, 1);
        random_bytes(&state, type, 1);
        random_bytes(&state, charset, 1);
        random_bytes(&state, ip, 1);
        random_bytes(&state, detail, 1);
        j = catch_json(&caught, &r, false);
        for (k = 0; k < sizeof(members) / sizeof(members[0]); k++)
            ck_assert(json_is_string(json_object_get(j, members[k])));
        json_decref(j);
        ck_assert(is_one_line(&caught.got));
        csv_of(&r, fields);
        free_fields(fields);
        ck_assert_ptr_null(u8_check((const uint8_t *)caught.got.data, caught.got.len));
        catch_one(&caught, "text", NULL, &r);
        ck_assert(is_one_line(&caught.got));
        ck_assert_ptr_null(u8_check((const uint8_t *)caught.got.data, caught.got.len));
    }
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, the_formats_are_text_jsonl_and_csv);
    tcase_add_test(t, open_refuses_what_it_does_not_know);
    tcase_add_test(t, options_of_an_earlier_version_leave_the_rest_at_the_defaults);
    tcase_add_test(t, each_record_is_one_call_and_the_head_comes_once);
    tcase_add_test(t, without_results_there_is_the_head_alone);
    tcase_add_test(t, what_the_write_callback_returns_reaches_the_caller);
    tcase_add_test(t, csv_has_the_columns_of_its_head);
    tcase_add_test(t, csv_leaves_unknown_fields_empty);
    tcase_add_test(t, csv_quotes_only_where_needed);
    tcase_add_test(t, csv_replaces_nul_and_invalid_utf8);
    tcase_add_test(t, random_bytes_in_every_field_give_valid_records);
}

int main(void)
{
    Suite *s = suite_create("sink");
    TCase *t = tcase_create("sink");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, NULL, forget);
    add_tests(t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
