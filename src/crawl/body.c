/* Bodies: those that the application takes over, and what becomes of large ones in the end. */
#include "crawl/walk.h"

#include <stdlib.h>

/* So much is given back to the system between two looks at the clock: less than a millisecond. */
#define PIECE ((size_t)4 << 20)

/* Lives as long as the application likes. */
struct trawl_body {
    trawl *t;              /* NULL once that is gone */
    struct tw_link listed; /* in trawl.taken */
    struct tw_buf bytes;
};

int trawl_take_body(trawl *t, trawl_body **body)
{
    struct flight *flight = t->delivering;
    trawl_body *b;

    if (flight == NULL || flight->body.len == 0)
        return TRAWL_ENOENT;
    b = calloc(1, sizeof(*b));
    if (b == NULL)
        return TRAWL_ENOMEM;
    b->t = t;
    b->bytes = flight->body; /* goes on counting in trawl.kept */
    flight->body = (struct tw_buf){0};
    tw_list_append(&t->taken, &b->listed);
    *body = b;
    return 0;
}

void tw_body_drop(trawl *t, struct tw_buf *body)
{
    t->kept -= body->len;
    tw_waste_put(&t->waste, body);
    if (t->waste.first != NULL)
        tw_crawl_wake(t);
}

void trawl_body_free(trawl_body *body)
{
    if (body == NULL)
        return;
    if (body->t == NULL) {
        tw_buf_free(&body->bytes);
    } else {
        tw_list_remove(&body->listed);
        tw_body_drop(body->t, &body->bytes);
        tw_crawl_wake(body->t); /* something may start again */
    }
    free(body);
}

void tw_bodies_step(trawl *t, uint64_t began_ns)
{
    while (t->waste.first != NULL) {
        tw_waste_step(&t->waste, PIECE);
        if (tw_stay_is_over(began_ns))
            break;
    }
    if (t->waste.first != NULL)
        tw_crawl_wake(t);
}

void tw_bodies_part(trawl *t)
{
    while (!tw_list_empty(&t->taken)) {
        trawl_body *b = tw_container(t->taken.next, trawl_body, listed);

        tw_list_remove(&b->listed);
        b->t = NULL;
    }
}
