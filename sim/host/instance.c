#include "sim/host/instance.h"

#include <stdio.h>
#include <string.h>

#include "sim/host/instance_port.h"

/* ---- struct modem_host ---- */

static void link_is_up(void *ctx, unsigned link)
{
    struct instance *in = ctx;
    modem_link_up(in->modem, link);
}

static void link_has_data(void *ctx, unsigned link, struct span bytes)
{
    struct instance *in = ctx;
    modem_link_data(in->modem, link, bytes);
}

static void link_is_down(void *ctx, unsigned link, enum link_end why, const char *detail)
{
    struct instance *in = ctx;
    in->conns[link] = NULL;
    modem_link_down(in->modem, link, why, detail);
}

static const struct conn_events link_events = { link_is_up, link_has_data, link_is_down };

static void host_dial(void *ctx, unsigned link, const struct dial *d)
{
    struct instance *in = ctx;
    const struct conn_owner owner = {
        .events = &link_events,
        .ctx = in,
        .link = link,
        .trace = &in->trace.trace,
        .modem = in->modem,
    };
    conn_hangup(&in->conns[link], false);
    in->conns[link] = conn_dial(in->env->conn, &owner, d);
}

static void host_send(void *ctx, unsigned link, struct span bytes)
{
    struct instance *in = ctx;
    if (in->conns[link] != NULL) {
        conn_send(in->conns[link], bytes);
    }
}

static void host_link_fault(void *ctx, unsigned link, const struct fault *f)
{
    struct instance *in = ctx;
    if (in->conns[link] != NULL) {
        conn_strike(in->conns[link], f);
    }
}

static void host_hangup(void *ctx, unsigned link, bool flush)
{
    struct instance *in = ctx;
    conn_hangup(&in->conns[link], flush);
}

static void query_is_done(void *ctx, unsigned id, const struct query_result *r)
{
    struct instance *in = ctx;
    in->queries[id] = NULL;
    modem_query_done(in->modem, id, r);
}

static void host_query(void *ctx, unsigned id, const struct query *q)
{
    struct instance *in = ctx;
    const struct query_owner owner = {
        .done = query_is_done,
        .ctx = in,
        .id = id,
        .trace = &in->trace.trace,
    };
    query_drop(&in->queries[id]);
    in->queries[id] = query_ask(in->env->query, &owner, q);
}

static void host_query_cancel(void *ctx, unsigned id)
{
    struct instance *in = ctx;
    query_drop(&in->queries[id]);
}

static int host_put(void *ctx, enum modem_file kind, struct span name, struct span content)
{
    struct instance *in = ctx;
    int rc = store_fs_put(in->store, kind, name, content);
    if (rc != 0) {
        say("%s: file '%.*s' not stored: %s", in->name, (int)name.n, (const char *)name.p,
            strerror(-rc));
    }
    return rc;
}

static int host_get(void *ctx, enum modem_file kind, struct span name, struct buf *ret_content)
{
    struct instance *in = ctx;
    return store_fs_get(in->store, kind, name, ret_content);
}

static int host_remove(void *ctx, enum modem_file kind, struct span name)
{
    struct instance *in = ctx;
    return store_fs_remove(in->store, kind, name);
}

static int host_list(void *ctx, enum modem_file kind, void (*each)(void *arg, struct span name),
                     void *arg)
{
    struct instance *in = ctx;
    return store_fs_list(in->store, kind, each, arg);
}

static void host_tx_ready(void *ctx)
{
    struct instance *in = ctx;
    if (in->port != NULL) { /* not yet while the modem is being made */
        modem_port_tx_ready(in->port);
    }
}

static void host_port_present(void *ctx, bool present)
{
    instance_port_present(ctx, present);
}

static void host_line_speed(void *ctx, uint32_t baud)
{
    instance_port_set_speed(ctx, baud);
}

static const struct modem_host host_functions = {
    .dial = host_dial,
    .send = host_send,
    .hangup = host_hangup,
    .link_fault = host_link_fault,
    .query = host_query,
    .query_cancel = host_query_cancel,
    .file_put = host_put,
    .file_get = host_get,
    .file_remove = host_remove,
    .file_list = host_list,
    .tx_ready = host_tx_ready,
    .port_present = host_port_present,
    .line_speed = host_line_speed,
};

bool instance_open(struct instance *in, const struct instance_env *env, const struct options *o,
                   const struct instance_spec *spec, struct reason *why)
{
    unsigned index = spec->index;
    *in = (struct instance){
        .env = env, .index = index, .pty = PTY_NONE, .leaving = PTY_NONE, .listener.fd = -1
    };
    (void)snprintf(in->name, sizeof in->name, "modem%u", index);
    trace_writer_init(&in->trace, env->trace, index);
    in->store = store_fs_modem_open(env->store, index, why);
    if (in->store == NULL) {
        return false;
    }
    /* The port comes after the modem it serves. What the modem says before is fetched when it
     * attaches. */
    const struct modem_cfg cfg = {
        .profile = spec->profile,
        .trace = &in->trace.trace,
        .exchange = env->exchange,
        .track = env->track,
        .utc = env->utc,
        .index = index,
        .seed = o->seed,
        .baud = spec->added ? 0 : instance_port_baud(o, index),
        .boot = env->boot,
    };
    in->modem = modem_new(&cfg, &env->loop->sched, &host_functions, in);
    in->trace.faults = in->modem;
    return instance_port_open(in, o, spec, why);
}

void instance_close(struct instance *in)
{
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        conn_hangup(&in->conns[i], false);
    }
    instance_port_close(in);
    in->trace.faults = NULL;
    if (in->modem != NULL) {
        conn_forget(in->env->conn, in->modem);
        modem_free(&in->modem);
    }
    store_fs_modem_close(&in->store);
}
