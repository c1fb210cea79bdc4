/* The speeds a client has set on a terminal. A file of its own: the kernel's structure that holds
 * any number, and not only the codes of <termios.h>, cannot be included beside that header. */
#ifndef SIM_HOST_TTY_SPEED_H
#define SIM_HOST_TTY_SPEED_H

#include <stdbool.h>
#include <stdint.h>

/* Of the slave of the pty 'master' is the master of, in bit/s; 0: hung up (B0). False where the
 * descriptor is no terminal. */
bool tty_speeds(int master, uint32_t *ret_sends, uint32_t *ret_hears);

#endif
