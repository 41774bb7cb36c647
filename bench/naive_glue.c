/* The glue of libuv and libcurl as it is usually written, for comparison: one multi handle, a
 * watcher made and torn down for each time libcurl asks, easy handles made for each transfer, and
 * libcurl's own defaults for everything else. It fetches a list of URLs and counts bytes.
 *
 *     naive_glue IN_FLIGHT < URLS
 */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

struct app {
    uv_loop_t loop;
    uv_timer_t timer;
    CURLM *multi;
    size_t in_flight, limit;
    uint64_t ok, failed, bytes;
};

struct watch {
    uv_poll_t poll;
    struct app *app;
    curl_socket_t fd;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct app *app = data;

    (void)bytes;
    app->bytes += size * count;
    return size * count;
}

static void start(struct app *app)
{
    char line[4096];

    while (app->in_flight < app->limit && fgets(line, sizeof(line), stdin) != NULL) {
        CURL *easy = curl_easy_init();

        line[strcspn(line, "\r\n")] = '\0';
        curl_easy_setopt(easy, CURLOPT_URL, line);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, app);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_multi_add_handle(app->multi, easy);
        app->in_flight++;
    }
}

static void drain(struct app *app)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(app->multi, &left)) != NULL) {
        CURL *easy = msg->easy_handle;
        long status = 0;

        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (msg->data.result == CURLE_OK && status == 200)
            app->ok++;
        else
            app->failed++;
        curl_multi_remove_handle(app->multi, easy);
        curl_easy_cleanup(easy);
        app->in_flight--;
        start(app);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    struct app *app = w->app;
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    int running;

    curl_multi_socket_action(app->multi, w->fd, status < 0 ? CURL_CSELECT_ERR : flags, &running);
    drain(app);
}

static void on_timer(uv_timer_t *timer)
{
    struct app *app = timer->data;
    int running;

    curl_multi_socket_action(app->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    drain(app);
}

static int on_multi_timer(CURLM *multi, long timeout_ms, void *data)
{
    struct app *app = data;

    (void)multi;
    if (timeout_ms < 0)
        uv_timer_stop(&app->timer);
    else
        uv_timer_start(&app->timer, on_timer, timeout_ms == 0 ? 1 : (uint64_t)timeout_ms, 0);
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static int on_multi_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
    struct app *app = data;
    struct watch *w = socket_data;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w != NULL) {
            uv_poll_stop(&w->poll);
            uv_close((uv_handle_t *)&w->poll, on_closed);
            curl_multi_assign(app->multi, fd, NULL);
        }
        return 0;
    }
    if (w == NULL) {
        w = calloc(1, sizeof(*w));
        if (w == NULL)
            return -1;
        w->app = app;
        w->fd = fd;
        w->poll.data = w;
        uv_poll_init_socket(&app->loop, &w->poll, fd);
        curl_multi_assign(app->multi, fd, w);
    }
    uv_poll_start(&w->poll,
                  (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
                  on_poll);
    return 0;
}

int main(int argc, char **argv)
{
    static struct app app;
    struct rlimit files;
    uint64_t begin;

    if (argc != 2 || (app.limit = strtoul(argv[1], NULL, 10)) == 0) {
        fprintf(stderr, "usage: naive_glue IN_FLIGHT < URLS\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    uv_loop_init(&app.loop);
    uv_timer_init(&app.loop, &app.timer);
    app.timer.data = &app;
    app.multi = curl_multi_init();
    curl_multi_setopt(app.multi, CURLMOPT_SOCKETFUNCTION, on_multi_socket);
    curl_multi_setopt(app.multi, CURLMOPT_SOCKETDATA, &app);
    curl_multi_setopt(app.multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
    curl_multi_setopt(app.multi, CURLMOPT_TIMERDATA, &app);
    begin = uv_hrtime();
    start(&app);
    while (app.in_flight > 0)
        uv_run(&app.loop, UV_RUN_ONCE);
    printf("{\"ok\":%llu,\"failed\":%llu,\"bytes\":%llu,\"seconds\":%.3f}\n",
           (unsigned long long)app.ok, (unsigned long long)app.failed,
           (unsigned long long)app.bytes, (double)(uv_hrtime() - begin) / 1e9);
    return app.failed > 0;
}
