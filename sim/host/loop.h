/* The event loop of the program: one uv loop, and the scheduler of base/sched.h driven by it. Owned
 * by host.c and shared by everything in sim/host. Whoever gets a callback from libuv calls
 * loop_tick first, so that sched_now() is right for all that follows. */
#ifndef SIM_HOST_LOOP_H
#define SIM_HOST_LOOP_H

#include <stddef.h>

#include <uv.h>

#include "base/sched.h"

struct loop {
    uv_loop_t uv;
    struct sched sched;
    uv_timer_t timer;
    uint64_t armed_due; /* what 'timer' is set to while it is active */
    bool closing;
};

/* Starts a loop; time begins at its first moment. 0 or a negative uv error. */
int loop_init(struct loop *l);

/* Fires what is due and brings sched_now() to the loop's time. No system call. */
void loop_tick(struct loop *l);

/* Runs callbacks of closed handles and closes the loop. Returns false when something (a name
 * resolution that cannot be cancelled) still holds it; the process may then only end without
 * waiting. */
bool loop_fini(struct loop *l);

#endif
