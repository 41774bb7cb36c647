/* Tables from legacy bytes to characters, for text.c and text_cjk.c alone. */
#ifndef TW_PARSE_TEXT_MAP_H
#define TW_PARSE_TEXT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TW_REPLACEMENT 0xFFFD
#define TW_UNMAPPED    UINT32_MAX

enum tw_pair_set {
    TW_PAIRS_JIS0208, /* pairs of Shift_JIS */
    TW_PAIRS_JIS0212, /* the last two bytes of EUC-JP's triples */
    TW_PAIRS_EUC_KR,
    TW_PAIRS_GB18030,
    TW_PAIRS_BIG5,
    TW_PAIRS_BIG5_ETEN, /* Big5's rows of symbols, which HKSCS maps differently */
    TW_PAIRS_COUNT,
};

#define TW_SINGLE_COUNT 28

struct tw_maps {
    uint16_t *single[TW_SINGLE_COUNT];
    struct tw_pairs *pairs[TW_PAIRS_COUNT];
};

void tw_maps_free(struct tw_maps *maps);

/* The table of a single-byte encoding's bytes 0x80 to 0xFF. 0, TRAWL_ENOMEM, or TRAWL_EINVAL
 * where name is no single-byte encoding. The table lives as long as maps. */
int tw_maps_single(struct tw_maps *maps, const char *name, const uint16_t **table);

/* Makes a set usable by tw_pair. 0 or TRAWL_ENOMEM. */
int tw_maps_open_pairs(struct tw_maps *maps, enum tw_pair_set set);

/* The character of a pair of bytes with the first from 0x80 up, or TW_UNMAPPED. */
uint32_t tw_pair(struct tw_maps *maps, enum tw_pair_set set, uint8_t a, uint8_t b);

/* A sequence of four bytes of GB18030 that stands for a character below U+10000. */
uint32_t tw_gb18030_four(struct tw_maps *maps, const uint8_t *bytes);

#endif
