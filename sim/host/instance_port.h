/* The way from the world to a modem: a pty under a link, a listening socket, or a serial port.
 * Opens it, opens a serial port again after it was unplugged, and lets the port of a USB modem go
 * and come. Part of instance.c. */
#ifndef SIM_HOST_INSTANCE_PORT_H
#define SIM_HOST_INSTANCE_PORT_H

#include "sim/host/instance.h"

/* What the UART of modem 'index' runs at in the beginning: as --serial says, or as it leaves the
 * factory. */
uint32_t instance_port_baud(const struct options *o, unsigned index);

/* Opens the port of in->modem: one of 'o' where there is one, else a pty. False with the reason. */
bool instance_port_open(struct instance *in, const struct options *o,
                        const struct instance_spec *which, struct reason *why);

/* What struct modem_host asks for. When the port goes, what the modem said before still reaches the
 * client, then the client sees the end: a hang-up of the pty, whose link is removed, or the end of
 * a connection. When it comes, a fresh pty appears under the same link; who connected meanwhile is
 * served. A serial port stays. Takes effect in a later turn of the loop. */
void instance_port_present(struct instance *in, bool present);

/* The modem's UART runs at another speed from now on: so does a serial port. 0: it follows the
 * client; a serial port stays as it is. */
void instance_port_set_speed(struct instance *in, uint32_t baud);

/* Closes all of it and takes its names away. Also after instance_port_open has failed. */
void instance_port_close(struct instance *in);

#endif
