/* One emulated modem of the process with everything it has: its UART (pty, listening socket or
 * serial port, which is opened again after it was unplugged), its two connections, what it asks the
 * network, its files, its trace. Implements struct modem_host with them.
 * Owned by host.c. */
#ifndef SIM_HOST_INSTANCE_H
#define SIM_HOST_INSTANCE_H

#include "sim/host/conn.h"
#include "sim/host/link_path.h"
#include "sim/host/listen.h"
#include "sim/host/modem_port.h"
#include "sim/host/options.h"
#include "sim/host/pty.h"
#include "sim/host/query.h"
#include "sim/host/store_fs.h"
#include "sim/host/trace_file.h"
#include "sim/modem/modem.h"
#include "sim/modem/profile.h"

/* What the instances share; all of it must outlive them. */
struct instance_env {
    struct loop *loop;
    struct conn_env *conn;
    struct query_env *query;
    struct store_fs *store;
    const struct trace_targets *trace;
    struct exchange *exchange;
    const struct gnss_track *track; /* NULL: none */
    int64_t utc;                    /* s since 1970 when the loop's time was 0 */
    const char *link_base;          /* --link or its default; unused without ptys */
    bool boot;
};

/* Which modem. */
struct instance_spec {
    unsigned index;
    const struct profile *profile; /* copied */
    bool added;                    /* not one of the options: on a pty of its own */
    const char *link;              /* of that pty; NULL: that of --link, with the number */
};

struct instance {
    struct instance *next; /* for its owner */
    const struct instance_env *env;
    unsigned index;
    char name[16];    /* "modem0" */
    char *ready_path; /* what the ready line says; on the heap */
    struct modem *modem;
    struct modem_port *port;
    struct store_fs_modem *store;
    struct trace_writer trace;
    struct conn *conns[MODEM_LINKS];
    struct query_job *queries[MODEM_QUERIES];
    struct pty pty;           /* master -1: none */
    struct listener listener; /* fd -1: none */
    bool linked;              /* ready_path is a link we published */
    unsigned baud;            /* of a serial port, as it runs now; 0: none */
    struct timer retry;       /* armed while the serial port is gone */
    uint32_t retry_ms;

    /* The port of a USB modem that goes and comes. */
    bool away;          /* the modem has no port */
    bool goes;          /* it went, and we have not done it yet */
    struct timer move;  /* armed while there is something to do about it */
    struct pty leaving; /* one that went; master -1: none */
    uint64_t read_by;   /* when 'leaving' closes although not all of it was read */
};

/* Opens a modem: on a port of 'o' where there is one, else on a pty. False with the reason; then
 * only instance_close is allowed. 'in' must not move afterwards. */
bool instance_open(struct instance *in, const struct instance_env *env, const struct options *o,
                   const struct instance_spec *spec, struct reason *why);

/* Closes everything it opened, takes its names away and frees the modem; handles of libuv go with
 * the loop's next turns. */
void instance_close(struct instance *in);

#endif
