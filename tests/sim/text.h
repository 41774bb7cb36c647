/* Text that grows, in the simulation's memory. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stddef.h>

struct text {
    char *s; /* NUL-terminated once something was added */
    size_t len, cap;
};

void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_put(struct text *t, const char *bytes, size_t len);
void text_free(struct text *t);

#endif
