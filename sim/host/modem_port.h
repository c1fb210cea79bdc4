/* Bytes between one descriptor (pty, serial line, accepted socket) and one modem, with
 * back-pressure both ways: nothing is read while the modem has no room, and what the descriptor
 * does not take stays in the modem. A port may be without a descriptor; what the modem says then is
 * lost, as on an unconnected UART.
 *
 * One AT command costs one wake-up, one read and one write. The port owns neither modem nor loop;
 * it closes sockets and serial ports it was given, not the pty. */
#ifndef SIM_HOST_MODEM_PORT_H
#define SIM_HOST_MODEM_PORT_H

#include "base/port.h"
#include "base/trace.h"
#include "sim/host/loop.h"
#include "sim/modem/modem.h"

struct modem_port;

/* The far end went away: 'err' 0 for an orderly end (socket), else -errno. The port is detached
 * already. */
typedef void modem_port_gone_fn(void *ctx, int err);

struct modem_port_cfg {
    struct loop *loop;
    struct modem *modem;
    const struct trace *trace;
    uint32_t speed; /* of the modem's UART now, bit/s */
    modem_port_gone_fn *gone;
    void *ctx;
};

/* All that 'cfg' points to must outlive the port. */
struct modem_port *modem_port_new(const struct modem_port_cfg *cfg);

/* Gives it something to talk to; 'fd' must be non-blocking. It must be detached. With 'owned' the
 * port closes fd. 0 or a negative uv error, and then fd is still the caller's. */
int modem_port_attach(struct modem_port *p, int fd, bool owned);

/* The same for a serial port, which becomes the port's. */
int modem_port_attach_serial(struct modem_port *p, struct port **serial);

/* Reads what is there, the far end's going away included: whether it is still there is known
 * afterwards, whatever the order in which the kernel reported events. */
void modem_port_catch_up(struct modem_port *p);

/* Lets go of what it talks to, without a call of 'gone'; what the modem has to say is lost. */
void modem_port_detach(struct modem_port *p);

bool modem_port_attached(const struct modem_port *p);

/* The modem's UART runs at another speed behind what the modem has said so far (struct modem_host,
 * line_speed): a serial port is changed over, and a client on a pty must do the same where the
 * modem's profile says so (baud = checked). May be called from inside the modem. */
void modem_port_set_speed(struct modem_port *p, uint32_t speed);

/* The modem has something to say; it is fetched after the current callback. May be called from
 * inside the modem. */
void modem_port_tx_ready(struct modem_port *p);

/* Detaches and frees it with the loop's next turn. */
void modem_port_free(struct modem_port **pp);

#endif
