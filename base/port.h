/* One serial port, two back ends behind one set of calls: libserialport for hardware, and
 * open + raw termios for pseudo-terminals, which libserialport refuses (it looks a name up under
 * /sys/class/tty). port_open() looks at the device and chooses.
 *
 * Ownership: port_open() gives the caller a port that only port_close() releases, descriptor
 * included. No call blocks and none keeps a pointer of the caller. The module must not interpret a
 * single byte, own a buffer, wait, or know an event loop: callers wait on port_fd() themselves.
 */
#ifndef BASE_PORT_H
#define BASE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct port;

/* Opens 'path' for raw, unbuffered, non-blocking use: 8 data bits, no parity, 1 stop bit, no flow
 * control, at 'baud' bits/s (ignored by a pty; 0 means 115200). Symbolic links are followed.
 * 0 and *ret_port, or -errno with *ret_port untouched: -ENOENT and -EACCES as usual, -ENOTTY when
 * 'path' is not a terminal device, -EINVAL when the device cannot do that speed. */
int port_open(const char *path, unsigned baud, struct port **ret_port);

/* The descriptor to poll. It stays the port's; it must be neither closed nor read directly. */
int port_fd(const struct port *p);

/* Reads at most 'cap' bytes. > 0: that many bytes; 0: nothing there now; -EPIPE: the other side is
 * gone for good (pty closed, adapter unplugged); any other -errno: read error. */
ssize_t port_read(struct port *p, void *ret_buf, size_t cap);

/* Writes as much of 'len' bytes as fits now. >= 0: bytes taken, which may be fewer than 'len';
 * -EPIPE: the other side is gone; any other -errno: write error. */
ssize_t port_write(struct port *p, const void *data, size_t len);

/* Drives the modem control lines. 0, -ENOTSUP where the back end has none (pty), or -errno. */
int port_lines(struct port *p, bool dtr, bool rts);

/* Runs the port at another speed from now on; a pty only remembers it for who asks. What was
 * written before should have left (port_unsent 0); the call waits for the few bytes in the UART
 * itself. 0, -EINVAL for a speed the device cannot do, or -errno. */
int port_set_speed(struct port *p, unsigned baud);

/* How many written bytes wait in front of the UART; 0 for a pty. */
size_t port_unsent(const struct port *p);

/* "pty" or "serial": for messages. Static storage. */
const char *port_kind(const struct port *p);

/* Closes the port and sets *p to NULL. NULL in *p is allowed. */
void port_close(struct port **p);

/* ---- for the two back ends only ------------------------------------------------------------ */

struct port_ops {
    const char *kind;
    ssize_t (*read)(struct port *p, void *ret_buf, size_t cap);
    ssize_t (*write)(struct port *p, const void *data, size_t len);
    int (*lines)(struct port *p, bool dtr, bool rts);
    int (*set_speed)(struct port *p, unsigned baud);
    size_t (*unsent)(const struct port *p);
    void (*close)(struct port *p);
};

/* 'handle' is the back end's own; 'fd' is closed by its close(). */
struct port {
    const struct port_ops *ops;
    void *handle;
    int fd;
};

/* Fill *p; 0 or -errno with nothing left open. */
int port_pty_open(struct port *p, const char *path);
int port_serial_open(struct port *p, const char *path, unsigned baud);

#endif
