/* One line for a terminal: nothing in it but printable text, our own colours (SGR) and the
 * newline at its end, and not wider than asked.
 *
 * What a terminal would act on or not show is made visible: C0 and DEL as the control pictures
 * of U+2400, other controls, format characters (bidi, zero-width) and line separators as
 * \u{202e}. Widths are those of uc_width(): wide CJK is two columns, a combining mark none. */
#ifndef TW_SINK_LINE_H
#define TW_SINK_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "sink/out.h"

struct tw_line {
    struct tw_out *out;
    size_t columns; /* 0: no limit */
    size_t width;
    size_t keep;  /* how much of out stays when the line has to be cut */
    bool color;   /* colours are wanted */
    bool on;      /* one is on at the end */
    bool keep_on; /* ... or at keep */
    bool full;    /* was cut; what follows is dropped */
};

#define TW_SGR_RED      "\033[31m"
#define TW_SGR_GREEN    "\033[32m"
#define TW_SGR_YELLOW   "\033[33m"
#define TW_SGR_CYAN     "\033[36m"
#define TW_SGR_BOLD_RED "\033[1;31m"
#define TW_SGR_DIM      "\033[2m"

void tw_line_begin(struct tw_line *line, struct tw_out *out, bool color, size_t columns);
/* Cuts with "…" when it gets too wide. s is valid UTF-8. */
void tw_line_text(struct tw_line *line, struct tw_str s);
void tw_line_text_z(struct tw_line *line, const char *s);
/* The same with each run of white space as one space, and none at either end. */
void tw_line_folded(struct tw_line *line, struct tw_str s);
/* Nothing but such white space. */
bool tw_line_is_blank(struct tw_str s);
/* One of TW_SGR_* or, to end it, NULL. Does nothing where colours are not wanted. */
void tw_line_color(struct tw_line *line, const char *sgr);
void tw_line_end(struct tw_line *line);

#endif
