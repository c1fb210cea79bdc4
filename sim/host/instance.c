#include "sim/host/instance.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL_PREFIX "serial:" /* of ready_path */
#define RETRY_MIN_MS  100
#define RETRY_MAX_MS  3200

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

static void host_hangup(void *ctx, unsigned link, bool flush)
{
    struct instance *in = ctx;
    conn_hangup(&in->conns[link], flush);
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

/* The port of a USB modem goes and comes; what this host does about it is its own. */
static void host_port_present(void *ctx, bool present)
{
    struct instance *in = ctx;
    in->port_present = present;
}

static void host_line_speed(void *ctx, uint32_t baud)
{
    struct instance *in = ctx;
    in->line_speed = baud;
}

static const struct modem_host host_functions = {
    .dial = host_dial,
    .send = host_send,
    .hangup = host_hangup,
    .file_put = host_put,
    .file_get = host_get,
    .file_remove = host_remove,
    .file_list = host_list,
    .tx_ready = host_tx_ready,
    .port_present = host_port_present,
    .line_speed = host_line_speed,
};

/* ---- the UART ---- */

/* 0, or a negative errno, which is what uv errors are on Linux, too. */
static int attach_serial(struct instance *in, const char *path)
{
    struct port *serial = NULL;
    int rc = port_open(path, in->baud, &serial);
    rc = rc != 0 ? rc : modem_port_attach_serial(in->port, &serial);
    port_close(&serial);
    return rc;
}

/* A serial adapter was unplugged: it comes back under the same name. */
static void try_again(struct timer *t)
{
    struct instance *in = (struct instance *)(void *)((char *)t - offsetof(struct instance, retry));
    if (attach_serial(in, in->ready_path + strlen(SERIAL_PREFIX)) == 0) {
        say("%s: %s is back", in->name, in->ready_path);
        return;
    }
    in->retry_ms = in->retry_ms < RETRY_MAX_MS ? in->retry_ms * 2 : RETRY_MAX_MS;
    timer_arm(&in->env->loop->sched, &in->retry, in->retry_ms, try_again);
}

static void port_gone(void *ctx, int err)
{
    struct instance *in = ctx;
    const char *why = err == 0 ? "unplugged or closed" : strerror(-err);
    if (in->baud != 0) {
        say("%s: %s is gone: %s; waiting for it to come back", in->name, in->ready_path, why);
        in->retry_ms = RETRY_MIN_MS;
        timer_arm(&in->env->loop->sched, &in->retry, in->retry_ms, try_again);
    } else if (in->listener.fd < 0) {
        say("%s: %s is gone: %s", in->name, in->ready_path, why);
    } else if (err != 0) {
        say("%s: client lost: %s", in->ready_path, why);
    }
}

static bool open_pty(struct instance *in, unsigned count, struct reason *why)
{
    if (!pty_open(&in->pty, why)) {
        return false;
    }
    char path[PATH_MAX];
    if (!link_path_for(path, in->env->link_base, in->index, count)) {
        return reason_set(why, "--link: the path is too long");
    }
    int rc = modem_port_attach(in->port, in->pty.master, false);
    if (rc != 0) {
        return reason_set(why, "cannot wait for %s: %s", in->pty.path, uv_strerror(rc));
    }
    pty_watch(&in->pty, in->env->loop);
    if (!link_publish(path, in->pty.path, in->pty.slave, why)) {
        return false;
    }
    in->linked = true;
    in->ready_path = text_copy(path);
    return true;
}

static bool open_serial(struct instance *in, const struct port_spec *spec, struct reason *why)
{
    in->baud = spec->baud;
    int rc = attach_serial(in, spec->path);
    if (rc != 0) {
        return reason_set(why, "--serial %.200s: %s; give a serial port, as in /dev/ttyUSB0:115200",
                          spec->path, rc == -ENOTTY ? "not a terminal device" : strerror(-rc));
    }
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof path, SERIAL_PREFIX "%s", spec->path);
    in->ready_path = text_copy(path);
    return true;
}

static bool open_listener(struct instance *in, const struct port_spec *spec, struct reason *why)
{
    bool ok = spec->kind == PORT_TCP ? listener_tcp(&in->listener, spec->host, spec->port, why)
                                     : listener_unix(&in->listener, spec->path, why);
    if (!ok) {
        return false;
    }
    int rc = listener_start(&in->listener, in->env->loop, in->port);
    if (rc != 0) {
        return reason_set(why, "%s: %s", in->listener.where, uv_strerror(rc));
    }
    in->ready_path = text_copy(in->listener.where);
    return true;
}

static bool open_port(struct instance *in, const struct options *o, struct reason *why)
{
    struct port_spec spec;
    if (o->ports_n == 0) {
        return open_pty(in, o->count, why);
    }
    if (!options_port_for(o, in->index, &spec)) {
        return reason_set(why, "no port for %s", in->name);
    }
    return spec.kind == PORT_SERIAL ? open_serial(in, &spec, why) : open_listener(in, &spec, why);
}

bool instance_open(struct instance *in, const struct instance_env *env, const struct options *o,
                   unsigned index, struct reason *why)
{
    *in = (struct instance){ .env = env, .index = index, .listener.fd = -1 };
    in->pty = (struct pty){ .master = -1, .slave = -1, .watch = -1 };
    (void)snprintf(in->name, sizeof in->name, "modem%u", index);
    trace_writer_init(&in->trace, env->trace, index);
    in->store = store_fs_modem_open(env->store, index, why);
    if (in->store == NULL) {
        return false;
    }
    /* The port comes after the modem it serves. What the modem says before is fetched when it
     * attaches. */
    const struct modem_cfg cfg = {
        .profile = env->profile,
        .trace = &in->trace.trace,
        .exchange = env->exchange,
        .utc = env->utc,
        .index = index,
        .boot = env->boot,
    };
    in->modem = modem_new(&cfg, &env->loop->sched, &host_functions, in);
    in->port = modem_port_new(env->loop, in->modem, port_gone, in);
    return open_port(in, o, why);
}

void instance_close(struct instance *in)
{
    timer_stop(&in->retry);
    if (in->linked) {
        link_withdraw(in->ready_path, in->pty.path);
    }
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        conn_hangup(&in->conns[i], false);
    }
    listener_close(&in->listener);
    modem_port_free(&in->port);
    pty_close(&in->pty);
    if (in->modem != NULL) {
        modem_free(&in->modem);
    }
    store_fs_modem_close(&in->store);
    free(in->ready_path);
    in->ready_path = NULL;
}
