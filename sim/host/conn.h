/* One outgoing connection of a modem: name resolution, TCP, and TLS on top where the dial asks for
 * it. Made by conn_dial, owned by the caller until conn_hangup or until it reports its end; what is
 * left to do afterwards (sending a queue, waiting for the peer's FIN) it does alone and then frees
 * itself. It never calls the events from inside conn_dial, conn_send or conn_hangup. */
#ifndef SIM_HOST_CONN_H
#define SIM_HOST_CONN_H

#include "base/trace.h"
#include "sim/host/connect_to.h"
#include "sim/host/loop.h"
#include "sim/link/dial.h"
#include "sim/link/tls.h"

#define CONN_RX_SIZE 8192

/* What all connections of the process share. */
struct conn_env {
    struct loop *loop;
    const struct connect_to *connect_to;
    struct tls_rng *rng;
    struct conn *first;       /* all connections, those already let go of as well */
    uint8_t rx[CONN_RX_SIZE]; /* used within one callback only */
};

struct conn;
struct fault;
struct modem;

/* Drops every connection that is still busy with its own end, so that the loop can be closed. */
void conn_env_close(struct conn_env *env);

/* The modem ends: no connection asks it for faults any more, those that still send their queue
 * included. */
void conn_forget(struct conn_env *env, const struct modem *m);

/* Who is told. 'up' comes once, 'data' between up and 'down', and 'down' last; after it the
 * connection is no longer the caller's. 'detail' is never NULL. */
struct conn_events {
    void (*up)(void *ctx, unsigned link);
    void (*data)(void *ctx, unsigned link, struct span bytes);
    void (*down)(void *ctx, unsigned link, enum link_end why, const char *detail);
};

struct conn_owner {
    const struct conn_events *events;
    void *ctx;
    unsigned link;
    const struct trace *trace; /* may be NULL */
    struct modem *modem;       /* whose faults may strike the connection; may be NULL */
};

/* Begins a connection. Copies 'owner' and what it needs of 'd'. */
struct conn *conn_dial(struct conn_env *env, const struct conn_owner *owner, const struct dial *d);

/* Queues bytes; encrypts them where there is TLS. Dropped when the connection is not up. */
void conn_send(struct conn *c, struct span bytes);

/* A fault of sim/modem/fault_link.h strikes it; takes effect in a later turn of the loop. */
void conn_strike(struct conn *c, const struct fault *fault);

/* Lets go of it and sets *cp to NULL; nothing is reported afterwards. With 'flush' the queue,
 * close_notify and FIN are sent first, but for a few seconds at most. */
void conn_hangup(struct conn **cp, bool flush);

/* The meaning of a uv error while connecting, and on an open connection. */
enum link_end conn_connect_error(int rc);
enum link_end conn_stream_error(int rc);

#endif
