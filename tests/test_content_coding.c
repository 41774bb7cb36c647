/* The codings of a body: whatever they are cut into, the same comes out, and a step makes but little. */
#include <brotli/encode.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "fetch/content_coding.h"
#include "origin/coder.h"
#include "trawl.h"

#define MEGABYTE ((size_t)1 << 20)

static struct tw_coding *coding;
static struct tw_buf out;
static struct origin_bytes packed;
/* Of the last run: */
static size_t steps, most_made;

static void setup(void)
{
    coding = NULL;
    out = (struct tw_buf){0};
    packed = (struct origin_bytes){0};
}

static void teardown(void)
{
    tw_coding_free(coding);
    tw_buf_free(&out);
    origin_bytes_free(&packed);
}

/* ---- to pack ---- */

/* Some of it repeats, some does not. */
static struct origin_bytes text_of(size_t len)
{
    struct origin_bytes text = {0};
    unsigned state = 1;

    while (text.n < len) {
        state = state * 1103515245 + 12345;
        origin_bytes_print(&text, state >> 29 == 0 ? "%x" : "and so on, ", state);
    }
    text.n = len;
    return text;
}

/* packed := the bytes in these codings, then so many zeros. */
static void pack(const char *list, const void *bytes, size_t len, uint64_t zeros)
{
    struct origin_span span = {list, strlen(list)};
    struct origin_bytes copy = {0};
    struct origin_coder *coder;
    size_t left;

    packed.n = 0;
    origin_bytes_add(&copy, bytes, len);
    coder = origin_coder_open(span, &copy, zeros);
    while ((left = origin_coder_left(coder)) > 0) {
        origin_bytes_reserve(&packed, left);
        packed.n += origin_coder_read(coder, packed.p + packed.n, left);
    }
    origin_coder_free(coder);
}

/* ---- to unpack ---- */

static void begin(const char *content, const char *transfer)
{
    tw_coding_free(coding);
    coding = NULL;
    out.len = steps = most_made = 0;
    ck_assert_int_eq(tw_coding_add(&coding, TW_CODING_CONTENT, content, strlen(content)), 0);
    ck_assert_int_eq(tw_coding_add(&coding, TW_CODING_TRANSFER, transfer, strlen(transfer)), 0);
}

/* Feeds some bytes, of which max are taken out at a time; each piece is first refused once. They are moved
 * for each step: nothing may stay where it was. */
static int feed(const uint8_t *bytes, size_t len, size_t max)
{
    struct tw_coding_step step, again;
    size_t at = 0;
    int rc = 1;

    while (rc > 0) {
        char *copy = malloc(len - at + 1);

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, bytes + at, len - at);
        rc = tw_coding_run(coding, copy, len - at, &step);
        free(copy);
        ck_assert_uint_le(step.used, len - at);
        ck_assert_uint_le(step.len, TW_CODING_PIECE);
        ck_assert(rc > 0 || step.len == 0);
        at += step.used;
        steps++;
        if (step.cost > most_made)
            most_made = step.cost;
        if (step.len == 0)
            continue;
        ck_assert_int_eq(tw_coding_run(coding, NULL, 0, &again), 1);
        ck_assert(again.piece == step.piece && again.len == step.len && again.cost == 0);
        ck_assert_int_eq(tw_buf_append(&out, step.piece, step.len < max ? step.len : max), 0);
        tw_coding_take(coding, step.len < max ? step.len : max);
    }
    ck_assert(rc < 0 || at == len);
    return rc;
}

/* All of packed, cut into pieces of that size. */
static int unpack(const char *content, size_t cut, size_t max)
{
    int err = 0;

    begin(content, "");
    for (size_t at = 0; at < packed.n && err == 0; at += cut)
        err = feed(packed.p + at, packed.n - at < cut ? packed.n - at : cut, max);
    return err == 0 ? tw_coding_end(coding) : err;
}

static void expect(const char *content, size_t cut, size_t max, const struct origin_bytes *text)
{
    int err = unpack(content, cut, max);

    ck_assert_msg(err == 0, "%s, cut to %zu: %s", content, cut, tw_coding_fault(coding));
    ck_assert_uint_eq(out.len, text->n);
    if (text->n > 0)
        ck_assert_mem_eq(out.data, text->p, text->n);
}

static void expect_fault(const char *content, size_t cut, const char *fault)
{
    ck_assert_int_eq(unpack(content, cut, SIZE_MAX), TRAWL_EENCODING);
    ck_assert_str_eq(tw_coding_fault(coding), fault);
}

/* ---- what is whole ---- */

static const char *const lists[] = {
    "gzip", "deflate", "br", "zstd", "gzip,br", "br,gzip", "zstd,deflate", "deflate,zstd,br",
    "gzip,gzip,gzip,gzip,gzip", "br,br,br,br,br", "zstd,br,zstd,gzip,deflate",
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

START_TEST(all_that_is_listed_is_undone)
{
    struct origin_bytes text = text_of(150000);

    pack(lists[_i], text.p, text.n, 0);
    expect(lists[_i], SIZE_MAX / 2, SIZE_MAX, &text);
    expect(lists[_i], 16384, SIZE_MAX, &text);
    expect(lists[_i], 1, SIZE_MAX, &text);
    expect(lists[_i], 777, 4099, &text);
    origin_bytes_free(&text);
}
END_TEST

START_TEST(it_may_be_cut_anywhere)
{
    struct origin_bytes text = text_of(700);

    pack(lists[_i], text.p, text.n, 0);
    for (size_t at = 1; at < packed.n; at++) {
        begin(lists[_i], "");
        ck_assert_int_eq(feed(packed.p, at, SIZE_MAX), 0);
        ck_assert_int_eq(feed(packed.p + at, packed.n - at, SIZE_MAX), 0);
        ck_assert_int_eq(tw_coding_end(coding), 0);
        ck_assert_uint_eq(out.len, text.n);
        ck_assert_mem_eq(out.data, text.p, text.n);
    }
    for (size_t max = 1; max <= text.n; max++)
        expect(lists[_i], 50, max, &text);
    origin_bytes_free(&text);
}
END_TEST

START_TEST(an_empty_body_may_be_coded_or_not)
{
    struct origin_bytes none = {0};

    pack(lists[_i], "", 0, 0);
    expect(lists[_i], 1, SIZE_MAX, &none);
    packed.n = 0;
    expect(lists[_i], 1, SIZE_MAX, &none);
}
END_TEST

/* ---- what other clients take, too ---- */

static void deflate_text(const struct origin_bytes *text, int window)
{
    z_stream z = {0};
    gz_header header = {.extra = (Bytef *)(uintptr_t)"extra", .extra_len = 5,
                        .name = (Bytef *)(uintptr_t)"a name", .hcrc = 1,
                        .comment = (Bytef *)(uintptr_t)"a comment"};

    packed.n = 0;
    origin_bytes_reserve(&packed, text->n + 1000);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY), Z_OK);
    if (window > 15)
        ck_assert_int_eq(deflateSetHeader(&z, &header), Z_OK);
    z.next_in = text->p;
    z.avail_in = (uInt)text->n;
    z.next_out = packed.p;
    z.avail_out = (uInt)packed.cap;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed.n = packed.cap - z.avail_out;
    deflateEnd(&z);
}

START_TEST(deflate_comes_with_a_header_or_raw)
{
    struct origin_bytes text = text_of(50000);

    for (int window = 9; window <= 15; window++) {
        deflate_text(&text, window);
        expect("deflate", 1, SIZE_MAX, &text);
        deflate_text(&text, -window);
        expect("deflate", 1, SIZE_MAX, &text);
        expect("deflate", 100000, SIZE_MAX, &text);
    }
    for (text.n = 0; text.n < 4; text.n++) { /* shorter than what tells one from the other */
        deflate_text(&text, -15);
        expect("deflate", 1, SIZE_MAX, &text);
    }
    origin_bytes_free(&text);
}
END_TEST

START_TEST(a_few_bytes_may_follow_raw_deflate)
{
    struct origin_bytes text = text_of(1000);

    deflate_text(&text, -15);
    origin_bytes_add(&packed, "abcd", 4);
    expect("deflate", 1, SIZE_MAX, &text);
    expect("deflate", 10000, SIZE_MAX, &text);
    origin_bytes_add(&packed, "e", 1);
    expect_fault("deflate", 1, "deflate: more follows its end");
    expect_fault("deflate", 10000, "deflate: more follows its end");
    origin_bytes_free(&text);
}
END_TEST

START_TEST(gzip_may_have_all_that_a_header_can_have_or_be_zlib)
{
    struct origin_bytes text = text_of(1000);

    deflate_text(&text, 15 + 16);
    expect("x-gzip", 1, SIZE_MAX, &text);
    deflate_text(&text, 15);
    expect("gzip", 1, SIZE_MAX, &text);
    origin_bytes_free(&text);
}
END_TEST

START_TEST(zstd_may_have_many_frames)
{
    static const uint8_t skipped[] = {0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    struct origin_bytes text = text_of(1000), frames = {0}, twice = {0};

    pack("zstd", text.p, text.n, 0);
    origin_bytes_add(&frames, skipped, sizeof(skipped));
    for (int i = 0; i < 2; i++) {
        origin_bytes_add(&frames, packed.p, packed.n);
        origin_bytes_add(&frames, skipped, sizeof(skipped));
        origin_bytes_add(&twice, text.p, text.n);
    }
    packed.n = 0;
    origin_bytes_add(&packed, frames.p, frames.n);
    expect("zstd", 1, SIZE_MAX, &twice);
    expect("zstd", 10000, SIZE_MAX, &twice);
    packed.n = sizeof(skipped);
    twice.n = 0;
    expect("zstd", 1, SIZE_MAX, &twice);
    origin_bytes_free(&text);
    origin_bytes_free(&frames);
    origin_bytes_free(&twice);
}
END_TEST

/* ---- lists ---- */

static void read_list(const char *content, const char *more, const char *transfer)
{
    begin(content, transfer);
    ck_assert_int_eq(tw_coding_add(&coding, TW_CODING_CONTENT, more, strlen(more)), 0);
}

START_TEST(lists_go_over_lines_and_fields)
{
    static const char *const rows[][3] = {
        {"gzip,br,zstd", "", ""},
        {" GZip\t, identity ,, bR,", "zStD\r\n", ""},
        {"gzip", "br", " zstd, Chunked\r\n"},
        {"none,gzip", "", "br,zstd"},
        {"x-gzip", "", "br , zstd , identity,chunked"},
    };

    pack("gzip,br,zstd", "text", 4, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_list(rows[i][0], rows[i][1], rows[i][2]);
        ck_assert_int_eq(feed(packed.p, packed.n, SIZE_MAX), 0);
        ck_assert_int_eq(tw_coding_end(coding), 0);
        ck_assert_uint_eq(out.len, 4);
        ck_assert_mem_eq(out.data, "text", 4);
    }
}
END_TEST

START_TEST(what_is_no_coding_makes_none)
{
    static const char *const rows[] = {"", " ", ",", "identity", " , Identity,none\r\n"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i], "chunked, identity");
        ck_assert_ptr_null(coding);
    }
}
END_TEST

START_TEST(what_cannot_be_undone_is_named)
{
    static const struct {
        const char *list, *fault;
    } rows[] = {
        {"foo", "foo: this coding is not known"},
        {"gzip, chunked", "chunked: this coding is not known"},
        {"gzip;q=1, bar", "gzip;q=1: this coding is not known"},
        {"g\033[2J\x80", "g?[2J?: this coding is not known"},
        {"gzi", "gzi: this coding is not known"},
        {"012345678901234567890123456789012345678901234567890",
         "012345678901234567890123456789012345678: this coding is not known"},
        {"br,br,br,br,br,zstd,foo", "zstd: this coding is one more than the 5 that are undone"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct origin_bytes none = {0};

        packed.n = 0;
        origin_bytes_add(&packed, "a", 1);
        expect_fault(rows[i].list, 1, rows[i].fault);
        packed.n = 0;
        expect(rows[i].list, 1, SIZE_MAX, &none);
    }
}
END_TEST

/* ---- what is broken ---- */

static void name_fault(const char *list, const char *what, char *fault, size_t size)
{
    const char *comma = strrchr(list, ',');

    snprintf(fault, size, "%s: %s", comma == NULL ? list : comma + 1, what);
}

START_TEST(what_is_cut_off_is_told)
{
    struct origin_bytes text = text_of(700);
    char fault[64];
    size_t whole;

    pack(lists[_i], text.p, text.n, 0);
    name_fault(lists[_i], "it is cut off", fault, sizeof(fault));
    for (whole = packed.n; packed.n > 1;) {
        packed.n--;
        expect_fault(lists[_i], 1 + packed.n / 2, fault);
        ck_assert_uint_le(out.len, text.n);
        ck_assert(out.len == 0 || memcmp(out.data, text.p, out.len) == 0);
    }
    ck_assert_uint_gt(whole, 10);
    origin_bytes_free(&text);
}
END_TEST

START_TEST(what_is_cut_off_inside_is_told_too)
{
    struct origin_bytes text = text_of(700), inner = {0};

    pack("gzip", text.p, text.n, 0);
    origin_bytes_add(&inner, packed.p, packed.n - 1);
    pack("br", inner.p, inner.n, 0);
    expect_fault("gzip,br", 10, "gzip: it is cut off");
    ck_assert_uint_eq(out.len, text.n);
    origin_bytes_free(&text);
    origin_bytes_free(&inner);
}
END_TEST

START_TEST(nothing_may_follow)
{
    static const struct {
        const char *list, *fault;
    } rows[] = {
        {"gzip", "gzip: more follows its end"},
        {"deflate", "deflate: more follows its end"},
        {"br", "br: more follows its end"},
        {"zstd", "zstd: no frame begins where one should"},
    };
    struct origin_bytes text = text_of(700);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pack(rows[i].list, text.p, text.n, 0);
        origin_bytes_fill(&packed, 0, 4);
        expect_fault(rows[i].list, 1, rows[i].fault);
        expect_fault(rows[i].list, 10000, rows[i].fault);
        ck_assert_uint_eq(out.len, text.n);
    }
    origin_bytes_free(&text);
}
END_TEST

/* What has no checksum may come out wrong, but never another way for another cut. */
START_TEST(each_byte_may_be_wrong)
{
    struct origin_bytes text = text_of(700);

    pack(lists[_i], text.p, text.n, 0);
    for (size_t i = 0; i < packed.n; i++) {
        struct tw_buf whole;
        int err;

        packed.p[i] ^= 0xff;
        err = unpack(lists[_i], packed.n, SIZE_MAX);
        whole = out;
        out = (struct tw_buf){0};
        ck_assert_int_eq(unpack(lists[_i], 1, 9), err);
        ck_assert(err == 0 || err == TRAWL_EENCODING);
        ck_assert(err == 0 || tw_coding_fault(coding)[0] != '\0');
        ck_assert(err != 0 || (out.len == whole.len && memcmp(out.data, whole.data, out.len) == 0));
        tw_buf_free(&whole);
        packed.p[i] ^= 0xff;
    }
    origin_bytes_free(&text);
}
END_TEST

START_TEST(checksums_are_looked_at)
{
    struct origin_bytes text = text_of(700);

    pack("gzip", text.p, text.n, 0);
    packed.p[packed.n - 8] ^= 1;
    expect_fault("gzip", 100, "gzip: incorrect data check");
    packed.p[packed.n - 8] ^= 1;
    packed.p[packed.n - 1] ^= 1;
    expect_fault("gzip", 100, "gzip: incorrect length check");
    pack("deflate", text.p, text.n, 0);
    packed.p[packed.n - 1] ^= 1;
    expect_fault("deflate", 100, "deflate: incorrect data check");
    origin_bytes_free(&text);
}
END_TEST

/* ---- bounds ---- */

START_TEST(a_step_makes_but_little)
{
    pack(lists[_i], "", 0, 20 * MEGABYTE);
    ck_assert_int_eq(unpack(lists[_i], SIZE_MAX / 2, SIZE_MAX), 0);
    ck_assert_uint_eq(out.len, 20 * MEGABYTE);
    ck_assert_uint_ge(steps, 20 * MEGABYTE / TW_CODING_PIECE);
    if (strstr(lists[_i], "br") == NULL)
        ck_assert_uint_le(most_made, (1 + TW_CODING_INPUT_COST) * TW_CODING_PIECE);
    else /* brotli's window, of 4 MiB here */
        ck_assert_uint_le(most_made, 4 * MEGABYTE + TW_CODING_INPUT_COST * TW_CODING_PIECE);
}
END_TEST

/* The outer coding makes 20 MB, of which the inner one makes nothing: it is work all the same. */
START_TEST(what_makes_nothing_is_cut_too)
{
    static const uint8_t skipped[] = {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0x40, 1};
    static const char *const outer[] = {"gzip", "br", "zstd"};
    static const char *const inner[] = {"zstd,gzip", "zstd,br", "zstd,zstd"};

    for (size_t i = 0; i < 3; i++) {
        pack(outer[i], skipped, sizeof(skipped), 20 * MEGABYTE);
        ck_assert_int_eq(unpack(inner[i], SIZE_MAX / 2, SIZE_MAX), 0);
        ck_assert_uint_eq(out.len, 0);
        ck_assert_uint_ge(steps, 20 * MEGABYTE / TW_CODING_PIECE);
        ck_assert_uint_le(most_made, 4 * MEGABYTE + TW_CODING_INPUT_COST * TW_CODING_PIECE);
    }
}
END_TEST

static void zstd_with_window(int log)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    struct origin_bytes zeros = {0};
    ZSTD_inBuffer in;
    ZSTD_outBuffer to;

    origin_bytes_fill(&zeros, 0, ((size_t)1 << log) + 1);
    packed.n = 0;
    origin_bytes_reserve(&packed, MEGABYTE);
    in = (ZSTD_inBuffer){zeros.p, zeros.n, 0};
    to = (ZSTD_outBuffer){packed.p, packed.cap, 0};
    ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, log);
    while (in.pos < in.size)
        ck_assert(!ZSTD_isError(ZSTD_compressStream2(z, &to, &in, ZSTD_e_continue)));
    ck_assert_uint_eq(ZSTD_compressStream2(z, &to, &in, ZSTD_e_end), 0);
    packed.n = to.pos;
    ZSTD_freeCCtx(z);
    origin_bytes_free(&zeros);
}

/* RFC 9659 section 3. */
START_TEST(windows_of_zstd_are_limited)
{
    zstd_with_window(23);
    ck_assert_int_eq(unpack("zstd", 16384, SIZE_MAX), 0);
    ck_assert_uint_eq(out.len, 8 * MEGABYTE + 1);
    zstd_with_window(24);
    expect_fault("zstd", 16384, "zstd: Frame requires too much memory for decoding");
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(formats_before_the_standard_are_no_zstd)
{
    for (uint8_t version = 0x22; version <= 0x27; version++) {
        const uint8_t magic[] = {version, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0};

        packed.n = 0;
        origin_bytes_add(&packed, magic, sizeof(magic));
        expect_fault("zstd", 1, "zstd: no frame begins where one should");
    }
}
END_TEST

static void brotli_with_window(int log, bool large)
{
    BrotliEncoderState *b = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    struct origin_bytes text = text_of(100000);
    const uint8_t *from = text.p;
    size_t left = text.n, room;
    uint8_t *to;

    packed.n = 0;
    origin_bytes_reserve(&packed, 2 * text.n);
    to = packed.p;
    room = packed.cap;
    BrotliEncoderSetParameter(b, BROTLI_PARAM_LARGE_WINDOW, large);
    BrotliEncoderSetParameter(b, BROTLI_PARAM_LGWIN, (uint32_t)log);
    ck_assert(BrotliEncoderCompressStream(b, BROTLI_OPERATION_FINISH, &left, &from, &room, &to, NULL));
    ck_assert(BrotliEncoderIsFinished(b));
    packed.n = packed.cap - room;
    BrotliEncoderDestroyInstance(b);
    origin_bytes_free(&text);
}

START_TEST(windows_of_brotli_are_those_of_the_standard)
{
    for (int log = 10; log <= 24; log++) {
        brotli_with_window(log, false);
        ck_assert_int_eq(unpack("br", 100, SIZE_MAX), 0);
        ck_assert_uint_eq(out.len, 100000);
    }
    brotli_with_window(25, true);
    expect_fault("br", 100, "br: WINDOW_BITS");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("content_coding");
    TCase *tc = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, all_that_is_listed_is_undone, 0, LISTS);
    tcase_add_loop_test(tc, it_may_be_cut_anywhere, 0, LISTS);
    tcase_add_loop_test(tc, an_empty_body_may_be_coded_or_not, 0, LISTS);
    tcase_add_test(tc, deflate_comes_with_a_header_or_raw);
    tcase_add_test(tc, a_few_bytes_may_follow_raw_deflate);
    tcase_add_test(tc, gzip_may_have_all_that_a_header_can_have_or_be_zlib);
    tcase_add_test(tc, zstd_may_have_many_frames);
    tcase_add_test(tc, lists_go_over_lines_and_fields);
    tcase_add_test(tc, what_is_no_coding_makes_none);
    tcase_add_test(tc, what_cannot_be_undone_is_named);
    tcase_add_loop_test(tc, what_is_cut_off_is_told, 0, LISTS);
    tcase_add_test(tc, what_is_cut_off_inside_is_told_too);
    tcase_add_test(tc, nothing_may_follow);
    tcase_add_loop_test(tc, each_byte_may_be_wrong, 0, LISTS);
    tcase_add_test(tc, checksums_are_looked_at);
    tcase_add_loop_test(tc, a_step_makes_but_little, 0, LISTS);
    tcase_add_test(tc, what_makes_nothing_is_cut_too);
    tcase_add_test(tc, windows_of_zstd_are_limited);
    tcase_add_test(tc, formats_before_the_standard_are_no_zstd);
    tcase_add_test(tc, windows_of_brotli_are_those_of_the_standard);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
