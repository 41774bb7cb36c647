/* The rules of scope and traps, for URLs of the synthetic web. */
#ifndef SIM_ORACLE_RULES_H
#define SIM_ORACLE_RULES_H

#include "scenario.h"

enum link_kind { LINK_SEED, LINK_PAGE, LINK_REQUISITE };

/* TRAWL_REJECT_COUNT: it is in. from_in_scope: of a requisite, whether its page's host is. */
trawl_reject oracle_scope(const struct scenario *s, struct ref ref, const char *url,
                          enum link_kind kind, uint32_t depth, struct ref from);
trawl_reject oracle_trap(const struct scenario *s, const char *url);

#endif
