/* Inside of struct conn, for the conn*.c files only: conn.c begins and ends a connection,
 * conn_reach.c finds the peer, conn_io.c moves the bytes. */
#ifndef SIM_HOST_CONN_INT_H
#define SIM_HOST_CONN_INT_H

#include "base/buf.h"
#include "sim/host/conn.h"

enum phase { RESOLVING, CONNECTING, HANDSHAKE, OPEN, DRAINING, GONE };

struct conn {
    struct conn_env *env;
    struct conn *next;       /* in env's list */
    struct conn_owner owner; /* events NULL once nothing may be reported any more */
    enum phase phase;
    unsigned pending; /* libuv requests and handles that still point here */
    bool tcp_live;    /* 'tcp' is initialised and not being closed */
    bool writing, shutting, peer_ended;
    uv_tcp_t tcp;
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct addrinfo *addresses; /* of the resolver, to be freed by uv_freeaddrinfo */
    const struct addrinfo *next_address;
    struct buf out;    /* to be sent */
    struct buf flying; /* given to libuv */
    struct tls *tls;   /* NULL: plain, or not set up yet */
    bool wants_tls;
    uint32_t handshake_ms;
    struct timer
        timer; /* the limit of the current phase, or a failure to be reported from the loop */
    enum link_end failure;
    char detail[160];
    struct conn_fault *fault; /* conn_fault.c; NULL: no fault is near */
};

/* The connection a timer belongs to. */
static inline struct conn *conn_of(struct timer *t)
{
    return (struct conn *)(void *)((char *)t - offsetof(struct conn, timer));
}

/* Frees what is gone once nothing of libuv points to it any more. To be called after each
 * 'pending--'. */
void conn_release(struct conn *c);

/* Drops everything at once. */
void conn_go(struct conn *c);

/* From a callback of the loop: reports the end; what is left in the queue (an alert) and FIN go out
 * unobserved. */
void conn_fail(struct conn *c, enum link_end why, const char *detail);

/* The same for errors found inside a call of the owner, who must not be called back from there. */
void conn_fail_later(struct conn *c, enum link_end why, const char *detail);

/* Sends the queue: at once what the socket takes, the rest through libuv; when draining, FIN behind
 * it. */
void conn_pump(struct conn *c);

/* Begins to look for 'host', a NUL-terminated name or address. */
void conn_reach(struct conn *c, const char *host, uint16_t port);

/* What came from the peer, and its end (a uv error), once no fault holds them back. */
void conn_heard(struct conn *c, struct span bytes);
void conn_ended(struct conn *c, int rc);

/* The connection ends here and now, on both sides, with FIN or RST; what is queued is lost. From a
 * callback of the loop. */
void conn_cut(struct conn *c, bool reset);

/* --- conn_fault.c --- */
/* A fault may strike the connection, or has done so: its bytes go through here. */
bool conn_is_faulty(struct conn *c);
/* False: the connection fails, as if nobody were there. */
bool conn_fault_dials(struct conn *c);
/* The queue that may be written now: c->out, or what of it got past the faults. */
struct buf *conn_fault_out(struct conn *c);
/* True: the bytes, or the end, are taken; conn_heard and conn_ended bring what is left of them. */
bool conn_fault_in(struct conn *c, struct span bytes);
bool conn_fault_ends(struct conn *c, int rc);
bool conn_fault_waits(const struct conn *c);   /* something is still to be sent */
bool conn_fault_is_mute(const struct conn *c); /* the peer learns nothing more, not even the end */
void conn_fault_free(struct conn *c);

/* TCP is up: begins to read, and the handshake where there is one. */
void conn_connected(struct conn *c);

#endif
