#include "base/sched.h"

#include <stddef.h>

static void tell_driver(struct sched *s)
{
    if (s->changed != NULL) {
        s->changed(s);
    }
}

static bool unlink_timer(struct timer *t)
{
    struct sched *s = t->sched;
    struct timer **at = &s->head;
    while (*at != t) {
        at = &(*at)->next;
    }
    bool was_first = at == &s->head;
    *at = t->next;
    t->next = NULL;
    t->sched = NULL;
    return was_first;
}

void timer_arm(struct sched *s, struct timer *t, uint64_t ms, timer_fn *fn)
{
    bool changed = timer_armed(t) && unlink_timer(t);
    t->fn = fn;
    t->sched = s;
    t->due = s->now + ms;
    struct timer **at = &s->head;
    while (*at != NULL && (*at)->due <= t->due) {
        at = &(*at)->next;
    }
    t->next = *at;
    *at = t;
    if (changed || s->head == t) {
        tell_driver(s);
    }
}

void timer_stop(struct timer *t)
{
    if (!timer_armed(t)) {
        return;
    }
    struct sched *s = t->sched;
    if (unlink_timer(t)) {
        tell_driver(s);
    }
}

void sched_run(struct sched *s, uint64_t now)
{
    if (now > s->now) {
        s->now = now;
    }
    while (s->head != NULL && s->head->due <= s->now) {
        struct timer *t = s->head;
        (void)unlink_timer(t);
        t->fn(t);
    }
}

bool sched_next(const struct sched *s, uint64_t *ret_due)
{
    if (s->head == NULL) {
        return false;
    }
    *ret_due = s->head->due;
    return true;
}
