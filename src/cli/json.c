#include "cli/json.h"

#include <inttypes.h>
#include <string.h>

#include "trawl.h"

static void put_key(yajl_gen gen, const char *key)
{
    if (key != NULL) {
        yajl_gen_string(gen, (const unsigned char *)key, strlen(key));
    }
}

void cli_json_map(yajl_gen gen, const char *key)
{
    put_key(gen, key);
    yajl_gen_map_open(gen);
}

void cli_json_array(yajl_gen gen, const char *key)
{
    put_key(gen, key);
    yajl_gen_array_open(gen);
}

void cli_json_text(yajl_gen gen, const char *key, const char *text)
{
    put_key(gen, key);
    if (text != NULL) {
        yajl_gen_string(gen, (const unsigned char *)text, strlen(text));
    } else {
        yajl_gen_null(gen);
    }
}

void cli_json_count(yajl_gen gen, const char *key, uint64_t n)
{
    char text[24];
    put_key(gen, key);
    snprintf(text, sizeof(text), "%" PRIu64, n);
    yajl_gen_number(gen, text, strlen(text));
}

void cli_json_integer(yajl_gen gen, const char *key, int n)
{
    put_key(gen, key);
    yajl_gen_integer(gen, n);
}

void cli_json_bool(yajl_gen gen, const char *key, bool value)
{
    put_key(gen, key);
    yajl_gen_bool(gen, value);
}

/* Made of integers, because printf's decimal point is the locale's. */
void cli_json_fixed(yajl_gen gen, const char *key, double value, unsigned decimals)
{
    char text[48];
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++) {
        scale *= 10;
    }
    uint64_t scaled = (uint64_t)(value * (double)scale + 0.5);
    put_key(gen, key);
    if (decimals == 0) {
        snprintf(text, sizeof(text), "%" PRIu64, scaled);
    } else {
        snprintf(text, sizeof(text), "%" PRIu64 ".%0*" PRIu64, scaled / scale, (int)decimals,
                 scaled % scale);
    }
    yajl_gen_number(gen, text, strlen(text));
}

int cli_json_write(yajl_gen gen, FILE *file)
{
    const unsigned char *text;
    size_t len;
    if (yajl_gen_get_buf(gen, &text, &len) != yajl_gen_status_ok) {
        return TRAWL_ENOMEM;
    }
    return fwrite(text, 1, len, file) == len && fflush(file) == 0 ? 0 : TRAWL_EWRITE;
}

yajl_val cli_json_get(yajl_val value, const char *key)
{
    const char *path[] = {key, NULL};
    return YAJL_IS_OBJECT(value) ? yajl_tree_get(value, path, yajl_t_any) : NULL;
}

uint64_t cli_json_to_count(yajl_val value)
{
    return YAJL_IS_INTEGER(value) && YAJL_GET_INTEGER(value) > 0
               ? (uint64_t)YAJL_GET_INTEGER(value)
               : 0;
}

bool cli_json_to_bool(yajl_val value)
{
    return YAJL_IS_TRUE(value);
}

const char *cli_json_to_text(yajl_val value)
{
    return YAJL_IS_STRING(value) ? YAJL_GET_STRING(value) : NULL;
}
