/* The line between a modem's UART and its client: a descriptor (pty, accepted socket) or a serial
 * port, and the speed at which the modem's end runs. A serial port is set to it. On a pty nothing
 * has a speed, but a client sets one: where that is 'checked', bytes that were sent at one speed
 * and heard at another arrive as the garbage a wire would make of them (wire.h). A socket never
 * has a speed.
 * Embedded in its owner, struct modem_port; knows neither modem nor loop. */
#ifndef SIM_HOST_UART_H
#define SIM_HOST_UART_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/port.h"
#include "base/trace.h"

struct uart {
    int fd; /* -1: there is none */
    bool owned;
    struct port *serial;
    uint32_t speed; /* of the modem's end in bit/s; 0: it follows the client (autobaud) */
    bool checked;
    const struct trace *trace;
    bool packets;      /* a pty, which tells when its client throws away what it has not read */
    uint32_t client;   /* the client's speed when it was looked at last */
    struct buf heard;  /* what the modem hears of the last uart_read */
    struct buf unsent; /* what is on the way to the client and was not written yet */
};

void uart_init(struct uart *u, const struct trace *trace, uint32_t speed);

/* Connects it, after uart_close or uart_init. With 'owned' it closes fd. */
void uart_open(struct uart *u, int fd, bool owned);

/* Forgets what is on the way, and closes what it owns. */
void uart_close(struct uart *u);

/* Reads at most 'cap' bytes into 'room'. Returns what base/port.h promises of port_read; *ret is
 * what the modem hears of it, valid until the next call. */
ssize_t uart_read(struct uart *u, uint8_t *room, size_t cap, struct span *ret);

/* Returns what base/port.h promises of port_write. What was taken and does not fit now is written
 * with the next call; with an empty span it does nothing else. */
ssize_t uart_write(struct uart *u, struct span bytes);

/* True when the next uart_write has something to write of the ones before. */
bool uart_has_unsent(const struct uart *u);

/* How many bytes have not yet left a serial port; 0 for a pty or socket. */
size_t uart_in_port(const struct uart *u);

/* The modem's end runs at 'speed' from now on. 0, or -errno: the serial port stays at the old one.
 */
int uart_set_speed(struct uart *u, uint32_t speed);

#endif
