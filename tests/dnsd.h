/* A name server for tests, on a thread of its own, over UDP and TCP on one port of 127.0.0.1.
 * What it answers is written in the name it is asked for; N is a number.
 *
 *   aN.test        A 127.x.y.z made of N, time to live 300
 *   ttlN.test      A 127.0.0.1, time to live N
 *   slowN.test     A 127.0.0.1 after N ms
 *   cname.test     CNAME to a5.test with a time to live of 7, and its A with 300
 *   multi.test     A 127.0.0.1, 127.0.0.2, 127.0.0.3; AAAA ::1, 2001:db8::2
 *   many.test      100 times A: truncated over UDP
 *   truncate.test  A 127.0.0.9, over TCP alone
 *   stuck.test     truncated over UDP, no answer over TCP
 *   v6.test        AAAA 2001:db8::6 alone
 *   late6.test     A 127.0.0.1; no answer to AAAA
 *   fail6.test     A 127.0.0.1; SERVFAIL to AAAA
 *   *.corp.test    A 127.0.9.9
 *   HEX.is.test    A of 8 or AAAA of 32 hexadecimal digits; several joined by "-"
 *   nodata.test, servfail.test, refused.test
 *   silentN.test   no answer
 *   garbage.test   bytes that are no answer
 *   broken.test    an answer whose record is cut off
 *   anything else  NXDOMAIN
 */
#ifndef TESTS_DNSD_H
#define TESTS_DNSD_H

#include <stddef.h>

struct dnsd;

/* 0 or a negative errno. */
int dnsd_start(struct dnsd **d);
void dnsd_stop(struct dnsd *d);

unsigned dnsd_port(const struct dnsd *d);
/* How often a name, in lower case and without a dot at its end, has been asked for. */
unsigned dnsd_count(struct dnsd *d, const char *name);
size_t dnsd_names(struct dnsd *d);    /* that have been asked for */
unsigned dnsd_total(struct dnsd *d);  /* questions */
unsigned dnsd_by_tcp(struct dnsd *d); /* of them */

#endif
