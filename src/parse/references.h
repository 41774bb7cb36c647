/* Character references in HTML (HTML standard, "Character reference state"). */
#ifndef TW_PARSE_REFERENCES_H
#define TW_PARSE_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>

/* The longest text of a reference in UTF-8. */
#define TW_REFERENCE_TEXT_MAX 8

/* Reads the reference that begins at p, which is a '&' before end, and writes its characters in
 * UTF-8 to out and their length to *out_len. In an attribute, a name without its semicolon is
 * no reference when '=' or an alphanumeric follows. Returns the bytes read; 0 if it is none,
 * and the '&' stands for itself. */
size_t tw_reference_read(const char *p, const char *end, bool in_attribute,
                         char out[TW_REFERENCE_TEXT_MAX], size_t *out_len);

/* Writes a Unicode scalar value in UTF-8 and returns the bytes written, at most 4. */
size_t tw_utf8_put(char *out, unsigned c);

#endif
