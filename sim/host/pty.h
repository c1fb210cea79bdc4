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
    struct pty_watch *watch; /* NULL: none */
    char path[64];
};

/* One that is not open; a struct pty may be copied, and then one of the two is not to be used. */
#define PTY_NONE ((struct pty){ .master = -1, .slave = -1 })

bool pty_open(struct pty *p, struct reason *why);

/* Begins to look after the slave when clients close it. Where the kernel offers no watches nothing
 * happens. */
void pty_watch(struct pty *p, struct loop *l);

/* True when clients have read everything that was written to the master. */
bool pty_was_read(const struct pty *p);

/* Closes it: clients see a hang-up, and what they have not read is lost. Does nothing for one that
 * is not open. */
void pty_close(struct pty *p);

#endif
