/* The output formats. Each is one const table of functions that append to a buffer; sink.c has
 * the list of them, hands finished records to the caller's write callback and is all that
 * trawl.h shows. A record is handed over whole, in one call; or, with its body, piece by piece.
 *
 * All formats write valid UTF-8, whatever the server or the list of URLs had in it: what is
 * ill-formed becomes U+FFFD.
 *
 * jsonl (RFC 8259, one object and one LF a result) has these members, always all of them,
 * always in this order; later versions may append members, and do not rename or reorder these:
 *
 *     index         number  position in the input, from 0
 *     url           string  as given, credentials masked
 *     final_url     string  canonical, after redirects; null if url could not be parsed
 *     status        number  0 without a response
 *     http_version  string  "0.9", "1.0", "1.1", "2" or "3"; null without a response
 *     content_type  string  null if the response had none
 *     charset       string  null if unknown
 *     bytes         number  of the decoded body
 *     wire_bytes    number  headers and bodies as they came, all hops and tries
 *     ip            string  the peer; null without one
 *     redirects     number
 *     tries         number
 *     ms            object  dns, connect, tls, first_byte, total: milliseconds, three decimals
 *     excerpt       string  "" if none
 *     error         object  name ("ETIMEDOUT") and message; null if a whole response came
 *
 * then with trawl_sink_options.crawl
 *
 *     depth         number  links from a seed
 *     from          string  the page that named it first; null for a seed
 *     links         number  how many there are in it
 *     title         string  null if it has none
 *     digest        string  XXH3-128 of the body in hexadecimal; null without a body
 *     repeats       number  index of the first result with the same body; null if it is the first
 *
 * all of which but depth and links are null, and these 0, for what is no page; and with
 * trawl_sink_options.body
 *
 *     body          string  the text if all of it is valid UTF-8, else base64 (RFC 4648)
 *     body_encoding string  "utf-8" or "base64"
 *
 * csv (RFC 4180, CRLF, quoted where needed) has a header line and the same as columns: ms is
 * dns_ms to total_ms, error is its name and error_message its message; null is the empty field;
 * there is no body; NUL, which few readers take, becomes U+FFFD.
 *
 * text is for people and not stable; sink/text.c says what it looks like. */
#ifndef TW_SINK_SINK_H
#define TW_SINK_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sink/out.h"
#include "trawl.h"

/* A body on its way into a record; zeroed but for s and len at first. */
struct tw_sink_body {
    const char *s;
    size_t len, at;
    enum { TW_BODY_UNKNOWN = 0, TW_BODY_TEXT, TW_BODY_BASE64 } form;
};

struct tw_sink_ops {
    /* What the output begins with; NULL: nothing. */
    void (*head)(struct tw_out *out, const trawl_sink_options *options);
    /* All but the body. page is NULL or what result is part of. */
    void (*add)(struct tw_out *out, const trawl_sink_options *options, uint64_t index,
                const trawl_result *result, const trawl_page *page);
    /* What follows it with options.body: about max bytes of the body are looked at. False: that was
     * the record's end. NULL: the format has no bodies. */
    bool (*body)(struct tw_out *out, struct tw_sink_body *body, size_t max);
};

extern const struct tw_sink_ops tw_sink_text;
extern const struct tw_sink_ops tw_sink_jsonl;
extern const struct tw_sink_ops tw_sink_csv;

#endif
