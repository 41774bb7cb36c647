#include "cli/record.h"

#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"

yajl_gen cli_record_open(void)
{
    yajl_gen gen = yajl_gen_alloc(NULL);
    if (gen != NULL) {
        yajl_gen_config(gen, yajl_gen_validate_utf8, 1);
    }
    return gen;
}

/* No control characters, those of C1 (U+0080 to U+009F) neither. */
static bool is_tame(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    for (; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f || (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)) {
            return false;
        }
    }
    return true;
}

static bool put_string(yajl_gen gen, const char *text)
{
    return yajl_gen_string(gen, (const unsigned char *)text, strlen(text)) ==
           yajl_gen_status_ok;
}

void cli_record_text(yajl_gen gen, const char *key, const char *text)
{
    yajl_gen_string(gen, (const unsigned char *)key, strlen(key));
    if (text == NULL) {
        yajl_gen_null(gen);
        return;
    }
    if (is_tame(text) && put_string(gen, text)) {
        return;
    }
    char *escaped = cli_escape(text, strlen(text), "");
    if (escaped == NULL || !put_string(gen, escaped)) {
        yajl_gen_null(gen);
    }
    free(escaped);
}

const char *cli_record_end(yajl_gen gen, size_t *len)
{
    const unsigned char *text;
    yajl_gen_reset(gen, "\n");
    if (yajl_gen_get_buf(gen, &text, len) != yajl_gen_status_ok) {
        return NULL;
    }
    return (const char *)text;
}

void cli_record_next(yajl_gen gen)
{
    yajl_gen_clear(gen);
}

const char *cli_record_rejected(yajl_gen gen, const trawl_rejected *rejected, size_t *len)
{
    cli_record_next(gen);
    yajl_gen_map_open(gen);
    cli_record_text(gen, "url", rejected->url);
    cli_record_text(gen, "reason", trawl_reject_name(rejected->reason));
    cli_record_text(gen, "rule", rejected->rule[0] != '\0' ? rejected->rule : NULL);
    if (rejected->line > 0) {
        cli_json_count(gen, "line", rejected->line);
    } else {
        cli_record_text(gen, "line", NULL);
    }
    cli_json_count(gen, "depth", rejected->depth);
    cli_record_text(gen, "from", rejected->from);
    yajl_gen_map_close(gen);
    return cli_record_end(gen, len);
}

const char *cli_record_link(yajl_gen gen, const trawl_link *link, size_t *len)
{
    cli_record_next(gen);
    yajl_gen_map_open(gen);
    cli_record_text(gen, "url", link->url);
    cli_record_text(gen, "tag", link->tag);
    cli_record_text(gen, "attribute", link->attribute);
    cli_record_text(gen, "kind", link->is_requisite ? "requisite" : "navigation");
    cli_record_text(gen, "rel", link->rel);
    cli_json_bool(gen, "nofollow", link->nofollow);
    yajl_gen_map_close(gen);
    return cli_record_end(gen, len);
}
