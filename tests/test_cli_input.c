#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cli/input.h"

#define FILES 8

static char paths[FILES][64];
static size_t n_paths;

/* What came out of an input: each URL with a length before it, so that any bytes compare. */
struct got {
    struct cli_input *in;
    char *text;
    size_t len;
    size_t cap;
    uint64_t count;
    size_t cuts;
    size_t waits;
    int rc;
};

static void remove_files(void)
{
    while (n_paths > 0)
        unlink(paths[--n_paths]);
}

static char *new_path(void)
{
    char *path = paths[n_paths++];

    ck_assert_uint_le(n_paths, FILES);
    snprintf(path, sizeof(paths[0]), "/tmp/trawl-input-%ld-%zu", (long)getpid(), n_paths);
    return path;
}

static const char *file_of(const char *bytes, size_t len)
{
    char *path = new_path();
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

#define FILE_OF(literal) file_of(literal, sizeof(literal) - 1)

static void note(struct got *g, const char *url, size_t len)
{
    char head[32];
    size_t n = (size_t)snprintf(head, sizeof(head), "%zu:", len);

    while (g->len + n + len + 1 > g->cap) {
        g->cap = g->cap > 0 ? g->cap * 2 : 4096;
        g->text = realloc(g->text, g->cap);
    }
    memcpy(g->text + g->len, head, n);
    memcpy(g->text + g->len + n, url, len);
    g->text[g->len + n + len] = ' ';
    g->len += n + len + 1;
}

/* Takes all that there is now. */
static void take(struct got *g)
{
    const char *url;
    size_t len;
    uint64_t index;

    while ((g->rc = cli_input_next(g->in, &url, &len, &index)) == CLI_INPUT_URL) {
        if (index != g->count)
            ck_abort_msg("index %zu at %zu", (size_t)index, (size_t)g->count);
        g->count++;
        g->cuts += cli_input_was_cut(g->in);
        note(g, url, len);
    }
    ck_assert_uint_eq(cli_input_count(g->in), g->count);
}

static void check_text(struct got *g, const char *expected, size_t len)
{
    ck_assert_uint_eq(g->len, len);
    if (len > 0)
        ck_assert_mem_eq(g->text, expected, len);
    free(g->text);
    g->text = NULL;
}

static struct cli_input *open_files(const char *const *files, size_t n)
{
    char *error;
    struct cli_input *in = cli_input_open(files, n, NULL, 0, &error);

    ck_assert_msg(in != NULL, "%s", error ? error : "no memory");
    ck_assert_ptr_null(error);
    return in;
}

static void check_file(const char *file, const char *expected, size_t len)
{
    struct got g = {.in = open_files(&file, 1)};

    take(&g);
    ck_assert_int_eq(g.rc, CLI_INPUT_END);
    check_text(&g, expected, len);
    cli_input_close(g.in, NULL, NULL);
}

#define CHECK(bytes, expected) check_file(FILE_OF(bytes), expected, sizeof(expected) - 1)

static void set_flag(void *data)
{
    *(bool *)data = true;
}

/* ---- Lines ------------------------------------------------------------------------------- */

START_TEST(command_line_comes_first_then_each_file)
{
    const char *const urls[] = {"http://a/", "", "# not a comment", " b "};
    const char *files[] = {FILE_OF("http://c/\nhttp://d/\n"), FILE_OF(""), FILE_OF("http://e/")};
    const char expected[] = "9:http://a/ 0: 15:# not a comment 3: b  "
                            "9:http://c/ 9:http://d/ 9:http://e/ ";
    char *error;
    struct got g = {.in = cli_input_open(files, 3, urls, 4, &error)};
    bool closed = false;

    take(&g);
    ck_assert_int_eq(g.rc, CLI_INPUT_END);
    take(&g);
    ck_assert_int_eq(g.rc, CLI_INPUT_END);
    check_text(&g, expected, sizeof(expected) - 1);
    ck_assert_ptr_null(cli_input_error(g.in));
    cli_input_close(g.in, set_flag, &closed);
    ck_assert(closed);
}
END_TEST

START_TEST(lines_end_with_lf_or_crlf_or_the_file)
{
    CHECK("a\nb\r\nc\n\r\nd\r\ne", "1:a 1:b 1:c 1:d 1:e ");
    CHECK("a\r", "1:a ");
    CHECK("\n\n\r\n", "");
}
END_TEST

START_TEST(blanks_around_and_comments_are_left_out)
{
    CHECK("  a \t\n\t\n#c\n  # c\nb#x\na b\n#", "1:a 3:b#x 3:a b ");
}
END_TEST

START_TEST(a_byte_order_mark_is_left_out_at_the_beginning_alone)
{
    CHECK("\xEF\xBB\xBFhttp://a/\n\xEF\xBB\xBF" "b\n", "9:http://a/ 4:\xEF\xBB\xBF" "b ");
    CHECK("\xEF\xBB\xBF", "");
    CHECK("\xEF\xBB\xBF  # c\n", "");
    CHECK(" \xEF\xBB\xBF" "a\n", "4:\xEF\xBB\xBF" "a ");
    CHECK("\xEF\xBB", "2:\xEF\xBB ");
}
END_TEST

START_TEST(each_file_may_have_a_byte_order_mark)
{
    const char *files[] = {FILE_OF("\xEF\xBB\xBF" "a"), FILE_OF("\xEF\xBB\xBF" "b")};
    struct got g = {.in = open_files(files, 2)};

    take(&g);
    check_text(&g, "1:a 1:b ", 8);
    cli_input_close(g.in, NULL, NULL);
}
END_TEST

START_TEST(nul_and_other_bytes_are_kept)
{
    CHECK("a\0b\n\0\n\x01\xFF\x7F\v\n", "3:a\0b 1:\0 4:\x01\xFF\x7F\v ");
}
END_TEST

/* A line of `blanks`, `len` times x, `tail`, and a line "next". */
static const char *long_file(const char *head, size_t blanks, size_t len, const char *tail)
{
    char *path = new_path();
    FILE *file = fopen(path, "w");
    size_t i;

    ck_assert_ptr_nonnull(file);
    fputs(head, file);
    for (i = 0; i < blanks; i++)
        fputc(' ', file);
    for (i = 0; i < len; i++)
        fputc('x', file);
    fputs(tail, file);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static void check_long(const char *file, size_t len, bool cut, bool next)
{
    struct cli_input *in = open_files(&file, 1);
    const char *url;
    size_t n;
    uint64_t index;
    size_t i;

    ck_assert_int_eq(cli_input_next(in, &url, &n, &index), CLI_INPUT_URL);
    ck_assert_uint_eq(n, len);
    for (i = 0; i < n && url[i] == 'x'; i++)
        ;
    ck_assert_uint_eq(i, n);
    ck_assert_int_eq(cli_input_was_cut(in), cut);
    if (next) {
        ck_assert_int_eq(cli_input_next(in, &url, &n, &index), CLI_INPUT_URL);
        ck_assert_uint_eq(n, 4);
        ck_assert_mem_eq(url, "next", 4);
        ck_assert(!cli_input_was_cut(in));
    }
    ck_assert_int_eq(cli_input_next(in, &url, &n, &index), CLI_INPUT_END);
    cli_input_close(in, NULL, NULL);
    remove_files();
}

START_TEST(a_line_longer_than_the_limit_is_cut_and_the_rest_skipped)
{
    size_t max = CLI_INPUT_LINE_MAX;
    size_t i;

    for (i = 0; i < 8; i++) {
        check_long(long_file("", 0, max + 1 + i, "\nnext\n"), max, true, true);
        check_long(long_file("", 0, max + 1 + i, "\r\nnext"), max, true, true);
        check_long(long_file("", 0, max + 1 + i, ""), max, true, false);
    }
    check_long(long_file("", 0, 5 * max, " # x\nnext\n"), max, true, true);
    check_long(long_file("\xEF\xBB\xBF", 0, max + 1, "\nnext\n"), max, true, true);
}
END_TEST

START_TEST(a_line_as_long_as_the_limit_is_whole)
{
    size_t max = CLI_INPUT_LINE_MAX;

    check_long(long_file("", 0, max, "\nnext\n"), max, false, true);
    check_long(long_file("", 0, max, "\r\nnext\n"), max, false, true);
    check_long(long_file("", 0, max, ""), max, false, false);
    check_long(long_file("", 0, max, "\r"), max, false, false);
    check_long(long_file("\xEF\xBB\xBF", 0, max, "\r\nnext\n"), max, false, true);
    check_long(long_file("", 0, 70000, "\nnext\n"), 70000, false, true);
}
END_TEST

START_TEST(any_number_of_blanks_may_stand_before_a_url)
{
    check_long(long_file("", 3 * CLI_INPUT_LINE_MAX, 10, "\nnext"), 10, false, true);
    check_long(long_file("\r\t", 200000, 10, " \r\nnext"), 10, false, true);
}
END_TEST

START_TEST(a_long_comment_is_skipped_whole)
{
    const char *file = long_file("#", 0, 3 * CLI_INPUT_LINE_MAX, "\nnext\n");

    check_file(file, "4:next ", 7);
}
END_TEST

/* Lines of all lengths up to some buffers' size, read with the boundaries anywhere. */
START_TEST(lines_across_the_buffers_end_are_whole)
{
    struct got g = {0};
    struct got expected = {0};
    char *path = new_path();
    FILE *file = fopen(path, "w");
    char line[1024];
    unsigned seed = 7;
    size_t i;

    memset(line, 'y', sizeof(line));
    for (i = 0; i < 20000; i++) {
        size_t len = (size_t)(rand_r(&seed) % (i % 100 == 0 ? 1000 : 60)) + 1;

        line[0] = (char)('A' + i % 26);
        line[len] = '\n';
        fwrite(line, 1, len + 1, file);
        line[len] = 'y';
        note(&expected, line, len);
    }
    fclose(file);
    g.in = open_files((const char *const *)&path, 1);
    take(&g);
    ck_assert_uint_eq(g.count, 20000);
    check_text(&g, expected.text, expected.len);
    free(expected.text);
    cli_input_close(g.in, NULL, NULL);
}
END_TEST

/* ---- Files ------------------------------------------------------------------------------- */

static void check_open_error(const char *file, const char *expected)
{
    const char *files[] = {FILE_OF("http://a/\n"), file};
    char *error = NULL;

    ck_assert_ptr_null(cli_input_open(files, 2, NULL, 0, &error));
    ck_assert_str_eq(error, expected);
    free(error);
}

START_TEST(what_cannot_be_read_is_named_when_it_is_opened)
{
    check_open_error("/nonexistent/urls", "/nonexistent/urls: No such file or directory");
    check_open_error("/tmp", "/tmp: Is a directory");
    check_open_error("", ": No such file or directory");
}
END_TEST

START_TEST(a_read_error_names_file_and_line)
{
    const char *const urls[] = {"http://a/"};
    const char *const files[] = {"/proc/self/mem"};
    char *error;
    struct got g = {.in = cli_input_open(files, 1, urls, 1, &error)};

    ck_assert_ptr_nonnull(g.in);
    take(&g);
    ck_assert_int_eq(g.rc, UV_EIO);
    ck_assert_uint_eq(g.count, 1);
    ck_assert_str_eq(cli_input_error(g.in), "/proc/self/mem, line 1: Input/output error");
    take(&g);
    ck_assert_int_eq(g.rc, UV_EIO);
    check_text(&g, "9:http://a/ ", 12);
    cli_input_close(g.in, NULL, NULL);
}
END_TEST

START_TEST(no_input_is_the_end)
{
    struct got g = {.in = open_files(NULL, 0)};
    uint64_t total = 9;
    bool closed = false;

    take(&g);
    ck_assert_int_eq(g.rc, CLI_INPUT_END);
    ck_assert(cli_input_total(g.in, &total));
    ck_assert_uint_eq(total, 0);
    cli_input_close(g.in, NULL, NULL);
    cli_input_close(NULL, set_flag, &closed);
    ck_assert(closed);
}
END_TEST

START_TEST(the_total_is_estimated_then_exact)
{
    const char *const urls[] = {"http://a/"};
    const char *files[] = {FILE_OF("1\n2\n3\n4\n5\n"), FILE_OF("6\n7\n8\n9\n0\n")};
    char *error;
    struct cli_input *in = cli_input_open(files, 2, urls, 1, &error);
    const char *url;
    size_t len;
    uint64_t index;
    uint64_t total = 77;
    unsigned i;

    ck_assert(!cli_input_total(in, &total));
    ck_assert_uint_eq(total, 77);
    for (i = 0; i < 11; i++) {
        ck_assert_int_eq(cli_input_next(in, &url, &len, &index), CLI_INPUT_URL);
        ck_assert_int_eq(cli_input_total(in, &total), i > 0);
        ck_assert_uint_eq(total, i > 0 ? 11 : 77);
    }
    ck_assert_int_eq(cli_input_next(in, &url, &len, &index), CLI_INPUT_END);
    ck_assert(cli_input_total(in, &total));
    ck_assert_uint_eq(total, 11);
    cli_input_close(in, NULL, NULL);
}
END_TEST

/* ---- Pipes, FIFOs, terminals ------------------------------------------------------------- */

/* Writes text piece by piece, a piece each time the timer fires, and then closes. */
struct feeder {
    uv_timer_t timer;
    uv_loop_t loop;
    struct got got;
    const char *text;
    size_t len;
    size_t done;
    size_t step;
    int fd;
    const char *fifo; /* opened at the first piece */
    size_t pieces, patience;
    bool closed;
};

static void on_closed(void *data)
{
    struct feeder *f = data;

    f->closed = true;
}

static void on_ready(void *data)
{
    struct feeder *f = data;

    take(&f->got);
    f->got.waits += f->got.rc == CLI_INPUT_WAIT;
    if (f->got.rc != CLI_INPUT_WAIT)
        cli_input_close(f->got.in, on_closed, f);
}

static void on_feed(uv_timer_t *timer)
{
    struct feeder *f = timer->data;
    size_t n = f->len - f->done < f->step ? f->len - f->done : f->step;

    /* The piece before has been read, or does not wake the reader by itself. */
    if (f->got.waits <= f->pieces && f->patience++ < 500)
        return;
    f->pieces++;
    f->patience = 0;
    if (f->fifo && f->fd < 0)
        f->fd = open(f->fifo, O_WRONLY);
    ck_assert_int_ge(f->fd, 0);
    ck_assert_int_eq((int)write(f->fd, f->text + f->done, n), (int)n);
    f->done += n;
    if (f->done < f->len)
        return;
    close(f->fd);
    uv_close((uv_handle_t *)timer, NULL);
}

static void feed(struct feeder *f, const char *file, const char *expected)
{
    ck_assert_int_eq(uv_loop_init(&f->loop), 0);
    uv_timer_init(&f->loop, &f->timer);
    f->timer.data = f;
    f->got.in = open_files(&file, 1);
    cli_input_on_ready(f->got.in, &f->loop, on_ready, f);
    uv_timer_start(&f->timer, on_feed, 1, 1);
    on_ready(f);
    ck_assert_int_eq(f->got.rc, CLI_INPUT_WAIT);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    ck_assert(f->closed);
    ck_assert_uint_gt(f->got.waits, 1);
    check_text(&f->got, expected, strlen(expected));
    ck_assert_int_eq(uv_loop_close(&f->loop), 0);
}

static void feed_stdin(size_t step)
{
    const char text[] = "\xEF\xBB\xBFhttp://a/\r\n# no\n\n http://b/ \nhttp://c/";
    struct feeder f = {.text = text, .len = sizeof(text) - 1, .step = step, .fd = -1};
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    f.fd = ends[1];
    feed(&f, "-", "9:http://a/ 9:http://b/ 9:http://c/ ");
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

START_TEST(standard_input_that_comes_slowly_never_holds_the_loop)
{
    feed_stdin(1);
    feed_stdin(2);
    feed_stdin(7);
}
END_TEST

START_TEST(a_fifo_without_a_writer_yet_is_waited_for)
{
    struct feeder f = {.text = "http://a/\nhttp://b/\n", .len = 20, .step = 5, .fd = -1};

    f.fifo = new_path();
    ck_assert_int_eq(mkfifo(f.fifo, 0600), 0);
    feed(&f, f.fifo, "9:http://a/ 9:http://b/ ");
}
END_TEST

START_TEST(a_terminal_is_read_line_by_line_to_its_end)
{
    struct feeder f = {.text = "http://a/\nhttp://b/\n\x04", .len = 21, .step = 10};
    int other;

    f.fd = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(f.fd, 0);
    ck_assert_int_eq(grantpt(f.fd), 0);
    ck_assert_int_eq(unlockpt(f.fd), 0);
    other = dup(f.fd); /* a terminal that is hung up loses what was typed */
    feed(&f, ptsname(f.fd), "9:http://a/ 9:http://b/ ");
    close(other);
}
END_TEST

START_TEST(a_pipe_after_a_pipe_is_waited_for_again)
{
    const char *files[2];
    struct feeder f[2] = {
        {.text = "a\nb\n", .len = 4, .step = 1, .fd = -1},
        {.text = "c\nd\n", .len = 4, .step = 1, .fd = -1},
    };
    uv_loop_t *loop = &f[0].loop;
    size_t i;

    ck_assert_int_eq(uv_loop_init(loop), 0);
    for (i = 0; i < 2; i++) {
        files[i] = f[i].fifo = new_path();
        ck_assert_int_eq(mkfifo(files[i], 0600), 0);
        uv_timer_init(loop, &f[i].timer);
        f[i].timer.data = &f[i];
    }
    f[0].got.in = open_files(files, 2);
    cli_input_on_ready(f[0].got.in, loop, on_ready, &f[0]);
    on_ready(&f[0]);
    uv_timer_start(&f[0].timer, on_feed, 1, 1);
    uv_timer_start(&f[1].timer, on_feed, 30, 1);
    uv_run(loop, UV_RUN_DEFAULT);
    ck_assert(f[0].closed);
    check_text(&f[0].got, "1:a 1:b 1:c 1:d ", 16);
    ck_assert_int_eq(uv_loop_close(loop), 0);
}
END_TEST

START_TEST(a_pipe_has_no_total_before_its_end)
{
    struct got g = {0};
    const char *name = "-";
    uint64_t total = 77;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq((int)write(ends[1], "a\nb\n", 4), 4);
    close(ends[1]);
    g.in = open_files(&name, 1);
    ck_assert(!cli_input_total(g.in, &total));
    ck_assert_uint_eq(total, 77);
    take(&g);
    ck_assert(cli_input_total(g.in, &total));
    ck_assert_uint_eq(total, 2);
    check_text(&g, "1:a 1:b ", 8);
    cli_input_close(g.in, NULL, NULL);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), 0);
    close(ends[0]);
}
END_TEST

START_TEST(closing_while_it_waits_leaves_nothing_on_the_loop)
{
    struct feeder f = {0};
    const char *name = "-";
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(uv_loop_init(&f.loop), 0);
    f.got.in = open_files(&name, 1);
    cli_input_on_ready(f.got.in, &f.loop, on_ready, &f);
    on_ready(&f);
    ck_assert_int_eq(f.got.rc, CLI_INPUT_WAIT);
    ck_assert_int_ne(uv_run(&f.loop, UV_RUN_NOWAIT), 0);
    cli_input_close(f.got.in, on_closed, &f);
    ck_assert(!f.closed);
    ck_assert_int_eq(uv_run(&f.loop, UV_RUN_DEFAULT), 0);
    ck_assert(f.closed);
    ck_assert_int_eq(uv_loop_close(&f.loop), 0);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cli input");
    TCase *t = tcase_create("cli input");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, NULL, remove_files);
    tcase_add_test(t, command_line_comes_first_then_each_file);
    tcase_add_test(t, lines_end_with_lf_or_crlf_or_the_file);
    tcase_add_test(t, blanks_around_and_comments_are_left_out);
    tcase_add_test(t, a_byte_order_mark_is_left_out_at_the_beginning_alone);
    tcase_add_test(t, each_file_may_have_a_byte_order_mark);
    tcase_add_test(t, nul_and_other_bytes_are_kept);
    tcase_add_test(t, a_line_longer_than_the_limit_is_cut_and_the_rest_skipped);
    tcase_add_test(t, a_line_as_long_as_the_limit_is_whole);
    tcase_add_test(t, any_number_of_blanks_may_stand_before_a_url);
    tcase_add_test(t, a_long_comment_is_skipped_whole);
    tcase_add_test(t, lines_across_the_buffers_end_are_whole);
    tcase_add_test(t, what_cannot_be_read_is_named_when_it_is_opened);
    tcase_add_test(t, a_read_error_names_file_and_line);
    tcase_add_test(t, no_input_is_the_end);
    tcase_add_test(t, the_total_is_estimated_then_exact);
    tcase_add_test(t, standard_input_that_comes_slowly_never_holds_the_loop);
    tcase_add_test(t, a_fifo_without_a_writer_yet_is_waited_for);
    tcase_add_test(t, a_terminal_is_read_line_by_line_to_its_end);
    tcase_add_test(t, a_pipe_after_a_pipe_is_waited_for_again);
    tcase_add_test(t, a_pipe_has_no_total_before_its_end);
    tcase_add_test(t, closing_while_it_waits_leaves_nothing_on_the_loop);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
