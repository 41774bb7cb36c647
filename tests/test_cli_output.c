#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/output.h"
#include "trawl.h"

#define BELOW ((size_t)1 << 20)

static char path[64];
static uv_loop_t loop;
static int ends[2];

static void setup(void)
{
    signal(SIGPIPE, SIG_IGN);
    snprintf(path, sizeof(path), "/tmp/trawl-output-%ld", (long)getpid());
    ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void teardown(void)
{
    unlink(path);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static struct cli_output *open_output(const char *name)
{
    struct cli_output *out = NULL;
    char *error;

    ck_assert_int_eq(cli_output_open(&out, &loop, name, &error), 0);
    ck_assert_ptr_nonnull(out);
    ck_assert_ptr_null(error);
    return out;
}

/* Standard output becomes the end of a pipe; ends[0] is the other. */
static struct cli_output *open_pipe(void)
{
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    return open_output(NULL);
}

static int put(struct cli_output *out, const char *text)
{
    return cli_output_write(out, text, strlen(text));
}

struct closed {
    int calls;
    char error[128];
};

static void on_closed(void *data, const char *error)
{
    struct closed *c = data;

    c->calls++;
    snprintf(c->error, sizeof(c->error), "%s", error ? error : "");
}

static void check_close(struct cli_output *out, const char *error)
{
    struct closed c = {0};

    cli_output_close(out, on_closed, &c);
    ck_assert_int_eq(c.calls, 0);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(c.calls, 1);
    ck_assert_str_eq(c.error, error);
}

static char *content(size_t *len)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 22);

    ck_assert_ptr_nonnull(file);
    *len = fread(text, 1, (1 << 22) - 1, file);
    fclose(file);
    return text;
}

static void check_content(const char *expected)
{
    size_t len;
    char *text = content(&len);

    ck_assert_str_eq(text, expected);
    free(text);
}

static void count(void *data)
{
    (*(int *)data)++;
}

/* ---- A long stream ----------------------------------------------------------------------- */

/* Bytes that depend on their position, so that each one lost, doubled or moved is seen. */
static char byte_at(uint64_t position)
{
    uint64_t x = position * UINT64_C(0x9E3779B97F4A7C15);

    return position % 97 == 96 ? '\n' : (char)(' ' + (x >> 40) % 90);
}

struct reader {
    int fd;
    uint64_t seen;
    uint64_t wrong;
    uv_sem_t go;
};

static void read_all(void *arg)
{
    struct reader *r = arg;
    char bytes[10007];
    ssize_t n;
    ssize_t i;

    uv_sem_wait(&r->go);
    while ((n = read(r->fd, bytes, sizeof(bytes))) > 0)
        for (i = 0; i < n; i++, r->seen++)
            r->wrong += bytes[i] != byte_at(r->seen);
}

struct producer {
    struct cli_output *out;
    uint64_t made;
    uint64_t total;
    size_t largest_record;
    size_t most_pending;
    int drains;
    unsigned seed;
    struct closed closed;
};

static void produce(void *data)
{
    struct producer *p = data;
    char *record = malloc(p->largest_record);

    p->drains++;
    while (p->made < p->total && cli_output_pending(p->out) < BELOW) {
        size_t len = (size_t)rand_r(&p->seed) % p->largest_record + 1;
        size_t i;

        if (rand_r(&p->seed) % 8 != 0)
            len = len % 600 + 1;
        if (len > p->total - p->made)
            len = (size_t)(p->total - p->made);
        for (i = 0; i < len; i++)
            record[i] = byte_at(p->made++);
        if (cli_output_write(p->out, record, len) != 0)
            ck_abort_msg("%s", cli_output_error(p->out));
    }
    free(record);
    if (cli_output_pending(p->out) > p->most_pending)
        p->most_pending = cli_output_pending(p->out);
    if (p->made < p->total)
        cli_output_on_drain(p->out, BELOW / 2, produce, p);
    else
        cli_output_close(p->out, on_closed, &p->closed);
}

static void run_producer(struct producer *p)
{
    produce(p);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(p->closed.calls, 1);
    ck_assert_str_eq(p->closed.error, "");
    ck_assert_int_gt(p->drains, 1);
    ck_assert_uint_le(p->most_pending, BELOW + p->largest_record);
}

static void through_pipe(int flags, size_t largest_record)
{
    struct producer p = {.total = 50000000, .largest_record = largest_record, .seed = 3};
    struct reader r = {0};
    uv_thread_t thread;

    p.out = open_pipe();
    r.fd = ends[0];
    ck_assert_int_eq(fcntl(STDOUT_FILENO, F_SETFL, flags), 0);
    uv_sem_init(&r.go, 1);
    ck_assert_int_eq(uv_thread_create(&thread, read_all, &r), 0);
    run_producer(&p);
    close(STDOUT_FILENO);
    uv_thread_join(&thread);
    uv_sem_destroy(&r.go);
    close(r.fd);
    ck_assert_uint_eq(r.seen, p.total);
    ck_assert_uint_eq(r.wrong, 0);
}

START_TEST(a_pipe_gets_every_byte_in_order)
{
    through_pipe(0, 5000);
}
END_TEST

START_TEST(a_pipe_that_does_not_block_gets_every_byte_in_order)
{
    through_pipe(O_NONBLOCK, 300000);
}
END_TEST

START_TEST(a_file_gets_every_byte_in_order)
{
    struct producer p = {.total = 50000000, .largest_record = 300000, .seed = 5};
    struct reader r = {0};

    p.out = open_output(path);
    run_producer(&p);
    r.fd = open(path, O_RDONLY);
    uv_sem_init(&r.go, 1);
    read_all(&r);
    uv_sem_destroy(&r.go);
    close(r.fd);
    ck_assert_uint_eq(r.seen, p.total);
    ck_assert_uint_eq(r.wrong, 0);
}
END_TEST

struct patient {
    uv_timer_t timer;
    struct reader *reader;
    struct cli_output *out;
    size_t pending;
    int ticks;
};

/* The reader is let loose only after the loop went round fifty times with a full pipe. */
static void on_tick(uv_timer_t *timer)
{
    struct patient *p = timer->data;

    p->ticks++;
    if (p->ticks == 50) {
        p->pending = cli_output_pending(p->out);
        uv_sem_post(&p->reader->go);
        uv_close((uv_handle_t *)timer, NULL);
    }
}

START_TEST(a_reader_that_does_not_read_does_not_hold_the_loop)
{
    struct producer p = {.total = 3000000, .largest_record = 2000, .seed = 3};
    struct reader r = {0};
    struct patient patient = {.reader = &r};
    uv_thread_t thread;

    patient.out = p.out = open_pipe();
    r.fd = ends[0];
    uv_sem_init(&r.go, 0);
    uv_timer_init(&loop, &patient.timer);
    patient.timer.data = &patient;
    uv_timer_start(&patient.timer, on_tick, 1, 1);
    ck_assert_int_eq(uv_thread_create(&thread, read_all, &r), 0);
    run_producer(&p);
    close(STDOUT_FILENO);
    uv_thread_join(&thread);
    uv_sem_destroy(&r.go);
    close(r.fd);
    ck_assert_int_eq(patient.ticks, 50);
    ck_assert_uint_ge(patient.pending, BELOW / 2);
    ck_assert_uint_eq(r.seen, p.total);
    ck_assert_uint_eq(r.wrong, 0);
}
END_TEST

/* ---- Opening and closing ----------------------------------------------------------------- */

START_TEST(a_file_is_created_by_the_umask_and_emptied)
{
    struct stat st;
    mode_t mask = umask(027);
    struct cli_output *out = open_output(path);

    umask(mask);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    ck_assert_int_eq(put(out, "one\ntwo\n"), 0);
    ck_assert(!cli_output_is_terminal(out));
    check_close(out, "");
    check_content("one\ntwo\n");
    check_close(open_output(path), "");
    check_content("");
}
END_TEST

static void check_open_error(const char *name, int code, const char *expected)
{
    struct cli_output *out = NULL;
    char *error = NULL;

    ck_assert_int_eq(cli_output_open(&out, &loop, name, &error), code);
    ck_assert_ptr_null(out);
    ck_assert_str_eq(error, expected);
    free(error);
}

START_TEST(what_cannot_be_opened_is_named)
{
    check_open_error("/nonexistent/out", UV_ENOENT,
                     "/nonexistent/out: No such file or directory");
    check_open_error("/tmp", UV_EISDIR, "/tmp: Is a directory");
    close(STDOUT_FILENO);
    check_open_error("-", UV_EBADF, "standard output: Bad file descriptor");
    check_open_error(NULL, UV_EBADF, "standard output: Bad file descriptor");
}
END_TEST

START_TEST(a_record_is_written_without_more_to_come_and_without_close)
{
    struct cli_output *out = open_output(path);

    ck_assert_int_eq(put(out, "one\n"), 0);
    ck_assert_uint_eq(cli_output_pending(out), 4);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_uint_eq(cli_output_pending(out), 0);
    check_content("one\n");
    ck_assert_int_eq(put(out, ""), 0);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_NOWAIT), 0);
    ck_assert_int_eq(put(out, "two\n"), 0);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    check_content("one\ntwo\n");
    check_close(out, "");
}
END_TEST

START_TEST(standard_output_stays_open)
{
    struct cli_output *out = open_pipe();
    char text[8] = "";

    put(out, "one\n");
    check_close(out, "");
    ck_assert_int_ge(fcntl(STDOUT_FILENO, F_GETFD), 0);
    ck_assert_int_eq((int)read(ends[0], text, sizeof(text)), 4);
    ck_assert_str_eq(text, "one\n");
    close(ends[0]);
}
END_TEST

START_TEST(closing_nothing_calls_back_at_once)
{
    struct closed c = {0};

    cli_output_close(NULL, on_closed, &c);
    ck_assert_int_eq(c.calls, 1);
    cli_output_close(NULL, NULL, NULL);
    cli_output_close(open_output(path), NULL, NULL);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}
END_TEST

/* ---- Failure ----------------------------------------------------------------------------- */

static void check_failed(struct cli_output *out, const char *error)
{
    int drains = 0;

    ck_assert_int_eq(put(out, "one\n"), 0);
    ck_assert(!cli_output_failed(out));
    ck_assert_ptr_null(cli_output_error(out));
    cli_output_on_drain(out, 1, count, &drains);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert(cli_output_failed(out));
    ck_assert_str_eq(cli_output_error(out), error);
    ck_assert_int_eq(drains, 1);
    ck_assert_int_eq(put(out, "two\n"), TRAWL_EWRITE);
    ck_assert_uint_eq(cli_output_pending(out), 0);
    cli_output_on_drain(out, 1, count, &drains);
    ck_assert_int_eq(drains, 1);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(drains, 2);
    check_close(out, error);
}

START_TEST(a_full_disk_is_an_error_that_names_the_file)
{
    check_failed(open_output("/dev/full"), "/dev/full: No space left on device");
}
END_TEST

START_TEST(a_reader_that_went_away_is_an_error)
{
    struct cli_output *out = open_pipe();

    close(ends[0]);
    check_failed(out, "standard output: Broken pipe");
}
END_TEST

START_TEST(a_reader_that_goes_away_in_the_middle_is_an_error)
{
    struct cli_output *out = open_pipe();
    char *line = malloc(600000);
    int drains = 0;

    memset(line, 'x', 600000);
    line[599999] = '\n';
    ck_assert_int_eq(cli_output_write(out, line, 600000), 0);
    ck_assert_int_eq((int)read(ends[0], line, 1000), 1000);
    ck_assert_int_eq(cli_output_write(out, line, 1000), 0);
    close(ends[0]);
    cli_output_on_drain(out, 0, count, &drains);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(drains, 1);
    check_close(out, "standard output: Broken pipe");
    free(line);
}
END_TEST

START_TEST(a_failure_while_closing_is_told)
{
    struct cli_output *out = open_output("/dev/full");

    put(out, "one\n");
    check_close(out, "/dev/full: No space left on device");
}
END_TEST

/* ---- Drain and hooks --------------------------------------------------------------------- */

START_TEST(a_drain_callback_runs_once_and_never_within_the_call)
{
    struct cli_output *out = open_output(path);
    int first = 0;
    int second = 0;

    cli_output_on_drain(out, 10, count, &first);
    ck_assert_int_eq(first, 0);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(first, 1);
    put(out, "one\n");
    cli_output_on_drain(out, 0, count, &first);
    cli_output_on_drain(out, 0, count, &second);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(first, 1);
    ck_assert_int_eq(second, 1);
    put(out, "two\n");
    cli_output_on_drain(out, 1, count, &first);
    cli_output_on_drain(out, 1, NULL, NULL);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cli_output_on_drain(out, 1, count, &first);
    check_close(out, "");
    ck_assert_int_eq(first, 1);
}
END_TEST

struct hooks {
    int before;
    int after;
    off_t size_before[2];
    off_t size_after[2];
};

static off_t file_size(void)
{
    struct stat st;

    ck_assert_int_eq(stat(path, &st), 0);
    return st.st_size;
}

static void on_before(void *data)
{
    struct hooks *h = data;

    ck_assert_int_eq(h->before, h->after);
    ck_assert_int_lt(h->before, 2);
    h->size_before[h->before++] = file_size();
}

static void on_after(void *data)
{
    struct hooks *h = data;

    h->size_after[h->after++] = file_size();
    ck_assert_int_eq(h->before, h->after);
}

START_TEST(hooks_stand_around_each_write)
{
    struct cli_output *out = open_output(path);
    struct hooks h = {0};

    cli_output_set_hooks(out, on_before, on_after, &h);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(h.before, 0);
    put(out, "one\n");
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    put(out, "two\n");
    check_close(out, "");
    ck_assert_int_eq(h.after, 2);
    ck_assert_int_eq(h.size_before[0], 0);
    ck_assert_int_eq(h.size_after[0], 4);
    ck_assert_int_eq(h.size_before[1], 4);
    ck_assert_int_eq(h.size_after[1], 8);
}
END_TEST

/* ---- Abort ------------------------------------------------------------------------------- */

#define LINES 60000

static void write_lines(struct cli_output *out, int from, int to)
{
    char line[64];
    int i;

    for (i = from; i < to; i++) {
        snprintf(line, sizeof(line), "%d %.*s\n", i, i % 40,
                 "........................................");
        put(out, line);
    }
}

/* The number of lines; each must be whole and in its place. */
static int check_lines(const char *text, size_t len)
{
    const char *p = text;
    const char *end = text + len;
    char expected[64];
    int i;

    for (i = 0; p < end; i++) {
        size_t n = (size_t)snprintf(expected, sizeof(expected), "%d %.*s\n", i, i % 40,
                                    "........................................");

        if ((size_t)(end - p) < n || memcmp(p, expected, n) != 0)
            ck_abort_msg("line %d is not whole: %.*s", i, 40, p);
        p += n;
    }
    return i;
}

/* Another process, as abort is for the end of one. rounds: how often the loop runs before. */
static void abort_in_child(const char *name, int flags, int rounds)
{
    pid_t pid = fork();
    int status;

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct cli_output *out;
        char *error;

        if (cli_output_open(&out, &loop, name, &error) != 0)
            _exit(1);
        if (flags != 0)
            (void)fcntl(STDOUT_FILENO, F_SETFL, flags);
        write_lines(out, 0, LINES / 2);
        while (rounds-- > 0) {
            uv_run(&loop, UV_RUN_NOWAIT);
            uv_sleep(2);
        }
        write_lines(out, LINES / 2, LINES);
        cli_output_abort(out);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(abort_writes_everything_to_a_file)
{
    size_t len;
    char *text;

    abort_in_child(path, 0, _i);
    text = content(&len);
    ck_assert_int_eq(check_lines(text, len), LINES);
    free(text);
}
END_TEST

/* Nobody reads, so the pipe is full when the process ends. */
static void abort_into_full_pipe(int flags, int rounds)
{
    char *text = malloc(1 << 20);
    size_t len = 0;
    ssize_t n;
    int lines;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    abort_in_child(NULL, flags, rounds);
    ck_assert_int_eq(dup2(STDERR_FILENO, STDOUT_FILENO), STDOUT_FILENO);
    while ((n = read(ends[0], text + len, ((size_t)1 << 20) - len)) > 0)
        len += (size_t)n;
    close(ends[0]);
    lines = check_lines(text, len);
    ck_assert_int_gt(lines, 100);
    ck_assert_int_lt(lines, LINES);
    free(text);
}

START_TEST(abort_leaves_whole_lines_in_a_full_pipe)
{
    abort_into_full_pipe(0, _i);
    abort_into_full_pipe(O_NONBLOCK, _i);
}
END_TEST

START_TEST(abort_is_over_soon_after_a_failure)
{
    struct cli_output *out = open_output("/dev/full");

    put(out, "one\n");
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cli_output_abort(out);
    check_close(out, "/dev/full: No space left on device");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cli output");
    TCase *t = tcase_create("cli output");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_pipe_gets_every_byte_in_order);
    tcase_add_test(t, a_pipe_that_does_not_block_gets_every_byte_in_order);
    tcase_add_test(t, a_file_gets_every_byte_in_order);
    tcase_add_test(t, a_reader_that_does_not_read_does_not_hold_the_loop);
    tcase_add_test(t, a_file_is_created_by_the_umask_and_emptied);
    tcase_add_test(t, what_cannot_be_opened_is_named);
    tcase_add_test(t, a_record_is_written_without_more_to_come_and_without_close);
    tcase_add_test(t, standard_output_stays_open);
    tcase_add_test(t, closing_nothing_calls_back_at_once);
    tcase_add_test(t, a_full_disk_is_an_error_that_names_the_file);
    tcase_add_test(t, a_reader_that_went_away_is_an_error);
    tcase_add_test(t, a_reader_that_goes_away_in_the_middle_is_an_error);
    tcase_add_test(t, a_failure_while_closing_is_told);
    tcase_add_test(t, a_drain_callback_runs_once_and_never_within_the_call);
    tcase_add_test(t, hooks_stand_around_each_write);
    tcase_add_loop_test(t, abort_writes_everything_to_a_file, 0, 4);
    tcase_add_loop_test(t, abort_leaves_whole_lines_in_a_full_pipe, 0, 4);
    tcase_add_test(t, abort_is_over_soon_after_a_failure);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
