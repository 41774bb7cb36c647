#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

static void reserve(struct text *t, size_t more)
{
    if (t->len + more + 1 <= t->cap)
        return;
    t->cap = 2 * t->cap > t->len + more + 1 ? 2 * t->cap : t->len + more + 1;
    t->s = sim_realloc(t->s, t->cap);
}

void text_put(struct text *t, const char *bytes, size_t len)
{
    reserve(t, len);
    memcpy(t->s + t->len, bytes, len);
    t->len += len;
    t->s[t->len] = '\0';
}

void text_add(struct text *t, const char *format, ...)
{
    char line[4096];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_put(t, line, n < 0 ? 0 : (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void text_free(struct text *t)
{
    sim_free(t->s);
    *t = (struct text){0};
}
