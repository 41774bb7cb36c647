#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse/text.h"

#define ALL SIZE_MAX
#define BAD "\xEF\xBF\xBD"

static struct tw_text *text;
static struct tw_buf out;

static void open_text(void)
{
    ck_assert_int_eq(tw_text_open(&text), 0);
}

static void close_text(void)
{
    tw_text_free(text);
    tw_buf_free(&out);
}

static void check_text(const char *charset, const void *body, size_t len, size_t n,
                       const char *want, size_t want_len)
{
    tw_buf_reset(&out, SIZE_MAX);
    ck_assert_int_eq(tw_text_excerpt(text, &out, charset, body, len, n), 0);
    ck_assert_uint_eq(out.len, want_len);
    ck_assert_int_eq(want_len == 0 ? 0 : memcmp(out.data, want, want_len), 0);
    ck_assert_msg(out.data == NULL || out.data[out.len] == '\0', "not terminated");
}

#define CHECK_N(charset, body, n, want)                                                        \
    check_text(charset, body, sizeof(body) - 1, n, want, sizeof(want) - 1)
#define CHECK(charset, body, want) CHECK_N(charset, body, ALL, want)

START_TEST(characters_are_counted_not_bytes)
{
    CHECK_N("UTF-8", "abcdefghijklmnop", 10, "abcdefghij");
    CHECK_N("UTF-8", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x", 3,
            "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK_N("windows-1252", "\xE9\x80\xE9", 2, "\xC3\xA9\xE2\x82\xAC");
    CHECK_N("Shift_JIS", "\x82\xA0\x82\xA2", 1, "\xE3\x81\x82");
    CHECK_N("UTF-16LE",
            "\x3D\xD8\x00\xDE"
            "a\0",
            1, "\xF0\x9F\x98\x80");
    CHECK_N("UTF-8", "abc", 0, "");
    CHECK_N("UTF-8", "abc", 100, "abc");
    CHECK_N(NULL, "abc\xE9", 3, "abc");
}
END_TEST

START_TEST(text_is_appended)
{
    CHECK("UTF-8", "abc", "abc");
    ck_assert_int_eq(tw_text_excerpt(text, &out, "KOI8-R", "\xC1", 1, 5), 0);
    ck_assert_str_eq(out.data, "abc\xD0\xB0");
}
END_TEST

START_TEST(nothing_yields_nothing)
{
    check_text(NULL, NULL, 0, ALL, NULL, 0);
    check_text("replacement", NULL, 0, ALL, NULL, 0);
    CHECK("UTF-8", "\xEF\xBB\xBF", "");
    CHECK("replacement", "abc", BAD);
}
END_TEST

START_TEST(control_characters_pass)
{
    CHECK("UTF-8", "a\0b\x1B\x7F", "a\0b\x1B\x7F");
    CHECK("windows-1252", "a\0b\xE9", "a\0b\xC3\xA9");
    CHECK("Shift_JIS", "\0\x82\xA0", "\0\xE3\x81\x82");
}
END_TEST

START_TEST(a_mark_is_dropped_and_beats_the_charset)
{
    CHECK("KOI8-R", "\xEF\xBB\xBF\xC3\xA9", "\xC3\xA9");
    CHECK(NULL, "\xFF\xFE\xE9\0", "\xC3\xA9");
    CHECK("UTF-8", "\xFE\xFF\0\xE9", "\xC3\xA9");
    CHECK("UTF-8", "a\xEF\xBB\xBF", "a\xEF\xBB\xBF");
}
END_TEST

START_TEST(invalid_utf8_becomes_one_replacement_a_maximal_part)
{
    CHECK("UTF-8", "\xFF|", BAD "|");
    CHECK("UTF-8", "\x80\x80|", BAD BAD "|");
    CHECK("UTF-8", "\xC0\xAF|", BAD BAD "|");
    CHECK("UTF-8", "\xC3|", BAD "|");
    CHECK("UTF-8", "\xE2\x82|", BAD "|");
    CHECK("UTF-8", "\xE0\x80\x80|", BAD BAD BAD "|");
    CHECK("UTF-8", "\xED\xA0\x80|", BAD BAD BAD "|"); /* a surrogate */
    CHECK("UTF-8", "\xF0\x9F\x98|", BAD "|");
    CHECK("UTF-8", "\xF0\x80\x80\x80|", BAD BAD BAD BAD "|");
    CHECK("UTF-8", "\xF4\x90\x80\x80|", BAD BAD BAD BAD "|"); /* past U+10FFFF */
    CHECK("UTF-8", "\xF5\x80|", BAD BAD "|");
    CHECK("UTF-8",
          "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
          "A",
          BAD BAD BAD BAD "A");
    CHECK("UTF-8", "\xF4\x8F\xBF\xBF\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF\xEF\xBF\xBF");
}
END_TEST

START_TEST(a_sequence_cut_at_the_end_is_left_out)
{
    CHECK("UTF-8", "a\xC3", "a");
    CHECK("UTF-8", "a\xE2\x82", "a");
    CHECK("UTF-8", "a\xF0\x9F\x98", "a");
    CHECK("UTF-8", "a\xE0\x80", "a" BAD BAD); /* no end would mend these */
    CHECK("UTF-16LE", "a\0b", "a");
    CHECK("UTF-16LE", "a\0\x3D\xD8", "a");
    CHECK("UTF-16LE", "a\0\x3D\xD8\x00", "a");
    CHECK("Shift_JIS", "a\x82", "a");
    CHECK("EUC-JP", "a\xA4", "a");
    CHECK("EUC-JP", "a\x8F\xB0", "a");
    CHECK("EUC-KR", "a\xB0", "a");
    CHECK("Big5", "a\xA4", "a");
    CHECK("GBK", "a\xB0", "a");
    CHECK("gb18030", "a\x81\x30", "a");
    CHECK("gb18030", "a\x81\x30\x81", "a");
    CHECK("ISO-2022-JP", "a\x1B$", "a");
    CHECK("ISO-2022-JP", "a\x1B", "a");
    CHECK("ISO-2022-JP", "a\x1B$B\x24", "a");
}
END_TEST

START_TEST(utf16_is_decoded_with_lone_surrogates_replaced)
{
    CHECK("UTF-16LE", "a\0\xAC\x20", "a\xE2\x82\xAC");
    CHECK("UTF-16BE", "\0a\x20\xAC\xD8\x3D\xDE\x00", "a\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK("UTF-16BE", "\xD8\x3D\0a", BAD "a");
    CHECK("UTF-16BE", "\xDE\x00\0a", BAD "a");
    CHECK("UTF-16BE", "\xD8\x3D\xD8\x3D\xDE\x00", BAD "\xF0\x9F\x98\x80");
}
END_TEST

START_TEST(without_a_charset_valid_utf8_is_utf8)
{
    CHECK(NULL, "caf\xC3\xA9", "caf\xC3\xA9");
    CHECK(NULL, "caf\xC3\xA9 \xE2\x82", "caf\xC3\xA9 ");
    CHECK(NULL, "caf\xE9!", "caf\xC3\xA9!");
    CHECK(NULL,
          "\x93"
          "a\x94",
          "\xE2\x80\x9C"
          "a\xE2\x80\x9D");
    CHECK(NULL, "\xC3\xA9\xE9!", "\xC3\x83\xC2\xA9\xC3\xA9!");
    CHECK("no-such-name", "caf\xE9!", "caf\xC3\xA9!");
    CHECK_N(NULL, "caf\xC3\xA9 and then \xFF", 4,
            "caf\xC3\x83"); /* judged by all that is there */
}
END_TEST

START_TEST(single_byte_encodings)
{
    CHECK("windows-1252", "\x80\x81\x9F\xFF", "\xE2\x82\xAC\xC2\x81\xC5\xB8\xC3\xBF");
    CHECK("windows-1251", "\xCF\xF0\x98", "\xD0\x9F\xD1\x80\xC2\x98");
    CHECK("KOI8-R", "\xF0\xD2", "\xD0\x9F\xD1\x80");
    CHECK("KOI8-U", "\xAE\xBE\xA4", "\xD1\x9E\xD0\x8E\xD1\x94");
    CHECK("macintosh", "\x80\xC6\xDB\xF0", "\xC3\x84\xE2\x88\x86\xE2\x82\xAC\xEF\xA3\xBF");
    CHECK("x-mac-cyrillic", "\x80\xFF", "\xD0\x90\xE2\x82\xAC");
    CHECK("windows-1255", "\xE0\xCA\xD9", "\xD7\x90\xD6\xBA" BAD);
    CHECK("windows-1258", "a\xCC", "a\xCC\x80"); /* not composed */
    CHECK("windows-874", "\xA1\xDB\x81", "\xE0\xB8\x81" BAD "\xC2\x81");
    CHECK("ISO-8859-2", "\xB1", "\xC4\x85");
    CHECK("ISO-8859-8", "\xE0\xBF", "\xD7\x90" BAD);
    CHECK("ISO-8859-8-I", "\xE0", "\xD7\x90");
    CHECK("ISO-8859-15", "\xA4", "\xE2\x82\xAC");
    CHECK("IBM866", "\x80", "\xD0\x90");
    CHECK("x-user-defined", "a\x80\xFF", "a\xEF\x9E\x80\xEF\x9F\xBF");
}
END_TEST

START_TEST(japanese_encodings)
{
    /* あ, the half-width ｱ and ① (outside JIS X 0208 proper) */
    CHECK("Shift_JIS", "\x82\xA0\xB1\x87\x40\\~\x80",
          "\xE3\x81\x82\xEF\xBD\xB1\xE2\x91\xA0\\~\xC2\x80");
    CHECK("EUC-JP", "\xA4\xA2\x8E\xB1\xAD\xA1", "\xE3\x81\x82\xEF\xBD\xB1\xE2\x91\xA0");
    CHECK("EUC-JP", "\x8F\xB0\xA1", "\xE4\xB8\x82"); /* 丂 of JIS X 0212 */
    CHECK("ISO-2022-JP", "a\x1B$B\x24\x22\x2D\x21\x1B(Bb\x1B(I\x31\x1B(J\\~",
          "a\xE3\x81\x82\xE2\x91\xA0"
          "b\xEF\xBD\xB1\xC2\xA5\xE2\x80\xBE");
    CHECK("Shift_JIS", "\xF0\x40", "\xEE\x80\x80"); /* private use */
}
END_TEST

START_TEST(korean_and_chinese_encodings)
{
    CHECK("EUC-KR", "\xB0\xA1\x81\x41", "\xEA\xB0\x80\xEA\xB0\x82"); /* 가 and 갂 of UHC */
    CHECK("GBK", "\xD6\xD0\x80", "\xE4\xB8\xAD\xE2\x82\xAC");
    CHECK("gb18030", "\x81\x30\x81\x30\x90\x30\x81\x30", "\xC2\x80\xF0\x90\x80\x80");
    CHECK("gb18030", "\xE3\x32\x9A\x35\xE3\x32\x9A\x36|", "\xF4\x8F\xBF\xBF" BAD "|");
    CHECK("gb18030", "\x82\x35\x90\x37\x84\x31\x82\x36\x81\x35\xF4\x37",
          "\xE9\xBE\xB4\xEF\xB8\x90\xEE\x9F\x87");
    CHECK("gb18030", "\xA3\xA0\xFE\x51", "\xE3\x80\x80\xEE\xA0\x96");
    CHECK("Big5", "\xA4\xA4\x87\x40", "\xE4\xB8\xAD\xE4\x8F\xB0");
    CHECK("Big5", "\x88\x62\x88\x64\x88\xA3\x88\xA5",
          "\xC3\x8A\xCC\x84\xC3\x8A\xCC\x8C\xC3\xAA\xCC\x84\xC3\xAA\xCC\x8C");
    CHECK_N("Big5", "\x88\x62", 1, "\xC3\x8A");
    CHECK("Big5", "\xA1\x45\xA3\xC0\xA3\xE0\xA3\xE1",
          "\xE2\x80\xA7\xE2\x90\x80\xE2\x90\xA1\xE2\x82\xAC");
}
END_TEST

START_TEST(a_bad_pair_does_not_swallow_ascii)
{
    CHECK("Shift_JIS", "\x82<b>", BAD "<b>");
    CHECK("Shift_JIS", "\x82\xFF|", BAD "|");
    CHECK("Shift_JIS", "\xA0\xFD|", BAD BAD "|");
    CHECK("EUC-JP", "\xA4<b>", BAD "<b>");
    CHECK("EUC-JP", "\xA4\x80|", BAD "|");
    CHECK("EUC-JP", "\x8E\xE0|", BAD "|");
    CHECK("EUC-JP", "\x8F<b>", BAD "<b>");
    CHECK("EUC-JP", "\x8F\xA1<b>", BAD "<b>");
    CHECK("EUC-JP", "\x8F\xA1\x80|", BAD "|");
    CHECK("EUC-JP", "\x80|", BAD "|");
    CHECK("EUC-KR", "\xB0<b>\xFF|", BAD "<b>" BAD "|");
    CHECK("EUC-KR", "\xC9\x41|", BAD "A|"); /* a pair of the right form, unmapped */
    CHECK("Big5", "\xA4<b>", BAD "<b>");
    CHECK("Big5", "\xA4\x80|\xFF|", BAD "|" BAD "|");
    CHECK("GBK", "\xB0<b>\xFF|", BAD "<b>" BAD "|");
    CHECK("gb18030", "\x81\x30<b>", BAD "0<b>");
    CHECK("gb18030", "\x81\x30\x81<b>", BAD "0" BAD "<b>");
    CHECK("gb18030", "\x85\x30\x81\x30|", BAD "|");
}
END_TEST

START_TEST(iso_2022_jp_errors)
{
    CHECK("ISO-2022-JP", "\x1B$Z|", BAD "$Z|");
    CHECK("ISO-2022-JP", "\x1B$B\x1B(B|", BAD "|"); /* nothing between two escapes */
    CHECK("ISO-2022-JP", "\x1B$B\x24\x1B(B|", BAD "|");
    CHECK("ISO-2022-JP", "\x1B$B\x24\x80\x24\x22", BAD "\xE3\x81\x82");
    CHECK("ISO-2022-JP", "\x1B$B\n\x24\x22", BAD "\xE3\x81\x82");
    CHECK("ISO-2022-JP", "\x80\x0E\x0F|", BAD BAD BAD "|");
    CHECK("ISO-2022-JP", "\x1B(I|", BAD);
}
END_TEST

/* Any bytes, but often those that begin sequences and escapes. */
static void fill(uint8_t *p, size_t len, uint32_t *seed)
{
    static const uint8_t often[] = {0x1B, '$',  'B',  '(',  'J',  0x81, 0x30, 0x8F, 0xA1,
                                    0xE3, 0xF0, 0x9F, 0xD8, 0xDC, 0x00, 0x88, 0x62, 'a'};

    for (size_t i = 0; i < len; i++) {
        *seed = *seed * 1103515245u + 12345u;
        p[i] = (*seed >> 16) % 3 == 0 ? (uint8_t)(*seed >> 20)
                                      : often[(*seed >> 18) % sizeof(often)];
    }
}

START_TEST(a_text_can_be_decoded_in_pieces_of_any_size)
{
    static const char *const charsets[] = {
        "UTF-8",  "UTF-16LE",       "UTF-16BE",   "ISO-2022-JP", "Shift_JIS",
        "EUC-JP", "EUC-KR",         "gb18030",    "GBK",         "Big5",
        "KOI8-R", "x-user-defined", "replacement"};
    struct tw_buf pieces = {0};
    uint8_t bytes[300];
    uint32_t seed = 7;

    for (unsigned round = 0; round < 13 * 200; round++) {
        const char *charset = charsets[round % 13];
        struct tw_text_state state = {0};
        size_t piece = 4 + round / 13 % 30, at = 0, used = 1;

        fill(bytes, sizeof(bytes), &seed);
        bytes[0] = 'x'; /* no byte order mark */
        tw_buf_reset(&out, SIZE_MAX);
        tw_buf_reset(&pieces, SIZE_MAX);
        ck_assert_int_eq(tw_text_excerpt(text, &out, charset, bytes, sizeof(bytes), ALL), 0);
        for (; at < sizeof(bytes) && used > 0; at += used)
            ck_assert_int_eq(
                tw_text_decode(text, &state, &pieces, charset, bytes + at,
                               sizeof(bytes) - at < piece ? sizeof(bytes) - at : piece, &used),
                0);
        ck_assert_uint_gt(at, sizeof(bytes) - 4);
        ck_assert_msg(pieces.len == out.len && memcmp(pieces.data, out.data, out.len) == 0,
                      "%s in pieces of %zu", charset, piece);
    }
    tw_buf_free(&pieces);
}
END_TEST

START_TEST(a_guess_looks_at_the_first_megabyte)
{
    size_t len = (size_t)2 << 20;
    char *body = malloc(len);

    ck_assert_ptr_nonnull(body);
    memset(body, 'x', len);
    ck_assert_str_eq(tw_text_guess(body, len), "UTF-8");
    body[len / 2] = '\xFF';
    ck_assert_str_eq(tw_text_guess(body, len), "UTF-8");
    body[len / 2 - 1] = '\xFF';
    ck_assert_str_eq(tw_text_guess(body, len), "windows-1252");
    body[len / 2 - 1] = '\xC3'; /* cut there */
    ck_assert_str_eq(tw_text_guess(body, len), "UTF-8");
    ck_assert_str_eq(tw_text_guess(NULL, 0), "UTF-8");
    free(body);
}
END_TEST

START_TEST(utf8_is_recognised)
{
    ck_assert(tw_text_is_utf8(NULL, 0));
    ck_assert(tw_text_is_utf8("a\0\xC3\xA9", 4));
    ck_assert(!tw_text_is_utf8("\xC3", 1));
    ck_assert(!tw_text_is_utf8("\xED\xA0\x80", 3));
}
END_TEST

START_TEST(free_takes_null)
{
    tw_text_free(NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, open_text, close_text);
    tcase_add_test(t, characters_are_counted_not_bytes);
    tcase_add_test(t, text_is_appended);
    tcase_add_test(t, nothing_yields_nothing);
    tcase_add_test(t, control_characters_pass);
    tcase_add_test(t, a_mark_is_dropped_and_beats_the_charset);
    tcase_add_test(t, invalid_utf8_becomes_one_replacement_a_maximal_part);
    tcase_add_test(t, a_sequence_cut_at_the_end_is_left_out);
    tcase_add_test(t, utf16_is_decoded_with_lone_surrogates_replaced);
    tcase_add_test(t, without_a_charset_valid_utf8_is_utf8);
    tcase_add_test(t, single_byte_encodings);
    tcase_add_test(t, japanese_encodings);
    tcase_add_test(t, korean_and_chinese_encodings);
    tcase_add_test(t, a_bad_pair_does_not_swallow_ascii);
    tcase_add_test(t, iso_2022_jp_errors);
    tcase_add_test(t, a_text_can_be_decoded_in_pieces_of_any_size);
    tcase_add_test(t, a_guess_looks_at_the_first_megabyte);
    tcase_add_test(t, utf8_is_recognised);
    tcase_add_test(t, free_takes_null);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
