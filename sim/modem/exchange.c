#include "sim/modem/exchange.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/check.h"

#define EXCHANGE_BODY_MAX 1024

struct subscriber {
    struct subscriber *next;
    struct modem *m;
    char number[EXCHANGE_NUMBER_MAX];
    exchange_deliver_fn *deliver;
};

struct parcel {
    struct parcel *next;
    struct exchange_message msg;
    struct buf body;
};

struct exchange {
    struct sched *sched;
    struct timer timer;
    struct subscriber *subscribers;
    struct parcel *head, **tail;
};

struct exchange *exchange_new(struct sched *s)
{
    struct exchange *x = xcalloc(1, sizeof *x);
    x->sched = s;
    x->tail = &x->head;
    return x;
}

static void drop_parcel(struct parcel *p)
{
    buf_fini(&p->body);
    free(p);
}

void exchange_free(struct exchange **xp)
{
    struct exchange *x = *xp;
    if (x == NULL) {
        return;
    }
    timer_stop(&x->timer);
    while (x->head != NULL) {
        struct parcel *p = x->head;
        x->head = p->next;
        drop_parcel(p);
    }
    while (x->subscribers != NULL) {
        exchange_leave(x, x->subscribers->m);
    }
    free(x);
    *xp = NULL;
}

void exchange_join(struct exchange *x, struct modem *m, const char *number,
                   exchange_deliver_fn *deliver)
{
    if (x == NULL) {
        return;
    }
    struct subscriber *s = xcalloc(1, sizeof *s);
    s->m = m;
    s->deliver = deliver;
    size_t n = strlen(number);
    CHECK(n < sizeof s->number);
    memcpy(s->number, number, n + 1);
    s->next = x->subscribers;
    x->subscribers = s;
}

void exchange_leave(struct exchange *x, struct modem *m)
{
    if (x == NULL) {
        return;
    }
    for (struct subscriber **sp = &x->subscribers; *sp != NULL;) {
        struct subscriber *s = *sp;
        if (s->m == m) {
            *sp = s->next;
            free(s);
        } else {
            sp = &s->next;
        }
    }
}

/* "+12025550101" and "12025550101" are the same number. */
static bool same_number(const char *a, const char *b)
{
    return strcmp(a + (a[0] == '+' ? 1 : 0), b + (b[0] == '+' ? 1 : 0)) == 0;
}

static struct subscriber *find(const struct exchange *x, const char *number)
{
    for (struct subscriber *s = x->subscribers; s != NULL; s = s->next) {
        if (same_number(s->number, number)) {
            return s;
        }
    }
    return NULL;
}

static void deliver_due(struct timer *t)
{
    struct exchange *x = (struct exchange *)(void *)((char *)t - offsetof(struct exchange, timer));
    struct parcel *p = x->head;
    x->head = p->next;
    if (x->head == NULL) {
        x->tail = &x->head;
    } else {
        timer_arm(x->sched, &x->timer, 0, deliver_due);
    }
    const struct subscriber *s = find(x, p->msg.to);
    if (s != NULL) {
        p->msg.body = buf_span(&p->body);
        s->deliver(s->m, &p->msg);
    }
    drop_parcel(p);
}

bool exchange_post(struct exchange *x, const struct exchange_message *msg)
{
    if (x == NULL || find(x, msg->to) == NULL) {
        return false;
    }
    struct parcel *p = xcalloc(1, sizeof *p);
    p->msg = *msg;
    buf_init(&p->body, EXCHANGE_BODY_MAX);
    CHECK(buf_add(&p->body, msg->body));
    *x->tail = p;
    x->tail = &p->next;
    if (!timer_armed(&x->timer)) {
        timer_arm(x->sched, &x->timer, 0, deliver_due);
    }
    return true;
}
