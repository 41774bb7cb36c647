/* Internationalized domain names: UTS #46 ToASCII, non-transitional, with the URL standard's
 * switches (CheckHyphens, UseSTD3ASCIIRules and VerifyDnsLength off, CheckBidi and CheckJoiners
 * on), on libidn2.
 *
 * Stricter than the standard where libidn2 cannot be told otherwise, and only for names that
 * are not ASCII: names and labels must fit into the DNS; a label that is not ASCII may not
 * begin or end with '-', nor hold "--" as its third and fourth character; symbols that IDNA2008
 * does not know are refused in a name with right-to-left letters, and in a label with one of
 * the four characters that UTS #46 calls deviations. In a name with right-to-left letters the
 * other labels' first and last characters are held against the Bidi rule only where they are
 * ASCII.
 */
#ifndef TW_PARSE_IDNA_H
#define TW_PARSE_IDNA_H

#include <stddef.h>

/* The longest name this makes. */
#define TW_IDNA_MAX 255

/* Writes the ASCII form of a domain to out, without a NUL, and its length to *out_len. out has
 * room for TW_IDNA_MAX bytes. The name must hold no forbidden domain code point; one that comes
 * out of the mapping is the caller's to find.
 *
 * Returns 0, TRAWL_ENOMEM, or TRAWL_EURL for a name that has no ASCII form. */
int tw_idna_to_ascii(const char *name, size_t len, char *out, size_t *out_len);

#endif
