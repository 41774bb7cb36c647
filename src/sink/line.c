#include "sink/line.h"

#include <stdio.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

#define RESET    "\033[0m"
#define ELLIPSIS "\xe2\x80\xa6"

void tw_line_begin(struct tw_line *line, struct tw_out *out, bool color, size_t columns)
{
    *line =
        (struct tw_line){.out = out, .columns = columns, .color = color, .keep = out->buf.len};
}

static void mark(struct tw_line *line)
{
    if (line->width < line->columns) {
        line->keep = line->out->buf.len;
        line->keep_on = line->on;
    }
}

static void cut(struct tw_line *line)
{
    if (line->out->err == 0)
        line->out->buf.len = line->keep;
    tw_out_lit(line->out, ELLIPSIS);
    line->on = line->keep_on;
    line->full = true;
}

/* Something that is shown whole or not at all. */
static void unit(struct tw_line *line, const char *s, size_t len, size_t width)
{
    if (line->full)
        return;
    if (line->columns != 0 && width > line->columns - line->width) {
        cut(line);
        return;
    }
    tw_out_bytes(line->out, s, len);
    line->width += width;
    mark(line);
}

/*
 * What shows nothing by itself. Code points that Unicode sets aside to be ignored are such even
 * where they are not assigned yet (U+2065), but marks are not: emoji have variation selectors.
 */
static bool is_hidden(ucs4_t c)
{
    const uint32_t hidden = UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs |
                            UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp;

    return uc_is_general_category_withtable(c, hidden) ||
           (uc_is_property_default_ignorable_code_point(c) &&
            !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M));
}

static void character(struct tw_line *line, ucs4_t c)
{
    char text[16];
    int len, width;

    if (c < 0x20 || c == 0x7f)
        c = c == 0x7f ? 0x2421 : 0x2400 + c;
    width = uc_width(c, "UTF-8");
    if (width < 0 || is_hidden(c)) {
        len = snprintf(text, sizeof(text), "\\u{%x}", (unsigned)c);
        width = len;
    } else {
        len = u8_uctomb((uint8_t *)text, c, sizeof(text));
    }
    unit(line, text, (size_t)len, (size_t)width);
}

static size_t printable_len(struct tw_str s)
{
    size_t i = 0;

    while (i < s.len && s.s[i] >= 0x20 && s.s[i] < 0x7f)
        i++;
    return i;
}

/* The run of printable ASCII at the start of s, which needs no look at each character. */
static size_t printable(struct tw_line *line, struct tw_str s)
{
    size_t len = printable_len(s);
    size_t i, room = line->columns == 0 ? SIZE_MAX : line->columns - line->width;

    if (len < room) {
        unit(line, s.s, len, len);
        return len;
    }
    for (i = 0; i < len && !line->full; i++)
        unit(line, s.s + i, 1, 1);
    return len;
}

void tw_line_text(struct tw_line *line, struct tw_str s)
{
    size_t len;
    ucs4_t c;

    while (s.len > 0 && !line->full && line->out->err == 0) {
        len = printable(line, s);
        if (len == 0) {
            len = (size_t)u8_mbtouc(&c, (const uint8_t *)s.s, s.len);
            character(line, c);
        }
        s.s += len;
        s.len -= len;
    }
}

void tw_line_text_z(struct tw_line *line, const char *s)
{
    tw_line_text(line, (struct tw_str){s, strlen(s)});
}

/* The length of the white space that s begins with: that of HTML, and Unicode's spaces. */
static size_t space_len(struct tw_str s)
{
    ucs4_t c;
    int len = u8_mbtouc(&c, (const uint8_t *)s.s, s.len);
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';

    if (c >= 0x80)
        space = uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Zs);
    return space ? (size_t)len : 0;
}

static size_t word_len(struct tw_str s)
{
    size_t i = 0;
    ucs4_t c;

    while (i < s.len && space_len((struct tw_str){s.s + i, s.len - i}) == 0)
        i += (size_t)u8_mbtouc(&c, (const uint8_t *)s.s + i, s.len - i);
    return i;
}

bool tw_line_is_blank(struct tw_str s)
{
    size_t len;

    while (s.len > 0 && (len = space_len(s)) > 0) {
        s.s += len;
        s.len -= len;
    }
    return s.len == 0;
}

void tw_line_folded(struct tw_line *line, struct tw_str s)
{
    bool first = true;
    size_t len;

    while (s.len > 0 && !line->full && line->out->err == 0) {
        len = space_len(s);
        if (len == 0) {
            if (!first)
                tw_line_text_z(line, " ");
            first = false;
            len = word_len(s);
            tw_line_text(line, (struct tw_str){s.s, len});
        }
        s.s += len;
        s.len -= len;
    }
}

void tw_line_color(struct tw_line *line, const char *sgr)
{
    if (!line->color || line->full || (sgr == NULL && !line->on))
        return;
    if (sgr == NULL)
        sgr = RESET;
    tw_out_bytes(line->out, sgr, strlen(sgr));
    line->on = strcmp(sgr, RESET) != 0;
    mark(line);
}

void tw_line_end(struct tw_line *line)
{
    if (line->on)
        tw_out_lit(line->out, RESET);
    tw_out_lit(line->out, "\n");
}
