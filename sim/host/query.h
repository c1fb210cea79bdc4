/* What a modem asks the real network (struct query): names through the system's resolver, echoes
 * through an ICMP socket, the time from an NTP server. Honours --connect-to: SNTP with port 123;
 * names and echoes, which have no port, by the rules with an empty PORT. A numeric address is no
 * name and is answered as it stands.
 *
 * A query is made by query_ask and owned by the caller until query_drop or until it is done; what
 * libuv still holds of it afterwards goes by itself. It never reports from inside query_ask. */
#ifndef SIM_HOST_QUERY_H
#define SIM_HOST_QUERY_H

#include "base/trace.h"
#include "sim/host/connect_to.h"
#include "sim/host/loop.h"
#include "sim/modem/query.h"

#define QUERY_RX_SIZE 2048

struct query_job;

/* What all queries of the process share. */
struct query_env {
    struct loop *loop;
    const struct connect_to *connect_to;
    struct query_job *first;   /* all, those already let go of as well */
    bool no_pings;             /* the kernel refuses ICMP sockets, and this has been said */
    uint8_t rx[QUERY_RX_SIZE]; /* used within one callback only */
};

/* Who is told, once. */
struct query_owner {
    void (*done)(void *ctx, unsigned id, const struct query_result *r);
    void *ctx;
    unsigned id;
    const struct trace *trace; /* may be NULL */
};

/* Begins a query. Copies 'owner' and what it needs of 'q'. */
struct query_job *query_ask(struct query_env *env, const struct query_owner *owner,
                            const struct query *q);

/* Lets go of it and sets *jp to NULL; nothing is reported afterwards. */
void query_drop(struct query_job **jp);

/* Drops every query, so that the loop can be closed. */
void query_env_close(struct query_env *env);

#endif
