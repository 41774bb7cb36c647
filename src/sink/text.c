/* A line a result, for reading:
 *
 *     200  13.5 kB   204 ms  http://a.example/  <!doctype html> Welcome
 *     ECONNECT       1.2 ms  http://b.example/  could not connect
 *
 * A failure's name stands over the columns of status and size, which it does not have. A page of a
 * crawl has its depth before the URL, its title in place of the excerpt, and is marked if it has
 * what an earlier page had:
 *
 *     200  13.5 kB   204 ms   2  http://a.example/p  Welcome (repeats 17) */
#include "sink/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sink/human.h"
#include "sink/line.h"

/* As wide as the longest name of an error, ECONNTIMEOUT: three for the status, two, seven. */
enum { NAME_COLUMNS = 12, SIZE_COLUMNS = 7, TIME_COLUMNS = 7 };

static const char *status_color(int status)
{
    switch (status / 100) {
    case 2: return TW_SGR_GREEN;
    case 3: return TW_SGR_CYAN;
    case 4: return TW_SGR_YELLOW;
    case 5: return TW_SGR_RED;
    default: return NULL;
    }
}

static void status(struct tw_line *line, const trawl_result *r)
{
    char text[64], size[TW_HUMAN_SIZE];

    if (r->error != 0) {
        snprintf(text, sizeof(text), "%-*s", NAME_COLUMNS, trawl_err_name(r->error));
        tw_line_color(line, TW_SGR_BOLD_RED);
        tw_line_text_z(line, text);
        tw_line_color(line, NULL);
        return;
    }
    snprintf(text, sizeof(text), "%3d", r->status);
    tw_line_color(line, status_color(r->status));
    tw_line_text_z(line, text);
    tw_line_color(line, NULL);
    tw_human_bytes(size, r->bytes);
    snprintf(text, sizeof(text), "  %*s", SIZE_COLUMNS, size);
    tw_line_text_z(line, text);
}

static void duration(struct tw_line *line, const trawl_result *r)
{
    char text[64], time[TW_HUMAN_SIZE];

    tw_human_time(time, r->timing.total_us);
    snprintf(text, sizeof(text), "  %*s  ", TIME_COLUMNS, time);
    tw_line_text_z(line, text);
}

/* Its columns are those of the depths of all but endless sites. */
static void depth(struct tw_line *line, const trawl_page *page)
{
    char text[32];

    snprintf(text, sizeof(text), "%2u  ", page->depth);
    tw_line_color(line, TW_SGR_DIM);
    tw_line_text_z(line, text);
    tw_line_color(line, NULL);
}

static bool was_redirected(const trawl_result *r)
{
    if (r->redirects == 0 || r->final_url == NULL)
        return false;
    if (strlen(r->final_url) != r->url_len)
        return true;
    return r->url_len != 0 && memcmp(r->final_url, r->url, r->url_len) != 0;
}

static void urls(struct tw_out *out, struct tw_line *line, const trawl_result *r)
{
    tw_line_text(line, tw_out_valid(out, r->url, r->url_len));
    if (!was_redirected(r))
        return;
    tw_line_text_z(line, " \xe2\x86\x92 ");
    tw_line_text(line, tw_out_valid_z(out, r->final_url));
}

/* What came before the failure, which the size column cannot say. */
static void partial(struct tw_line *line, uint64_t bytes)
{
    char size[TW_HUMAN_SIZE];

    if (bytes == 0)
        return;
    tw_human_bytes(size, bytes);
    tw_line_text_z(line, " (after ");
    tw_line_text_z(line, size);
    tw_line_text_z(line, ")");
}

static void excerpt(struct tw_line *line, struct tw_str s)
{
    if (tw_line_is_blank(s))
        return;
    tw_line_text_z(line, "  ");
    tw_line_color(line, TW_SGR_DIM);
    tw_line_folded(line, s);
    tw_line_color(line, NULL);
}

static void page_end(struct tw_line *line, const trawl_page *page)
{
    char text[48];

    if (!page->is_repeat)
        return;
    snprintf(text, sizeof(text), " (repeats %" PRIu64 ")", page->repeats);
    tw_line_text_z(line, text);
}

static void add(struct tw_out *out, const trawl_sink_options *options, uint64_t index,
                const trawl_result *r, const trawl_page *page)
{
    bool titled = page != NULL && page->title != NULL;
    struct tw_line line;

    (void)index;
    tw_line_begin(&line, out, options->color, options->columns);
    status(&line, r);
    duration(&line, r);
    if (page != NULL)
        depth(&line, page);
    urls(out, &line, r);
    if (r->error != 0) {
        tw_line_text_z(&line, "  ");
        tw_line_folded(&line, tw_out_message(out, r));
        partial(&line, r->bytes);
    } else {
        excerpt(&line, titled ? tw_out_valid_z(out, page->title)
                              : tw_out_valid(out, r->excerpt, r->excerpt_len));
    }
    if (page != NULL)
        page_end(&line, page);
    tw_line_end(&line);
}

const struct tw_sink_ops tw_sink_text = {NULL, add, NULL};
