/* A listening TCP or unix socket as the modem's UART: one client at a time, who may come and go
 * while the modem lives on. A second client is closed at once, with a line in the log. */
#ifndef SIM_HOST_LISTEN_H
#define SIM_HOST_LISTEN_H

#include "sim/host/loop.h"
#include "sim/host/modem_port.h"
#include "sim/host/say.h"

struct listener {
    uv_poll_t poll;
    struct loop *loop;
    struct modem_port *port;
    int fd;              /* -1: not open */
    char where[300];     /* tcp:HOST:PORT with the real port, or unix:PATH */
    char unix_path[120]; /* to be removed at the end; empty for TCP */
};

/* A non-blocking unix listener with mode 0600. A socket file nobody listens on any more is
 * replaced, nothing else. */
bool listen_unix(const char *path, int *ret_fd, struct reason *why);

/* Opens the socket. 'host' may be a name; port 0 takes a free one. */
bool listener_tcp(struct listener *l, const char *host, uint16_t port, struct reason *why);
bool listener_unix(struct listener *l, const char *path, struct reason *why);

/* Begins to accept clients for 'port'. 0 or a negative uv error. */
int listener_start(struct listener *l, struct loop *loop, struct modem_port *port);

/* While held, clients wait in the queue of the socket; then they are served in turn. Does nothing
 * for one that is not open. */
void listener_hold(struct listener *l, bool hold);

/* Stops, closes, and removes the socket file. Does nothing for one that is not open. */
void listener_close(struct listener *l);

#endif
