/* Hands results to the sink, in the order in which they come. A large body is taken over and written bit
 * by bit, on turns of the loop, as far as the output has room; what comes meanwhile waits behind it. */
#ifndef CLI_WRITER_H
#define CLI_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "cli/output.h"
#include "trawl.h"

struct cli_writer;

/* out outlives the writer, whose its drain callback is. on_progress runs from the loop, with 0 when it may
 * be full no longer, or with the error of trawl_record_step() that made it give up; not after
 * cli_writer_close(). 0, or a code of trawl_sink_open(); *writer is written on success only. */
int cli_writer_open(struct cli_writer **writer, struct cli_output *out, uv_loop_t *loop,
                    const char *format, const trawl_sink_options *options,
                    void (*on_progress)(void *data, int rc), void *data);

/* Inside the callback of t that result or page is handed to; or t is NULL, and result has no body. 0 or
 * a code of trawl_sink_add(). Once the output has failed, or the writer has given up, nothing happens. */
int cli_writer_add(struct cli_writer *writer, trawl *t, uint64_t index,
                   const trawl_result *result);
int cli_writer_add_page(struct cli_writer *writer, trawl *t, const trawl_page *page);

/* Whether more than some megabytes wait to be written; then on_progress is to come. */
bool cli_writer_is_full(struct cli_writer *writer);

/* Whether nothing waits for a turn of its own; else on_progress is to come. */
bool cli_writer_is_idle(const struct cli_writer *writer);

/* Writes what waits, closes the sink, frees; then cb runs, from the loop or, with writer NULL, within
 * this call. How long it held the loop is added to stays, as the caller's, before. */
void cli_writer_close(struct cli_writer *writer, trawl_stays *stays, void (*cb)(void *data),
                      void *data);

#endif
