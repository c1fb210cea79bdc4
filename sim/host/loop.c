#include "sim/host/loop.h"

#define CLOSE_ROUNDS 16 /* handles close in one round, their owners' handles in the next */

static struct loop *loop_of(struct sched *s)
{
    return (struct loop *)(void *)((char *)s - offsetof(struct loop, sched));
}

static void on_timer(uv_timer_t *timer);

/* Sets libuv's timer only when the earliest due time is another one than before. */
static void rearm(struct loop *l)
{
    uint64_t due;
    if (l->closing) {
        return;
    }
    bool active = uv_is_active((uv_handle_t *)&l->timer) != 0;
    if (!sched_next(&l->sched, &due)) {
        if (active) {
            (void)uv_timer_stop(&l->timer);
        }
        return;
    }
    if (active && due == l->armed_due) {
        return;
    }
    uint64_t now = uv_now(&l->uv);
    l->armed_due = due;
    (void)uv_timer_start(&l->timer, on_timer, due > now ? due - now : 0, 0);
}

static void on_changed(struct sched *s)
{
    rearm(loop_of(s));
}

static void on_timer(uv_timer_t *timer)
{
    struct loop *l = timer->data;
    loop_tick(l);
    rearm(l);
}

int loop_init(struct loop *l)
{
    *l = (struct loop){ .sched.changed = on_changed };
    int rc = uv_loop_init(&l->uv);
    if (rc != 0) {
        return rc;
    }
    (void)uv_timer_init(&l->uv, &l->timer);
    l->timer.data = l;
    sched_run(&l->sched, uv_now(&l->uv));
    return 0;
}

void loop_tick(struct loop *l)
{
    sched_run(&l->sched, uv_now(&l->uv));
}

bool loop_fini(struct loop *l)
{
    l->closing = true;
    uv_close((uv_handle_t *)&l->timer, NULL);
    for (int i = 0; i < CLOSE_ROUNDS && uv_loop_alive(&l->uv); i++) {
        (void)uv_run(&l->uv, UV_RUN_NOWAIT);
    }
    return uv_loop_close(&l->uv) == 0;
}
