/* One client's connection: TCP and TLS on one side, a unix socket to Mosquitto on the other, and
 * the session between them. A link lives from gateway_link_accept() until both sides are closed,
 * and then releases itself. */
#ifndef BROKER_GATEWAY_LINK_H
#define BROKER_GATEWAY_LINK_H

#include "broker/gateway_session.h"
#include "broker/gateway_tls.h"

#include <uv.h>

struct gateway_link;

/* What all links share; the owner keeps it until they are gone. */
struct gateway_links {
    uv_loop_t *loop;
    const char *broker_path; /* Mosquitto's unix socket */
    struct gateway_shared shared;
    struct gateway_link *first;
};

/* Accepts the connection that waits at 'listener'. */
void gateway_link_accept(struct gateway_links *links, uv_tcp_t *listener,
                         struct gateway_tls_context *context);

/* Closes all of them in order: what is under way is still sent. */
void gateway_links_close(struct gateway_links *links);

#endif
