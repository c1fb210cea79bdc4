/* A pseudo-terminal as the modem's UART. The emulator keeps the slave open itself for as long as it
 * lives: without that the master reports a hang-up for ever once the last client has closed. The
 * slave is raw before anyone learns its name, and is made raw and unlocked again whenever a client
 * has closed it, so that a client cannot leave the line in a state the next one would suffer from.
 */
#ifndef SIM_HOST_PTY_H
#define SIM_HOST_PTY_H

#include "sim/host/loop.h"
#include "sim/host/say.h"

struct pty {
    int master; /* non-blocking; -1: not open */
    int slave;
    int watch; /* inotify on the slave, -1: none */
    char path[64];
    uv_poll_t watch_poll;
};

bool pty_open(struct pty *p, struct reason *why);

/* Begins to look after the slave when clients close it. Where the kernel offers no watches nothing
 * happens. */
void pty_watch(struct pty *p, struct loop *l);

/* Closes the descriptors; the watch's handle closes with the loop. */
void pty_close(struct pty *p);

#endif
