/* The decoders of the Encoding standard's sections 10 to 13, for text.c alone. */
#ifndef TW_PARSE_TEXT_CJK_H
#define TW_PARSE_TEXT_CJK_H

#include <stddef.h>
#include <stdint.h>

#include "parse/text.h"
#include "parse/text_map.h"

/* Where UTF-8 goes. The one who starts it sees to four bytes of room for each character left.
 */
struct tw_text_out {
    char *p;
    size_t chars_left;
};

/* Writes one character. chars_left must not be 0. */
void tw_text_put(struct tw_text_out *out, uint32_t c);

/* Returns where it stopped: at the end, at a sequence that the end cuts, or where there was no
 * room for more. Only ISO-2022-JP has a state. */
typedef const uint8_t *(*tw_cjk_decode)(struct tw_maps *maps, struct tw_text_state *state,
                                        struct tw_text_out *out, const uint8_t *p,
                                        const uint8_t *end);

/* The decoder of the encoding with this name, NULL if it is none of these; its tables are then
 * open. 0 or TRAWL_ENOMEM. */
int tw_cjk_open(struct tw_maps *maps, const char *name, tw_cjk_decode *decode);

#endif
