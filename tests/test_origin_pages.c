/* The tests' web server, seen by a client that reads the bytes: pages, charsets, encodings. */
#include <brotli/decode.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "origin/origin.h"
#include "origin/raw.h"

static struct origin *origin;
static unsigned port;
static struct raw_reply r;

static void setup(void)
{
    struct origin_options options = {.seed = 7};

    ck_assert_int_eq(origin_start(&origin, &options), 0);
    port = origin_port(origin);
}

static void teardown(void)
{
    raw_free(&r);
    origin_stop(origin);
}

static void get(const char *target)
{
    raw_free(&r);
    raw_get(port, target, &r);
}

static bool body_has(const char *bytes, size_t n)
{
    return memmem(r.body, r.body_n, bytes, n) != NULL;
}

START_TEST(page_has_exactly_the_size_asked_for)
{
    static const struct {
        const char *target;
        size_t size;
    } rows[] = {{"/", 1000},          {"/?size=0", 0},         {"/?size=1", 1},
                {"/?size=120", 120},  {"/?size=200", 200},     {"/?size=65536", 65536},
                {"/?size=5000000", 5000000}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t start = rows[i].size < 15 ? rows[i].size : 15;
        get(rows[i].target);
        ck_assert_int_eq(r.status, 200);
        ck_assert_uint_eq(r.body_n, rows[i].size);
        ck_assert_mem_eq(r.body, "<!doctype html>", start);
        ck_assert(!r.reset);
    }
    ck_assert(raw_has(&r, "Content-Length: 5000000"));
    ck_assert(raw_has(&r, "Content-Type: text/html; charset=utf-8"));
}
END_TEST

START_TEST(page_is_a_function_of_seed_path_and_size)
{
    struct origin_options options = {.seed = 8};
    struct origin *other;
    struct raw_reply second;

    get("/a?size=3000");
    raw_get(port, "/a?status=404&size=3000", &second);
    ck_assert_mem_eq(r.body, second.body, 3000);
    raw_free(&second);
    raw_get(port, "/b?size=3000", &second);
    ck_assert_mem_ne(r.body + 100, second.body + 100, 2800);
    raw_free(&second);
    ck_assert_int_eq(origin_start(&other, &options), 0);
    raw_get(origin_port(other), "/a?size=3000", &second);
    ck_assert_uint_eq(second.body_n, 3000);
    ck_assert_mem_ne(r.body + 100, second.body + 100, 2800);
    raw_free(&second);
    origin_stop(other);
}
END_TEST

START_TEST(title_is_decoded_and_escaped)
{
    static const char title[] = "<title>a&lt;b &amp; \xc3\xa9+</title>";

    get("/?title=a%3cb%20%26%20%C3%A9+");
    ck_assert(body_has(title, sizeof title - 1));
}
END_TEST

START_TEST(body_is_taken_from_the_query)
{
    get("/?body=a%00%0d%0ab%zz&type=text/plain");
    ck_assert_uint_eq(r.body_n, 8);
    ck_assert_mem_eq(r.body, "a\0\r\nb%zz", 8);
    ck_assert(raw_has(&r, "Content-Type: text/plain"));
}
END_TEST

START_TEST(empty_type_leaves_the_header_out)
{
    get("/?type=");
    ck_assert_ptr_null(strstr((const char *)r.all.p, "Content-Type"));
}
END_TEST

START_TEST(links_reach_every_page)
{
    bool seen[5] = {false};
    char target[64] = "/?links=1&of=5";

    for (int i = 0; i < 6; i++) {
        const char *href;
        get(target);
        href = strstr(r.body, "<a href=\"/page/");
        ck_assert_ptr_nonnull(href);
        ck_assert_mem_eq(href + 16, "?links=1&amp;of=5\">", 19);
        ck_assert_int_ge(href[15], '0');
        ck_assert_int_le(href[15], '4');
        seen[href[15] - '0'] = true;
        snprintf(target, sizeof target, "/page/%c?links=1&of=5", href[15]);
    }
    for (int i = 0; i < 5; i++) {
        ck_assert(seen[i]);
    }
}
END_TEST

struct charset_row {
    const char *label;
    const char *bytes; /* of a part of the sample, from the charset's own table */
    size_t n;
};

static const struct charset_row charset_rows[] = {
    {"utf-8", "\xf0\x9f\x9a\x82", 4},
    {"utf-16le", "G\0r\0\xfc\0\xdf\0", 8},
    {"utf-16be", "\x65\xe5\x67\x2c", 4},
    {"windows-1250", "\x8el\x75\x9d", 4},
    {"windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", 6},
    {"windows-1252", "Gr\xfc\xdf" "e", 5},
    {"windows-1253", "\xca\xe1\xeb\xe7", 4},
    {"iso-8859-1", "\x80", 1},
    {"iso-8859-2", "\xael\x75\xbb", 4},
    {"iso-8859-5", "\xdc\xd8\xe0", 3},
    {"iso-8859-7", "\xca\xe1\xeb\xe7", 4},
    {"iso-8859-15", "\xa4", 1},
    {"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", 6},
    {"koi8-u", "\xcd\xc9\xd2", 3},
    {"shift_jis", "\x93\xfa\x96\x7b\x8c\xea", 6},
    {"euc-jp", "\xc6\xfc\xcb\xdc\xb8\xec", 6},
    {"iso-2022-jp", "\x1b$BF|K\\8l$NJG\x1b(B", 16},
    {"euc-kr", "\xc7\xd1\xb1\xb9\xbe\xee", 6},
    {"gbk", "\xd6\xd0\xce\xc4", 4},
    {"gb18030", "\xd6\xd0\xce\xc4\xcd\xf8\xd2\xb3 \x95\x30\x8b\x36", 13},
    {"big5", "\xa4\xa4\xa4\xe5\xba\xf4\xad\xb6", 8},
};

START_TEST(page_is_in_the_charset_it_names)
{
    const struct charset_row *row = &charset_rows[_i];
    char text[128];

    snprintf(text, sizeof text, "/?size=600&charset=%s", row->label);
    get(text);
    ck_assert_uint_eq(r.body_n, 600);
    ck_assert(body_has(row->bytes, row->n));
    snprintf(text, sizeof text, "Content-Type: text/html; charset=%s", row->label);
    ck_assert(raw_has(&r, text));
    ck_assert_ptr_nonnull(origin_sample(row->label));
}
END_TEST

START_TEST(charset_is_declared_where_it_is_asked_for)
{
    get("/?charset=koi8-r&declare=meta");
    ck_assert(raw_has(&r, "Content-Type: text/html"));
    ck_assert(body_has("<meta charset=\"koi8-r\">", 23));
    get("/?charset=koi8-r&declare=none");
    ck_assert(raw_has(&r, "Content-Type: text/html"));
    ck_assert(!body_has("<meta", 5));
    get("/?charset=utf-16be&declare=bom&size=400");
    ck_assert(raw_has(&r, "Content-Type: text/html"));
    ck_assert_uint_eq(r.body_n, 400);
    ck_assert_mem_eq(r.body, "\xfe\xff\0<\0!", 6);
    get("/?declare=bom");
    ck_assert_mem_eq(r.body, "\xef\xbb\xbf<!doctype html>", 18);
}
END_TEST

START_TEST(impossible_charsets_are_refused)
{
    get("/?charset=klingon");
    ck_assert_int_eq(r.status, 400);
    get("/?charset=koi8-r&declare=bom");
    ck_assert_int_eq(r.status, 400);
    get("/?charset=koi8-r&title=%E6%97%A5");
    ck_assert_int_eq(r.status, 400);
    ck_assert_ptr_null(origin_sample("klingon"));
}
END_TEST

static void inflates_to(const char *plain, size_t n, int window)
{
    uint8_t *out = malloc(n + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)r.body,
                  .avail_in = (uInt)r.body_n,
                  .next_out = out,
                  .avail_out = (uInt)n + 1};

    ck_assert_int_eq(inflateInit2(&z, window), Z_OK);
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(z.avail_in, 0);
    ck_assert_uint_eq(z.total_out, n);
    ck_assert_mem_eq(out, plain, n);
    inflateEnd(&z);
    free(out);
}

/* Of gzip the header differs in nothing: it holds no time. */
static void unpacks_to(const struct raw_reply *plain)
{
    uint8_t out[20001];
    size_t n = ZSTD_decompress(out, sizeof out, r.body, r.body_n);

    ck_assert_uint_eq(n, plain->body_n);
    ck_assert_mem_eq(out, plain->body, n);
}

START_TEST(encoded_body_decodes_to_the_plain_page)
{
    struct raw_reply plain;
    uint8_t out[20001];
    size_t n = sizeof out;

    raw_get(port, "/e?size=20000", &plain);
    get("/e?size=20000&encoding=gzip");
    ck_assert(raw_has(&r, "Content-Encoding: gzip"));
    inflates_to(plain.body, plain.body_n, 15 + 16);
    get("/e?size=20000&encoding=deflate");
    ck_assert(raw_has(&r, "Content-Encoding: deflate"));
    inflates_to(plain.body, plain.body_n, 15);
    get("/e?size=20000&encoding=br");
    ck_assert(raw_has(&r, "Content-Encoding: br"));
    ck_assert_int_eq(BrotliDecoderDecompress(r.body_n, (const uint8_t *)r.body, &n, out),
                     BROTLI_DECODER_RESULT_SUCCESS);
    ck_assert_uint_eq(n, plain.body_n);
    ck_assert_mem_eq(out, plain.body, n);
    get("/e?size=20000&encoding=zstd");
    ck_assert(raw_has(&r, "Content-Encoding: zstd"));
    ck_assert_uint_eq(ZSTD_decompress(out, sizeof out, r.body, r.body_n), plain.body_n);
    ck_assert_mem_eq(out, plain.body, plain.body_n);
    raw_free(&plain);
}
END_TEST

START_TEST(encodings_are_applied_in_turn)
{
    struct raw_reply gzip;

    raw_get(port, "/e?size=20000&encoding=gzip", &gzip);
    get("/e?size=20000&encoding=gzip,zstd");
    ck_assert(raw_has(&r, "Content-Encoding: gzip,zstd"));
    unpacks_to(&gzip);
    raw_free(&gzip);
    get("/?encoding=gzip,");
    ck_assert_int_eq(r.status, 200);
    get("/?encoding=gzip,lzma");
    ck_assert_int_eq(r.status, 400);
    get("/?encoding=");
    ck_assert_int_eq(r.status, 400);
}
END_TEST

START_TEST(encoding_may_be_the_transfers)
{
    struct raw_reply zstd;
    size_t largest, chunks;

    raw_get(port, "/e?size=20000&encoding=zstd", &zstd);
    get("/e?size=20000&encoding=zstd&transfer=1");
    ck_assert(raw_has(&r, "Transfer-Encoding: zstd, chunked"));
    ck_assert(!raw_has(&r, "Content-Encoding: zstd"));
    ck_assert(raw_unchunk(&r, &largest, &chunks));
    ck_assert_uint_eq(r.body_n, zstd.body_n);
    ck_assert_mem_eq(r.body, zstd.body, zstd.body_n);
    raw_free(&zstd);
}
END_TEST

START_TEST(encoded_body_may_be_spoilt_or_lied_about)
{
    struct raw_reply whole;

    raw_get(port, "/e?encoding=br", &whole);
    get("/e?encoding=br&cut=3");
    ck_assert_uint_eq(r.body_n, whole.body_n - 3);
    ck_assert_mem_eq(r.body, whole.body, r.body_n);
    get("/e?encoding=br&flip=3");
    ck_assert_uint_eq(r.body_n, whole.body_n);
    ck_assert_mem_eq(r.body, whole.body, r.body_n - 3);
    ck_assert_int_eq((uint8_t)r.body[r.body_n - 3], (uint8_t)~whole.body[r.body_n - 3]);
    ck_assert_mem_eq(r.body + r.body_n - 2, whole.body + r.body_n - 2, 2);
    get("/e?encoding=br&junk=3");
    ck_assert_uint_eq(r.body_n, whole.body_n + 3);
    ck_assert_mem_eq(r.body, whole.body, whole.body_n);
    ck_assert_mem_eq(r.body + whole.body_n, "\0\0", 3);
    get("/e?encoding=br&says=no,way");
    ck_assert(raw_has(&r, "Content-Encoding: no,way"));
    ck_assert_uint_eq(r.body_n, whole.body_n);
    get("/e?body=text&says=br");
    ck_assert(raw_has(&r, "Content-Encoding: br"));
    ck_assert_mem_eq(r.body, "text", 5);
    raw_free(&whole);
}
END_TEST

static void add_all(TCase *t)
{
    tcase_add_test(t, page_has_exactly_the_size_asked_for);
    tcase_add_test(t, page_is_a_function_of_seed_path_and_size);
    tcase_add_test(t, title_is_decoded_and_escaped);
    tcase_add_test(t, body_is_taken_from_the_query);
    tcase_add_test(t, empty_type_leaves_the_header_out);
    tcase_add_test(t, links_reach_every_page);
    tcase_add_loop_test(t, page_is_in_the_charset_it_names, 0,
                        sizeof charset_rows / sizeof charset_rows[0]);
    tcase_add_test(t, charset_is_declared_where_it_is_asked_for);
    tcase_add_test(t, impossible_charsets_are_refused);
    tcase_add_test(t, encoded_body_decodes_to_the_plain_page);
    tcase_add_test(t, encodings_are_applied_in_turn);
    tcase_add_test(t, encoding_may_be_the_transfers);
    tcase_add_test(t, encoded_body_may_be_spoilt_or_lied_about);
}

int main(void)
{
    Suite *suite = suite_create("origin pages");
    TCase *t = tcase_create("pages");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    add_all(t);
    suite_add_tcase(suite, t);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
