/* What worker processes may do to a run, and a run to them: they are killed, hang, talk nonsense or
 * cannot be started; and none is left behind. What every strategy has to do is in test_engine.c. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch/frames.h"
#include "fetch_catch.h"

/* This program is its own worker. */
static const char *const worker_argv[] = {"/proc/self/exe", "worker", NULL};
static unsigned fds_before;

/* ---- what /proc says ---- */

static unsigned count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

/* The first children of a process, up to max; how many these are. */
static unsigned children_of(pid_t parent, pid_t *pids, unsigned max)
{
    char path[64];
    unsigned n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    f = fopen(path, "r");
    while (f != NULL && n < max && fscanf(f, "%d", &pids[n]) == 1)
        n++;
    if (f != NULL)
        fclose(f);
    return n;
}

static unsigned children(pid_t *pids, unsigned max)
{
    return children_of(getpid(), pids, max);
}

static pid_t only_child(void)
{
    pid_t pids[8];

    ck_assert_uint_eq(children(pids, 8), 1);
    return pids[0];
}

static bool file_has(pid_t pid, const char *name, const char *text)
{
    struct tw_buf b = {0};
    char path[64];
    bool has;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    do {
        ck_assert_int_eq(tw_buf_reserve(&b, 65536), 0);
        n = read(fd, b.data + b.len, 65536);
        ck_assert_int_ge(n, 0);
        b.len += (size_t)n;
    } while (n > 0);
    close(fd);
    ck_assert_uint_gt(b.len, 0);
    has = memmem(b.data, b.len, text, strlen(text)) != NULL;
    tw_buf_free(&b);
    return has;
}

/* Waits for it to be dead, and leaves it as a zombie. */
static void await_death(pid_t pid)
{
    siginfo_t info;

    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

/* ---- every test ---- */

static void setup(void)
{
    signal(SIGPIPE, SIG_DFL);
    /* What libuv keeps open for good once it has had a loop. */
    ck_assert_int_eq(uv_loop_init(&net.loop), 0);
    ck_assert_int_eq(uv_loop_close(&net.loop), 0);
    fds_before = count_fds();
    net_begin();
    net.options.strategy = "process";
    net.options.worker_argv = worker_argv;
}

static void teardown(void)
{
    net_end();
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    ck_assert_uint_eq(count_fds(), fds_before);
}

static void turn(void)
{
    uv_run(&net.loop, UV_RUN_NOWAIT);
    usleep(1000);
}

static void await_requests(uint64_t n)
{
    while (origin_stats(net.origin).requests < n)
        turn();
}

static struct got *add(const char *target)
{
    return got_add(net_url(0, target), SIZE_MAX, NULL);
}

/* ---- workers that die ---- */

#define URLS 200
#define KILLS 8

static struct {
    unsigned done, kills;
    uint64_t seed;
    uv_timer_t timer;
} hunt;

static void on_hunted_done(trawl *t, const trawl_result *result)
{
    (void)t;
    ck_assert_msg(result->error == 0, "%s: %s", trawl_err_name(result->error), result->detail);
    ck_assert_int_eq(result->status, 200);
    ck_assert_uint_eq(result->body_len, 3000);
    if (++hunt.done == URLS)
        uv_close((uv_handle_t *)&hunt.timer, NULL);
}

/* Only when all are at work: a program of which many die at their start is given up, rightly. */
static void on_hunt(uv_timer_t *timer)
{
    pid_t pids[16];
    unsigned n = children(pids, 16);

    hunt.seed = hunt.seed * 6364136223846793005U + 1442695040888963407U;
    if (n == 0 || origin_stats(net.origin).open < n)
        return;
    kill(pids[(hunt.seed >> 33) % n], SIGKILL);
    if (++hunt.kills == KILLS)
        uv_timer_stop(timer);
}

START_TEST(killed_workers_lose_no_url)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    trawl_stats stats;

    net.options.tries = KILLS + 1;
    net.options.workers = 4 + (unsigned)_i;
    hunt.seed = (uint64_t)_i;
    for (unsigned i = 0; i < URLS; i++) {
        request.url = net_url(i % 3, "/?size=3000&latency=40");
        request.on_done = on_hunted_done;
        ck_assert_int_eq(trawl_fetch(net_open(), &request, NULL), 0);
    }
    uv_timer_init(&net.loop, &hunt.timer);
    uv_timer_start(&hunt.timer, on_hunt, 10, 10);
    net_run();
    ck_assert_uint_eq(hunt.done, URLS);
    ck_assert_uint_ge(hunt.kills, 1);
    trawl_get_stats(net.t, &stats);
    ck_assert_uint_ge(stats.retries, 1);
    ck_assert_uint_le(stats.retries, hunt.kills);
}
END_TEST

START_TEST(a_killed_worker_is_told_and_replaced)
{
    struct got *g;

    net.options.tries = 1;
    g = add("/?stall=10");
    await_requests(1);
    kill(only_child(), SIGKILL);
    net_run();
    ck_assert_int_eq(g->r.error, TRAWL_EWORKER);
    ck_assert(got_has(&g->detail, "killed by signal 9"));
    got_is(got_target("/?body=next"), 0, 200);
}
END_TEST

/* Writing to it would raise SIGPIPE; and its death is no fault of the fetch. */
START_TEST(workers_that_died_idle_are_not_missed)
{
    const struct got *g;
    pid_t pid;

    got_is(got_target("/?body=first"), 0, 200);
    for (int i = 0; i < 3; i++) {
        pid = only_child();
        kill(pid, SIGKILL);
        await_death(pid);
        g = got_target("/?body=next");
        got_is(g, 0, 200);
        ck_assert_uint_eq(g->r.tries, 1);
    }
}
END_TEST

START_TEST(signals_for_the_parent_do_not_end_workers)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct got *g = add("/?latency=100&body=calm");
    pid_t pid;

    await_requests(1);
    pid = only_child();
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        ck_assert_int_eq(kill(pid, signals[i]), 0);
    net_run();
    got_is(g, 0, 200);
    ck_assert_uint_eq(g->r.tries, 1);
}
END_TEST

/* ---- parents that die ---- */

/* A process of its own, where check's assertions have no meaning. */
struct parent {
    uv_loop_t loop;
    const char *port;
    int done;
};

static void parent_fetch(trawl *t, struct parent *p, const char *target);

/* Two workers have been idle since, two fetch for ever. */
static void on_parent_done(trawl *t, const trawl_result *result)
{
    struct parent *p = result->data;

    if (++p->done != 4)
        return;
    parent_fetch(t, p, "/?stall=5");
    parent_fetch(t, p, "/?drip=1");
}

static void parent_fetch(trawl *t, struct parent *p, const char *target)
{
    trawl_request request = TRAWL_REQUEST_INIT;
    char url[128];

    snprintf(url, sizeof(url), "http://127.0.0.1:%s%s", p->port, target);
    request.url = url;
    request.on_done = on_parent_done;
    request.data = p;
    trawl_fetch(t, &request, NULL);
}

static int live_for_ever(const char *port)
{
    struct parent p = {.port = port};
    trawl_options options = TRAWL_OPTIONS_INIT;
    trawl *t;

    options.strategy = "process";
    options.worker_argv = worker_argv;
    if (uv_loop_init(&p.loop) != 0 || trawl_open(&t, &p.loop, &options) != 0)
        return EXIT_FAILURE;
    for (int i = 0; i < 4; i++)
        parent_fetch(t, &p, "/?body=x&latency=50");
    return uv_run(&p.loop, UV_RUN_DEFAULT);
}

static pid_t start_parent(void)
{
    char port[16];
    pid_t pid;

    snprintf(port, sizeof(port), "%u", net.port);
    pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "test_process", "parent", port, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

START_TEST(a_killed_parent_leaves_no_process)
{
    pid_t parent, pids[8];
    int dead = 0;

    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    parent = start_parent();
    /* 0: on their way to exec or just there; 1: all at work. */
    while (children_of(parent, pids, 8) < 4 ||
           (_i == 1 && origin_stats(net.origin).requests < 6))
        usleep(200);
    ck_assert_int_eq(kill(parent, SIGKILL), 0);
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    /* Whatever is left is ours now, and waited for until it ends. */
    while (waitpid(-1, NULL, 0) > 0)
        dead++;
    ck_assert_int_eq(errno, ECHILD);
    ck_assert_int_ge(dead, 4);
}
END_TEST

/* ---- programs that are no workers ---- */

#define STRANGERS 40

static void add_strangers(struct got **all)
{
    net.options.tries = 1;
    for (int i = 0; i < STRANGERS; i++)
        all[i] = add("/?body=never");
    net_run();
    for (int i = 0; i < STRANGERS; i++)
        got_is(all[i], TRAWL_EWORKER, 0);
    ck_assert_uint_eq(origin_stats(net.origin).requests, 0);
}

START_TEST(a_program_that_is_not_there)
{
    static const char *const argv[] = {"/nowhere/trawl", "worker", NULL};
    struct got *all[STRANGERS];

    net.options.worker_argv = argv;
    add_strangers(all);
    for (int i = 0; i < STRANGERS; i++)
        ck_assert_str_eq(all[i]->detail.data,
                         "/nowhere/trawl cannot be started: no such file or directory");
}
END_TEST

/* Each start leaves a byte behind. */
START_TEST(a_program_that_ends_at_once_is_not_started_for_ever)
{
    char path[] = "/tmp/trawl_test_XXXXXX", script[128];
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct got *all[STRANGERS];
    struct stat st;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    snprintf(script, sizeof(script), "printf x >>%s; exit 3", path);
    net.options.worker_argv = argv;
    add_strangers(all);
    ck_assert(got_has(&all[0]->detail, "sh ended with status 3"));
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_ge(st.st_size, 3);
    ck_assert_int_le(st.st_size, 4 + 3); /* as many as there may be, and three in a row */
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(programs_that_are_no_workers)
{
    static const char *const rows[][4] = {
        {"cat", NULL},
        {"yes", NULL},
        {"sh", "-c", "printf T; cat >/dev/null", NULL}, /* ends with its input, at close */
        {"sh", "-c", "exec <&- >&-; exec sleep 1000", NULL},
        {"sh", "-c", "printf 'T\\001\\010\\000\\001\\000\\000\\000x'; exec sleep 1000", NULL},
    };
    struct got *all[STRANGERS];

    net.options.worker_argv = rows[_i];
    if (_i == 2) {
        all[0] = add("/?body=never");
        for (int i = 0; i < 50; i++)
            turn();
        net_shut();
        net_run();
        ck_assert_int_eq(all[0]->r.error, TRAWL_ECANCELED);
        return;
    }
    add_strangers(all);
    ck_assert(got_has(&all[0]->detail, rows[_i][0]));
    ck_assert(_i == 3 || got_has(&all[0]->detail, "does not speak the language of workers"));
}
END_TEST

START_TEST(a_program_that_says_nothing)
{
    static const char *const argv[] = {"sleep", "1000", NULL};
    struct got *all[STRANGERS];

    net.options.worker_argv = argv;
    add_strangers(all);
    ck_assert_str_eq(all[0]->detail.data, "sleep does not answer");
}
END_TEST

/* A worker for each of its first two jobs, then none any more: what it had ends in errors, but all
 * end. */
START_TEST(a_program_that_stops_being_a_worker)
{
    char path[] = "/tmp/trawl_test_XXXXXX", script[256];
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct got *g;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    snprintf(script, sizeof(script), "test -e %s || exit 1; exec /proc/%d/exe worker", path,
             (int)getpid());
    net.options.worker_argv = argv;
    net.options.tries = 1;
    got_is(got_target("/?body=fine"), 0, 200);
    close(fd);
    unlink(path);
    got_is(got_target("/?body=fine"), 0, 200); /* by the one that lives */
    kill(only_child(), SIGKILL);
    await_death(only_child());
    g = got_target("/?body=never");
    got_is(g, TRAWL_EWORKER, 0);
    ck_assert(got_has(&g->detail, "sh ended with status 1"));
}
END_TEST

START_TEST(no_program_is_an_error_of_open)
{
    static const char *const none[] = {NULL}, *const empty[] = {"", NULL};
    trawl *t = NULL;

    net.options.worker_argv = NULL;
    ck_assert_int_eq(trawl_open(&t, &net.loop, &net.options), TRAWL_EINVAL);
    net.options.worker_argv = none;
    ck_assert_int_eq(trawl_open(&t, &net.loop, &net.options), TRAWL_EINVAL);
    net.options.worker_argv = empty;
    ck_assert_int_eq(trawl_open(&t, &net.loop, &net.options), TRAWL_EINVAL);
    ck_assert_ptr_null(t);
}
END_TEST

/* ---- workers that hang ---- */

START_TEST(a_worker_that_hangs_can_be_cancelled)
{
    struct got *g = add("/?stall=10");
    pid_t pid;

    await_requests(1);
    pid = only_child();
    kill(pid, SIGSTOP);
    ck_assert_int_eq(trawl_cancel(net.t, g->id), 0);
    net_run();
    ck_assert_int_eq(g->r.error, TRAWL_ECANCELED);
    got_is(got_target("/?body=next"), 0, 200);
    ck_assert_int_ne(only_child(), pid);
}
END_TEST

START_TEST(a_worker_that_hangs_is_closed)
{
    struct got *g = add("/?stall=10");

    await_requests(1);
    kill(only_child(), SIGSTOP);
    net_close();
    ck_assert_int_eq(g->r.error, TRAWL_ECANCELED);
}
END_TEST

START_TEST(idle_workers_that_hang_are_closed)
{
    got_is(got_target("/?body=x"), 0, 200);
    kill(only_child(), SIGSTOP);
    net_close();
}
END_TEST

START_TEST(a_worker_that_hangs_times_out)
{
    struct got *g;

    net.options.timeout_ms = 200;
    net.options.tries = 1;
    g = add("/?stall=10");
    await_requests(1);
    kill(only_child(), SIGSTOP);
    net_run();
    ck_assert_int_eq(g->r.error, TRAWL_ETIMEDOUT);
    ck_assert(got_has(&g->detail, "hung"));
}
END_TEST

/* ---- workers that are well ---- */

START_TEST(workers_are_started_when_there_is_work)
{
    pid_t pids[8];
    pid_t first;

    net_open();
    ck_assert_uint_eq(children(pids, 8), 0);
    got_is(got_target("/?body=one"), 0, 200);
    first = only_child();
    got_is(got_target("/?body=two"), 0, 200);
    ck_assert_int_eq(only_child(), first);
    ck_assert_uint_eq(origin_stats(net.origin).connections, 1);
    net.options.workers = 3;
    net_close();
    for (int i = 0; i < 9; i++)
        add("/?latency=20&body=many");
    net_run();
    ck_assert_uint_eq(children(pids, 8), 3);
}
END_TEST

START_TEST(a_cancelled_fetch_costs_no_worker)
{
    struct got *g;
    pid_t pid;

    got_is(got_target("/?body=first"), 0, 200);
    pid = only_child();
    g = got_add(net_url(1, "/?stall=1000"), SIZE_MAX, NULL);
    await_requests(2);
    ck_assert_int_eq(trawl_cancel(net.t, g->id), 0);
    net_run();
    ck_assert_int_eq(g->r.error, TRAWL_ECANCELED);
    got_is(got_target("/?body=again"), 0, 200);
    ck_assert_int_eq(only_child(), pid);
    ck_assert_uint_eq(origin_stats(net.origin).connections, 2); /* the first one is still good */
}
END_TEST

START_TEST(a_body_over_the_limit_costs_no_worker)
{
    pid_t pid;

    net.options.max_body = 100000;
    got_is(got_target("/?body=first"), 0, 200);
    pid = only_child();
    got_is(got_target("/?endless=1"), TRAWL_EBODYSIZE, 200);
    got_is(got_target("/?bomb=10000000"), TRAWL_EBODYSIZE, 200);
    got_is(got_target("/?bomb=100000000000&encoding=br"), TRAWL_EBODYSIZE, 200);
    got_is(got_target("/?body=again"), 0, 200);
    ck_assert_int_eq(only_child(), pid);
}
END_TEST

static trawl_id paused_id;
static unsigned pauses;

static int pause_often(trawl *t, trawl_id id, unsigned tries, const char *bytes, size_t len,
                       void *data)
{
    if (pauses++ % 3 == 0) {
        paused_id = id;
        return TRAWL_PAUSE;
    }
    return got_chunk(t, id, tries, bytes, len, data);
}

static void on_resume_timer(uv_timer_t *timer)
{
    if (paused_id != 0)
        ck_assert_int_eq(trawl_resume(timer->data, paused_id), 0);
    paused_id = 0;
}

/* More than all the buffers on the way hold, and while others go on. */
START_TEST(a_paused_receiver_holds_its_worker_up)
{
    struct got *g, *other;
    uv_timer_t timer;

    pauses = 0;
    g = got_add(net_url(0, "/?size=5000000"), SIZE_MAX, pause_often);
    while (paused_id == 0)
        turn();
    for (int i = 0; i < 50; i++)
        turn();
    ck_assert_uint_eq(pauses, 1);
    other = add("/?size=5000000");
    while (other->calls == 0)
        turn();
    got_is(other, 0, 200);
    ck_assert_int_eq(g->calls, 0);
    uv_timer_init(&net.loop, &timer);
    timer.data = net.t;
    uv_timer_start(&timer, on_resume_timer, 1, 1);
    while (g->calls == 0)
        uv_run(&net.loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    net_run();
    got_is(g, 0, 200);
    ck_assert_uint_eq(g->streamed.len, 5000000);
    ck_assert_mem_eq(g->streamed.data, other->body.data, 5000000);
}
END_TEST

/* It is dead before its body has been taken: what it had sent is not lost, the end is told. */
START_TEST(a_worker_killed_while_its_receiver_is_paused)
{
    struct got *g;

    net.options.tries = 1;
    pauses = 0;
    g = got_add(net_url(0, "/?endless=1"), SIZE_MAX, pause_often);
    while (paused_id == 0)
        turn();
    kill(only_child(), SIGKILL);
    for (int i = 0; i < 20; i++)
        turn();
    ck_assert_int_eq(g->calls, 0);
    while (g->calls == 0) {
        turn();
        if (paused_id != 0)
            ck_assert_int_eq(trawl_resume(net.t, paused_id), 0);
        paused_id = 0;
    }
    ck_assert_int_eq(g->r.error, TRAWL_EWORKER);
    ck_assert_uint_gt(g->streamed.len, 0);
}
END_TEST

START_TEST(close_with_stalled_fetches)
{
    struct got *all[12];

    for (int i = 0; i < 12; i++)
        all[i] = add(i % 2 == 0 ? "/?stall=10" : "/?endless=1");
    await_requests(_i == 0 ? 0 : 4);
    net_close();
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(all[i]->r.error, TRAWL_ECANCELED);
}
END_TEST

/* Everybody on the machine can read a process's arguments. */
START_TEST(secrets_are_not_shown_to_others)
{
    static const char *const headers[] = {"Authorization: Basic s3cret", NULL};
    struct got *g;
    pid_t pid;

    net.options.headers = headers;
    g = got_add("http://user:s3cret@127.0.0.1:1/", SIZE_MAX, NULL);
    net_run();
    got_is(g, TRAWL_ECONNECT, 0);
    pid = only_child();
    ck_assert(!file_has(pid, "cmdline", "s3cret"));
    ck_assert(file_has(pid, "cmdline", "worker"));
    ck_assert(!file_has(pid, "environ", "s3cret"));
    g = add("/echo");
    net_run();
    ck_assert(got_has(&g->body, "Authorization: Basic s3cret"));
}
END_TEST

/* Everything but the streams is the parent's own. */
START_TEST(workers_inherit_no_files)
{
    char path[PATH_MAX], link[PATH_MAX], mine[64];
    struct dirent *entry;
    int fds[2];
    ssize_t n;
    DIR *dir;

    ck_assert_int_eq(pipe(fds), 0); /* not closed on exec */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
    n = readlink(path, mine, sizeof(mine) - 1);
    ck_assert_int_gt(n, 0);
    mine[n] = '\0';
    got_is(got_target("/?body=x"), 0, 200);
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)only_child());
    dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir)) != NULL) {
        n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
        link[n < 0 ? 0 : n] = '\0';
        ck_assert_str_ne(link, mine);
    }
    closedir(dir);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

/* ---- a worker alone ---- */

static pid_t start_worker(int *fd)
{
    int fds[2];
    pid_t pid;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDIN_FILENO);
        dup2(fds[1], STDOUT_FILENO);
        execv(worker_argv[0], (char **)worker_argv);
        _exit(127);
    }
    ck_assert_int_gt(pid, 0);
    close(fds[1]);
    *fd = fds[0];
    return pid;
}

static int end_of(pid_t pid)
{
    int status;

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Ends with 0, also where leaks are looked for. */
START_TEST(a_worker_frees_all_before_it_ends)
{
    static const char *const headers[] = {"X-A: b", "Cookie: c", NULL};
    static const char *const resolve[] = {"a.test:80:127.0.0.1", NULL};
    struct tw_job job = {.url = net_url(0, "/?size=50000"), .user = "u", .password = "p"};
    struct tw_buf in = {0}, out = {0};
    struct tw_frame frame = {0};
    int fd;
    pid_t pid = start_worker(&fd);
    ssize_t n = 1;

    net.options.headers = headers;
    net.options.resolve = resolve;
    ck_assert_int_eq(tw_frame_put_hello(&out, &net.options, (uint64_t)getpid()), 0);
    ck_assert_int_eq(tw_frame_put_job(&out, &job), 0);
    ck_assert_int_eq(send(fd, out.data, out.len, MSG_NOSIGNAL), (ssize_t)out.len);
    for (size_t at = 0; frame.type != TW_FRAME_DONE; at += frame.size) {
        while (n > 0 && tw_frame_parse(in.data == NULL ? "" : in.data + at, in.len - at, &frame) == 0) {
            ck_assert_int_eq(tw_buf_reserve(&in, 65536), 0);
            n = recv(fd, in.data + in.len, 65536, 0);
            ck_assert_int_gt(n, 0);
            in.len += (size_t)n;
        }
    }
    close(fd);
    ck_assert_int_eq(end_of(pid), 0);
    tw_buf_free(&in);
    tw_buf_free(&out);
}
END_TEST

START_TEST(a_worker_ends_when_it_is_told_nonsense)
{
    static const char job_first[] = {'T', 1, 2, 0, 1, 0, 0, 0, 'x'};
    struct tw_buf out = {0};
    char byte;
    int fd;
    pid_t pid = start_worker(&fd);

    if (_i == 0)
        ck_assert_int_eq(tw_buf_append(&out, "GET / HTTP/1.1\r\n\r\n", 18), 0);
    if (_i == 1)
        ck_assert_int_eq(tw_buf_append(&out, job_first, sizeof(job_first)), 0);
    if (_i == 2) /* a parent that is not ours */
        ck_assert_int_eq(tw_frame_put_hello(&out, &net.options, (uint64_t)getpid() + 1), 0);
    ck_assert_int_eq(send(fd, out.data, out.len, MSG_NOSIGNAL), (ssize_t)out.len);
    ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
    ck_assert_int_ne(end_of(pid), 0);
    close(fd);
    tw_buf_free(&out);
}
END_TEST

/* ---- descriptors ---- */

static struct rlimit files;

/* Of a process, 0 is this one. All that are below are in use; poll() takes no more at once. */
#define FILES_LEFT 4

static void take_files(pid_t pid)
{
    struct rlimit none;

    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, NULL, &files), 0);
    none = (struct rlimit){FILES_LEFT, files.rlim_max};
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &none, NULL), 0);
}

static void give_files(pid_t pid)
{
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &files, NULL), 0);
}

/* Where they lack: where workers are started, or in the worker, which is there then. */
static pid_t take_files_at(bool in_worker)
{
    pid_t pid = 0;

    net_open();
    if (in_worker) {
        got_is(got_target("/"), 0, 200);
        pid = only_child();
    }
    take_files(pid);
    return pid;
}

static void is_first_try(const struct got *g, int error, int status)
{
    got_is(g, error, status);
    ck_assert_uint_eq(g->r.tries, 1);
}

static struct {
    uv_timer_t timer;
    pid_t pid;
} later;

static void give_files_later(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    give_files(later.pid);
}

/* Another host, so that no connection is there. */
START_TEST(a_descriptor_is_waited_for)
{
    later.pid = take_files_at(_i == 1);
    uv_timer_init(&net.loop, &later.timer);
    uv_timer_start(&later.timer, give_files_later, 250, 0);
    is_first_try(got_url(net_url(1, "/")), 0, 200);
}
END_TEST

START_TEST(a_descriptor_is_not_waited_for_for_ever)
{
    pid_t pid;

    net.options.connect_timeout_ms = 300;
    pid = take_files_at(_i == 1);
    is_first_try(got_url(net_url(1, "/")), TRAWL_EMFILE, 0);
    give_files(pid);
    is_first_try(got_url(net_url(1, "/")), 0, 200);
}
END_TEST

START_TEST(a_wait_for_a_descriptor_can_be_cancelled)
{
    pid_t pid = take_files_at(_i == 1);
    struct got *g = got_add(net_url(1, "/"), SIZE_MAX, got_chunk);

    for (int i = 0; i < 50; i++)
        turn();
    ck_assert_int_eq(trawl_cancel(net.t, g->id), 0);
    net_run();
    give_files(pid);
    got_is(g, TRAWL_ECANCELED, 0);
    got_is(got_target("/"), 0, 200);
}
END_TEST

/* Those that there are take what is waiting, however long that takes. */
START_TEST(workers_that_cannot_be_started_are_not_missed)
{
    net.options.connect_timeout_ms = 300;
    net.options.workers = 3;
    got_is(got_target("/"), 0, 200);
    only_child();
    take_files(0);
    for (int i = 0; i < 5; i++)
        got_add(net_url(0, "/?latency=200"), SIZE_MAX, got_chunk);
    net_run();
    give_files(0);
    for (int i = 1; i < 6; i++)
        is_first_try(net.all[i], 0, 200);
    only_child();
}
END_TEST

static int run_tests(void)
{
    TCase *t = tcase_create("process");
    Suite *suite = suite_create("process");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, killed_workers_lose_no_url, 0, 3);
    tcase_add_test(t, a_killed_worker_is_told_and_replaced);
    tcase_add_test(t, workers_that_died_idle_are_not_missed);
    tcase_add_test(t, signals_for_the_parent_do_not_end_workers);
    tcase_add_loop_test(t, a_killed_parent_leaves_no_process, 0, 2);
    tcase_add_test(t, a_program_that_is_not_there);
    tcase_add_test(t, a_program_that_ends_at_once_is_not_started_for_ever);
    tcase_add_loop_test(t, programs_that_are_no_workers, 0, 5);
    tcase_add_test(t, a_program_that_says_nothing);
    tcase_add_test(t, a_program_that_stops_being_a_worker);
    tcase_add_test(t, no_program_is_an_error_of_open);
    tcase_add_test(t, a_worker_that_hangs_can_be_cancelled);
    tcase_add_test(t, a_worker_that_hangs_is_closed);
    tcase_add_test(t, idle_workers_that_hang_are_closed);
    tcase_add_test(t, a_worker_that_hangs_times_out);
    tcase_add_test(t, workers_are_started_when_there_is_work);
    tcase_add_test(t, a_cancelled_fetch_costs_no_worker);
    tcase_add_test(t, a_body_over_the_limit_costs_no_worker);
    tcase_add_test(t, a_paused_receiver_holds_its_worker_up);
    tcase_add_test(t, a_worker_killed_while_its_receiver_is_paused);
    tcase_add_loop_test(t, close_with_stalled_fetches, 0, 2);
    tcase_add_test(t, secrets_are_not_shown_to_others);
    tcase_add_test(t, workers_inherit_no_files);
    tcase_add_test(t, a_worker_frees_all_before_it_ends);
    tcase_add_loop_test(t, a_worker_ends_when_it_is_told_nonsense, 0, 3);
    tcase_add_loop_test(t, a_descriptor_is_waited_for, 0, 2);
    tcase_add_loop_test(t, a_descriptor_is_not_waited_for_for_ever, 0, 2);
    tcase_add_loop_test(t, a_wait_for_a_descriptor_can_be_cancelled, 0, 2);
    tcase_add_test(t, workers_that_cannot_be_started_are_not_missed);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return trawl_worker();
    if (argc > 2 && strcmp(argv[1], "parent") == 0)
        return live_for_ever(argv[2]);
    return run_tests();
}
