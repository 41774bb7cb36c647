/* A web server for tests: what it answers is written in the URL it is asked for.
 *
 * It speaks HTTP/1.0 and 1.1 with keep-alive and pipelining, on loopback addresses only. A reply
 * is a function of the seed and the request alone, except for what counts requests.
 *
 * Any path answers with an HTML page; equal seed, path and size give equal bytes. The query
 * combines any of these parameters. Texts are percent-decoded, '+' stands for itself; a flag
 * without a value means 1; the last of equal names counts; anything unknown gets a 400 whose
 * text names it.
 *
 * Page
 *   size=N              exact bytes of the decoded body, default 1000; a shorter page is cut, but
 *                       not below its own markup unless size is given
 *   title=TEXT          UTF-8, default made from the path
 *   body=TEXT           exactly these bytes in place of a page
 *   links=N of=M        N links to /page/K with the same query, K < M (default 1000); the first
 *                       link of page K leads to K+1, so from any page all M are reached
 *   charset=LABEL       the page holds origin_sample(LABEL) and is in that charset. UTF-16 with an
 *                       odd size is one byte shorter
 *   declare=header|bom|meta|none   where the charset is named, default header; utf-8 if no charset
 *   type=MIME           Content-Type as it stands, empty for none; `charset` adds its parameter
 *   encoding=LIST       of gzip, deflate, br and zstd, parted by commas: Content-Encoding; size
 *                       counts decoded bytes, at most 64 MiB
 *   transfer=1          it is a Transfer-Encoding, and chunked
 * Reply
 *   status=N            three digits, default 200
 *   latency=MS          wait before the first byte
 *   framing=length|chunked|close   how the body's end is told, default length; HTTP/1.0 never gets
 *                       chunks
 *   chunked=N           chunked, N bytes each (default of framing=chunked: 1024)
 *   trailers=1          chunked, with X-Trailer and X-Trailer-Two
 *   keepalive=0         Connection: close, and close; 1 keeps the connection even after length=N
 *   continue=1          a 100 and a 103 come before the reply
 *   retry-after=TEXT    as it stands; date+N makes an HTTP date N seconds ahead
 *   auth=basic          401 unless the request carries user:password
 *   headers=N           X-Extra-0 ... X-Extra-(N-1)
 *   header-size=N       X-Big with a value of N bytes
 * Redirects
 *   n=K                 K redirects to the same path with n lowered, then the rest of the query
 *   to=URL              Location, exactly these bytes
 *   loop=1              Location is the request's own target
 *   noloc=1             no Location at all
 *   code=N              status of the redirects, default 302
 * Faults; N counts bytes of the whole response from its first one, and the least N wins
 *   reset=N             N bytes, all of them acknowledged by the peer, then a TCP reset
 *   close=N             N bytes, then an orderly close
 *   stall=N             N bytes, then nothing until the peer closes
 *   noreply=1           close=0
 *   endless=1           a chunked body without end, as fast as it is read
 *   drip=N              the body at N bytes a second
 *   length=N            announced Content-Length, whatever is sent; closes unless it is right
 *   bomb=N              the body=TEXT, if any, and N zero bytes in the encoding, default gzip; made
 *                       while it is sent
 *   cut=N flip=N junk=N   what is encoded lacks its last N bytes; has its Nth byte from the end
 *                       flipped; is followed by N zeros
 *   says=TEXT           Content-Encoding as it stands, whatever the body is
 *   badgzip=1|crc       gzip whose first block is of no known type, or whose checksum is wrong
 *   malformed=status    status line without a number
 *             header    header line without a colon
 *             chunk     a chunk is followed by XX in place of CRLF
 *             chunksize xyz in place of a chunk size
 *             version   HTTP/9.7
 *             http09    the body alone
 *             nul       NUL in a header's value
 *             fold      a header folded over two lines
 *             dup-length  two Content-Lengths, the second one too long by 1; closes
 *   fail=K key=TEXT     the first K requests with that key fail; the path is the key if none is given
 *   with=NNN|reset|close  how they fail, default 503
 *
 * Paths of their own
 *   /echo               the request's head as text/plain
 *   /stats              {"connections":N,"requests":N,"open":N,"max_open":N,"keys":{"KEY":HITS}}
 *   /count?key=TEXT     how many requests had that key (any request with key= counts)
 *   /robots.txt         the options' text, else 404
 *
 * Sites
 * With site=N in the options every address serves a site of N pages instead, made from the seed and
 * the address; queries tell nothing then, /echo, /stats and /count stay. From "/" all pages can be
 * reached by links that are relative, from the root or absolute, some with fragments, some from a
 * <base>, some not ASCII, some to redirects or to nothing; some links are none, or nofollow. The
 * robots.txt is one of five: none; all allowed; /private/ disallowed; that and a Crawl-delay; a
 * group for trawl beside one for the others that disallows all. Some name a sitemap with a page that
 * no link leads to. The options' `traps` add parts without end, and `span` a link to the next
 * address. origin_list() tells what a crawler that calls itself trawl has to find: a line "KIND TAB
 * URL" for each,
 *   robots              asked for first, whether it is there or not
 *   sitemap page style moved missing   to be asked for once; moved is a redirect, missing a 404
 *   denied nofollow     linked, and never to be asked for
 *   delay               TAB and a number: the seconds of Crawl-delay below that URL
 *   trap                all URLs that begin with this one
 *
 * The access log has a line for each event, times in microseconds of the monotonic clock:
 *   open US - ADDRESS CONNECTION
 *   answer US US ADDRESS CONNECTION ARRIVAL STATUS METHOD TARGET   when the head was complete (or,
 *                       of pipelined ones, its turn came) and when the last byte was handed to the
 *                       kernel; ARRIVAL is when the kernel had the head, to a tick of some
 *                       milliseconds; status 0 when the connection ended before its answer
 *   close - US ADDRESS CONNECTION
 *
 * Every reply has X-Host with the request's Host. A target in absolute form, as sent to a proxy,
 * is answered as if it were for the origin itself, with X-Via-Proxy: 1. CONNECT gets 405.
 * Request heads may have 256 KiB, then 431.
 */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct origin;

/* Zeros mean the defaults. */
struct origin_options {
    const char *listen; /* first IPv4 address, inside 127.0.0.0/8; NULL for 127.0.0.1 */
    unsigned hosts;     /* listen on so many consecutive addresses, 0 for 1 */
    unsigned port;      /* the same on every address; 0 picks one that is free on all */
    uint64_t seed;
    const char *robots; /* copied; NULL answers /robots.txt with 404; not of sites */
    unsigned site;      /* pages of the site on each address, 0 for no sites */
    bool traps, span;   /* of the sites */
    const char *access_log; /* file to write, NULL for none */
};

struct origin_counts {
    uint64_t connections; /* accepted */
    uint64_t requests;    /* heads that could be parsed */
    uint64_t open;        /* connections now */
    uint64_t max_open;    /* most at once */
};

/* Starts a thread with a loop of its own; it listens when this returns. NULL options mean all
 * defaults. 0, or libuv's negative error: UV_EINVAL for an address outside 127.0.0.0/8,
 * UV_EADDRINUSE, UV_EMFILE... One descriptor for each address; the caller sees to RLIMIT_NOFILE. */
int origin_start(struct origin **origin, const struct origin_options *options);
unsigned origin_port(const struct origin *origin);
/* The list of the sites. From any thread. */
void origin_list(const struct origin *origin, FILE *out);
/* From any thread, while the origin runs. */
struct origin_counts origin_stats(struct origin *origin);
/* How many requests had that key. From any thread. */
uint64_t origin_hits(struct origin *origin, const char *key);
/* Resets what is open, joins the thread and frees all; accepts NULL. Ends the process if the loop
 * does not close with 0, which would be a leak of the origin's own, or if the access log could not be
 * written. */
void origin_stop(struct origin *origin);
/* The UTF-8 text that a page in that charset holds, NULL for an unknown label. */
const char *origin_sample(const char *label);

#endif
