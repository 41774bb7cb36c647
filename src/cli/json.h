/* yajl in fewer words. A key of NULL is for the elements of an array. Numbers never depend on
 * the locale. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_tree.h>

void cli_json_map(yajl_gen gen, const char *key);
void cli_json_array(yajl_gen gen, const char *key);
void cli_json_text(yajl_gen gen, const char *key, const char *text); /* NULL is null */
void cli_json_count(yajl_gen gen, const char *key, uint64_t n);
void cli_json_integer(yajl_gen gen, const char *key, int n);
void cli_json_bool(yajl_gen gen, const char *key, bool value);
/* With so many decimals, 9 at the most; value is not negative. */
void cli_json_fixed(yajl_gen gen, const char *key, double value, unsigned decimals);

/* Writes what was generated; 0, TRAWL_ENOMEM or TRAWL_EWRITE. */
int cli_json_write(yajl_gen gen, FILE *file);

/* The member of an object, NULL if there is none or value is no object. */
yajl_val cli_json_get(yajl_val value, const char *key);
/* 0 if the value is no whole number from 0 on, false if it is not true, NULL if it is no
 * string. */
uint64_t cli_json_to_count(yajl_val value);
bool cli_json_to_bool(yajl_val value);
const char *cli_json_to_text(yajl_val value);

#endif
