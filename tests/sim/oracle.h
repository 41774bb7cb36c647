/* Which URLs a crawl has to fetch, has to leave out, or may do either with: by a breadth-first walk
 * over what the web is made of, with the exchanges that came about and rules written anew. */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "scenario.h"

/* After the crawl's end; fails what is wrong. whole: nothing cut it short. */
void oracle_check(const struct scenario *s, bool whole);

#endif
