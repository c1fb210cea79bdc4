/* Time as a parameter. Timers are embedded in the struct they belong to and armed on a scheduler;
 * the scheduler is driven from outside with sched_run(now): by libuv in the emulator, by the test
 * itself in unit tests and fuzzers (virtual time). Nothing here reads a clock. */
#ifndef BASE_SCHED_H
#define BASE_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sched;
struct timer;

/* Called from sched_run when the timer is due. It is no longer armed then and may be armed again.
 */
typedef void timer_fn(struct timer *t);

struct timer {
    struct sched *sched; /* NULL while not armed */
    struct timer *next;
    uint64_t due;
    timer_fn *fn;
};

struct sched {
    uint64_t now;       /* ms, monotonic, as last told by sched_run */
    struct timer *head; /* sorted by due time; equal times in order of arming */
    /* Called when the earliest due time may have changed; may be NULL. For the driver's own timer.
     */
    void (*changed)(struct sched *s);
};

/* The driver's idea of now, in ms. */
static inline uint64_t sched_now(const struct sched *s)
{
    return s->now;
}

/* Arms (or re-arms) t to fire 'ms' milliseconds from sched_now(). */
void timer_arm(struct sched *s, struct timer *t, uint64_t ms, timer_fn *fn);

/* Disarms t; does nothing when it is not armed. */
void timer_stop(struct timer *t);

static inline bool timer_armed(const struct timer *t)
{
    return t->sched != NULL;
}

/* Moves time to 'now' (never backwards) and fires every timer that is due, in order of due time. */
void sched_run(struct sched *s, uint64_t now);

/* When the earliest timer is due: true and the absolute time in ms, false when none is armed. */
bool sched_next(const struct sched *s, uint64_t *ret_due);

#endif
