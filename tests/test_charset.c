#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "parse/charset.h"

static const char *label(const char *s)
{
    return tw_charset_label(s, strlen(s));
}

static const char *from_type(const char *s)
{
    return tw_charset_from_type(s, strlen(s));
}

static const char *sniff(const char *type, const char *body)
{
    return tw_charset_sniff(type, body, strlen(body));
}

#define SNIFF_BYTES(type, bytes) tw_charset_sniff(type, bytes, sizeof(bytes) - 1)

START_TEST(labels_name_their_encoding)
{
    static const char *const pairs[][2] = {
        {"utf-8", "UTF-8"},
        {"utf8", "UTF-8"},
        {"iso-8859-1", "windows-1252"},
        {"latin1", "windows-1252"},
        {"us-ascii", "windows-1252"},
        {"ascii", "windows-1252"},
        {"iso-8859-9", "windows-1254"},
        {"iso-8859-11", "windows-874"},
        {"tis-620", "windows-874"},
        {"gb2312", "GBK"},
        {"gb18030", "gb18030"},
        {"big5-hkscs", "Big5"},
        {"ks_c_5601-1987", "EUC-KR"},
        {"windows-31j", "Shift_JIS"},
        {"sjis", "Shift_JIS"},
        {"iso-8859-8-i", "ISO-8859-8-I"},
        {"logical", "ISO-8859-8-I"},
        {"visual", "ISO-8859-8"},
        {"utf-16", "UTF-16LE"},
        {"unicodefffe", "UTF-16BE"},
        {"iso-2022-kr", "replacement"},
        {"hz-gb-2312", "replacement"},
        {"koi8-ru", "KOI8-U"},
        {"866", "IBM866"},
        {"x-x-big5", "Big5"},
        {"x-user-defined", "x-user-defined"},
        {"cseucpkdfmtjapanese", "EUC-JP"},
    };
    size_t i;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        ck_assert_pstr_eq(label(pairs[i][0]), pairs[i][1]);
}
END_TEST

START_TEST(every_name_is_a_label_of_itself)
{
    static const char *const names[] = {
        "UTF-8",        "IBM866",       "ISO-8859-2",     "ISO-8859-3",   "ISO-8859-4",
        "ISO-8859-5",   "ISO-8859-6",   "ISO-8859-7",     "ISO-8859-8",   "ISO-8859-8-I",
        "ISO-8859-10",  "ISO-8859-13",  "ISO-8859-14",    "ISO-8859-15",  "ISO-8859-16",
        "KOI8-R",       "KOI8-U",       "macintosh",      "windows-874",  "windows-1250",
        "windows-1251", "windows-1252", "windows-1253",   "windows-1254", "windows-1255",
        "windows-1256", "windows-1257", "windows-1258",   "GBK",          "x-mac-cyrillic",
        "gb18030",      "Big5",         "EUC-JP",         "ISO-2022-JP",  "Shift_JIS",
        "EUC-KR",       "replacement",  "x-user-defined", "UTF-16BE",     "UTF-16LE",
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert_pstr_eq(label(names[i]), names[i]);
}
END_TEST

START_TEST(labels_mind_neither_case_nor_blanks_around)
{
    ck_assert_pstr_eq(label(" \t\r\n\fUtF-8\n "), "UTF-8");
    ck_assert_pstr_eq(label("SHIFT_JIS"), "Shift_JIS");
    ck_assert_ptr_null(label("utf- 8"));
    ck_assert_ptr_null(label("\vutf-8"));
}
END_TEST

START_TEST(what_is_no_label_is_unknown)
{
    ck_assert_ptr_null(tw_charset_label(NULL, 0));
    ck_assert_ptr_null(label(""));
    ck_assert_ptr_null(label("   "));
    ck_assert_ptr_null(label("utf-80"));
    ck_assert_ptr_null(label("utf-7"));
    ck_assert_ptr_null(label("cseucpkdfmtjapanesex"));
    ck_assert_ptr_null(tw_charset_label("utf-8\0", 6));
    ck_assert_ptr_null(tw_charset_label("utf8\0x", 6));
    ck_assert_ptr_null(label("\xE2\x84\xAAoi8-r")); /* the Kelvin sign is no k */
}
END_TEST

START_TEST(the_label_ends_at_its_length)
{
    ck_assert_pstr_eq(tw_charset_label("utf-8;x", 5), "UTF-8");
    ck_assert_pstr_eq(tw_charset_label("l10", 2), "windows-1252");
}
END_TEST

START_TEST(content_type_yields_its_charset)
{
    ck_assert_pstr_eq(from_type("text/html; charset=utf-8"), "UTF-8");
    ck_assert_pstr_eq(from_type("text/html;CHARSET=\"Shift_JIS\""), "Shift_JIS");
    ck_assert_pstr_eq(from_type("text/html ; a=b ;\tcharset = koi8-r ; c=d"), "KOI8-R");
    ck_assert_pstr_eq(from_type("text/html;charset=\" gbk \""), "GBK");
    ck_assert_pstr_eq(from_type(";charset=gbk"), "GBK");
    ck_assert_pstr_eq(from_type("text/html;charset=\"gbk"), "GBK");
    ck_assert_pstr_eq(from_type("text/html;charset=\"gbk\"x;charset=utf-8"), "GBK");
    ck_assert_pstr_eq(from_type("text/html;;;charset=gbk"), "GBK");
    ck_assert_pstr_eq(from_type("text/html;charset;charset=;charset=gbk"), "GBK");
}
END_TEST

START_TEST(the_first_charset_parameter_wins)
{
    ck_assert_pstr_eq(from_type("text/html;charset=gbk;charset=utf-8"), "GBK");
    ck_assert_ptr_null(from_type("text/html;charset=nonsense;charset=utf-8"));
}
END_TEST

START_TEST(a_charset_inside_another_parameter_is_none)
{
    ck_assert_ptr_null(from_type("text/html;a=\";charset=gbk\""));
    ck_assert_ptr_null(from_type("text/html;a=\"\\\";charset=gbk\""));
    ck_assert_ptr_null(from_type("text/html;a=\"x;charset=gbk"));
    ck_assert_ptr_null(from_type("text/html;xcharset=gbk"));
    ck_assert_ptr_null(from_type("text/html charset=gbk"));
    ck_assert_ptr_null(from_type("charset=gbk"));
    ck_assert_ptr_null(from_type(""));
    ck_assert_ptr_null(from_type("text/html;a=\"\\"));
    ck_assert_ptr_null(tw_charset_from_type(NULL, 0));
}
END_TEST

START_TEST(byte_order_mark_beats_all)
{
    const char *type = "text/html; charset=koi8-r";

    ck_assert_pstr_eq(sniff(type, "\xEF\xBB\xBF<meta charset=gbk>"), "UTF-8");
    ck_assert_pstr_eq(SNIFF_BYTES(type, "\xFE\xFF\0<"), "UTF-16BE");
    ck_assert_pstr_eq(SNIFF_BYTES(type, "\xFF\xFE<\0"), "UTF-16LE");
    ck_assert_pstr_eq(SNIFF_BYTES("image/png", "\xFF\xFE"), "UTF-16LE");
    ck_assert_pstr_eq(sniff(type, "\xEF\xBB"), "KOI8-R");
    ck_assert_pstr_eq(sniff(type, "\xFE"), "KOI8-R");
}
END_TEST

START_TEST(header_beats_the_document)
{
    ck_assert_pstr_eq(sniff("text/html; charset=koi8-r", "<meta charset=gbk>"), "KOI8-R");
    ck_assert_pstr_eq(sniff("text/html; charset=what", "<meta charset=gbk>"), "GBK");
    ck_assert_pstr_eq(tw_charset_sniff("text/html; charset=koi8-r", NULL, 0), "KOI8-R");
}
END_TEST

START_TEST(only_documents_are_read)
{
    const char *page = "<meta charset=gbk>";

    ck_assert_pstr_eq(sniff(NULL, page), "GBK");
    ck_assert_pstr_eq(sniff("", page), "GBK");
    ck_assert_pstr_eq(sniff("html", page), "GBK");
    ck_assert_pstr_eq(sniff("*/*", page), "GBK");
    ck_assert_pstr_eq(sniff(" TEXT/HTML ;x=y", page), "GBK");
    ck_assert_pstr_eq(sniff("application/xhtml+xml", page), "GBK");
    ck_assert_pstr_eq(sniff("text/xml", page), "GBK");
    ck_assert_ptr_null(sniff("text/plain", page));
    ck_assert_ptr_null(sniff("image/png", page));
    ck_assert_ptr_null(sniff("text/htmlx", page));
}
END_TEST

START_TEST(json_is_utf8)
{
    ck_assert_pstr_eq(sniff("application/json", "<meta charset=gbk>"), "UTF-8");
    ck_assert_pstr_eq(sniff("application/LD+JSON; a=b", ""), "UTF-8");
    ck_assert_pstr_eq(sniff("text/json", "{}"), "UTF-8");
    ck_assert_pstr_eq(sniff("application/json; charset=koi8-r", "{}"), "KOI8-R");
}
END_TEST

struct page {
    const char *body;
    const char *charset; /* NULL: unknown */
};

static void check_pages(const struct page *pages, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        const char *got = sniff("text/html", pages[i].body);

        ck_assert_msg(got == pages[i].charset || (got != NULL && pages[i].charset != NULL &&
                                                  strcmp(got, pages[i].charset) == 0),
                      "%s: got %s", pages[i].body, got != NULL ? got : "nothing");
    }
}

#define CHECK_PAGES(pages) check_pages(pages, sizeof(pages) / sizeof(pages[0]))

START_TEST(meta_charset_attribute)
{
    static const struct page pages[] = {
        {"<html><head><META CharSet=\"KOI8-R\">", "KOI8-R"},
        {"<meta charset='gbk' >", "GBK"},
        {"<meta charset=gbk/>", NULL}, /* the slash belongs to an unquoted value */
        {"<meta charset=gbk />", "GBK"},
        {"<meta/charset=gbk>", "GBK"},
        {"<meta\n\tcharset\n=\n\"gbk\">", "GBK"},
        {"<meta name=x charset=gbk>", "GBK"},
        {"<meta charset=gbk charset=utf-8>", "GBK"},
        {"<meta charset=utf-16>", "UTF-8"},
        {"<meta charset=utf-16be>", "UTF-8"},
        {"<meta charset=x-user-defined>", "windows-1252"},
        {"<meta charset=what><meta charset=gbk>", "GBK"},
        {"<meta charset><meta charset=gbk>", "GBK"},
        {"<meta charset=><meta charset=gbk>", "GBK"},
        {"<metax charset=gbk>", NULL},
        {"<meta>", NULL},
        {"<metacharset=gbk>", NULL},
        {"<meta =charset=gbk>", NULL},
        {"charset=gbk", NULL},
        {"<meta charset=gbk", NULL},
        {"<meta charset=\"gbk>", NULL},
        {"<meta charset=\"gbk\"", NULL},
        {"<<<meta charset=gbk>", "GBK"},
    };

    CHECK_PAGES(pages);
}
END_TEST

START_TEST(meta_http_equiv)
{
    static const struct page pages[] = {
        {"<meta http-equiv=Content-Type content='text/html; charset=gbk'>", "GBK"},
        {"<meta content=\"text/html;charset=gbk\" http-equiv='CONTENT-type'>", "GBK"},
        {"<meta content='text/html; charset=gbk'>", NULL},
        {"<meta http-equiv=refresh content='0; charset=gbk'>", NULL},
        {"<meta http-equiv=content-type content='text/html; charset=\"gbk\"'>", "GBK"},
        {"<meta http-equiv=content-type content=\"charset='gbk' x\">", "GBK"},
        {"<meta http-equiv=content-type content=\"charset='gbk\">", NULL},
        {"<meta http-equiv=content-type content='charset charset = gbk;'>", "GBK"},
        {"<meta http-equiv=content-type content='xcharset=gbk x'>", "GBK"},
        {"<meta http-equiv=content-type content='charset=gbk,x'>", NULL},
        {"<meta http-equiv=content-type content='charset='>", NULL},
        {"<meta http-equiv=content-type content='charse'>", NULL},
        {"<meta http-equiv=content-type content='charset=gbk' charset=koi8-r>", "KOI8-R"},
        {"<meta http-equiv=content-type charset=koi8-r content='charset=gbk'>", "KOI8-R"},
        {"<meta http-equiv=content-type charset=what content='charset=gbk'>", NULL},
        {"<meta http-equiv=content-type content=x content='charset=gbk'>", NULL},
        {"<meta http-equiv=x http-equiv=content-type content='charset=gbk'>", NULL},
    };

    CHECK_PAGES(pages);
}
END_TEST

START_TEST(comments_and_other_markup_hide_a_meta)
{
    static const struct page pages[] = {
        {"<!-- <meta charset=gbk> --><meta charset=koi8-r>", "KOI8-R"},
        {"<!--><meta charset=gbk>", "GBK"},
        {"<!---><meta charset=gbk>", "GBK"},
        {"<!-- > <meta charset=gbk>", NULL},
        {"<!--<meta charset=gbk>", NULL},
        {"<!doctype html><meta charset=gbk>", "GBK"},
        {"<!x <meta charset=gbk>", NULL},
        {"<?php <meta charset=gbk>", NULL},
        {"</><meta charset=gbk>", "GBK"},
        {"</ <meta charset=gbk><meta charset=koi8-r>", "KOI8-R"},
        {"<a title='<meta charset=gbk>'><meta charset=koi8-r>", "KOI8-R"},
        {"</a title='<meta charset=gbk>'><meta charset=koi8-r>", "KOI8-R"},
        {"<a b=c d><meta charset=gbk>", "GBK"},
        {"<a title=\"<meta charset=gbk>", NULL},
        {"<script>'<meta charset=gbk>'", "GBK"},
        {"<", NULL},
        {"</", NULL},
        {"<!-", NULL},
        {"a < b <meta charset=gbk>", "GBK"},
    };

    CHECK_PAGES(pages);
}
END_TEST

START_TEST(prescan_ends_after_1024_bytes)
{
    static const char meta[] = "<meta charset=gbk>";
    char page[1100];
    size_t n = sizeof(meta) - 1;

    memset(page, ' ', sizeof(page));
    memcpy(page + 1024 - n, meta, n);
    ck_assert_pstr_eq(tw_charset_sniff("text/html", page, sizeof(page)), "GBK");
    memset(page, ' ', sizeof(page));
    memcpy(page + 1025 - n, meta, n);
    ck_assert_ptr_null(tw_charset_sniff("text/html", page, sizeof(page)));
}
END_TEST

START_TEST(xml_declaration_names_the_encoding)
{
    static const struct page pages[] = {
        {"<?xml version='1.0' encoding='koi8-r'?>", "KOI8-R"},
        {"<?xml encoding = \"gbk\" ?>", "GBK"},
        {"<?xml encoding='utf-16'?>", "UTF-8"},
        {"<?xml encoding=gbk?>", NULL},
        {"<?xml encoding 'gbk'?>", NULL},
        {"<?xml encoding=' gbk'?>", NULL},
        {"<?xml encoding='gbk?>", NULL},
        {"<?xml encoding='gbk'", NULL},
        {"<?xml encoding", NULL},
        {"<?xml encoding=?>", NULL},
        {"<?xml ?> encoding='gbk'>", NULL},
        {" <?xml encoding='gbk'?>", NULL},
        {"<?xml encoding='gbk'?><meta charset=koi8-r>", "KOI8-R"},
    };

    CHECK_PAGES(pages);
    ck_assert_pstr_eq(
        sniff("application/rss+xml", "<?xml encoding='gbk'?><meta charset=koi8-r>"), "GBK");
}
END_TEST

START_TEST(xml_declaration_in_utf16_is_seen)
{
    ck_assert_pstr_eq(SNIFF_BYTES("text/html", "<\0?\0x\0m\0"), "UTF-16LE");
    ck_assert_pstr_eq(SNIFF_BYTES("text/xml", "\0<\0?\0x\0m"), "UTF-16BE");
    ck_assert_ptr_null(SNIFF_BYTES("text/html", "<\0?\0x"));
}
END_TEST

START_TEST(nothing_said_is_unknown)
{
    ck_assert_ptr_null(tw_charset_sniff(NULL, NULL, 0));
    ck_assert_ptr_null(sniff("text/html", "<p>caf\xE9"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("charset");
    TCase *t = tcase_create("charset");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_test(t, labels_name_their_encoding);
    tcase_add_test(t, every_name_is_a_label_of_itself);
    tcase_add_test(t, labels_mind_neither_case_nor_blanks_around);
    tcase_add_test(t, what_is_no_label_is_unknown);
    tcase_add_test(t, the_label_ends_at_its_length);
    tcase_add_test(t, content_type_yields_its_charset);
    tcase_add_test(t, the_first_charset_parameter_wins);
    tcase_add_test(t, a_charset_inside_another_parameter_is_none);
    tcase_add_test(t, byte_order_mark_beats_all);
    tcase_add_test(t, header_beats_the_document);
    tcase_add_test(t, only_documents_are_read);
    tcase_add_test(t, json_is_utf8);
    tcase_add_test(t, meta_charset_attribute);
    tcase_add_test(t, meta_http_equiv);
    tcase_add_test(t, comments_and_other_markup_hide_a_meta);
    tcase_add_test(t, prescan_ends_after_1024_bytes);
    tcase_add_test(t, xml_declaration_names_the_encoding);
    tcase_add_test(t, xml_declaration_in_utf16_is_seen);
    tcase_add_test(t, nothing_said_is_unknown);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
