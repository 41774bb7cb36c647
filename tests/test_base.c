/* What everything stands on: heap, map, list, buffer, and the list of errors. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/waste.h"
#include "frontier/backoff.h"
#include "trawl.h"

#define NODES 2000

static uint64_t rng;

static unsigned below(unsigned n)
{
    return (unsigned)(tw_random_next(&rng) % n);
}

/* ---- heap ---- */

START_TEST(heap_gives_the_least)
{
    static const uint64_t keys[] = {5, 3, UINT64_MAX, 0, 3, 9, 1};
    static const uint64_t sorted[] = {0, 1, 3, 3, 5, 9, UINT64_MAX};
    struct tw_heap_node nodes[7] = {{0, 0}};
    struct tw_heap h = {0};

    ck_assert_ptr_null(tw_heap_min(&h));
    for (size_t i = 0; i < 7; i++)
        ck_assert_int_eq(tw_heap_push(&h, &nodes[i], keys[i]), 0);
    for (size_t i = 0; i < 7; i++) {
        ck_assert_uint_eq(tw_heap_min(&h)->key, sorted[i]);
        if (sorted[i] > 0)
            ck_assert_ptr_null(tw_heap_take(&h, sorted[i] - 1));
        ck_assert_uint_eq(tw_heap_take(&h, sorted[i])->key, sorted[i]);
    }
    ck_assert_ptr_null(tw_heap_min(&h));
    ck_assert_ptr_null(tw_heap_take(&h, UINT64_MAX));
    tw_heap_remove(&h, &nodes[0]); /* in no heap */
    ck_assert_uint_eq(h.len, 0);
    tw_heap_free(&h);
}
END_TEST

static void push_all(struct tw_heap *h, struct tw_heap_node *nodes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(tw_heap_push(h, &nodes[i], below(1000)), 0);
}

/* Removes at random, then from the top: each time the least of what is left has to come. */
START_TEST(heap_stays_in_order_when_others_leave)
{
    static struct tw_heap_node nodes[200];
    struct tw_heap h = {0};

    memset(nodes, 0, sizeof(nodes));
    rng = 1;
    for (int round = 0; round < 500; round++) {
        size_t left = 1 + below(200);
        uint64_t last = 0;

        push_all(&h, nodes, left);
        for (unsigned n = below((unsigned)left); n > 0; n--) {
            struct tw_heap_node *node = &nodes[below((unsigned)left)];

            if (node->slot != 0)
                tw_heap_remove(&h, node);
            ck_assert_uint_eq(node->slot, 0);
        }
        while (tw_heap_min(&h) != NULL) {
            ck_assert_uint_ge(tw_heap_min(&h)->key, last);
            last = tw_heap_min(&h)->key;
            tw_heap_remove(&h, tw_heap_min(&h));
        }
        for (size_t i = 0; i < 200; i++)
            ck_assert_uint_eq(nodes[i].slot, 0);
    }
    tw_heap_free(&h);
}
END_TEST

/* ---- map ---- */

struct entry {
    struct tw_map_entry map; /* first */
    unsigned key;
    bool in;
};

static bool key_equal(const struct tw_map_entry *entry, const void *key, size_t len)
{
    return len == sizeof(unsigned) &&
           ((const struct entry *)entry)->key == *(const unsigned *)key;
}

static struct tw_map_entry *find(const struct tw_map *m, const struct entry *e)
{
    return tw_map_find(m, e->map.hash, key_equal, &e->key, sizeof(e->key));
}

/* Hashes that are good, that collide in their low bits, and that are all the same. */
static uint64_t hash_of(int kind, unsigned key)
{
    if (kind == 0)
        return tw_hash(&key, sizeof(key), 3);
    return kind == 1 ? (uint64_t)key << 32 | (key & 3) : 42;
}

START_TEST(map_agrees_with_a_table)
{
    static struct entry entries[NODES];
    struct tw_map m = {0};
    unsigned range = _i == 0 ? NODES : 300;
    size_t in = 0;

    rng = (uint64_t)_i + 5;
    for (unsigned i = 0; i < range; i++)
        entries[i] = (struct entry){{hash_of(_i, i)}, i, false};
    ck_assert_ptr_null(find(&m, &entries[0]));
    for (int n = 0; n < 60000; n++) {
        struct entry *e = &entries[below(n % 9000 < 4500 ? range : range / 20)];
        const struct entry *other = &entries[below(range)];

        ck_assert_ptr_eq(find(&m, e), e->in ? &e->map : NULL);
        if (e->in)
            tw_map_remove(&m, &e->map);
        else
            ck_assert_int_eq(tw_map_add(&m, &e->map), 0);
        in += e->in ? SIZE_MAX : 1;
        e->in = !e->in;
        ck_assert_uint_eq(m.len, in);
        ck_assert_ptr_eq(find(&m, e), e->in ? &e->map : NULL);
        ck_assert_ptr_eq(find(&m, other), other->in ? &other->map : NULL);
    }
    tw_map_free(&m);
}
END_TEST

START_TEST(map_gives_memory_back)
{
    static struct entry entries[NODES];
    struct tw_map m = {0};

    for (unsigned i = 0; i < NODES; i++) {
        entries[i] = (struct entry){{hash_of(0, i)}, i, true};
        ck_assert_int_eq(tw_map_add(&m, &entries[i].map), 0);
        ck_assert_uint_lt(m.len, m.table.cap);
    }
    for (unsigned i = 0; i < NODES; i++)
        tw_map_remove(&m, &entries[i].map);
    ck_assert_uint_eq(m.len, 0);
    ck_assert_uint_le(m.table.cap, 16);
    ck_assert_uint_eq(m.old.cap, 0);
    tw_map_free(&m);
    ck_assert_ptr_null(m.table.slots);
}
END_TEST

#define MANY 6000

static struct entry *many_entries(void)
{
    struct entry *entries = calloc(MANY, sizeof(*entries));

    ck_assert_ptr_nonnull(entries);
    for (unsigned i = 0; i < MANY; i++)
        entries[i] = (struct entry){{hash_of(0, i)}, i, false};
    return entries;
}

/* Adds from the first on until the map is on its way to a larger table; returns how many. */
static unsigned add_until_it_moves(struct tw_map *m, struct entry *entries)
{
    unsigned n = 0;

    while (m->old.cap == 0 && n < MANY)
        ck_assert_int_eq(tw_map_add(m, &entries[n++].map), 0);
    ck_assert_uint_lt(n, MANY);
    return n;
}

START_TEST(map_moves_to_another_table_bit_by_bit)
{
    struct entry *entries = many_entries();
    struct tw_map m = {0};
    unsigned n = add_until_it_moves(&m, entries), first = n;
    size_t moved = m.moved, slots = m.old.cap;

    ck_assert_uint_le(moved, 32);
    while (m.old.cap != 0) {
        for (unsigned i = 0; i < n; i++)
            ck_assert(find(&m, &entries[i]) == &entries[i].map);
        ck_assert(find(&m, &entries[n]) == NULL);
        ck_assert_uint_le(m.moved - moved, 32);
        moved = m.moved;
        ck_assert_int_eq(tw_map_add(&m, &entries[n++].map), 0);
        ck_assert_uint_lt(n, MANY);
    }
    ck_assert_uint_ge(n - first, slots / 32);
    ck_assert_uint_eq(m.len, n);
    for (unsigned i = 0; i < n; i++)
        ck_assert(find(&m, &entries[i]) == &entries[i].map);
    tw_map_free(&m);
    free(entries);
}
END_TEST

START_TEST(map_is_emptied_whole_or_between_two_tables)
{
    struct entry *entries = many_entries();

    for (int round = 0; round < 2; round++) {
        struct tw_map m = {0};
        struct tw_map_entry *entry;
        unsigned n = round == 0 ? 500 : add_until_it_moves(&m, entries);

        for (unsigned i = 0; round == 0 && i < n; i++)
            ck_assert_int_eq(tw_map_add(&m, &entries[i].map), 0);
        for (unsigned i = 0; i < n; i++) {
            entry = tw_map_pop(&m);
            ck_assert_ptr_nonnull(entry);
            ck_assert(((struct entry *)entry)->in == (round == 1));
            ((struct entry *)entry)->in = round == 0;
            if (round == 0 && i == n - 1)
                for (unsigned j = 0; j < MANY; j++)
                    entries[j].in = true;
        }
        ck_assert_ptr_null(tw_map_pop(&m));
        ck_assert_uint_eq(m.len, 0);
        tw_map_free(&m);
        ck_assert_ptr_null(tw_map_pop(&m));
    }
    free(entries);
}
END_TEST

START_TEST(hash_depends_on_all_it_is_given)
{
    uint64_t h = tw_hash("abc", 3, 1);

    ck_assert_uint_eq(h, tw_hash("abc", 3, 1));
    ck_assert_uint_ne(h, tw_hash("abc", 3, 2));
    ck_assert_uint_ne(h, tw_hash("abd", 3, 1));
    ck_assert_uint_ne(h, tw_hash("abc", 2, 1));
    ck_assert_uint_ne(tw_hash("a\0b", 3, 1), tw_hash("a\0c", 3, 1));
}
END_TEST

/* ---- list ---- */

struct member {
    int before; /* so that the link is not at the start */
    struct tw_link link;
};

static void list_is(const struct tw_link *head, const char *numbers)
{
    char got[32] = "", back[32] = "";
    size_t n = 0;

    for (const struct tw_link *l = head->next; l != head; l = l->next)
        got[n++] = (char)('0' + tw_container(l, struct member, link)->before);
    ck_assert_str_eq(got, numbers);
    for (const struct tw_link *l = head->prev; l != head; l = l->prev)
        back[--n] = (char)('0' + tw_container(l, struct member, link)->before);
    ck_assert_str_eq(back, numbers);
    ck_assert_int_eq(tw_list_empty(head), numbers[0] == '\0');
}

START_TEST(list_keeps_its_order)
{
    struct member m[5] = {{0, {NULL, NULL}}};
    struct tw_link head;

    for (int i = 0; i < 5; i++)
        m[i].before = i;
    tw_list_init(&head);
    list_is(&head, "");
    tw_list_append(&head, &m[1].link);
    tw_list_append(&head, &m[2].link);
    tw_list_prepend(&head, &m[0].link);
    list_is(&head, "012");
    ck_assert(tw_link_in_list(&m[1].link) && !tw_link_in_list(&m[3].link));
    tw_list_insert(&m[2].link, &m[3].link);
    list_is(&head, "0132");
    tw_list_remove(&m[1].link);
    tw_list_remove(&m[1].link);
    tw_list_remove(&m[4].link);
    ck_assert(!tw_link_in_list(&m[1].link));
    list_is(&head, "032");
    for (int i = 0; i < 5; i++)
        tw_list_remove(&m[i].link);
    list_is(&head, "");
}
END_TEST

START_TEST(list_takes_another_at_its_end)
{
    struct member m[4] = {{0, {NULL, NULL}}};
    struct tw_link a, b;

    tw_list_init(&a);
    tw_list_init(&b);
    tw_list_splice(&a, &b);
    list_is(&b, "");
    for (int i = 0; i < 4; i++) {
        m[i].before = i;
        tw_list_append(i < 2 ? &a : &b, &m[i].link);
    }
    tw_list_splice(&b, &a);
    list_is(&a, "0123");
    list_is(&b, "");
    tw_list_splice(&a, &b);
    list_is(&a, "");
    list_is(&b, "0123");
    tw_list_splice(&a, &b);
    list_is(&b, "0123");
}
END_TEST

/* ---- buffer ---- */

START_TEST(buffer_keeps_what_is_appended)
{
    struct tw_buf b = {0};
    char *model = malloc(400000);
    size_t len = 0;

    rng = 9;
    while (len < 300000) {
        char piece[700];
        size_t n = below(2) == 0 ? below(3) : below(sizeof(piece));

        memset(piece, (int)('a' + below(26)), sizeof(piece));
        ck_assert_int_eq(tw_buf_append(&b, piece, n), 0);
        memcpy(model + len, piece, n);
        len += n;
        ck_assert_uint_eq(b.len, len);
        ck_assert_uint_ge(b.cap, len);
        ck_assert_int_eq(b.data[len], '\0');
    }
    ck_assert_mem_eq(b.data, model, len);
    free(model);
    tw_buf_free(&b);
    ck_assert_ptr_null(b.data);
    tw_buf_free(&b);
}
END_TEST

/* Beyond some size it is made otherwise; nothing of that may show. */
START_TEST(buffer_of_many_megabytes_keeps_all)
{
    static char piece[100000];
    struct tw_buf b = {0};

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            memset(piece, 'a' + i % 26, sizeof(piece));
            ck_assert_int_eq(tw_buf_append(&b, piece, sizeof(piece)), 0);
        }
        ck_assert_uint_eq(b.len, 200 * sizeof(piece));
        ck_assert_int_eq(b.data[b.len], '\0');
        for (size_t i = 0; i < b.len; i += 9999)
            ck_assert_int_eq(b.data[i], 'a' + (int)(i / sizeof(piece)) % 26);
        tw_buf_reset(&b, round == 0 ? SIZE_MAX : 1000);
        ck_assert_uint_eq(b.len, 0);
        ck_assert(round == 0 || b.data == NULL);
    }
    tw_buf_free(&b);
}
END_TEST

/* ---- waste ---- */

static void waste_some(struct tw_waste *w, size_t megabytes)
{
    struct tw_buf b = {0};

    ck_assert_int_eq(tw_buf_reserve(&b, megabytes << 20), 0);
    memset(b.data, 'x', megabytes << 20);
    tw_waste_put(w, &b);
    ck_assert_ptr_null(b.data);
    ck_assert_uint_eq(b.cap, 0);
}

START_TEST(large_buffers_are_given_back_in_steps)
{
    struct tw_waste w = {0};
    size_t before, steps = 0;

    tw_waste_step(&w, SIZE_MAX);
    waste_some(&w, 1);
    ck_assert_ptr_null(w.first); /* it was small */
    waste_some(&w, 40);
    waste_some(&w, 5);
    ck_assert_uint_ge(w.bytes, (size_t)45 << 20);
    while (w.first != NULL) {
        before = w.bytes;
        tw_waste_step(&w, (size_t)4 << 20);
        ck_assert_uint_lt(w.bytes, before);
        ck_assert_uint_le(before - w.bytes, (size_t)8 << 20);
        steps++;
    }
    ck_assert_uint_eq(w.bytes, 0);
    ck_assert_uint_ge(steps, 45 / 8);
    waste_some(&w, 40);
    tw_waste_step(&w, SIZE_MAX);
    ck_assert_ptr_null(w.first);
    ck_assert_uint_eq(w.bytes, 0);
}
END_TEST

START_TEST(large_buffers_are_given_back_in_small_steps)
{
    struct tw_waste w = {0};
    size_t before;

    waste_some(&w, 5);
    while (w.first != NULL) {
        before = w.bytes;
        tw_waste_step(&w, 1);
        ck_assert_uint_lt(w.bytes, before);
    }
    ck_assert_uint_eq(w.bytes, 0);
}
END_TEST

START_TEST(buffer_of_nothing_is_a_string)
{
    struct tw_buf b = {0};

    ck_assert_int_eq(tw_buf_append(&b, NULL, 0), 0);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);
    tw_buf_free(&b);
}
END_TEST

START_TEST(buffer_has_the_room_it_reserved)
{
    struct tw_buf b = {0};
    const char *data;

    ck_assert_int_eq(tw_buf_append(&b, "abc", 3), 0);
    ck_assert_int_eq(tw_buf_reserve(&b, 5000), 0);
    ck_assert_str_eq(b.data, "abc");
    data = b.data;
    memset(b.data + 3, 'x', 5000);
    b.len += 5000;
    ck_assert_ptr_eq(b.data, data);
    ck_assert_uint_le(b.len, b.cap);
    tw_buf_free(&b);
}
END_TEST

START_TEST(buffer_refuses_what_cannot_be)
{
    struct tw_buf b = {0};

    ck_assert_int_eq(tw_buf_append(&b, "abc", 3), 0);
    ck_assert_int_eq(tw_buf_reserve(&b, SIZE_MAX), TRAWL_ENOMEM);
    ck_assert_int_eq(tw_buf_reserve(&b, SIZE_MAX - 3), TRAWL_ENOMEM);
    ck_assert_int_eq(tw_buf_reserve(&b, SIZE_MAX / 2), TRAWL_ENOMEM);
    ck_assert_str_eq(b.data, "abc");
    tw_buf_free(&b);
}
END_TEST

START_TEST(buffer_keeps_memory_up_to_a_limit)
{
    struct tw_buf b = {0};

    ck_assert_int_eq(tw_buf_reserve(&b, 1000), 0);
    tw_buf_append(&b, "abc", 3);
    tw_buf_reset(&b, 2000);
    ck_assert_uint_ge(b.cap, 1000);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);
    tw_buf_append(&b, "abc", 3);
    tw_buf_reset(&b, 999);
    ck_assert_uint_eq(b.cap, 0);
    ck_assert_ptr_null(b.data);
    tw_buf_reset(&b, 0);
    tw_buf_free(&b);
}
END_TEST

/* ---- errors ---- */

static const struct {
    int code;
    const char *name, *message;
    trawl_error_kind kind;
} errors[] = {
#define X(name, code, kind, message) {code, #name, message, TRAWL_KIND_##kind},
    TRAWL_ERROR_MAP(X)
#undef X
};
#define ERRORS (sizeof(errors) / sizeof(errors[0]))

START_TEST(every_error_is_one_of_its_own)
{
    for (size_t i = 0; i < ERRORS; i++) {
        ck_assert_int_lt(errors[i].code, 0);
        for (size_t k = 0; k < i; k++) {
            ck_assert_int_ne(errors[i].code, errors[k].code);
            ck_assert_str_ne(errors[i].name, errors[k].name);
            ck_assert_str_ne(errors[i].message, errors[k].message);
        }
    }
}
END_TEST

START_TEST(every_error_has_its_words)
{
    for (size_t i = 0; i < ERRORS; i++) {
        size_t len = strlen(errors[i].message);

        ck_assert_str_eq(trawl_err_name(errors[i].code), errors[i].name);
        ck_assert_str_eq(trawl_strerror(errors[i].code), errors[i].message);
        ck_assert_int_eq(trawl_err_kind(errors[i].code), errors[i].kind);
        ck_assert_int_eq(errors[i].name[0], 'E');
        ck_assert_int_ne(errors[i].message[len - 1], '.');
    }
}
END_TEST

START_TEST(other_numbers_are_unknown)
{
    static const int codes[] = {1, -1000, INT32_MIN, INT32_MAX};

    ck_assert_str_eq(trawl_err_name(0), "OK");
    ck_assert_int_eq(trawl_err_kind(0), TRAWL_KIND_NONE);
    ck_assert_str_ne(trawl_strerror(0), "");
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(trawl_err_name(codes[i]), "EUNKNOWN");
        ck_assert_int_eq(trawl_err_kind(codes[i]), TRAWL_KIND_OTHER);
        ck_assert_str_ne(trawl_strerror(codes[i]), "");
    }
}
END_TEST

/* Released codes, which programs have built in. */
START_TEST(codes_never_change)
{
    ck_assert_int_eq(TRAWL_ENOMEM, -1);
    ck_assert_int_eq(TRAWL_ECANCELED, -3);
    ck_assert_int_eq(TRAWL_EURL, -20);
    ck_assert_int_eq(TRAWL_EBODYSIZE, -30);
    ck_assert_int_eq(TRAWL_ERESOLVE, -40);
    ck_assert_int_eq(TRAWL_ETLS, -60);
    ck_assert_int_eq(TRAWL_EPROTOCOL, -80);
    ck_assert_int_eq(trawl_err_kind(TRAWL_ETIMEDOUT), TRAWL_KIND_NETWORK);
    ck_assert_int_eq(trawl_err_kind(TRAWL_ECERT), TRAWL_KIND_TLS);
    ck_assert_int_eq(trawl_err_kind(TRAWL_ELOCATION), TRAWL_KIND_PROTOCOL);
    ck_assert_int_eq(trawl_err_kind(TRAWL_EURL), TRAWL_KIND_OTHER);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        heap_gives_the_least,
        heap_stays_in_order_when_others_leave,
        map_gives_memory_back,
        map_moves_to_another_table_bit_by_bit,
        map_is_emptied_whole_or_between_two_tables,
        hash_depends_on_all_it_is_given,
        list_keeps_its_order,
        list_takes_another_at_its_end,
        buffer_keeps_what_is_appended,
        buffer_of_many_megabytes_keeps_all,
        large_buffers_are_given_back_in_steps,
        large_buffers_are_given_back_in_small_steps,
        buffer_of_nothing_is_a_string,
        buffer_has_the_room_it_reserved,
        buffer_refuses_what_cannot_be,
        buffer_keeps_memory_up_to_a_limit,
        every_error_is_one_of_its_own,
        every_error_has_its_words,
        other_numbers_are_unknown,
        codes_never_change,
    };
    TCase *t = tcase_create("base");
    Suite *suite = suite_create("base");
    SRunner *runner;
    int failed;

    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, map_agrees_with_a_table, 0, 3);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
