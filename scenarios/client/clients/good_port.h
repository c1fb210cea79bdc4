/* The AT port: a terminal, or a TCP connection (socket://HOST:PORT); and the client's clock. */
#ifndef GOOD_PORT_H
#define GOOD_PORT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

enum port_result {
    PORT_OK,
    PORT_TIMEOUT, /* nothing came, or not all could be written, in time */
    PORT_LOST,    /* hung up, as a USB modem that resets */
    PORT_STOPPED  /* SIGTERM or SIGINT */
};

struct port {
    int fd; /* -1: closed */
    const char *name;
};

/* What was read. */
struct port_bytes {
    char bytes[512];
    size_t n;
};

/* SIGTERM and SIGINT are from now on noticed by the waits below. */
void port_watch_signals(void);

/* Milliseconds of a clock that only goes forward. */
long port_now(void);

/* Opens it, raw, 115200 8N1 without flow control. False: it is not there now (or cannot be used;
 * the reason is on stderr once). What waits in it from before is read like the rest. */
bool port_open(struct port *p, const char *name);
void port_close(struct port *p);

/* Reads what is there, waiting until the deadline (port_now). A closed port is PORT_LOST;
 * PORT_STOPPED only where it may be interrupted. */
enum port_result port_read(struct port *p, struct port_bytes *b, long deadline, bool interruptible);

/* Writes all of it. Not interrupted by signals: half a command or half a certificate helps nobody.
 */
enum port_result port_write(struct port *p, const char *bytes, size_t n, long deadline);

/* Waits without reading. PORT_TIMEOUT, or PORT_STOPPED. */
enum port_result port_wait(long deadline);

#endif
