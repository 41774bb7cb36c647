/* What an application writes with the header alone: as C11 and as C++17. */
#include "trawl.h"

#include <string.h>

static void on_done(trawl *t, const trawl_result *result)
{
    (void)t;
    *(int *)result->data = result->error;
}

static int fetch(uv_loop_t *loop, int *error)
{
    trawl *t;
    trawl_options options = TRAWL_OPTIONS_INIT;
    trawl_request request = TRAWL_REQUEST_INIT;
    int rc = trawl_open(&t, loop, &options);
    if (rc != 0) {
        return rc;
    }
    request.url = "ftp://127.0.0.1/";
    request.on_done = on_done;
    request.data = error;
    rc = trawl_fetch(t, &request, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    trawl_close(t, NULL, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    return rc;
}

int main(void)
{
    trawl_options options = TRAWL_OPTIONS_INIT;
    trawl_request request = TRAWL_REQUEST_INIT;
    trawl_sink_options sink = TRAWL_SINK_OPTIONS_INIT;
    uv_loop_t loop;
    int error = 0;
    /* The initialisers stand in the order of the members, in both languages. */
    if (options.size != sizeof(options) || strcmp(options.strategy, "loop") != 0 ||
        options.user_agent == NULL || options.headers != NULL || options.log_level != 0 ||
        request.size != sizeof(request) || request.url_len != SIZE_MAX ||
        sink.size != sizeof(sink) || sink.columns != 0) {
        return 1;
    }
    if (strcmp(trawl_err_name(TRAWL_ECERT), "ECERT") != 0 ||
        trawl_err_kind(TRAWL_ECERT) != TRAWL_KIND_TLS) {
        return 2;
    }
    if (uv_loop_init(&loop) != 0 || fetch(&loop, &error) != 0 || error != TRAWL_ESCHEME) {
        return 3;
    }
    return uv_loop_close(&loop) == 0 ? 0 : 4;
}
