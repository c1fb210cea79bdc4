/* --connect-to: curl's rule of that name. HOST:PORT:HOST2:PORT2 sends connections meant for
 * HOST:PORT to HOST2:PORT2; an empty HOST or PORT matches any, an empty HOST2 or PORT2 keeps what
 * was asked for. IPv6 addresses stand in brackets. The first rule that matches is used. Pure. */
#ifndef SIM_HOST_CONNECT_TO_H
#define SIM_HOST_CONNECT_TO_H

#include "base/span.h"

#define CONNECT_TO_HOST_MAX 255

struct connect_to_rule {
    char host[CONNECT_TO_HOST_MAX + 1]; /* empty: any; without brackets */
    char to_host[CONNECT_TO_HOST_MAX + 1];
    uint16_t port, to_port; /* 0: any, or as asked for */
};

struct connect_to {
    const struct connect_to_rule *rules;
    size_t n;
};

/* Reads one rule; false (and *ret_rule is not to be used) when 'text' is none. */
bool connect_to_parse(const char *text, struct connect_to_rule *ret_rule);

/* Where a connection to host:port really goes. 'host' and 'port' are replaced by the first matching
 * rule. */
void connect_to_apply(const struct connect_to *c, struct span *host, uint16_t *port);

/* The same, and the host as a C string. False when it is none: empty, too long, or with a NUL in
 * it. Port 0 is for what has no port (names, echoes): only rules with an empty PORT match it. */
bool connect_to_name(const struct connect_to *c, struct span *host, uint16_t *port,
                     char ret_name[CONNECT_TO_HOST_MAX + 1]);

#endif
