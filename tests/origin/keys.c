#include "keys.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct key {
    struct origin_span name;
    uint64_t hits;
};

static int compare(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int r = n ? memcmp(x->name.p, y->name.p, n) : 0;

    return r ? r : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

void origin_keys_init(struct origin_keys *keys)
{
    pthread_mutex_init(&keys->lock, NULL);
    keys->tree = NULL;
}

void origin_keys_free(struct origin_keys *keys)
{
    tdestroy(keys->tree, free);
    pthread_mutex_destroy(&keys->lock);
}

static struct key *find(struct origin_keys *keys, struct origin_span name)
{
    struct key probe = {name, 0};
    struct key **at = tfind(&probe, &keys->tree, compare);

    return at ? *at : NULL;
}

static struct key *insert(struct origin_keys *keys, struct origin_span name)
{
    struct key *key = origin_alloc(sizeof *key + name.n);
    char *copy = (char *)(key + 1);

    if (name.n) {
        memcpy(copy, name.p, name.n);
    }
    *key = (struct key){{copy, name.n}, 0};
    if (!tsearch(key, &keys->tree, compare)) {
        abort();
    }
    return key;
}

uint64_t origin_keys_hit(struct origin_keys *keys, struct origin_span name)
{
    struct key *key;
    uint64_t hits;

    pthread_mutex_lock(&keys->lock);
    key = find(keys, name);
    if (!key) {
        key = insert(keys, name);
    }
    hits = ++key->hits;
    pthread_mutex_unlock(&keys->lock);
    return hits;
}

uint64_t origin_keys_count(struct origin_keys *keys, struct origin_span name)
{
    struct key *key;
    uint64_t hits;

    pthread_mutex_lock(&keys->lock);
    key = find(keys, name);
    hits = key ? key->hits : 0;
    pthread_mutex_unlock(&keys->lock);
    return hits;
}

static void write_string(struct origin_bytes *out, struct origin_span s)
{
    origin_bytes_text(out, "\"");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
            origin_bytes_print(out, "\\u%04x", c);
        } else {
            origin_bytes_add(out, &c, 1);
        }
    }
    origin_bytes_text(out, "\"");
}

static void on_key(const void *node, VISIT visit, void *arg)
{
    const struct key *key = *(struct key *const *)node;
    struct origin_bytes *out = arg;

    if (visit != postorder && visit != leaf) {
        return;
    }
    if (out->p[out->n - 1] != '{') {
        origin_bytes_text(out, ",");
    }
    write_string(out, key->name);
    origin_bytes_print(out, ":%llu", (unsigned long long)key->hits);
}

void origin_keys_json(struct origin_keys *keys, struct origin_bytes *out)
{
    pthread_mutex_lock(&keys->lock);
    origin_bytes_text(out, "{");
    twalk_r(keys->tree, on_key, out);
    origin_bytes_text(out, "}");
    pthread_mutex_unlock(&keys->lock);
}
